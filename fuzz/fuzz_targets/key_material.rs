//! Any bytes as imported key material of any spec: PKCS#8 in BER and DER, and plain bytes.
//!
//! Property: nothing panics; what is taken is written the same way whenever it is read again, and its public half parses.
#![no_main]

use kagiban_base::id::Partition;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::import;
use kagiban_keycore::material::KeyMaterial;
use kagiban_keycore::public_key::PublicKey;
use kagiban_keycore::spec::KeySpec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((spec, bytes)) = data.split_first() else { return };
    let spec = KeySpec::ALL[usize::from(*spec) % KeySpec::ALL.len()];
    let partition = if spec == KeySpec::Sm2 { Partition::AwsCn } else { Partition::Aws };
    let Ok(material) = import::parse(spec, partition, &SecretBytes::from_slice(bytes)) else { return };
    assert_eq!(material.spec(), spec);
    let written = material.encode().expect("material that was taken can be written");
    let again = KeyMaterial::decode(spec, &written).expect("what is written can be read");
    assert_eq!(again.encode().expect("written again").expose(), written.expose(), "two forms of one key");
    if let Some(public_key) = material.public_key() {
        PublicKey::decode(spec, public_key.spki_der()).expect("a public half that parses");
    }
});
