//! What can go wrong between deployments.

use std::collections::BTreeSet;

use kagiban_api::ErrorCode;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::Region;
use kagiban_storage::StoreError;

use super::name::PeerName;
use super::transport::TransportError;
use crate::error::ServiceError;

/// Why a request is refused that is about peers, or for one.
#[derive(Debug)]
pub(crate) enum PeerError {
    /// `serve` was not told to listen for peers.
    ChannelClosed,
    /// The peer could not be reached, or did not answer.
    Exchange(PeerName, TransportError),
    /// Expired, used, or not meant for us: the peer does not say which.
    InvitationRefused,
    Invitations {
        limit: usize,
    },
    InvalidInvitation,
    /// A key of the peer's that is related to keys here; the removal was not forced.
    KeysRelated(PeerName, usize),
    /// That deployment is a peer already, by this name.
    KnownAs(PeerName),
    NameTaken(PeerName),
    NotFound(PeerName),
    /// `serve` was not told which Regions it serves.
    NoRegions,
    /// The invitation comes from this deployment itself.
    Oneself,
    /// Development with production.
    OtherKind,
    /// What the other side says does not follow the protocol, or another version of it.
    OtherProtocol,
    /// Regions that another deployment serves.
    Overlap(BTreeSet<Region>),
    Peers {
        limit: usize,
    },
    /// The peer's reasons, in its words.
    RefusedByPeer(String),
    /// A replica over there that its peer says is not in a state to become the primary.
    ReplicaUnfit(KeyArn),
    /// A request for a Region that is not served here, but perhaps by a peer.
    RegionElsewhere(Region, Option<PeerName>),
}

/// Longest text of a peer's that is passed on, in characters.
const PEER_TEXT_CHARS: usize = 500;

impl PeerError {
    /// Code and text. Called by the one place that turns errors into answers, and for the peer that is refused.
    pub(crate) fn answer(&self) -> (ErrorCode, String) {
        use ErrorCode as Code;
        match self {
            Self::ChannelClosed => (
                Code::UnsupportedOperationException,
                "This deployment listens for no peers: start it with --peer-listen ADDRESS:PORT.".to_owned(),
            ),
            Self::Exchange(peer, error) => (Code::DependencyTimeoutException, format!("Peer {peer} did not answer: {error}.")),
            Self::InvitationRefused => (
                Code::ValidationException,
                "The invitation is not taken: it has expired, was used or replaced, or is not of that deployment. Ask for a \
                 new one."
                    .to_owned(),
            ),
            Self::Invitations { limit } => (
                Code::LimitExceededException,
                format!("{limit} invitations can wait at once; they expire after an hour, and DeletePeer takes one back."),
            ),
            Self::InvalidInvitation => (
                Code::ValidationException,
                "Invitation must be what CreatePeerInvitation gave, whole: it begins with kagiban-peer-.".to_owned(),
            ),
            Self::KeysRelated(peer, keys) => (
                Code::ConflictException,
                format!(
                    "{keys} keys here are related to keys of peer {peer}. Without the pairing they go their own ways: delete \
                     the replicas first, or remove the peer by force."
                ),
            ),
            Self::KnownAs(peer) => {
                (Code::AlreadyExistsException, format!("That deployment is paired with this one already, as {peer}."))
            }
            Self::NameTaken(peer) => (Code::AlreadyExistsException, format!("There is a peer {peer} already.")),
            Self::NotFound(peer) => (Code::NotFoundException, format!("There is no peer and no invitation {peer}.")),
            Self::NoRegions => (
                Code::UnsupportedOperationException,
                "Which Regions this deployment serves must be said before it is paired: start it with --region REGION, for \
                 each of them."
                    .to_owned(),
            ),
            Self::Oneself => {
                (Code::ValidationException, "The invitation was made by this deployment itself.".to_owned())
            }
            Self::OtherKind => {
                (Code::ValidationException, "Development and production deployments are not paired.".to_owned())
            }
            Self::OtherProtocol => (
                Code::ValidationException,
                "The other deployment speaks another version of the protocol of peers.".to_owned(),
            ),
            Self::Overlap(regions) => {
                let names: Vec<_> = regions.iter().map(Region::as_str).collect();
                let text = format!("Each Region is served by one deployment; two would serve {}.", names.join(", "));
                (Code::ValidationException, text)
            }
            Self::Peers { limit } => {
                (Code::LimitExceededException, format!("A deployment can have {limit} peers at most."))
            }
            Self::RefusedByPeer(why) => {
                let why: String = why.chars().filter(|c| !c.is_control()).take(PEER_TEXT_CHARS).collect();
                (Code::ValidationException, format!("The other deployment refuses: {why}"))
            }
            Self::ReplicaUnfit(key) => (
                Code::KMSInvalidStateException,
                format!("{key} cannot be the primary now: it is not enabled, or its deletion has begun."),
            ),
            Self::RegionElsewhere(region, by) => {
                let by = by.as_ref().map(|peer| format!(" Peer {peer} does.")).unwrap_or_default();
                (Code::UnsupportedOperationException, format!("{region} is not served by this deployment.{by}"))
            }
        }
    }
}

/// A message of a peer's is not answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReceiveError {
    /// Not a message of a known form.
    #[error("not a message of a known form")]
    Malformed,
    /// From nobody we know, or not sealed for us: no more is said.
    #[error("from no peer")]
    NotKnown,
    /// It could not be dealt with now.
    #[error("it cannot be dealt with now")]
    Unavailable,
}

/// The certificate of this deployment's channel cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The store failed, or the key does not open.
    #[error("the certificate of this deployment's channel cannot be read or written")]
    Stored(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It could not be made.
    #[error(transparent)]
    Made(#[from] TransportError),
}

impl From<StoreError> for IdentityError {
    fn from(error: StoreError) -> Self {
        Self::Stored(Box::new(error))
    }
}

impl From<PeerError> for ServiceError {
    fn from(error: PeerError) -> Self {
        crate::operator::OperatorError::Peer(error).into()
    }
}
