//! Invitations: made here for one deployment, carried there by people, good for an hour and one pairing.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kagiban_base::id::AccountId;
use kagiban_base::random::public_array;
use kagiban_base::secret::{SecretArray, SecretBytes};
use kagiban_base::time::Timestamp;
use kagiban_keycore::channel::{CertificateFingerprint, ChannelKey};
use kagiban_storage::{Prefix, Transaction};

use super::address::PeerAddress;
use super::error::PeerError;
use super::name::PeerName;
use super::{INVITATIONS_MAX, PEERS_MAX};
use crate::Service;
use crate::error::{InternalError, ServiceError};
use crate::records::peer::{InvitationRecord, PeerRecord, PeerRowKey};

/// How long an invitation can be accepted: an hour.
const LIFETIME_MS: i64 = 3_600_000;
/// What its text begins with.
const PREFIX: &str = "kagiban-peer-";
/// First byte of what follows.
const VERSION: u8 = 1;
/// Longest text that is read.
const TEXT_LEN_MAX: usize = 1024;
/// Bytes of the id, the fingerprint and the secret.
const FIXED_LEN: usize = 16 + 32 + 32;

/// What the other deployment needs to find this one, to know it, and to be known.
#[derive(Debug)]
pub(crate) struct Invitation {
    /// What it is known by; not secret.
    pub(crate) id: [u8; 16],
    /// Where the inviter's channel is.
    pub(crate) address: PeerAddress,
    /// Of the inviter's certificate.
    pub(crate) inviter: CertificateFingerprint,
    /// Whoever has it is the one who was invited.
    pub(crate) key: ChannelKey,
}

impl Invitation {
    /// As text, for people to carry: the prefix, then in base64 (URL alphabet, not padded) version, length of the address (2
    /// bytes), address, id, fingerprint, secret.
    pub(crate) fn encode(&self) -> SecretBytes {
        let address = self.address.as_str().as_bytes();
        let mut bytes = SecretBytes::new(Vec::with_capacity(3 + address.len() + FIXED_LEN));
        bytes.append(&[VERSION]);
        bytes.append(&u16::try_from(address.len()).unwrap_or(u16::MAX).to_be_bytes());
        for part in [address, &self.id, self.inviter.as_bytes(), self.key.expose()] {
            bytes.append(part);
        }
        let encoded = SecretBytes::new(URL_SAFE_NO_PAD.encode(bytes.expose()).into_bytes());
        let mut text = SecretBytes::new(Vec::with_capacity(PREFIX.len() + encoded.len()));
        text.append(PREFIX.as_bytes());
        text.append(encoded.expose());
        text
    }

    /// Reads the text; `None` if it is none, or cut off.
    pub(crate) fn decode(text: &[u8]) -> Option<Self> {
        let encoded = text.trim_ascii().strip_prefix(PREFIX.as_bytes()).filter(|text| text.len() <= TEXT_LEN_MAX)?;
        let bytes = SecretBytes::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let (&version, rest) = bytes.expose().split_first()?;
        let (len, rest) = rest.split_first_chunk::<2>()?;
        let (address, rest) = rest.split_at_checked(u16::from_be_bytes(*len).into())?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (inviter, secret) = rest.split_first_chunk::<32>()?;
        if version != VERSION {
            return None;
        }
        Some(Self {
            id: *id,
            address: std::str::from_utf8(address).ok()?.parse().ok()?,
            inviter: CertificateFingerprint::from_bytes(*inviter),
            key: ChannelKey::new(SecretArray::from_slice(secret)?),
        })
    }
}

/// Makes an invitation; an earlier one of that name does not count any more. Gives also when it expires.
///
/// # Errors
/// Of [`PeerError`]: ChannelClosed, NoRegions, NameTaken, Invitations, Peers.
pub(crate) async fn create_invitation(
    service: &Service,
    name: &PeerName,
    accounts: &BTreeSet<AccountId>,
    now: Timestamp,
) -> Result<(Invitation, Timestamp), ServiceError> {
    let peering = service.channels.peering()?;
    service.channels.own_regions()?;
    let random = &*service.random;
    let invitation = Invitation {
        id: public_array(random)?,
        address: peering.address.clone(),
        inviter: peering.identity.fingerprint(),
        key: ChannelKey::generate(random)?,
    };
    let row = PeerRowKey(name.clone());
    let wrapped = service.domain_keys.wrap(invitation.key.expose(), &row.invitation_binding(), random);
    let wrapped = wrapped.map_err(|error| ServiceError::Internal(InternalError::Cryptography(Box::new(error))))?;
    let expires = now.plus_ms(LIFETIME_MS);
    let record = InvitationRecord {
        id: invitation.id.to_vec(),
        expires,
        accounts: accounts.clone(),
        wrapped_secret: wrapped.encode(),
        accepted_by: None,
    };
    let (row, record) = (&row, &record);
    service.transact("CreatePeerInvitation", |tx| async move { write(&tx, row, record, now).await }).await?;
    Ok((invitation, expires))
}

async fn write(
    tx: &Transaction,
    row: &PeerRowKey,
    record: &InvitationRecord,
    now: Timestamp,
) -> Result<(), ServiceError> {
    if tx.read::<PeerRecord>(row).await?.is_some() {
        return Err(PeerError::NameTaken(row.0.clone()).into());
    }
    if tx.scan::<PeerRecord>(&Prefix::all(), None, PEERS_MAX).await?.rows.len() >= PEERS_MAX {
        return Err(PeerError::Peers { limit: PEERS_MAX }.into());
    }
    let mut waiting = 0;
    for (other, invitation) in tx.scan::<InvitationRecord>(&Prefix::all(), None, INVITATIONS_MAX * 2).await?.rows {
        if invitation.expires <= now {
            tx.delete::<InvitationRecord>(&other)?;
        } else if other != *row {
            waiting += 1;
        }
    }
    if waiting >= INVITATIONS_MAX {
        return Err(PeerError::Invitations { limit: INVITATIONS_MAX }.into());
    }
    Ok(tx.put(row, record)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_whole_or_not_at_all() {
        let invitation = Invitation {
            id: [1; 16],
            address: "kms.example.com:4600".parse().unwrap(),
            inviter: CertificateFingerprint::from_bytes([2; 32]),
            key: ChannelKey::new(SecretArray::new([3; 32])),
        };
        let text = invitation.encode();
        let read = Invitation::decode(text.expose()).unwrap();
        assert_eq!((read.id, &read.address, read.inviter), (invitation.id, &invitation.address, invitation.inviter));
        assert_eq!(read.key.expose(), invitation.key.expose());
        let spaced = [b" ", text.expose(), b"\n"].concat();
        assert!(Invitation::decode(&spaced).is_some());
        for len in 0..text.len() {
            assert!(Invitation::decode(&text.expose()[..len]).is_none(), "{len}");
        }
        let more = [text.expose(), b"AAAA"].concat();
        let other_version = text.expose().iter().enumerate().map(|(at, b)| if at == PREFIX.len() { b'B' } else { *b });
        for bad in
            [more, other_version.collect(), b"kagiban-peer-".to_vec(), b"kagiban-peer-!".to_vec(), vec![b'A'; 5000]]
        {
            assert!(Invitation::decode(&bad).is_none(), "{}", bad.escape_ascii());
        }
        assert!(!format!("{invitation:?}").contains("3, 3"), "secrets are not shown");
    }
}
