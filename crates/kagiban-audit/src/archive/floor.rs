//! Where the archives begin, once old ones were removed because their time was over: signed, so that nobody else can make it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ArchiveError, FooterPoint};
use crate::journal::blocks::ChainPoint;
use crate::journal::{JournalId, hex};
use crate::signing::{PublicKey, Signer, verify};

/// The file's name.
const FILE: &str = "floor";
/// What is signed begins with this.
const SIGNED: &[u8] = b"kagiban audit floor 1\n";
/// Bytes of the file at most.
const FILE_BYTES_MAX: usize = 8 << 10;

/// The statement that records up to a place were removed on purpose.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// The journal's id, in hexadecimal digits.
    journal: String,
    /// Where the chain is after the last record that was removed.
    before: FooterPoint,
    /// When it was said, Unix milliseconds.
    time: i64,
    /// Who signs: the key's fingerprint.
    key: String,
}

/// A floor as its file has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SignedFloor {
    pub(crate) floor: Floor,
    json: String,
    signature: Vec<u8>,
}

impl Floor {
    /// Where the chain is after the last record that was removed.
    pub fn before(&self) -> Option<ChainPoint> {
        self.before.point()
    }

    /// Which journal.
    pub fn journal(&self) -> Option<JournalId> {
        hex::decode(&self.journal)?.try_into().ok().map(JournalId)
    }

    /// Writes the floor, whole or not at all.
    pub(super) fn write(
        directory: &Path,
        journal: JournalId,
        before: ChainPoint,
        signer: &dyn Signer,
        now: Timestamp,
    ) -> Result<(), ArchiveError> {
        let key = signer.public_key().fingerprint.into_string();
        let floor = Self { journal: hex::encode(&journal.0), before: before.into(), time: now.unix_ms(), key };
        let json = serde_json::to_string(&floor).unwrap_or_default();
        let signature = signer.sign(&[SIGNED, json.as_bytes()].concat())?;
        let making = directory.join("floor.new");
        let mut file = File::create(&making)?;
        file.write_all(format!("{json}\n{}\n", hex::encode(&signature)).as_bytes())?;
        file.sync_all()?;
        fs::rename(&making, path(directory))?;
        Ok(File::open(directory)?.sync_all()?)
    }
}

impl SignedFloor {
    /// Reads the floor. `None` when there is none; an error also when the file is no floor.
    pub(crate) fn read(directory: &Path) -> Result<Option<Self>, ArchiveError> {
        let path = path(directory);
        let damaged = || ArchiveError::Damaged { path: path.clone(), what: "floor" };
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        let text = str::from_utf8(&bytes).ok().filter(|text| text.len() <= FILE_BYTES_MAX);
        text.and_then(Self::parse).map(Some).ok_or_else(damaged)
    }

    fn parse(text: &str) -> Option<Self> {
        let (json, rest) = text.split_once('\n')?;
        let signature = hex::decode(rest.strip_suffix('\n')?)?;
        Some(Self { floor: serde_json::from_str(json).ok()?, json: json.to_owned(), signature })
    }

    /// Whether one of `keys` signed it.
    pub(crate) fn is_signed_by(&self, keys: &[PublicKey]) -> bool {
        let key = keys.iter().find(|key| *key.fingerprint == *self.floor.key);
        key.is_some_and(|key| verify(key, &[SIGNED, self.json.as_bytes()].concat(), &self.signature).is_ok())
    }
}

pub(super) fn path(directory: &Path) -> PathBuf {
    directory.join(FILE)
}
