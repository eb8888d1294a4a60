//! Proxies in front: whose word is taken for where a request comes from.

use kagiban_server::http::TrustedProxies;
use serde_json::Value;

use crate::server::{Server, tight};
use crate::wire::Wire;

/// A server that believes proxies in this network.
fn behind(network: &str) -> Server {
    Server::start_behind(tight(), None, TrustedProxies::new(vec![network.parse().unwrap()]))
}

/// A request with these header fields.
fn forwarded(fields: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: kms.test\r\n{fields}content-length: 1\r\n\r\nx")
}

async fn seen(server: &Server, fields: &str) -> Value {
    let mut wire = Wire::connect(server.address).await;
    wire.send(forwarded(fields)).await;
    let reply = wire.reply(true).await;
    assert_eq!(reply.check(200), None);
    reply.json()
}

const CLAIMS: &str = "X-Forwarded-For: 203.0.113.5, 198.51.100.1\r\nX-Forwarded-Proto: https\r\n";

#[tokio::test]
async fn a_trusted_proxy_tells_where_a_request_comes_from() {
    let server = behind("127.0.0.0/8");
    let request = seen(&server, CLAIMS).await;
    assert_eq!((&request["peer"], &request["secure"]), (&"198.51.100.1".into(), &true.into()));
    let request = seen(&server, "x-forwarded-for: 198.51.100.1\r\nx-forwarded-for: 127.0.0.2\r\n").await;
    assert_eq!((&request["peer"], &request["secure"]), (&"198.51.100.1".into(), &false.into()));
    let request = seen(&server, "").await;
    assert_eq!((&request["peer"], &request["secure"]), (&"127.0.0.1".into(), &false.into()));
}

#[tokio::test]
async fn nobody_else_does() {
    for server in [behind("10.0.0.0/8"), Server::start(tight())] {
        for fields in [CLAIMS, "x-forwarded-for: junk\r\nx-forwarded-proto: junk\r\n"] {
            let request = seen(&server, fields).await;
            assert_eq!((&request["peer"], &request["secure"]), (&"127.0.0.1".into(), &false.into()), "{fields}");
        }
    }
}

/// The refusal is the request's own: what else comes by the proxy's connection is served.
#[tokio::test]
async fn what_a_trusted_proxy_says_must_be_understood() {
    let server = behind("127.0.0.1");
    let mut wire = Wire::connect(server.address).await;
    for fields in ["x-forwarded-for: junk\r\n", "x-forwarded-proto: wss\r\n", "x-forwarded-for:\r\n"] {
        wire.send(forwarded(fields)).await;
        let reply = wire.reply(true).await;
        assert_eq!(reply.check(400).as_deref(), Some("MalformedHttpRequestException"), "{fields}");
        assert!(!reply.closes());
    }
    assert_eq!(server.calls(), 0);
    assert_eq!(wire.ask("and on").await.status, 200);
}
