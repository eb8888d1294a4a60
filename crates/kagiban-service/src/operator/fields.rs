//! The fields of bodies: each is of a type that holds within its limits what it should, and a refusal names the field.

use std::fmt;
use std::marker::PhantomData;

use kagiban_base::id::{AccessKeyId, AccountId};
use kagiban_base::secret::SecretBytes;
use kagiban_recovery::RecoveryRecipient;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::month::Month;
use crate::peers::PeerName;

/// Longest name of an account, in characters (as AWS Organizations has it).
const NAME_CHARS_MAX: usize = 50;
/// Longest service principal, in bytes; the limit of its name in key policies is no shorter.
const SERVICE_PRINCIPAL_LEN_MAX: usize = 128;
/// Longest marker, in bytes.
const MARKER_LEN_MAX: usize = 1024;
/// Longest invitation, in bytes; none is so long.
const INVITATION_LEN_MAX: usize = 2048;
/// Longest name of a key, in bytes (as the model has it).
const KEY_ID_LEN_MAX: usize = 2048;
/// Most entries that can be asked for.
const LIMIT_MAX: u64 = 1000;
/// Most seconds that a clock can be moved by: 100 years of 365 days.
const SECONDS_MAX: u64 = 100 * 365 * 24 * 3600;

/// The body of an operation that takes nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoInput {}

/// The number of an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct AccountIdField(pub(super) AccountId);

/// The id of an access key.
#[derive(Clone, Copy, Debug)]
pub(super) struct AccessKeyIdField(pub(super) AccessKeyId);

/// What the operator calls an account.
#[derive(Clone, Debug)]
pub(super) struct AccountName(pub(super) String);

/// A key id, a key's ARN, or an alias.
#[derive(Clone, Debug)]
pub(super) struct KeyIdField(pub(super) String);

/// A calendar month.
#[derive(Clone, Copy, Debug)]
pub(super) struct MonthField(pub(super) Month);

/// Entries wanted on a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit(pub(super) usize);

/// An invitation, which is secret.
#[derive(Debug)]
pub(super) struct InvitationText(pub(super) SecretBytes);

/// What the operator calls a peer.
#[derive(Clone, Debug)]
pub(super) struct PeerNameField(pub(super) PeerName);

/// Where a page begins.
#[derive(Clone, Debug)]
pub(super) struct Marker(pub(super) String);

/// The public half of a recovery key.
#[derive(Clone, Debug)]
pub(super) struct RecipientField(pub(super) RecoveryRecipient);

/// How many shares of a recovery key there are, or are needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShareNumber(pub(super) u8);

/// The number of a request.
#[derive(Clone, Debug)]
pub(super) struct RequestIdField(pub(super) String);

/// Seconds that a clock is to be moved by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(pub(super) u64);

/// `s3.amazonaws.com`
#[derive(Clone, Debug)]
pub(super) struct ServicePrincipal(pub(super) String);

/// What must be an object within a body; serde would take an array for its fields in their order.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData))
    }
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Object)
    }
}

/// Makes a type readable from a text: the field's name, what it must be, and how it is read.
macro_rules! text_field {
    ($type:ty, $name:literal, $must_be:literal, $read:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text { name: $name, must_be: $must_be, read: $read })
            }
        }
    };
}

text_field!(AccountIdField, "AccountId", "12 digits", |text| text.parse().ok().map(AccountIdField));
text_field!(AccessKeyIdField, "AccessKeyId", "the id of an access key", |text| {
    text.parse().ok().map(AccessKeyIdField)
});
text_field!(
    AccountName,
    "Name",
    "1 to 50 characters, none of them a control character, and no space at either end",
    |text| is_account_name(text).then(|| AccountName(text.to_owned()))
);
text_field!(InvitationText, "Invitation", "what CreatePeerInvitation gave: it begins with kagiban-peer-", |text| {
    (1..=INVITATION_LEN_MAX).contains(&text.len()).then(|| InvitationText(SecretBytes::from_slice(text.as_bytes())))
});
text_field!(
    PeerNameField,
    "PeerName",
    "1 to 50 lower-case letters, digits and dashes, the first of them a letter",
    |text| text.parse().ok().map(PeerNameField)
);
text_field!(RecipientField, "Recipient", "the recipient of an identity of age: age1 and 58 characters", |text| {
    text.parse().ok().map(RecipientField)
});
text_field!(KeyIdField, "KeyId", "a key id, the ARN of a key, or the name or ARN of an alias", |text| {
    (1..=KEY_ID_LEN_MAX).contains(&text.len()).then(|| KeyIdField(text.to_owned()))
});
text_field!(MonthField, "Month", "a month, such as 2026-11", |text| text.parse().ok().map(MonthField));
text_field!(Marker, "Marker", "a NextMarker that this operation gave", |text| {
    (1..=MARKER_LEN_MAX).contains(&text.len()).then(|| Marker(text.to_owned()))
});
text_field!(RequestIdField, "RequestId", "the number of a request, as x-amzn-RequestId of its answer has it", |text| {
    is_request_id(text).then(|| RequestIdField(text.to_ascii_lowercase()))
});
text_field!(
    ServicePrincipal,
    "ServicePrincipal",
    "the principal of a service, such as s3.amazonaws.com, in lower case",
    |text| is_service_principal(text).then(|| ServicePrincipal(text.to_owned()))
);

struct Text<T> {
    name: &'static str,
    must_be: &'static str,
    read: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to be {}", self.name, self.must_be)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text).ok_or_else(|| E::custom(format_args!("{} must be {}", self.name, self.must_be)))
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(Number)
    }
}

struct Number;

impl Visitor<'_> for Number {
    type Value = Limit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Limit to be a whole number from 1 to {LIMIT_MAX}")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Limit, E> {
        let fits = (1..=LIMIT_MAX).contains(&number);
        let limit = usize::try_from(number).ok().filter(|_| fits).map(Limit);
        limit.ok_or_else(|| E::custom(format_args!("Limit must be a whole number from 1 to {LIMIT_MAX}")))
    }
}

impl<'de> Deserialize<'de> for ShareNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(WholeShares)
    }
}

struct WholeShares;

impl Visitor<'_> for WholeShares {
    type Value = ShareNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharesNeeded and Shares to be whole numbers from 2 to 255")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<ShareNumber, E> {
        let number = u8::try_from(number).ok().filter(|number| *number >= 2).map(ShareNumber);
        number.ok_or_else(|| E::custom("SharesNeeded and Shares must be whole numbers from 2 to 255"))
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(WholeSeconds)
    }
}

struct WholeSeconds;

impl Visitor<'_> for WholeSeconds {
    type Value = Seconds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seconds to be a whole number from 1 to {SECONDS_MAX}")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Seconds, E> {
        let fits = (1..=SECONDS_MAX).contains(&number);
        let refuse = || E::custom(format_args!("Seconds must be a whole number from 1 to {SECONDS_MAX}"));
        fits.then_some(Seconds(number)).ok_or_else(refuse)
    }
}

fn is_account_name(text: &str) -> bool {
    let chars = text.chars().take(NAME_CHARS_MAX + 1).count();
    (1..=NAME_CHARS_MAX).contains(&chars) && text.trim() == text && !text.chars().any(char::is_control)
}

/// A UUID, in either case.
fn is_request_id(text: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

/// A name below `amazonaws.com`, as policies name services. In lower case only: policies compare letter by letter, and two
/// services that differ in case would pass for one another before human eyes.
fn is_service_principal(text: &str) -> bool {
    let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com").unwrap_or_default();
    let fits = |label: &str| {
        let has_inner_dashes_only = !label.starts_with('-') && !label.ends_with('-');
        let byte_fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && has_inner_dashes_only && label.bytes().all(byte_fits)
    };
    text.len() <= SERVICE_PRINCIPAL_LEN_MAX && name.split('.').all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: for<'de> Deserialize<'de>>(json: &str) -> Result<T, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn texts_within_their_limits() {
        for good in ["a", "Storage of Tōkyō", &"ä".repeat(50)] {
            assert_eq!(read::<AccountName>(&format!("{good:?}")).unwrap().0, good);
        }
        for good in ["s3.amazonaws.com", "my-store.eu-1.amazonaws.com", "ec2.amazonaws.com.cn"] {
            assert_eq!(read::<ServicePrincipal>(&format!("{good:?}")).unwrap().0, good);
        }
        let id = "1234ABCD-12ab-34cd-56ef-1234567890ab";
        assert_eq!(read::<RequestIdField>(&format!("{id:?}")).unwrap().0, id.to_lowercase());
        assert_eq!(read::<Limit>("1000").unwrap().0, 1000);
    }

    #[test]
    fn refusals_name_the_field() {
        let long = "ä".repeat(51);
        for bad in ["", " a", "a ", "a\u{7}b", "a\nb", &long] {
            let error = read::<AccountName>(&serde_json::to_string(bad).unwrap()).unwrap_err();
            assert!(error.starts_with("Name must be 1 to 50"), "{bad}: {error}");
        }
        for bad in [
            "",
            "s3",
            "amazonaws.com",
            ".amazonaws.com",
            "S3.amazonaws.com",
            "s3.example.com",
            "*.amazonaws.com",
            "s 3.amazonaws.com",
            "-s3.amazonaws.com",
            "s3..amazonaws.com",
            "arn:aws:iam::111122223333:root",
            &format!("{}.amazonaws.com", "a".repeat(129)),
        ] {
            let error = read::<ServicePrincipal>(&format!("{bad:?}")).unwrap_err();
            assert!(error.starts_with("ServicePrincipal must be"), "{bad}: {error}");
        }
        for bad in ["", "1234abcd-12ab-34cd-56ef-1234567890a", "1234abcd-12ab-34cd-56ef-1234567890ag", "*"] {
            assert!(read::<RequestIdField>(&format!("{bad:?}")).unwrap_err().starts_with("RequestId must be"), "{bad}");
        }
        for bad in ["\"12345678901\"", "\"12345678901a\"", "12", "null", "[]"] {
            assert!(read::<AccountIdField>(bad).unwrap_err().contains("AccountId"), "{bad}");
        }
        for bad in ["0", "1001", "-1", "1.5", "\"1\"", "18446744073709551616"] {
            assert!(read::<Limit>(bad).unwrap_err().contains("Limit"), "{bad}");
        }
    }
}
