//! HTTP/2, in the clear with prior knowledge.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kagiban_server::http::Limits;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::server::{MOMENT, Server, tight};

/// One HTTP/2 connection.
pub(crate) struct Version2 {
    pub(crate) sender: SendRequest<Full<Bytes>>,
    pub(crate) ended: JoinHandle<hyper::Result<()>>,
}

pub(crate) async fn connect(address: SocketAddr) -> Version2 {
    over(TcpStream::connect(address).await.unwrap()).await
}

pub(crate) async fn over<S>(stream: S) -> Version2
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    Version2 { sender, ended: tokio::spawn(connection) }
}

impl Version2 {
    pub(crate) fn post(&mut self, body: &str) -> impl Future<Output = Response<Incoming>> + Send + use<> {
        let request = Request::post("http://kms.test:99/").body(Full::from(body.to_owned())).unwrap();
        let sent = self.sender.send_request(request);
        async { sent.await.unwrap() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response<Incoming> {
        let request = Request::get(format!("http://kms.test{path}")).body(Full::default()).unwrap();
        self.sender.send_request(request).await.unwrap()
    }
}

async fn json(response: Response<Incoming>) -> serde_json::Value {
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

#[tokio::test]
async fn streams_share_a_connection() {
    let server = Server::start(tight());
    let mut client = connect(server.address).await;
    let asked: Vec<_> = (0..100).map(|n| (n * 100, client.post(&"x".repeat(n * 100)))).collect();
    for (length, response) in asked {
        let response = response.await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["x-amzn-requestid"].len(), 36);
        assert_eq!(response.headers()["cache-control"], "no-cache, no-store");
        let seen = json(response).await;
        assert_eq!(seen["length"], length);
        assert_eq!(seen["host"], "kms.test:99", "signatures speak of host, HTTP/2 of :authority");
    }
}

#[tokio::test]
async fn limits_hold_for_each_stream() {
    let server = Server::start(tight());
    let mut client = connect(server.address).await;
    let refused = client.post(&"x".repeat((64 << 10) + 1)).await;
    assert_eq!(refused.status(), 413);
    assert_eq!(refused.headers().get("connection"), None, "HTTP/2 knows no such field");
    assert_eq!(json(refused).await["__type"], "RequestEntityTooLargeException");
    assert_eq!(client.post("panic").await.status(), 500);
    let request = Request::post("http://h/").header("x-long", "x".repeat(9000)).body(Full::default()).unwrap();
    assert!(client.sender.send_request(request).await.is_ok_and(|answer| answer.status() == 431));
    assert_eq!(client.post("unharmed").await.status(), 200);
    assert_eq!(client.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn idle_connections_are_told_to_go() {
    let server = Server::start(Limits { idle_time: MOMENT, ..tight() });
    let mut client = connect(server.address).await;
    assert_eq!(client.post("x").await.status(), 200);
    client.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn stopping_finishes_streams() {
    let mut server = Server::start(tight());
    let mut client = connect(server.address).await;
    let waiting = tokio::spawn(client.post("wait"));
    server.waiting.recv().await.unwrap();
    server.stopper.stop();
    server.script.released.add_permits(1);
    assert_eq!(waiting.await.unwrap().status(), 200);
    client.ended.await.unwrap().unwrap();
    assert_eq!(server.ended.await.unwrap().cut, 0);
}

#[tokio::test]
async fn stopping_says_goodbye_to_the_idle() {
    let server = Server::start(tight());
    let mut client = connect(server.address).await;
    assert_eq!(client.post("x").await.status(), 200);
    server.stopper.stop();
    client.ended.await.unwrap().unwrap();
    assert_eq!(server.ended.await.unwrap().cut, 0);
}

/// Opening streams and resetting them at once asks for work and takes no place among the open streams: the flood of
/// CVE-2023-44487. The connection that does it is ended; others do not notice, and no work is left behind.
#[tokio::test]
async fn a_flood_of_resets_harms_nobody_else() {
    let server = Server::start(tight());
    let mut flood = connect(server.address).await;
    for _ in 0..5_000 {
        let request = Request::post("http://h/").body(Full::from("wait")).unwrap();
        if flood.sender.ready().await.is_err() {
            break;
        }
        let mut sent = std::pin::pin!(flood.sender.send_request(request));
        tokio::select! {
            biased;
            _ = &mut sent => break,
            () = tokio::task::yield_now() => {}
        }
    }
    assert!(flood.ended.await.unwrap().is_err(), "the connection goes on");
    assert!(server.calls() < 200, "each reset stream was worked on");
    let mut other = connect(server.address).await;
    assert_eq!(other.post("unharmed").await.status(), 200);
    // What was abandoned does not hold the end up.
    drop(other);
    server.stopper.stop();
    assert_eq!(server.ended.await.unwrap().cut, 0);
}
