//! The socket as the HTTP library sees it, with three things added: it tells the [`Pulse`] what moves, it lingers before
//! closing when the peer is still sending, and it gives the library's own error answers our form.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use kagiban_base::id::RequestId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::fault::Fault;
use super::pulse::Pulse;
use super::reply;

/// Bytes read away at once while lingering.
const SINK_BYTES: usize = 4096;

/// A stream that is watched.
pub(super) struct Watched<S> {
    stream: S,
    pulse: Arc<Pulse>,
    /// Bytes still allowed to be read away before the connection closes.
    linger_bytes: usize,
    /// Our answer in place of the library's, as far as it is not written.
    replacement: Option<Bytes>,
    peer_is_done: bool,
    /// Records what the library refuses; gives what it is answered with.
    refuse: Refuse,
}

/// From the number of what is refused, and why, to what it is told.
pub(super) type Refuse = Box<dyn Fn(RequestId, Fault) -> Fault + Send>;

impl<S> Watched<S> {
    pub(super) fn new(stream: S, pulse: Arc<Pulse>, linger_bytes: usize, refuse: Refuse) -> Self {
        Self { stream, pulse, linger_bytes, replacement: None, peer_is_done: false, refuse }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if buf.filled().len() == before {
            self.peer_is_done = true;
        } else {
            self.pulse.received();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.replacement.is_none() && this.pulse.writes_library_error() {
            this.replacement = reply::in_place_of(bytes, &this.refuse);
        }
        if this.replacement.is_some() {
            ready!(this.poll_replacement(cx))?;
            this.pulse.linger();
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.note(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.pulse.flushed();
        }
        self.note(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        self.poll_linger(cx)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Watched<S> {
    fn note<T>(&self, outcome: Poll<T>) -> Poll<T> {
        if outcome.is_pending() {
            self.pulse.stalled();
        }
        outcome
    }

    fn poll_replacement(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.replacement.as_mut().filter(|rest| !rest.is_empty()) {
            let written = match Pin::new(&mut self.stream).poll_write(cx, rest) {
                Poll::Ready(written) => written?,
                Poll::Pending => return self.note(Poll::Pending),
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            rest.advance(written);
        }
        self.replacement = None;
        Poll::Ready(Ok(()))
    }

    /// Reads away what a refused peer is still sending: closing over unread bytes makes the kernel reset the
    /// connection, and the peer would see the reset instead of the answer. The watchdog bounds the time.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.pulse.lingers() && !self.peer_is_done && self.linger_bytes > 0 {
            let mut sink = [0; SINK_BYTES];
            let mut sink = ReadBuf::new(&mut sink);
            // The peer going away in any manner is what we wait for.
            if ready!(Pin::new(&mut self.stream).poll_read(cx, &mut sink)).is_err() {
                break;
            }
            self.peer_is_done = sink.filled().is_empty();
            self.linger_bytes = self.linger_bytes.saturating_sub(sink.filled().len());
        }
        Poll::Ready(Ok(()))
    }
}
