//! What a scrub takes out of the file, and what comes in between.

use std::fs;

use super::tests::{names_in, place};
use super::*;
use crate::suite::Steps;

const MARKER: &[u8] = b"once there was a secret";

/// Rows of all sizes around the marker; each number once, again and again.
fn batch(steps: &mut Steps) -> Batch {
    (0..20).fold(Batch::new(), |batch, n| {
        let key = format!("{:05}", n * 100 + steps.below(100));
        batch.put(key, vec![1; usize::try_from(steps.below(6000)).unwrap()])
    })
}

/// A store with a history, in which markers were written in all sizes, some replaced, and all deleted.
async fn with_deleted_markers(path: &Path, steps: &mut Steps) -> EmbeddedEngine {
    let engine = EmbeddedEngine::create(path).unwrap();
    for _ in 0..30 {
        engine.commit(batch(steps)).await.unwrap();
    }
    let sizes = [1, 30, 200, 800];
    for times in sizes {
        engine.commit(Batch::new().put(format!("marked {times}"), MARKER.repeat(times))).await.unwrap();
        engine.commit(batch(steps)).await.unwrap();
    }
    engine.commit(Batch::new().put("marked 1", MARKER.repeat(2))).await.unwrap();
    let all = sizes.iter().fold(Batch::new(), |batch, times| batch.delete(format!("marked {times}")));
    engine.commit(all).await.unwrap();
    engine
}

/// In which files of the directory the marker is.
fn marked_files(directory: &tempfile::TempDir) -> Vec<String> {
    let has = |name: &String| fs::read(directory.path().join(name)).unwrap().windows(MARKER.len()).any(|w| w == MARKER);
    names_in(directory).into_iter().filter(has).collect()
}

async fn rows(engine: &EmbeddedEngine) -> (Revision, Vec<Entry>) {
    let snapshot = engine.snapshot().await.unwrap();
    let (mut range, mut all) = (KeyRange::all(), Vec::new());
    loop {
        let page = snapshot.scan(&range, 1000).await.unwrap();
        range = page.entries.last().map_or(range.clone(), |last| range.after(&last.key));
        all.extend(page.entries);
        if !page.more {
            return (snapshot.revision(), all);
        }
    }
}

#[tokio::test]
async fn what_was_deleted_is_in_the_file_until_it_is_scrubbed() {
    let ((directory, path), mut steps) = (place(), Steps(5));
    let engine = with_deleted_markers(&path, &mut steps).await;
    let expected = rows(&engine).await;
    assert_eq!(marked_files(&directory), ["store"], "else this test shows nothing");
    let before = fs::metadata(&path).unwrap().len();
    let scrubbed = engine.scrub().await.unwrap();
    assert!(scrubbed.written_bytes > 500_000, "{scrubbed:?}");
    assert!(marked_files(&directory).is_empty());
    assert_eq!(names_in(&directory), ["store", "store.lock"]);
    assert_eq!(rows(&engine).await, expected);
    assert!(fs::metadata(&path).unwrap().len() <= before, "it does not grow");
    engine.commit(batch(&mut steps)).await.unwrap();
    let expected = rows(&engine).await;
    engine.close().await.unwrap();
    assert!(marked_files(&directory).is_empty());
    assert_eq!(rows(&EmbeddedEngine::open(&path).unwrap()).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_its_snapshot_to_the_end_and_the_scrub_waits_for_it() {
    let ((directory, path), mut steps) = (place(), Steps(6));
    let engine = EmbeddedEngine::create(&path).unwrap();
    engine.commit(Batch::new().put("marked", MARKER)).await.unwrap();
    let reader = engine.snapshot().await.unwrap();
    engine.commit(batch(&mut steps).delete("marked")).await.unwrap();
    let mut scrub = Box::pin(engine.scrub());
    // The file is replaced although the reader is there.
    while !directory.path().join("store.old").exists() {
        tokio::select! { biased; done = &mut scrub => panic!("{done:?}"), () = tokio::task::yield_now() => {} }
    }
    for _ in 0..20 {
        engine.commit(batch(&mut steps)).await.unwrap();
    }
    assert_eq!(reader.read(b"marked").await.unwrap().unwrap().value, MARKER);
    assert!(marked_files(&directory).contains(&"store.old".to_owned()));
    drop(reader);
    scrub.await.unwrap();
    assert_eq!((marked_files(&directory), names_in(&directory).len()), (Vec::new(), 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_during_a_scrub_gets_another_one() {
    let ((directory, path), mut steps) = (place(), Steps(7));
    let engine = EmbeddedEngine::create(&path).unwrap();
    engine.commit(Batch::new().put("marked", MARKER)).await.unwrap();
    let reader = engine.snapshot().await.unwrap();
    let mut first = Box::pin(engine.scrub());
    while !directory.path().join("store.old").exists() {
        tokio::select! { biased; done = &mut first => panic!("{done:?}"), () = tokio::task::yield_now() => {} }
    }
    engine.commit(batch(&mut steps).delete("marked")).await.unwrap();
    let scrubs = tokio::join!(first, engine.scrub(), engine.scrub(), async { drop(reader) });
    scrubs.0.and(scrubs.1).and(scrubs.2).unwrap();
    assert!(marked_files(&directory).is_empty());
}

/// Cut between any two steps the directory holds the store, and files that the next start sweeps away.
#[tokio::test]
async fn what_a_crash_left_is_swept_away_at_the_next_start() {
    let contents = MARKER.repeat(100_000);
    // What lies beside the store: a file of its own under this name, or a second name of the store.
    for (new, old) in [(true, None), (false, Some(false)), (true, Some(true)), (true, Some(false))] {
        let ((directory, path), mut steps) = (place(), Steps(8));
        let engine = EmbeddedEngine::create(&path).unwrap();
        engine.commit(batch(&mut steps)).await.unwrap();
        let expected = rows(&engine).await;
        engine.close().await.unwrap();
        drop(engine);
        let beside = |suffix| file::with_suffix(&path, suffix);
        // Whoever has the files open sees what becomes of their bytes.
        let mut open = Vec::new();
        if new {
            fs::write(beside(".new"), &contents).unwrap();
            open.push(fs::File::open(beside(".new")).unwrap());
        }
        match old {
            Some(true) => fs::hard_link(&path, beside(".old")).unwrap(),
            Some(false) => {
                fs::write(beside(".old"), &contents).unwrap();
                open.push(fs::File::open(beside(".old")).unwrap());
            }
            None => {}
        }
        let engine = EmbeddedEngine::open(&path).unwrap();
        assert_eq!(rows(&engine).await, expected, "{new} {old:?}");
        engine.scrub().await.unwrap();
        assert_eq!(names_in(&directory), ["store", "store.lock"]);
        assert_eq!(rows(&engine).await, expected, "{new} {old:?}");
        for mut file in open {
            let mut left = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut left).unwrap();
            assert!(left.len() == contents.len() && left.iter().all(|byte| *byte == 0), "{new} {old:?}");
        }
    }
}

#[tokio::test]
async fn a_scrub_that_fails_loses_nothing_and_can_be_repeated() {
    let ((directory, path), mut steps) = (place(), Steps(9));
    let engine = with_deleted_markers(&path, &mut steps).await;
    let expected = rows(&engine).await;
    // Cannot be removed as a file is.
    fs::create_dir(directory.path().join("store.new")).unwrap();
    for _ in 0..2 {
        assert!(matches!(engine.scrub().await, Err(EngineError::Io(_))));
    }
    engine.health().await.unwrap();
    assert_eq!(rows(&engine).await, expected);
    fs::remove_dir(directory.path().join("store.new")).unwrap();
    engine.scrub().await.unwrap();
    assert_eq!((rows(&engine).await, marked_files(&directory)), (expected, Vec::new()));
}

#[tokio::test]
async fn closing_ends_a_scrub_that_waits() {
    let ((directory, path), mut steps) = (place(), Steps(10));
    let engine = with_deleted_markers(&path, &mut steps).await;
    let expected = rows(&engine).await;
    let reader = engine.snapshot().await.unwrap();
    let (scrubbed, closed) = tokio::join!(engine.scrub(), engine.close());
    assert!(matches!(scrubbed, Err(EngineError::Closed)), "{scrubbed:?}");
    closed.unwrap();
    drop((reader, engine));
    let engine = EmbeddedEngine::open(&path).unwrap();
    engine.scrub().await.unwrap();
    assert_eq!((rows(&engine).await, marked_files(&directory)), (expected, Vec::new()));
}
