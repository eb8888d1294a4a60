//! Condition keys, one by one (authorization facts, sections 4 and 5).
//!
//! What a condition says is seen without anything being done: the caller's boundary lacks the permission, so the refusal
//! names the boundary where the condition held, and the identity policy where it did not.

mod everywhere;
mod expected;
mod sheet;
mod values;

use std::sync::{Arc, LazyLock};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use kagiban_attestation::Platform;
use kagiban_attestation::issue::{TestDocument, TestRoot};
use kagiban_base::os::OsRandom;
use kagiban_base::time::Clock;
use kagiban_storage::MemoryEngine;
use kagiban_testkit::{Client, Setting, World};
use serde_json::{Value, json};

pub(crate) use self::expected::Expected;
use super::cases::{Stage, cases, policy, statement};
use crate::support::{ACCOUNT, REGION, base64, with};

/// A key of an enclave; one for all, since making it takes a while.
static ENCLAVE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    key.public_key().as_der().unwrap().as_ref().to_vec()
});

/// A world that trusts a test root.
pub(crate) struct Trusting {
    pub(crate) world: World,
    root: TestRoot,
}

impl Trusting {
    pub(crate) async fn new() -> Self {
        // Older than any document of these tests.
        let made_at = World::new().await.clock.now().plus_ms(-60 * 60 * 1000);
        let root = TestRoot::generate(made_at, &OsRandom).unwrap();
        let engine = Arc::new(MemoryEngine::new());
        let world = World::of(Setting { engine, recipients: root.trusted(), ..Setting::default() }).await;
        Self { world, root }
    }

    /// A recipient whose registers 0 and 4 have known values.
    fn recipient(&self, platform: Platform) -> Value {
        let document = TestDocument::new(platform).pcr(0, &[7; 48]).pcr(4, &[0xAB; 48]).public_key(&ENCLAVE);
        let document = document.sign(&self.root, self.world.clock.now(), &OsRandom).unwrap();
        json!({"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": base64(&document)})
    }

    /// A service of the deployment.
    pub(crate) async fn service(&self, principal: &str) -> Client<'_> {
        let operator = self.world.client("000000000000", REGION);
        let made = operator.operator("CreateServiceAccessKey", json!({"ServicePrincipal": principal})).await.unwrap();
        let text = |member: &str| made[member].as_str().unwrap();
        operator.with_credentials((text("AccessKeyId"), text("SecretAccessKey"), None))
    }
}

/// Who asks, and by which means it has its policies.
struct Actor<'w> {
    client: Client<'w>,
    arn: String,
    via: Option<&'static str>,
    /// The operation that puts its policy, and the parameter that names it.
    put: [&'static str; 3],
}

impl<'w> Actor<'w> {
    async fn user(stage: &Stage<'w>) -> Self {
        let client = stage.root.user("ann", &Value::Null).await;
        let arn = format!("arn:aws:iam::{}:user/ann", stage.account);
        Self { client, arn, via: None, put: ["User", "UserName", "ann"] }
    }

    /// A session that a service began.
    async fn session_of(service: &Client<'w>, stage: &Stage<'w>) -> Self {
        let role = stage.root.role("work", "s3.amazonaws.com", &Value::Null).await;
        let client = service.assume(&role, "day", &[]).await.unwrap();
        let arn = format!("arn:aws:sts::{}:assumed-role/work/day", stage.account);
        Self { client, arn, via: Some("s3.us-east-1.amazonaws.com"), put: ["Role", "RoleName", "work"] }
    }

    async fn put_policy(&self, stage: &Stage<'_>, document: &Value) {
        let [kind, parameter, name] = self.put;
        let document = document.to_string();
        let parameters = [(parameter, name), ("PolicyName", "p"), ("PolicyDocument", document.as_str())];
        stage.root.iam(&format!("Put{kind}Policy"), &parameters).await.unwrap();
    }

    /// Its boundary is a new managed policy of this name.
    async fn put_boundary(&self, stage: &Stage<'_>, boundary: &str, document: &Value) {
        let [kind, parameter, name] = self.put;
        let document = document.to_string();
        let made = stage.root.iam("CreatePolicy", &[("PolicyName", boundary), ("PolicyDocument", &document)]).await;
        let parameters = [(parameter, name), ("PermissionsBoundary", &*made.unwrap().text("Arn"))];
        stage.root.iam(&format!("Put{kind}PermissionsBoundary"), &parameters).await.unwrap();
    }
}

/// Whether the condition holds for one permission of the request.
async fn holds(stage: &Stage<'_>, actor: &Actor<'_>, at: usize, condition: &Value) -> bool {
    let (mut allows, ask) = (stage.allows(), &stage.asks[at]);
    allows[at] = with(&allows[at], json!({"Condition": condition}));
    actor.put_policy(stage, &policy(allows)).await;
    let refused = stage.call(&actor.client).await.unwrap_err();
    if refused == ask.lacking(&actor.arn, "permissions boundary") {
        return true;
    }
    let expected = ask.lacking(&actor.arn, "identity-based policy");
    assert_eq!(refused, expected, "{} {} {condition}", stage.name(), ask.action);
    false
}

/// One permission of one request, to be asked about conditions.
async fn probe<'w>(trusting: &'w Trusting, operation: &str, input: Value) -> (Stage<'w>, Actor<'w>) {
    let case = cases().into_iter().find(|case| case.operation == operation).unwrap();
    let mut stage = Stage::of(case, &trusting.world, ACCOUNT).await;
    stage.input = with(&stage.input, input);
    let actor = Actor::user(&stage).await;
    let nothing = policy(vec![statement("Allow", "s3:*", "*")]);
    actor.put_boundary(&stage, "nothing", &nothing).await;
    (stage, actor)
}

async fn assert_conditions(stage: &Stage<'_>, actor: &Actor<'_>, table: &[(Value, bool)]) {
    for (condition, expected) in table {
        assert_eq!(holds(stage, actor, 0, condition).await, *expected, "{} {condition}", stage.name());
    }
}
