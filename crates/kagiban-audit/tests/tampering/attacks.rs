//! What an attacker with the disk and without the signing key may try.

use std::path::{Path, PathBuf};

use kagiban_audit::journal::head::SignedHead;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use crate::deployment::{Deployment, Files, signer};
use crate::layout::{FRAME_HEADER, Frame, SEGMENT_HEADER, blocks, frame, frames, loss, rewritten};

/// What a finding must name.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// The record, or the place where it was.
    Record(u64),
    /// The file, or records that were in it.
    File(PathBuf, Option<(u64, u64)>),
    /// Records from here on: they are gone.
    From(u64),
}

/// One way to tamper: changes the files, and says what ought to be named. `None` when there was nothing to change.
pub(crate) type Attack = fn(&mut Files, &Deployment, &mut StdRng) -> Option<Named>;

pub(crate) const ATTACKS: [(&str, Attack); 35] = [
    ("record: bit flipped", record_bit),
    ("record: edited, checksum made right", record_edited),
    ("record: edited, its block file made anew", record_edited_and_proof),
    ("record: edited, all block files from there on made anew", record_edited_and_all_proofs),
    ("record: removed", record_removed),
    ("record: removed, its block file made anew", record_removed_and_proof),
    ("record: doubled", record_doubled),
    ("record: swapped with another", records_swapped),
    ("record: contents swapped with another's", contents_swapped),
    ("record: given another place", record_renumbered),
    ("record: forged one in between", record_inserted),
    ("record: forged one at the end", record_appended),
    ("record: forged one at the end, with a block", record_appended_and_proof),
    ("segment: cut off", segment_truncated),
    ("segment: bit flipped anywhere", segment_bit),
    ("segment: rest zeroed", segment_zeroed),
    ("segment: removed", segment_removed),
    ("segment: removed with its block file", segment_and_proof_removed),
    ("segment: exchanged with another", segments_exchanged),
    ("segment: older state", segment_rolled_back),
    ("blocks: bit flipped", proof_bit),
    ("blocks: cut off", proof_truncated),
    ("blocks: one removed", block_removed),
    ("blocks: removed", proof_removed),
    ("blocks: older state", proof_rolled_back),
    ("blocks: record removed, its loss stated as accepted", loss_forged),
    ("archive: bit flipped", archive_bit),
    ("archive: cut off", archive_truncated),
    ("archive: something added", archive_extended),
    ("archive: removed", archive_removed),
    ("archive: doubled under another name", archive_doubled),
    ("archive: exchanged with another", archives_exchanged),
    ("head: bit flipped", head_bit),
    ("head: removed", head_removed),
    ("head: older state", head_rolled_back),
];

/// Attacks that need another key or another deployment's files.
pub(crate) const FORGERIES: [(&str, Attack); 3] = [
    ("head: signed by another key", head_forged),
    ("archive: signature exchanged", archive_signature),
    ("file: a stranger", stranger),
];

fn any(files: &Files, end: &str, rng: &mut StdRng) -> Option<PathBuf> {
    Deployment::named(files, end).choose(rng).cloned()
}

fn proof_of(segment: &Path) -> PathBuf {
    segment.with_extension("blocks")
}

/// Any record that is in a segment.
fn any_record(files: &Files, rng: &mut StdRng) -> Option<(PathBuf, Vec<Frame>, usize)> {
    let path = any(files, ".records", rng)?;
    let frames = frames(&files[&path]);
    let at = rng.random_range(0..frames.len().max(1));
    (!frames.is_empty()).then_some((path, frames, at))
}

fn flip(bytes: &mut [u8], from: usize, rng: &mut StdRng) -> Option<()> {
    let at = rng.random_range(from..bytes.len());
    bytes[at] ^= 1 << rng.random_range(0..8);
    Some(())
}

fn replace(bytes: &mut Vec<u8>, frame: &Frame, with: &[u8]) {
    bytes.splice(frame.range.clone(), with.iter().copied());
}

fn record_bit(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    let range = frames[at].range.clone();
    flip(&mut files.get_mut(&path)?[range], FRAME_HEADER, rng)?;
    Some(Named::Record(frames[at].sequence))
}

/// A record with one byte changed.
fn edited(files: &Files, path: &Path, chosen: &Frame, rng: &mut StdRng) -> Vec<u8> {
    let mut record = files[path][chosen.range.start + FRAME_HEADER..chosen.range.end].to_vec();
    let at = rng.random_range(0..record.len());
    record[at] = record[at].wrapping_add(rng.random_range(1..=255));
    frame(chosen.sequence, &record)
}

fn record_edited(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    let edited = edited(files, &path, &frames[at], rng);
    replace(files.get_mut(&path)?, &frames[at], &edited);
    Some(Named::Record(frames[at].sequence))
}

fn record_edited_and_proof(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    let edited = edited(files, &path, &frames[at], rng);
    replace(files.get_mut(&path)?, &frames[at], &edited);
    make_proof(files, &path)?;
    Some(Named::Record(frames[at].sequence))
}

fn record_edited_and_all_proofs(files: &mut Files, deployment: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let named = record_edited(files, deployment, rng)?;
    let mut chain: Option<Vec<u8>> = None;
    for path in Deployment::named(files, ".records") {
        let mut proof = files.get(&proof_of(&path))?.clone();
        if let Some(chain) = &chain {
            proof[56..88].copy_from_slice(chain);
            let checksum = crc32fast::hash(&proof[..92]).to_le_bytes();
            proof[92..96].copy_from_slice(&checksum);
        }
        let proof = rewritten(&proof, &files[&path]);
        let last = blocks(&proof).pop()?.range.start;
        chain = Some(proof[last + 64..last + 96].to_vec());
        files.insert(proof_of(&path), proof);
    }
    Some(named)
}

/// Makes a segment's block file anew. Those after it are left: their beginnings are wrong then.
fn make_proof(files: &mut Files, path: &Path) -> Option<()> {
    let proof = rewritten(files.get(&proof_of(path))?, &files[path]);
    files.insert(proof_of(path), proof);
    Some(())
}

fn record_removed(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    replace(files.get_mut(&path)?, &frames[at], &[]);
    Some(Named::Record(frames[at].sequence))
}

fn record_removed_and_proof(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    // The later ones move up, so that there is no gap.
    let records: Vec<Vec<u8>> = frames.iter().map(|f| files[&path][f.range.clone()][FRAME_HEADER..].to_vec()).collect();
    let segment = files.get_mut(&path)?;
    segment.truncate(SEGMENT_HEADER);
    for (record, place) in records.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, r)| r).zip(&frames) {
        segment.extend(frame(place.sequence, record));
    }
    make_proof(files, &path)?;
    Some(Named::Record(frames[at].sequence))
}

fn record_doubled(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    let bytes = files.get_mut(&path)?;
    let copy = bytes[frames[at].range.clone()].to_vec();
    let after = frames[rng.random_range(at..frames.len())].range.end;
    bytes.splice(after..after, copy);
    Some(Named::Record(frames[at].sequence))
}

/// Two frames, the earlier one first.
fn two(frames: &[Frame], rng: &mut StdRng) -> Option<(Frame, Frame)> {
    let one = rng.random_range(0..frames.len().checked_sub(1)?);
    let other = rng.random_range(one + 1..frames.len());
    Some((frames[one].clone(), frames[other].clone()))
}

fn records_swapped(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, _) = any_record(files, rng)?;
    let (one, other) = two(&frames, rng)?;
    let bytes = files.get_mut(&path)?;
    let copies = [&one, &other].map(|frame| bytes[frame.range.clone()].to_vec());
    replace(bytes, &other, &copies[0]);
    replace(bytes, &one, &copies[1]);
    Some(Named::Record(other.sequence))
}

fn contents_swapped(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, _) = any_record(files, rng)?;
    let (one, other) = two(&frames, rng)?;
    let bytes = files.get_mut(&path)?;
    let content = |f: &Frame| bytes[f.range.clone()][FRAME_HEADER..].to_vec();
    let (first, second) = (frame(one.sequence, &content(&other)), frame(other.sequence, &content(&one)));
    replace(bytes, &other, &second);
    replace(bytes, &one, &first);
    Some(Named::Record(one.sequence))
}

fn record_renumbered(files: &mut Files, deployment: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    let bytes = files.get_mut(&path)?;
    let place = frames[at].range.start + 8;
    let other = (frames[at].sequence + rng.random_range(1..deployment.records)) % deployment.records + 1;
    let other = if other == frames[at].sequence { other + 1 } else { other };
    bytes[place..place + 8].copy_from_slice(&other.to_le_bytes());
    Some(Named::Record(frames[at].sequence))
}

fn forged(files: &Files, path: &Path, chosen: &Frame, sequence: u64, rng: &mut StdRng) -> Vec<u8> {
    let edited = edited(files, path, chosen, rng);
    frame(sequence, &edited[FRAME_HEADER..])
}

fn record_inserted(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    let forged = forged(files, &path, &frames[at], frames[at].sequence, rng);
    let before = frames[at].range.start;
    files.get_mut(&path)?.splice(before..before, forged);
    Some(Named::Record(frames[at].sequence))
}

fn last_segment(files: &Files) -> Option<(PathBuf, Vec<Frame>)> {
    let path = Deployment::named(files, ".records").pop()?;
    let frames = frames(&files[&path]);
    Some((path, frames))
}

fn record_appended(files: &mut Files, deployment: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames) = last_segment(files)?;
    let forged = forged(files, &path, frames.choose(rng)?, deployment.records + 1, rng);
    files.get_mut(&path)?.extend(forged);
    Some(Named::Record(deployment.records + 1))
}

fn record_appended_and_proof(files: &mut Files, deployment: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let named = record_appended(files, deployment, rng);
    let (path, _) = last_segment(files)?;
    // A block for one more record, made right.
    let mut proof = files[&proof_of(&path)].clone();
    let last = proof[blocks(&proof).pop()?.range].to_vec();
    let mut block = last[..96 + 8].to_vec();
    block[8..16].copy_from_slice(&(deployment.records + 1).to_le_bytes());
    block[16..24].copy_from_slice(&1u64.to_le_bytes());
    proof.extend(block);
    files.insert(proof_of(&path), rewritten(&proof, &files[&path]));
    named
}

fn segment_truncated(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    let range = frames[at].range.clone();
    files.get_mut(&path)?.truncate(rng.random_range(range));
    Some(Named::Record(frames[at].sequence))
}

fn whole(path: PathBuf, frames: &[Frame]) -> Named {
    let extent = frames.first().zip(frames.last()).map(|(first, last)| (first.sequence, last.sequence));
    Named::File(path, extent)
}

fn segment_bit(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, _) = any_record(files, rng)?;
    flip(files.get_mut(&path)?, 0, rng)?;
    Some(whole(path, &frames))
}

fn segment_zeroed(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    files.get_mut(&path)?[frames[at].range.start..].fill(0);
    Some(Named::Record(frames[at].sequence))
}

fn segment_removed(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, at) = any_record(files, rng)?;
    files.remove(&path);
    // What an archive has too is not lost, nor missed when all of the segment is.
    let all_archived = frames.last()?.sequence <= archived(files);
    (!all_archived).then_some(Named::Record(frames[at].sequence))
}

/// The last record that is in an archive.
fn archived(files: &Files) -> u64 {
    Deployment::named(files, ".audit").pop().map_or(0, |path| last_of(&path))
}

fn segment_and_proof_removed(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, frames, _) = any_record(files, rng)?;
    files.remove(&proof_of(&path));
    files.remove(&path);
    // What an archive has too is not lost.
    let last = frames.last()?.sequence;
    (last > archived(files)).then_some(Named::Record(last))
}

/// The last record that an archive's name tells of.
fn last_of(path: &Path) -> u64 {
    path.file_stem().unwrap().to_str().unwrap().split_once('-').unwrap().1.parse().unwrap()
}

fn first_of(path: &Path) -> u64 {
    path.file_stem().unwrap().to_str().unwrap().split_once('-').unwrap().0.parse().unwrap()
}

fn exchange(files: &mut Files, end: &str, rng: &mut StdRng) -> Option<PathBuf> {
    let paths = Deployment::named(files, end);
    let mut two = paths.sample(rng, 2);
    let (one, other) = (two.next()?.clone(), two.next()?.clone());
    let (first, second) = (files.remove(&one)?, files.remove(&other)?);
    files.insert(one.clone(), second);
    files.insert(other, first);
    Some(one)
}

fn segments_exchanged(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    Some(Named::File(exchange(files, ".records", rng)?, None))
}

/// Puts an older state of one file in place of the newer one.
fn roll_back(files: &mut Files, deployment: &Deployment, end: &str, rng: &mut StdRng) -> Option<PathBuf> {
    let path = any(files, end, rng)?;
    let states = deployment.midway.iter().filter_map(|state| state.get(&path));
    let older: Vec<_> = states.filter(|state| **state != files[&path]).collect();
    let state = older.choose(rng)?.to_vec();
    files.insert(path.clone(), state);
    Some(path)
}

fn segment_rolled_back(files: &mut Files, deployment: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let path = roll_back(files, deployment, ".records", rng)?;
    Some(Named::File(path, None))
}

fn proof_bit(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let path = any(files, ".blocks", rng)?;
    let records = frames(files.get(&path.with_extension("records"))?);
    flip(files.get_mut(&path)?, 0, rng)?;
    Some(whole(path, &records))
}

fn proof_truncated(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let path = any(files, ".blocks", rng)?;
    let records = frames(files.get(&path.with_extension("records"))?);
    let bytes = files.get_mut(&path)?;
    bytes.truncate(rng.random_range(0..bytes.len()));
    Some(whole(path, &records))
}

fn block_removed(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let path = any(files, ".blocks", rng)?;
    let bytes = files.get_mut(&path)?;
    let block = blocks(bytes).choose(rng)?.clone();
    bytes.drain(block.range);
    Some(Named::File(path, Some((block.first, block.first + block.count - 1))))
}

fn proof_removed(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let path = any(files, ".blocks", rng)?;
    let records = frames(files.get(&path.with_extension("records"))?);
    files.remove(&path);
    Some(whole(path, &records))
}

fn proof_rolled_back(files: &mut Files, deployment: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let path = roll_back(files, deployment, ".blocks", rng)?;
    let records = frames(files.get(&path.with_extension("records"))?);
    Some(whole(path, &records))
}

/// Needs no key: the digest of a loss is a hash of what it says.
fn loss_forged(files: &mut Files, deployment: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let Named::Record(removed) = record_removed(files, deployment, rng)? else { return None };
    let path = Deployment::named(files, ".blocks").pop()?;
    let proof = files.get_mut(&path)?;
    let block = loss(&proof[proof.len() - last_block(proof)..], removed, 1);
    proof.extend(block);
    Some(Named::Record(removed))
}

fn last_block(proof: &[u8]) -> usize {
    blocks(proof).pop().map_or(0, |block| block.range.len())
}

fn any_archive(files: &Files, rng: &mut StdRng) -> Option<(PathBuf, Named)> {
    let path = any(files, ".audit", rng)?;
    let named = Named::File(path.clone(), Some((first_of(&path), last_of(&path))));
    Some((path, named))
}

fn archive_bit(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, named) = any_archive(files, rng)?;
    flip(files.get_mut(&path)?, 0, rng)?;
    Some(named)
}

fn archive_truncated(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, named) = any_archive(files, rng)?;
    let bytes = files.get_mut(&path)?;
    bytes.truncate(rng.random_range(0..bytes.len()));
    Some(named)
}

fn archive_extended(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, named) = any_archive(files, rng)?;
    let bytes = files.get_mut(&path)?;
    let at = *[0, bytes.len(), rng.random_range(0..bytes.len())].choose(rng)?;
    let added: Vec<u8> = (0..rng.random_range(1..100)).map(|_| rng.random()).collect();
    bytes.splice(at..at, added);
    Some(named)
}

fn archive_removed(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, _) = any_archive(files, rng)?;
    files.remove(&path);
    Some(Named::Record(rng.random_range(first_of(&path)..=last_of(&path))))
}

fn archive_doubled(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, named) = any_archive(files, rng)?;
    let bytes = files[&path].clone();
    let name = format!("{:020}-{:020}.audit", first_of(&path), last_of(&path) + rng.random_range(1..50));
    let copy = path.with_file_name(name);
    files.insert(copy, bytes);
    Some(named)
}

fn archives_exchanged(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    Some(Named::File(exchange(files, ".audit", rng)?, None))
}

const HEAD: &str = "head";

fn head_bit(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    flip(files.get_mut(&PathBuf::from(HEAD))?, 0, rng)?;
    Some(Named::File(HEAD.into(), None))
}

fn head_removed(files: &mut Files, _: &Deployment, _: &mut StdRng) -> Option<Named> {
    files.remove(&PathBuf::from(HEAD))?;
    Some(Named::File(HEAD.into(), None))
}

fn head_rolled_back(files: &mut Files, deployment: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let older = deployment.heads.split_last()?.1.choose(rng)?;
    files.insert(HEAD.into(), older.clone().into_bytes());
    let sequence: u64 = older.lines().find_map(|line| line.strip_prefix("sequence "))?.parse().ok()?;
    Some(Named::From(sequence + 1))
}

fn head_forged(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let text = str::from_utf8(files.get(&PathBuf::from(HEAD))?).ok()?;
    let head = SignedHead::parse(text).ok()?;
    let forged = head.head.sign(&*signer()).ok()?;
    // Told to be the known key's.
    let honest = head.signature?.fingerprint;
    let own = forged.signature.clone()?.fingerprint;
    let text = forged.to_text();
    let text = if rng.random() { text.replace(&*own, &honest) } else { text };
    files.insert(HEAD.into(), text.into_bytes());
    Some(Named::File(HEAD.into(), None))
}

fn archive_signature(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let (path, named) = any_archive(files, rng)?;
    let bytes = files.get_mut(&path)?;
    let end = bytes.len() - 16;
    rng.fill_bytes(&mut bytes[end - 256..end]);
    Some(named)
}

fn stranger(files: &mut Files, _: &Deployment, rng: &mut StdRng) -> Option<Named> {
    let path =
        *["journal/0000000099.record", "journal/1.records", "archive/x", "archive/2026/08/x.audit"].choose(rng)?;
    files.insert(path.into(), vec![0; 10]);
    Some(Named::File(path.into(), None))
}
