//! Standard output: one record in each line, for log collectors that read what containers print.

use std::io::{self, Write};

use async_trait::async_trait;

use super::lines::{Batch, LineTarget};
use super::target::TargetError;

/// Standard output.
#[derive(Debug)]
pub(super) struct StandardOutput;

#[async_trait]
impl LineTarget for StandardOutput {
    async fn send(&self, batch: &Batch) -> Result<(), TargetError> {
        let failed = |source| TargetError::File { path: "/dev/stdout".into(), source };
        let mut out = io::stdout().lock();
        for line in &batch.lines {
            out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n")).map_err(failed)?;
        }
        out.flush().map_err(failed)
    }
}
