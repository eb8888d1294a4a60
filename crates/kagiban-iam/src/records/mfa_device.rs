//! Virtual MFA devices.

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use kagiban_identity::unique_id::UniqueId;
use kagiban_keycore::row_binding::RowBinding;
use serde::{Deserialize, Serialize};

use super::Tags;
use kagiban_storage::json::{base64_bytes, optional_text, optional_time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a virtual MFA device: account, and what follows `mfa` in its serial number, path and name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct MfaDeviceRowKey {
    pub(crate) account: AccountId,
    pub(crate) path_and_name: String,
}

impl MfaDeviceRowKey {
    /// What the wrapped seed is bound to.
    pub(crate) fn binding(&self) -> RowBinding {
        RowBinding::new("mfa-device")
            .part("account", self.account.as_str().as_bytes())
            .part("name", self.path_and_name.as_bytes())
    }
}

/// A virtual MFA device.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MfaDeviceRecord {
    /// The byte form of `kagiban_keycore`'s wrapped secret: the seed of its codes.
    #[serde(with = "base64_bytes")]
    pub(crate) wrapped_seed: Vec<u8>,
    /// When it was enabled; absent for one that nobody has.
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) enabled: Option<Timestamp>,
    /// The user that has it; absent together with `enabled`, and for the account's root.
    #[serde(with = "optional_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<UniqueId>,
    /// The time step of the last code that was accepted: no code counts twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_step: Option<u64>,
    /// Time steps that the device's clock is ahead of ours, as resynchronising found it.
    #[serde(default)]
    pub(crate) drift_steps: i64,
    /// Wrong codes since the last right one, and when the last of them came: guessing is slowed down.
    #[serde(default)]
    pub(crate) wrong_codes: u32,
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_wrong: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

impl MfaDeviceRecord {
    /// A device that nobody has yet.
    pub(crate) fn new(wrapped_seed: Vec<u8>, tags: Tags) -> Self {
        Self {
            wrapped_seed,
            enabled: None,
            user: None,
            last_step: None,
            drift_steps: 0,
            wrong_codes: 0,
            last_wrong: None,
            tags,
        }
    }
}

impl RowKey for MfaDeviceRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.account.as_str()).text(&self.path_and_name);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { account: key.parse()?, path_and_name: key.text()?.to_owned() })
    }
}

json_row!(MfaDeviceRecord, "iam-mfa-device", MfaDeviceRowKey);
