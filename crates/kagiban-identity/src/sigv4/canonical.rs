//! The canonical request and the string to sign (IAM user guide, "Create a signed AWS API request", steps 1 to 3).
//!
//! Both are written into one buffer, and the usual request (path `/`, no query, headers without double spaces) is
//! nothing but copies into it.

use aws_lc_rs::digest;
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use super::{ALGORITHM, RequestHead, Scope, query};

/// A header is named in the list of signed headers but not sent.
pub(super) struct AbsentHeader;

/// What goes into a signature, apart from the key.
pub(super) struct Signable<'a> {
    pub(super) head: RequestHead<'a>,
    /// Names in lower case, sorted, separated by `;`.
    pub(super) signed_headers: &'a str,
    /// `YYYYMMDDTHHMMSSZ`
    pub(super) signed_at: &'a [u8; 16],
    pub(super) scope: &'a Scope,
}

impl Signable<'_> {
    /// The string to sign of this head with a body of this hash (lower-case hex SHA-256).
    pub(super) fn string_to_sign(&self, body_hash: &[u8; 64]) -> Result<Vec<u8>, AbsentHeader> {
        let mut buffer = Vec::with_capacity(1024);
        self.push_canonical_request(&mut buffer, body_hash)?;
        let request_hash = sha256_hex(&buffer);
        buffer.clear();
        buffer.extend_from_slice(ALGORITHM.as_bytes());
        buffer.push(b'\n');
        buffer.extend_from_slice(self.signed_at);
        buffer.push(b'\n');
        self.scope.push_to(&mut buffer);
        buffer.push(b'\n');
        buffer.extend_from_slice(&request_hash);
        Ok(buffer)
    }

    fn push_canonical_request(&self, out: &mut Vec<u8>, body_hash: &[u8; 64]) -> Result<(), AbsentHeader> {
        out.extend_from_slice(self.head.method.as_str().as_bytes());
        out.push(b'\n');
        push_path(out, self.head.uri.path().as_bytes());
        out.push(b'\n');
        query::push_canonical(out, self.head.uri.query().unwrap_or_default());
        out.push(b'\n');
        for name in self.signed_headers.split(';') {
            push_header(out, name, self.head)?;
        }
        out.push(b'\n');
        out.extend_from_slice(self.signed_headers.as_bytes());
        out.push(b'\n');
        out.extend_from_slice(body_hash);
        Ok(())
    }
}

/// The lower-case hex SHA-256 of `bytes`.
pub(super) fn sha256_hex(bytes: &[u8]) -> [u8; 64] {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// 32 bytes as lower-case hex digits; more are cut off, fewer leave zeros.
pub(super) fn hex(bytes: &[u8]) -> [u8; 64] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    let mut out = [b'0'; 64];
    for (pair, byte) in out.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    out
}

/// The path as sent, without empty and dot segments (RFC 3986, section 5.2.4), each byte that is not unreserved
/// percent-encoded. A path that came percent-encoded is thereby encoded twice, as AWS wants it for all services but S3.
fn push_path(out: &mut Vec<u8>, path: &[u8]) {
    if path == b"/" {
        out.push(b'/');
        return;
    }
    let start = out.len();
    let mut ends_in_directory = true;
    for segment in path.split(|b| *b == b'/') {
        ends_in_directory = matches!(segment, b"" | b"." | b"..");
        match segment {
            b"" | b"." => {}
            b".." => drop_last_segment(out, start),
            _ => {
                out.push(b'/');
                query::push_encoded(out, segment);
            }
        }
    }
    if ends_in_directory || out.len() == start {
        out.push(b'/');
    }
}

/// Cuts `out` back to before its last slash, but not to before `start`.
fn drop_last_segment(out: &mut Vec<u8>, start: usize) {
    let written = out.get(start..).unwrap_or_default();
    let kept = written.iter().rposition(|b| *b == b'/').unwrap_or_default();
    out.truncate(start + kept);
}

/// HTTP/2's pseudo-header for the authority (RFC 9113, section 8.3.1).
pub(super) const AUTHORITY: &str = ":authority";

/// `name:value,value\n`. The authority stands in for an absent Host header, as in HTTP/2, and the other way round.
fn push_header(out: &mut Vec<u8>, name: &str, head: RequestHead<'_>) -> Result<(), AbsentHeader> {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    let mut values = head.headers.get_all(name).iter();
    match values.next() {
        Some(first) => {
            push_value(out, first.as_bytes());
            for value in values {
                out.push(b',');
                push_value(out, value.as_bytes());
            }
        }
        None if name == "host" || name == AUTHORITY => push_value(out, authority(head)?),
        None => return Err(AbsentHeader),
    }
    out.push(b'\n');
    Ok(())
}

fn authority(head: RequestHead<'_>) -> Result<&[u8], AbsentHeader> {
    let host = || head.headers.get(http::header::HOST).map(http::HeaderValue::as_bytes);
    head.uri.authority().map(|authority| authority.as_str().as_bytes()).or_else(host).ok_or(AbsentHeader)
}

/// The value without spaces around it, and with runs of spaces inside made one.
fn push_value(out: &mut Vec<u8>, value: &[u8]) {
    if !value.contains(&b' ') {
        out.extend_from_slice(value);
        return;
    }
    let mut words = value.split(|b| *b == b' ').filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        out.extend_from_slice(first);
    }
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

/// The one value of a header, if it is sent exactly once.
pub(super) fn only_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> OnlyValue<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => OnlyValue::Absent,
        (Some(value), None) => OnlyValue::Once(value),
        (Some(_), Some(_)) => OnlyValue::Repeated,
    }
}

/// How often a header is there.
pub(super) enum OnlyValue<'a> {
    Absent,
    Once(&'a HeaderValue),
    Repeated,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(push: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = b"before/".to_vec();
        push(&mut out);
        String::from_utf8(out).unwrap().strip_prefix("before/").unwrap().to_owned()
    }

    #[test]
    fn paths_are_normalised_and_encoded() {
        for (path, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("*", "/*".replace('*', "%2A").as_str()),
            ("/.", "/"),
            ("/..", "/"),
            ("/../..", "/"),
            ("/a/..", "/"),
            ("/a/../", "/"),
            ("/a/b/..", "/a/"),
            ("/a/b/../../..", "/"),
            ("/a/./b", "/a/b"),
            ("/a//b//", "/a/b/"),
            ("/a/b", "/a/b"),
            ("/a/b/", "/a/b/"),
            ("/a/...", "/a/..."),
            ("/a b", "/a%20b"),
            ("/a%20b", "/a%2520b"),
            ("/a%2Fb", "/a%252Fb"),
            ("/ሴ", "/%E1%88%B4"),
            ("/-._~aZ09", "/-._~aZ09"),
            // Published: double-encode-path and double-url-encode of the signing test suite.
            ("/test/@connections/JBDvjfGEIAMCERw%3D", "/test/%40connections/JBDvjfGEIAMCERw%253D"),
            ("/functions/arn%3Aaws%3Alambda", "/functions/arn%253Aaws%253Alambda"),
        ] {
            assert_eq!(written(|out| push_path(out, path.as_bytes())), canonical, "{path}");
        }
    }

    #[test]
    fn values_are_trimmed_and_their_spaces_collapsed() {
        for (value, canonical) in [
            ("", ""),
            (" ", ""),
            ("a", "a"),
            (" a ", "a"),
            ("a b", "a b"),
            ("a   b  c", "a b c"),
            ("\"a   b\"", "\"a b\""),
            ("a\t b", "a\t b"),
        ] {
            assert_eq!(written(|out| push_value(out, value.as_bytes())), canonical, "{value:?}");
        }
    }

    #[test]
    fn hashes_are_lower_case_hex() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(str::from_utf8(&sha256_hex(b"")).unwrap(), empty);
    }
}
