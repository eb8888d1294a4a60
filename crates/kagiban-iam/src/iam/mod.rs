//! The operations of IAM, by what they are about.

mod entities;
mod paging;
mod quotas;
mod refusals;
mod tags;

use kagiban_api::iam::Operation;
use kagiban_api::query::Form;

use crate::context::Context;
use crate::error::IamError;
use crate::query::Body;

/// Answers an operation.
pub(crate) async fn answer(operation: Operation, _form: &Form, _ctx: &Context<'_>) -> Result<Body, IamError> {
    let name = operation.name();
    Err(IamError::iam(kagiban_api::iam::ErrorCode::InvalidAction, format!("{name} is not offered yet.")))
}
