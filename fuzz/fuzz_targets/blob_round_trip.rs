//! Any plaintext under any encryption context, sealed and opened; then opened after a change.
//!
//! Property: a blob opens to its plaintext under its own material, key and context; not with another context, another
//! account, another material id, one bit flipped, cut or extended.
#![no_main]

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, KeyMaterialId};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::blob::{self, PLAINTEXT_LEN_MAX};
use kagiban_keycore::encryption_context::CanonicalContext;
use kagiban_keycore::material::SymmetricMaterial;
use kagiban_keycore::symmetric::{self, KeyIdentity};
use kagiban_testkit::SeededRandom;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case {
    material: [u8; 32],
    key_id: [u8; 16],
    multi_region: bool,
    material_id: [u8; 32],
    seed: u64,
    plaintext: Vec<u8>,
    context: BTreeMap<String, String>,
    other_context: BTreeMap<String, String>,
    flip: u16,
}

fn identity(case: &Case, account: &str, material_id: [u8; 32]) -> KeyIdentity {
    let arn = KeyArn {
        region: "eu-central-1".parse().expect("a Region"),
        account: account.parse().expect("an account"),
        key_id: KeyId::from_parts(case.multi_region, case.key_id),
    };
    KeyIdentity { arn, key_material_id: KeyMaterialId::from_bytes(material_id) }
}

fuzz_target!(|case: Case| {
    let Ok(context) = CanonicalContext::new(&case.context) else { return };
    let material = SymmetricMaterial::from_secret(&SecretBytes::from_slice(&case.material)).expect("material");
    let own = identity(&case, "123456789012", case.material_id);
    let sealed = symmetric::seal(&material, &own, &context, &case.plaintext, &SeededRandom::new(case.seed));
    let Ok(mut bytes) = sealed else {
        assert!(case.plaintext.is_empty() || case.plaintext.len() > PLAINTEXT_LEN_MAX, "does not seal");
        return;
    };
    let open = |identity: &KeyIdentity, context: &CanonicalContext<'_>, blob: &[u8]| {
        symmetric::open(&material, identity, context, blob).map(|plaintext| plaintext.expose().to_vec())
    };
    assert_eq!(open(&own, &context, &bytes).expect("opens"), case.plaintext);
    let header = blob::parse(&bytes).expect("parses");
    assert_eq!((header.key_id, header.key_material_id), (own.arn.key_id, own.key_material_id));

    assert!(open(&identity(&case, "123456789013", case.material_id), &context, &bytes).is_err(), "another account");
    let mut other_material = case.material_id;
    other_material[0] ^= 1;
    assert!(open(&identity(&case, "123456789012", other_material), &context, &bytes).is_err(), "another material");
    if let Ok(other) = CanonicalContext::new(&case.other_context) {
        let is_same = case.context == case.other_context;
        assert_eq!(open(&own, &other, &bytes).is_ok(), is_same, "another encryption context");
    }
    let (at, bit) = (usize::from(case.flip / 8) % bytes.len(), case.flip % 8);
    bytes[at] ^= 1 << bit;
    assert!(open(&own, &context, &bytes).is_err(), "bit {bit} of byte {at} is not covered");
    bytes[at] ^= 1 << bit;
    assert!(open(&own, &context, &bytes[..bytes.len() - 1 - at % bytes.len().min(64)]).is_err(), "cut");
    bytes.push(case.flip.to_le_bytes()[0]);
    assert!(open(&own, &context, &bytes).is_err(), "extended");
});
