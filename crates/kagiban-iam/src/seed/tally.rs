//! What the file has changed, by kind of entity: the one line that the operator reads.

use std::collections::BTreeMap;
use std::fmt;

/// What became of an entity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// It is new.
    Created,
    /// It was as the file says.
    Unchanged,
    /// It was otherwise.
    Updated,
}

/// Entities of a kind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Count {
    /// New ones.
    pub created: usize,
    /// Changed ones.
    pub updated: usize,
    /// The others that the file names.
    pub unchanged: usize,
}

/// Counts by kind.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tally(BTreeMap<&'static str, Count>);

impl Tally {
    /// Counts one of a kind, `users`.
    pub fn add(&mut self, kind: &'static str, change: Change) {
        let count = self.0.entry(kind).or_default();
        let number = match change {
            Change::Created => &mut count.created,
            Change::Unchanged => &mut count.unchanged,
            Change::Updated => &mut count.updated,
        };
        *number = number.saturating_add(1);
    }

    /// The count of a kind.
    pub fn count(&self, kind: &str) -> Count {
        self.0.get(kind).copied().unwrap_or_default()
    }

    /// All kinds together.
    pub fn total(&self) -> Count {
        self.0.values().fold(Count::default(), |sum, count| Count {
            created: sum.created.saturating_add(count.created),
            updated: sum.updated.saturating_add(count.updated),
            unchanged: sum.unchanged.saturating_add(count.unchanged),
        })
    }
}

/// `users: 2 created, 1 unchanged; keys: 1 updated`
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between_kinds = "";
        for (kind, Count { created, updated, unchanged }) in &self.0 {
            write!(f, "{between_kinds}{kind}: ")?;
            let mut between = "";
            for (number, change) in [(created, "created"), (updated, "updated"), (unchanged, "unchanged")] {
                if *number > 0 {
                    write!(f, "{between}{number} {change}")?;
                    between = ", ";
                }
            }
            between_kinds = "; ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_happened_is_told() {
        let mut tally = Tally::default();
        assert_eq!(tally.to_string(), "");
        for (kind, change) in [
            ("users", Change::Created),
            ("users", Change::Created),
            ("keys", Change::Updated),
            ("users", Change::Unchanged),
        ] {
            tally.add(kind, change);
        }
        assert_eq!(tally.to_string(), "keys: 1 updated; users: 2 created, 1 unchanged");
        assert_eq!(tally.total(), Count { created: 2, updated: 1, unchanged: 1 });
    }
}
