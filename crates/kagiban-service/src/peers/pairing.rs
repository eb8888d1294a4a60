//! A pairing: one deployment accepts the invitation of another, each tells the other what it serves, and both write it down.
//!
//! The one who accepts knows the inviter by the fingerprint in the invitation, and shows that it has the invitation by sealing
//! what it says under its secret, which is never sent. Both certificates are bound to that, so nobody can stand between them. The
//! key of the pairing is made of the secret and of 32 random bytes from each side.

use std::collections::BTreeSet;
use std::sync::Arc;

use kagiban_base::id::{AccountId, Region};
use kagiban_base::secret::{SecretArray, SecretBytes};
use kagiban_base::time::Timestamp;
use kagiban_iam::deployment::DeploymentKind;
use kagiban_keycore::channel::{CertificateFingerprint, ChannelKey};
use kagiban_keycore::hierarchy::WrappedSecret;
use kagiban_storage::{Prefix, Transaction};
use serde::{Deserialize, Serialize};

use super::address::PeerAddress;
use super::envelope::{Envelope, Outcome, Way};
use super::error::{PeerError, ReceiveError};
use super::invitation::Invitation;
use super::name::PeerName;
use super::transport::{PeerCall, TransportError};
use super::{Channels, PEERS_MAX, Peering};
use crate::Service;
use crate::error::{InternalError, ServiceError};
use crate::records::peer::{ChannelRecord, ChannelRowKey, InvitationRecord, PeerRecord, PeerRowKey};

/// The version of what both sides say here and later.
const PROTOCOL: u32 = 1;
/// Regions of one deployment at most; there are fewer in all.
const REGIONS_MAX: usize = 100;

/// What one deployment tells another about itself. Before it stand 32 random bytes.
#[derive(Debug, Deserialize, Serialize)]
struct Introduction {
    protocol: u32,
    kind: DeploymentKind,
    /// Where its channel is.
    address: String,
    /// The Regions that it serves.
    #[serde(with = "kagiban_storage::json::texts")]
    regions: BTreeSet<Region>,
    /// The Regions that other peers of its serve.
    #[serde(with = "kagiban_storage::json::texts")]
    elsewhere: BTreeSet<Region>,
}

/// An invitation that is to be accepted.
#[derive(Debug)]
pub(crate) struct Acceptance {
    pub(crate) invitation: Invitation,
    /// What to call the inviter.
    pub(crate) name: PeerName,
    /// The accounts whose keys are to be shared; empty for all.
    pub(crate) accounts: BTreeSet<AccountId>,
}

/// A side of a pairing: its nonce, and what it said.
struct Side {
    nonce: SecretArray<32>,
    introduction: Introduction,
}

impl Side {
    fn encode(&self) -> Result<SecretBytes, ServiceError> {
        let text =
            serde_json::to_vec(&self.introduction).map_err(|_| ServiceError::Internal(InternalError::Encoding))?;
        let mut bytes = SecretBytes::new(Vec::with_capacity(32 + text.len()));
        bytes.append(self.nonce.expose());
        bytes.append(&text);
        Ok(bytes)
    }

    fn decode(bytes: &SecretBytes) -> Result<Self, PeerError> {
        let (nonce, text) = bytes.expose().split_first_chunk::<32>().ok_or(PeerError::OtherProtocol)?;
        let introduction: Introduction = serde_json::from_slice(text).map_err(|_| PeerError::OtherProtocol)?;
        if introduction.protocol != PROTOCOL || introduction.regions.len() > REGIONS_MAX {
            return Err(PeerError::OtherProtocol);
        }
        Ok(Self { nonce: SecretArray::new(*nonce), introduction })
    }
}

impl Channels {
    /// The Regions that this deployment serves.
    pub(super) fn own_regions(&self) -> Result<&BTreeSet<Region>, PeerError> {
        self.regions.get().filter(|regions| !regions.is_empty()).ok_or(PeerError::NoRegions)
    }
}

/// Accepts an invitation; gives the Regions that the new peer serves.
///
/// # Errors
/// Those of [`PeerError`] but for what is of invitations alone. When the answer does not come, the inviter may have written the
/// pairing down; the same invitation can be accepted again.
pub(crate) async fn accept_invitation(
    service: &Service,
    acceptance: &Acceptance,
    now: Timestamp,
) -> Result<BTreeSet<Region>, ServiceError> {
    let peering = service.channels.peering()?;
    let Acceptance { invitation, name, accounts } = acceptance;
    let [us, them] = [peering.identity.fingerprint(), invitation.inviter];
    service.may_pair(&them, name)?;
    let ours = service.introduce(peering, None)?;
    let way = Way { sender: &us, receiver: &them };
    let seal = invitation.key.seal(ours.encode()?.expose(), &way.acceptance(&invitation.id), &*service.random);
    let sealed = seal.map_err(internal)?;
    let message = Envelope::Acceptance { invitation: invitation.id, sealed: &sealed }.encode();
    let call = PeerCall { address: &invitation.address, fingerprint: them, identity: &peering.identity, message };
    let answer = peering.transport.exchange(call).await.map_err(|error| match error {
        TransportError::NotKnown => PeerError::InvitationRefused,
        error => PeerError::Exchange(name.clone(), error),
    })?;
    let back = Way { sender: &them, receiver: &us };
    let opened = invitation.key.open(&answer, &back.reception(&invitation.id)).map_err(|_| PeerError::OtherProtocol)?;
    let theirs = match Outcome::decode(&opened) {
        Some(Outcome::Done(said)) => Side::decode(&said)?,
        Some(Outcome::Refused(why)) => return Err(PeerError::RefusedByPeer(why).into()),
        Some(Outcome::Failed) | None => return Err(PeerError::OtherProtocol.into()),
    };
    service.suits(&theirs.introduction, None)?;
    let key = invitation.key.of_pairing(&them, &us, [theirs.nonce.expose(), ours.nonce.expose()]).map_err(internal)?;
    let regions = theirs.introduction.regions;
    let address = invitation.address.as_str().to_owned();
    let new = NewPeer { name, fingerprint: them, address, regions: &regions, accounts };
    let (row, record) = (PeerRowKey(name.clone()), new.record(service, &key, now)?);
    let (row, record) = (&row, &record);
    service.transact("AcceptPeerInvitation", |tx| async move { write_peer(&tx, row, record).await }).await?;
    service.channels.health.note_answer(name, now);
    Ok(regions)
}

impl Service {
    /// Somebody shows an invitation of ours. What is wrong with it is told to nobody who cannot seal with its secret.
    pub(super) async fn receive_acceptance(
        &self,
        id: &[u8; 16],
        sealed: &[u8],
        them: &CertificateFingerprint,
        peering: &Peering,
    ) -> Result<Vec<u8>, ReceiveError> {
        let now = self.clock.now();
        let name = self.view.peers().invitation_named(id).ok_or(ReceiveError::NotKnown)?;
        let (record, key) = self.invitation(&name, id, them, now).await?;
        let us = peering.identity.fingerprint();
        let said = key.open(sealed, &Way { sender: them, receiver: &us }.acceptance(id));
        let said = said.map_err(|_| ReceiveError::NotKnown)?;
        let outcome = match self.pair(&name, &said, them, (peering, &record, &key), now).await {
            Ok(ours) => Outcome::Done(ours),
            Err(ServiceError::Operator(crate::operator::OperatorError::Peer(why))) => {
                tracing::warn!(peer = %name, ?why, "an invitation was not accepted");
                Outcome::Refused(why.answer().1)
            }
            Err(error) => {
                tracing::error!(peer = %name, ?error, "an invitation could not be accepted");
                Outcome::Failed
            }
        };
        let back = Way { sender: &us, receiver: them };
        key.seal(outcome.encode().expose(), &back.reception(id), &*self.random).map_err(|_| ReceiveError::Unavailable)
    }

    /// The invitation, if it counts for the owner of this certificate, and its key.
    async fn invitation(
        &self,
        name: &PeerName,
        id: &[u8; 16],
        them: &CertificateFingerprint,
        now: Timestamp,
    ) -> Result<(InvitationRecord, ChannelKey), ReceiveError> {
        let row = PeerRowKey(name.clone());
        let read = async { self.store.snapshot().await?.read::<InvitationRecord>(&row).await };
        let record = read.await.map_err(|_| ReceiveError::Unavailable)?.ok_or(ReceiveError::NotKnown)?;
        if record.id != id || record.expires <= now || record.accepted_by.is_some_and(|by| by != *them) {
            return Err(ReceiveError::NotKnown);
        }
        let wrapped = WrappedSecret::decode(&record.wrapped_secret).map_err(|_| ReceiveError::Unavailable)?;
        let secret = self.domain_keys.unwrap_key(&wrapped, &row.invitation_binding());
        let secret = secret.map_err(|_| ReceiveError::Unavailable)?;
        let key = SecretArray::from_slice(secret.expose()).map(ChannelKey::new).ok_or(ReceiveError::Unavailable)?;
        Ok((record, key))
    }

    /// Pairs with whoever accepted an invitation; gives what is to be said to it.
    async fn pair(
        &self,
        name: &PeerName,
        said: &SecretBytes,
        them: &CertificateFingerprint,
        (peering, invitation, key): (&Peering, &InvitationRecord, &ChannelKey),
        now: Timestamp,
    ) -> Result<SecretBytes, ServiceError> {
        let theirs = Side::decode(said)?;
        self.may_pair(them, name).or_else(|error| match error {
            // It has accepted already, and did not hear of it.
            PeerError::KnownAs(known) | PeerError::NameTaken(known)
                if known == *name && invitation.accepted_by == Some(*them) =>
            {
                Ok(())
            }
            error => Err(error),
        })?;
        self.suits(&theirs.introduction, Some(name))?;
        let address: PeerAddress = theirs.introduction.address.parse().map_err(|_| PeerError::OtherProtocol)?;
        let ours = self.introduce(peering, Some(name))?;
        let us = peering.identity.fingerprint();
        let nonces = [ours.nonce.expose(), theirs.nonce.expose()];
        let key = key.of_pairing(&us, them, nonces).map_err(internal)?;
        let regions = &theirs.introduction.regions;
        let accounts = &invitation.accounts;
        let new = NewPeer { name, fingerprint: *them, address: address.as_str().to_owned(), regions, accounts };
        let (row, record) = (PeerRowKey(name.clone()), new.record(self, &key, now)?);
        let (row, record) = (&row, &record);
        let write = |tx: Transaction| async move { write_accepted(&tx, row, record, invitation).await };
        self.transact("AcceptPeerInvitation", write).await?;
        tracing::info!(peer = %name, fingerprint = %them, "paired with another deployment");
        ours.encode()
    }

    /// Whether a deployment can become a peer by this name.
    fn may_pair(&self, them: &CertificateFingerprint, name: &PeerName) -> Result<(), PeerError> {
        let peers = self.view.peers();
        if self.channels.peering()?.identity.fingerprint() == *them {
            return Err(PeerError::Oneself);
        }
        if let Some(known) = peers.with_certificate(them) {
            return Err(PeerError::KnownAs(known.name.clone()));
        }
        if peers.peer(name).is_some() {
            return Err(PeerError::NameTaken(name.clone()));
        }
        if peers.all().len() >= PEERS_MAX {
            return Err(PeerError::Peers { limit: PEERS_MAX });
        }
        Ok(())
    }

    /// What we say of ourselves, to a peer that may be among those we know.
    fn introduce(&self, peering: &Peering, to: Option<&PeerName>) -> Result<Side, ServiceError> {
        let mut nonce = SecretArray::zeroed();
        self.random.fill_secret(nonce.expose_mut())?;
        let introduction = Introduction {
            protocol: PROTOCOL,
            kind: self.iam.directory.kind(),
            address: peering.address.as_str().to_owned(),
            regions: self.channels.own_regions()?.clone(),
            elsewhere: self.regions_elsewhere(to),
        };
        Ok(Side { nonce, introduction })
    }

    /// Whether what the other side serves fits with what we and our other peers serve: each Region is served by one.
    fn suits(&self, theirs: &Introduction, whose: Option<&PeerName>) -> Result<(), PeerError> {
        if theirs.kind != self.iam.directory.kind() {
            return Err(PeerError::OtherKind);
        }
        let ours = self.channels.own_regions()?;
        let elsewhere = self.regions_elsewhere(whose);
        let taken = theirs.regions.iter().filter(|region| ours.contains(region) || elsewhere.contains(region));
        let claimed = theirs.elsewhere.iter().filter(|region| ours.contains(region));
        let overlap: BTreeSet<Region> = taken.chain(claimed).copied().collect();
        if !overlap.is_empty() {
            return Err(PeerError::Overlap(overlap));
        }
        if theirs.regions.is_empty() { Err(PeerError::OtherProtocol) } else { Ok(()) }
    }

    /// The Regions of all peers but this one.
    fn regions_elsewhere(&self, but: Option<&PeerName>) -> BTreeSet<Region> {
        let others = self.view.peers().all().into_iter().filter(|peer| Some(&peer.name) != but);
        others.flat_map(|peer| peer.record.regions.iter().copied().collect::<Vec<_>>()).collect()
    }
}

/// A peer that is to be written down.
struct NewPeer<'a> {
    name: &'a PeerName,
    fingerprint: CertificateFingerprint,
    address: String,
    regions: &'a BTreeSet<Region>,
    accounts: &'a BTreeSet<AccountId>,
}

impl NewPeer<'_> {
    fn record(self, service: &Service, key: &ChannelKey, now: Timestamp) -> Result<PeerRecord, ServiceError> {
        let binding = PeerRowKey(self.name.clone()).binding();
        let wrapped = service.domain_keys.wrap(key.expose(), &binding, &*service.random).map_err(internal)?;
        Ok(PeerRecord {
            paired: now,
            fingerprint: self.fingerprint,
            address: self.address,
            regions: self.regions.clone(),
            accounts: self.accounts.clone(),
            wrapped_key: wrapped.encode(),
        })
    }
}

/// Writes a peer whose name must be free. That no other has its certificate or Regions is asked again.
async fn write_peer(tx: &Transaction, row: &PeerRowKey, record: &PeerRecord) -> Result<(), ServiceError> {
    // Written again as it is: of two pairings at once, one must see the other.
    if let Some(channel) = tx.read::<ChannelRecord>(&ChannelRowKey).await? {
        tx.put(&ChannelRowKey, &channel)?;
    }
    for (other, known) in tx.scan::<PeerRecord>(&Prefix::all(), None, PEERS_MAX).await?.rows {
        if other == *row {
            return Err(PeerError::NameTaken(other.0).into());
        }
        if known.fingerprint == record.fingerprint {
            return Err(PeerError::KnownAs(other.0).into());
        }
        let overlap: BTreeSet<Region> = known.regions.intersection(&record.regions).copied().collect();
        if !overlap.is_empty() {
            return Err(PeerError::Overlap(overlap).into());
        }
    }
    Ok(tx.put(row, record)?)
}

/// Writes the peer that accepted, and that its invitation is for nobody else any more.
async fn write_accepted(
    tx: &Transaction,
    row: &PeerRowKey,
    record: &PeerRecord,
    invitation: &InvitationRecord,
) -> Result<(), ServiceError> {
    let now = tx.read::<InvitationRecord>(row).await?;
    if now.as_ref().is_none_or(|now| now != invitation) {
        return Err(PeerError::InvitationRefused.into());
    }
    let known = tx.read::<PeerRecord>(row).await?;
    if known.is_some_and(|known| known.fingerprint == record.fingerprint) {
        tx.delete::<PeerRecord>(row)?;
    }
    write_peer(tx, row, record).await?;
    let accepted = InvitationRecord { accepted_by: Some(record.fingerprint), ..invitation.clone() };
    Ok(tx.put(row, &accepted)?)
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> ServiceError {
    ServiceError::Internal(InternalError::Cryptography(Box::new(error)))
}

/// The key of a pairing, unwrapped.
pub(super) fn pairing_key(service: &Service, peer: &Arc<super::Peer>) -> Result<ChannelKey, ServiceError> {
    let wrapped = WrappedSecret::decode(&peer.record.wrapped_key).map_err(internal)?;
    let binding = PeerRowKey(peer.name.clone()).binding();
    let secret = service.domain_keys.unwrap_key(&wrapped, &binding).map_err(internal)?;
    let key = SecretArray::from_slice(secret.expose()).map(ChannelKey::new);
    key.ok_or(ServiceError::Internal(InternalError::Encoding))
}
