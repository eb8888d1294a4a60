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
struct Row {
    hour: i64,
    names: [u32; 4],
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
        let (operation, error_code) = (self.name(record.event_name), self.name(record.error_code));
        let mut keys = record.resource_arns().filter(|arn| is_key(arn)).peekable();
        if keys.peek().is_none() {
            let key = self.name("");
            self.count(Row { hour, names: [key, principal, operation, error_code] }, 1);
        }
        for key in keys {
            let key = self.name(key);
            self.count(Row { hour, names: [key, principal, operation, error_code] }, 1);
        }
    }

    /// Counts what another map has counted already.
    pub fn add_uses(&mut self, used: &Use) {
        let names = [&used.key, &used.principal, &used.operation, &used.error_code].map(|name| self.name(name));
        self.count(Row { hour: used.hour.unix_ms().div_euclid(HOUR_MS), names }, used.count);
    }

    /// The counts, in the order of hour, key, principal, operation and error code.
    pub fn uses(&self) -> Vec<Use> {
        let mut names = vec![""; self.names.len()];
        for (name, number) in &self.names {
            if let Some(place) = names.get_mut(*number as usize) {
                *place = name;
            }
        }
        let name = |number: u32| Box::from(names.get(number as usize).copied().unwrap_or_default());
        let as_use = |(Row { hour, names: [key, principal, operation, error_code] }, count): (&Row, &u64)| Use {
            hour: Timestamp::from_unix_ms(hour.saturating_mul(HOUR_MS)),
            key: name(*key),
            principal: name(*principal),
            operation: name(*operation),
            error_code: name(*error_code),
            count: *count,
        };
        let mut uses: Vec<Use> = self.rows.iter().map(as_use).collect();
        uses.sort_unstable();
        uses
    }

    fn count(&mut self, row: Row, times: u64) {
        let row = if self.rows.len() < ROWS_MAX || self.rows.contains_key(&row) {
            row
        } else {
            let others = self.name(OTHERS);
            let [_, _, operation, error_code] = row.names;
            Row { names: [others, others, operation, error_code], ..row }
        };
        let count = self.rows.entry(row).or_default();
        *count = count.saturating_add(times);
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.insert(name.into(), number);
        number
    }

    fn actor(&mut self, record: &Record<'_>) -> u32 {
        if let Some(number) = self.actors.get(record.principal) {
            return *number;
        }
        let number = self.name(&actor(record));
        self.actors.insert(record.principal.into(), number);
        number
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

    #[test]
    fn maps_add_up() {
        let (mut one, mut both) = (UseMap::new(), UseMap::new());
        one.add(&session("a"));
        one.uses().iter().for_each(|used| both.add_uses(used));
        both.add(&session("b"));
        assert_eq!(both.uses().iter().map(|used| used.count).collect::<Vec<_>>(), [2]);
    }
}
