//! The public keys of OpenID Connect providers: from a file that the operator names, else over HTTPS from where the provider
//! says they are (OpenID Connect Discovery 1.0, section 4).
//!
//! Requests that nobody signed make us fetch, so fetching is bounded: only for providers that an account registered, one
//! fetch at a time for each and few at once for all, no more often than `RETRY` and `REFETCH` say, a deadline, and small
//! answers.

mod discovery;
mod file;
mod https;
mod slot;
mod trust;

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use file::{InvalidKeySetFile, KeySetFile, KeySetFileError};
use kagiban_iam::web_identity_keys::{Freshness, KeySetUnavailable, ProviderAddress, WebIdentityKeys};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use https::{Https, HttpsError};
use slot::Slot;

/// How old a key set is at most when it is used.
const FRESH: Duration = Duration::from_secs(300);
/// A key set as old as this is fetched anew for a key that it does not have; one that is newer is as new as can be had.
const REFETCH: Duration = Duration::from_secs(30);
/// After a failure, the next attempt is made no sooner.
const RETRY: Duration = Duration::from_secs(5);
/// For everything that one fetch takes.
const DEADLINE: Duration = Duration::from_secs(5);
/// Providers fetched from at once.
const FETCHES_MAX: usize = 16;
/// Providers whose keys are kept; past that the cache starts afresh.
const PROVIDERS_MAX: usize = 1024;

/// Fetches and keeps key sets.
pub struct ProviderKeys {
    /// Where the keys of a provider are that is not asked over the network.
    files: HashMap<String, PathBuf>,
    https: Https,
    slots: Mutex<HashMap<ProviderAddress, Arc<tokio::sync::Mutex<Slot>>>>,
    fetches: Semaphore,
}

impl ProviderKeys {
    /// Key sets from these files, and from the network for every other provider. The files are read once, so that a wrong one
    /// is found out now.
    ///
    /// # Errors
    /// [`KeySetFileError`]
    pub fn new(files: &[KeySetFile]) -> Result<Self, KeySetFileError> {
        Self::over(files, Https::default())
    }

    fn over(files: &[KeySetFile], https: Https) -> Result<Self, KeySetFileError> {
        for file in files {
            file.check()?;
        }
        let files = files.iter().map(|file| (file.issuer.clone(), file.path.clone())).collect();
        Ok(Self { files, https, slots: Mutex::default(), fetches: Semaphore::new(FETCHES_MAX) })
    }

    fn slot(&self, provider: &ProviderAddress) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if !slots.contains_key(provider) && slots.len() >= PROVIDERS_MAX {
            slots.clear();
        }
        Arc::clone(slots.entry(provider.clone()).or_default())
    }

    /// Whoever comes while somebody fetches waits, and finds what was fetched.
    async fn keys(&self, provider: &ProviderAddress, freshness: Freshness) -> Result<Vec<u8>, KeySetUnavailable> {
        let slot = self.slot(provider);
        let mut slot = slot.lock().await;
        if let Some(kept) = slot.kept(freshness, Instant::now()) {
            return kept;
        }
        let fetched = self.load(provider).await;
        // Once for each attempt, however many requests wait for it.
        if let Err(cause) = &fetched {
            tracing::warn!(provider = provider.host_and_path, %cause, "the keys of a provider cannot be had");
        }
        slot.keep(fetched.as_ref(), Instant::now());
        fetched
    }

    async fn load(&self, provider: &ProviderAddress) -> Result<Vec<u8>, KeySetUnavailable> {
        if let Some(path) = self.files.get(&provider.host_and_path) {
            let path = path.clone();
            let read = tokio::task::spawn_blocking(move || file::read(&path)).await;
            return match read {
                Ok(Ok(document)) => Ok(document),
                Ok(Err(error)) => Err(KeySetUnavailable(format!("the key set's file cannot be read: {error}"))),
                Err(_) => Err(KeySetUnavailable("the key set's file was not read".to_owned())),
            };
        }
        let fetch = async {
            let _permit = self.fetches.acquire().await;
            discovery::key_set(&self.https, provider).await
        };
        timeout(DEADLINE, fetch).await.unwrap_or(Err(HttpsError::Late)).map_err(|error| KeySetUnavailable(told(&error)))
    }
}

/// An error and what caused it, in one line for the log.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl WebIdentityKeys for ProviderKeys {
    fn fetch<'a>(
        &'a self,
        provider: &'a ProviderAddress,
        freshness: Freshness,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, KeySetUnavailable>> + Send + 'a>> {
        Box::pin(self.keys(provider, freshness))
    }
}

impl fmt::Debug for ProviderKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderKeys").field("files", &self.files).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
