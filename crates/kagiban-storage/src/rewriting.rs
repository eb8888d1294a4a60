//! Upgrading and taking back: the steps from one format to another, and the writing anew of what is left of the other one.
//!
//! How far the writing anew is stands in a row, which every page of it reads and writes: so it goes on where it was cut
//! off, and several that do it at once do each page once. It ends when it has been through all rows, since from the announcement on nothing is
//! written in the other format.

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engine::KeyRange;
use crate::format::{Convert, Format, FormatRecord, FormatRowKey, Formats, Phase};
use crate::json::optional_base64_bytes;
use crate::key::{KeyError, KeyReader, KeyWriter, RowKey};
use crate::store::{Store, StoreError};
use crate::transaction::Transaction;

/// Rows that are looked at in one transaction.
const PAGE: usize = 250;

/// How far the writing anew is.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RewritingRecord {
    /// Of which change of the format ([`FormatRecord::change`]); of another one it is worth nothing.
    pub change: u32,
    /// It has been through all rows up to this key.
    #[serde(with = "optional_base64_bytes", default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Vec<u8>>,
    /// Rows looked at.
    pub seen: u64,
    /// Rows of them that were written anew.
    pub written: u64,
    /// Whether it has been through all rows.
    pub is_done: bool,
}

/// The row key of the progress: there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RewritingRowKey;

impl RowKey for RewritingRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

crate::json_row!(RewritingRecord, "format-progress", RewritingRowKey);

/// A step that cannot be taken now.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StepError {
    /// There is no newer format, as far as this program knows.
    #[error("the store is in format {0}, the newest that this version knows")]
    Newest(Format),
    /// An upgrade is under way already.
    #[error("the upgrade to format {0} has begun already")]
    Begun(Format),
    /// There is none to be taken back or finished.
    #[error("no upgrade is under way")]
    NoneUnderWay,
    /// Rows of the other format are left.
    #[error("the upgrade to format {0} is still at work: rows of the format before are left")]
    AtWork(Format),
}

/// The format as this transaction finds it, with the progress of what is on the way.
///
/// # Errors
/// [`StoreError`]
pub async fn state(tx: &Transaction) -> Result<(FormatRecord, RewritingRecord), StoreError> {
    let format = tx.read::<FormatRecord>(&FormatRowKey).await?.unwrap_or(FormatRecord::unsaid());
    let progress = tx.read::<RewritingRecord>(&RewritingRowKey).await?;
    let fresh = RewritingRecord { change: format.change, ..RewritingRecord::default() };
    Ok((format, progress.filter(|progress| progress.change == format.change).unwrap_or(fresh)))
}

/// The format that [`start`] would announce.
///
/// # Errors
/// [`StepError`]
pub fn upgrade_of(format: &FormatRecord, formats: Formats) -> Result<Format, StepError> {
    match format.phase {
        Phase::Upgrading => Err(StepError::Begun(format.number)),
        Phase::Settled | Phase::Reverting if !formats.have(format.number.next()) => {
            Err(StepError::Newest(format.number))
        }
        Phase::Settled | Phase::Reverting => Ok(format.number.next()),
    }
}

/// Announces the next format: from the commit on nothing is written in the one before.
///
/// # Errors
/// [`StepError`] inside, [`StoreError`] outside.
pub async fn start(tx: &Transaction, formats: Formats, now: Timestamp) -> Result<Result<(), StepError>, StoreError> {
    let (format, _) = state(tx).await?;
    match upgrade_of(&format, formats) {
        Ok(number) => announce(tx, &format, number, Phase::Upgrading, now).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// Takes an upgrade back that is not finished.
///
/// # Errors
/// As [`start`].
pub async fn revert(tx: &Transaction, now: Timestamp) -> Result<Result<(), StepError>, StoreError> {
    let (format, _) = state(tx).await?;
    match format.phase {
        Phase::Upgrading => announce(tx, &format, format.number.previous(), Phase::Reverting, now).map(Ok),
        Phase::Settled | Phase::Reverting => Ok(Err(StepError::NoneUnderWay)),
    }
}

/// Makes an upgrade final that has been through all rows.
///
/// # Errors
/// As [`start`].
pub async fn finish(tx: &Transaction, now: Timestamp) -> Result<Result<(), StepError>, StoreError> {
    let (format, progress) = state(tx).await?;
    match format.phase {
        Phase::Upgrading if progress.is_done => settle(tx, &format, now).map(Ok),
        Phase::Upgrading => Ok(Err(StepError::AtWork(format.number))),
        Phase::Settled | Phase::Reverting => Ok(Err(StepError::NoneUnderWay)),
    }
}

fn announce(
    tx: &Transaction,
    before: &FormatRecord,
    number: Format,
    phase: Phase,
    since: Timestamp,
) -> Result<(), StoreError> {
    let change = before.change.saturating_add(1);
    tx.put(&FormatRowKey, &FormatRecord { number, phase, change, since })
}

fn settle(tx: &Transaction, format: &FormatRecord, since: Timestamp) -> Result<(), StoreError> {
    tx.put(&FormatRowKey, &FormatRecord { phase: Phase::Settled, since, ..*format })
}

impl Store {
    /// Writes the next page of rows anew, if a change of the format is on the way; whether more is left to be done. A
    /// format that was gone back to is settled with the last page; one that was announced waits for being finished.
    ///
    /// Can be cut off anywhere, and be done by several at once.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn rewrite_page(&self, convert: Convert<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let page = |tx: Transaction| async move {
            let (format, progress) = state(&tx).await?;
            if format.phase == Phase::Settled || progress.is_done {
                return Ok(false);
            }
            let range = progress.after.as_deref().map_or_else(KeyRange::all, |after| KeyRange::all().after(after));
            let page = tx.rewrite(&range, PAGE, convert).await?;
            let is_done = page.last.is_none();
            let progress = RewritingRecord {
                change: format.change,
                after: page.last,
                seen: progress.seen.saturating_add(page.seen),
                written: progress.written.saturating_add(page.written),
                is_done,
            };
            tx.put(&RewritingRowKey, &progress)?;
            if is_done && format.phase == Phase::Reverting {
                settle(&tx, &format, now)?;
            }
            Ok::<_, StoreError>(!is_done)
        };
        Ok(self.transact("RewritePage", page).await?.0)
    }
}
