//! The published blobs of `vectors/blob-v1.json`, which another program made from the document alone: ours makes the
//! same bytes, opens them, and refuses those that must be refused. `vectors/make_blob_v1.py` says how they came about.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use kagiban_base::id::KeyMaterialId;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::blob::{self, InvalidCiphertext};
use kagiban_keycore::encryption_context::CanonicalContext;
use kagiban_keycore::material::SymmetricMaterial;
use kagiban_keycore::symmetric::{KeyIdentity, open, seal};
use serde_json::Value;

/// One vector; the fields of the file in our types.
struct Case {
    name: String,
    material: SymmetricMaterial,
    identity: KeyIdentity,
    pairs: BTreeMap<String, String>,
    message_nonce: Vec<u8>,
    plaintext: Vec<u8>,
    blob: Vec<u8>,
}

fn cases(list: &str) -> Vec<Case> {
    let file: Value = serde_json::from_str(include_str!("vectors/blob-v1.json")).unwrap();
    file[list].as_array().unwrap().iter().map(case).collect()
}

fn case(vector: &Value) -> Case {
    let text = |name: &str| vector[name].as_str().unwrap();
    let pair = |(key, value): (&String, &Value)| (key.clone(), value.as_str().unwrap().to_owned());
    Case {
        name: text("name").to_owned(),
        material: SymmetricMaterial::from_secret(&SecretBytes::new(unhex(text("material")))).unwrap(),
        identity: KeyIdentity {
            arn: text("arn").parse().unwrap(),
            key_material_id: text("key_material_id").parse::<KeyMaterialId>().unwrap(),
        },
        pairs: vector["context"].as_object().unwrap().iter().map(pair).collect(),
        message_nonce: unhex(text("message_nonce")),
        plaintext: unhex(text("plaintext")),
        blob: unhex(text("blob")),
    }
}

fn unhex(text: &str) -> Vec<u8> {
    assert_eq!(text.len() % 2, 0);
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Gives the message nonce of a vector, once.
struct Scripted(Vec<u8>);

impl Random for Scripted {
    fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }

    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

#[test]
fn our_blobs_are_the_published_ones() {
    let cases = cases("opens");
    assert_eq!(cases.len(), 16);
    for case in cases {
        let context = CanonicalContext::new(&case.pairs).unwrap();
        let random = Scripted(case.message_nonce);
        let made = seal(&case.material, &case.identity, &context, &case.plaintext, &random).unwrap();
        // Also where a replica opens: its own blob would be the same, since no Region is in it.
        assert!(made == case.blob, "{}", case.name);
    }
}

#[test]
fn published_blobs_open() {
    for case in cases("opens") {
        let header = blob::parse(&case.blob).unwrap();
        assert_eq!(header.key_id, case.identity.arn.key_id, "{}", case.name);
        assert_eq!(header.key_material_id, case.identity.key_material_id, "{}", case.name);
        let context = CanonicalContext::new(&case.pairs).unwrap();
        let opened = open(&case.material, &case.identity, &context, &case.blob).unwrap();
        assert!(opened.expose() == case.plaintext, "{}", case.name);
    }
}

#[test]
fn blobs_with_one_fault_are_refused() {
    let cases = cases("refused");
    assert_eq!(cases.len(), 32);
    for case in cases {
        let context = CanonicalContext::new(&case.pairs).unwrap();
        let opened = open(&case.material, &case.identity, &context, &case.blob);
        assert_eq!(opened.err(), Some(InvalidCiphertext), "{}", case.name);
    }
}

#[test]
fn the_document_shows_a_published_blob() {
    let document: String = include_str!("../../../docs/ciphertext-format.md").split_whitespace().collect();
    let file: Value = serde_json::from_str(include_str!("vectors/blob-v1.json")).unwrap();
    assert!(document.contains(file["opens"][1]["blob"].as_str().unwrap()));
}
