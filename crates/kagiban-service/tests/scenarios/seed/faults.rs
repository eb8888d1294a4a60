//! A file with anything wrong in it changes nothing, and says what is wrong and where.

use std::collections::BTreeMap;
use std::sync::Arc;

use kagiban_base::random::Random;
use kagiban_base::secret::SecretArray;
use kagiban_base::time::Timestamp;
use kagiban_keycore::root_key::LocalRootKey;
use kagiban_service::seed::{self, SeedError};
use kagiban_service::{DeploymentKind, Service, bootstrap};
use kagiban_storage::{Engine as _, MemoryEngine, Store};
use kagiban_testkit::{FakeClock, SeededRandom, Setting};
use serde_json::json;

use super::{EXAMPLE, Given, account, faults_of, read_file, seed as apply};
use crate::support::{ACCOUNT, OTHER_ACCOUNT, Scene, create_key, describe, key_id_of, text};

const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
const KEY: &str = r#"region = "us-east-1", id = "11111111-2222-4333-8444-555555555555""#;

/// Tables of an account, and the one fault that they have: its place and what its text contains.
fn cases() -> Vec<(String, &'static str, &'static str)> {
    let key = |more: &str| format!("keys = [{{ {KEY}{more} }}]");
    let user = |more: &str| format!("users = [{{ name = \"u\"{more} }}]");
    let policy = |more: &str| format!("policies = [{{ name = \"p\", {more} }}]");
    let role = |more: &str| format!("roles = [{{ name = \"r\", {more} }}]");
    let access_key = |more: &str| user(&format!(", access_keys = [{{ {more} }}]"));
    let trust = |who: &str| {
        format!(r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{who}"}},"Action":"sts:AssumeRole"}}}}"#)
    };
    let good_trust = trust(ACCOUNT);
    let id = "id = \"AKIAEXAMPLE000000001\"";
    let long = "x".repeat(3000);
    vec![
        ("alias = \"A\"".into(), "accounts[0].alias", "account alias"),
        ("alias = \"123456789012\"".into(), "accounts[0].alias", "account alias"),
        (format!("name = \"{long}\""), "accounts[0].name", "128 are the most"),
        ("users = [{ name = \"a b\" }]".into(), "accounts[0].users[0].name", "not allowed: ' '"),
        ("users = [{ name = \"a\" }, { name = \"A\" }]".into(), "accounts[0].users[1].name", "twice"),
        (user(", path = \"a\""), "accounts[0].users[0].path", "not formed"),
        (user(", tags = { \"aws:a\" = \"b\" }"), "accounts[0].users[0].tags", "reserved"),
        (user(", tags = { a = \"1\", A = \"2\" }"), "accounts[0].users[0].tags", ""),
        (user(", groups = [\"g\"]"), "accounts[0].users[0].groups[0]", "no group \"g\""),
        (user(", policies = [\"p\"]"), "accounts[0].users[0].policies[0]", "no policy \"p\""),
        (user(", policies = [\"arn:aws:iam::aws:policy/None\"]"), "accounts[0].users[0].policies[0]", "no policy"),
        (
            user(", policies = [\"arn:aws:iam::444455556666:policy/p\"]"),
            "accounts[0].users[0].policies[0]",
            "no policy",
        ),
        (user(", permissions_boundary = \"p\""), "accounts[0].users[0].permissions_boundary", "no policy \"p\""),
        (
            user(
                ", policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\", \"arn:aws-cn:iam::aws:policy/ReadOnlyAccess\"]",
            ),
            "accounts[0].users[0].policies[1]",
            "twice",
        ),
        (
            user(", inline_policies = [{ name = \"i\", document = \"{}\" }]"),
            "accounts[0].users[0].inline_policies[0].document",
            "MalformedPolicyDocument",
        ),
        (
            user(", inline_policies = [{ name = \"i\" }]"),
            "accounts[0].users[0].inline_policies[0]",
            "exactly one of document, document_file",
        ),
        (
            user(", inline_policies = [{ name = \"i\", document_file = \"none.json\" }]"),
            "accounts[0].users[0].inline_policies[0].document_file",
            "none.json is not there",
        ),
        (
            user(&format!(
                ", inline_policies = [{{ name = \"i\", document = '{}' }}]",
                ALLOW.replace("kms:*", &format!("kms:{long}"))
            )),
            "accounts[0].users[0].inline_policies",
            "Maximum policy size of 2048 bytes exceeded for user u",
        ),
        (access_key("id = \"SHORT\", secret = \"s\""), "accounts[0].users[0].access_keys[0].id", "16 to 128"),
        (access_key("id = \"ASIAEXAMPLE000000001\", secret = \"s\""), "accounts[0].users[0].access_keys[0].id", "ASIA"),
        (access_key(id), "accounts[0].users[0].access_keys[0]", "exactly one of secret, secret_env, secret_file"),
        (access_key(&format!("{id}, secret = \"\"")), "accounts[0].users[0].access_keys[0].secret", "1 to 128"),
        (access_key(&format!("{id}, secret = \"a b\"")), "accounts[0].users[0].access_keys[0].secret", "visible"),
        (
            access_key(&format!("{id}, secret_env = \"NONE\"")),
            "accounts[0].users[0].access_keys[0].secret_env",
            "NONE is not there",
        ),
        (
            access_key(&format!("{id}, secret = \"s\" }}, {{ {id}, secret = \"t\"")),
            "accounts[0].users[0].access_keys[1].id",
            "twice",
        ),
        (
            access_key(&format!(
                "{id}, secret = \"s\" }}, {{ {}, secret = \"s\" }}, {{ {}, secret = \"s\"",
                id.replace("01", "02"),
                id.replace("01", "03")
            )),
            "accounts[0].users[0].access_keys[2]",
            "Cannot exceed quota for AccessKeysPerUser: 2",
        ),
        (policy("document = \"no\""), "accounts[0].policies[0].document", "MalformedPolicyDocument"),
        (
            policy(&format!("document = '{ALLOW}', description = \"{long}\"")),
            "accounts[0].policies[0].description",
            "1000 are the most",
        ),
        (role("description = \"d\""), "accounts[0].roles[0]", "exactly one of trust_policy, trust_policy_file"),
        (role("trust_policy = \"{}\""), "accounts[0].roles[0].trust_policy", "MalformedPolicyDocument"),
        (
            role(&format!("trust_policy = '{}'", trust("arn:aws:iam::111122223333:user/none"))),
            "accounts[0].roles[0].trust_policy",
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:user/none\"",
        ),
        (
            role(&format!("trust_policy = '{good_trust}', max_session_duration = 60")),
            "accounts[0].roles[0].max_session_duration",
            "60 is outside 3600 to 43200",
        ),
        (
            role(&format!("trust_policy = '{good_trust}', path = \"/aws-service-role/\"")),
            "accounts[0].roles[0].path",
            "roles of services",
        ),
        ("oidc_providers = [{ url = \"http://a.example\" }]".into(), "accounts[0].oidc_providers[0].url", "Invalid"),
        (
            "oidc_providers = [{ url = \"https://a.example\", client_ids = [\"\"] }]".into(),
            "accounts[0].oidc_providers[0].client_ids",
            "outside 1 to 255",
        ),
        (
            "oidc_providers = [{ url = \"https://a.example\", thumbprints = [\"x\"] }]".into(),
            "accounts[0].oidc_providers[0].thumbprints",
            "SHA-1",
        ),
        (key("").replace("us-east-1", "here"), "accounts[0].keys[0].region", "not a valid Region"),
        (key("").replace("1111-", "1111"), "accounts[0].keys[0].id", "not a valid key id"),
        (
            key("").replace("11111111-2222-4333-8444-555555555555", "mrk-11111111222243338444555555555555"),
            "accounts[0].keys[0].id",
            "MultiRegion is not offered",
        ),
        (format!("keys = [{{ {KEY} }}, {{ {KEY} }}]"), "accounts[0].keys[1].id", "twice"),
        (key(", spec = \"AES\""), "accounts[0].keys[0]", "Value 'AES' at 'keySpec'"),
        (key(", spec = \"RSA_2048\""), "accounts[0].keys[0]", "You must specify a KeyUsage"),
        (key(", usage = \"SIGN_VERIFY\""), "accounts[0].keys[0]", "is not compatible with KeySpec"),
        (key(", spec = \"SM2\", usage = \"SIGN_VERIFY\""), "accounts[0].keys[0]", "not supported in Region"),
        (key(", tags = { \"aws:a\" = \"b\" }"), "accounts[0].keys[0].tags", "TagException"),
        (key(", policy = \"{}\""), "accounts[0].keys[0].policy", "MalformedPolicyDocumentException"),
        (key(", policy_file = \"none.json\""), "accounts[0].keys[0].policy_file", "none.json is not there"),
        (key(", policy = \"{}\", policy_file = \"p\""), "accounts[0].keys[0]", "exactly one of policy, policy_file"),
        (
            key(
                r#", policy = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:Encrypt","Resource":"*"}}'"#,
            ),
            "accounts[0].keys[0].policy",
            "will not allow you to update the key policy in the future",
        ),
        (
            key(
                r#", policy = '{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/none"},"Action":"kms:*","Resource":"*"}}'"#,
            ),
            "accounts[0].keys[0].policy",
            "invalid principals",
        ),
        (key(", material = \"AAAA\""), "accounts[0].keys[0].material", "IncorrectKeyMaterial"),
        (key(", material = \"?\""), "accounts[0].keys[0].material", "not base64"),
        (
            key(", spec = \"HMAC_256\", usage = \"GENERATE_VERIFY_MAC\", material = \"AAAA\""),
            "accounts[0].keys[0].material",
            "HMAC_256",
        ),
        (key(", aliases = [\"a\"]"), "accounts[0].keys[0].aliases[0]", "alias/"),
        (key(", aliases = [\"alias/aws/a\"]"), "accounts[0].keys[0].aliases[0]", "reserved"),
        (key(", aliases = [\"alias/a\", \"alias/a\"]"), "accounts[0].keys[0].aliases[1]", "twice"),
        (
            format!(
                "aliases = [{{ region = \"us-east-1\", name = \"alias/a\", key = \"{}\" }}]",
                crate::support::NO_KEY
            ),
            "accounts[0].aliases[0].key",
            "no key",
        ),
    ]
}

#[tokio::test]
async fn every_fault_is_told_with_its_place() {
    let scene = Scene::new().await;
    let mut wrong = Vec::new();
    for (tables, place, message) in cases() {
        let file = account(&tables);
        let faults = faults_of(&scene, &file).await;
        let as_expected = match faults.as_slice() {
            [fault] => fault.split_once(": ").is_some_and(|(at, told)| at == place && told.contains(message)),
            _ => false,
        };
        if !as_expected {
            wrong.push((file, faults, place, message));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn all_faults_are_told_together_and_nothing_is_written() {
    let scene = Scene::new().await;
    let bad = format!(
        "{EXAMPLE}\n[[accounts]]\nid = \"{ACCOUNT}\"\n[[accounts]]\nid = \"x\"\n[[accounts]]\nid = \"{OTHER_ACCOUNT}\"\n\
         users = [{{ name = \"\" }}, {{ name = \"u\", groups = [\"g\"] }}]\nkeys = [{{ region = \"r\", id = \"i\" }}]"
    );
    let faults = faults_of(&scene, &bad).await;
    let places: Vec<&str> = faults.iter().map(|fault| fault.split_once(": ").unwrap().0).collect();
    let expected = [
        "accounts[1].id",
        "accounts[2].id",
        "accounts[3].users[0].name",
        "accounts[3].users[1].groups[0]",
        "accounts[3].keys[0].region",
        "accounts[3].keys[0].id",
    ];
    assert_eq!(places, expected);
}

#[tokio::test]
async fn what_is_stored_and_somebody_elses_is_not_taken() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (one, two) = (create_key(&client).await, create_key(&client).await);
    let (one_id, two_id) = (key_id_of(&one), key_id_of(&two));
    client.call("CreateAlias", json!({"AliasName": "alias/taken", "TargetKeyId": one})).await.unwrap();
    client.call("ScheduleKeyDeletion", json!({"KeyId": two})).await.unwrap();
    let external = client.call("CreateKey", json!({"Origin": "EXTERNAL"})).await.unwrap();
    let external = text(&external["KeyMetadata"]["KeyId"]);
    let managed = text(&describe(&client, "alias/aws/s3").await["KeyId"]);
    let user = client.iam("CreateUser", &[("UserName", "Ann")]).await.unwrap().text("UserId");
    assert!(user.starts_with("AIDA"));
    let access_key = client.iam("CreateAccessKey", &[("UserName", "Ann")]).await.unwrap().text("AccessKeyId");
    client.iam("CreateAccountAlias", &[("AccountAlias", "taken")]).await.unwrap();
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    let parameters = [("RoleName", "r"), ("Path", "/a/"), ("AssumeRolePolicyDocument", trust)];
    client.iam("CreateRole", &parameters).await.unwrap();
    let key = |id: &str, more: &str| format!("keys = [{{ region = \"us-east-1\", id = \"{id}\"{more} }}]");
    let mine = |tables: String| account(&tables);
    let others = |tables: String| format!("[[accounts]]\nid = \"{OTHER_ACCOUNT}\"\n{tables}");
    for (file, fault) in [
        (
            mine(key(one_id, ", spec = \"RSA_2048\", usage = \"SIGN_VERIFY\"")),
            "keys[0].spec: this cannot be changed: it is \"SYMMETRIC_DEFAULT\"",
        ),
        (mine(key(one_id, ", usage = \"SIGN_VERIFY\"")), "keys[0].usage: this cannot be changed"),
        (
            mine(key(one_id, ", material = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"")),
            "keys[0].material: this cannot be changed",
        ),
        (mine(key(two_id, ", aliases = [\"alias/taken\"]")), "is pending deletion"),
        (mine(key(&external, "")), "keys[0].id: this cannot be changed: it is \"EXTERNAL\""),
        (mine(key(&managed, ", description = \"mine\"")), "is an AWS managed key"),
        (
            mine(format!("aliases = [{{ region = \"us-east-1\", name = \"alias/mine\", key = \"{managed}\" }}]")),
            "is an AWS managed key",
        ),
        (others(key(one_id, "")), "keys[0].id: this belongs to account 111122223333 already"),
        (
            mine(key("11111111-2222-4333-8444-555555555555", ", aliases = [\"alias/taken\"]")),
            "keys[0].aliases[0]: this belongs to key",
        ),
        (others("alias = \"taken\"".into()), "alias: this belongs to account 111122223333 already"),
        (
            others(format!(
                "users = [{{ name = \"u\", access_keys = [{{ id = \"{access_key}\", secret = \"s\" }}] }}]"
            )),
            "users[0].access_keys[0].id: this belongs to somebody else",
        ),
        (
            mine(format!("root_access_keys = [{{ id = \"{access_key}\", secret = \"s\" }}]")),
            "root_access_keys[0].id: this belongs to somebody else",
        ),
        (mine("users = [{ name = \"ann\" }]".into()), "users[0].name: the store has it as \"Ann\""),
        (
            mine("roles = [{ name = \"r\", path = \"/b/\" }]".into()),
            "roles[0].path: this cannot be changed: it is \"/a/\"",
        ),
    ] {
        let faults = faults_of(&scene, &file).await.join("\n");
        assert!(faults.contains(fault), "{fault}\n{faults}");
    }
}

#[tokio::test]
async fn fifty_aliases_are_the_most_that_a_key_has() {
    let scene = Scene::new().await;
    let names = |count: usize| (0..count).map(|at| format!("\"alias/a{at}\"")).collect::<Vec<_>>().join(", ");
    let file = |count: usize| account(&format!("keys = [{{ {KEY}, aliases = [{}] }}]", names(count)));
    let faults = faults_of(&scene, &file(51)).await;
    assert!(faults.len() == 1 && faults[0].starts_with("accounts[0].keys[0].aliases[50]: LimitExceeded"), "{faults:?}");
    assert_eq!(apply(&scene.world, &file(50)).await.unwrap().count("aliases").created, 50);
}

/// A check without a store knows what is in the file and nothing else.
#[tokio::test]
async fn a_file_is_checked_without_a_store() {
    let check = async |text: &str, kind| {
        let (random, now) = (SeededRandom::new(1), Timestamp::from_unix_s(0));
        let file = read_file(text);
        seed::check(&file, kind, &Given::default(), &random, now).await.map_err(|error| error.to_string())
    };
    assert_eq!(check(EXAMPLE, DeploymentKind::Development).await, Ok(()));
    let error = check(EXAMPLE, DeploymentKind::Production).await.unwrap_err();
    assert_eq!(error.lines().count(), 4, "{error}");
    assert!(error.contains("accounts[0].users[0].access_keys[0].secret: a production deployment takes no secret"));
    assert!(error.contains("accounts[0].keys[0].material: "), "{error}");
    let error = check(&account("users = [{ name = \"u\", groups = [\"g\"] }]"), DeploymentKind::Production).await;
    assert!(error.unwrap_err().contains("no group \"g\""));
}

/// In production accounts are made by the file, and secrets come from elsewhere.
#[tokio::test]
async fn a_production_deployment_takes_secrets_by_reference_only() {
    let (service, engine) = production().await;
    let secret = "0123456789abcdef0123456789abcdef";
    let references = Given(BTreeMap::from([("SECRET", secret), ("secret.txt", secret), ("SHORT", "hush")]));
    let file = |more: &str| {
        read_file(&account(&format!(
            "root_access_keys = [{{ id = \"AKIAEXAMPLE000000001\", {more} }}]\n\
             users = [{{ name = \"u\", access_keys = [{{ id = \"AKIAEXAMPLE000000002\", secret_file = \"secret.txt\" }}] }}]"
        )))
    };
    let before = engine.snapshot().await.unwrap().revision();
    for (more, message) in [
        ("secret = \"0123456789abcdef0123456789abcdef\"", "takes no secret that stands in the file"),
        ("secret_env = \"SHORT\"", "32 to 128"),
        ("secret_env = \"NONE\"", "NONE is not there"),
    ] {
        let error = service.seed(&file(more), &references).await.unwrap_err();
        assert!(matches!(error, SeedError::Faults(_)));
        assert!(error.to_string().contains(message) && error.to_string().lines().count() == 1, "{error}");
    }
    assert_eq!(engine.snapshot().await.unwrap().revision(), before);
    let tally = service.seed(&file("secret_env = \"SECRET\""), &references).await.unwrap();
    assert_eq!((tally.count("accounts").created, tally.count("access keys").created), (1, 2), "{tally}");
    // An account that the file does not make is none.
    let policy = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole"}}"#;
    let stranger = read_file(&account(&format!("roles = [{{ name = \"r\", trust_policy = '{policy}' }}]")));
    let error = service.seed(&stranger, &references).await.unwrap_err().to_string();
    assert!(error.contains("Invalid principal in policy"), "{error}");
}

/// A production service in memory.
async fn production() -> (Service, MemoryEngine) {
    let engine = MemoryEngine::new();
    let (clock, random) = (Arc::new(FakeClock::at(Timestamp::from_unix_s(0))), Arc::new(SeededRandom::new(1)));
    let root_key = LocalRootKey::new(&SecretArray::new([7; 32])).unwrap();
    let kind = DeploymentKind::Production;
    let now = Timestamp::from_unix_s(0);
    let batch = bootstrap::first_batch(kind, None, &root_key, now, random.as_ref() as &dyn Random).unwrap();
    engine.commit(batch).await.unwrap();
    let environment = Setting::default().environment(clock, random);
    let store = Store::new(Arc::new(engine.clone()));
    let (service, mut follower) = Service::open(store, kind, &root_key, environment).await.unwrap();
    tokio::spawn(async move { follower.run().await });
    (service, engine)
}
