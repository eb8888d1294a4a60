//! The outer layer: one shape, and nothing more than it.

use super::Signing;
use crate::DOCUMENT_LEN_MAX;
use crate::cbor::{ARRAY, BYTES, MAP, TEXT, UNSIGNED, push_bytes, push_head};
use crate::document::{PROTECTED_HEADER, signed_bytes};
use crate::error::{AttestationError, CborFault, Field};

/// The four items of an envelope, each encoded.
struct Parts {
    protected: Vec<u8>,
    unprotected: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Parts {
    fn new(signing: &Signing) -> Self {
        let payload = signing.payload();
        let signature = signing.chain.key.sign_document(&signed_bytes(&payload)).unwrap();
        Self {
            protected: bytes(&PROTECTED_HEADER),
            unprotected: head(MAP, 0),
            payload: bytes(&payload),
            signature: bytes(&signature),
        }
    }

    fn items(&self) -> Vec<u8> {
        [&self.protected, &self.unprotected, &self.payload, &self.signature].into_iter().flatten().copied().collect()
    }
}

fn bytes(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    push_bytes(&mut out, value);
    out
}

fn head(kind: u8, argument: u64) -> Vec<u8> {
    let mut out = Vec::new();
    push_head(&mut out, kind, argument);
    out
}

fn cbor(fault: CborFault, offset: usize) -> AttestationError {
    AttestationError::Cbor { fault, offset, in_payload: false }
}

#[test]
fn it_may_have_the_tag_of_cose_sign1_and_no_other() {
    let signing = Signing::new();
    let items = Parts::new(&signing).items();
    for (opening, expected) in [
        (vec![0x84], Ok(())),
        (vec![0xd2, 0x84], Ok(())),
        (vec![0xd8, 18, 0x84], Ok(())), // a longer head of the same tag
        (vec![0xd1, 0x84], Err(cbor(CborFault::Kind, 0))),
        (vec![0xd2, 0xd2, 0x84], Err(cbor(CborFault::Kind, 1))),
        (vec![0x83], Err(cbor(CborFault::Kind, 0))),
        (vec![0x85], Err(cbor(CborFault::Kind, 0))),
        (vec![0x9f], Err(cbor(CborFault::Encoding, 0))),
        (vec![0xa4], Err(cbor(CborFault::Kind, 0))),
        (vec![0x9c], Err(cbor(CborFault::Encoding, 0))), // a reserved head
    ] {
        let document = [opening.clone(), items.clone()].concat();
        assert_eq!(signing.verify(&document).map(|_| ()), expected, "{opening:02x?}");
    }
}

#[test]
fn its_items_have_one_form() {
    let signing = Signing::new();
    type Change = fn(&mut Parts);
    let rows: [(&str, Change, AttestationError); 15] = [
        ("es256", |p| p.protected = bytes(&[0xa1, 0x01, 0x26]), AttestationError::ProtectedHeader),
        ("es512", |p| p.protected = bytes(&[0xa1, 0x01, 0x38, 0x23]), AttestationError::ProtectedHeader),
        ("no algorithm", |p| p.protected = bytes(&[0xa0]), AttestationError::ProtectedHeader),
        ("nothing protected", |p| p.protected = bytes(&[]), AttestationError::ProtectedHeader),
        (
            "a second header",
            |p| p.protected = bytes(&[0xa2, 0x01, 0x38, 0x22, 0x03, 0x00]),
            AttestationError::ProtectedHeader,
        ),
        ("a bare protected header", |p| p.protected = PROTECTED_HEADER.to_vec(), cbor(CborFault::Kind, 1)),
        ("unprotected", |p| p.unprotected = vec![0xa1, 0x01, 0x38, 0x22], AttestationError::UnprotectedHeader),
        ("open, unprotected", |p| p.unprotected = vec![0xbf, 0x01, 0x26, 0xff], AttestationError::UnprotectedHeader),
        ("unprotected as bytes", |p| p.unprotected = bytes(&[0xa0]), cbor(CborFault::Kind, 6)),
        ("no payload", |p| p.payload = bytes(&[]), AttestationError::FieldLength { field: Field::Payload, len: 0 }),
        ("detached payload", |p| p.payload = vec![0xf6], cbor(CborFault::Kind, 7)),
        (
            "payload in pieces",
            |p| p.payload = [vec![0x5f], p.payload.clone(), vec![0xff]].concat(),
            cbor(CborFault::Encoding, 7),
        ),
        ("no signature", |p| p.signature = bytes(&[]), AttestationError::SignatureLength { len: 0 }),
        ("long signature", |p| p.signature = bytes(&[1; 97]), AttestationError::SignatureLength { len: 97 }),
        ("zero signature", |p| p.signature = bytes(&[0; 96]), AttestationError::Signature),
    ];
    for (name, change, expected) in rows {
        let mut parts = Parts::new(&signing);
        change(&mut parts);
        let document = [vec![0x84], parts.items()].concat();
        assert_eq!(signing.verify(&document), Err(expected), "{name}");
    }
}

#[test]
fn nothing_follows_it() {
    let signing = Signing::new();
    let mut document = signing.sign(&signing.payload());
    assert!(signing.verify(&document).is_ok());
    let len = document.len();
    document.push(0);
    assert_eq!(signing.verify(&document), Err(cbor(CborFault::LeftOver, len)));
}

#[test]
fn it_is_there_whole() {
    let signing = Signing::new();
    let document = signing.sign(&signing.payload());
    for len in 0..document.len() {
        let refused = signing.verify(&document[..len]).unwrap_err();
        assert!(matches!(refused, AttestationError::Cbor { fault: CborFault::Truncated, .. }), "{len}: {refused}");
    }
}

#[test]
fn it_has_an_end() {
    let signing = Signing::new();
    let too_long = vec![0; DOCUMENT_LEN_MAX + 1];
    let refused = AttestationError::TooLong { len: DOCUMENT_LEN_MAX + 1, max: DOCUMENT_LEN_MAX };
    assert_eq!(signing.verify(&too_long), Err(refused));
    let payload = vec![0; 16_385];
    let refused = AttestationError::FieldLength { field: Field::Payload, len: 16_385 };
    assert_eq!(signing.verify_payload(&payload), Err(refused));
}

/// A length is believed once the bytes are there, whatever it says.
#[test]
fn lengths_that_lie_reserve_nothing() {
    let signing = Signing::new();
    for argument in [1 << 20, u64::from(u32::MAX), u64::MAX] {
        let document = [vec![0x84], head(BYTES, argument)].concat();
        let at = document.len();
        assert_eq!(signing.verify(&document), Err(cbor(CborFault::Truncated, at)));
    }
}

/// RFC 8949, appendix A: numbers and lengths of every width.
#[test]
fn heads_are_written_as_the_rfc_writes_them() {
    for (kind, argument, expected) in [
        (UNSIGNED, 0, "00"),
        (UNSIGNED, 10, "0a"),
        (UNSIGNED, 23, "17"),
        (UNSIGNED, 24, "1818"),
        (UNSIGNED, 100, "1864"),
        (UNSIGNED, 1000, "1903e8"),
        (UNSIGNED, 1_000_000, "1a000f4240"),
        (UNSIGNED, 1_000_000_000_000, "1b000000e8d4a51000"),
        (UNSIGNED, u64::MAX, "1bffffffffffffffff"),
        (BYTES, 4, "44"),
        (TEXT, 4, "64"),
        (ARRAY, 25, "9819"),
        (MAP, 2, "a2"),
    ] {
        let hex: String = head(kind, argument).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }
}
