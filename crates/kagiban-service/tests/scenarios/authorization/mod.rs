//! Who may do what: key policies, identity policies, boundaries, sessions, grants, both sides of a call.

mod across_accounts;
mod attacks;
mod cases;
mod condition_keys;
mod deciding;
mod global_keys;
mod matrix;
mod revocation;
