//! Import tokens: self-contained and sealed, so that any number can be open, nothing is stored and any node can answer.
//!
//! A token holds the private half of its wrapping key. It is sealed under a domain key and bound to its KMS key; it opens for
//! that key only, and is good for 24 hours.

use kagiban_base::arn::KeyArn;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::{DAY_MS, Timestamp};
use kagiban_keycore::hierarchy::WrappedSecret;
use kagiban_keycore::import::{WrappingAlgorithm, WrappingKey, WrappingKeySpec};
use kagiban_keycore::row_binding::RowBinding;

use crate::Service;
use crate::error::{InternalError, ServiceError};

/// How long parameters are good for.
pub(super) const VALID_FOR_MS: i64 = DAY_MS;

/// The first byte of a token's contents.
const VERSION: u8 = 1;

/// What a token holds.
pub(super) struct ImportToken {
    pub(super) algorithm: WrappingAlgorithm,
    pub(super) wrapping_key: WrappingKey,
    pub(super) valid_to: Timestamp,
}

impl ImportToken {
    /// The token as it is handed out.
    ///
    /// # Errors
    /// Internal ones.
    pub(super) fn seal(&self, key: &KeyArn, service: &Service) -> Result<Vec<u8>, ServiceError> {
        let failed = || ServiceError::Internal(InternalError::Sealing);
        let private_key = self.wrapping_key.encode().map_err(|_| failed())?;
        let mut contents = SecretBytes::new(Vec::with_capacity(private_key.len().saturating_add(HEAD_LEN)));
        contents.append(&[VERSION, position(self.algorithm), spec_position(self.wrapping_key.spec())]);
        contents.append(&self.valid_to.unix_ms().to_be_bytes());
        contents.append(private_key.expose());
        let sealed = service.domain_keys.wrap(contents.expose(), &binding(key), service.random.as_ref());
        Ok(sealed.map_err(|_| failed())?.encode())
    }

    /// Opens a token that was handed out for this key and is still good.
    ///
    /// # Errors
    /// InvalidImportToken for any other bytes, ExpiredImportToken after 24 hours.
    pub(super) fn open(bytes: &[u8], key: &KeyArn, now: Timestamp, service: &Service) -> Result<Self, ServiceError> {
        let token = Self::read(bytes, key, service).ok_or(ServiceError::ImportTokenInvalid)?;
        if now > token.valid_to { Err(ServiceError::ImportTokenExpired) } else { Ok(token) }
    }

    fn read(bytes: &[u8], key: &KeyArn, service: &Service) -> Option<Self> {
        let sealed = WrappedSecret::decode(bytes).ok()?;
        let contents = service.domain_keys.unwrap_key(&sealed, &binding(key)).ok()?;
        let (head, private_key) = contents.expose().split_first_chunk::<HEAD_LEN>()?;
        let [VERSION, algorithm, spec, valid_to @ ..] = *head else { return None };
        let spec = *WrappingKeySpec::ALL.get(usize::from(spec))?;
        Some(Self {
            algorithm: *WrappingAlgorithm::ALL.get(usize::from(algorithm))?,
            wrapping_key: WrappingKey::decode(spec, &SecretBytes::from_slice(private_key)).ok()?,
            valid_to: Timestamp::from_unix_ms(i64::from_be_bytes(valid_to)),
        })
    }
}

/// Version, algorithm, spec, end of validity in milliseconds since the Unix epoch.
const HEAD_LEN: usize = 3 + 8;

/// A token opens for the key it was made for.
fn binding(key: &KeyArn) -> RowBinding {
    RowBinding::new("import-token")
        .part("region", key.region.as_str().as_bytes())
        .part("account", key.account.as_str().as_bytes())
        .part("key-id", key.key_id.as_str().as_bytes())
}

fn position(algorithm: WrappingAlgorithm) -> u8 {
    index_of(&WrappingAlgorithm::ALL, algorithm)
}

fn spec_position(spec: WrappingKeySpec) -> u8 {
    index_of(&WrappingKeySpec::ALL, spec)
}

/// Where a value stands in its list, whose order the API model fixes. Lists are short.
fn index_of<T: PartialEq>(all: &[T], value: T) -> u8 {
    all.iter().position(|other| *other == value).and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}
