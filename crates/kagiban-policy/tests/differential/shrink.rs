//! A failing case made small: whatever can go while engine and oracle still differ, goes.

use kagiban_policy::tree::Policy;

use super::both;
use super::oracle::{Facts, Rules};

/// The small case and what both say of it.
pub fn report(facts: &Facts, rules: &Rules) -> String {
    let (mut facts, mut rules) = (facts.clone(), rules.clone());
    facts.bindings.clear();
    if both(&facts, &rules).1 {
        facts.bindings = super::alphabet::bindings();
    }
    while let Some((smaller_facts, smaller_rules)) =
        smaller(&facts, &rules).into_iter().find(|(facts, rules)| !both(facts, rules).1)
    {
        (facts, rules) = (smaller_facts, smaller_rules);
    }
    facts.bindings.clear();
    format!("made small:\n{rules:?}\n{facts:?}\n{}", both(&facts, &rules).0)
}

/// Everything that is smaller by one thing.
fn smaller(facts: &Facts, rules: &Rules) -> Vec<(Facts, Rules)> {
    let mut found = Vec::new();
    for key in facts.values.keys() {
        let mut facts = facts.clone();
        facts.values.remove(key);
        found.push((facts, rules.clone()));
    }
    if rules.grant.is_some() {
        found.push((facts.clone(), Rules { grant: None, ..rules.clone() }));
    }
    if rules.boundary.is_some() {
        found.push((facts.clone(), Rules { boundary: None, ..rules.clone() }));
    }
    for list in 0..3 {
        for smaller in smaller_lists(list_of(&mut rules.clone(), list)) {
            let mut rules = rules.clone();
            *list_of(&mut rules, list) = smaller;
            found.push((facts.clone(), rules));
        }
    }
    if let Some(boundary) = &rules.boundary {
        for smaller in smaller_policies(boundary) {
            found.push((facts.clone(), Rules { boundary: Some(smaller), ..rules.clone() }));
        }
    }
    found
}

fn list_of(rules: &mut Rules, list: usize) -> &mut Vec<Policy> {
    match (list, &mut rules.resource) {
        (0, Some((_, policies))) => policies,
        (1, _) => &mut rules.identity,
        _ => &mut rules.session,
    }
}

fn smaller_lists(policies: &[Policy]) -> Vec<Vec<Policy>> {
    let mut found: Vec<Vec<Policy>> = (0..policies.len()).map(|at| without(policies, at)).collect();
    for (at, policy) in policies.iter().enumerate() {
        for smaller in smaller_policies(policy) {
            let mut policies = policies.to_vec();
            policies[at] = smaller;
            found.push(policies);
        }
    }
    found
}

/// Without a statement, a principal, a pattern, a condition, or a value of one.
fn smaller_policies(policy: &Policy) -> Vec<Policy> {
    let mut found = Vec::new();
    let mut changed = |change: &dyn Fn(&mut Policy)| {
        let mut policy = policy.clone();
        change(&mut policy);
        found.push(policy);
    };
    for (s, statement) in policy.statements.iter().enumerate() {
        changed(&|policy| policy.statements = without(&policy.statements, s));
        let principals = statement.principals.as_ref().map_or(0, |principals| principals.list.len());
        for at in (0..principals).filter(|_| principals > 1) {
            changed(&|policy| {
                if let Some(principals) = &mut policy.statements[s].principals {
                    principals.list.remove(at);
                }
            });
        }
        for (c, condition) in statement.conditions.iter().enumerate() {
            changed(&|policy| policy.statements[s].conditions = without(&policy.statements[s].conditions, c));
            for at in (0..condition.values.len()).filter(|_| condition.values.len() > 1) {
                changed(&|policy| {
                    policy.statements[s].conditions[c].values.remove(at);
                });
            }
        }
    }
    found
}

fn without<T: Clone>(list: &[T], at: usize) -> Vec<T> {
    let mut list = list.to_vec();
    list.remove(at);
    list
}
