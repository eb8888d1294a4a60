//! The peers and the invitations in memory, kept fresh with the view.

use std::sync::Arc;

use kagiban_base::id::{AccountId, Region};
use kagiban_base::time::Timestamp;
use kagiban_keycore::channel::CertificateFingerprint;
use kagiban_storage::RowError;
use kagiban_storage::follower::ViewMap;
use kagiban_storage::row;

use super::name::PeerName;
use crate::records::peer::{InvitationRecord, PeerRecord, PeerRowKey};

/// A deployment that this one is paired with.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: PeerName,
    pub(crate) record: PeerRecord,
}

impl Peer {
    pub(crate) fn serves(&self, region: Region) -> bool {
        self.record.regions.contains(&region)
    }

    /// Whether keys of the account are shared with it.
    pub(crate) fn shares(&self, account: AccountId) -> bool {
        self.record.accounts.is_empty() || self.record.accounts.contains(&account)
    }
}

/// All peers and invitations. There are few, so they are looked through.
#[derive(Debug, Default)]
pub(crate) struct PeerDirectory {
    peers: ViewMap<PeerName, Arc<Peer>>,
    invitations: ViewMap<PeerName, Arc<InvitationRecord>>,
}

impl PeerDirectory {
    pub(crate) fn peer(&self, name: &PeerName) -> Option<Arc<Peer>> {
        self.peers.pin().get(name).cloned()
    }

    /// All peers, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Peer>> {
        let mut all: Vec<_> = self.peers.pin().values().cloned().collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// The peer that serves a Region.
    pub(crate) fn serving(&self, region: Region) -> Option<Arc<Peer>> {
        let peers = self.peers.pin();
        if peers.is_empty() {
            return None;
        }
        peers.values().find(|peer| peer.serves(region)).cloned()
    }

    pub(crate) fn with_certificate(&self, fingerprint: &CertificateFingerprint) -> Option<Arc<Peer>> {
        self.peers.pin().values().find(|peer| peer.record.fingerprint == *fingerprint).cloned()
    }

    /// The invitations that have not expired and are not accepted, by name.
    pub(crate) fn invitations(&self, now: Timestamp) -> Vec<(PeerName, Arc<InvitationRecord>)> {
        let waits = |invitation: &InvitationRecord| invitation.expires > now && invitation.accepted_by.is_none();
        let pinned = self.invitations.pin();
        let waiting = pinned.iter().filter(|(_, invitation)| waits(invitation));
        let mut waiting: Vec<_> = waiting.map(|(name, invitation)| (name.clone(), Arc::clone(invitation))).collect();
        waiting.sort_by(|(one, _), (other, _)| one.cmp(other));
        waiting
    }

    /// Whether any invitation can still be accepted.
    pub(crate) fn has_invitation(&self, now: Timestamp) -> bool {
        self.invitations.pin().values().any(|invitation| invitation.expires > now)
    }

    /// The name of the invitation with this id, whether it still counts or not.
    pub(crate) fn invitation_named(&self, id: &[u8]) -> Option<PeerName> {
        let invitations = self.invitations.pin();
        invitations.iter().find(|(_, invitation)| invitation.id == id).map(|(name, _)| name.clone())
    }

    pub(crate) fn apply_peer(&self, key: PeerRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let peers = self.peers.pin();
        match value.map(row::decode::<PeerRecord>).transpose()? {
            None => peers.remove(&key.0),
            Some(record) => peers.insert(key.0.clone(), Arc::new(Peer { name: key.0, record })),
        };
        Ok(())
    }

    pub(crate) fn apply_invitation(&self, key: PeerRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let invitations = self.invitations.pin();
        match value.map(row::decode::<InvitationRecord>).transpose()? {
            None => invitations.remove(&key.0),
            Some(record) => invitations.insert(key.0, Arc::new(record)),
        };
        Ok(())
    }

    pub(crate) fn keep_only(&self, is_stored: &dyn Fn(&[u8]) -> bool) {
        let row = |name: &PeerName| PeerRowKey(name.clone());
        let is_peer = |name: &PeerName| row::encode_key::<PeerRecord>(&row(name)).is_ok_and(|key| is_stored(&key));
        self.peers.pin().retain(|name, _| is_peer(name));
        let is_invited =
            |name: &PeerName| row::encode_key::<InvitationRecord>(&row(name)).is_ok_and(|key| is_stored(&key));
        self.invitations.pin().retain(|name, _| is_invited(name));
    }
}
