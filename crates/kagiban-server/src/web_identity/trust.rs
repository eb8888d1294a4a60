//! Whose certificates are believed: authorities that this machine trusts, and certificates that an account names by
//! thumbprint, as AWS does for providers of one's own.
//!
//! A thumbprint does not switch checks off. The certificate that has it takes the place of an authority, and name, dates and
//! signatures of the chain are checked up to it. SHA-1 is what thumbprints are made of; to be taken for one, a certificate
//! would need a second preimage, which is out of reach.

use std::sync::Arc;

use kagiban_identity::web_identity::thumbprint;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// The authorities in the system's store, or in the file that SSL_CERT_FILE names.
pub(super) async fn roots_of_this_machine() -> Arc<RootCertStore> {
    let loaded = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
    let mut roots = RootCertStore::empty();
    if let Ok(loaded) = loaded {
        for error in &loaded.errors {
            tracing::warn!(%error, "authorities of the system cannot be read");
        }
        roots.add_parsable_certificates(loaded.certs);
    }
    if roots.is_empty() {
        tracing::warn!("the system has no authorities: providers are known by thumbprint only");
    }
    Arc::new(roots)
}

/// How to talk to a provider with these thumbprints.
pub(super) fn client_config(roots: Arc<RootCertStore>, thumbprints: &[String]) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new(roots, thumbprints, Arc::clone(&provider));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[derive(Debug)]
struct Verifier {
    /// `None` where the machine trusts nobody.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    /// In lower-case hex.
    thumbprints: Vec<String>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(roots: Arc<RootCertStore>, thumbprints: &[String], provider: Arc<CryptoProvider>) -> Self {
        let authorities = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build().ok();
        let thumbprints = thumbprints.iter().map(|thumbprint| thumbprint.to_ascii_lowercase()).collect();
        Self { authorities, thumbprints, provider }
    }

    /// A verifier that trusts this certificate alone.
    fn trusting(&self, certificate: &CertificateDer<'_>) -> Option<Arc<WebPkiServerVerifier>> {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone().into_owned()).ok()?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider)).build().ok()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let check = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let by_authority = self.authorities.as_deref().map(check);
        let mut outcome = by_authority.unwrap_or(Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)));
        for certificate in std::iter::once(end_entity).chain(intermediates) {
            if outcome.is_ok() {
                break;
            }
            if self.thumbprints.contains(&thumbprint(certificate))
                && let Some(verifier) = self.trusting(certificate)
            {
                outcome = check(&verifier);
            }
        }
        outcome
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
