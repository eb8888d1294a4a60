//! The vectors in our types.

use std::sync::LazyLock;

use kagiban_base::id::{KeyId, KeyMaterialId, Partition};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::import::{WrappingAlgorithm, WrappingKey, WrappingKeySpec, parse};
use kagiban_keycore::material::{InvalidKeyMaterial, KeyMaterial};
use kagiban_keycore::spec::KeySpec;
use serde_json::Value;

static FILE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../vectors/import-v1.json")).unwrap());

pub(crate) fn key_id() -> KeyId {
    FILE["key_id"].as_str().unwrap().parse().unwrap()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    unhex(value.as_str().unwrap())
}

fn named(value: &Value) -> Vec<(String, Vec<u8>)> {
    value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), bytes(value))).collect()
}

/// A key that is to get material, and where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) spec: KeySpec,
    pub(crate) partition: Partition,
}

impl Target {
    fn of(row: &Value) -> Self {
        let spec = KeySpec::parse(row["spec"].as_str().unwrap()).unwrap();
        Self { spec, partition: Partition::parse(row["partition"].as_str().unwrap()).unwrap() }
    }

    pub(crate) fn parse(&self, material: &[u8]) -> Result<KeyMaterial, InvalidKeyMaterial> {
        parse(self.spec, self.partition, &SecretBytes::from_slice(material))
    }
}

/// Encodings of one material.
pub(crate) struct Accepted {
    pub(crate) target: Target,
    pub(crate) canonical: Vec<u8>,
    pub(crate) material_id: KeyMaterialId,
    pub(crate) encodings: Vec<(String, Vec<u8>)>,
}

pub(crate) fn accepted() -> Vec<Accepted> {
    let rows = FILE["materials"].as_array().unwrap().iter().filter(|row| row["accepted"].is_object());
    let accepted = rows.map(|row| Accepted {
        target: Target::of(row),
        canonical: bytes(&row["canonical"]),
        material_id: row["material_id"].as_str().unwrap().parse().unwrap(),
        encodings: named(&row["accepted"]),
    });
    accepted.collect()
}

/// Bytes that must be refused for one reason.
pub(crate) struct Refused {
    pub(crate) target: Target,
    pub(crate) error: InvalidKeyMaterial,
    pub(crate) materials: Vec<(String, Vec<u8>)>,
}

pub(crate) fn refused() -> Vec<Refused> {
    let rows = FILE["materials"].as_array().unwrap().iter().filter(|row| row["refused"].is_object());
    let refused = rows.map(|row| {
        let target = Target::of(row);
        let error = match row["error"].as_str().unwrap() {
            "Malformed" => InvalidKeyMaterial::Malformed,
            "OtherSpec" => InvalidKeyMaterial::OtherSpec { spec: target.spec },
            other => unreachable!("{other}"),
        };
        Refused { target, error, materials: named(&row["refused"]) }
    });
    refused.collect()
}

/// What was wrapped under one key.
pub(crate) struct Wrappings {
    pub(crate) spec: WrappingKeySpec,
    pub(crate) pkcs8: SecretBytes,
    pub(crate) spki: Vec<u8>,
    /// Algorithm, material, wrapped material.
    pub(crate) wrapped: Vec<(WrappingAlgorithm, Vec<u8>, Vec<u8>)>,
    /// Algorithm, name of the fault, bytes.
    pub(crate) refused: Vec<(WrappingAlgorithm, String, Vec<u8>)>,
}

impl Wrappings {
    pub(crate) fn key(&self) -> WrappingKey {
        WrappingKey::decode(self.spec, &self.pkcs8).unwrap()
    }
}

pub(crate) fn wrappings() -> Vec<Wrappings> {
    let algorithm = |row: &Value| WrappingAlgorithm::parse(row["algorithm"].as_str().unwrap()).unwrap();
    let rows = FILE["wrapping_keys"].as_array().unwrap().iter();
    let wrappings = rows.map(|row| {
        let wrapped = row["wrapped"].as_array().unwrap().iter();
        let refused = row["refused"].as_array().unwrap().iter();
        Wrappings {
            spec: WrappingKeySpec::parse(row["spec"].as_str().unwrap()).unwrap(),
            pkcs8: SecretBytes::new(bytes(&row["pkcs8"])),
            spki: bytes(&row["spki"]),
            wrapped: wrapped.map(|row| (algorithm(row), bytes(&row["material"]), bytes(&row["encrypted"]))).collect(),
            refused: refused.map(|row| (algorithm(row), row["name"].to_string(), bytes(&row["encrypted"]))).collect(),
        }
    });
    wrappings.collect()
}
