//! The format of a store: in which versions rows are written into it, and the way from one format to the next.
//!
//! Programs of two adjacent versions run on one store while it is upgraded. So what a program writes depends on the store and not
//! on the newest version that it knows: every row is written as the store's format has it, on condition that the format is
//! still that one. A format is announced when all programs at the store know it; from then on nothing is written in the one before, and what
//! is left of that is written anew page by page, by anybody, any number of times. Until the operator says that it is
//! finished, the way back is the same way.
//!
//! A new table needs no new format as long as older programs may pass it over; a row that they would misread or refuse does.
//!
//! What the numbers mean is with the row types ([`crate::Row::version_in`]). The row of the format itself is of a table that every program reads
//! for ever: members may come to it, and none may go.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::batch::Expect;
use crate::engine::Snapshot;
use crate::json::time_ms;
use crate::key::{KeyError, KeyReader, KeyWriter, RowKey};
use crate::row::{self, RowError};
use crate::store::StoreError;

/// A format of the store. The first one is also that of stores that say nothing of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Format(pub u16);

impl Format {
    /// What stores were written in before there were formats.
    pub const FIRST: Self = Self(1);
    /// What this program makes new stores in.
    pub const NEWEST: Self = Self(2);

    /// The one behind it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The one before it.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The formats that a program reads and writes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Formats {
    /// The oldest.
    pub oldest: Format,
    /// The newest.
    pub newest: Format,
}

impl Formats {
    /// Those of this program.
    pub const OURS: Self = Self { oldest: Format::FIRST, newest: Format::NEWEST };

    /// Whether this is one of them.
    pub fn have(self, format: Format) -> bool {
        (self.oldest..=self.newest).contains(&format)
    }

    /// That a store in this state can be read and written.
    ///
    /// # Errors
    /// [`UnknownFormat`]
    pub fn check(self, state: &FormatRecord) -> Result<(), UnknownFormat> {
        match state.written().into_iter().find(|format| !self.have(*format)) {
            Some(found) => Err(UnknownFormat { found, formats: self }),
            None => Ok(()),
        }
    }
}

/// The store is in a format that this program does not know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownFormat {
    /// The store's.
    pub found: Format,
    /// The program's.
    pub formats: Formats,
}

impl std::error::Error for UnknownFormat {}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, formats: Formats { oldest, newest } } = self;
        write!(f, "the store has rows of format {found}, and this Kagiban knows formats {oldest} to {newest}: ")?;
        match found > newest {
            true => f.write_str(
                "use the newer version that wrote them, or, if its upgrade is not finished, take it back there with \
                 kagiban upgrade revert",
            ),
            false => f.write_str("upgrade the store with the version before this one first (kagiban upgrade start)"),
        }
    }
}

/// What is being done about the format.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Nothing: every row is of this format, or older and read by all who know it.
    Settled,
    /// It was announced. Rows of the format before are written anew, or have been; the way back is open.
    Upgrading,
    /// It was taken back to. Rows of the format behind it are written anew.
    Reverting,
}

/// In which format rows are written, and what is on the way.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct FormatRecord {
    /// In which rows are written.
    pub number: Format,
    /// What is on the way.
    pub phase: Phase,
    /// How often a format was announced or taken back; tells the progress of one change from that of another.
    pub change: u32,
    /// Since when it is so.
    #[serde(with = "time_ms")]
    pub since: Timestamp,
}

impl FormatRecord {
    /// Of a store that was never upgraded.
    pub const fn settled(number: Format, since: Timestamp) -> Self {
        Self { number, phase: Phase::Settled, change: 0, since }
    }

    /// Of a store that says nothing of it.
    pub const fn unsaid() -> Self {
        Self::settled(Format::FIRST, Timestamp::from_unix_ms(0))
    }

    /// The formats of which there can be rows.
    pub fn written(&self) -> [Format; 2] {
        match self.phase {
            Phase::Settled => [self.number; 2],
            Phase::Upgrading => [self.number, self.number.previous()],
            Phase::Reverting => [self.number, self.number.next()],
        }
    }
}

/// The row key of the format: there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FormatRowKey;

impl RowKey for FormatRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

crate::json_row!(FormatRecord, "format", FormatRowKey);

/// What the row with this key and value is to be in a format; `None` when it is that already.
pub type Convert<'a> = &'a (dyn Fn(&[u8], &[u8], Format) -> Result<Option<Vec<u8>>, RowError> + Sync);

/// What a batch is written in, and on which condition.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The format.
    pub format: Format,
    /// The row of the format.
    pub key: Vec<u8>,
    /// What is expected of it.
    pub expect: Expect,
}

/// What is in force in this snapshot.
///
/// # Errors
/// [`RowError::Format`] when it is none of `formats`, among others.
pub async fn in_force(snapshot: &dyn Snapshot, formats: Formats) -> Result<InForce, StoreError> {
    let key = row::encode_key::<FormatRecord>(&FormatRowKey)?;
    let Some(stored) = snapshot.read(&key).await? else {
        formats.check(&FormatRecord::unsaid()).map_err(RowError::from)?;
        return Ok(InForce { format: Format::FIRST, key, expect: Expect::Absent });
    };
    let state: FormatRecord = row::decode(&stored.value)?;
    formats.check(&state).map_err(RowError::from)?;
    Ok(InForce { format: state.number, key, expect: Expect::WrittenAt(stored.revision) })
}

/// What was last found in force. It may have changed since, which every batch notices.
#[derive(Debug, Default)]
pub(crate) struct LastFound(Mutex<Option<InForce>>);

impl LastFound {
    pub(crate) async fn or_in(&self, snapshot: &dyn Snapshot, formats: Formats) -> Result<InForce, StoreError> {
        if let Some(found) = self.lock().clone() {
            return Ok(found);
        }
        let found = in_force(snapshot, formats).await?;
        *self.lock() = Some(found.clone());
        Ok(found)
    }

    /// Looks again the next time.
    pub(crate) fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<InForce>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(number: u16, phase: Phase) -> FormatRecord {
        FormatRecord { phase, ..FormatRecord::settled(Format(number), Timestamp::from_unix_ms(0)) }
    }

    #[test]
    fn a_program_wants_to_know_every_format_of_which_there_can_be_rows() {
        let formats = Formats { oldest: Format(2), newest: Format(3) };
        for (number, phase, found) in [
            (1, Phase::Settled, Some(1)),
            (2, Phase::Settled, None),
            (3, Phase::Settled, None),
            (4, Phase::Settled, Some(4)),
            (2, Phase::Upgrading, Some(1)),
            (3, Phase::Upgrading, None),
            (4, Phase::Upgrading, Some(4)),
            (1, Phase::Reverting, Some(1)),
            (2, Phase::Reverting, None),
            (3, Phase::Reverting, Some(4)),
        ] {
            let refused = formats.check(&state(number, phase)).err();
            assert_eq!(refused.map(|refused| refused.found.0), found, "{number} {phase:?}");
        }
    }

    #[test]
    fn both_are_named_and_what_to_do() {
        let formats = Formats { oldest: Format(2), newest: Format(3) };
        let text = |found| UnknownFormat { found: Format(found), formats }.to_string();
        assert!(text(4).starts_with("the store has rows of format 4, and this Kagiban knows formats 2 to 3: "));
        assert!(text(4).ends_with("kagiban upgrade revert"));
        assert!(text(1).contains("the version before this one"));
    }

    /// The one row that all programs read, those of tomorrow's stores included.
    #[test]
    fn members_that_are_not_known_are_passed_over() {
        let body = b"\x01{\"number\":9,\"phase\":\"settled\",\"change\":3,\"since\":5,\"more\":{\"a\":1}}";
        let read: FormatRecord = row::decode(body).unwrap();
        assert_eq!((read.number, read.change), (Format(9), 3));
    }
}
