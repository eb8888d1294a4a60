//! The operator's operations: who may call them, what they make, what they tell.

mod accounts;
mod bodies;
mod clock;
mod explain;
mod find_keys;
mod production;
mod service_access_keys;

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::Request;
use kagiban_base::id::RequestId;
use kagiban_base::time::Clock;
use kagiban_identity::sigv4::Signer;
use kagiban_service::{RawRequest, RawResponse, Service};
use kagiban_testkit::{AwsError, Client, FakeClock, SeededRandom, World};
use serde_json::{Value, json};

/// The management account of a development deployment.
pub(crate) const MANAGEMENT: &str = "000000000000";

/// What an operation answers, or its error.
pub(crate) type Answered = Result<Value, AwsError>;

/// A client's credentials, for any service.
fn signer_for(client: &Client<'_>, service: &'static str) -> Signer {
    let own = &client.signer;
    Signer {
        access_key_id: own.access_key_id,
        secret_access_key: own.secret_access_key.copy(),
        security_token: own.security_token.as_ref().map(kagiban_base::secret::SecretBytes::copy),
        region: own.region,
        service,
    }
}

/// Sends a request that the client signs for a service; gives its number and the answer.
async fn send(
    world: &World,
    client: &Client<'_>,
    service: &'static str,
    target: &str,
    body: impl Into<Bytes>,
) -> (String, Answered) {
    let door = Door { service: &world.service, clock: &world.clock, random: &world.random };
    door.send(&signer_for(client, service), target, body.into()).await
}

/// Where requests go.
#[derive(Clone, Copy)]
struct Door<'a> {
    service: &'a Service,
    clock: &'a FakeClock,
    random: &'a SeededRandom,
}

impl Door<'_> {
    /// Sends a request; gives its number and the answer.
    async fn send(&self, signer: &Signer, target: &str, body: Bytes) -> (String, Answered) {
        let mut request = Request::post("http://kms.test/").header("x-amz-target", target).body(body).unwrap();
        signer.sign(&mut request, self.clock.now()).unwrap();
        let (head, body) = request.into_parts();
        let request_id = RequestId::generate(self.random).unwrap();
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let response =
            self.service.call(RawRequest { request_id, head, body, peer, secure_transport: false, tls: None }).await;
        (request_id.to_string(), read(&response))
    }
}

fn read(response: &RawResponse) -> Answered {
    let text = std::str::from_utf8(&response.body).unwrap();
    let value: Value = if text.is_empty() { json!({}) } else { serde_json::from_str(text).unwrap() };
    if response.status.is_success() {
        return Ok(value);
    }
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    Err(AwsError { status: response.status.as_u16(), code: text("__type").unwrap(), message })
}

/// Calls an operation of the operator.
pub(crate) async fn ask(world: &World, client: &Client<'_>, operation: &str, input: Value) -> Answered {
    send(world, client, "kagiban", &format!("Kagiban.{operation}"), input.to_string()).await.1
}

/// The code of an error.
pub(crate) fn code(answered: &Answered) -> &str {
    match answered {
        Ok(answer) => panic!("not refused: {answer}"),
        Err(error) => &error.code,
    }
}

/// The public half of a recovery key.
pub(crate) const RECIPIENT: &str =
    include_str!("../../../../kagiban-recovery/tests/files/recipient-v1.txt").trim_ascii();

/// The operations that callers of every account may call about their own.
const OF_ACCOUNTS: [&str; 6] =
    ["DescribeCompliance", "DescribeKeyUsage", "ExplainRequest", "FindKeys", "ListKeyTimes", "ListUsage"];

/// Every operation, with an input that it takes.
pub(crate) fn operations() -> [(&'static str, Value); 34] {
    [
        ("AcceptPeerInvitation", json!({"PeerName": "b", "Invitation": "kagiban-peer-x"})),
        ("AdvanceClock", json!({"Seconds": 1})),
        ("CheckPeer", json!({"PeerName": "b"})),
        ("CloseAccount", json!({"AccountId": "444455556666"})),
        ("CreateAccount", json!({"Name": "new"})),
        ("CreateBackup", json!({})),
        ("CreatePeerInvitation", json!({"PeerName": "b"})),
        // Refused, or Seal would seal what the others are asked of.
        ("CreateRecoveryKey", json!({"Recipient": RECIPIENT, "SharesNeeded": 5, "Shares": 3})),
        ("CreateServiceAccessKey", json!({"ServicePrincipal": "s3.amazonaws.com"})),
        ("DeletePeer", json!({"PeerName": "b"})),
        ("DeleteServiceAccessKey", json!({"AccessKeyId": "AKIANOTHERENOTHERENO"})),
        ("DescribeAuditDeliveries", json!({})),
        ("DescribeBackups", json!({})),
        ("DescribeClock", json!({})),
        ("DescribeCompliance", json!({})),
        ("DescribeDomainKeys", json!({})),
        ("DescribeKeyUsage", json!({"KeyId": "11111111-2222-4333-8444-555555555555"})),
        ("DescribeRecoveryKey", json!({})),
        ("DescribeUpgrade", json!({})),
        ("ExplainRequest", json!({"RequestId": "11111111-2222-4333-8444-555555555555"})),
        ("FindKeys", json!({})),
        ("FinishUpgrade", json!({})),
        ("ListAccounts", json!({})),
        ("ListKeyTimes", json!({})),
        ("ListNodes", json!({})),
        ("ListPeers", json!({})),
        ("ListServiceAccessKeys", json!({})),
        ("ListUsage", json!({})),
        ("ReopenAccount", json!({"AccountId": "444455556666"})),
        ("ReplaceRecoveryKey", json!({"Recipient": RECIPIENT, "SharesNeeded": 5, "Shares": 3, "PresentShares": ["x"]})),
        ("RevertUpgrade", json!({})),
        ("RotateDomainKey", json!({})),
        ("Seal", json!({})),
        ("StartUpgrade", json!({})),
    ]
}

/// An identity policy that allows these actions.
fn allowing(actions: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
}
