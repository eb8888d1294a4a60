//! Multi-Region keys: what related keys share, what each has to itself, and how they are brought to the same.

mod cuts;
mod deletion;
mod imports;
mod limit;
mod primary;
mod replicas;
mod rotation;
mod states;
mod types;

use kagiban_testkit::{AwsError, Client, World};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, REGION, key_id_of, text, with};

/// A Region of replicas.
const SECOND: &str = "eu-west-1";
/// Another one.
const THIRD: &str = "ap-southeast-2";

/// The root of [`ACCOUNT`] in the Regions of these tests.
struct Regions<'w> {
    first: Client<'w>,
    second: Client<'w>,
    third: Client<'w>,
}

impl<'w> Regions<'w> {
    fn of(world: &'w World) -> Self {
        let client = |region| world.client(ACCOUNT, region);
        Self { first: client(REGION), second: client(SECOND), third: client(THIRD) }
    }
}

/// Makes a multi-Region key with these properties and gives its ARN.
async fn create(client: &Client<'_>, kind: Value) -> String {
    let made = client.call("CreateKey", with(&kind, json!({"MultiRegion": true}))).await.unwrap();
    text(&made["KeyMetadata"]["Arn"])
}

/// Replicates a key and gives the ARN of the replica, which has no material yet.
async fn replicate(client: &Client<'_>, key: &str, region: &str) -> String {
    let made = client.call("ReplicateKey", json!({"KeyId": key, "ReplicaRegion": region})).await.unwrap();
    text(&made["ReplicaKeyMetadata"]["Arn"])
}

/// Lets every job run that is due.
async fn synchronise(world: &World) {
    assert_eq!(world.service.run_due_jobs().await, 0);
    assert_eq!(world.service.next_due().filter(|due| due.unix_ms() == i64::MIN), None, "still due");
}

/// The ARN of the same key in another Region.
fn in_region(arn: &str, region: &str) -> String {
    arn.replace(REGION, region)
}

/// The roles as DescribeKey shows them: this key's, the primary's Region, the replicas' Regions.
fn roles(metadata: &Value) -> (String, String, Vec<String>) {
    let set = &metadata["MultiRegionConfiguration"];
    let of = |key: &Value| {
        let (arn, region) = (text(&key["Arn"]), text(&key["Region"]));
        let expected = format!("arn:aws:kms:{region}:{ACCOUNT}:key/{}", key_id_of(&arn));
        assert_eq!(arn, expected);
        region
    };
    let replicas = set["ReplicaKeys"].as_array().unwrap().iter().map(of).collect();
    (text(&set["MultiRegionKeyType"]), of(&set["PrimaryKey"]), replicas)
}

fn code(result: Result<Value, AwsError>) -> String {
    result.unwrap_err().code
}
