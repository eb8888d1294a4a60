//! The command line of these commands: each option is defined once, here, with its help.

use std::path::PathBuf;
use std::str::FromStr;

use kagiban_base::id::{AccessKeyId, AccountId, Region};

/// Which server is asked, as whom, and how the answer is shown. Shown at the end of each command's help.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionOptions {
    /// Where the server is; without it AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL, or http://127.0.0.1:4599
    ///
    /// Plain HTTP is spoken to this machine only.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,

    /// PEM file with the authorities to trust for https, instead of this machine's; without it AWS_CA_BUNDLE
    #[arg(long, value_name = "FILE")]
    pub ca_certificate: Option<PathBuf>,

    /// Region to sign for; without it AWS_REGION, AWS_DEFAULT_REGION, or us-east-1
    ///
    /// Keys are those of this Region; everything else that these commands ask about is the same in every one.
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,

    /// Form of what is printed: text for people, json for programs, as the server answers it
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub output: OutputForm,
}

/// Form of what is printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum OutputForm {
    /// One JSON object.
    Json,
    /// Lines for people.
    Text,
}

/// What the commands need, at the end of their help.
pub(crate) const NEEDS: &str = "\
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Commands of `kagiban account`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum AccountCommand {
    /// Make an account, and the access key of its root (shown once)
    ///
    /// Needs the permission kagiban:CreateAccount in the management account.
    #[command(after_help = CREATE)]
    Create(CreateAccountOptions),
    /// List the accounts, closed ones too
    ///
    /// In development every account exists; listed are those that something was said about. Needs the permission
    /// kagiban:ListAccounts in the management account.
    #[command(after_help = LIST)]
    List(ListAccountsOptions),
    /// Close an account: none of its credentials is known any more, its keys and data stay
    ///
    /// In force from the next request on. The management account cannot be closed. Needs the permission
    /// kagiban:CloseAccount in the management account.
    #[command(after_help = CLOSE)]
    Close(AccountOptions),
    /// Open a closed account again; its credentials are those that it had
    ///
    /// Needs the permission kagiban:ReopenAccount in the management account.
    #[command(after_help = NEEDS)]
    Reopen(AccountOptions),
}

const CREATE: &str = "\
Examples:
  kagiban account create storage
  kagiban account create storage --account 111122223333 --output json
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

const LIST: &str = "\
Examples:
  kagiban account list
  kagiban account list --output json --endpoint https://kms.example.com --ca-certificate ca.pem
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

const CLOSE: &str = "\
Example:
  kagiban account close 111122223333
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban account create`.
#[derive(clap::Args, Clone, Debug)]
pub struct CreateAccountOptions {
    /// What to call it: 1 to 50 characters, for people
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Number of the account; without it, a random one
    #[arg(long, value_name = "12 DIGITS")]
    pub account: Option<AccountId>,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban account list`.
#[derive(clap::Args, Clone, Debug)]
pub struct ListAccountsOptions {
    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of commands about one account.
#[derive(clap::Args, Clone, Debug)]
pub struct AccountOptions {
    /// Number of the account, 12 digits
    #[arg(value_name = "ACCOUNT")]
    pub account: AccountId,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Commands of `kagiban service`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum ServiceCommand {
    /// Make an access key of a service principal (shown once)
    ///
    /// Whoever signs with it is the service: key policies, trust policies and grants that name the principal let it in. A
    /// service can have ten access keys. Needs the permission kagiban:CreateServiceAccessKey in the management account.
    #[command(after_help = CREATE_KEY)]
    CreateAccessKey(ServiceOptions),
    /// List the access keys of services, or of one
    ///
    /// Needs the permission kagiban:ListServiceAccessKeys in the management account.
    #[command(after_help = NEEDS)]
    ListAccessKeys(ListServiceOptions),
    /// Delete an access key of a service; in force from the next request on
    ///
    /// Needs the permission kagiban:DeleteServiceAccessKey in the management account.
    #[command(after_help = NEEDS)]
    DeleteAccessKey(AccessKeyOptions),
}

const CREATE_KEY: &str = "\
Example:
  kagiban service create-access-key s3.amazonaws.com
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban service create-access-key`.
#[derive(clap::Args, Clone, Debug)]
pub struct ServiceOptions {
    /// Principal of the service, such as s3.amazonaws.com
    #[arg(value_name = "PRINCIPAL")]
    pub principal: String,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban service list-access-keys`.
#[derive(clap::Args, Clone, Debug)]
pub struct ListServiceOptions {
    /// Principal of one service; without it, those of all
    #[arg(value_name = "PRINCIPAL")]
    pub principal: Option<String>,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban service delete-access-key`.
#[derive(clap::Args, Clone, Debug)]
pub struct AccessKeyOptions {
    /// The access key's id
    #[arg(value_name = "ACCESS-KEY-ID")]
    pub access_key_id: AccessKeyId,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban usage`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = USAGE)]
pub struct UsageOptions {
    /// The month, such as 2026-11 (UTC); without it, the present one
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<String>,

    /// Number of one account; without it, the caller's, or all for callers of the management account
    #[arg(long, value_name = "12 DIGITS")]
    pub account: Option<AccountId>,

    /// What the lines are about, besides the account; several with commas between
    #[arg(long, value_name = "WHAT", default_value = "operation", value_delimiter = ',')]
    pub by: Vec<Grouping>,

    /// TOML file with prices; without it, AWS's published ones of the time of this version
    ///
    /// docs/usage.md shows the table that comes with the program. Prices are yours to check.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,

    /// Print lines with commas, for spreadsheets
    #[arg(long, conflicts_with = "output")]
    pub csv: bool,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// What the lines of `kagiban usage` are about.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum Grouping {
    /// Accounts.
    Account,
    /// Keys.
    Key,
    /// Operations.
    Operation,
}

const USAGE: &str = "\
Examples:
  kagiban usage
  kagiban usage --month 2026-11 --by account --csv
  kagiban usage --by key,operation
  kagiban usage --account 111122223333 --by key --prices prices.toml --output json
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban compliance`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = COMPLIANCE)]
pub struct ComplianceOptions {
    /// One rule, by its name; without it, all
    #[arg(long, value_name = "RULE")]
    pub rule: Option<String>,

    /// Number of one account; without it, the caller's, or all for callers of the management account
    #[arg(long, value_name = "12 DIGITS")]
    pub account: Option<AccountId>,

    /// List those too that are as they should be again
    #[arg(long)]
    pub all: bool,

    /// Print JSON, as --output json does
    #[arg(long, conflicts_with = "output")]
    pub json: bool,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

const COMPLIANCE: &str = "\
Examples:
  kagiban compliance
  kagiban compliance --rule kms-key-policy-no-public-access --json
docs/compliance.md tells what each rule wants.
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban explain`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXPLAIN)]
pub struct ExplainOptions {
    /// The number of the request, as x-amzn-RequestId of its answer has it
    #[arg(value_name = "REQUEST-ID")]
    pub request_id: String,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

const EXPLAIN: &str = "\
Example:
  kagiban explain 8a5e1d5c-6a0b-4f0e-9c3b-1f2e3d4c5b6a
Where the number is found: every answer carries it in its header x-amzn-RequestId, a refusal too. boto3 has it in
error.response[\"ResponseMetadata\"][\"RequestId\"], the AWS CLI shows it with --debug, other SDKs in the error's text or its
metadata; the server's log has it at level debug.
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Commands of `kagiban clock`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum ClockCommand {
    /// Move the clock ahead, and do what comes due by it before this command ends
    ///
    /// Never back, and 100 years in all at most. Needs the permission kagiban:AdvanceClock in the management account.
    #[command(after_help = ADVANCE)]
    Advance(AdvanceClockOptions),
    /// Show the time of the server, and how far it is ahead
    ///
    /// Needs the permission kagiban:DescribeClock in the management account.
    #[command(after_help = NEEDS)]
    Show(ShowClockOptions),
}

const ADVANCE: &str = "\
Examples:
  kagiban clock advance 400d
  kagiban clock advance 12h
  kagiban clock advance 30s
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban clock advance`.
#[derive(clap::Args, Clone, Debug)]
pub struct AdvanceClockOptions {
    /// How far: a whole number of days (d), hours (h) or seconds (s), such as 400d
    #[arg(value_name = "DURATION")]
    pub by: ClockStep,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban clock show`.
#[derive(clap::Args, Clone, Debug)]
pub struct ShowClockOptions {
    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// How far a clock is to be moved, in seconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClockStep(pub u64);

/// No [`ClockStep`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not a whole number of days, hours or seconds, such as 400d, 12h or 30s")]
pub struct InvalidClockStep;

impl FromStr for ClockStep {
    type Err = InvalidClockStep;

    fn from_str(text: &str) -> Result<Self, InvalidClockStep> {
        let unit_s = match text.chars().next_back() {
            Some('d') => 86_400,
            Some('h') => 3600,
            Some('s') => 1,
            _ => return Err(InvalidClockStep),
        };
        let number =
            text.get(..text.len().saturating_sub(1)).filter(|number| number.bytes().all(|b| b.is_ascii_digit()));
        let number: Option<u64> = number.and_then(|number| number.parse().ok());
        number.and_then(|number| number.checked_mul(unit_s)).map(Self).ok_or(InvalidClockStep)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, Subcommand};

    use super::*;
    use crate::key_options::KeyCommand;

    fn all() -> Command {
        let account = AccountCommand::augment_subcommands(Command::new("account"));
        let service = ServiceCommand::augment_subcommands(Command::new("service"));
        let clock = ClockCommand::augment_subcommands(Command::new("clock"));
        let explain = ExplainOptions::augment_args(Command::new("explain"));
        let peer = crate::peer::PeerCommand::augment_subcommands(Command::new("peer"));
        let key = KeyCommand::augment_subcommands(Command::new("key"));
        let usage = UsageOptions::augment_args(Command::new("usage"));
        let compliance = ComplianceOptions::augment_args(Command::new("compliance"));
        Command::new("kagiban").subcommands([account, service, clock, explain, peer, key, usage, compliance])
    }

    fn leaves(command: &Command) -> Vec<&Command> {
        let mut leaves: Vec<_> = command.get_subcommands().flat_map(leaves).collect();
        if leaves.is_empty() {
            leaves.push(command);
        }
        leaves
    }

    #[test]
    fn clocks_are_moved_by_days_hours_or_seconds() {
        for (text, seconds) in [("400d", 34_560_000), ("12h", 43_200), ("30s", 30), ("0s", 0)] {
            assert_eq!(text.parse::<ClockStep>().unwrap(), ClockStep(seconds), "{text}");
        }
        for text in ["", "d", "5", "5m", "-5s", "+5s", "1.5h", "5 s", "5ss", "5\u{e9}", "300000000000000000d"] {
            assert!(text.parse::<ClockStep>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_command_says_what_it_needs() {
        all().debug_assert();
        let all = all();
        assert_eq!(leaves(&all).len(), 19);
        for command in leaves(&all) {
            let end = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(end.ends_with(NEEDS), "{command}");
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{command} {argument}");
            }
        }
    }
}
