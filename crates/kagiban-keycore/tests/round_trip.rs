//! What was sealed or wrapped opens again, whatever the sizes and pairs.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use kagiban_base::id::KeyMaterialId;
use kagiban_base::os::OsRandom;
use kagiban_keycore::blob;
use kagiban_keycore::encryption_context::CanonicalContext;
use kagiban_keycore::hierarchy::{DomainKey, DomainKeyRing, WrappedSecret};
use kagiban_keycore::material::{SymmetricCipher, SymmetricMaterial};
use kagiban_keycore::row_binding::RowBinding;
use kagiban_keycore::symmetric::{KeyIdentity, open, seal};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_sealed_message_opens(
        plaintext in prop::collection::vec(any::<u8>(), 1..=blob::PLAINTEXT_LEN_MAX),
        pairs in prop::collection::btree_map(".{0,20}", ".{0,20}", 0..6),
        multi_region: bool,
        key_bytes: [u8; 16],
        key_material_id: [u8; 32],
        sm4: bool,
    ) {
        let identity = KeyIdentity {
            arn: arn(multi_region, key_bytes),
            key_material_id: KeyMaterialId::from_bytes(key_material_id),
        };
        let cipher = if sm4 { SymmetricCipher::Sm4 } else { SymmetricCipher::Aes256 };
        let material = SymmetricMaterial::generate_for(cipher, &OsRandom).unwrap();
        let context = CanonicalContext::new(&pairs).unwrap();
        let sealed = seal(&material, &identity, &context, &plaintext, &OsRandom).unwrap();
        prop_assert_eq!(sealed.len(), plaintext.len() + blob::OVERHEAD);
        let header = blob::parse(&sealed).unwrap();
        prop_assert_eq!(header.key_id, identity.arn.key_id);
        prop_assert_eq!(header.key_material_id, identity.key_material_id);
        let opened = open(&material, &identity, &context, &sealed).unwrap();
        prop_assert_eq!(opened.expose(), &plaintext);
    }

    #[test]
    fn a_wrapped_secret_opens_in_its_row(
        secret in prop::collection::vec(any::<u8>(), 1..3000),
        row in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let ring = DomainKeyRing::new(DomainKey::generate(&OsRandom).unwrap(), []).unwrap();
        let binding = RowBinding::new("table").part("row", &row);
        let wrapped = ring.wrap(&secret, &binding, &OsRandom).unwrap();
        let stored = WrappedSecret::decode(&wrapped.encode()).unwrap();
        prop_assert_eq!(&stored, &wrapped);
        let unwrapped = ring.unwrap_key(&stored, &binding).unwrap();
        prop_assert_eq!(unwrapped.expose(), &secret);
    }

    #[test]
    fn parsers_refuse_garbage_and_stay_calm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(blob::parse(&bytes).is_err());
        let _ = WrappedSecret::decode(&bytes);
    }

    #[test]
    fn what_begins_like_a_blob_is_read_as_it_is_written(
        algorithm in 0u8..4,
        tail in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [b"KBN\x01".as_slice(), &[algorithm], &tail].concat();
        let codes_fit = matches!((algorithm, tail.first()), (1 | 2, Some(0 | 1)));
        let fits = bytes.len() > blob::OVERHEAD && codes_fit;
        prop_assert_eq!(blob::parse(&bytes).is_ok(), fits);
    }
}

fn arn(multi_region: bool, key_bytes: [u8; 16]) -> kagiban_base::arn::KeyArn {
    kagiban_base::arn::KeyArn {
        region: "eu-central-1".parse().unwrap(),
        account: "111122223333".parse().unwrap(),
        key_id: kagiban_base::id::KeyId::from_parts(multi_region, key_bytes),
    }
}

#[test]
fn an_empty_map_means_no_context() {
    let empty = BTreeMap::new();
    let (mut one, mut other) = (Vec::new(), Vec::new());
    CanonicalContext::new(&empty).unwrap().append_to(&mut one);
    CanonicalContext::EMPTY.append_to(&mut other);
    assert_eq!(one, [0, 0]);
    assert_eq!(one, other);
}
