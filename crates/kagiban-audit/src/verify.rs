//! Whether all records are there, as they were recorded: of archives and journal, against the signed head and whatever was
//! kept elsewhere, without the server.
//!
//! Every record is hashed again, every block compared, every link of the chain followed from its beginning to the head.
//! Log files and digests that were delivered to a directory are compared with each other and with the records, if asked for.
//! What is wrong is named, and the way is followed to its end whatever is found on it. Nothing is changed or mended here.
//!
//! What this cannot tell: a directory that was replaced as a whole by an older state of itself is perfect in itself; only a head
//! that was kept elsewhere shows it. And whoever has the signing key can make any history.

mod archives;
mod delivered;
mod finding;
mod records;
mod segments;
mod walk;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use kagiban_base::time::Timestamp;

pub use delivered::{DeliveredCount, Delivery};
pub use finding::{Extent, Finding, Note, What};

use crate::archive::{Archive, Library, SignedFloor};
use crate::journal::JournalId;
use crate::journal::blocks::ChainPoint;
use crate::journal::files::Files;
use crate::journal::head::{HEAD_TEXT_MAX, SignedHead};
use crate::offline::{index_of, list};
use crate::recorder::Sequence;
use crate::signing::PublicKey;
use walk::{Mark, Walk};

/// The directory of the deployment's public keys, below the audit directory.
pub const KEYS: &str = "keys";
/// The directory of archives.
pub const ARCHIVES: &str = Files::ARCHIVES;

/// How often it is begun at most beside a server that makes archives meanwhile.
const ATTEMPTS: u32 = 3;

/// A head that was kept elsewhere.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// What to call it.
    pub name: Box<str>,
    /// Its text.
    pub text: String,
}

/// What is verified, and against what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The audit directory: `DATA/audit`.
    pub directory: PathBuf,
    /// Keys that were kept elsewhere; `None` to take those of the directory.
    pub keys: Option<Vec<PublicKey>>,
    /// Heads that were kept elsewhere.
    pub anchors: Vec<Anchor>,
    /// Directories with log files and digests.
    pub delivered: Vec<Delivery>,
    /// Whether the server runs: then the latest records are not proven yet.
    pub is_running: bool,
}

/// How far a verification is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Bytes that were read.
    pub bytes: u64,
    /// Of so many.
    pub bytes_all: u64,
    /// Records that were compared.
    pub records: u64,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong; nothing is when there are none.
    pub findings: Vec<Finding>,
    /// How many more there were than are listed.
    pub findings_more: u64,
    /// What else should be known.
    pub notes: Vec<Note>,
    /// Records that were compared.
    pub records: u64,
    /// How many archives there are.
    pub archives: u64,
    /// How many segments there are.
    pub segments: u64,
    /// The oldest record and the last one that is proven.
    pub proven: Option<Extent>,
    /// When the head was signed.
    pub head_time: Option<Timestamp>,
    /// What there was in each directory of a delivery.
    pub delivered: Vec<DeliveredCount>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty() && self.findings_more == 0
    }

    /// How many findings of each kind.
    pub fn kinds(&self) -> BTreeMap<&'static str, usize> {
        let mut kinds = BTreeMap::new();
        for finding in &self.findings {
            *kinds.entry(finding.what.kind()).or_default() += 1;
        }
        kinds
    }
}

/// Verifies. `progress` is told now and then.
///
/// # Errors
/// What the operating system could not read. Whatever it could is judged, not refused.
pub fn verify(options: &Options, progress: &mut dyn FnMut(Progress)) -> io::Result<Report> {
    let archives = options.directory.join(ARCHIVES);
    let mut attempts = if options.is_running { ATTEMPTS } else { 1 };
    loop {
        let before = Library::open(&archives)?;
        let report = verify_once(options, progress)?;
        attempts -= 1;
        // A server that runs may have moved records from the journal into an archive after archives were listed.
        if report.is_sound() || attempts == 0 || *Library::open(&archives)?.files() == *before.files() {
            return Ok(report);
        }
    }
}

fn verify_once(options: &Options, progress: &mut dyn FnMut(Progress)) -> io::Result<Report> {
    let directory = &options.directory;
    let mut walk = Walk::new(directory.clone(), keys(options)?, progress);
    if options.keys.is_none() {
        walk.note(Note::KeysNotPinned);
    }
    let head = read_head(&mut walk)?;
    let archives = directory.join(ARCHIVES);
    let files = Library::open(&archives)?.files();
    walk.count_bytes(&files)?;
    if let Some(journal) = journal_of(head.as_ref(), &files, directory)? {
        let floor = read_floor(&archives, journal, &mut walk)?;
        walk.begin(journal, floor);
        if let Some(head) = &head {
            walk.mark(Mark::head(head));
        }
        read_anchors(options, journal, &mut walk);
        archives::verify(&archives, &files, &mut walk)?;
        segments::verify(directory, &mut walk)?;
        walk.end(options.is_running);
    }
    for delivery in &options.delivered {
        delivered::verify(directory, delivery, &mut walk)?;
    }
    Ok(walk.into_report(head.map(|head| head.head.time)))
}

/// The keys that signatures are checked with.
fn keys(options: &Options) -> io::Result<Vec<PublicKey>> {
    match &options.keys {
        Some(keys) => Ok(keys.clone()),
        None => published_keys(&options.directory),
    }
}

/// The keys in an audit directory. Files that are none are left out: what they signed comes out as forged.
///
/// # Errors
/// The operating system's.
pub fn published_keys(directory: &Path) -> io::Result<Vec<PublicKey>> {
    let mut keys = Vec::new();
    for path in list(&directory.join(KEYS))? {
        keys.extend(PublicKey::parse_file(&String::from_utf8_lossy(&fs::read(path)?)));
    }
    Ok(keys)
}

/// The head, if it is one and signed.
fn read_head(walk: &mut Walk<'_>) -> io::Result<Option<SignedHead>> {
    let path = Files::new(walk.directory()).head();
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            walk.find(What::HeadMissing, None, Some(&path));
            return Ok(None);
        }
        bytes => bytes?,
    };
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= HEAD_TEXT_MAX);
    let Some(head) = text.and_then(|text| SignedHead::parse(&text).ok()) else {
        walk.find(What::HeadDamaged, None, Some(&path));
        return Ok(None);
    };
    if head.check(walk.keys()).is_err() {
        walk.find(What::Forged("the head"), None, Some(&path));
        return Ok(None);
    }
    Ok(Some(head))
}

/// Whose records these ought to be.
fn journal_of(
    head: Option<&SignedHead>,
    files: &[crate::archive::ArchiveFile],
    directory: &Path,
) -> io::Result<Option<JournalId>> {
    if let Some(head) = head {
        return Ok(Some(head.head.journal));
    }
    let archived = files.iter().find_map(|file| Archive::open(&file.path).ok()?.footer().journal());
    match archived {
        Some(journal) => Ok(Some(journal)),
        None => segments::journal_of(directory),
    }
}

/// Where the records begin: behind what was removed because its time was over.
fn read_floor(archives: &Path, journal: JournalId, walk: &mut Walk<'_>) -> io::Result<ChainPoint> {
    let genesis = ChainPoint::genesis(journal);
    let path = archives.join("floor");
    let Ok(read) = SignedFloor::read(archives) else {
        walk.find(What::ArchivePart("floor"), None, Some(&path));
        return Ok(genesis);
    };
    let Some(signed) = read else { return Ok(genesis) };
    let is_ours = signed.is_signed_by(walk.keys()) && signed.floor.journal() == Some(journal);
    match signed.floor.before().filter(|_| is_ours) {
        Some(before) => {
            walk.note(Note::RemovedByRetention(before.sequence));
            Ok(before)
        }
        None => {
            walk.find(What::Forged("the floor"), None, Some(&path));
            Ok(genesis)
        }
    }
}

fn read_anchors(options: &Options, journal: JournalId, walk: &mut Walk<'_>) {
    for anchor in &options.anchors {
        let head = SignedHead::parse(&anchor.text).ok();
        match head.filter(|head| head.check(walk.keys()).is_ok()) {
            None => walk.find(What::AnchorForged(anchor.name.clone()), None, None),
            Some(head) if head.head.journal != journal => {
                let records = Extent::new(Sequence(1), head.head.at.sequence);
                walk.find(What::AnchorContradicts(anchor.name.clone()), records, None);
            }
            Some(head) => walk.mark(Mark::anchor(&anchor.name, head.head.at)),
        }
    }
}

/// Whether a path in the journal's directory is one that may be there.
fn is_expected(path: &Path) -> bool {
    let is_new = path.extension().is_some_and(|extension| extension == "new");
    is_new || index_of(path, "records").is_some() || index_of(path, "blocks").is_some()
}
