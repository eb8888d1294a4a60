//! Certificates of the kind that the Nitro PKI has.

use std::str::FromStr;

use der::asn1::{BitString, OctetString};
use der::flagset::FlagSet;
use der::oid::AssociatedOid;
use der::oid::db::rfc5912::{ECDSA_WITH_SHA_384, ID_EC_PUBLIC_KEY, SECP_384_R_1};
use der::{Any, Encode, Sequence};
use kagiban_base::random::{Random, public_array};
use kagiban_base::time::Timestamp;
use x509_cert::certificate::Version;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};

use crate::issue::IssueError;
use crate::issue::signing_key::SigningKey;

/// What a certificate's key is for.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// Signs certificates.
    Authority { path_len: Option<u8> },
    /// Signs documents.
    Signer,
}

/// A certificate before it is signed.
pub(crate) struct Template<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    /// The key, an uncompressed point of P-384.
    pub(crate) point: &'a [u8],
    pub(crate) role: Role,
}

/// TBSCertificate (RFC 5280, section 4.1); the library's own cannot be filled from outside.
#[derive(Sequence)]
pub(crate) struct ToBeSigned {
    #[asn1(context_specific = "0", default = "Default::default")]
    pub(crate) version: Version,
    pub(crate) serial_number: SerialNumber,
    pub(crate) signature: AlgorithmIdentifierOwned,
    pub(crate) issuer: Name,
    pub(crate) validity: Validity,
    pub(crate) subject: Name,
    pub(crate) subject_public_key_info: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct Signed {
    tbs_certificate: Any,
    signature_algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

impl Template<'_> {
    /// The certificate (DER), signed by `issuer_key`.
    pub(crate) fn sign(&self, issuer_key: &SigningKey, random: &dyn Random) -> Result<Vec<u8>, IssueError> {
        self.to_be_signed(random)?.sign(issuer_key)
    }

    pub(crate) fn to_be_signed(&self, random: &dyn Random) -> Result<ToBeSigned, IssueError> {
        let mut serial_number = public_array::<16>(random)?;
        serial_number[0] = serial_number[0] & 0x7f | 0x40; // positive, and 16 bytes in DER
        self.encode(&serial_number).map_err(|_| IssueError::Primitive)
    }

    fn encode(&self, serial_number: &[u8]) -> der::Result<ToBeSigned> {
        Ok(ToBeSigned {
            version: Version::V3,
            serial_number: SerialNumber::new(serial_number)?,
            signature: ecdsa_with_sha_384(),
            issuer: Name::from_str(self.issuer)?,
            validity: Validity::new(time(self.not_before)?, time(self.not_after)?),
            subject: Name::from_str(self.subject)?,
            subject_public_key_info: SubjectPublicKeyInfoOwned {
                algorithm: AlgorithmIdentifierOwned {
                    oid: ID_EC_PUBLIC_KEY,
                    parameters: Some(Any::encode_from(&SECP_384_R_1)?),
                },
                subject_public_key: BitString::from_bytes(self.point)?,
            },
            extensions: Some(self.role.extensions()?),
        })
    }
}

impl ToBeSigned {
    pub(crate) fn sign(&self, issuer_key: &SigningKey) -> Result<Vec<u8>, IssueError> {
        let signed = self.to_der().map_err(|_| IssueError::Primitive)?;
        let signature = issuer_key.sign_certificate(&signed)?;
        certificate(&signed, &signature).map_err(|_| IssueError::Primitive)
    }
}

impl Role {
    /// As the Nitro PKI has them: basic constraints critical, key usage critical for authorities only.
    fn extensions(self) -> der::Result<Vec<Extension>> {
        let (constraints, usage) = match self {
            Self::Authority { path_len } => {
                (BasicConstraints { ca: true, path_len_constraint: path_len }, KeyUsages::KeyCertSign)
            }
            Self::Signer => (BasicConstraints { ca: false, path_len_constraint: None }, KeyUsages::DigitalSignature),
        };
        let is_authority = constraints.ca;
        Ok(vec![extension(&constraints, true)?, extension(&KeyUsage(FlagSet::from(usage)), is_authority)?])
    }
}

pub(crate) fn extension<T: Encode + AssociatedOid>(value: &T, critical: bool) -> der::Result<Extension> {
    Ok(Extension { extn_id: T::OID, critical, extn_value: OctetString::new(value.to_der()?)? })
}

fn certificate(signed: &[u8], signature: &[u8]) -> der::Result<Vec<u8>> {
    Signed {
        tbs_certificate: der::Decode::from_der(signed)?,
        signature_algorithm: ecdsa_with_sha_384(),
        signature: BitString::from_bytes(signature)?,
    }
    .to_der()
}

fn ecdsa_with_sha_384() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA_384, parameters: None }
}

fn time(at: Timestamp) -> der::Result<Time> {
    let seconds = u64::try_from(at.unix_s()).unwrap_or(0);
    let date_time = der::DateTime::from_unix_duration(std::time::Duration::from_secs(seconds))?;
    Ok(Time::from(date_time))
}
