//! The two layers of a document, taken apart and held to their documented bounds. Nothing here is believed yet.

use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};
use kagiban_base::time::Timestamp;

use crate::cbor::{Entries, Fault, Reader, push_bytes};
use crate::error::{AttestationError, CborFault, Field};

/// Most bytes of a document that are looked at; what the API's `AttestationDocument` may hold.
pub const DOCUMENT_LEN_MAX: usize = 262_144;
/// Most bytes of the signed payload.
const PAYLOAD_LEN_MAX: usize = 16_384;
/// COSE_Sign1 (RFC 9052, section 4.2), which documents may be tagged with and are not.
const COSE_SIGN1_TAG: u64 = 18;
const COSE_SIGN1_ITEMS: u64 = 4;
/// `{1: -35}`: the algorithm is ES384 (RFC 9053, section 2.1). One encoding, so a comparison reads it.
pub(crate) const PROTECTED_HEADER: [u8; 4] = [0xa1, 0x01, 0x38, 0x22];
const SIGNATURE_LEN: usize = 96;
const MODULE_ID_LEN_MAX: usize = 256;
const CERTIFICATE_LEN_MAX: usize = 1024;
/// Certificates of a bundle. Real ones have four; each costs a signature check.
const CABUNDLE_ENTRIES_MAX: usize = 8;
const PCR_COUNT: u64 = 32;
const PCR_LENGTHS: [usize; 3] = [32, 48, 64];
const PUBLIC_KEY_LEN_MAX: usize = 1024;
/// `user_data` and `nonce`: the grammar says 1024, the list of checks 512; the hypervisor decides, we follow the grammar.
const USER_DATA_LEN_MAX: usize = 1024;

/// Index and value of each register.
type Pcrs<'a> = Vec<(u8, &'a [u8])>;

/// What signed documents come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Platform {
    /// A Nitro enclave: the registers are in `pcrs`, register 0 measures the image.
    NitroEnclave,
    /// An instance with NitroTPM: the registers are in `nitrotpm_pcrs`.
    NitroTpm,
}

/// The outer layer: who signed what (RFC 9052, section 4.2).
pub(crate) struct Envelope<'a> {
    pub(crate) payload: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Envelope<'a> {
    pub(crate) fn parse(document: &'a [u8]) -> Result<Self, AttestationError> {
        if document.len() > DOCUMENT_LEN_MAX {
            return Err(AttestationError::TooLong { len: document.len(), max: DOCUMENT_LEN_MAX });
        }
        let mut reader = Reader::new(document);
        open_envelope(&mut reader).map_err(in_document)?;
        if reader.bytes().map_err(in_document)? != PROTECTED_HEADER {
            return Err(AttestationError::ProtectedHeader);
        }
        let unprotected = reader.map().map_err(in_document)?;
        if reader.more(unprotected, 0) {
            return Err(AttestationError::UnprotectedHeader);
        }
        let payload = reader.bytes().map_err(in_document)?;
        let signature = reader.bytes().map_err(in_document)?;
        reader.finish().map_err(in_document)?;
        check_length(Field::Payload, payload.len(), 1, PAYLOAD_LEN_MAX)?;
        if signature.len() != SIGNATURE_LEN {
            return Err(AttestationError::SignatureLength { len: signature.len() });
        }
        Ok(Self { payload, signature })
    }

    /// Checks the signature with an uncompressed point of P-384.
    pub(crate) fn check_signature(&self, point: &[u8]) -> Result<(), AttestationError> {
        UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point)
            .verify(&signed_bytes(self.payload), self.signature)
            .map_err(|_| AttestationError::Signature)
    }
}

/// The array of four that a COSE_Sign1 is.
fn open_envelope(reader: &mut Reader<'_>) -> Result<(), Fault> {
    reader.skip_tag(COSE_SIGN1_TAG)?;
    let at = reader.offset();
    if reader.array()? == COSE_SIGN1_ITEMS { Ok(()) } else { Err((CborFault::Kind, at)) }
}

/// The `Sig_structure` that a signature covers: context, protected header, no external data, payload (RFC 9052, 4.4).
pub(crate) fn signed_bytes(payload: &[u8]) -> Vec<u8> {
    const CONTEXT: &[u8] = b"\x84\x6aSignature1\x44";
    let mut bytes = Vec::with_capacity(CONTEXT.len() + 16 + payload.len());
    bytes.extend_from_slice(CONTEXT);
    bytes.extend_from_slice(&PROTECTED_HEADER);
    bytes.push(0x40); // external_aad, empty
    push_bytes(&mut bytes, payload);
    bytes
}

/// The inner layer: what the hypervisor says.
#[derive(Debug)]
pub(crate) struct Payload<'a> {
    pub(crate) module_id: &'a str,
    pub(crate) timestamp: Timestamp,
    pub(crate) platform: Platform,
    pub(crate) pcrs: Pcrs<'a>,
    pub(crate) certificate: &'a [u8],
    pub(crate) cabundle: Vec<&'a [u8]>,
    pub(crate) public_key: Option<&'a [u8]>,
    pub(crate) user_data: Option<&'a [u8]>,
    pub(crate) nonce: Option<&'a [u8]>,
}

/// The fields as they come; `None` is one that has not come yet.
#[derive(Default)]
struct Fields<'a> {
    module_id: Option<&'a str>,
    timestamp: Option<Timestamp>,
    digest: Option<()>,
    pcrs: Option<(Platform, Pcrs<'a>)>,
    certificate: Option<&'a [u8]>,
    cabundle: Option<Vec<&'a [u8]>>,
    public_key: Option<Option<&'a [u8]>>,
    user_data: Option<Option<&'a [u8]>>,
    nonce: Option<Option<&'a [u8]>>,
}

impl<'a> Payload<'a> {
    /// Reads a payload. The map may be open (real ones have been since 2025); nothing within it may.
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Self, AttestationError> {
        let mut reader = Reader::new(payload);
        let mut fields = Fields::default();
        let entries = reader.map().map_err(in_payload)?;
        let mut read = 0;
        while reader.more(entries, read) {
            fields.read(&mut reader)?; // ends: a field that comes again is refused
            read += 1;
        }
        reader.finish().map_err(in_payload)?;
        fields.complete()
    }
}

impl<'a> Fields<'a> {
    /// Reads one name and its value.
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), AttestationError> {
        match reader.text().map_err(in_payload)? {
            "module_id" => set(&mut self.module_id, Field::ModuleId, module_id(reader)?),
            "timestamp" => set(&mut self.timestamp, Field::Timestamp, timestamp(reader)?),
            "digest" => set(&mut self.digest, Field::Digest, digest(reader)?),
            "pcrs" => set(&mut self.pcrs, Field::Pcrs, (Platform::NitroEnclave, pcrs(reader)?)),
            "nitrotpm_pcrs" => set(&mut self.pcrs, Field::Pcrs, (Platform::NitroTpm, pcrs(reader)?)),
            "certificate" => set(&mut self.certificate, Field::Certificate, certificate(reader, Field::Certificate)?),
            "cabundle" => set(&mut self.cabundle, Field::CaBundle, cabundle(reader)?),
            "public_key" => {
                let value = optional(reader, Field::PublicKey, 1, PUBLIC_KEY_LEN_MAX)?;
                set(&mut self.public_key, Field::PublicKey, value)
            }
            "user_data" => {
                let value = optional(reader, Field::UserData, 0, USER_DATA_LEN_MAX)?;
                set(&mut self.user_data, Field::UserData, value)
            }
            "nonce" => set(&mut self.nonce, Field::Nonce, optional(reader, Field::Nonce, 0, USER_DATA_LEN_MAX)?),
            _ => Err(AttestationError::UnknownField { offset: reader.offset() }),
        }
    }

    fn complete(self) -> Result<Payload<'a>, AttestationError> {
        let missing = AttestationError::MissingField;
        let (platform, pcrs) = self.pcrs.ok_or(missing(Field::Pcrs))?;
        self.digest.ok_or(missing(Field::Digest))?;
        Ok(Payload {
            module_id: self.module_id.ok_or(missing(Field::ModuleId))?,
            timestamp: self.timestamp.ok_or(missing(Field::Timestamp))?,
            platform,
            pcrs,
            certificate: self.certificate.ok_or(missing(Field::Certificate))?,
            cabundle: self.cabundle.ok_or(missing(Field::CaBundle))?,
            public_key: self.public_key.flatten(),
            user_data: self.user_data.flatten(),
            nonce: self.nonce.flatten(),
        })
    }
}

fn set<T>(slot: &mut Option<T>, field: Field, value: T) -> Result<(), AttestationError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(AttestationError::RepeatedField(field)),
    }
}

fn module_id<'a>(reader: &mut Reader<'a>) -> Result<&'a str, AttestationError> {
    let module_id = reader.text().map_err(in_payload)?;
    check_length(Field::ModuleId, module_id.len(), 1, MODULE_ID_LEN_MAX)?;
    Ok(module_id)
}

fn timestamp(reader: &mut Reader<'_>) -> Result<Timestamp, AttestationError> {
    match i64::try_from(reader.unsigned().map_err(in_payload)?) {
        Ok(ms @ 1..) => Ok(Timestamp::from_unix_ms(ms)),
        _ => Err(AttestationError::Timestamp),
    }
}

fn digest(reader: &mut Reader<'_>) -> Result<(), AttestationError> {
    match reader.text().map_err(in_payload)? {
        "SHA384" => Ok(()),
        _ => Err(AttestationError::Digest),
    }
}

fn pcrs<'a>(reader: &mut Reader<'a>) -> Result<Pcrs<'a>, AttestationError> {
    let count = definite_map(reader)?;
    if !(1..=PCR_COUNT).contains(&count) {
        return Err(too_many(Field::Pcrs, count));
    }
    let mut pcrs = Pcrs::new();
    for _ in 0..count {
        let (index, value) = pcr(reader)?;
        if pcrs.iter().any(|(known, _)| *known == index) {
            return Err(AttestationError::RepeatedPcr { index });
        }
        pcrs.push((index, value));
    }
    Ok(pcrs)
}

fn pcr<'a>(reader: &mut Reader<'a>) -> Result<(u8, &'a [u8]), AttestationError> {
    let index = reader.unsigned().map_err(in_payload)?;
    let known = u8::try_from(index).ok().filter(|known| u64::from(*known) < PCR_COUNT);
    let known = known.ok_or(AttestationError::PcrIndex { index })?;
    let value = reader.bytes().map_err(in_payload)?;
    if !PCR_LENGTHS.contains(&value.len()) {
        return Err(AttestationError::FieldLength { field: Field::Pcrs, len: value.len() });
    }
    Ok((known, value))
}

fn definite_map(reader: &mut Reader<'_>) -> Result<u64, AttestationError> {
    let at = reader.offset();
    match reader.map().map_err(in_payload)? {
        Entries::Exactly(count) => Ok(count),
        Entries::UntilBreak => Err(in_payload((CborFault::Encoding, at))),
    }
}

fn cabundle<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, AttestationError> {
    let count = reader.array().map_err(in_payload)?;
    if count == 0 || count > CABUNDLE_ENTRIES_MAX as u64 {
        return Err(too_many(Field::CaBundle, count));
    }
    (0..count).map(|_| certificate(reader, Field::CaBundle)).collect()
}

fn certificate<'a>(reader: &mut Reader<'a>, field: Field) -> Result<&'a [u8], AttestationError> {
    let certificate = reader.bytes().map_err(in_payload)?;
    check_length(field, certificate.len(), 1, CERTIFICATE_LEN_MAX)?;
    Ok(certificate)
}

/// A field that may be absent. Older documents say null for that, against the documented rule.
fn optional<'a>(
    reader: &mut Reader<'a>,
    field: Field,
    min: usize,
    max: usize,
) -> Result<Option<&'a [u8]>, AttestationError> {
    if reader.skip_null() {
        return Ok(None);
    }
    let value = reader.bytes().map_err(in_payload)?;
    check_length(field, value.len(), min, max)?;
    Ok(Some(value))
}

fn check_length(field: Field, len: usize, min: usize, max: usize) -> Result<(), AttestationError> {
    if (min..=max).contains(&len) { Ok(()) } else { Err(AttestationError::FieldLength { field, len }) }
}

fn too_many(field: Field, count: u64) -> AttestationError {
    AttestationError::FieldLength { field, len: usize::try_from(count).unwrap_or(usize::MAX) }
}

fn in_document((fault, offset): Fault) -> AttestationError {
    AttestationError::Cbor { fault, offset, in_payload: false }
}

fn in_payload((fault, offset): Fault) -> AttestationError {
    AttestationError::Cbor { fault, offset, in_payload: true }
}
