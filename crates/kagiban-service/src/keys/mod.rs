//! Operations on KMS keys themselves: one file each.

pub(crate) mod cancel_key_deletion;
pub(crate) mod change;
pub(crate) mod create_key;
pub(crate) mod describe_key;
pub(crate) mod disable_key;
pub(crate) mod enable_key;
pub(crate) mod get_key_last_usage;
pub(crate) mod list_keys;
pub(crate) mod metadata;
pub(crate) mod schedule_key_deletion;
pub(crate) mod state;
pub(crate) mod update_key_description;
