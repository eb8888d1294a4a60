//! The outermost layer of SubjectPublicKeyInfo (RFC 5280, section 4.1) and PKCS#8 (RFC 5208): which algorithm a key says
//! it is of, and whether anything follows it.
//!
//! The library parses what is inside; it stops at the key's end, and takes curves described by their parameters. This
//! looks first, and lets through only what names its algorithm in the one way there is. For the lattice keys, whose DER
//! has a fixed layout, it is all the parsing there is.

use kagiban_base::secret::SecretBytes;

/// ASN.1 tags.
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
/// `[0] IMPLICIT OCTET STRING`: the seed of a lattice key (RFC 9881, section 6; RFC 9935, section 6).
const SEED: u8 = 0x80;

/// Bytes are not a key of the algorithm that was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NotThisKey {
    /// They are not the DER of a key.
    Malformed,
    /// They say they are of another algorithm or curve.
    OtherAlgorithm,
}

/// Checks that the bytes are one SubjectPublicKeyInfo with this AlgorithmIdentifier; returns its BIT STRING.
pub(crate) fn spki<'a>(bytes: &'a [u8], algorithm: &[u8]) -> Result<&'a [u8], NotThisKey> {
    let mut reader = Reader(whole(bytes)?);
    reader.algorithm(algorithm)?;
    let bits = reader.take(BIT_STRING)?;
    reader.end()?;
    match bits.split_first() {
        Some((0, raw)) => Ok(raw),
        _ => Err(NotThisKey::Malformed),
    }
}

/// Checks that the bytes are one PKCS#8 private key with this AlgorithmIdentifier; returns the private key in it.
/// Version 2 (RFC 5958) and what may follow the private key are for the caller to read.
pub(crate) fn pkcs8<'a>(bytes: &'a [u8], algorithm: &[u8]) -> Result<&'a [u8], NotThisKey> {
    Reader(whole(bytes)?).private_key(algorithm)
}

/// A lattice private key, taken apart.
pub(crate) struct LatticeKey<'a> {
    /// The seed, of the length that was asked for.
    pub(crate) seed: &'a [u8],
    /// The expanded key, if it came along.
    pub(crate) expanded: Option<&'a [u8]>,
}

/// Reads a lattice private key from PKCS#8: its seed, or seed and expanded key. The expanded key alone is refused: its
/// seed, the form in which keys leave this service, cannot be had back.
pub(crate) fn lattice_pkcs8<'a>(
    bytes: &'a [u8],
    algorithm: &[u8],
    seed_len: usize,
) -> Result<LatticeKey<'a>, NotThisKey> {
    let mut outer = Reader(whole(bytes)?);
    let mut inner = Reader(outer.private_key(algorithm)?);
    outer.end()?;
    let key = match inner.take(SEED) {
        Ok(seed) => LatticeKey { seed, expanded: None },
        Err(_) => {
            let mut both = Reader(inner.take(SEQUENCE)?);
            let key = LatticeKey { seed: both.take(OCTET_STRING)?, expanded: Some(both.take(OCTET_STRING)?) };
            both.end()?;
            key
        }
    };
    inner.end()?;
    if key.seed.len() == seed_len { Ok(key) } else { Err(NotThisKey::Malformed) }
}

/// A SubjectPublicKeyInfo of these parts.
pub(crate) fn spki_of(algorithm: &[u8], raw: &[u8]) -> Vec<u8> {
    let bits = element(BIT_STRING, &[&[0], raw]);
    element(SEQUENCE, &[algorithm, &bits])
}

/// The PKCS#8 of a lattice key in seed form. INVARIANT: algorithm and seed together are far below 128 bytes, so every
/// length is one byte.
pub(crate) fn lattice_pkcs8_of(algorithm: &[u8], seed: &[u8]) -> SecretBytes {
    let len = |len: usize| u8::try_from(len).unwrap_or(u8::MAX);
    let (choice, octets) = (seed.len().saturating_add(2), seed.len().saturating_add(4));
    let body = algorithm.len().saturating_add(octets).saturating_add(3);
    let head = [SEQUENCE, len(body), INTEGER, 1, 0];
    let choice = [OCTET_STRING, len(choice), SEED, len(seed.len())];
    SecretBytes::new([&head, algorithm, &choice, seed].concat())
}

/// One element. INVARIANT: contents are keys, below 65536 bytes.
fn element(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let contents = contents.concat();
    let mut out = Vec::with_capacity(contents.len().saturating_add(4));
    out.push(tag);
    let [high, low] = u16::try_from(contents.len()).unwrap_or(u16::MAX).to_be_bytes();
    match (high, low) {
        (0, 0..=0x7f) => out.push(low),
        (0, _) => out.extend_from_slice(&[0x81, low]),
        _ => out.extend_from_slice(&[0x82, high, low]),
    }
    out.extend_from_slice(&contents);
    out
}

/// The contents of the one SEQUENCE that fills the bytes.
fn whole(bytes: &[u8]) -> Result<&[u8], NotThisKey> {
    let mut reader = Reader(bytes);
    let contents = reader.take(SEQUENCE)?;
    reader.end()?;
    Ok(contents)
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The contents of the next element, which must have this tag. Lengths in their shortest form, below 65536.
    fn take(&mut self, tag: u8) -> Result<&'a [u8], NotThisKey> {
        let (len, rest) = match self.0 {
            [found, len @ 0..=0x7f, rest @ ..] if *found == tag => (usize::from(*len), rest),
            [found, 0x81, len @ 0x80..=0xff, rest @ ..] if *found == tag => (usize::from(*len), rest),
            [found, 0x82, high @ 1..=0xff, low, rest @ ..] if *found == tag => {
                (usize::from(u16::from_be_bytes([*high, *low])), rest)
            }
            _ => return Err(NotThisKey::Malformed),
        };
        let (contents, rest) = rest.split_at_checked(len).ok_or(NotThisKey::Malformed)?;
        self.0 = rest;
        Ok(contents)
    }

    /// Reads an AlgorithmIdentifier that must be this one.
    fn algorithm(&mut self, expected: &[u8]) -> Result<(), NotThisKey> {
        if let Some(rest) = self.0.strip_prefix(expected) {
            self.0 = rest;
            return Ok(());
        }
        self.take(SEQUENCE)?;
        Err(NotThisKey::OtherAlgorithm)
    }

    /// Reads version, algorithm and private key of PKCS#8.
    fn private_key(&mut self, algorithm: &[u8]) -> Result<&'a [u8], NotThisKey> {
        match self.take(INTEGER)? {
            [0 | 1] => {}
            _ => return Err(NotThisKey::Malformed),
        }
        self.algorithm(algorithm)?;
        self.take(OCTET_STRING)
    }

    fn end(&self) -> Result<(), NotThisKey> {
        if self.0.is_empty() { Ok(()) } else { Err(NotThisKey::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALGORITHM: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";

    #[test]
    fn lengths_are_written_in_their_shortest_form() {
        for (len, head) in [
            (0, vec![4, 0]),
            (127, vec![4, 127]),
            (128, vec![4, 0x81, 128]),
            (255, vec![4, 0x81, 255]),
            (256, vec![4, 0x82, 1, 0]),
            (65535, vec![4, 0x82, 255, 255]),
        ] {
            let element = element(OCTET_STRING, &[&vec![7; len]]);
            assert_eq!(element, [head, vec![7; len]].concat());
            let mut reader = Reader(&element);
            assert_eq!(reader.take(OCTET_STRING).map(<[u8]>::len), Ok(len));
            assert_eq!(reader.end(), Ok(()));
        }
    }

    #[test]
    fn other_forms_of_a_length_are_refused() {
        for bytes in [
            &[4][..],
            &[4, 1],
            &[4, 0x80, 0, 0],
            &[4, 0x81, 1, 7],
            &[4, 0x81, 0x7f],
            &[4, 0x81],
            &[4, 0x82, 0, 1, 7],
            &[4, 0x82, 0, 0x80],
            &[4, 0x82, 1],
            &[4, 0x83, 0, 0, 1, 7],
            &[4, 0xff, 7],
            &[5, 0],
            &[],
        ] {
            assert_eq!(Reader(bytes).take(OCTET_STRING), Err(NotThisKey::Malformed), "{bytes:?}");
        }
    }

    #[test]
    fn a_public_key_is_read_with_its_algorithm_only() {
        let der = spki_of(ALGORITHM, b"raw");
        assert_eq!(der, b"\x30\x0d\x30\x05\x06\x03\x2b\x65\x70\x03\x04\x00raw");
        assert_eq!(spki(&der, ALGORITHM), Ok(&b"raw"[..]));
        let other = b"\x30\x05\x06\x03\x2b\x65\x6e";
        assert_eq!(spki(&der, other), Err(NotThisKey::OtherAlgorithm));
        // The same algorithm, with parameters it does not have.
        let with_null = element(SEQUENCE, &[b"\x30\x07\x06\x03\x2b\x65\x70\x05\x00\x03\x01\x00"]);
        assert_eq!(spki(&with_null, ALGORITHM), Err(NotThisKey::OtherAlgorithm));
        for rest in [&b"\x03\x04\x01raw"[..], b"\x03\x00", b"", b"\x04\x04\x00raw", b"\x03\x04\x00raw\x05\x00"] {
            let der = element(SEQUENCE, &[ALGORITHM, rest]);
            assert_eq!(spki(&der, ALGORITHM), Err(NotThisKey::Malformed), "{rest:?}");
        }
    }

    #[test]
    fn a_private_key_is_of_version_1_or_2() {
        for version in 0..=3 {
            let der = element(SEQUENCE, &[&[INTEGER, 1, version], ALGORITHM, b"\x04\x03key"]);
            let expected = if version < 2 { Ok(&b"key"[..]) } else { Err(NotThisKey::Malformed) };
            assert_eq!(pkcs8(&der, ALGORITHM), expected);
        }
        let der = element(SEQUENCE, &[&[INTEGER, 2, 0, 0], ALGORITHM, b"\x04\x03key"]);
        assert_eq!(pkcs8(&der, ALGORITHM), Err(NotThisKey::Malformed));
    }

    /// Attributes and a public key may follow a private key (RFC 5958); for lattice keys nothing does.
    #[test]
    fn nothing_follows_a_seed() {
        let key = |inside: &[u8], behind: &[u8]| {
            let choice = element(OCTET_STRING, &[&[SEED, 1, 9], inside]);
            element(SEQUENCE, &[&[INTEGER, 1, 0], ALGORITHM, &choice, behind])
        };
        assert!(lattice_pkcs8(&key(b"", b""), ALGORITHM, 1).is_ok());
        assert!(pkcs8(&key(b"", b"\xa0\x00"), ALGORITHM).is_ok());
        for (inside, behind) in
            [(&b""[..], &b"\xa0\x00"[..]), (b"", b"\x81\x01\x00"), (b"\x05\x00", b""), (b"\x80\x01\x09", b"")]
        {
            assert_eq!(lattice_pkcs8(&key(inside, behind), ALGORITHM, 1).err(), Some(NotThisKey::Malformed));
        }
    }

    #[test]
    fn a_seed_is_read_as_it_is_written() {
        let der = lattice_pkcs8_of(ALGORITHM, &[9; 32]);
        let key = lattice_pkcs8(der.expose(), ALGORITHM, 32).map(|key| (key.seed, key.expanded));
        assert_eq!(key, Ok((&[9; 32][..], None)));
        for seed_len in [0, 31, 33, 64] {
            assert!(lattice_pkcs8(der.expose(), ALGORITHM, seed_len).is_err());
        }
    }
}
