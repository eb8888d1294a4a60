//! Records as a reviewed file shows them: one line each, with a name for what is different in each run.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

/// Set, it has the files written anew; then they are to be reviewed like any change.
const WRITE: &str = "KAGIBAN_WRITE_SNAPSHOTS";
/// What a line says of a record, in this order.
const SHOWN: [&str; 14] = [
    "eventSource",
    "eventName",
    "eventType",
    "readOnly",
    "errorCode",
    "errorMessage",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "serviceEventDetails",
    "resources",
    "userIdentity",
    "recipientAccountId",
    "tlsDetails",
];

/// A text that is compared with a file.
#[derive(Debug, Default)]
pub struct Snapshot(String);

impl Snapshot {
    /// Adds a heading.
    pub fn heading(&mut self, text: &str) {
        let gap = if self.0.is_empty() { "" } else { "\n" };
        writeln!(self.0, "{gap}# {text}").expect("a String takes everything");
    }

    /// Adds what a record says; members of which every record has the same (source, type, caller) only where they differ from
    /// `usual`, where an object is its JSON with sorted names.
    pub fn record(&mut self, name: &str, usual: &[(&str, &str)], record: &Value) {
        let mut shown = Map::new();
        for member in SHOWN {
            let value = &record[member];
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let is_usual = usual.contains(&(member, text.as_str()));
            let is_nothing = value.is_null() || *value == Value::Array(Vec::new());
            if !is_usual && !is_nothing {
                shown.insert(member.to_owned(), value.clone());
            }
        }
        // serde_json's maps are sorted; the order here is for the eye.
        let members = SHOWN.iter().filter_map(|member| Some((member, short(member, shown.get(*member)?))));
        let members: Vec<String> = members.map(|(member, value)| format!("{member} {value}")).collect();
        writeln!(self.0, "{name:<16} {}", steady(&members.join("  "))).expect("a String takes everything");
    }

    /// Adds a line as it is, with the names of [`Snapshot::record`].
    pub fn line(&mut self, text: &str) {
        writeln!(self.0, "{}", steady(text)).expect("a String takes everything");
    }

    /// Compares with the file.
    ///
    /// # Panics
    /// If it is another text: the first line that differs.
    pub fn assert_is(&self, path: &Path) {
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(path, &self.0).expect("a snapshot");
        }
        let reviewed = std::fs::read_to_string(path).unwrap_or_default();
        let differs = reviewed.lines().zip(self.0.lines()).find(|(before, now)| before != now);
        if let Some((before, now)) = differs {
            panic!("{}:\nreviewed: {before}\nnow:      {now}\nif it is right, set {WRITE} and review", path.display());
        }
        assert_eq!(reviewed.lines().count(), self.0.lines().count(), "{}: lines, reviewed and now", path.display());
    }
}

/// Of resources, their ARNs; names and numbers without quotes.
fn short(member: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) if member == "resources" => {
            let arns: Vec<&str> = values.iter().filter_map(|value| value["ARN"].as_str()).collect();
            arns.join(" ")
        }
        value => value.to_string(),
    }
}

/// The text with names for ids: `<key 1>`, `<hex 2>`, `<id 1>`, in the order in which they come up.
fn steady(text: &str) -> String {
    let (mut out, mut known, mut rest) = (String::new(), Vec::<&str>::new(), text);
    while !rest.is_empty() {
        let len = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
        let (word, after) = rest.split_at(len.max(1).max(rest.chars().next().map_or(1, char::len_utf8)));
        rest = after;
        let Some(kind) = kind_of(word) else {
            out.push_str(word);
            continue;
        };
        let number = known.iter().position(|one| *one == word).unwrap_or_else(|| {
            known.push(word);
            known.len() - 1
        });
        write!(out, "<{kind} {}>", number + 1).expect("a String takes everything");
    }
    out
}

fn kind_of(word: &str) -> Option<&'static str> {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match word.len() {
        36 if word.starts_with("mrk-") && is_hex(&word[4..]) => Some("mrk"),
        36 if is_hex(&word.replace('-', "")) && word.matches('-').count() == 4 => Some("uuid"),
        64 if is_hex(word) => Some("hex"),
        21 if ["AIDA", "AROA", "ANPA", "AGPA"].iter().any(|prefix| word.starts_with(prefix)) => Some("id"),
        20 if ["AKIA", "ASIA"].iter().any(|prefix| word.starts_with(prefix)) => Some("access key"),
        // The fingerprint of a recovery key.
        12 if word.starts_with("age1") => Some("recovery key"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_get_names() {
        let key = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let text = format!("key/{key} of \u{e4} {key}, {} AKIAIOSFODNN7EXAMPLE", "ab".repeat(32));
        assert_eq!(steady(&text), "key/<uuid 1> of \u{e4} <uuid 1>, <hex 2> <access key 3>");
    }
}
