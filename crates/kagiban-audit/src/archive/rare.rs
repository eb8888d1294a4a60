//! Where the terms are that only one block of an archive has, and the requests' numbers: one block each, for millions.
//!
//! Entries lie in buckets by the upper bits of their hash, and keep 8 bits more of it and the block's number: 3 bytes each. A
//! search for what is not there meets one block in sixteen files that it reads for nothing.

use super::terms::TermHash;

/// Entries in a bucket, on average.
const BUCKET_ENTRIES: u64 = 16;
/// Bytes of an entry: 8 bits of the hash, and the block.
pub(super) const ENTRY_BYTES: u64 = 3;
/// Bytes of a bucket's beginning in the table of buckets.
pub(super) const START_BYTES: u64 = 4;

/// Buckets for so many entries.
pub(super) const fn bucket_count(entries: u64) -> u64 {
    entries / BUCKET_ENTRIES + 1
}

/// The bucket of a hash, and its mark there: hashes are spread evenly over the buckets, in their order.
fn bucket_and_mark(hash: TermHash, buckets: u64) -> (u64, u8) {
    let product = u128::from(hash) * u128::from(buckets);
    // The fraction within the bucket has its best bits first.
    ((product >> 64) as u64, (product as u64 >> 56) as u8)
}

/// Writes the table of buckets (one start more than there are) and the entries, which are `count` and in order.
pub(super) fn put(entries: impl Iterator<Item = (TermHash, u16)> + Clone, count: u64, out: &mut Vec<u8>) {
    out.reserve_exact(usize::try_from(length(count)).unwrap_or_default());
    let buckets = bucket_count(count);
    let mut starts = entries.clone().map(|(hash, _)| bucket_and_mark(hash, buckets).0).peekable();
    let mut start = 0u32;
    for bucket in 0..=buckets {
        while starts.next_if(|at| *at < bucket).is_some() {
            start += 1;
        }
        out.extend_from_slice(&start.to_be_bytes());
    }
    for (hash, block) in entries {
        out.push(bucket_and_mark(hash, buckets).1);
        out.extend_from_slice(&block.to_be_bytes());
    }
}

/// Where the starts of a hash's bucket and of the next one are, from the beginning of the section.
pub(super) fn starts_at(hash: TermHash, entries: u64) -> u64 {
    bucket_and_mark(hash, bucket_count(entries)).0 * START_BYTES
}

/// Where the entries begin, from the beginning of the section.
pub(super) const fn entries_at(entries: u64) -> u64 {
    (bucket_count(entries) + 1) * START_BYTES
}

/// Bytes of the section.
pub(super) const fn length(entries: u64) -> u64 {
    entries_at(entries) + entries * ENTRY_BYTES
}

/// The blocks that a bucket names for the hash.
pub(super) fn blocks_in(bucket: &[u8], hash: TermHash, entries: u64) -> impl Iterator<Item = u16> {
    let (_, mark) = bucket_and_mark(hash, bucket_count(entries));
    let (entries, _) = bucket.as_chunks::<3>();
    entries.iter().filter(move |[own, ..]| *own == mark).map(|[_, high, low]| u16::from_be_bytes([*high, *low]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sha256;

    fn find(section: &[u8], hash: TermHash, count: u64) -> Vec<u16> {
        let at = usize::try_from(starts_at(hash, count)).unwrap();
        let start = |at: usize| u64::from(u32::from_be_bytes(section[at..at + 4].try_into().unwrap()));
        let place = |start: u64| usize::try_from(entries_at(count) + start * ENTRY_BYTES).unwrap();
        blocks_in(&section[place(start(at))..place(start(at + 4))], hash, count).collect()
    }

    #[test]
    fn each_is_found_and_little_else() {
        let hash = |n: u32| u64::from_be_bytes(sha256::short(&[&n.to_be_bytes()]));
        for count in [0u32, 1, 15, 16, 17, 5000] {
            let mut entries: Vec<_> = (0..count).map(|n| (hash(n), (n % 60_000) as u16)).collect();
            let mut section = Vec::new();
            entries.sort_unstable();
            put(entries.iter().copied(), u64::from(count), &mut section);
            assert_eq!(section.len() as u64, length(u64::from(count)));
            for n in 0..count {
                assert!(find(&section, hash(n), u64::from(count)).contains(&((n % 60_000) as u16)), "{n} of {count}");
            }
            let wrong: usize = (count..count + 10_000).map(|n| find(&section, hash(n), u64::from(count)).len()).sum();
            // One in sixteen is 625 of 10,000.
            assert!(wrong < 900, "{wrong} of 10,000 found for nothing among {count}");
        }
    }
}
