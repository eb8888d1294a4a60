//! Grants, and the rows beside them: by retiring principal, by name, and how many a key has.
//!
//! A grant is never changed, only made and deleted. Whoever makes or deletes one reads and writes the key's count, so that
//! the quota holds and a name is not taken twice at once.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use kagiban_api::{GrantConstraints, GrantOperation};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{AccountId, InvalidId, KeyId, Region};
use kagiban_base::random::{Random, RandomError, public_array};
use kagiban_base::time::Timestamp;
use kagiban_identity::unique_id::{UniqueId, UniqueIdKind};
use kagiban_storage::json::{text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};
use serde::{Deserialize, Serialize};

use super::Place;

/// The id of a grant: 32 random bytes, shown as 64 lower-case hex digits.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct GrantId([u8; 32]);

impl GrantId {
    /// A fresh id.
    pub(crate) fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        Ok(Self(public_array(random)?))
    }

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GrantId({self})")
    }
}

impl FromStr for GrantId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("grant id");
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| invalid)?;
        let mut out = [0; 32];
        for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = pair else { return Err(invalid) };
            *byte = hex_value(*high).ok_or(invalid)? << 4 | hex_value(*low).ok_or(invalid)?;
        }
        Ok(Self(out))
    }
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// The row key of a grant: Region and account of its key, key id, grant id.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct GrantRowKey {
    pub(crate) place: Place,
    pub(crate) key_id: KeyId,
    pub(crate) grant_id: GrantId,
}

impl GrantRowKey {
    pub(crate) fn new(key: &KeyArn, grant_id: GrantId) -> Self {
        Self { place: Place { region: key.region, account: key.account }, key_id: key.key_id, grant_id }
    }

    /// The key that the grant is on.
    pub(crate) fn key_arn(&self) -> KeyArn {
        KeyArn { region: self.place.region, account: self.place.account, key_id: self.key_id }
    }
}

/// A grant.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantRecord {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    /// The account of whoever made it.
    #[serde(with = "text")]
    pub(crate) issuer: AccountId,
    pub(crate) grantee: GrantPrincipal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retiring: Option<GrantPrincipal>,
    /// Each once, in the order given.
    pub(crate) operations: Vec<GrantOperation>,
    #[serde(default, skip_serializing_if = "ConstraintsRecord::is_empty")]
    pub(crate) constraints: ConstraintsRecord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

/// A party to a grant.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantPrincipal {
    /// As the request named it.
    pub(crate) given: String,
    /// Who that was then; this decides.
    #[serde(with = "text")]
    pub(crate) identity: PrincipalIdentity,
}

/// Who somebody is, in a text without names that can change hands: an account's number, the unique id of a user or role, of
/// a session `AROA...:NAME`, a service's name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum PrincipalIdentity {
    Account(AccountId),
    Role(UniqueId),
    RoleSession { role: UniqueId, session: Box<str> },
    Service(Box<str>),
    User(UniqueId),
}

impl fmt::Display for PrincipalIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => f.write_str(account.as_str()),
            Self::Role(id) | Self::User(id) => f.write_str(id.as_str()),
            Self::RoleSession { role, session } => write!(f, "{role}:{session}"),
            Self::Service(name) => f.write_str(name),
        }
    }
}

impl FromStr for PrincipalIdentity {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("principal");
        if let Some((role, session)) = text.split_once(':') {
            return Ok(Self::RoleSession { role: role.parse()?, session: session.into() });
        }
        if text.contains('.') {
            return Ok(Self::Service(text.into()));
        }
        if let Ok(account) = text.parse() {
            return Ok(Self::Account(account));
        }
        let id: UniqueId = text.parse()?;
        match id.kind() {
            UniqueIdKind::Role => Ok(Self::Role(id)),
            UniqueIdKind::User => Ok(Self::User(id)),
            _ => Err(invalid),
        }
    }
}

/// The constraints of a grant, as they were given.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConstraintsRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encryption_context_equals: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encryption_context_subset: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_arn: Option<String>,
}

impl ConstraintsRecord {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As the API has them; `None` when there is none.
    pub(crate) fn to_api(&self) -> Option<GrantConstraints> {
        let Self { encryption_context_equals, encryption_context_subset, source_arn } = self.clone();
        let constraints = GrantConstraints { encryption_context_equals, encryption_context_subset, source_arn };
        (!self.is_empty()).then_some(constraints)
    }
}

impl From<&GrantConstraints> for ConstraintsRecord {
    fn from(constraints: &GrantConstraints) -> Self {
        let GrantConstraints { encryption_context_equals, encryption_context_subset, source_arn } = constraints.clone();
        Self { encryption_context_equals, encryption_context_subset, source_arn }
    }
}

impl GrantRecord {
    /// Where grants with this name and these parameters are looked for; `None` for a grant without a name.
    pub(crate) fn name_key(&self, key: &KeyArn) -> Option<GrantNameRowKey> {
        let place = Place { region: key.region, account: key.account };
        let name = self.name.clone()?;
        Some(GrantNameRowKey { place, key_id: key.key_id, name, parameters: self.parameters_hash() })
    }

    /// Whether a request for one is a request for the other: all but the time of making is the same.
    pub(crate) fn is_same_request(&self, other: &Self) -> bool {
        let Self { created: _, issuer, grantee, retiring, operations, constraints, name } = self;
        (issuer, grantee, retiring, constraints, name)
            == (&other.issuer, &other.grantee, &other.retiring, &other.constraints, &other.name)
            && sorted(operations) == sorted(&other.operations)
    }

    /// A hash (FNV-1a of 64 bits) that spreads grants of one name over rows. Nothing rests on it: what is found by it is
    /// compared. It is part of stored keys, so it must stay as it is.
    fn parameters_hash(&self) -> u64 {
        let mut hash = Fnv::default();
        hash.text(self.issuer.as_str());
        hash.text(&self.grantee.identity.to_string());
        hash.text(&self.retiring.as_ref().map(|retiring| retiring.identity.to_string()).unwrap_or_default());
        for operation in sorted(&self.operations) {
            hash.text(operation.as_str());
        }
        let ConstraintsRecord { encryption_context_equals, encryption_context_subset, source_arn } = &self.constraints;
        for pairs in [encryption_context_equals, encryption_context_subset] {
            hash.text("");
            for (key, value) in pairs.iter().flatten() {
                hash.text(key);
                hash.text(value);
            }
        }
        hash.text(source_arn.as_deref().unwrap_or_default());
        hash.0
    }
}

fn sorted(operations: &[GrantOperation]) -> Vec<GrantOperation> {
    let mut operations = operations.to_vec();
    operations.sort_unstable();
    operations
}

pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    pub(crate) const fn value(&self) -> u64 {
        self.0
    }

    pub(crate) fn text(&mut self, text: &str) {
        // 0xff is in no UTF-8 text, so it ends one.
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// The row key of an index entry by retiring principal: Region, who, then the grant's own key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RetirableGrantRowKey {
    pub(crate) region: Region,
    pub(crate) retiring: PrincipalIdentity,
    /// Account of the key.
    pub(crate) account: AccountId,
    pub(crate) key_id: KeyId,
    pub(crate) grant_id: GrantId,
}

impl RetirableGrantRowKey {
    pub(crate) fn new(grant: &GrantRowKey, retiring: &PrincipalIdentity) -> Self {
        let GrantRowKey { place: Place { region, account }, key_id, grant_id } = *grant;
        Self { region, retiring: retiring.clone(), account, key_id, grant_id }
    }

    /// The grant's own key.
    pub(crate) fn grant(&self) -> GrantRowKey {
        let place = Place { region: self.region, account: self.account };
        GrantRowKey { place, key_id: self.key_id, grant_id: self.grant_id }
    }
}

/// An index entry: the row key says it all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetirableGrantRecord {}

/// The row key of an index entry by name: Region and account of the key, key id, name, hash of the parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct GrantNameRowKey {
    pub(crate) place: Place,
    pub(crate) key_id: KeyId,
    pub(crate) name: String,
    pub(crate) parameters: u64,
}

/// The grant with this name and these parameters.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantNameRecord {
    #[serde(with = "text")]
    pub(crate) grant_id: GrantId,
}

/// How many grants a key has.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantCountRecord {
    pub(crate) count: u32,
}

impl RowKey for GrantRowKey {
    fn write(&self, key: &mut KeyWriter) {
        self.place.write(key);
        key.text(self.key_id.as_str()).fixed(self.grant_id.as_bytes());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        let (place, key_id) = (Place::read(key)?, key.parse()?);
        Ok(Self { place, key_id, grant_id: GrantId::from_bytes(key.fixed()?) })
    }
}

impl RowKey for RetirableGrantRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.region.as_str()).text(&self.retiring.to_string()).text(self.account.as_str());
        key.text(self.key_id.as_str()).fixed(self.grant_id.as_bytes());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        let (region, retiring, account) = (key.parse()?, key.parse()?, key.parse()?);
        Ok(Self { region, retiring, account, key_id: key.parse()?, grant_id: GrantId::from_bytes(key.fixed()?) })
    }
}

impl RowKey for GrantNameRowKey {
    fn write(&self, key: &mut KeyWriter) {
        self.place.write(key);
        key.text(self.key_id.as_str()).text(&self.name).number(self.parameters);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        let (place, key_id) = (Place::read(key)?, key.parse()?);
        Ok(Self { place, key_id, name: key.text()?.to_owned(), parameters: key.number()? })
    }
}

pub(crate) use super::key::KeyRowKey as GrantCountRowKey;

json_row!(GrantRecord, "grant", GrantRowKey);
json_row!(GrantCountRecord, "grant-count", GrantCountRowKey);
json_row!(GrantNameRecord, "grant-name", GrantNameRowKey);
json_row!(RetirableGrantRecord, "retirable-grant", RetirableGrantRowKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_read_back() {
        for text in [
            "111122223333",
            "AIDAAAAAAAAAAAAAAAAAA",
            "AROAAAAAAAAAAAAAAAAAA",
            "AROAAAAAAAAAAAAAAAAAA:a@b.example",
            "s3.amazonaws.com",
        ] {
            assert_eq!(text.parse::<PrincipalIdentity>().unwrap().to_string(), text);
        }
        for text in ["", "1111222233334", "AGPAAAAAAAAAAAAAAAAAA", "x", "x:y"] {
            assert!(text.parse::<PrincipalIdentity>().is_err(), "{text}");
        }
    }

    #[test]
    fn grant_ids_are_64_lower_case_hex_digits() {
        let text = "0123456789abcdef".repeat(4);
        assert_eq!(text.parse::<GrantId>().unwrap().to_string(), text);
        for wrong in [&text[1..], &text.to_uppercase(), &format!("{text}0"), &text.replace('a', "g"), ""] {
            assert!(wrong.parse::<GrantId>().is_err(), "{wrong}");
        }
    }
}
