//! Keys to work with, made once: RSA keys take seconds in an unoptimised build.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use kagiban_base::os::OsRandom;
use kagiban_keycore::material::KeyMaterial;
use kagiban_keycore::message::Message;
use kagiban_keycore::public_key::PublicKey;
use kagiban_keycore::spec::{KeySpec, MessageType, SigningAlgorithm};

/// A key of this spec; the same one for the whole run.
pub(crate) fn key(spec: KeySpec) -> Arc<KeyMaterial> {
    static KEYS: LazyLock<Mutex<BTreeMap<KeySpec, Arc<KeyMaterial>>>> = LazyLock::new(Mutex::default);
    let mut keys = KEYS.lock().unwrap();
    Arc::clone(keys.entry(spec).or_insert_with(|| Arc::new(KeyMaterial::generate(spec, &OsRandom).unwrap())))
}

/// Its public half.
pub(crate) fn public(key: &KeyMaterial) -> &PublicKey {
    key.public_key().unwrap()
}

pub(crate) fn asymmetric() -> impl Iterator<Item = KeySpec> {
    KeySpec::ALL.into_iter().filter(|spec| spec.is_asymmetric())
}

/// Every spec with each of its signing algorithms.
pub(crate) fn signing_rows() -> impl Iterator<Item = (KeySpec, SigningAlgorithm)> {
    KeySpec::ALL.into_iter().flat_map(|spec| spec.signing_algorithms().iter().map(move |algorithm| (spec, *algorithm)))
}

/// Bytes as a message of this type.
pub(crate) fn message(message_type: MessageType, bytes: &[u8]) -> Message<'_> {
    match message_type {
        MessageType::Raw => Message::Raw(bytes),
        MessageType::Digest => Message::Digest(bytes),
        MessageType::ExternalMu => Message::ExternalMu(bytes),
    }
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
