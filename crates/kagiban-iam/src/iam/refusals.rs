//! What IAM refuses with, in its words: one function for each sentence that several operations share.

use std::fmt::Display;

use kagiban_api::iam::ErrorCode;

use super::quotas::Quota;
use crate::error::IamError;
use crate::records::name::NameKind;

/// NoSuchEntity of a name.
pub(crate) fn not_found(kind: NameKind, name: &str) -> IamError {
    let text = match kind {
        NameKind::Policy => format!("Policy {name} was not found."),
        _ => format!("The {} with name {name} cannot be found.", kind.as_str()),
    };
    no_such_entity(text)
}

/// NoSuchEntity.
pub(crate) fn no_such_entity(text: impl Into<String>) -> IamError {
    IamError::iam(ErrorCode::NoSuchEntity, text)
}

/// EntityAlreadyExists of a name.
pub(crate) fn already_exists(kind: NameKind, name: &str) -> IamError {
    let noun = match kind {
        NameKind::Group => "Group",
        NameKind::Policy => {
            let text = format!("A policy called {name} already exists. Duplicate names are not allowed.");
            return IamError::iam(ErrorCode::EntityAlreadyExists, text);
        }
        NameKind::Role => "Role",
        NameKind::User => "User",
    };
    IamError::iam(ErrorCode::EntityAlreadyExists, format!("{noun} with name {name} already exists."))
}

/// DeleteConflict: `first` is what must be done before, `detach all policies`.
pub(crate) fn delete_conflict(first: &str) -> IamError {
    IamError::iam(ErrorCode::DeleteConflict, format!("Cannot delete entity, must {first} first."))
}

/// LimitExceeded
pub(crate) fn limit_exceeded(quota: Quota) -> IamError {
    IamError::iam(ErrorCode::LimitExceeded, format!("Cannot exceed quota for {}: {}", quota.name, quota.max))
}

/// LimitExceeded of a size in characters.
pub(crate) fn too_large(what: &str, max: usize) -> IamError {
    IamError::iam(ErrorCode::LimitExceeded, format!("Cannot exceed quota for {what}: {max}"))
}

/// InvalidInput
pub(crate) fn invalid_input(text: impl Display) -> IamError {
    IamError::iam(ErrorCode::InvalidInput, text.to_string())
}

/// ValidationError
pub(crate) fn validation(text: impl Display) -> IamError {
    IamError::iam(ErrorCode::ValidationError, text.to_string())
}

/// ValidationError of a marker that this listing has not given.
pub(crate) fn invalid_marker() -> IamError {
    validation("Invalid Marker.")
}

/// EntityAlreadyExists
pub(crate) fn exists(text: impl Into<String>) -> IamError {
    IamError::iam(ErrorCode::EntityAlreadyExists, text)
}

/// DeleteConflict in words of its own.
pub(crate) fn conflict(text: impl Into<String>) -> IamError {
    IamError::iam(ErrorCode::DeleteConflict, text)
}
