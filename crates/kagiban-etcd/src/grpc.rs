//! Remote calls of etcd: gRPC messages over one HTTP/2 connection.
//!
//! Only what etcd needs of the protocol: a call with one answer, and one with a stream of answers. What matters here and
//! a general client hides: whether a request may have reached the member at all. Source: gRPC over HTTP/2
//! (`PROTOCOL-HTTP2.md` of grpc/grpc).

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use hyper::client::conn::http2::SendRequest;
use prost::Message;

/// Most bytes of one answer that are taken: far more than a page of a scan or a piece of a watch.
const ANSWER_BYTES_MAX: usize = 64 << 20;
/// A flag that tells compression, and the length.
const FRAME_HEADER_LEN: usize = 5;
const TOKEN: &str = "token";
/// Asks a member to refuse at once when it knows no leader, instead of answering from what it has, or never.
const HAS_LEADER: &str = "hasleader";

/// Codes of gRPC that make a difference here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Code {
    NotFound,
    OutOfRange,
    PermissionDenied,
    ResourceExhausted,
    DataLoss,
    Unauthenticated,
    InvalidArgument,
    /// Codes that a member gives when it does not know, or its cluster does not answer.
    Unsettled,
    Other,
}

impl Code {
    fn of(number: u32, message: &str) -> Self {
        match number {
            // How maintenance says it.
            2 if message == "auth: permission denied" => Self::PermissionDenied,
            1 | 2 | 4 | 13 | 14 => Self::Unsettled,
            3 => Self::InvalidArgument,
            5 => Self::NotFound,
            7 => Self::PermissionDenied,
            8 => Self::ResourceExhausted,
            11 => Self::OutOfRange,
            15 => Self::DataLoss,
            16 => Self::Unauthenticated,
            _ => Self::Other,
        }
    }
}

/// Why a call has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The request never left this process.
    #[error("{0}")]
    NotSent(Arc<str>),
    /// The member may have got the request; its answer did not come.
    #[error("{0}")]
    Lost(Arc<str>),
    /// The answer is over the limit.
    #[error("an answer is over the limit of {ANSWER_BYTES_MAX} bytes")]
    TooLarge,
    /// The member says so.
    #[error("{message}")]
    Status {
        /// What kind of error.
        code: Code,
        /// etcd's text.
        message: Arc<str>,
    },
}

impl CallError {
    pub(crate) fn lost(why: impl fmt::Display) -> Self {
        Self::Lost(why.to_string().into())
    }

    pub(crate) fn not_sent(why: impl fmt::Display) -> Self {
        Self::NotSent(why.to_string().into())
    }

    /// Whether what was asked for may have been done, or may still be.
    pub(crate) fn may_have_happened(&self) -> bool {
        match self {
            Self::NotSent(_) => false,
            Self::Lost(_) | Self::TooLarge => true,
            Self::Status { code, .. } => *code == Code::Unsettled,
        }
    }

    /// Whether the same request may meet another outcome soon, perhaps at another member.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::NotSent(_) | Self::Lost(_) => true,
            Self::TooLarge => false,
            Self::Status { code: Code::Unsettled | Code::Unauthenticated, .. } => true,
            Self::Status { code: Code::ResourceExhausted, message } => message.contains("too many requests"),
            Self::Status { code: Code::InvalidArgument, message } => message.contains("revision of auth store is old"),
            Self::Status { .. } => false,
        }
    }

    /// Whether the member says this with this code.
    pub(crate) fn is(&self, wanted: Code) -> bool {
        matches!(self, Self::Status { code, .. } if *code == wanted)
    }
}

/// An open connection to a member; cheap to clone.
#[derive(Clone)]
pub(crate) struct Channel {
    pub(crate) sender: SendRequest<RequestBody>,
    /// Scheme, host and port.
    pub(crate) origin: Arc<str>,
}

/// What goes along with each request.
#[derive(Clone, Copy)]
pub(crate) struct Envelope<'a> {
    /// Service and method: `/etcdserverpb.KV/Range`.
    pub(crate) path: &'static str,
    /// Who asks, where the cluster wants to know.
    pub(crate) token: Option<&'a str>,
    /// After which the member may forget the request.
    pub(crate) timeout: Option<Duration>,
}

/// A request's body: one message, after which the stream ends or stays open.
pub(crate) struct RequestBody {
    message: Option<Bytes>,
    stays_open: bool,
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.message.take() {
            Some(message) => Poll::Ready(Some(Ok(Frame::data(message)))),
            // Nobody wakes it: it ends when the answers are dropped, which resets the stream.
            None if self.stays_open => Poll::Pending,
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.message.is_none() && !self.stays_open
    }
}

/// A message in its frame.
pub(crate) fn framed(message: &impl Message) -> Bytes {
    let len = message.encoded_len();
    let mut frame = BytesMut::with_capacity(FRAME_HEADER_LEN.saturating_add(len));
    put_frame_header(&mut frame, len);
    frame.put(message.encode_to_vec().as_slice());
    frame.freeze()
}

/// The head of the frame around a message of `len` bytes.
pub(crate) fn put_frame_header(frame: &mut impl BufMut, len: usize) {
    frame.put_u8(0);
    frame.put_u32(u32::try_from(len).unwrap_or(u32::MAX));
}

/// A call with one answer. `frame` is a message [`framed`].
pub(crate) async fn unary<A: Message + Default>(
    channel: &Channel,
    envelope: Envelope<'_>,
    frame: Bytes,
) -> Result<A, CallError> {
    let mut answers = send(channel, envelope, RequestBody { message: Some(frame), stays_open: false }).await?;
    let answer = answers.next::<A>().await?.ok_or_else(|| CallError::lost("the answer is empty"))?;
    // The status behind the answer; without it the answer counts for nothing.
    match answers.next::<A>().await? {
        None => Ok(answer),
        Some(_) => Err(CallError::lost("there are two answers")),
    }
}

/// A call that goes on until its answers are dropped.
pub(crate) async fn stream(
    channel: &Channel,
    envelope: Envelope<'_>,
    first: &impl Message,
) -> Result<Answers, CallError> {
    send(channel, envelope, RequestBody { message: Some(framed(first)), stays_open: true }).await
}

async fn send(channel: &Channel, envelope: Envelope<'_>, body: RequestBody) -> Result<Answers, CallError> {
    let mut request = Request::post(format!("{}{}", channel.origin, envelope.path))
        .header(header::TE, "trailers")
        .header(header::CONTENT_TYPE, "application/grpc")
        .header(HAS_LEADER, "true");
    if let Some(token) = envelope.token {
        request = request.header(TOKEN, token);
    }
    if let Some(timeout) = envelope.timeout {
        request = request.header("grpc-timeout", format!("{}m", timeout.as_millis()));
    }
    let request = request.body(body).map_err(CallError::not_sent)?;
    let mut sender = channel.sender.clone();
    sender.ready().await.map_err(CallError::not_sent)?;
    let response = sender.try_send_request(request).await.map_err(|mut error| {
        // hyper hands back what it never sent.
        let unsent = error.take_message().is_some();
        let why = error.into_error();
        if unsent { CallError::not_sent(why) } else { CallError::lost(why) }
    })?;
    if response.status() != StatusCode::OK {
        return Err(CallError::lost(format_args!("a member answers with HTTP status {}", response.status())));
    }
    // An error can come in place of all answers.
    if let Some(Err(error)) = status_in(response.headers()) {
        return Err(error);
    }
    Ok(Answers { body: response.into_body(), buffer: BytesMut::new() })
}

/// The answers to a call, one after the other.
pub(crate) struct Answers {
    body: Incoming,
    /// What has come and is not yet a whole answer.
    buffer: BytesMut,
}

impl Answers {
    /// The next answer; `None` when the member ends the call in order. Dropping the future loses nothing.
    pub(crate) async fn next<A: Message + Default>(&mut self) -> Result<Option<A>, CallError> {
        loop {
            if let Some(message) = self.take_message()? {
                return A::decode(message).map(Some).map_err(CallError::lost);
            }
            let frame = match self.body.frame().await {
                Some(Ok(frame)) => frame,
                Some(Err(error)) => return Err(CallError::lost(error)),
                None => return Err(CallError::lost("the connection ended within an answer")),
            };
            match frame.into_data() {
                Ok(data) => self.buffer.put(data),
                Err(frame) => {
                    if let Some(status) = frame.trailers_ref().and_then(status_in) {
                        return status.map(|()| None);
                    }
                }
            }
        }
    }

    fn take_message(&mut self) -> Result<Option<Bytes>, CallError> {
        let Some(mut head) = self.buffer.get(..FRAME_HEADER_LEN) else { return Ok(None) };
        let (is_compressed, len) = (head.get_u8() != 0, head.get_u32() as usize);
        if is_compressed {
            return Err(CallError::lost("an answer is compressed, which nobody asked for"));
        }
        if len > ANSWER_BYTES_MAX {
            return Err(CallError::TooLarge);
        }
        let end = FRAME_HEADER_LEN.saturating_add(len);
        if self.buffer.len() < end {
            self.buffer.reserve(end.saturating_sub(self.buffer.len()));
            return Ok(None);
        }
        let mut message = self.buffer.split_to(end);
        message.advance(FRAME_HEADER_LEN);
        Ok(Some(message.freeze()))
    }
}

/// The status in headers or trailers, if there is one.
fn status_in(headers: &HeaderMap) -> Option<Result<(), CallError>> {
    let number = headers.get("grpc-status")?.to_str().ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    if number == 0 {
        return Some(Ok(()));
    }
    let message = headers.get("grpc-message").map_or_else(String::new, |text| unescaped(text.as_bytes()));
    let message = if message.is_empty() { format!("etcd answers with code {number}") } else { message };
    Some(Err(CallError::Status { code: Code::of(number, &message), message: message.into() }))
}

/// Undoes the percent encoding of a status text.
fn unescaped(mut text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    while let Some((&first, rest)) = text.split_first() {
        let escaped = (first == b'%').then(|| rest.split_first_chunk::<2>()).flatten();
        let decoded = escaped.and_then(|(digits, rest)| {
            let digits = str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, rest))
        });
        let (byte, rest) = decoded.unwrap_or((first, rest));
        bytes.push(byte);
        text = rest;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_texts_are_read() {
        let cases: [(&[u8], &str); 5] =
            [(b"plain", "plain"), (b"a%20b%25", "a b%"), (b"100%", "100%"), (b"%zz%4", "%zz%4"), (b"%C3%A9", "\u{e9}")];
        for (text, read) in cases {
            assert_eq!(unescaped(text), read);
        }
    }

    #[test]
    fn what_may_have_happened_is_never_taken_for_undone() {
        let status = |number, text: &str| CallError::Status { code: Code::of(number, text), message: text.into() };
        let cases = [
            (CallError::not_sent("x"), false, true),
            (CallError::lost("x"), true, true),
            (CallError::TooLarge, true, false),
            (status(14, "etcdserver: request timed out"), true, true),
            (status(4, "deadline"), true, true),
            (status(2, "unknown"), true, true),
            (status(2, "auth: permission denied"), false, false),
            (status(8, "etcdserver: mvcc: database space exceeded"), false, false),
            (status(8, "etcdserver: too many requests"), false, true),
            (status(16, "etcdserver: invalid auth token"), false, true),
            (status(7, "etcdserver: permission denied"), false, false),
            (status(3, "etcdserver: revision of auth store is old"), false, true),
            (status(5, "etcdserver: requested lease not found"), false, false),
        ];
        for (error, may_have_happened, is_transient) in cases {
            assert_eq!((error.may_have_happened(), error.is_transient()), (may_have_happened, is_transient), "{error}");
        }
    }
}
