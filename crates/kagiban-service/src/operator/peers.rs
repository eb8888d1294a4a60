//! CreatePeerInvitation, AcceptPeerInvitation, ListPeers, CheckPeer, DeletePeer: other deployments that serve other Regions.

use std::collections::BTreeSet;

use kagiban_base::id::{AccountId, Region};
use kagiban_base::time::Timestamp;
use kagiban_keycore::channel::CertificateFingerprint;
use kagiban_storage::Transaction;
use serde::{Deserialize, Serialize, Serializer};

use super::fields::{AccountIdField, InvitationText, PeerNameField};
use super::permission::{self, Permitted};
use super::{Context, Done, Operation, OperatorError, ShownOnce, optional_seconds, seconds};
use crate::error::ServiceError;
use crate::peers::{self, Acceptance, Invitation, Peer, PeerError, PeerName};
use crate::records::peer::{InvitationRecord, PeerRecord, PeerRowKey};

/// Accounts that one pairing can name.
const ACCOUNTS_MAX: usize = 1000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CreatePeerInvitationRequest {
    peer_name: PeerNameField,
    #[serde(default)]
    accounts: Vec<AccountIdField>,
}

/// The invitation: whoever has it can be paired, once.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreatePeerInvitationResponse {
    invitation: ShownOnce,
    #[serde(serialize_with = "seconds")]
    expiration_date: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct AcceptPeerInvitationRequest {
    invitation: InvitationText,
    peer_name: PeerNameField,
    #[serde(default)]
    accounts: Vec<AccountIdField>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AcceptPeerInvitationResponse {
    /// Those that the new peer serves.
    regions: Vec<Named<Region>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListPeersRequest {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListPeersResponse {
    peers: Vec<Listed>,
}

/// A peer, or an invitation that waits.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    peer_name: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    regions: Vec<Named<Region>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<Named<AccountId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_fingerprint: Option<Named<CertificateFingerprint>>,
    #[serde(serialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    paired_date: Option<Timestamp>,
    #[serde(serialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    expiration_date: Option<Timestamp>,
    /// Since this server began.
    #[serde(serialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    last_answer_date: Option<Timestamp>,
    /// Keys here that are related to keys of its.
    #[serde(skip_serializing_if = "Option::is_none")]
    related_keys: Option<usize>,
    /// Of these, the keys with something to tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_keys: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct PeerRequest {
    peer_name: PeerNameField,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DeletePeerRequest {
    peer_name: PeerNameField,
    /// Although keys are related.
    #[serde(default)]
    force: bool,
}

/// Something that is shown as its text.
#[derive(Debug)]
struct Named<T>(T);

impl<T: std::fmt::Display> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn named<T: Copy>(all: &BTreeSet<T>) -> Vec<Named<T>> {
    all.iter().copied().map(Named).collect()
}

/// Makes an invitation, which is shown now and never again.
pub(super) async fn invite(
    input: &CreatePeerInvitationRequest,
    ctx: &Context<'_>,
) -> Result<CreatePeerInvitationResponse, ServiceError> {
    let _permitted = permission::require(Operation::CreatePeerInvitation, ctx)?;
    let accounts = existing(&input.accounts, ctx)?;
    let (invitation, expiration_date) =
        peers::create_invitation(ctx.service, &input.peer_name.0, &accounts, ctx.now).await?;
    Ok(CreatePeerInvitationResponse { invitation: ShownOnce(invitation.encode()), expiration_date })
}

/// Accepts an invitation of another deployment.
pub(super) async fn accept(
    input: &AcceptPeerInvitationRequest,
    ctx: &Context<'_>,
) -> Result<AcceptPeerInvitationResponse, ServiceError> {
    let _permitted = permission::require(Operation::AcceptPeerInvitation, ctx)?;
    let invitation = Invitation::decode(input.invitation.0.expose()).ok_or(PeerError::InvalidInvitation)?;
    let accounts = existing(&input.accounts, ctx)?;
    let acceptance = Acceptance { invitation, name: input.peer_name.0.clone(), accounts };
    let regions = peers::accept_invitation(ctx.service, &acceptance, ctx.now).await?;
    Ok(AcceptPeerInvitationResponse { regions: named(&regions) })
}

/// The accounts, all of which must be here.
fn existing(accounts: &[AccountIdField], ctx: &Context<'_>) -> Result<BTreeSet<AccountId>, ServiceError> {
    if accounts.len() > ACCOUNTS_MAX {
        return Err(ServiceError::Validation(format!("Accounts must name {ACCOUNTS_MAX} accounts at most.")));
    }
    let accounts: BTreeSet<AccountId> = accounts.iter().map(|account| account.0).collect();
    let missing = accounts.iter().find(|account| !ctx.service.iam.directory.has_account(**account));
    match missing {
        Some(missing) => Err(OperatorError::AccountNotFound(*missing).into()),
        None => Ok(accounts),
    }
}

/// Lists the peers and the invitations that wait, by name.
pub(super) fn list(_: &ListPeersRequest, ctx: &Context<'_>) -> Result<ListPeersResponse, ServiceError> {
    let _permitted = permission::require(Operation::ListPeers, ctx)?;
    let directory = ctx.service.view.peers();
    let peers = directory.all().into_iter().map(|peer| shown(&peer, ctx));
    let invited = directory.invitations(ctx.now).into_iter().map(|(name, invitation)| waiting(&name, &invitation));
    let mut peers: Vec<_> = peers.chain(invited).collect();
    peers.sort_by(|one, other| one.peer_name.cmp(&other.peer_name));
    Ok(ListPeersResponse { peers })
}

fn shown(peer: &Peer, ctx: &Context<'_>) -> Listed {
    let record = &peer.record;
    let keys = peers::related_keys(ctx.service, peer);
    Listed {
        peer_name: peer.name.as_str().to_owned(),
        state: "PAIRED",
        address: Some(record.address.clone()),
        regions: named(&record.regions),
        accounts: named(&record.accounts),
        certificate_fingerprint: Some(Named(record.fingerprint)),
        paired_date: Some(record.paired),
        expiration_date: None,
        last_answer_date: ctx.service.peer_answered_at(&peer.name),
        related_keys: Some(keys.related),
        waiting_keys: Some(keys.waiting),
    }
}

fn waiting(name: &PeerName, invitation: &InvitationRecord) -> Listed {
    Listed {
        peer_name: name.as_str().to_owned(),
        state: "INVITED",
        address: None,
        regions: Vec::new(),
        accounts: named(&invitation.accounts),
        certificate_fingerprint: None,
        paired_date: None,
        expiration_date: Some(invitation.expires),
        last_answer_date: None,
        related_keys: None,
        waiting_keys: None,
    }
}

/// Asks a peer whether it hears this deployment.
pub(super) async fn check(input: &PeerRequest, ctx: &Context<'_>) -> Result<Done, ServiceError> {
    let _permitted = permission::require(Operation::CheckPeer, ctx)?;
    ctx.service.check_peer(&input.peer_name.0).await?;
    Ok(Done {})
}

/// Removes a peer, or takes an invitation back. From now on nothing of the peer's is heard.
pub(super) async fn delete(input: &DeletePeerRequest, ctx: &Context<'_>) -> Result<Done, ServiceError> {
    let permitted = permission::require(Operation::DeletePeer, ctx)?;
    let name = &input.peer_name.0;
    if let Some(peer) = ctx.service.view.peers().peer(name).filter(|_| !input.force) {
        let keys = peers::related_keys(ctx.service, &peer).related;
        if keys > 0 {
            return Err(PeerError::KeysRelated(name.clone(), keys).into());
        }
    }
    remove(name, &permitted, ctx).await?;
    ctx.service.forget_peer(name);
    Ok(Done {})
}

async fn remove(name: &PeerName, _permitted: &Permitted, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let row = &PeerRowKey(name.clone());
    let remove = |tx: Transaction| async move {
        let is_peer = tx.read::<PeerRecord>(row).await?.is_some();
        let is_invited = tx.read::<InvitationRecord>(row).await?.is_some();
        if !is_peer && !is_invited {
            return Err(PeerError::NotFound(name.clone()).into());
        }
        tx.delete::<PeerRecord>(row)?;
        tx.delete::<InvitationRecord>(row)?;
        tx.erase_later(format!("peer {name}"), ctx.now)?;
        Ok::<_, ServiceError>(())
    };
    ctx.service.transact("DeletePeer", remove).await
}
