//! Chains that are signed correctly and must not be followed.

use std::str::FromStr;

use der::Encode;
use der::asn1::{BitString, OctetString};
use der::flagset::FlagSet;
use der::oid::ObjectIdentifier;
use der::oid::db::rfc5912::{ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_EC_PUBLIC_KEY, SECP_256_R_1};
use kagiban_base::os::OsRandom;
use kagiban_base::time::Timestamp;
use x509_cert::certificate::Version;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};
use x509_cert::name::Name;

use super::{NOW, small};
use crate::error::{AttestationError, CertificateFault};
use crate::issue::certificate::{Role, Template, ToBeSigned, extension};
use crate::issue::document::envelope;
use crate::issue::signing_key::SigningKey;
use crate::roots::TrustedRoots;
use crate::verify;

/// Names and keys of a chain: its root, its authorities, its signer.
struct Links {
    keys: Vec<SigningKey>,
}

/// What is changed in one certificate before it is signed.
type Change = fn(&mut ToBeSigned);

impl Links {
    /// A root, so many authorities, and a signer.
    fn new(authorities: usize) -> Self {
        Self { keys: (0..authorities + 2).map(|_| SigningKey::generate().unwrap()).collect() }
    }

    fn last(&self) -> usize {
        self.keys.len() - 1
    }

    /// The certificate at `index`, with `change` applied.
    fn certificate(&self, index: usize, change: Change) -> Vec<u8> {
        let issuer = index.saturating_sub(1);
        let is_signer = index == self.last();
        let mut certificate = Template {
            issuer: &format!("CN={issuer}"),
            subject: &format!("CN={index}"),
            not_before: NOW,
            not_after: NOW.plus_ms(1000),
            point: self.keys[index].point(),
            role: if is_signer { Role::Signer } else { Role::Authority { path_len: None } },
        }
        .to_be_signed(&OsRandom)
        .unwrap();
        change(&mut certificate);
        certificate.sign(&self.keys[issuer]).unwrap()
    }

    /// All certificates, with `change` applied to the one at `changed`.
    fn certificates(&self, changed: usize, change: Change) -> Vec<Vec<u8>> {
        (0..self.keys.len())
            .map(|index| self.certificate(index, if index == changed { change } else { |_| () }))
            .collect()
    }

    fn check(&self, certificates: &[Vec<u8>], now: Timestamp) -> Result<(), AttestationError> {
        let (signer, cabundle) = certificates.split_last().unwrap();
        let roots = TrustedRoots::of(&cabundle[0]);
        let cabundle: Vec<&[u8]> = cabundle.iter().map(Vec::as_slice).collect();
        crate::chain::check(&cabundle, signer, &roots, now).map(|_| ())
    }

    fn check_changed(&self, changed: usize, change: Change) -> Result<(), AttestationError> {
        self.check(&self.certificates(changed, change), NOW)
    }
}

fn at(index: usize, fault: CertificateFault) -> Result<(), AttestationError> {
    Err(AttestationError::Certificate { index, fault })
}

fn set_extensions(certificate: &mut ToBeSigned, constraints: Option<BasicConstraints>, usage: Option<KeyUsages>) {
    let constraints = constraints.map(|constraints| extension(&constraints, true).unwrap());
    let usage = usage.map(|usage| extension(&KeyUsage(FlagSet::from(usage)), true).unwrap());
    certificate.extensions = Some(constraints.into_iter().chain(usage).collect());
}

fn authority(path_len_constraint: Option<u8>) -> BasicConstraints {
    BasicConstraints { ca: true, path_len_constraint }
}

fn push(certificate: &mut ToBeSigned, extension: Extension) {
    certificate.extensions.get_or_insert_default().push(extension);
}

fn unknown(critical: bool) -> Extension {
    let extn_id = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1");
    Extension { extn_id, critical, extn_value: OctetString::new([5, 0]).unwrap() }
}

#[test]
fn chains_of_one_to_eight_authorities_are_followed() {
    for authorities in [0, 1, 3, 7] {
        assert_eq!(Links::new(authorities).check_changed(0, |_| ()), Ok(()), "{authorities}");
    }
}

#[test]
fn an_authority_is_one_in_every_respect() {
    let rows: [(Change, CertificateFault); 13] = [
        (|c| c.version = Version::V1, CertificateFault::Version),
        (|c| c.signature.oid = ECDSA_WITH_SHA_256, CertificateFault::SignatureAlgorithm),
        (|c| c.signature.parameters = Some(der::Any::null()), CertificateFault::SignatureAlgorithm),
        (|c| c.extensions = None, CertificateFault::NotAnAuthority),
        (|c| set_extensions(c, None, Some(KeyUsages::KeyCertSign)), CertificateFault::NotAnAuthority),
        (
            |c| {
                let constraints = BasicConstraints { ca: false, path_len_constraint: None };
                set_extensions(c, Some(constraints), Some(KeyUsages::KeyCertSign));
            },
            CertificateFault::NotAnAuthority,
        ),
        (
            |c| {
                set_extensions(c, None, Some(KeyUsages::KeyCertSign));
                push(c, extension(&authority(None), false).unwrap()); // not critical
            },
            CertificateFault::NotAnAuthority,
        ),
        (|c| set_extensions(c, Some(authority(None)), None), CertificateFault::KeyUsage),
        (|c| set_extensions(c, Some(authority(None)), Some(KeyUsages::DigitalSignature)), CertificateFault::KeyUsage),
        (|c| set_extensions(c, Some(authority(None)), Some(KeyUsages::CRLSign)), CertificateFault::KeyUsage),
        (|c| push(c, unknown(true)), CertificateFault::Extensions),
        (|c| push(c, extension(&authority(None), true).unwrap()), CertificateFault::Extensions),
        (
            |c| {
                push(c, unknown(false));
                push(c, unknown(false));
            },
            CertificateFault::Extensions,
        ),
    ];
    for (row, (change, fault)) in rows.into_iter().enumerate() {
        for index in [0, 1] {
            assert_eq!(Links::new(1).check_changed(index, change), at(index, fault), "row {row}");
        }
    }
    assert_eq!(Links::new(1).check_changed(1, |c| push(c, unknown(false))), Ok(()));
}

/// The algorithm is named a second time outside of what is signed, where anyone could change it.
#[test]
fn both_names_of_the_algorithm_agree() {
    let links = Links::new(1);
    let mut certificates = links.certificates(0, |_| ());
    let oid = ECDSA_WITH_SHA_384.as_bytes();
    let outer = certificates[1].windows(oid.len()).rposition(|window| window == oid).unwrap();
    certificates[1][outer..outer + oid.len()].copy_from_slice(ECDSA_WITH_SHA_256.as_bytes());
    assert_eq!(links.check(&certificates, NOW), at(1, CertificateFault::SignatureAlgorithm));
}

#[test]
fn a_signer_is_no_authority_and_its_key_is_for_signatures() {
    let rows: [(Change, CertificateFault); 5] = [
        (|c| set_extensions(c, Some(authority(None)), Some(KeyUsages::DigitalSignature)), CertificateFault::Authority),
        (
            |c| {
                let constraints = BasicConstraints { ca: false, path_len_constraint: Some(0) };
                set_extensions(c, Some(constraints), Some(KeyUsages::DigitalSignature));
            },
            CertificateFault::PathLength,
        ),
        (|c| set_extensions(c, None, None), CertificateFault::KeyUsage),
        (|c| set_extensions(c, None, Some(KeyUsages::KeyCertSign)), CertificateFault::KeyUsage),
        (|c| push(c, unknown(true)), CertificateFault::Extensions),
    ];
    for (row, (change, fault)) in rows.into_iter().enumerate() {
        assert_eq!(Links::new(1).check_changed(2, change), at(2, fault), "row {row}");
    }
    // Basic constraints may be absent where there is no authority.
    assert_eq!(Links::new(1).check_changed(2, |c| set_extensions(c, None, Some(KeyUsages::DigitalSignature))), Ok(()));
}

/// A path length counts the authorities between a certificate and the signer (RFC 5280, section 4.2.1.9).
#[test]
fn no_authority_has_more_below_it_than_it_allows() {
    fn allow<const PATH_LEN: u8>(certificate: &mut ToBeSigned) {
        set_extensions(certificate, Some(authority(Some(PATH_LEN))), Some(KeyUsages::KeyCertSign));
    }
    let links = Links::new(2);
    let rows: [(usize, Change, Result<(), AttestationError>); 7] = [
        (0, allow::<0>, at(0, CertificateFault::PathLength)),
        (0, allow::<1>, at(0, CertificateFault::PathLength)),
        (0, allow::<2>, Ok(())),
        (1, allow::<0>, at(1, CertificateFault::PathLength)),
        (1, allow::<1>, Ok(())),
        (2, allow::<0>, Ok(())),
        (2, allow::<255>, Ok(())),
    ];
    for (index, change, expected) in rows {
        assert_eq!(links.check_changed(index, change), expected, "{index}");
    }
}

#[test]
fn keys_are_points_of_p_384() {
    let rows: [Change; 6] = [
        |c| {
            let mut hybrid = c.subject_public_key_info.subject_public_key.raw_bytes().to_vec();
            hybrid[0] = 6 + (hybrid[96] & 1);
            c.subject_public_key_info.subject_public_key = BitString::from_bytes(&hybrid).unwrap();
        },
        |c| c.subject_public_key_info.algorithm.parameters = Some(der::Any::encode_from(&SECP_256_R_1).unwrap()),
        |c| c.subject_public_key_info.algorithm.parameters = None,
        |c| c.subject_public_key_info.algorithm.oid = ECDSA_WITH_SHA_256,
        |c| c.subject_public_key_info.subject_public_key = BitString::from_bytes(&[4; 65]).unwrap(),
        |c| {
            let point = c.subject_public_key_info.subject_public_key.raw_bytes().to_vec();
            let compressed = [&[2 + (point[96] & 1)], &point[1..49]].concat();
            c.subject_public_key_info.subject_public_key = BitString::from_bytes(&compressed).unwrap();
        },
    ];
    for (row, change) in rows.into_iter().enumerate() {
        for index in [0, 1, 2] {
            assert_eq!(Links::new(1).check_changed(index, change), at(index, CertificateFault::Key), "row {row}");
        }
    }
    // A point that is not on the curve verifies nothing.
    let off_curve: Change = |c| {
        assert_eq!(c.subject_public_key_info.algorithm.oid, ID_EC_PUBLIC_KEY);
        let mut point = c.subject_public_key_info.subject_public_key.raw_bytes().to_vec();
        point[96] ^= 1;
        c.subject_public_key_info.subject_public_key = BitString::from_bytes(&point).unwrap();
    };
    assert_eq!(Links::new(1).check_changed(1, off_curve), at(2, CertificateFault::Signature));
}

#[test]
fn every_certificate_is_valid_now() {
    let links = Links::new(1);
    let certificates = links.certificates(0, |_| ());
    for (ms, expected) in [
        (-1, at(0, CertificateFault::NotYetValid)),
        (0, Ok(())),
        (1000, Ok(())),
        (1999, Ok(())), // certificates know whole seconds, and the last one counts
        (2000, at(0, CertificateFault::Expired)),
    ] {
        assert_eq!(links.check(&certificates, NOW.plus_ms(ms)), expected, "{ms}");
    }
    for index in 0..3 {
        let later: Change = |c| c.validity = x509_cert::time::Validity::new(c.validity.not_after, c.validity.not_after);
        assert_eq!(links.check_changed(index, later), at(index, CertificateFault::NotYetValid));
        let earlier: Change =
            |c| c.validity = x509_cert::time::Validity::new(c.validity.not_before, c.validity.not_before);
        let certificates = links.certificates(index, earlier);
        assert_eq!(links.check(&certificates, NOW.plus_ms(1000)), at(index, CertificateFault::Expired));
    }
}

#[test]
fn each_certificate_is_issued_by_the_one_before_it() {
    let links = Links::new(2);
    for index in [1, 2, 3] {
        let renamed: Change = |c| c.issuer = Name::from_str("CN=9").unwrap();
        assert_eq!(links.check_changed(index, renamed), at(index, CertificateFault::Issuer));

        // The right names, another key behind them.
        let mut certificates = links.certificates(0, |_| ());
        certificates[index] = Links::new(2).certificate(index, |_| ());
        assert_eq!(links.check(&certificates, NOW), at(index, CertificateFault::Signature));
    }
}

#[test]
fn the_order_is_from_the_root_down_and_nothing_is_left_out_or_over() {
    let links = Links::new(2);
    let chain = links.certificates(0, |_| ());
    let of = |order: &[usize]| {
        let certificates: Vec<Vec<u8>> = order.iter().map(|index| chain[*index].clone()).collect();
        links.check(&certificates, NOW)
    };
    assert_eq!(of(&[0, 1, 2, 3]), Ok(()));
    assert_eq!(of(&[0, 2, 1, 3]), at(1, CertificateFault::Issuer));
    assert_eq!(of(&[0, 2, 3]), at(1, CertificateFault::Issuer));
    assert_eq!(of(&[0, 1, 3]), at(2, CertificateFault::Issuer));
    assert_eq!(of(&[0, 1, 1, 2, 3]), at(2, CertificateFault::Issuer));
    assert_eq!(of(&[0, 1, 2, 2, 3]), at(3, CertificateFault::Issuer));
    assert_eq!(of(&[0, 3]), at(1, CertificateFault::Issuer));
    // The signer issues nothing, even when it is put among the authorities.
    assert_eq!(of(&[0, 1, 2, 3, 3]), at(3, CertificateFault::NotAnAuthority));
}

#[test]
fn only_the_first_of_the_bundle_can_be_the_root() {
    let links = Links::new(2);
    let chain = links.certificates(0, |_| ());
    let (root, second) = (TrustedRoots::of(&chain[0]), TrustedRoots::of(&chain[1]));
    let bundle: Vec<&[u8]> = chain[..3].iter().map(Vec::as_slice).collect();
    let check = |bundle: &[&[u8]], roots| crate::chain::check(bundle, &chain[3], roots, NOW).map(|_| ());
    assert_eq!(check(&bundle, &root), Ok(()));
    assert_eq!(check(&bundle, &second), Err(AttestationError::UntrustedRoot));
    assert_eq!(check(&bundle[1..], &second), Ok(()));
    assert_eq!(check(&bundle[1..], &root), Err(AttestationError::UntrustedRoot));
    assert_eq!(check(&[], &root), Err(AttestationError::UntrustedRoot));
}

#[test]
fn certificates_are_der_to_the_last_byte() {
    let links = Links::new(1);
    for index in [1, 2] {
        let whole = links.certificate(index, |_| ());
        let check = |certificate: Vec<u8>| {
            let mut certificates = links.certificates(0, |_| ());
            certificates[index] = certificate;
            links.check(&certificates, NOW)
        };
        assert_eq!(check(whole.clone()), Ok(()));
        assert_eq!(check([whole.clone(), vec![0]].concat()), at(index, CertificateFault::Unreadable));
        assert_eq!(check(whole[..whole.len() - 1].to_vec()), at(index, CertificateFault::Unreadable));
        // The outer length in a longer form than DER has.
        let longer = [&[0x30, 0x83, 0], &whole[2..]].concat();
        assert_eq!(check(longer), at(index, CertificateFault::Unreadable));
        assert_eq!(check(b"0".to_vec()), at(index, CertificateFault::Unreadable));
        assert_eq!(check("CN=1".to_string().to_der().unwrap()), at(index, CertificateFault::Unreadable));
    }
}

/// The name of the root's own issuer and its own signature are not looked at; that its holder signed the next one is.
#[test]
fn a_chain_of_another_document_does_not_sign_this_one() {
    let (signing, other) = (super::Signing::new(), super::Signing::new());
    let payload = signing.payload_of(&small());
    let document = envelope(&payload, &other.chain.key).unwrap();
    assert_eq!(verify(&document, &signing.root.trusted(), NOW), Err(AttestationError::Signature));
}
