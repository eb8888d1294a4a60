//! The ids of imported material.

use std::collections::BTreeSet;

use kagiban_base::id::{KeyId, KeyMaterialId};
use kagiban_keycore::import::material_id;

use crate::vectors::{accepted, key_id};

#[test]
fn ids_are_those_that_another_program_computes_in_whatever_encoding() {
    for row in accepted() {
        for (name, encoding) in &row.encodings {
            let id = material_id(&key_id(), &row.target.parse(encoding).unwrap()).unwrap();
            assert_eq!(id, row.material_id, "{} {name}", row.target.spec);
        }
    }
}

#[test]
fn other_material_and_other_keys_have_other_ids() {
    let other_key: KeyId = "mrk-1234abcd12ab34cd56ef1234567890ab".parse().unwrap();
    let rows = accepted();
    let mut ids: BTreeSet<KeyMaterialId> = rows.iter().map(|row| row.material_id).collect();
    for row in &rows {
        ids.insert(material_id(&other_key, &row.target.parse(&row.canonical).unwrap()).unwrap());
    }
    assert_eq!(ids.len(), 2 * rows.len());
}

/// The same 64 bytes are material of every HMAC spec. A key has one spec, so this says nothing to a user; it shows that
/// the spec is part of what is hashed.
#[test]
fn the_same_bytes_under_another_spec_have_another_id() {
    use kagiban_base::secret::SecretBytes;
    use kagiban_keycore::material::KeyMaterial;
    use kagiban_keycore::spec::KeySpec;
    let secret = SecretBytes::from_slice(&[7; 64]);
    let specs = [KeySpec::Hmac224, KeySpec::Hmac256, KeySpec::Hmac384, KeySpec::Hmac512];
    let ids = specs.map(|spec| material_id(&key_id(), &KeyMaterial::decode(spec, &secret).unwrap()).unwrap());
    assert_eq!(BTreeSet::from(ids).len(), 4);
}
