//! A decision as the simulate operations show it.

use std::collections::BTreeMap;

use kagiban_api::iam::{
    EvaluationResult, PermissionsBoundaryDecisionDetail, PolicyEvaluationDecisionType as Shown, ResourceSpecificResult,
    Statement,
};
use kagiban_policy::tree::Effect;
use kagiban_policy::{Decision, Explanation, PolicyKind};

use super::inputs::{InputPolicy, Inputs};

/// What bears on the form of an answer.
pub(super) struct Circumstances<'a> {
    pub(super) inputs: &'a Inputs,
    /// Caller and resource are of different accounts.
    pub(super) is_foreign: bool,
    /// Condition keys that nobody has given.
    pub(super) missing: &'a [String],
}

/// Details come with the resource if one is named.
pub(super) fn result(
    action: &str,
    resource: &str,
    explanation: &Explanation,
    circumstances: &Circumstances<'_>,
) -> EvaluationResult {
    let decision = shown(explanation.decision);
    let matched = Some(matched(explanation, circumstances.inputs));
    let details = circumstances.is_foreign.then(|| details(explanation));
    let boundary = circumstances.inputs.boundary.as_ref().map(|_| PermissionsBoundaryDecisionDetail {
        allowed_by_permissions_boundary: Some(side(explanation, PolicyKind::PermissionsBoundary) == Shown::Allowed),
    });
    let missing = Some(circumstances.missing.to_vec());
    let is_named = resource != "*";
    let specific = is_named.then(|| {
        vec![ResourceSpecificResult {
            eval_resource_name: resource.to_owned(),
            eval_resource_decision: decision,
            matched_statements: matched.clone(),
            missing_context_values: missing.clone(),
            eval_decision_details: details.clone(),
            permissions_boundary_decision_detail: boundary.clone(),
        }]
    });
    EvaluationResult {
        eval_action_name: action.to_owned(),
        eval_resource_name: Some(resource.to_owned()),
        eval_decision: decision,
        matched_statements: matched,
        missing_context_values: missing.map(|missing| if is_named { Vec::new() } else { missing }),
        organizations_decision_detail: None,
        permissions_boundary_decision_detail: boundary,
        eval_decision_details: details,
        resource_specific_results: specific,
    }
}

const fn shown(decision: Decision) -> Shown {
    match decision {
        Decision::Allowed(_) => Shown::Allowed,
        Decision::Denied(denial) if denial.is_explicit() => Shown::ExplicitDeny,
        Decision::Denied(_) => Shown::ImplicitDeny,
    }
}

/// The statements that the decision rests on: of an explicit deny those that deny, of a permission those that allow.
fn matched(explanation: &Explanation, inputs: &Inputs) -> Vec<Statement> {
    let effect = match shown(explanation.decision) {
        Shown::Allowed => Effect::Allow,
        Shown::ExplicitDeny => Effect::Deny,
        Shown::ImplicitDeny => return Vec::new(),
    };
    let applying = explanation.statements.iter().filter(|one| one.applies() && one.effect == effect);
    let policy = |kind, at: usize| -> Option<&InputPolicy> {
        match kind {
            PolicyKind::Identity => inputs.identity.get(at),
            PolicyKind::PermissionsBoundary => inputs.boundary.as_ref(),
            PolicyKind::Resource => inputs.resource.as_ref(),
            PolicyKind::Session => None,
        }
    };
    applying.filter_map(|one| Some(policy(one.kind, one.policy_index)?.shown(one))).collect()
}

/// What each side of a call across accounts says.
fn details(explanation: &Explanation) -> BTreeMap<String, Shown> {
    let side = |name: &str, kind| (name.to_owned(), side(explanation, kind));
    [side("IAM Policy", PolicyKind::Identity), side("Resource Policy", PolicyKind::Resource)].into()
}

/// What the policies of a kind say.
fn side(explanation: &Explanation, kind: PolicyKind) -> Shown {
    let applies = |effect| {
        let statements = explanation.statements.iter();
        statements.filter(|one| one.kind == kind && one.effect == effect).any(|one| one.applies())
    };
    if applies(Effect::Deny) {
        Shown::ExplicitDeny
    } else if applies(Effect::Allow) {
        Shown::Allowed
    } else {
        Shown::ImplicitDeny
    }
}
