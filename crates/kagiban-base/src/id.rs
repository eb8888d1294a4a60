//! Identifiers: small, validated when made, cheap to copy, and never a bare string.

use std::fmt::{self, Write as _};
use std::str::{self, FromStr};

use arrayvec::ArrayString;

use crate::random::{Random, RandomError, public_array};

/// A text is not the identifier it was taken for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct InvalidId(pub &'static str);

/// A 12-digit account number.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AccountId(ArrayString<12>);

impl AccountId {
    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account with this number; `None` past twelve digits.
    pub fn from_number(number: u64) -> Option<Self> {
        let mut digits = ArrayString::new();
        // One digit too many finds no room.
        write!(digits, "{number:012}").ok()?;
        Some(Self(digits))
    }

    /// The twelve digits as a number.
    pub fn number(&self) -> u64 {
        self.0.parse().unwrap_or_default()
    }

    /// `arn:PARTITION:iam::ACCOUNT:root`, the account's principal.
    pub fn root_arn(&self, partition: Partition) -> String {
        format!("arn:{}:iam::{}:root", partition.as_str(), self.0)
    }
}

impl FromStr for AccountId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("account id");
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid);
        }
        ArrayString::from(text).map(Self).map_err(|_| invalid)
    }
}

/// A family of Regions with one ARN prefix.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Partition {
    /// `aws`
    Aws,
    /// `aws-cn`: Regions whose name starts with `cn-`
    AwsCn,
    /// `aws-us-gov`: Regions whose name starts with `us-gov-`
    AwsUsGov,
}

impl Partition {
    /// The second part of an ARN.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
        }
    }

    /// Reads the second part of an ARN.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Aws, Self::AwsCn, Self::AwsUsGov].into_iter().find(|p| p.as_str() == text)
    }
}

/// A Region's name, `eu-central-1`: the model's pattern `^([a-z]+-){2,3}\d+$`, at most 32 bytes.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Region(ArrayString<32>);

impl Region {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition this Region belongs to, by its name.
    pub fn partition(&self) -> Partition {
        if self.0.starts_with("cn-") {
            Partition::AwsCn
        } else if self.0.starts_with("us-gov-") {
            Partition::AwsUsGov
        } else {
            Partition::Aws
        }
    }
}

impl FromStr for Region {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("Region");
        let (words, number) = text.rsplit_once('-').ok_or(invalid)?;
        let word_count = words.split('-').count();
        let words_fit = words.split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()));
        let number_fits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if !(2..=3).contains(&word_count) || !words_fit || !number_fits {
            return Err(invalid);
        }
        ArrayString::from(text).map(Self).map_err(|_| invalid)
    }
}

/// The id of a KMS key: a lower-case UUID, or `mrk-` and 32 lower-case hex digits for a multi-Region key.
/// Both forms are 36 bytes long and stand for 16 bytes.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(ArrayString<36>);

impl KeyId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the id is a multi-Region one.
    pub fn is_multi_region(&self) -> bool {
        self.0.starts_with("mrk-")
    }

    /// A fresh single-Region id: a version 4 UUID (RFC 9562, section 5.4).
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        Ok(Self::from_parts(false, uuid_v4(random)?))
    }

    /// The id with these 16 bytes, of the multi-Region form or not.
    pub fn from_parts(multi_region: bool, bytes: [u8; 16]) -> Self {
        if !multi_region {
            return Self(uuid_text(bytes));
        }
        let mut text = ArrayString::new();
        text.push_str("mrk-");
        text.push_str(as_text(&hex::<16, 32>(&bytes)));
        Self(text)
    }

    /// The 16 bytes the id stands for; with [`KeyId::is_multi_region`] they give the id back.
    pub fn bytes(&self) -> [u8; 16] {
        uuid_bytes(self.0.strip_prefix("mrk-").unwrap_or(&self.0))
    }
}

impl FromStr for KeyId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("key id");
        let fits = match text.strip_prefix("mrk-") {
            Some(digits) => digits.len() == 32 && digits.bytes().all(|b| hex_value(b).is_some()),
            None => is_uuid(text),
        };
        if !fits {
            return Err(invalid);
        }
        ArrayString::from(text).map(Self).map_err(|_| invalid)
    }
}

/// The id of one key material of a KMS key: 32 bytes, shown as 64 lower-case hex digits.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyMaterialId([u8; 32]);

impl KeyMaterialId {
    /// The id with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A fresh random id.
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        Ok(Self(public_array(random)?))
    }
}

impl fmt::Display for KeyMaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(as_text(&hex::<32, 64>(&self.0)))
    }
}

impl FromStr for KeyMaterialId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("key material id");
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| invalid)?;
        let mut out = [0; 32];
        for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = pair else { return Err(invalid) };
            *byte = hex_value(*high).ok_or(invalid)? << 4 | hex_value(*low).ok_or(invalid)?;
        }
        Ok(Self(out))
    }
}

/// The name of an alias, `alias/` included: 7 to 256 characters of `[a-zA-Z0-9/_-]` after the prefix.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AliasName(Box<str>);

impl AliasName {
    /// The prefix that every alias name has.
    pub const PREFIX: &str = "alias/";

    /// The name, prefix included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name is in the part of the name space kept for AWS managed keys, `alias/aws/`.
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with("alias/aws/")
    }
}

impl FromStr for AliasName {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let rest = text.strip_prefix(Self::PREFIX).unwrap_or_default();
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-');
        if rest.is_empty() || text.len() > 256 || !rest.bytes().all(fits) {
            return Err(InvalidId("alias name"));
        }
        Ok(Self(text.into()))
    }
}

/// The number of one request: a version 4 UUID, on the answer as `x-amzn-RequestId` and in every log line about it.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct RequestId(ArrayString<36>);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A fresh id.
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        Ok(Self(uuid_text(uuid_v4(random)?)))
    }

    /// The id that 16 bytes stand for.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid_text(bytes))
    }

    /// The 16 bytes that the id stands for.
    pub fn bytes(&self) -> [u8; 16] {
        uuid_bytes(&self.0)
    }
}

impl FromStr for RequestId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("request id");
        let id = ArrayString::from(text).map_err(|_| invalid)?;
        if is_uuid(text) { Ok(Self(id)) } else { Err(invalid) }
    }
}

/// The public half of an access key: 3 to 128 characters of `\w` (the IAM model's pattern, with dev mode's short ids let in).
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AccessKeyId(ArrayString<128>);

impl AccessKeyId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccessKeyId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("access key id");
        if text.len() < 3 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(invalid);
        }
        ArrayString::from(text).map(Self).map_err(|_| invalid)
    }
}

macro_rules! text_forms {
    ($($name:ident),*) => { $(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }
    )* };
}
text_forms!(AccessKeyId, AccountId, AliasName, KeyId, Region, RequestId);

impl fmt::Debug for KeyMaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyMaterialId({self})")
    }
}

/// 16 random bytes with the version and variant bits of a version 4 UUID.
fn uuid_v4(random: &dyn Random) -> Result<[u8; 16], RandomError> {
    let mut bytes: [u8; 16] = public_array(random)?;
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = *version & 0x0f | 0x40;
    *variant = *variant & 0x3f | 0x80;
    Ok(bytes)
}

/// Whether the text is a UUID in lower case.
fn is_uuid(text: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => hex_value(byte).is_some(),
    };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

/// The bytes of 32 lower-case hex digits, between which dashes may stand.
fn uuid_bytes(text: &str) -> [u8; 16] {
    let mut digits = text.bytes().filter(|b| *b != b'-');
    let mut out = [0; 16];
    for byte in &mut out {
        let mut nibble = || digits.next().and_then(hex_value).unwrap_or_default();
        *byte = nibble() << 4 | nibble();
    }
    out
}

pub(crate) fn uuid_text(bytes: [u8; 16]) -> ArrayString<36> {
    let digits: [u8; 32] = hex(&bytes);
    let mut text = ArrayString::new();
    let mut rest = as_text(&digits);
    for len in [8, 4, 4, 4] {
        let (part, more) = rest.split_at_checked(len).unwrap_or_default();
        text.push_str(part);
        text.push('-');
        rest = more;
    }
    text.push_str(rest);
    text
}

/// The bytes as lower-case hex digits. `D` is twice `N`; what is missing on either side is left out.
fn hex<const N: usize, const D: usize>(bytes: &[u8; N]) -> [u8; D] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
    let mut digits = [b'0'; D];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 0x0f)];
    }
    digits
}

/// INVARIANT: hex digits are text.
fn as_text(digits: &[u8]) -> &str {
    str::from_utf8(digits).unwrap_or_default()
}

/// The value of a lower-case hex digit.
const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::OsRandom;

    #[test]
    fn key_ids_have_two_forms_and_no_third() {
        for good in ["1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab"] {
            let id: KeyId = good.parse().unwrap();
            assert_eq!(KeyId::from_parts(id.is_multi_region(), id.bytes()).as_str(), good);
        }
        for bad in [
            "",
            "1234abcd",
            "1234ABCD-12ab-34cd-56ef-1234567890ab",
            "1234abcd-12ab-34cd-56ef-1234567890ag",
            "mrk-1234abcd12ab34cd56ef1234567890a",
            "mrk-1234abcd-12ab-34cd-56ef-1234567890",
            "1234abcd12ab-34cd-56ef-1234567890ab-",
        ] {
            assert_eq!(bad.parse::<KeyId>(), Err(InvalidId("key id")), "{bad}");
        }
    }

    #[test]
    fn generated_ids_are_valid_and_differ() {
        let (one, two) = (KeyId::generate(&OsRandom).unwrap(), KeyId::generate(&OsRandom).unwrap());
        assert_ne!(one, two);
        assert_eq!(one.as_str().parse(), Ok(one));
        assert_eq!(one.as_str().as_bytes()[14], b'4');
    }

    #[test]
    fn regions_follow_the_models_pattern() {
        for (good, partition) in [
            ("us-east-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
            ("cn-north-1", "aws-cn"),
            ("ap-southeast-12", "aws"),
        ] {
            assert_eq!(good.parse::<Region>().unwrap().partition().as_str(), partition);
        }
        for bad in [
            "",
            "us-east",
            "us-east-",
            "useast1",
            "US-EAST-1",
            "us--1",
            "us-east-1a",
            "a-b-c-d-1",
            "us-east-1\n",
            "aaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbb-1",
        ] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn alias_names_have_prefix_and_character_set() {
        assert!("alias/a".parse::<AliasName>().is_ok());
        assert!("alias/aws/s3".parse::<AliasName>().unwrap().is_reserved());
        for bad in [
            "",
            "alias",
            "alias/",
            "Alias/a",
            "alias/a:b",
            "alias/a b",
            "alias/ä",
            &format!("alias/{}", "a".repeat(251)),
        ] {
            assert!(bad.parse::<AliasName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn material_ids_round_trip() {
        let text = "00ff".repeat(16);
        assert_eq!(text.parse::<KeyMaterialId>().unwrap().to_string(), text);
        assert!(text.to_uppercase().parse::<KeyMaterialId>().is_err());
        assert!(text[1..].parse::<KeyMaterialId>().is_err());
    }

    #[test]
    fn account_ids_are_twelve_digits() {
        assert!("000000000000".parse::<AccountId>().is_ok());
        for bad in ["", "00000000000", "0000000000000", "00000000000a", "０００0"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }
}
