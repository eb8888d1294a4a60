//! Where objects are put: CloudTrail's folders and names (user guide, "CloudTrail log file name format").

use std::fmt;
use std::str::FromStr;

use kagiban_base::id::{AccountId, Region};
use kagiban_base::time::Timestamp;

use crate::recorder::Sequence;
use crate::sha256;

/// Characters at the end of a log file's name.
const UNIQUE_CHARS: usize = 16;
/// What they are made of.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The deployment's trail: there is one, for all accounts and Regions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trail {
    /// Its name, which is part of the names of digest files.
    pub name: TrailName,
    /// The Region that it is said to belong to.
    pub home_region: Region,
}

/// The name of a trail: 3 to 128 letters, digits, and between them dots, dashes and underscores (CloudTrail's rule).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrailName(Box<str>);

/// A text is no name of a trail.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a trail's name has 3 to 128 letters, digits, dots, dashes and underscores, and begins and ends with a letter or digit"
)]
pub struct InvalidTrailName;

impl TrailName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrailName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TrailName {
    type Err = InvalidTrailName;

    fn from_str(text: &str) -> Result<Self, InvalidTrailName> {
        let is_plain = |b: &u8| b.is_ascii_alphanumeric();
        let bytes = text.as_bytes();
        let fits = bytes.iter().all(|b| is_plain(b) || matches!(b, b'.' | b'-' | b'_'));
        let ends_fit = bytes.first().is_some_and(is_plain) && bytes.last().is_some_and(is_plain);
        let doubled = bytes.windows(2).any(|pair| matches!(pair, [b'.' | b'-' | b'_', b'.' | b'-' | b'_']));
        if fits && ends_fit && !doubled && (3..=128).contains(&bytes.len()) {
            return Ok(Self(text.into()));
        }
        Err(InvalidTrailName)
    }
}

/// An account in a Region: what a log file is for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The account that gets the records.
    pub account: AccountId,
    /// The Region of the records.
    pub region: Region,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

impl FromStr for Place {
    type Err = kagiban_base::id::InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (account, region) = text.split_once('/').unwrap_or_default();
        Ok(Self { account: account.parse()?, region: region.parse()? })
    }
}

impl Trail {
    /// The trail's ARN, as callers of this account see it.
    pub fn arn(&self, account: AccountId) -> String {
        let (partition, region) = (self.home_region.partition().as_str(), self.home_region);
        format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{}", self.name)
    }

    /// The object of the digest for the time that ends at `end`.
    pub fn digest_object(&self, prefix: &str, place: Place, end: Timestamp) -> String {
        let (Place { account, region }, home) = (place, self.home_region);
        let (folder, time) = (folder(prefix, place, "CloudTrail-Digest", end), end.to_basic_iso());
        format!("{folder}{account}_CloudTrail-Digest_{region}_{}_{home}_{time}.json.gz", self.name)
    }
}

/// The object of the log file with a place's records from `first` to `last`, planned for `time`: the same for the same.
pub fn log_object(prefix: &str, place: Place, first: Sequence, last: Sequence, time: Timestamp) -> String {
    let Place { account, region } = place;
    let folder = folder(prefix, place, "CloudTrail", time);
    let minute = time.to_basic_iso();
    let minute = minute.get(..13).unwrap_or(&minute);
    let unique = unique(&[
        place.to_string().as_bytes(),
        &first.0.to_be_bytes(),
        &last.0.to_be_bytes(),
        &time.unix_ms().to_be_bytes(),
    ]);
    format!("{folder}{account}_CloudTrail_{region}_{minute}Z_{unique}.json.gz")
}

/// `PREFIX/AWSLogs/ACCOUNT/KIND/REGION/YYYY/MM/DD/`
fn folder(prefix: &str, place: Place, kind: &str, time: Timestamp) -> String {
    let slash = if prefix.is_empty() { "" } else { "/" };
    let day = time.to_basic_day();
    let (year, month_day) = day.split_at_checked(4).unwrap_or_default();
    let (month, day) = month_day.split_at_checked(2).unwrap_or_default();
    format!("{prefix}{slash}AWSLogs/{}/{kind}/{}/{year}/{month}/{day}/", place.account, place.region)
}

/// Sixteen letters and digits that follow from the parts.
fn unique(parts: &[&[u8]]) -> String {
    let hash = sha256::hash(parts);
    let mut rest = hash.first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes));
    let mut text = String::with_capacity(UNIQUE_CHARS);
    for _ in 0..UNIQUE_CHARS {
        let digit = usize::try_from(rest % 62).unwrap_or_default();
        text.extend(ALPHABET.get(digit).map(|byte| char::from(*byte)));
        rest /= 62;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        "111122223333/eu-central-1".parse().unwrap()
    }

    fn time() -> Timestamp {
        Timestamp::parse_basic_iso("20260821T230143Z").unwrap()
    }

    /// The public tools find objects by these names, and a repeat must find its own again.
    #[test]
    fn names_are_cloudtrails_and_fixed_for_ever() {
        let object = log_object("", place(), Sequence(1), Sequence(9), time());
        let (folder, name) = object.rsplit_once('/').unwrap();
        assert_eq!(folder, "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/08/21");
        let unique = name.strip_prefix("111122223333_CloudTrail_eu-central-1_20260821T2301Z_").unwrap();
        assert_eq!(unique, "1aR9Yc8YcJvaszYz.json.gz");
        assert_ne!(object, log_object("", place(), Sequence(1), Sequence(8), time()));
        let trail = Trail { name: "kagiban".parse().unwrap(), home_region: "us-east-1".parse().unwrap() };
        assert_eq!(
            trail.digest_object("a/b", place(), time()),
            "a/b/AWSLogs/111122223333/CloudTrail-Digest/eu-central-1/2026/08/21/\
             111122223333_CloudTrail-Digest_eu-central-1_kagiban_us-east-1_20260821T230143Z.json.gz"
        );
        assert_eq!(trail.arn(place().account), "arn:aws:cloudtrail:us-east-1:111122223333:trail/kagiban");
    }

    #[test]
    fn names_of_trails_follow_cloudtrails_rule() {
        for good in ["kagiban", "a-b", "a.b_c", &"a".repeat(128)] {
            assert!(good.parse::<TrailName>().is_ok(), "{good}");
        }
        for bad in ["", "ab", "-ab", "ab-", "a--b", "a._b", "a b", "a/b", "ä12", &"a".repeat(129)] {
            assert_eq!(bad.parse::<TrailName>(), Err(InvalidTrailName), "{bad}");
        }
    }

    #[test]
    fn places_are_read_as_they_are_written() {
        assert_eq!(place().to_string(), "111122223333/eu-central-1");
        for bad in ["", "111122223333", "111122223333/", "1/eu-central-1", "111122223333/x"] {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }
}
