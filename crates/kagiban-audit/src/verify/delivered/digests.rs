//! Digests: whether each is there, signed, and follows the one before; and the log files that they name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use kagiban_base::time::Timestamp;
use serde::Deserialize;

use super::super::finding::{Note, What};
use super::super::walk::Walk;
use super::Delivery;
use super::listing::{Listing, METADATA, Named, content, from_root};
use crate::delivery::{Place, signed_text};
use crate::journal::hex;
use crate::sha256;
use crate::signing::{PublicKey, verify as verify_signature};

/// Bytes of what stands beside a digest at most.
const METADATA_MAX: usize = 64 << 10;

/// What digests say.
#[derive(Debug, Default)]
pub(super) struct Digested {
    /// The hash of each log file that a digest names, and whether that digest is signed.
    pub(super) logs: HashMap<String, (String, bool)>,
    /// The end of the newest digest's time of each place.
    ends: BTreeMap<Place, Timestamp>,
    /// The end of the newest digest's time of all.
    pub(super) until: Option<Timestamp>,
}

impl Digested {
    /// Whether a log file of this name ought to be in a digest.
    pub(super) fn is_over(&self, file: &Named) -> bool {
        self.ends.get(&file.place).is_some_and(|end| file.time < *end)
    }
}

/// A digest as it was read: the members that matter.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    digest_end_time: String,
    #[serde(rename = "digestS3Bucket")]
    bucket: String,
    #[serde(rename = "digestS3Object")]
    object: String,
    digest_public_key_fingerprint: String,
    #[serde(rename = "previousDigestS3Object")]
    previous_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_signature: Option<String>,
    log_files: Vec<LogFileEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogFileEntry {
    #[serde(rename = "s3Object")]
    object: String,
    hash_value: String,
}

/// What a bucket keeps beside a digest.
#[derive(Deserialize)]
struct Metadata {
    signature: String,
}

/// A digest, read.
struct Read {
    content: Content,
    hash: String,
    signature: String,
    is_signed: bool,
}

/// Looks at each digest, at how they follow each other, and at whether what they and the server's state name is there.
pub(super) fn verify(listing: &Listing, delivery: &Delivery, walk: &mut Walk<'_>) -> io::Result<Digested> {
    let mut read = BTreeMap::new();
    for (object, named) in &listing.digests {
        walk.count_read(named.path.metadata().map_or(0, |metadata| metadata.len()));
        if let Some(digest) = read_digest(object, named, walk)? {
            read.insert(object.as_str(), digest);
        }
    }
    verify_chains(listing, &read, delivery, walk);
    let mut digested = Digested::default();
    for (object, digest) in &read {
        let Some(named) = listing.digests.get(*object) else { continue };
        let end = digested.ends.entry(named.place).or_insert(named.time);
        *end = named.time.max(*end);
        digested.until = digested.until.max(Some(named.time));
        for file in &digest.content.log_files {
            let hash = (file.hash_value.clone(), digest.is_signed);
            digested.logs.insert(from_root(&file.object).to_owned(), hash);
        }
    }
    verify_state(listing, &read, delivery, &mut digested, walk);
    for object in digested.logs.keys().collect::<BTreeSet<_>>() {
        if !listing.logs.contains_key(object) {
            walk.find(What::LogFileMissing, None, Some(&delivery.directory.join(object)));
        }
    }
    Ok(digested)
}

fn read_digest(object: &str, named: &Named, walk: &mut Walk<'_>) -> io::Result<Option<Read>> {
    let path = &named.path;
    let bytes = content(path)?;
    let parsed =
        bytes.and_then(|bytes| Some((serde_json::from_slice::<Content>(&bytes).ok()?, sha256::hash(&[&bytes]))));
    let Some((content, hash)) = parsed else {
        walk.find(What::DigestUnreadable, None, Some(path));
        return Ok(None);
    };
    let (hash, signature) = (hex::encode(&hash), read_signature(path)?.unwrap_or_default());
    let is_signed = is_signed(&content, &hash, &signature, walk.keys());
    if !is_signed {
        walk.find(What::Forged("the digest"), None, Some(path));
    }
    if from_root(&content.object) != object {
        walk.find(What::DigestMoved, None, Some(path));
    }
    Ok(Some(Read { content, hash, signature, is_signed }))
}

fn read_signature(digest: &Path) -> io::Result<Option<String>> {
    let mut path = digest.as_os_str().to_owned();
    path.push(METADATA);
    match fs::read(Path::new(&path)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        bytes => {
            let bytes = bytes?;
            let bytes = bytes.get(..bytes.len().min(METADATA_MAX)).unwrap_or_default();
            Ok(serde_json::from_slice::<Metadata>(bytes).ok().map(|metadata| metadata.signature))
        }
    }
}

fn is_signed(content: &Content, hash: &str, signature: &str, keys: &[PublicKey]) -> bool {
    let Content { digest_end_time, bucket, object, digest_public_key_fingerprint, .. } = content;
    let text = signed_text(digest_end_time, bucket, object, hash, content.previous_digest_signature.as_deref());
    let key = keys.iter().find(|key| *key.fingerprint == **digest_public_key_fingerprint);
    let signature = hex::decode(signature);
    key.zip(signature).is_some_and(|(key, signature)| verify_signature(key, text.as_bytes(), &signature).is_ok())
}

/// Each digest but the first of its place follows another, and each but the last is followed by one.
fn verify_chains(listing: &Listing, read: &BTreeMap<&str, Read>, delivery: &Delivery, walk: &mut Walk<'_>) {
    // In the order of time; names of one place are, but for those of trails with different names.
    let mut places: BTreeMap<Place, Vec<(Timestamp, &str)>> = BTreeMap::new();
    for (object, named) in &listing.digests {
        places.entry(named.place).or_default().push((named.time, object));
    }
    for digests in places.values_mut() {
        digests.sort_unstable();
        let mut before: Option<&str> = None;
        for (_, object) in digests.iter() {
            if let Some(digest) = read.get(object) {
                follows(digest, object, before, listing, read, delivery, walk);
            }
            before = Some(object);
        }
    }
}

/// Whether a digest follows the one that is `before` it.
fn follows(
    digest: &Read,
    object: &str,
    before: Option<&str>,
    listing: &Listing,
    read: &BTreeMap<&str, Read>,
    delivery: &Delivery,
    walk: &mut Walk<'_>,
) {
    let path = delivery.directory.join(object);
    let content = &digest.content;
    let Some(previous) = content.previous_object.as_deref().map(from_root) else {
        if before.is_some() {
            walk.find(What::DigestChain, None, Some(&path));
        }
        return;
    };
    if !listing.digests.contains_key(previous) {
        let missing = delivery.directory.join(previous);
        let is_day_gone = missing.parent().is_none_or(|day| !day.exists());
        match before {
            // Whole days, and the first ones: as the end of their time leaves it.
            None if is_day_gone => walk.note(Note::DigestsBegin(path)),
            _ => walk.find(What::DigestMissing, None, Some(&missing)),
        }
        return;
    }
    let is_next = before == Some(previous);
    let is_same = read.get(previous).is_none_or(|read| {
        Some(&*read.signature) == content.previous_digest_signature.as_deref()
            && Some(&*read.hash) == content.previous_digest_hash_value.as_deref()
    });
    if !is_next || !is_same {
        walk.find(What::DigestChain, None, Some(&path));
    }
}

/// Compares with what the server knows: its newest digests, and log files that are in none yet.
fn verify_state(
    listing: &Listing,
    read: &BTreeMap<&str, Read>,
    delivery: &Delivery,
    digested: &mut Digested,
    walk: &mut Walk<'_>,
) {
    let Some(state) = &delivery.state else { return };
    for (_, chain) in state.chains() {
        if let Some(previous) = &chain.previous {
            let object = from_root(&previous.object);
            let path = delivery.directory.join(object);
            match (listing.digests.contains_key(object), read.get(object)) {
                (false, _) => walk.find(What::DigestMissing, None, Some(&path)),
                (true, Some(digest)) if digest.signature != previous.signature => {
                    walk.find(What::DigestChain, None, Some(&path));
                }
                (true, _) => {}
            }
        }
        for file in &chain.files {
            let hash = (file.hash.clone(), false);
            digested.logs.entry(from_root(&file.object).to_owned()).or_insert(hash);
        }
    }
}
