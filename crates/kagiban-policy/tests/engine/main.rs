//! The engine through its public face: texts of policies in, decisions and reasons out.

#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod conditions;
mod decisions;
mod explanations;
mod matching;
mod variables;

use std::borrow::Cow;

use kagiban_base::id::AccountId;
use kagiban_policy::tree::{PrincipalArn, PrincipalKind};
use kagiban_policy::{
    CompiledPolicy, ConditionKey, ConditionValue, ConditionValues, Decision, Explanation, GrantedTo, Identity,
    NamedPolicy, Policies, Question, Requester, ResourcePolicies, decide, explain, parse_identity_policy,
    parse_key_policy, parse_trust_policy,
};

/// The account that owns the key.
const HOME: &str = "111122223333";
/// Another account.
const AWAY: &str = "444455556666";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const ALICE: Identity<'_> = Identity::User { unique_id: "AIDAalice" };
const SESSION: Identity<'_> = Identity::RoleSession { role_id: "AROAworker", session_name: "s1" };
const SERVICE: Identity<'_> = Identity::Service { name: "s3.amazonaws.com" };
const WEB: Identity<'_> =
    Identity::WebIdentity { provider_arn: "arn:aws:iam::111122223333:oidc-provider/oidc.example.com" };

/// The value of a condition key of the request.
#[derive(Clone, Copy, Debug)]
enum Given<'a> {
    One(&'a str),
    Many(&'a [&'a str]),
}

/// Everything that bears on one request. Policies are given as their statements' members.
#[derive(Clone, Copy)]
struct Case<'a> {
    account: &'a str,
    who: Identity<'a>,
    action: &'a str,
    resource: &'a str,
    values: &'a [(&'a str, Given<'a>)],
    version: &'a str,
    /// `None`: there is no resource.
    key: Option<&'a [&'a str]>,
    trust: Option<&'a [&'a str]>,
    identity: &'a [&'a str],
    boundary: Option<&'a str>,
    /// One policy each.
    session: &'a [&'a str],
    grant: Option<GrantedTo>,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            account: HOME,
            who: ALICE,
            action: "kms:Decrypt",
            resource: KEY,
            values: &[],
            version: "2012-10-17",
            key: None,
            trust: None,
            identity: &[],
            boundary: None,
            session: &[],
            grant: None,
        }
    }
}

/// The condition values of a case. Names are looked up in lower case.
struct Values<'a>(&'a [(&'a str, Given<'a>)]);

impl ConditionValues for Values<'_> {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        let found = self.0.iter().find(|(name, _)| name.to_ascii_lowercase() == key.lower());
        match found.map(|(_, given)| given) {
            None => ConditionValue::Absent,
            Some(Given::One(text)) => ConditionValue::One(Cow::Borrowed(text)),
            Some(Given::Many(list)) => ConditionValue::Many(list.iter().map(|text| Cow::Borrowed(*text)).collect()),
        }
    }
}

/// Users and roles have their name as unique id; whoever is called `gone` is unknown.
fn bind(arn: &PrincipalArn) -> Option<Box<str>> {
    let mut parts = arn.arn.split('/');
    let (prefix, name) = match arn.kind {
        PrincipalKind::User => ("AIDA", parts.next_back()?),
        PrincipalKind::Role => ("AROA", parts.next_back()?),
        PrincipalKind::RoleSession => ("AROA", parts.nth(1)?),
        PrincipalKind::FederatedUser => return Some("AIDAalice".into()),
    };
    (name != "gone").then(|| format!("{prefix}{name}").into())
}

impl Case<'_> {
    fn compile(&self, statements: &[&str], parse: Parse) -> CompiledPolicy {
        let statements: Vec<String> = statements.iter().map(|members| format!("{{{members}}}")).collect();
        let text = format!(r#"{{"Version": "{}", "Statement": [{}]}}"#, self.version, statements.join(","));
        CompiledPolicy::compile(&parse(&text).map_err(|fault| fault.message()).unwrap(), &bind)
    }

    fn with<T>(&self, then: impl FnOnce(&Question<'_>, &Policies<'_>, &dyn Fn() -> Option<GrantedTo>) -> T) -> T {
        let compile_resource = |statements: Option<&[&str]>, parse: Parse| {
            statements.map(|list| if list.is_empty() { Vec::new() } else { vec![self.compile(list, parse)] })
        };
        let key = compile_resource(self.key, parse_key_policy).or(compile_resource(self.trust, parse_trust_policy));
        let compile_own = |statements: &[&str]| self.compile(statements, parse_identity_policy);
        let identity: Vec<_> = self.identity.iter().map(|one| compile_own(&[one])).collect();
        let session: Vec<_> = self.session.iter().map(|one| compile_own(&[one])).collect();
        let boundary = self.boundary.map(|one| compile_own(&[one]));
        let key = key.as_deref().map(|list| named("key policy", list));
        let (identity, session) = (named("own", &identity), named("session", &session));
        let owner: AccountId = HOME.parse().unwrap();
        let policies = Policies {
            resource: key.as_deref().map(|policies| ResourcePolicies { owner, policies }),
            identity: &identity,
            boundary: boundary.as_ref().map(|policy| NamedPolicy { name: "boundary", policy }),
            session: &session,
        };
        let requester = Requester { account: self.account.parse().unwrap(), identity: self.who };
        let values = Values(self.values);
        let question =
            Question { action: self.action, resource: self.resource, requester: &requester, values: &values };
        then(&question, &policies, &|| self.grant)
    }

    /// The decision, in which engine and explanation must agree.
    fn decide(&self) -> Decision {
        let decision = self.with(decide);
        assert_eq!(self.explain().decision, decision);
        decision
    }

    fn explain(&self) -> Explanation {
        self.with(explain)
    }

    fn is_allowed(&self) -> bool {
        self.decide().is_allowed()
    }

    /// `allowed`, or what a denial says.
    fn outcome(&self) -> String {
        match self.decide() {
            Decision::Allowed(_) => "allowed".to_owned(),
            Decision::Denied(denial) => {
                let how = if denial.is_explicit() { "denied by" } else { "nothing in" };
                format!("{how} {}", denial.kind())
            }
        }
    }
}

type Parse = fn(&str) -> Result<kagiban_policy::tree::Policy, kagiban_policy::MalformedPolicy>;

fn named<'a>(name: &'a str, policies: &'a [CompiledPolicy]) -> Vec<NamedPolicy<'a>> {
    policies.iter().map(|policy| NamedPolicy { name, policy }).collect()
}
