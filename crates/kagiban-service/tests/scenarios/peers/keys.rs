//! Multi-Region keys over a channel that loses, repeats and cuts, and a peer that claims more than it may.

use std::sync::Arc;

use kagiban_testkit::AwsError;
use serde_json::{Value, json};

use super::{Deployment, Fate, HERE, Network, THERE, pair};
use crate::operator::code;
use crate::support::ACCOUNT;

async fn call(deployment: &Deployment, region: &str, operation: &str, input: Value) -> Result<Value, AwsError> {
    deployment.world.client(ACCOUNT, region).call(operation, input).await
}

async fn state(deployment: &Deployment, region: &str, key: &Value) -> Value {
    call(deployment, region, "DescribeKey", json!({"KeyId": key})).await.unwrap()["KeyMetadata"].clone()
}

/// Lets both do what is due, some seconds after the last failure.
async fn work(both: [&Deployment; 2]) {
    for _ in 0..3 {
        for deployment in both {
            deployment.world.clock.move_by_ms(2000);
            deployment.world.service.run_due_jobs().await;
        }
    }
}

async fn new_key(a: &Deployment) -> Value {
    call(a, HERE, "CreateKey", json!({"MultiRegion": true})).await.unwrap()["KeyMetadata"]["KeyId"].clone()
}

/// Every message of a key's life meets each fate once; the key works on both sides afterwards.
#[tokio::test]
async fn whatever_befalls_the_messages_the_keys_agree() {
    for fate in [Fate::Lost, Fate::Unanswered, Fate::Damaged, Fate::Repeated, Fate::OldAnswer] {
        let network = Arc::new(Network::default());
        let (a, b) = pair(&network).await;
        let key = new_key(&a).await;
        let replicate = json!({"KeyId": key, "ReplicaRegion": THERE});
        network.befall(&[fate]);
        let first = call(&a, HERE, "ReplicateKey", replicate.clone()).await;
        assert_eq!(first.is_ok(), fate == Fate::Repeated, "{fate:?}: {first:?}");
        if let Err(error) = first {
            assert_eq!(error.code, "DependencyTimeoutException", "{fate:?}");
            assert_eq!(state(&a, HERE, &key).await["MultiRegionConfiguration"]["ReplicaKeys"], json!([]));
            a.world.clock.move_by_ms(2000);
            call(&a, HERE, "ReplicateKey", replicate.clone()).await.unwrap();
        }
        network.befall(&[fate, fate]);
        work([&a, &b]).await;
        assert_eq!(state(&b, THERE, &key).await["KeyState"], "Enabled", "{fate:?}");
        let again = call(&a, HERE, "ReplicateKey", replicate).await.unwrap_err();
        assert_eq!(again.code, "AlreadyExistsException", "{fate:?}");

        call(&a, HERE, "RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
        network.befall(&[fate, fate]);
        work([&a, &b]).await;
        let sealed = call(&a, HERE, "Encrypt", json!({"KeyId": key, "Plaintext": "AAAA"})).await.unwrap();
        let opened = call(&b, THERE, "Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]})).await.unwrap();
        assert_eq!(opened["Plaintext"], "AAAA", "{fate:?}");
        let current = state(&a, HERE, &key).await["CurrentKeyMaterialId"].clone();
        assert_eq!(
            (&opened["KeyMaterialId"], state(&b, THERE, &key).await["CurrentKeyMaterialId"].clone()),
            (&current, current.clone())
        );

        let update = json!({"KeyId": key, "PrimaryRegion": THERE});
        network.befall(&[fate]);
        if call(&a, HERE, "UpdatePrimaryRegion", update.clone()).await.is_err() {
            a.world.clock.move_by_ms(2000);
            call(&a, HERE, "UpdatePrimaryRegion", update).await.unwrap();
        }
        network.befall(&[fate, fate]);
        work([&a, &b]).await;
        for (deployment, region) in [(&a, HERE), (&b, THERE)] {
            let metadata = state(deployment, region, &key).await;
            let primary = &metadata["MultiRegionConfiguration"]["PrimaryKey"]["Region"];
            assert_eq!((primary, &metadata["KeyState"]), (&json!(THERE), &json!("Enabled")), "{fate:?} {region}");
        }
    }
}

/// A successor that goes before the role has reached it leaves the old primary with it.
#[tokio::test]
async fn a_successor_that_goes_never_took_the_role() {
    let network = Arc::new(Network::default());
    let (a, b) = pair(&network).await;
    let key = new_key(&a).await;
    call(&a, HERE, "ReplicateKey", json!({"KeyId": key, "ReplicaRegion": THERE})).await.unwrap();
    work([&a, &b]).await;
    let promote = json!({"KeyId": key, "PrimaryRegion": THERE});
    // Of one that is disabled over there is said why not, and nothing changes.
    call(&b, THERE, "DisableKey", json!({"KeyId": key})).await.unwrap();
    let unfit = call(&a, HERE, "UpdatePrimaryRegion", promote.clone()).await.unwrap_err();
    assert!(unfit.code == "KMSInvalidStateException" && unfit.message.contains("not enabled"), "{unfit:?}");
    assert_eq!(state(&a, HERE, &key).await["KeyState"], "Enabled");
    call(&b, THERE, "EnableKey", json!({"KeyId": key})).await.unwrap();
    call(&a, HERE, "UpdatePrimaryRegion", promote).await.unwrap();
    call(&b, THERE, "ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await.unwrap();
    work([&a, &b]).await;
    assert_eq!(state(&a, HERE, &key).await["KeyState"], "Updating");
    let refused = call(&a, HERE, "UpdatePrimaryRegion", json!({"KeyId": key, "PrimaryRegion": "eu-west-1"})).await;
    assert!(refused.is_err());
    for deployment in [&a, &b] {
        deployment.world.clock.move_by_ms(8 * 86_400_000);
    }
    work([&b, &a]).await;
    let metadata = state(&a, HERE, &key).await;
    assert_eq!(
        (&metadata["KeyState"], &metadata["MultiRegionConfiguration"]["ReplicaKeys"]),
        (&json!("Enabled"), &json!([]))
    );
    call(&a, HERE, "RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
}

/// B sees a key of A's in a Region that C serves, which is not B's to speak for; and keys of accounts that are not shared stay.
#[tokio::test]
async fn a_peer_speaks_for_its_own_regions_and_accounts_only() {
    let network = Arc::new(Network::default());
    let a = Deployment::new(&network, "a.test:1", &[HERE]).await;
    let b = Deployment::new(&network, "b.test:1", &[THERE]).await;
    let invited = a.ask("CreatePeerInvitation", json!({"PeerName": "b", "Accounts": ["444455556666"]})).await.unwrap();
    b.accept("a", invited["Invitation"].as_str().unwrap()).await.unwrap();
    let key = new_key(&a).await;
    let refused = call(&a, HERE, "ReplicateKey", json!({"KeyId": key, "ReplicaRegion": THERE})).await.unwrap_err();
    assert_eq!(refused.code, "UnsupportedOperationException", "A does not share keys of this account");
    let of_b =
        call(&b, THERE, "CreateKey", json!({"MultiRegion": true})).await.unwrap()["KeyMetadata"]["KeyId"].clone();
    let refused = call(&b, THERE, "ReplicateKey", json!({"KeyId": of_b, "ReplicaRegion": HERE})).await.unwrap_err();
    assert!(refused.code == "ValidationException" && refused.message.contains("not shared"), "{refused:?}");
    assert_eq!(code(&call(&a, HERE, "DescribeKey", json!({"KeyId": of_b})).await), "NotFoundException");
    let nobody = call(&a, HERE, "ReplicateKey", json!({"KeyId": key, "ReplicaRegion": "eu-west-1"})).await.unwrap_err();
    assert_eq!(nobody.code, "UnsupportedOperationException");

    // What B is told that it serves, A no longer believes once they are paired otherwise: the steps are refused.
    a.ask("DeletePeer", json!({"PeerName": "b", "Force": true})).await.unwrap();
    b.ask("DeletePeer", json!({"PeerName": "a", "Force": true})).await.unwrap();
    b.accept("a", &a.invite("b").await).await.unwrap();
    call(&b, THERE, "ReplicateKey", json!({"KeyId": of_b, "ReplicaRegion": HERE})).await.unwrap();
    work([&b, &a]).await;
    assert_eq!(state(&a, HERE, &of_b).await["KeyState"], "Enabled");
    let listed = a.ask("ListPeers", json!({})).await.unwrap()["Peers"][0].clone();
    assert_eq!((&listed["RelatedKeys"], &listed["WaitingKeys"]), (&json!(1), &json!(0)));
    assert_eq!(code(&a.ask("DeletePeer", json!({"PeerName": "b"})).await), "ConflictException");
}
