//! Numbers in as few bytes as they need: LEB128.

/// Bytes of the longest number.
const BYTES_MAX: u32 = 10;

pub(super) fn put(number: u64, out: &mut Vec<u8>) {
    let mut rest = number;
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// The number at the beginning of `rest`, which it is taken from; `None` when there is none.
pub(super) fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for at in 0..BYTES_MAX {
        let (byte, left) = rest.split_first()?;
        *rest = left;
        number |= u64::from(byte & 0x7f).checked_shl(7 * at)?;
        if *byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// So many bytes of the beginning of `rest`, which they are taken from.
pub(super) fn take_bytes<'a>(rest: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = left;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for number in [0, 1, 127, 128, 300, 1 << 32, u64::MAX] {
            let mut out = Vec::new();
            put(number, &mut out);
            for length in 0..out.len() {
                assert_eq!(take(&mut &out[..length]), None);
            }
            let mut rest = &out[..];
            assert_eq!((take(&mut rest), rest.is_empty()), (Some(number), true));
        }
        assert_eq!(take(&mut &[0xff; 11][..]), None);
    }
}
