//! Log files and records side by side.
//!
//! The records are walked along once. A file is opened when one of its records comes by, and its records are looked for in
//! what came shortly before and what comes shortly after: a batch has [`BATCH_RECORDS_MAX`] records at most, of all
//! accounts together.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::path::PathBuf;

use foldhash::fast::RandomState;
use kagiban_base::id::{AccountId, RequestId};
use kagiban_base::time::Timestamp;

use super::super::finding::{Extent, Note, What};
use super::super::walk::Walk;
use super::digests::Digested;
use super::listing::{Listing, Named, content};
use super::log_records::{Content, Written, records};
use crate::cloudtrail;
use crate::delivery::BATCH_RECORDS_MAX;
use crate::journal::hex;
use crate::record::Record;
use crate::recorder::{Entry, Follower, ReadError, Sequence};
use crate::sha256;

/// Records by which a file is found; the first of them is enough, unless somebody put another one there.
const HANDLES: usize = 8;
/// Bytes of records that are read at once.
const READ_BYTES: usize = 8 << 20;
/// Rows of missing records that are told of each account.
const GAPS_MAX: usize = 10_000;
/// How long before the oldest record of a file another one may have begun that was recorded after it.
const SKEW_MS: i64 = 3_600_000;

/// An event's number in one account.
type Id = (AccountId, [u8; 16]);

/// A log file.
struct Log {
    path: PathBuf,
    account: AccountId,
    /// A signed digest names it, and it is as it says.
    is_proven: bool,
    /// A digest or the server's state names it, and it is as it says: of two with one record, it is the right one.
    is_known: bool,
    newest: Timestamp,
    count: u64,
    state: State,
}

enum State {
    /// None of its records came by yet.
    Waits,
    /// Its records that did not come by yet.
    Open {
        rest: HashMap<[u8; 16], Held, RandomState>,
        until: Sequence,
    },
    Done,
}

/// A record in a log file that was not found in the journal yet, or more often than there.
struct Held {
    content: Content,
    count: u64,
    /// The journal has it, for another place.
    is_seen: bool,
}

/// A copy of a record that came by shortly before.
#[derive(Clone, Copy)]
struct Passed {
    content: Option<Content>,
    is_matched: bool,
}

/// Records of an account in a row that no log file has.
struct Gap {
    extent: Extent,
    is_open: bool,
}

/// The walk along records and log files.
pub(super) struct Compare<'a> {
    listing: &'a Listing,
    digested: &'a Digested,
    earliest: Sequence,
    logs: Vec<Log>,
    handles: HashMap<Id, Vec<usize>, RandomState>,
    open: Vec<usize>,
    recent: HashMap<Id, Passed, RandomState>,
    order: VecDeque<(Sequence, Id)>,
    gaps: BTreeMap<AccountId, Vec<Gap>>,
    /// Records from this time on are compared word for word.
    compared_from: Timestamp,
    /// The time of the first record that came by.
    began: Option<Timestamp>,
    /// The first record that some file has, the last one, and the last one that a proven file has.
    matched: Option<(Sequence, Sequence)>,
    proven: Sequence,
    records: u64,
    is_whole: bool,
}

impl<'a> Compare<'a> {
    pub(super) fn new(listing: &'a Listing, digested: &'a Digested, earliest: Sequence) -> Self {
        Self {
            listing,
            digested,
            earliest,
            logs: Vec::new(),
            handles: HashMap::default(),
            open: Vec::new(),
            recent: HashMap::default(),
            order: VecDeque::new(),
            gaps: BTreeMap::new(),
            compared_from: Timestamp::from_unix_ms(i64::MAX),
            began: None,
            matched: None,
            proven: Sequence(0),
            records: 0,
            is_whole: true,
        }
    }

    /// Reads each log file once: whether it is what its digest names, and by which records to find it.
    pub(super) fn load(&mut self, walk: &mut Walk<'_>) -> io::Result<()> {
        for (object, named) in &self.listing.logs {
            walk.count_read(named.path.metadata().map_or(0, |metadata| metadata.len()));
            let bytes = content(&named.path)?;
            let hash = bytes.as_deref().map(|bytes| hex::encode(&sha256::hash(&[bytes])));
            let trust = self.trust(object, named, hash.as_deref(), walk);
            let Some(records) = bytes.as_deref().and_then(records) else {
                walk.find(What::LogFileUnreadable, None, Some(&named.path));
                continue;
            };
            self.add(named, &records, trust);
        }
        Ok(())
    }

    /// Whether a digest or the server's state names the file, and it is as they say; and whether that is a signed digest.
    fn trust(&self, object: &str, named: &Named, hash: Option<&str>, walk: &mut Walk<'_>) -> (bool, bool) {
        match self.digested.logs.get(object) {
            None if self.digested.is_over(named) => {
                walk.find(What::LogFileAdded, None, Some(&named.path));
                (false, false)
            }
            None => (false, false),
            Some((expected, _)) if hash != Some(expected) => {
                walk.find(What::LogFileChanged, None, Some(&named.path));
                (false, false)
            }
            Some((_, is_signed)) => (true, *is_signed),
        }
    }

    fn add(&mut self, named: &Named, records: &[Written], (is_known, is_proven): (bool, bool)) {
        let times = || records.iter().map(|record| record.time);
        let (Some(oldest), Some(newest)) = (times().min(), times().max()) else { return };
        if !is_proven {
            self.compared_from = self.compared_from.min(oldest.plus_ms(-SKEW_MS));
        }
        let account = named.place.account;
        for record in records.iter().step_by(records.len().div_ceil(HANDLES)) {
            self.handles.entry((account, record.id)).or_default().push(self.logs.len());
        }
        let (path, count, state) = (named.path.clone(), records.len() as u64, State::Waits);
        self.logs.push(Log { path, account, is_proven, is_known, newest, count, state });
    }

    /// Walks along all records there are.
    pub(super) fn follow(&mut self, history: &dyn Follower, walk: &mut Walk<'_>) -> io::Result<()> {
        if self.logs.is_empty() {
            return Ok(());
        }
        let mut at = self.earliest;
        loop {
            let entries = match history.read(at, READ_BYTES) {
                Ok(entries) => entries,
                Err(ReadError::Io(error)) => return Err(error),
                Err(ReadError::Damaged(_) | ReadError::Gone(_)) => {
                    // What is wrong there is named already.
                    walk.note(Note::NotCompared(at));
                    self.is_whole = false;
                    return Ok(());
                }
            };
            let Some(last) = entries.last() else { return Ok(()) };
            at = last.sequence.next();
            for entry in &entries {
                self.pass(entry, walk)?;
            }
        }
    }

    fn pass(&mut self, entry: &Entry, walk: &mut Walk<'_>) -> io::Result<()> {
        let Ok(record) = Record::decode(&entry.bytes) else { return Ok(()) };
        self.began = self.began.or(Some(record.time));
        for account in record.recipients() {
            let Ok(number) = record.event_id(account).as_str().parse::<RequestId>() else { continue };
            let id = (account, number.bytes());
            let is_compared = record.time >= self.compared_from;
            let content = is_compared.then(|| sha256::short(&[cloudtrail::render(&record, account).as_bytes()]));
            for log in self.handles.remove(&id).unwrap_or_default() {
                self.open(log, entry.sequence, walk)?;
            }
            let is_matched = self.find_in_open(id, content, entry.sequence, walk);
            let was_matched = self.recent.get(&id).is_some_and(|copy| copy.is_matched);
            self.recent.insert(id, Passed { content, is_matched: is_matched || was_matched });
            self.order.push_back((entry.sequence, id));
        }
        self.expire(Sequence(entry.sequence.0.saturating_sub(BATCH_RECORDS_MAX)), walk);
        Ok(())
    }

    /// Opens a file, and takes out of it what came by before.
    fn open(&mut self, index: usize, at: Sequence, walk: &mut Walk<'_>) -> io::Result<()> {
        let Some(log) = self.logs.get_mut(index).filter(|log| matches!(log.state, State::Waits)) else { return Ok(()) };
        let bytes = content(&log.path)?;
        let mut rest: HashMap<_, Held, _> = HashMap::default();
        for Written { id, content, .. } in bytes.as_deref().and_then(records).unwrap_or_default() {
            rest.entry(id).or_insert(Held { content, count: 0, is_seen: false }).count += 1;
        }
        log.state = State::Open { rest, until: Sequence(at.0.saturating_add(BATCH_RECORDS_MAX)) };
        let account = log.account;
        self.open.push(index);
        // Of two with the same records, the one that is known gets them.
        self.open.sort_by_key(|index| self.logs.get(*index).is_none_or(|log| !log.is_known));
        let before: Vec<(Sequence, Id)> = self.order.iter().filter(|(_, id)| id.0 == account).copied().collect();
        for (sequence, id) in before {
            let Some(Passed { content, is_matched }) = self.recent.get(&id).copied() else { continue };
            if self.find_in(index, id, content, is_matched, sequence, walk) {
                self.recent.insert(id, Passed { content, is_matched: true });
            }
        }
        Ok(())
    }

    /// Takes a record out of one of the files that have it; whether one does.
    fn find_in_open(&mut self, id: Id, content: Option<Content>, sequence: Sequence, walk: &mut Walk<'_>) -> bool {
        let mut is_found = false;
        for index in self.open.clone() {
            is_found |= self.find_in(index, id, content, is_found, sequence, walk);
        }
        is_found
    }

    /// Takes a record out of a file, or notes there that another one has it; whether it was taken out.
    fn find_in(
        &mut self,
        index: usize,
        id: Id,
        content: Option<Content>,
        is_taken: bool,
        sequence: Sequence,
        walk: &mut Walk<'_>,
    ) -> bool {
        let Some(log) = self.logs.get_mut(index).filter(|log| log.account == id.0) else { return false };
        let State::Open { rest, .. } = &mut log.state else { return false };
        let Some(held) = rest.get_mut(&id.1) else { return false };
        held.is_seen = true;
        if is_taken {
            return false;
        }
        if !log.is_proven && content.is_some_and(|content| content != held.content) {
            walk.find(What::LogRecordChanged, Some(Extent::one(sequence)), Some(&log.path));
        }
        held.count -= 1;
        if held.count == 0 {
            rest.remove(&id.1);
        }
        let (first, last) = self.matched.unwrap_or((sequence, sequence));
        self.matched = Some((first.min(sequence), last.max(sequence)));
        if log.is_proven {
            self.proven = self.proven.max(sequence);
        }
        self.records += 1;
        true
    }

    /// Lets go what is too far back for any file that is still to be opened.
    fn expire(&mut self, before: Sequence, walk: &mut Walk<'_>) {
        while let Some((sequence, id)) = self.order.pop_front_if(|(sequence, _)| *sequence < before) {
            let is_matched = self.recent.remove(&id).is_none_or(|copy| copy.is_matched);
            self.count(sequence, id.0, is_matched);
        }
        let now = Sequence(before.0.saturating_add(BATCH_RECORDS_MAX));
        for index in std::mem::take(&mut self.open) {
            match self.logs.get(index).map(|log| &log.state) {
                Some(State::Open { until, rest }) if *until < now || rest.is_empty() => self.close(index, walk),
                _ => self.open.push(index),
            }
        }
    }

    fn count(&mut self, sequence: Sequence, account: AccountId, is_matched: bool) {
        let gaps = self.gaps.entry(account).or_default();
        let is_full = gaps.len() >= GAPS_MAX;
        match gaps.last_mut() {
            Some(gap) if is_matched => gap.is_open = false,
            Some(gap) if gap.is_open => gap.extent.last = sequence,
            _ if is_matched || is_full => {}
            _ => gaps.push(Gap { extent: Extent::one(sequence), is_open: true }),
        }
    }

    /// Says what is in a file and in no record.
    fn close(&mut self, index: usize, walk: &mut Walk<'_>) {
        let Some(log) = self.logs.get_mut(index) else { return };
        let state = std::mem::replace(&mut log.state, State::Done);
        let State::Open { rest, until } = state else { return };
        let (mut added, mut repeated) = (0, 0);
        for held in rest.values() {
            *if held.is_seen { &mut repeated } else { &mut added } += held.count;
        }
        // Its first records may be older than what is kept.
        let is_old = self.earliest > Sequence(1) && until.0 <= self.earliest.0.saturating_add(2 * BATCH_RECORDS_MAX);
        if added > 0 && !(is_old && log.is_proven) {
            walk.find(What::LogRecordsAdded(added), None, Some(&log.path));
        }
        // What a signed digest names was delivered so: once more than needed, after a restart perhaps.
        if repeated > 0 && !log.is_proven {
            walk.find(What::LogRecordsRepeated(repeated), None, Some(&log.path));
        }
    }

    /// Comes to the end of the records. `stated` is the last record that was delivered by the server's word. How many
    /// records were found in both, and the last of them.
    pub(super) fn end(mut self, stated: Option<Sequence>, walk: &mut Walk<'_>) -> io::Result<(u64, Option<Sequence>)> {
        self.expire(Sequence(u64::MAX), walk);
        self.end_waiting(walk);
        let last = self.matched.map(|(_, last)| last);
        let first = self.matched.map_or(Sequence(1), |(first, _)| first);
        // Digests are made between batches: before one, all accounts have got theirs.
        let required = stated.unwrap_or_default().max(self.proven);
        for (account, gaps) in &self.gaps {
            for Gap { extent, .. } in gaps {
                let missing = Extent::new(extent.first.max(first), extent.last.min(required));
                if missing.is_some() {
                    let folder = self.listing.folder(*account);
                    walk.find(What::LogRecordsMissing(*account), missing, Some(&folder));
                }
            }
        }
        Ok((self.records, last))
    }

    /// Files none of whose records came by.
    fn end_waiting(&mut self, walk: &mut Walk<'_>) {
        let mut older = 0;
        for log in self.logs.iter().filter(|log| matches!(log.state, State::Waits)) {
            let is_older = self.earliest > Sequence(1) && self.began.is_none_or(|began| log.newest < began);
            match is_older {
                true => older += 1,
                false if self.is_whole => walk.find(What::LogRecordsAdded(log.count), None, Some(&log.path)),
                false => {}
            }
        }
        if older > 0 {
            walk.note(Note::LogFilesOlder(older));
        }
    }
}
