//! Where the public keys of OpenID Connect providers come from: the network or a file, both beyond this crate.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// Gives the JSON Web Key Set (RFC 7517) of a provider.
pub trait WebIdentityKeys: Send + Sync {
    /// The key set's document, as fresh as is asked for.
    ///
    /// # Errors
    /// [`KeySetUnavailable`]
    fn fetch<'a>(
        &'a self,
        provider: &'a ProviderAddress,
        freshness: Freshness,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, KeySetUnavailable>> + Send + 'a>>;
}

/// How fresh a key set must be. Neither makes a provider's address reachable as often as somebody sends tokens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Freshness {
    /// A few minutes old at most.
    Recent,
    /// As new as can be had: a token names a key that the recent set does not have.
    Newest,
}

/// Where a provider is, and how its certificate can be known.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ProviderAddress {
    /// Its URL without `https://`.
    pub host_and_path: String,
    /// SHA-1 of certificates of its chain, in hex; empty: those that public authorities vouch for.
    pub thumbprints: Vec<String>,
}

/// The key set cannot be had; the text is for the log.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeySetUnavailable(pub String);

/// No provider can be reached: for tests, and for who wants no outgoing connections.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWebIdentityKeys;

impl WebIdentityKeys for NoWebIdentityKeys {
    fn fetch<'a>(
        &'a self,
        _: &'a ProviderAddress,
        _: Freshness,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, KeySetUnavailable>> + Send + 'a>> {
        Box::pin(async { Err(KeySetUnavailable("no provider can be reached".to_owned())) })
    }
}

impl fmt::Debug for dyn WebIdentityKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebIdentityKeys")
    }
}
