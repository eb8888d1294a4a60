//! Names of archives: `YYYY/MM/DD/FIRST-LAST.audit`, places with twenty digits, so that their order is that of their records.

use std::path::{Path, PathBuf};

use kagiban_base::time::Timestamp;

use crate::recorder::Sequence;

/// How an archive's file name ends.
const EXTENSION: &str = "audit";
/// Digits of the highest place.
const DIGITS: usize = 20;

/// Which records an archive has, as its name says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ArchiveName {
    /// Its first record.
    pub first: Sequence,
    /// Its last record.
    pub last: Sequence,
    /// A moment of the day (UTC) that it lies under: its earliest record's.
    pub day: Timestamp,
}

impl ArchiveName {
    /// Its path below the archive directory.
    pub fn path(&self) -> PathBuf {
        let day = self.day.to_basic_day();
        let (year, rest) = day.split_at_checked(4).unwrap_or((&day, ""));
        let (month, day) = rest.split_at_checked(2).unwrap_or((rest, ""));
        [year, month, day, &file_name(self.first, self.last)].iter().collect()
    }
}

/// The name of the file of such records.
pub fn file_name(first: Sequence, last: Sequence) -> String {
    format!("{:0DIGITS$}-{:0DIGITS$}.{EXTENSION}", first.0, last.0)
}

/// What a file's name says; `None` when it is no archive's.
pub(super) fn parse(path: &Path) -> Option<(Sequence, Sequence)> {
    let name = path.file_name()?.to_str()?;
    let (first, last) = name.strip_suffix(EXTENSION)?.strip_suffix('.')?.split_once('-')?;
    let number = |digits: &str| digits.parse().ok().map(Sequence);
    let (first, last) = (number(first)?, number(last)?);
    // There is one name for each archive.
    (file_name(first, last) == name && first <= last && first.0 > 0).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_in_them() {
        let day = Timestamp::parse_basic_iso("20261122T235959Z").unwrap();
        let path = ArchiveName { first: Sequence(1), last: Sequence(u64::MAX), day }.path();
        assert_eq!(path.to_str(), Some("2026/11/22/00000000000000000001-18446744073709551615.audit"));
        assert_eq!(parse(&path), Some((Sequence(1), Sequence(u64::MAX))));
        for bad in [
            "making",
            "1-2.audit",
            "00000000000000000001-00000000000000000002",
            "00000000000000000002-00000000000000000001.audit",
            "00000000000000000000-00000000000000000001.audit",
            "+0000000000000000001-00000000000000000002.audit",
            "00000000000000000001-18446744073709551616.audit",
        ] {
            assert_eq!(parse(Path::new(bad)), None, "{bad}");
        }
    }
}
