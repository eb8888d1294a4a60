//! What the fuzz targets share. A target fails by panicking.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use kagiban_base::time::Timestamp;

/// The present of all targets; the seeds were signed at this time.
pub fn now() -> Timestamp {
    Timestamp::parse_basic_iso("20261122T120000Z").expect("a date")
}

/// A request from bytes that look like one: `METHOD TARGET`, header lines, an empty line, the body; lines end with a
/// line feed. `None` when the first line makes no request; header lines that make no header are left out, as the front
/// would never let them in.
pub fn request(data: &[u8]) -> Option<Request<Bytes>> {
    let (head, body) = match data.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&data[..end], &data[end + 2..]),
        None => (data, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut first = lines.next()?.splitn(2, |byte| *byte == b' ');
    let method = Method::from_bytes(first.next()?).ok()?;
    let uri = Uri::try_from(first.next()?).ok()?;
    let mut request = Request::new(Bytes::copy_from_slice(body));
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    for line in lines.take(100) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let value = line[colon + 1..].trim_ascii();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(value)) {
            request.headers_mut().append(name, value);
        }
    }
    Some(request)
}

/// Whether the bytes are a JSON text by the grammar alone (RFC 8259): numbers may be larger than anything can hold.
pub fn is_json(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
}
