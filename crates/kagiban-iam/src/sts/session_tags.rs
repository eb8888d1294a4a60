//! Session tags: those of the request, and those that come down a chain of roles.

use kagiban_api::sts::{ErrorCode, Tag};
use kagiban_identity::names::{InvalidTags, TAGS_MAX, check_tags, eq_tag_keys};
use kagiban_identity::session::SessionTag;

use super::invalid;
use crate::error::IamError;
use crate::records::Tags;

/// The tags that a new session gets.
pub(super) struct SessionTags {
    /// Those asked for and those inherited.
    pub(super) tags: Vec<SessionTag>,
}

fn refused(message: impl Into<String>) -> IamError {
    IamError::sts(ErrorCode::InvalidParameterValue, message)
}

impl SessionTags {
    /// Those asked for, with `inherited` ones that nothing can replace.
    pub(super) fn new<'a>(
        asked: &[Tag],
        transitive: &[String],
        inherited: impl Iterator<Item = &'a SessionTag>,
    ) -> Result<Self, IamError> {
        let mut tags: Vec<SessionTag> = inherited.filter(|tag| tag.is_transitive).cloned().collect();
        let is_inherited = |key: &str| tags.iter().any(|tag| eq_tag_keys(&tag.key, key));
        if asked.iter().any(|tag| is_inherited(&tag.key)) {
            return Err(refused(
                "One of the specified tag keys can't be set because it conflicts with a transitive tag key from the \
                 calling session.",
            ));
        }
        if !transitive.iter().all(|key| asked.iter().any(|tag| tag.key == *key)) {
            return Err(refused("The specified transitive tag key must be included in the requested tags."));
        }
        tags.extend(asked.iter().map(|tag| SessionTag {
            key: tag.key.clone(),
            value: tag.value.clone(),
            is_transitive: transitive.contains(&tag.key),
        }));
        check_tags(tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))).map_err(refusal)?;
        Ok(Self { tags })
    }

    /// As condition keys take them.
    pub(super) fn as_tags(&self) -> Tags {
        self.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
    }

    /// Keys of those that go further down the chain.
    pub(super) fn transitive_keys(&self) -> Vec<&str> {
        self.tags.iter().filter(|tag| tag.is_transitive).map(|tag| tag.key.as_str()).collect()
    }
}

fn refusal(error: InvalidTags) -> IamError {
    match error {
        InvalidTags::DuplicateKey { .. } => {
            refused("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        }
        InvalidTags::Name { source, .. } => refused(source.to_string()),
        InvalidTags::TooMany { .. } => invalid(format!("A session can have at most {TAGS_MAX} tags.")),
    }
}
