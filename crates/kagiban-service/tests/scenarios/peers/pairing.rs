//! Invitations: who can use them, for how long, how often, and what both sides must agree on.

use std::sync::Arc;

use kagiban_base::time::Clock;
use kagiban_testkit::World;
use serde_json::json;

use super::{Deployment, Fate, HERE, Network, THERE, pair};
use crate::operator::code;
use crate::support::{ACCOUNT, Scene};

const HOUR_MS: i64 = 3_600_000;

#[tokio::test]
async fn two_deployments_are_paired() {
    let network = Arc::new(Network::default());
    let a = Deployment::new(&network, "a.test:1", &[HERE, "us-west-2"]).await;
    let b = Deployment::new(&network, "b.test:1", &[THERE]).await;
    let invited = a.ask("CreatePeerInvitation", json!({"PeerName": "b", "Accounts": [ACCOUNT]})).await.unwrap();
    let expires = a.world.clock.now().plus_ms(HOUR_MS).unix_s();
    assert_eq!(invited["ExpirationDate"].as_f64().map(|seconds| seconds as i64), Some(expires));
    assert_eq!(a.peers().await, [("b".to_owned(), "INVITED".to_owned())]);
    let accepted = b.accept("a", invited["Invitation"].as_str().unwrap()).await.unwrap();
    assert_eq!(accepted, json!({"Regions": [HERE, "us-west-2"]}));

    let at_a = a.ask("ListPeers", json!({})).await.unwrap()["Peers"][0].clone();
    let shown = (&at_a["PeerName"], &at_a["State"], &at_a["Address"], &at_a["Regions"], &at_a["Accounts"]);
    assert_eq!(shown, (&json!("b"), &json!("PAIRED"), &json!("b.test:1"), &json!([THERE]), &json!([ACCOUNT])));
    let at_b = b.ask("ListPeers", json!({})).await.unwrap()["Peers"][0].clone();
    let shown = (&at_b["PeerName"], &at_b["State"], &at_b["Address"], &at_b["Accounts"]);
    assert_eq!(shown, (&json!("a"), &json!("PAIRED"), &json!("a.test:1"), &json!(null)));
    assert_ne!(at_a["CertificateFingerprint"], at_b["CertificateFingerprint"]);
    a.ask("CheckPeer", json!({"PeerName": "b"})).await.unwrap();
    b.ask("CheckPeer", json!({"PeerName": "a"})).await.unwrap();
    assert!(a.ask("ListPeers", json!({})).await.unwrap()["Peers"][0]["LastAnswerDate"].is_number());

    // Both know each other after a restart, by the same certificates.
    let (a, b) = (a.restarted(&[HERE, "us-west-2"]).await, b.restarted(&[THERE]).await);
    a.ask("CheckPeer", json!({"PeerName": "b"})).await.unwrap();
    b.ask("CheckPeer", json!({"PeerName": "a"})).await.unwrap();
}

/// What an invitation is refused for, and that nothing is written on either side.
#[tokio::test]
async fn an_invitation_is_for_one_deployment_and_an_hour() {
    let network = Arc::new(Network::default());
    let a = Deployment::new(&network, "a.test:1", &[HERE]).await;
    let b = Deployment::new(&network, "b.test:1", &[THERE]).await;
    let c = Deployment::new(&network, "c.test:1", &["eu-west-1"]).await;
    let refused = |answered| async move {
        let answered: crate::operator::Answered = answered;
        assert_eq!(code(&answered), "ValidationException");
        answered.unwrap_err().message
    };

    let invitation = a.invite("b").await;
    a.world.clock.move_by_ms(HOUR_MS);
    b.world.clock.move_by_ms(HOUR_MS);
    // Not even the handshake works.
    assert!(refused(b.accept("a", &invitation).await).await.contains("expired"));
    // While another one waits, the handshake works and the expired one does not count.
    let other = a.invite("other").await;
    assert!(refused(b.accept("a", &invitation).await).await.contains("expired"));

    let replaced = a.invite("b").await;
    let invitation = a.invite("b").await;
    assert!(refused(b.accept("a", &replaced).await).await.contains("replaced"));
    // The secret of one does not go with the id of another.
    let mixed = format!("{}{}", &invitation[..invitation.len() - 20], &other[other.len() - 20..]);
    assert!(refused(b.accept("a", &mixed).await).await.contains("not of that deployment"));
    assert!(refused(b.accept("a", &invitation[..50]).await).await.contains("whole"));

    b.accept("a", &invitation).await.unwrap();
    assert!(refused(c.accept("a", &invitation).await).await.contains("used"));
    assert_eq!(code(&b.accept("a", &invitation).await), "AlreadyExistsException");
    assert_eq!(code(&b.accept("a2", &invitation).await), "AlreadyExistsException");

    let taken_back = a.invite("c").await;
    a.ask("DeletePeer", json!({"PeerName": "c"})).await.unwrap();
    assert!(refused(c.accept("a", &taken_back).await).await.contains("not of that deployment"));
    assert_eq!(c.peers().await, []);
    assert!(refused(a.accept("me", &other).await).await.contains("itself"));
}

#[tokio::test]
async fn a_man_in_the_middle_has_another_certificate() {
    let network = Arc::new(Network::default());
    let a = Deployment::new(&network, "a.test:1", &[HERE]).await;
    let b = Deployment::new(&network, "b.test:1", &[THERE]).await;
    let invitation = a.invite("b").await;
    network.cut("a.test:1");
    let _mallory = Deployment::new(&network, "a.test:1", &[HERE]).await;
    let answered = b.accept("a", &invitation).await;
    assert_eq!(code(&answered), "DependencyTimeoutException");
    assert!(answered.unwrap_err().message.contains("another certificate"));
    assert_eq!(b.peers().await, []);
}

/// The invitation's secret is in no message, and a replay of somebody else's acceptance is worth nothing.
#[tokio::test]
async fn the_secret_is_not_sent() {
    let network = Arc::new(Network::default());
    let (a, b) = pair(&network).await;
    let secrets = a.world.random.last_secrets();
    assert!(secrets.iter().any(|secret| secret.len() == 32));
    let seen = network.seen();
    assert_eq!(seen.len(), 1);
    for bytes in seen.iter().flat_map(|(message, answer)| [Some(message), answer.as_ref()]).flatten() {
        for secret in secrets.iter().chain(&b.world.random.last_secrets()).filter(|secret| secret.len() == 32) {
            assert!(!bytes.windows(32).any(|window| window == secret.as_slice()));
        }
    }
    let c = Deployment::new(&network, "c.test:1", &["eu-west-1"]).await;
    let identity = c.world.service.channel_identity(&super::Wire(Arc::clone(&network))).await.unwrap();
    let replayed = a.world.service.receive_from_peer(&identity.fingerprint(), &seen[0].0).await;
    assert!(replayed.is_err());
}

#[tokio::test]
async fn each_region_is_served_by_one() {
    let network = Arc::new(Network::default());
    let (a, b) = pair(&network).await;
    for (address, regions, overlap) in
        [("c.test:1", &["eu-west-1", HERE][..], HERE), ("d.test:1", &[THERE, "eu-west-1"], THERE)]
    {
        let other = Deployment::new(&network, address, regions).await;
        let answered = other.accept("a", &a.invite("c").await).await;
        assert_eq!(code(&answered), "ValidationException");
        assert!(answered.unwrap_err().message.contains(overlap), "{address}");
        assert_eq!((a.peers().await.len(), other.peers().await.len()), (2, 0), "{address}: b, and the invitation");
    }
    // E and B do not know each other; A serves what E has already from somebody else.
    let f = Deployment::new(&network, "f.test:1", &[HERE]).await;
    let e = Deployment::new(&network, "e.test:1", &["eu-north-1"]).await;
    e.accept("f", &f.invite("e").await).await.unwrap();
    let answered = e.accept("a", &a.invite("c").await).await;
    assert!(answered.unwrap_err().message.contains(HERE));
    assert_eq!(a.peers().await.len(), 2);
    drop(b);
}

/// An answer that is lost leaves the inviter paired; the other can come again with the same invitation, and nobody else can.
#[tokio::test]
async fn a_lost_answer_is_made_up_for() {
    let network = Arc::new(Network::default());
    let a = Deployment::new(&network, "a.test:1", &[HERE]).await;
    let b = Deployment::new(&network, "b.test:1", &[THERE]).await;
    let c = Deployment::new(&network, "c.test:1", &["eu-west-1"]).await;
    let invitation = a.invite("b").await;
    for fate in [Fate::Lost, Fate::Damaged, Fate::Unanswered, Fate::Unanswered] {
        network.befall(&[fate]);
        assert!(b.accept("a", &invitation).await.is_err(), "{fate:?}");
        assert_eq!(b.peers().await, []);
    }
    assert_eq!(a.peers().await, [("b".to_owned(), "PAIRED".to_owned())]);
    assert_eq!(code(&c.accept("a", &invitation).await), "ValidationException");
    network.befall(&[Fate::Repeated]);
    b.accept("a", &invitation).await.unwrap();
    a.ask("CheckPeer", json!({"PeerName": "b"})).await.unwrap();
    b.ask("CheckPeer", json!({"PeerName": "a"})).await.unwrap();
}

#[tokio::test]
async fn what_a_deployment_must_say_first() {
    let world = World::new().await;
    let network = Arc::new(Network::default());
    let (_, other) = pair(&network).await;
    let invitation = other.invite("x").await;
    for (operation, input) in [
        ("CreatePeerInvitation", json!({"PeerName": "b"})),
        ("AcceptPeerInvitation", json!({"PeerName": "b", "Invitation": invitation})),
    ] {
        let operator = world.client(crate::operator::MANAGEMENT, HERE);
        let answered = crate::operator::ask(&world, &operator, operation, input.clone()).await;
        assert_eq!(code(&answered), "UnsupportedOperationException");
        assert!(answered.unwrap_err().message.contains("--peer-listen"), "{operation}");
        let silent = Deployment::new(&network, "s.test:1", &[]).await;
        let answered = silent.ask(operation, input).await;
        assert!(answered.unwrap_err().message.contains("--region"), "{operation}");
    }
}

#[tokio::test]
async fn bounds() {
    let network = Arc::new(Network::default());
    let scene = Scene::new().await;
    let a = Deployment::on(scene.world, &network, "a.test:1", &[HERE]).await;
    for number in 0..16 {
        a.invite(&format!("b{number}")).await;
    }
    let one_more = a.ask("CreatePeerInvitation", json!({"PeerName": "more"})).await;
    assert_eq!(code(&one_more), "LimitExceededException");
    a.invite("b3").await;
    a.world.clock.move_by_ms(HOUR_MS);
    a.invite("more").await;
    assert_eq!(a.peers().await.len(), 1, "the expired ones are gone");
    for bytes in [&b""[..], b"\x01", b"\x02", &[1; 17], &[2; 40], &[0xff; 4096]] {
        let from = kagiban_keycore::channel::CertificateFingerprint::from_bytes([9; 32]);
        assert!(a.world.service.receive_from_peer(&from, bytes).await.is_err());
    }
}

#[tokio::test]
async fn a_removed_peer_is_not_heard() {
    let network = Arc::new(Network::default());
    let (a, b) = pair(&network).await;
    a.ask("DeletePeer", json!({"PeerName": "b"})).await.unwrap();
    let answered = b.ask("CheckPeer", json!({"PeerName": "a"})).await;
    assert_eq!(code(&answered), "DependencyTimeoutException");
    assert!(answered.unwrap_err().message.contains("does not know this deployment"));
    for operation in ["CheckPeer", "DeletePeer"] {
        assert_eq!(code(&a.ask(operation, json!({"PeerName": "b"})).await), "NotFoundException");
    }
    b.ask("DeletePeer", json!({"PeerName": "a"})).await.unwrap();
    // And they can be paired again.
    b.accept("a", &a.invite("b").await).await.unwrap();
    a.ask("CheckPeer", json!({"PeerName": "b"})).await.unwrap();
}
