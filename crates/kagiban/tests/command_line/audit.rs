//! The audit journal of a real process: no answered request goes without its record, whatever ends the process, and nothing
//! is answered once the journal cannot be written.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use kagiban_audit::Record;
use kagiban_audit::journal::segment::{SegmentFile, Stop};
use kagiban_base::os::SystemClock;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock as _;
use kagiban_identity::sigv4::Signer;
use rustix::process::Signal;
use tempfile::tempdir;

use crate::support::{Server, kagiban, path};

/// Requests at once.
const CLIENTS: usize = 6;

/// A signed request that can be sent again and again.
pub(crate) fn request(address: &str, operation: &str, body: &str) -> Vec<u8> {
    let signer = Signer {
        access_key_id: "test".parse().unwrap(),
        secret_access_key: SecretBytes::from_slice(b"test"),
        security_token: None,
        region: "us-east-1".parse().unwrap(),
        service: "kms",
    };
    let request = http::Request::post("/").header("host", address).header("user-agent", "x".repeat(1000));
    let mut request =
        request.header("x-amz-target", format!("TrentService.{operation}")).body(body.to_owned()).unwrap();
    signer.sign(&mut request, SystemClock.now()).unwrap();
    let mut text = format!("POST / HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in request.headers() {
        text += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    (text + "\r\n" + body).into_bytes()
}

/// Status, request id and body of the answer to `request`; `None` when the server is gone before it is whole.
pub(crate) fn exchange(stream: &mut BufReader<TcpStream>, request: &[u8]) -> Option<(u16, String, Vec<u8>)> {
    stream.get_mut().write_all(request).ok()?;
    let (mut status, mut id, mut len) = (0, String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let line = line.trim_end().to_ascii_lowercase();
        match line.split_once(": ") {
            Some(("x-amzn-requestid", value)) => value.clone_into(&mut id),
            Some(("content-length", value)) => len = value.parse().unwrap(),
            None if line.is_empty() => break,
            None => status = line.split(' ').nth(1).unwrap().parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; len];
    stream.read_exact(&mut body).ok()?;
    Some((status, id, body))
}

/// Sends requests over several connections until the server ends or `is_enough` of an answer's status and the number of
/// answers. Gives the ids of all answers with status 200.
fn answered(server: &Server, is_enough: impl Fn(u16, usize) -> bool + Sync) -> BTreeSet<String> {
    let request = request(&server.address, "ListKeys", "{}");
    let (ids, count) = (Mutex::new(BTreeSet::new()), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut stream = BufReader::new(server.connect());
                while let Some((status, id, _)) = exchange(&mut stream, &request) {
                    if status == 200 {
                        assert!(ids.lock().unwrap().insert(id));
                    }
                    if is_enough(status, count.fetch_add(1, Ordering::AcqRel)) {
                        return;
                    }
                }
            });
        }
    });
    ids.into_inner().unwrap()
}

/// The numbers of all requests in a journal, read without a server. There is no gap between them.
fn recorded(data: &Path) -> BTreeSet<String> {
    let mut paths: Vec<_> =
        std::fs::read_dir(data.join("audit/journal")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "records"));
    paths.sort();
    let mut numbers = BTreeSet::new();
    let mut next = 1;
    for path in paths {
        let file = SegmentFile::read(&path).unwrap();
        for entry in file.entries() {
            assert_eq!(entry.sequence.0, next);
            next += 1;
            numbers.insert(Record::decode(&entry.bytes).unwrap().number.as_str().to_owned());
        }
        let mut records = file.records();
        records.by_ref().for_each(drop);
        assert_eq!(records.stop(), Some(Stop::End), "{}", path.display());
    }
    numbers
}

#[test]
fn no_answered_request_goes_without_its_record_when_the_process_is_killed() {
    for degree in ["journal", "strict"] {
        let above = tempdir().unwrap();
        let data = above.path().join("data");
        let mut all = BTreeSet::new();
        for round in 0..8 {
            let options =
                ["serve", "--dev", "--listen", "127.0.0.1:0", "--audit-degree", degree, "--data", path(&data)];
            let server = Server::start(&mut kagiban(&options));
            let kill_at = 40 + round * 61;
            all.append(&mut answered(&server, |_, count| {
                if count == kill_at {
                    server.signal(Signal::KILL);
                }
                false
            }));
            let (status, log) = server.ended();
            assert!(!status.success() && all.len() > kill_at, "{log}");
            let recorded = recorded(&data);
            assert!(
                all.is_subset(&recorded),
                "{degree} {round}: {} of {}",
                all.difference(&recorded).count(),
                all.len()
            );
        }
    }
}

#[test]
fn a_journal_that_cannot_grow_stops_the_service_and_a_start_with_room_goes_on() {
    let above = tempdir().unwrap();
    let data = above.path().join("data");
    let options = ["serve", "--dev", "--listen", "127.0.0.1:0", "--data", path(&data)];
    // No file longer than 3 MiB: the journal's third segment would be.
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 6144; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_kagiban")]);
    limited.args(options).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let server = Server::start(&mut limited);
    assert!(server.get("/healthz").contains(" 200 ") && server.get("/readyz").contains(" 200 "));
    let ids = answered(&server, |status, count| status != 200 || count > 50_000);
    assert!((1000..50_000).contains(&ids.len()), "{}", ids.len());
    let mut stream = BufReader::new(server.connect());
    let refused = exchange(&mut stream, &request(&server.address, "GenerateRandom", r#"{"NumberOfBytes":1}"#)).unwrap();
    assert_eq!(refused.0, 503);
    let health = server.get("/healthz");
    assert!(health.contains(" 503 ") && health.ends_with("\r\n\r\nthe audit journal has stopped\n"), "{health}");
    let ready = server.get("/readyz");
    assert!(ready.contains(" 503 ") && ready.contains("the audit journal has stopped"), "{ready}");
    server.signal(Signal::TERM);
    let (_, log) = server.ended();
    assert!(log.contains("the audit journal has stopped: no request is answered any more"), "{log}");
    assert!(ids.is_subset(&recorded(&data)));

    let server = Server::start(&mut kagiban(&options));
    let more = answered(&server, |_, count| count > 50);
    server.signal(Signal::TERM);
    assert!(server.ended().0.success());
    let recorded = recorded(&data);
    assert!(ids.union(&more).all(|id| recorded.contains(id)) && more.len() > 50);
}

#[test]
fn a_journal_that_was_cut_is_not_served_unless_the_loss_is_accepted() {
    let above = tempdir().unwrap();
    let data = above.path().join("data");
    let options = ["serve", "--dev", "--listen", "127.0.0.1:0", "--data", path(&data)];
    let server = Server::start(&mut kagiban(&options));
    answered(&server, |_, count| count > 20);
    server.signal(Signal::TERM);
    assert!(server.ended().0.success());
    let refused = |reason: &str| {
        let output = kagiban(&options).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(reason) && error.contains("--accept-audit-loss"), "{error}");
    };
    let segment = data.join("audit/journal/0000000001.records");
    let bytes = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &bytes[..2000]).unwrap();
    refused("are missing or damaged");
    std::fs::write(&segment, bytes).unwrap();
    // A journal of one's own in place of the one that is there.
    let kept = above.path().join("kept");
    std::fs::rename(data.join("audit"), &kept).unwrap();
    refused("that one is gone");
    let accepting = [&options[..], &["--accept-audit-loss"]].concat();
    let server = Server::start(&mut kagiban(&accepting));
    assert!(!answered(&server, |_, count| count > 5).is_empty());
    server.signal(Signal::TERM);
    assert!(server.ended().0.success());
    // The audit says for ever that it goes on without the one before.
    let verified = kagiban(&["audit", "verify", "--data", path(&data)]).output().unwrap();
    let said = [verified.stdout, verified.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(verified.status.success() && said.contains("started without it on"), "{said}");
    let server = Server::start(&mut kagiban(&options));
    assert!(!answered(&server, |_, count| count > 5).is_empty());
}
