//! Other deployments that serve other Regions: how two of them come to trust each other, and what they tell each other.
//!
//! A pairing is made by an invitation with a secret in it; from then on each side knows the other by its certificate, and what
//! they send is sealed under a key of their own besides TLS. A peer can bring steps of multi-Region keys that are related to keys
//! in its own Regions; it cannot ask for anything, and reaches no other key. Bytes are carried by a [`PeerTransport`]; no socket
//! is here. `docs/pairing.md`

mod address;
mod deliver;
mod directory;
mod envelope;
mod error;
mod health;
mod identity;
mod invitation;
mod name;
mod pairing;
mod receive;
mod related;
mod transport;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use kagiban_base::id::Region;
use kagiban_base::time::Timestamp;
use kagiban_keycore::channel::CertificateFingerprint;

pub use self::address::{InvalidPeerAddress, PeerAddress};
pub use self::error::{IdentityError, ReceiveError};
pub use self::transport::{ChannelIdentity, Exchanged, PeerCall, PeerTransport, TransportError};

pub(crate) use self::directory::{Peer, PeerDirectory};
pub(crate) use self::error::PeerError;
pub(crate) use self::invitation::{Invitation, create_invitation};
pub(crate) use self::name::PeerName;
pub(crate) use self::pairing::{Acceptance, accept_invitation};
pub(crate) use self::related::related_keys;

use crate::Service;
use crate::error::ServiceError;

/// Deployments that one can be paired with; each is asked about by turns.
pub(crate) const PEERS_MAX: usize = 32;
/// Invitations that can wait at once.
pub(crate) const INVITATIONS_MAX: usize = 16;

/// What a service needs to speak with other deployments.
pub struct Peering {
    /// Who carries bytes.
    pub transport: Arc<dyn PeerTransport>,
    /// Where peers reach this deployment.
    pub address: PeerAddress,
    /// The certificate of this deployment's channel, and its key.
    pub identity: Arc<ChannelIdentity>,
}

/// A service's side of all its channels.
#[derive(Default)]
pub(crate) struct Channels {
    peering: OnceLock<Peering>,
    /// The Regions that this deployment serves, if somebody said so.
    regions: OnceLock<BTreeSet<Region>>,
    health: health::PeerHealth,
    /// Held while a replica is made in another deployment.
    pub(crate) replicating: tokio::sync::Mutex<()>,
}

impl Channels {
    fn peering(&self) -> Result<&Peering, PeerError> {
        self.peering.get().ok_or(PeerError::ChannelClosed)
    }
}

impl Service {
    /// Limits the Regions that this deployment serves; without it they are all that no peer serves. Once, before the first
    /// request: a further call changes nothing.
    pub fn serve_regions(&self, regions: BTreeSet<Region>) {
        _ = self.channels.regions.set(regions);
    }

    /// Opens the channel to other deployments. Once, before the first request: a further call changes nothing.
    pub fn open_channel(&self, peering: Peering) {
        _ = self.channels.peering.set(peering);
    }

    /// Whether a certificate may shake hands at all: that of a peer, or any while an invitation waits. What its owner may do is
    /// decided again for each message.
    pub fn admits_certificate(&self, fingerprint: &CertificateFingerprint) -> bool {
        let peers = self.view.peers();
        peers.with_certificate(fingerprint).is_some() || peers.has_invitation(self.clock.now())
    }

    /// Whether keys of a Region are served here.
    pub(crate) fn serves(&self, region: Region) -> bool {
        match self.channels.regions.get() {
            Some(regions) => regions.contains(&region),
            None => self.peer_serving(region).is_none(),
        }
    }

    /// Refuses requests for Regions that others serve: a key that was made here would be another one than that of its name.
    ///
    /// # Errors
    /// UnsupportedOperationException, which says who serves the Region.
    pub(crate) fn require_region(&self, region: Region) -> Result<(), ServiceError> {
        if self.serves(region) {
            return Ok(());
        }
        let by = self.peer_serving(region).map(|peer| peer.name.clone());
        Err(PeerError::RegionElsewhere(region, by).into())
    }

    /// The peer that serves a Region.
    pub(crate) fn peer_serving(&self, region: Region) -> Option<Arc<Peer>> {
        self.view.peers().serving(region)
    }

    /// What is in memory about a peer that is none any more.
    pub(crate) fn forget_peer(&self, name: &PeerName) {
        self.channels.health.forget(name);
    }

    /// When a peer last answered, since this process began.
    pub(crate) fn peer_answered_at(&self, name: &PeerName) -> Option<Timestamp> {
        self.channels.health.last_answer(name)
    }
}
