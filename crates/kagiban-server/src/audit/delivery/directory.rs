//! A directory that looks like a bucket: log files and digests as files. Files have no metadata; what a digest has is in the
//! object beside it.

use std::path::PathBuf;
use std::sync::Mutex;

use async_trait::async_trait;
use kagiban_base::time::Timestamp;

use super::objects::ObjectTarget;
use super::retention;
use super::target::{TargetError, TargetSpec};
use crate::data_directory::{make_directory, write_private};

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

    async fn put(&self, object: &str, bytes: &[u8], _metadata: &[(&str, &str)]) -> Result<(), TargetError> {
        let path = self.path.join(object);
        if let Some(folder) = path.parent() {
            make_directory(folder)?;
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
