//! The file in which a target's place in the journal is kept.

use std::io;
use std::path::{Path, PathBuf};

use kagiban_audit::delivery::state_name;
use kagiban_audit::sha256;

use super::{DeliveryError, TargetSpec};
use crate::data_directory::{WriteError, make_directory, write_private};

/// A file that is replaced as a whole, durably.
#[derive(Clone, Debug)]
pub(super) struct StateFile {
    path: PathBuf,
}

impl StateFile {
    /// The file of a target: `delivery/TARGET-HASH.json`.
    pub(super) fn new(below: &Path, spec: &TargetSpec) -> Result<Self, DeliveryError> {
        let folder = below.join("delivery");
        make_directory(&folder)?;
        let text = format!("{spec:?}");
        let hash: String = sha256::short(&[text.as_bytes()]).iter().map(|byte| format!("{byte:02x}")).collect();
        let name = state_name(&spec.to_string());
        Ok(Self { path: folder.join(format!("{name}-{hash}.json")) })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What was saved last; `None` at the beginning.
    pub(super) fn load(&self) -> Result<Option<Vec<u8>>, DeliveryError> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DeliveryError::Read { path: self.path.clone(), source }),
        }
    }

    /// Replaces it.
    pub(super) fn save(&self, bytes: &[u8]) -> Result<(), WriteError> {
        write_private(&self.path, bytes, &mut |_| Ok(()))
    }
}
