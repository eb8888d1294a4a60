//! Shutting down: what is under way finishes, what is idle closes, and the time is bounded.

use kagiban_server::http::{Drained, Limits};
use tokio::net::TcpStream;

use crate::server::{MOMENT, Server, tight};
use crate::wire::Wire;

#[tokio::test]
async fn a_request_under_way_is_finished() {
    let mut server = Server::start(tight());
    let mut idle = Wire::connect(server.address).await;
    idle.ask("then nothing").await;
    let mut half = Wire::connect(server.address).await;
    half.send("POST / HT").await;
    let mut busy = Wire::connect(server.address).await;
    busy.post("wait").await;
    server.waiting.recv().await.unwrap();

    server.stopper.stop();
    assert!(idle.closed().await.is_empty(), "idle connections close at once");
    assert!(half.closed().await.is_empty(), "so do those without a whole request");
    assert!(TcpStream::connect(server.address).await.is_err(), "nothing new is accepted");
    assert!(!server.ended.is_finished());

    server.script.released.add_permits(1);
    let reply = busy.reply(true).await;
    reply.check(200);
    assert!(busy.closed().await.is_empty());
    assert_eq!(server.ended.await.unwrap(), Drained { cut: 0 });
}

#[tokio::test]
async fn a_body_under_way_is_finished() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    wire.send("POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n").await;
    // The interim answer tells that the handler waits for the body.
    assert_eq!(wire.reply(false).await.status, 100);
    server.stopper.stop();
    wire.send("late").await;
    assert_eq!(wire.reply(true).await.json()["length"], 4);
    assert_eq!(server.ended.await.unwrap(), Drained { cut: 0 });
}

#[tokio::test]
async fn stopping_is_bounded() {
    let mut server = Server::start(Limits { drain_time: MOMENT, ..tight() });
    let mut stuck = Wire::connect(server.address).await;
    stuck.post("wait").await;
    server.waiting.recv().await.unwrap();
    server.stopper.stop();
    assert_eq!(server.ended.await.unwrap(), Drained { cut: 1 });
}

#[tokio::test]
async fn asking_twice_stops_at_once() {
    let mut server = Server::start(tight());
    let mut stuck = Wire::connect(server.address).await;
    stuck.post("wait").await;
    server.waiting.recv().await.unwrap();
    server.stopper.stop();
    server.stopper.stop();
    assert_eq!(server.ended.await.unwrap(), Drained { cut: 1 });
}
