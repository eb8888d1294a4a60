//! The use map as a section of an archive: names once, rows of small numbers, compressed.

use std::collections::HashMap;

use kagiban_base::time::Timestamp;

use super::varint;
use crate::uses::Use;

/// Bytes of the section at most, decompressed: as many rows as a map has, with names of their own.
const RAW_BYTES_MAX: usize = 256 << 20;
/// zstd's level.
const LEVEL: i32 = 3;
const HOUR_MS: i64 = 3_600_000;

pub(super) fn encode(uses: &[Use]) -> std::io::Result<Vec<u8>> {
    let mut names: HashMap<&str, u64> = HashMap::new();
    let (mut table, mut rows) = (Vec::new(), Vec::new());
    for used in uses {
        varint::put(used.hour.unix_ms().div_euclid(HOUR_MS).cast_unsigned(), &mut rows);
        for name in [&used.key, &used.principal, &used.operation, &used.error_code] {
            let next = names.len() as u64;
            let number = *names.entry(name).or_insert_with(|| {
                varint::put(name.len() as u64, &mut table);
                table.extend_from_slice(name.as_bytes());
                next
            });
            varint::put(number, &mut rows);
        }
        varint::put(used.count, &mut rows);
    }
    let mut raw = Vec::with_capacity(table.len() + rows.len() + 20);
    varint::put(names.len() as u64, &mut raw);
    raw.append(&mut table);
    raw.append(&mut rows);
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
        let section = encode(&uses).unwrap();
        assert_eq!(parse(&section).unwrap(), uses);
        assert_eq!(parse(&encode(&[]).unwrap()).unwrap(), []);
        for length in 0..section.len() {
            assert_eq!(parse(&section[..length]), None, "{length}");
        }
    }
}
