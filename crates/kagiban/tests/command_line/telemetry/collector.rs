//! An OpenTelemetry collector of the tests: it decodes what it is sent with the protocol's own messages.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// Longest wait for what another thread or process is about to do.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Takes traces as a collector does, or refuses them.
pub(super) struct Collector {
    pub(super) url: String,
    /// Whole bodies.
    pub(super) bodies: Receiver<Vec<u8>>,
}

impl Collector {
    /// Answers with this status; 0 is not to answer at all.
    pub(super) fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, bodies) = channel();
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let sender = sender.clone();
                thread::spawn(move || take(stream.unwrap(), status, &sender));
            }
        });
        Self { url, bodies }
    }

    /// The spans that come until there is one of this name, and all bytes of them.
    pub(super) fn until(&self, name: &str) -> (Vec<Span>, Vec<u8>) {
        let (mut spans, mut bytes) = (Vec::new(), Vec::new());
        while !spans.iter().any(|span: &Span| span.name == name) {
            let body = self.bodies.recv_timeout(PATIENCE).expect("a span of this name");
            let request = ExportTraceServiceRequest::decode(&body[..]).unwrap();
            for resource in request.resource_spans {
                let attributes = &resource.resource.as_ref().unwrap().attributes;
                assert!(attributes.iter().any(|attribute| attribute.key == "service.name"));
                spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
            }
            bytes.extend(body);
        }
        (spans, bytes)
    }
}

/// Requests of one connection.
fn take(mut stream: TcpStream, status: u16, bodies: &Sender<Vec<u8>>) {
    let mut bytes = Vec::new();
    let mut piece = [0; 16 << 10];
    loop {
        while let Some((head, body)) = whole(&bytes) {
            assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
            assert!(head.contains("content-type: application/x-protobuf"), "{head}");
            _ = bodies.send(body.to_vec());
            bytes.drain(..head.len() + 4 + body.len());
            if status != 0 {
                write!(stream, "HTTP/1.1 {status} S\r\ncontent-length: 0\r\n\r\n").unwrap();
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(length) => bytes.extend(&piece[..length]),
        }
    }
}

/// A request that has arrived: head and body.
fn whole(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = str::from_utf8(&bytes[..end]).unwrap();
    let length = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().unwrap();
    Some((head, bytes[end + 4..].get(..length)?))
}

pub(super) fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Any::StringValue(text) => Some(text.clone()),
        Any::IntValue(number) => Some(number.to_string()),
        other => panic!("{other:?}"),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
