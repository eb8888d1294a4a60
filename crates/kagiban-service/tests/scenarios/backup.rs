//! Backups of a world: what is restored is what there was, what was deleted stays deleted, and a restore that is cut off at any
//! step leaves no deployment and can begin again.

use std::collections::BTreeMap;
use std::sync::Arc;

use kagiban_backup::BackupReader;
use kagiban_base::os::OsRandom;
use kagiban_base::secret::SecretArray;
use kagiban_base::time::{Clock, DAY_MS};
use kagiban_keycore::root_key::LocalRootKey;
use kagiban_recovery::RecoveryIdentity;
use kagiban_service::backup::{
    ClaimError, ContentsError, Deletions, MakeError, Plan, Progress, RestoreError, Restored, Subject, check, claim,
    first_claim, is_unfinished, restore, survey, take,
};
use kagiban_service::bootstrap::deployment_kind;
use kagiban_storage::engine::KeyRange;
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{Batch, EmbeddedEngine, Engine, EngineError, MemoryEngine, Store};
use kagiban_testkit::{World, broken_invariants};
use serde_json::{Value, json};

use crate::domain_keys::{needed, rotate, tend};
use crate::imports::{FIRST, imported_key};
use crate::jobs::erasure::{marked_key, rows_of};
use crate::operator::{MANAGEMENT, ask, code};
use crate::support::{ACCOUNT, REGION, create_key, describe, encrypt, text};

/// A world whose domain keys are sealed to a recovery key.
struct Deployment {
    engine: Arc<dyn Engine>,
    world: World,
    identity: RecoveryIdentity,
}

impl Deployment {
    async fn new() -> Self {
        Self::on(Arc::new(MemoryEngine::new())).await
    }

    async fn on(engine: Arc<dyn Engine>) -> Self {
        let world = World::on(Arc::clone(&engine)).await;
        let identity = RecoveryIdentity::generate(&OsRandom).unwrap();
        let input = json!({"Recipient": identity.recipient().to_string(), "SharesNeeded": 2, "Shares": 3});
        ask(&world, &world.client(MANAGEMENT, REGION), "CreateRecoveryKey", input).await.unwrap();
        Self { engine, world, identity }
    }

    fn store(&self) -> Store {
        Store::new(Arc::clone(&self.engine))
    }

    async fn back_up(&self) -> Vec<u8> {
        // Backups of one deployment are told by their times.
        self.world.clock.move_by_ms(1000);
        made(&*self.engine, &self.world).await.unwrap()
    }

    /// What a service on a place that was restored into answers.
    async fn world_on(&self, engine: &Arc<dyn Engine>) -> World {
        World::reopen(Arc::clone(engine), Arc::clone(&self.world.clock), Arc::clone(&self.world.random)).await
    }

    async fn restore(&self, backup: &[u8], deletions: &Deletions, engine: &Arc<dyn Engine>) -> Outcome {
        restore_with(backup, &self.identity, deletions, engine, &self.world).await
    }
}

type Outcome = Result<Restored, Box<dyn std::error::Error>>;

async fn made(engine: &dyn Engine, world: &World) -> Result<Vec<u8>, MakeError> {
    let subject = Subject { taken: world.clock.now(), store: "embedded", program: "0.0.0" };
    let taken = take(engine, subject).await?;
    let encrypting = taken.recipient().encrypt(Vec::new()).unwrap();
    let (encrypted, end) = taken.write(encrypting, &Progress::default()).await?;
    assert!(end.rows > 0);
    Ok(encrypted.finish().unwrap())
}

/// The root key of every world: what is restored opens with it.
fn root_key() -> LocalRootKey {
    LocalRootKey::new(&SecretArray::new([7; 32])).unwrap()
}

async fn restore_with(
    backup: &[u8],
    identity: &RecoveryIdentity,
    deletions: &Deletions,
    engine: &Arc<dyn Engine>,
    world: &World,
) -> Outcome {
    let progress = Progress::default();
    let open = || Ok::<_, Box<dyn std::error::Error>>(BackupReader::begin(identity.decrypt(backup)?)?);
    let contents = survey(open()?, &progress)?;
    let keys = contents.open(identity)?;
    let checked = check(open()?, &keys, &progress)?;
    assert_eq!(checked.rows, contents.end.rows);
    let claimed = claim(Arc::clone(engine), world.clock.now()).await?;
    let root_key = root_key();
    let plan = Plan {
        end: &contents.end,
        keys: &keys,
        root_key: Some(&root_key),
        deletions,
        now: world.clock.now(),
        random: &OsRandom,
    };
    let restored = restore(&claimed, open()?, plan, &progress).await?;
    assert_eq!(rows_of("domain-key", &**engine).await.len(), checked.domain_keys);
    Ok(restored)
}

fn empty() -> Arc<dyn Engine> {
    Arc::new(MemoryEngine::new())
}

/// All rows but those of domain keys, which are wrapped anew.
async fn rows(engine: &dyn Engine) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let (mut rows, mut range) = (BTreeMap::new(), KeyRange::all());
    let snapshot = engine.snapshot().await.unwrap();
    loop {
        let page = snapshot.scan(&range, 1000).await.unwrap();
        let last = page.entries.last().map(|entry| entry.key.clone());
        rows.extend(page.entries.into_iter().map(|entry| (entry.key, entry.value)));
        match last {
            Some(last) if page.more => range = range.after(&last),
            _ => break,
        }
    }
    rows.retain(|key, _| !key.starts_with(b"domain-key\0"));
    rows
}

/// Before a new domain key is current, while rows are under both, and when the old one is only kept.
#[tokio::test]
async fn a_backup_made_at_any_step_of_a_rotation_restores() {
    for (step, keys, under) in [(0, 2, 1), (1, 2, 2), (2, 2, 1), (3, 1, 1)] {
        let engine = FaultyEngine::new(empty());
        let deployment = Deployment::on(Arc::new(engine.clone())).await;
        let world = &deployment.world;
        let client = world.client(ACCOUNT, REGION);
        let policy =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]});
        client.user("ann", &policy).await;
        let key = create_key(&client).await;
        let blob = encrypt(&client, &key, "aGk=").await;
        rotate(world, true).await;
        if step == 1 {
            // The commits are: another current key, the materials, the access keys.
            engine.plan(Call::Commit, 3, Fault::Fail(EngineError::Unavailable));
        }
        if step > 0 {
            tend(&world.service).await;
        }
        if step == 3 {
            world.clock.move_by_ms(60_000);
            tend(&world.service).await;
        }
        assert_eq!(rows_of("domain-key", &engine).await.len(), keys, "{step}");
        assert_eq!(needed(&engine).await.len(), under, "{step}");
        let backup = deployment.back_up().await;
        let place = empty();
        deployment.restore(&backup, &Deletions::default(), &place).await.unwrap();
        let restored = deployment.world_on(&place).await;
        for _ in 0..2 {
            let opened = restored.client(ACCOUNT, REGION).call("Decrypt", json!({"CiphertextBlob": blob})).await;
            assert_eq!(opened.unwrap()["Plaintext"], "aGk=", "{step}");
            tend(&restored.service).await;
            restored.clock.move_by_ms(120_000);
            tend(&restored.service).await;
        }
        assert_eq!((rows_of("domain-key", &*place).await.len(), needed(&*place).await.len()), (1, 1), "{step}");
    }
}

#[tokio::test]
async fn what_is_restored_is_what_there_was_in_any_engine() {
    let deployment = Deployment::new().await;
    let client = deployment.world.client(ACCOUNT, REGION);
    let key = marked_key(&client, "mark").await;
    let (imported, _, _) = imported_key(&client).await;
    let blob = encrypt(&client, &key, "aGk=").await;
    let backup = deployment.back_up().await;
    let before = rows(&*deployment.engine).await;
    let directory = tempfile::tempdir().unwrap();
    let file = EmbeddedEngine::create(&directory.path().join("store.redb")).unwrap();
    for engine in [empty(), Arc::new(file) as Arc<dyn Engine>] {
        let restored = deployment.restore(&backup, &Deletions::default(), &engine).await.unwrap();
        assert_eq!((restored.deleted_keys, restored.deleted_materials), (0, 0));
        assert_eq!(rows(&*engine).await, before);
        assert_eq!(broken_invariants(&*engine).await, Vec::<String>::new());
        let world = deployment.world_on(&engine).await;
        let client = world.client(ACCOUNT, REGION);
        assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], "aGk=");
        for key in [&key, &imported] {
            assert_eq!(describe(&client, key).await, describe(&deployment.world.client(ACCOUNT, REGION), key).await);
        }
        create_key(&client).await;
    }
}

#[tokio::test]
async fn a_backup_is_one_moment_whatever_is_written_meanwhile() {
    let deployment = Deployment::new().await;
    let client = deployment.world.client(ACCOUNT, REGION);
    create_key(&client).await;
    let before = rows(&*deployment.engine).await;
    let subject = Subject { taken: deployment.world.clock.now(), store: "embedded", program: "0.0.0" };
    let taken = take(&*deployment.engine, subject).await.unwrap();
    for _ in 0..20 {
        create_key(&client).await;
    }
    let encrypting = taken.recipient().encrypt(Vec::new()).unwrap();
    let backup = taken.write(encrypting, &Progress::default()).await.unwrap().0.finish().unwrap();
    let engine = empty();
    deployment.restore(&backup, &Deletions::default(), &engine).await.unwrap();
    assert_eq!(rows(&*engine).await, before);
}

#[tokio::test]
async fn without_a_recovery_key_there_is_no_backup() {
    let engine: Arc<dyn Engine> = empty();
    let world = World::on(Arc::clone(&engine)).await;
    assert!(matches!(made(&*engine, &world).await, Err(MakeError::NoRecoveryKey)));
    assert!(matches!(made(&*empty(), &world).await, Err(MakeError::NoDeployment)));
}

/// What the server hooks in is asked; where nothing is hooked in, that is said.
#[tokio::test]
async fn operations_without_a_maker_say_so() {
    let deployment = Deployment::new().await;
    let client = deployment.world.client(MANAGEMENT, REGION);
    for operation in ["CreateBackup", "DescribeBackups"] {
        let refused = ask(&deployment.world, &client, operation, json!({})).await;
        assert_eq!(code(&refused), "UnsupportedOperationException", "{operation}");
    }
}

#[tokio::test]
async fn other_identities_and_changed_backups_open_for_nobody() {
    let deployment = Deployment::new().await;
    let backup = deployment.back_up().await;
    let other = RecoveryIdentity::generate(&OsRandom).unwrap();
    let (engine, none) = (empty(), Deletions::default());
    assert!(restore_with(&backup, &other, &none, &engine, &deployment.world).await.is_err());
    for len in (0..backup.len()).step_by(7) {
        assert!(deployment.restore(&backup[..len], &none, &engine).await.is_err(), "cut at {len}");
    }
    for at in 0..backup.len() {
        let mut changed = backup.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(deployment.restore(&changed, &none, &engine).await.is_err(), "changed at {at}");
    }
    assert!(rows(&*engine).await.is_empty(), "nothing was written");
}

/// A row that cannot be read, a secret that does not open, and a table of the future are found when a backup is checked.
#[tokio::test]
async fn what_is_wrong_with_rows_is_told_before_anything_is_written() {
    type Expected = fn(&ContentsError) -> bool;
    let cases: [(&str, &[u8], Expected); 3] = [
        ("material", b"\x01{}", |error| matches!(error, ContentsError::Row { table, .. } if table == "material")),
        (
            "tomorrow",
            b"\x01{}",
            |error| matches!(error, ContentsError::UnknownTable { table, .. } if table == "tomorrow"),
        ),
        ("swapped", b"", |error| matches!(error, ContentsError::Secret { table, .. } if table == "material")),
    ];
    for (table, value, expected) in cases {
        let deployment = Deployment::new().await;
        create_key(&deployment.world.client(ACCOUNT, REGION)).await;
        create_key(&deployment.world.client(ACCOUNT, REGION)).await;
        let batch = match table {
            "swapped" => {
                let materials = rows_of("material", &*deployment.engine).await;
                Batch::new().put(materials[0].key.as_slice(), materials[1].value.as_slice())
            }
            table => Batch::new().put(format!("{table}\0x"), value),
        };
        deployment.engine.commit(batch).await.unwrap();
        let (backup, engine) = (deployment.back_up().await, empty());
        let refused = deployment.restore(&backup, &Deletions::default(), &engine).await.unwrap_err();
        let refused = refused.downcast_ref::<ContentsError>().unwrap();
        assert!(expected(refused), "{table}: {refused}");
        assert!(rows(&*engine).await.is_empty());
    }
}

#[tokio::test]
async fn a_place_with_anything_in_it_is_left_alone() {
    let deployment = Deployment::new().await;
    let (backup, none) = (deployment.back_up().await, Deletions::default());
    for engine in [Arc::clone(&deployment.engine), empty()] {
        engine.commit(Batch::new().put("x", "y")).await.unwrap();
        let before = rows(&*engine).await;
        let refused = deployment.restore(&backup, &none, &engine).await.unwrap_err();
        assert!(matches!(refused.downcast_ref(), Some(ClaimError::NotEmpty)), "{refused}");
        assert_eq!(rows(&*engine).await, before);
    }
}

/// After each number of commits the engine is gone, with the answer to the last one or without it.
#[tokio::test]
async fn a_restore_cut_at_each_step_is_no_deployment_and_begins_again() {
    let deployment = Deployment::new().await;
    let client = deployment.world.client(ACCOUNT, REGION);
    for _ in 0..60 {
        create_key(&client).await;
    }
    let (backup, none) = (deployment.back_up().await, Deletions::default());
    let before = rows(&*deployment.engine).await;
    let mut cuts = 0;
    for step in 1.. {
        for fault in [Fault::Fail(EngineError::Closed), Fault::LoseAnswer, Fault::LoseRequest] {
            let engine = empty();
            let faulty = FaultyEngine::new(Arc::clone(&engine));
            faulty.plan(Call::Commit, step, fault.clone());
            for later in step + 1..step + 40 {
                faulty.plan(Call::Commit, later, Fault::Fail(EngineError::Closed));
            }
            let cut = deployment.restore(&backup, &none, &(Arc::new(faulty) as Arc<dyn Engine>)).await;
            let store = Store::new(Arc::clone(&engine));
            let kind = deployment_kind(&store).await.unwrap();
            if kind.is_none() {
                assert!(cut.is_err());
                cuts += 1;
                if is_unfinished(&store).await.unwrap() {
                    // Something of another backup must not stay.
                    engine.commit(Batch::new().put("left\0over", "x")).await.unwrap();
                }
                deployment.restore(&backup, &none, &engine).await.unwrap();
            }
            assert_eq!(rows(&*engine).await, before, "step {step}, {fault:?}");
            assert!(!is_unfinished(&store).await.unwrap());
        }
        let engine = FaultyEngine::new(empty());
        deployment.restore(&backup, &none, &(Arc::new(engine.clone()) as Arc<dyn Engine>)).await.unwrap();
        if step >= engine.calls(Call::Commit) {
            break;
        }
    }
    assert!(cuts >= 9, "{cuts}");
}

/// A place that was made for a restore, and nothing more, is taken up.
#[tokio::test]
async fn a_place_that_was_only_claimed_is_no_deployment_and_is_taken_up() {
    let deployment = Deployment::new().await;
    let (backup, engine) = (deployment.back_up().await, empty());
    engine.commit(first_claim(deployment.world.clock.now()).unwrap()).await.unwrap();
    let store = Store::new(Arc::clone(&engine));
    assert!(is_unfinished(&store).await.unwrap() && deployment_kind(&store).await.unwrap().is_none());
    deployment.restore(&backup, &Deletions::default(), &engine).await.unwrap();
    assert_eq!(rows(&*engine).await, rows(&*deployment.engine).await);
}

/// Whoever restores into a place that another restore has claimed since writes nothing more.
#[tokio::test]
async fn the_later_of_two_restores_into_one_place_wins() {
    let deployment = Deployment::new().await;
    let (backup, engine, progress) = (deployment.back_up().await, empty(), Progress::default());
    let open = || BackupReader::begin(deployment.identity.decrypt(backup.as_slice()).unwrap()).unwrap();
    let contents = survey(open(), &progress).unwrap();
    let keys = contents.open(&deployment.identity).unwrap();
    let (root_key, deletions, now) = (root_key(), Deletions::default(), deployment.world.clock.now());
    let end = &contents.end;
    let plan = Plan { end, keys: &keys, root_key: Some(&root_key), deletions: &deletions, now, random: &OsRandom };
    let first = claim(Arc::clone(&engine), now).await.unwrap();
    let second = claim(Arc::clone(&engine), now).await.unwrap();
    assert!(matches!(restore(&first, open(), plan, &progress).await, Err(RestoreError::TakenOver)));
    restore(&second, open(), plan, &progress).await.unwrap();
    assert_eq!(rows(&*engine).await, rows(&*deployment.engine).await);
}

/// A key whose deletion is over, and imported material that was deleted, after `backup`.
struct Deleted {
    backup: Vec<u8>,
    key: String,
    imported: String,
    again: String,
}

async fn delete_after_backup(deployment: &Deployment) -> Deleted {
    let client = deployment.world.client(ACCOUNT, REGION);
    let key = marked_key(&client, "mark").await;
    let (imported, _, _) = imported_key(&client).await;
    let (again, parameters, _) = imported_key(&client).await;
    let backup = deployment.back_up().await;
    client.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await.unwrap();
    for key in [&imported, &again] {
        client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    }
    client.call("ImportKeyMaterial", parameters.input(&again, &FIRST)).await.unwrap();
    deployment.world.clock.move_by_ms(8 * DAY_MS);
    deployment.world.service.run_due_jobs().await;
    Deleted { backup, key, imported, again }
}

#[tokio::test]
async fn what_a_source_says_was_deleted_is_left_out() {
    let deployment = Deployment::new().await;
    let Deleted { backup, key, imported, again } = delete_after_backup(&deployment).await;
    let newer = deployment.back_up().await;
    let progress = Progress::default();
    let open = |bytes| BackupReader::begin(deployment.identity.decrypt(bytes).unwrap()).unwrap();
    let contents = survey(open(backup.as_slice()), &progress).unwrap();
    let (created, taken) = (contents.header.deployment_created, contents.taken());
    let by_store = Deletions::of_store(&deployment.store(), created).await.unwrap();
    let by_backup = Deletions::of_backup(open(newer.as_slice()), created, taken).unwrap();
    for deletions in [by_store, by_backup] {
        assert_eq!((deletions.keys(), deletions.materials()), (1, 1));
        let engine = empty();
        let restored = deployment.restore(&backup, &deletions, &engine).await.unwrap();
        assert_eq!((restored.deleted_keys, restored.deleted_materials), (1, 1));
        let id = crate::support::key_id_of(&key);
        let of_key = |row: &[u8]| row.windows(id.len()).any(|window| window == id.as_bytes());
        assert!(!rows(&*engine).await.keys().any(|row| row.starts_with(b"material\0") && of_key(row)));
        let world = deployment.world_on(&engine).await;
        world.service.run_due_jobs().await;
        let client = world.client(ACCOUNT, REGION);
        let refused = client.call("DescribeKey", json!({"KeyId": key})).await.unwrap_err();
        assert_eq!(refused.code, "NotFoundException");
        assert_eq!(describe(&client, &imported).await["KeyState"], "PendingImport");
        assert_eq!(describe(&client, &again).await["KeyState"], "Enabled");
        assert_eq!(broken_invariants(&*engine).await, Vec::<String>::new());
        // The restored store knows of the deletions too.
        let known = Deletions::of_store(&Store::new(Arc::clone(&engine)), created).await.unwrap();
        assert_eq!((known.keys(), known.materials()), (1, 1));
    }
    // Nothing was said: all is back.
    let engine = empty();
    deployment.restore(&backup, &Deletions::default(), &engine).await.unwrap();
    let world = deployment.world_on(&engine).await;
    assert_eq!(describe(&world.client(ACCOUNT, REGION), &key).await["KeyState"], "Enabled");
}

/// An older backup knows of nothing that is in a newer one; a store and a backup of another deployment are refused.
#[tokio::test]
async fn sources_that_do_not_fit_are_told() {
    let (deployment, other) = (Deployment::new().await, Deployment::new().await);
    let Deleted { backup, .. } = delete_after_backup(&deployment).await;
    let newer = deployment.back_up().await;
    let open = |bytes| BackupReader::begin(deployment.identity.decrypt(bytes).unwrap()).unwrap();
    let header = open(newer.as_slice()).header().clone();
    let (created, taken) = (header.deployment_created, header.taken);
    let older = Deletions::of_backup(open(backup.as_slice()), created, taken).unwrap();
    assert_eq!((older.keys(), older.materials()), (0, 0));
    let later = other.world.clock.now().plus_days(1);
    assert!(Deletions::of_store(&other.store(), later).await.is_err());
    assert!(Deletions::of_store(&Store::new(empty()), created).await.is_err());
    assert!(Deletions::of_backup(open(newer.as_slice()), later, taken).is_err());
}

/// What a deletion leaves is taken away when the same is made again.
#[tokio::test]
async fn deletions_leave_a_row_until_the_same_is_there_again() {
    let deployment = Deployment::new().await;
    let Deleted { key, imported, again, .. } = delete_after_backup(&deployment).await;
    let named = |row: &[u8], key: &str| {
        let id = crate::support::key_id_of(key);
        row.windows(id.len()).any(|window| window == id.as_bytes())
    };
    let keys = rows_of("deleted-key", &*deployment.engine).await;
    assert!(keys.len() == 1 && named(&keys[0].key, &key));
    let materials = rows_of("deleted-material", &*deployment.engine).await;
    assert!(materials.len() == 1 && named(&materials[0].key, &imported) && !named(&materials[0].key, &again));
    let value: Value = serde_json::from_slice(&materials[0].value[1..]).unwrap();
    assert!(value["deleted"].is_i64() && text(&json!(imported)) != again);
}
