//! From here to a peer: a question sealed, carried, and its answer opened.

use std::sync::Arc;

use kagiban_base::arn::KeyArn;
use kagiban_base::id::Region;
use kagiban_base::random::public_array;
use kagiban_base::secret::SecretBytes;

use super::directory::Peer;
use super::envelope::{Envelope, Kind, Outcome, QuestionHeader, Way};
use super::error::PeerError;
use super::name::PeerName;
use super::pairing::pairing_key;
use super::transport::{PeerCall, TransportError};
use crate::Service;
use crate::error::ServiceError;

/// A step was not taken by the peer, as far as is known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeliveryError {
    /// No peer serves the Region, or keys of the account are not shared with it.
    #[error("no peer takes keys of this account in {0}")]
    NoPeer(Region),
    /// This deployment does not listen for peers.
    #[error("the channel to peers is closed: start the service with --peer-listen")]
    ChannelClosed,
    /// It will not take the step; its reasons.
    #[error("peer {0} refuses: {1}")]
    Refused(PeerName, String),
    /// To be tried again.
    #[error("peer {0} did not answer: {1}")]
    Unanswered(PeerName, TransportError),
    /// To be tried again.
    #[error("peer {0} could not do it now")]
    Failed(PeerName),
    /// Our own fault.
    #[error("{0:?}")]
    Internal(Box<ServiceError>),
}

impl Service {
    /// Brings a step to the peer that serves the Region of the key that it is for; gives what the peer answers. The step may be
    /// taken although the answer does not come, so it must do no harm when it comes again.
    ///
    /// # Errors
    /// [`DeliveryError`]
    pub(crate) async fn deliver(&self, to: &KeyArn, step: &SecretBytes) -> Result<SecretBytes, DeliveryError> {
        let peer = self.peer_serving(to.region).filter(|peer| peer.shares(to.account));
        let peer = peer.ok_or(DeliveryError::NoPeer(to.region))?;
        let subject = to.to_string();
        self.ask(&peer, Kind::Step, &subject, step).await
    }

    /// Whether a peer hears us; the way there and back is tried now.
    ///
    /// # Errors
    /// [`PeerError::NotFound`], [`PeerError::Exchange`] and others.
    pub(crate) async fn check_peer(&self, name: &PeerName) -> Result<(), ServiceError> {
        let peer = self.view.peers().peer(name).ok_or_else(|| PeerError::NotFound(name.clone()))?;
        // The operator asks now: what failed a moment ago is no reason to wait.
        self.channels.health.end_pause(name);
        self.ask(&peer, Kind::Check, "", &SecretBytes::default()).await?;
        Ok(())
    }

    async fn ask(
        &self,
        peer: &Arc<Peer>,
        kind: Kind,
        subject: &str,
        message: &SecretBytes,
    ) -> Result<SecretBytes, DeliveryError> {
        let peering = self.channels.peering().map_err(|_| DeliveryError::ChannelClosed)?;
        let unanswered = |error| DeliveryError::Unanswered(peer.name.clone(), error);
        if let Some(error) = self.channels.health.pause(&peer.name, self.clock.now()) {
            return Err(unanswered(error));
        }
        let key = pairing_key(self, peer).map_err(internal)?;
        let [us, them] = [peering.identity.fingerprint(), peer.record.fingerprint];
        let request_id = public_array(&*self.random).map_err(|error| internal(error.into()))?;
        let header = QuestionHeader { request_id, kind, subject };
        let binding = Way { sender: &us, receiver: &them }.question(&header);
        let sealed = key.seal(message.expose(), &binding, &*self.random).map_err(too_long)?;
        let message = Envelope::Question { header, sealed: &sealed }.encode();
        let address =
            peer.record.address.parse().map_err(|_| unanswered(TransportError::Unreachable("no address".into())))?;
        let call = PeerCall { address: &address, fingerprint: them, identity: &peering.identity, message };
        let answered = peering.transport.exchange(call).await;
        let opened = answered.and_then(|answer| {
            let binding = Way { sender: &them, receiver: &us }.answer(&header);
            let opened = key.open(&answer, &binding).ok().and_then(|opened| Outcome::decode(&opened));
            opened.ok_or_else(|| TransportError::Interrupted("its answer does not open".to_owned()))
        });
        self.note(peer, opened.as_ref().err());
        match opened.map_err(unanswered)? {
            Outcome::Done(answer) => Ok(answer),
            Outcome::Refused(why) => Err(DeliveryError::Refused(peer.name.clone(), why)),
            Outcome::Failed => Err(DeliveryError::Failed(peer.name.clone())),
        }
    }

    /// Remembers how it went; the log hears of a failure once a minute.
    fn note(&self, peer: &Peer, failure: Option<&TransportError>) {
        let now = self.clock.now();
        match failure {
            None => self.channels.health.note_answer(&peer.name, now),
            Some(error) => {
                if self.channels.health.note_failure(&peer.name, error, now) {
                    tracing::warn!(peer = %peer.name, address = peer.record.address, %error, "a peer does not answer");
                }
            }
        }
    }
}

impl From<DeliveryError> for ServiceError {
    fn from(error: DeliveryError) -> Self {
        match error {
            DeliveryError::ChannelClosed => PeerError::ChannelClosed.into(),
            DeliveryError::Failed(peer) => PeerError::Exchange(peer, TransportError::Status(503)).into(),
            DeliveryError::Internal(error) => *error,
            DeliveryError::NoPeer(region) => PeerError::RegionElsewhere(region, None).into(),
            DeliveryError::Refused(_, why) => PeerError::RefusedByPeer(why).into(),
            DeliveryError::Unanswered(peer, error) => PeerError::Exchange(peer, error).into(),
        }
    }
}

fn internal(error: ServiceError) -> DeliveryError {
    DeliveryError::Internal(Box::new(error))
}

fn too_long(error: kagiban_keycore::channel::SealMessageError) -> DeliveryError {
    internal(ServiceError::Internal(crate::error::InternalError::Cryptography(Box::new(error))))
}
