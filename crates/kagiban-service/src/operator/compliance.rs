//! DescribeCompliance: what the compliance rules found at last, what is not as it should be, since when, and why.
//!
//! A caller sees its own account; callers of the management account see all.

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::fields::{AccountIdField, Limit, Marker};
use super::{Context, Operation, optional_seconds, permission, seconds};
use crate::compliance::{ComplianceRule, State, Subject, Tally, resource_type};
use crate::error::ServiceError;
use crate::operator::OperatorError;
use crate::records::compliance::ComplianceRecord;

/// Entries on a page, if the request does not say.
const PAGE_DEFAULT: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DescribeComplianceRequest {
    /// All rules if it is left out.
    #[serde(default)]
    rule_name: Option<String>,
    #[serde(default)]
    account_id: Option<AccountIdField>,
    /// Those too that are as they should be again.
    #[serde(default)]
    include_compliant: bool,
    #[serde(default)]
    limit: Option<Limit>,
    #[serde(default)]
    marker: Option<Marker>,
}

/// What was found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeComplianceResponse {
    rules: Vec<RuleShown>,
    /// By rule, account and resource.
    resources: Vec<ResourceShown>,
    /// When it was last looked at everything; absent before the first time.
    #[serde(serialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    evaluated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RuleShown {
    rule_name: &'static str,
    description: &'static str,
    compliant: u64,
    non_compliant: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceShown {
    rule_name: &'static str,
    #[serde(with = "kagiban_storage::json::text")]
    account_id: AccountId,
    resource_type: &'static str,
    resource: Box<str>,
    compliance_type: &'static str,
    #[serde(serialize_with = "seconds")]
    since: Timestamp,
    annotation: Box<str>,
}

pub(super) fn describe(
    input: &DescribeComplianceRequest,
    ctx: &Context<'_>,
) -> Result<DescribeComplianceResponse, ServiceError> {
    let own = ctx.caller.account();
    let is_of_all = ctx.service.management_account == Some(own);
    let account = match &input.account_id {
        Some(AccountIdField(account)) => {
            permission::require_about(*account, Operation::DescribeCompliance, ctx)?;
            Some(*account)
        }
        None => {
            permission::require(Operation::DescribeCompliance, ctx)?;
            (!is_of_all).then_some(own)
        }
    };
    let rule = input.rule_name.as_deref().map(parse_rule).transpose()?;
    let is_asked =
        |(of, held, _): &Subject| rule.is_none_or(|rule| rule == *of) && account.is_none_or(|account| account == *held);
    let limit = input.limit.map_or(PAGE_DEFAULT, |limit| limit.0);
    let after = input.marker.as_ref().map(|marker| parse_marker(&marker.0)).transpose()?;
    let state = ctx.service.compliance.state();
    let mut found = state.standings.iter().filter(|(subject, record)| {
        is_asked(subject)
            && (input.include_compliant || !record.compliant)
            && after.as_ref().is_none_or(|after| *after < **subject)
    });
    let resources: Vec<ResourceShown> = found.by_ref().take(limit).map(shown).collect();
    let truncated = found.next().is_some();
    let last = resources.last().filter(|_| truncated);
    Ok(DescribeComplianceResponse {
        rules: tallies(&state, rule, account),
        next_marker: last.map(|last| format!("{} {} {}", last.rule_name, last.account_id, last.resource)),
        truncated,
        resources,
        evaluated_at: state.evaluated_at,
    })
}

fn parse_rule(name: &str) -> Result<ComplianceRule, OperatorError> {
    ComplianceRule::parse(name).ok_or(OperatorError::ComplianceRule)
}

/// A marker tells the last entry of a page; it opens nothing that its holder may not see.
fn parse_marker(marker: &str) -> Result<Subject, ServiceError> {
    let mut parts = marker.splitn(3, ' ');
    let mut next = || parts.next().ok_or(ServiceError::InvalidMarker);
    let rule = ComplianceRule::parse(next()?).ok_or(ServiceError::InvalidMarker)?;
    let account = next()?.parse().map_err(|_| ServiceError::InvalidMarker)?;
    Ok((rule, account, next()?.into()))
}

fn tallies(state: &State, rule: Option<ComplianceRule>, account: Option<AccountId>) -> Vec<RuleShown> {
    let of_rule = |rule: ComplianceRule| {
        let tallies = state
            .tallies
            .iter()
            .filter(|((of, held), _)| *of == rule && account.is_none_or(|account| account == *held));
        let sum = tallies.fold(Tally::default(), |sum, (_, tally)| Tally {
            compliant: sum.compliant.saturating_add(tally.compliant),
            non_compliant: sum.non_compliant.saturating_add(tally.non_compliant),
        });
        RuleShown {
            rule_name: rule.name(),
            description: rule.description(),
            compliant: sum.compliant,
            non_compliant: sum.non_compliant,
        }
    };
    let asked = ComplianceRule::ALL.into_iter().filter(|of| rule.is_none_or(|rule| rule == *of));
    asked.map(of_rule).collect()
}

fn shown(((rule, account, resource), record): (&Subject, &ComplianceRecord)) -> ResourceShown {
    ResourceShown {
        rule_name: rule.name(),
        account_id: *account,
        resource_type: resource_type(resource),
        resource: resource.clone(),
        compliance_type: if record.compliant { "COMPLIANT" } else { "NON_COMPLIANT" },
        since: record.since,
        annotation: record.annotation.clone(),
    }
}
