//! The operations of STS.

use kagiban_api::query::Form;
use kagiban_api::sts::Operation;
use kagiban_base::time::Timestamp;

use crate::context::{Context, Iam};
use crate::error::IamError;
use crate::query::Body;
use crate::request::RawRequest;

/// Answers an operation.
pub(crate) async fn answer(operation: Operation, _form: &Form, _ctx: &Context<'_>) -> Result<Body, IamError> {
    let name = operation.name();
    Err(IamError::sts(kagiban_api::sts::ErrorCode::InvalidAction, format!("{name} is not offered yet.")))
}

/// The one operation that needs no signature: the token of the provider says who asks.
pub(crate) async fn assume_role_with_web_identity(
    _form: &Form,
    _iam: &Iam,
    _request: &RawRequest,
    _now: Timestamp,
) -> Result<Body, IamError> {
    Err(IamError::sts(kagiban_api::sts::ErrorCode::InvalidAction, "not offered yet."))
}
