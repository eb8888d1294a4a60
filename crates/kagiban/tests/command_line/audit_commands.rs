//! The audit of a data directory, beside a server and without one.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::audit::{exchange, request};
use crate::support::{Server, kagiban, path, run};

/// What a request that nobody signed is told, and what its record says: it has one too.
const REFUSAL: &str = "MissingAuthenticationTokenException";

fn ask(server: &Server) {
    let mut stream = server.connect();
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: TrentService.ListKeys\r\n";
    write!(
        stream,
        "{head}content-type: application/x-amz-json-1.1\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(REFUSAL), "{answer}");
}

fn audit(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let (output, shown, error) = run(kagiban(&["audit"]).args(arguments).args(["--data", path(data)]));
    (output.status.code(), shown, error)
}

/// What a command shows that is to succeed.
fn shown(data: &Path, arguments: &[&str]) -> String {
    let (code, shown, error) = audit(data, arguments);
    assert_eq!((code, error.as_str()), (Some(0), ""), "{arguments:?}: {shown}");
    shown
}

fn first_segment(data: &Path) -> PathBuf {
    data.join("audit/journal/0000000001.records")
}

/// Calls an operation as the root user of an account for development.
fn call(server: &Server, operation: &str, body: &Value) -> Value {
    let mut stream = BufReader::new(server.connect());
    let request = request(&server.address, operation, &body.to_string());
    let (status, _, answer) = exchange(&mut stream, &request).unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
    serde_json::from_slice(&answer).unwrap()
}

#[test]
fn the_conditions_of_a_search_and_of_the_use_map_are_those_that_were_given() {
    let home = tempdir().unwrap();
    let data = home.path().join("data");
    let server = Server::start(&mut kagiban(&["serve", "--dev", "--listen", "localhost:0", "--data", path(&data)]));
    let key = |_| call(&server, "CreateKey", &json!({}))["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let [one, other] = [0, 1].map(key);
    for (key, context) in [
        (&one, json!({"app": "shop", "row": "1"})),
        (&one, json!({"app": "shop", "row": "2"})),
        (&other, json!({"app": "shop=a", "row": "1"})),
        (&other, json!({"shop": "app"})),
    ] {
        call(&server, "Encrypt", &json!({"KeyId": key, "Plaintext": "aGVsbG8=", "EncryptionContext": context}));
    }
    server.signal(Signal::TERM);
    assert!(server.ended().0.success());
    let count = |arguments: &[&str], member: &str| {
        let found = shown(&data, &[arguments, &["--output", "json"]].concat());
        serde_json::from_str::<Value>(&found).unwrap()[member].as_array().unwrap().len()
    };
    for (conditions, expected) in [
        (&["--encryption-context", "app=shop"][..], 2),
        (&["--encryption-context", "app=shop=a"], 1),
        (&["--encryption-context", "app=shop", "--encryption-context", "row=2"], 1),
        (&["--encryption-context", "row=1", "--key", &other], 1),
        (&["--encryption-context", "app=app"], 0),
        (&["--encryption-context", "shop="], 0),
    ] {
        assert_eq!(count(&[&["search"], conditions].concat(), "Records"), expected, "{conditions:?}");
    }
    let (code, _, error) = audit(&data, &["search", "--encryption-context", "app"]);
    assert!(code == Some(2) && error.contains("NAME=VALUE"), "{error}");
    for (conditions, expected) in [
        (&["--by", "all"][..], 4),
        (&["--by", "hour", "--key", &one], 2),
        (&["--key", &one, "--operation", "Encrypt"], 1),
        (&["--operation", "Decrypt"], 0),
        (&["--principal", "nobody"], 0),
        (&["--principal", "arn:aws:iam::000000000000:root", "--from", "1h"], 4),
        (&["--from", "1h", "--until", "2030-01-01"], 4),
        (&["--until", "3h"], 0),
    ] {
        assert_eq!(count(&[&["uses"], conditions].concat(), "Uses"), expected, "{conditions:?}");
    }
}

#[test]
fn records_are_found_counted_and_verified() {
    let home = tempdir().unwrap();
    let data = home.path().join("data");
    let arguments = ["serve", "--dev", "--listen", "localhost:0", "--data", path(&data)];
    let server = Server::start(&mut kagiban(&arguments));
    (0..3).for_each(|_| ask(&server));
    assert!(shown(&data, &["verify"]).contains("Sound: "));
    server.signal(Signal::TERM);
    assert!(server.ended().0.success());

    let text = shown(&data, &["search", "--error", REFUSAL, "--outcome", "failure", "--from", "1h"]);
    assert!(text.starts_with("TIME ") && text.ends_with("3 found.\n"), "{text}");
    assert_eq!(
        shown(&data, &["search", "--limit", "1"]).lines().last(),
        Some("The first 1; there may be more: --limit.")
    );
    assert_eq!(shown(&data, &["search", "--until", "1h"]), "0 found.\n");
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&shown(&data, &[arguments, &["--output", "json"]].concat())).unwrap()
    };
    let records = json(&["search", "--oldest-first"])["Records"].as_array().unwrap().clone();
    assert_eq!(records.iter().map(|record| &record["errorCode"]).collect::<Vec<_>>(), [REFUSAL; 3]);
    let one = records[1]["eventID"].as_str().unwrap();
    assert_eq!(json(&["search", "--event-id", one]), json!({"Records": [records[1]]}));
    assert_eq!(json(&["search", "--key", "none"]), json!({"Records": []}));
    let uses = json(&["uses", "--by", "all"]);
    assert_eq!((&uses["Uses"][0]["Count"], &uses["Uses"][0]["ErrorCode"]), (&3.into(), &REFUSAL.into()), "{uses}");

    let anchor = home.path().join("anchor");
    assert!(shown(&data, &["anchor", "--write", path(&anchor)]).starts_with("The head at record 3 is in "));
    assert_eq!(shown(&data, &["anchor"]), fs::read_to_string(&anchor).unwrap());
    let key = fs::read_dir(data.join("audit/keys")).unwrap().next().unwrap().unwrap().path();
    let text = shown(&data, &["verify", "--anchor", path(&anchor), "--public-key", path(&key)]);
    assert!(text.starts_with("Sound: records 1 to 3 are as they were recorded."), "{text}");

    let segment = first_segment(&data);
    let mut bytes = fs::read(&segment).unwrap();
    let mut places = bytes.windows(REFUSAL.len()).enumerate().filter(|(_, window)| *window == REFUSAL.as_bytes());
    let (at, _) = places.nth(1).unwrap();
    bytes[at] = b'm';
    fs::write(&segment, bytes).unwrap();
    let (code, text, error) = audit(&data, &["verify"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.starts_with("WRONG  record 2: changed (journal/0000000001.records)\n"), "{text}");
    assert!(text.contains("NOT SOUND") && error.contains("docs/audit.md"), "{text} {error}");
}

/// Copies a directory.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, &copied).unwrap();
        }
    }
}

/// An older state of everything is perfect in itself; what was kept elsewhere tells.
#[test]
fn a_machine_that_was_rolled_back_does_not_serve() {
    let home = tempdir().unwrap();
    let (data, older, anchor) = (home.path().join("data"), home.path().join("older"), home.path().join("anchor"));
    let kept = format!("file:{}", path(&anchor));
    let arguments =
        ["serve", "--dev", "--listen", "localhost:0", "--data", path(&data), "--audit-anchor", kept.as_str()];
    for round in 0..2 {
        let server = Server::start(&mut kagiban(&arguments));
        ask(&server);
        server.signal(Signal::TERM);
        assert!(server.ended().0.success());
        if round == 0 {
            copy(&data, &older);
        }
    }
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&older, &data).unwrap();
    let (output, _, error) = run(&mut kagiban(&arguments));
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("has a head of record 2, and the journal's is of record 1"), "{error}");
    assert!(shown(&data, &["verify"]).contains("Sound"));
    let (code, text, _) = audit(&data, &["verify", "--anchor", path(&anchor)]);
    assert_eq!(code, Some(1));
    assert!(text.starts_with("WRONG  record 2: rolled back or cut off: the anchor "), "{text}");
}

/// The journal's files are put back to an older state, and the store is not.
#[test]
fn a_journal_that_was_put_back_does_not_serve_unless_that_is_accepted() {
    let home = tempdir().unwrap();
    let (data, older) = (home.path().join("data"), home.path().join("older"));
    let arguments = ["serve", "--dev", "--listen", "localhost:0", "--data", path(&data)];
    for round in 0..2 {
        let server = Server::start(&mut kagiban(&arguments));
        ask(&server);
        server.signal(Signal::TERM);
        assert!(server.ended().0.success());
        if round == 0 {
            copy(&data.join("audit"), &older);
        }
    }
    let put_back = || {
        fs::remove_dir_all(data.join("audit")).unwrap();
        copy(&older, &data.join("audit"));
    };
    put_back();
    let (output, _, error) = run(&mut kagiban(&arguments));
    assert_eq!(output.status.code(), Some(1));
    for part in ["older state than the head of record 2", "records 2 to 2 are missing", "--accept-audit-loss"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(shown(&data, &["verify"]).contains("Sound"));
    let server = Server::start(kagiban(&arguments).arg("--accept-audit-loss"));
    ask(&server);
    while !shown(&data, &["anchor"]).contains("\nsequence 3\n") {}
    // What the running server's store says is held against it, and against the older state of it.
    let verify = |data: &Path| {
        let url = format!("http://{}", server.address);
        let mut command = kagiban(&["audit", "verify", "--server", url.as_str(), "--data", path(data)]);
        let (output, shown, error) = run(command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test"));
        (output.status.code(), shown, error)
    };
    let (code, text, error) = verify(&data);
    assert_eq!(code, Some(0), "{text}{error}");
    assert!(text.contains("lost, and started without") && text.contains("1 anchors"), "{text}");
    let (code, text, _) = verify(&older);
    assert_eq!(code, Some(1));
    assert!(text.contains("rolled back or cut off: the head in the server's store has them"), "{text}");
    server.signal(Signal::TERM);
    assert!(server.ended().0.success());
    // That of before, the one after, and two that asked for heads.
    assert!(shown(&data, &["search", "--limit", "0"]).ends_with("4 found.\n"));
}

/// The files of a delivery and of an export below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn what_was_delivered_is_verified_with_the_records() {
    let home = tempdir().unwrap();
    let (data, logs) = (home.path().join("data"), home.path().join("logs"));
    let target = format!("dir:{}", path(&logs));
    let deliver = ["--audit-deliver", &target, "--audit-deliver-every", "100ms"];
    let server =
        Server::start(kagiban(&["serve", "--dev", "--listen", "localhost:0", "--data", path(&data)]).args(deliver));
    ask(&server);
    while !logs.exists() || files(&logs).iter().all(|path| path.extension().is_none_or(|end| end != "gz")) {
        std::thread::yield_now();
    }
    server.signal(Signal::TERM);
    assert!(server.ended().0.success());
    let text = shown(&data, &["verify", "--delivered", path(&logs)]);
    assert!(text.contains("0 digests, 1 log files with 1 copies of these records."), "{text}");
    assert!(!text.contains("does not say how far"), "{text}");
    let log = files(&logs).pop().unwrap();
    fs::remove_file(&log).unwrap();
    let (code, text, error) = audit(&data, &["verify", "--delivered", path(&logs)]);
    assert_eq!(code, Some(1), "{error}");
    assert!(text.starts_with("WRONG  the log file is missing (") && text.contains(path(&log)), "{text}");
    let (code, _, error) = audit(&data, &["verify", "--delivered", path(home.path())]);
    assert_eq!(code, Some(1));
    assert!(error.contains("AWSLogs"), "{error}");
}

#[test]
fn records_are_exported_once() {
    let home = tempdir().unwrap();
    let (data, to) = (home.path().join("data"), home.path().join("export"));
    let serve = ["serve", "--dev", "--listen", "localhost:0", "--data", path(&data)];
    let server = Server::start(&mut kagiban(&serve));
    (0..3).for_each(|_| ask(&server));
    let export = |arguments: &[&str]| shown(&data, &[&["export"], arguments].concat());
    let lines = export(&["--to", "-", "--form", "lines"]);
    let records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.iter().map(|record| &record["errorCode"]).collect::<Vec<_>>(), [REFUSAL; 3]);
    assert_eq!(export(&["--to", "-", "--form", "lines", "--until", "1h"]), "");
    let told = format!("3 records in 1 files in {}.\n", path(&to));
    assert_eq!(export(&["--to", path(&to)]), told);
    ask(&server);
    // It is done: what came later is not in it.
    assert_eq!(export(&["--to", path(&to)]), told);
    let written: Vec<_> =
        files(&to).into_iter().filter(|path| path.extension().is_some_and(|end| end == "gz")).collect();
    assert_eq!(written.len(), 1);
    assert!(path(&written[0]).contains("/AWSLogs/") && path(&written[0]).contains("/CloudTrail/"), "{written:?}");
    for (arguments, status, message) in [
        (&["export", "--to", path(&to), "--outcome", "failure"][..], 1, "another export"),
        (&["export", "--to", "-"], 2, "--form lines"),
    ] {
        let (code, text, error) = audit(&data, arguments);
        assert_eq!((code, text.as_str()), (Some(status), ""), "{arguments:?}");
        assert!(error.contains(message), "{error}");
    }
    server.signal(Signal::TERM);
    assert!(server.ended().0.success());
}

#[test]
fn what_is_no_audit_is_refused() {
    let home = tempdir().unwrap();
    for command in ["search", "uses", "verify", "anchor"] {
        let (code, shown, error) = audit(home.path(), &[command]);
        assert_eq!((code, shown.as_str()), (Some(2), ""));
        assert!(error.contains("is no data directory with an audit"), "{error}");
    }
    let (code, ..) = audit(home.path(), &["search", "--from", "yesterday"]);
    assert_eq!(code, Some(2));
}
