//! The policy question, and the only constructors of [`Authorized`]: proof that it was answered with yes.
//!
//! Each question goes to the policy engine with everything that bears on it: the key's policy, the caller's policies, its
//! boundary and session policies, and the grants that reach the caller. Each answer is kept for administrators who ask why.

use std::sync::Arc;

use kagiban_api::Operation;
use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::id::{AccountId, AliasName};
use kagiban_iam::authorize::{Ask, Verdict, no_grant, reasons, verdict};
use kagiban_iam::decisions::{self, DecisionRecord, DeniedReasons, Outcome};
use kagiban_iam::{denial_ending, denial_text};
use kagiban_policy::{AllowedBy, Decision, Explanation, GrantedTo, NamedPolicy, PolicyKind, ResourcePolicies};

use crate::catalog;
use crate::condition_keys::{Fact, Values};
use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::matching;
use crate::key_uses::Asked;
use crate::records::key::KeyRecord;
use crate::resolve::{Named, Resolved};

/// What the caller wants to do, in the words of policies: `kms:` and an operation's name, but for ReEncrypt, which asks for
/// one action on each of its keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Action(&'static str);

impl Action {
    pub(crate) const CREATE_KEY: Self = Self("kms:CreateKey");
    pub(crate) const RE_ENCRYPT_FROM: Self = Self("kms:ReEncryptFrom");
    pub(crate) const RE_ENCRYPT_TO: Self = Self("kms:ReEncryptTo");
    pub(crate) const PUT_KEY_POLICY: Self = Self("kms:PutKeyPolicy");
    pub(crate) const TAG_RESOURCE: Self = Self("kms:TagResource");

    pub(crate) const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// `kms:Decrypt`
    pub(crate) const fn as_str(self) -> &'static str {
        self.0
    }

    /// `Decrypt`
    pub(crate) fn name(self) -> &'static str {
        self.0.strip_prefix("kms:").unwrap_or(self.0)
    }
}

/// Proof that the caller may do what was asked on the thing inside. No other constructor than this module's functions.
#[derive(Debug)]
pub(crate) struct Authorized<T> {
    subject: T,
}

impl<T> Authorized<T> {
    pub(crate) fn subject(&self) -> &T {
        &self.subject
    }

    pub(crate) fn into_subject(self) -> T {
        self.subject
    }
}

/// Stands for the missing key of operations that concern an account (`*` as resource).
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoKey;

/// How a request came to a key, which decides how a refusal is worded.
#[derive(Clone, Copy)]
enum Reached {
    /// By an identifier in the request.
    ByName,
    /// By the ciphertext.
    ByCiphertext,
}

/// What a request says about a key that policies can ask for.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    /// The alias by which it named the key.
    pub(crate) alias: Option<&'a AliasName>,
    /// Its parameters.
    pub(crate) facts: &'a [Fact<'a>],
}

/// May the caller do `action` on the key that the identifier named?
///
/// # Errors
/// NotFound for a missing key of the own account; AccessDenied, in one text, for a missing one of another.
pub(crate) fn named<K: Resolved>(
    action: Action,
    named: &Named,
    found: Option<K>,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<Authorized<K>, ServiceError> {
    let said = Said { alias: named.alias.as_ref(), facts };
    match found {
        Some(key) => on_key(action, key, said, Reached::ByName, ctx),
        None if named.arn.account == ctx.caller.account() => Err(ServiceError::KeyNotFound(named.arn)),
        None => Err(foreign(action, ctx)),
    }
}

/// May the caller do `action` on a key that it reached by its own rows, such as the target of an alias?
///
/// # Errors
/// AccessDenied.
pub(crate) fn key<K: Resolved>(
    action: Action,
    key: K,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<Authorized<K>, ServiceError> {
    on_key(action, key, Said { alias: None, facts }, Reached::ByName, ctx)
}

/// May the caller do `action` on the key that a ciphertext names? `None` when there is no such key here.
///
/// # Errors
/// AccessDenied; with one text when there is no such key or it is another account's, so that existence stays hidden.
pub(crate) fn ciphertext_key<K: Resolved>(
    action: Action,
    key: Option<K>,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<Authorized<K>, ServiceError> {
    let said = Said { alias: None, facts };
    match key {
        Some(key) => on_key(action, key, said, Reached::ByCiphertext, ctx),
        None => Err(denied(unknown_ciphertext_key())),
    }
}

fn on_key<K: Resolved>(
    action: Action,
    key: K,
    said: Said<'_>,
    reached: Reached,
    ctx: &Context<'_>,
) -> Result<Authorized<K>, ServiceError> {
    let record = key.record();
    let is_own = record.arn.account == ctx.caller.account();
    if !is_own && !catalog::crosses_accounts(action) {
        return Err(foreign(action, ctx));
    }
    let values = Values { ctx, key: Some(record), said };
    let stored = ctx.service.view.key_policy(&record.arn);
    let Some(policy) = stored.as_ref().and_then(|policy| policy.compiled.as_ref()) else {
        // The row is missing or unreadable: nothing is allowed.
        return Err(refuse(action, record, Verdict::Broken(PolicyKind::Resource), None, reached, ctx));
    };
    let list = [NamedPolicy { name: "default", policy }];
    let grant = || matching::find(&record.arn, action, &values, ctx);
    let ask = Ask {
        action: action.as_str(),
        resource: &record.arn.text(),
        values: &values,
        resource_policies: Some(ResourcePolicies { owner: record.arn.account, policies: &list }),
        grant: &grant,
    };
    settle(action, record, &ask, reached, ctx)?;
    ctx.keys.add(key.asked());
    Ok(Authorized { subject: key })
}

/// Asks about a key, and keeps the answer.
///
/// # Errors
/// AccessDenied.
fn settle(
    action: Action,
    key: &KeyRecord,
    ask: &Ask<'_>,
    reached: Reached,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    let verdict = verdict(ctx.caller, ctx.directory(), ask);
    if let Verdict::Decided(Decision::Allowed(by)) = verdict {
        keep_allowed(action, key.arn.account, by, ctx);
        ctx.notes.resource(ask.resource);
        if key.arn.account != ctx.caller.account() {
            ctx.notes.other_account(key.arn.account);
        }
        return Ok(());
    }
    let reasons = reasons(ctx.caller, ctx.directory(), ask);
    Err(refuse(action, key, verdict, reasons.as_ref(), reached, ctx))
}

/// May the caller retire a grant on this key, being a party to it in this form? Its identity policies can deny it, and must
/// allow it where the account is the party; the key's policy has no say.
///
/// # Errors
/// AccessDenied.
pub(crate) fn retirement(
    key: &KeyRecord,
    party: Option<GrantedTo>,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    let action = ctx.row.action;
    let values = Values { ctx, key: Some(key), said: Said { alias: None, facts } };
    let grant = || party;
    let ask = Ask {
        action: action.as_str(),
        resource: &key.arn.text(),
        values: &values,
        resource_policies: Some(ResourcePolicies { owner: key.arn.account, policies: &[] }),
        grant: &grant,
    };
    settle(action, key, &ask, Reached::ByName, ctx)?;
    ctx.keys.add(Asked::Read(key.arn));
    Ok(())
}

/// May the caller do `action` in its own account and Region, on no key in particular?
///
/// # Errors
/// AccessDenied.
pub(crate) fn account(
    action: Action,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<Authorized<NoKey>, ServiceError> {
    without_key(action, "*", facts, ctx)?;
    Ok(Authorized { subject: NoKey })
}

/// May the caller do the operation on this alias of its own account and Region? Names under `alias/aws/` are nobody's to
/// change.
///
/// # Errors
/// AliasReserved for such a name; AccessDenied.
pub(crate) fn alias(
    operation: Operation,
    name: AliasName,
    ctx: &Context<'_>,
) -> Result<Authorized<AliasArn>, ServiceError> {
    if name.is_reserved() {
        return Err(ServiceError::AliasReserved { operation, name });
    }
    let subject = AliasArn { region: ctx.caller.region(), account: ctx.caller.account(), name };
    let arn = subject.to_string();
    ctx.notes.resource(&arn);
    without_key(ctx.row.action, &arn, &[], ctx)?;
    Ok(Authorized { subject })
}

/// A question that identity policies alone answer.
pub(crate) fn without_key(
    action: Action,
    resource: &str,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    let values = Values { ctx, key: None, said: Said { alias: None, facts } };
    let ask = Ask { action: action.as_str(), resource, values: &values, resource_policies: None, grant: &no_grant };
    let verdict = verdict(ctx.caller, ctx.directory(), &ask);
    if let Verdict::Decided(Decision::Allowed(by)) = verdict {
        keep_allowed(action, ctx.caller.account(), by, ctx);
        return Ok(());
    }
    let text = denial_text(&ctx.caller.arn(), action.as_str(), resource, &verdict);
    let reasons = reasons(ctx.caller, ctx.directory(), &ask);
    keep_denial(action, ctx.caller.account(), resource, &text, reasons.as_ref(), ctx);
    Err(denied(text))
}

/// Would a policy let the caller put another one later? The lockout safety check of key policies: the policy takes the
/// place of the key's own, and nothing else does.
pub(crate) fn could_put_policy(policy: &kagiban_policy::CompiledPolicy, key: &KeyRecord, ctx: &Context<'_>) -> bool {
    let said = Said { alias: None, facts: &[Fact::PolicyName("default")] };
    would_allow(Action::PUT_KEY_POLICY, policy, key, said, ctx)
}

/// Would the caller be allowed to do `action` on a key if this were its policy? No grant helps, and no answer is kept.
pub(crate) fn would_allow(
    action: Action,
    policy: &kagiban_policy::CompiledPolicy,
    key: &KeyRecord,
    said: Said<'_>,
    ctx: &Context<'_>,
) -> bool {
    let values = Values { ctx, key: Some(key), said };
    let list = [NamedPolicy { name: "default", policy }];
    let ask = Ask {
        action: action.as_str(),
        resource: &key.arn.text(),
        values: &values,
        resource_policies: Some(ResourcePolicies { owner: key.arn.account, policies: &list }),
        grant: &no_grant,
    };
    verdict(ctx.caller, ctx.directory(), &ask).is_allowed()
}

/// The refusal for an identifier that names another account's key or alias, when it does not exist or may not be seen.
pub(crate) fn foreign(action: Action, ctx: &Context<'_>) -> ServiceError {
    let text = foreign_text(action, ctx);
    keep_denial(action, ctx.caller.account(), "another account's resource", &text, None, ctx);
    denied(text)
}

fn foreign_text(action: Action, ctx: &Context<'_>) -> String {
    format!(
        "User: {} is not authorized to perform: {} on this resource because the resource does not exist in this \
         Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
        ctx.caller.arn(),
        action.as_str()
    )
}

/// One text for a key that is missing and one that may not be seen.
fn unknown_ciphertext_key() -> String {
    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not \
     allowed to access."
        .to_owned()
}

/// Words a refusal as AWS does, and keeps its reasons.
fn refuse(
    action: Action,
    key: &KeyRecord,
    verdict: Verdict,
    reasons: Option<&Explanation>,
    reached: Reached,
    ctx: &Context<'_>,
) -> ServiceError {
    let (is_own, arn) = (key.arn.account == ctx.caller.account(), key.arn.text());
    if is_own {
        ctx.notes.resource(&arn);
    }
    // What a foreign caller is told must not depend on the key before its own account's side has let it through.
    let is_visible =
        is_own || matches!(verdict, Verdict::Decided(Decision::Denied(denial)) if denial.resource_side_allowed());
    let text = match (reached, is_visible) {
        (Reached::ByName, true) => denial_text(&ctx.caller.arn(), action.as_str(), &arn, &verdict),
        (Reached::ByName, false) => foreign_text(action, ctx),
        (Reached::ByCiphertext, true) => format!(
            "User: {} is not authorized to perform: {} on the resource associated with this ciphertext{}",
            ctx.caller.arn(),
            action.as_str(),
            denial_ending(action.as_str(), &verdict)
        ),
        (Reached::ByCiphertext, false) => unknown_ciphertext_key(),
    };
    keep_denial(action, key.arn.account, &arn, &text, reasons, ctx);
    denied(text)
}

fn denied(text: String) -> ServiceError {
    ServiceError::AccessDenied(text)
}

fn keep(action: Action, resource_account: AccountId, outcome: Outcome, ctx: &Context<'_>) {
    ctx.service.iam.decisions.keep(DecisionRecord {
        request_id: ctx.request.request_id,
        at: ctx.now,
        caller_account: ctx.caller.account(),
        resource_account,
        action: decisions::Action { service: "kms", name: action.name() },
        outcome,
    });
}

fn keep_allowed(action: Action, resource_account: AccountId, by: AllowedBy, ctx: &Context<'_>) {
    let outcome = Outcome::Allowed { by, standing: ctx.caller.shared_standing() };
    keep(action, resource_account, outcome, ctx);
}

fn keep_denial(
    action: Action,
    resource_account: AccountId,
    resource: &str,
    answer: &str,
    reasons: Option<&Explanation>,
    ctx: &Context<'_>,
) {
    // For operators: which request to ask about. Nothing that a caller sent.
    tracing::debug!(request_id = ctx.request.request_id.as_str(), action = action.as_str(), "denied");
    let question = format!("{} asked for {} on {resource}.", ctx.caller.arn(), action.as_str());
    let reasons = DeniedReasons::new(question, answer.to_owned(), reasons);
    keep(action, resource_account, Outcome::Denied(Arc::new(reasons)), ctx);
}

/// Whether the key is of the caller's account.
pub(crate) fn is_own(arn: &KeyArn, ctx: &Context<'_>) -> bool {
    arn.account == ctx.caller.account()
}
