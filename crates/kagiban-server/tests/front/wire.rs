//! A client that sends bytes as they are and reads answers strictly.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than anything takes here; a test that hangs fails by it.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection.
pub(crate) struct Wire<S = TcpStream> {
    stream: S,
    received: Vec<u8>,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) fields: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self { stream, received: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Sends until done or refused; gives whether all was taken.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> bool {
        timeout(PATIENCE, self.stream.write_all(bytes)).await.unwrap().is_ok()
    }

    pub(crate) async fn post(&mut self, body: &str) {
        self.send(post(body)).await;
    }

    pub(crate) async fn ask(&mut self, body: &str) -> Reply {
        self.post(body).await;
        self.reply(true).await
    }

    /// Reads one answer; `has_body` is false for HEAD.
    pub(crate) async fn reply(&mut self, has_body: bool) -> Reply {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            assert!(
                self.more().await,
                "the connection closed in a head: {:?}",
                String::from_utf8_lossy(&self.received)
            );
        };
        let head = String::from_utf8(self.received.drain(..end + 4).collect()).unwrap();
        let (status, fields) = parse(&head);
        let length: usize = if has_body { fields["content-length"].parse().unwrap() } else { 0 };
        while self.received.len() < length {
            assert!(self.more().await, "the connection closed in a body");
        }
        Reply { status, fields, body: self.received.drain(..length).collect() }
    }

    /// Waits until the other end closes; what came before is in the result.
    pub(crate) async fn closed(mut self) -> Vec<u8> {
        while self.more().await {}
        self.received
    }

    async fn more(&mut self) -> bool {
        let read = self.stream.read_buf(&mut self.received);
        timeout(PATIENCE, read).await.expect("the other end neither sends nor closes").is_ok_and(|n| n > 0)
    }
}

fn parse(head: &str) -> (u16, HashMap<String, String>) {
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().unwrap().strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
    let field = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_ascii_lowercase(), value.to_owned())
    };
    (status, lines.map(field).collect())
}

pub(crate) fn post(body: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: kms.test\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

impl Reply {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Checks what every answer carries, and gives the error code if there is one.
    #[track_caller]
    pub(crate) fn check(&self, status: u16) -> Option<String> {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.fields["x-amzn-requestid"].len(), 36);
        assert!(self.fields["date"].ends_with(" GMT"), "{self:?}");
        assert_eq!(self.fields["cache-control"], "no-cache, no-store");
        assert_eq!(self.fields["x-content-type-options"], "nosniff");
        assert!(self.fields.contains_key("content-type") && self.fields.contains_key("content-length"), "{self:?}");
        let body: Option<serde_json::Value> = serde_json::from_slice(&self.body).ok();
        body.and_then(|body| body["__type"].as_str().map(str::to_owned))
    }

    pub(crate) fn closes(&self) -> bool {
        self.fields.get("connection").is_some_and(|value| value == "close")
    }
}
