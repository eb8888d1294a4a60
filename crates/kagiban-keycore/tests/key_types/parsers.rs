//! The parsers meet strangers' bytes: none panics, and whatever is taken is a key that works and is written in the one
//! way.

use std::sync::LazyLock;

use kagiban_base::os::OsRandom;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::material::KeyMaterial;
use kagiban_keycore::public_key::PublicKey;
use kagiban_keycore::spec::{Family, KeySpec};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::support::{asymmetric, key, message, public};

/// A key's spec, PKCS#8 and SubjectPublicKeyInfo.
type Encoded = (KeySpec, Vec<u8>, Vec<u8>);

/// One of every asymmetric spec.
static KEYS: LazyLock<Vec<Encoded>> = LazyLock::new(|| {
    let encoded = |spec| {
        let key = key(spec);
        (spec, key.encode().unwrap().expose().to_vec(), public(&key).spki_der().to_vec())
    };
    asymmetric().map(encoded).collect()
});

/// A byte that is put in place of another, or put in, or taken out.
#[derive(Clone, Debug)]
enum Edit {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        any::<Index>().prop_map(Edit::Remove),
    ]
}

/// Edits within the first bytes, where the structure is, or anywhere.
fn edited(bytes: &[u8], edits: &[Edit], head: bool) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for edit in edits {
        let len = if head { out.len().min(40) } else { out.len() };
        match edit {
            _ if len == 0 => {}
            Edit::Replace(at, byte) => out[at.index(len)] = *byte,
            Edit::Insert(at, byte) => out.insert(at.index(len), *byte),
            Edit::Remove(at) => drop(out.remove(at.index(len))),
        }
    }
    out
}

/// What was read as a key does what keys do.
fn assert_works(read: &KeyMaterial) {
    let encoded = read.encode().unwrap();
    let again = KeyMaterial::decode(read.spec(), &encoded).unwrap();
    assert_eq!(again.encode().unwrap().expose(), encoded.expose());
    assert_eq!(public(&again).spki_der(), public(read).spki_der());
    for algorithm in read.spec().signing_algorithms() {
        let bytes = vec![1; algorithm.digest_len()];
        let message = message(algorithm.message_types()[0], &bytes);
        let signature = read.sign(*algorithm, message, &OsRandom).unwrap();
        public(read).verify(*algorithm, message, &signature).unwrap();
    }
}

fn decode(spec: KeySpec, bytes: &[u8]) -> Option<KeyMaterial> {
    KeyMaterial::decode(spec, &SecretBytes::from_slice(bytes)).ok()
}

proptest! {
    #[test]
    fn garbage_is_no_key(spec in select(KeySpec::ALL.to_vec()), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let plain = matches!(spec.family(), Family::Symmetric | Family::Hmac);
        prop_assert!(plain || decode(spec, &bytes).is_none());
        prop_assert!(PublicKey::decode(spec, &bytes).is_err());
    }

    #[test]
    fn garbage_in_a_sequence_is_no_key(
        spec in select(asymmetric().collect::<Vec<_>>()),
        bytes in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let der = [&[0x30, u8::try_from(bytes.len()).unwrap()], bytes.as_slice()].concat();
        prop_assert!(decode(spec, &der).is_none());
        prop_assert!(PublicKey::decode(spec, &der).is_err());
    }

    #[test]
    fn an_edited_private_key_is_refused_or_works(
        at: Index,
        edits in prop::collection::vec(edit(), 1..3),
        head: bool,
    ) {
        // Without RSA: an edit there leaves no key, and its parser's time would be the test's.
        let keys: Vec<_> = KEYS.iter().filter(|(spec, ..)| spec.family() != Family::Rsa).collect();
        let (spec, pkcs8, _) = at.get(&keys);
        if let Some(read) = decode(*spec, &edited(pkcs8, &edits, head)) {
            assert_works(&read);
        }
    }

    #[test]
    fn an_edited_rsa_key_is_refused_or_the_same(edits in prop::collection::vec(edit(), 1..3), head: bool) {
        let (spec, pkcs8, _) = KEYS.iter().find(|(spec, ..)| *spec == KeySpec::Rsa2048).unwrap();
        if let Some(read) = decode(*spec, &edited(pkcs8, &edits, head)) {
            let encoded = read.encode().unwrap();
            prop_assert_eq!(encoded.expose(), pkcs8);
        }
    }

    #[test]
    fn an_edited_public_key_does_not_panic(
        at: Index,
        edits in prop::collection::vec(edit(), 1..3),
        head: bool,
        signature in prop::collection::vec(any::<u8>(), 0..150),
    ) {
        let (spec, _, spki) = at.get(&KEYS);
        let edited = edited(spki, &edits, head);
        if let Ok(read) = PublicKey::decode(*spec, &edited) {
            prop_assert_eq!(read.spki_der(), &edited);
            for algorithm in spec.signing_algorithms() {
                let bytes = vec![1; algorithm.digest_len()];
                let verified = read.verify(*algorithm, message(algorithm.message_types()[0], &bytes), &signature);
                prop_assert!(verified.is_err());
            }
        }
        if !spec.key_agreement_algorithms().is_empty() {
            let _refused_or_not = key(*spec).derive_shared_secret(&edited);
        }
    }

    #[test]
    fn strangers_signatures_and_ciphertexts_do_not_panic(
        at: Index,
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let (spec, ..) = at.get(&KEYS);
        let key = key(*spec);
        for algorithm in spec.signing_algorithms() {
            let message_bytes = vec![1; algorithm.digest_len()];
            let message = message(algorithm.message_types()[0], &message_bytes);
            prop_assert!(public(&key).verify(*algorithm, message, &bytes).is_err());
        }
        for algorithm in spec.encryption_algorithms() {
            prop_assert!(key.decrypt(*algorithm, &bytes).is_err());
        }
    }
}
