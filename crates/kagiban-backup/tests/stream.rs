//! Streams through the public face: what is written is read, and what was cut or changed is told, at every byte and bit.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Read;

use kagiban_backup::{BackupReader, BackupWriter, End, Header, MAGIC, ReadError, VALUE_BYTES_MAX, WriteError};
use kagiban_base::time::Timestamp;
use proptest::prelude::*;

fn header(rows: usize) -> Header {
    Header {
        taken: Timestamp::from_unix_ms(1_700_000_000_123),
        deployment_created: Timestamp::from_unix_ms(1_600_000_000_000),
        deployment_kind: "production".to_owned(),
        revision: 42,
        store: "embedded".to_owned(),
        recipient: "age1example".to_owned(),
        program: "0.1.0".to_owned(),
        rows: rows as u64,
    }
}

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

fn written(rows: &Rows) -> (Vec<u8>, End) {
    let mut writer = BackupWriter::begin(Vec::new(), &header(rows.len())).unwrap();
    for (key, value) in rows {
        writer.row(key, value).unwrap();
    }
    writer.finish().unwrap()
}

fn read(bytes: impl Read) -> Result<(Header, Rows, End), ReadError> {
    let (mut reader, mut rows) = (BackupReader::begin(bytes)?, Rows::new());
    while let Some(row) = reader.next_row()? {
        rows.insert(row.key, row.value);
    }
    Ok((reader.header().clone(), rows, reader.end().unwrap().clone()))
}

fn small() -> Rows {
    let rows = [("alias\0a", "1"), ("key\0a", "{\"state\":\"Enabled\"}"), ("key\0b", ""), ("material\0a", "wrapped")];
    rows.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::btree_map(
            prop::collection::vec(any::<u8>(), 1..40), prop::collection::vec(any::<u8>(), 0..2_000), 0..300,
        ),
    ) {
        let (bytes, end) = written(&rows);
        let (found_header, found, found_end) = read(bytes.as_slice()).unwrap();
        prop_assert_eq!(&found, &rows);
        prop_assert_eq!(&found_end, &end);
        prop_assert_eq!(end.rows, rows.len() as u64);
        prop_assert_eq!(end.tables.values().sum::<u64>(), end.rows);
        prop_assert_eq!(found_header, header(rows.len()));
    }

    #[test]
    fn no_bytes_make_the_reader_stumble(tail in prop::collection::vec(any::<u8>(), 0..400), keep in 0_usize..400) {
        let (bytes, _) = written(&small());
        let mixed = [&bytes[..keep.min(bytes.len())], tail.as_slice()].concat();
        prop_assert!(mixed == bytes || read(mixed.as_slice()).is_err());
    }
}

#[test]
fn every_cut_is_told() {
    let (bytes, _) = written(&small());
    for len in 0..bytes.len() {
        let error = read(&bytes[..len]).unwrap_err();
        let expected = if len < MAGIC.len() { "this is no backup" } else { "the backup is cut off" };
        assert!(error.to_string().starts_with(expected), "{len}: {error}");
    }
    read(bytes.as_slice()).unwrap();
}

#[test]
fn every_changed_bit_is_told() {
    let (bytes, _) = written(&small());
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(read(changed.as_slice()).is_err(), "bit {bit}");
    }
}

/// Whole frames that are taken out, doubled or exchanged have good checksums: order, counts and digest find them.
#[test]
fn frames_cannot_be_rearranged() {
    let large: Rows =
        (0..40_u8).map(|n| (vec![b't', 0, n], (0..50_000).map(|i| (i as u8).wrapping_mul(n)).collect())).collect();
    let (bytes, _) = written(&large);
    let frames = frames(&bytes);
    assert!(frames.len() > 5, "{}", frames.len());
    let put_together = |order: &[usize]| {
        let bodies = order.iter().flat_map(|at| frames[*at].iter().copied());
        MAGIC.iter().copied().chain(bodies).collect::<Vec<u8>>()
    };
    let all: Vec<usize> = (0..frames.len()).collect();
    read(put_together(&all).as_slice()).unwrap();
    for at in 0..frames.len() {
        let without: Vec<usize> = all.iter().copied().filter(|other| *other != at).collect();
        assert!(read(put_together(&without).as_slice()).is_err(), "without {at}");
        let twice: Vec<usize> =
            all.iter().copied().flat_map(|n| std::iter::repeat_n(n, if n == at { 2 } else { 1 })).collect();
        assert!(read(put_together(&twice).as_slice()).is_err(), "twice {at}");
        if at + 1 < frames.len() {
            let mut exchanged = all.clone();
            exchanged.swap(at, at + 1);
            assert!(read(put_together(&exchanged).as_slice()).is_err(), "exchanged {at}");
        }
    }
}

/// A frame of another backup in the place of one of this: each is sound, the whole is not.
#[test]
fn frames_of_others_are_told() {
    let mut other = small();
    other.insert(b"key\0b".to_vec(), b"x".to_vec());
    let (ours, theirs) = (written(&small()).0, written(&other).0);
    let (ours, theirs) = (frames(&ours), frames(&theirs));
    let mixed = [MAGIC.as_slice(), &ours[0], &theirs[1], &ours[2]].concat();
    assert!(matches!(read(mixed.as_slice()), Err(ReadError::End)));
}

fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut frames, mut rest) = (Vec::new(), &bytes[MAGIC.len()..]);
    while !rest.is_empty() {
        let len = 13 + u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
        frames.push(rest[..len].to_vec());
        rest = &rest[len..];
    }
    frames
}

#[test]
fn what_stands_behind_the_end_is_told() {
    let (mut bytes, _) = written(&small());
    bytes.push(0);
    assert!(matches!(read(bytes.as_slice()), Err(ReadError::Trailing)));
}

#[test]
fn other_files_and_newer_versions_are_told() {
    assert!(matches!(read(&b"age-encryption.org/v1\n-> X25519"[..]), Err(ReadError::NoBackup)));
    let (mut bytes, _) = written(&small());
    bytes[MAGIC.len() - 1] = b'2';
    assert!(matches!(read(bytes.as_slice()), Err(ReadError::NewerVersion)));
}

/// A frame that says of itself that it is large costs no memory.
#[test]
fn lengths_are_bounded() {
    let (bytes, _) = written(&small());
    for at in [1, 5] {
        let mut changed = bytes.clone();
        changed[MAGIC.len() + at] = 0xff;
        assert!(matches!(read(changed.as_slice()), Err(ReadError::Damaged { rows: 0 })), "{at}");
    }
}

#[test]
fn the_writer_refuses_what_could_not_be_read() {
    let begin = |rows| BackupWriter::begin(Vec::new(), &header(rows)).unwrap();
    let mut writer = begin(3);
    assert!(matches!(writer.row(b"", b""), Err(WriteError::RowBytes { .. })));
    assert!(matches!(writer.row(b"k", &vec![0; VALUE_BYTES_MAX + 1]), Err(WriteError::RowBytes { .. })));
    writer.row(b"b", &vec![7; VALUE_BYTES_MAX]).unwrap();
    assert!(matches!(writer.row(b"b", b""), Err(WriteError::Order)));
    assert!(matches!(writer.row(b"a", b""), Err(WriteError::Order)));
    writer.row(b"c", b"").unwrap();
    assert_eq!(writer.written(), (2, VALUE_BYTES_MAX as u64 + 2));
    assert!(matches!(writer.finish(), Err(WriteError::Rows { expected: 3, written: 2 })));
    read(begin(0).finish().unwrap().0.as_slice()).unwrap();
}
