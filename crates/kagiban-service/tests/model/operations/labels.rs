//! What is attached to a key: aliases, tags, policy.

use serde_json::{Value, json};

use crate::asked::{Asked, Expected, Outcome, Refusal, invalid, refusal};
use crate::model::{Alias, Model, ROOT, alias_arn};
use crate::step::{Call, Form};

const ALIASES_MAX: usize = 50;
/// Names of aliases: enough for one key to have all that it may have.
const NAMES: u32 = 90;
const TAGS_MAX: usize = 50;
/// Keys of tags.
const TAGS: u32 = 60;

/// The name of the alias in the request, or one that no alias can have, with its refusal.
fn alias_name(call: &Call) -> Result<String, (String, Refusal)> {
    match call.fault {
        1 => {
            let name = "alias/aws/mine".to_owned();
            let code =
                if call.operation == "CreateAlias" { "InvalidAliasNameException" } else { "AccessDeniedException" };
            let text = format!("{name} is reserved: aliases that begin with alias/aws/ belong to AWS managed keys.");
            Err((name, refusal(code, text)))
        }
        2 => {
            let name = "alias/no:way".to_owned();
            let text = format!("{name} contains invalid characters for an alias");
            Err((name, invalid(text)))
        }
        _ => Ok(format!("alias/a{}", call.a % NAMES)),
    }
}

fn target(model: &Model, call: &Call) -> Option<String> {
    let form = if call.form == Form::Id { Form::Id } else { Form::Arn };
    model.identifier(&Call { form, ..*call }, false)
}

/// The refusal of one alias more than a key may have.
fn require_room(model: &Model, key: u32) -> Result<(), Refusal> {
    if model.alias_count(key) < ALIASES_MAX {
        return Ok(());
    }
    let text = format!(
        "Aliases per key quota for this account in this region is {ALIASES_MAX}, current usage is {ALIASES_MAX}."
    );
    Err(refusal("LimitExceededException", text))
}

fn alias_not_found(region: &str, name: &str) -> Refusal {
    refusal("NotFoundException", format!("Alias {} is not found.", alias_arn(region, name)))
}

/// The course of the three operations on an alias: name first, then what `outcome` says.
fn on_alias(
    model: &mut Model,
    call: &Call,
    target: Option<String>,
    outcome: impl FnOnce(&mut Model, &'static str, String) -> Outcome,
) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let (name, outcome) = match alias_name(call) {
        Ok(name) => (name.clone(), outcome(model, region, name)),
        Err((name, error)) => (name, Err(error)),
    };
    let mut input = json!({"AliasName": name});
    if let Some(target) = target {
        input["TargetKeyId"] = json!(target);
    }
    Asked::new(region, input, outcome)
}

pub(super) fn create_alias(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let target = target(model, call)?;
    on_alias(model, call, Some(target), |model, region, name| {
        model.admit("CreateAlias", call.key)?;
        if model.aliases.contains_key(&(region, name.clone())) {
            let text = format!("An alias with the name {} already exists", alias_arn(region, &name));
            return Err(refusal("AlreadyExistsException", text));
        }
        require_room(model, call.key)?;
        let alias = Alias { target: call.key, created: model.now, updated: model.now };
        model.aliases.insert((region, name), alias);
        Expected::nothing()
    })
}

pub(super) fn update_alias(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let target = target(model, call)?;
    on_alias(model, call, Some(target), |model, region, name| {
        model.admit("UpdateAlias", call.key)?;
        let named = (region, name);
        let Some(alias) = model.aliases.get(&named) else { return Err(alias_not_found(region, &named.1)) };
        if alias.target != call.key {
            let (old, new) = (model.keys[&alias.target].kind, model.keys[&call.key].kind);
            if old.usage != new.usage || old.is_symmetric() != new.is_symmetric() {
                let text =
                    "The current and the new KMS key of an alias must have the same type and the same key usage.";
                return Err(invalid(text));
            }
            require_room(model, call.key)?;
        }
        let now = model.now;
        let alias = model.aliases.get_mut(&named).expect("found above");
        (alias.target, alias.updated) = (call.key, now);
        Expected::nothing()
    })
}

/// One of the key's own aliases, where it has any, so that every state of a key is met.
pub(super) fn delete_alias(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let own: Vec<u32> = (0..NAMES).filter(|number| points_to(model, call.key, *number)).collect();
    let a = if own.is_empty() || call.b.is_multiple_of(8) { call.a } else { own[call.a as usize % own.len()] };
    on_alias(model, &Call { a, ..*call }, None, |model, region, name| {
        let named = (region, name);
        let Some(target) = model.aliases.get(&named).map(|alias| alias.target) else {
            return Err(alias_not_found(region, &named.1));
        };
        model.admit("DeleteAlias", target)?;
        model.aliases.remove(&named);
        Expected::nothing()
    })
}

fn points_to(model: &Model, key: u32, number: u32) -> bool {
    let Some(name) = model.names.get(&key) else { return false };
    model.aliases.get(&(name.region, format!("alias/a{number}"))).is_some_and(|alias| alias.target == key)
}

pub(super) fn tag_resource(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let count = if call.b.is_multiple_of(3) { 1 + call.b % 20 } else { 1 + call.b % 3 };
    let tag = |at: u32| (format!("t{}", (call.a + at) % TAGS), format!("by {number}"));
    let mut tags: Vec<(String, String)> = (0..count).map(tag).collect();
    let fault = match call.fault {
        1 => {
            tags.push(tags[0].clone());
            Some(refusal("TagException", format!("Duplicate tag keys found: {}", tags[0].0)))
        }
        2 => {
            tags[0].0 = "aws:mine".to_owned();
            Some(refusal("TagException", "Tag keys that begin with aws: are reserved: aws:mine"))
        }
        _ => None,
    };
    let list: Vec<Value> = tags.iter().map(|(key, value)| json!({"TagKey": key, "TagValue": value})).collect();
    let input = json!({"KeyId": model.identifier(call, false)?, "Tags": list});
    let outcome = (|| {
        if let Some(error) = fault {
            return Err(error);
        }
        model.admit("TagResource", call.key)?;
        let key = model.keys.get_mut(&call.key).expect("a live key");
        let mut all = key.tags.clone();
        all.extend(tags);
        if all.len() > TAGS_MAX {
            let text = format!("Tags per key quota is {TAGS_MAX}, the request would make it {}.", all.len());
            return Err(refusal("LimitExceededException", text));
        }
        key.tags = all;
        Expected::nothing()
    })();
    Asked::new(region, input, outcome)
}

pub(super) fn untag_resource(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let names: Vec<String> = (0..1 + call.b % 5).map(|at| format!("t{}", (call.a + at) % TAGS)).collect();
    let input = json!({"KeyId": model.identifier(call, false)?, "TagKeys": names});
    let outcome = (|| {
        model.admit("UntagResource", call.key)?;
        let key = model.keys.get_mut(&call.key).expect("a live key");
        key.tags.retain(|tag, _| !names.contains(tag));
        Expected::nothing()
    })();
    Asked::new(region, input, outcome)
}

pub(super) fn get_key_policy(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let mut input = json!({"KeyId": model.identifier(call, false)?});
    if call.fault == 1 {
        input["PolicyName"] = json!("other");
    }
    let outcome = (|| {
        model.admit("GetKeyPolicy", call.key)?;
        if call.fault == 1 {
            return Err(refusal("NotFoundException", "No such policy exists"));
        }
        Expected::exact(json!({"Policy": model.live(call.key)?.policy, "PolicyName": "default"}))
    })();
    Asked::new(region, input, outcome)
}

pub(super) fn list_key_policies(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let input = json!({"KeyId": model.identifier(call, false)?});
    let outcome = (|| {
        model.admit("ListKeyPolicies", call.key)?;
        Expected::exact(json!({"PolicyNames": ["default"], "Truncated": false}))
    })();
    Asked::new(region, input, outcome)
}

pub(super) fn put_key_policy(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let action = if call.fault == 1 { "kms:Encrypt" } else { "kms:*" };
    let statement = json!({"Sid": format!("by{number}"), "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": action, "Resource": "*"});
    let mut policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    if call.fault == 2 {
        policy.pop();
    }
    let input = json!({"KeyId": model.identifier(call, false)?, "Policy": policy});
    let outcome = (|| {
        model.admit("PutKeyPolicy", call.key)?;
        let malformed = |text: &str| Err(refusal("MalformedPolicyDocumentException", text));
        match call.fault {
            1 => return malformed("The new key policy will not allow you to update the key policy in the future."),
            2 => return malformed(""),
            _ => {}
        }
        model.keys.get_mut(&call.key).expect("a live key").policy = policy;
        Expected::nothing()
    })();
    Asked::new(region, input, outcome)
}
