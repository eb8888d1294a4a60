//! Answers as they leave: status, the header fields that every answer carries, body.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, Response, StatusCode, Version};
use http_body_util::Full;
use kagiban_base::id::RequestId;

use super::fault::{self, Fault};
use super::{RawResponse, request_id};

/// An answer; its body is one piece, so that it leaves together with its head.
pub(super) type Reply = Response<Full<Bytes>>;

/// The content type of the JSON protocol.
pub(super) const AMZ_JSON: &str = "application/x-amz-json-1.1";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-cache, no-store");
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// Room for our four fields and the library's two, so that the map is allocated once.
const FIELDS: usize = 8;

/// The service's answer.
pub(super) fn from_service(id: &RequestId, answer: RawResponse) -> Reply {
    reply(id, answer.status, HeaderValue::from_static(answer.content_type), answer.body)
}

/// A plain text or JSON answer of the front itself.
pub(super) fn from_front(id: &RequestId, status: StatusCode, content_type: &'static str, body: &'static str) -> Reply {
    reply(id, status, HeaderValue::from_static(content_type), Bytes::from_static(body.as_bytes()))
}

/// An error of the front. `version` is the request's: HTTP/2 has no `connection` field.
pub(super) fn from_fault(id: &RequestId, version: Version, fault: &Fault) -> Reply {
    let mut reply = reply(id, fault.status, HeaderValue::from_static(AMZ_JSON), fault.body());
    if fault.closes && version != Version::HTTP_2 {
        reply.headers_mut().insert(CONNECTION, CLOSE);
    }
    if let Some(allow) = fault.allow {
        reply.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    }
    reply
}

/// The answer when not even a request id can be had.
pub(super) fn without_id() -> Reply {
    let mut reply = Response::new(Full::new(fault::INTERNAL.body()));
    *reply.status_mut() = fault::INTERNAL.status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(AMZ_JSON));
    reply
}

fn reply(id: &RequestId, status: StatusCode, content_type: HeaderValue, body: Bytes) -> Reply {
    let mut headers = HeaderMap::with_capacity(FIELDS);
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    *reply.headers_mut() = headers;
    reply
}

/// Our form of an error that the HTTP library is about to answer by itself, since it could not make a request of the
/// bytes: a bare status, to which we add what every answer carries. `None` if `head` is no such answer.
pub(super) fn in_place_of(head: &[u8], refuse: &dyn Fn(RequestId, Fault) -> Fault) -> Option<Bytes> {
    let head = std::str::from_utf8(head).ok()?;
    let (line, fields) = head.split_once("\r\n")?;
    let fault = match line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 "))?.get(..3)? {
        "400" => fault::MALFORMED,
        "414" => fault::URI_TOO_LONG,
        "431" => fault::HEAD_TOO_LARGE,
        _ => return None,
    };
    let id = request_id::next().ok()?;
    let date = fields.split("\r\n").find(|field| field.starts_with("date: "))?;
    tracing::debug!(request_id = id.as_str(), status = fault.status.as_u16(), "refused bytes that are no request");
    let fault = refuse(id, fault);
    let (body, version, status) = (fault.body(), line.get(..8)?, fault.status);
    let text = format!(
        "{version} {status}\r\n{REQUEST_ID}: {id}\r\n{CONTENT_TYPE}: {AMZ_JSON}\r\n{CACHE_CONTROL}: no-cache, no-store\r\n\
         {X_CONTENT_TYPE_OPTIONS}: nosniff\r\nconnection: close\r\ncontent-length: {length}\r\n{date}\r\n\r\n",
        length = body.len(),
    );
    Some(Bytes::from([text.as_bytes(), &body].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn library_errors_get_our_form() {
        let bare = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: D\r\n\r\n";
        let ours = in_place_of(bare.as_bytes(), &|_, fault| fault).unwrap();
        let ours = std::str::from_utf8(&ours).unwrap();
        let (head, body) = ours.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\nx-amzn-requestid: "), "{head}");
        assert!(
            head.contains(&format!("content-length: {}\r\n", body.len())) && head.ends_with("\r\ndate: D"),
            "{head}"
        );
        assert!(body.starts_with(r#"{"__type":"MalformedHttpRequestException""#), "{body}");
    }

    #[test]
    fn other_bytes_are_left_alone() {
        for bytes in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "", "\0\0\u{12}\u{4}", "HTTP/1.1 4"] {
            assert_eq!(in_place_of(bytes.as_bytes(), &|_, fault| fault), None, "{bytes:?}");
        }
    }
}
