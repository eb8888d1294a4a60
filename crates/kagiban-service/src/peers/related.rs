//! Which keys here are related to keys of a peer.

use super::directory::Peer;
use crate::Service;
use crate::records::key::KeyBody;

/// How many keys a peer concerns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RelatedKeys {
    /// Related to keys in its Regions.
    pub(crate) related: usize,
    /// Of these, those with something to tell it.
    pub(crate) waiting: usize,
}

/// Counts them; an operator asks, so all keys are looked through.
pub(crate) fn related_keys(service: &Service, peer: &Peer) -> RelatedKeys {
    let mut keys = RelatedKeys::default();
    service.view.for_each_key(|key| {
        if peer.shares(key.arn.account) && is_related(&key.body, peer) {
            keys.related = keys.related.saturating_add(1);
            keys.waiting = keys.waiting.saturating_add(usize::from(waits(&key.body, peer)));
        }
    });
    keys
}

fn is_related(key: &KeyBody, peer: &Peer) -> bool {
    let Some(set) = &key.multi_region else { return false };
    peer.serves(set.primary) || set.replicas.iter().any(|replica| peer.serves(replica.region))
}

/// Whether the key has something to tell a key of the peer's.
fn waits(key: &KeyBody, peer: &Peer) -> bool {
    let Some(set) = &key.multi_region else { return false };
    if !set.is_primary() {
        return peer.serves(set.primary) && (set.unreported || key.erasing);
    }
    let mut theirs = set.replicas.iter().filter(|replica| peer.serves(replica.region));
    theirs.any(|replica| replica.acknowledged < set.age.version) || set.successor().is_some_and(|to| peer.serves(to))
}
