//! Every condition key on every operation: there with its value where the sheet has it, absent elsewhere.

use kagiban_attestation::Platform;
use serde_json::{Map, Value, json};

use super::sheet::{CONTEXT, RECIPIENT, all_keys, keys_of, own_keys};
use super::{Actor, Expected, Trusting, holds};
use crate::authorization::cases::{Ask, CROSSING, Manner, Stage, cases, policy, without};
use crate::support::{describe, fresh_accounts, with};

/// A request, and what its condition keys must be.
struct Scene<'w> {
    stage: Stage<'w>,
    via: Option<&'static str>,
}

impl Scene<'_> {
    async fn expected(&self, key: &str, ask: &Ask) -> Expected {
        let (input, is_key) = (&self.stage.input, ask.resource.contains(":key/"));
        let key_metadata = async || match is_key {
            true => describe(&self.stage.root.in_region_of(&ask.resource), &ask.resource).await,
            // A replica is like its primary.
            false if self.stage.case.operation == "ReplicateKey" => json!({"MultiRegion": true}),
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
            "kms:MultiRegionKeyType" if is_key => {
                Expected::text(&key_metadata().await["MultiRegionConfiguration"]["MultiRegionKeyType"])
            }
            "kms:MultiRegionKeyType" => match self.stage.case.operation {
                "ReplicateKey" => Expected::Text("REPLICA".to_owned()),
                _ if input["MultiRegion"] == true => Expected::Text("PRIMARY".to_owned()),
                _ => Expected::Absent,
            },
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
            "kms:TrailingDaysWithoutKeyUsage" => Expected::Number(0),
            "kms:RotationPeriodInDays" => Expected::Number(input["RotationPeriodInDays"].as_i64().unwrap_or(365)),
            "kms:ScheduleKeyDeletionPendingWindowInDays" => {
                Expected::Number(input["PendingWindowInDays"].as_i64().unwrap_or(30))
            }
            "kms:ValidTo" => input["ValidTo"].as_i64().map_or(Expected::Absent, Expected::Number),
            "kms:ViaService" => self.via.map_or(Expected::Absent, |via| Expected::Text(via.to_owned())),
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
    let takes_alias =
        CROSSING.contains(&operation) && !operation.contains("Grant") && operation != "GetKeyRotationStatus";
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
        "EnableKeyRotation" => say(json!({"RotationPeriodInDays": 90})),
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
        let root = stage.root.in_region_of(&ask.resource);
        let tags = json!({"Tags": [{"TagKey": "TEAM", "TagValue": "blue"}]});
        root.call("TagResource", with(&key, tags)).await.unwrap();
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
