//! Archives, one after the other.

use std::io;
use std::path::Path;

use super::finding::{Extent, What};
use super::records::Found;
use super::walk::Walk;
use crate::archive::{Archive, ArchiveError, ArchiveFile, ArchiveName, Place, Section, list_archives};
use crate::journal::blocks::leaf;
use crate::journal::hex;
use crate::record::reference;
use crate::sha256;

/// What may lie in an archive directory besides archives.
const OTHERS: [&str; 3] = ["floor", "floor.new", "making"];

pub(super) fn verify(directory: &Path, files: &[ArchiveFile], walk: &mut Walk<'_>) -> io::Result<()> {
    for path in list_archives(directory)?.others {
        let is_ours = OTHERS.iter().any(|name| path == directory.join(name));
        // Empty directories are left by the removal of old archives.
        let is_empty = path.is_dir() && path.read_dir()?.next().is_none();
        if !is_ours && !is_empty {
            walk.find(What::FileUnexpected, None, Some(&path));
        }
    }
    for file in files {
        let archive = match Archive::open(&file.path) {
            Ok(archive) => archive,
            Err(ArchiveError::Io(error)) => return Err(error),
            Err(_) => {
                unreadable(file, walk);
                continue;
            }
        };
        look_at(&archive, file, walk)?;
    }
    Ok(())
}

/// Goes on behind an archive that says nothing of itself but its name.
fn unreadable(file: &ArchiveFile, walk: &mut Walk<'_>) {
    walk.find(What::RecordsUnreadable, Extent::new(file.first, file.last), Some(&file.path));
    walk.count_read(0);
}

fn look_at(archive: &Archive, file: &ArchiveFile, walk: &mut Walk<'_>) -> io::Result<()> {
    let (footer, path) = (archive.footer(), archive.path());
    let all = Extent::new(footer.first(), footer.last());
    let is_signed = archive.is_signed_by(walk.keys());
    if !is_signed {
        walk.find(What::Forged("the archive"), all, Some(path));
    }
    if !archive.begins_right().map_err(into_io)? {
        walk.find(What::ArchivePart("beginning"), all, Some(path));
    }
    let (Some(before), Some(after)) = (footer.before.point(), footer.after.point()) else {
        walk.find(What::ArchivePart("footer"), all, Some(path));
        return Ok(());
    };
    if footer.journal() != Some(walk.journal()) {
        walk.find(What::ForeignJournal, all, Some(path));
        return Ok(());
    }
    let name = ArchiveName { first: footer.first(), last: footer.last(), day: footer.oldest() };
    if !path.ends_with(name.path()) || (file.first, file.last) != (footer.first(), footer.last()) {
        walk.find(What::ArchiveName, all, Some(path));
    }
    if walk.is_removed(after.blocks) {
        // The end came between the statement of its removal and the removal.
        walk.count_read(0);
        return Ok(());
    }
    if after.blocks <= walk.at().blocks {
        walk.find(What::RecordRepeated, all, Some(path));
        return Ok(());
    }
    walk.enter(before, false, path);
    compare(archive, all, is_signed, walk)?;
    walk.sign(after);
    Ok(())
}

/// Compares the records with the chain, and every part with its hash.
fn compare(archive: &Archive, all: Option<Extent>, is_signed: bool, walk: &mut Walk<'_>) -> io::Result<()> {
    let (sections, path) = (&archive.footer().sections, archive.path());
    let mut is_whole = |section: &Section, what| {
        let bytes = match archive.section(section) {
            Err(ArchiveError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            Err(_) => None,
            Ok(bytes) => Some(bytes),
        };
        walk.count_read(section.length);
        let bytes = bytes.filter(|bytes| hex::encode(&sha256::hash(&[bytes])) == section.sha256);
        if bytes.is_none() {
            walk.find(What::ArchivePart(what), all, Some(path));
        }
        Ok(bytes.is_some())
    };
    for (section, what) in [
        (&sections.terms, "terms"),
        (&sections.postings, "postings"),
        (&sections.rare, "rare"),
        (&sections.uses, "uses"),
    ] {
        is_whole(section, what)?;
    }
    let (has_directory, has_chain) = (is_whole(&sections.directory, "directory")?, is_whole(&sections.chain, "chain")?);
    let mut found = if has_directory { records(archive, walk)? } else { return Ok(()) };
    if !has_chain {
        return Ok(());
    }
    for block in archive.chain().map_err(into_io)? {
        found.compare(&block, path, walk);
        walk.follow(&block, is_signed, path);
    }
    for added in found.rest() {
        walk.find(What::Added, Some(added), Some(path));
    }
    if Some(walk.at()) != archive.footer().after.point() {
        walk.find(What::ChainBroken, all, Some(path));
    }
    Ok(())
}

/// The hashes of an archive's records.
fn records(archive: &Archive, walk: &mut Walk<'_>) -> io::Result<Found> {
    let mut found = Found::default();
    for block in 0..archive.footer().blocks {
        let place = archive.place(block).map_err(into_io)?;
        let bytes = archive.block_bytes(&place).map_err(into_io)?;
        walk.count_read(bytes.len() as u64);
        let is_whole = sha256::hash(&[&bytes]) == place.sha256;
        match archive.parse(&bytes, &place) {
            Some(records) => {
                for (sequence, record) in records.iter() {
                    if reference(record).is_some() {
                        // Its caller's texts were to come with it.
                        walk.find(What::RecordsUnreadable, Some(Extent::one(sequence)), Some(archive.path()));
                    }
                    found.add(sequence, leaf(sequence, record), archive.path(), walk);
                }
                if !is_whole {
                    walk.find(What::ArchivePart("block"), extent(&place), archive.path().into());
                }
            }
            None => {
                if let Some(extent) = extent(&place) {
                    found.add_unreadable(extent);
                }
                walk.find(What::RecordsUnreadable, extent(&place), Some(archive.path()));
            }
        }
    }
    Ok(found)
}

fn extent(place: &Place) -> Option<Extent> {
    Extent::new(place.first, place.last())
}

fn into_io(error: ArchiveError) -> io::Error {
    match error {
        ArchiveError::Io(error) => error,
        other => io::Error::other(other),
    }
}
