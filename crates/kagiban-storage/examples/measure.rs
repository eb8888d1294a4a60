//! Prints what the embedded engine does on this machine: durable commits, a load of 100,000 rows, reads, scans, opening,
//! a scrub of 100,000 keys with commits beside it.
//!
//! `cargo run --release -p kagiban-storage --example measure -- DIRECTORY [scrub]`; the directory is on the disk to measure.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement reads the clock, prints, and stops at the first surprise"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use kagiban_storage::engine::{KeyRange, SCAN_ENTRIES_MAX};
use kagiban_storage::{Batch, EmbeddedEngine, Engine};

const ROWS: usize = 100_000;
const VALUE_BYTES: usize = 600;
const COMMITS: usize = 8_000;

#[tokio::main]
async fn main() {
    let directory = PathBuf::from(std::env::args().nth(1).expect("the directory to write in"));
    if std::env::args().nth(2).is_some_and(|only| only == "scrub") {
        return scrub(&directory.join("measure.store")).await;
    }
    let path = directory.join("measure.store");
    remove(&path);
    let engine = Arc::new(EmbeddedEngine::create(&path).unwrap());
    load(&engine).await;
    for writers in [1, 4, 16, 64] {
        commit(&engine, writers).await;
    }
    read(&engine).await;
    scan(&engine).await;
    engine.close().await.unwrap();
    drop(engine);
    reopen(&path).await;
    scrub(&path).await;
}

fn remove(path: &Path) {
    for suffix in ["", ".lock", ".new", ".old"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        _ = std::fs::remove_file(name);
    }
}

fn key(n: usize) -> String {
    format!("key\0{:08x}-0000-4000-8000-000000000000\0", n.wrapping_mul(2_654_435_761) % (1 << 32))
}

async fn load(engine: &EmbeddedEngine) {
    let start = Instant::now();
    for first in (0..ROWS).step_by(100) {
        let batch = (first..first + 100).fold(Batch::new(), |batch, n| batch.put(key(n), vec![7; VALUE_BYTES]));
        engine.commit(batch).await.unwrap();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("load {ROWS} rows of {VALUE_BYTES} bytes, 100 a batch: {seconds:.2} s");
}

async fn commit(engine: &Arc<EmbeddedEngine>, writers: usize) {
    let start = Instant::now();
    let tasks = (0..writers).map(|writer| {
        let engine = engine.clone();
        tokio::spawn(async move {
            for n in 0..COMMITS / writers {
                let batch = Batch::new().put(key(writer * COMMITS + n), vec![8; VALUE_BYTES]).put("count", vec![1; 8]);
                engine.commit(batch).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("durable commits, {writers} writers: {:.0}/s", COMMITS as f64 / seconds);
}

async fn read(engine: &EmbeddedEngine) {
    let start = Instant::now();
    for n in 0..ROWS {
        engine.snapshot().await.unwrap().read(key(n).as_bytes()).await.unwrap().unwrap();
    }
    println!("snapshot and one read: {:.2} us", start.elapsed().as_secs_f64() * 1e6 / ROWS as f64);
    let (snapshot, start) = (engine.snapshot().await.unwrap(), Instant::now());
    for n in 0..ROWS {
        snapshot.read(key(n).as_bytes()).await.unwrap().unwrap();
    }
    println!("read of a held snapshot: {:.2} us", start.elapsed().as_secs_f64() * 1e6 / ROWS as f64);
}

async fn scan(engine: &EmbeddedEngine) {
    let (snapshot, start) = (engine.snapshot().await.unwrap(), Instant::now());
    let (mut range, mut count, mut pages) = (KeyRange::all(), 0, 0);
    loop {
        let page = snapshot.scan(&range, SCAN_ENTRIES_MAX).await.unwrap();
        (count, pages) = (count + page.entries.len(), pages + 1);
        if !page.more {
            break;
        }
        range = range.after(&page.entries.last().unwrap().key);
    }
    let ms = start.elapsed().as_secs_f64() * 1e3;
    println!("full scan of {count} rows: {ms:.0} ms in {pages} pages of {:.2} ms", ms / f64::from(pages));
}

async fn reopen(path: &Path) {
    let bytes = std::fs::metadata(path).unwrap().len();
    let start = Instant::now();
    let engine = EmbeddedEngine::open(path).unwrap();
    println!("open, with check of {} MB: {:.0} ms", bytes >> 20, start.elapsed().as_secs_f64() * 1e3);
    engine.close().await.unwrap();
}

/// The rows that a KMS key has at least, and their bytes: the key, its material, its policy, its last use.
const KEY_ROWS: [(&str, usize); 4] = [("key", 450), ("material", 190), ("key-policy", 350), ("key-use", 25)];

async fn scrub(path: &Path) {
    remove(path);
    let engine = Arc::new(EmbeddedEngine::create(path).unwrap());
    for first in (0..ROWS).step_by(25) {
        let batch = (first..first + 25).fold(Batch::new(), |batch, n| {
            KEY_ROWS
                .iter()
                .fold(batch, |batch, (table, bytes)| batch.put(format!("{table}\0{}", key(n)), vec![7; *bytes]))
        });
        engine.commit(batch).await.unwrap();
    }
    let megabytes = || std::fs::metadata(path).unwrap().len() >> 20;
    println!("{ROWS} keys of 4 rows: a file of {} MB", megabytes());
    waits(&engine, "without a scrub", async { tokio::time::sleep(std::time::Duration::from_secs(2)).await }).await;
    for _ in 0..2 {
        let scrubbing = engine.clone();
        waits(&engine, "beside a scrub", async move {
            let start = Instant::now();
            let written = scrubbing.scrub().await.unwrap().written_bytes;
            println!("scrub: {:.2} s, {} MB written", start.elapsed().as_secs_f64(), written >> 20);
        })
        .await;
        println!("a file of {} MB", megabytes());
    }
    let start = Instant::now();
    engine.scrub().await.unwrap();
    println!("scrub without commits beside it: {:.2} s", start.elapsed().as_secs_f64());
    engine.close().await.unwrap();
}

/// How long commits take, one after the other, until `other` is done.
async fn waits(engine: &EmbeddedEngine, name: &str, other: impl Future<Output = ()> + Send + 'static) {
    let (other, mut waits) = (tokio::spawn(other), Vec::new());
    while !other.is_finished() {
        let start = Instant::now();
        engine.commit(Batch::new().put(key(waits.len() % ROWS), vec![9; VALUE_BYTES])).await.unwrap();
        waits.push(start.elapsed().as_secs_f64() * 1e3);
    }
    other.await.unwrap();
    waits.sort_by(f64::total_cmp);
    let at = |per_mille: usize| waits[(waits.len() * per_mille / 1000).min(waits.len() - 1)];
    println!("{} commits {name}: median {:.2} ms, 99 % {:.2}, longest {:.2}", waits.len(), at(500), at(990), at(1000));
}
