//! Rotations on demand over the life of a key: as many for every kind that rotates, and for a set no more than for one key.

use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::{SECOND, THIRD, in_region, replicate, synchronise};
use crate::imports::{Parameters, scene};
use crate::support::{HI, REGION, Scene, aws_error, describe, encrypt, fresh_accounts, key_id_of, with};

/// How many there are in these tests; 25 unless somebody says otherwise.
const LIMIT: u8 = 2;

/// A key, or a set, and how many materials it has been given.
struct Rotating<'w> {
    world: &'w World,
    account: String,
    key: String,
    is_external: bool,
    regions: Vec<&'static str>,
    materials: u8,
}

impl<'w> Rotating<'w> {
    async fn new(world: &'w World, account: String, kind: Value, replicas: &[&'static str]) -> Self {
        let client = world.client(&account, REGION);
        let made = client.call("CreateKey", kind.clone()).await.unwrap();
        let key = made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
        let is_external = kind["Origin"] == "EXTERNAL";
        let mut this = Self { world, account, key, is_external, regions: vec![REGION], materials: 0 };
        this.import(REGION, json!({})).await;
        this.materials = 1;
        for region in replicas {
            this.add_replica(REGION, region).await;
        }
        this
    }

    fn client(&self, region: &str) -> Client<'w> {
        self.world.client(&self.account, region)
    }

    fn id(&self) -> &str {
        key_id_of(&self.key)
    }

    async fn add_replica(&mut self, primary: &str, region: &'static str) {
        replicate(&self.client(primary), self.id(), region).await;
        synchronise(self.world).await;
        for number in 0..self.materials {
            self.import_number(region, number, json!({})).await;
        }
        self.regions.push(region);
    }

    /// Imports the newest material, if that is how the key gets it.
    async fn import(&self, region: &str, more: Value) {
        self.import_number(region, self.materials, more).await;
    }

    async fn import_number(&self, region: &str, number: u8, more: Value) {
        if !self.is_external {
            return;
        }
        let (client, key) = (self.client(region), in_region(&self.key, region));
        let parameters = Parameters::of(&client, &key).await;
        let input = with(&parameters.input(&key, &[number; 32]), more);
        client.call("ImportKeyMaterial", input).await.unwrap();
    }

    /// New material that waits in every Region, where the key needs that.
    async fn await_rotation(&mut self, primary: &str) {
        self.import(primary, json!({"ImportType": "NEW_KEY_MATERIAL"})).await;
        synchronise(self.world).await;
        for region in self.regions.iter().filter(|region| **region != primary) {
            self.import(region, json!({"ImportType": "EXISTING_KEY_MATERIAL"})).await;
        }
        self.materials += 1;
        synchronise(self.world).await;
    }

    /// A rotation that is there, in the end, for every related key.
    async fn rotate(&mut self, primary: &str) {
        let before = describe(&self.client(primary), self.id()).await["CurrentKeyMaterialId"].clone();
        self.await_rotation(primary).await;
        self.client(primary).call("RotateKeyOnDemand", json!({"KeyId": self.id()})).await.unwrap();
        synchronise(self.world).await;
        let blob = encrypt(&self.client(primary), self.id(), HI).await;
        for region in &self.regions {
            let opened = self.client(region).call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
            assert_ne!(opened["KeyMaterialId"], before, "{region}");
        }
    }

    /// None is left, whoever asks for it.
    async fn assert_exhausted(&self, primary: &str) {
        let refused = self.client(primary).call("RotateKeyOnDemand", json!({"KeyId": self.id()})).await;
        let text = format!("On-demand rotations per key quota is {LIMIT}, current usage is {LIMIT}.");
        assert_eq!(refused, Err(aws_error("LimitExceededException", &text)), "{} in {primary}", self.key);
    }

    async fn promote(&self, primary: &str, region: &str) {
        let input = json!({"KeyId": self.id(), "PrimaryRegion": region});
        self.client(primary).call("UpdatePrimaryRegion", input).await.unwrap();
        synchronise(self.world).await;
        let metadata = describe(&self.client(region), self.id()).await;
        assert_eq!(metadata["MultiRegionConfiguration"]["MultiRegionKeyType"], "PRIMARY", "{region}");
    }
}

async fn limited() -> Scene {
    let Scene { world, engine } = scene().await;
    let quota = format!("on-demand-rotations-per-key={LIMIT}");
    Scene { world: world.restarted_with(&quota).await, engine }
}

fn kinds() -> [(Value, &'static [&'static str]); 5] {
    [
        (json!({}), &[]),
        (json!({"Origin": "EXTERNAL"}), &[]),
        (json!({"MultiRegion": true}), &[]),
        (json!({"MultiRegion": true}), &[SECOND, THIRD]),
        (json!({"MultiRegion": true, "Origin": "EXTERNAL"}), &[SECOND, THIRD]),
    ]
}

#[tokio::test]
async fn every_kind_of_key_has_its_rotations_on_demand_and_no_more() {
    let scene = limited().await;
    for ((kind, replicas), account) in kinds().into_iter().zip(fresh_accounts()) {
        let mut key = Rotating::new(&scene.world, account, kind.clone(), replicas).await;
        for _ in 0..LIMIT {
            key.rotate(REGION).await;
        }
        // It is not for want of material.
        key.await_rotation(REGION).await;
        key.assert_exhausted(REGION).await;
        // Nor does a restart bring any back.
        let quota = format!("on-demand-rotations-per-key={LIMIT}");
        let restarted = scene.world.restarted_with(&quota).await;
        Rotating { world: &restarted, ..key }.assert_exhausted(REGION).await;
    }
}

/// Whoever becomes the primary goes on counting: one that was a replica all the time, and one that was made at the end.
#[tokio::test]
async fn a_promoted_replica_has_the_rotations_that_are_left() {
    let scene = limited().await;
    let sets = kinds().into_iter().filter(|(_, replicas)| !replicas.is_empty());
    for ((kind, replicas), account) in sets.zip(fresh_accounts()) {
        let mut key = Rotating::new(&scene.world, account, kind, replicas).await;
        key.rotate(REGION).await;
        key.promote(REGION, SECOND).await;
        key.rotate(SECOND).await;
        key.assert_exhausted(SECOND).await;
        key.add_replica(SECOND, "us-west-2").await;
        for (primary, successor) in [(SECOND, THIRD), (THIRD, "us-west-2"), ("us-west-2", REGION)] {
            key.promote(primary, successor).await;
            key.assert_exhausted(successor).await;
        }
    }
}
