//! Key policies, kept letter by letter as they were put, with the unique ids of the users and roles they name.
//!
//! Nearly all keys have the policy that CreateKey gives when none is sent. Since format 2 of the store such a row says whose it is
//! and not how it reads: some 50 bytes in place of 330.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kagiban_base::id::{AccountId, Partition};
use kagiban_iam::BoundPolicy;
use kagiban_policy::default_key_policy;
use kagiban_storage::json::{from_body, to_body};
use kagiban_storage::{Format, Row, RowError, Table};
use serde::{Deserialize, Serialize};

pub(crate) use super::key::KeyRowKey as KeyPolicyRowKey;

/// The `default` policy of a KMS key. Since version 2 with bindings; one without them names users and roles that were never
/// looked up, so these match nobody. Since version 3 the default key policy of an account is told by the account.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeyPolicyRecord(pub(crate) BoundPolicy);

/// The body of version 3.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Default(DefaultOf<'a>),
    Put(Cow<'a, BoundPolicy>),
}

/// The default key policy.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct DefaultOf<'a> {
    /// ARN of the account's root.
    default_of: Cow<'a, str>,
}

impl Row for KeyPolicyRecord {
    const TABLE: Table = Table::new("key-policy");
    const VERSION: u8 = 3;
    type Key = KeyPolicyRowKey;

    fn version_in(format: Format) -> u8 {
        if format == Format::FIRST { 2 } else { 3 }
    }

    fn encode(&self, version: u8) -> Result<Vec<u8>, RowError> {
        match default_of(&self.0).filter(|_| version > 2) {
            Some(root) => to_body(&DefaultOf { default_of: root.into() }),
            None => to_body(&self.0),
        }
    }

    fn decode(version: u8, body: &[u8]) -> Result<Self, RowError> {
        if version < 3 {
            return from_body(body).map(Self);
        }
        match from_body::<Body<'_>>(body)? {
            Body::Put(policy) => Ok(Self(policy.into_owned())),
            Body::Default(DefaultOf { default_of }) => {
                let policy = default_policy(&default_of).ok_or_else(|| RowError::malformed("no ARN of a root"))?;
                Ok(Self(policy))
            }
        }
    }
}

/// The root of the account whose default policy this is, letter by letter.
fn default_of(policy: &BoundPolicy) -> Option<&str> {
    let (_, from_arn) = policy.document.split_once("\"AWS\" : \"")?;
    let (root, _) = from_arn.split_once('"')?;
    (default_policy(root)? == *policy).then_some(root)
}

/// INVARIANT: this never reads otherwise than it did when rows of version 3 were first written.
fn default_policy(root: &str) -> Option<BoundPolicy> {
    let (partition, account) = root.strip_prefix("arn:")?.strip_suffix(":root")?.split_once(":iam::")?;
    let (partition, account): (_, AccountId) = (Partition::parse(partition)?, account.parse().ok()?);
    Some(BoundPolicy { document: default_key_policy(account, partition), principals: BTreeMap::new() })
}

#[cfg(test)]
mod tests {
    use kagiban_storage::row;

    use super::*;

    fn default() -> BoundPolicy {
        default_policy("arn:aws-cn:iam::111122223333:root").unwrap()
    }

    fn put(document: String) -> BoundPolicy {
        BoundPolicy { document, ..default() }
    }

    /// Whatever it is, it comes out of either version as it went in, and only the default one is shortened.
    #[test]
    fn every_policy_comes_out_of_either_format_letter_by_letter() {
        let bound = BTreeMap::from([("arn:aws:iam::111122223333:user/a".to_owned(), "AIDA".to_owned())]);
        for (policy, is_shortened) in [
            (default(), true),
            (put(default().document.replace("kms:*", "kms:List*")), false),
            (put(default().document.replace('\n', " ")), false),
            (put(default().document.replace("aws-cn", "aws-zz")), false),
            (put(default().document.replace(":root", ":user/a")), false),
            (put(format!("{} ", default().document)), false),
            (put("{\"AWS\" : \"arn:".to_owned()), false),
            (BoundPolicy { principals: bound, ..default() }, false),
        ] {
            let record = KeyPolicyRecord(policy);
            let [first, second] = [Format(1), Format(2)].map(|format| row::encode_in(&record, format).unwrap());
            assert_eq!([first[0], second[0]], [2, 3]);
            assert_eq!(second.len() < first.len(), is_shortened, "{record:?}");
            for stored in [&first, &second] {
                assert_eq!(row::decode::<KeyPolicyRecord>(stored).unwrap(), record);
            }
            // Converting goes either way, and is done once.
            let convert = |stored: &[u8], format| row::convert::<KeyPolicyRecord>(stored, Format(format)).unwrap();
            assert_eq!((convert(&first, 2), convert(&second, 1)), (Some(second.clone()), Some(first.clone())));
            assert_eq!((convert(&first, 1), convert(&second, 2)), (None, None));
        }
    }

    #[test]
    fn a_row_that_names_no_root_is_refused() {
        for root in ["", "arn:aws:iam::1:root", "arn:aws:iam::111122223333:user/a", "arn:x:iam::111122223333:root"] {
            let stored = format!("\x03{{\"default_of\":\"{root}\"}}");
            assert!(matches!(row::decode::<KeyPolicyRecord>(stored.as_bytes()), Err(RowError::Malformed(_))), "{root}");
        }
    }
}
