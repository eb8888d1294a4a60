//! TLS to the members: versions 1.2 and 1.3, their certificates checked against given authorities or the machine's.

use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::address::EtcdTls;

/// TLS cannot be set up from what was given.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A text is no PEM, or does not hold what it should.
    #[error("the {what} cannot be read as PEM")]
    Pem {
        /// Which text.
        what: &'static str,
        /// Why.
        source: pem::Error,
    },
    /// There is no authority, so that no member could be believed.
    #[error("there is no certificate of an authority to check the members' certificates with")]
    NoAuthorities,
    /// The parts do not fit together.
    #[error("the certificates and the key do not make a TLS client")]
    Unusable(#[from] rustls::Error),
}

pub(crate) fn client_config(tls: &EtcdTls) -> Result<Arc<ClientConfig>, TlsError> {
    // Named, not taken from the process: another library must not be able to change it.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_root_certificates(roots(tls.authorities.as_deref())?);
    let mut config = match &tls.identity {
        None => builder.with_no_client_auth(),
        Some((certificates, key)) => {
            let certificates = certificates_in(certificates, "client certificate")?;
            let key = PrivateKeyDer::from_pem_slice(key.expose());
            let key = key.map_err(|source| TlsError::Pem { what: "client key", source })?;
            builder.with_client_auth_cert(certificates, key)?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

fn roots(authorities: Option<&[u8]>) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Some(pem) => certificates_in(pem, "authorities' file")?.into_iter().try_for_each(|one| roots.add(one))?,
        // What cannot be read there is left out, as every client on the machine does.
        None => _ = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs),
    }
    if roots.is_empty() { Err(TlsError::NoAuthorities) } else { Ok(roots) }
}

fn certificates_in(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|source| TlsError::Pem { what, source })
}
