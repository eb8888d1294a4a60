//! One connection, from its first byte to its last.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Answer;
use super::limits::Limits;
use super::request::{Origin, handle};
use super::stream::Watched;
use super::watchdog::{Verdict, Watchdog};

/// How HTTP is spoken.
pub(super) type Protocol = auto::Builder<TokioExecutor>;

/// Bytes of data on one HTTP/2 stream, and on one connection, that a peer may send ahead of our reading.
const HTTP2_STREAM_WINDOW: u32 = 128 << 10;
const HTTP2_CONNECTION_WINDOW: u32 = 1 << 20;
/// Bodies of the largest size that are read away after a refusal, before the connection is closed over the rest.
const LINGER_BODIES: usize = 4;
/// Bytes of answers that wait on one HTTP/2 stream.
const HTTP2_SEND_BUFFER: usize = 64 << 10;

/// HTTP/1.1 and HTTP/2, told apart by the first bytes, within `limits`.
///
/// Times are not set here: the [`Watchdog`] keeps them for both versions, TLS or not.
pub(super) fn protocol(limits: &Limits) -> Protocol {
    let head_bytes = limits.head_bytes.max(Limits::LEAST_HEAD_BYTES);
    let mut protocol = auto::Builder::new(TokioExecutor::new());
    // One buffer for head and body: they leave in one write, thus in one segment, which some clients rely on.
    // A head must fit the read buffer; a body is read through it piece by piece.
    protocol.http1().writev(false).header_read_timeout(None).max_buf_size(head_bytes);
    protocol
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.http2_streams)
        .max_header_list_size(u32::try_from(head_bytes).unwrap_or(u32::MAX))
        .initial_stream_window_size(HTTP2_STREAM_WINDOW)
        .initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
        .max_send_buf_size(HTTP2_SEND_BUFFER);
    protocol
}

/// Serves one connection until it ends, by whoever's wish.
pub(super) async fn serve<S, A>(stream: S, protocol: &Protocol, origin: Arc<Origin<A>>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Answer,
{
    let shared = Arc::clone(&origin.shared);
    let pulse = Arc::clone(&origin.pulse);
    let linger_bytes = shared.limits.body_bytes.saturating_mul(LINGER_BODIES);
    let for_bytes = Arc::clone(&origin);
    let refuse = Box::new(move |id, fault| for_bytes.refuse_bytes(id, fault));
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&pulse), linger_bytes, refuse));
    let service = service_fn(move |request: Request<Incoming>| handle(Arc::clone(&origin), request));
    let mut connection = pin!(protocol.serve_connection(io, service));
    let mut watchdog = Watchdog::new(&shared.limits, &pulse);
    let mut is_ending = false;
    poll_fn(|cx| {
        pulse.remember(cx.waker());
        loop {
            if pulse.is_stopping() && !is_ending {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
            // How a connection ended is the peer's affair; there is nobody left to tell.
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            match watchdog.poll(cx, &shared.limits, &pulse) {
                Verdict::Leave => return Poll::Pending,
                Verdict::Cut => return Poll::Ready(()),
                Verdict::End => {
                    is_ending = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::Pin;
    use std::sync::Mutex;
    use std::task::Context;

    use bytes::Bytes;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadBuf, duplex};

    use super::*;
    use crate::health::Health;
    use crate::http::body::Room;
    use crate::http::proxies::TrustedProxies;
    use crate::http::pulse::Pulse;
    use crate::http::request::Shared;
    use crate::http::{RawRequest, RawResponse};
    use crate::observer::Observer;

    struct Fixed(Bytes);

    impl Answer for Fixed {
        async fn answer(&self, _: RawRequest) -> RawResponse {
            RawResponse { content_type: "text/plain", body: self.0.clone(), ..RawResponse::default() }
        }
    }

    /// Notes the size of each write.
    struct Noting(DuplexStream, Arc<Mutex<Vec<usize>>>);

    impl AsyncRead for Noting {
        fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(cx, buf)
        }
    }

    impl AsyncWrite for Noting {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.1.lock().unwrap().push(bytes.len());
            Pin::new(&mut self.0).poll_write(cx, bytes)
        }
        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(cx)
        }
        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(cx)
        }
    }

    /// A paginator of the Go SDK fails now and then when an answer's head and body arrive apart.
    #[tokio::test]
    async fn head_and_body_leave_in_one_write() {
        for length in [0, 300, 6_000, 60_000] {
            let limits = Limits::default();
            let shared = Shared {
                answer: Fixed(Bytes::from(vec![b'x'; length])),
                health: Arc::new(Health::default()),
                room: Room::new(0),
                limits: limits.clone(),
                proxies: TrustedProxies::default(),
                observer: Observer::default(),
            };
            let origin = Origin {
                shared: Arc::new(shared),
                pulse: Arc::new(Pulse::default()),
                peer: [127, 0, 0, 1].into(),
                secure_transport: false,
                certificate: None,
                tls: None,
            };
            let (mut client, stream) = duplex(1 << 20);
            let writes = Arc::new(Mutex::new(Vec::new()));
            let noting = Noting(stream, Arc::clone(&writes));
            let request = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx";
            client.write_all(request).await.unwrap();
            serve(noting, &protocol(&limits), Arc::new(origin)).await;
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.unwrap();
            assert!(answer.len() > length + 100);
            assert_eq!(*writes.lock().unwrap(), [answer.len()], "body of {length} bytes");
        }
    }
}
