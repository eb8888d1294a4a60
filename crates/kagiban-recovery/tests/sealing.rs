//! What is sealed opens with its identity alone, unchanged and whole, and the formats stay what they are.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{Read, Write};

use kagiban_base::os::OsRandom;
use kagiban_recovery::{OpenError, RecoveryIdentity, RecoveryRecipient, Share, combine};
use proptest::prelude::*;

fn identity() -> RecoveryIdentity {
    RecoveryIdentity::generate(&OsRandom).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_sealed_opens(secret in proptest::collection::vec(any::<u8>(), 0..300)) {
        let identity = identity();
        let sealed = identity.recipient().seal(&secret).unwrap();
        for max in [secret.len(), 1000] {
            let opened = identity.open(&sealed, max).unwrap();
            prop_assert_eq!(opened.expose(), &secret);
        }
        if let Some(max) = secret.len().checked_sub(1) {
            let is_refused = matches!(identity.open(&sealed, max), Err(OpenError::TooLong { .. }));
            prop_assert!(is_refused);
        }
    }

    #[test]
    fn every_changed_byte_is_noticed(at: prop::sample::Index, bits in 1_u8..) {
        let identity = identity();
        let mut sealed = identity.recipient().seal(b"a domain key").unwrap();
        let at = at.index(sealed.len());
        sealed[at] ^= bits;
        prop_assert!(identity.open(&sealed, 100).is_err());
    }

    #[test]
    fn every_cut_is_noticed(at: prop::sample::Index) {
        let identity = identity();
        let sealed = identity.recipient().seal(b"a domain key").unwrap();
        prop_assert!(identity.open(&sealed[..at.index(sealed.len())], 100).is_err());
    }

    #[test]
    fn no_bytes_make_opening_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let headed = [b"age-encryption.org/v1\n", bytes.as_slice()].concat();
        let identity = identity();
        prop_assert!(identity.open(&bytes, 100).is_err());
        prop_assert!(identity.open(&headed, 100).is_err());
    }
}

#[test]
fn files_longer_than_a_chunk_are_written_and_read_in_pieces() {
    let identity = identity();
    // Chunks of age have 64 KiB.
    for len in [0, 1, 65_535, 65_536, 65_537, 300_000] {
        let content: Vec<u8> = (0..len).map(|at: usize| (at % 251) as u8).collect();
        let mut encrypting = identity.recipient().encrypt(Vec::new()).unwrap();
        content.chunks(1000).for_each(|piece| encrypting.write_all(piece).unwrap());
        let file = encrypting.finish().unwrap();
        let mut read = Vec::new();
        identity.decrypt(file.as_slice()).unwrap().read_to_end(&mut read).unwrap();
        assert!(read == content, "{len}");
        let cut = &file[..file.len() - 1];
        let error = identity.decrypt(cut).unwrap().read_to_end(&mut Vec::new()).unwrap_err();
        assert!(matches!(OpenError::of_reading(error), OpenError::Changed), "{len}");
    }
}

#[test]
fn a_file_without_its_end_does_not_open() {
    let identity = identity();
    let mut file = Vec::new();
    let mut encrypting = identity.recipient().encrypt(&mut file).unwrap();
    encrypting.write_all(&[7; 100_000]).unwrap();
    encrypting.flush().unwrap();
    drop(encrypting);
    assert!(identity.decrypt(file.as_slice()).unwrap().read_to_end(&mut Vec::new()).is_err());
}

#[test]
fn what_cannot_be_opened_says_why() {
    let (ours, theirs) = (identity(), identity());
    let sealed = ours.recipient().seal(b"secret").unwrap();
    assert!(matches!(theirs.open(&sealed, 6), Err(OpenError::OtherRecipient)));
    for not_sealed in [&b""[..], b"\n", b"age-encryption.org/v1\n", b"--- \n", b"-----BEGIN AGE ENCRYPTED FILE-----\n"]
    {
        assert!(matches!(ours.open(not_sealed, 6), Err(OpenError::NotSealed | OpenError::Changed)));
    }
    let endless = [b"age-encryption.org/v1\n-> X25519 ".as_slice(), &[b'a'; 40_000], b"\n--- mac\n"].concat();
    assert!(matches!(ours.open(&endless, 6), Err(OpenError::NotSealed)));
    let mut changed = sealed.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert!(matches!(ours.open(&changed, 6), Err(OpenError::Changed)));
}

#[test]
fn texts_are_read_as_they_are_written() {
    let identity = identity();
    let text = String::from_utf8(identity.text().expose().to_vec()).unwrap();
    assert!(text.starts_with("AGE-SECRET-KEY-1"));
    let again: RecoveryIdentity = format!(" {text}\n").parse().unwrap();
    assert_eq!(again.recipient(), identity.recipient());
    let recipient = identity.recipient().to_string();
    assert_eq!(recipient.parse::<RecoveryRecipient>().unwrap(), identity.recipient());
    for bad in ["", "age1", &recipient[1..], &text, &"a".repeat(200)] {
        assert!(bad.parse::<RecoveryRecipient>().is_err(), "{bad}");
    }
    for bad in ["", &recipient, &text[1..]] {
        assert!(bad.parse::<RecoveryIdentity>().is_err(), "{bad}");
    }
}

/// Made once, on 2026-11-22; people hold shares of this form, and files of it lie about. `tests/files/README` says how.
#[test]
fn formats_stay_what_they_are() {
    let lines = include_str!("files/shares-v1.txt");
    let shares: Vec<Share> = lines.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(shares.iter().map(Share::number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert!(shares.iter().all(|share| share.threshold() == 3));
    let identity = combine(&shares[2..]).unwrap();
    assert_eq!(identity.text().expose(), include_str!("files/identity-v1.txt").trim_end().as_bytes());
    assert_eq!(identity.recipient().to_string(), include_str!("files/recipient-v1.txt").trim_end());
    let files = [include_bytes!("files/sealed-v1.age").as_slice(), include_bytes!("files/sealed-elsewhere-v1.age")];
    for file in files {
        assert_eq!(identity.open(file, 100).unwrap().expose(), b"the bytes of a domain key");
    }
}
