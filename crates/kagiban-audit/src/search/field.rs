//! What records can be searched by, and what a record has to offer of each.
//!
//! Searching and indexing ask the same function ([`each_value`]): what the index does not know of a record, a search cannot
//! find in it either.

use std::collections::BTreeMap;

use kagiban_base::id::{AccountId, RequestId};
use serde::Deserialize;

use crate::cloudtrail;
use crate::record::Record;

/// What a term looks at. The numbers are part of the archive's format.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Field {
    /// The access key that signed.
    AccessKeyId = 1,
    /// An account that gets the record. (Whether a record is one's own is the query's [`crate::search::Query::account`].)
    Account = 17,
    /// A pair of an encryption context, in the form of [`pair`].
    EncryptionContext = 2,
    /// `errorCode`
    ErrorCode = 3,
    /// `eventID` of either account's copy, or `sharedEventID`. Not in the term index: the request's number is indexed by itself.
    EventId = 4,
    /// `eventSource`
    EventSource = 5,
    /// `eventType`
    EventType = 6,
    /// A resource's ARN; its last part (a key's id, an alias's name); the key's name as the request had it.
    Key = 7,
    /// `eventName`
    Operation = 8,
    /// `success` or `failure`
    Outcome = 9,
    /// Who called: ARN, id, user's name; of a role session, also its role's ARN and name.
    Principal = 10,
    /// `true` or `false`
    ReadOnly = 11,
    /// `awsRegion`
    Region = 12,
    /// `requestID`. Not in the term index either.
    RequestId = 13,
    /// A resource's type.
    ResourceType = 14,
    /// `sourceIPAddress`
    SourceAddress = 15,
    /// CloudTrail's user name: of a user the name, of a role session the session's, `root` of an account itself.
    UserName = 16,
}

impl Field {
    /// The fields whose values the term index holds.
    pub const INDEXED: [Self; 15] = [
        Self::AccessKeyId,
        Self::Account,
        Self::EncryptionContext,
        Self::ErrorCode,
        Self::EventSource,
        Self::EventType,
        Self::Key,
        Self::Operation,
        Self::Outcome,
        Self::Principal,
        Self::ReadOnly,
        Self::Region,
        Self::ResourceType,
        Self::SourceAddress,
        Self::UserName,
    ];

    /// Whether the field tells who called; an account is not told that of the callers of another one.
    const fn tells_of_the_caller(self) -> bool {
        matches!(self, Self::AccessKeyId | Self::Principal | Self::UserName)
    }
}

/// A field has a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Term {
    /// Which field.
    pub field: Field,
    /// Which value, letter for letter.
    pub value: Box<str>,
}

impl Term {
    /// The field has the value.
    pub fn new(field: Field, value: impl Into<Box<str>>) -> Self {
        Self { field, value: value.into() }
    }

    /// The request's encryption context has the pair.
    pub fn encryption_context(name: &str, value: &str) -> Self {
        Self::new(Field::EncryptionContext, pair(name, value))
    }

    /// Whether the record has it, as far as `viewer` may know: an account is told of a caller of another one only which
    /// account that is. Without a viewer, everything may be known.
    pub fn matches(&self, record: &Record<'_>, viewer: Option<AccountId>) -> bool {
        if self.field.tells_of_the_caller() && viewer.is_some_and(|viewer| viewer != record.account) {
            return self.field == Field::Principal && *self.value == *record.principal_id;
        }
        let mut found = false;
        each_value(record, self.field, &mut |value| found |= *value == *self.value);
        found
    }
}

/// A pair of an encryption context as a field's value: the name's length sets it apart from the value.
pub fn pair(name: &str, value: &str) -> String {
    format!("{}:{name}{value}", name.len())
}

/// Tells all values that `record` has of `field`; some perhaps twice.
pub(crate) fn each_value(record: &Record<'_>, field: Field, tell: &mut dyn FnMut(&str)) {
    match field {
        Field::AccessKeyId => tell_unless_empty(record.access_key_id, tell),
        Field::Account => record.recipients().for_each(|account| tell(account.as_str())),
        Field::EncryptionContext => each_context_pair(record, tell),
        Field::ErrorCode => tell_unless_empty(record.error_code, tell),
        Field::EventId => {
            record.recipients().for_each(|account| tell(record.event_id(account).as_str()));
            tell(record.shared_event_id().as_str());
        }
        Field::EventSource => tell(record.event_source),
        Field::EventType => tell(cloudtrail::event_type(record.kind)),
        Field::Key => each_key(record, tell),
        Field::Operation => tell_unless_empty(record.event_name, tell),
        Field::Outcome => tell(if record.succeeded() { "success" } else { "failure" }),
        Field::Principal => each_principal(record, tell),
        Field::ReadOnly => tell(if record.read_only { "true" } else { "false" }),
        Field::Region => tell(record.region),
        Field::RequestId => tell(RequestId::as_str(&record.number)),
        Field::ResourceType => record.resource_arns().for_each(|arn| tell(cloudtrail::resource_type(record, arn))),
        Field::SourceAddress => tell_unless_empty(record.source_address, tell),
        Field::UserName => tell_unless_empty(user_name(record), tell),
    }
}

/// CloudTrail's user name of whoever called; empty when nobody can be told.
pub fn user_name<'a>(record: &Record<'a>) -> &'a str {
    let principal = record.principal;
    principal.rsplit(['/', ':']).next().unwrap_or(principal)
}

fn tell_unless_empty(value: &str, tell: &mut dyn FnMut(&str)) {
    if !value.is_empty() {
        tell(value);
    }
}

fn each_key(record: &Record<'_>, tell: &mut dyn FnMut(&str)) {
    for arn in record.resource_arns() {
        tell(arn);
        // arn:PARTITION:kms:REGION:ACCOUNT:key/ID, and alias/NAME, which is called by the whole of it.
        let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
        tell_unless_empty(resource.strip_prefix("key/").unwrap_or(resource), tell);
    }
    if record.request_parameters.contains("eyId\"") {
        let named = parameters(record);
        let names = [named.key_id, named.source_key_id, named.destination_key_id, named.target_key_id];
        names.iter().flatten().for_each(|name| tell_unless_empty(name, tell));
    }
}

fn each_principal(record: &Record<'_>, tell: &mut dyn FnMut(&str)) {
    tell_unless_empty(record.principal, tell);
    tell_unless_empty(record.principal_id, tell);
    tell_unless_empty(user_name(record), tell);
    if let Some(issuer) = session_issuer(record) {
        tell_unless_empty(&issuer.arn, tell);
        tell_unless_empty(&issuer.user_name, tell);
    }
}

/// Of a session of a role, the role's ARN.
pub(crate) fn role_of(record: &Record<'_>) -> Option<String> {
    session_issuer(record).map(|issuer| issuer.arn).filter(|arn| !arn.is_empty())
}

fn session_issuer(record: &Record<'_>) -> Option<Issuer> {
    if !record.identity.contains("\"sessionIssuer\"") {
        return None;
    }
    let identity: Identity = serde_json::from_str(record.identity).ok()?;
    identity.session_context?.session_issuer
}

fn each_context_pair(record: &Record<'_>, tell: &mut dyn FnMut(&str)) {
    if !record.request_parameters.contains("ncryptionContext\"") {
        return;
    }
    let named = parameters(record);
    let contexts = [named.encryption_context, named.source_encryption_context, named.destination_encryption_context];
    for (name, value) in contexts.iter().flatten().flatten() {
        tell(&pair(name, value));
    }
}

/// What the search looks at in requestParameters.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Parameters {
    key_id: Option<String>,
    source_key_id: Option<String>,
    destination_key_id: Option<String>,
    target_key_id: Option<String>,
    encryption_context: Option<BTreeMap<String, String>>,
    source_encryption_context: Option<BTreeMap<String, String>>,
    destination_encryption_context: Option<BTreeMap<String, String>>,
}

/// The request's parameters; none where they are not as ours are.
fn parameters(record: &Record<'_>) -> Parameters {
    serde_json::from_str(record.request_parameters).unwrap_or_default()
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Identity {
    session_context: Option<SessionContext>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SessionContext {
    session_issuer: Option<Issuer>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Issuer {
    arn: String,
    user_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    fn values(record: &Record<'_>, field: Field) -> Vec<String> {
        let mut values = Vec::new();
        each_value(record, field, &mut |value| values.push(value.to_owned()));
        values.sort_unstable();
        values.dedup();
        values
    }

    const SESSION: &str = r#"{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"type":"Role",
        "arn":"arn:aws:iam::111122223333:role/ops/Payments","userName":"Payments"},"attributes":{}}}"#;

    #[test]
    fn a_session_is_found_by_each_of_its_names() {
        let record = Record {
            identity: SESSION,
            principal: "arn:aws:sts::111122223333:assumed-role/Payments/worker-1",
            principal_id: "AROAEXAMPLE:worker-1",
            ..sample()
        };
        let expected = [
            "AROAEXAMPLE:worker-1",
            "Payments",
            "arn:aws:iam::111122223333:role/ops/Payments",
            "arn:aws:sts::111122223333:assumed-role/Payments/worker-1",
            "worker-1",
        ];
        assert_eq!(values(&record, Field::Principal), expected);
        assert_eq!(values(&record, Field::UserName), ["worker-1"]);
        assert_eq!(values(&sample(), Field::UserName), ["root"]);
    }

    #[test]
    fn a_key_is_found_by_arn_and_id_and_by_what_the_request_called_it() {
        let record =
            Record { request_parameters: r#"{"keyId":"alias/pay","encryptionContext":{"a":"b"}}"#, ..sample() };
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let arn = format!("arn:aws:kms:eu-central-1:444455556666:key/{id}");
        assert_eq!(values(&record, Field::Key), [id, "alias/pay", &arn]);
        assert_eq!(values(&record, Field::EncryptionContext), ["1:ab"]);
        let re_encrypt = r#"{"sourceEncryptionContext":{"s":"1"},"destinationEncryptionContext":{"d":"2"}}"#;
        let record = Record { request_parameters: re_encrypt, ..sample() };
        assert_eq!(values(&record, Field::EncryptionContext), ["1:d2", "1:s1"]);
    }

    /// Neither the search nor the copy of a record tells an account who called from another one.
    #[test]
    fn another_accounts_callers_are_known_by_their_id_only() {
        let record = sample();
        let (caller, owner) = (Some(record.account), record.other_account);
        for (field, value, owner_knows) in [
            (Field::AccessKeyId, "AKIAIOSFODNN7EXAMPLE", false),
            (Field::Principal, "arn:aws:iam::111122223333:root", false),
            (Field::Principal, "111122223333", true),
            (Field::UserName, "root", false),
            (Field::Operation, "Decrypt", true),
            (Field::Outcome, "success", true),
        ] {
            let term = Term::new(field, value);
            assert!(term.matches(&record, None) && term.matches(&record, caller), "{field:?}");
            assert_eq!(term.matches(&record, owner), owner_knows, "{field:?}");
        }
    }

    #[test]
    fn fields_have_numbers_of_their_own() {
        let mut numbers = Field::INDEXED.map(|field| field as u8).to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), Field::INDEXED.len());
    }
}
