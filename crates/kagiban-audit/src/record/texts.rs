//! Texts with their lengths before them, one after the other.

use super::RecordDamaged;

/// Bytes of a length at most; what is longer than they can say is in no record.
const LENGTH_BYTES: usize = 4;

/// Appends a text: its length (LEB128), its bytes.
pub(super) fn put(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.len();
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
    out.extend_from_slice(text.as_bytes());
}

/// Takes as many texts from the beginning of `rest`.
pub(super) fn take<'a, const COUNT: usize>(rest: &mut &'a [u8]) -> Result<[&'a str; COUNT], RecordDamaged> {
    let mut texts = [""; COUNT];
    for text in &mut texts {
        *text = str::from_utf8(take_bytes(rest)?).map_err(|_| RecordDamaged)?;
    }
    Ok(texts)
}

/// Goes past as many.
pub(super) fn skip(count: usize, rest: &mut &[u8]) -> Result<(), RecordDamaged> {
    (0..count).try_for_each(|_| take_bytes(rest).map(drop))
}

/// Takes the bytes of one.
pub(super) fn take_bytes<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], RecordDamaged> {
    let length = take_length(rest)?;
    let (bytes, left) = rest.split_at_checked(length).ok_or(RecordDamaged)?;
    *rest = left;
    Ok(bytes)
}

fn take_length(rest: &mut &[u8]) -> Result<usize, RecordDamaged> {
    let mut length = 0usize;
    for shift in (0..LENGTH_BYTES).map(|byte| 7 * byte) {
        let (byte, left) = rest.split_first().ok_or(RecordDamaged)?;
        *rest = left;
        length |= usize::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Ok(length);
        }
    }
    Err(RecordDamaged)
}
