//! Deliveries cut off everywhere, to targets that fail, judged as CloudTrail's own tool would.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use async_trait::async_trait;
use flate2::read::GzDecoder;
use kagiban_audit::signing::verify;
use kagiban_audit::{Record, Recorder, sha256};
use kagiban_base::id::RequestId;
use kagiban_base::os::OsRandom;
use kagiban_testkit::{FakeClock, MemoryJournal, World};
use serde_json::Value;

use super::directory::Directory;
use super::objects::{ObjectTarget, Objects, Step};
use super::target::TargetError;
use super::*;
use crate::shutdown;

const MINUTE_MS: i64 = 60_000;

/// A journal, a clock and a signing key.
struct Bench {
    journal: Arc<MemoryJournal>,
    clock: Arc<FakeClock>,
    around: Surroundings,
}

impl Bench {
    async fn new() -> Self {
        let world = World::new().await;
        let signer = world.service.audit_signer().await.unwrap();
        let journal = Arc::new(MemoryJournal::new());
        let clock = Arc::new(FakeClock::at(Timestamp::parse_basic_iso("20261121T121500Z").unwrap()));
        let around = Surroundings {
            journal: JournalId([1; 16]),
            follower: journal.clone(),
            recorder: journal.clone(),
            signer,
            clock: clock.clone(),
            random: Arc::new(OsRandom),
        };
        Self { journal, clock, around }
    }

    /// The same key, another journal and clock.
    fn again(&self) -> Self {
        let journal = Arc::new(MemoryJournal::new());
        let clock = Arc::new(FakeClock::at(Timestamp::parse_basic_iso("20261121T121500Z").unwrap()));
        let around = Surroundings {
            journal: JournalId(self.around.journal.0.map(|byte| byte + 1)),
            follower: journal.clone(),
            recorder: journal.clone(),
            clock: clock.clone(),
            ..self.around.clone()
        };
        Self { journal, clock, around }
    }

    fn record(&self, number: u8, account: &str, other: Option<&str>) {
        let record = Record {
            other_account: other.map(|other| other.parse().unwrap()),
            event_source: "kms.amazonaws.com",
            event_name: "Decrypt",
            identity: "{}",
            ..Record::new(
                self.clock.now(),
                RequestId::from_bytes([number; 16]),
                account.parse().unwrap(),
                "eu-central-1",
            )
        };
        self.journal.append(&record).unwrap();
    }
}

fn settings() -> DeliverySettings {
    DeliverySettings {
        trail: Trail { name: "kagiban".parse().unwrap(), home_region: "us-east-1".parse().unwrap() },
        targets: Vec::new(),
        every: Duration::from_secs(300),
        keep_days: None,
        buckets: BucketOptions::default(),
        collector_authorization: None,
        collector_form: CollectorForm::Lines,
    }
}

/// A target that fails once, at one of its calls: before it has done what it was asked for, or after.
#[derive(Debug)]
struct Faulty {
    inner: Directory,
    calls: AtomicUsize,
    fails_at: usize,
    after: bool,
}

#[async_trait]
impl ObjectTarget for Faulty {
    fn bucket(&self) -> &str {
        self.inner.bucket()
    }

    fn prefix(&self) -> &str {
        self.inner.prefix()
    }

    async fn put(&self, object: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<(), TargetError> {
        let fails = self.calls.fetch_add(1, Relaxed) + 1 == self.fails_at;
        if !fails || self.after {
            self.inner.put(object, bytes, metadata).await?;
        }
        if fails { Err(TargetError::Late { host: "test".to_owned() }) } else { Ok(()) }
    }
}

/// Three hours with records in two accounts; the process dies at every failure and a new one goes on.
async fn three_hours(bench: &Bench, place: &Path, fails_at: usize, after: bool) -> (usize, usize) {
    let inner = Directory::new(place.join("logs"), None);
    let target = Arc::new(Faulty { inner, calls: AtomicUsize::new(0), fails_at, after });
    let file = StateFile::new(place, &TargetSpec::Directory(place.join("logs"))).unwrap();
    let mut crashes = 0;
    for quarter in 0..12u8 {
        if quarter < 6 {
            bench.record(3 * quarter, "111122223333", None);
            bench.record(3 * quarter + 1, "111122223333", Some("444455556666"));
        }
        bench.clock.move_by_ms(15 * MINUTE_MS);
        let board = Arc::new(Board::new("test".to_owned()));
        let open = || Objects::open(target.clone(), &settings(), file.clone(), &bench.around, &board).unwrap();
        let mut objects = open();
        loop {
            match objects.step().await {
                Ok(Step::Done) => {}
                Ok(Step::Idle) => break,
                Err(_) => {
                    crashes += 1;
                    objects = open();
                }
            }
        }
    }
    (target.calls.load(Relaxed), crashes)
}

/// Every file below a directory.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn content(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

fn hash(text: &str) -> String {
    sha256::hash(&[text.as_bytes()]).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Follows the chain of an account from its last digest to its first; returns how many digests, files and records there are.
fn validate(files: &BTreeMap<String, Vec<u8>>, account: &str, signer: &dyn Signer) -> (usize, usize, usize) {
    let is_digest = |name: &&String| {
        name.starts_with(&format!("AWSLogs/{account}/CloudTrail-Digest/")) && name.ends_with(".json.gz")
    };
    let mut at = files.keys().rfind(is_digest).cloned();
    let (mut digests, mut logs, mut records) = (0, 0, 0);
    while let Some(object) = at {
        let text = content(&files[&object]);
        let digest: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&digest["digestS3Bucket"], &digest["digestS3Object"]), (&"logs".into(), &object.as_str().into()));
        let metadata: Value = serde_json::from_slice(&files[&format!("{object}.metadata.json")]).unwrap();
        assert_eq!(metadata["signature-algorithm"], "SHA256withRSA");
        let previous = digest["previousDigestSignature"].as_str().unwrap_or("null");
        let signed =
            format!("{}\nlogs/{object}\n{}\n{previous}", digest["digestEndTime"].as_str().unwrap(), hash(&text));
        let signature = unhex(metadata["signature"].as_str().unwrap());
        assert_eq!(verify(&signer.public_key(), signed.as_bytes(), &signature), Ok(()), "{object}");
        for log in digest["logFiles"].as_array().unwrap() {
            let text = content(&files[log["s3Object"].as_str().unwrap()]);
            assert_eq!(log["hashValue"], hash(&text));
            let log: Value = serde_json::from_str(&text).unwrap();
            records += log["Records"].as_array().unwrap().len();
            logs += 1;
        }
        digests += 1;
        at = digest["previousDigestS3Object"].as_str().map(str::to_owned);
    }
    (digests, logs, records)
}

/// However often the process dies, what it leaves is what it would have left without: no object under two names, no record
/// left out, the chains whole.
#[tokio::test]
async fn a_delivery_can_be_cut_off_anywhere() {
    let bench = Bench::new().await;
    let whole = tempfile::tempdir().unwrap();
    let (calls, crashes) = three_hours(&bench, whole.path(), 0, false).await;
    let expected = files(&whole.path().join("logs"));
    let signer = &*bench.around.signer;
    assert_eq!(validate(&expected, "111122223333", signer), (3, 5, 12));
    assert_eq!(validate(&expected, "444455556666", signer), (3, 5, 6));
    assert_eq!((calls, crashes), (10 + 2 * 6, 0));
    for fails_at in 1..=calls {
        for after in [false, true] {
            let (bench, place) = (bench.again(), tempfile::tempdir().unwrap());
            let (_, crashes) = three_hours(&bench, place.path(), fails_at, after).await;
            assert_eq!(crashes, 1);
            assert!(files(&place.path().join("logs")) == expected, "cut at call {fails_at}, after it: {after}");
        }
    }
}

/// A check that cannot fail is none: each change to a file is noticed by what judges above.
#[tokio::test]
async fn changed_files_are_noticed() {
    let (bench, place) = (Bench::new().await, tempfile::tempdir().unwrap());
    three_hours(&bench, place.path(), 0, false).await;
    let whole = files(&place.path().join("logs"));
    let changed = |name: &String| {
        let mut files = whole.clone();
        let text = content(&files[name]).replacen('1', "2", 1);
        files.insert(name.clone(), kagiban_audit::delivery::packed(text.as_bytes()).unwrap().0);
        files
    };
    for name in whole.keys().filter(|name| name.ends_with(".gz") && name.contains("/111122223333/")) {
        let files = changed(name);
        let signer = Arc::clone(&bench.around.signer);
        let judged =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| validate(&files, "111122223333", &*signer)));
        assert!(judged.is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_target_that_is_down_is_seen_and_holds_up_nothing() {
    let (bench, place) = (Bench::new().await, tempfile::tempdir().unwrap());
    // A file where a directory should be.
    fs::write(place.path().join("logs"), "").unwrap();
    let (stopper, stop) = shutdown::channel();
    let settings = DeliverySettings {
        targets: vec![TargetSpec::Directory(place.path().join("logs"))],
        every: Duration::from_millis(1),
        ..settings()
    };
    bench.record(1, "111122223333", None);
    bench.clock.move_by_ms(MINUTE_MS);
    let (deliveries, ended) = Deliveries::start(&settings, place.path(), &bench.around, &stop).unwrap();
    bench.clock.move_by_ms(MINUTE_MS);
    let seen = until(|| deliveries.targets().into_iter().find(|status| status.error.is_some())).await;
    assert_eq!((seen.behind, seen.delivered, seen.next.0), (1, None, 1));
    assert_eq!(seen.waiting_since, Some(Timestamp::parse_basic_iso("20261121T121500Z").unwrap()));
    assert_eq!(deliveries.description().bucket, "logs");
    fs::remove_file(place.path().join("logs")).unwrap();
    let seen = until(|| deliveries.targets().into_iter().find(|status| status.behind == 0)).await;
    assert_eq!((seen.error, seen.next.0), (None, 2));
    stopper.stop();
    ended.wait().await;
}

/// What is found, as soon as it is: another thread works at it.
async fn until<T>(find: impl Fn() -> Option<T>) -> T {
    let looked = async {
        loop {
            if let Some(found) = find() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), looked).await.unwrap()
}

/// A collector that refuses the first request.
async fn collector(listener: tokio::net::TcpListener) -> Vec<(String, Vec<Value>)> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut taken = Vec::new();
    let mut refused = false;
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        loop {
            let (mut read, mut end) = (vec![0; 65536], None);
            let count = stream.read(&mut read).await.unwrap();
            if count == 0 {
                break;
            }
            bytes.extend_from_slice(&read[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                end = (body.len() == length.parse::<usize>().unwrap()).then(|| (head.to_owned(), body.to_owned()));
            }
            let Some((head, body)) = end else { continue };
            bytes.clear();
            let status = if refused { "204 No Content" } else { "503 Service Unavailable" };
            stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await.unwrap();
            if refused {
                let lines: Vec<Value> = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
                taken.push((head, lines));
                if taken.iter().map(|(_, lines)| lines.len()).sum::<usize>() >= 3 {
                    return taken;
                }
            }
            refused = true;
        }
    }
}

#[tokio::test]
async fn a_collector_gets_every_record_and_is_asked_again() {
    let (bench, place) = (Bench::new().await, tempfile::tempdir().unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/in", listener.local_addr().unwrap());
    fs::write(place.path().join("token"), "Bearer token\n").unwrap();
    let settings = DeliverySettings {
        targets: vec![uri.parse().unwrap()],
        collector_authorization: Some(place.path().join("token")),
        ..settings()
    };
    bench.record(1, "111122223333", Some("444455556666"));
    let (stopper, stop) = shutdown::channel();
    let taking = tokio::spawn(collector(listener));
    let (deliveries, ended) = Deliveries::start(&settings, place.path(), &bench.around, &stop).unwrap();
    // What broke: a collector never told for how long records waited for it.
    let recorded = bench.clock.now();
    let waiting = until(|| deliveries.targets().into_iter().find(|status| status.error.is_some())).await;
    assert_eq!((waiting.behind, waiting.waiting_since), (1, Some(recorded)));
    until(|| (deliveries.targets()[0].behind == 0).then_some(())).await;
    assert_eq!(deliveries.targets()[0].waiting_since, None);
    bench.record(2, "111122223333", None);
    let taken = taking.await.unwrap();
    let accounts: Vec<_> =
        taken.iter().flat_map(|(_, lines)| lines).map(|line| line["recipientAccountId"].as_str().unwrap()).collect();
    assert_eq!(accounts, ["111122223333", "444455556666", "111122223333"]);
    let ranges: Vec<_> =
        taken.iter().map(|(head, _)| head.lines().find_map(|l| l.strip_prefix("x-kagiban-records: "))).collect();
    assert_eq!(ranges, [Some("1-1"), Some("2-2")]);
    assert!(taken[0].0.contains("authorization: Bearer token"), "{}", taken[0].0);
    until(|| (deliveries.targets()[0].behind == 0).then_some(())).await;
    stopper.stop();
    ended.wait().await;
    // The next process goes on where this one was.
    let state = StateFile::new(place.path(), &settings.targets[0]).unwrap();
    let place = String::from_utf8(state.load().unwrap().unwrap()).unwrap();
    assert!(place.contains("\"next\":3,"), "{place}");
}

/// Takes lines and counts them.
#[derive(Debug, Default)]
struct Sink(Arc<AtomicUsize>);

#[async_trait]
impl LineTarget for Sink {
    async fn send(&self, batch: &lines::Batch) -> Result<(), TargetError> {
        self.0.fetch_add(batch.lines.len(), Relaxed);
        Ok(())
    }
}

/// The place that was written down is behind the end of the journal that is there, or before it. What broke: in a journal that
/// was longer, the records before the old one's place were taken for delivered.
#[tokio::test]
async fn another_journal_is_delivered_from_its_beginning() {
    let (bench, place) = (Bench::new().await, tempfile::tempdir().unwrap());
    let other = bench.again();
    let longer = other.again();
    (7..16).for_each(|number| longer.record(number, "111122223333", None));
    longer.clock.move_by_ms(120 * MINUTE_MS);
    (0..5).for_each(|number| bench.record(number, "111122223333", None));
    (5..7).for_each(|number| other.record(number, "111122223333", None));
    other.clock.move_by_ms(60 * MINUTE_MS);
    let spec = TargetSpec::Directory(place.path().join("logs"));
    let sent = Arc::new(AtomicUsize::new(0));
    for (bench, next, sent_until_now) in [(&bench, 6, 5), (&other, 3, 7), (&longer, 10, 16), (&longer, 10, 16)] {
        bench.clock.move_by_ms(15 * MINUTE_MS);
        let file = StateFile::new(place.path(), &spec).unwrap();
        let board = Arc::new(Board::new("test".to_owned()));
        let target = Arc::new(Directory::new(place.path().join("logs"), None));
        let mut objects = Objects::open(target, &settings(), file, &bench.around, &board).unwrap();
        bench.clock.move_by_ms(15 * MINUTE_MS);
        while objects.step().await.unwrap() == Step::Done {}
        assert_eq!(board.status().next, Sequence(next));

        let file = StateFile::new(place.path(), &TargetSpec::StandardOutput).unwrap();
        let mut lines = Lines::open(Box::new(Sink(Arc::clone(&sent))), file, &bench.around, &board).unwrap();
        while lines.step().await.unwrap() == Step::Done {}
        assert_eq!((board.status().next, sent.load(Relaxed)), (Sequence(next), sent_until_now));
    }
}
