//! The inner layer: payloads that are signed correctly and do not say what a document says.

use super::Signing;
use crate::cbor::{ARRAY, MAP, UNSIGNED, push_bytes, push_head, push_text};
use crate::error::{AttestationError, CborFault, Field};

/// The fields of a payload in order: name and encoded value.
#[derive(Clone)]
struct Fields(Vec<(&'static str, Vec<u8>)>);

impl Fields {
    fn new(signing: &Signing) -> Self {
        let mut cabundle = encoded(|out| push_head(out, ARRAY, 2));
        signing.chain.cabundle(&signing.root).iter().for_each(|certificate| push_bytes(&mut cabundle, certificate));
        Self(vec![
            ("module_id", text("i-1")),
            ("digest", text("SHA384")),
            ("timestamp", number(1_790_000_000_000)),
            ("pcrs", map(&[(number(0), bytes(&[7; 48]))])),
            ("certificate", bytes(&signing.chain.signer)),
            ("cabundle", cabundle),
            ("public_key", bytes(b"key")),
            ("user_data", bytes(b"data")),
            ("nonce", bytes(b"nonce")),
        ])
    }

    fn with(mut self, name: &'static str, value: Vec<u8>) -> Self {
        self.0.iter_mut().filter(|(known, _)| *known == name).for_each(|(_, old)| old.clone_from(&value));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self
    }

    fn and(mut self, name: &'static str, value: Vec<u8>) -> Self {
        self.0.push((name, value));
        self
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = encoded(|out| push_head(out, MAP, self.0.len() as u64));
        out.extend(self.entries());
        out
    }

    fn encode_open(&self) -> Vec<u8> {
        [vec![0xbf], self.entries(), vec![0xff]].concat()
    }

    fn entries(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(name, value)| [text(name), value.clone()].concat()).collect()
    }
}

fn encoded(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

fn text(value: &str) -> Vec<u8> {
    encoded(|out| push_text(out, value))
}

fn bytes(value: &[u8]) -> Vec<u8> {
    encoded(|out| push_bytes(out, value))
}

fn number(value: u64) -> Vec<u8> {
    encoded(|out| push_head(out, UNSIGNED, value))
}

fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = encoded(|out| push_head(out, MAP, entries.len() as u64));
    entries.iter().for_each(|(key, value)| out.extend([key.clone(), value.clone()].concat()));
    out
}

fn array(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = encoded(|out| push_head(out, ARRAY, items.len() as u64));
    items.iter().for_each(|item| out.extend(item));
    out
}

fn length(field: Field, len: usize) -> AttestationError {
    AttestationError::FieldLength { field, len }
}

#[test]
fn its_map_may_be_open_and_its_order_any() {
    let signing = Signing::new();
    let mut fields = Fields::new(&signing);
    for _ in 0..fields.0.len() {
        fields.0.rotate_left(1);
        assert!(signing.verify_payload(&fields.encode()).is_ok());
        assert!(signing.verify_payload(&fields.encode_open()).is_ok());
    }
}

#[test]
fn every_field_but_three_must_be_there_and_each_once() {
    let signing = Signing::new();
    let fields = Fields::new(&signing);
    for (name, field, is_optional) in [
        ("module_id", Field::ModuleId, false),
        ("digest", Field::Digest, false),
        ("timestamp", Field::Timestamp, false),
        ("pcrs", Field::Pcrs, false),
        ("certificate", Field::Certificate, false),
        ("cabundle", Field::CaBundle, false),
        ("public_key", Field::PublicKey, true),
        ("user_data", Field::UserData, true),
        ("nonce", Field::Nonce, true),
    ] {
        let missing = signing.verify_payload(&fields.clone().without(name).encode_open()).map(|_| ());
        assert_eq!(missing, if is_optional { Ok(()) } else { Err(AttestationError::MissingField(field)) }, "{name}");

        let (_, value) = fields.0.iter().find(|(known, _)| *known == name).unwrap();
        for encode in [Fields::encode, Fields::encode_open] {
            let repeated = signing.verify_payload(&encode(&fields.clone().and(name, value.clone())));
            assert_eq!(repeated, Err(AttestationError::RepeatedField(field)), "{name}");
        }
    }
}

/// Documents of before 2025 and of instances say null for what is absent; it counts as having been there.
#[test]
fn only_optional_fields_may_be_null() {
    let signing = Signing::new();
    let fields = Fields::new(&signing);
    let null = vec![0xf6];
    for (name, _) in fields.0.clone() {
        let is_optional = ["public_key", "user_data", "nonce"].contains(&name);
        let verified = signing.verify_payload(&fields.clone().with(name, null.clone()).encode());
        assert_eq!(verified.is_ok(), is_optional, "{name}");
    }
    let twice = fields.clone().with("nonce", null).and("nonce", bytes(b"n")).encode();
    assert_eq!(signing.verify_payload(&twice), Err(AttestationError::RepeatedField(Field::Nonce)));
    let undefined = fields.with("nonce", vec![0xf7]).encode();
    assert!(signing.verify_payload(&undefined).is_err());
}

#[test]
fn both_kinds_of_registers_are_not_in_one_document() {
    let signing = Signing::new();
    let both = Fields::new(&signing).and("nitrotpm_pcrs", map(&[(number(0), bytes(&[7; 48]))]));
    assert_eq!(signing.verify_payload(&both.encode()), Err(AttestationError::RepeatedField(Field::Pcrs)));
}

#[test]
fn fields_that_no_document_has_are_refused() {
    let signing = Signing::new();
    for name in ["", "Nonce", "pcrs ", "padding"] {
        let refused = signing.verify_payload(&Fields::new(&signing).and(name, bytes(b"")).encode()).unwrap_err();
        assert!(matches!(refused, AttestationError::UnknownField { .. }), "{name}: {refused}");
    }
}

#[test]
fn values_keep_to_their_bounds() {
    let signing = Signing::new();
    let pcr = |index: u64, len: usize| (number(index), bytes(&vec![1; len]));
    let pcrs = |count: u64| (0..count).map(|index| pcr(index, 48)).collect::<Vec<_>>();
    let certificates = |count: usize| vec![bytes(signing.root.certificate_der()); count];
    let rows = [
        ("module_id", text(""), length(Field::ModuleId, 0)),
        ("module_id", text(&"i".repeat(257)), length(Field::ModuleId, 257)),
        ("digest", text("SHA256"), AttestationError::Digest),
        ("digest", text("sha384"), AttestationError::Digest),
        ("digest", text(""), AttestationError::Digest),
        ("timestamp", number(0), AttestationError::Timestamp),
        ("timestamp", number(1 << 63), AttestationError::Timestamp),
        ("timestamp", number(u64::MAX), AttestationError::Timestamp),
        ("pcrs", map(&[]), length(Field::Pcrs, 0)),
        ("pcrs", map(&pcrs(33)), length(Field::Pcrs, 33)),
        ("pcrs", map(&[pcr(32, 48)]), AttestationError::PcrIndex { index: 32 }),
        ("pcrs", map(&[pcr(256, 48)]), AttestationError::PcrIndex { index: 256 }),
        ("pcrs", map(&[pcr(u64::MAX, 48)]), AttestationError::PcrIndex { index: u64::MAX }),
        ("pcrs", map(&[pcr(1, 48), pcr(0, 48), pcr(1, 48)]), AttestationError::RepeatedPcr { index: 1 }),
        // The same index in a longer head is the same index.
        ("pcrs", map(&[pcr(1, 48), (vec![0x18, 1], bytes(&[2; 48]))]), AttestationError::RepeatedPcr { index: 1 }),
        ("pcrs", map(&[pcr(0, 0)]), length(Field::Pcrs, 0)),
        ("pcrs", map(&[pcr(0, 31)]), length(Field::Pcrs, 31)),
        ("pcrs", map(&[pcr(0, 47)]), length(Field::Pcrs, 47)),
        ("pcrs", map(&[pcr(0, 49)]), length(Field::Pcrs, 49)),
        ("pcrs", map(&[pcr(0, 96)]), length(Field::Pcrs, 96)),
        ("certificate", bytes(&[]), length(Field::Certificate, 0)),
        ("certificate", bytes(&[0x30; 1025]), length(Field::Certificate, 1025)),
        ("cabundle", array(&[]), length(Field::CaBundle, 0)),
        ("cabundle", array(&certificates(9)), length(Field::CaBundle, 9)),
        ("cabundle", array(&[bytes(&[])]), length(Field::CaBundle, 0)),
        ("cabundle", array(&[bytes(&[0x30; 1025])]), length(Field::CaBundle, 1025)),
        ("public_key", bytes(&[]), length(Field::PublicKey, 0)),
        ("public_key", bytes(&[1; 1025]), length(Field::PublicKey, 1025)),
        ("user_data", bytes(&[1; 1025]), length(Field::UserData, 1025)),
        ("nonce", bytes(&[1; 1025]), length(Field::Nonce, 1025)),
    ];
    for (name, value, expected) in rows {
        let refused = signing.verify_payload(&Fields::new(&signing).with(name, value).encode());
        assert_eq!(refused, Err(expected), "{name}");
    }
}

#[test]
fn values_have_their_types() {
    let signing = Signing::new();
    let values =
        [number(1), vec![0x20], bytes(b"SHA384"), text("SHA384"), array(&[]), map(&[]), vec![0xf5], vec![0xf9, 0, 0]];
    let expected = [3, 3, 0, 5, 2, 4, 2, 2, 2]; // which of these may be there, by field
    for ((name, _), expected) in Fields::new(&signing).0.into_iter().zip(expected) {
        for (kind, value) in values.iter().enumerate().filter(|(kind, _)| *kind != expected) {
            let refused = signing.verify_payload(&Fields::new(&signing).with(name, value.clone()).encode());
            let is_kind =
                matches!(refused, Err(AttestationError::Cbor { fault: CborFault::Kind, in_payload: true, .. }));
            let may_be = [("module_id", 3), ("digest", 3), ("timestamp", 0)].contains(&(name, kind));
            assert!(is_kind || may_be, "{name} {kind}: {refused:?}");
        }
    }
}

#[test]
fn nothing_but_the_outer_map_is_open() {
    let signing = Signing::new();
    let open = |kind: u8, items: Vec<u8>| [vec![kind << 5 | 31], items, vec![0xff]].concat();
    let rows = [
        ("pcrs", open(5, [number(0), bytes(&[7; 48])].concat())),
        ("pcrs", map(&[(number(0), open(2, bytes(&[7; 48])))])),
        ("cabundle", open(4, bytes(signing.root.certificate_der()))),
        ("module_id", open(3, text("i-1"))),
        ("nonce", open(2, bytes(b"n"))),
        ("timestamp", vec![0x1f]),
        ("timestamp", vec![0x1c]),
    ];
    for (name, value) in rows {
        let refused = signing.verify_payload(&Fields::new(&signing).with(name, value).encode()).unwrap_err();
        assert!(matches!(refused, AttestationError::Cbor { fault: CborFault::Encoding, .. }), "{name}: {refused}");
    }
}

#[test]
fn its_end_is_where_the_map_ends() {
    let signing = Signing::new();
    let fields = Fields::new(&signing);
    let fault = |payload: &[u8]| match signing.verify_payload(payload).unwrap_err() {
        AttestationError::Cbor { fault, in_payload: true, .. } => fault,
        other => unreachable!("{other}"),
    };
    assert_eq!(fault(&[fields.encode(), vec![0]].concat()), CborFault::LeftOver);
    assert_eq!(fault(&[fields.encode(), vec![0xff]].concat()), CborFault::LeftOver);
    assert_eq!(fault(&[fields.encode_open(), vec![0]].concat()), CborFault::LeftOver);
    assert_eq!(fault(&[vec![0xbf], fields.entries()].concat()), CborFault::Truncated);
    assert_eq!(fault(&[vec![0xaa], fields.entries()].concat()), CborFault::Truncated);
    assert_eq!(fault(&[vec![0xa8], fields.entries()].concat()), CborFault::LeftOver);
    assert_eq!(fault(&array(&[])), CborFault::Kind);
    for reserved in 0xbc..=0xbe {
        assert_eq!(fault(&[vec![reserved], fields.entries(), vec![0xff]].concat()), CborFault::Encoding);
    }
    let open = fields.encode_open();
    for len in 1..open.len() {
        assert_eq!(fault(&open[..len]), CborFault::Truncated, "{len}");
    }
}

#[test]
fn names_are_texts_of_utf_8() {
    let signing = Signing::new();
    let fields = Fields::new(&signing);
    let with_name = |name: Vec<u8>| {
        let payload = [vec![0xbf], name, bytes(b""), fields.entries(), vec![0xff]].concat();
        signing.verify_payload(&payload).unwrap_err()
    };
    let cbor = |fault, offset| AttestationError::Cbor { fault, offset, in_payload: true };
    assert_eq!(with_name(vec![0x61, 0xff]), cbor(CborFault::Utf8, 2));
    assert_eq!(with_name(bytes(b"nonce")), cbor(CborFault::Kind, 1));
    assert_eq!(with_name(number(1)), cbor(CborFault::Kind, 1));
}

/// Signed by the right key, but not over these bytes.
#[test]
fn a_signature_of_another_payload_is_none() {
    let signing = Signing::new();
    let fields = Fields::new(&signing);
    let signed = signing.sign(&fields.encode());
    let mut other = signing.sign(&fields.with("nonce", bytes(b"other")).encode());
    let (signed_tail, other_tail) = (signed.len() - 96, other.len() - 96);
    other[other_tail..].copy_from_slice(&signed[signed_tail..]);
    assert_eq!(signing.verify(&other), Err(AttestationError::Signature));
}
