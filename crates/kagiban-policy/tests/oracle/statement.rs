//! Whether a statement holds for a request, leaving aside whom it is about (authorization.md, section 8).

use kagiban_policy::tree::{Patterns, Statement, Version};

use super::condition::condition_holds;
use super::text::{expand, glob_matches, template_matches};
use super::{Facts, Holds};

/// Action, resource and every condition. A statement without Action or Resource has no effect.
pub fn statement_holds(statement: &Statement, version: Version, facts: &Facts) -> Holds {
    let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { return Holds::No };
    let conditions = statement.conditions.iter().map(|condition| condition_holds(condition, version, facts));
    Holds::all([action_holds(actions, facts), resource_holds(resources, version, facts), Holds::all(conditions)])
}

/// Actions compare without regard to case; `*` and `?` anywhere; no variables.
fn action_holds(actions: &Patterns, facts: &Facts) -> Holds {
    let action = facts.action.to_ascii_lowercase();
    let is_listed = actions.list.iter().any(|pattern| glob_matches(&pattern.to_ascii_lowercase(), &action));
    Holds::from_bool(is_listed != actions.is_not)
}

/// Resources compare exactly; `*` and `?` match across the parts of an ARN; variables are replaced. A pattern whose
/// variable has no value matches nothing, and NotResource cannot be sure of it.
fn resource_holds(resources: &Patterns, version: Version, facts: &Facts) -> Holds {
    let matches =
        |pattern: &str| expand(pattern, version, facts).map(|template| template_matches(&template, &facts.resource));
    let results: Vec<Option<bool>> = resources.list.iter().map(|pattern| matches(pattern)).collect();
    let is_listed = results.contains(&Some(true));
    match (resources.is_not, is_listed) {
        (false, listed) => Holds::from_bool(listed),
        (true, true) => Holds::No,
        (true, false) if results.contains(&None) => Holds::Perhaps,
        (true, false) => Holds::Yes,
    }
}
