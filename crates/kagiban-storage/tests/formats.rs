//! A store on its way from one format to another and back, with writers at work.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use kagiban_base::time::Timestamp;
use kagiban_storage::engine::KeyRange;
use kagiban_storage::format::{FormatRecord, FormatRowKey, Phase};
use kagiban_storage::rewriting::{self, RewritingRecord, StepError};
use kagiban_storage::{
    Engine, Format, Formats, KeyError, KeyReader, KeyWriter, MemoryEngine, Row, RowError, RowKey, Store, StoreError,
    Table, Transaction, row,
};

/// A row that is written as text in format 1, and as a byte in format 2.
#[derive(Clone, Debug, PartialEq)]
struct Count(u8);

struct Name(u32);

impl RowKey for Name {
    fn write(&self, key: &mut KeyWriter) {
        key.number(u64::from(self.0));
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(u32::try_from(key.number()?).unwrap()))
    }
}

impl Row for Count {
    const TABLE: Table = Table::new("count");
    const VERSION: u8 = 5;
    type Key = Name;

    fn version_in(format: Format) -> u8 {
        if format == Format(1) { 4 } else { 5 }
    }

    fn encode(&self, version: u8) -> Result<Vec<u8>, RowError> {
        Ok(if version == 4 { self.0.to_string().into_bytes() } else { vec![self.0] })
    }

    fn decode(version: u8, body: &[u8]) -> Result<Self, RowError> {
        match (version, body) {
            (5, [count]) => Ok(Self(*count)),
            (4, text) => Ok(Self(std::str::from_utf8(text).unwrap().parse().unwrap())),
            other => Err(RowError::malformed(format!("{other:?}"))),
        }
    }
}

const NOW: Timestamp = Timestamp::from_unix_ms(5);

fn convert(key: &[u8], stored: &[u8], format: Format) -> Result<Option<Vec<u8>>, RowError> {
    match Table::name_in(key) {
        Some("count") => row::convert::<Count>(stored, format),
        _ => Ok(None),
    }
}

async fn add(store: &Store, name: u32) -> Result<(), StoreError> {
    let body = |tx: Transaction| async move {
        let count = tx.read::<Count>(&Name(name)).await?.map_or(0, |Count(count)| count);
        // Somebody else has a turn before the commit.
        tokio::task::yield_now().await;
        tx.put(&Name(name), &Count(count + 1))
    };
    store.transact("Add", body).await.map(drop)
}

async fn step(store: &Store, step: &str) -> Result<(), StepError> {
    let body = |tx: Transaction| async move {
        match step {
            "start" => rewriting::start(&tx, store.formats(), NOW).await,
            "revert" => rewriting::revert(&tx, NOW).await,
            _ => rewriting::finish(&tx, NOW).await,
        }
    };
    store.transact::<_, StoreError, _, _>("Step", body).await.unwrap().0
}

async fn state(store: &Store) -> (FormatRecord, RewritingRecord) {
    let body = |tx: Transaction| async move { rewriting::state(&tx).await };
    store.transact::<_, StoreError, _, _>("State", body).await.unwrap().0
}

async fn rewrite(store: &Store) {
    while store.rewrite_page(&convert, NOW).await.unwrap() {
        for _ in 0..40 {
            tokio::task::yield_now().await;
        }
    }
}

/// The versions of all counts, and their sum.
async fn counts(engine: &MemoryEngine) -> (Vec<u8>, usize) {
    let (snapshot, mut range) = (engine.snapshot().await.unwrap(), KeyRange::prefix(b"count\0"));
    let (mut versions, mut sum) = (Vec::new(), 0);
    loop {
        let page = snapshot.scan(&range, 1000).await.unwrap();
        for entry in &page.entries {
            versions.push(entry.value[0]);
            sum += usize::from(row::decode::<Count>(&entry.value).unwrap().0);
        }
        match page.entries.last() {
            Some(last) if page.more => range = range.after(&last.key),
            _ => break,
        }
    }
    versions.sort_unstable();
    versions.dedup();
    (versions, sum)
}

/// Writers of several processes never leave a row of the other format behind those that write rows anew.
#[tokio::test]
async fn writers_at_work_leave_no_row_of_the_other_format() {
    let engine = MemoryEngine::new();
    let stores: Vec<_> = (0..3).map(|_| Store::new(Arc::new(engine.clone()))).collect();
    for name in 0..700 {
        add(&stores[0], name).await.unwrap();
    }
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let store = stores[writer as usize].clone();
            tokio::spawn(async move {
                for turn in 0..800_u32 {
                    add(&store, (turn * 37 + writer * 11) % 900).await.unwrap();
                }
            })
        })
        .collect();
    for (round, (next, version)) in [("start", 5), ("revert", 4), ("start", 5)].into_iter().enumerate() {
        step(&stores[round], next).await.unwrap();
        // Two do it at once.
        let other = stores[(round + 1) % 3].clone();
        let beside = tokio::spawn(async move { rewrite(&other).await });
        rewrite(&stores[round]).await;
        beside.await.unwrap();
        assert_eq!(counts(&engine).await.0, [version], "{round}");
    }
    for writer in writers {
        writer.await.unwrap();
    }
    step(&stores[2], "finish").await.unwrap();
    assert_eq!(counts(&engine).await, (vec![5], 700 + 3 * 800), "nothing was lost or done twice");
    let (format, progress) = state(&stores[0]).await;
    assert_eq!((format.number, format.phase, format.change), (Format(2), Phase::Settled, 3));
    assert!(progress.is_done && progress.seen >= 700, "{progress:?}");
}

/// A process that has not heard of the announcement, and one that does not know the format.
#[tokio::test]
async fn what_was_begun_before_the_announcement_is_written_as_announced_or_not_at_all() {
    let engine = MemoryEngine::new();
    let [store, slow] = [0, 1].map(|_| Store::new(Arc::new(engine.clone())));
    let formats = Formats { oldest: Format(1), newest: Format(1) };
    let older = Store::of_formats(Arc::new(engine.clone()), formats);
    add(&older, 1).await.unwrap();
    add(&slow, 2).await.unwrap();
    assert_eq!(counts(&engine).await.0, [4]);
    step(&store, "start").await.unwrap();
    assert_eq!(step(&store, "start").await, Err(StepError::Begun(Format(2))));
    assert_eq!(step(&store, "finish").await, Err(StepError::AtWork(Format(2))));
    let before = engine.snapshot().await.unwrap().revision();
    let refused = add(&older, 1).await.unwrap_err();
    assert!(matches!(refused, StoreError::Row(RowError::Format(unknown)) if unknown.found == Format(2)), "{refused}");
    assert_eq!(engine.snapshot().await.unwrap().revision(), before);
    add(&slow, 2).await.unwrap();
    let stored = engine.snapshot().await.unwrap().read(&row::encode_key::<Count>(&Name(2)).unwrap()).await.unwrap();
    assert_eq!(stored.unwrap().value, [5, 2]);
    rewrite(&store).await;
    step(&store, "finish").await.unwrap();
    for refused in ["revert", "finish"] {
        assert_eq!(step(&store, refused).await, Err(StepError::NoneUnderWay));
    }
    assert_eq!(step(&store, "start").await, Err(StepError::Newest(Format(2))));
}

/// Rows too large to be written anew together are so one after the other; of tables that are not known nothing is touched.
#[tokio::test]
async fn progress_is_kept_and_what_is_not_known_stays() {
    let engine = MemoryEngine::new();
    let store = Store::new(Arc::new(engine.clone()));
    for name in 0..300 {
        add(&store, name).await.unwrap();
    }
    let batch = kagiban_storage::Batch::new().put("tomorrow\0x", "\x01whatever").put("a\0b", vec![1; 600_000]);
    engine.commit(batch).await.unwrap();
    step(&store, "start").await.unwrap();
    assert!(store.rewrite_page(&convert, NOW).await.unwrap());
    let (_, first) = state(&store).await;
    assert!(first.written > 50 && first.written < 100 && first.seen > first.written, "{first:?}");
    // Somebody who begins anew begins from there.
    let again = Store::new(Arc::new(engine.clone()));
    rewrite(&again).await;
    let (_, last) = state(&store).await;
    assert_eq!((last.written, last.is_done), (300, true));
    assert_eq!(last.seen, 300 + 4, "all rows once: with the format, its progress, and two of others");
    let snapshot = engine.snapshot().await.unwrap();
    assert_eq!(snapshot.read(b"tomorrow\0x").await.unwrap().unwrap().value, b"\x01whatever");
    assert!(snapshot.read(&row::encode_key::<FormatRecord>(&FormatRowKey).unwrap()).await.unwrap().is_some());
}

/// Rows of half a batch each.
#[tokio::test]
async fn large_rows_are_written_anew_one_by_one() {
    let engine = MemoryEngine::new();
    let store = Store::new(Arc::new(engine.clone()));
    let large = |n: u8| [&[4][..], &vec![n; 400_000]].concat();
    for name in 0..5 {
        engine.commit(kagiban_storage::Batch::new().put(format!("count\0{name}"), large(b'1'))).await.unwrap();
    }
    step(&store, "start").await.unwrap();
    let grow = |key: &[u8], stored: &[u8], _: Format| {
        Ok((key.starts_with(b"count\0") && stored[0] == 4).then(|| [&[5][..], &stored[1..]].concat()))
    };
    while store.rewrite_page(&grow, NOW).await.unwrap() {}
    let page = engine.snapshot().await.unwrap().scan(&KeyRange::prefix(b"count\0"), 10).await.unwrap();
    assert!(page.entries.len() == 5 && page.entries.iter().all(|entry| entry.value[0] == 5));
    assert_eq!(state(&store).await.1.written, 5);
}
