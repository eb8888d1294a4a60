//! Which grant, if any, covers what a caller wants to do with a key.

use std::sync::Arc;

use kagiban_base::arn::KeyArn;
use kagiban_policy::GrantedTo;

use crate::authorize::Action;
use crate::condition_keys::Values;
use crate::context::Context;

/// A grant in memory.
#[derive(Debug)]
pub(crate) struct Grant {}

/// The grant on this key that covers the caller's action, and by which form of grantee it reaches the caller.
pub(crate) fn find(
    _key: &KeyArn,
    _action: Action,
    _values: &Values<'_>,
    _ctx: &Context<'_>,
) -> Option<(Arc<Grant>, GrantedTo)> {
    None
}
