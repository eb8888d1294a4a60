//! Base 32 (RFC 4648, section 6): the digits of unique ids, and the form in which a person types a seed.

use kagiban_base::secret::SecretBytes;

/// The digits, in the order of their values.
pub(crate) const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The bytes in base 32, padded with `=` to a multiple of eight characters, in memory that is wiped.
pub(crate) fn encode_secret(bytes: &[u8]) -> SecretBytes {
    let mut out = SecretBytes::new(Vec::with_capacity(bytes.len().div_ceil(5).saturating_mul(8)));
    for group in bytes.chunks(5) {
        let mut padded = [0; 8];
        for (to, from) in padded.iter_mut().skip(3).zip(group) {
            *to = *from;
        }
        let value = u64::from_be_bytes(padded);
        let digits = (group.len() * 8).div_ceil(5);
        for at in 0..8 {
            let digit = usize::try_from(value >> (35 - 5 * at) & 31).unwrap_or_default();
            out.append(&[if at < digits { ALPHABET.get(digit).copied().unwrap_or(b'A') } else { b'=' }]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, section 10.
    #[test]
    fn published_vectors() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY======"),
            ("fo", "MZXQ===="),
            ("foo", "MZXW6==="),
            ("foob", "MZXW6YQ="),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI======"),
        ] {
            assert_eq!(encode_secret(bytes.as_bytes()).expose(), text.as_bytes(), "{bytes}");
        }
    }

    #[test]
    fn every_digit_has_its_place() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = encode_secret(&bytes);
        let value = |digit: u8| ALPHABET.iter().position(|d| *d == digit);
        let bits: Vec<bool> = text.expose().iter().filter_map(|d| value(*d)).flat_map(bits_of::<5>).collect();
        let expected: Vec<bool> = bytes.iter().map(|b| usize::from(*b)).flat_map(bits_of::<8>).collect();
        assert_eq!(bits.get(..expected.len()), Some(&expected[..]));
    }

    fn bits_of<const N: usize>(value: usize) -> impl Iterator<Item = bool> {
        (0..N).rev().map(move |at| value >> at & 1 == 1)
    }
}
