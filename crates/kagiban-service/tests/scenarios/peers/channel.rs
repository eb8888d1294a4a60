//! The channel of two deployments that are paired: what is lost, changed, repeated or late on it.

use std::sync::Arc;

use kagiban_keycore::channel::CertificateFingerprint;
use serde_json::json;

use super::{Deployment, Fate, HERE, Network, THERE, pair};
use crate::operator::code;
use crate::support::ACCOUNT;

#[tokio::test]
async fn what_befalls_a_message_is_noticed() {
    let network = Arc::new(Network::default());
    let (a, _b) = pair(&network).await;
    let check = || a.ask("CheckPeer", json!({"PeerName": "b"}));
    check().await.unwrap();
    for fate in [Fate::Lost, Fate::Unanswered, Fate::Damaged, Fate::OldAnswer] {
        network.befall(&[fate]);
        assert_eq!(code(&check().await), "DependencyTimeoutException", "{fate:?}");
        check().await.unwrap();
    }
    network.befall(&[Fate::Repeated]);
    check().await.unwrap();
}

/// A message that comes back to its sender, or to another peer of the same deployment, does not open there.
#[tokio::test]
async fn messages_are_for_one_receiver_only() {
    let network = Arc::new(Network::default());
    let (a, b) = pair(&network).await;
    let c = Deployment::new(&network, "c.test:1", &["eu-west-1"]).await;
    c.accept("a", &a.invite("c").await).await.unwrap();
    a.ask("CheckPeer", json!({"PeerName": "b"})).await.unwrap();
    let (message, answer) = network.seen().pop().unwrap();
    let (of_a, of_b) = (known_at(&b, "a").await, known_at(&a, "b").await);
    assert!(b.world.service.receive_from_peer(&of_a, &message).await.is_ok(), "again, which does no harm");
    assert!(a.world.service.receive_from_peer(&of_b, &message).await.is_err(), "reflected");
    assert!(c.world.service.receive_from_peer(&of_a, &message).await.is_err(), "to another peer");
    assert!(a.world.service.receive_from_peer(&of_b, &answer.unwrap()).await.is_err(), "an answer is no question");
    assert!(b.world.service.receive_from_peer(&of_b, &message).await.is_err(), "with another certificate");
}

/// The fingerprint by which a deployment knows a peer.
async fn known_at(deployment: &Deployment, name: &str) -> CertificateFingerprint {
    let listed = deployment.ask("ListPeers", json!({})).await.unwrap();
    let mut peers = listed["Peers"].as_array().unwrap().iter();
    let peer = peers.find(|peer| peer["PeerName"] == name).unwrap();
    peer["CertificateFingerprint"].as_str().unwrap().parse().unwrap()
}

/// While a peer does not answer, one attempt in two seconds is made; an operator who asks does not wait for that.
#[tokio::test]
async fn a_peer_that_is_away_comes_back() {
    let network = Arc::new(Network::default());
    let (a, b) = pair(&network).await;
    network.cut(&b.address);
    let answered = a.ask("CheckPeer", json!({"PeerName": "b"})).await;
    assert!(answered.unwrap_err().message.contains("cannot be reached"));
    let _b = b.restarted(&[THERE]).await;
    a.ask("CheckPeer", json!({"PeerName": "b"})).await.unwrap();
    let a = a.restarted(&[HERE]).await;
    let last = a.ask("ListPeers", json!({})).await.unwrap()["Peers"][0]["LastAnswerDate"].clone();
    assert!(last.is_null(), "not since this process began");
}

/// What a deployment does not serve, it does not answer for; where nothing was said, that is what peers serve.
#[tokio::test]
async fn requests_for_regions_of_others_are_refused() {
    let network = Arc::new(Network::default());
    let (a, b) = pair(&network).await;
    let silent = a.restarted(&[]).await;
    for (deployment, region, is_served) in [
        (&a, HERE, true),
        (&a, THERE, false),
        (&a, "ap-east-1", false),
        (&b, THERE, true),
        (&b, HERE, false),
        (&silent, HERE, true),
        (&silent, "ap-east-1", true),
        (&silent, THERE, false),
    ] {
        let answered = deployment.world.client(ACCOUNT, region).call("ListKeys", json!({})).await;
        assert_eq!(answered.is_ok(), is_served, "{region}: {answered:?}");
        if let Err(error) = answered {
            assert_eq!(error.code, "UnsupportedOperationException");
            assert!(error.message.contains(region), "{}", error.message);
        }
    }
    // Identities are the same in every Region.
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    b.world.client(ACCOUNT, HERE).user("alice", &policy).await;
}
