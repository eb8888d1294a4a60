//! Audit records' view of inputs and outputs: JSON of the members that `model/audit-*.json` lists, and of no other.
//!
//! The writers are generated; one for a blob or a sensitive member does not exist. Names begin in lower case, points in time are
//! words, as CloudTrail has them.

use std::collections::BTreeMap;

use kagiban_base::time::Timestamp;

use crate::json::ObjectWriter;
use crate::string_enum::StringEnum;

/// An input or output of which audit records show something, or nothing.
pub trait Audited {
    /// Appends what records show of it as a JSON object; nothing when that is without members.
    fn audit_to(&self, out: &mut String);
}

/// Operations without an output show none.
impl Audited for () {
    fn audit_to(&self, _out: &mut String) {}
}

/// A structure whose members that may be shown are known.
pub(crate) trait Members {
    /// Writes those that it has.
    fn write(&self, object: &mut AuditObject<'_>);
}

/// Appends an object with the members of `value` that may be shown; nothing when there is none.
pub(crate) fn write<T: Members>(value: &T, out: &mut String) {
    let start = out.len();
    let mut object = AuditObject(ObjectWriter::open(out));
    value.write(&mut object);
    let is_empty = object.0.is_empty();
    object.0.close();
    if is_empty {
        out.truncate(start);
    }
}

/// An object that is being written, with methods for what may be shown only.
pub(crate) struct AuditObject<'o>(ObjectWriter<'o, String>);

impl AuditObject<'_> {
    pub(crate) fn boolean(&mut self, name: &str, value: bool) {
        self.0.boolean(name, value);
    }

    pub(crate) fn integer(&mut self, name: &str, value: i32) {
        self.0.integer(name, value);
    }

    pub(crate) fn moment(&mut self, name: &str, value: Timestamp) {
        self.0.word(name, &value.to_words());
    }

    pub(crate) fn names<T: StringEnum>(&mut self, name: &str, values: &[T]) {
        self.0.names(name, values);
    }

    pub(crate) fn structure<T: Members>(&mut self, name: &str, value: &T) {
        nested(value, self.0.name(name));
    }

    pub(crate) fn structures<T: Members>(&mut self, name: &str, values: &[T]) {
        let text = self.0.name(name);
        text.push('[');
        for (number, value) in values.iter().enumerate() {
            text.push_str(if number == 0 { "" } else { "," });
            nested(value, text);
        }
        text.push(']');
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.0.text(name, value);
    }

    pub(crate) fn text_map(&mut self, name: &str, values: &BTreeMap<String, String>) {
        self.0.text_map(name, values);
    }

    pub(crate) fn texts(&mut self, name: &str, values: &[String]) {
        self.0.texts(name, values);
    }

    pub(crate) fn word(&mut self, name: &str, value: &str) {
        self.0.word(name, value);
    }
}

fn nested<T: Members>(value: &T, out: &mut String) {
    let mut object = AuditObject(ObjectWriter::open(out));
    value.write(&mut object);
    object.0.close();
}

/// Appends `text` as a JSON string, quotes included: for what records say that no API has.
pub fn quote_to(text: &str, out: &mut String) {
    crate::json::quote(out, text);
}

#[cfg(test)]
mod tests {
    use kagiban_base::secret::SecretBytes;
    use serde_json::{Value, json};

    use super::*;
    use crate::{CreateKeyResponse, DecryptRequest, Input, KeyMetadata, RetireGrantRequest, TagResourceRequest};

    fn shown<T: Audited>(value: &T) -> Value {
        let mut out = String::new();
        value.audit_to(&mut out);
        serde_json::from_str(if out.is_empty() { "null" } else { &out }).unwrap()
    }

    fn decoded<I: Input>(body: &str) -> I {
        I::decode(body.as_bytes()).unwrap()
    }

    #[test]
    fn listed_members_are_shown_and_no_other() {
        let input: DecryptRequest = decoded(
            r#"{"CiphertextBlob":"AAAA","EncryptionContext":{"a\"b":"c\n"},"GrantTokens":["AAAA"],"DryRun":true,
                "DryRunModifiers":["IGNORE_CIPHERTEXT"]}"#,
        );
        let expected = json!({"encryptionContext": {"a\"b": "c\n"}, "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "dryRun": true, "dryRunModifiers": ["IGNORE_CIPHERTEXT"]});
        assert_eq!(shown(&input), expected);
        assert_eq!(shown(&decoded::<RetireGrantRequest>(r#"{"GrantToken":"AAAA"}"#)), Value::Null);
        let input: TagResourceRequest = decoded(r#"{"KeyId":"k","Tags":[{"TagKey":"a","TagValue":"b"}]}"#);
        assert_eq!(shown(&input), json!({"keyId": "k", "tags": [{"tagKey": "a", "tagValue": "b"}]}));
    }

    #[test]
    fn names_and_times_are_cloudtrails() {
        let metadata = KeyMetadata {
            aws_account_id: Some("111122223333".to_owned()),
            creation_date: Some(Timestamp::from_unix_ms(1_747_806_467_999)),
            enabled: Some(true),
            ..KeyMetadata::default()
        };
        let output = CreateKeyResponse { key_metadata: Some(metadata) };
        let expected = json!({"keyMetadata": {"aWSAccountId": "111122223333", "keyId": "",
            "creationDate": "May 21, 2025, 5:47:47 AM", "enabled": true}});
        assert_eq!(shown(&output), expected);
    }

    #[test]
    fn secrets_of_sts_are_not_shown() {
        let credentials = crate::sts::Credentials {
            access_key_id: "ASIA".to_owned(),
            secret_access_key: SecretBytes::from_slice(b"secret"),
            session_token: "token".to_owned(),
            expiration: Timestamp::from_unix_s(0),
        };
        let output = crate::sts::GetSessionTokenResponse { credentials: Some(credentials) };
        let expected = json!({"credentials": {"accessKeyId": "ASIA", "expiration": "Jan 1, 1970, 12:00:00 AM"}});
        assert_eq!(shown(&output), expected);
    }
}
