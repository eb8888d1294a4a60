//! What can be wrong, named.

use std::fmt;
use std::path::PathBuf;

use kagiban_base::time::Timestamp;

use crate::recorder::Sequence;

/// Something is not as it was recorded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// What.
    pub what: What,
    /// Which records it is about; `None` when none can be named.
    pub records: Option<Extent>,
    /// Where it was found, below the audit directory.
    pub file: Option<PathBuf>,
}

/// Records from one to another.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Extent {
    /// The first.
    pub first: Sequence,
    /// The last.
    pub last: Sequence,
}

/// What is wrong. Names of kinds, for counting, are [`What::kind`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// There are records that nothing proves: after the signed head, or where no block of the chain has them.
    Added,
    /// A head that was kept elsewhere does not fit these records: they are another history.
    AnchorContradicts(Box<str>),
    /// What was given as a head that was kept elsewhere is none, or not signed by a known key.
    AnchorForged(Box<str>),
    /// A part of an archive is not as it was made.
    ArchivePart(&'static str),
    /// The name of an archive is not that of its records.
    ArchiveName,
    /// The chain does not lead from the records before to these.
    ChainBroken,
    /// A file that does not belong there.
    FileUnexpected,
    /// A file is not of this journal.
    ForeignJournal,
    /// The head is no head.
    HeadDamaged,
    /// There is no head.
    HeadMissing,
    /// A signature is none of a known key's.
    Forged(&'static str),
    /// A record is not as it was recorded.
    RecordChanged,
    /// Records are not there.
    RecordsMissing,
    /// A record is not in its place.
    RecordMoved,
    /// A record is there twice.
    RecordRepeated,
    /// Records cannot be read.
    RecordsUnreadable,
    /// Records are there and what proves them is not, or damaged.
    ProofMissing,
    /// A head that was kept elsewhere is of a later state: this one is older, or its end was cut off.
    RolledBack(Box<str>),
    /// Records that the signed head has are not there.
    TailMissing,
}

impl What {
    /// The kind's name.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::AnchorContradicts(_) => "anchor-contradicts",
            Self::AnchorForged(_) => "anchor-forged",
            Self::ArchiveName => "archive-name",
            Self::ArchivePart(_) => "archive-changed",
            Self::ChainBroken => "chain-broken",
            Self::FileUnexpected => "file-unexpected",
            Self::ForeignJournal => "foreign-journal",
            Self::Forged(_) => "forged",
            Self::HeadDamaged => "head-damaged",
            Self::HeadMissing => "head-missing",
            Self::ProofMissing => "proof-missing",
            Self::RecordChanged => "record-changed",
            Self::RecordMoved => "record-moved",
            Self::RecordRepeated => "record-repeated",
            Self::RecordsMissing => "records-missing",
            Self::RecordsUnreadable => "records-unreadable",
            Self::RolledBack(_) => "rolled-back",
            Self::TailMissing => "tail-missing",
        }
    }
}

impl Extent {
    /// One record.
    pub const fn one(sequence: Sequence) -> Self {
        Self { first: sequence, last: sequence }
    }

    /// `None` when the last is before the first.
    pub fn new(first: Sequence, last: Sequence) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// Whether all of `other` is within.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => write!(f, "record {}", self.first),
            false => write!(f, "records {} to {}", self.first, self.last),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(records) = &self.records {
            write!(f, "{records}: ")?;
        }
        match &self.what {
            What::Added => f.write_str("added, or not proven: no signed head covers this"),
            What::AnchorContradicts(anchor) => write!(f, "not the history that {anchor} was signed for"),
            What::AnchorForged(anchor) => write!(f, "{anchor} is no head that a known key signed"),
            What::ArchiveName => f.write_str("the archive's name is not that of its records"),
            What::ArchivePart(part) => write!(f, "the archive was changed ({part})"),
            What::ChainBroken => f.write_str("the chain does not lead here: records or their proof were made anew"),
            What::FileUnexpected => f.write_str("a file that does not belong here"),
            What::ForeignJournal => f.write_str("of another journal, or of another place in this one"),
            What::Forged(what) => write!(f, "{what} is not signed by a known key"),
            What::HeadDamaged => f.write_str("the signed head is damaged"),
            What::HeadMissing => f.write_str("the signed head is missing"),
            What::ProofMissing => f.write_str("the proof is missing or damaged"),
            What::RecordChanged => f.write_str("changed"),
            What::RecordMoved => f.write_str("not in its place"),
            What::RecordRepeated => f.write_str("there twice"),
            What::RecordsMissing => f.write_str("missing"),
            What::RecordsUnreadable => f.write_str("unreadable"),
            What::RolledBack(anchor) => write!(f, "rolled back or cut off: {anchor} has them"),
            What::TailMissing => f.write_str("cut off: the signed head has them"),
        }?;
        match &self.file {
            Some(file) => write!(f, " ({})", file.display()),
            None => Ok(()),
        }
    }
}

/// What is no proof of tampering, and should be known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Note {
    /// The keys lie beside what they prove: whoever changes one can change the other.
    KeysNotPinned,
    /// Records were lost, and the operator started without them.
    LossAccepted {
        /// Which.
        records: Option<Extent>,
        /// When.
        at: Timestamp,
    },
    /// A start put this file aside.
    PutAside(PathBuf),
    /// A head that was kept elsewhere is older than the oldest record that is kept.
    AnchorTooOld(Box<str>),
    /// The server runs: these records came after the head that was looked at.
    NotYetProven(Extent),
    /// Older records were removed because their time was over.
    RemovedByRetention(Sequence),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeysNotPinned => f.write_str(
                "the public keys were taken from the same directory: who can change the records can change them too. Keep \
                 them elsewhere and name them with --public-key",
            ),
            Self::LossAccepted { records: Some(records), at } => {
                write!(f, "{records}: lost, and started without them on {at} (--accept-audit-loss)")
            }
            Self::LossAccepted { records: None, at } => {
                write!(f, "the head was lost, and started without it on {at} (--accept-audit-loss)")
            }
            Self::PutAside(path) => write!(f, "{} was put aside by a start that found it damaged", path.display()),
            Self::AnchorTooOld(anchor) => write!(f, "{anchor} is older than the records that are kept"),
            Self::NotYetProven(extent) => write!(f, "{extent}: just written, by the server that runs; not looked at"),
            Self::RemovedByRetention(last) => write!(f, "records up to {last} were removed when their time was over"),
        }
    }
}
