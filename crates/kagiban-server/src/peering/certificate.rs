//! A certificate that a deployment makes for itself. Nobody looks at its names and dates: peers know it by its fingerprint.

use kagiban_base::secret::SecretBytes;
use kagiban_service::peers::{ChannelIdentity, TransportError};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};

/// What the certificate is made out to, and what TLS is told to ask for.
pub(super) const NAME: &str = "kagiban-peer";

/// A new certificate for a key pair of P-256, signed by itself.
pub(super) fn make() -> Result<ChannelIdentity, TransportError> {
    let failed = |error: rcgen::Error| TransportError::Certificate(error.to_string());
    let mut key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
    let mut params = CertificateParams::new([NAME.to_owned()]).map_err(failed)?;
    params.distinguished_name.push(DnType::CommonName, NAME);
    let certificate = params.self_signed(&key).map_err(failed)?;
    let private_key = SecretBytes::new(key.serialize_der());
    zeroize::Zeroize::zeroize(&mut key);
    Ok(ChannelIdentity { certificate: certificate.der().to_vec(), private_key })
}
