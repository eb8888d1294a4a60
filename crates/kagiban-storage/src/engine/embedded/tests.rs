//! The embedded engine beyond the suite: its file, and who may have it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use redb::TableDefinition;
use tempfile::TempDir;

use super::*;
use crate::batch::Expect;
use crate::suite::{Subject, engine_suite};

async fn fresh() -> Subject {
    let (directory, path) = place();
    let engine = Arc::new(EmbeddedEngine::create(&path).unwrap());
    let forgetful = Arc::downgrade(&engine);
    let forget = move |through| forgetful.upgrade().unwrap().forget_changes(through);
    Subject::new(engine, forget).keeping(directory)
}

engine_suite!(fresh);

pub(super) fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    (directory, path)
}

pub(super) fn names_in(directory: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(directory.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

async fn read(engine: &EmbeddedEngine, key: &str) -> Option<Stored> {
    engine.snapshot().await.unwrap().read(key.as_bytes()).await.unwrap()
}

#[tokio::test]
async fn rows_and_revisions_survive_closing_and_dropping() {
    let (_directory, path) = place();
    let engine = EmbeddedEngine::create_with(&path, Batch::new().put("first", "1")).unwrap();
    assert_eq!(engine.snapshot().await.unwrap().revision(), Revision::new(1));
    let second = engine.commit(Batch::new().put("second", "2")).await.unwrap();
    engine.close().await.unwrap();
    let engine = EmbeddedEngine::open(&path).unwrap();
    assert_eq!(read(&engine, "first").await, Some(Stored { value: b"1".to_vec(), revision: Revision::new(1) }));
    let unchanged = Batch::new().expect("second", Expect::WrittenAt(second)).put("third", "3");
    assert_eq!(engine.commit(unchanged).await.unwrap(), Revision::new(3));
    drop(engine);
    let engine = EmbeddedEngine::open(&path).unwrap();
    assert_eq!(engine.snapshot().await.unwrap().revision(), Revision::new(3));
    // What happened before is not known to the feed, which says so.
    assert!(engine.changes(Revision::new(2)).await.unwrap().next().await.is_err());
}

#[tokio::test]
async fn a_dropped_writer_does_not_withdraw_its_batch_and_dropping_the_engine_waits_for_it() {
    let (_directory, path) = place();
    let engine = EmbeddedEngine::create(&path).unwrap();
    for n in 0..20 {
        let mut commit = Box::pin(engine.commit(Batch::new().put(format!("{n}"), "x")));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        _ = commit.as_mut().poll(&mut context);
    }
    drop(engine);
    let engine = EmbeddedEngine::open(&path).unwrap();
    assert_eq!(engine.snapshot().await.unwrap().revision(), Revision::new(20));
}

#[tokio::test]
async fn a_store_has_one_user_at_a_time() {
    let (_directory, path) = place();
    let engine = EmbeddedEngine::create(&path).unwrap();
    for second in [EmbeddedEngine::open(&path), EmbeddedEngine::create(&path)] {
        let error = second.err().unwrap();
        assert!(matches!(error, OpenError::AlreadyInUse { .. }), "{error:?}");
        let expected = format!("{} is in use by process {}", path.display(), std::process::id());
        assert_eq!(error.to_string(), expected);
    }
    engine.close().await.unwrap();
    // Free as soon as it is closed, although the closed engine lives on.
    EmbeddedEngine::open(&path).unwrap();
}

#[tokio::test]
async fn a_store_is_created_once_and_opened_only_where_it_is() {
    let (directory, path) = place();
    assert!(matches!(EmbeddedEngine::open(&path), Err(OpenError::NotFound { .. })));
    assert!(names_in(&directory).is_empty(), "a wrong path leaves nothing behind");
    EmbeddedEngine::create_with(&path, Batch::new().put("k", "v")).unwrap().close().await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(EmbeddedEngine::create(&path), Err(OpenError::AlreadyExists { .. })));
    assert!(read(&EmbeddedEngine::open(&path).unwrap(), "k").await.is_some());
    assert_eq!(names_in(&directory), ["store", "store.lock"]);
    let nowhere = directory.path().join("missing/store");
    assert!(matches!(EmbeddedEngine::create(&nowhere), Err(OpenError::Io { action: "open", .. })));
}

#[tokio::test]
async fn an_unfinished_creation_is_no_store_and_is_replaced() {
    let (directory, path) = place();
    fs::write(directory.path().join("store.new"), "half a store").unwrap();
    assert!(matches!(EmbeddedEngine::open(&path), Err(OpenError::NotFound { .. })));
    drop(EmbeddedEngine::create_with(&path, Batch::new().put("k", "v")).unwrap());
    assert_eq!(names_in(&directory), ["store", "store.lock"]);
    assert!(read(&EmbeddedEngine::open(&path).unwrap(), "k").await.is_some());
}

#[test]
fn a_first_batch_must_fit_an_empty_store() {
    let (directory, path) = place();
    let unmet = Batch::new().expect("k", Expect::Present).put("k", "v");
    assert!(matches!(EmbeddedEngine::create_with(&path, unmet), Err(OpenError::FirstConflict)));
    assert!(matches!(EmbeddedEngine::create_with(&path, Batch::new().put("", "v")), Err(OpenError::FirstBatch(_))));
    assert!(names_in(&directory).is_empty());
    EmbeddedEngine::create_with(&path, Batch::new().expect("k", Expect::Absent).put("k", "v")).unwrap();
}

/// Files that are no stores of ours: refused with the right word, and left as they are.
#[test]
fn other_files_are_refused_and_left_alone() {
    let foreign = redb_file(|transaction| {
        transaction.open_table(TableDefinition::<u64, u64>::new("other")).unwrap().insert(1, 2).unwrap();
    });
    let lookalike = redb_file(|transaction| {
        transaction.open_table(TableDefinition::<u64, u64>::new("kagiban_meta")).unwrap();
    });
    let newer = redb_file(|transaction| {
        let meta = TableDefinition::<&str, u64>::new("kagiban_meta");
        transaction.open_table(meta).unwrap().insert("format", 2).unwrap();
    });
    let text = b"-----BEGIN CERTIFICATE-----".to_vec();
    let zeros = vec![0; 1 << 20];
    let magic_only = b"redb\x1A\x0A\xA9\x0D\x0A".to_vec();
    type Expected = fn(&OpenError) -> bool;
    let cases: [(&str, Vec<u8>, Expected); 7] = [
        ("empty", Vec::new(), |error| matches!(error, OpenError::NotAStore { .. })),
        ("text", text, |error| matches!(error, OpenError::NotAStore { .. })),
        ("zeros", zeros, |error| matches!(error, OpenError::NotAStore { .. })),
        ("another redb file", foreign, |error| matches!(error, OpenError::NotAStore { .. })),
        ("a redb file with such a table", lookalike, |error| matches!(error, OpenError::NotAStore { .. })),
        ("a newer format", newer, |error| matches!(error, OpenError::NewerFormat { format: 2, .. })),
        ("the first bytes only", magic_only, |error| matches!(error, OpenError::Damaged { .. })),
    ];
    for (case, bytes, expected) in cases {
        let (_directory, path) = place();
        fs::write(&path, &bytes).unwrap();
        let error = EmbeddedEngine::open(&path).err().unwrap();
        assert!(expected(&error), "{case}: {error:?}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{case}: {error}");
        if !bytes.starts_with(b"redb") {
            assert_eq!(fs::read(&path).unwrap(), bytes, "{case}");
        }
    }
}

/// The bytes of a redb file that another program wrote.
fn redb_file(write: impl FnOnce(&redb::WriteTransaction)) -> Vec<u8> {
    let (_directory, path) = place();
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    write(&transaction);
    transaction.commit().unwrap();
    drop(database);
    fs::read(path).unwrap()
}

/// More writers than the queue has room for, with batches of all sizes: each gets its own revision.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_makes_writers_wait_and_loses_none() {
    let (_directory, path) = place();
    let engine = Arc::new(EmbeddedEngine::create(&path).unwrap());
    let tasks = (0..60_usize).map(|writer| {
        let engine = engine.clone();
        let bytes = if writer % 3 == 0 { 1_000_000 } else { writer };
        tokio::spawn(async move { engine.commit(Batch::new().put(format!("{writer}"), vec![1; bytes])).await.unwrap() })
    });
    let mut revisions = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        revisions.push(task.await.unwrap().number());
    }
    revisions.sort_unstable();
    assert_eq!(revisions, (1..=60).collect::<Vec<_>>());
}
