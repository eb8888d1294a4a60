//! The declarative file: what it makes, that it changes nothing where nothing is to be changed, and that its users are
//! decided like any other.

mod changes;
mod faults;
mod interruptions;

use std::collections::BTreeMap;
use std::path::Path;

use kagiban_base::secret::SecretBytes;
use kagiban_service::seed::{Count, ReferenceError, References, SeedError, SeedFile, Tally};
use kagiban_testkit::{Client, World};
use serde_json::json;

use crate::support::{ACCOUNT, HI, Scene, text};

const EXAMPLE: &str = include_str!("../../../../../docs/examples/seed.toml");
const REGION: &str = "eu-central-1";
const SHOP: (&str, &str) = ("AKIASHOPEXAMPLE00001", "a-secret-that-everybody-may-know-0000001");

/// Files and variables by name.
#[derive(Default)]
struct Given(BTreeMap<&'static str, &'static str>);

impl Given {
    fn text(&self, name: &str) -> Result<&'static str, ReferenceError> {
        self.0.get(name).copied().ok_or_else(|| format!("{name} is not there").into())
    }
}

impl References for Given {
    fn document(&self, path: &Path) -> Result<String, ReferenceError> {
        self.text(path.to_str().unwrap()).map(str::to_owned)
    }

    fn secret_file(&self, path: &Path) -> Result<SecretBytes, ReferenceError> {
        self.secret_variable(path.to_str().unwrap())
    }

    fn secret_variable(&self, name: &str) -> Result<SecretBytes, ReferenceError> {
        self.text(name).map(|text| SecretBytes::from_slice(text.as_bytes()))
    }
}

fn read_file(text: &str) -> SeedFile {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

pub(crate) async fn seed(world: &World, text: &str) -> Result<Tally, SeedError> {
    let file = read_file(text);
    world.service.seed(&file, &Given::default()).await
}

/// The faults of a file, a line each; the store must be as it was.
async fn faults_of(scene: &Scene, text: &str) -> Vec<String> {
    let before = scene.revision().await;
    let result = seed(&scene.world, text).await;
    assert_eq!(scene.revision().await, before, "something was written: {text}");
    match result {
        Err(SeedError::Faults(faults)) => faults.told().iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}: {text}"),
    }
}

fn caller<'w>(world: &'w World, (id, secret): (&str, &str)) -> Client<'w> {
    world.caller((id, secret, None), REGION)
}

pub(crate) fn account(tables: &str) -> String {
    format!("[[accounts]]\nid = \"{ACCOUNT}\"\n{tables}")
}

#[tokio::test]
async fn the_example_makes_what_it_says() {
    let scene = Scene::new().await;
    let tally = seed(&scene.world, EXAMPLE).await.unwrap();
    assert_eq!(tally.total(), Count { created: 15, updated: 0, unchanged: 0 }, "{tally}");
    let root = scene.world.client(ACCOUNT, REGION);
    let users = root.iam("ListUsers", &[]).await.unwrap().texts("Arn");
    assert_eq!(users.len(), 3);
    assert!(users.contains(&format!("arn:aws:iam::{ACCOUNT}:user/applications/shop")));
    assert_eq!(root.iam("ListAccountAliases", &[]).await.unwrap().text("member"), "payments");
    let key =
        root.call("DescribeKey", json!({"KeyId": "alias/billing/invoices"})).await.unwrap()["KeyMetadata"].clone();
    assert_eq!(text(&key["KeyId"]), "66666666-7777-4888-8999-aaaaaaaaaaaa");
    assert_eq!((text(&key["KeySpec"]), text(&key["KeyState"])), ("ECC_NIST_P256".to_owned(), "Enabled".to_owned()));
}

#[tokio::test]
async fn users_of_the_file_may_what_it_allows_them_and_no_more() {
    let scene = Scene::new().await;
    seed(&scene.world, EXAMPLE).await.unwrap();
    let shop = caller(&scene.world, SHOP);
    let anna = caller(&scene.world, ("AKIAANNAEXAMPLE00001", "a-secret-that-everybody-may-know-0000002"));
    let orders = json!({"KeyId": "alias/shop/orders", "Plaintext": HI});
    let sealed = shop.call("Encrypt", orders.clone()).await.unwrap();
    let opened = shop.call("Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]})).await.unwrap();
    assert_eq!(opened["Plaintext"], HI);

    let denied = |result: Result<_, kagiban_testkit::AwsError>| result.map(|_: serde_json::Value| ()).unwrap_err();
    let error = denied(anna.call("Encrypt", orders.clone()).await);
    assert_eq!(error.code, "AccessDeniedException");
    assert!(error.message.contains("no identity-based policy allows"), "{}", error.message);
    let error = denied(shop.call("DescribeKey", json!({"KeyId": "alias/billing/invoices"})).await);
    assert!(error.message.contains("explicit deny in a resource-based policy"), "{}", error.message);
    anna.call("DescribeKey", json!({"KeyId": "alias/billing/invoices"})).await.unwrap();

    let stranger = caller(&scene.world, (SHOP.0, "a-secret-that-nobody-may-know-00000000001"));
    assert_eq!(denied(stranger.call("Encrypt", orders).await).code, "InvalidSignatureException");
}

#[tokio::test]
async fn roles_of_the_file_are_assumed_by_those_whom_they_trust() {
    let scene = Scene::new().await;
    seed(&scene.world, EXAMPLE).await.unwrap();
    let role = format!("arn:aws:iam::{ACCOUNT}:role/rotate-keys");
    let deployer = caller(&scene.world, ("AKIADEPLEXAMPLE00001", "a-secret-that-everybody-may-know-0000003"));
    let session = deployer.assume(&role, "now", &[]).await.unwrap();
    session.call("CreateKey", json!({})).await.unwrap();
    assert_eq!(session.call("ListKeys", json!({})).await.unwrap_err().code, "AccessDeniedException");
    let refused = caller(&scene.world, SHOP).assume(&role, "now", &[]).await.unwrap_err();
    assert_eq!(refused.code, "AccessDenied");
}

#[tokio::test]
async fn applied_again_it_changes_nothing() {
    let scene = Scene::new().await;
    seed(&scene.world, EXAMPLE).await.unwrap();
    let revision = scene.revision().await;
    scene.world.clock.move_by_ms(86_400_000);
    for _ in 0..2 {
        let tally = seed(&scene.world, EXAMPLE).await.unwrap();
        assert_eq!(tally.total(), Count { created: 0, updated: 0, unchanged: 15 }, "{tally}");
        assert_eq!(scene.revision().await, revision);
    }
}

#[tokio::test]
async fn fixed_material_is_the_same_in_every_deployment() {
    let (one, other) = (Scene::new().await, Scene::new().await);
    for scene in [&one, &other] {
        // Another key before: the random numbers of the two worlds are no longer the same.
        if std::ptr::eq(scene, &raw const other) {
            scene.client().call("CreateKey", json!({})).await.unwrap();
        }
        seed(&scene.world, EXAMPLE).await.unwrap();
    }
    let sealed = caller(&one.world, SHOP).call("Encrypt", json!({"KeyId": "alias/shop/orders", "Plaintext": HI})).await;
    let blob = sealed.unwrap()["CiphertextBlob"].clone();
    let opened = caller(&other.world, SHOP).call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
    assert_eq!(opened["Plaintext"], HI);
}

/// What was made by the file is what the operations would have made: the account's details and its counts are the same.
#[tokio::test]
async fn the_state_is_that_of_the_operations() {
    let allow = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:user/u"}},"Action":"sts:AssumeRole"}}}}"#
    );
    let (seeded, called) = (Scene::new().await, Scene::new().await);
    let file = account(&format!(
        "alias = \"an-alias\"\n\
         policies = [{{ name = \"p\", document = '{allow}' }}]\n\
         groups = [{{ name = \"g\", policies = [\"p\"] }}]\n\
         users = [{{ name = \"u\", groups = [\"g\"], tags = {{ a = \"b\" }}, permissions_boundary = \"p\", \
           policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"], inline_policies = [{{ name = \"i\", document = '{allow}' }}], \
           access_keys = [{{ id = \"AKIAEXAMPLE000000001\", secret = \"s\" }}] }}]\n\
         roles = [{{ name = \"r\", trust_policy = '{trust}', policies = [\"p\"] }}]\n\
         oidc_providers = [{{ url = \"https://id.example\", client_ids = [\"c\"] }}]\n\
         keys = [{{ region = \"us-east-1\", id = \"11111111-2222-4333-8444-555555555555\", aliases = [\"alias/k\"] }}]\n"
    ));
    seed(&seeded.world, &file).await.unwrap();
    let root = called.client();
    let policy = format!("arn:aws:iam::{ACCOUNT}:policy/p");
    for (operation, parameters) in [
        ("CreateAccountAlias", vec![("AccountAlias", "an-alias")]),
        ("CreatePolicy", vec![("PolicyName", "p"), ("PolicyDocument", allow)]),
        ("CreateGroup", vec![("GroupName", "g")]),
        ("AttachGroupPolicy", vec![("GroupName", "g"), ("PolicyArn", &policy)]),
        (
            "CreateUser",
            vec![
                ("UserName", "u"),
                ("PermissionsBoundary", &policy),
                ("Tags.member.1.Key", "a"),
                ("Tags.member.1.Value", "b"),
            ],
        ),
        ("AddUserToGroup", vec![("GroupName", "g"), ("UserName", "u")]),
        ("AttachUserPolicy", vec![("UserName", "u"), ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")]),
        ("PutUserPolicy", vec![("UserName", "u"), ("PolicyName", "i"), ("PolicyDocument", allow)]),
        ("CreateAccessKey", vec![("UserName", "u")]),
        ("CreateRole", vec![("RoleName", "r"), ("AssumeRolePolicyDocument", &trust)]),
        ("AttachRolePolicy", vec![("RoleName", "r"), ("PolicyArn", &policy)]),
        ("CreateOpenIDConnectProvider", vec![("Url", "https://id.example"), ("ClientIDList.member.1", "c")]),
    ] {
        root.iam(operation, &parameters).await.unwrap_or_else(|error| panic!("{operation}: {error:?}"));
    }
    let key = text(&root.call("CreateKey", json!({})).await.unwrap()["KeyMetadata"]["KeyId"]);
    root.call("CreateAlias", json!({"AliasName": "alias/k", "TargetKeyId": key})).await.unwrap();

    assert_eq!(seeded.row_count().await, called.row_count().await);
    for element in [
        "UserName",
        "GroupName",
        "Arn",
        "PolicyName",
        "PolicyArn",
        "PolicyDocument",
        "AttachmentCount",
        "PermissionsBoundaryUsageCount",
        "Key",
        "Value",
        "VersionId",
        "CreateDate",
        "AssumeRolePolicyDocument",
        "member",
    ] {
        let details = "GetAccountAuthorizationDetails";
        let of_seeded = seeded.client().iam(details, &[]).await.unwrap().texts(element);
        assert_eq!(of_seeded, root.iam(details, &[]).await.unwrap().texts(element), "{element}");
        assert!(element == "Value" || !of_seeded.is_empty(), "{element}");
    }
    for element in ["key", "value"] {
        let of_seeded = seeded.client().iam("GetAccountSummary", &[]).await.unwrap().texts(element);
        assert_eq!(of_seeded, root.iam("GetAccountSummary", &[]).await.unwrap().texts(element));
    }
    let without_material = |mut row: serde_json::Value| {
        row.as_object_mut().unwrap().remove("current_material").unwrap();
        row
    };
    let seeded_key = seeded.key_row("key/11111111-2222-4333-8444-555555555555").await;
    assert_eq!(without_material(seeded_key), without_material(called.key_row(&format!("key/{key}")).await));
}
