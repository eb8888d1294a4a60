//! What may leave the journal, what may leave the archives, and what keeps neither from going on.

use super::*;

#[test]
fn an_old_archive_that_is_damaged_keeps_nothing_from_being_archived() {
    let mut office = Office::new(TestJournal::new(400, 10_000), 1 << 30);
    office.clock.set(START.plus_ms(HOUR_MS + 1));
    assert_eq!(office.run_all(), 1);
    fs::write(&office.library.files()[0].path, "no archive").unwrap();
    let first = office.library.files()[0].path.clone();
    office.options.retention_days = Some(90);
    office.clock.set(START.plus_days(1));
    // What is archived cannot be told by the latest one.
    assert!(matches!(office.archiver().run(), Err(ArchiveError::Damaged { .. })));
    fs::remove_file(&first).unwrap();
    *office.journal.forgotten.lock().unwrap() = Sequence(0);
    let name = office.archiver().run().unwrap().unwrap();
    // By that of a later one it can.
    fs::write(first.with_file_name(name::file_name(Sequence(1), Sequence(1))), "no archive").unwrap();
    let outcome = office.archiver().run();
    assert!(matches!(outcome, Ok(Some(next)) if next.first == name.last.next()), "{outcome:?}");
    assert!(matches!(office.archiver().run(), Err(ArchiveError::Damaged { .. })));
}

#[test]
fn what_retention_removed_is_said_to_be_gone() {
    let mut office = Office::new(TestJournal::new(1000, DAY_MS / 5), 1 << 30);
    office.options.retention_days = Some(90);
    office.clock.set(START.plus_days(190));
    office.run_all();
    let history = office.history();
    let earliest = history.earliest();
    assert!(earliest > Sequence(300));
    for from in [0, 1, earliest.0 - 1] {
        assert!(matches!(history.read(Sequence(from), 1000), Err(ReadError::Gone(_))), "{from}");
    }
    assert_eq!(history.read(earliest, 1).unwrap()[0].sequence, earliest);
}

/// An archive of more records than the journal has, of another journal or by its name alone, must not let it go of any.
#[test]
fn only_archives_of_the_journal_let_it_go_of_records() {
    let other = Office::new(TestJournal::new(1000, 10_000), u64::MAX);
    other.clock.set(START.plus_days(1));
    other.run_all();
    let last = other.library.files().last().unwrap().clone();
    for (name, is_other) in [
        (last.path.file_name().unwrap().to_str().unwrap().to_owned(), true),
        (name::file_name(last.first, Sequence(5000)), false),
    ] {
        let mut journal = TestJournal::new(400, 10_000);
        if is_other {
            Arc::get_mut(&mut journal).unwrap().id = JournalId([8; 16]);
        }
        let office = Office::new(journal, u64::MAX);
        office.clock.set(START.plus_days(1));
        let day = office.directory.path().join("2026/08/21");
        fs::create_dir_all(&day).unwrap();
        fs::copy(&last.path, day.join(&name)).unwrap();
        let outcome = office.archiver().run();
        assert!(matches!(outcome, Err(ArchiveError::Foreign(_))), "{name} {outcome:?}");
        assert_eq!(office.journal.forgotten(), 0, "{name}");
    }
}

/// What tells a start where archives end must be the deployment's: the latest archive, and where there is none the floor.
#[test]
fn the_end_of_archives_is_told_by_a_key_of_the_deployment() {
    let mut office = Office::new(TestJournal::new(1000, DAY_MS / 5), 1 << 30);
    let directory = office.directory.path().to_owned();
    let (own, other) = (SIGNER.public_key(), signer().public_key());
    let forged = |keys: &[PublicKey]| forged_end(&directory, keys).unwrap();
    assert_eq!(forged(&[]), None, "there is nothing");
    office.options.retention_days = Some(90);
    office.clock.set(START.plus_days(190));
    assert!(office.run_all() > 1);
    let latest = office.library.files().last().unwrap().path.clone();
    for (keys, expected) in [
        (vec![own.clone()], None),
        (vec![other.clone(), own.clone()], None),
        (vec![other.clone()], Some(latest.clone())),
        (vec![], Some(latest.clone())),
    ] {
        assert_eq!(forged(&keys), expected, "{} keys", keys.len());
    }
    // One that cannot be read is passed over, as by a start.
    let before = office.library.files()[office.library.files().len() - 2].path.clone();
    fs::write(&latest, "no archive").unwrap();
    assert_eq!((forged(std::slice::from_ref(&own)), forged(&[])), (None, Some(before)));
    for file in office.library.files().iter() {
        fs::remove_file(&file.path).unwrap();
    }
    assert_eq!((forged(&[own]), forged(&[other])), (None, Some(directory.join("floor"))));
}
