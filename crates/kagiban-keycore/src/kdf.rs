//! Key derivation: NIST SP 800-108r1, section 4.1 (counter mode), with HMAC as the pseudorandom function.

use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};

use crate::PrimitiveFailed;

/// Fills `out` with bytes derived from `key` for the purpose named by `label` and the occasion named by `context`.
///
/// The fixed input is the one of section 4: label, a zero byte, context, and the length of the output in bits as 32
/// bits. It is unambiguous because labels hold no zero byte. The counter is 32 bits and stands in front of it.
pub(crate) fn derive(key: &[u8], label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), PrimitiveFailed> {
    let bit_len = out.len().checked_mul(8).and_then(|bits| u32::try_from(bits).ok()).ok_or(PrimitiveFailed)?;
    let mut fixed_input = Vec::with_capacity(label.len() + 1 + context.len() + 4);
    fixed_input.extend_from_slice(label);
    fixed_input.push(0);
    fixed_input.extend_from_slice(context);
    fixed_input.extend_from_slice(&bit_len.to_be_bytes());
    expand(key, &fixed_input, out)
}

/// The bare function of section 4.1 over a finished fixed input, as the published known answers test it.
fn expand(key: &[u8], fixed_input: &[u8], out: &mut [u8]) -> Result<(), PrimitiveFailed> {
    let algorithm = get_kbkdf_ctr_hmac_algorithm(KbkdfCtrHmacAlgorithmId::Sha256).ok_or(PrimitiveFailed)?;
    kbkdf_ctr_hmac(algorithm, key, fixed_input, out).map_err(|_| PrimitiveFailed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// NIST's known answers for counter mode, HMAC-SHA-256, a 32-bit counter in front. They give the fixed input as a
    /// whole; that ours is composed as said is checked by the blobs that another program made.
    #[test]
    fn known_answers_of_nist_hold() {
        let file = include_str!("../tests/vectors/sp800-108-ctr-hmac-sha256.rsp");
        let values: Vec<_> = file.lines().filter_map(|line| line.split_once(" = ")).collect();
        assert_eq!(values.len(), 40 * 5);
        for record in values.chunks_exact(5) {
            let [("COUNT", count), ("L", bits), ("KI", key), ("FixedInputData", fixed_input), ("KO", expected)] =
                record
            else {
                panic!("a record of another shape: {record:?}");
            };
            let mut out = vec![0; bits.parse::<usize>().unwrap() / 8];
            expand(&unhex(key), &unhex(fixed_input), &mut out).unwrap();
            assert_eq!(out, unhex(expected), "{count}");
        }
    }

    #[test]
    fn label_context_and_length_all_matter() {
        let derived = |label: &[u8], context: &[u8], len: usize| {
            let mut out = vec![0; len];
            derive(&[1; 32], label, context, &mut out).unwrap();
            out[..16].to_vec()
        };
        let all = [derived(b"a", b"b", 32), derived(b"a", b"c", 32), derived(b"b", b"b", 32), derived(b"a", b"b", 33)];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one));
        }
    }
}
