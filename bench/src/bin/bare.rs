//! The bare server: hyper as Kagiban's front uses it (same builder, same settings, same runtime, same allocator), which
//! reads each request to its end and answers with the bytes of a canned answer. What it costs is what no server on
//! hyper can save; the rest is Kagiban's own.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use clap::Parser;
use http::header::{CONTENT_LENGTH, DATE, HeaderName, HeaderValue};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use kagiban_bench::{Failure, http1};
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Answers every request with the same bytes. Prints its address, and runs until it is killed.
#[derive(Parser)]
struct Arguments {
    /// A file with a whole HTTP/1.1 answer: status line, header, body.
    #[arg(long)]
    answer: PathBuf,
}

/// The canned answer.
struct Canned {
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Canned {
    fn read(bytes: &[u8]) -> Result<Self, Failure> {
        let answer = http1::Answer::read(bytes)?.ok_or("the canned answer is not whole")?;
        let head = str::from_utf8(&bytes[..answer.head_len])?;
        let mut headers = Vec::new();
        for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
            let name: HeaderName = name.parse()?;
            // These two are the library's.
            if name != CONTENT_LENGTH && name != DATE {
                headers.push((name, value.parse()?));
            }
        }
        Ok(Self { headers, body: Bytes::copy_from_slice(&bytes[answer.head_len..]) })
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let mut body = request.into_body();
        while let Some(Ok(_)) = body.frame().await {}
        let mut headers = HeaderMap::with_capacity(8);
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        let mut response = Response::new(Full::new(self.body.clone()));
        *response.headers_mut() = headers;
        Ok(response)
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let canned = Arc::new(Canned::read(&std::fs::read(arguments.answer)?)?);
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("{}", listener.local_addr()?);
    let mut protocol = auto::Builder::new(TokioExecutor::new());
    protocol.http1().writev(false).header_read_timeout(None).max_buf_size(32 << 10);
    let protocol = Arc::new(protocol);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (canned, protocol) = (Arc::clone(&canned), Arc::clone(&protocol));
        tokio::spawn(async move {
            let service = service_fn(move |request| Arc::clone(&canned).answer(request));
            // How a connection ended is its client's affair.
            let _ended = protocol.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
