//! A changed file changes what it names, and nothing else.

use kagiban_service::seed::Count;
use kagiban_testkit::Client;
use serde_json::json;

use super::{account, caller, seed};
use crate::support::{ACCOUNT, HI, Scene, text};

const READ: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:List*","Resource":"*"}}"#;
const WRITE: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Create*","Resource":"*"}}"#;
const KEY: &str = "11111111-2222-4333-8444-555555555555";

/// Applies one file after the other; of each, how many entities it creates, updates and leaves alone.
async fn apply(scene: &Scene, files: &[(&str, [usize; 3])]) {
    for (tables, [created, updated, unchanged]) in files {
        let tally = seed(&scene.world, &account(tables)).await.unwrap_or_else(|error| panic!("{error}: {tables}"));
        assert_eq!(tally.total(), Count { created: *created, updated: *updated, unchanged: *unchanged }, "{tables}");
        scene.world.clock.move_by_ms(1000);
    }
}

async fn iam(client: &Client<'_>, operation: &str, parameters: &[(&str, &str)], element: &str) -> Vec<String> {
    client.iam(operation, parameters).await.unwrap().texts(element)
}

#[tokio::test]
async fn another_document_is_a_new_version_and_the_oldest_makes_room() {
    let scene = Scene::new().await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/p");
    let table = |document: &str| format!("policies = [{{ name = \"p\", document = '{document}' }}]");
    apply(&scene, &[(&table(READ), [1, 0, 0]), (&table(READ), [0, 0, 1])]).await;
    for _ in 0..3 {
        apply(&scene, &[(&table(WRITE), [0, 1, 0]), (&table(READ), [0, 1, 0])]).await;
    }
    let client = scene.client();
    let versions = iam(&client, "ListPolicyVersions", &[("PolicyArn", &arn)], "VersionId").await;
    assert_eq!(versions, ["v7", "v6", "v5", "v4", "v3"]);
    assert_eq!(iam(&client, "GetPolicy", &[("PolicyArn", &arn)], "DefaultVersionId").await, ["v7"]);
}

#[tokio::test]
async fn attachments_groups_tags_and_boundaries_are_set_to_what_is_listed() {
    let scene = Scene::new().await;
    let rest = format!(
        "policies = [{{ name = \"p\", document = '{READ}' }}, {{ name = \"q\", document = '{WRITE}' }}]\n\
         groups = [{{ name = \"g\" }}, {{ name = \"h\" }}]\n"
    );
    let user = |more: &str| format!("{rest}users = [{{ name = \"u\"{more} }}]");
    let all = r#", policies = ["p", "arn:aws:iam::aws:policy/ReadOnlyAccess"], groups = ["g"], tags = { a = "1", b = "2" }, permissions_boundary = "q""#;
    let other = r#", policies = ["q"], groups = ["h"], tags = { a = "2" }, permissions_boundary = "p""#;
    let nothing = r#", policies = [], groups = [], tags = {}, permissions_boundary = "", inline_policies = []"#;
    apply(&scene, &[(&user(all), [5, 0, 0]), (&user(""), [0, 0, 5]), (&user(other), [0, 1, 4])]).await;
    let client = scene.client();
    let u = [("UserName", "u")];
    assert_eq!(iam(&client, "ListAttachedUserPolicies", &u, "PolicyName").await, ["q"]);
    assert_eq!(iam(&client, "ListGroupsForUser", &u, "GroupName").await, ["h"]);
    assert_eq!(iam(&client, "ListUserTags", &u, "Value").await, ["2"]);
    let boundary = iam(&client, "GetUser", &u, "PermissionsBoundaryArn").await;
    assert_eq!(boundary, [format!("arn:aws:iam::{ACCOUNT}:policy/p")]);
    apply(&scene, &[(&user(nothing), [0, 1, 4]), (&user(nothing), [0, 0, 5])]).await;
    // Nothing points to anything any more, so everything can be deleted.
    client.iam("DeleteUser", &u).await.unwrap();
    for group in ["g", "h"] {
        client.iam("DeleteGroup", &[("GroupName", group)]).await.unwrap();
    }
    for policy in ["p", "q"] {
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/{policy}");
        client.iam("DeletePolicy", &[("PolicyArn", &arn)]).await.unwrap();
    }
    assert_eq!(scene.row_count_of("iam-attachment").await + scene.row_count_of("iam-group-member").await, 0);
}

#[tokio::test]
async fn what_the_file_no_longer_names_stays() {
    let scene = Scene::new().await;
    let full = format!(
        "users = [{{ name = \"u\", access_keys = [{{ id = \"AKIAEXAMPLE000000001\", secret = \"s\" }}] }}]\n\
         keys = [{{ region = \"eu-central-1\", id = \"{KEY}\", aliases = [\"alias/a\", \"alias/b\"], description = \"d\" }}]"
    );
    let less = format!(
        "users = [{{ name = \"u\" }}]\n\
         keys = [{{ region = \"eu-central-1\", id = \"{KEY}\", aliases = [\"alias/a\"] }}]"
    );
    apply(&scene, &[(&full, [5, 0, 0]), (&less, [0, 0, 3]), ("", [0, 0, 0])]).await;
    let user = caller(&scene.world, ("AKIAEXAMPLE000000001", "s"));
    assert_eq!(user.sts("GetCallerIdentity", &[]).await.unwrap().text("Account"), ACCOUNT);
    let client = scene.world.client(ACCOUNT, "eu-central-1");
    let key = client.call("DescribeKey", json!({"KeyId": "alias/b"})).await.unwrap();
    assert_eq!(text(&key["KeyMetadata"]["Description"]), "d");
}

#[tokio::test]
async fn access_keys_are_switched_and_get_other_secrets() {
    let scene = Scene::new().await;
    let table = |more: &str| {
        format!("users = [{{ name = \"u\", access_keys = [{{ id = \"AKIAEXAMPLE000000001\", {more} }}] }}]")
    };
    let outcome = async |secret: &str| {
        let caller = caller(&scene.world, ("AKIAEXAMPLE000000001", secret));
        caller.sts("GetCallerIdentity", &[]).await.map(drop).map_err(|error| error.code)
    };
    apply(&scene, &[(&table("secret = \"one\""), [2, 0, 0]), (&table("secret = \"two\""), [0, 1, 1])]).await;
    assert_eq!(outcome("two").await, Ok(()));
    assert_eq!(outcome("one").await, Err("SignatureDoesNotMatch".to_owned()));
    apply(&scene, &[(&table("secret = \"two\", active = false"), [0, 1, 1])]).await;
    assert_eq!(outcome("two").await, Err("InvalidClientTokenId".to_owned()));
    apply(&scene, &[(&table("secret = \"two\""), [0, 0, 2]), (&table("secret = \"two\", active = true"), [0, 1, 1])])
        .await;
    assert_eq!(outcome("two").await, Ok(()));
}

#[tokio::test]
async fn keys_are_described_tagged_switched_and_get_other_policies_but_keep_their_material() {
    let scene = Scene::new().await;
    let client = scene.world.client(ACCOUNT, "eu-central-1");
    let table = |more: &str| format!("keys = [{{ region = \"eu-central-1\", id = \"{KEY}\"{more} }}]");
    apply(&scene, &[(&table(""), [1, 0, 0])]).await;
    let sealed = client.call("Encrypt", json!({"KeyId": KEY, "Plaintext": HI})).await.unwrap();
    let policy = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"kms:*","Resource":"*"}}}}"#
    );
    let all = format!(", description = \"d\", tags = {{ a = \"b\" }}, enabled = false, policy = '{policy}'");
    apply(&scene, &[(&table(&all), [0, 1, 0]), (&table(&all), [0, 0, 1]), (&table(""), [0, 0, 1])]).await;
    let shown = client.call("DescribeKey", json!({"KeyId": KEY})).await.unwrap()["KeyMetadata"].clone();
    assert_eq!((text(&shown["Description"]), text(&shown["KeyState"])), ("d".to_owned(), "Disabled".to_owned()));
    assert_eq!(client.call("GetKeyPolicy", json!({"KeyId": KEY})).await.unwrap()["Policy"], policy);
    let tags = client.call("ListResourceTags", json!({"KeyId": KEY})).await.unwrap();
    assert_eq!(tags["Tags"], json!([{"TagKey": "a", "TagValue": "b"}]));
    apply(&scene, &[(&table(", enabled = true"), [0, 1, 0])]).await;
    let opened = client.call("Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]})).await.unwrap();
    assert_eq!(opened["Plaintext"], HI);
}

/// Roles that trust each other, and a key policy that names a role of another account: all are in the file only.
#[tokio::test]
async fn principals_may_come_later_in_the_file() {
    let scene = Scene::new().await;
    let trust = |account: &str, role: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:role/{role}"}},"Action":"sts:AssumeRole"}}}}"#
        )
    };
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::444455556666:role/c"]},"Action":"kms:*","Resource":"*"}]}"#;
    let file = account(&format!(
        "roles = [{{ name = \"a\", trust_policy = '{}' }}, {{ name = \"b\", trust_policy = '{}' }}]\n\
         keys = [{{ region = \"eu-central-1\", id = \"{KEY}\", policy = '{policy}' }}]\n\
         [[accounts]]\nid = \"444455556666\"\nroles = [{{ name = \"c\", trust_policy = '{}' }}]",
        trust(ACCOUNT, "b"),
        trust(ACCOUNT, "a"),
        trust(ACCOUNT, "a"),
    ));
    assert_eq!(seed(&scene.world, &file).await.unwrap().total().created, 4);
    assert_eq!(seed(&scene.world, &file).await.unwrap().total().unchanged, 4);
    let client = scene.world.client(ACCOUNT, "eu-central-1");
    let shown = client.call("GetKeyPolicy", json!({"KeyId": KEY})).await.unwrap();
    assert_eq!(shown["Policy"], policy, "the role is bound to its id");
    // Somebody else under the same name: the file means whoever has the name when it is applied.
    let other = scene.world.client("444455556666", "eu-central-1");
    other.iam("DeleteRole", &[("RoleName", "c")]).await.unwrap();
    assert_ne!(client.call("GetKeyPolicy", json!({"KeyId": KEY})).await.unwrap()["Policy"], policy);
    let tally = seed(&scene.world, &file).await.unwrap();
    assert_eq!(tally.total(), Count { created: 1, updated: 1, unchanged: 2 }, "{tally}");
    assert_eq!(client.call("GetKeyPolicy", json!({"KeyId": KEY})).await.unwrap()["Policy"], policy);
}

/// A role that the policies of the file name is deleted by somebody. The next start is not refused for that.
#[tokio::test]
async fn a_principal_that_is_gone_is_no_fault_of_a_policy_that_stays() {
    let scene = Scene::new().await;
    let client = scene.world.client(ACCOUNT, "eu-central-1");
    let gone = client.role("gone", ACCOUNT, &serde_json::Value::Null).await;
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{gone}"}},"Action":"sts:AssumeRole"}}}}"#
    );
    let policy = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":["{ACCOUNT}","{gone}"]}},"Action":"kms:*","Resource":"*"}}}}"#
    );
    let file = format!(
        "roles = [{{ name = \"r\", trust_policy = '{trust}' }}]\n\
         keys = [{{ region = \"eu-central-1\", id = \"{KEY}\", policy = '{policy}' }}]"
    );
    apply(&scene, &[(&file, [2, 0, 0])]).await;
    client.iam("DeleteRolePolicy", &[("RoleName", "gone"), ("PolicyName", "p")]).await.unwrap_err();
    client.iam("DeleteRole", &[("RoleName", "gone")]).await.unwrap();
    apply(&scene, &[(&file, [0, 0, 2])]).await;
    // But nothing new can be said about somebody who is not there.
    let faults = super::faults_of(&scene, &account(&file.replace("\"Allow\"", "\"Allow\",\"Sid\":\"S\""))).await;
    assert_eq!(faults.len(), 2, "{faults:?}");
}
