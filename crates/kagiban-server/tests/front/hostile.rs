//! Peers that send too much, too little, too slowly, or nonsense.

use std::time::Duration;

use kagiban_server::http::Limits;
use tokio::net::TcpSocket;

use crate::server::{MOMENT, Server, tight};
use crate::wire::Wire;

#[tokio::test]
async fn announced_oversize_is_refused_before_it_is_read() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    wire.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 65537\r\n\r\n").await;
    let reply = wire.reply(true).await;
    assert_eq!(reply.check(413).as_deref(), Some("RequestEntityTooLargeException"));
    assert!(reply.closes());
    assert!(wire.closed().await.is_empty());
    assert_eq!(server.calls(), 0);
}

/// A client that sends its whole oversized body before it reads must get the answer, not a reset: what the server has
/// not read when it closes would make the kernel throw the answer away.
#[tokio::test]
async fn an_oversized_sender_can_read_the_refusal() {
    let server = Server::start(tight());
    for round in 0..20 {
        let mut wire = Wire::connect(server.address).await;
        let length = 200 << 10;
        wire.send(format!("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: {length}\r\n\r\n")).await;
        assert!(wire.try_send(&vec![b'x'; length]).await, "round {round}");
        assert_eq!(wire.reply(true).await.check(413).as_deref(), Some("RequestEntityTooLargeException"));
        assert!(wire.closed().await.is_empty());
    }
}

#[tokio::test]
async fn chunked_oversize_is_refused_while_it_is_read() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    wire.send("POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n").await;
    let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
    for _ in 0..65 {
        wire.try_send(chunk.as_bytes()).await;
    }
    assert_eq!(wire.reply(true).await.check(413).as_deref(), Some("RequestEntityTooLargeException"));
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn endless_senders_are_cut() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    wire.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 99999999999\r\n\r\n").await;
    while wire.try_send(&[b'x'; 4096]).await {}
}

#[tokio::test]
async fn bodies_in_pieces_share_a_bounded_room() {
    let server = Server::start(Limits { all_bodies_bytes: 1000, ..tight() });
    let mut whole = Wire::connect(server.address).await;
    assert_eq!(whole.ask(&"x".repeat(5000)).await.status, 200, "a body in one piece takes no room");
    let mut wire = Wire::connect(server.address).await;
    let chunk = format!("258\r\n{}\r\n", "x".repeat(0x258));
    wire.send("POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n").await;
    wire.send(chunk.repeat(2)).await;
    assert_eq!(wire.reply(true).await.check(503).as_deref(), Some("ServiceUnavailable"));
    // What it held is free again.
    let mut next = Wire::connect(server.address).await;
    next.send("POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n").await;
    next.send(chunk + "0\r\n\r\n").await;
    assert_eq!(next.reply(true).await.status, 200);
}

#[tokio::test]
async fn large_heads_are_refused() {
    let server = Server::start(tight());
    for head in [
        format!("POST / HTTP/1.1\r\nhost: h\r\nx-long: {}\r\n\r\n", "x".repeat(9000)),
        format!("POST / HTTP/1.1\r\n{}\r\n", "x-many: 1\r\n".repeat(101)),
        format!("POST /{} HTTP/1.1\r\nhost: h\r\n\r\n", "x".repeat(9000)),
    ] {
        let mut wire = Wire::connect(server.address).await;
        wire.send(head).await;
        let reply = wire.reply(true).await;
        assert_eq!(reply.check(431).as_deref(), Some("MalformedHttpRequestException"));
        assert!(reply.closes());
        assert!(wire.closed().await.is_empty());
    }
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn garbage_gets_a_clear_error_or_nothing() {
    let server = Server::start(tight());
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], // a TLS hello to a plain port
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nno colon here\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: gzip\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthis is no settings frame at all, not even nearly",
    ] {
        let mut wire = Wire::connect(server.address).await;
        wire.send(garbage).await;
        let answer = wire.closed().await;
        let text = String::from_utf8_lossy(&answer);
        assert!(
            !text.starts_with("HTTP/") || (text.contains(" 400 ") && text.contains("MalformedHttpRequestException")),
            "{:?}: {text}",
            String::from_utf8_lossy(garbage)
        );
    }
    let mut wire = Wire::connect(server.address).await;
    wire.send("POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n").await;
    let reply = wire.reply(true).await;
    assert_eq!(reply.check(400).as_deref(), Some("MalformedHttpRequestException"));
    assert_eq!(server.calls(), 0);
    assert_eq!(Wire::connect(server.address).await.ask("unharmed").await.status, 200);
}

/// Each kind of silence has its own limit: nothing at all, half a head, half a body, no further request.
#[tokio::test]
async fn silence_is_bounded() {
    let short_head = Limits { head_time: MOMENT, ..tight() };
    let server = Server::start(short_head.clone());
    assert!(Wire::connect(server.address).await.closed().await.is_empty(), "a silent connection is closed");

    let mut wire = Wire::connect(server.address).await;
    wire.send("POST / HTTP/1.1\r\nhos").await;
    assert!(wire.closed().await.is_empty(), "half a head is not waited for");

    let mut wire = Wire::connect(server.address).await;
    wire.ask("first").await;
    wire.send("POST / HT").await;
    assert!(wire.closed().await.is_empty(), "nor half of a second one");

    let server = Server::start(Limits { body_time: MOMENT, ..tight() });
    let mut wire = Wire::connect(server.address).await;
    wire.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nhalf").await;
    let reply = wire.reply(true).await;
    assert_eq!(reply.check(408).as_deref(), Some("RequestTimeoutException"));
    assert!(wire.closed().await.is_empty());
    assert_eq!(server.calls(), 0);

    let server = Server::start(Limits { idle_time: MOMENT, ..tight() });
    let mut wire = Wire::connect(server.address).await;
    wire.ask("first").await;
    assert!(wire.closed().await.is_empty(), "an idle connection is closed");
}

#[tokio::test]
async fn dripping_a_head_gains_no_time() {
    let server = Server::start(Limits { head_time: MOMENT, ..tight() });
    let mut wire = Wire::connect(server.address).await;
    let mut sent = 0;
    while wire.try_send(b"x").await && sent < 1_000_000 {
        sent += 1;
        tokio::task::yield_now().await;
    }
    assert!(sent < 1_000_000, "the connection was never closed");
}

#[tokio::test]
async fn a_late_answer_is_given_up() {
    let mut server = Server::start(Limits { answer_time: MOMENT, ..tight() });
    let mut wire = Wire::connect(server.address).await;
    wire.post("wait").await;
    server.waiting.recv().await.unwrap();
    assert_eq!(wire.reply(true).await.check(503).as_deref(), Some("ServiceUnavailable"));
    assert_eq!(wire.ask("next").await.status, 200, "the connection is still good");
}

/// A peer that asks and never reads fills its own window, then ours; the write limit ends it.
#[tokio::test]
async fn not_reading_answers_is_bounded() {
    let server = Server::start(Limits { write_time: MOMENT, ..tight() });
    let mut wire = Wire::connect(server.address).await;
    let requests = crate::wire::post("x").repeat(100);
    while wire.try_send(requests.as_bytes()).await {}
}

/// Thousands of connections that send half a head cost their bounded part each, and others are served meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_connections_by_the_thousand() {
    let count = usable_descriptors().min(3000);
    let server = Server::start(tight());
    let before = resident_bytes();
    let mut halves = Vec::new();
    for n in 0..count {
        let mut wire = Wire::connect(server.address).await;
        if n % 2 == 0 {
            wire.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000\r\n").await;
        }
        halves.push(wire);
    }
    let mut wire = Wire::connect(server.address).await;
    assert_eq!(wire.ask("is anyone there?").await.status, 200);
    // Both ends live in this process, so the bound is for both.
    let each = resident_bytes().saturating_sub(before) / count;
    assert!(each < 64 << 10, "{each} bytes for each of {count} connections");
}

/// Beyond the limit a connection waits its turn; it is not lost.
#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let mut server = Server::start(Limits { connections: 1, ..tight() });
    let mut first = Wire::connect(server.address).await;
    first.post("wait").await;
    server.waiting.recv().await.unwrap();
    let mut second = Wire::connect(server.address).await;
    second.post("mine too").await;
    server.script.released.add_permits(1);
    assert_eq!(first.reply(true).await.status, 200);
    assert_eq!(server.calls(), 1, "the second connection is not served while the first is open");
    drop(first);
    assert_eq!(second.reply(true).await.status, 200);
}

/// A reset in the middle of a request harms nobody else.
#[tokio::test]
async fn resets_are_survived() {
    let server = Server::start(tight());
    for _ in 0..100 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_zero_linger().unwrap();
        let mut wire = Wire::over(socket.connect(server.address).await.unwrap());
        wire.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\nhalf").await;
    }
    assert_eq!(Wire::connect(server.address).await.ask("unharmed").await.status, 200);
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Half of what the process may open: both ends are here.
fn usable_descriptors() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let hard = limit.maximum.unwrap_or(65_536);
    let raised = rustix::process::Rlimit { current: Some(hard), maximum: limit.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    usize::try_from(hard / 2 - 100).unwrap()
}

#[tokio::test]
async fn the_clock_of_one_connection_is_not_anothers() {
    let server = Server::start(Limits { head_time: Duration::from_millis(400), ..tight() });
    let mut busy = Wire::connect(server.address).await;
    let silent = tokio::spawn(Wire::connect(server.address).await.closed());
    while !silent.is_finished() {
        assert_eq!(busy.ask("x").await.status, 200);
    }
    assert_eq!(busy.ask("x").await.status, 200);
}

/// What the service never sees is recorded all the same, and not answered so if it cannot be.
#[tokio::test]
async fn refusals_are_recorded_before_they_are_told() {
    let server = Server::start(tight());
    let requests = [
        ("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 65537\r\n\r\n", 413, "RequestEntityTooLargeException"),
        ("PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n", 405, "UnknownOperationException"),
        ("POST /elsewhere HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n", 404, "UnknownOperationException"),
        ("POST / HTTP/1.1\r\nno colon here\r\n\r\n", 400, "MalformedHttpRequestException"),
    ];
    for (request, status, code) in requests {
        let mut wire = Wire::connect(server.address).await;
        wire.send(request).await;
        assert_eq!(wire.reply(true).await.check(status).as_deref(), Some(code), "{request}");
        assert_eq!(std::mem::take(&mut *server.script.refused.lock().unwrap()), [code], "{request}");
    }
    let mut wire = Wire::connect(server.address).await;
    wire.send("GET /healthz HTTP/1.1\r\nhost: h\r\n\r\n").await;
    assert_eq!(wire.reply(true).await.status, 200);
    assert!(server.script.refused.lock().unwrap().is_empty());
    server.script.records.store(false, std::sync::atomic::Ordering::SeqCst);
    for (request, ..) in requests {
        let mut wire = Wire::connect(server.address).await;
        wire.send(request).await;
        assert_eq!(wire.reply(true).await.check(503).as_deref(), Some("ServiceUnavailableException"), "{request}");
    }
    assert_eq!(server.calls(), 0);
}
