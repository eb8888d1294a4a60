//! `kagiban key`: what it asks about keys, and how it shows them.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Map, Value, json};

use crate::answers::{FoundKey, LastUsage, Rotation};
use crate::commands::list;
use crate::error::CliError;
use crate::key_options::{FindKeysOptions, KeyCommand, RotationSetting};
use crate::key_usage;
use crate::text::table;

/// Keys asked for at once.
const PAGE: u32 = 1000;

/// `kagiban key`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn key(command: &KeyCommand, output: &mut dyn Write) -> Result<(), CliError> {
    match command {
        KeyCommand::Find(options) => list(&options.connection, "FindKeys", "Keys", asked(options), shown, output),
        KeyCommand::Usage(options) => key_usage::usage(options, output),
    }
}

/// The request: what is not asked for is left out.
fn asked(options: &FindKeysOptions) -> Value {
    let mut filters = Map::new();
    for (name, values) in [
        ("Aliases", &options.alias),
        ("DescriptionContains", &options.description),
        ("KeyIds", &options.key),
        ("KeyManagers", &options.manager),
        ("KeySpecs", &options.spec),
        ("KeyStates", &options.state),
        ("KeyUsages", &options.usage),
        ("MultiRegion", &options.multi_region),
        ("Origins", &options.origin),
    ] {
        if !values.is_empty() {
            filters.insert(name.to_owned(), json!(values));
        }
    }
    if !options.rotation.is_empty() {
        let rotation: Vec<_> = options.rotation.iter().copied().map(RotationSetting::name).collect();
        filters.insert("Rotation".to_owned(), json!(rotation));
    }
    if !options.tag.is_empty() {
        filters.insert("Tags".to_owned(), tags(options));
    }
    if options.never_used {
        filters.insert("NeverUsed".to_owned(), true.into());
    }
    let unused_for = options.unused_for.map(|days| ("UnusedForDays", json!(days.0)));
    let created_after = options.created_after.map(|date| ("CreatedAfter", json!(date.0.unix_s())));
    let created_before = options.created_before.map(|date| ("CreatedBefore", json!(date.0.unix_s())));
    for (name, value) in [unused_for, created_after, created_before].into_iter().flatten() {
        filters.insert(name.to_owned(), value);
    }
    let mut input = json!({"Filters": filters, "Limit": PAGE});
    if let (Some(account), Value::Object(members)) = (&options.account, &mut input) {
        members.insert("AccountId".to_owned(), account.as_str().into());
    }
    input
}

/// Values of one key are alternatives; a key that is named alone can have any.
fn tags(options: &FindKeysOptions) -> Value {
    let mut tags: BTreeMap<&str, Option<Vec<&str>>> = BTreeMap::new();
    for tag in &options.tag {
        let values = tags.entry(&tag.key).or_insert_with(|| Some(Vec::new()));
        match (&tag.value, values.as_mut()) {
            (Some(value), Some(values)) => values.push(value),
            _ => *values = None,
        }
    }
    let of_key =
        |(key, values): (&str, Option<Vec<&str>>)| json!({"TagKey": key, "TagValues": values.unwrap_or_default()});
    tags.into_iter().map(of_key).collect()
}

fn shown(keys: Vec<FoundKey>) -> String {
    let row = |key: FoundKey| {
        let metadata = key.key_metadata;
        let tags: Vec<_> = key.tags.iter().map(|tag| format!("{}={}", tag.tag_key, tag.tag_value)).collect();
        [
            metadata.key_id,
            metadata.key_state,
            metadata.key_spec,
            metadata.key_manager,
            metadata.creation_date.to_rfc3339(),
            rotation(&key.rotation),
            last_used(&key.last_usage),
            key.aliases.join(","),
            tags.join(","),
        ]
    };
    let heads = ["KEY", "STATE", "SPEC", "MANAGER", "CREATED", "NEXT ROTATION", "LAST USED", "ALIASES", "TAGS"];
    table(heads, &keys.into_iter().map(row).collect::<Vec<_>>())
}

fn rotation(rotation: &Rotation) -> String {
    match rotation.next_rotation_date {
        Some(next) => next.0.to_rfc3339(),
        None => "off".to_owned(),
    }
}

fn last_used(usage: &LastUsage) -> String {
    match usage.timestamp {
        Some(at) => at.0.to_rfc3339(),
        None => "never".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches, Subcommand};

    use super::*;

    fn input(arguments: &[&str]) -> Value {
        let command = KeyCommand::augment_subcommands(Command::new("key"));
        let matches = command.try_get_matches_from([&["key", "find"], arguments].concat()).unwrap();
        let KeyCommand::Find(options) = KeyCommand::from_arg_matches(&matches).unwrap() else { unreachable!() };
        asked(&options)
    }

    #[test]
    fn options_become_filters() {
        assert_eq!(input(&[]), json!({"Filters": {}, "Limit": 1000}));
        for (arguments, filters) in [
            (&["--state", "Enabled,Disabled"][..], json!({"KeyStates": ["Enabled", "Disabled"]})),
            (
                &["--state", "Enabled", "--spec", "RSA_2048"],
                json!({"KeyStates": ["Enabled"], "KeySpecs": ["RSA_2048"]}),
            ),
            (&["--alias", "alias/a", "--alias", "alias/b/*"], json!({"Aliases": ["alias/a", "alias/b/*"]})),
            (&["--description", "a, b"], json!({"DescriptionContains": ["a, b"]})),
            (&["--rotation", "off,overdue"], json!({"Rotation": ["OFF", "OVERDUE"]})),
            (&["--unused-for", "90d", "--never-used"], json!({"UnusedForDays": 90, "NeverUsed": true})),
            (&["--created-before", "1970-01-02"], json!({"CreatedBefore": 86_400})),
            (&["--created-after", "1970-01-01T00:00:01Z"], json!({"CreatedAfter": 1})),
            (
                &["--tag", "team=red", "--tag", "cost", "--tag", "team=blue"],
                json!({"Tags": [{"TagKey": "cost", "TagValues": []}, {"TagKey": "team", "TagValues": ["red", "blue"]}]}),
            ),
            (&["--tag", "team", "--tag", "team=red"], json!({"Tags": [{"TagKey": "team", "TagValues": []}]})),
            (
                &[
                    "--key",
                    "k",
                    "--manager",
                    "AWS",
                    "--multi-region",
                    "REPLICA",
                    "--origin",
                    "EXTERNAL",
                    "--usage",
                    "SIGN_VERIFY",
                ],
                json!({
                    "KeyIds": ["k"], "KeyManagers": ["AWS"], "MultiRegion": ["REPLICA"], "Origins": ["EXTERNAL"],
                    "KeyUsages": ["SIGN_VERIFY"],
                }),
            ),
        ] {
            assert_eq!(input(arguments)["Filters"], filters, "{arguments:?}");
        }
        assert_eq!(input(&["--account", "111122223333"])["AccountId"], "111122223333");
    }
}
