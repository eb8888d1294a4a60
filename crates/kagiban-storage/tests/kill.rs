//! `kill -9` at any moment: what was acknowledged is there, and nothing by halves.
//!
//! Each test is two processes from this one binary: the parent starts it again with a directory in the environment, and
//! then it is the child, which works on a store and says on its output what is done, until it is killed.
//! `KAGIBAN_KILL_ROUNDS` makes it last longer; a long run says now and then how far it is.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use kagiban_storage::batch::Expect;
use kagiban_storage::engine::KeyRange;
use kagiban_storage::{Batch, EmbeddedEngine, Engine, OpenError, Revision};

const DIRECTORY: &str = "KAGIBAN_KILL_DIRECTORY";
const WRITERS: usize = 4;
/// Each writer keeps the rows of so many of its last batches.
const KEPT: u64 = 3;
/// Rounds between two words about how far a long run is.
const TELL_EVERY: u64 = 1000;

#[expect(clippy::disallowed_methods, reason = "how a test tells its child where to work, and is told to last longer")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn rounds() -> u64 {
    environment("KAGIBAN_KILL_ROUNDS").map_or(200, |rounds| rounds.parse().unwrap())
}

/// Repeatable randomness (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// Lets some time go by, to fall into any step of the child.
    fn linger(&mut self, turns_max: u64) {
        (0..self.below(turns_max)).for_each(|_| std::hint::spin_loop());
    }
}

/// This binary again, running one test as the child.
fn start(test: &str, directory: &Path) -> (Child, BufReader<std::process::ChildStdout>) {
    // Not by its path, where a build that runs meanwhile may put another.
    let mut child = Command::new("/proc/self/exe")
        .args(["--exact", test, "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// The next line, without its end; `None` at the end of the output or in the middle of a line.
fn line(output: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.strip_suffix('\n').map(str::to_owned)
}

/// One line on the real output, in one piece; the test harness would keep a `println`.
fn say(text: &str) {
    std::io::stdout().lock().write_all(format!("{text}\n").as_bytes()).unwrap();
    std::io::stdout().lock().flush().unwrap();
}

fn store_in(directory: &Path) -> PathBuf {
    directory.join("store")
}

const PLAIN: &str = "acknowledged_batches_survive_kill_nine_whole";
const SCRUBBED: &str = "acknowledged_batches_survive_kill_nine_while_the_store_is_scrubbed";

fn open(directory: &str) -> Arc<EmbeddedEngine> {
    Arc::new(EmbeddedEngine::open(&store_in(Path::new(directory))).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_batches_survive_kill_nine_whole() {
    if let Some(directory) = environment(DIRECTORY) {
        return write_until_killed(open(&directory)).await;
    }
    let (summary, _) = kill_and_check(PLAIN, rounds()).await;
    println!("{summary}");
}

/// The file is replaced all the time, and the old one overwritten: each kill leaves one that is whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_batches_survive_kill_nine_while_the_store_is_scrubbed() {
    if let Some(directory) = environment(DIRECTORY) {
        let engine = open(&directory);
        tokio::spawn(scrub_until_killed(engine.clone()));
        return write_until_killed(engine).await;
    }
    let (summary, left) = kill_and_check(SCRUBBED, rounds()).await;
    println!("{summary}");
    assert!(left.iter().all(|count| *count > 0), "kills must fall into every step: {left:?}");
}

/// Returns what happened, and how often a scrub was cut while it copied and while it overwrote.
async fn kill_and_check(test: &str, rounds: u64) -> (String, [u64; 2]) {
    let directory = tempfile::tempdir().unwrap();
    EmbeddedEngine::create(&store_in(directory.path())).unwrap().close().await.unwrap();
    let (mut random, mut written) = (Random(0x9e37_79b9), [0; WRITERS]);
    let (mut acknowledged, mut unheard, mut early, mut left) = (0, 0, 0, [0; 2]);
    for round in 0..rounds {
        let heard = write_and_kill(test, directory.path(), &mut random, written);
        early += u64::from(heard == written);
        for (count, name) in left.iter_mut().zip(["store.new", "store.old"]) {
            *count += u64::from(directory.path().join(name).exists());
        }
        let found = check(directory.path(), round).await;
        for writer in 0..WRITERS {
            let (heard, found) = (heard[writer], found[writer]);
            // Each writer has one batch under way at most.
            assert!(found == heard || found == heard + 1, "round {round}, writer {writer}: {found} after {heard}");
            acknowledged += heard - written[writer];
            unheard += found - heard;
        }
        written = found;
        if round % TELL_EVERY == TELL_EVERY - 1 {
            say(&format!("{test}: {} kills, {acknowledged} batches acknowledged, none lost", round + 1));
        }
    }
    let summary = format!(
        "{rounds} rounds: {acknowledged} batches acknowledged, {unheard} more found written; {early} kills before the \
         first, {left:?} in the middle of a scrub (copying, overwriting)"
    );
    assert!(acknowledged > rounds && unheard > 0, "{summary}");
    (summary, left)
}

/// Runs the child until it was killed; returns the last batch of each writer that it acknowledged, at least `written`.
fn write_and_kill(test: &str, directory: &Path, random: &mut Random, written: [u64; WRITERS]) -> [u64; WRITERS] {
    let (mut child, mut output) = start(test, directory);
    let (mut heard, wanted) = (written, random.below(60));
    let mut hear = |line: String| {
        let Some((writer, batch)) = line.strip_prefix("ack ").and_then(|ack| ack.split_once(' ')) else { return false };
        let (writer, batch) = (writer.parse::<usize>().unwrap(), batch.parse().unwrap());
        assert_eq!(batch, heard[writer] + 1);
        heard[writer] = batch;
        true
    };
    let mut count = 0;
    while count < wanted {
        count += u64::from(hear(line(&mut output).unwrap()));
    }
    if wanted > 0 {
        let refused = EmbeddedEngine::open(&store_in(directory)).err().unwrap();
        assert!(matches!(refused, OpenError::AlreadyInUse { pid, .. } if pid == Some(child.id())), "{refused}");
    }
    random.linger(100_000);
    child.kill().unwrap();
    // What it still said before it died counts.
    std::iter::from_fn(|| line(&mut output)).for_each(|line| _ = hear(line));
    child.wait().unwrap();
    heard
}

/// Opens the store and returns the last batch of each writer, all of whose rows are there, and no others.
async fn check(directory: &Path, round: u64) -> [u64; WRITERS] {
    let engine = EmbeddedEngine::open(&store_in(directory)).unwrap_or_else(|error| panic!("round {round}: {error:?}"));
    let snapshot = engine.snapshot().await.unwrap();
    let mut found = [0; WRITERS];
    for (writer, last) in found.iter_mut().enumerate() {
        if let Some(stored) = snapshot.read(last_key(writer).as_bytes()).await.unwrap() {
            *last = u64::from_be_bytes(stored.value.try_into().unwrap());
        }
        let expected = (last.saturating_sub(KEPT - 1).max(1)..=*last).flat_map(|batch| rows(writer, batch));
        let page = snapshot.scan(&KeyRange::prefix(format!("row/{writer}/").as_bytes()), 1000).await.unwrap();
        let stored: Vec<_> = page.entries.into_iter().map(|entry| (entry.key, entry.value)).collect();
        assert_eq!(stored, expected.collect::<Vec<_>>(), "round {round}, writer {writer}");
    }
    let batches: u64 = found.iter().sum();
    assert_eq!(snapshot.revision(), Revision::new(batches), "round {round}");
    drop(snapshot);
    if round.is_multiple_of(4) {
        engine.scrub().await.unwrap();
        let names = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(names.count(), 2, "round {round}: the store and its lock");
    }
    engine.close().await.unwrap();
    found
}

fn last_key(writer: usize) -> String {
    format!("last/{writer}")
}

/// The rows of one batch: three, of different lengths, up to more than a page.
fn rows(writer: usize, batch: u64) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let row = move |(name, length)| {
        let value: Vec<u8> = batch.to_be_bytes().into_iter().cycle().take(length).collect();
        (format!("row/{writer}/{batch:010}/{name}").into_bytes(), value)
    };
    [("a", 8), ("b", 600), ("c", 5000)].into_iter().map(row)
}

async fn scrub_until_killed(engine: Arc<EmbeddedEngine>) {
    loop {
        engine.scrub().await.unwrap();
    }
}

async fn write_until_killed(engine: Arc<EmbeddedEngine>) {
    let tasks = (0..WRITERS).map(|writer| tokio::spawn(write_batches(engine.clone(), writer)));
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

async fn write_batches(engine: Arc<EmbeddedEngine>, writer: usize) {
    let last = engine.snapshot().await.unwrap().read(last_key(writer).as_bytes()).await.unwrap();
    let mut expect = last.as_ref().map_or(Expect::Absent, |stored| Expect::WrittenAt(stored.revision));
    let first = last.map_or(1, |stored| u64::from_be_bytes(stored.value.try_into().unwrap()) + 1);
    for number in first.. {
        let key = last_key(writer);
        let mut batch = Batch::new().expect(key.as_str(), expect).put(key, number.to_be_bytes());
        for (key, value) in rows(writer, number) {
            batch = batch.put(key, value);
        }
        if let Some(old) = number.checked_sub(KEPT).filter(|old| *old > 0) {
            batch = rows(writer, old).fold(batch, |batch, (key, _)| batch.delete(key));
        }
        expect = Expect::WrittenAt(engine.commit(batch).await.unwrap());
        say(&format!("ack {writer} {number}"));
    }
}

#[tokio::test]
async fn a_killed_creation_leaves_a_whole_store_or_none() {
    if let Some(directory) = environment(DIRECTORY) {
        say("go");
        drop(EmbeddedEngine::create_with(&store_in(Path::new(&directory)), first_batch()).unwrap());
        return say("done");
    }
    let (mut random, mut none, mut whole) = (Random(77), 0, 0);
    for round in 0..rounds() / 2 {
        let directory = tempfile::tempdir().unwrap();
        let (mut child, mut output) = start("a_killed_creation_leaves_a_whole_store_or_none", directory.path());
        while line(&mut output).unwrap() != "go" {}
        random.linger(1_500_000);
        child.kill().unwrap();
        let said_done = std::iter::from_fn(|| line(&mut output)).any(|line| line == "done");
        child.wait().unwrap();
        let engine = match EmbeddedEngine::open(&store_in(directory.path())) {
            Err(OpenError::NotFound { .. }) if !said_done => {
                none += 1;
                EmbeddedEngine::create_with(&store_in(directory.path()), first_batch()).unwrap()
            }
            Ok(engine) => {
                whole += 1;
                engine
            }
            Err(error) => panic!("round {round}, {said_done}: {error:?}"),
        };
        let page = engine.snapshot().await.unwrap().scan(&KeyRange::all(), 1000).await.unwrap();
        assert_eq!(page.entries.len(), 50, "round {round}");
    }
    println!("{} rounds: {none} without a store, {whole} with a whole one", rounds() / 2);
}

fn first_batch() -> Batch {
    (0..50).fold(Batch::new(), |batch, n| batch.put(format!("{n}"), vec![1; 1000]))
}
