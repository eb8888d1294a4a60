//! Tags of identities: as requests give them, as they are stored, as answers show them.

use kagiban_api::iam::Tag;
use kagiban_identity::names::{InvalidTags, check_tags, eq_tag_keys};
use kagiban_policy::ConditionValue;

use super::paging::{Page, Window};
use super::quotas;
use super::refusals;
use crate::context::Fact;
use crate::error::IamError;
use crate::records::Tags;

/// The tags of a request.
///
/// # Errors
/// InvalidInput for a key given twice, a reserved prefix or a character outside the set; LimitExceeded for too many.
pub(crate) fn checked(tags: Option<&[Tag]>) -> Result<Tags, IamError> {
    let tags = tags.unwrap_or_default();
    check_tags(tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))).map_err(|error| match error {
        InvalidTags::TooMany { .. } => refusals::limit_exceeded(quotas::TAGS),
        InvalidTags::DuplicateKey { .. } => {
            refusals::invalid_input("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        }
        InvalidTags::Name { .. } => refusals::invalid_input(error),
    })?;
    Ok(tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect())
}

/// Adds `new`; a tag whose key is there in another case is replaced.
///
/// # Errors
/// LimitExceeded
pub(crate) fn add(tags: &mut Tags, new: &Tags) -> Result<(), IamError> {
    remove(tags, new.keys());
    tags.extend(new.iter().map(|(key, value)| (key.clone(), value.clone())));
    quotas::TAGS.allow(tags.len())
}

/// Removes tags by their keys, in any case; unknown ones are ignored.
pub(crate) fn remove<'k>(tags: &mut Tags, keys: impl IntoIterator<Item = &'k String> + Clone) {
    tags.retain(|key, _| !keys.clone().into_iter().any(|gone| eq_tag_keys(gone, key)));
}

/// As answers show them; absent when there are none.
pub(crate) fn shown(tags: &Tags) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| tags.iter().map(tag).collect())
}

/// A page of them.
pub(crate) fn page(tags: &Tags, window: &Window<'_>) -> Page<Tag> {
    window.of(tags.iter().map(|(key, value)| (key.clone(), tag((key, value)))))
}

fn tag((key, value): (&String, &String)) -> Tag {
    Tag { key: key.clone(), value: value.clone() }
}

/// The one condition key that an Untag request has: the keys of the tags, without values.
pub(crate) fn keys_fact(keys: &[String]) -> Fact<'_> {
    let keys = keys.iter().map(|key| key.as_str().into()).collect();
    ("aws:tagkeys", ConditionValue::Many(keys))
}
