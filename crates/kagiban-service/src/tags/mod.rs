//! Operations on the tags of a key, and what a tag may be.

pub(crate) mod list_resource_tags;
pub(crate) mod tag_resource;
pub(crate) mod untag_resource;

use std::collections::BTreeMap;

use kagiban_api::Tag;

use crate::error::ServiceError;
use crate::quotas::ResourceLimits;

/// The tags of a request as a map.
///
/// # Errors
/// TagException for a key given twice, a reserved prefix, a character outside the set, or more tags than a key may have.
/// Lengths are the model's business.
pub(crate) fn checked(tags: &[Tag], limits: &ResourceLimits) -> Result<BTreeMap<String, String>, ServiceError> {
    let limit = limits.tags_per_key;
    if tags.len() > limit {
        return Err(ServiceError::Tag(format!(
            "Too many tags: a KMS key can have {limit}, the request has {}.",
            tags.len()
        )));
    }
    let mut checked = BTreeMap::new();
    for tag in tags {
        require_text(tag)?;
        if checked.insert(tag.tag_key.clone(), tag.tag_value.clone()).is_some() {
            return Err(ServiceError::Tag(format!("Duplicate tag keys found: {}", tag.tag_key)));
        }
    }
    Ok(checked)
}

/// Adds `new` to the tags of a key, replacing those with the same key.
///
/// # Errors
/// LimitExceeded when the key would have too many; nothing is changed then.
fn merge(
    tags: &mut BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
    limits: &ResourceLimits,
) -> Result<(), ServiceError> {
    let limit = limits.tags_per_key;
    let usage = tags.len().saturating_add(new.keys().filter(|key| !tags.contains_key(*key)).count());
    if usage > limit {
        return Err(ServiceError::TagLimit { limit, usage });
    }
    tags.extend(new.iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(())
}

fn require_text(tag: &Tag) -> Result<(), ServiceError> {
    if has_reserved_prefix(&tag.tag_key) {
        return Err(ServiceError::Tag(format!("Tag keys that begin with aws: are reserved: {}", tag.tag_key)));
    }
    // The characters that AWS's tagging rules allow. Line breaks and tabs are white space, but no separators of words.
    let is_space = |c: char| c.is_whitespace() && !c.is_control();
    let fits = |c: char| c.is_alphanumeric() || is_space(c) || "_.:/=+-@".contains(c);
    if !tag.tag_key.chars().all(fits) || !tag.tag_value.chars().all(fits) {
        return Err(ServiceError::Tag(format!("Invalid tag: {}", tag.tag_key)));
    }
    Ok(())
}

fn has_reserved_prefix(key: &str) -> bool {
    key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}
