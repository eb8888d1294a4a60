//! Making an archive: block of the chain after block of the chain, then the index, then the footer and its signature.
//!
//! The file has a name of its own until it is whole and synced: whatever stops the making leaves a file that the next
//! making begins anew, and never half an archive. What goes in is checked against the chain on the way: nothing that the
//! disk changed is archived as if nothing had happened.

use std::collections::BTreeSet;
use std::fs::{File, create_dir_all, rename};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;

use super::block::{BlockBuilder, Compressor};
use super::format::{ACCOUNTS_MAX, BLOCKS_MAX, EDGE_BYTES, Footer, MAGIC, Place, Section, Sections, VERSION};
use super::index::Index;
use super::name::ArchiveName;
use super::{ArchiveError, use_rows};
use crate::journal::blocks::{Block, BlockKind, ChainPoint, leaf};
use crate::journal::{JournalId, hex};
use crate::record::Record;
use crate::recorder::{Entry, Sequence};
use crate::sha256;
use crate::signing::Signer;
use crate::uses::UseMap;

/// The file that is being made.
pub(super) const MAKING: &str = "making";
/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 1 << 20;

/// An archive in the making.
pub struct ArchiveWriter {
    directory: PathBuf,
    file: BufWriter<File>,
    at: u64,
    journal: JournalId,
    before: ChainPoint,
    after: ChainPoint,
    chain: Vec<u8>,
    builder: BlockBuilder,
    compressor: Compressor,
    /// The next block's first record, and the times of its records.
    block_first: Sequence,
    block_times: Option<(Timestamp, Timestamp)>,
    places: Vec<Place>,
    index: Index,
    uses: UseMap,
    accounts: BTreeSet<AccountId>,
    raw_bytes: u64,
}

impl ArchiveWriter {
    /// Begins an archive under `directory`, of what comes after `before`. There is at most one in the making.
    ///
    /// # Errors
    /// [`ArchiveError::Io`]
    pub fn begin(directory: &Path, journal: JournalId, before: ChainPoint) -> Result<Self, ArchiveError> {
        create_dir_all(directory)?;
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, File::create(directory.join(MAKING))?);
        file.write_all(&MAGIC)?;
        file.write_all(&VERSION.to_be_bytes())?;
        file.write_all(&[0; 4])?;
        Ok(Self {
            directory: directory.to_owned(),
            file,
            at: EDGE_BYTES as u64,
            journal,
            before,
            after: before,
            chain: Vec::new(),
            builder: BlockBuilder::default(),
            compressor: Compressor::new()?,
            block_first: Sequence(0),
            block_times: None,
            places: Vec::new(),
            index: Index::default(),
            uses: UseMap::new(),
            accounts: BTreeSet::new(),
            raw_bytes: 0,
        })
    }

    /// Adds the next block of the chain, and its records.
    ///
    /// # Errors
    /// [`ArchiveError::NotTheRecords`] when the block does not follow, or the records are not the block's. [`ArchiveError::Io`]
    pub fn add(&mut self, block: &Block, records: &[Entry]) -> Result<(), ArchiveError> {
        let after = self.after.after(block).ok_or(ArchiveError::NotTheRecords(block.first))?;
        if matches!(block.kind, BlockKind::Records { .. }) {
            let leaves: Vec<[u8; 32]> = records.iter().map(|entry| leaf(entry.sequence, &entry.bytes)).collect();
            let are_in_order = records.iter().zip(block.first.0..).all(|(entry, at)| entry.sequence.0 == at);
            if !are_in_order || !block.is_of(&leaves) {
                return Err(ArchiveError::NotTheRecords(block.first));
            }
            for entry in records {
                self.add_record(entry)?;
            }
        }
        block.encode(&mut self.chain);
        self.after = after;
        Ok(())
    }

    /// Adds the next block of the chain, and those of its records that an accepted loss has left. The block's hash needs all of
    /// them; each that is left has the beginning of its own there.
    ///
    /// # Errors
    /// As of [`ArchiveWriter::add`].
    pub(super) fn add_rest(&mut self, block: &Block, records: &[Entry]) -> Result<(), ArchiveError> {
        let not_these = || ArchiveError::NotTheRecords(block.first);
        let after = self.after.after(block).ok_or_else(not_these)?;
        let BlockKind::Records { leaves, .. } = &block.kind else { return Err(not_these()) };
        for entry in records {
            let at = entry.sequence.0.checked_sub(block.first.0).and_then(|at| usize::try_from(at).ok());
            let expected = at.and_then(|at| leaves.get(at)).ok_or_else(not_these)?;
            if !leaf(entry.sequence, &entry.bytes).starts_with(expected) {
                return Err(not_these());
            }
            self.add_record(entry)?;
        }
        block.encode(&mut self.chain);
        self.after = after;
        Ok(())
    }

    fn add_record(&mut self, entry: &Entry) -> Result<(), ArchiveError> {
        // After an accepted loss, places go on behind a gap; a block has none.
        let follows = self.block_first.0.checked_add(u64::from(self.builder.count())) == Some(entry.sequence.0);
        if self.builder.is_full() || !follows {
            self.end_block()?;
        }
        if self.builder.count() == 0 {
            self.block_first = entry.sequence;
        }
        // Of another version, or damaged before it was written: kept as it is, and found by nothing but its place.
        if let Ok(record) = Record::decode(&entry.bytes) {
            self.look_at(&record);
        }
        self.raw_bytes += entry.bytes.len() as u64;
        self.builder.add(&entry.bytes);
        Ok(())
    }

    fn look_at(&mut self, record: &Record<'_>) {
        let (oldest, newest) = self.block_times.unwrap_or((record.time, record.time));
        self.block_times = Some((oldest.min(record.time), newest.max(record.time)));
        self.index.add(record, u16::try_from(self.places.len()).unwrap_or(u16::MAX));
        self.uses.add(record);
        if self.accounts.len() <= ACCOUNTS_MAX {
            self.accounts.extend(record.recipients());
        }
    }

    fn end_block(&mut self) -> Result<(), ArchiveError> {
        let count = self.builder.count();
        if count == 0 {
            return Ok(());
        }
        let bytes = self.builder.finish(&mut self.compressor)?;
        // A block in which nothing can be read is given the time of the one before.
        let before = self.places.last().map(|place| (place.newest, place.newest));
        let (oldest, newest) = self.block_times.take().or(before).unwrap_or_default();
        self.places.push(Place {
            at: self.at,
            length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            count,
            first: self.block_first,
            oldest,
            newest,
            sha256: sha256::hash(&[&bytes]),
        });
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.file.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Where the chain is after what was added.
    pub const fn after(&self) -> ChainPoint {
        self.after
    }

    /// Bytes of records so far, not compressed.
    pub const fn raw_bytes(&self) -> u64 {
        self.raw_bytes
    }

    /// Whether a further block of the chain may not find room, or only in more memory than a server should need for it.
    pub fn is_full(&self) -> bool {
        // A block of the chain has no more records than would fill half of these.
        self.places.len() >= BLOCKS_MAX as usize - (1 << 13) || self.index.is_full()
    }

    /// Ends the archive: when this returns, it is there, whole and synced.
    ///
    /// # Errors
    /// [`ArchiveError::Empty`] when there are no records. [`ArchiveError::Signing`], [`ArchiveError::Io`]: the archive is not there.
    pub fn finish(mut self, signer: &dyn Signer, now: Timestamp) -> Result<ArchiveName, ArchiveError> {
        self.end_block()?;
        let (Some(first), Some(last)) = (self.places.first().copied(), self.places.last().copied()) else {
            return Err(ArchiveError::Empty);
        };
        let key = signer.public_key().fingerprint.into_string();
        let footer = self.footer(first.first, last.last(), key, now)?;
        let json = serde_json::to_vec(&footer).unwrap_or_default();
        let signature = signer.sign(&Footer::message(&json))?;
        self.write(&json)?;
        self.write(&signature)?;
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.write(&length(&json))?;
        self.write(&length(&signature))?;
        self.write(&MAGIC)?;
        let name = ArchiveName { first: first.first, last: last.last(), day: footer.oldest() };
        self.put_in_place(&name)?;
        Ok(name)
    }

    fn footer(&mut self, first: Sequence, last: Sequence, key: String, now: Timestamp) -> Result<Footer, ArchiveError> {
        let (sections, rare_entries) = self.sections()?;
        let times = |pick: fn(&Place) -> Timestamp| self.places.iter().map(pick);
        let accounts = self.accounts.iter().filter(|_| self.accounts.len() <= ACCOUNTS_MAX);
        Ok(Footer {
            version: VERSION,
            journal: hex::encode(&self.journal.0),
            first: first.0,
            last: last.0,
            oldest: times(|place| place.oldest).min().unwrap_or_default().unix_ms(),
            newest: times(|place| place.newest).max().unwrap_or_default().unix_ms(),
            before: self.before.into(),
            after: self.after.into(),
            made: now.unix_ms(),
            key,
            raw_bytes: self.raw_bytes,
            blocks: u32::try_from(self.places.len()).unwrap_or(u32::MAX),
            rare_entries,
            accounts: accounts.map(ToString::to_string).collect(),
            sections,
        })
    }

    /// Writes the sections one after the other; what one is made of is gone before the next is. With the number of rare entries.
    fn sections(&mut self) -> Result<(Sections, u64), ArchiveError> {
        let mut directory = Vec::new();
        self.places.iter().for_each(|place| place.encode(&mut directory));
        let directory = self.section(&directory)?;
        let index = self.index.finish();
        let terms = self.section(&index.terms)?;
        let postings = self.section(&index.postings)?;
        let rare = self.section(&index.rare)?;
        let rare_entries = index.rare_entries;
        drop(index);
        let uses = use_rows::encode(&std::mem::take(&mut self.uses))?;
        let uses = self.section(&uses)?;
        let chain = std::mem::take(&mut self.chain);
        let chain = self.section(&chain)?;
        Ok((Sections { directory, terms, postings, rare, uses, chain }, rare_entries))
    }

    fn section(&mut self, bytes: &[u8]) -> Result<Section, ArchiveError> {
        let at = self.at;
        self.write(bytes)?;
        Ok(Section { at, length: bytes.len() as u64, sha256: hex::encode(&sha256::hash(&[bytes])) })
    }

    /// Gives the file its name, once the disk has it.
    fn put_in_place(self, name: &ArchiveName) -> Result<(), ArchiveError> {
        let file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let path = self.directory.join(name.path());
        let day = path.parent().unwrap_or(&self.directory);
        create_dir_all(day)?;
        rename(self.directory.join(MAKING), &path)?;
        sync_directories(&self.directory, &path)
    }
}

/// Makes the name of an archive durable: each directory down to the file, since the day's may be new.
pub(super) fn sync_directories(directory: &Path, path: &Path) -> Result<(), ArchiveError> {
    for above in path.ancestors().skip(1) {
        File::open(above)?.sync_all()?;
        if above == directory {
            break;
        }
    }
    Ok(())
}

impl std::fmt::Debug for ArchiveWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ArchiveWriter({} to {})", self.before.sequence.next(), self.after.sequence)
    }
}
