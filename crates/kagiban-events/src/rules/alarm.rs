//! Which rules fire: every match, or only the last of so many, and not again too soon.
//!
//! What was counted is state that can be written down beside the place in the journal up to which it was counted; taken up
//! again there, nothing is counted twice and nothing is missed. Times are those of records: a journal that is read late makes the
//! same alarms.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use kagiban_audit::Record;
use kagiban_base::arn::KeyArn;
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Rule, Rules, Subject};
use crate::shape::Shape;

/// Subjects that are remembered for one rule; of more, those that nothing happened to for the longest time are forgotten.
const SUBJECTS_MAX: usize = 1000;
/// Bytes of a subject's name that count.
const SUBJECT_LEN_MAX: usize = 512;
const HOUR_MS: i64 = 3_600_000;

/// What was counted so far.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Alarms {
    /// By rule and subject.
    #[serde(default)]
    pub(super) windows: BTreeMap<String, BTreeMap<String, Window>>,
}

/// When responses acted, by target: what their limits are held against.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ActionCounts(BTreeMap<String, VecDeque<i64>>);

/// One subject of one rule. Times are milliseconds since 1970.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct Window {
    /// When the counted events happened, the oldest first.
    #[serde(default)]
    times: VecDeque<i64>,
    #[serde(default)]
    quiet_until: Option<i64>,
}

/// A rule has fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// The number of the rule in [`Rules::rules`].
    pub rule: usize,
    /// Which of the record's events it was: its number in [`Shape::of`].
    pub shape: usize,
    /// The event that made it fire.
    pub event: Value,
    /// How many events it took.
    pub count: usize,
}

impl Alarms {
    /// The rules that fire on a record.
    pub fn firings(&mut self, rules: &Rules, record: &Record<'_>) -> Vec<Firing> {
        let mut firings = Vec::new();
        for (shape, at) in Shape::of(record).zip(0..) {
            // Empty for nearly every record, and then nothing was made.
            let possible: Vec<usize> = shape.with_hints(record, |hints| {
                let is_possible = |rule: &Rule| rule.is_enabled && rule.prefilter.may_match(hints);
                rules.rules.iter().zip(0..).filter(|(rule, _)| is_possible(rule)).map(|(_, number)| number).collect()
            });
            if possible.is_empty() {
                continue;
            }
            let event = shape.event(record);
            for number in possible {
                let rule = rules.rules.get(number).filter(|rule| rule.pattern.matches(&event));
                if let Some(count) = rule.and_then(|rule| self.count(rule, record)) {
                    firings.push(Firing { rule: number, shape: at, event: event.clone(), count });
                }
            }
        }
        firings
    }

    /// Counts a match; how many it took if that makes the rule fire.
    fn count(&mut self, rule: &Rule, record: &Record<'_>) -> Option<usize> {
        let now = record.time.unix_ms();
        let count = match rule.alarm {
            None => 1,
            Some(alarm) => {
                let window = self.window(rule, alarm.per, record);
                window.times.push_back(now);
                let oldest = now.saturating_sub(milliseconds(alarm.within));
                window.times.retain(|time| *time >= oldest);
                if window.times.len() < alarm.count {
                    return None;
                }
                window.times.clear();
                alarm.count
            }
        };
        if let Some(throttle) = rule.throttle {
            let window = self.window(rule, throttle.per, record);
            if window.quiet_until.is_some_and(|until| now < until) {
                return None;
            }
            window.quiet_until = Some(now.saturating_add(milliseconds(throttle.quiet)));
        }
        Some(count)
    }

    fn window(&mut self, rule: &Rule, per: Subject, record: &Record<'_>) -> &mut Window {
        let subjects = self.windows.entry(rule.name.clone()).or_default();
        let subject = subject(per, record);
        if subjects.len() >= SUBJECTS_MAX && !subjects.contains_key(&subject) {
            forget_oldest(subjects);
        }
        subjects.entry(subject).or_default()
    }

    /// Forgets what was counted for rules that are no more.
    pub fn keep_only(&mut self, rules: &Rules) {
        self.windows.retain(|name, _| rules.rule(name).is_some());
    }
}

impl ActionCounts {
    /// Whether a response may act once more: it has done so fewer than so many times within the last hour.
    pub fn may_act(&mut self, target: &str, per_hour_max: u32, now: Timestamp) -> bool {
        let Some(actions) = self.0.get_mut(target) else { return per_hour_max > 0 };
        let oldest = now.unix_ms().saturating_sub(HOUR_MS);
        actions.retain(|time| *time > oldest);
        actions.len() < usize::try_from(per_hour_max).unwrap_or(usize::MAX)
    }

    /// Counts an action.
    pub fn acted(&mut self, target: &str, now: Timestamp) {
        self.0.entry(target.to_owned()).or_default().push_back(now.unix_ms());
    }

    /// Forgets what was counted for targets that are no more.
    pub fn keep_only(&mut self, rules: &Rules) {
        self.0.retain(|name, _| rules.target(name).is_some());
    }
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn subject(per: Subject, record: &Record<'_>) -> String {
    let text = match per {
        Subject::Account => record.account.as_str().to_owned(),
        Subject::Address => record.source_address.to_owned(),
        Subject::Key => key_of(record).map(|key| key.to_string()).unwrap_or_default(),
        Subject::Principal => record.principal.to_owned(),
        Subject::Rule => String::new(),
    };
    let end = text.floor_char_boundary(SUBJECT_LEN_MAX);
    text.get(..end).unwrap_or_default().to_owned()
}

/// The key that a record is about: the first one.
pub fn key_of(record: &Record<'_>) -> Option<KeyArn> {
    record.resource_arns().find_map(|arn| arn.parse().ok())
}

fn forget_oldest(subjects: &mut BTreeMap<String, Window>) {
    let latest = |window: &Window| window.times.back().copied().max(window.quiet_until);
    let oldest = subjects.iter().min_by_key(|(_, window)| latest(window)).map(|(name, _)| name.clone());
    if let Some(oldest) = oldest {
        subjects.remove(&oldest);
    }
}
