//! Key derivation: NIST SP 800-108r1, section 4.1 (counter mode), with HMAC as the pseudorandom function.

use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};

use crate::PrimitiveFailed;

/// Fills `out` with bytes derived from `key` for the purpose named by `label` and the occasion named by `context`.
///
/// The fixed input is the one of section 4: label, a zero byte, context, and the length of the output in bits as 32
/// bits. It is unambiguous because labels hold no zero byte. The counter is 32 bits and stands in front of it.
pub(crate) fn derive(key: &[u8; 32], label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), PrimitiveFailed> {
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
