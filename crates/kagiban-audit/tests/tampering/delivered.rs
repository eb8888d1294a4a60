//! What was delivered is tampered with: each attack is found, and the file named.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use kagiban_audit::Sequence;
use kagiban_audit::delivery::TrailState;
use kagiban_audit::sha256;
use kagiban_audit::signing::Signer;
use kagiban_audit::testing::TestSigner;
use kagiban_audit::verify::{Delivery as Verified, Extent, Note, Options, Report, verify};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::delivery::{BUCKET, Delivery, metadata};
use crate::deployment::{Deployment, Files, signer};
use crate::{DEPLOYMENT, Scene};

/// Times that each attack is tried.
const ROUNDS: u64 = 12;

static DELIVERY: LazyLock<Delivery> = LazyLock::new(|| Delivery::of(&DEPLOYMENT, None));

/// Changes files; the kinds of finding one of which must name the file, and that file.
type Attack = fn(&mut Files, &mut StdRng) -> (&'static [&'static str], PathBuf);

/// The attacks, and whether only the server's word of how far it has come shows them always.
const ATTACKS: [(&str, bool, Attack); 19] = [
    ("digest: removed", false, |files, rng| (&["digest-missing"], remove_digest(files, rng, false))),
    ("digest: newest one removed", true, |files, rng| (&["digest-missing"], remove_digest(files, rng, true))),
    ("digest: removed, its signature left", false, |files, rng| {
        let path = any_digest(files, rng, false);
        files.remove(&path);
        (&["digest-missing"], path)
    }),
    ("digest: signature removed", false, |files, rng| {
        let path = any_digest(files, rng, true);
        files.remove(&signature_of(&path));
        (&["forged"], path)
    }),
    ("digest: signature changed", false, |files, rng| {
        let path = any_digest(files, rng, true);
        let bytes = files.get_mut(&signature_of(&path)).unwrap();
        let at = rng.random_range(15..500);
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        (&["forged"], path)
    }),
    ("digest: edited", false, |files, rng| {
        let path = any_digest(files, rng, true);
        edit(files, &path, "logFiles", "logfiles");
        (&["digest-unreadable"], path)
    }),
    ("digest: a log file taken out of it", false, |files, rng| {
        let path = any_digest(files, rng, true);
        change(files, &path, |content| content["logFiles"] = Value::Array(Vec::new()));
        (&["forged"], path)
    }),
    ("digest: cut off", false, |files, rng| {
        let path = any_digest(files, rng, true);
        let bytes = files.get_mut(&path).unwrap();
        bytes.truncate(rng.random_range(0..bytes.len()));
        (&["digest-unreadable"], path)
    }),
    ("digest: made anew with another key", false, |files, rng| {
        let path = any_digest(files, rng, true);
        sign_anew(files, &path, &signer());
        (&["forged"], path)
    }),
    ("digest: another one in its place", false, |files, rng| {
        let (path, other) = (any_digest(files, rng, false), any_digest(files, rng, true));
        copy_digest(files, &other, &path);
        (&["digest-moved"], path)
    }),
    ("log file: removed", false, |files, rng| {
        let path = any_log(files, rng, Some(true));
        files.remove(&path);
        (&["log-missing"], path)
    }),
    ("log file: removed, not in a digest yet", true, |files, rng| {
        let path = any_log(files, rng, Some(false));
        files.remove(&path);
        (&["log-missing"], path)
    }),
    ("log file: a record edited", false, |files, rng| {
        let path = any_log(files, rng, None);
        edit(files, &path, "\"readOnly\":false", "\"readOnly\":true");
        (&["log-changed", "log-record-changed"], path)
    }),
    ("log file: cut off", false, |files, rng| {
        let path = any_log(files, rng, None);
        let bytes = files.get_mut(&path).unwrap();
        bytes.truncate(rng.random_range(0..bytes.len()));
        (&["log-unreadable"], path)
    }),
    ("log file: a record doubled", false, |files, rng| {
        let path = any_log(files, rng, None);
        change(files, &path, |content| {
            let records = content["Records"].as_array_mut().unwrap();
            records.push(records[0].clone());
        });
        (&["log-changed", "log-records-repeated"], path)
    }),
    ("log file: a copy, of a time with digests", false, |files, rng| {
        let path = any_log(files, rng, Some(true));
        let copy = renamed(&path);
        files.insert(copy.clone(), files[&path].clone());
        (&["log-added"], copy)
    }),
    ("log file: a copy, of a time without digests", true, |files, rng| {
        let path = any_log(files, rng, Some(false));
        let copy = renamed(&path);
        files.insert(copy.clone(), files[&path].clone());
        (&["log-records-repeated"], copy)
    }),
    ("log file: a forged record of a time without digests", false, |files, rng| {
        let path = any_log(files, rng, Some(false));
        let copy = renamed(&path);
        files.insert(copy.clone(), files[&path].clone());
        let id = format!("{:08x}-0000-4000-8000-000000000000", rng.random::<u32>());
        change(files, &copy, |content| {
            let mut record = content["Records"][0].clone();
            record["eventID"] = id.into();
            content["Records"] = Value::Array(vec![record]);
        });
        (&["log-records-added"], copy)
    }),
    ("a stranger", false, |files, rng| {
        let path = any_log(files, rng, None).with_extension("txt");
        files.insert(path.clone(), vec![0; 10]);
        (&["file-unexpected"], path)
    }),
];

fn signature_of(digest: &Path) -> PathBuf {
    format!("{}.metadata.json", digest.display()).into()
}

fn digests(files: &Files) -> Vec<PathBuf> {
    let all = Deployment::named(files, ".json.gz");
    all.into_iter().filter(|path| path.to_string_lossy().contains("CloudTrail-Digest")).collect()
}

/// The newest digest of an account comes last in the order of names.
fn is_newest(files: &Files, path: &Path) -> bool {
    digests(files).iter().rfind(|other| other.parent() == path.parent()).is_some_and(|last| last == path)
}

fn any_digest(files: &Files, rng: &mut StdRng, or_newest: bool) -> PathBuf {
    let some: Vec<_> = digests(files).into_iter().filter(|path| or_newest || !is_newest(files, path)).collect();
    some.choose(rng).unwrap().clone()
}

fn remove_digest(files: &mut Files, rng: &mut StdRng, newest: bool) -> PathBuf {
    let some: Vec<_> = digests(files).into_iter().filter(|path| is_newest(files, path) == newest).collect();
    let path = some.choose(rng).unwrap().clone();
    files.remove(&signature_of(&path));
    files.remove(&path);
    path
}

fn any_log(files: &Files, rng: &mut StdRng, is_digested: Option<bool>) -> PathBuf {
    let all = Deployment::named(files, ".json.gz");
    let is_wanted = |path: &PathBuf| {
        let is_log = !path.to_string_lossy().contains("CloudTrail-Digest");
        is_log && is_digested.is_none_or(|is| DELIVERY.is_digested(path) == is)
    };
    let some: Vec<_> = all.into_iter().filter(is_wanted).collect();
    some.choose(rng).unwrap().clone()
}

/// Another name of the same time.
fn renamed(log: &Path) -> PathBuf {
    let name = log.file_name().unwrap().to_str().unwrap();
    let (before, _) = name.rsplit_once('_').unwrap();
    log.with_file_name(format!("{before}_AAAAAAAAAAAAAAAA.json.gz"))
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

fn packed(text: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

fn edit(files: &mut Files, path: &Path, from: &str, to: &str) {
    let text = unpacked(&files[path]);
    assert!(text.contains(from), "{text}");
    files.insert(path.to_owned(), packed(&text.replacen(from, to, 1)));
}

fn change(files: &mut Files, path: &Path, change: impl FnOnce(&mut Value)) {
    let mut content: Value = serde_json::from_str(&unpacked(&files[path])).unwrap();
    change(&mut content);
    files.insert(path.to_owned(), packed(&content.to_string()));
}

fn copy_digest(files: &mut Files, from: &Path, to: &Path) {
    // Two of one place: a digest is never taken for itself.
    let from = if from == to { digests(files).into_iter().find(|path| path != to).unwrap() } else { from.to_owned() };
    files.insert(to.to_owned(), files[&from].clone());
    files.insert(signature_of(to), files[&signature_of(&from)].clone());
}

fn sign_anew(files: &mut Files, path: &Path, signer: &TestSigner) {
    change(files, path, |content| content["digestPublicKeyFingerprint"] = (*signer.public_key().fingerprint).into());
    let text = unpacked(&files[path]);
    let content: Value = serde_json::from_str(&text).unwrap();
    let [end, object] = ["digestEndTime", "digestS3Object"].map(|name| content[name].as_str().unwrap());
    let previous = content["previousDigestSignature"].as_str().unwrap_or("null");
    let signed = format!("{end}\n{BUCKET}/{object}\n{}\n{previous}", hex(&sha256::hash(&[text.as_bytes()])));
    files.insert(signature_of(path), metadata(&hex(&signer.sign(signed.as_bytes()).unwrap())));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Verifies the deployment with what was delivered.
fn verify_delivered(audit: &mut Scene, scene: &mut Scene, files: &Files, state: Option<&TrailState>) -> Report {
    scene.set(files);
    let options = Options {
        directory: audit.directory.path().to_owned(),
        keys: Some(DEPLOYMENT.keys()),
        anchors: Vec::new(),
        delivered: vec![Verified { directory: scene.directory.path().to_owned(), state: state.cloned() }],
        is_running: false,
    };
    verify(&options, &mut |_| {}).unwrap()
}

fn scenes() -> (Scene, Scene) {
    let mut audit = Scene::new();
    audit.set(&DEPLOYMENT.files);
    (audit, Scene::new())
}

#[test]
fn what_was_delivered_passes() {
    let (mut audit, mut scene) = scenes();
    for state in [Some(&DELIVERY.state), None] {
        let report = verify_delivered(&mut audit, &mut scene, &DELIVERY.files, state);
        assert_eq!(report.findings, []);
        let count = &report.delivered[0];
        assert_eq!(count.records, DELIVERY.copies);
        assert_eq!(count.digests as usize, digests(&DELIVERY.files).len());
        assert_eq!((count.digests + count.log_files) as usize, Deployment::named(&DELIVERY.files, ".json.gz").len());
        let is_told = report.notes.iter().any(|note| {
            matches!(note, Note::Delivered { last: Some(last), digests_until: Some(_), .. } if last.0 == DELIVERY.last)
        });
        assert!(is_told, "{:?}", report.notes);
        let unstated = report.notes.iter().any(|note| matches!(note, Note::DeliveryUnstated(_)));
        assert_eq!(unstated, state.is_none());
    }
}

#[test]
fn whatever_is_done_to_what_was_delivered_is_found_and_its_file_named() {
    let (mut audit, mut scene) = scenes();
    for (name, needs_state, attack) in ATTACKS {
        for seed in 0..ROUNDS {
            for state in [Some(&DELIVERY.state), None] {
                if needs_state && state.is_none() {
                    continue;
                }
                let mut files = DELIVERY.files.clone();
                let (kinds, path) = attack(&mut files, &mut StdRng::seed_from_u64(seed));
                let report = verify_delivered(&mut audit, &mut scene, &files, state);
                let whole = scene.directory.path().join(&path);
                let is_named = report
                    .findings
                    .iter()
                    .any(|finding| kinds.contains(&finding.what.kind()) && finding.file.as_deref() == Some(&*whole));
                assert!(is_named, "{name}, {seed}: {} not as {kinds:?} in {:#?}", path.display(), report.findings);
            }
        }
    }
}

/// Each is right in itself: digests are signed and name every log file. The records tell.
#[test]
fn a_record_that_the_server_left_out_is_found() {
    let (mut audit, mut scene) = scenes();
    for left_out in [2, 100, DELIVERY.last - 1] {
        let delivery = Delivery::of(&DEPLOYMENT, Some(left_out));
        let report = verify_delivered(&mut audit, &mut scene, &delivery.files, Some(&delivery.state));
        let expected = Extent::one(Sequence(left_out));
        assert!(!report.findings.is_empty(), "{left_out}");
        for finding in &report.findings {
            assert_eq!((finding.what.kind(), finding.records), ("log-records-missing", Some(expected)), "{finding}");
        }
    }
}

/// The journal's end was cut off and the loss accepted; what was delivered before has the records still.
#[test]
fn records_that_only_log_files_have_are_found() {
    let mut files = DEPLOYMENT.files.clone();
    let path = Deployment::named(&files, ".records").pop().unwrap();
    let frames = crate::layout::frames(&files[&path]);
    let first = &frames[frames.len() - 30];
    files.get_mut(&path).unwrap().truncate(first.range.start);
    let (mut audit, mut scene) = (Scene::new(), Scene::new());
    audit.set(&DEPLOYMENT.live_on(&files));
    let report = verify_delivered(&mut audit, &mut scene, &DELIVERY.files, None);
    let kinds: Vec<_> = report.kinds().into_keys().collect();
    assert_eq!(kinds, ["log-records-added"], "{:#?}", report.findings);
}

/// What the archive keeps no longer is compared with its digests only.
#[test]
fn log_files_of_records_that_are_kept_no_longer_are_a_note() {
    let (mut audit, mut scene) = (Scene::new(), Scene::new());
    audit.set(&DEPLOYMENT.retire());
    let report = verify_delivered(&mut audit, &mut scene, &DELIVERY.files, None);
    assert_eq!(report.findings, []);
    assert!(report.notes.iter().any(|note| matches!(note, Note::LogFilesOlder(_))), "{:?}", report.notes);
}

/// Nothing in the directory shows it; the server's word does.
#[test]
fn an_end_that_was_taken_away_shows_by_the_servers_word() {
    let (mut audit, mut scene) = scenes();
    let mut files = DELIVERY.files.clone();
    for path in digests(&files).into_iter().filter(|path| is_newest(&DELIVERY.files, path)) {
        files.remove(&signature_of(&path));
        files.remove(&path);
    }
    let late = Deployment::named(&files, ".json.gz").into_iter().filter(|path| !DELIVERY.is_digested(path));
    for path in late {
        files.remove(&path);
    }
    let report = verify_delivered(&mut audit, &mut scene, &files, Some(&DELIVERY.state));
    let kinds: Vec<_> = report.kinds().into_keys().collect();
    assert_eq!(kinds, ["digest-missing", "log-missing", "log-records-missing"], "{:#?}", report.findings);
    let report = verify_delivered(&mut audit, &mut scene, &files, None);
    assert!(!report.kinds().contains_key("digest-missing"));
}
