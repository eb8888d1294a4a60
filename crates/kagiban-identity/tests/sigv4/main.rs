//! Signature Version 4 through its public face: published and captured requests, every failure with its text, and the
//! Rust SDK's signer as a second opinion.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod differential;
mod failures;
mod hostile;
mod vectors;

use http::{HeaderName, HeaderValue, Request};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_identity::sigv4::{Expected, SigV4Error, SigningKey, Verified, parse};

/// The secret of most of AWS's examples.
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// All steps of a check, as the service takes them once it has found the secret.
fn verify(
    request: &Request<Vec<u8>>,
    secret: &str,
    service: &'static str,
    now: Timestamp,
) -> Result<Verified, SigV4Error> {
    let checked = parse(request)?.check(&Expected { service, now })?;
    let key = SigningKey::derive(&SecretBytes::from_slice(secret.as_bytes()), checked.scope());
    checked.verify(request.body(), &key)
}

/// A time in the form of `X-Amz-Date`.
fn at(basic_iso: &str) -> Timestamp {
    Timestamp::parse_basic_iso(basic_iso).unwrap()
}

/// An HTTP/1.1 request as it stands on the wire. `None` if the method, the address or a header is not legal.
fn read_request(text: &str) -> Option<Request<Vec<u8>>> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines: Vec<String> = Vec::new();
    for line in head.lines() {
        match lines.last_mut() {
            // A folded line is as good as spaces (RFC 9112, section 5.2).
            Some(before) if line.starts_with(' ') => before.push_str(line),
            _ => lines.push(line.to_owned()),
        }
    }
    let (request_line, headers) = lines.split_first()?;
    let (method, rest) = request_line.split_once(' ')?;
    let (target, _) = rest.rsplit_once(' ')?;
    let mut request = Request::builder().method(method).uri(target).body(body.as_bytes().to_vec()).ok()?;
    for line in headers {
        let (name, value) = line.split_once(':')?;
        let name: HeaderName = name.parse().ok()?;
        request.headers_mut().append(name, HeaderValue::from_bytes(value.trim_matches(' ').as_bytes()).ok()?);
    }
    Some(request)
}
