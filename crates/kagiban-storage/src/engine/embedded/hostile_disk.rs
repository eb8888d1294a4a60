//! The embedded engine on a disk that fails, fills up, and loses power.
//!
//! The disk remembers every write and every sync. From that memory comes each image that a loss of power may leave:
//! what was synced, and of the rest any part in any order, torn at sectors.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use redb::StorageBackend;

use super::*;
use crate::engine::Entry;
use crate::feed::FeedEvent;
use crate::suite::Steps;

const SECTOR: usize = 512;

#[derive(Clone, Debug)]
enum Event {
    /// A writer was told that its batch is durable.
    Acknowledged(Revision),
    SetLen(usize),
    Sync,
    Write(usize, Vec<u8>),
}

/// Which call to the disk fails, and how. After it every call fails, as on a disk that is gone, or only this one.
#[derive(Clone, Copy, Debug)]
struct Failure {
    at: usize,
    errno: i32,
    /// Of a write that fails, so many bytes arrive.
    arrives: usize,
    stays: bool,
}

const ENOSPC: i32 = 28;
const EIO: i32 = 5;
/// Not an error but a panic, as of a bug below.
const PANIC: i32 = -1;

#[derive(Debug, Default)]
struct Platter {
    live: Vec<u8>,
    events: Vec<Event>,
    calls: usize,
    failure: Option<Failure>,
}

#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<Platter>>);

impl Disk {
    fn holding(image: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(Platter { live: image, ..Platter::default() })))
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap()
    }

    fn acknowledge(&self, revision: Revision) {
        self.platter().events.push(Event::Acknowledged(revision));
    }

    /// From now on the call `failure.at` (0 is the next) fails.
    fn fail(&self, failure: Failure) {
        let mut platter = self.platter();
        platter.failure = Some(Failure { at: platter.calls + failure.at, ..failure });
    }

    fn has_failed(&self) -> bool {
        let platter = self.platter();
        platter.failure.is_some_and(|failure| platter.calls > failure.at)
    }
}

impl Platter {
    /// Counts a call that changes the disk; the failure it meets, if any.
    fn call(&mut self) -> Option<Failure> {
        let (call, failure) = (self.calls, self.failure?);
        self.calls += 1;
        (call == failure.at || (failure.stays && call > failure.at)).then_some(failure)
    }

    fn apply(&mut self, event: Event) {
        apply(&mut self.live, &event);
        self.events.push(event);
    }
}

fn apply(image: &mut Vec<u8>, event: &Event) {
    match event {
        Event::SetLen(length) => image.resize(*length, 0),
        Event::Write(offset, data) => {
            image.resize(image.len().max(offset + data.len()), 0);
            image[*offset..offset + data.len()].copy_from_slice(data);
        }
        Event::Acknowledged(_) | Event::Sync => {}
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.platter().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        let platter = self.platter();
        let found = platter.live.get(offset..offset + out.len());
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut platter = self.platter();
        if let Some(failure) = platter.call() {
            return Err(io::Error::from_raw_os_error(failure.errno));
        }
        platter.apply(Event::SetLen(usize::try_from(len).unwrap()));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut platter = self.platter();
        if let Some(failure) = platter.call() {
            return Err(io::Error::from_raw_os_error(failure.errno));
        }
        platter.apply(Event::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let (mut platter, offset) = (self.platter(), usize::try_from(offset).unwrap());
        if let Some(failure) = platter.call() {
            if failure.errno == PANIC {
                drop(platter);
                panic!("as the test wants it");
            }
            platter.apply(Event::Write(offset, data[..failure.arrives.min(data.len())].to_vec()));
            return Err(io::Error::from_raw_os_error(failure.errno));
        }
        platter.apply(Event::Write(offset, data.to_vec()));
        Ok(())
    }
}

fn create(disk: &Disk) -> EmbeddedEngine {
    let database = file::builder().create_with_backend(disk.clone()).unwrap();
    file::fill(&database, &Batch::new()).unwrap();
    EmbeddedEngine::start(Path::new("disk"), database, None).unwrap()
}

fn open(image: Vec<u8>) -> Result<EmbeddedEngine, OpenError> {
    let path = Path::new("disk");
    let database = file::builder().create_with_backend(Disk::holding(image));
    EmbeddedEngine::start(path, database.map_err(|error| file::open_error(error, path))?, None)
}

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

async fn rows_of(engine: &EmbeddedEngine) -> Result<(Revision, Rows), EngineError> {
    let snapshot = engine.snapshot().await?;
    let page = snapshot.scan(&KeyRange::all(), SCAN_ENTRIES_MAX).await?;
    assert!(!page.more);
    let rows = page.entries.into_iter().map(|Entry { key, value, .. }| (key, value));
    Ok((snapshot.revision(), rows.collect()))
}

/// Batches that grow, shrink and rewrite the file: new rows, deletions, values from nothing to several pages.
fn random_batch(steps: &mut Steps, tag: u64) -> Batch {
    let mut batch = Batch::new().put(format!("last{tag}"), steps.below(1_000_000).to_string());
    for _ in 0..steps.below(6) {
        let key = format!("{tag}/{}", steps.below(40));
        if batch.writes.iter().any(|write| write.key == key.as_bytes()) {
            continue;
        }
        let length = [0, 10, 100, 1000, 20_000][usize::try_from(steps.below(5)).unwrap()];
        batch = if steps.below(3) == 0 { batch.delete(key) } else { batch.put(key, vec![b'v'; length]) };
    }
    batch
}

/// What the store held at each revision, from its feed.
async fn states_of(engine: &EmbeddedEngine, last: Revision) -> Vec<Rows> {
    let mut feed = engine.changes(Revision::ZERO).await.unwrap();
    let mut states = vec![Rows::new()];
    while states.len() <= usize::try_from(last.number()).unwrap() {
        let FeedEvent::Change(change) = feed.next().await.unwrap() else { continue };
        let mut rows = states.last().unwrap().clone();
        change.writes.iter().for_each(|write| match &write.value {
            Some(value) => _ = rows.insert(write.key.clone(), value.clone()),
            None => _ = rows.remove(&write.key),
        });
        states.push(rows);
    }
    states
}

/// How the part of the disk's work that was not synced meets a loss of power.
#[derive(Clone, Copy, Debug)]
enum Loss {
    /// Of every write any sectors arrive, in any order.
    AnyParts,
    /// All arrive but the last one, of which only the first sectors do.
    LastIsTorn,
    /// The last one overtakes all others, none of which arrives.
    OnlyLast,
}

/// What is left after power was lost behind `unsynced`: all that was synced, and parts of the rest.
fn crash_image(base: &[u8], unsynced: &[Event], loss: Loss, steps: &mut Steps) -> Vec<u8> {
    let mut image = base.to_vec();
    match (loss, unsynced.split_last()) {
        (_, None) => {}
        (Loss::AnyParts, _) => any_parts(&mut image, unsynced, steps),
        (Loss::LastIsTorn, Some((last, others))) => {
            others.iter().for_each(|event| apply(&mut image, event));
            if let Event::Write(offset, data) = last {
                let sectors = steps.below(data.len().div_ceil(SECTOR) as u64 + 1);
                let arrived = data.len().min(usize::try_from(sectors).unwrap() * SECTOR);
                apply(&mut image, &Event::Write(*offset, data[..arrived].to_vec()));
            }
        }
        (Loss::OnlyLast, Some((last, _))) => apply(&mut image, last),
    }
    image
}

fn any_parts(image: &mut Vec<u8>, unsynced: &[Event], steps: &mut Steps) {
    // Sometimes all or nothing arrives, else each part with the same chance.
    let chance = [0, 20, 50, 80, 100][usize::try_from(steps.below(5)).unwrap()];
    for event in unsynced {
        match event {
            Event::Write(offset, data) => {
                for (sector, part) in data.chunks(SECTOR).enumerate() {
                    if steps.below(100) < chance {
                        apply(image, &Event::Write(offset + sector * SECTOR, part.to_vec()));
                    }
                }
            }
            event if steps.below(100) < chance => apply(image, event),
            _ => {}
        }
    }
}

/// Histories of a disk that are cut off at each of their events. `KAGIBAN_TORN_ROUNDS` makes it more than the daily one, and
/// then more images of each cut.
fn torn_rounds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a switch for long runs by hand")]
    std::env::var("KAGIBAN_TORN_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap())
}

/// Several writers; power lost at every event of the disk. What was acknowledged is there, and the store is as it was
/// at one of its revisions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_image_left_by_a_loss_of_power_opens_with_all_that_was_acknowledged() {
    let (rounds, mut all) = (torn_rounds(), 0);
    for round in 0..rounds {
        let (disk, created, states) = written_by_several(round).await;
        let events = disk.platter().events.clone();
        let mut steps = Steps(42 + round);
        let (images, behind) =
            cut_everywhere(&events, created, &states, &mut steps, if rounds > 1 { 3 } else { 1 }).await;
        assert!(images > 500 && behind > 10, "{images} images, {behind} ahead of the acknowledgements");
        all += images;
        if rounds > 1 {
            println!("round {round} of {rounds}: {all} images opened");
        }
    }
}

/// A disk that four writers have written to, how many events it had before, and what the store held at each revision.
async fn written_by_several(round: u64) -> (Disk, usize, Vec<Rows>) {
    let disk = Disk::default();
    let engine = Arc::new(create(&disk));
    let created = disk.platter().events.len();
    let tasks = (1..=4).map(|writer| {
        let (engine, disk) = (engine.clone(), disk.clone());
        tokio::spawn(async move {
            let mut steps = Steps((round * 4 + writer) * 7919);
            for _ in 0..25 {
                let revision = engine.commit(random_batch(&mut steps, writer)).await.unwrap();
                disk.acknowledge(revision);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let states = states_of(&engine, Revision::new(100)).await;
    (disk, created, states)
}

/// Opens so many images of each kind that a loss of power behind any event may leave. Returns how many, and how many of them
/// held more than was acknowledged.
async fn cut_everywhere(
    events: &[Event],
    created: usize,
    states: &[Rows],
    steps: &mut Steps,
    images_each: usize,
) -> (usize, usize) {
    let (mut synced, mut unsynced_from, mut acknowledged) = (Vec::new(), 0, Revision::ZERO);
    let (mut behind, mut images) = (0, 0);
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Sync => {
                events[unsynced_from..at].iter().for_each(|event| apply(&mut synced, event));
                unsynced_from = at + 1;
            }
            Event::Acknowledged(revision) => acknowledged = acknowledged.max(*revision),
            Event::SetLen(_) | Event::Write(..) => {}
        }
        if at < created {
            continue;
        }
        let more: &[Loss] = if matches!(event, Event::Write(..)) { &[Loss::LastIsTorn, Loss::OnlyLast] } else { &[] };
        for loss in [Loss::AnyParts].iter().chain(more).flat_map(|loss| std::iter::repeat_n(*loss, images_each)) {
            let image = crash_image(&synced, &events[unsynced_from..=at], loss, steps);
            let opened = open(image).unwrap_or_else(|error| panic!("event {at}, {loss:?}: {error:?}"));
            let (revision, rows) = rows_of(&opened).await.unwrap();
            assert!(revision >= acknowledged, "event {at}, {loss:?}: {revision} is before {acknowledged}");
            assert_eq!(rows, states[usize::try_from(revision.number()).unwrap()], "event {at}, {loss:?}");
            opened.commit(Batch::new().put("on", "we go")).await.unwrap();
            (behind, images) = (behind + usize::from(revision > acknowledged), images + 1);
        }
    }
    (images, behind)
}

/// Every call to the disk fails once, in several ways. The answers are honest, and the file opens again.
#[tokio::test]
async fn a_disk_that_fails_at_any_call_costs_no_acknowledged_write() {
    let failures = [(ENOSPC, 0, true), (ENOSPC, 700, false), (EIO, 0, false), (EIO, 100_000, true)];
    let (mut refused, mut unknown) = (0, 0);
    for (errno, arrives, stays) in failures {
        for at in 0.. {
            match fail_once(Failure { at, errno, arrives, stays }).await {
                None => break,
                Some(CommitError::OutcomeUnknown { .. }) => unknown += 1,
                Some(_) => refused += 1,
            }
        }
    }
    assert!(refused > 10 && unknown > 10, "{refused} refused, {unknown} unknown");
}

/// Writes until the disk fails; `None` if it did not get as far as the failure. Returns what the writer was told.
async fn fail_once(failure: Failure) -> Option<CommitError> {
    let disk = Disk::default();
    let engine = create(&disk);
    disk.fail(failure);
    let mut steps = Steps(4711);
    let (mut told, mut attempted) = (None, None);
    for n in 0..6 {
        // Large enough to make the file grow, which redb does before it commits.
        let batch = random_batch(&mut steps, 1).put(format!("large{n}"), vec![b'l'; 400_000]);
        match engine.commit(batch.clone()).await {
            Ok(_) => {}
            Err(error) => {
                (told, attempted) = (Some(error), Some(batch));
                break;
            }
        }
    }
    let Some(told) = told else {
        assert!(!disk.has_failed(), "{failure:?}: the disk failed and nobody was told");
        return None;
    };
    let committed = engine.shared.history.latest();
    let before = states_of(&engine, committed).await.pop().unwrap();
    let after = attempted.map(|batch| with(&before, &batch)).unwrap();
    assert_refuses_writes(&engine, &told, failure).await;
    if let Ok((revision, rows)) = rows_of(&engine).await {
        let known = if revision == committed { &before } else { &after };
        assert_eq!(rows, *known, "{failure:?}: reads go on as they were or fail");
    }
    drop(engine);
    // Whether the process ends and the next one finds what the system had, or power goes as well.
    let events = disk.platter().events.clone();
    let sync = events.iter().rposition(|event| matches!(event, Event::Sync)).unwrap();
    let mut synced = Vec::new();
    events[..sync].iter().for_each(|event| apply(&mut synced, event));
    let mut images = vec![disk.platter().live.clone()];
    images.extend((0..3).map(|_| crash_image(&synced, &events[sync..], Loss::AnyParts, &mut steps)));
    for image in images {
        let opened = open(image).unwrap_or_else(|error| panic!("{failure:?}: {error:?}"));
        let (revision, rows) = rows_of(&opened).await.unwrap();
        let possible = matches!(told, CommitError::OutcomeUnknown { .. });
        let expected = if possible && revision > committed { &after } else { &before };
        assert_eq!(rows, *expected, "{failure:?}: {told:?}");
        opened.commit(Batch::new().put("on", "we go")).await.unwrap();
    }
    Some(told)
}

/// A bug in the layers below costs the engine, not the process, and nobody waits for ever.
#[tokio::test]
async fn a_panic_below_fails_the_engine_and_answers_everybody() {
    let disk = Disk::default();
    let engine = create(&disk);
    engine.commit(Batch::new().put("before", "x")).await.unwrap();
    disk.fail(Failure { at: 0, errno: PANIC, arrives: 0, stays: false });
    let told = engine.commit(Batch::new().put("k", "v")).await;
    let Err(CommitError::OutcomeUnknown { cause: EngineError::Failed { .. } }) = told else { panic!("{told:?}") };
    let later = engine.commit(Batch::new().put("later", "x")).await;
    assert!(matches!(later, Err(CommitError::Engine(EngineError::Failed { .. }))), "{later:?}");
    assert!(matches!(engine.health().await, Err(EngineError::Failed { .. })));
    assert!(matches!(engine.snapshot().await, Err(EngineError::Failed { .. })));
    engine.close().await.unwrap();
    drop(engine);
    let reopened = open(disk.platter().live.clone()).unwrap();
    assert!(rows_of(&reopened).await.unwrap().1.contains_key(&b"before"[..]));
}

fn with(rows: &Rows, batch: &Batch) -> Rows {
    let mut rows = rows.clone();
    batch.writes.iter().for_each(|write| match &write.value {
        Some(value) => _ = rows.insert(write.key.clone(), value.clone()),
        None => _ = rows.remove(&write.key),
    });
    rows
}

async fn assert_refuses_writes(engine: &EmbeddedEngine, told: &CommitError, failure: Failure) {
    let cause = match told {
        CommitError::Engine(cause) | CommitError::OutcomeUnknown { cause } => cause,
        other => panic!("{failure:?}: {other:?}"),
    };
    assert!(matches!(cause, EngineError::Io(io) if io.raw_os_error() == Some(failure.errno)), "{failure:?}: {told:?}");
    let later = engine.commit(Batch::new().put("later", "x")).await;
    assert!(matches!(later, Err(CommitError::Engine(EngineError::Failed { .. }))), "{failure:?}: {later:?}");
    assert!(matches!(engine.health().await, Err(EngineError::Failed { .. })), "{failure:?}");
}

/// One flipped bit anywhere in the file: refused as damaged, or of no effect. Never a panic, never other rows.
#[tokio::test]
async fn a_flipped_bit_is_found_or_harmless() {
    let disk = Disk::default();
    let engine = create(&disk);
    let mut steps = Steps(99);
    for _ in 0..10 {
        engine.commit(random_batch(&mut steps, 1)).await.unwrap();
    }
    let expected = rows_of(&engine).await.unwrap();
    let in_use = disk.platter().live.clone();
    engine.close().await.unwrap();
    let closed = disk.platter().live.clone();
    for (state, image) in [("in use", in_use), ("closed", closed)] {
        // Each bit of redb's head, and a sample of the rest.
        let head = (0..320 * 8).chain((320..4096).step_by(7).map(|at| at * 8 + at % 8));
        let pages = (0..800).map(|_| usize::try_from(steps.below(image.len() as u64 * 8)).unwrap());
        let mut refused = 0;
        for bit in head.chain(pages.collect::<Vec<_>>()) {
            refused += usize::from(is_refused_with_flipped(bit, &image, &expected, state).await);
        }
        assert!(refused > 100, "{refused}");
    }
}

/// The one bit of the file that nothing guards: which of its two commit slots is valid. Flipped in a file that was not
/// closed, it looks like a commit that was not finished, and takes the last one back.
const PRIMARY_BIT: usize = 9 * 8;

async fn is_refused_with_flipped(bit: usize, image: &[u8], expected: &(Revision, Rows), state: &str) -> bool {
    let mut damaged = image.to_vec();
    damaged[bit / 8] ^= 1 << (bit % 8);
    match open(damaged) {
        Err(OpenError::Damaged { .. } | OpenError::NotAStore { .. } | OpenError::NewerFormat { .. }) => true,
        Err(other) => panic!("bit {} of byte {}, {state}: {other:?}", bit % 8, bit / 8),
        Ok(opened) => {
            let (revision, rows) = rows_of(&opened).await.unwrap();
            if (bit, state) == (PRIMARY_BIT, "in use") {
                assert_eq!(revision.next(), expected.0, "then this test and the engine's head can say more");
            } else {
                assert_eq!((revision, rows), *expected, "bit {} of byte {}, {state}", bit % 8, bit / 8);
            }
            false
        }
    }
}

/// A file cut short anywhere is refused, or of no effect where only free space is gone.
#[tokio::test]
async fn a_file_cut_short_is_found_or_harmless() {
    let disk = Disk::default();
    let engine = create(&disk);
    let mut steps = Steps(5);
    for _ in 0..10 {
        engine.commit(random_batch(&mut steps, 1)).await.unwrap();
    }
    let (revision, rows) = rows_of(&engine).await.unwrap();
    engine.close().await.unwrap();
    let image = disk.platter().live.clone();
    let mut refused = 0;
    for length in (1..image.len()).step_by(image.len() / 300 + 1).chain([1, 8, 9, 10, 63, 64, 320, 4095, 4096]) {
        match open(image[..length].to_vec()) {
            Err(OpenError::Damaged { .. }) => refused += 1,
            Err(other) => panic!("{length} bytes: {other:?}"),
            Ok(opened) => assert_eq!(rows_of(&opened).await.unwrap(), (revision, rows.clone()), "{length} bytes"),
        }
    }
    assert!(refused > 100, "{refused}");
}
