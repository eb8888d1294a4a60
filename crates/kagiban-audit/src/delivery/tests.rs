//! Digests as CloudTrail's own tool reads them, and the steps of a delivery's state.

use std::io::Read;

use flate2::read::GzDecoder;
use kagiban_base::id::Region;
use kagiban_base::time::Timestamp;
use serde_json::Value;

use super::*;
use crate::journal::JournalId;
use crate::record::{Record, sample};
use crate::recorder::{Entry, Sequence};
use crate::sha256;
use crate::signing::{Signer, verify};
use crate::testing::TestSigner;

fn home() -> Region {
    "us-east-1".parse().unwrap()
}

fn trail() -> Trail {
    Trail { name: "kagiban".parse().unwrap(), home_region: home() }
}

fn place() -> Place {
    "111122223333/eu-central-1".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_basic_iso(text).unwrap()
}

fn content(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// What `aws cloudtrail validate-logs` puts together from a digest's own members and checks.
fn assert_signed(digest: &DigestObject, signer: &TestSigner) -> Value {
    let text = content(&digest.bytes);
    let read: Value = serde_json::from_str(&text).unwrap();
    let previous = read["previousDigestSignature"].as_str().unwrap_or("null");
    let hash: String = sha256::hash(&[text.as_bytes()]).iter().map(|byte| format!("{byte:02x}")).collect();
    let [end, bucket, object] =
        ["digestEndTime", "digestS3Bucket", "digestS3Object"].map(|name| read[name].as_str().unwrap());
    assert_eq!(object, digest.object);
    let signed = format!("{end}\n{bucket}/{object}\n{hash}\n{previous}");
    assert_eq!(verify(&signer.public_key(), signed.as_bytes(), &unhex(&digest.signature)), Ok(()));
    assert_eq!(read["digestPublicKeyFingerprint"], *signer.public_key().fingerprint);
    read
}

fn digest(state: &TrailState, window: Window, signer: &TestSigner) -> DigestObject {
    let chain = state.chains().find(|(found, _)| *found == place()).unwrap().1;
    let digest = Digest { trail: &trail(), bucket: "b", prefix: "p", place: place(), window, chain };
    let made = digest.make(signer).unwrap();
    assert_eq!(digest.make(signer).unwrap(), made, "a repeat writes the same");
    made
}

#[test]
fn digests_are_signed_and_chained_also_when_empty() {
    let signer = TestSigner::timeless();
    let mut state = TrailState::new(Sequence(1), at("20260821T230143Z"));
    let plan = state.begin(Sequence(7), at("20260821T230643Z"));
    let file = LogFile::of(place().account, [sample()]).unwrap();
    let object = log_object("p", place(), plan.first(), plan.last(), plan.time());
    state.done([(place(), Delivered::new(object.clone(), &file))]);

    let window = state.due_window(at("20260822T000000Z")).unwrap();
    assert_eq!(window, Window { start: at("20260821T230000Z"), end: at("20260822T000000Z") });
    let first = digest(&state, window, &signer);
    let read = assert_signed(&first, &signer);
    for name in ["S3Bucket", "S3Object", "HashValue", "HashAlgorithm", "Signature"] {
        assert_eq!(read[format!("previousDigest{name}")], Value::Null, "{name}");
    }
    assert_eq!(
        (&read["logFiles"][0]["s3Object"], &read["logFiles"][0]["hashValue"]),
        (&object.into(), &file.hash.into())
    );
    assert_eq!(read["newestEventTime"], sample().time.to_rfc3339());

    state.digested(window, [(place(), first.clone())]);
    let window = state.due_window(at("20260822T010000Z")).unwrap();
    let second = assert_signed(&digest(&state, window, &signer), &signer);
    assert_eq!(second["previousDigestS3Object"], first.object.as_str());
    assert_eq!(second["previousDigestSignature"], first.signature.as_str());
    assert_eq!(second["previousDigestHashValue"], first.hash.as_str());
    assert_eq!((&second["logFiles"], &second["newestEventTime"]), (&Value::Array(Vec::new()), &Value::Null));
}

#[test]
fn each_hour_that_was_missed_has_a_window_and_a_long_time_has_one() {
    let mut state = TrailState::new(Sequence(1), at("20260801T103000Z"));
    assert_eq!(state.due_window(at("20260801T105959Z")), None);
    let mut ends = Vec::new();
    while let Some(window) = state.due_window(at("20260821T023000Z")) {
        state.digested(window, []);
        ends.push(window.end);
    }
    // All but the last seven days together, then each hour.
    assert_eq!(ends[..2], [at("20260814T020000Z"), at("20260814T030000Z")]);
    assert_eq!((ends.len(), ends.last()), (1 + 7 * 24, Some(&at("20260821T020000Z"))));
    // A clock that is set back makes no digest and no plan of the past.
    assert_eq!(state.due_window(at("20260101T000000Z")), None);
    assert_eq!(state.begin(Sequence(1), at("20260101T000000Z")).time(), at("20260821T020000Z"));
}

#[test]
fn a_state_is_read_as_it_was_written_and_no_other() {
    let mut state = TrailState::new(Sequence(5), at("20260801T103000Z"));
    let file = LogFile::of(place().account, [sample()]).unwrap();
    state.begin(Sequence(9), at("20260801T103100Z"));
    state.done([(place(), Delivered::new("o".to_owned(), &file))]);
    let plan = state.begin(Sequence(12), at("20260801T103200Z"));
    let bytes = state.to_bytes().unwrap();
    let read = TrailState::parse(&bytes).unwrap();
    assert_eq!((&read, read.next(), read.plan()), (&state, Sequence(10), Some(plan)));
    assert!(matches!(TrailState::parse(b"{\"version\":3}"), Err(StateDamaged::Newer(3))));
    for bad in [&bytes[1..], b"", b"{\"version\":1}", b"{\"version\":1,\"more\":1}"] {
        assert!(matches!(TrailState::parse(bad), Err(StateDamaged::Malformed(_))));
    }
}

/// Version 1 named no journal; from the next time it is written down, the state does.
#[test]
fn a_state_of_the_first_version_is_read_and_written_as_one_of_the_present() {
    let first = br#"{"version":1,"next":5,"latest_ms":7,"window_ms":0,"chains":{}}"#;
    let mut state = TrailState::parse(first).unwrap();
    assert_eq!((state.next(), state.journal()), (Sequence(5), None));
    let journal = JournalId([0xab; 16]);
    state.belongs_to(journal);
    let bytes = state.to_bytes().unwrap();
    assert_eq!(TrailState::parse(&bytes).unwrap().journal(), Some(journal));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(&format!("\"journal\":\"{}\"", "ab".repeat(16))) && text.contains("\"version\":2"), "{text}");
}

fn entry(sequence: u64, record: &Record<'_>) -> Entry {
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    Entry { sequence: Sequence(sequence), bytes: bytes.into() }
}

#[test]
fn both_accounts_get_their_copies_and_regions_are_bounded() {
    let state = TrailState::new(Sequence(1), at("20260801T103000Z"));
    let entries = [entry(1, &sample()), entry(2, &Record { region: "", ..sample() })];
    let sorted = copies(&entries, &state, home()).unwrap();
    let places: Vec<_> = sorted.iter().map(|(place, records)| (place.to_string(), records.len())).collect();
    let expected =
        ["111122223333/eu-central-1", "111122223333/us-east-1", "444455556666/eu-central-1", "444455556666/us-east-1"];
    assert_eq!(places, expected.map(|place| (place.to_owned(), 1)));
    let names: Vec<String> = (0..100).map(|number| format!("eu-central-{number}")).collect();
    let entries: Vec<_> = (0..).zip(&names).map(|(at, region)| entry(at, &Record { region, ..sample() })).collect();
    let sorted = copies(&entries, &state, home()).unwrap();
    assert_eq!(sorted.len(), 2 * 65);
    assert_eq!(sorted["111122223333/us-east-1".parse::<Place>().as_ref().unwrap()].len(), 36);
    let broken = [Entry { sequence: Sequence(3), bytes: Box::default() }];
    assert_eq!(copies(&broken, &state, home()).unwrap_err().0, Sequence(3));
}
