//! Policy documents as requests give them and answers show them: read, measured, bound, encoded.

use std::fmt::Write as _;

use kagiban_api::iam::ErrorCode;
use kagiban_policy::{MalformedPolicy, parse_identity_policy, parse_trust_policy};

use super::quotas;
use super::refusals;
use crate::directory::Directory;
use crate::error::IamError;
use crate::principals::bind_principals;
use crate::records::{BoundPolicy, Tags};

/// Whether the document is a policy of an identity.
///
/// # Errors
/// MalformedPolicyDocument
pub(crate) fn check_identity(document: &str) -> Result<(), IamError> {
    parse_identity_policy(document).map(drop).map_err(|fault| malformed(&fault))
}

/// Whether the document can be a managed policy.
///
/// # Errors
/// MalformedPolicyDocument, LimitExceeded
pub(crate) fn check_managed(document: &str) -> Result<(), IamError> {
    check_identity(document)?;
    if size(document) <= quotas::MANAGED_POLICY_SIZE {
        return Ok(());
    }
    Err(refusals::too_large("PolicySize", quotas::MANAGED_POLICY_SIZE))
}

/// The document as the trust policy of a role, with the ids that its principals have now.
///
/// # Errors
/// MalformedPolicyDocument, also for principals that do not exist; LimitExceeded.
pub(crate) fn trust_policy(document: &str, directory: &Directory) -> Result<BoundPolicy, IamError> {
    let policy = parse_trust_policy(document).map_err(|fault| malformed(&fault))?;
    if size(document) > quotas::TRUST_POLICY_SIZE {
        return Err(refusals::too_large("ACLSizePerRole", quotas::TRUST_POLICY_SIZE));
    }
    let principals = bind_principals(&policy, directory)
        .map_err(|error| IamError::iam(ErrorCode::MalformedPolicyDocument, error.message()))?;
    Ok(BoundPolicy { document: document.to_owned(), principals })
}

/// MalformedPolicyDocument with what the parser found.
pub(crate) fn malformed(fault: &MalformedPolicy) -> IamError {
    let text = if fault.is_json() { fault.message() } else { "This policy contains invalid Json".to_owned() };
    IamError::iam(ErrorCode::MalformedPolicyDocument, text)
}

/// Characters that count against a quota: all but white space.
pub(crate) fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// As IAM shows documents: percent-encoded (RFC 3986, section 2.1), everything but the unreserved characters.
pub(crate) fn shown(document: &str) -> String {
    let mut text = String::with_capacity(document.len() * 2);
    for byte in document.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(byte.into());
        } else {
            let _infallible = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// Tags for a permission check: none if there are none, so that `aws:TagKeys` is absent.
pub(crate) fn given(tags: &Tags) -> Option<&Tags> {
    (!tags.is_empty()).then_some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_percent_encoded() {
        for (document, encoded) in [
            ("", ""),
            ("aZ09-._~", "aZ09-._~"),
            ("{\"a\": \"*\"}\n", "%7B%22a%22%3A%20%22%2A%22%7D%0A"),
            ("ä+%", "%C3%A4%2B%25"),
        ] {
            assert_eq!(shown(document), encoded);
        }
    }

    #[test]
    fn white_space_does_not_count() {
        assert_eq!(size(" {\t\"ä\"\r\n:\u{a0}1 } "), 7);
    }
}
