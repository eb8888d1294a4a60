//! The journal's segments and their block files.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::finding::{Extent, Note, What};
use super::is_expected;
use super::records::Found;
use super::walk::Walk;
use crate::journal::JournalId;
use crate::journal::blocks::{Block, BlockFile, BlockKind, HEADER_LEN, leaf};
use crate::journal::callers::Callers;
use crate::journal::files::Files;
use crate::journal::frame;
use crate::journal::segment::{Frames, SegmentHeader, is_blank};
use crate::offline::{indices, list};

/// How many segments there are, and their bytes.
pub(super) fn count(directory: &Path) -> io::Result<(u64, u64)> {
    let files = Files::new(directory);
    let indices = indices(&directory.join(Files::SEGMENTS), "records")?;
    let mut bytes = 0;
    for index in &indices {
        bytes += fs::metadata(files.segment(*index)).map_or(0, |metadata| metadata.len());
    }
    Ok((indices.len() as u64, bytes))
}

/// Whose segments these are, by the first that says so.
pub(super) fn journal_of(directory: &Path) -> io::Result<Option<JournalId>> {
    let files = Files::new(directory);
    for index in indices(&directory.join(Files::SEGMENTS), "records")? {
        if let Some(header) = read(&files.segment(index))?.and_then(|bytes| SegmentHeader::decode(&bytes).ok()) {
            return Ok(Some(header.journal));
        }
    }
    Ok(None)
}

pub(super) fn verify(directory: &Path, walk: &mut Walk<'_>) -> io::Result<()> {
    let (files, segments) = (Files::new(directory), directory.join(Files::SEGMENTS));
    for path in list(&segments)? {
        match path.extension() {
            Some(extension) if extension == "lost" => {
                let path = path.strip_prefix(directory).unwrap_or(&path).to_owned();
                walk.note(Note::PutAside(path));
            }
            _ if is_expected(&path) => {}
            _ => walk.find(What::FileUnexpected, None, Some(&path)),
        }
    }
    let mut all: BTreeSet<u64> = indices(&segments, "records")?.into_iter().collect();
    all.extend(indices(&segments, "blocks")?);
    let mut latest = None;
    for index in all {
        look_at(index, latest == index.checked_sub(1), &files, walk)?;
        latest = Some(index);
    }
    Ok(())
}

fn look_at(index: u64, is_next: bool, files: &Files, walk: &mut Walk<'_>) -> io::Result<()> {
    let (path, proof_path) = (files.segment(index), files.blocks(index));
    // The proof first: what a server that runs adds in between is then records without a block, and not a block without records.
    let proof = proof(index, &proof_path, walk)?;
    let mut found = records(index, &path, walk)?;
    let Some(proof) = proof else {
        if let Some(extent) = found.extent() {
            walk.unproven(extent, &path);
        }
        return Ok(());
    };
    if walk.is_archived(proof.last_block()) && !path.exists() {
        // An end between the removal of a segment and that of its blocks.
        return Ok(());
    }
    // A statement of a loss at the beginning says that something before it may be missing.
    let says_loss = proof.blocks.first().is_some_and(|block| matches!(block.kind, BlockKind::LossAccepted { .. }));
    walk.enter(proof.header.before, is_next && !says_loss, &proof_path);
    for block in &proof.blocks {
        found.compare(block, &path, walk);
        walk.follow(block, false, &proof_path);
    }
    for rest in found.rest() {
        walk.unproven(rest, &path);
    }
    Ok(())
}

/// The block file of a segment; `None` when there is none, or it is not one of this segment's.
fn proof(index: u64, path: &Path, walk: &mut Walk<'_>) -> io::Result<Option<BlockFile>> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let Ok(file) = BlockFile::parse(&bytes) else {
        walk.find(What::ProofMissing, None, Some(path));
        return Ok(None);
    };
    if file.header.journal != walk.journal() || file.header.index != index {
        walk.find(What::ForeignJournal, None, Some(path));
        return Ok(None);
    }
    let whole: usize = file.blocks.iter().map(Block::encoded_len).sum();
    if whole + HEADER_LEN != bytes.len() {
        walk.torn(path);
    }
    Ok(Some(file))
}

/// The hashes of a segment's records, as far as it can be read.
fn records(index: u64, path: &Path, walk: &mut Walk<'_>) -> io::Result<Found> {
    let mut found = Found::default();
    let Some(bytes) = read(path)? else { return Ok(found) };
    walk.count_read(bytes.len() as u64);
    match SegmentHeader::decode(&bytes) {
        Ok(header) if header.journal == walk.journal() && header.index == index => {}
        Ok(_) => {
            walk.find(What::ForeignJournal, None, Some(path));
            return Ok(found);
        }
        Err(_) => {
            walk.find(What::RecordsUnreadable, None, Some(path));
            found.is_cut = true;
            return Ok(found);
        }
    }
    let (mut frames, mut callers) = (Frames::of(&bytes), Callers::of(&bytes));
    loop {
        match frames.next_frame() {
            frame::Found::Frame(frame, _) => {
                if !frame.is_whole() {
                    walk.find(What::RecordChanged, Some(Extent::one(frame.sequence)), Some(path));
                }
                if !callers.has_caller(frame.bytes) {
                    walk.find(What::RecordsUnreadable, Some(Extent::one(frame.sequence)), Some(path));
                }
                found.add(frame.sequence, leaf(frame.sequence, frame.bytes), path, walk);
            }
            frame::Found::Damaged => {
                walk.find(What::RecordsUnreadable, None, Some(path));
                found.is_cut = true;
                return Ok(found);
            }
            frame::Found::End => break,
        }
    }
    // The rest of a segment that is being written is empty.
    if !is_blank(bytes.get(frames.offset()..).unwrap_or_default()) {
        walk.find(What::RecordsUnreadable, None, Some(path));
        found.is_cut = true;
    }
    Ok(found)
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        bytes => bytes.map(Some),
    }
}
