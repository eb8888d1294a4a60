//! Tags of IAM: keys are told apart without regard to case, as condition keys are.

use super::{InvalidName, NameKind};

/// Tags that one identity or one session may have.
pub const TAGS_MAX: usize = 50;

/// Tags cannot be put on anything together.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidTags {
    /// Two keys are the same but for their case.
    #[error("two tag keys are the same but for their case")]
    DuplicateKey {
        /// Which tag repeats an earlier one's key, from 0.
        at: usize,
    },
    /// A key or value is no such thing.
    #[error("tag {at} is not valid: {source}")]
    Name {
        /// Which tag, from 0.
        at: usize,
        /// What is wrong with its key or value.
        source: InvalidName,
    },
    /// There are more than [`TAGS_MAX`].
    #[error("there are {count} tags, and at most {TAGS_MAX} are allowed")]
    TooMany {
        /// How many.
        count: usize,
    },
}

/// Whether `key` can be the key of a tag.
///
/// # Errors
/// [`InvalidName`] with the first rule that it breaks.
pub fn check_tag_key(key: &str) -> Result<(), InvalidName> {
    NameKind::TagKey.check(key)
}

/// Whether `value` can be the value of a tag.
///
/// # Errors
/// [`InvalidName`] with the first rule that it breaks.
pub fn check_tag_value(value: &str) -> Result<(), InvalidName> {
    NameKind::TagValue.check(value)
}

/// Whether these keys and values can be the tags of one thing.
///
/// # Errors
/// [`InvalidTags`] with the first tag that cannot be.
pub fn check_tags<'a>(tags: impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone) -> Result<(), InvalidTags> {
    let count = tags.len();
    if count > TAGS_MAX {
        return Err(InvalidTags::TooMany { count });
    }
    for (at, (key, value)) in tags.clone().enumerate() {
        check_tag_key(key).and_then(|()| check_tag_value(value)).map_err(|source| InvalidTags::Name { at, source })?;
        // At most TAGS_MAX squared comparisons, nearly all of which end at the first character.
        if tags.clone().take(at).any(|(earlier, _)| eq_tag_keys(earlier, key)) {
            return Err(InvalidTags::DuplicateKey { at });
        }
    }
    Ok(())
}

/// Whether two tag keys are the same but for their case.
pub fn eq_tag_keys(one: &str, other: &str) -> bool {
    one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}

/// The characters that AWS's tagging rules allow. Line breaks and tabs are white space, but no separators of words.
pub(super) fn allows(c: char) -> bool {
    c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
}

pub(super) fn is_reserved(key: &str) -> bool {
    key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tags: &[(&str, &str)]) -> Result<(), InvalidTags> {
        check_tags(tags.iter().copied())
    }

    #[test]
    fn tags_that_can_be_together() {
        for tags in [&[][..], &[("a", "")], &[("a", "x"), ("b", "x")], &[("Straße", "x"), ("Strasse", "y")]] {
            assert_eq!(check(tags), Ok(()), "{tags:?}");
        }
        let keys: Vec<String> = (0..TAGS_MAX).map(|at| format!("k{at}")).collect();
        assert_eq!(check(&keys.iter().map(|key| (key.as_str(), "")).collect::<Vec<_>>()), Ok(()));
    }

    #[test]
    fn tags_that_cannot() {
        let bad_key = InvalidName::Character { kind: NameKind::TagKey, found: '*' };
        let bad_value = InvalidName::Character { kind: NameKind::TagValue, found: '*' };
        for (tags, expected) in [
            (&[("a", "x"), ("a", "x")][..], InvalidTags::DuplicateKey { at: 1 }),
            (&[("team", "x"), ("b", "x"), ("Team", "y")], InvalidTags::DuplicateKey { at: 2 }),
            (&[("größe", "x"), ("GRÖSSE", "x"), ("GRÖßE", "x")], InvalidTags::DuplicateKey { at: 2 }),
            (&[("a", "x"), ("*", "x")], InvalidTags::Name { at: 1, source: bad_key }),
            (&[("a", "*")], InvalidTags::Name { at: 0, source: bad_value }),
            (&[("aws:a", "x")], InvalidTags::Name { at: 0, source: InvalidName::Reserved }),
            (&[("a", "x"); 51], InvalidTags::TooMany { count: 51 }),
        ] {
            assert_eq!(check(tags), Err(expected), "{tags:?}");
        }
    }
}
