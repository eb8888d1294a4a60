//! A case: policy texts, a request, and what engine and oracle say of it.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::sync::LazyLock;

use kagiban_base::id::AccountId;
use kagiban_policy::tree::{Policy, PrincipalArn};
use kagiban_policy::{
    AllowedBy, CompiledPolicy, ConditionKey, ConditionValue, ConditionValues, Decision, GrantedTo, Identity,
    KnownActions, MalformedPolicy, NamedPolicy, Policies, Question, Requester, ResourcePolicies, StatementAt,
    parse_identity_policy, parse_key_policy, parse_trust_policy,
};

use super::{Answer, Facts, Rules, Value, Who};

/// The policies as texts.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    pub resource: Option<(Grammar, AccountIdText, Vec<String>)>,
    pub identity: Vec<String>,
    pub boundary: Option<String>,
    pub session: Vec<String>,
}

/// The digits of an account id.
pub type AccountIdText = &'static str;

/// Which resource has the policies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Grammar {
    Key,
    /// None should: policies of an identity, whose statements name nobody.
    Misplaced,
    Role,
}

impl Texts {
    /// Reads every text with the product's parser.
    pub fn parse(&self, grant: Option<GrantedTo>) -> Result<Rules, MalformedPolicy> {
        let read_all =
            |texts: &[String]| texts.iter().map(|text| parse_identity_policy(text)).collect::<Result<_, _>>();
        let resource = match &self.resource {
            None => None,
            Some((grammar, owner, texts)) => {
                let parse = match grammar {
                    Grammar::Key => parse_key_policy,
                    Grammar::Misplaced => parse_identity_policy,
                    Grammar::Role => parse_trust_policy,
                };
                let policies = texts.iter().map(|text| parse(text)).collect::<Result<_, _>>()?;
                Some((account(owner), policies))
            }
        };
        Ok(Rules {
            resource,
            identity: read_all(&self.identity)?,
            boundary: self.boundary.as_deref().map(parse_identity_policy).transpose()?,
            session: read_all(&self.session)?,
            grant,
        })
    }
}

/// An account's id from its digits.
pub fn account(digits: &str) -> AccountId {
    digits.parse().unwrap()
}

impl fmt::Display for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((grammar, owner, texts)) = &self.resource {
            texts.iter().try_for_each(|text| writeln!(f, "{grammar:?} of {owner}: {text}"))?;
        }
        self.identity.iter().try_for_each(|text| writeln!(f, "Identity: {text}"))?;
        self.boundary.iter().try_for_each(|text| writeln!(f, "Boundary: {text}"))?;
        self.session.iter().try_for_each(|text| writeln!(f, "Session: {text}"))
    }
}

/// Actions of the generator's alphabet, but not all.
static KNOWN: LazyLock<KnownActions> = LazyLock::new(|| {
    KnownActions::new(["kms:Decrypt", "kms:Encrypt", "kms:ReEncryptFrom", "kms:CreateGrant", "kms:DescribeKey"])
});

/// The policies, compiled for the engine.
pub struct Engine {
    resource: Option<(AccountId, Vec<CompiledPolicy>)>,
    identity: Vec<CompiledPolicy>,
    boundary: Option<CompiledPolicy>,
    session: Vec<CompiledPolicy>,
}

impl Engine {
    pub fn compile(rules: &Rules, facts: &Facts) -> Self {
        let bind = |arn: &PrincipalArn| facts.bound(arn).map(Into::into);
        // Some policies know some of the actions that are asked for, and must decide as the others do.
        let compile = |policy: &Policy| {
            let compiled = CompiledPolicy::compile(policy, &bind);
            if policy.statements.len().is_multiple_of(2) { compiled } else { compiled.knowing(&KNOWN) }
        };
        let compile_all = |policies: &[Policy]| policies.iter().map(compile).collect();
        Self {
            resource: rules.resource.as_ref().map(|(owner, policies)| (*owner, compile_all(policies))),
            identity: compile_all(&rules.identity),
            boundary: rules.boundary.as_ref().map(compile),
            session: compile_all(&rules.session),
        }
    }

    /// The engine's decision and how often it asked for a grant. Checks that its explanation decides the same.
    pub fn decide(&self, facts: &Facts, grant: Option<GrantedTo>) -> (Decision, u32) {
        let resource = self.resource.as_ref().map(|(owner, policies)| (*owner, named(policies)));
        let (identity, session) = (named(&self.identity), named(&self.session));
        let policies = Policies {
            resource: resource.as_ref().map(|(owner, policies)| ResourcePolicies { owner: *owner, policies }),
            identity: &identity,
            boundary: self.boundary.as_ref().map(|policy| NamedPolicy { name: "", policy }),
            session: &session,
        };
        let requester = Requester { account: facts.account, identity: identity_of(&facts.who) };
        let values = Values(facts);
        let question =
            Question { action: &facts.action, resource: &facts.resource, requester: &requester, values: &values };
        let asked = Cell::new(0);
        let ask = || {
            asked.set(asked.get() + 1);
            grant
        };
        let decision = kagiban_policy::decide(&question, &policies, &ask);
        let explanation = kagiban_policy::explain(&question, &policies, &|| grant);
        assert_eq!(explanation.decision, decision, "the explanation decides otherwise");
        (decision, asked.get())
    }
}

fn named(policies: &[CompiledPolicy]) -> Vec<NamedPolicy<'_>> {
    policies.iter().map(|policy| NamedPolicy { name: "", policy }).collect()
}

fn identity_of(who: &Who) -> Identity<'_> {
    match who {
        Who::Root => Identity::Root,
        Who::User { unique_id } => Identity::User { unique_id },
        Who::RoleSession { role_id, session_name } => Identity::RoleSession { role_id, session_name },
        Who::Service { name } => Identity::Service { name },
        Who::WebIdentity { provider_arn } => Identity::WebIdentity { provider_arn },
    }
}

/// The facts as the engine asks for them.
struct Values<'a>(&'a Facts);

impl ConditionValues for Values<'_> {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        match self.0.values.get(key.lower()) {
            None => ConditionValue::Absent,
            Some(Value::One(value)) => ConditionValue::One(Cow::Borrowed(value)),
            Some(Value::Many(values)) => {
                ConditionValue::Many(values.iter().map(|value| Cow::Borrowed(value.as_str())).collect())
            }
        }
    }
}

/// Whether the engine's decision is one that the oracle's answer permits. A grant is asked for at most once, and not
/// when policies allow.
pub fn agree(answer: &Answer, decision: &Decision, asked: u32) -> bool {
    let by_policies = matches!(decision, Decision::Allowed(AllowedBy::Statement(_) | AllowedBy::Root));
    if asked > u32::from(!by_policies) {
        return false;
    }
    match (answer, decision) {
        (Answer::AllowedByRoot, Decision::Allowed(AllowedBy::Root)) => true,
        (Answer::AllowedByGrant(to), Decision::Allowed(AllowedBy::Grant(by))) => to == by,
        (Answer::AllowedByOneOf(statements), Decision::Allowed(AllowedBy::Statement(at))) => statements.contains(at),
        (Answer::DeniedByOneOf { statements, resource_side_allowed }, Decision::Denied(denial)) => {
            let at =
                denial.statement().map(|(policy, statement)| StatementAt { kind: denial.kind(), policy, statement });
            denial.is_explicit()
                && at.is_some_and(|at| statements.contains(&at))
                && denial.resource_side_allowed() == *resource_side_allowed
        }
        (Answer::NothingAllowedIn { kinds, resource_side_allowed }, Decision::Denied(denial)) => {
            !denial.is_explicit()
                && kinds.contains(&denial.kind())
                && denial.resource_side_allowed() == *resource_side_allowed
        }
        _ => false,
    }
}

/// The name of an answer's kind, to count by.
pub fn outcome(decision: &Decision) -> String {
    match decision {
        Decision::Allowed(AllowedBy::Root) => "allowed: root".to_owned(),
        Decision::Allowed(AllowedBy::Grant(to)) => format!("allowed: grant to {to:?}"),
        Decision::Allowed(AllowedBy::Statement(at)) => format!("allowed: {:?}", at.kind),
        Decision::Denied(denial) => {
            let how = if denial.is_explicit() { "explicitly" } else { "implicitly" };
            format!("denied {how}: {:?}", denial.kind())
        }
    }
}
