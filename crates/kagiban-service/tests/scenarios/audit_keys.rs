//! The key that signs the audit's proofs: one for a deployment, kept, replaced after a year, its public half never lost.

use std::sync::Arc;

use kagiban_audit::signing::{PublicKey, Signer, verify};
use kagiban_service::audit_key::AuditSigner;
use kagiban_storage::{Engine, MemoryEngine};
use kagiban_testkit::World;

const DAY_MS: i64 = 86_400_000;

async fn signer(world: &World) -> Arc<AuditSigner> {
    world.service.audit_signer().await.unwrap()
}

async fn public_keys(world: &World) -> Vec<PublicKey> {
    world.service.audit_public_keys().await.unwrap()
}

#[tokio::test]
async fn the_key_is_made_once_and_is_there_after_a_restart() {
    let world = World::new().await;
    assert_eq!(public_keys(&world).await, []);
    let first = signer(&world).await;
    let signature = first.sign(b"a digest").unwrap();
    assert_eq!(verify(&first.public_key(), b"a digest", &signature), Ok(()));
    let again = signer(&world.restarted().await).await;
    assert_eq!(again.public_key(), first.public_key());
    assert_eq!(again.sign_as(&first.public_key().fingerprint, b"a digest").unwrap(), signature);
    assert!(again.sign_as("of another key", b"a digest").is_err());
    assert_eq!(public_keys(&world).await, [first.public_key()]);
}

#[tokio::test]
async fn a_new_key_signs_after_a_year_and_the_old_one_is_kept_for_checking() {
    let world = World::new().await;
    let signer = signer(&world).await;
    let old = signer.public_key();
    let signature = signer.sign(b"old").unwrap();
    world.clock.move_by_ms(365 * DAY_MS - 1);
    assert!(!signer.renew().await.unwrap());
    world.clock.move_by_ms(1);
    assert!(signer.renew().await.unwrap());
    assert!(!signer.renew().await.unwrap());
    let new = signer.public_key();
    assert_ne!(new.fingerprint, old.fingerprint);
    // A moment at which neither could sign is a moment at which nothing is proved.
    assert!(old.valid_until > new.valid_from);
    assert_eq!(public_keys(&world).await, [old.clone(), new.clone()]);
    assert_eq!(verify(&old, b"old", &signature), Ok(()));
    assert!(verify(&new, b"old", &signature).is_err());
    assert!(signer.sign_as(&old.fingerprint, b"old").is_err());
}

/// Two nodes may start at once, or renew at once.
#[tokio::test]
async fn all_nodes_sign_with_the_same_key() {
    let world = World::on(Arc::new(MemoryEngine::new()) as Arc<dyn Engine>).await;
    let other = world.restarted().await;
    let (one, two) = tokio::join!(signer(&world), signer(&other));
    assert_eq!(one.public_key(), two.public_key());
    world.clock.move_by_ms(400 * DAY_MS);
    let (renewed_one, renewed_two) = tokio::join!(one.renew(), two.renew());
    assert!(renewed_one.unwrap() && renewed_two.unwrap());
    assert_eq!(one.public_key(), two.public_key());
    assert_eq!(public_keys(&world).await.len(), 2);
}
