//! What would be decided? The simulate operations, and the condition keys that policies ask for.
//!
//! The engine that decides requests decides here, too; there is no other. DIFFERS: what is known of a simulated user (its
//! name, tags, account, and the time) is given to the policies without being asked for; the request's own context entries
//! come before.

mod inputs;
mod outcome;
mod scene;

use std::collections::BTreeMap;

use kagiban_api::iam::{
    EvaluationResult, GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse,
    GetContextKeysForPrincipalPolicyRequest, SimulateCustomPolicyRequest, SimulatePolicyResponse,
    SimulatePrincipalPolicyRequest,
};

use self::inputs::{InputPolicy, Inputs};
use self::scene::{Asked, Scene};
use super::paging::Listing;
use super::{action, quotas};
use crate::context::{Context, Permission};
use crate::error::IamError;

pub(crate) async fn simulate_custom_policy(
    input: &SimulateCustomPolicyRequest,
    ctx: &Context<'_>,
) -> Result<SimulatePolicyResponse, IamError> {
    ctx.require(action("SimulateCustomPolicy"), &Permission::default())?;
    let mut inputs = Inputs::default();
    inputs.add_given(&input.policy_input_list)?;
    inputs.set_boundary(input.permissions_boundary_policy_input_list.as_deref().unwrap_or_default())?;
    let asked = Asked {
        source: None,
        actions: &input.action_names,
        resources: input.resource_arns.as_deref(),
        resource_policy: input.resource_policy.as_deref(),
        resource_owner: input.resource_owner.as_deref(),
        caller: input.caller_arn.as_deref(),
        context: input.context_entries.as_deref().unwrap_or_default(),
    };
    simulate(inputs, &asked, input.marker.as_deref(), input.max_items, ctx)
}

pub(crate) async fn simulate_principal_policy(
    input: &SimulatePrincipalPolicyRequest,
    ctx: &Context<'_>,
) -> Result<SimulatePolicyResponse, IamError> {
    let mut inputs = of_principal(&input.policy_source_arn, "SimulatePrincipalPolicy", ctx).await?;
    inputs.add_given(input.policy_input_list.as_deref().unwrap_or_default())?;
    inputs.set_boundary(input.permissions_boundary_policy_input_list.as_deref().unwrap_or_default())?;
    let asked = Asked {
        source: Some(&input.policy_source_arn),
        actions: &input.action_names,
        resources: input.resource_arns.as_deref(),
        resource_policy: input.resource_policy.as_deref(),
        resource_owner: input.resource_owner.as_deref(),
        caller: input.caller_arn.as_deref(),
        context: input.context_entries.as_deref().unwrap_or_default(),
    };
    simulate(inputs, &asked, input.marker.as_deref(), input.max_items, ctx)
}

/// The policies of a user, group or role, after asking permission on it.
async fn of_principal(source: &str, name: &'static str, ctx: &Context<'_>) -> Result<Inputs, IamError> {
    ctx.transact(name, |tx| async move { inputs::of_principal(&tx, source, action(name), ctx).await }).await
}

/// Statements that are held against requests for one page of answers; where there are many, the page is shorter.
const STATEMENTS_PER_PAGE: usize = 100_000;
/// Answers on a page when the request does not say.
const PAGE_DEFAULT: i32 = 100;

/// One page of answers; only what is on it is decided.
fn simulate(
    inputs: Inputs,
    asked: &Asked<'_>,
    marker: Option<&str>,
    max_items: Option<i32>,
    ctx: &Context<'_>,
) -> Result<SimulatePolicyResponse, IamError> {
    let most = STATEMENTS_PER_PAGE.checked_div(inputs.statements()).unwrap_or(usize::MAX).max(1);
    let max_items = max_items.unwrap_or(PAGE_DEFAULT).min(quotas::shown(most));
    let scene = Scene::new(inputs, asked, ctx)?;
    let everywhere = ["*".to_owned()];
    let resources = asked.resources.filter(|list| !list.is_empty()).unwrap_or(&everywhere);
    let filters: Vec<&str> =
        asked.source.into_iter().chain(asked.actions.iter().chain(resources).map(String::as_str)).collect();
    let listing = Listing { name: "Simulate", account: ctx.account(), filters: &filters };
    let window = listing.window(marker, Some(max_items))?;
    let pairs = asked.actions.iter().flat_map(|action| resources.iter().map(move |resource| (action, resource)));
    let page = window.of(pairs.enumerate().map(|(at, pair)| (format!("{at:010}"), pair)));
    let answers = page.map(|(action, resource)| scene.answer(action, resource));
    let (is_truncated, marker) = (answers.is_truncated(), answers.marker);
    let evaluation_results = Some(answers.items.into_iter().collect::<Result<Vec<EvaluationResult>, _>>()?);
    Ok(SimulatePolicyResponse { evaluation_results, is_truncated, marker })
}

pub(crate) async fn get_context_keys_for_custom_policy(
    input: &GetContextKeysForCustomPolicyRequest,
    ctx: &Context<'_>,
) -> Result<GetContextKeysForPolicyResponse, IamError> {
    ctx.require(action("GetContextKeysForCustomPolicy"), &Permission::default())?;
    let mut inputs = Inputs::default();
    inputs.add_given(&input.policy_input_list)?;
    Ok(keys_of(&inputs))
}

pub(crate) async fn get_context_keys_for_principal_policy(
    input: &GetContextKeysForPrincipalPolicyRequest,
    ctx: &Context<'_>,
) -> Result<GetContextKeysForPolicyResponse, IamError> {
    let mut inputs = of_principal(&input.policy_source_arn, "GetContextKeysForPrincipalPolicy", ctx).await?;
    inputs.add_given(input.policy_input_list.as_deref().unwrap_or_default())?;
    Ok(keys_of(&inputs))
}

fn keys_of(inputs: &Inputs) -> GetContextKeysForPolicyResponse {
    let names = distinct(inputs.all().flat_map(InputPolicy::context_keys));
    GetContextKeysForPolicyResponse { context_key_names: Some(names) }
}

/// Names of condition keys, each once whatever its case, sorted.
fn distinct<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names = BTreeMap::new();
    for key in keys {
        names.entry(key.to_ascii_lowercase()).or_insert_with(|| key.to_owned());
    }
    names.into_values().collect()
}
