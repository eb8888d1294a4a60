//! The root key above the domain keys: changed in one step or in two, given up, replaced by shares.

use std::sync::Arc;

use kagiban_base::os::OsRandom;
use kagiban_base::secret::SecretArray;
use kagiban_base::time::Clock;
use kagiban_keycore::root_key::LocalRootKey;
use kagiban_service::rekey::{Opener, RekeyError, Stage, finish, rekey};
use kagiban_service::{DeploymentKind, OpenError, Service};
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{EngineError, MemoryEngine, Store};
use kagiban_testkit::{Setting, World};
use serde_json::json;

use super::{rotate, tend};
use crate::operator::{MANAGEMENT, ask, code};
use crate::sealing::People;
use crate::support::{ACCOUNT, HI, REGION, Scene, create_key, encrypt};

pub(super) fn root(byte: u8) -> LocalRootKey {
    LocalRootKey::new(&SecretArray::new([byte; 32])).unwrap()
}

/// What a start with a root key gives, and whether it decrypts.
async fn opens(engine: &MemoryEngine, root_key: &LocalRootKey, world: &World) -> Result<(), OpenError> {
    let environment = Setting::default().environment(world.clock.clone(), world.random.clone());
    let store = Store::new(Arc::new(engine.clone()));
    Service::open(store, DeploymentKind::Development, root_key, environment).await.map(drop)
}

/// Which of the root keys of bytes 7 and 8 open the store.
async fn opening(engine: &MemoryEngine, world: &World) -> (bool, bool) {
    (opens(engine, &root(7), world).await.is_ok(), opens(engine, &root(8), world).await.is_ok())
}

/// Both root keys open while nodes may need either; at any cut it is the old one, both, or the new one.
#[tokio::test]
async fn the_root_key_is_changed_in_one_step_or_in_two() {
    let lost = || Fault::Fail(EngineError::Unavailable);
    for (stage, opened) in [(Stage::NewOnly, (false, true)), (Stage::Both, (true, true))] {
        let memory = MemoryEngine::new();
        let engine = FaultyEngine::new(Arc::new(memory.clone()));
        let world = World::on(Arc::new(engine.clone())).await;
        rotate(&world, false).await;
        let (store, now) = (Store::new(Arc::new(engine.clone())), world.clock.now());
        let (old, new) = (root(7), root(8));
        let prepared = rekey(&store, Opener::RootKey(&old), Some(&new), (stage, now), &OsRandom).await;
        assert!(matches!(prepared, Err(RekeyError::RotationUnderWay)), "{stage:?}");
        tend(&world.service).await;
        engine.plan(Call::Commit, 1, lost());
        assert!(rekey(&store, Opener::RootKey(&old), Some(&new), (stage, now), &OsRandom).await.is_err());
        assert_eq!(opening(&memory, &world).await, (true, false));
        let wrong = rekey(&store, Opener::RootKey(&root(9)), Some(&new), (stage, now), &OsRandom).await;
        assert!(matches!(wrong, Err(RekeyError::DomainKeys(_))));
        assert!(finish(&store, &new).await.is_err(), "not begun");
        assert_eq!(rekey(&store, Opener::RootKey(&old), Some(&new), (stage, now), &OsRandom).await.unwrap(), 2);
        assert_eq!(opening(&memory, &world).await, opened);
        // This world has the old root key: what it wrapped now would open for nobody later.
        let refused = ask(&world, &world.client(MANAGEMENT, REGION), "RotateDomainKey", json!({})).await;
        assert_eq!(code(&refused), "ConflictException");
        engine.plan(Call::Commit, 1, lost());
        assert!(finish(&store, &new).await.is_err());
        assert_eq!(opening(&memory, &world).await, opened);
        assert_eq!(finish(&store, &new).await.unwrap(), 2);
        assert_eq!(opening(&memory, &world).await, (false, true));
        assert_eq!(finish(&store, &new).await.unwrap(), 2, "done twice");
        assert!(finish(&store, &old).await.is_err());
        encrypt(&world.client(ACCOUNT, REGION), &create_key(&world.client(ACCOUNT, REGION)).await, HI).await;
    }
}

/// What broke: a second change before the first was finished dropped what nodes of the first needed at their next start.
#[tokio::test]
async fn one_change_of_the_root_key_is_finished_before_another_begins() {
    let scene = Scene::new().await;
    let (store, now) = (Store::new(Arc::new(scene.engine.clone())), scene.world.clock.now());
    let [first, second, third] = [7, 8, 9].map(root);
    let change = async |old, new: &LocalRootKey| {
        rekey(&store, Opener::RootKey(old), Some(new), (Stage::Both, now), &OsRandom).await
    };
    change(&first, &second).await.unwrap();
    for old in [&first, &second] {
        assert!(matches!(change(old, &third).await, Err(RekeyError::ChangeUnderWay)));
        assert_eq!(opening(&scene.engine, &scene.world).await, (true, true));
    }
    change(&first, &second).await.unwrap();
    finish(&store, &second).await.unwrap();
    change(&second, &third).await.unwrap();
    assert_eq!(opening(&scene.engine, &scene.world).await, (false, true));
}

/// A root key can be given up where shares open, and nowhere else; and shares give another one.
#[tokio::test]
async fn shares_and_root_keys_take_each_others_place() {
    let scene = Scene::new().await;
    let people = People::new();
    let (store, now) = (Store::new(Arc::new(scene.engine.clone())), scene.world.clock.now());
    let alone = rekey(&store, Opener::RootKey(&root(7)), None, (Stage::NewOnly, now), &OsRandom).await;
    assert!(matches!(alone, Err(RekeyError::NothingOpens)));
    people.take_over(&scene.world).await;
    rekey(&store, Opener::RootKey(&root(7)), None, (Stage::NewOnly, now), &OsRandom).await.unwrap();
    assert_eq!(opening(&scene.engine, &scene.world).await, (false, false));
    let by_shares = Opener::RecoveryKey(people.identity());
    for stage in [Stage::Both, Stage::NewOnly] {
        rekey(&store, by_shares, Some(&root(8)), (stage, now), &OsRandom).await.unwrap();
        assert_eq!(opening(&scene.engine, &scene.world).await, (false, true));
    }
    let foreign = People::new();
    let refused = rekey(&store, Opener::RecoveryKey(foreign.identity()), None, (Stage::NewOnly, now), &OsRandom).await;
    assert!(matches!(refused, Err(RekeyError::DomainKeys(_))));
}
