//! The audit of a data directory, beside a server and without one.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::tempdir;

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
    assert_eq!(json(&["search", "--event-id", one]), serde_json::json!({"Records": [records[1]]}));
    assert_eq!(json(&["search", "--key", "none"]), serde_json::json!({"Records": []}));
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
