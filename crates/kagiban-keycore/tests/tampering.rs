//! A blob that is not exactly what was sealed does not open, and nobody learns why.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use kagiban_base::id::KeyMaterialId;
use kagiban_base::os::OsRandom;
use kagiban_base::random::{Random, RandomError};
use kagiban_keycore::blob::{self, InvalidCiphertext};
use kagiban_keycore::encryption_context::CanonicalContext;
use kagiban_keycore::material::{SymmetricCipher, SymmetricMaterial};
use kagiban_keycore::symmetric::{KeyIdentity, SealError, open, seal};
use proptest::prelude::*;

/// A key, its material and one message sealed with it.
struct World {
    material: SymmetricMaterial,
    identity: KeyIdentity,
    pairs: BTreeMap<String, String>,
    blob: Vec<u8>,
}

impl World {
    fn new() -> Self {
        Self::with(SymmetricCipher::Aes256)
    }

    fn both() -> [Self; 2] {
        [SymmetricCipher::Aes256, SymmetricCipher::Sm4].map(Self::with)
    }

    fn with(cipher: SymmetricCipher) -> Self {
        let material = SymmetricMaterial::generate_for(cipher, &OsRandom).unwrap();
        let identity = KeyIdentity {
            arn: "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab".parse().unwrap(),
            key_material_id: KeyMaterialId::generate(&OsRandom).unwrap(),
        };
        let pairs = BTreeMap::from([("purpose".to_owned(), "test".to_owned())]);
        let context = CanonicalContext::new(&pairs).unwrap();
        let blob = seal(&material, &identity, &context, b"hello", &OsRandom).unwrap();
        Self { material, identity, pairs, blob }
    }

    fn check_refused(&self, blob: &[u8], what: &str) {
        let context = CanonicalContext::new(&self.pairs).unwrap();
        let opened = open(&self.material, &self.identity, &context, blob);
        assert_eq!(opened.err(), Some(InvalidCiphertext), "{what}");
    }
}

#[test]
fn an_untouched_blob_opens() {
    for world in World::both() {
        let context = CanonicalContext::new(&world.pairs).unwrap();
        let opened = open(&world.material, &world.identity, &context, &world.blob).unwrap();
        assert_eq!(opened.expose(), b"hello");
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    for world in World::both() {
        for bit in 0..world.blob.len() * 8 {
            let mut blob = world.blob.clone();
            blob[bit / 8] ^= 1 << (bit % 8);
            world.check_refused(&blob, &format!("bit {bit}"));
        }
    }
}

#[test]
fn every_truncation_and_extension_is_noticed() {
    World::both().iter().for_each(check_lengths);
}

fn check_lengths(world: &World) {
    for len in 0..world.blob.len() {
        world.check_refused(&world.blob[..len], &format!("first {len} bytes"));
        world.check_refused(&world.blob[world.blob.len() - len..], &format!("last {len} bytes"));
    }
    for extra in [1, 2, 15, 16, 17, 6144 - world.blob.len(), 6145 - world.blob.len(), 100_000] {
        for filler in [0x00, 0xff] {
            let blob = [world.blob.as_slice(), &vec![filler; extra]].concat();
            world.check_refused(&blob, &format!("{extra} more bytes"));
        }
    }
}

#[test]
fn parts_of_two_blobs_of_one_key_do_not_fit_together() {
    let world = World::new();
    let context = CanonicalContext::new(&world.pairs).unwrap();
    let other = seal(&world.material, &world.identity, &context, b"hello", &OsRandom).unwrap();
    assert_ne!(world.blob, other);
    for cut in 55..world.blob.len() {
        let blob = [&world.blob[..cut], &other[cut..]].concat();
        // The last bytes may happen to agree; then the blob is one of the two.
        if blob != world.blob && blob != other {
            world.check_refused(&blob, &format!("cut at {cut}"));
        }
    }
}

#[test]
fn another_key_material_or_context_does_not_open() {
    let world = World::new();
    let context = CanonicalContext::new(&world.pairs).unwrap();
    let other_material = SymmetricMaterial::generate(&OsRandom).unwrap();
    let other_cipher = SymmetricMaterial::generate_for(SymmetricCipher::Sm4, &OsRandom).unwrap();
    let arn = "arn:aws:kms:us-east-1:111122223333:key/00000000-12ab-34cd-56ef-1234567890ab".parse().unwrap();
    let other_key = KeyIdentity { arn, ..world.identity };
    let other_id = KeyIdentity { key_material_id: KeyMaterialId::from_bytes([0; 32]), ..world.identity };
    for (material, identity, context) in [
        (&other_material, &world.identity, &context),
        (&other_cipher, &world.identity, &context),
        (&world.material, &other_key, &context),
        (&world.material, &other_id, &context),
        (&world.material, &world.identity, &CanonicalContext::EMPTY),
    ] {
        let opened = open(material, identity, context, &world.blob);
        assert_eq!(opened.err(), Some(InvalidCiphertext));
    }
}

#[test]
fn plaintexts_have_bounds() {
    let world = World::new();
    let seal_len = |len| {
        seal(&world.material, &world.identity, &CanonicalContext::EMPTY, &vec![0; len], &OsRandom)
            .map(|blob| blob.len())
    };
    assert_eq!(seal_len(1), Ok(135));
    assert_eq!(seal_len(4096), Ok(4230));
    assert_eq!(seal_len(blob::PLAINTEXT_LEN_MAX), Ok(6144));
    for len in [0, blob::PLAINTEXT_LEN_MAX + 1] {
        assert_eq!(seal_len(len), Err(SealError::PlaintextLength { len, max: 6010 }));
    }
}

/// A source of randomness that has run dry.
struct Dry;

impl Random for Dry {
    fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }

    fn fill_public(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }
}

#[test]
fn nothing_is_sealed_without_randomness() {
    let world = World::new();
    let sealed = seal(&world.material, &world.identity, &CanonicalContext::EMPTY, b"hello", &Dry);
    assert_eq!(sealed, Err(SealError::Random(RandomError)));
    assert!(SymmetricMaterial::generate(&Dry).is_err());
}

#[test]
fn material_is_not_shown() {
    assert_eq!(format!("{:?}", World::new().material), "SymmetricMaterial(Aes256)");
}

proptest! {
    #[test]
    fn a_damaged_stretch_is_noticed(at in 0usize..139, damage in prop::collection::vec(1u8.., 1..40)) {
        let world = World::new();
        let mut blob = world.blob.clone();
        for (byte, change) in blob[at..].iter_mut().zip(&damage) {
            *byte ^= change;
        }
        world.check_refused(&blob, "damaged");
    }

    #[test]
    fn garbage_behind_a_true_header_is_refused(sealed in prop::collection::vec(any::<u8>(), 17..100)) {
        let world = World::new();
        world.check_refused(&[&world.blob[..118], &sealed].concat(), "garbage");
    }
}
