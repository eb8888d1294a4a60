//! Unwrapped bytes become material of the spec, or are refused for the right reason.

use std::collections::BTreeSet;

use kagiban_base::id::Partition;
use kagiban_keycore::material::{InvalidKeyMaterial, WrongMaterialLength};
use kagiban_keycore::spec::{Family, KeySpec};
use proptest::prelude::*;

use crate::vectors::{Target, accepted, refused};

fn is_plain(spec: KeySpec) -> bool {
    matches!(spec.family(), Family::Symmetric | Family::Hmac)
}

#[test]
fn every_encoding_of_a_material_is_taken_and_written_in_one_way() {
    let mut specs = BTreeSet::new();
    for row in accepted() {
        specs.insert(row.target.spec);
        for (name, encoding) in &row.encodings {
            let material = row.target.parse(encoding);
            let material = material.unwrap_or_else(|error| unreachable!("{} {name}: {error}", row.target.spec));
            assert_eq!(material.spec(), row.target.spec, "{name}");
            assert_eq!(material.encode().unwrap().expose(), row.canonical, "{} {name}", row.target.spec);
            assert_eq!(material.public_key().is_some(), row.target.spec.is_asymmetric());
        }
    }
    assert_eq!(specs, BTreeSet::from(KeySpec::ALL), "specs without vectors");
}

#[test]
fn every_fault_is_refused_for_its_reason() {
    let mut count = 0;
    for row in refused() {
        for (name, material) in &row.materials {
            assert_eq!(row.target.parse(material).err(), Some(row.error), "{} {name}", row.target.spec);
            count += 1;
        }
    }
    assert_eq!(count, 279);
}

#[test]
fn every_truncation_and_extension_is_refused() {
    for row in accepted().into_iter().filter(|row| !is_plain(row.target.spec)) {
        let spec = row.target.spec;
        for (name, encoding) in &row.encodings {
            // Of the largest not every length: each costs an RSA key check if it is nearly right.
            let lens = (0..encoding.len()).filter(|len| *len < 64 || *len + 64 > encoding.len() || len % 7 == 0);
            for len in lens {
                assert!(row.target.parse(&encoding[..len]).is_err(), "{spec} {name}: first {len} bytes");
            }
            for tail in [[0].as_slice(), &[0, 0], &[5, 0], encoding] {
                let longer = [encoding.as_slice(), tail].concat();
                let error = row.target.parse(&longer).err();
                assert_eq!(error, Some(InvalidKeyMaterial::Malformed), "{spec} {name} and {} more", tail.len());
            }
        }
    }
}

/// Material of one spec is no material of another. Plain bytes don't say what they are for: where the length fits, they
/// fit.
#[test]
fn material_of_another_spec_is_refused() {
    let rows = accepted();
    for row in &rows {
        for other in rows.iter().filter(|other| other.target.spec != row.target.spec) {
            let (spec, other_spec) = (other.target.spec, row.target.spec);
            let parsed = other.target.parse(&row.canonical);
            match (is_plain(spec), is_plain(other_spec)) {
                (false, false) => {
                    assert_eq!(parsed.err(), Some(InvalidKeyMaterial::OtherSpec { spec }), "{other_spec} as {spec}");
                }
                (false, true) => {
                    assert_eq!(parsed.err(), Some(InvalidKeyMaterial::Malformed), "{other_spec} as {spec}")
                }
                (true, _) => {
                    let fits = match spec.family() {
                        Family::Symmetric => row.canonical.len() == other.canonical.len(),
                        _ => (other.canonical.len().min(64)..=128).contains(&row.canonical.len()),
                    };
                    let fits_hmac = spec.family() == Family::Hmac && (28..=128).contains(&row.canonical.len());
                    assert!(parsed.is_err() || fits || fits_hmac, "{other_spec} as {spec}");
                }
            }
        }
    }
}

#[test]
fn symmetric_material_has_the_length_of_the_regions_cipher() {
    let spec = KeySpec::SymmetricDefault;
    for (partition, expected) in [(Partition::Aws, 32), (Partition::AwsUsGov, 32), (Partition::AwsCn, 16)] {
        let target = Target { spec, partition };
        assert!(target.parse(&vec![7; expected]).is_ok());
        for len in [0, 1, 15, 16, 17, 24, 31, 32, 33, 64].into_iter().filter(|len| *len != expected) {
            let error = InvalidKeyMaterial::Length(WrongMaterialLength { len, expected });
            assert_eq!(target.parse(&vec![7; len]).err(), Some(error));
        }
    }
}

#[test]
fn hmac_material_is_as_long_as_the_hash_or_longer() {
    for (spec, min) in [(KeySpec::Hmac224, 28), (KeySpec::Hmac256, 32), (KeySpec::Hmac384, 48), (KeySpec::Hmac512, 64)]
    {
        let target = Target { spec, partition: Partition::Aws };
        for len in [0, min - 1, 129, 1024] {
            let error = InvalidKeyMaterial::HmacLength { len, min, max: 128 };
            assert_eq!(target.parse(&vec![7; len]).err(), Some(error), "{spec}");
        }
        assert!(target.parse(&vec![7; min]).is_ok() && target.parse(&[7; 128]).is_ok());
    }
}

fn targets() -> impl Strategy<Value = Target> {
    let spec = prop::sample::select(KeySpec::ALL.to_vec());
    let partition = prop::sample::select(vec![Partition::Aws, Partition::AwsCn]);
    (spec, partition).prop_map(|(spec, partition)| Target { spec, partition })
}

proptest! {
    #[test]
    fn anything_is_judged_without_harm(target in targets(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let taken = target.parse(&bytes);
        // Bytes by chance are PKCS#8 less often than anybody can try.
        prop_assert!(taken.is_err() || is_plain(target.spec));
    }

    /// A damaged encoding is refused, or it is an encoding of something: it comes back from its canonical form.
    #[test]
    fn a_damaged_encoding_is_refused_or_read(at: prop::sample::Index, place: prop::sample::Index, change in 1u8..) {
        let rows: Vec<_> = accepted().into_iter().filter(|row| !matches!(row.target.spec.family(), Family::Rsa)).collect();
        let row = at.get(&rows);
        let (_, encoding) = place.get(&row.encodings);
        let mut damaged = encoding.clone();
        damaged[place.index(encoding.len())] ^= change;
        if let Ok(material) = row.target.parse(&damaged) {
            let canonical = material.encode().unwrap();
            let again = row.target.parse(canonical.expose()).unwrap().encode().unwrap();
            prop_assert_eq!(again.expose(), canonical.expose());
        }
    }
}
