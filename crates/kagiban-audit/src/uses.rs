//! The use map: who uses which key how, hour by hour, as counts.
//!
//! Sessions of a role count as their role: sessions come and go, and whom to ask is the role. What is counted here is what the
//! records say; a denied attempt is a use that failed.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;
use kagiban_base::time::Timestamp;

use crate::record::Record;
use crate::search::role_of;

/// Rows of one map at most; what goes beyond is counted under [`OTHERS`].
const ROWS_MAX: usize = 200_000;
/// Principals of whom it is remembered as whom they count; with more, all are forgotten.
const ACTORS_MAX: usize = 1 << 16;
/// Stands for keys and principals beyond `ROWS_MAX`.
pub const OTHERS: &str = "(others)";
/// Stands for a caller whom nobody knows.
pub const UNKNOWN: &str = "(unknown)";
const HOUR_MS: i64 = 3_600_000;

/// What one principal did with one key in one hour, one operation with one outcome.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Use {
    /// The hour's beginning.
    pub hour: Timestamp,
    /// The key's ARN; empty when no key was involved or could be told. Of two keys (ReEncrypt), each has its own count.
    pub key: Box<str>,
    /// The caller's ARN; of a session, its role's.
    pub principal: Box<str>,
    /// `eventName`
    pub operation: Box<str>,
    /// `errorCode`; empty for success.
    pub error_code: Box<str>,
    /// How often.
    pub count: u64,
}

/// Counts of uses.
#[derive(Debug, Default)]
pub struct UseMap {
    rows: HashMap<Row, u64, RandomState>,
    names: HashMap<Box<str>, u32, RandomState>,
    /// What a principal counts as.
    actors: HashMap<Box<str>, u32, RandomState>,
}

/// Hour since 1970, and numbers of names: key, principal, operation, error code.
#[derive(Clone, Copy, Eq, Hash, PartialEq, Debug)]
pub(crate) struct Row {
    pub(crate) hour: i64,
    pub(crate) names: [u32; 4],
}

impl UseMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a record.
    pub fn add(&mut self, record: &Record<'_>) {
        let hour = record.time.unix_ms().div_euclid(HOUR_MS);
        let principal = self.actor(record);
        let outcome = [record.event_name, record.error_code];
        let mut keys = record.resource_arns().filter(|arn| is_key(arn)).peekable();
        if keys.peek().is_none() {
            let key = self.name_if_room("");
            self.count(hour, [key, principal], outcome, 1);
        }
        for key in keys {
            let key = self.name_if_room(key);
            self.count(hour, [key, principal], outcome, 1);
        }
    }

    /// Counts what another map has counted already.
    pub fn add_uses(&mut self, used: &Use) {
        let who = [&used.key, &used.principal].map(|name| self.name_if_room(name));
        let hour = used.hour.unix_ms().div_euclid(HOUR_MS);
        self.count(hour, who, [&used.operation, &used.error_code], used.count);
    }

    /// The counts, in the order of hour, key, principal, operation and error code.
    pub fn uses(&self) -> Vec<Use> {
        let (names, rows) = self.sorted();
        let name = |number: u32| Box::from(names.get(number as usize).copied().unwrap_or_default());
        let as_use = |(Row { hour, names: [key, principal, operation, error_code] }, count): (Row, u64)| Use {
            hour: Timestamp::from_unix_ms(hour.saturating_mul(HOUR_MS)),
            key: name(key),
            principal: name(principal),
            operation: name(operation),
            error_code: name(error_code),
            count,
        };
        rows.into_iter().map(as_use).collect()
    }

    /// The names by their numbers, and the counts in the order of [`UseMap::uses`].
    pub(crate) fn sorted(&self) -> (Vec<&str>, Vec<(Row, u64)>) {
        let mut names = vec![""; self.names.len()];
        for (name, number) in &self.names {
            if let Some(place) = names.get_mut(*number as usize) {
                *place = name;
            }
        }
        let text = |row: &Row| row.names.map(|number| names.get(number as usize).copied().unwrap_or_default());
        let mut rows: Vec<(Row, u64)> = self.rows.iter().map(|(row, count)| (*row, *count)).collect();
        rows.sort_unstable_by(|(one, _), (other, _)| {
            one.hour.cmp(&other.hour).then_with(|| text(one).cmp(&text(other)))
        });
        (names, rows)
    }

    /// Counts for a key and a principal; under [`OTHERS`] where there is no row for them, nor room for one.
    fn count(&mut self, hour: i64, who: [Option<u32>; 2], outcome: [&str; 2], times: u64) {
        let [operation, error_code] = outcome.map(|name| self.name(name));
        let row = match who {
            [Some(key), Some(principal)] => Some(Row { hour, names: [key, principal, operation, error_code] }),
            _ => None,
        };
        let row = row.filter(|row| !self.is_full() || self.rows.contains_key(row)).unwrap_or_else(|| {
            let others = self.name(OTHERS);
            Row { hour, names: [others, others, operation, error_code] }
        });
        let count = self.rows.entry(row).or_default();
        *count = count.saturating_add(times);
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= ROWS_MAX
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.insert(name.into(), number);
        number
    }

    /// The number of a name of which there may be any number: no new one once there is no row for it.
    fn name_if_room(&mut self, name: &str) -> Option<u32> {
        if self.is_full() { self.names.get(name).copied() } else { Some(self.name(name)) }
    }

    fn actor(&mut self, record: &Record<'_>) -> Option<u32> {
        if let Some(number) = self.actors.get(record.principal) {
            return Some(*number);
        }
        let number = self.name_if_room(&actor(record))?;
        if self.actors.len() >= ACTORS_MAX {
            self.actors.clear();
        }
        self.actors.insert(record.principal.into(), number);
        Some(number)
    }
}

/// Who a record's caller counts as.
fn actor<'a>(record: &Record<'a>) -> Cow<'a, str> {
    match record.principal {
        "" => Cow::Borrowed(UNKNOWN),
        session if session.contains(":assumed-role/") => role_of(record).map_or(Cow::Borrowed(session), Cow::Owned),
        principal => Cow::Borrowed(principal),
    }
}

/// An alias is a name, not a key.
fn is_key(arn: &str) -> bool {
    arn.splitn(6, ':').nth(5).is_some_and(|resource| resource.starts_with("key/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    fn session(name: &str) -> Record<'static> {
        let identity = r#"{"sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/ops/Pay"}}}"#;
        let principal = format!("arn:aws:sts::111122223333:assumed-role/Pay/{name}");
        Record { identity, principal: principal.leak(), ..sample() }
    }

    #[test]
    fn sessions_count_as_their_role_and_outcomes_apart() {
        let mut map = UseMap::new();
        for name in ["a", "b", "a"] {
            map.add(&session(name));
        }
        map.add(&Record { error_code: "AccessDenied", ..session("c") });
        map.add(&Record { principal: "", resources: "", ..sample() });
        let uses = map.uses();
        let shown: Vec<_> = uses.iter().map(|u| (&*u.principal, &*u.error_code, u.key.is_empty(), u.count)).collect();
        let role = "arn:aws:iam::111122223333:role/ops/Pay";
        assert_eq!(shown, [(UNKNOWN, "", true, 1), (role, "", false, 3), (role, "AccessDenied", false, 1)]);
        assert!(uses.iter().all(|used| used.hour.unix_ms() % HOUR_MS == 0));
    }

    /// What nobody can count apart any more takes no memory for its name, either.
    #[test]
    fn beyond_the_rows_nothing_is_named_and_all_is_counted() {
        let mut map = UseMap::new();
        let used = |at: usize, count| Use {
            hour: Timestamp::from_unix_ms(0),
            key: format!("key-{at:07}").into(),
            principal: "one".into(),
            operation: "Decrypt".into(),
            error_code: "".into(),
            count,
        };
        (0..ROWS_MAX + 1000).for_each(|at| map.add_uses(&used(at, 1)));
        let names = map.names.len();
        assert_eq!(names, ROWS_MAX + "principal, operation, outcome, others".split(", ").count());
        map.add(&Record { time: Timestamp::from_unix_ms(0), event_name: "Decrypt", ..session("new") });
        map.add_uses(&used(5, 7));
        let uses = map.uses();
        assert_eq!((map.names.len(), uses.len()), (names, ROWS_MAX + 1));
        assert!(uses.is_sorted());
        assert_eq!((&*uses[0].key, uses[0].count), (OTHERS, 1001));
        assert_eq!((&*uses[6].key, uses[6].count), ("key-0000005", 8));
    }

    #[test]
    fn actors_beyond_those_remembered_count_the_same() {
        let mut map = UseMap::new();
        let template = session("s");
        for at in 0..=ACTORS_MAX {
            let principal = format!("arn:aws:sts::111122223333:assumed-role/Pay/{at}");
            map.add(&Record { principal: &principal, ..template.clone() });
        }
        assert_eq!((map.actors.len(), map.uses().len()), (1, 1));
        assert_eq!(map.uses()[0].count, ACTORS_MAX as u64 + 1);
    }

    #[test]
    fn maps_add_up() {
        let (mut one, mut both) = (UseMap::new(), UseMap::new());
        one.add(&session("a"));
        one.uses().iter().for_each(|used| both.add_uses(used));
        both.add(&session("b"));
        assert_eq!(both.uses().iter().map(|used| used.count).collect::<Vec<_>>(), [2]);
    }
}
