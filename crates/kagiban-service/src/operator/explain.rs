//! ExplainRequest: why a request was decided as it was, for an administrator of an account that it concerned.
//!
//! The caller's account decides what is seen: the caller's side of a decision is for the account of who asked, the resource's
//! side for the account of the resource. Whoever was refused learns nothing here without a permission of their own.

use serde::{Deserialize, Serialize};

use super::fields::RequestIdField;
use super::{Context, Operation, OperatorError, permission};
use crate::error::ServiceError;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ExplainRequest {
    request_id: RequestIdField,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ExplainResponse {
    /// In the order in which they fell; a request that needs several permissions has several.
    decisions: Vec<DecisionShown>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DecisionShown {
    /// `kms:Decrypt`
    action: String,
    /// Sentences, one in each line.
    text: String,
}

/// Tells the decisions of a request that this node still knows and the caller's account may see.
pub(super) fn request(input: &ExplainRequest, ctx: &Context<'_>) -> Result<ExplainResponse, ServiceError> {
    let _permitted = permission::require(Operation::ExplainRequest, ctx)?;
    let viewer = ctx.caller.account();
    let kept = ctx.service.iam.decisions.of_request(&input.request_id.0);
    let decisions: Vec<_> = kept
        .iter()
        .filter_map(|decision| {
            let text = decision.tell(viewer)?;
            Some(DecisionShown { action: decision.action.to_string(), text })
        })
        .collect();
    if decisions.is_empty() { Err(OperatorError::NoDecision.into()) } else { Ok(ExplainResponse { decisions }) }
}
