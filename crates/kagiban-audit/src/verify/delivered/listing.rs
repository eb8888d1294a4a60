//! What lies in the directory of a delivery, by its names.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;

use super::super::finding::What;
use super::super::walk::Walk;
use crate::delivery::Place;

/// Where all of it is.
const ROOT: &str = "AWSLogs";
/// Folders below it: account, kind, Region, year, month, day.
const DEPTH: usize = 6;
/// Follows the name of a digest: its signature.
pub(super) const METADATA: &str = ".metadata.json";
const PACKED: &str = ".json.gz";
/// What the server is just writing.
const MAKING: &str = ".new";
/// Bytes of a file at most, once it is decompressed. The server's own have a tenth of it.
const CONTENT_MAX: u64 = 1 << 30;

/// A file with its place and the moment in its name.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) path: PathBuf,
    pub(super) place: Place,
    /// Of a log file the minute for which it was planned, of a digest the end of its time.
    pub(super) time: Timestamp,
}

/// The files of a delivery, by the names that digests have for them (from `AWSLogs` on).
#[derive(Debug, Default)]
pub(super) struct Listing {
    directory: PathBuf,
    pub(super) logs: BTreeMap<String, Named>,
    pub(super) digests: BTreeMap<String, Named>,
    /// Of all of them.
    pub(super) bytes: u64,
}

impl Listing {
    /// Lists what is there, and names what does not belong.
    pub(super) fn of(directory: &Path, walk: &mut Walk<'_>) -> io::Result<Self> {
        let mut listing = Self { directory: directory.to_owned(), ..Self::default() };
        let mut signatures = Vec::new();
        listing.add(&directory.join(ROOT), ROOT, DEPTH, &mut signatures, walk)?;
        for (object, path) in signatures.iter().filter(|(object, _)| !listing.digests.contains_key(object)) {
            if !listing.is_next(object) {
                walk.find(What::DigestMissing, None, Some(path));
            }
        }
        Ok(listing)
    }

    /// Whether it is a digest that was about to be written: its signature is written first.
    fn is_next(&self, object: &str) -> bool {
        parse(object).is_some_and(|(place, time, _)| {
            self.digests.values().all(|digest| digest.place != place || digest.time < time)
        })
    }

    /// Where the log files of an account are.
    pub(super) fn folder(&self, account: AccountId) -> PathBuf {
        self.directory.join(ROOT).join(account.as_str()).join("CloudTrail")
    }

    fn add(
        &mut self,
        folder: &Path,
        object: &str,
        depth: usize,
        signatures: &mut Vec<(String, PathBuf)>,
        walk: &mut Walk<'_>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            let object = format!("{object}/{}", name.to_string_lossy());
            if entry.file_type()?.is_dir() && depth > 0 {
                self.add(&path, &object, depth - 1, signatures, walk)?;
            } else if object.ends_with(MAKING) {
                // Of a server that runs, or of one that ended while it wrote.
            } else if let Some(digest) = object.strip_suffix(METADATA) {
                signatures.push((digest.to_owned(), digest_path(&path)));
            } else {
                self.add_file(object, path, walk)?;
            }
        }
        Ok(())
    }

    fn add_file(&mut self, object: String, path: PathBuf, walk: &mut Walk<'_>) -> io::Result<()> {
        let Some((place, time, is_digest)) = parse(&object) else {
            walk.find(What::FileUnexpected, None, Some(&path));
            return Ok(());
        };
        self.bytes += path.metadata()?.len();
        let files = if is_digest { &mut self.digests } else { &mut self.logs };
        files.insert(object, Named { path, place, time });
        Ok(())
    }
}

/// The digest's path of its signature's.
fn digest_path(metadata: &Path) -> PathBuf {
    let text = metadata.to_string_lossy();
    PathBuf::from(text.strip_suffix(METADATA).unwrap_or(&text))
}

/// What the name of a log file or a digest says; and whether it is a digest.
fn parse(object: &str) -> Option<(Place, Timestamp, bool)> {
    let parts: Vec<&str> = object.split('/').collect();
    let [_, account, kind, region, year, month, day, name] = parts[..] else { return None };
    let place: Place = format!("{account}/{region}").parse().ok()?;
    let rest = name.strip_prefix(&format!("{account}_{kind}_{region}_"))?.strip_suffix(PACKED)?;
    let (before, last) = rest.rsplit_once('_').unwrap_or(("", rest));
    let (text, is_digest) = match kind {
        "CloudTrail" => (before.strip_suffix('Z').map(|minute| format!("{minute}00Z"))?, false),
        "CloudTrail-Digest" => (last.to_owned(), true),
        _ => return None,
    };
    let time = Timestamp::parse_basic_iso(&text)?;
    (time.to_basic_day() == format!("{year}{month}{day}")).then_some((place, time, is_digest))
}

/// What follows the prefix in an object's name.
pub(super) fn from_root(object: &str) -> &str {
    let at = object.find(ROOT).filter(|at| *at == 0 || object.get(at - 1..*at) == Some("/"));
    at.and_then(|at| object.get(at..)).unwrap_or(object)
}

/// A file's content, decompressed; `None` when it is not whole, or no such file.
pub(super) fn content(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    match GzDecoder::new(file).take(CONTENT_MAX + 1).read_to_end(&mut content) {
        Ok(length) if length as u64 <= CONTENT_MAX => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(error),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_cloudtrail_and_no_others() {
        let log = "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/08/21/\
                   111122223333_CloudTrail_eu-central-1_20260821T2301Z_1aR9Yc8YcJvaszYz.json.gz";
        let digest = "AWSLogs/111122223333/CloudTrail-Digest/eu-central-1/2026/08/21/\
                      111122223333_CloudTrail-Digest_eu-central-1_a_b_us-east-1_20260821T230000Z.json.gz";
        for (object, time, is_digest) in [(log, "20260821T230100Z", false), (digest, "20260821T230000Z", true)] {
            let (place, at, is) = parse(object).unwrap();
            assert_eq!((place.to_string().as_str(), is), ("111122223333/eu-central-1", is_digest));
            assert_eq!(at, Timestamp::parse_basic_iso(time).unwrap());
            for (from, to) in [("/21/", "/22/"), (".json.gz", ".json"), ("_eu", "_us"), ("_2026", "_x026"), ("/08", "")]
            {
                assert!(parse(&object.replace(from, to)).is_none(), "{object} {from}");
            }
        }
        for (object, from) in [("a/b/AWSLogs/x", "AWSLogs/x"), ("AWSLogs/x", "AWSLogs/x"), ("aAWSLogs/x", "aAWSLogs/x")]
        {
            assert_eq!(from_root(object), from);
        }
    }
}
