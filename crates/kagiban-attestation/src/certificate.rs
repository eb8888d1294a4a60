//! One certificate of a chain: RFC 5280, narrowed to what the Nitro PKI uses.
//!
//! Version 3, P-384, ECDSA with SHA-384, and of the critical extensions only basic constraints and key usage. All
//! else is refused rather than interpreted.

use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1, UnparsedPublicKey};
use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use der::oid::db::rfc5912::{ECDSA_WITH_SHA_384, ID_EC_PUBLIC_KEY, SECP_384_R_1};
use der::{Decode, Encode};
use kagiban_base::time::Timestamp;
use x509_cert::certificate::{TbsCertificate, Version};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::name::Name;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::error::CertificateFault;

/// An uncompressed point of P-384: 0x04 and two coordinates.
const POINT_LEN: usize = 97;
const UNCOMPRESSED: u8 = 4;

/// A certificate whose form has been checked, and nothing that takes a second certificate or the time.
pub(crate) struct Certificate {
    signed: Vec<u8>,
    signature: Vec<u8>,
    issuer: Name,
    subject: Name,
    not_before: Timestamp,
    not_after: Timestamp,
    point: Vec<u8>,
    constraints: Option<(bool, BasicConstraints)>,
    usage: Option<KeyUsage>,
}

impl Certificate {
    /// Reads one certificate, and no byte after it.
    pub(crate) fn parse(der: &[u8]) -> Result<Self, CertificateFault> {
        let read = x509_cert::Certificate::from_der(der).map_err(|_| CertificateFault::Unreadable)?;
        let tbs = read.tbs_certificate();
        if tbs.version() != Version::V3 {
            return Err(CertificateFault::Version);
        }
        check_algorithms(tbs.signature(), read.signature_algorithm())?;
        check_extensions(tbs.extensions().map_or(&[], Vec::as_slice))?;
        Ok(Self {
            // DER has one encoding of each value: these are the bytes that were read, or the signature fails.
            signed: tbs.to_der().map_err(|_| CertificateFault::Unreadable)?,
            signature: read.signature().as_bytes().ok_or(CertificateFault::Unreadable)?.to_vec(),
            issuer: tbs.issuer().clone(),
            subject: tbs.subject().clone(),
            not_before: timestamp(tbs.validity().not_before)?,
            not_after: timestamp(tbs.validity().not_after)?,
            point: point(tbs.subject_public_key_info())?.to_vec(),
            constraints: extension(tbs)?,
            usage: extension(tbs)?.map(|(_, usage)| usage),
        })
    }

    /// The key, an uncompressed point.
    pub(crate) fn point(&self) -> &[u8] {
        &self.point
    }

    /// Whether `now` lies in the validity, both ends included (RFC 5280, section 4.1.2.5).
    pub(crate) fn check_time(&self, now: Timestamp) -> Result<(), CertificateFault> {
        if now.unix_s() < self.not_before.unix_s() {
            return Err(CertificateFault::NotYetValid);
        }
        if now.unix_s() > self.not_after.unix_s() {
            return Err(CertificateFault::Expired);
        }
        Ok(())
    }

    /// Whether it may issue a certificate with `below` authorities between the two (RFC 5280, section 4.2.1.9).
    pub(crate) fn check_authority(&self, below: usize) -> Result<(), CertificateFault> {
        let Some((true, constraints)) = &self.constraints else {
            return Err(CertificateFault::NotAnAuthority);
        };
        if !constraints.ca {
            return Err(CertificateFault::NotAnAuthority);
        }
        if constraints.path_len_constraint.is_some_and(|allowed| usize::from(allowed) < below) {
            return Err(CertificateFault::PathLength);
        }
        self.check_usage(KeyUsage::key_cert_sign)
    }

    /// Whether it may sign a document: no authority, a key for signatures.
    pub(crate) fn check_signer(&self) -> Result<(), CertificateFault> {
        if let Some((_, constraints)) = &self.constraints {
            if constraints.ca {
                return Err(CertificateFault::Authority);
            }
            if constraints.path_len_constraint.is_some() {
                return Err(CertificateFault::PathLength);
            }
        }
        self.check_usage(KeyUsage::digital_signature)
    }

    /// Whether `issuer` issued it: the names agree and the signature verifies.
    pub(crate) fn check_issued_by(&self, issuer: &Self) -> Result<(), CertificateFault> {
        if self.issuer != issuer.subject {
            return Err(CertificateFault::Issuer);
        }
        UnparsedPublicKey::new(&ECDSA_P384_SHA384_ASN1, &issuer.point)
            .verify(&self.signed, &self.signature)
            .map_err(|_| CertificateFault::Signature)
    }

    fn check_usage(&self, allows: fn(&KeyUsage) -> bool) -> Result<(), CertificateFault> {
        match &self.usage {
            Some(usage) if allows(usage) => Ok(()),
            _ => Err(CertificateFault::KeyUsage),
        }
    }
}

/// The algorithm is named twice, once within what is signed; both must say the same (RFC 5280, section 4.1.1.2).
fn check_algorithms(
    signed: &AlgorithmIdentifierOwned,
    unsigned: &AlgorithmIdentifierOwned,
) -> Result<(), CertificateFault> {
    let expected = |named: &AlgorithmIdentifierOwned| named.oid == ECDSA_WITH_SHA_384 && named.parameters.is_none();
    if expected(signed) && expected(unsigned) { Ok(()) } else { Err(CertificateFault::SignatureAlgorithm) }
}

/// Every extension at most once, and no critical one that is not understood (RFC 5280, section 4.2).
fn check_extensions(extensions: &[Extension]) -> Result<(), CertificateFault> {
    for (index, extension) in extensions.iter().enumerate() {
        let understood = [BasicConstraints::OID, KeyUsage::OID].contains(&extension.extn_id);
        let mut others = extensions.iter().skip(index + 1);
        if (extension.critical && !understood) || others.any(|other| other.extn_id == extension.extn_id) {
            return Err(CertificateFault::Extensions);
        }
    }
    Ok(())
}

fn extension<'a, T>(tbs: &'a TbsCertificate) -> Result<Option<(bool, T)>, CertificateFault>
where
    T: Decode<'a> + AssociatedOid,
{
    tbs.get_extension().map_err(|_| CertificateFault::Unreadable)
}

fn point(key: &SubjectPublicKeyInfoOwned) -> Result<&[u8], CertificateFault> {
    let curve: Option<ObjectIdentifier> = key.algorithm.parameters.as_ref().and_then(|named| named.decode_as().ok());
    let point = key.subject_public_key.as_bytes().ok_or(CertificateFault::Key)?;
    let is_p384 = key.algorithm.oid == ID_EC_PUBLIC_KEY && curve == Some(SECP_384_R_1);
    if is_p384 && point.len() == POINT_LEN && point.first() == Some(&UNCOMPRESSED) {
        Ok(point)
    } else {
        Err(CertificateFault::Key)
    }
}

fn timestamp(time: x509_cert::time::Time) -> Result<Timestamp, CertificateFault> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).map_err(|_| CertificateFault::Unreadable)?;
    Ok(Timestamp::from_unix_s(seconds))
}
