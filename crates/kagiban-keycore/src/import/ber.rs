//! BER to DER (X.690), as far as private keys need it. AWS takes PKCS#8 in BER; our parsers take DER alone, as parsers
//! should. So what comes in is written again in DER before anybody parses it.
//!
//! Put right: lengths in a longer form than needed, lengths left open, strings in pieces; inside the private key too,
//! which is a value of its own within an OCTET STRING. Nothing else is: what is wrong in both encodings is left for the
//! parser to refuse. Bounded: sizes by [`LEN_MAX`], nesting by [`DEPTH_MAX`].

use kagiban_base::secret::SecretBytes;
use zeroize::Zeroizing;

/// The most bytes read; more than any private key has, and more than the API lets in.
const LEN_MAX: usize = 0xffff;
/// The deepest nesting read; more than any private key has.
const DEPTH_MAX: usize = 8;

const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
/// `[0]`, in an ECPrivateKey.
const EC_PARAMETERS: u8 = 0xa0;
/// The bit of a tag that says that its contents are values, not bytes.
const CONSTRUCTED: u8 = 0x20;
/// The number in a tag that says that the tag goes on in the next byte. None of ours does.
const LONG_TAG: u8 = 0x1f;

/// The DER of a PrivateKeyInfo (RFC 5208) in BER, and of the private key within; `None` if the bytes are not BER, or if
/// something follows it. What is DER already comes back as it is.
pub(super) fn pkcs8_to_der(bytes: &[u8]) -> Option<SecretBytes> {
    let outer = Value::only(bytes)?;
    let mut rest = outer.contents.as_slice();
    let _version = Value::read(&mut rest, DEPTH_MAX)?;
    let _algorithm = Value::read(&mut rest, DEPTH_MAX)?;
    let (before, _) = outer.contents.split_at_checked(outer.contents.len().checked_sub(rest.len())?)?;
    let key = Value::read(&mut rest, DEPTH_MAX)?;
    if key.tag != OCTET_STRING {
        return None;
    }
    let inner = Value::only(&key.contents)?;
    let mut contents = secret_vec(bytes.len());
    contents.extend_from_slice(before);
    Value { tag: OCTET_STRING, contents: inner.to_der(bytes.len())? }.append_to(&mut contents)?;
    contents.extend_from_slice(rest);
    let mut der = Value { tag: outer.tag, contents }.to_der(bytes.len())?;
    Some(SecretBytes::new(std::mem::take(&mut der)))
}

/// Whether an ECPrivateKey (RFC 5915) in a PrivateKeyInfo in DER describes no curve of its own: the parameters it may hold
/// are the name that stands in the algorithm too. The parser behind would take a description, if it is the curve's.
pub(super) fn names_its_curve(pkcs8: &[u8]) -> Option<bool> {
    let outer = Value::only(pkcs8)?;
    let mut rest = outer.contents.as_slice();
    let _version = Value::read(&mut rest, DEPTH_MAX)?;
    let algorithm = Value::read(&mut rest, DEPTH_MAX)?;
    let key = Value::only(&Value::read(&mut rest, DEPTH_MAX)?.contents)?;
    let mut rest = key.contents.as_slice();
    while !rest.is_empty() {
        let value = Value::read(&mut rest, DEPTH_MAX)?;
        if value.tag == EC_PARAMETERS {
            return Some(algorithm.contents.ends_with(&value.contents));
        }
    }
    Some(true)
}

/// A value, its contents in DER.
struct Value {
    tag: u8,
    contents: Zeroizing<Vec<u8>>,
}

enum Length {
    Definite(usize),
    /// Until two zero bytes.
    Open,
}

impl Value {
    /// The value that fills the bytes.
    fn only(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        if bytes.len() > LEN_MAX {
            return None;
        }
        Self::read(&mut rest, DEPTH_MAX).filter(|_| rest.is_empty())
    }

    /// Reads the next value.
    fn read(input: &mut &[u8], depth: usize) -> Option<Self> {
        let tag = take_byte(input)?;
        if tag & LONG_TAG == LONG_TAG || depth == 0 {
            return None;
        }
        let length = Length::read(input)?;
        if tag & CONSTRUCTED == 0 {
            let Length::Definite(len) = length else { return None };
            return Some(Self { tag, contents: Zeroizing::new(take(input, len)?.to_vec()) });
        }
        let is_string = matches!(tag & !CONSTRUCTED, BIT_STRING | OCTET_STRING);
        let tag = if is_string { tag & !CONSTRUCTED } else { tag };
        let mut contents = secret_vec(length.at_most(input));
        read_each(input, length, depth, |inner| {
            if is_string { inner.append_piece_to(tag, &mut contents) } else { inner.append_to(&mut contents) }
        })?;
        Some(Self { tag, contents })
    }

    /// Appends the bytes of one piece of a string. A piece of a BIT STRING begins with the number of bits that its last
    /// byte lacks, zero in all but the last piece; the whole begins with that of the last.
    fn append_piece_to(&self, tag: u8, string: &mut Vec<u8>) -> Option<()> {
        if self.tag != tag {
            return None;
        }
        if tag == OCTET_STRING || string.is_empty() {
            string.extend_from_slice(&self.contents);
            return Some(());
        }
        let (unused, bits) = self.contents.split_first()?;
        let first = string.first_mut()?;
        if *first != 0 {
            return None;
        }
        *first = *unused;
        string.extend_from_slice(bits);
        Some(())
    }

    /// Appends tag, length in its shortest form, and contents.
    fn append_to(&self, out: &mut Vec<u8>) -> Option<()> {
        let [high, low] = u16::try_from(self.contents.len()).ok()?.to_be_bytes();
        out.push(self.tag);
        match (high, low) {
            (0, 0..=0x7f) => out.push(low),
            (0, _) => out.extend_from_slice(&[0x81, low]),
            _ => out.extend_from_slice(&[0x82, high, low]),
        }
        out.extend_from_slice(&self.contents);
        Some(())
    }

    fn to_der(&self, len_max: usize) -> Option<Zeroizing<Vec<u8>>> {
        let mut out = secret_vec(len_max);
        self.append_to(&mut out)?;
        Some(out)
    }
}

impl Length {
    fn read(input: &mut &[u8]) -> Option<Self> {
        match take_byte(input)? {
            short @ 0..=0x7f => Some(Self::Definite(usize::from(short))),
            0x80 => Some(Self::Open),
            long => {
                // As many bytes of length as it likes, as long as the length is one that can be.
                let bytes = take(input, usize::from(long & 0x7f))?;
                let len = bytes.iter().try_fold(0_usize, |sum, byte| {
                    Some(sum.checked_mul(256)?.checked_add(usize::from(*byte))?).filter(|len| *len <= LEN_MAX)
                });
                len.map(Self::Definite)
            }
        }
    }

    /// Bytes that the contents can have.
    fn at_most(&self, input: &[u8]) -> usize {
        match self {
            Self::Definite(len) => input.len().min(*len),
            Self::Open => input.len(),
        }
    }
}

/// Hands on each of the values that are another's contents.
fn read_each(input: &mut &[u8], length: Length, depth: usize, mut each: impl FnMut(Value) -> Option<()>) -> Option<()> {
    match length {
        Length::Definite(len) => {
            let mut contents = take(input, len)?;
            while !contents.is_empty() {
                each(Value::read(&mut contents, depth - 1)?)?;
            }
        }
        Length::Open => {
            while !input.starts_with(&[0, 0]) {
                each(Value::read(input, depth - 1)?)?;
            }
            take(input, 2)?;
        }
    }
    Some(())
}

/// Room for so many secret bytes. DER is never longer than the BER it comes from, so no vector here has to grow and
/// leave a copy behind.
fn secret_vec(len_max: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(len_max))
}

fn take<'a>(input: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, rest) = input.split_at_checked(len)?;
    *input = rest;
    Some(head)
}

fn take_byte(input: &mut &[u8]) -> Option<u8> {
    let (byte, rest) = input.split_first()?;
    *input = rest;
    Some(*byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A PrivateKeyInfo of version 0, algorithm `30 00`, and this key; attributes follow.
    fn pkcs8(head: &[u8], key: &[u8], tail: &[u8]) -> Vec<u8> {
        [head, &[0x02, 0x01, 0x00, 0x30, 0x00], key, tail].concat()
    }

    fn converted(bytes: &[u8]) -> Option<Vec<u8>> {
        pkcs8_to_der(bytes).map(|der| der.expose().to_vec())
    }

    const DER: [u8; 13] = [0x30, 0x0b, 0x02, 0x01, 0x00, 0x30, 0x00, 0x04, 0x04, 0x30, 0x02, 0x05, 0x00];

    #[test]
    fn der_comes_back_as_it_is() {
        assert_eq!(converted(&DER), Some(DER.to_vec()));
        let with_attributes = pkcs8(&[0x30, 0x0f], &DER[7..], &[0xa0, 0x02, 0x31, 0x00]);
        assert_eq!(converted(&with_attributes), Some(with_attributes.clone()));
    }

    #[test]
    fn every_freedom_of_ber_is_taken_away() {
        let open = [0x30, 0x80];
        let end = [0x00, 0x00];
        for (name, ber) in [
            ("long length", pkcs8(&[0x30, 0x81, 0x0b], &DER[7..], &[])),
            ("longer length", pkcs8(&[0x30, 0x84, 0, 0, 0, 0x0b], &DER[7..], &[])),
            ("longest length", pkcs8(&[&[0x30, 0xfe], [0; 125].as_slice(), &[0x0b]].concat(), &DER[7..], &[])),
            ("open length", pkcs8(&open, &DER[7..], &end)),
            ("octets in two pieces", pkcs8(&open, &[0x24, 0x80, 4, 1, 0x30, 4, 3, 2, 5, 0, 0, 0], &end)),
            ("octets in pieces of pieces", pkcs8(&open, &[0x24, 10, 0x24, 3, 4, 1, 0x30, 4, 3, 2, 5, 0], &end)),
            ("an empty piece", pkcs8(&open, &[0x24, 8, 4, 0, 4, 4, 0x30, 2, 5, 0], &end)),
            ("open length inside", pkcs8(&open, &[4, 6, 0x30, 0x80, 5, 0, 0, 0], &end)),
            ("long length inside", pkcs8(&open, &[4, 6, 0x30, 0x82, 0, 2, 5, 0], &end)),
        ] {
            assert_eq!(converted(&ber), Some(DER.to_vec()), "{name}");
        }
    }

    #[test]
    fn bits_in_pieces_are_joined() {
        let mut input = [0x23, 0x80, 3, 2, 0, 0xaa, 3, 2, 4, 0xb0, 0, 0].as_slice();
        let value = Value::read(&mut input, DEPTH_MAX).unwrap();
        assert_eq!((value.tag, value.contents.as_slice()), (BIT_STRING, [4, 0xaa, 0xb0].as_slice()));
        for refused in [
            [0x23, 8, 3, 2, 4, 0xaa, 3, 2, 0, 0xb0].as_slice(),
            &[0x23, 6, 3, 2, 0, 0xaa, 3, 0],
            &[0x23, 7, 3, 2, 0, 0xaa, 4, 1, 1],
        ] {
            assert!(Value::read(&mut &*refused, DEPTH_MAX).is_none(), "{refused:?}");
        }
    }

    #[test]
    fn what_is_not_ber_is_refused() {
        let nested = |depth: usize| [[0x30, 0x80].repeat(depth), [0, 0].repeat(depth)].concat();
        assert!(Value::only(&nested(DEPTH_MAX)).is_some());
        for (name, bytes) in [
            ("nothing", vec![]),
            ("a tag alone", vec![0x30]),
            ("too deep", nested(DEPTH_MAX + 1)),
            ("something behind", [DER.as_slice(), &[0]].concat()),
            ("contents cut short", DER[..12].to_vec()),
            ("open without end", pkcs8(&[0x30, 0x80], &DER[7..], &[])),
            ("half an end", pkcs8(&[0x30, 0x80], &DER[7..], &[0])),
            ("open bytes", pkcs8(&[0x30, 0x80], &[0x04, 0x80, 0x30, 2, 5, 0, 0, 0], &[0, 0])),
            ("a long tag", pkcs8(&[0x3f, 0x0b], &DER[7..], &[])),
            ("a length that overflows", [vec![0x30, 0x89], vec![0xff; 9]].concat()),
            ("the reserved length", vec![0x30, 0xff]),
            ("a key that is no string", pkcs8(&[0x30, 0x0b], &[0x30, 4, 0x30, 2, 5, 0], &[])),
            ("a key that is no value", pkcs8(&[0x30, 0x0b], &[4, 4, 0x30, 3, 5, 0], &[])),
            ("two values in the key", pkcs8(&[0x30, 0x0b], &[4, 4, 5, 0, 5, 0], &[])),
            ("no key", vec![0x30, 0x05, 0x02, 0x01, 0x00, 0x30, 0x00]),
            ("too long", [vec![0x30, 0x83, 1, 0, 0], vec![0; 0x10000]].concat()),
        ] {
            assert_eq!(converted(&bytes), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = pkcs8_to_der(&bytes);
        }

        #[test]
        fn what_comes_out_is_der_and_not_longer(
            bytes in prop::collection::vec(prop::sample::select(vec![0u8, 1, 2, 3, 4, 5, 0x23, 0x24, 0x30, 0x80, 0x81]), 0..60),
        ) {
            let ber = pkcs8(&[0x30, 0x80], &bytes, &[0, 0]);
            if let Some(der) = converted(&ber) {
                prop_assert!(der.len() <= ber.len());
                prop_assert_eq!(converted(&der), Some(der));
            }
        }
    }
}
