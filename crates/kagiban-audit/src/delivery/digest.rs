//! Digest files: what was delivered in an hour, signed, each with the signature of the one before (user guide, "CloudTrail
//! digest file structure").

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use serde::Serialize;

use super::layout::{Place, Trail};
use super::log_file::packed;
use super::state::{Chain, Window};
use crate::signing::{Signer, SigningFailed};

/// How a digest is signed: `x-amz-meta-signature-algorithm`.
pub const SIGNATURE_ALGORITHM: &str = "SHA256withRSA";
const HASH_ALGORITHM: &str = "SHA-256";
/// What stands in the place of the signature before the first.
const NO_SIGNATURE: &str = "null";

/// A digest file that is whole, and what goes with it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DigestObject {
    /// Where it is put.
    pub object: String,
    /// The file: gzip.
    pub bytes: Vec<u8>,
    /// SHA-256 of what was compressed, in lower-case hexadecimal digits.
    pub hash: String,
    /// In lower-case hexadecimal digits: `x-amz-meta-signature`.
    pub signature: String,
}

/// What a digest is made of.
#[derive(Clone, Copy, Debug)]
pub struct Digest<'a> {
    /// The trail.
    pub trail: &'a Trail,
    /// The bucket, or what stands for one.
    pub bucket: &'a str,
    /// What stands before `AWSLogs`; may be empty.
    pub prefix: &'a str,
    /// The account and Region.
    pub place: Place,
    /// The time that it is about.
    pub window: Window,
    /// What was delivered in it, and the digest before.
    pub chain: &'a Chain,
}

/// A digest cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// It cannot be signed.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// It cannot be written down.
    #[error("a digest file cannot be made")]
    Io(#[from] std::io::Error),
}

impl Digest<'_> {
    /// Makes the file. The same for the same, as long as the same key signs.
    ///
    /// # Errors
    /// [`DigestError`]
    pub fn make(&self, signer: &dyn Signer) -> Result<DigestObject, DigestError> {
        let object = self.trail.digest_object(self.prefix, self.place, self.window.end);
        let fingerprint = signer.public_key().fingerprint;
        let content = self.content(&object, &fingerprint);
        let (bytes, hash) = packed(&serde_json::to_vec(&content).map_err(std::io::Error::from)?)?;
        let previous = content.previous_digest_signature;
        let signed = signed_text(&content.digest_end_time, self.bucket, &object, &hash, previous);
        let signature = hex(&signer.sign_as(&fingerprint, signed.as_bytes())?);
        Ok(DigestObject { object, bytes, hash, signature })
    }

    fn content<'a>(&'a self, object: &'a str, fingerprint: &'a str) -> Content<'a> {
        let Chain { previous, files } = self.chain;
        let times = |time: i64| Timestamp::from_unix_ms(time).to_rfc3339();
        let previous = previous.as_ref();
        Content {
            aws_account_id: self.place.account,
            digest_start_time: self.window.start.to_rfc3339(),
            digest_end_time: self.window.end.to_rfc3339(),
            digest_s3_bucket: self.bucket,
            digest_s3_object: object,
            digest_public_key_fingerprint: fingerprint,
            digest_signature_algorithm: SIGNATURE_ALGORITHM,
            newest_event_time: files.iter().map(|file| file.newest_ms).max().map(times),
            oldest_event_time: files.iter().map(|file| file.oldest_ms).min().map(times),
            previous_digest_s3_bucket: previous.map(|_| self.bucket),
            previous_digest_s3_object: previous.map(|digest| &*digest.object),
            previous_digest_hash_value: previous.map(|digest| &*digest.hash),
            previous_digest_hash_algorithm: previous.map(|_| HASH_ALGORITHM),
            previous_digest_signature: previous.map(|digest| &*digest.signature),
            log_files: files
                .iter()
                .map(|file| LogFileEntry {
                    s3_bucket: self.bucket,
                    s3_object: &file.object,
                    hash_value: &file.hash,
                    hash_algorithm: HASH_ALGORITHM,
                    newest_event_time: times(file.newest_ms),
                    oldest_event_time: times(file.oldest_ms),
                })
                .collect(),
        }
    }
}

/// What the signature of a digest is made over.
pub(crate) fn signed_text(end: &str, bucket: &str, object: &str, hash: &str, previous: Option<&str>) -> String {
    format!("{end}\n{bucket}/{object}\n{hash}\n{}", previous.unwrap_or(NO_SIGNATURE))
}

/// CloudTrail's members, in its order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    #[serde(serialize_with = "account")]
    aws_account_id: AccountId,
    digest_start_time: String,
    digest_end_time: String,
    #[serde(rename = "digestS3Bucket")]
    digest_s3_bucket: &'a str,
    #[serde(rename = "digestS3Object")]
    digest_s3_object: &'a str,
    digest_public_key_fingerprint: &'a str,
    digest_signature_algorithm: &'static str,
    newest_event_time: Option<String>,
    oldest_event_time: Option<String>,
    #[serde(rename = "previousDigestS3Bucket")]
    previous_digest_s3_bucket: Option<&'a str>,
    #[serde(rename = "previousDigestS3Object")]
    previous_digest_s3_object: Option<&'a str>,
    previous_digest_hash_value: Option<&'a str>,
    previous_digest_hash_algorithm: Option<&'static str>,
    previous_digest_signature: Option<&'a str>,
    log_files: Vec<LogFileEntry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogFileEntry<'a> {
    #[serde(rename = "s3Bucket")]
    s3_bucket: &'a str,
    #[serde(rename = "s3Object")]
    s3_object: &'a str,
    hash_value: &'a str,
    hash_algorithm: &'static str,
    newest_event_time: String,
    oldest_event_time: String,
}

fn account<S: serde::Serializer>(account: &AccountId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(account.as_str())
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
