//! Rows with a secret in them that a domain key wraps, and how it is wrapped by another one.
//!
//! Whoever adds a row type with a wrapped secret lists it among the [`SecretTable`]s of its crate; a test over the fixtures of all rows
//! finds those that are not.

use kagiban_base::random::Random;
use kagiban_keycore::hierarchy::{DomainKeyId, UnwrapError, WrapError, WrappedSecret};
use kagiban_keycore::row_binding::RowBinding;
use kagiban_storage::engine::KeyRange;
use kagiban_storage::row::{self, Row, RowError};

use crate::domain_keys::DomainKeys;
use crate::records::access_key::AccessKeyRecord;
use crate::records::mfa_device::MfaDeviceRecord;

/// The tables of this crate that have secrets.
pub const SECRET_TABLES: [SecretTable; 2] =
    [SecretTable::of::<AccessKeyRecord>(), SecretTable::of::<MfaDeviceRecord>()];

/// A row with one secret in it that a domain key wraps.
pub trait SecretRow: Row {
    /// The wrapped secret, in its stored form.
    fn wrapped(&self) -> &[u8];

    /// What it is bound to.
    fn binding(&self, key: &Self::Key) -> RowBinding;

    /// The same row with the secret wrapped otherwise.
    #[must_use]
    fn rewrapped(self, wrapped: Vec<u8>) -> Self;
}

/// The secret of a row could not be wrapped by another key.
#[derive(Debug, thiserror::Error)]
pub enum RewrapError {
    /// It is none of its table.
    #[error(transparent)]
    Row(#[from] RowError),
    /// Its domain key is not known here.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// The new domain key is not known here, or it failed.
    #[error(transparent)]
    Wrap(#[from] WrapError),
}

/// What secrets are wrapped with.
#[derive(Clone, Copy)]
pub struct Rewrapping<'a> {
    /// All domain keys.
    pub domain_keys: &'a DomainKeys,
    /// The one that shall wrap.
    pub by: DomainKeyId,
    /// For nonces.
    pub random: &'a dyn Random,
}

/// What can be done with the rows of a table of [`SecretRow`]s, as they are stored.
#[derive(Clone, Copy, Debug)]
pub struct SecretTable {
    name: &'static str,
    wrapped: fn(&[u8]) -> Option<WrappedSecret>,
    rewrapped: RewrapFn,
}

type RewrapFn = fn(&[u8], &[u8], &Rewrapping<'_>) -> Result<Option<Vec<u8>>, RewrapError>;

impl SecretTable {
    /// The table of these rows.
    pub const fn of<R: SecretRow>() -> Self {
        Self { name: R::TABLE.name(), wrapped: wrapped::<R>, rewrapped: rewrapped::<R> }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The keys of all its rows.
    pub fn range(&self) -> KeyRange {
        KeyRange::prefix(&[self.name.as_bytes(), &[0]].concat())
    }

    /// The domain key that a row of it needs; `None` for one that nothing opens, since it has no such secret.
    pub fn domain_key(&self, value: &[u8]) -> Option<DomainKeyId> {
        Some((self.wrapped)(value)?.domain_key_id())
    }

    /// Whether two rows have the same secret in them, wrapped in the same bytes.
    pub fn has_same_secret(&self, one: &[u8], other: &[u8]) -> bool {
        (self.wrapped)(one).is_some_and(|wrapped| (self.wrapped)(other) == Some(wrapped))
    }

    /// A row with its secret wrapped by the key that shall; `None` where it is so already, or does not open under the key
    /// that it names, which it does under no other.
    ///
    /// # Errors
    /// [`RewrapError`]
    pub fn rewrapped(
        &self,
        key: &[u8],
        value: &[u8],
        rewrapping: &Rewrapping<'_>,
    ) -> Result<Option<Vec<u8>>, RewrapError> {
        (self.rewrapped)(key, value, rewrapping)
    }
}

fn wrapped<R: SecretRow>(value: &[u8]) -> Option<WrappedSecret> {
    WrappedSecret::decode(row::decode::<R>(value).ok()?.wrapped()).ok()
}

fn rewrapped<R: SecretRow>(
    key: &[u8],
    value: &[u8],
    rewrapping: &Rewrapping<'_>,
) -> Result<Option<Vec<u8>>, RewrapError> {
    let Rewrapping { domain_keys, by, random } = *rewrapping;
    let record = row::decode::<R>(value)?;
    let Some(wrapped) = WrappedSecret::decode(record.wrapped()).ok().filter(|wrapped| wrapped.domain_key_id() != by)
    else {
        return Ok(None);
    };
    let binding = record.binding(&row::decode_key::<R>(key).map_err(RowError::from)?);
    let secret = match domain_keys.unwrap_key(&wrapped, &binding) {
        Ok(secret) => secret,
        Err(UnwrapError::DoesNotOpen) => return Ok(None),
        Err(unknown) => return Err(unknown.into()),
    };
    let wrapped = domain_keys.wrap_by(by, secret.expose(), &binding, random)?;
    Ok(Some(row::encode(&record.rewrapped(wrapped.encode()))?))
}

/// Makes a row type a [`SecretRow`]: the member with the wrapped secret, and the binding, from the row's key and the row.
#[macro_export]
macro_rules! secret_row {
    ($row:ty, $member:ident, |$key:ident, $record:ident| $binding:expr) => {
        impl $crate::secret_rows::SecretRow for $row {
            fn wrapped(&self) -> &[u8] {
                &self.$member
            }

            fn binding(&self, $key: &Self::Key) -> kagiban_keycore::row_binding::RowBinding {
                let $record = self;
                $binding
            }

            fn rewrapped(self, wrapped: Vec<u8>) -> Self {
                Self { $member: wrapped, ..self }
            }
        }
    };
}

secret_row!(AccessKeyRecord, wrapped_secret, |key, _row| key.binding());
secret_row!(MfaDeviceRecord, wrapped_seed, |key, _row| key.binding());
