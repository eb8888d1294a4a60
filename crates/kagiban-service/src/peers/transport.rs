//! Who carries bytes to other deployments: the server lends it, the service says what goes where.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use kagiban_base::secret::SecretBytes;
use kagiban_keycore::channel::CertificateFingerprint;

use super::address::PeerAddress;

/// The certificate by which a deployment is known to its peers, and its private key.
pub struct ChannelIdentity {
    /// DER.
    pub certificate: Vec<u8>,
    /// PKCS#8, DER.
    pub private_key: SecretBytes,
}

impl ChannelIdentity {
    /// What peers know the certificate by.
    pub fn fingerprint(&self) -> CertificateFingerprint {
        CertificateFingerprint::of(&self.certificate)
    }
}

impl fmt::Debug for ChannelIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelIdentity({})", self.fingerprint())
    }
}

/// A message on its way.
#[derive(Clone, Debug)]
pub struct PeerCall<'a> {
    /// Where the peer is.
    pub address: &'a PeerAddress,
    /// Whose certificate it must show.
    pub fingerprint: CertificateFingerprint,
    /// Whom we are.
    pub identity: &'a Arc<ChannelIdentity>,
    /// The message, sealed.
    pub message: Vec<u8>,
}

/// The peer's answer, sealed.
pub type Exchanged<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, TransportError>> + Send + 'a>>;

/// Carries messages to other deployments, over TLS 1.3 with both certificates, within bounds of size and time.
pub trait PeerTransport: Send + Sync {
    /// A new certificate for a deployment's channel, signed by its own key.
    ///
    /// # Errors
    /// [`TransportError::Certificate`]
    fn new_identity(&self) -> Result<ChannelIdentity, TransportError>;

    /// Sends a message and gives the answer. It may be sent twice when a kept connection turns out to be dead: whatever is sent
    /// must do the same when it comes again.
    fn exchange<'a>(&'a self, call: PeerCall<'a>) -> Exchanged<'a>;
}

/// A message could not be carried, or was not answered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TransportError {
    /// No certificate could be made.
    #[error("no certificate could be made: {0}")]
    Certificate(String),
    /// The connection ended before the answer had come.
    #[error("the connection broke: {0}")]
    Interrupted(String),
    /// No answer within the time there is.
    #[error("no answer came in time")]
    Late,
    /// The peer knows our certificate not, or no such invitation; it says no more.
    #[error("it does not know this deployment, or no such invitation")]
    NotKnown,
    /// Another certificate than the one expected.
    #[error("it shows another certificate than that of the pairing")]
    OtherCertificate,
    /// An answer of more bytes than any has.
    #[error("its answer is too long")]
    TooLong,
    /// Nobody takes the connection.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// The peer cannot answer now.
    #[error("it answered with HTTP status {0}")]
    Status(u16),
}
