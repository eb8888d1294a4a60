//! The tests that every engine passes. An engine's own test module names them all with [`engine_suite!`].
//!
//! Each case gets a fresh, empty engine. No case sleeps or depends on how fast an engine is.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "test code, whoever compiles it"
)]

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::batch::{Batch, BatchError, Expect, KEY_BYTES_MAX, WRITES_MAX};
use crate::engine::{CommitError, Engine, EngineError, Entry, KeyRange, Page, Revision, SCAN_ENTRIES_MAX, Snapshot};
use crate::feed::{Change, ChangeFeed, FeedError, FeedEvent};

/// An empty engine under test.
pub struct Subject {
    engine: Arc<dyn Engine>,
    forget: Box<dyn Fn(Revision) + Send + Sync>,
    is_shared: bool,
    _kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl Subject {
    /// An engine, and how to make it forget the changes up to a revision.
    pub fn new(engine: Arc<dyn Engine>, forget: impl Fn(Revision) + Send + Sync + 'static) -> Self {
        Self { engine, forget: Box::new(forget), is_shared: false, _kept: Vec::new() }
    }

    /// The engine is reached over a network, and others share what is behind it: its revisions grow by more than one now
    /// and then, and its feeds have read some way ahead.
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.is_shared = true;
        self
    }

    /// Asserts that `number` batches lie between two revisions.
    fn assert_apart(&self, number: u64, from: Revision, to: Revision) {
        let apart = to.number() - from.number();
        assert!(apart == number || self.is_shared && apart > number, "{number} batches between {from} and {to}");
    }

    /// Keeps something alive as long as the engine: its directory, its server.
    #[must_use]
    pub fn keeping(mut self, kept: impl Any + Send + Sync) -> Self {
        self._kept.push(Box::new(kept));
        self
    }
}

/// Makes a test of each case of the suite, in a module `suite`. `$fresh` is an async function that gives a
/// [`Subject`].
#[macro_export]
#[doc(hidden)]
macro_rules! engine_suite {
    ($fresh:path) => {
        $crate::engine_suite!($fresh;
            batches_out_of_bounds_are_refused_and_change_nothing,
            a_batch_without_writes_checks_and_takes_no_revision,
            a_closed_engine_refuses_everything_clearly,
            a_feed_goes_on_after_any_revision,
            a_feed_may_be_asked_for_a_revision_still_to_come,
            a_feed_shows_every_change_once_in_order,
            a_feed_that_cannot_go_on_says_so,
            a_feed_wakes_when_something_is_committed,
            a_snapshot_shows_one_revision_while_writes_go_on,
            concurrent_counters_lose_no_increment,
            conditions_decide_whether_a_batch_is_written,
            conflicting_batches_leave_no_trace,
            deleting_what_is_not_there_changes_nothing,
            large_values_end_a_page_early,
            one_of_many_racing_inserts_wins,
            scans_are_ordered_and_paged,
            scrubs_are_not_noticed,
            snapshots_contain_what_was_committed_before,
            the_engine_agrees_with_a_map,
            unusual_keys_and_values_come_back,
            writes_of_one_batch_share_a_revision);
    };
    ($fresh:path; $($case:ident),* $(,)?) => {
        mod suite {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $crate::suite::$case($fresh().await).await;
                }
            )*
        }
    };
}
pub use engine_suite;

async fn put(engine: &dyn Engine, key: &str, value: &str) -> Revision {
    engine.commit(Batch::new().put(key, value)).await.unwrap()
}

async fn read(snapshot: &dyn Snapshot, key: &str) -> Option<String> {
    let stored = snapshot.read(key.as_bytes()).await.unwrap();
    stored.map(|stored| String::from_utf8(stored.value).unwrap())
}

async fn read_now(engine: &dyn Engine, key: &str) -> Option<String> {
    read(&*engine.snapshot().await.unwrap(), key).await
}

async fn scan_all(snapshot: &dyn Snapshot, page_entries: usize) -> Vec<Entry> {
    let (mut range, mut all) = (KeyRange::all(), Vec::new());
    loop {
        let Page { entries, more } = snapshot.scan(&range, page_entries).await.unwrap();
        assert!(entries.len() <= page_entries);
        all.extend(entries);
        if !more {
            return all;
        }
        range = range.after(&all.last().expect("a page with more to follow has an entry").key);
    }
}

async fn next_change(feed: &mut dyn ChangeFeed) -> Arc<Change> {
    loop {
        match feed.next().await.unwrap() {
            FeedEvent::Change(change) => return change,
            FeedEvent::Progress { .. } => {}
        }
    }
}

/// The conditions, each met and unmet.
pub async fn conditions_decide_whether_a_batch_is_written(subject: Subject) {
    let engine = &*subject.engine;
    let old = put(engine, "there", "1").await;
    let now = put(engine, "there", "2").await;
    let cases = [
        ("there", Expect::Absent, false),
        ("there", Expect::Present, true),
        ("there", Expect::WrittenAt(old), false),
        ("there", Expect::WrittenAt(now), true),
        ("there", Expect::WrittenAt(now.next()), false),
        ("missing", Expect::Absent, true),
        ("missing", Expect::Present, false),
        ("missing", Expect::WrittenAt(now), false),
        ("missing", Expect::WrittenAt(Revision::ZERO), false),
    ];
    for (number, (key, expect, holds)) in cases.into_iter().enumerate() {
        let effect = format!("effect{number}");
        let outcome = engine.commit(Batch::new().expect(key, expect).put(effect.as_str(), "x")).await;
        assert_eq!(outcome.is_ok(), holds, "{key} {expect:?}: {outcome:?}");
        assert!(holds || matches!(outcome, Err(CommitError::Conflict)));
        assert_eq!(read_now(engine, &effect).await.is_some(), holds, "{key} {expect:?}");
    }
}

/// All conditions must hold, and a refused batch writes none of its rows.
pub async fn conflicting_batches_leave_no_trace(subject: Subject) {
    let engine = &*subject.engine;
    let before = put(engine, "a", "1").await;
    let batch = Batch::new().expect("a", Expect::Present).expect("b", Expect::Present);
    let outcome = engine.commit(batch.put("c", "1").put("d", "1").delete("a")).await;
    assert!(matches!(outcome, Err(CommitError::Conflict)), "{outcome:?}");
    let snapshot = engine.snapshot().await.unwrap();
    assert_eq!(snapshot.revision(), before);
    assert_eq!(scan_all(&*snapshot, 10).await.len(), 1);
}

/// Checking without writing.
pub async fn a_batch_without_writes_checks_and_takes_no_revision(subject: Subject) {
    let engine = &*subject.engine;
    let now = put(engine, "a", "1").await;
    assert_eq!(engine.commit(Batch::new()).await.unwrap(), now);
    assert_eq!(engine.commit(Batch::new().expect("a", Expect::Present)).await.unwrap(), now);
    assert!(matches!(engine.commit(Batch::new().expect("a", Expect::Absent)).await, Err(CommitError::Conflict)));
    assert_eq!(engine.snapshot().await.unwrap().revision(), now);
}

/// One revision for all writes of a batch, a higher one for the next.
pub async fn writes_of_one_batch_share_a_revision(subject: Subject) {
    let engine = &*subject.engine;
    let first = engine.commit(Batch::new().put("a", "1").put("b", "1")).await.unwrap();
    let second = put(engine, "b", "2").await;
    assert!(first > Revision::ZERO && second > first);
    let entries = scan_all(&*engine.snapshot().await.unwrap(), 10).await;
    assert_eq!(entries.iter().map(|entry| entry.revision).collect::<Vec<_>>(), [first, second]);
}

/// A deletion is idempotent.
pub async fn deleting_what_is_not_there_changes_nothing(subject: Subject) {
    let engine = &*subject.engine;
    engine.commit(Batch::new().delete("a").put("b", "1")).await.unwrap();
    engine.commit(Batch::new().delete("b")).await.unwrap();
    engine.commit(Batch::new().delete("b").put("c", "1")).await.unwrap();
    let entries = scan_all(&*engine.snapshot().await.unwrap(), 10).await;
    assert_eq!(entries.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>(), [b"c"]);
    // A key that was deleted is as free as one that never was.
    engine.commit(Batch::new().expect("b", Expect::Absent).put("b", "2")).await.unwrap();
}

/// The bounds of a batch, named in the error.
pub async fn batches_out_of_bounds_are_refused_and_change_nothing(subject: Subject) {
    let engine = &*subject.engine;
    let many = (0..=WRITES_MAX).fold(Batch::new(), |batch, n| batch.put(format!("k{n}"), "x"));
    let cases = [
        (many, BatchError::TooManyWrites { count: WRITES_MAX + 1 }),
        (Batch::new().put("", "x"), BatchError::EmptyKey),
        (Batch::new().put(vec![b'k'; KEY_BYTES_MAX + 1], "x"), BatchError::KeyTooLong { bytes: KEY_BYTES_MAX + 1 }),
        (Batch::new().put("k", vec![0; 1 << 20]), BatchError::TooManyBytes { bytes: (1 << 20) + 1 }),
        (Batch::new().put("k", "1").put("k", "2"), BatchError::DuplicateKey),
    ];
    for (batch, expected) in cases {
        match engine.commit(batch).await {
            Err(CommitError::Invalid(error)) => assert_eq!(error, expected),
            other => panic!("{expected:?}, but {other:?}"),
        }
    }
    let full = (0..WRITES_MAX).fold(Batch::new(), |batch, n| batch.put(format!("k{n}"), vec![7; 10_000]));
    engine.commit(full).await.unwrap();
    assert_eq!(scan_all(&*engine.snapshot().await.unwrap(), 1000).await.len(), WRITES_MAX);
}

/// Zero bytes, high bytes, the longest key, the empty value.
pub async fn unusual_keys_and_values_come_back(subject: Subject) {
    let engine = &*subject.engine;
    let keys: [&[u8]; 6] = [&[0], &[0, 0], b"a\0b", &[0xff], &[0xff; 20], &[b'k'; KEY_BYTES_MAX]];
    for key in keys {
        engine.commit(Batch::new().put(key, key)).await.unwrap();
    }
    engine.commit(Batch::new().put("empty", "")).await.unwrap();
    let snapshot = engine.snapshot().await.unwrap();
    for key in keys {
        assert_eq!(snapshot.read(key).await.unwrap().unwrap().value, key);
    }
    assert_eq!(read(&*snapshot, "empty").await.as_deref(), Some(""));
    let mut sorted = keys.map(<[u8]>::to_vec).to_vec();
    sorted.push(b"empty".to_vec());
    sorted.sort();
    assert_eq!(scan_all(&*snapshot, 2).await.into_iter().map(|entry| entry.key).collect::<Vec<_>>(), sorted);
}

/// Order, bounds of the range, limits and paging.
pub async fn scans_are_ordered_and_paged(subject: Subject) {
    let engine = &*subject.engine;
    let count = SCAN_ENTRIES_MAX + 100;
    for chunk in (0..count).rev().collect::<Vec<_>>().chunks(WRITES_MAX) {
        let batch = chunk.iter().fold(Batch::new(), |batch, n| batch.put(format!("row/{n:06}"), n.to_string()));
        engine.commit(batch).await.unwrap();
    }
    put(engine, "ro", "before").await;
    put(engine, "row0", "after").await;
    let snapshot = engine.snapshot().await.unwrap();
    for page_entries in [99, 1000] {
        let all = scan_all(&*snapshot, page_entries).await;
        assert_eq!(all.len(), count + 2);
        assert!(all.is_sorted_by(|a, b| a.key < b.key));
    }
    let rows = KeyRange::prefix(b"row/");
    let page = snapshot.scan(&rows, usize::MAX).await.unwrap();
    assert!(page.entries.len() == SCAN_ENTRIES_MAX && page.more);
    let rest = snapshot.scan(&rows.clone().after(&page.entries.last().unwrap().key), usize::MAX).await.unwrap();
    assert!(rest.entries.len() == 100 && !rest.more);
    let exact = snapshot.scan(&rows.clone().after(b"row/001089"), 10).await.unwrap();
    assert!(exact.entries.len() == 10 && !exact.more, "nothing follows a page that ends at the range's end");
    let none = snapshot.scan(&rows.after(b"row/zzz"), 10).await.unwrap();
    assert_eq!(none, Page::default());
    let backwards = KeyRange { start: b"z".to_vec(), end: Some(b"a".to_vec()) };
    assert_eq!(snapshot.scan(&backwards, 10).await.unwrap(), Page::default());
}

/// A page is bounded in bytes, too.
pub async fn large_values_end_a_page_early(subject: Subject) {
    let engine = &*subject.engine;
    for n in 0..10 {
        engine.commit(Batch::new().put(format!("{n}"), vec![n; 1_000_000])).await.unwrap();
    }
    let snapshot = engine.snapshot().await.unwrap();
    let page = snapshot.scan(&KeyRange::all(), 100).await.unwrap();
    assert!(page.more && !page.entries.is_empty() && page.entries.len() < 10, "{}", page.entries.len());
    assert_eq!(scan_all(&*snapshot, 100).await.len(), 10);
}

/// Reads of one snapshot agree with each other whatever happens meanwhile.
pub async fn a_snapshot_shows_one_revision_while_writes_go_on(subject: Subject) {
    let engine = &*subject.engine;
    let batch = (0..50).fold(Batch::new(), |batch, n| batch.put(format!("{n:02}"), "old"));
    let revision = engine.commit(batch).await.unwrap();
    let snapshot = engine.snapshot().await.unwrap();
    let before = scan_all(&*snapshot, 7).await;
    for n in 0..50 {
        engine.commit(Batch::new().put(format!("{n:02}"), "new").put(format!("{n:02}x"), "new")).await.unwrap();
        engine.commit(Batch::new().delete(format!("{:02}", 49 - n))).await.unwrap();
        assert_eq!(read(&*snapshot, &format!("{n:02}")).await.as_deref(), Some("old"));
        assert_eq!(read(&*snapshot, &format!("{n:02}x")).await, None);
    }
    assert_eq!(snapshot.revision(), revision);
    assert_eq!(scan_all(&*snapshot, 7).await, before);
    subject.assert_apart(100, revision, engine.snapshot().await.unwrap().revision());
}

/// No stale reads.
pub async fn snapshots_contain_what_was_committed_before(subject: Subject) {
    let engine = &*subject.engine;
    assert_eq!(engine.snapshot().await.unwrap().revision(), Revision::ZERO);
    for n in 0..50 {
        let revision = put(engine, "k", &n.to_string()).await;
        let snapshot = engine.snapshot().await.unwrap();
        assert!(snapshot.revision() >= revision);
        assert_eq!(read(&*snapshot, "k").await, Some(n.to_string()));
    }
}

/// Many writers that change one key by compare-and-swap, and one key of their own in the same batch.
pub async fn concurrent_counters_lose_no_increment(subject: Subject) {
    let (writers, increments) = (8_u64, 25_u64);
    let tasks = (0..writers).map(|writer| {
        let engine = subject.engine.clone();
        tokio::spawn(async move {
            for _ in 0..increments {
                increment(&*engine, &format!("own{writer}")).await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let snapshot = subject.engine.snapshot().await.unwrap();
    subject.assert_apart(writers * increments, Revision::ZERO, snapshot.revision());
    assert_eq!(read(&*snapshot, "shared").await, Some((writers * increments).to_string()));
    for writer in 0..writers {
        assert_eq!(read(&*snapshot, &format!("own{writer}")).await, Some(increments.to_string()));
    }
}

/// Adds one to the key `shared` and to `own`, trying until no other writer interferes.
async fn increment(engine: &dyn Engine, own: &str) {
    loop {
        let snapshot = engine.snapshot().await.unwrap();
        let mut batch = Batch::new();
        for key in ["shared", own] {
            let stored = snapshot.read(key.as_bytes()).await.unwrap();
            let expect = stored.as_ref().map_or(Expect::Absent, |stored| Expect::WrittenAt(stored.revision));
            let count: u64 = stored.map_or(0, |stored| String::from_utf8(stored.value).unwrap().parse().unwrap());
            batch = batch.expect(key, expect).put(key, (count + 1).to_string());
        }
        match engine.commit(batch).await {
            Ok(_) => return,
            Err(CommitError::Conflict) => tokio::task::yield_now().await,
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Of writers that all want a free key, one gets it.
pub async fn one_of_many_racing_inserts_wins(subject: Subject) {
    for round in 0..20 {
        let tasks = (0..8).map(|writer| {
            let engine = subject.engine.clone();
            let key = format!("key{round}");
            let batch = Batch::new().expect(key.as_str(), Expect::Absent).put(key.as_str(), format!("{writer}"));
            tokio::spawn(async move { (writer, engine.commit(batch).await) })
        });
        let mut winners = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            match task.await.unwrap() {
                (writer, Ok(_)) => winners.push(writer.to_string()),
                (_, Err(CommitError::Conflict)) => {}
                (_, Err(other)) => panic!("{other:?}"),
            }
        }
        assert_eq!(winners, Vec::from_iter(read_now(&*subject.engine, &format!("key{round}")).await));
    }
}

/// The feed is the history: each change, whole, in order, from many writers.
pub async fn a_feed_shows_every_change_once_in_order(subject: Subject) {
    let mut feed = subject.engine.changes(Revision::ZERO).await.unwrap();
    let tasks = (0..4).map(|writer| {
        let engine = subject.engine.clone();
        tokio::spawn(async move {
            let mut written = Vec::new();
            for n in 0..25 {
                let batch = Batch::new().put(format!("{writer}/{n}"), "x").put(format!("{writer}"), n.to_string());
                let batch = if n > 0 { batch.delete(format!("{writer}/{}", n - 1)) } else { batch };
                written.push((engine.commit(batch.clone()).await.unwrap(), batch.writes));
            }
            written
        })
    });
    let mut written = BTreeMap::new();
    for task in tasks.collect::<Vec<_>>() {
        written.extend(task.await.unwrap());
    }
    assert_eq!(written.len(), 100);
    for (revision, writes) in written {
        let change = next_change(&mut *feed).await;
        assert_eq!(change.revision, revision);
        let sorted = |mut writes: Vec<crate::batch::Write>| {
            writes.sort_by(|a, b| a.key.cmp(&b.key));
            writes
        };
        assert_eq!(sorted(change.writes.clone()), sorted(writes));
    }
}

/// A feed starts behind the revision it is given.
pub async fn a_feed_goes_on_after_any_revision(subject: Subject) {
    let engine = &*subject.engine;
    let mut revisions = Vec::new();
    for n in 0..10 {
        revisions.push(put(engine, "k", &n.to_string()).await);
    }
    for pair in revisions.windows(2) {
        let mut feed = engine.changes(pair[0]).await.unwrap();
        assert_eq!(next_change(&mut *feed).await.revision, pair[1]);
    }
}

/// A snapshot may be ahead of the feed; following it from there shows what comes after.
pub async fn a_feed_may_be_asked_for_a_revision_still_to_come(subject: Subject) {
    let engine = &*subject.engine;
    let ahead = Revision::new(put(engine, "k", "0").await.number() + 2);
    let mut feed = engine.changes(ahead).await.unwrap();
    let mut revisions = Vec::new();
    while revisions.last().is_none_or(|last| *last <= ahead) {
        revisions.push(put(engine, "k", "1").await);
    }
    assert!(revisions.len() == 3 || subject.is_shared);
    assert_eq!(Some(next_change(&mut *feed).await.revision), revisions.pop());
}

/// A reader that waits is woken, and dropping its wait loses nothing.
pub async fn a_feed_wakes_when_something_is_committed(subject: Subject) {
    let mut feed = subject.engine.changes(Revision::ZERO).await.unwrap();
    {
        let mut wait = std::pin::pin!(feed.next());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(wait.as_mut().poll(&mut context).is_pending());
    }
    let waiting = tokio::spawn(async move { next_change(&mut *feed).await });
    let revision = put(&*subject.engine, "k", "v").await;
    assert_eq!(waiting.await.unwrap().revision, revision);
}

/// A gap is an error, never a silent skip.
pub async fn a_feed_that_cannot_go_on_says_so(subject: Subject) {
    let engine = &*subject.engine;
    let mut slow = engine.changes(Revision::ZERO).await.unwrap();
    let mut revisions = Vec::new();
    for n in 0..10 {
        revisions.push(put(engine, "k", &n.to_string()).await);
    }
    assert_eq!(next_change(&mut *slow).await.revision, revisions[0]);
    (subject.forget)(revisions[4]);
    let next = slow.next().await;
    let has_read_ahead = |change: &Change| subject.is_shared && change.revision == revisions[1];
    assert!(
        matches!(next, Err(FeedError::Compacted { .. }))
            || matches!(&next, Ok(FeedEvent::Change(change)) if has_read_ahead(change)),
        "{next:?}"
    );
    let mut late = engine.changes(revisions[3]).await.unwrap();
    assert!(matches!(late.next().await, Err(FeedError::Compacted { .. })));
    let mut resumed = engine.changes(revisions[4]).await.unwrap();
    assert_eq!(next_change(&mut *resumed).await.revision, revisions[5]);
}

/// After `close` each call says `Closed`, also on what was taken before.
pub async fn a_closed_engine_refuses_everything_clearly(subject: Subject) {
    let engine = &*subject.engine;
    put(engine, "k", "v").await;
    let snapshot = engine.snapshot().await.unwrap();
    let mut feed = engine.changes(Revision::new(1)).await.unwrap();
    engine.health().await.unwrap();
    engine.close().await.unwrap();
    engine.close().await.unwrap();
    let outcomes = [
        engine.snapshot().await.err(),
        engine.changes(Revision::ZERO).await.err(),
        engine.health().await.err(),
        engine.scrub().await.err(),
        match engine.commit(Batch::new().put("k", "w")).await {
            Err(CommitError::Engine(error)) => Some(error),
            other => panic!("{other:?}"),
        },
        match feed.next().await {
            Err(FeedError::Engine(error)) => Some(error),
            other => panic!("{other:?}"),
        },
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Some(EngineError::Closed)), "{outcome:?}");
    }
    // What the snapshot has in memory it may still give.
    let late = snapshot.read(b"k").await;
    assert!(matches!(late, Ok(Some(_)) | Err(EngineError::Closed)), "{late:?}");
}

/// Random batches against a map that does the same, checked step by step.
pub async fn the_engine_agrees_with_a_map(subject: Subject) {
    let engine = &*subject.engine;
    let mut model = Model::default();
    let mut random = Steps(0x6b61_6769_6261_6e00);
    let mut feed = engine.changes(Revision::ZERO).await.unwrap();
    let mut old: Vec<(Box<dyn Snapshot>, Vec<Entry>)> = Vec::new();
    for step in 0..400 {
        let batch = model.random_batch(&mut random);
        let outcome = match engine.commit(batch.clone()).await {
            Ok(revision) => Some(revision),
            Err(CommitError::Conflict) => None,
            Err(other) => panic!("step {step}: {other:?}"),
        };
        let before = model.revision;
        assert_eq!(model.commit(&batch, outcome), outcome, "step {step}: {batch:?}");
        let written = outcome.is_some() && !batch.writes.is_empty();
        subject.assert_apart(u64::from(written), before, model.revision);
        if written {
            assert_eq!(next_change(&mut *feed).await.writes.len(), batch.writes.len(), "step {step}");
        }
        if step % 20 == 0 {
            let snapshot = engine.snapshot().await.unwrap();
            assert_eq!(scan_all(&*snapshot, 5).await, model.entries(), "step {step}");
            old.push((snapshot, model.entries()));
            old.drain(..old.len().saturating_sub(3));
            for (snapshot, entries) in &old {
                assert_eq!(scan_all(&**snapshot, 7).await, *entries, "step {step}");
            }
        }
    }
    assert!(model.conflicts > 20 && model.revision.number() > 100, "the steps must reach both outcomes");
}

/// Scrubs between and during writes: the rows, their revisions, the feed and a snapshot taken before are as without.
pub async fn scrubs_are_not_noticed(subject: Subject) {
    let engine = &*subject.engine;
    let (mut model, mut random) = (Model::default(), Steps(0x7363_7275_6200));
    for first in (0..2000).step_by(100) {
        let rows = (first..first + 100).fold(Batch::new(), |batch, n| batch.put(format!("{n:05}"), vec![1; 700]));
        let revision = engine.commit(rows.clone()).await.unwrap();
        assert_eq!(model.commit(&rows, Some(revision)), Some(revision));
    }
    let mut feed = engine.changes(model.revision).await.unwrap();
    for round in 0..3 {
        let (before, expected) = (engine.snapshot().await.unwrap(), model.entries());
        let writing = async {
            for step in 0..60 {
                let batch = model.batch_anywhere(&mut random);
                let revision = engine.commit(batch.clone()).await.unwrap();
                assert_eq!(Some(revision), model.commit(&batch, Some(revision)), "{round} {step}");
                let change = next_change(&mut *feed).await;
                assert_eq!((change.revision, &change.writes), (revision, &batch.writes), "{round} {step}");
            }
            assert_eq!(scan_all(&*before, 999).await, expected, "{round}");
            drop(before);
        };
        let ((), scrubbed) = tokio::join!(writing, engine.scrub());
        scrubbed.unwrap();
        assert_eq!(scan_all(&*engine.snapshot().await.unwrap(), 999).await, model.entries(), "{round}");
    }
}

/// What an engine is, without anything else it must do.
#[derive(Default)]
struct Model {
    rows: BTreeMap<Vec<u8>, (Vec<u8>, Revision)>,
    revision: Revision,
    conflicts: usize,
}

impl Model {
    /// Writes to keys from the first to the last.
    fn batch_anywhere(&self, random: &mut Steps) -> Batch {
        let mut batch = Batch::new();
        for third in 0..3 {
            let key = format!("{:05}", third * 700 + random.below(700)).into_bytes();
            let deletes = random.below(2) == 0 && self.rows.contains_key(&key);
            let value = vec![2; random.below(9000) as usize];
            batch = if deletes { batch.delete(key) } else { batch.put(key, value) };
        }
        batch
    }

    fn random_batch(&self, random: &mut Steps) -> Batch {
        let mut batch = Batch::new();
        for _ in 0..random.below(3) {
            let key = random.key();
            let found = self.rows.get(&key).map(|(_, revision)| *revision);
            let likely = found.map_or(Expect::Absent, Expect::WrittenAt);
            let rare = [Expect::Absent, Expect::Present, Expect::WrittenAt(Revision::new(random.below(50)))];
            let expect = if random.below(5) > 0 { likely } else { rare[random.below(3) as usize] };
            batch = batch.expect(key, expect);
        }
        for _ in 0..random.below(4) {
            let key = random.key();
            if batch.writes.iter().any(|write| write.key == key) {
                continue;
            }
            let value = vec![random.below(256) as u8; random.below(300) as usize];
            // Deletions of absent keys have a test of their own: engines may count them differently.
            let deletes = random.below(3) == 0 && self.rows.contains_key(&key);
            batch = if deletes { batch.delete(key) } else { batch.put(key, value) };
        }
        batch
    }

    /// Does the same as an engine that answered with `outcome`, and returns what it should have answered.
    fn commit(&mut self, batch: &Batch, outcome: Option<Revision>) -> Option<Revision> {
        let found = |key: &Vec<u8>| self.rows.get(key).map(|(_, revision)| *revision);
        if !batch.conditions.iter().all(|condition| condition.expect.holds(found(&condition.key))) {
            self.conflicts += 1;
            return None;
        }
        if !batch.writes.is_empty() {
            // An engine that wrote nothing would be found out by what it answered.
            self.revision = outcome.unwrap_or(self.revision.next());
        }
        for write in &batch.writes {
            match &write.value {
                Some(value) => _ = self.rows.insert(write.key.clone(), (value.clone(), self.revision)),
                None => _ = self.rows.remove(&write.key),
            }
        }
        Some(self.revision)
    }

    fn entries(&self) -> Vec<Entry> {
        let entry = |(key, (value, revision)): (&Vec<u8>, &(Vec<u8>, Revision))| Entry {
            key: key.clone(),
            value: value.clone(),
            revision: *revision,
        };
        self.rows.iter().map(entry).collect()
    }
}

/// Repeatable randomness (xorshift64), so that a failing step is found again.
pub(crate) struct Steps(pub(crate) u64);

impl Steps {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn key(&mut self) -> Vec<u8> {
        let length = 1 + self.below(3) as usize;
        (0..length).map(|_| [b'a', b'b', 0, 0xff][self.below(4) as usize]).collect()
    }
}
