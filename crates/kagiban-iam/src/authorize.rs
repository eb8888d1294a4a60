//! One question to the policy engine, with everything that bears on the caller.

use kagiban_policy::{
    AllowedBy, ConditionValues, Decision, Explanation, GrantedTo, NamedPolicy, Policies, PolicyKind, Question,
    Requester, ResourcePolicies, decide, explain,
};

use crate::caller::Caller;
use crate::directory::{Directory, LoadedPolicy};
use crate::standing::named;

/// What is asked for a caller.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The action with its service, `kms:Decrypt`.
    pub action: &'a str,
    /// The resource's ARN, or `*`.
    pub resource: &'a str,
    /// The condition keys.
    pub values: &'a dyn ConditionValues,
    /// The resource's own policies; `None` where identity policies alone decide.
    pub resource_policies: Option<ResourcePolicies<'a>>,
    /// Whether a grant reaches the caller; asked when policies alone do not allow.
    pub grant: &'a dyn Fn() -> Option<GrantedTo>,
}

/// No grant: what is not about a KMS key has none.
pub fn no_grant() -> Option<GrantedTo> {
    None
}

/// The answer.
#[derive(Clone, Copy, Debug)]
pub enum Verdict {
    /// The policies decided.
    Decided(Decision),
    /// A policy of this kind is missing or unreadable: denied, whatever the others say.
    Broken(PolicyKind),
}

impl Verdict {
    /// Whether the answer is yes.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Decided(decision) if decision.is_allowed())
    }
}

/// Decides for the caller, with its identity policies, boundary and session policies as they are now.
pub fn verdict(caller: &Caller, directory: &Directory, ask: &Ask<'_>) -> Verdict {
    let decided = answer(caller, directory, ask, |question, policies| decide(question, policies, ask.grant));
    decided.map_or(Verdict::Broken(PolicyKind::Identity), Verdict::Decided)
}

/// The same question with its reasons; for refusals, and for those who ask afterwards.
pub fn reasons(caller: &Caller, directory: &Directory, ask: &Ask<'_>) -> Option<Explanation> {
    answer(caller, directory, ask, |question, policies| explain(question, policies, ask.grant))
}

/// Puts the question with everything that bears on the caller; `None` when one of its policies cannot be read.
fn answer<T>(
    caller: &Caller,
    directory: &Directory,
    ask: &Ask<'_>,
    put: impl FnOnce(&Question<'_>, &Policies<'_>) -> T,
) -> Option<T> {
    let side = CallerSide::of(caller, directory)?;
    let requester = caller.requester();
    let question = Question { action: ask.action, resource: ask.resource, requester: &requester, values: ask.values };
    let (identity, session) = (side.identity(), side.session());
    let policies = Policies {
        resource: ask.resource_policies,
        identity: &identity,
        boundary: caller.standing().boundary(),
        session: &session,
    };
    Some(put(&question, &policies))
}

/// Decides for somebody without an account, who has no policies of its own (a web identity). Nobody but who has just
/// checked that identity may ask this; everybody else has a [`Caller`].
///
/// # Errors
/// The reasons of a refusal.
pub(crate) fn verdict_of_stranger(requester: &Requester<'_>, ask: &Ask<'_>) -> Result<AllowedBy, Box<Explanation>> {
    let question = Question { action: ask.action, resource: ask.resource, requester, values: ask.values };
    let policies = Policies { resource: ask.resource_policies, identity: &[], boundary: None, session: &[] };
    match decide(&question, &policies, ask.grant) {
        Decision::Allowed(by) => Ok(by),
        Decision::Denied(_) => Err(Box::new(explain(&question, &policies, ask.grant))),
    }
}

/// The caller's own policies, all of them readable.
struct CallerSide<'a> {
    caller: &'a Caller,
    session: Vec<LoadedPolicy>,
}

impl<'a> CallerSide<'a> {
    fn of(caller: &'a Caller, directory: &Directory) -> Option<Self> {
        let session = caller.loaded_session().map(|session| session.policies(directory)).unwrap_or_default();
        let is_readable = !caller.standing().is_broken() && session.iter().all(|policy| policy.policy.is_some());
        is_readable.then_some(Self { caller, session })
    }

    fn identity(&self) -> Vec<NamedPolicy<'a>> {
        self.caller.standing().identity().collect()
    }

    fn session(&self) -> Vec<NamedPolicy<'_>> {
        self.session.iter().filter_map(named).collect()
    }
}
