//! Who is calling: the only constructor of [`Caller`], by way of a verified signature.

use std::sync::Arc;

use kagiban_base::id::{AccessKeyId, AccountId, Region};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_identity::sigv4::{self, Expected, Presented, RequestHead, Scope, SigV4Error, SigningKey, Verified};

use crate::RawRequest;
use crate::error::{InternalError, ServiceError};
use crate::records::access_key::{AccessKeyRecord, AccessKeyRowKey};
use crate::records::deployment::DeploymentKind;
use crate::view::View;

/// The signing name of this service.
const SIGNING_NAME: &str = "kms";
/// The access key id and the secret that every development deployment knows.
const DEVELOPMENT_WORD: &str = "test";
/// The account behind the development word.
const DEVELOPMENT_ACCOUNT: &str = "000000000000";
/// Cached signing keys at most; past that the cache starts afresh. One entry per access key, day and Region in use.
const SIGNING_KEYS_MAX: usize = 4096;

/// An authenticated caller: the root of an account, calling in a Region.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    _authenticated: Authenticated,
}

/// Private, so that no other module can make a [`Caller`].
#[derive(Debug)]
struct Authenticated;

impl Caller {
    fn new(known: &KnownAccessKey, verified: &Verified) -> Self {
        Self { account: known.account, region: verified.region(), _authenticated: Authenticated }
    }

    /// The principal's ARN, for refusals.
    pub(crate) fn principal_arn(&self) -> String {
        self.account.root_arn(self.region.partition())
    }
}

/// Where the secrets of access keys come from, and the signing keys derived from them.
pub(crate) struct Credentials {
    kind: DeploymentKind,
    signing_keys: papaya::HashMap<SigningKeyName, CachedSigningKey>,
}

/// A signing key belongs to one access key, day and Region.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct SigningKeyName {
    access_key_id: AccessKeyId,
    scope: Scope,
}

#[derive(Clone)]
struct CachedSigningKey {
    key: Arc<SigningKey>,
    /// The record the key was derived from; another record, or none, makes this entry void.
    record: Option<Arc<AccessKeyRecord>>,
}

/// An access key that exists: whose it is, and its stored record unless it is a development one.
struct KnownAccessKey {
    id: AccessKeyId,
    account: AccountId,
    record: Option<Arc<AccessKeyRecord>>,
}

impl Credentials {
    pub(crate) fn new(kind: DeploymentKind) -> Self {
        Self { kind, signing_keys: papaya::HashMap::new() }
    }

    /// Verifies the request's signature and tells who signed it.
    ///
    /// # Errors
    /// In this order: no or malformed signature, unknown access key, then what `verify` finds (scope, clock, signature).
    pub(crate) fn authenticate(
        &self,
        request: &RawRequest,
        now: Timestamp,
        view: &View,
        open: impl FnOnce(&AccessKeyRowKey, &AccessKeyRecord) -> Result<SecretBytes, InternalError>,
    ) -> Result<Caller, ServiceError> {
        let head = RequestHead { method: &request.head.method, uri: &request.head.uri, headers: &request.head.headers };
        let presented = sigv4::parse(head)?;
        let known = self.look_up(&presented, view).ok_or(ServiceError::UnknownAccessKey)?;
        let checked = presented.check(&Expected { service: SIGNING_NAME, now })?;
        let name = SigningKeyName { access_key_id: known.id, scope: *checked.scope() };
        if let Some(key) = self.cached(&known, &name) {
            let verified = checked.verify(&request.body, &key)?;
            return Ok(Caller::new(&known, &verified));
        }
        let key = Arc::new(SigningKey::derive(&secret_of(&known, open)?, checked.scope()));
        let verified = checked.verify(&request.body, &key)?;
        self.keep(name, CachedSigningKey { key, record: known.record.clone() });
        Ok(Caller::new(&known, &verified))
    }

    fn look_up(&self, presented: &Presented<'_>, view: &View) -> Option<KnownAccessKey> {
        // There are no temporary credentials yet, so a session token belongs to no access key.
        if presented.security_token().is_some() {
            return None;
        }
        let id = presented.access_key_id()?;
        match self.kind {
            DeploymentKind::Production => {
                let record = view.access_key(&id)?;
                Some(KnownAccessKey { id, account: record.account, record: Some(record) })
            }
            DeploymentKind::Development => {
                let text = id.as_str();
                let account = if text == DEVELOPMENT_WORD { DEVELOPMENT_ACCOUNT } else { text };
                Some(KnownAccessKey { id, account: account.parse().ok()?, record: None })
            }
        }
    }

    /// The cached signing key, if the record it was derived from is still the access key's.
    fn cached(&self, known: &KnownAccessKey, name: &SigningKeyName) -> Option<Arc<SigningKey>> {
        let same = |cached: &CachedSigningKey| match (&cached.record, &known.record) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        self.signing_keys.pin().get(name).filter(|cached| same(cached)).map(|cached| Arc::clone(&cached.key))
    }

    /// Keeps a signing key whose signature has just been verified; so only holders of a secret can fill the cache.
    fn keep(&self, name: SigningKeyName, key: CachedSigningKey) {
        let keys = self.signing_keys.pin();
        if keys.len() >= SIGNING_KEYS_MAX {
            keys.clear();
        }
        keys.insert(name, key);
    }
}

fn secret_of(
    known: &KnownAccessKey,
    open: impl FnOnce(&AccessKeyRowKey, &AccessKeyRecord) -> Result<SecretBytes, InternalError>,
) -> Result<SecretBytes, ServiceError> {
    match &known.record {
        Some(record) => open(&AccessKeyRowKey(known.id), record).map_err(ServiceError::Internal),
        None => Ok(SecretBytes::from_slice(DEVELOPMENT_WORD.as_bytes())),
    }
}

impl From<SigV4Error> for ServiceError {
    fn from(error: SigV4Error) -> Self {
        Self::SigV4(error)
    }
}
