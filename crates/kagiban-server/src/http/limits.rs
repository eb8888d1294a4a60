//! What a peer may cost: sizes, counts and times, all in one place.

use std::time::Duration;

/// Bounds of the front. The defaults are those of the command line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Connections at once; beyond it, new ones wait in the kernel's queue.
    pub connections: usize,
    /// Bytes of one request's body; beyond it, `RequestEntityTooLargeException`.
    pub body_bytes: usize,
    /// Bytes of all bodies that are being put together from pieces; beyond it, `ServiceUnavailable`.
    pub all_bodies_bytes: usize,
    /// Bytes of one request's line and header fields; beyond it, status 431. At least [`Limits::LEAST_HEAD_BYTES`].
    pub head_bytes: usize,
    /// Open requests on one HTTP/2 connection.
    pub http2_streams: u32,
    /// From a connection's start, or a request's first byte, to the end of its head.
    pub head_time: Duration,
    /// From the end of a head to the end of its body; beyond it, `RequestTimeoutException`.
    pub body_time: Duration,
    /// From the whole request to its answer; beyond it, `ServiceUnavailable`.
    pub answer_time: Duration,
    /// For the peer to take an answer.
    pub write_time: Duration,
    /// For the peer to begin its next request.
    pub idle_time: Duration,
    /// For a TLS handshake.
    pub handshake_time: Duration,
    /// For the peer to finish sending what was refused, so that it gets to read why.
    pub linger_time: Duration,
    /// For what is under way when the service is told to stop.
    pub drain_time: Duration,
}

impl Limits {
    /// The least that the head may be limited to: the size of the smallest read buffer.
    pub const LEAST_HEAD_BYTES: usize = 8192;

    /// Header fields in one request (over HTTP/1); beyond it, status 431. Not to be set: the parser keeps this many on
    /// its stack, and any other number would cost every request an allocation.
    pub const HEADER_FIELDS: usize = 100;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            body_bytes: 1 << 20,
            all_bodies_bytes: 256 << 20,
            head_bytes: 32 << 10,
            http2_streams: 128,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(30),
            write_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(75),
            handshake_time: Duration::from_secs(10),
            linger_time: Duration::from_secs(2),
            drain_time: Duration::from_secs(25),
        }
    }
}
