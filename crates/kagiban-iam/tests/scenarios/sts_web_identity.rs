//! AssumeRoleWithWebIdentity: tokens of providers, and what trust policies make of them.
#![expect(clippy::indexing_slicing, reason = "tests")]

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kagiban_base::time::Clock as _;
use kagiban_iam::web_identity_keys::{Freshness, KeySetUnavailable, ProviderAddress, WebIdentityKeys};
use serde_json::{Value, json};

use crate::sts::{code, role};
use crate::support::{ACCOUNT, Answer, Parameters, Refused, World, allow};

const PROVIDER: &str = "id.example/Realms/x";
const PROVIDER_ARN: &str = "arn:aws:iam::111122223333:oidc-provider/id.example/Realms/x";
const SUBJECT: &str = "system:serviceaccount:shop:web";
const AUDIENCE: &str = "sts.amazonaws.com";

/// A provider that signs tokens and publishes its keys, some of them a little later.
pub(crate) struct Provider {
    keys: HashMap<&'static str, EcdsaKeyPair>,
    published: Mutex<Published>,
}

type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Default)]
struct Published {
    /// Ids of the keys that a recent set has.
    recent: Vec<&'static str>,
    newest: Vec<&'static str>,
    is_down: bool,
    /// What happens while keys are being fetched.
    meanwhile: Option<Meanwhile>,
    asked: Vec<(String, Freshness)>,
}

impl Provider {
    fn new() -> Arc<Self> {
        let key = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let keys = HashMap::from([("one", key()), ("two", key()), ("secret", key())]);
        let published = Published { recent: vec!["one"], newest: vec!["one", "two"], ..Published::default() };
        Arc::new(Self { keys, published: Mutex::new(published) })
    }

    pub(crate) fn token(&self, key: &str, changes: Value, world: &World) -> String {
        let now = world.clock.now().unix_s();
        let mut claims = json!({
            "iss": format!("https://{PROVIDER}"), "sub": SUBJECT, "aud": [AUDIENCE], "iat": now - 5, "exp": now + 600,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": "ES256", "kid": key, "typ": "JWT"})), part(&claims));
        let signature = self.keys[key].sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn set(&self, ids: &[&str]) -> Vec<u8> {
        let jwk = |id: &&str| {
            let (x, y) = self.keys[*id].public_key().as_ref()[1..].split_at(32);
            json!({"kty": "EC", "crv": "P-256", "kid": id, "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
        };
        json!({"keys": ids.iter().map(jwk).collect::<Vec<_>>()}).to_string().into_bytes()
    }
}

impl WebIdentityKeys for Provider {
    fn fetch<'a>(
        &'a self,
        provider: &'a ProviderAddress,
        freshness: Freshness,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, KeySetUnavailable>> + Send + 'a>> {
        let mut published = self.published.lock().unwrap();
        published.asked.push((provider.host_and_path.clone(), freshness));
        let ids = if freshness == Freshness::Newest { &published.newest } else { &published.recent };
        let answer = if published.is_down { Err(KeySetUnavailable("down".to_owned())) } else { Ok(self.set(ids)) };
        let meanwhile = published.meanwhile.take();
        Box::pin(async move {
            if let Some(meanwhile) = meanwhile {
                meanwhile.await;
            }
            answer
        })
    }
}

/// A world in which [`ACCOUNT`] trusts the provider.
pub(crate) async fn world() -> (Arc<Provider>, World) {
    let provider = Provider::new();
    let world = World::with_keys(provider.clone()).await;
    let url = format!("https://{PROVIDER}");
    let parameters = [("Url", url.as_str()), ("ClientIDList.member.1", AUDIENCE), ("ClientIDList.member.2", "second")];
    world.root().iam("CreateOpenIDConnectProvider", &parameters).await.unwrap();
    (provider, world)
}

/// A trust policy for the provider, on a condition.
pub(crate) fn trust_if(condition: &str, actions: &str) -> String {
    let actions: Vec<String> = actions.split(',').map(|action| format!("\"sts:{action}\"")).collect();
    let actions = actions.join(",");
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{PROVIDER_ARN}"}},"Action":[{actions}],"Condition":{condition}}}}}"#
    )
}

pub(crate) async fn assume(world: &World, arn: &str, token: &str, more: Parameters<'_>) -> Result<Answer, Refused> {
    let mut parameters = vec![("RoleArn", arn), ("RoleSessionName", "pod"), ("WebIdentityToken", token)];
    parameters.extend_from_slice(more);
    world.root().unsigned("2011-06-15", "AssumeRoleWithWebIdentity", &parameters).await
}

pub(crate) const OPEN: &str = r#"{"StringEquals":{"id.example/Realms/x:aud":"sts.amazonaws.com"}}"#;

#[tokio::test]
async fn a_service_account_becomes_a_session() {
    let (provider, world) = world().await;
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{{"StringEquals":{{"aws:FederatedProvider":"{PROVIDER_ARN}"}}}}}}}}"#
    );
    let arn = role(&world.root(), "web", &trust_if(OPEN, "AssumeRoleWithWebIdentity"), &policy).await;
    let made = assume(&world, &arn, &provider.token("one", json!({}), &world), &[]).await.unwrap();
    for (path, expected) in [
        ("SubjectFromWebIdentityToken", SUBJECT),
        ("Audience", AUDIENCE),
        ("Provider", PROVIDER_ARN),
        ("AssumedRoleUser/Arn", "arn:aws:sts::111122223333:assumed-role/web/pod"),
        ("Credentials/Expiration", "2026-11-21T13:00:00Z"),
        ("SourceIdentity", ""),
        ("PackedPolicySize", ""),
    ] {
        assert_eq!(made.text(path), expected, "{path}");
    }
    let session = world.session(&made);
    assert_eq!(code(&session.iam("ListUsers", &[]).await), "ok");
    assert_eq!(code(&session.iam("ListRoles", &[]).await), "AccessDenied");
    // Signing the request changes nothing.
    let token = provider.token("one", json!({}), &world);
    let parameters = [("RoleArn", arn.as_str()), ("RoleSessionName", "pod"), ("WebIdentityToken", token.as_str())];
    assert_eq!(code(&world.root().sts("AssumeRoleWithWebIdentity", &parameters).await), "ok");
    // A narrower session, and a shorter one.
    let nothing = allow("iam:ListGroups", "*");
    let made = assume(&world, &arn, &token, &[("Policy", &nothing), ("DurationSeconds", "900")]).await.unwrap();
    assert_eq!(made.text("Credentials/Expiration"), "2026-11-21T12:15:00Z");
    assert!(made.has("PackedPolicySize"));
    assert_eq!(code(&world.session(&made).iam("ListUsers", &[]).await), "AccessDenied");
    for (more, expected) in [
        ([("DurationSeconds", "3601")], "ValidationError"),
        ([("DurationSeconds", "899")], "ValidationError"),
        ([("Policy", "{}")], "MalformedPolicyDocument"),
        ([("ProviderId", "www.amazon.com")], "InvalidParameterValue"),
        ([("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/NoSuchPolicyAtAll")], "ValidationError"),
    ] {
        assert_eq!(code(&assume(&world, &arn, &token, &more).await), expected, "{more:?}");
    }
}

#[tokio::test]
async fn tokens_that_are_refused() {
    let (provider, world) = world().await;
    let now = world.clock.now().unix_s();
    let arn = role(&world.root(), "web", &trust_if(OPEN, "AssumeRoleWithWebIdentity"), "").await;
    let good = provider.token("one", json!({}), &world);
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let shared = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"one"}"#);
    let with = |changes: Value| provider.token("one", changes, &world);
    for (token, expected) in [
        (good.clone(), "ok"),
        ("abcd".to_owned(), "InvalidIdentityToken"),
        ("a.b.c.d".to_owned(), "InvalidIdentityToken"),
        (format!("{unsigned}.{}.", parts[1]), "InvalidIdentityToken"),
        (format!("{shared}.{}.{}", parts[1], parts[2]), "InvalidIdentityToken"),
        (format!("{}.{}.", parts[0], parts[1]), "InvalidIdentityToken"),
        (format!("{good}A"), "InvalidIdentityToken"),
        (with(json!({"exp": now})), "ExpiredTokenException"),
        (with(json!({"exp": now - 1})), "ExpiredTokenException"),
        (with(json!({"iat": now + 301})), "InvalidIdentityToken"),
        (with(json!({"nbf": now + 301})), "InvalidIdentityToken"),
        (with(json!({"aud": ["other"]})), "InvalidIdentityToken"),
        (with(json!({"aud": []})), "InvalidIdentityToken"),
        (with(json!({"iss": "https://id.example/realms/x"})), "InvalidIdentityToken"),
        (with(json!({"iss": "https://id.example/Realms/x/"})), "InvalidIdentityToken"),
        (with(json!({"iss": "http://id.example/Realms/x"})), "InvalidIdentityToken"),
        (with(json!({"iss": "id.example/Realms/x"})), "InvalidIdentityToken"),
        (with(json!({"iss": "https://other.example"})), "InvalidIdentityToken"),
        (with(json!({"sub": ""})), "InvalidIdentityToken or IDPRejectedClaim"),
        (with(json!({"https://aws.amazon.com/tags": 7})), "IDPRejectedClaim"),
        (with(json!({"https://aws.amazon.com/source_identity": "no spaces"})), "IDPRejectedClaim"),
        (provider.token("secret", json!({}), &world), "InvalidIdentityToken"),
        // A key that only the newest set has.
        (provider.token("two", json!({}), &world), "ok"),
        (with(json!({"aud": "second"})), "AccessDenied"),
    ] {
        let outcome = assume(&world, &arn, &token, &[]).await;
        assert!(expected.contains(code(&outcome)), "{expected}: {outcome:?}");
    }
    // Signed by a key that the provider has, under another one's name.
    let other = parts[0].to_owned() + "." + provider.token("two", json!({}), &world).split_once('.').unwrap().1;
    assert_eq!(code(&assume(&world, &arn, &other, &[]).await), "InvalidIdentityToken");
    // The account of the role is the one that must know the provider.
    let elsewhere = arn.replace(ACCOUNT, "444455556666");
    let refused = assume(&world, &elsewhere, &good, &[]).await.unwrap_err();
    assert_eq!(refused.message, format!("No OpenIDConnect provider found in your account for https://{PROVIDER}"));
    for (status, token) in [(400, with(json!({"exp": now}))), (400, with(json!({"aud": "other"})))] {
        assert_eq!(assume(&world, &arn, &token, &[]).await.unwrap_err().status, status);
    }
}

#[tokio::test]
async fn trust_policies_read_the_token() {
    let (provider, world) = world().await;
    let root = world.root();
    let actions = "AssumeRoleWithWebIdentity";
    for (number, (condition, claims, expected)) in [
        (r#"{"StringEquals":{"id.example/Realms/x:sub":"system:serviceaccount:shop:web"}}"#, json!({}), "ok"),
        (r#"{"StringEquals":{"ID.EXAMPLE/realms/X:SUB":"system:serviceaccount:shop:web"}}"#, json!({}), "ok"),
        (r#"{"StringEquals":{"id.example/Realms/x:sub":"system:serviceaccount:shop:web2"}}"#, json!({}), "AccessDenied"),
        (r#"{"StringLike":{"id.example/Realms/x:sub":"system:serviceaccount:shop:*"}}"#, json!({}), "ok"),
        (r#"{"StringLike":{"id.example/Realms/x:sub":"system:serviceaccount:bank:*"}}"#, json!({}), "AccessDenied"),
        // Another provider's claims are no claims.
        (r#"{"StringEquals":{"other.example:sub":"system:serviceaccount:shop:web"}}"#, json!({}), "AccessDenied"),
        (r#"{"StringEquals":{"other.example:sub":"x"}}"#, json!({"other.example:sub": "x"}), "AccessDenied"),
        (r#"{"ForAnyValue:StringEquals":{"id.example/Realms/x:amr":"mfa"}}"#, json!({"amr": ["pwd", "mfa"]}), "ok"),
        (r#"{"ForAnyValue:StringEquals":{"id.example/Realms/x:amr":"mfa"}}"#, json!({"amr": ["mfa"]}), "ok"),
        (r#"{"ForAnyValue:StringEquals":{"id.example/Realms/x:amr":"mfa"}}"#, json!({"amr": ["pwd"]}), "AccessDenied"),
        (r#"{"ForAnyValue:StringEquals":{"id.example/Realms/x:amr":"mfa"}}"#, json!({}), "AccessDenied"),
        (r#"{"StringEquals":{"id.example/Realms/x:aud":"second"}}"#, json!({"azp": "second"}), "ok"),
        (r#"{"StringEquals":{"sts:RoleSessionName":"pod"}}"#, json!({}), "ok"),
        (r#"{"StringEquals":{"sts:RoleSessionName":"other"}}"#, json!({}), "AccessDenied"),
        (r#"{"StringEquals":{"aws:FederatedProvider":"arn:aws:iam::111122223333:oidc-provider/id.example/Realms/x"}}"#, json!({}), "ok"),
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, json!({}), "AccessDenied"),
        // Nobody who has an account here asks.
        (r#"{"Null":{"aws:PrincipalArn":"true","aws:PrincipalAccount":"true","aws:userid":"true"}}"#, json!({}), "ok"),
    ]
    .into_iter()
    .enumerate()
    {
        let arn = role(&root, &format!("role-{number}"), &trust_if(condition, actions), "").await;
        let outcome = assume(&world, &arn, &provider.token("one", claims.clone(), &world), &[]).await;
        assert_eq!(code(&outcome), expected, "{condition} {claims}");
    }
}

/// Who is refused learns nothing of the role, and only the provider as such is let in.
#[tokio::test]
async fn roles_that_the_token_does_not_open() {
    let (provider, world) = world().await;
    let root = world.root();
    let token = provider.token("one", json!({}), &world);
    let federated = |arn: &str, action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{arn}"}},"Action":"sts:{action}"}}}}"#
        )
    };
    let account = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"sts:*"}}}}"#
    );
    let denied = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{PROVIDER_ARN}"}},"Action":"sts:AssumeRoleWithWebIdentity"}},
        {{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity"}}]}}"#
    );
    for (name, document, expected) in [
        ("open", federated(PROVIDER_ARN, "AssumeRoleWithWebIdentity"), "ok"),
        ("wrong-action", federated(PROVIDER_ARN, "AssumeRole"), "AccessDenied"),
        (
            "other-provider",
            federated("arn:aws:iam::111122223333:oidc-provider/id.example", "AssumeRoleWithWebIdentity"),
            "AccessDenied",
        ),
        ("other-case", federated(&PROVIDER_ARN.to_lowercase(), "AssumeRoleWithWebIdentity"), "AccessDenied"),
        (
            "other-account",
            federated(&PROVIDER_ARN.replace(ACCOUNT, "444455556666"), "AssumeRoleWithWebIdentity"),
            "AccessDenied",
        ),
        ("account", account, "AccessDenied"),
        ("denied", denied, "AccessDenied"),
    ] {
        let arn = role(&root, name, &document, "").await;
        let outcome = assume(&world, &arn, &token, &[]).await;
        assert_eq!(code(&outcome), expected, "{name}");
        if let Err(refused) = outcome {
            assert_eq!(refused.message, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
            let told = world.told(ACCOUNT).concat();
            assert!(told.contains(SUBJECT) && told.contains(PROVIDER_ARN) && told.contains("trust policy"), "{told}");
        }
    }
    for arn in ["arn:aws:iam::111122223333:role/missing", "arn:aws:iam::111122223333:role/x/open"] {
        let refused = assume(&world, arn, &token, &[]).await.unwrap_err();
        assert_eq!(
            (refused.status, refused.message.as_str()),
            (403, "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        );
    }
    assert_eq!(code(&assume(&world, "arn:aws:iam::111122223333:user/ann", &token, &[]).await), "ValidationError");
}

#[tokio::test]
async fn tags_and_source_identity_of_tokens() {
    let (provider, world) = world().await;
    let root = world.root();
    let tags =
        json!({"https://aws.amazon.com/tags": {"principal_tags": {"team": ["red"]}, "transitive_tag_keys": ["team"]}});
    let named = json!({"https://aws.amazon.com/source_identity": "ann"});
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}}"#;
    let red = r#"{"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"sts:TransitiveTagKeys":"team"}}"#;
    let any = r#"{"Null":{"aws:CurrentTime":"false"}}"#;
    let ann = r#"{"StringEquals":{"sts:SourceIdentity":"ann"}}"#;
    let all = "AssumeRoleWithWebIdentity,TagSession,SetSourceIdentity";
    for (number, (condition, actions, claims, expected)) in [
        (any, "AssumeRoleWithWebIdentity", &tags, "AccessDenied"),
        (any, "AssumeRoleWithWebIdentity", &named, "AccessDenied"),
        (any, all, &tags, "ok"),
        (red, all, &tags, "ok"),
        (red, all, &json!({}), "AccessDenied"),
        (ann, all, &named, "ok"),
        (ann, all, &json!({}), "AccessDenied"),
    ]
    .into_iter()
    .enumerate()
    {
        let arn = role(&root, &format!("role-{number}"), &trust_if(condition, actions), policy).await;
        let outcome = assume(&world, &arn, &provider.token("one", claims.clone(), &world), &[]).await;
        assert_eq!(code(&outcome), expected, "{number}");
        let Ok(made) = outcome else { continue };
        let is_named = *claims == named;
        assert_eq!(made.text("SourceIdentity"), if is_named { "ann" } else { "" });
        let sees = world.session(&made).iam("ListUsers", &[]).await;
        assert_eq!(sees.is_ok(), !is_named, "{number}");
    }
}

/// A key that is not in the recent set is looked for in the newest, once, and a provider that is down says so.
#[tokio::test]
async fn keys_are_fetched_when_they_are_needed() {
    let (provider, world) = world().await;
    let arn = role(&world.root(), "web", &trust_if(OPEN, "AssumeRoleWithWebIdentity"), "").await;
    let asked = |provider: &Provider| std::mem::take(&mut provider.published.lock().unwrap().asked);
    let recent = || (PROVIDER.to_owned(), Freshness::Recent);
    let newest = || (PROVIDER.to_owned(), Freshness::Newest);
    for (key, expected, fetched) in [
        ("one", "ok", vec![recent()]),
        ("two", "ok", vec![recent(), newest()]),
        ("secret", "InvalidIdentityToken", vec![recent(), newest()]),
    ] {
        let token = provider.token(key, json!({}), &world);
        assert_eq!(code(&assume(&world, &arn, &token, &[]).await), expected, "{key}");
        assert_eq!(asked(&provider), fetched, "{key}");
    }
    // Nothing is fetched for a provider that the account does not know.
    let token = provider.token("one", json!({"iss": "https://inside.example"}), &world);
    assert_eq!(code(&assume(&world, &arn, &token, &[]).await), "InvalidIdentityToken");
    assert_eq!(asked(&provider), []);
    provider.published.lock().unwrap().is_down = true;
    let refused = assume(&world, &arn, &provider.token("one", json!({}), &world), &[]).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (400, "IDPCommunicationError"));
    // The provider is taken away: its tokens end at once.
    provider.published.lock().unwrap().is_down = false;
    world.root().iam("DeleteOpenIDConnectProvider", &[("OpenIDConnectProviderArn", PROVIDER_ARN)]).await.unwrap();
    assert_eq!(
        code(&assume(&world, &arn, &provider.token("one", json!({}), &world), &[]).await),
        "InvalidIdentityToken"
    );
}

/// What broke: role and provider were those of before the keys were fetched, which takes seconds at times.
#[tokio::test(start_paused = true)]
async fn what_changes_while_keys_are_fetched_counts() {
    let url = format!("https://{PROVIDER}");
    let narrowed = trust_if(r#"{"StringEquals":{"id.example/Realms/x:sub":"nobody"}}"#, "AssumeRoleWithWebIdentity");
    let audience = [("OpenIDConnectProviderArn", PROVIDER_ARN), ("ClientID", AUDIENCE)];
    let rows: [(&str, Parameters<'_>, &str); 4] = [
        ("UpdateAssumeRolePolicy", &[("RoleName", "web"), ("PolicyDocument", &narrowed)], "AccessDenied"),
        ("RemoveClientIDFromOpenIDConnectProvider", &audience, "InvalidIdentityToken"),
        ("DeleteOpenIDConnectProvider", &audience[..1], "InvalidIdentityToken"),
        ("GetOpenIDConnectProvider", &audience[..1], "ok"),
    ];
    for (operation, parameters, expected) in rows {
        let (provider, world) = world().await;
        let arn = role(&world.root(), "web", &trust_if(OPEN, "AssumeRoleWithWebIdentity"), &allow("iam:*", "*")).await;
        let token = provider.token("one", json!({}), &world);
        let (gate, reached) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
        let (opened, reaching) = (Arc::clone(&gate), Arc::clone(&reached));
        provider.published.lock().unwrap().meanwhile = Some(Box::pin(async move {
            reaching.notify_one();
            opened.notified().await;
        }));
        let change = async {
            reached.notified().await;
            world.root().iam(operation, parameters).await.unwrap();
            gate.notify_one();
        };
        let assumed = tokio::join!(assume(&world, &arn, &token, &[]), change).0;
        assert_eq!(code(&assumed), expected, "{operation} {url}");
    }
}

/// Credentials last for hours: none are given by who cannot prove that what it knows is current.
#[tokio::test(start_paused = true)]
async fn no_credentials_come_from_a_view_that_became_old() {
    let (provider, world) = world().await;
    let arn = role(&world.root(), "web", &trust_if(OPEN, "AssumeRoleWithWebIdentity"), &allow("iam:*", "*")).await;
    let token = provider.token("one", json!({}), &world);
    let bound = std::time::Duration::from_secs(2);
    world.iam.refuse_when_older_than(bound, Box::new(|| true));
    assert_eq!(code(&assume(&world, &arn, &token, &[]).await), "ok");
    provider.published.lock().unwrap().meanwhile = Some(Box::pin(tokio::time::advance(bound * 2)));
    let refused = assume(&world, &arn, &token, &[]).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (503, "ServiceUnavailable"));
    let parameters = [("RoleArn", arn.as_str()), ("RoleSessionName", "pod")];
    assert_eq!(code(&world.root().sts("AssumeRole", &parameters).await), "ServiceUnavailable");
}
