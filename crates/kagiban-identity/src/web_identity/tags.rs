//! Session tags that a provider puts into a token (IAM user guide, "Pass session tags in AWS STS").

use super::WebIdentityError;
use super::claims::claim;
use super::json::{Json, Object};
use crate::names::{check_tags, eq_tag_keys};
use crate::session::SessionTag;

/// The claim: `{"principal_tags": {KEY: [VALUE]}, "transitive_tag_keys": [KEY]}`.
const TAGS: &str = "https://aws.amazon.com/tags";

const INVALID: WebIdentityError = WebIdentityError::InvalidClaim(TAGS);

/// The session tags of a token, in the order of their keys; none if it has no such claim.
pub(super) fn session_tags(all: &Object) -> Result<Vec<SessionTag>, WebIdentityError> {
    let Some(value) = claim(all, TAGS) else { return Ok(Vec::new()) };
    let Json::Object(tags) = value else { return Err(INVALID) };
    let mut session_tags = principal_tags(tags)?;
    check_tags(session_tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))).map_err(|_| INVALID)?;
    for key in transitive_tag_keys(tags)? {
        let tag = session_tags.iter_mut().find(|tag| eq_tag_keys(&tag.key, key)).ok_or(INVALID)?;
        tag.is_transitive = true;
    }
    Ok(session_tags)
}

fn principal_tags(tags: &Object) -> Result<Vec<SessionTag>, WebIdentityError> {
    let members = match claim(tags, "principal_tags") {
        None => return Ok(Vec::new()),
        Some(Json::Object(members)) => members,
        Some(_) => return Err(INVALID),
    };
    let tag = |(key, value): (&String, &Json)| {
        let value = match value {
            Json::List(values) if values.len() == 1 => values.first().and_then(Json::as_text),
            other => other.as_text(),
        };
        let value = value.ok_or(INVALID)?.to_owned();
        Ok(SessionTag { key: key.clone(), value, is_transitive: false })
    };
    members.iter().map(tag).collect()
}

fn transitive_tag_keys(tags: &Object) -> Result<Vec<&str>, WebIdentityError> {
    match claim(tags, "transitive_tag_keys") {
        None => Ok(Vec::new()),
        Some(Json::List(items)) => items.iter().map(|item| item.as_text().ok_or(INVALID)).collect(),
        Some(_) => Err(INVALID),
    }
}
