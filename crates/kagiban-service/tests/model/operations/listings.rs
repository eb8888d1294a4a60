//! What an account has: keys, aliases, tags of a key.

use serde_json::{Value, json};

use crate::asked::{Asked, Expected, seconds};
use crate::model::{Model, alias_arn};
use crate::step::Call;

fn limited(mut input: Value, call: &Call) -> Value {
    if call.a.is_multiple_of(2) {
        input["Limit"] = json!(1 + call.a % 30);
    }
    input
}

pub(super) fn list_keys(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let mut keys: Vec<_> = model.keys.values().filter(|key| key.region == region).collect();
    keys.sort_by(|one, other| one.id.cmp(&other.id));
    let entries: Vec<Value> = keys.iter().map(|key| json!({"KeyId": key.id, "KeyArn": key.arn})).collect();
    Asked::listing(region, limited(json!({}), call), "Keys", Expected::exact(json!({"Keys": entries})))
}

/// Those of a key, or all of the account.
pub(super) fn list_aliases(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let of_key = !call.b.is_multiple_of(4);
    let mut input = json!({});
    if of_key {
        input["KeyId"] = json!(model.identifier(call, false)?);
    }
    let outcome = (|| {
        if of_key {
            model.admit("ListAliases", call.key)?;
        }
        let aliases = model
            .aliases
            .iter()
            .filter(|((alias_region, _), alias)| *alias_region == region && (!of_key || alias.target == call.key));
        let entries = aliases.map(|((region, name), alias)| {
            json!({
                "AliasName": name, "AliasArn": alias_arn(region, name), "TargetKeyId": model.names[&alias.target].id,
                "CreationDate": seconds(alias.created), "LastUpdatedDate": seconds(alias.updated),
            })
        });
        Expected::exact(json!({"Aliases": entries.collect::<Vec<_>>()}))
    })();
    Asked::listing(region, limited(input, call), "Aliases", outcome)
}

pub(super) fn list_resource_tags(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let input = json!({"KeyId": model.identifier(call, false)?});
    let outcome = (|| {
        model.admit("ListResourceTags", call.key)?;
        let tags = &model.live(call.key)?.tags;
        let entries = tags.iter().map(|(key, value)| json!({"TagKey": key, "TagValue": value}));
        Expected::exact(json!({"Tags": entries.collect::<Vec<_>>()}))
    })();
    Asked::listing(region, limited(input, call), "Tags", outcome)
}
