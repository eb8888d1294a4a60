//! Peers, invitations that wait, and the certificate of this deployment's own channel. All secrets are wrapped.

use std::collections::BTreeSet;

use kagiban_base::id::{AccountId, Region};
use kagiban_base::time::Timestamp;
use kagiban_keycore::channel::CertificateFingerprint;
use kagiban_keycore::row_binding::RowBinding;
use serde::{Deserialize, Serialize};

use crate::peers::PeerName;
use kagiban_storage::json::{base64_bytes, optional_text, text, texts, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a peer, and of an invitation: the name that it has here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct PeerRowKey(pub(crate) PeerName);

impl PeerRowKey {
    /// What the key of the pairing is bound to.
    pub(crate) fn binding(&self) -> RowBinding {
        RowBinding::new("peer").part("name", self.0.as_str().as_bytes())
    }

    /// What the secret of the invitation is bound to.
    pub(crate) fn invitation_binding(&self) -> RowBinding {
        RowBinding::new("peer-invitation").part("name", self.0.as_str().as_bytes())
    }
}

/// A deployment that this one is paired with.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerRecord {
    #[serde(with = "time_ms")]
    pub(crate) paired: Timestamp,
    /// Of the certificate that it shows.
    #[serde(with = "text")]
    pub(crate) fingerprint: CertificateFingerprint,
    /// `HOST:PORT`
    pub(crate) address: String,
    /// The Regions that it serves.
    #[serde(with = "texts")]
    pub(crate) regions: BTreeSet<Region>,
    /// The accounts whose keys are shared with it; empty for all.
    #[serde(with = "texts", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) accounts: BTreeSet<AccountId>,
    /// The key of the pairing.
    #[serde(with = "base64_bytes")]
    pub(crate) wrapped_key: Vec<u8>,
}

/// An invitation that waits to be accepted.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationRecord {
    /// What it is known by; not secret.
    #[serde(with = "base64_bytes")]
    pub(crate) id: Vec<u8>,
    #[serde(with = "time_ms")]
    pub(crate) expires: Timestamp,
    /// The accounts whose keys are to be shared; empty for all.
    #[serde(with = "texts", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) accounts: BTreeSet<AccountId>,
    #[serde(with = "base64_bytes")]
    pub(crate) wrapped_secret: Vec<u8>,
    /// Who has accepted it: nobody else can, and it can once more in case it did not hear of it.
    #[serde(with = "optional_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) accepted_by: Option<CertificateFingerprint>,
}

/// The row key of the channel: there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ChannelRowKey;

impl ChannelRowKey {
    /// What the private key of this certificate is bound to.
    pub(crate) fn binding(&self, certificate: &[u8]) -> RowBinding {
        RowBinding::new("channel").part("certificate", CertificateFingerprint::of(certificate).as_bytes())
    }
}

/// The certificate by which peers know this deployment.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelRecord {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    /// DER.
    #[serde(with = "base64_bytes")]
    pub(crate) certificate: Vec<u8>,
    /// PKCS#8.
    #[serde(with = "base64_bytes")]
    pub(crate) wrapped_private_key: Vec<u8>,
}

impl RowKey for PeerRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.0.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.parse()?))
    }
}

impl RowKey for ChannelRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

json_row!(ChannelRecord, "channel", ChannelRowKey);
json_row!(InvitationRecord, "peer-invitation", PeerRowKey);
json_row!(PeerRecord, "peer", PeerRowKey);
