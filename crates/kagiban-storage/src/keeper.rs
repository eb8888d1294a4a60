//! A last look at the rows of a transaction, before they are committed: for rules that no writer may forget.
//!
//! A keeper goes by one row of the store. That this row stays as it is becomes a condition of the commit, so whoever changes it can
//! rely on it: what is committed afterwards was looked at by the new one, however long ago its transaction began, and in
//! whatever process. Transactions without rows that concern the keeper cost nothing more.

use std::error::Error;
use std::sync::Arc;

/// Why a row cannot be kept.
pub type KeeperError = Arc<dyn Error + Send + Sync>;

/// Looks at what is to be committed, and may put other bytes in its place.
pub trait Keeper: Send + Sync {
    /// Whether a row with this key concerns it.
    fn concerns(&self, key: &[u8]) -> bool;

    /// The key of the row that it goes by.
    fn goes_by(&self) -> &[u8];

    /// What is to be written instead of this row; `None` where it may stay as it is. `rule` is the row that it goes by.
    ///
    /// # Errors
    /// [`KeeperError`]: then nothing of the transaction is committed.
    fn instead(&self, key: &[u8], value: &[u8], rule: Option<&[u8]>) -> Result<Option<Vec<u8>>, KeeperError>;

    /// Asked about a row that is refused: whether it may be written all the same, since what it is refused for is stored as it is,
    /// and only other things in it change. `before` is what is stored.
    fn may_stay(&self, key: &[u8], before: &[u8], value: &[u8]) -> bool;
}
