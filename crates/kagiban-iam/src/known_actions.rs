//! The actions of KMS, which nearly all requests ask for: policies are compiled so that these are decided quickly.

use std::sync::LazyLock;

use kagiban_api::Operation;
use kagiban_policy::KnownActions;

/// The actions that ReEncrypt asks for, in the place of its own name.
const OF_RE_ENCRYPT: [&str; 2] = ["kms:ReEncryptFrom", "kms:ReEncryptTo"];

/// Every action of KMS.
pub static KMS_ACTIONS: LazyLock<KnownActions> = LazyLock::new(|| {
    let names: Vec<String> = Operation::ALL.iter().map(|operation| format!("kms:{}", operation.name())).collect();
    KnownActions::new(names.iter().map(String::as_str).chain(OF_RE_ENCRYPT))
});
