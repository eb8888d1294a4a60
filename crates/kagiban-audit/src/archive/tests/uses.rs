//! The use map against a count by hand: every filter, every period, over archives, over the journal, and over both.

use std::collections::BTreeMap;

use super::*;
use crate::archive::{Period, UseQuery};
use crate::uses::UNKNOWN;

/// One record each minute: a day and two hours in all, from eight in the morning on.
const EVERY_MS: i64 = 60_000;
const COUNT: u64 = 1560;
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/00000007-12ab-34cd-56ef-1234567890ab";

/// One use as it was made: when, with which key, by whom, which operation, with what outcome.
struct Made {
    time: Timestamp,
    key: String,
    principal: &'static str,
    operation: &'static str,
    error_code: &'static str,
}

/// What `entry(at)` records, told again from the number alone.
fn made(at: u64) -> Made {
    let is_of_iam = at.is_multiple_of(13);
    let key = format!("arn:aws:kms:eu-central-1:111122223333:key/{:08}-12ab-34cd-56ef-1234567890ab", at % 50);
    Made {
        time: START.plus_ms(i64::try_from(at).unwrap() * EVERY_MS),
        key: if is_of_iam { String::new() } else { key },
        principal: [USER, ROLE, ROLE, UNKNOWN][(at % 4) as usize],
        operation: if is_of_iam { "GetRole" } else { ["Decrypt", "Encrypt", "GenerateDataKey"][(at % 3) as usize] },
        error_code: if at.is_multiple_of(11) { "AccessDenied" } else { "" },
    }
}

fn hour_of(time: Timestamp) -> i64 {
    time.unix_ms().div_euclid(HOUR_MS)
}

type Row = (i64, String, &'static str, &'static str, &'static str);

/// The uses that `wants` lets through, counted by periods of so many hours; of 0, all together.
fn counted(hours: i64, wants: impl Fn(&Made) -> bool) -> Vec<(Row, u64)> {
    let mut counts: BTreeMap<Row, u64> = BTreeMap::new();
    for Made { time, key, principal, operation, error_code } in (1..=COUNT).map(made).filter(wants) {
        let period = if hours == 0 { 0 } else { hour_of(time).div_euclid(hours) * hours };
        *counts.entry((period, key, principal, operation, error_code)).or_default() += 1;
    }
    counts.into_iter().collect()
}

fn shown(history: &History, query: &UseQuery) -> Vec<(Row, u64)> {
    let leaked = |text: &str| &*Box::leak(text.to_owned().into_boxed_str());
    let uses = history.uses(query).unwrap().uses();
    let row = |used: &crate::uses::Use| {
        let names = (leaked(&used.principal), leaked(&used.operation), leaked(&used.error_code));
        ((hour_of(used.hour), used.key.to_string(), names.0, names.1, names.2), used.count)
    };
    uses.iter().map(row).collect()
}

#[test]
fn the_use_map_is_what_was_done() {
    let office = Office::new(TestJournal::new(COUNT, EVERY_MS), u64::MAX);
    let archiver = office.archiver();
    let hour = |hours: i64, ms: i64| Some(START.plus_ms(hours * HOUR_MS + ms));
    let at = |hour: Option<Timestamp>| hour.map_or(0, hour_of);
    type Wants = Box<dyn Fn(&Made) -> bool>;
    let (first, last) = (at(hour(3, 0)), at(hour(18, 0)));
    let filters: Vec<(UseQuery, Wants)> = vec![
        (UseQuery::default(), Box::new(|_| true)),
        (UseQuery { key: Some(KEY.into()), ..UseQuery::default() }, Box::new(|made| made.key == KEY)),
        // By its id alone, but not by a part of it.
        (
            UseQuery { key: Some("00000007-12ab-34cd-56ef-1234567890ab".into()), ..UseQuery::default() },
            Box::new(|made| made.key == KEY),
        ),
        (UseQuery { key: Some("1234567890ab".into()), ..UseQuery::default() }, Box::new(|_| false)),
        (UseQuery { principal: Some(USER.into()), ..UseQuery::default() }, Box::new(|made| made.principal == USER)),
        // Both sessions of the role, by the role's name.
        (UseQuery { principal: Some("Pay".into()), ..UseQuery::default() }, Box::new(|made| made.principal == ROLE)),
        (
            UseQuery { principal: Some(UNKNOWN.into()), ..UseQuery::default() },
            Box::new(|made| made.principal == UNKNOWN),
        ),
        (UseQuery { principal: Some("lice".into()), ..UseQuery::default() }, Box::new(|_| false)),
        (
            UseQuery { operation: Some("Decrypt".into()), ..UseQuery::default() },
            Box::new(|made| made.operation == "Decrypt"),
        ),
        (
            UseQuery {
                key: Some(KEY.into()),
                operation: Some("Encrypt".into()),
                principal: Some("alice".into()),
                ..UseQuery::default()
            },
            Box::new(|made| made.key == KEY && made.operation == "Encrypt" && made.principal == USER),
        ),
        // Hours count as a whole: from the one that has this moment, until the one that has that.
        (UseQuery { from: hour(3, 1), ..UseQuery::default() }, Box::new(move |made| hour_of(made.time) >= first)),
        (UseQuery { from: hour(4, -1), ..UseQuery::default() }, Box::new(move |made| hour_of(made.time) >= first)),
        (UseQuery { from: hour(4, 0), ..UseQuery::default() }, Box::new(move |made| hour_of(made.time) > first)),
        (UseQuery { until: hour(18, 0), ..UseQuery::default() }, Box::new(move |made| hour_of(made.time) <= last)),
        (UseQuery { until: hour(18, -1), ..UseQuery::default() }, Box::new(move |made| hour_of(made.time) < last)),
        (
            UseQuery { from: hour(3, 0), until: hour(18, 0), operation: Some("GetRole".into()), ..UseQuery::default() },
            Box::new(move |made| made.operation == "GetRole" && (first..=last).contains(&hour_of(made.time))),
        ),
        (UseQuery { from: hour(30, 0), ..UseQuery::default() }, Box::new(|_| false)),
    ];
    // Nothing is archived; some is, the rest is in the journal; everything is.
    let mut archived = Vec::new();
    for hours in [0, 2, 20, 48] {
        office.clock.set(START.plus_ms(hours * HOUR_MS + 1));
        while archiver.run().unwrap().is_some() {}
        archived.push(office.journal.forgotten());
        let history = office.history();
        for (query, wants) in &filters {
            for (period, hours) in [(Period::All, 0), (Period::Day, 24), (Period::Hour, 1)] {
                let query = UseQuery { period, ..query.clone() };
                assert_eq!(shown(&history, &query), counted(hours, wants), "{query:?}");
            }
        }
    }
    assert!(archived.is_sorted_by(|one, next| one < next) && archived[0] == 0 && archived[3] == COUNT, "{archived:?}");
}
