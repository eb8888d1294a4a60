//! All records that there are, in archives and in the journal, as one.

use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use kagiban_base::event_id::EventId;
use kagiban_base::id::RequestId;

use super::index::number_hash;
use super::library::{ArchiveFile, Library};
use super::read::Archive;
use super::terms::{TermHash, term_hash};
use super::{ArchiveError, Footer};
use crate::offline::OfflineJournal;
use crate::recorder::{Entry, Follower, ReadError, Sequence};
use crate::search::{Bounds, Collector, Field, Order, Page, Query, Search, SearchError, Term, Token, beyond, scan};
use crate::verify::ARCHIVES;

/// Archives whose indexes are asked at once: at first, and once a search has come far.
const AHEAD_MIN: usize = 4;
const AHEAD_MAX: usize = 128;
/// Threads that ask.
const THREADS: usize = 8;

/// Archives and the journal.
#[derive(Clone, Debug)]
pub struct History {
    library: Arc<Library>,
    journal: Arc<dyn Follower>,
}

impl History {
    /// What is in these archives, and in the journal that they were made from.
    pub fn new(library: Arc<Library>, journal: Arc<dyn Follower>) -> Self {
        Self { library, journal }
    }

    /// What is in an audit directory, beside a running server or without one.
    ///
    /// # Errors
    /// The operating system's.
    pub fn open(directory: &Path) -> io::Result<Self> {
        // Archives first: what moves meanwhile is in one of them, and is found there.
        let library = Arc::new(Library::open(&directory.join(ARCHIVES))?);
        let journal = OfflineJournal::open(directory)?;
        library.refresh()?;
        Ok(Self::new(library, Arc::new(journal)))
    }

    /// The archives.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The first record that is in no archive, as far as the journal has it.
    fn first_raw(&self) -> Sequence {
        self.library.last().next().max(self.journal.earliest())
    }

    /// The records from `from` on. Those between archives and journal that are in neither are looked for in archives once more
    /// (`is_fresh`) before they are taken to be lost for good.
    fn read_known(&self, from: Sequence, bytes_max: usize, is_fresh: bool) -> Result<Vec<Entry>, ReadError> {
        if from < self.earliest() {
            return Err(ReadError::Gone(from));
        }
        let earliest = self.journal.earliest();
        if from >= earliest {
            match self.journal.read(from, bytes_max) {
                Err(ReadError::Gone(_)) => {}
                outcome => return outcome,
            }
        }
        match self.read_archived(from, bytes_max)? {
            entries if !entries.is_empty() => Ok(entries),
            _ if is_fresh && from < earliest => self.journal.read(earliest, bytes_max),
            _ => Err(ReadError::Gone(from)),
        }
    }

    fn read_archived(&self, from: Sequence, bytes_max: usize) -> Result<Vec<Entry>, ReadError> {
        let files = self.library.files();
        let Some(file) = files.iter().find(|file| file.last >= from) else { return Ok(Vec::new()) };
        let archive = Archive::open(&file.path).map_err(|error| read_error(error, from))?;
        archive.read(from, bytes_max).map_err(|error| read_error(error, from))
    }

    fn pages(
        &self,
        place: &mut Sequence,
        collector: &mut Collector<'_>,
        query: &Query,
    ) -> Result<ControlFlow<()>, SearchError> {
        let (files, first_raw) = (self.library.files(), self.first_raw());
        if query.order == Order::NewestFirst
            && *place >= first_raw
            && scan(&*self.journal, query.order, place, first_raw, collector)?.is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
        let mut in_order: Vec<&ArchiveFile> = files.iter().collect();
        match query.order {
            Order::OldestFirst => in_order.retain(|file| file.last >= *place),
            Order::NewestFirst => {
                in_order.retain(|file| file.first <= *place);
                in_order.reverse();
            }
        }
        let mut rest = &in_order[..];
        let mut ahead = AHEAD_MIN;
        while !rest.is_empty() {
            // The first archives may do; only who needs many waits for many.
            let (some, later) = rest.split_at_checked(ahead).unwrap_or((rest, &[]));
            (rest, ahead) = (later, (2 * ahead).min(AHEAD_MAX));
            for (file, prepared) in some.iter().zip(prepare(some, query)) {
                if collector.is_full() {
                    return Ok(collector.stop_before(*place));
                }
                if prepared?.search(query, *place, collector)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                *place = match query.order {
                    Order::OldestFirst => file.last.next(),
                    Order::NewestFirst => beyond(query.order, file.first),
                };
            }
        }
        if query.order == Order::OldestFirst {
            return scan(&*self.journal, query.order, place, first_raw, collector);
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Search for History {
    fn page(&self, query: &Query, token: Option<&Token>, bounds: Bounds) -> Result<Page, SearchError> {
        let mut place = query.place(token, self.latest())?;
        let mut collector = Collector::new(query, bounds);
        match self.pages(&mut place, &mut collector, query) {
            // What was in the journal is in an archive by now; and an old archive may be gone.
            Err(SearchError::Read(ReadError::Gone(_)) | SearchError::Archive(ArchiveError::Io(_))) => {
                self.library.refresh().map_err(ReadError::Io)?;
                _ = self.pages(&mut place, &mut collector, query)?;
            }
            outcome => _ = outcome?,
        }
        Ok(collector.finish())
    }
}

#[async_trait]
impl Follower for History {
    fn read(&self, from: Sequence, bytes_max: usize) -> Result<Vec<Entry>, ReadError> {
        let from = from.max(Sequence(1));
        match self.read_known(from, bytes_max, false) {
            // What was in the journal is in an archive by now; and an old archive may be gone.
            Err(ReadError::Gone(_)) => {}
            Err(ReadError::Io(error)) if error.kind() == ErrorKind::NotFound => {}
            outcome => return outcome,
        }
        self.library.refresh()?;
        self.read_known(from, bytes_max, true)
    }

    async fn reached(&self, sequence: Sequence) {
        self.journal.reached(sequence).await;
    }

    fn latest(&self) -> Sequence {
        self.journal.latest().max(self.library.last())
    }

    fn earliest(&self) -> Sequence {
        let earliest = self.journal.earliest();
        self.library.files().first().map_or(earliest, |file| file.first.min(earliest))
    }
}

fn read_error(error: ArchiveError, at: Sequence) -> ReadError {
    match error {
        ArchiveError::Io(error) => ReadError::Io(error),
        ArchiveError::Read(error) => error,
        _ => ReadError::Damaged(at),
    }
}

/// An archive, and which of its blocks are to be read.
struct Prepared {
    archive: Archive,
    blocks: Vec<u32>,
}

/// Asks the indexes of archives, several at once: most of the time is spent on waiting for the disk. In the order of `files`.
fn prepare(files: &[&ArchiveFile], query: &Query) -> Vec<Result<Prepared, ArchiveError>> {
    let share = files.len().div_ceil(THREADS);
    if share <= 1 {
        return files.iter().map(|file| Prepared::new(file, query)).collect();
    }
    thread::scope(|scope| {
        let begin = |some| scope.spawn(move || prepare_some(some, query));
        let threads: Vec<_> = files.chunks(share).map(begin).collect();
        let outcomes = threads.into_iter().zip(files.chunks(share));
        // A panic would be a bug; the share is done here then, where it is seen.
        outcomes.flat_map(|(thread, some)| thread.join().unwrap_or_else(|_| prepare_some(some, query))).collect()
    })
}

fn prepare_some(files: &[&ArchiveFile], query: &Query) -> Vec<Result<Prepared, ArchiveError>> {
    files.iter().map(|file| Prepared::new(file, query)).collect()
}

impl Prepared {
    fn new(file: &ArchiveFile, query: &Query) -> Result<Self, ArchiveError> {
        let archive = Archive::open(&file.path)?;
        let footer = archive.footer();
        let is_in_time = query.from.is_none_or(|from| footer.newest() >= from)
            && query.until.is_none_or(|until| footer.oldest() <= until);
        let mut blocks: Vec<u32> = match is_in_time {
            false => Vec::new(),
            true => match archive.candidates(query)? {
                Some(blocks) => blocks.into_iter().map(u32::from).collect(),
                None => (0..footer.blocks).collect(),
            },
        };
        if query.order == Order::NewestFirst {
            blocks.reverse();
        }
        Ok(Self { archive, blocks })
    }

    /// Looks at the records from `place` on that may be wanted, in the query's order.
    fn search(
        &self,
        query: &Query,
        place: Sequence,
        collector: &mut Collector<'_>,
    ) -> Result<ControlFlow<()>, ArchiveError> {
        for block in &self.blocks {
            if search_block(&self.archive, *block, query, place, collector)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn search_block(
    archive: &Archive,
    block: u32,
    query: &Query,
    place: Sequence,
    collector: &mut Collector<'_>,
) -> Result<ControlFlow<()>, ArchiveError> {
    let found = archive.place(block)?;
    let is_beyond = match query.order {
        Order::OldestFirst => found.last() < place,
        Order::NewestFirst => found.first > place,
    };
    let is_in_time =
        query.from.is_none_or(|from| found.newest >= from) && query.until.is_none_or(|until| found.oldest <= until);
    if is_beyond || !is_in_time {
        return Ok(ControlFlow::Continue(()));
    }
    if collector.is_full() {
        let next = if query.order == Order::OldestFirst { found.first.max(place) } else { found.last().min(place) };
        return Ok(collector.stop_before(next));
    }
    let records = archive.records(&found)?;
    let mut entries: Vec<(Sequence, &[u8])> = records.iter().collect();
    match query.order {
        Order::OldestFirst => entries.retain(|(sequence, _)| *sequence >= place),
        Order::NewestFirst => {
            entries.retain(|(sequence, _)| *sequence <= place);
            entries.reverse();
        }
    }
    for (sequence, bytes) in entries {
        if collector.offer(sequence, bytes).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

impl Archive {
    /// The numbers of the blocks that may have records which the query wants, by the index: all that a search reads. `None` when
    /// the index says nothing about the query.
    ///
    /// # Errors
    /// [`ArchiveError`]
    pub fn candidates(&self, query: &Query) -> Result<Option<Vec<u16>>, ArchiveError> {
        let account = query.account.map(|account| vec![term_hash(Field::Account, account.as_str())]);
        let names = query.terms.iter().filter_map(|term| hashes(term, self.footer()));
        let mut candidates: Option<Vec<u16>> = None;
        for any_of in account.into_iter().chain(names) {
            let mut blocks = Vec::new();
            for hash in any_of {
                blocks.extend(self.blocks_with(hash)?);
            }
            blocks.sort_unstable();
            blocks.dedup();
            if let Some(before) = candidates {
                blocks.retain(|block| before.binary_search(block).is_ok());
            }
            let is_empty = blocks.is_empty();
            candidates = Some(blocks);
            if is_empty {
                break;
            }
        }
        Ok(candidates)
    }
}

/// The names, one of which a record with the term has in the index; `None` when the index does not say.
fn hashes(term: &Term, footer: &Footer) -> Option<Vec<TermHash>> {
    let as_request = || term.value.parse::<RequestId>().ok();
    match term.field {
        Field::RequestId => Some(as_request().map(number_hash).into_iter().collect()),
        Field::EventId => {
            let Some(event) = as_request() else { return Some(Vec::new()) };
            if footer.accounts.is_empty() {
                return None;
            }
            // What makes an event's number of a request's makes the request's of the event's.
            let accounts = footer.accounts.iter().filter_map(|account| account.parse().ok());
            let mut numbers: Vec<EventId> = accounts.map(|account| EventId::of(event, account)).collect();
            numbers.push(EventId::shared(event));
            let requests = numbers.iter().filter_map(|number| number.as_str().parse().ok());
            Some(requests.map(number_hash).collect())
        }
        _ => Some(vec![term.hash()]),
    }
}
