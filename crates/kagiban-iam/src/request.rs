//! A request and its answer as the front and the services exchange them.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use http::StatusCode;
use kagiban_base::id::RequestId;

/// A request as the front took it off the wire, within the front's limits. Debug leaves out body and headers, which may
/// hold secrets.
pub struct RawRequest {
    /// Its number.
    pub request_id: RequestId,
    /// Method, target and headers.
    pub head: http::request::Parts,
    /// The whole body.
    pub body: Bytes,
    /// The address of the client: the peer, or what a trusted proxy said of it.
    pub peer: IpAddr,
    /// Whether it came over TLS, as far as the front or a trusted proxy knows.
    pub secure_transport: bool,
}

/// An answer for the front to put on the wire. Debug leaves out the body, which may hold a secret.
pub struct RawResponse {
    /// HTTP status.
    pub status: StatusCode,
    /// The whole body; may be empty.
    pub body: Bytes,
    /// Value of the Content-Type header.
    pub content_type: &'static str,
}

impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request_id, head: _, body, peer, secure_transport } = self;
        write!(f, "RawRequest({request_id}, {} bytes from {peer}, TLS: {secure_transport})", body.len())
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawResponse({}, {} bytes)", self.status, self.body.len())
    }
}
