//! What can be wrong, named.

use std::fmt;
use std::path::PathBuf;

use kagiban_base::id::AccountId;
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
    /// A delivered digest does not follow the one before it.
    DigestChain,
    /// A delivered digest is not there: another one, or the server's own word, names it.
    DigestMissing,
    /// A delivered digest says that it is another one.
    DigestMoved,
    /// A delivered digest cannot be read.
    DigestUnreadable,
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
    /// A log file that no digest names, of a time that has its digests.
    LogFileAdded,
    /// A log file is not the one that its digest names.
    LogFileChanged,
    /// A log file that a digest names is not there.
    LogFileMissing,
    /// A log file cannot be read.
    LogFileUnreadable,
    /// A record in a log file is not as the journal has it.
    LogRecordChanged,
    /// A log file has so many records that others, or itself, have too, and the journal only once.
    LogRecordsRepeated(u64),
    /// A log file has so many records that the journal does not have.
    LogRecordsAdded(u64),
    /// Records are in no log file of this account, and later ones are.
    LogRecordsMissing(AccountId),
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
            Self::DigestChain => "digest-chain",
            Self::DigestMissing => "digest-missing",
            Self::DigestMoved => "digest-moved",
            Self::DigestUnreadable => "digest-unreadable",
            Self::FileUnexpected => "file-unexpected",
            Self::ForeignJournal => "foreign-journal",
            Self::Forged(_) => "forged",
            Self::HeadDamaged => "head-damaged",
            Self::HeadMissing => "head-missing",
            Self::LogFileAdded => "log-added",
            Self::LogFileChanged => "log-changed",
            Self::LogFileMissing => "log-missing",
            Self::LogFileUnreadable => "log-unreadable",
            Self::LogRecordChanged => "log-record-changed",
            Self::LogRecordsRepeated(_) => "log-records-repeated",
            Self::LogRecordsAdded(_) => "log-records-added",
            Self::LogRecordsMissing(_) => "log-records-missing",
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
            What::DigestChain => f.write_str("the digest does not follow the one before it"),
            What::DigestMissing => f.write_str("the digest is missing"),
            What::DigestMoved => f.write_str("the digest says that it is another one"),
            What::DigestUnreadable => f.write_str("the digest cannot be read"),
            What::FileUnexpected => f.write_str("a file that does not belong here"),
            What::ForeignJournal => f.write_str("of another journal, or of another place in this one"),
            What::Forged(what) => write!(f, "{what} is not signed by a known key"),
            What::HeadDamaged => f.write_str("the signed head is damaged"),
            What::HeadMissing => f.write_str("the signed head is missing"),
            What::LogFileAdded => f.write_str("a log file that no digest names, though its hour has its digest"),
            What::LogFileChanged => f.write_str("not the log file that its digest names"),
            What::LogFileMissing => f.write_str("the log file is missing"),
            What::LogFileUnreadable => f.write_str("the log file cannot be read"),
            What::LogRecordChanged => f.write_str("not in the log file as the journal has it"),
            What::LogRecordsRepeated(count) => {
                write!(f, "the log file has {count} records that are in log files twice")
            }
            What::LogRecordsAdded(count) => {
                write!(f, "the log file has {count} records that the journal does not have")
            }
            What::LogRecordsMissing(account) => write!(f, "those of account {account} are in no log file"),
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
    /// How far a delivery has come.
    Delivered {
        /// Its directory.
        directory: PathBuf,
        /// The last record that is in a log file.
        last: Option<Sequence>,
        /// The end of the newest digest's time.
        digests_until: Option<Timestamp>,
    },
    /// The server does not say how far this delivery has come.
    DeliveryUnstated(PathBuf),
    /// The first digest of those that are kept: days before it are gone.
    DigestsBegin(PathBuf),
    /// So many log files are of records that are kept no longer.
    LogFilesOlder(u64),
    /// Records from here on were not compared with log files.
    NotCompared(Sequence),
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
            Self::Delivered { directory, last, digests_until } => {
                let last = last.map_or_else(|| "none".to_owned(), |last| last.to_string());
                let until = digests_until.map_or_else(|| "none yet".to_owned(), Timestamp::to_rfc3339);
                write!(f, "{}: the last record in a log file is {last}; digests until {until}", directory.display())
            }
            Self::DeliveryUnstated(directory) => write!(
                f,
                "{}: the data directory does not say how far this delivery has come, so whether its newest digests and log \
                 files are missing can be seen by their time only",
                directory.display()
            ),
            Self::DigestsBegin(path) => {
                write!(f, "the days before {} are gone: their time was over, or they were removed", path.display())
            }
            Self::LogFilesOlder(count) => {
                write!(f, "{count} log files are of records that are kept no longer; only their digests were looked at")
            }
            Self::NotCompared(from) => {
                write!(f, "records from {from} on cannot be read, and were not compared with log files")
            }
            Self::NotYetProven(extent) => write!(f, "{extent}: just written, by the server that runs; not looked at"),
            Self::RemovedByRetention(last) => write!(f, "records up to {last} were removed when their time was over"),
        }
    }
}
