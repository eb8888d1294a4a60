//! What the store held at every moment, taken where batches are committed: what answers are compared with.
//!
//! It reads rows as they are stored, by the names of their tables and JSON members, and not through the service that wrote
//! them. Each step from one state of a key to the next is looked at: there are some that no request and no job may take.

use std::collections::{BTreeMap, BTreeSet};

use kagiban_storage::{Revision, Write};
use serde_json::Value;

/// Tables that are remembered.
const TABLES: [&[u8]; 4] = [b"alias\0", b"grant\0", b"key\0", b"key-rotation\0"];

/// A row from a moment on; null when there is none.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) at_ms: u64,
    pub(crate) revision: Revision,
    pub(crate) row: Value,
}

/// Between which moments an answer was decided, and what whoever gave it must have known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) since_ms: u64,
    pub(crate) floor: Revision,
    pub(crate) until_ms: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Truth {
    rows: BTreeMap<Vec<u8>, Vec<Version>>,
    /// The numbers of what the service did by itself.
    pub(crate) events: BTreeSet<String>,
    /// When automatic rotations were due that were made, by key.
    rotated: BTreeSet<(Vec<u8>, String)>,
    /// The furthest that a clock has shown.
    pub(crate) latest_clock_ms: i64,
    pub(crate) commits: u64,
    /// Steps that may not be.
    pub(crate) wrong: Vec<String>,
}

static NONE: Value = Value::Null;

impl Truth {
    /// Takes what was committed.
    pub(crate) fn take(&mut self, at_ms: u64, revision: Revision, writes: &[Write]) {
        self.commits += 1;
        for Write { key, value } in writes {
            if let Some(rest) = key.strip_prefix(b"service-event\0") {
                let number = rest.get(8..).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default();
                self.events.insert(String::from_utf8_lossy(number).into_owned());
            }
            if !TABLES.iter().any(|table| key.starts_with(table)) {
                continue;
            }
            let row =
                value.as_deref().and_then(|value| serde_json::from_slice(value.get(1..)?).ok()).unwrap_or_default();
            if key.starts_with(b"key\0") {
                self.look_at_step(key, &row);
            }
            self.rows.entry(key.clone()).or_default().push(Version { at_ms, revision, row });
        }
    }

    /// The present row; null when there is none.
    pub(crate) fn now(&self, key: &[u8]) -> &Value {
        self.rows.get(key).and_then(|versions| versions.last()).map_or(&NONE, |version| &version.row)
    }

    /// The present rows whose keys start so.
    pub(crate) fn all(&self, start: &[u8]) -> impl Iterator<Item = &Value> {
        let rows = self.rows.range(start.to_vec()..).take_while(move |(key, _)| key.starts_with(start));
        rows.filter_map(|(_, versions)| versions.last()).map(|version| &version.row).filter(|row| !row.is_null())
    }

    /// Region and id of every key that is there.
    pub(crate) fn keys(&self) -> Vec<(String, String)> {
        let there = self.rows.range(b"key\0".to_vec()..).take_while(|(key, _)| key.starts_with(b"key\0"));
        let there = there.filter(|(_, versions)| versions.last().is_some_and(|version| !version.row.is_null()));
        let name = |key: &[u8]| {
            let mut parts = key.split(|byte| *byte == 0).map(|part| String::from_utf8_lossy(part).into_owned());
            Some((parts.nth(1)?, parts.nth(1)?))
        };
        there.filter_map(|(key, _)| name(key)).collect()
    }

    /// The first version of a row in the window of which this holds: its revision, zero for what was before the first row.
    pub(crate) fn find(&self, key: &[u8], window: Window, holds: impl Fn(&Value) -> bool) -> Option<Revision> {
        let versions: &[Version] = self.rows.get(key).map_or(&[], Vec::as_slice);
        let overtaken = |next: Option<&Version>| {
            next.is_some_and(|next| next.at_ms < window.since_ms || next.revision <= window.floor)
        };
        if !overtaken(versions.first()) && holds(&NONE) {
            return Some(Revision::ZERO);
        }
        let in_force =
            |(at, version): &(usize, &Version)| version.at_ms <= window.until_ms && !overtaken(versions.get(at + 1));
        let mut in_force = versions.iter().enumerate().filter(in_force);
        in_force.find(|(_, version)| holds(&version.row)).map(|(_, version)| version.revision)
    }

    /// The versions of a row, for a report.
    pub(crate) fn shown(&self, key: &[u8]) -> String {
        let last = self.rows.get(key).into_iter().flatten().rev().take(6);
        let lines =
            last.map(|version| format!("    {} ms, revision {}: {}", version.at_ms, version.revision, version.row));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn look_at_step(&mut self, key: &[u8], row: &Value) {
        let before = &self.now(key).clone();
        let mut wrong = Vec::new();
        // A multi-Region key may be replicated again to where a replica was deleted.
        if before.is_null() && self.rows.contains_key(key) && row["multi_region"].is_null() {
            wrong.push("a deleted key is there again");
        }
        if row.is_null() && before["erasing"] != true {
            wrong.push("a key is gone whose deletion had not begun");
        }
        if before["erasing"] == true && !row.is_null() && row["erasing"] != true {
            wrong.push("a deletion that had begun was taken back");
        }
        let begins = row["erasing"] == true && before["erasing"] != true;
        if begins && before["deletion_date"].as_i64().is_none_or(|date| date > self.latest_clock_ms) {
            wrong.push("a deletion began before its time on any clock");
        }
        let count = |row: &Value| row["rotation"]["count"].as_u64().unwrap_or_default();
        if !row.is_null() && !before.is_null() && !(count(before)..=count(before) + 1).contains(&count(row)) {
            // A replica takes several over at once.
            if row["multi_region"].is_null() || count(row) < count(before) {
                wrong.push("the number of rotations did not stay and not grow by one");
            }
        }
        let (old, new) = (&before["rotation"]["automatic"], &row["rotation"]["automatic"]);
        let due = format!("{} {}", old["since"], old["next"]);
        let rotates =
            old["since"] == new["since"] && old["period_days"] == new["period_days"] && old["next"] != new["next"];
        let is_replica = row["multi_region"]["role"] == "REPLICA";
        if !is_replica && !old.is_null() && rotates && !self.rotated.insert((key.to_vec(), due)) {
            wrong.push("an automatic rotation was made twice");
        }
        let text = |what: &str| format!("{what}: {}\n    {before}\n    {row}", key.escape_ascii());
        let wrong: Vec<String> = wrong.into_iter().map(text).collect();
        self.wrong.extend(wrong);
    }
}
