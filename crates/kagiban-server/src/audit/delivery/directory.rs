//! A directory that looks like a bucket: log files and digests as files, and beside each digest what a bucket would keep as
//! its metadata.

use std::path::PathBuf;
use std::sync::Mutex;

use async_trait::async_trait;
use kagiban_base::time::Timestamp;

use super::objects::ObjectTarget;
use super::retention;
use super::target::{TargetError, TargetSpec};
use crate::data_directory::{make_directory, write_private};

/// Follows a digest file's name.
const METADATA: &str = ".metadata.json";

/// A directory of log files.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    name: String,
    keep_days: Option<u32>,
    /// The day on which old files were last removed.
    tidied: Mutex<String>,
}

impl Directory {
    pub(super) fn new(path: PathBuf, keep_days: Option<u32>) -> Self {
        let (name, _) = TargetSpec::Directory(path.clone()).bucket_and_prefix().unwrap_or_default();
        Self { path, name, keep_days, tidied: Mutex::default() }
    }
}

#[async_trait]
impl ObjectTarget for Directory {
    fn bucket(&self) -> &str {
        &self.name
    }

    fn prefix(&self) -> &str {
        ""
    }

    async fn put(&self, object: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<(), TargetError> {
        let path = self.path.join(object);
        if let Some(folder) = path.parent() {
            make_directory(folder)?;
        }
        if !metadata.is_empty() {
            let all: serde_json::Map<_, _> =
                metadata.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
            let mut beside = path.clone().into_os_string();
            beside.push(METADATA);
            let text = serde_json::Value::Object(all).to_string() + "\n";
            write_private(beside.as_ref(), text.as_bytes(), &mut |_| Ok(()))?;
        }
        Ok(write_private(&path, bytes, &mut |_| Ok(()))?)
    }

    async fn tidy(&self, now: Timestamp) -> Result<(), TargetError> {
        let Some(days) = self.keep_days else { return Ok(()) };
        let today = now.to_basic_day();
        let mut tidied = self.tidied.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *tidied != today {
            let oldest = now.plus_days(-i64::from(days)).to_basic_day();
            let removed = retention::remove_before(&self.path, &oldest)?;
            *tidied = today;
            if removed > 0 {
                tracing::info!(delivery = %self.path.display(), days = removed, before = oldest, "old log files were removed");
            }
        }
        Ok(())
    }
}
