//! SHA-256 (FIPS 180-4), whole and cut short.

use aws_lc_rs::digest::{Context, SHA256, digest};

/// The hash of the parts, one after the other.
pub fn hash(parts: &[&[u8]]) -> [u8; 32] {
    if let [whole] = parts {
        return digest(&SHA256, whole).as_ref().first_chunk().copied().unwrap_or_default();
    }
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    // INVARIANT: SHA-256 has 32 bytes.
    context.finish().as_ref().first_chunk().copied().unwrap_or_default()
}

/// The first eight bytes of it.
pub fn short(parts: &[&[u8]]) -> [u8; 8] {
    hash(parts).first_chunk().copied().unwrap_or_default()
}
