//! Reading an archive: a few short reads find the blocks that a term is in.
//!
//! Nothing here trusts the file: lengths are bounded before anything is read. Signatures and hashes are checked by those who
//! verify, not by those who search.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::block::Records;
use super::format::{EDGE_BYTES, FOOTER_BYTES_MAX, Footer, MAGIC, PLACE_BYTES, Place, Section, VERSION};
use super::terms::{ENTRY_BYTES, TermHash, parse_entry, parse_runs};
use super::{ArchiveError, rare, use_rows};
use crate::journal::blocks::Block;
use crate::recorder::{Entry, Sequence};
use crate::signing::{PublicKey, verify};
use crate::uses::Use;

/// Bytes that are read from a file's end at first: footer and signature of most.
const END_BYTES: u64 = 4096;
/// Bytes of a block on the disk at most.
const BLOCK_BYTES_MAX: u32 = 8 << 20;
/// Bytes of a section at most that is read as a whole.
const SECTION_BYTES_MAX: u64 = 1 << 30;
/// Bytes of postings of one term at most: two numbers of three bytes for every other block.
const POSTINGS_BYTES_MAX: u64 = 256 << 10;
/// Entries that are read around the place where a term should be.
const TERMS_WINDOW: u64 = 512;

/// An archive that can be read.
#[derive(Debug)]
pub struct Archive {
    file: File,
    path: PathBuf,
    footer: Footer,
    footer_json: Vec<u8>,
    signature: Vec<u8>,
}

impl Archive {
    /// Opens an archive.
    ///
    /// # Errors
    /// [`ArchiveError::Io`], [`ArchiveError::Damaged`] when it is none, or cut short.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let end = read_end(&file, length)?;
        let End { footer, json, signature } =
            end.ok_or_else(|| ArchiveError::Damaged { path: path.to_owned(), what: "footer" })?;
        Ok(Self { file, path: path.to_owned(), footer, footer_json: json, signature })
    }

    /// What it says of itself.
    pub const fn footer(&self) -> &Footer {
        &self.footer
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether one of `keys` signed the footer.
    pub fn is_signed_by(&self, keys: &[PublicKey]) -> bool {
        let key = keys.iter().find(|key| *key.fingerprint == *self.footer.key);
        key.is_some_and(|key| verify(key, &Footer::message(&self.footer_json), &self.signature).is_ok())
    }

    /// Whether the file begins as archives do. Nobody needs that to read one: only those who verify ask.
    pub(crate) fn begins_right(&self) -> Result<bool, ArchiveError> {
        let mut beginning = [0; EDGE_BYTES];
        self.file.read_exact_at(&mut beginning, 0)?;
        let expected = [&MAGIC[..], &VERSION.to_be_bytes(), &[0; 4]].concat();
        Ok(beginning[..] == expected[..])
    }

    /// All records from `from` on that it has, within some `bytes_max`; at least one.
    pub(super) fn read(&self, from: Sequence, bytes_max: usize) -> Result<Vec<Entry>, ArchiveError> {
        let mut entries = Vec::new();
        let mut bytes = 0usize;
        let mut block = self.block_at(from)?;
        while block < self.footer.blocks && bytes < bytes_max {
            let records = self.records(&self.place(block)?)?;
            for entry in records.entries().filter(|entry| entry.sequence >= from) {
                if bytes >= bytes_max {
                    break;
                }
                bytes = bytes.saturating_add(entry.bytes.len());
                entries.push(entry);
            }
            block += 1;
        }
        Ok(entries)
    }

    /// The number of the first block that has the record or a later one; the count of blocks when none has.
    pub(super) fn block_at(&self, sequence: Sequence) -> Result<u32, ArchiveError> {
        let (mut low, mut high) = (0, self.footer.blocks);
        while low < high {
            let middle = low.midpoint(high);
            if self.place(middle)?.last() < sequence { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    /// Where a block is.
    pub(crate) fn place(&self, block: u32) -> Result<Place, ArchiveError> {
        let mut bytes = [0; PLACE_BYTES];
        let at = u64::from(block) * PLACE_BYTES as u64;
        self.read_at(&self.footer.sections.directory, at, &mut bytes)?;
        Ok(Place::decode(&bytes))
    }

    /// The bytes of a block, as they are in the file.
    pub(crate) fn block_bytes(&self, place: &Place) -> Result<Vec<u8>, ArchiveError> {
        if place.length > BLOCK_BYTES_MAX {
            return Err(self.damaged("directory"));
        }
        let mut bytes = vec![0; place.length as usize];
        self.file.read_exact_at(&mut bytes, place.at)?;
        Ok(bytes)
    }

    /// The records of a block.
    pub(super) fn records(&self, place: &Place) -> Result<Records, ArchiveError> {
        let bytes = self.block_bytes(place)?;
        self.parse(&bytes, place).ok_or_else(|| self.damaged("block"))
    }

    /// The records that the bytes of a block hold; `None` when they are damaged.
    pub(crate) fn parse(&self, bytes: &[u8], place: &Place) -> Option<Records> {
        Records::parse(bytes, place.first, place.count)
    }

    /// The blocks that may have records with the term, in their order; all that have are among them.
    pub(super) fn blocks_with(&self, hash: TermHash) -> Result<Vec<u16>, ArchiveError> {
        let mut blocks = self.postings(hash)?;
        blocks.extend(self.rare_blocks(hash)?);
        blocks.sort_unstable();
        blocks.dedup();
        blocks.retain(|block| u32::from(*block) < self.footer.blocks);
        Ok(blocks)
    }

    /// Names of terms are spread evenly, so the place of one is nearly known: a window around it is read, and more when it
    /// must be.
    fn postings(&self, hash: TermHash) -> Result<Vec<u16>, ArchiveError> {
        let section = &self.footer.sections.terms;
        let count = section.length / ENTRY_BYTES as u64;
        let guess = ((u128::from(hash) * u128::from(count)) >> 64) as u64;
        let (mut low, mut high) = (0, count);
        let mut window = (guess.saturating_sub(TERMS_WINDOW / 2), guess.saturating_add(TERMS_WINDOW / 2).min(count));
        loop {
            let entries = self.terms_between(window.0, window.1)?;
            let (first, last) = (entries.first().map(|entry| entry.0), entries.last().map(|entry| entry.0));
            if let Ok(at) = entries.binary_search_by_key(&hash, |entry| entry.0) {
                return self.postings_of(window.0 + at as u64, count);
            }
            match (first, last) {
                (Some(first), _) if hash < first && window.0 > low => high = window.0,
                (_, Some(last)) if hash > last && window.1 < high => low = window.1,
                _ => return Ok(Vec::new()),
            }
            let middle = low.midpoint(high);
            window =
                (middle.saturating_sub(TERMS_WINDOW / 2).max(low), middle.saturating_add(TERMS_WINDOW / 2).min(high));
        }
    }

    fn postings_of(&self, at: u64, count: u64) -> Result<Vec<u16>, ArchiveError> {
        let postings = &self.footer.sections.postings;
        let entries = self.terms_between(at, at.saturating_add(2).min(count))?;
        let offset = |at: usize| entries.get(at).map(|entry| u64::from(entry.1));
        let (start, end) = (offset(0).unwrap_or_default(), offset(1).unwrap_or(postings.length));
        let length = end.checked_sub(start).filter(|length| *length <= POSTINGS_BYTES_MAX);
        let mut bytes = vec![0; length.ok_or_else(|| self.damaged("terms"))? as usize];
        self.read_at(postings, start, &mut bytes)?;
        parse_runs(&bytes, self.footer.blocks).ok_or_else(|| self.damaged("postings"))
    }

    fn terms_between(&self, from: u64, to: u64) -> Result<Vec<(TermHash, u32)>, ArchiveError> {
        let count = to.saturating_sub(from).min(TERMS_WINDOW);
        let mut bytes = vec![0; count as usize * ENTRY_BYTES];
        self.read_at(&self.footer.sections.terms, from * ENTRY_BYTES as u64, &mut bytes)?;
        Ok(bytes.as_chunks().0.iter().map(parse_entry).collect())
    }

    fn rare_blocks(&self, hash: TermHash) -> Result<Vec<u16>, ArchiveError> {
        let (section, entries) = (&self.footer.sections.rare, self.footer.rare_entries);
        let mut starts = [0; 8];
        self.read_at(section, rare::starts_at(hash, entries), &mut starts)?;
        let [a, b, c, d, e, f, g, h] = starts;
        let (start, end) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
        let count = u64::from(end.checked_sub(start).ok_or_else(|| self.damaged("rare"))?);
        if count > entries || count > u64::from(u16::MAX) {
            return Err(self.damaged("rare"));
        }
        let mut bucket = vec![0; (count * rare::ENTRY_BYTES) as usize];
        self.read_at(section, rare::entries_at(entries) + u64::from(start) * rare::ENTRY_BYTES, &mut bucket)?;
        Ok(rare::blocks_in(&bucket, hash, entries).collect())
    }

    /// The use map of its records.
    ///
    /// # Errors
    /// [`ArchiveError`]
    pub fn uses(&self) -> Result<Vec<Use>, ArchiveError> {
        use_rows::parse(&self.section(&self.footer.sections.uses)?).ok_or_else(|| self.damaged("uses"))
    }

    /// The journal's chain over its records.
    pub(crate) fn chain(&self) -> Result<Vec<Block>, ArchiveError> {
        let section = self.section(&self.footer.sections.chain)?;
        let (mut rest, mut blocks) = (&section[..], Vec::new());
        while !rest.is_empty() {
            let (block, after) = Block::decode(rest).ok_or_else(|| self.damaged("chain"))?;
            blocks.push(block);
            rest = after;
        }
        Ok(blocks)
    }

    /// A whole section.
    pub(crate) fn section(&self, section: &Section) -> Result<Vec<u8>, ArchiveError> {
        let length = usize::try_from(section.length).ok().filter(|_| section.length <= SECTION_BYTES_MAX);
        let mut bytes = vec![0; length.ok_or_else(|| self.damaged("footer"))?];
        self.read_at(section, 0, &mut bytes)?;
        Ok(bytes)
    }

    fn read_at(&self, section: &Section, at: u64, bytes: &mut [u8]) -> Result<(), ArchiveError> {
        let end = at.checked_add(bytes.len() as u64).filter(|end| *end <= section.length);
        end.ok_or_else(|| self.damaged("index"))?;
        self.file.read_exact_at(bytes, section.at.saturating_add(at))?;
        Ok(())
    }

    pub(super) fn damaged(&self, what: &'static str) -> ArchiveError {
        ArchiveError::Damaged { path: self.path.clone(), what }
    }
}

/// The end of an archive.
struct End {
    footer: Footer,
    json: Vec<u8>,
    signature: Vec<u8>,
}

/// Footer, its text, and its signature; `None` when the end of the file is not theirs.
fn read_end(file: &File, length: u64) -> std::io::Result<Option<End>> {
    let end = read_last(file, length, END_BYTES)?;
    let Some((footer_length, signature_length)) = lengths(&end) else { return Ok(None) };
    let needed = footer_length + signature_length + EDGE_BYTES as u64;
    if footer_length > FOOTER_BYTES_MAX || signature_length > FOOTER_BYTES_MAX || needed > length {
        return Ok(None);
    }
    let end = if needed > END_BYTES { read_last(file, length, needed)? } else { end };
    let parts = || {
        let (rest, _) = end.split_at_checked(end.len().checked_sub(EDGE_BYTES)?)?;
        let (rest, signature) = rest.split_at_checked(rest.len().checked_sub(signature_length as usize)?)?;
        let (_, json) = rest.split_at_checked(rest.len().checked_sub(footer_length as usize)?)?;
        Some(End { footer: Footer::parse(json, length)?, json: json.to_vec(), signature: signature.to_vec() })
    };
    Ok(parts())
}

fn read_last(file: &File, length: u64, wanted: u64) -> std::io::Result<Vec<u8>> {
    let wanted = wanted.min(length);
    let mut bytes = vec![0; wanted as usize];
    file.read_exact_at(&mut bytes, length - wanted)?;
    Ok(bytes)
}

/// Lengths of footer and signature, from a file's last bytes.
fn lengths(end: &[u8]) -> Option<(u64, u64)> {
    let [a, b, c, d, e, f, g, h, magic @ ..] = end.last_chunk::<EDGE_BYTES>()?;
    let lengths = (u32::from_be_bytes([*a, *b, *c, *d]), u32::from_be_bytes([*e, *f, *g, *h]));
    (*magic == MAGIC).then_some((lengths.0.into(), lengths.1.into()))
}
