//! What the service does by itself is in the journal once for each time that it was done, whatever ends the process: store and
//! journal are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use kagiban_audit::archive::History;
use kagiban_audit::{Follower as _, Record, RecordKind, Sequence};
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::audit::{exchange, request};
use crate::support::{Server, kagiban, path, run};

/// Processes that are killed.
const ROUNDS: usize = 6;
/// Keys of a round, one for each client.
const KEYS: usize = 4;

fn serve(data: &Path) -> Server {
    Server::start(&mut kagiban(&["serve", "--dev", "--listen", "127.0.0.1:0", "--data", path(data)]))
}

/// The answer to a call; `None` when the server is gone.
fn call(stream: &mut BufReader<std::net::TcpStream>, server: &Server, operation: &str, input: &Value) -> Option<Value> {
    let (status, _, body) = exchange(stream, &request(&server.address, operation, &input.to_string()))?;
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    (status == 200).then_some(body)
}

fn stream(server: &Server) -> BufReader<std::net::TcpStream> {
    BufReader::new(server.connect())
}

/// Rotates keys until the process is killed.
fn rotate_until_killed(server: &Server, kill_at: usize, keys: &mut BTreeSet<String>) {
    let mut one = stream(server);
    let made: Vec<String> = (0..KEYS)
        .map(|_| {
            let made = call(&mut one, server, "CreateKey", &json!({})).unwrap();
            made.pointer("/KeyMetadata/Arn").and_then(Value::as_str).unwrap().to_owned()
        })
        .collect();
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for key in &made {
            let (count, input) = (&count, json!({"KeyId": key}));
            scope.spawn(move || {
                let mut stream = stream(server);
                while call(&mut stream, server, "RotateKeyOnDemand", &input).is_some() {
                    if count.fetch_add(1, Ordering::AcqRel) == kill_at {
                        server.signal(Signal::KILL);
                    }
                }
            });
        }
    });
    keys.extend(made);
}

/// The events of this name: how often each number is there, by the key.
fn events(data: &Path, name: &str) -> BTreeMap<String, BTreeMap<String, usize>> {
    let history = History::open(&data.join("audit")).unwrap();
    let (mut events, mut next) = (BTreeMap::<_, BTreeMap<_, _>>::new(), Sequence(1));
    loop {
        let entries = history.read(next, 1 << 20).unwrap();
        let Some(last) = entries.last() else { return events };
        next = last.sequence.next();
        for entry in &entries {
            let record = Record::decode(&entry.bytes).unwrap();
            if record.kind == RecordKind::ServiceEvent && record.event_name == name {
                let of_key = events.entry(record.resources.to_owned()).or_default();
                *of_key.entry(record.number.as_str().to_owned()).or_default() += 1;
            }
        }
    }
}

/// How often the store says that a key was rotated.
fn rotations(server: &Server, key: &str) -> usize {
    let listed = call(&mut stream(server), server, "ListKeyRotations", &json!({"KeyId": key, "Limit": 1000})).unwrap();
    assert_eq!(listed.get("Truncated"), Some(&json!(false)));
    let rotations = listed.get("Rotations").and_then(Value::as_array).unwrap();
    rotations.iter().filter(|rotation| rotation.get("RotationType").is_some_and(|kind| kind == "ON_DEMAND")).count()
}

/// Waits until the journal has so many different events of this name.
fn wait(data: &Path, name: &str, count: usize) -> BTreeMap<String, BTreeMap<String, usize>> {
    loop {
        let events = events(data, name);
        if events.values().map(BTreeMap::len).sum::<usize>() >= count {
            return events;
        }
        std::thread::yield_now();
    }
}

#[test]
fn each_rotation_and_deletion_is_an_event_once_whatever_kills_the_process() {
    let above = tempdir().unwrap();
    let data = above.path().join("data");
    let mut keys = BTreeSet::new();
    for round in 0..ROUNDS {
        let server = serve(&data);
        rotate_until_killed(&server, 3 + round * 7, &mut keys);
        assert!(!server.ended().0.success());
    }
    let server = serve(&data);
    let stored: BTreeMap<&String, usize> = keys.iter().map(|key| (key, rotations(&server, key))).collect();
    let all: usize = stored.values().sum();
    assert!(all > ROUNDS * 3, "{stored:?}");
    wait(&data, "RotateKey", all);
    for key in &keys {
        let input = json!({"KeyId": key, "PendingWindowInDays": 7});
        call(&mut stream(&server), &server, "ScheduleKeyDeletion", &input).unwrap();
    }
    let mut command = kagiban(&["clock", "advance", "8d"]);
    command.env("AWS_ENDPOINT_URL", format!("http://{}", server.address));
    let (output, _, error) = run(command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test"));
    assert!(output.status.success(), "{error}");
    // In the middle of deleting, it may be; and once more when it is at it again.
    server.signal(Signal::KILL);
    assert!(!server.ended().0.success());
    let server = serve(&data);
    wait(&data, "DeleteKey", 1);
    server.signal(Signal::KILL);
    assert!(!server.ended().0.success());
    let server = serve(&data);
    wait(&data, "DeleteKey", keys.len());
    for key in &keys {
        assert_eq!(call(&mut stream(&server), &server, "DescribeKey", &json!({"KeyId": key})), None, "{key}");
    }
    server.signal(Signal::TERM);
    assert!(server.ended().0.success());

    let (rotated, deleted) = (events(&data, "RotateKey"), events(&data, "DeleteKey"));
    for key in &keys {
        let (rotations, of_key) = (stored[key], rotated.get(key).map_or(0, BTreeMap::len));
        assert_eq!(of_key, rotations, "{key}: the journal has other rotations than the store");
        assert_eq!(deleted[key].len(), 1, "{key}");
    }
    // A kill between journal and store repeats those that were under way, under their numbers, by which they are one.
    let doubled =
        rotated.values().chain(deleted.values()).flat_map(BTreeMap::values).filter(|count| **count > 1).count();
    println!("{all} rotations and {} deletions; {doubled} events were written down twice", keys.len());
    assert!(doubled <= (ROUNDS + 2) * 50, "{doubled}");
}
