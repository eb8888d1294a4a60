//! Whatever is changed on the disk by somebody without the signing key is found and named, and what is not changed passes.
//!
//! `KAGIBAN_TAMPERINGS` says how many attacks are tried, `KAGIBAN_TAMPERING_SEED` with which seed; a failure tells its own.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod attacks;
mod delivered;
mod delivery;
mod deployment;
mod layout;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use kagiban_audit::Sequence;
use kagiban_audit::verify::{Anchor, Extent, Finding, Note, Options, Report, verify};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use attacks::{ATTACKS, Attack, FORGERIES, Named};
use deployment::{Deployment, Files};

/// Attacks of the daily run.
const TAMPERINGS: u64 = 3000;
const SEED: u64 = 6;

/// Made once: nobody changes it.
static DEPLOYMENT: LazyLock<Deployment> = LazyLock::new(Deployment::new);

fn number(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "how long the test runs is up to who runs it")]
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// A directory that is made to hold what is to be verified.
struct Scene {
    directory: tempfile::TempDir,
    there: Files,
}

impl Scene {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), there: Files::new() }
    }

    /// Writes only what is not there already.
    pub(crate) fn set(&mut self, files: &Files) {
        for path in self.there.keys().filter(|path| !files.contains_key(*path)) {
            fs::remove_file(self.directory.path().join(path)).unwrap();
        }
        for (path, bytes) in files.iter().filter(|(path, bytes)| self.there.get(*path) != Some(*bytes)) {
            let path = self.directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        self.there = files.clone();
    }

    fn verify(&mut self, files: &Files, deployment: &Deployment, anchors: &[&str]) -> Report {
        self.set(files);
        let anchor = |text: &&str| Anchor { name: "an anchor".into(), text: (*text).to_owned() };
        let options = Options {
            directory: self.directory.path().to_owned(),
            keys: Some(deployment.keys()),
            anchors: anchors.iter().map(anchor).collect(),
            delivered: Vec::new(),
            is_running: false,
        };
        verify(&options, &mut |_| {}).unwrap()
    }
}

fn names(finding: &Finding, named: &Named) -> bool {
    let has = |first: u64, last: u64| {
        finding.records.is_some_and(|records| records.first.0 <= last && first <= records.last.0)
    };
    match named {
        Named::Record(record) => has(*record, *record),
        Named::From(first) => finding.records.is_some_and(|records| records.first.0 == *first),
        Named::File(path, extent) => {
            finding.file.as_deref() == Some(Path::new(path)) || extent.is_some_and(|(first, last)| has(first, last))
        }
    }
}

#[test]
fn what_nobody_touched_passes() {
    let deployment = &*DEPLOYMENT;
    let mut scene = Scene::new();
    let last = deployment.heads.len() - 1;
    for (state, head) in deployment.earlier.iter().chain([&deployment.files]).zip(0..) {
        let anchors: Vec<&str> = deployment.heads[..=head].iter().map(String::as_str).collect();
        let report = scene.verify(state, deployment, &anchors);
        assert_eq!(report.findings, [], "{head}");
        assert!(report.notes.is_empty(), "{:?}", report.notes);
        let proven = report.proven.unwrap();
        let records = deployment.records * (head as u64 + 1) / (last as u64 + 1);
        assert_eq!((proven.first.0, proven.last.0), (1, records));
        // What is archived and still in the journal is compared in both.
        assert!(report.records >= records && report.archives > 0 || head < 1);
    }
}

/// The thousands.
#[test]
fn whatever_is_tampered_with_is_found_and_named() {
    let deployment = &*DEPLOYMENT;
    let (count, seed) = (number("KAGIBAN_TAMPERINGS"), number("KAGIBAN_TAMPERING_SEED"));
    let mut scene = Scene::new();
    let (mut tried, mut kinds) = (BTreeMap::<&str, usize>::new(), BTreeMap::<&str, usize>::new());
    let all: Vec<(&str, Attack)> = ATTACKS.into_iter().chain(FORGERIES).collect();
    for number in 0..count.unwrap_or(TAMPERINGS) {
        let seed = seed.unwrap_or(SEED).wrapping_mul(1_000_003).wrapping_add(number);
        let mut rng = StdRng::seed_from_u64(seed);
        let (name, attack) = all[number as usize % all.len()];
        let mut files = deployment.files.clone();
        let Some(named) = attack(&mut files, deployment, &mut rng) else { continue };
        if files == deployment.files {
            continue;
        }
        let report = scene.verify(&files, deployment, &[]);
        let is_named = report.findings.iter().any(|finding| names(finding, &named));
        assert!(is_named, "{name}, seed {seed}: {named:?} is not named by {:#?}", report.findings);
        *tried.entry(name).or_default() += 1;
        for (kind, count) in report.kinds() {
            *kinds.entry(kind).or_default() += count;
        }
    }
    println!("{} attacks of {} sorts: {tried:#?}\nfindings: {kinds:#?}", tried.values().sum::<usize>(), tried.len());
    // Every sort came to its turn.
    assert_eq!(tried.len(), all.len(), "{tried:?}");
}

#[test]
fn several_attacks_at_once_are_found() {
    let deployment = &*DEPLOYMENT;
    let mut scene = Scene::new();
    let all: Vec<(&str, Attack)> = ATTACKS.into_iter().chain(FORGERIES).collect();
    for seed in 0..number("KAGIBAN_TAMPERINGS").unwrap_or(TAMPERINGS) / 10 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut files = deployment.files.clone();
        for _ in 0..rng.random_range(2..6) {
            let (_, attack) = all[rng.random_range(0..all.len())];
            let mut attacked = deployment.files.clone();
            _ = attack(&mut attacked, deployment, &mut rng);
            take_changes(&mut files, &deployment.files, attacked);
        }
        let report = scene.verify(&files, deployment, &[]);
        assert!(!report.is_sound() || files == deployment.files, "seed {seed}");
    }
}

/// Takes over what an attack changed.
fn take_changes(files: &mut Files, before: &Files, attacked: Files) {
    files.retain(|path, _| attacked.contains_key(path) || !before.contains_key(path));
    for (path, bytes) in attacked {
        if before.get(&path) != Some(&bytes) {
            files.insert(path, bytes);
        }
    }
}

/// The one attack that a directory cannot show by itself: an older state of all of it.
#[test]
fn an_older_state_of_everything_is_found_by_whoever_kept_a_head() {
    let deployment = &*DEPLOYMENT;
    let mut scene = Scene::new();
    for (state, earlier) in deployment.earlier.iter().enumerate() {
        assert!(scene.verify(earlier, deployment, &[]).is_sound());
        for (kept, head) in deployment.heads.iter().enumerate() {
            let report = scene.verify(earlier, deployment, &[head]);
            assert_eq!(report.is_sound(), kept <= state, "head {kept} against state {state}");
            let kinds: Vec<&str> = report.kinds().into_keys().collect();
            assert!(kinds.is_empty() || kinds == ["rolled-back"], "{kinds:?}");
        }
    }
}

#[test]
fn another_history_of_the_same_length_contradicts_a_kept_head() {
    let (deployment, other) = (&*DEPLOYMENT, Deployment::new());
    let mut scene = Scene::new();
    let head = deployment.heads.last().unwrap();
    let report = scene.verify(&other.files, &other, &[head]);
    assert_eq!(report.kinds().into_keys().collect::<Vec<_>>(), ["anchor-forged"], "{:?}", report.findings);
    let report = scene.verify(&deployment.files, deployment, &["not a head"]);
    assert_eq!(report.kinds().into_keys().collect::<Vec<_>>(), ["anchor-forged"]);
}

/// What was lost, and accepted, is told for ever and is no finding; what else is tampered with then still is.
#[test]
fn an_accepted_loss_is_a_note() {
    let mut scene = Scene::new();
    for lost in [1, 5, 47] {
        let mut files = DEPLOYMENT.files.clone();
        let path = Deployment::named(&files, ".records").pop().unwrap();
        let frames = layout::frames(&files[&path]);
        let first = &frames[frames.len() - lost];
        files.get_mut(&path).unwrap().truncate(first.range.start);
        assert!(!scene.verify(&files, &DEPLOYMENT, &[]).is_sound());
        let after = DEPLOYMENT.live_on(&files);
        let report = scene.verify(&after, &DEPLOYMENT, &[DEPLOYMENT.heads.last().unwrap()]);
        assert_eq!(report.findings, [], "{lost}");
        let note = Note::LossAccepted {
            records: Extent::new(Sequence(first.sequence), Sequence(DEPLOYMENT.records)),
            at: report
                .notes
                .iter()
                .find_map(|note| match note {
                    Note::LossAccepted { at, .. } => Some(*at),
                    _ => None,
                })
                .unwrap(),
        };
        assert!(report.notes.contains(&note), "{:?}", report.notes);
        assert!(report.proven.unwrap().last.0 > DEPLOYMENT.records);
        let mut files = after;
        let path = Deployment::named(&files, ".records").pop().unwrap();
        let last = layout::frames(&files[&path]).pop().unwrap();
        files.get_mut(&path).unwrap()[last.range.end - 1] ^= 1;
        let report = scene.verify(&files, &DEPLOYMENT, &[]);
        assert!(report.findings.iter().any(|finding| names(finding, &Named::Record(last.sequence))));
    }
}

/// Archives whose time is over leave a statement that only the server can make.
#[test]
fn what_retention_removed_is_a_note_and_nothing_else_is() {
    let mut scene = Scene::new();
    let files = DEPLOYMENT.retire();
    let report = scene.verify(&files, &DEPLOYMENT, &[&DEPLOYMENT.heads[0], &DEPLOYMENT.heads[5]]);
    assert_eq!(report.findings, []);
    let removed = report.notes.iter().find_map(|note| match note {
        Note::RemovedByRetention(last) => Some(*last),
        _ => None,
    });
    let removed = removed.unwrap();
    assert!(report.notes.contains(&Note::AnchorTooOld("an anchor".into())), "{:?}", report.notes);
    assert_eq!(report.proven.unwrap(), Extent::new(removed.next(), Sequence(DEPLOYMENT.records)).unwrap());
    let floor = Path::new("archive/floor").to_owned();
    // Killed between the statement and the removal.
    let mut both = DEPLOYMENT.files.clone();
    both.extend(files.clone());
    let report = scene.verify(&both, &DEPLOYMENT, &[]);
    assert_eq!(report.findings, []);
    assert!(report.notes.contains(&Note::RemovedByRetention(removed)));
    for seed in 0..50 {
        let mut files = files.clone();
        let bytes = files.get_mut(&floor).unwrap();
        let mut rng = StdRng::seed_from_u64(seed);
        let at = rng.random_range(0..bytes.len());
        bytes[at] ^= 1 << rng.random_range(0..8);
        let report = scene.verify(&files, &DEPLOYMENT, &[]);
        let named = Named::File(floor.clone(), None);
        assert!(report.findings.iter().any(|finding| names(finding, &named)), "{at}: {:?}", report.findings);
    }
    let mut files = files.clone();
    files.remove(&floor);
    let report = scene.verify(&files, &DEPLOYMENT, &[]);
    let missing = Extent::new(Sequence(1), removed);
    assert!(report.findings.iter().any(|finding| finding.records == missing), "{:?}", report.findings);
}

#[test]
fn nothing_at_all_is_a_finding() {
    let deployment = &*DEPLOYMENT;
    let report = Scene::new().verify(&Files::new(), deployment, &[]);
    assert_eq!(report.kinds().into_keys().collect::<Vec<_>>(), ["head-missing"]);
}
