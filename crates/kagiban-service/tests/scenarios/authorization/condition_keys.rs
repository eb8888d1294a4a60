//! Every condition key on every operation: there with its value where the sheet has it, absent elsewhere (authorization
//! facts, sections 4 and 5).
//!
//! What a condition says is seen without anything being done: the caller's boundary lacks the permission, so the refusal
//! names the boundary where the condition held, and the identity policy where it did not.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use kagiban_attestation::Platform;
use kagiban_attestation::issue::{TestDocument, TestRoot};
use kagiban_base::os::OsRandom;
use kagiban_base::time::Clock;
use kagiban_storage::MemoryEngine;
use kagiban_testkit::{Client, Setting, World};
use serde_json::{Map, Value, json};

use super::cases::{Ask, CROSSING, Manner, Stage, cases, policy, statement, without};
use crate::support::{ACCOUNT, HI, REGION, base64, create_key, describe, fresh_accounts, with};

/// Condition keys of every action on a key; the old twins of two of them go along.
const OF_KEYS: [&str; 11] = [
    "aws:ResourceTag/Team",
    "kms:CallerAccount",
    "kms:CustomerMasterKeySpec",
    "kms:CustomerMasterKeyUsage",
    "kms:KeyOrigin",
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:MultiRegion",
    "kms:MultiRegionKeyType",
    "kms:ResourceAliases",
    "kms:ViaService",
];

/// What is so of a caller on every operation. The sheet lists them for actions on keys only; here they are everywhere.
const OF_CALLERS: [&str; 2] = ["kms:CallerAccount", "kms:ViaService"];

const CONTEXT: [&str; 2] = ["kms:EncryptionContext:Team", "kms:EncryptionContextKeys"];
const RECIPIENT: [&str; 2] = ["kms:RecipientAttestation:ImageSha384", "kms:RecipientAttestation:PCR0"];

/// Condition keys that actions have besides, as groups of names.
fn own_keys(action: &str) -> Vec<&'static str> {
    const USE: [&str; 2] = ["kms:EncryptionAlgorithm", "kms:RequestAlias"];
    const RE_ENCRYPT: [&str; 1] = ["kms:ReEncryptOnSameKey"];
    let groups: &[&[&'static str]] = match action {
        "CreateGrant" => &[
            &CONTEXT,
            &[
                "kms:GrantConstraintSourceArn",
                "kms:GrantConstraintType",
                "kms:GrantIsForAWSResource",
                "kms:GrantOperations",
                "kms:GranteePrincipal",
                "kms:GranteeServicePrincipal",
                "kms:RetiringPrincipal",
                "kms:RetiringServicePrincipal",
            ],
        ],
        "CreateKey" => &[&[
            "aws:RequestTag/Team",
            "aws:ResourceTag/Team",
            "aws:TagKeys",
            "kms:BypassPolicyLockoutSafetyCheck",
            "kms:CustomerMasterKeySpec",
            "kms:CustomerMasterKeyUsage",
            "kms:KeyOrigin",
            "kms:KeySpec",
            "kms:KeyUsage",
            "kms:MultiRegion",
            "kms:MultiRegionKeyType",
        ]],
        "Decapsulate" | "DescribeKey" | "Encapsulate" | "GetPublicKey" => &[&["kms:RequestAlias"]],
        "Decrypt" | "GenerateDataKey" => &[&USE, &CONTEXT, &RECIPIENT],
        "DeriveSharedSecret" => &[&RECIPIENT, &["kms:KeyAgreementAlgorithm", "kms:RequestAlias"]],
        "DisableKey" => &[&["kms:TrailingDaysWithoutKeyUsage"]],
        "Encrypt" | "GenerateDataKeyWithoutPlaintext" => &[&USE, &CONTEXT],
        "GenerateDataKeyPair" => &[&USE, &CONTEXT, &RECIPIENT, &["kms:DataKeyPairSpec"]],
        "GenerateDataKeyPairWithoutPlaintext" => &[&USE, &CONTEXT, &["kms:DataKeyPairSpec"]],
        "GenerateMac" | "VerifyMac" => &[&["kms:MacAlgorithm", "kms:RequestAlias"]],
        "GenerateRandom" => &[&RECIPIENT],
        "GetKeyPolicy" => &[&["kms:PolicyName"]],
        "GetParametersForImport" => &[&["kms:WrappingAlgorithm", "kms:WrappingKeySpec"]],
        "ImportKeyMaterial" => &[&["kms:ExpirationModel", "kms:ValidTo"]],
        "ListGrants" | "RevokeGrant" => &[&["kms:GrantIsForAWSResource"]],
        "PutKeyPolicy" => &[&["kms:BypassPolicyLockoutSafetyCheck", "kms:PolicyName"]],
        "ReEncryptFrom" | "ReEncryptTo" => &[&USE, &CONTEXT, &RE_ENCRYPT],
        "RetireGrant" => &[&CONTEXT, &["kms:GrantConstraintType"]],
        "ScheduleKeyDeletion" => &[&["kms:ScheduleKeyDeletionPendingWindowInDays", "kms:TrailingDaysWithoutKeyUsage"]],
        "Sign" | "Verify" => &[&["kms:MessageType", "kms:RequestAlias", "kms:SigningAlgorithm"]],
        "TagResource" => &[&["aws:RequestTag/Team", "aws:TagKeys"]],
        "UntagResource" => &[&["aws:TagKeys"]],
        _ => &[],
    };
    groups.iter().flat_map(|group| group.iter().copied()).collect()
}

/// Keys of operations that are not offered yet, and those whose values nothing knows yet. This list may only shrink.
const NOT_YET: [(&str, &str); 4] = [
    ("kms:PrimaryRegion", "of UpdatePrimaryRegion"),
    ("kms:ReplicaRegion", "of ReplicateKey"),
    ("kms:RotationPeriodInDays", "of EnableKeyRotation"),
    ("kms:TrailingDaysWithoutKeyUsage", "the last use of a key is not kept: GetKeyLastUsage"),
];

/// Every condition key of the sheet.
fn all_keys() -> BTreeSet<&'static str> {
    let own = kagiban_api::Operation::ALL.into_iter().flat_map(|operation| own_keys(operation.name()));
    own.chain(own_keys("ReEncryptTo")).chain(OF_KEYS).chain(NOT_YET.map(|(key, _)| key)).collect()
}

/// The condition keys of one permission.
fn keys_of(ask: &Ask) -> BTreeSet<&'static str> {
    let action = ask.action.strip_prefix("kms:").unwrap();
    // The tags of a key that is being made: the same request as CreateKey's.
    let action = if (action, &*ask.resource) == ("TagResource", "*") { "CreateKey" } else { action };
    let of_aliases = ask.resource.contains(":alias/");
    let mut keys: BTreeSet<_> = if of_aliases { BTreeSet::new() } else { own_keys(action).into_iter().collect() };
    keys.extend(OF_CALLERS);
    if ask.resource.contains(":key/") {
        keys.extend(OF_KEYS);
    }
    keys
}

/// What a condition key has for a value.
#[derive(Debug, PartialEq)]
pub(super) enum Expected {
    Absent,
    Number(i64),
    Text(String),
    Texts(Vec<String>),
    Truth(bool),
}

impl Expected {
    fn text(value: &Value) -> Self {
        value.as_str().map_or(Self::Absent, |text| Self::Text(text.to_owned()))
    }

    fn texts(value: impl Iterator<Item = String>) -> Self {
        let list: Vec<_> = value.collect();
        if list.is_empty() { Self::Absent } else { Self::Texts(list) }
    }

    /// A condition that holds for this value alone, and others that do not hold.
    pub(super) fn conditions(&self, key: &str) -> (Value, Vec<Value>) {
        let there = json!({key: "false"});
        let absent = json!({"Null": {key: "true"}});
        let (holds, mut fail) = match self {
            Self::Absent => {
                return (absent, vec![json!({"Null": there}), json!({"StringLike": {key: "*"}})]);
            }
            Self::Number(number) => (
                json!({
                    "Null": there, "NumericEquals": {key: number.to_string()},
                    "NumericLessThan": {key: (number + 1).to_string()},
                }),
                vec![
                    json!({"NumericEquals": {key: (number + 1).to_string()}}),
                    json!({"NumericLessThan": {key: number.to_string()}}),
                ],
            ),
            Self::Text(text) => (
                json!({
                    "Null": there, "StringEquals": {key: text},
                    "StringLike": {key: format!("{}*", text.get(..2).unwrap())},
                }),
                vec![
                    json!({"StringEquals": {key: format!("{text}x")}}),
                    json!({"StringNotEquals": {key: text}}),
                    json!({"StringEquals": {key: [&text[1..], ""]}}),
                ],
            ),
            Self::Texts(list) => (
                json!({
                    "Null": there, "ForAllValues:StringEquals": {key: list},
                    "ForAnyValue:StringEquals": {key: list.first()},
                }),
                vec![
                    json!({"ForAnyValue:StringEquals": {key: "other"}}),
                    json!({"ForAllValues:StringEquals": {key: list[1..].iter().chain([&"other".to_owned()]).collect::<Vec<_>>()}}),
                    json!({"ForAnyValue:StringNotEquals": {key: list}}),
                ],
            ),
            Self::Truth(truth) => (
                json!({"Null": there, "Bool": {key: truth.to_string()}}),
                vec![json!({"Bool": {key: (!truth).to_string()}})],
            ),
        };
        fail.push(absent);
        (holds, fail)
    }
}

/// A key of an enclave; one for all, since making it takes a while.
static ENCLAVE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    key.public_key().as_der().unwrap().as_ref().to_vec()
});

/// A world that trusts a test root.
pub(super) struct Trusting {
    pub(super) world: World,
    root: TestRoot,
}

impl Trusting {
    pub(super) async fn new() -> Self {
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
    pub(super) async fn service(&self, principal: &str) -> Client<'_> {
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

/// A request, and what its condition keys must be.
struct Scene<'w> {
    stage: Stage<'w>,
    via: Option<&'static str>,
}

impl Scene<'_> {
    async fn expected(&self, key: &str, ask: &Ask) -> Expected {
        let (input, is_key) = (&self.stage.input, ask.resource.contains(":key/"));
        let key_metadata = async || match is_key {
            true => describe(&self.stage.root, &ask.resource).await,
            // CreateKey: its parameters.
            false => input.clone(),
        };
        let or = |value: &Value, default: &str| Expected::Text(value.as_str().unwrap_or(default).to_owned());
        let side = match &*ask.action {
            "kms:ReEncryptFrom" => "Source",
            "kms:ReEncryptTo" => "Destination",
            _ => "",
        };
        let of_side = |member: &str| &input[format!("{side}{member}")];
        let has_recipient = !input["Recipient"].is_null();
        match key {
            "aws:ResourceTag/Team" if is_key => Expected::Text("blue".to_owned()),
            "aws:RequestTag/Team" | "aws:ResourceTag/Team" => {
                let is_team = |tag: &&Value| tag["TagKey"].as_str().unwrap().eq_ignore_ascii_case("team");
                let tag = input["Tags"].as_array().into_iter().flatten().find(is_team);
                tag.map_or(Expected::Absent, |tag| Expected::text(&tag["TagValue"]))
            }
            "aws:TagKeys" => {
                let tags = input["Tags"].as_array().into_iter().flatten().map(|tag| &tag["TagKey"]);
                let keys = tags.chain(input["TagKeys"].as_array().into_iter().flatten());
                Expected::texts(keys.map(|key| key.as_str().unwrap().to_owned()))
            }
            "kms:BypassPolicyLockoutSafetyCheck" => {
                input["BypassPolicyLockoutSafetyCheck"].as_bool().map_or(Expected::Absent, Expected::Truth)
            }
            "kms:CallerAccount" => Expected::Text(self.stage.account.clone()),
            "kms:CustomerMasterKeySpec" | "kms:KeySpec" => or(&key_metadata().await["KeySpec"], "SYMMETRIC_DEFAULT"),
            "kms:CustomerMasterKeyUsage" | "kms:KeyUsage" => or(&key_metadata().await["KeyUsage"], "ENCRYPT_DECRYPT"),
            "kms:DataKeyPairSpec" => Expected::text(&input["KeyPairSpec"]),
            "kms:EncryptionAlgorithm" => or(of_side("EncryptionAlgorithm"), "SYMMETRIC_DEFAULT"),
            "kms:EncryptionContext:Team" => Expected::text(&self.context(of_side("EncryptionContext"))["team"]),
            "kms:EncryptionContextKeys" => {
                let context = self.context(of_side("EncryptionContext"));
                Expected::texts(context.as_object().unwrap_or(&Map::new()).keys().cloned())
            }
            "kms:GrantConstraintSourceArn" => Expected::text(&input["Constraints"]["SourceArn"]),
            "kms:GrantConstraintType" => {
                let constraints = self.constraints();
                let kinds = ["EncryptionContextEquals", "EncryptionContextSubset"];
                let kind = kinds.into_iter().find(|kind| !constraints[kind].is_null());
                kind.map_or(Expected::Absent, |kind| Expected::Text(kind.to_owned()))
            }
            "kms:GrantIsForAWSResource" => Expected::Truth(self.via.is_some()),
            "kms:GrantOperations" => Expected::texts(
                input["Operations"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().into()),
            ),
            "kms:KeyOrigin" => or(&key_metadata().await["Origin"], "AWS_KMS"),
            "kms:MessageType" => or(&input["MessageType"], "RAW"),
            "kms:MultiRegion" => Expected::Truth(key_metadata().await["MultiRegion"] == true),
            "kms:MultiRegionKeyType" if input["MultiRegion"] == true => Expected::Text("PRIMARY".to_owned()),
            "kms:MultiRegionKeyType" => Expected::Absent,
            "kms:PolicyName" => or(&input["PolicyName"], "default"),
            "kms:ReEncryptOnSameKey" => Expected::Truth(input["SourceKeyId"] == input["DestinationKeyId"]),
            "kms:RecipientAttestation:ImageSha384" | "kms:RecipientAttestation:PCR0" if has_recipient => {
                Expected::Text("07".repeat(48))
            }
            "kms:RequestAlias" => match of_side("KeyId").as_str() {
                Some(alias) if alias.starts_with("alias/") => Expected::Text(alias.to_owned()),
                _ => Expected::Absent,
            },
            "kms:ResourceAliases" => {
                let is_other = describe(&self.stage.root, "alias/other").await["Arn"] == *ask.resource;
                Expected::Texts(vec![if is_other { "alias/other" } else { "alias/it" }.to_owned()])
            }
            "kms:ScheduleKeyDeletionPendingWindowInDays" => {
                Expected::Number(input["PendingWindowInDays"].as_i64().unwrap_or(30))
            }
            "kms:ValidTo" => input["ValidTo"].as_i64().map_or(Expected::Absent, Expected::Number),
            "kms:ViaService" => self.via.map_or(Expected::Absent, |via| Expected::Text(via.to_owned())),
            key if NOT_YET.iter().any(|(name, _)| *name == key) => Expected::Absent,
            // The others are called like the member that they come from.
            key => Expected::text(&input[key.strip_prefix("kms:").unwrap()]),
        }
    }

    /// The encryption context, or the pairs of the constraint that stands for it.
    fn context(&self, of_request: &Value) -> Value {
        let constraints = self.constraints();
        let pairs = [of_request, &constraints["EncryptionContextEquals"], &constraints["EncryptionContextSubset"]];
        pairs.into_iter().find(|pairs| !pairs.is_null()).cloned().unwrap_or_default()
    }

    fn constraints(&self) -> Value {
        match self.stage.case.operation {
            // Those of the grant that it is about.
            "RetireGrant" if self.stage.input["GrantId"] == self.stage.input["Constrained"] => constraints(),
            _ => self.stage.input["Constraints"].clone(),
        }
    }
}

fn constraints() -> Value {
    json!({"EncryptionContextSubset": {"team": "red", "app": "x"}})
}

/// The requests of an operation: the plain one, and those that say as much as can be said.
async fn inputs(stage: &Stage<'_>, trusting: &Trusting) -> Vec<Value> {
    let plain = stage.input.clone();
    let mut more = Map::new();
    let mut say = |value: Value| more.extend(value.as_object().unwrap().clone());
    let operation = stage.case.operation;
    let takes_alias = CROSSING.contains(&operation) && !operation.contains("Grant");
    if takes_alias && !plain["KeyId"].is_null() {
        say(json!({"KeyId": "alias/it"}));
    }
    if own_keys(operation).contains(&RECIPIENT[0]) {
        say(json!({"Recipient": trusting.recipient(Platform::NitroEnclave)}));
    }
    if own_keys(operation).contains(&CONTEXT[0]) && !operation.contains("Grant") {
        say(json!({"EncryptionContext": {"team": "red", "App": "x"}}));
    }
    let key = stage.asks[0].resource.clone();
    let root = format!("arn:aws:iam::{}:root", stage.account);
    let source_arn = "arn:aws:logs:us-east-1:111122223333:group";
    match operation {
        // What names the key is left as it is.
        _ if stage.case.manner == Manner::ByCiphertext => {}
        "CreateGrant" => say(json!({
            "RetiringPrincipal": root, "Operations": ["Decrypt", "Encrypt"], "Constraints": constraints(),
        })),
        "CreateKey" => say(json!({
            "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL", "MultiRegion": true,
            "BypassPolicyLockoutSafetyCheck": true,
        })),
        "Decrypt" => say(json!({"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"})),
        "Encrypt" => say(json!({"EncryptionAlgorithm": "RSAES_OAEP_SHA_1"})),
        "GetKeyPolicy" => say(json!({"PolicyName": "other"})),
        "ImportKeyMaterial" => say(json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": 1_800_000_000})),
        "PutKeyPolicy" => say(json!({"PolicyName": "other", "BypassPolicyLockoutSafetyCheck": false})),
        "ReEncrypt" => say(json!({
            "SourceKeyId": "alias/it", "DestinationKeyId": "alias/other",
            "SourceEncryptionContext": {"team": "red", "App": "x"}, "DestinationEncryptionContext": {"TEAM2": "y"},
            "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_1",
        })),
        "RetireGrant" => {
            let grant = json!({
                "KeyId": key, "GranteePrincipal": root, "Operations": ["Encrypt"], "Constraints": constraints(),
            });
            let made = stage.root.call("CreateGrant", grant).await.unwrap();
            // A member that the service does not know is not looked at; here it marks the grant.
            say(json!({"GrantId": made["GrantId"], "Constrained": made["GrantId"]}));
        }
        "ScheduleKeyDeletion" => say(json!({"PendingWindowInDays": 7})),
        "Sign" | "Verify" => say(json!({"MessageType": "DIGEST"})),
        "TagResource" => say(json!({"Tags": [
            {"TagKey": "TEAM", "TagValue": "red"}, {"TagKey": "more", "TagValue": ""},
        ]})),
        "UntagResource" => say(json!({"TagKeys": ["a", "b"]})),
        _ => {}
    }
    let rich = with(&plain, Value::Object(more));
    let last = match operation {
        "CreateGrant" => Some(json!({
            "KeyId": key, "Operations": ["Decrypt"], "GranteeServicePrincipal": "s3.amazonaws.com",
            "RetiringServicePrincipal": "logs.amazonaws.com", "Constraints": {"SourceArn": source_arn},
        })),
        "ImportKeyMaterial" => Some(with(&plain, json!({"ExpirationModel": null}))),
        "PutKeyPolicy" => Some(with(&plain, json!({"BypassPolicyLockoutSafetyCheck": null}))),
        _ => None,
    };
    [plain, rich].into_iter().chain(last).collect()
}

/// The tag that all keys of these scenarios have.
async fn tag_keys(stage: &Stage<'_>) {
    for ask in stage.asks.iter().filter(|ask| ask.resource.contains(":key/")) {
        let key = json!({"KeyId": ask.resource});
        let is_going = stage.case.operation == "CancelKeyDeletion";
        if is_going {
            stage.root.call("CancelKeyDeletion", key.clone()).await.unwrap();
        }
        let tags = json!({"Tags": [{"TagKey": "TEAM", "TagValue": "blue"}]});
        stage.root.call("TagResource", with(&key, tags)).await.unwrap();
        if is_going {
            stage.root.call("ScheduleKeyDeletion", key).await.unwrap();
        }
    }
}

/// Looks at every key on one permission of a request.
async fn assert_as_the_sheet_says(scene: &Scene<'_>, actor: &Actor<'_>, at: usize) {
    let Scene { stage, .. } = scene;
    let (ask, mut absent) = (&stage.asks[at], Map::new());
    let keys = keys_of(ask);
    for key in all_keys() {
        let expected = match keys.contains(key) {
            true => scene.expected(key, ask).await,
            false => Expected::Absent,
        };
        if expected == Expected::Absent {
            absent.insert(key.to_owned(), json!("true"));
            continue;
        }
        let (condition, others) = expected.conditions(key);
        let what = format!("{} {} {}", stage.name(), ask.action, stage.input);
        assert!(holds(stage, actor, at, &condition).await, "{what}: {key} is not {expected:?}");
        for condition in others {
            assert!(!holds(stage, actor, at, &condition).await, "{what}: {key}: {condition} holds");
        }
    }
    if holds(stage, actor, at, &json!({"Null": absent})).await {
        return;
    }
    for key in absent.keys() {
        let is_absent = holds(stage, actor, at, &json!({"Null": {key: "true"}})).await;
        assert!(is_absent, "{} {}: {key} should be absent", stage.name(), ask.action);
    }
}

#[tokio::test]
async fn every_key_has_its_value_where_it_applies_and_is_absent_elsewhere() {
    let trusting = Trusting::new().await;
    let service = trusting.service("s3.amazonaws.com").await;
    for (case, account) in cases().into_iter().zip(fresh_accounts()) {
        let mut stage = Stage::of(case, &trusting.world, &account).await;
        tag_keys(&stage).await;
        let actor = Actor::session_of(&service, &stage).await;
        let inputs = inputs(&stage, &trusting).await;
        for at in 0..stage.asks.len() {
            actor.put_boundary(&stage, &format!("all-but-{at}"), &policy(without(&stage.allows(), at))).await;
            for input in &inputs {
                stage.input = input.clone();
                let scene = Scene { stage, via: actor.via };
                assert_as_the_sheet_says(&scene, &actor, at).await;
                stage = scene.stage;
            }
        }
    }
}

/// Without a service between, nothing says that there is one.
#[tokio::test]
async fn what_services_do_for_others_does_not_pass_for_direct_calls() {
    let trusting = Trusting::new().await;
    for (case, account) in cases().into_iter().zip(fresh_accounts()) {
        let stage = Stage::of(case, &trusting.world, &account).await;
        let actor = Actor::user(&stage).await;
        for (at, ask) in stage.asks.iter().enumerate() {
            actor.put_boundary(&stage, &format!("all-but-{at}"), &policy(without(&stage.allows(), at))).await;
            assert!(holds(&stage, &actor, at, &json!({"Null": {"kms:ViaService": "true"}})).await);
            assert!(!holds(&stage, &actor, at, &json!({"StringLike": {"kms:ViaService": "*"}})).await);
            let is_about_grants = keys_of(ask).contains("kms:GrantIsForAWSResource");
            let is_false = json!({"Bool": {"kms:GrantIsForAWSResource": "false"}});
            assert_eq!(holds(&stage, &actor, at, &is_false).await, is_about_grants, "{}", stage.name());
            assert!(!holds(&stage, &actor, at, &json!({"Bool": {"kms:GrantIsForAWSResource": "true"}})).await);
        }
    }
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

/// The registers of an enclave and of a NitroTPM have names of their own.
#[tokio::test]
async fn measurements_of_one_platform_never_pass_for_those_of_the_other() {
    let trusting = Trusting::new().await;
    let key = |name: &str| format!("kms:RecipientAttestation:{name}");
    let (zero, four) = ("07".repeat(48), "ab".repeat(48));
    let (mut stage, actor) = probe(&trusting, "GenerateRandom", json!({})).await;
    for (platform, names, foreign) in [
        (
            Platform::NitroEnclave,
            [("PCR0", &zero), ("pcr4", &four), ("ImageSha384", &zero)],
            ["NitroTPMPCR0", "NitroTPMPCR4", "PCR5", "PCR32", "PCR", "PCR-1", "PCR256"],
        ),
        (
            Platform::NitroTpm,
            [("NitroTPMPCR0", &zero), ("NitroTPMPCR4", &four), ("nitrotpmpcr4", &four)],
            ["PCR0", "PCR4", "ImageSha384", "NitroTPMPCR5", "NitroTPMPCR24", "NitroTPM", "NitroTPMPCR"],
        ),
    ] {
        stage.input = with(&stage.input, json!({"Recipient": trusting.recipient(platform)}));
        for (name, value) in names {
            let table = [
                (json!({"StringEquals": {key(name): value}}), true),
                (json!({"StringEqualsIgnoreCase": {key(name): value.to_uppercase()}}), true),
                (json!({"StringEquals": {key(name): value.to_uppercase()}}), value == &zero),
                (json!({"StringEquals": {key(name): &value[2..]}}), false),
            ];
            assert_conditions(&stage, &actor, &table).await;
        }
        for name in foreign {
            let table = [
                (json!({"StringLike": {key(name): "*"}}), false),
                (json!({"Null": {key(name): "true"}}), true),
                (json!({"StringNotEquals": {key(name): zero}}), true),
            ];
            assert_conditions(&stage, &actor, &table).await;
        }
    }
}

/// Dates and numbers that ValidTo is compared as.
#[tokio::test]
async fn the_expiry_of_imported_material_is_a_date_and_a_number() {
    let trusting = Trusting::new().await;
    let (stage, actor) = probe(&trusting, "ImportKeyMaterial", json!({"ValidTo": 1_800_000_000})).await;
    let table = [
        (json!({"NumericEquals": {"kms:ValidTo": "1800000000"}}), true),
        (json!({"DateEquals": {"kms:ValidTo": "2027-01-15T08:00:00Z"}}), true),
        (json!({"DateLessThan": {"kms:ValidTo": "2027-01-15T08:00:01Z"}}), true),
        (json!({"DateLessThan": {"kms:ValidTo": "2027-01-15T08:00:00Z"}}), false),
        (json!({"DateGreaterThan": {"kms:ValidTo": "1800000000"}}), false),
        (json!({"DateGreaterThan": {"kms:ValidTo": "1799999999"}}), true),
    ];
    assert_conditions(&stage, &actor, &table).await;
}

/// Names that differ in case only are one condition key with several values; neither may hide the other.
#[tokio::test]
async fn a_second_name_in_another_case_hides_nothing() {
    let pairs = |pairs: [(&str, &str); 2]| pairs.map(|(key, value)| json!({"TagKey": key, "TagValue": value}));
    for (operation, key, input) in [
        ("CreateKey", "aws:RequestTag", json!({"Tags": pairs([("team", "red"), ("Team", "blue")])})),
        ("CreateKey", "aws:RequestTag", json!({"Tags": pairs([("Team", "blue"), ("TEAM", "red")])})),
        ("CreateKey", "aws:ResourceTag", json!({"Tags": pairs([("team", "red"), ("Team", "blue")])})),
        ("Encrypt", "kms:EncryptionContext", json!({"EncryptionContext": {"team": "red", "Team": "blue"}})),
    ] {
        // Each in a world of its own: the account is always the same.
        let trusting = Trusting::new().await;
        let (stage, actor) = probe(&trusting, operation, input).await;
        let separator = if key.starts_with("kms:") { ':' } else { '/' };
        for name in ["team", "Team", "TEAM"] {
            let name = format!("{key}{separator}{name}");
            let table = [
                (json!({"Null": {&name: "false"}}), true),
                (json!({"StringEquals": {&name: "red"}}), false),
                (json!({"StringEquals": {&name: "blue"}}), false),
                (json!({"StringEquals": {&name: ["red", "blue"]}}), true),
                (json!({"StringNotEquals": {&name: "red"}}), false),
            ];
            assert_conditions(&stage, &actor, &table).await;
        }
    }
}

/// Operators decide about the case of values; names of keys have none.
#[tokio::test]
async fn names_of_keys_have_no_case_and_values_do() {
    let trusting = Trusting::new().await;
    let context = json!({"EncryptionContext": {"Team": "Red"}, "Plaintext": HI});
    let (stage, actor) = probe(&trusting, "Encrypt", context).await;
    let table = [
        (json!({"StringEquals": {"KMS:encryptioncontext:tEAM": "Red"}}), true),
        (json!({"StringEquals": {"kms:EncryptionContext:Team": "red"}}), false),
        (json!({"StringEqualsIgnoreCase": {"kms:EncryptionContext:Team": "red"}}), true),
        (json!({"StringEquals": {"kms:EncryptionContext:Tea": "Red"}}), false),
        (json!({"StringEquals": {"kms:EncryptionContext:Team2": "Red"}}), false),
        (json!({"StringEquals": {"kms:EncryptionContext": "Red"}}), false),
        (json!({"StringEquals": {"kms:EncryptionContext:": "Red"}}), false),
        (json!({"ForAnyValue:StringEquals": {"kms:encryptioncontextkeys": "Team"}}), true),
        (json!({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "team"}}), false),
    ];
    assert_conditions(&stage, &actor, &table).await;
}

/// ReEncrypt onto the key that the ciphertext is of, however that key is named.
#[tokio::test]
async fn re_encryption_on_the_same_key_is_seen_however_the_key_is_named() {
    let trusting = Trusting::new().await;
    let (mut stage, actor) = probe(&trusting, "ReEncrypt", json!({})).await;
    let (key, other) = (stage.asks[0].resource.clone(), stage.asks[1].resource.clone());
    let foreign = create_key(&trusting.world.client("444455556666", REGION)).await;
    let blob = stage.input["CiphertextBlob"].clone();
    for (source, destination, is_same) in [
        (json!(key), key.as_str(), true),
        (json!("alias/it"), &key, true),
        (json!(key), "alias/it", true),
        (Value::Null, "alias/it", true),
        (Value::Null, &key, true),
        (json!("alias/it"), "alias/other", false),
        (json!(key), &other, false),
        (Value::Null, "alias/other", false),
        (json!(key), &foreign, false),
    ] {
        stage.input = json!({"CiphertextBlob": blob, "SourceKeyId": source, "DestinationKeyId": destination});
        let allow = |truth: bool| {
            let mut allows = stage.allows();
            allows[0] = with(&allows[0], json!({"Condition": {"Bool": {"kms:ReEncryptOnSameKey": truth.to_string()}}}));
            policy(vec![allows[0].clone()])
        };
        for truth in [true, false] {
            actor.put_policy(&stage, &allow(truth)).await;
            let refused = stage.call(&actor.client).await.unwrap_err();
            let held = refused.message.contains("no permissions boundary allows");
            assert_eq!(held, truth == is_same, "{source} {destination}: {}", refused.message);
        }
    }
}

/// The list of what is missing may only shrink.
#[test]
fn what_is_not_known_yet_is_listed() {
    for (key, _) in NOT_YET {
        assert!(all_keys().contains(key));
    }
    assert!(NOT_YET.len() <= 4);
}
