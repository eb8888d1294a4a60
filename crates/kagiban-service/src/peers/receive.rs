//! From a peer to here: who it is, what it may, and the answer sealed.
//!
//! A peer is known by its certificate, and what it says opens with the key of its pairing. It may bring steps of multi-Region
//! keys to Regions that are served here, of accounts that are here and shared with it; whether the step comes from a Region that
//! it serves is asked where steps are taken.

use std::sync::Arc;

use kagiban_base::arn::KeyArn;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::channel::CertificateFingerprint;

use super::Peering;
use super::directory::Peer;
use super::envelope::{Envelope, Kind, Outcome, QuestionHeader, Way};
use super::error::ReceiveError;
use super::pairing::pairing_key;
use crate::Service;
use crate::error::ServiceError;
use crate::multi_region;
use crate::multi_region::step::{Answer, Message, Step};

impl Service {
    /// Answers a message that came over the channel from the owner of a certificate.
    ///
    /// # Errors
    /// [`ReceiveError`]; what the sender could do about it, it is told inside a sealed answer.
    pub async fn receive_from_peer(
        &self,
        fingerprint: &CertificateFingerprint,
        message: &[u8],
    ) -> Result<Vec<u8>, ReceiveError> {
        let peering = self.channels.peering().map_err(|_| ReceiveError::Unavailable)?;
        match Envelope::decode(message).ok_or(ReceiveError::Malformed)? {
            Envelope::Acceptance { invitation, sealed } => {
                self.receive_acceptance(&invitation, sealed, fingerprint, peering).await
            }
            Envelope::Question { header, sealed } => self.receive_question(&header, sealed, fingerprint, peering).await,
        }
    }

    async fn receive_question(
        &self,
        header: &QuestionHeader<'_>,
        sealed: &[u8],
        them: &CertificateFingerprint,
        peering: &Peering,
    ) -> Result<Vec<u8>, ReceiveError> {
        let peer = self.view.peers().with_certificate(them).ok_or(ReceiveError::NotKnown)?;
        let key = pairing_key(self, &peer).map_err(|error| {
            tracing::error!(peer = %peer.name, ?error, "the key of a pairing cannot be used");
            ReceiveError::Unavailable
        })?;
        let us = peering.identity.fingerprint();
        let message = key.open(sealed, &Way { sender: them, receiver: &us }.question(header)).map_err(|_| {
            tracing::warn!(peer = %peer.name, "a message does not open: pair the deployments anew if this goes on");
            ReceiveError::NotKnown
        })?;
        let outcome = match header.kind {
            Kind::Check => Outcome::Done(SecretBytes::default()),
            Kind::Step => self.receive_step(&peer, header.subject, &message).await,
        };
        let binding = Way { sender: &us, receiver: them }.answer(header);
        key.seal(outcome.encode().expose(), &binding, &*self.random).map_err(|_| ReceiveError::Unavailable)
    }

    async fn receive_step(&self, peer: &Arc<Peer>, subject: &str, step: &SecretBytes) -> Outcome {
        let key = match self.may_bring(peer, subject) {
            Ok(key) => key,
            Err(why) => {
                tracing::warn!(peer = %peer.name, why, "a step of a peer was refused");
                return Outcome::Refused(why.to_owned());
            }
        };
        self.take_step(peer, &key, step).await
    }

    /// Whether a peer may bring a step for this key at all.
    fn may_bring(&self, peer: &Peer, subject: &str) -> Result<KeyArn, &'static str> {
        let key: KeyArn = subject.parse().map_err(|_| "this is no ARN of a key")?;
        if !key.key_id.is_multi_region() {
            return Err("the key is no multi-Region key");
        }
        if !self.serves(key.region) {
            return Err("the Region of the key is not served here");
        }
        if !peer.shares(key.account) || !self.iam.directory.has_account(key.account) {
            return Err("there is no such account here, or its keys are not shared");
        }
        Ok(key)
    }

    async fn take_step(&self, peer: &Arc<Peer>, key: &KeyArn, bytes: &SecretBytes) -> Outcome {
        let step = match Step::decode(bytes) {
            Ok(step) if is_of_peer(&step, peer) && step.head.to == *key => step,
            _ => {
                tracing::warn!(peer = %peer.name, %key, "a step does not come from a Region that the peer serves");
                return Outcome::Refused("this is no step of a key in a Region that the sender serves".to_owned());
            }
        };
        match multi_region::receive::apply(step, self).await.map(Answer::encode) {
            Ok(Ok(answer)) => Outcome::Done(SecretBytes::new(answer)),
            Err(error) if !matches!(error, ServiceError::Internal(_)) => {
                Outcome::Refused(error.answer().1.unwrap_or_else(|| "the step is refused".to_owned()))
            }
            failed => {
                tracing::error!(peer = %peer.name, %key, ?failed, "a step of a peer could not be taken");
                Outcome::Failed
            }
        }
    }
}

/// Whether a step speaks for a key in one of the peer's own Regions.
fn is_of_peer(step: &Step, peer: &Peer) -> bool {
    let from = step.head.from;
    let speaks_for = match &step.head.message {
        Message::Create(creation) => creation.shared.primary,
        Message::Promote(shared) => shared.primary,
        Message::State(state) => state.shared.primary,
        Message::Left | Message::Ready | Message::Report(_) => from,
    };
    peer.serves(from) && speaks_for == from
}
