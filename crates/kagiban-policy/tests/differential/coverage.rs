//! What the cases have met. A run that meets too little of something proves nothing about it, and fails.

use std::collections::BTreeMap;

use kagiban_policy::tree::{Effect, Statement};

use super::alphabet::OPERATORS;
use super::oracle::{Facts, Holds, Rules, Who, condition_holds};

/// How often each thing must have been met.
const MET_MIN: u64 = 20;

#[derive(Default)]
pub struct Coverage {
    sets: u64,
    refused: u64,
    met: BTreeMap<String, u64>,
}

impl Coverage {
    pub fn refused(&mut self) {
        self.sets += 1;
        self.refused += 1;
    }

    pub fn outcome(&mut self, facts: &Facts, outcome: String) {
        let who = match facts.who {
            Who::Root => "root",
            Who::User { .. } => "user",
            Who::RoleSession { .. } => "role session",
            Who::Service { .. } => "service",
            Who::WebIdentity { .. } => "web identity",
        };
        let yes_or_no = outcome.split([':', ' ']).next().unwrap_or_default();
        self.count(format!("{who} {yes_or_no}"));
        self.count(outcome);
    }

    /// How each condition of the set turns out.
    pub fn conditions(&mut self, rules: &Rules, facts: &Facts) {
        self.sets += 1;
        let resource = rules.resource.iter().flat_map(|(_, policies)| policies);
        for policy in resource.chain(&rules.identity).chain(&rules.boundary).chain(&rules.session) {
            for statement in &policy.statements {
                self.principals(statement);
                for condition in &statement.conditions {
                    let operator = condition.operator;
                    let holds = condition_holds(condition, policy.version, facts);
                    let presence = if facts.value(&condition.key).is_some() { "present" } else { "absent" };
                    self.count(format!("{:?} {holds:?}", operator.comparison));
                    self.count(format!("{:?} {:?} {presence} {holds:?}", operator.set, operator.if_exists));
                }
            }
        }
    }

    fn principals(&mut self, statement: &Statement) {
        let Some(principals) = &statement.principals else { return };
        let element = if principals.is_not { "NotPrincipal" } else { "Principal" };
        let effect = if statement.effect == Effect::Allow { "Allow" } else { "Deny" };
        self.count(format!("{effect} {element}"));
    }

    fn count(&mut self, what: String) {
        *self.met.entry(what).or_default() += 1;
    }

    /// Everything has been met often enough, and most sets were policies.
    pub fn assert_complete(&self) {
        let of = |what: &str| self.met.get(what).copied().unwrap_or_default();
        let missing: Vec<String> = expected()
            .into_iter()
            .filter(|what| of(what) < MET_MIN)
            .map(|what| format!("{what}: {}", of(&what)))
            .collect();
        assert!(missing.is_empty(), "met less than {MET_MIN} times: {missing:#?}\nof {:#?}", self.met);
        assert!(self.refused * 3 < self.sets, "{} of {} sets refused", self.refused, self.sets);
    }
}

fn expected() -> Vec<String> {
    let mut expected: Vec<String> = OUTCOMES.iter().map(|&outcome| outcome.to_owned()).collect();
    for (operator, _) in OPERATORS {
        expected.extend([Holds::Yes, Holds::No].map(|holds| format!("{operator} {holds:?}")));
        if operator.contains("Not") {
            expected.push(format!("{operator} {:?}", Holds::Perhaps));
        }
    }
    for set in ["None", "Some(ForAllValues)", "Some(ForAnyValue)"] {
        for if_exists in [false, true] {
            expected.extend([Holds::Yes, Holds::No].map(|holds| format!("{set} {if_exists} present {holds:?}")));
            // ForAllValues and IfExists hold without a value, ForAnyValue does not; the others hold if negated.
            let holds = if if_exists || set == "Some(ForAllValues)" { Holds::Yes } else { Holds::No };
            expected.push(format!("{set} {if_exists} absent {holds:?}"));
        }
    }
    expected
}

const OUTCOMES: [&str; 27] = [
    "allowed: Identity",
    "allowed: Resource",
    "allowed: grant to Account",
    "allowed: grant to RoleArn",
    "allowed: grant to RoleSession",
    "allowed: grant to Service",
    "allowed: grant to User",
    "allowed: root",
    "denied explicitly: Identity",
    "denied explicitly: PermissionsBoundary",
    "denied explicitly: Resource",
    "denied explicitly: Session",
    "denied implicitly: Identity",
    "denied implicitly: PermissionsBoundary",
    "denied implicitly: Resource",
    "denied implicitly: Session",
    "root allowed",
    "root denied",
    "user allowed",
    "user denied",
    "role session allowed",
    "role session denied",
    "service allowed",
    "service denied",
    "web identity allowed",
    "web identity denied",
    "Deny NotPrincipal",
];
