//! Operations on key policies, and what a policy document may be.

pub(crate) mod get_key_policy;
pub(crate) mod list_key_policies;
pub(crate) mod put_key_policy;

use kagiban_policy::parse_key_policy;

use crate::error::ServiceError;

/// The one policy name that callers manage.
const DEFAULT_NAME: &str = "default";
/// The name of the policy that resource sharing would write.
const RAM_NAME: &str = "AWS_RAM";
/// The longest policy document, in bytes (quota "Key policy document size").
const DOCUMENT_LEN_MAX: usize = 32_768;

/// Is this text a key policy?
///
/// # Errors
/// LimitExceeded when it is too long, MalformedPolicyDocument when it is none: without text when it is no JSON at all, as
/// AWS answers, else saying where and why.
pub(crate) fn require_well_formed(document: &str) -> Result<(), ServiceError> {
    if document.len() > DOCUMENT_LEN_MAX {
        return Err(ServiceError::PolicyTooLong { len: document.len(), max: DOCUMENT_LEN_MAX });
    }
    match parse_key_policy(document) {
        Ok(_) => Ok(()),
        Err(malformed) => Err(ServiceError::MalformedPolicy(malformed.is_json().then(|| malformed.message()))),
    }
}
