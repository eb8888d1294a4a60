//! `kagiban key usage`: what to know of a key before it is deleted, with a plain verdict at the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use kagiban_base::time::{DAY_MS, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::answers::{optional_seconds, seconds};
use crate::commands::{ask, show};
use crate::error::CliError;
use crate::key_options::KeyUsageOptions;
use crate::text::{printable, table};

/// A key that was used within so many days is in use.
const IN_USE_DAYS: i64 = 90;
/// Months that are shown; JSON has them all.
const MONTHS_SHOWN: usize = 12;

/// What the server tells of a key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyUsage {
    arn: String,
    key_spec: String,
    key_state: String,
    #[serde(default)]
    key_manager: String,
    multi_region: bool,
    #[serde(deserialize_with = "seconds")]
    creation_date: Timestamp,
    #[serde(default, deserialize_with = "optional_seconds")]
    deletion_date: Option<Timestamp>,
    #[serde(deserialize_with = "seconds")]
    tracking_start_date: Timestamp,
    last_use: Option<LastUse>,
    principals: Vec<Principal>,
    months: Vec<Month>,
    aliases: Vec<String>,
    grant_count: u32,
    grants: Vec<Grant>,
    other_accounts_in_policy: Vec<String>,
    #[serde(deserialize_with = "seconds")]
    now: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LastUse {
    #[serde(deserialize_with = "seconds")]
    timestamp: Timestamp,
    operation: Option<String>,
    caller: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Principal {
    arn: String,
    #[serde(deserialize_with = "seconds")]
    last_use: Timestamp,
    count: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Month {
    month: String,
    succeeded: BTreeMap<String, u64>,
    #[serde(default)]
    failed: BTreeMap<String, u64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Grant {
    grant_id: String,
    grantee: String,
    operations: Vec<String>,
}

/// `kagiban key usage`; what a user should read goes to `output`.
pub(crate) fn usage(options: &KeyUsageOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let (client, body) = ask(&options.connection, "DescribeKeyUsage", &json!({"KeyId": options.key}))?;
    let told: KeyUsage = client.read(&body)?;
    let text = told.text();
    show(options.connection.output, body.expose(), text.as_bytes(), "nothing was changed", output)
}

impl KeyUsage {
    fn text(&self) -> String {
        let mut text = self.head();
        if !self.principals.is_empty() {
            let row = |p: &Principal| [p.arn.clone(), p.last_use.to_rfc3339(), p.count.to_string()];
            let rows: Vec<_> = self.principals.iter().map(row).collect();
            text += &format!("\n{}", table(["USED BY", "LAST", "AT LEAST"], &rows));
        }
        if !self.months.is_empty() {
            text += &format!("\n{}", table(["MONTH", "OPERATION", "SUCCEEDED", "FAILED"], &self.requests()));
        }
        if !self.grants.is_empty() {
            let row = |g: &Grant| [g.grantee.clone(), g.operations.join(" "), g.grant_id.clone()];
            let rows: Vec<_> = self.grants.iter().map(row).collect();
            text += &format!("\n{}", table(["GRANT TO", "OPERATIONS", "GRANT ID"], &rows));
        }
        _ = writeln!(text, "\n{}", printable(&self.verdict()));
        text
    }

    fn head(&self) -> String {
        let list = |list: &[String]| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
        let state = match self.deletion_date {
            Some(date) => format!("{}, to be deleted {}", self.key_state, date.to_rfc3339()),
            None => self.key_state.clone(),
        };
        let last = self.last_use.as_ref().map_or_else(|| "none that is known".to_owned(), LastUse::text);
        let mut rows = vec![
            ["Key", self.arn.as_str()].map(str::to_owned),
            ["Spec".to_owned(), self.key_spec.clone()],
            ["State".to_owned(), state],
            ["Created".to_owned(), self.creation_date.to_rfc3339()],
            ["Uses known since".to_owned(), self.tracking_start_date.to_rfc3339()],
            ["Last use".to_owned(), last],
            ["Aliases".to_owned(), list(&self.aliases)],
            ["Grants".to_owned(), self.grant_count.to_string()],
            ["Other accounts in its policy".to_owned(), list(&self.other_accounts_in_policy)],
        ];
        if self.multi_region {
            rows.push(["Multi-Region", "uses of its related keys in other Regions are told there"].map(str::to_owned));
        }
        // Without heads, so without the line that they would be in.
        table(["", ""], &rows).trim_start_matches('\n').to_owned()
    }

    fn requests(&self) -> Vec<[String; 4]> {
        let mut rows = Vec::new();
        for Month { month, succeeded, failed } in self.months.iter().take(MONTHS_SHOWN) {
            let names: std::collections::BTreeSet<_> = succeeded.keys().chain(failed.keys()).collect();
            let count = |of: &BTreeMap<String, u64>, name: &str| of.get(name).copied().unwrap_or_default().to_string();
            let row = |name: &String| [month.clone(), name.clone(), count(succeeded, name), count(failed, name)];
            rows.extend(names.into_iter().map(row));
        }
        rows
    }

    /// What to do, in one sentence or two.
    fn verdict(&self) -> String {
        if self.key_manager == "AWS" {
            return "An AWS managed key: it cannot be deleted.".to_owned();
        }
        let Some(last) = &self.last_use else { return self.verdict_unused() };
        let ms = self.now.ms_since(last.timestamp).max(0);
        let by = last.caller.as_deref().map(|caller| format!(" by {caller}")).unwrap_or_default();
        let used = format!("Used {} ago{by}", ago(ms));
        if ms < IN_USE_DAYS * DAY_MS {
            return format!("{used}: do not delete.");
        }
        format!("{used}, and not since{}: disable it, and delete it once nobody has missed it.", self.hanging())
    }

    fn verdict_unused(&self) -> String {
        let since = self.tracking_start_date.to_rfc3339();
        let unused = if self.tracking_start_date > self.creation_date {
            format!("Not used since tracking began on {since}; what was before that is not known")
        } else {
            format!("Not used since it was created on {since}")
        };
        match self.hanging() {
            hanging if hanging.is_empty() => format!("{unused}: disable it, and delete it once nobody has missed it."),
            hanging => format!("{unused}{hanging}: find out what for before you disable it."),
        }
    }

    /// What still points to the key.
    fn hanging(&self) -> String {
        let others = self.other_accounts_in_policy.len();
        let counted =
            [(self.aliases.len(), "alias(es)"), (self.grant_count as usize, "grant(s)"), (others, "other account(s)")];
        let parts: Vec<_> =
            counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if parts.is_empty() { String::new() } else { format!(", but {} still count on it", parts.join(", ")) }
    }
}

impl LastUse {
    fn text(&self) -> String {
        let mut text = self.timestamp.to_rfc3339();
        if let Some(operation) = &self.operation {
            _ = write!(text, ", {operation}");
        }
        if let Some(caller) = &self.caller {
            _ = write!(text, " by {caller}");
        }
        text
    }
}

/// A time in the largest unit of which it has two.
fn ago(ms: i64) -> String {
    let units = [(DAY_MS, "days"), (3_600_000, "hours"), (60_000, "minutes")];
    let fitting = units.into_iter().find(|(unit, _)| ms >= 2 * unit);
    fitting.map_or_else(|| format!("{} seconds", ms / 1000), |(unit, name)| format!("{} {name}", ms / unit))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn told(more: Value) -> KeyUsage {
        let mut told = json!({
            "Arn": "arn:aws:kms:us-east-1:111122223333:key/k", "KeySpec": "SYMMETRIC_DEFAULT", "KeyState": "Enabled",
            "KeyManager": "CUSTOMER", "MultiRegion": false, "CreationDate": 0, "TrackingStartDate": 0, "Principals": [],
            "Months": [], "Aliases": [], "GrantCount": 0, "Grants": [], "OtherAccountsInPolicy": [], "Now": 100.0 * 86_400.0,
        });
        let (Value::Object(told), Value::Object(more)) = (&mut told, more) else { unreachable!() };
        told.extend(more);
        serde_json::from_value(Value::Object(told.clone())).unwrap()
    }

    fn used(seconds_ago: f64) -> Value {
        json!({"LastUse": {"Timestamp": 100.0 * 86_400.0 - seconds_ago, "Operation": "Decrypt", "Caller": "alice"}})
    }

    #[test]
    fn verdicts_are_plain() {
        for (more, verdict) in [
            (used(180.0), "Used 3 minutes ago by alice: do not delete."),
            (used(89.0 * 86_400.0), "Used 89 days ago by alice: do not delete."),
            (
                used(91.0 * 86_400.0),
                "Used 91 days ago by alice, and not since: disable it, and delete it once nobody has missed it.",
            ),
            (
                json!({}),
                "Not used since it was created on 1970-01-01T00:00:00Z: disable it, and delete it once nobody has missed it.",
            ),
            (
                json!({"TrackingStartDate": 86_400, "Aliases": ["alias/a"], "GrantCount": 2}),
                "Not used since tracking began on 1970-01-02T00:00:00Z; what was before that is not known, but 1 alias(es), \
                 2 grant(s) still count on it: find out what for before you disable it.",
            ),
            (json!({"KeyManager": "AWS"}), "An AWS managed key: it cannot be deleted."),
        ] {
            assert_eq!(told(more).verdict(), verdict);
        }
    }

    #[test]
    fn the_text_ends_with_the_verdict() {
        let mut more = used(180.0);
        more["Months"] = json!([{"Month": "2026-11", "Succeeded": {"Decrypt": 5}, "Failed": {"Encrypt": 1}}]);
        let text = told(more).text();
        assert!(text.starts_with("Key "), "{text}");
        assert!(text.contains("2026-11  Decrypt    5          0\n"), "{text}");
        assert!(text.ends_with("\n\nUsed 3 minutes ago by alice: do not delete.\n"), "{text}");
    }
}
