//! Key policies, kept letter by letter as they were put.

use serde::{Deserialize, Serialize};

pub(crate) use super::key::KeyRowKey as KeyPolicyRowKey;
use kagiban_storage::json_row;

/// The `default` policy of a KMS key.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyPolicyRecord {
    pub(crate) document: String,
}

json_row!(KeyPolicyRecord, "key-policy", KeyPolicyRowKey);
