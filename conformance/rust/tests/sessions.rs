//! Users and sessions in the AWS SDK for Rust: IAM, and the credential providers that programs use.

use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, process};

use aws_config::provider_config::ProviderConfig;
use aws_config::sts::{AssumeRoleProvider, AssumeRoleProviderBuilder};
use aws_config::web_identity_token::{StaticConfiguration, WebIdentityTokenCredentialsProvider};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_iam::error::ProvideErrorMetadata;
use aws_sdk_kms::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_kms::primitives::Blob;
use conformance_rust::Account;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

const SUBJECT: &str = "system:serviceaccount:shop:web";
const AUDIENCE: &str = "sts.amazonaws.com";

fn document(statements: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn allow(action: &str) -> String {
    document(json!({"Effect": "Allow", "Action": action, "Resource": "*"}))
}

/// An account's IAM, as its root.
async fn iam(account: &Account) -> aws_sdk_iam::Client {
    aws_sdk_iam::Client::new(&account.config(account.credentials()).await)
}

/// A user with a policy, and the credentials of its access key.
async fn user(account: &Account, name: &str, policy: &str) -> Credentials {
    let iam = iam(account).await;
    iam.create_user().user_name(name).send().await.unwrap();
    iam.put_user_policy().user_name(name).policy_name("inline").policy_document(policy).send().await.unwrap();
    let key = iam.create_access_key().user_name(name).send().await.unwrap().access_key.unwrap();
    Credentials::new(key.access_key_id, key.secret_access_key, None, None, "a user")
}

/// A role that trusts so and may this; its ARN.
async fn role(account: &Account, name: &str, trust: Value, policy: &str) -> String {
    let iam = iam(account).await;
    let made = iam.create_role().role_name(name).assume_role_policy_document(document(trust)).send().await.unwrap();
    iam.put_role_policy().role_name(name).policy_name("inline").policy_document(policy).send().await.unwrap();
    made.role.unwrap().arn
}

async fn kms(account: &Account, credentials: impl ProvideCredentials + 'static) -> aws_sdk_kms::Client {
    aws_sdk_kms::Client::new(&account.config(SharedCredentialsProvider::new(credentials)).await)
}

#[tokio::test]
async fn a_user_may_what_its_policy_says() {
    let account = Account::fresh();
    let key = account.client().create_key().send().await.unwrap().key_metadata.unwrap();
    let ann = kms(&account, user(&account, "ann", &allow("kms:Encrypt")).await).await;
    ann.encrypt().key_id(key.key_id()).plaintext(Blob::new("x")).send().await.unwrap();
    let error = ann.disable_key().key_id(key.key_id()).send().await.unwrap_err();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    let expected = format!(
        "User: arn:aws:iam::{}:user/ann is not authorized to perform: kms:DisableKey on resource: {} because no \
         identity-based policy allows the kms:DisableKey action",
        account.id,
        key.arn().unwrap()
    );
    assert_eq!(error.message(), Some(expected.as_str()));
    let missing = iam(&account).await.get_user().user_name("nobody").send().await.unwrap_err().into_service_error();
    assert!(missing.is_no_such_entity_exception(), "{missing:?}");
}

#[tokio::test]
async fn a_grant_lets_a_user_in() {
    let account = Account::fresh();
    let root = account.client();
    let key = root.create_key().send().await.unwrap().key_metadata.unwrap();
    let ann = kms(&account, user(&account, "ann", &allow("kms:ListKeys")).await).await;
    let arn = format!("arn:aws:iam::{}:user/ann", account.id);
    let grant = root.create_grant().key_id(key.key_id()).grantee_principal(arn);
    let grant = grant.operations(aws_sdk_kms::types::GrantOperation::Encrypt).send().await.unwrap();
    let encrypt = || ann.encrypt().key_id(key.key_id()).plaintext(Blob::new("x"));
    encrypt().grant_tokens(grant.grant_token().unwrap()).send().await.unwrap();
    root.revoke_grant().key_id(key.key_id()).grant_id(grant.grant_id().unwrap()).send().await.unwrap();
    assert_eq!(encrypt().send().await.unwrap_err().code(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn roles_are_assumed_one_behind_the_other() {
    let account = Account::fresh();
    let ann = user(&account, "ann", &allow("sts:AssumeRole")).await;
    let condition = json!({"StringEquals": {"sts:ExternalId": "42"}});
    let trust = json!({"Effect": "Allow", "Principal": {"AWS": account.id}, "Action": "sts:AssumeRole", "Condition": condition});
    let first = role(&account, "first", trust, &allow("sts:AssumeRole")).await;
    let trust = json!({"Effect": "Allow", "Principal": {"AWS": first}, "Action": "sts:AssumeRole"});
    let second = role(&account, "second", trust, &allow("kms:ListKeys")).await;

    let assume = |role: &str, config: &SdkConfig| -> AssumeRoleProviderBuilder {
        AssumeRoleProvider::builder(role).configure(config).session_name("by-rust")
    };
    let base = account.config(SharedCredentialsProvider::new(ann)).await;
    let without = assume(&first, &base).build().await.provide_credentials().await;
    assert!(format!("{:?}", without.unwrap_err()).contains("AccessDenied"));
    let one = assume(&first, &base).external_id("42").build().await;
    let through = account.config(SharedCredentialsProvider::new(one)).await;
    let two = assume(&second, &through).build().await;
    let found = two.provide_credentials().await.unwrap();
    assert!(found.session_token().is_some() && found.access_key_id().starts_with("ASIA"));
    let client = kms(&account, two).await;
    client.list_keys().send().await.unwrap();
    let error = client.list_aliases().send().await.unwrap_err();
    let caller = format!("arn:aws:sts::{}:assumed-role/second/by-rust", account.id);
    assert!(error.message().unwrap().contains(&caller), "{error:?}");
}

/// A token of the provider for a service account.
fn token(provider: &Value, subject: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let head = json!({"alg": "ES256", "kid": provider["key"]["kid"], "typ": "JWT"});
    let claims = json!({
        "iss": provider["issuer"], "sub": subject, "aud": [AUDIENCE], "iat": now - 5, "exp": now + 600,
    });
    let signed = format!("{}.{}", base64url(head.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
    let key = SigningKey::from_slice(&from_base64url(provider["key"]["d"].as_str().unwrap())).unwrap();
    let signature: Signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", base64url(&signature.to_bytes()))
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// RFC 4648, section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().chain([0, 0].iter()).take(3).fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        text.extend((0..=chunk.len()).map(|digit| char::from(DIGITS[bits >> (18 - 6 * digit) & 63])));
    }
    text
}

fn from_base64url(text: &str) -> Vec<u8> {
    let value = |digit| DIGITS.iter().position(|known| *known == digit).unwrap();
    let bits: Vec<bool> =
        text.bytes().flat_map(|digit| (0..6).rev().map(move |bit| value(digit) >> bit & 1 == 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | u8::from(*bit))).collect()
}

#[tokio::test]
async fn a_pods_token_becomes_a_session() {
    let provider: Value = serde_json::from_str(include_str!("../../provider.json")).unwrap();
    let issuer = provider["issuer"].as_str().unwrap();
    if env::var("KAGIBAN_SUBJECT_ISSUER").is_ok_and(|known| known == issuer) {
        let account = Account::fresh();
        let made =
            iam(&account).await.create_open_id_connect_provider().url(issuer).client_id_list(AUDIENCE).send().await;
        let federated = made.unwrap().open_id_connect_provider_arn.unwrap();
        let condition = json!({"StringEquals": {format!("{}:sub", &issuer["https://".len()..]): SUBJECT}});
        let trust = json!({
            "Effect": "Allow", "Principal": {"Federated": federated}, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        });
        let role_arn = role(&account, "web", trust, &allow("kms:ListKeys")).await;
        let path = env::temp_dir().join(format!("kagiban-token-{}", process::id()));
        let pod = |subject: &str| {
            fs::write(&path, token(&provider, subject)).unwrap();
            let session_name = "pod".to_owned();
            let configuration =
                StaticConfiguration { web_identity_token_file: path.clone(), role_arn: role_arn.clone(), session_name };
            let http = aws_smithy_http_client::Builder::new().build_http();
            let config = ProviderConfig::without_region()
                .with_behavior_version(Some(BehaviorVersion::latest()))
                .with_region(Some(Region::new(account.region.clone())))
                .with_http_client(http);
            // The address comes from AWS_ENDPOINT_URL, as it does in a pod.
            WebIdentityTokenCredentialsProvider::builder()
                .configure(&config)
                .static_configuration(configuration)
                .build()
        };
        let client = kms(&account, pod(SUBJECT).provide_credentials().await.unwrap()).await;
        client.list_keys().send().await.unwrap();
        let error = client.list_aliases().send().await.unwrap_err();
        assert!(error.message().unwrap().contains("assumed-role/web/pod"), "{error:?}");
        let other = pod("somebody else").provide_credentials().await.unwrap_err();
        assert!(format!("{other:?}").contains("AccessDenied"), "{other:?}");
        fs::remove_file(&path).unwrap();
    }
}
