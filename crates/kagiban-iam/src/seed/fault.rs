//! What may be wrong with the file, and where: all of it is told together.

use std::error::Error;
use std::fmt;

use kagiban_base::id::InvalidId;
use kagiban_identity::names::{InvalidName, InvalidTags};

use super::ReferenceError;
use crate::error::IamError;

/// Faults that are told at most; of more, only the number.
const FAULTS_TOLD_MAX: usize = 100;

/// A place in the file: `accounts[0].users[2].policies`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Place(String);

impl Place {
    /// A key of this table.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        let dot = if self.0.is_empty() { "" } else { "." };
        Self(format!("{}{dot}{name}", self.0))
    }

    /// A member of a list of this table.
    #[must_use]
    pub fn member(&self, list: &str, index: usize) -> Self {
        Self(format!("{}[{index}]", self.key(list).0))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Only in production, where accounts are rows.
    #[error("there is no account {0}, in the file or in the store")]
    AccountMissing(String),
    /// Its credentials are unknown for good.
    #[error("the account is closed")]
    AccountClosed,
    /// An access key id has 16 to 128 letters, digits and underscores, and does not begin as a session's does.
    #[error(
        "an access key id has 16 to 128 letters, digits and underscores, does not begin with ASIA and is no account's number"
    )]
    AccessKeyId,
    /// Entities are unique without regard to case, but ARNs are compared letter by letter.
    #[error("the store has it as {stored:?}: write it so, or rename it there")]
    Case {
        /// As it is stored.
        stored: String,
    },
    /// The file says one thing twice.
    #[error("the file names this twice")]
    Duplicate,
    /// What never changes once it exists.
    #[error("this cannot be changed: it is {stored:?}")]
    Fixed {
        /// As it is stored.
        stored: String,
    },
    /// Not an identifier.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// A secret in a file that stands in git is none.
    #[error("a production deployment takes no secret that stands in the file: use secret_env or secret_file")]
    LiteralSecret,
    /// No such entity.
    #[error("there is no {what} {name:?}, in the file or in the store")]
    Missing {
        /// What is referred to.
        what: &'static str,
        /// By which name.
        name: String,
    },
    /// Not a name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// None, or more than one of several keys was given.
    #[error("exactly one of {} must be given", .0.join(", "))]
    OneOf(&'static [&'static str]),
    /// A number outside its bounds.
    #[error("{value} is outside {min} to {max}")]
    Range {
        /// As given.
        value: u64,
        /// Least.
        min: u64,
        /// Most.
        max: u64,
    },
    /// What the file refers to cannot be had.
    #[error("{}", Chain(.0.as_ref()))]
    Reference(ReferenceError),
    /// As the operation would refuse it.
    #[error("{code}: {message}")]
    Refused {
        /// The error's code.
        code: &'static str,
        /// Its text.
        message: String,
    },
    /// The length or the characters of a secret.
    #[error("a secret has {min} to 128 visible ASCII characters")]
    Secret {
        /// Fewest characters.
        min: usize,
    },
    /// Not tags.
    #[error(transparent)]
    Tags(#[from] InvalidTags),
    /// It is unique, and somebody else has it.
    #[error("this belongs to {0} already")]
    Taken(String),
    /// A text is too long.
    #[error("a text of {len} characters; {max} are the most")]
    TooLong {
        /// Characters there are.
        len: usize,
        /// Characters there may be.
        max: usize,
    },
}

impl From<IamError> for Problem {
    fn from(error: IamError) -> Self {
        let answer = error.answer();
        Self::Refused { code: answer.code, message: answer.message }
    }
}

/// An error and its causes on one line.
struct Chain<'a>(&'a (dyn Error + Send + Sync + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// What is wrong, and where.
#[derive(Debug)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

/// All faults of a file.
#[derive(Debug, Default)]
pub struct Faults {
    told: Vec<Fault>,
    untold: usize,
}

impl Faults {
    /// Adds one.
    pub fn add(&mut self, place: &Place, problem: impl Into<Problem>) {
        if self.told.len() < FAULTS_TOLD_MAX {
            self.told.push(Fault { place: place.clone(), problem: problem.into() });
        } else {
            self.untold = self.untold.saturating_add(1);
        }
    }

    /// The value, or the fault that there is none.
    pub fn take<T>(&mut self, place: &Place, result: Result<T, impl Into<Problem>>) -> Option<T> {
        result.map_err(|problem| self.add(place, problem)).ok()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// The faults, in the order in which they were found; at most a hundred.
    pub fn told(&self) -> &[Fault] {
        &self.told
    }
}

impl Error for Faults {}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.told.iter().enumerate() {
            let line = if at == 0 { "" } else { "\n" };
            write!(f, "{line}{fault}")?;
        }
        if self.untold > 0 {
            write!(f, "\nand {} more", self.untold)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_as_paths() {
        let account = Place::default().member("accounts", 0);
        assert_eq!(account.to_string(), "accounts[0]");
        assert_eq!(account.member("users", 2).key("policies").to_string(), "accounts[0].users[2].policies");
    }

    #[test]
    fn no_more_faults_are_told_than_can_be_read() {
        let mut faults = Faults::default();
        assert!(faults.is_empty());
        for _ in 0..FAULTS_TOLD_MAX + 7 {
            faults.add(&Place::default().key("accounts"), Problem::Duplicate);
        }
        assert_eq!(faults.told().len(), FAULTS_TOLD_MAX);
        let text = faults.to_string();
        assert!(text.starts_with("accounts: the file names this twice\n") && text.ends_with("\nand 7 more"), "{text}");
    }
}
