//! Names with asterisks, of what a response may act upon.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// A text in which `*` stands for any characters, `/` and `:` too.
#[derive(Clone, Eq, PartialEq)]
pub struct Glob(Box<str>);

impl Glob {
    /// Whether a name is like that.
    pub fn matches(&self, name: &str) -> bool {
        let mut pieces = self.0.split('*');
        let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else { return false };
        let Some(last) = pieces.next_back() else { return rest.is_empty() };
        for piece in pieces {
            let Some((_, after)) = rest.split_once(piece) else { return false };
            rest = after;
        }
        rest.ends_with(last)
    }
}

impl From<&str> for Glob {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for Glob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() || text.len() > 2048 {
            return Err(de::Error::custom("a name has 1 to 2048 bytes; * stands for any characters"));
        }
        Ok(Self(text.into()))
    }
}
