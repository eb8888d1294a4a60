//! AssumeRole: the credentials of a role, for whom its trust policy names and whose own policies allow it.
//!
//! Everything that a refusal could tell about the role is looked at after permission: a role that does not exist, one whose
//! trust policy cannot be read and one that trusts others are all refused with one text.
//!
//! Transitive tags and the source identity of the calling session count as if they had been asked for: `aws:RequestTag`,
//! `aws:TagKeys` and `sts:SourceIdentity` show them, and `sts:TagSession` and `sts:SetSourceIdentity` are needed for them.

use kagiban_api::sts::{AssumeRoleRequest, AssumeRoleResponse, Tag};
use kagiban_base::id::Region;
use kagiban_identity::session::{SessionClaims, SessionPrincipal};
use kagiban_policy::ConditionValue;

use super::session_tags::SessionTags;
use super::target::{DURATION_DEFAULT_S, Target, duration_of};
use super::{credentials, denied, invalid, mfa, session_policies};
use crate::caller::{Caller, Principal};
use crate::context::{Context, Fact, Permission};
use crate::decisions::Action;
use crate::error::IamError;
use crate::global_keys::{number, truth};
use crate::records::Tags;

pub(super) async fn assume_role(input: &AssumeRoleRequest, ctx: &Context<'_>) -> Result<AssumeRoleResponse, IamError> {
    let asked = Asked::new(input, ctx.caller)?;
    target_of(input, ctx)?;
    let has_mfa = mfa::verify(ctx, input.serial_number.as_deref(), input.token_code.as_deref()).await?;
    // As it is known now: the store was asked meanwhile.
    let target = target_of(input, ctx)?;
    asked.require_all(ctx, &target, has_mfa)?;
    let role = target.role.as_ref().ok_or_else(|| refused_text(ctx, "AssumeRole", target.arn))?;
    let duration_s = duration_of(role, input.duration_seconds)?;
    let managed = input.policy_arns.as_deref();
    let managed = session_policies::managed(managed, target.account, target.partition, &ctx.iam.directory)?;
    let session_name = input.role_session_name.clone();
    let principal = SessionPrincipal::Role { role_id: role.key.id, session_name };
    let claims = SessionClaims {
        mfa_authenticated_at: has_mfa.then_some(ctx.now),
        tags: asked.tags.tags,
        source_identity: asked.source_identity.map(str::to_owned),
        session_policies: asked.inline_policies,
        session_policy_arns: managed,
        via_service: via_service(ctx.caller),
        is_chained: is_chain(ctx.caller),
        ..credentials::new_session(ctx.iam, target.account, principal, ctx.now, duration_s)?
    };
    let issued = credentials::issue(ctx.iam, &claims)?;
    Ok(AssumeRoleResponse {
        credentials: Some(issued.credentials),
        assumed_role_user: Some(credentials::assumed_role_user(role, &input.role_session_name, target.partition)),
        packed_policy_size: issued.packed_percent,
        source_identity: claims.source_identity,
    })
}

/// The role; none of another partition.
fn target_of<'a>(input: &'a AssumeRoleRequest, ctx: &Context<'_>) -> Result<Target<'a>, IamError> {
    let mut target = Target::find(&input.role_arn, &ctx.iam.directory)?;
    if target.partition != ctx.caller.partition() {
        target.role = None;
    }
    Ok(target)
}

/// What is asked for, as far as it can be checked without the role.
struct Asked<'a> {
    input: &'a AssumeRoleRequest,
    tags: SessionTags,
    inline_policies: Vec<String>,
    source_identity: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn new(input: &'a AssumeRoleRequest, caller: &'a Caller) -> Result<Self, IamError> {
        if matches!(caller.principal(), Principal::Root) {
            return Err(denied("Roles may not be assumed by root accounts."));
        }
        if input.provided_contexts.is_some() {
            return Err(invalid("ProvidedContexts are not supported: there is no context provider."));
        }
        if is_chain(caller) && input.duration_seconds.is_some_and(|seconds| i64::from(seconds) > CHAIN_MAX_S) {
            return Err(invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
            ));
        }
        let tags: &[Tag] = input.tags.as_deref().unwrap_or_default();
        let transitive = input.transitive_tag_keys.as_deref().unwrap_or_default();
        let inherited = chained(caller).into_iter().flat_map(|session| &session.tags);
        let tags = SessionTags::new(tags, transitive, inherited)?;
        session_policies::check_count(input.policy_arns.as_deref())?;
        let inline_policies = session_policies::inline(input.policy.as_deref())?;
        Ok(Self { input, tags, inline_policies, source_identity: source_identity(input, caller)? })
    }

    /// Asks for every permission that is needed, of the trust policy and of the caller's own policies.
    fn require_all(&self, ctx: &Context<'_>, target: &Target<'_>, has_mfa: bool) -> Result<(), IamError> {
        let needed = [
            ("AssumeRole", true),
            ("TagSession", !self.tags.tags.is_empty()),
            ("SetSourceIdentity", self.source_identity.is_some()),
        ];
        let facts = self.facts(target, has_mfa);
        let request_tags = self.tags.as_tags();
        for (name, _) in needed.into_iter().filter(|(_, is_needed)| *is_needed) {
            require(ctx, target, name, &facts, &request_tags)?;
        }
        Ok(())
    }

    /// The condition keys of the operation (service authorization reference, STS).
    fn facts(&self, target: &Target<'_>, has_mfa: bool) -> Vec<Fact<'_>> {
        let one = |text: &'a str| ConditionValue::One(text.into());
        let mut facts = vec![
            ("aws:resourceaccount", ConditionValue::One(target.account.to_string().into())),
            ("sts:rolesessionname", one(&self.input.role_session_name)),
        ];
        if let Some(external_id) = &self.input.external_id {
            facts.push(("sts:externalid", one(external_id)));
        }
        if let Some(source_identity) = self.source_identity {
            facts.push(("sts:sourceidentity", one(source_identity)));
        }
        let transitive = self.tags.transitive_keys();
        if !transitive.is_empty() {
            facts.push((
                "sts:transitivetagkeys",
                ConditionValue::Many(transitive.into_iter().map(Into::into).collect()),
            ));
        }
        if has_mfa {
            facts.extend([("aws:multifactorauthpresent", truth(true)), ("aws:multifactorauthage", number(0))]);
        }
        facts
    }
}

/// Longest chained session, in seconds.
const CHAIN_MAX_S: i64 = DURATION_DEFAULT_S as i64;

fn require(
    ctx: &Context<'_>,
    target: &Target<'_>,
    name: &'static str,
    facts: &[Fact<'_>],
    request_tags: &Tags,
) -> Result<(), IamError> {
    let trust = target.trust();
    let permission = Permission {
        resource: target.arn,
        own: facts,
        resource_tags: target.tags(),
        request_tags: Some(request_tags).filter(|tags| !tags.is_empty()),
        resource_policies: Some(target.as_resource(&trust)),
    };
    ctx.require_saying(Action { service: "sts", name }, &permission, |principal, action, resource, _| {
        refusal(principal, action, resource)
    })
}

/// AWS's text without its ending, which would tell whether the role exists.
fn refusal(principal: &str, action: &str, resource: &str) -> String {
    format!("User: {principal} is not authorized to perform: {action} on resource: {resource}")
}

fn refused_text(ctx: &Context<'_>, name: &str, resource: &str) -> IamError {
    denied(refusal(&ctx.caller.arn(), &format!("sts:{name}"), resource))
}

fn is_chain(caller: &Caller) -> bool {
    matches!(caller.principal(), Principal::RoleSession(_))
}

/// The session that a chain goes on from.
fn chained(caller: &Caller) -> Option<&SessionClaims> {
    caller.session().filter(|_| is_chain(caller))
}

/// The source identity of the new session: once set, it stays.
fn source_identity<'a>(input: &'a AssumeRoleRequest, caller: &'a Caller) -> Result<Option<&'a str>, IamError> {
    let asked = input.source_identity.as_deref();
    match chained(caller).and_then(|session| session.source_identity.as_deref()) {
        Some(set) if asked.is_some_and(|asked| asked != set) => {
            Err(denied("The source identity of the calling session is set and cannot be changed."))
        }
        Some(set) => Ok(Some(set)),
        None => Ok(asked),
    }
}

/// The service that assumes the role, with the Region it does so in: `s3.us-east-1.amazonaws.com`. In a chain, the service
/// that began it.
fn via_service(caller: &Caller) -> Option<String> {
    match caller.principal() {
        Principal::Service(name) => Some(with_region(name, caller.region())),
        Principal::RoleSession(_) => caller.via_service().map(str::to_owned),
        Principal::Root | Principal::User(_) => None,
    }
}

fn with_region(service: &str, region: Region) -> String {
    match service.split_once('.') {
        Some((name, domain)) => format!("{name}.{region}.{domain}"),
        None => service.to_owned(),
    }
}
