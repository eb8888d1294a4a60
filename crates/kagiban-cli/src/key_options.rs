//! The command line of `kagiban key`.

use std::str::FromStr;

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;

use crate::options::ConnectionOptions;

/// Commands of `kagiban key`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum KeyCommand {
    /// Find keys by what is known of them: state, kind, aliases, tags, rotation, last use
    ///
    /// Lists the keys of an account in one Region with their metadata, aliases, tags, rotation and last use, in the order of
    /// their ids. Options of different names must all hold; an option that is given several times, or with several values
    /// between commas, holds for any of them. Without an option, all keys are listed. Needs the permission kagiban:FindKeys,
    /// which shows all of this whatever the policies of the keys say; and credentials of the management account for keys of
    /// another account.
    #[command(after_help = FIND)]
    Find(Box<FindKeysOptions>),
    /// Tell when, by whom and how often a key was used, and what hangs on it: before you delete it
    ///
    /// Shows the last use, the principals that used it last, requests by month and operation, aliases, grants, other accounts
    /// in its policy, and ends with a verdict. Needs the permission kagiban:DescribeKeyUsage in the key's account.
    #[command(after_help = USAGE)]
    Usage(KeyUsageOptions),
}

const USAGE: &str = "\
Examples:
  kagiban key usage alias/orders
  kagiban key usage 1234abcd-12ab-34cd-56ef-1234567890ab --region eu-west-1 --output json
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban key usage`.
#[derive(clap::Args, Clone, Debug)]
pub struct KeyUsageOptions {
    /// The key: its id or an alias, in the Region that is signed for, or an ARN of either
    #[arg(value_name = "KEY")]
    pub key: String,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

const FIND: &str = "\
Examples:
  kagiban key find
  kagiban key find --state Disabled,PendingDeletion
  kagiban key find --alias 'alias/shop/*' --tag team=red --tag team=blue
  kagiban key find --manager CUSTOMER --spec SYMMETRIC_DEFAULT --rotation off
  kagiban key find --unused-for 90d --created-before 2026-01-01 --output json
  kagiban key find --never-used --region eu-west-1 --account 111122223333
With --output json each key has KeyMetadata as \"aws kms describe-key\" shows it, Aliases, Tags, Rotation and LastUsage.
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban key find`.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Which keys")]
pub struct FindKeysOptions {
    /// Account whose keys are meant; without it, the caller's own
    #[arg(long, value_name = "12 DIGITS")]
    pub account: Option<AccountId>,

    /// Alias: a whole one, or the beginning of some before a *
    #[arg(long, value_name = "alias/NAME", value_delimiter = ',')]
    pub alias: Vec<String>,

    /// Made at this date (UTC) or later
    #[arg(long, value_name = "DATE")]
    pub created_after: Option<Date>,

    /// Made before this date (UTC), such as 2026-01-31 or 2026-01-31T12:00:00Z
    #[arg(long, value_name = "DATE")]
    pub created_before: Option<Date>,

    /// Text within the description, in any case
    #[arg(long, value_name = "TEXT")]
    pub description: Vec<String>,

    /// Key id or key ARN
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    pub key: Vec<String>,

    /// Who manages the key: AWS, for keys of services, or CUSTOMER
    #[arg(long, value_name = "MANAGER", value_delimiter = ',')]
    pub manager: Vec<String>,

    /// Kind of key: SINGLE_REGION, PRIMARY or REPLICA
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub multi_region: Vec<String>,

    /// Never used, as far as is known
    #[arg(long)]
    pub never_used: bool,

    /// Where the material comes from: AWS_KMS, EXTERNAL and so on
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',')]
    pub origin: Vec<String>,

    /// Automatic rotation: on, off, or overdue, when its date has passed because the key is disabled
    #[arg(long, value_name = "SETTING", value_delimiter = ',')]
    pub rotation: Vec<RotationSetting>,

    /// Key spec: SYMMETRIC_DEFAULT, RSA_2048, ECC_NIST_P256 and so on
    #[arg(long, value_name = "SPEC", value_delimiter = ',')]
    pub spec: Vec<String>,

    /// Key state: Enabled, Disabled, PendingDeletion, PendingImport and so on
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub state: Vec<String>,

    /// Tag: a key with any value, or KEY=VALUE; of several values of one key any will do, of several keys all must be there
    #[arg(long, value_name = "KEY[=VALUE]")]
    pub tag: Vec<TagOption>,

    /// Not used for so many days, such as 90d; a key that never was counts from its creation
    #[arg(long, value_name = "DAYS")]
    pub unused_for: Option<Days>,

    /// Key usage: ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT and so on
    #[arg(long, value_name = "USAGE", value_delimiter = ',')]
    pub usage: Vec<String>,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// How automatic rotation is set.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum RotationSetting {
    /// Switched on.
    On,
    /// Switched off, or not to be had.
    Off,
    /// Switched on, and its date has passed.
    Overdue,
}

impl RotationSetting {
    /// As the server calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::On => "ON",
            Self::Off => "OFF",
            Self::Overdue => "OVERDUE",
        }
    }
}

/// A tag with one value, or with any.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagOption {
    /// The tag's key.
    pub key: String,
    /// Its value.
    pub value: Option<String>,
}

/// No [`TagOption`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not the key of a tag, or KEY=VALUE")]
pub struct InvalidTagOption;

impl FromStr for TagOption {
    type Err = InvalidTagOption;

    fn from_str(text: &str) -> Result<Self, InvalidTagOption> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (text, None),
        };
        if key.is_empty() { Err(InvalidTagOption) } else { Ok(Self { key: key.to_owned(), value }) }
    }
}

/// A moment: a day, which means its beginning, or a time of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Date(pub Timestamp);

/// No [`Date`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not a date such as 2026-01-31, nor a time such as 2026-01-31T12:00:00Z")]
pub struct InvalidDate;

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let at_place = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            13 | 16 => byte == b':',
            _ => byte != b'-' && byte != b':',
        };
        let has_form = matches!(text.len(), 10 | 20) && text.bytes().enumerate().all(at_place);
        let basic: String = text.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let time = if text.len() == 10 { "T000000Z" } else { "" };
        Timestamp::parse_basic_iso(&format!("{basic}{time}")).filter(|_| has_form).map(Self).ok_or(InvalidDate)
    }
}

/// A number of days.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Days(pub u32);

/// No [`Days`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not a whole number of days, such as 90d")]
pub struct InvalidDays;

impl FromStr for Days {
    type Err = InvalidDays;

    fn from_str(text: &str) -> Result<Self, InvalidDays> {
        let number = text.strip_suffix('d').unwrap_or(text);
        let number = Some(number).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        number.and_then(|number| number.parse().ok()).map(Self).ok_or(InvalidDays)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_or_times() {
        for (text, shown) in [
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
        ] {
            assert_eq!(text.parse::<Date>().unwrap().0.to_rfc3339(), shown);
        }
        for text in
            ["", "2026", "2026-13-01", "2025-02-29", "20260131", "2026-01-31T12:00:00", "31-01-2026", "2026:01:31"]
        {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_and_tags() {
        for (text, days) in [("90d", 90), ("7", 7), ("0d", 0)] {
            assert_eq!(text.parse::<Days>().unwrap(), Days(days), "{text}");
        }
        for text in ["", "d", "-1d", "1.5d", "90h", "99999999999d"] {
            assert!(text.parse::<Days>().is_err(), "{text}");
        }
        let tag = |key: &str, value: Option<&str>| TagOption { key: key.to_owned(), value: value.map(str::to_owned) };
        for (text, expected) in [
            ("team", tag("team", None)),
            ("team=red", tag("team", Some("red"))),
            ("team=", tag("team", Some(""))),
            ("a=b=c", tag("a", Some("b=c"))),
        ] {
            assert_eq!(text.parse::<TagOption>().unwrap(), expected, "{text}");
        }
        assert!("=red".parse::<TagOption>().is_err() && "".parse::<TagOption>().is_err());
    }
}
