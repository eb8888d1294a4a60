//! Targets as an operator writes them, and what can go wrong with one.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use http::{StatusCode, Uri};

/// A target of deliveries: `dir:PATH`, `s3://BUCKET/PREFIX`, `stdout`, or the URL of a collector.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TargetSpec {
    /// Log files and digests below a directory.
    Directory(PathBuf),
    /// The same in a bucket.
    Bucket {
        /// Its name.
        bucket: String,
        /// What stands before `AWSLogs`; may be empty.
        prefix: String,
    },
    /// One record in each line of standard output.
    StandardOutput,
    /// Records in batches to an HTTP server.
    Collector(Uri),
}

/// How records are sent to a collector.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum CollectorForm {
    /// One JSON object in each line
    #[default]
    Lines,
    /// One JSON object with all of them as "Records", as in a log file
    Records,
}

/// A text names no target.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidTarget {
    /// None of the forms.
    #[error("not dir:PATH, s3://BUCKET/PREFIX, stdout, or https://HOST/PATH")]
    Form,
    /// Not a bucket's name.
    #[error("a bucket's name has 3 to 63 lower-case letters, digits, dots and dashes")]
    Bucket,
    /// Not a prefix that is safe everywhere.
    #[error("the prefix in the bucket has letters, digits and -._~ between single slashes, 200 at most")]
    Prefix,
    /// Everybody on the way could read.
    #[error("records are sent to other machines over https:// only")]
    Unprotected,
}

impl TargetSpec {
    /// The bucket and prefix of log files; of a directory, its own name and nothing. `None` where no log files go.
    pub fn bucket_and_prefix(&self) -> Option<(String, String)> {
        match self {
            Self::Directory(path) => {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                Some((name.unwrap_or_default(), String::new()))
            }
            Self::Bucket { bucket, prefix } => Some((bucket.clone(), prefix.clone())),
            Self::StandardOutput | Self::Collector(_) => None,
        }
    }
}

impl FromStr for TargetSpec {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        if let Some(path) = text.strip_prefix("dir:").filter(|path| !path.is_empty()) {
            return Ok(Self::Directory(PathBuf::from(path)));
        }
        if let Some(rest) = text.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let (bucket, prefix) = (bucket.to_owned(), prefix.trim_end_matches('/').to_owned());
            if !is_bucket(&bucket) {
                return Err(InvalidTarget::Bucket);
            }
            return if is_prefix(&prefix) { Ok(Self::Bucket { bucket, prefix }) } else { Err(InvalidTarget::Prefix) };
        }
        if text == "stdout" {
            return Ok(Self::StandardOutput);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidTarget::Form)?;
        match (uri.scheme_str(), uri.host()) {
            (Some("https"), Some(_)) => Ok(Self::Collector(uri)),
            (Some("http"), Some(host)) if is_here(host) => Ok(Self::Collector(uri)),
            (Some("http"), Some(_)) => Err(InvalidTarget::Unprotected),
            _ => Err(InvalidTarget::Form),
        }
    }
}

/// Whether a host is this machine.
pub(super) fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

fn is_bucket(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = [name.bytes().next(), name.bytes().last()];
    (3..=63).contains(&name.len())
        && name.bytes().all(|b| is_plain(b) || matches!(b, b'.' | b'-'))
        && ends.iter().all(|end| end.is_some_and(is_plain))
}

/// Only characters that no signature writes otherwise, so that the object's name is the same everywhere.
fn is_prefix(prefix: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let is_segment = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(is_plain);
    prefix.is_empty() || (prefix.len() <= 200 && prefix.split('/').all(is_segment))
}

impl fmt::Display for TargetSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "dir:{}", path.display()),
            Self::Bucket { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::Bucket { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Self::StandardOutput => f.write_str("stdout"),
            // What stands in a query may be a secret.
            Self::Collector(uri) => {
                let (scheme, authority) = (uri.scheme_str().unwrap_or_default(), uri.authority());
                let host = authority.map(|authority| authority.as_str().rsplit('@').next().unwrap_or_default());
                write!(f, "{scheme}://{}{}", host.unwrap_or_default(), uri.path())
            }
        }
    }
}

/// A target did not take what it was given. It will be tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] crate::data_directory::WriteError),
    /// Nobody is there.
    #[error("cannot connect to {host}")]
    Connect { host: String, source: io::Error },
    /// The connection broke.
    #[error("the exchange with {host} failed")]
    Exchange { host: String, source: hyper::Error },
    /// No answer in time.
    #[error("{host} did not answer in time")]
    Late { host: String },
    /// An answer, and not the one that was hoped for.
    #[error("{host} answered with status {status}{}", reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default())]
    Status { host: String, status: StatusCode, reason: Option<String> },
    /// The request cannot be made or signed.
    #[error("the request cannot be made: {0}")]
    Request(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_they_are_written() {
        for text in ["dir:/var/audit", "dir:relative", "s3://bucket", "s3://my-bucket.x/a/b_c~1", "stdout"] {
            assert_eq!(text.parse::<TargetSpec>().unwrap().to_string(), text);
        }
        let spec = |text: &str| text.parse::<TargetSpec>().unwrap();
        assert_eq!(spec("s3://bucket/"), spec("s3://bucket"));
        assert_eq!(spec("s3://bucket/p/").bucket_and_prefix(), Some(("bucket".to_owned(), "p".to_owned())));
        assert_eq!(spec("dir:/a/logs").bucket_and_prefix(), Some(("logs".to_owned(), String::new())));
        for (text, shown) in [
            ("https://collector.example/in?key=secret", "https://collector.example/in"),
            ("https://user:secret@collector.example:8443/in", "https://collector.example:8443/in"),
            ("http://127.0.0.1:9/", "http://127.0.0.1:9/"),
            ("http://[::1]:9/x", "http://[::1]:9/x"),
        ] {
            assert_eq!(spec(text).to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_target() {
        use InvalidTarget::{Bucket, Form, Prefix, Unprotected};
        for (text, error) in [
            ("", Form),
            ("dir:", Form),
            ("/var/audit", Form),
            ("ftp://host/", Form),
            ("https:///x", Form),
            ("s3://", Bucket),
            ("s3://AB", Bucket),
            ("s3://ab_c", Bucket),
            ("s3://-abc", Bucket),
            ("s3://abc/a//b", Prefix),
            ("s3://abc/../b", Prefix),
            ("s3://abc/a b", Prefix),
            ("s3://abc//x", Prefix),
            ("http://collector.example/", Unprotected),
            ("http://10.0.0.1/", Unprotected),
        ] {
            let parsed = text.parse::<TargetSpec>();

            assert_eq!(parsed, Err(error), "{text}");
        }
    }
}
