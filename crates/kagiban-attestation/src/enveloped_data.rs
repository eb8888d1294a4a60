//! The bytes of an answer: a CMS ContentInfo with EnvelopedData (RFC 5652, section 6), shaped as AWS shapes it.
//!
//! AWS answers in BER: the five outer layers have indefinite lengths and end in five end-of-contents marks. The parser
//! of the Nitro Enclaves SDK steps *into* a layer of indefinite length and *over* one of definite length, so it reads
//! that shape and no DER. We produce that shape and no other; readers of DER alone have to cope with AWS already.

/// ContentInfo, contentType envelopedData, [0], EnvelopedData version 2 (RFC 5652, section 6.1: a recipient of version 2).
const OPENING: [u8; 20] = [
    0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03, 0xa0, 0x80, 0x30, 0x80, 0x02, 0x01,
    0x02,
];
/// KeyTransRecipientInfo version 2: the recipient is named by subjectKeyIdentifier (RFC 5652, section 6.2.1).
const RECIPIENT_VERSION: [u8; 3] = [0x02, 0x01, 0x02];
/// RSAES-OAEP with SHA-256, MGF1 with SHA-256, and no label (RFC 4055, section 4.1; the hashes with NULL parameters).
const RSAES_OAEP_SHA_256: [u8; 62] = [
    0x30, 0x3c, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07, 0x30, 0x2f, 0xa0, 0x0f, 0x30, 0x0d,
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09,
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
    0x04, 0x02, 0x01, 0x05, 0x00,
];
/// EncryptedContentInfo, contentType data, and AES-256-CBC up to the initialisation vector (RFC 3565, section 4.1).
const CONTENT_OPENING: [u8; 26] = [
    0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01, 0x30, 0x1d, 0x06, 0x09, 0x60, 0x86,
    0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a,
];
/// The content is [0], in pieces; ours is one piece.
const PIECES_OPENING: [u8; 2] = [0xa0, 0x80];
/// End-of-contents of pieces, EncryptedContentInfo, EnvelopedData, [0] and ContentInfo.
const CLOSING: [u8; 10] = [0; 10];

const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// [0] IMPLICIT SubjectKeyIdentifier
const SUBJECT_KEY_IDENTIFIER: u8 = 0x80;

/// What varies from answer to answer.
pub(crate) struct EnvelopedData<'a> {
    /// Names the recipient's key. 32 bytes as AWS has; ours is the SHA-256 of the SubjectPublicKeyInfo (RFC 7093,
    /// section 2, method 4). What AWS hashes is not published.
    pub(crate) subject_key_identifier: &'a [u8; 32],
    pub(crate) encrypted_key: &'a [u8],
    pub(crate) iv: &'a [u8; 16],
    pub(crate) encrypted_content: &'a [u8],
}

impl EnvelopedData<'_> {
    pub(crate) fn to_ber(&self) -> Vec<u8> {
        let mut recipient = RECIPIENT_VERSION.to_vec();
        push(&mut recipient, SUBJECT_KEY_IDENTIFIER, self.subject_key_identifier);
        recipient.extend_from_slice(&RSAES_OAEP_SHA_256);
        push(&mut recipient, OCTET_STRING, self.encrypted_key);
        let mut recipients = Vec::with_capacity(recipient.len() + 4);
        push(&mut recipients, SEQUENCE, &recipient);

        let mut answer = Vec::with_capacity(recipients.len() + self.encrypted_content.len() + 96);
        answer.extend_from_slice(&OPENING);
        push(&mut answer, SET, &recipients);
        answer.extend_from_slice(&CONTENT_OPENING);
        push(&mut answer, OCTET_STRING, self.iv);
        answer.extend_from_slice(&PIECES_OPENING);
        push(&mut answer, OCTET_STRING, self.encrypted_content);
        answer.extend_from_slice(&CLOSING);
        answer
    }
}

/// Tag, shortest definite length, value (X.690, section 8.1).
fn push(out: &mut Vec<u8>, tag: u8, value: &[u8]) {
    let length = value.len().to_be_bytes();
    let significant = length.iter().skip_while(|byte| **byte == 0);
    out.push(tag);
    match u8::try_from(value.len()) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            out.push(0x80 | u8::try_from(significant.clone().count()).unwrap_or(0x7f)); // at most 8
            out.extend(significant);
        }
    }
    out.extend_from_slice(value);
}
