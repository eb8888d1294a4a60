//! Heads at a URL: a real HTTP server on this machine takes them, refuses them, or is not there.

use kagiban_audit::Record;
use kagiban_audit::Recorder as _;
use kagiban_audit::anchor::read_head;
use kagiban_audit::journal::Options;
use kagiban_audit::signing::Signer as _;
use kagiban_base::id::RequestId;
use kagiban_base::os::OsRandom;
use kagiban_service::audit_key::AuditSigner;
use kagiban_testkit::{FakeClock, World};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

#[test]
fn places_are_files_or_urls() {
    for text in ["file:/mnt/head", "file:head", "https://anchor.example/in?key=secret", "http://127.0.0.1:9/"] {
        assert!(text.parse::<AnchorSpec>().is_ok(), "{text}");
    }
    for text in ["", "file:", "/mnt/head", "ftp://anchor.example/", "https:", "anchor.example"] {
        assert!(text.parse::<AnchorSpec>().is_err(), "{text}");
    }
    let shown = "https://anchor.example/in?key=secret".parse::<AnchorSpec>().unwrap().to_string();
    assert_eq!(shown, "anchor.example");
}

/// A journal with a signer, and a clock.
struct Bench {
    _directory: tempfile::TempDir,
    journal: Arc<Journal>,
    signer: Arc<AuditSigner>,
    clock: Arc<FakeClock>,
}

impl Bench {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Timestamp::from_unix_ms(1_800_000_000_000)));
        let signer = World::new().await.service.audit_signer().await.unwrap();
        let tick = Duration::from_millis(1);
        let options = Options { sync_every: tick, head_every: tick, ..Options::new(directory.path().join("audit")) };
        let journal = Arc::new(Journal::open(options, clock.clone(), &OsRandom).unwrap());
        journal.sign_with(signer.clone(), &[signer.public_key()]).unwrap();
        Self { _directory: directory, journal, signer, clock }
    }

    /// Records something, and waits until the head covers it.
    async fn record(&self) {
        let number = RequestId::generate(&OsRandom).unwrap();
        let account = "111122223333".parse().unwrap();
        let record = Record::new(self.clock.now(), number, account, "eu-central-1");
        let sequence = self.journal.append(&record).unwrap();
        while self.journal.head().head.at.sequence < sequence {
            tokio::task::yield_now().await;
        }
    }

    fn anchors(&self, specs: &[&str]) -> Anchors {
        let specs: Vec<_> = specs.iter().map(|spec| spec.parse().unwrap()).collect();
        Anchors::new(&specs, &self.journal, self.clock.clone()).unwrap()
    }
}

/// Takes one request and answers it with a status; the head of the request and its body.
async fn answer(listener: &TcpListener, status: &str) -> (String, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    let (head, body) = loop {
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "the request is cut off");
        bytes.extend_from_slice(&buffer[..count]);
        let text = str::from_utf8(&bytes).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap() {
                break (head.to_owned(), body.to_owned());
            }
        }
    };
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    (head, body)
}

#[tokio::test]
async fn a_server_gets_the_signed_head_each_hour() {
    let bench = Bench::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in/here?key=secret", listener.local_addr().unwrap());
    let mut anchors = bench.anchors(&[&url]);
    for (hour, records) in [(0, 1), (1, 3)] {
        while bench.journal.head().head.at.sequence < Sequence(records) {
            bench.record().await;
        }
        let ((head, body), ()) = tokio::join!(answer(&listener, "204 No Content"), anchors.look());
        assert!(head.starts_with("POST /in/here?key=secret HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("content-type: text/plain; charset=utf-8"), "{head}");
        let kept = read_head(&body, &[bench.signer.public_key()]).unwrap();
        assert_eq!((kept.head.at.sequence, kept.head.journal), (Sequence(records), bench.journal.id()));
        // What somebody changed on the way is no head of this deployment.
        let forged = body.replace(&format!("sequence {records}\n"), "sequence 9\n");
        assert!(read_head(&forged, &[bench.signer.public_key()]).is_err());
        let board = anchors.board().lock().unwrap().clone();
        assert_eq!(board[0].kept, Some((bench.clock.now(), Sequence(records))), "{hour}");
        assert!(!board[0].is_failing && board[0].failures == 0 && !board[0].anchor.contains("secret"), "{board:?}");
        // Within the hour nothing is sent: nobody would answer.
        anchors.look().await;
        bench.clock.move_by_ms(HOUR_MS);
    }
}

/// It is tried again each time until it works, and how long that has been so is seen.
#[tokio::test]
async fn a_server_that_fails_is_asked_again_and_seen_to_lag() {
    let bench = Bench::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    bench.record().await;
    let mut anchors = bench.anchors(&[&url]);
    let board = anchors.board();
    let status = || board.lock().unwrap()[0].clone();
    for (failures, refusal) in (1..).zip(["500 Internal Server Error", "302 Found", "403 Forbidden"]) {
        tokio::join!(answer(&listener, refusal), anchors.look());
        assert_eq!((status().failures, status().is_failing, status().kept), (failures, true, None), "{refusal}");
        bench.record().await;
    }
    // The newest head, not the one that was refused.
    let ((_, body), ()) = tokio::join!(answer(&listener, "200 OK"), anchors.look());
    assert_eq!(read_head(&body, &[bench.signer.public_key()]).unwrap().head.at.sequence, Sequence(4));
    let kept = Some((bench.clock.now(), Sequence(4)));
    assert_eq!((status().failures, status().is_failing, status().kept), (3, false, kept));
    // Nobody is there any more; what was kept stays known.
    drop(listener);
    bench.clock.move_by_ms(HOUR_MS);
    anchors.look().await;
    assert_eq!((status().failures, status().is_failing, status().kept), (4, true, kept));
}

#[tokio::test]
async fn the_last_head_is_kept_at_the_end() {
    let bench = Bench::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut anchors = bench.anchors(&[&url]);
    tokio::join!(answer(&listener, "200 OK"), anchors.look());
    bench.record().await;
    bench.journal.close();
    let ((_, body), ()) = tokio::join!(answer(&listener, "200 OK"), anchors.end());
    assert_eq!(read_head(&body, &[bench.signer.public_key()]).unwrap().head.at.sequence, Sequence(1));
}

#[tokio::test]
async fn no_two_places_have_one_name() {
    let bench = Bench::new().await;
    let urls = ["https://a.example/x?key=1", "https://a.example/x?key=2", "https://a.example/y"];
    let board = bench.anchors(&urls).board();
    let names: Vec<_> = board.lock().unwrap().iter().map(|status| status.anchor.clone()).collect();
    assert_eq!(names, ["https://a.example/x", "https://a.example/x (2)", "https://a.example/y"]);
}
