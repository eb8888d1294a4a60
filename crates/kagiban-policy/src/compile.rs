//! A policy made ready to be evaluated many times.

use crate::tree::{Policy, PrincipalArn};

/// A policy, compiled once and evaluated without allocation in the usual case.
#[derive(Debug)]
pub struct CompiledPolicy {}

impl CompiledPolicy {
    /// Compiles a policy. `bind` gives the unique id for the ARN of a user, role or role session (for a session: its
    /// role's id). An ARN that it does not know matches nobody, and in NotPrincipal excludes nobody.
    pub fn compile(_policy: &Policy, _bind: &dyn Fn(&PrincipalArn) -> Option<Box<str>>) -> Self {
        Self {}
    }
}
