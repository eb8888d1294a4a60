//! A request and its answer as the front and the services exchange them.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

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
    /// How its connection is protected, where the front itself does so.
    pub tls: Option<Arc<ConnectionTls>>,
}

/// What a connection over TLS agreed on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConnectionTls {
    /// `TLSv1.3`
    pub version: Box<str>,
    /// `TLS_AES_128_GCM_SHA256`
    pub cipher_suite: Box<str>,
    /// `X25519MLKEM768`
    pub key_exchange: Box<str>,
}

/// An answer for the front to put on the wire. Debug leaves out the body, which may hold a secret.
#[derive(Default)]
pub struct RawResponse {
    /// HTTP status.
    pub status: StatusCode,
    /// The whole body; may be empty.
    pub body: Bytes,
    /// Value of the Content-Type header.
    pub content_type: &'static str,
    /// What it answers, for those who count.
    pub summary: Summary,
}

/// A request and its outcome in a few names, all of which are the program's own: what somebody sent is never among them, so that
/// they are few.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Summary {
    /// `kms`, `iam`, `sts`, `cloudtrail`, or `kagiban` for the operator's operations; empty for what is of none.
    pub service: &'static str,
    /// The operation; empty when it was not told, or is unknown.
    pub operation: &'static str,
    /// The code of the error that it was refused with; empty when all went well.
    pub error: &'static str,
}

impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request_id, head: _, body, peer, secure_transport, tls: _ } = self;
        write!(f, "RawRequest({request_id}, {} bytes from {peer}, TLS: {secure_transport})", body.len())
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawResponse({}, {} bytes)", self.status, self.body.len())
    }
}
