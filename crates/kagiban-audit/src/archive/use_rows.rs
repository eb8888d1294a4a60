//! The use map as a section of an archive: names once, rows of small numbers, compressed.

use kagiban_base::time::Timestamp;

use super::varint;
use crate::uses::{Use, UseMap};

/// Bytes of the section at most, decompressed: as many rows as a map has, with names of their own.
const RAW_BYTES_MAX: usize = 256 << 20;
/// zstd's level.
const LEVEL: i32 = 3;
const HOUR_MS: i64 = 3_600_000;

pub(super) fn encode(uses: &UseMap) -> std::io::Result<Vec<u8>> {
    let (names, sorted) = uses.sorted();
    // Names in the order in which rows come to them, which compresses best; and their numbers in it.
    let (mut order, mut numbers) = (Vec::new(), vec![None; names.len()]);
    let mut rows = Vec::with_capacity(sorted.len() * 20);
    for (row, count) in sorted {
        varint::put(row.hour.cast_unsigned(), &mut rows);
        for name in row.names {
            let Some(number) = numbers.get_mut(name as usize) else { continue };
            let number = *number.get_or_insert_with(|| {
                order.push(name);
                order.len() as u64 - 1
            });
            varint::put(number, &mut rows);
        }
        varint::put(count, &mut rows);
    }
    let used = || order.iter().filter_map(|name| names.get(*name as usize));
    let mut raw = Vec::with_capacity(used().map(|name| name.len() + 2).sum::<usize>() + rows.len() + 20);
    varint::put(order.len() as u64, &mut raw);
    for name in used() {
        varint::put(name.len() as u64, &mut raw);
        raw.extend_from_slice(name.as_bytes());
    }
    raw.append(&mut rows);
    drop(rows);
    zstd::bulk::compress(&raw, LEVEL)
}

/// Reads the section; `None` when it is damaged.
pub(super) fn parse(section: &[u8]) -> Option<Vec<Use>> {
    let raw = zstd::bulk::decompress(section, decompressed_length(section)?).ok()?;
    let mut rest = &raw[..];
    let count = varint::take(&mut rest)?;
    let mut names: Vec<&str> = Vec::new();
    for _ in 0..count {
        let length = varint::take(&mut rest)?;
        names.push(str::from_utf8(varint::take_bytes(&mut rest, length)?).ok()?);
    }
    let mut uses = Vec::new();
    while !rest.is_empty() {
        uses.push(take_row(&mut rest, &names)?);
    }
    Some(uses)
}

/// What the frame says, if it is within the bound: zstd's own limit is memory.
fn decompressed_length(section: &[u8]) -> Option<usize> {
    let length = zstd::zstd_safe::get_frame_content_size(section).ok()??;
    usize::try_from(length).ok().filter(|length| *length <= RAW_BYTES_MAX)
}

fn take_row(rest: &mut &[u8], names: &[&str]) -> Option<Use> {
    let hour = varint::take(rest)?.cast_signed().checked_mul(HOUR_MS)?;
    let mut name = || names.get(usize::try_from(varint::take(rest)?).ok()?).map(|name| Box::from(*name));
    let (key, principal, operation, error_code) = (name()?, name()?, name()?, name()?);
    let count = varint::take(rest)?;
    Some(Use { hour: Timestamp::from_unix_ms(hour), key, principal, operation, error_code, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_they_were_written() {
        let row = |hour: i64, principal: &str, count| Use {
            hour: Timestamp::from_unix_ms(hour * HOUR_MS),
            key: "arn:aws:kms:eu-central-1:111122223333:key/1".into(),
            principal: principal.into(),
            operation: "Decrypt".into(),
            error_code: "".into(),
            count,
        };
        let uses = [row(1, "a", 5), row(1, "b", u64::MAX), row(496_000, "a", 0)];
        let mut map = UseMap::new();
        uses.iter().rev().for_each(|used| map.add_uses(used));
        let section = encode(&map).unwrap();
        assert_eq!(parse(&section).unwrap(), uses);
        assert_eq!(parse(&encode(&UseMap::new()).unwrap()).unwrap(), []);
        for length in 0..section.len() {
            assert_eq!(parse(&section[..length]), None, "{length}");
        }
    }
}
