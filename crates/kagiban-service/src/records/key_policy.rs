//! Key policies, kept letter by letter as they were put, with the unique ids of the users and roles they name.

use kagiban_iam::BoundPolicy;
use kagiban_storage::json_row;
use serde::{Deserialize, Serialize};

pub(crate) use super::key::KeyRowKey as KeyPolicyRowKey;

/// The `default` policy of a KMS key. Since version 2 with bindings; one without them names users and roles that were never
/// looked up, so these match nobody.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct KeyPolicyRecord(pub(crate) BoundPolicy);

json_row!(KeyPolicyRecord, "key-policy", KeyPolicyRowKey, 2);
