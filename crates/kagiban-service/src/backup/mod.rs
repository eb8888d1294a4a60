//! Backups of a store: made from one snapshot, looked through with the recovery key, restored into an empty store of any engine.
//!
//! A backup holds every row as it is, so all secrets in it are wrapped by domain keys, and those are sealed to the recovery key.
//! What is written is a stream of `kagiban-backup`; files, encryption and who may ask for it are the business of others.

mod contents;
mod deletions;
mod make;
mod maker;
mod restore;

pub use contents::{Checked, Contents, ContentsError, OpenedKeys, check, survey};
pub use deletions::{Deletions, DeletionsError};
pub use make::{MakeError, Progress, Subject, Taken, recipient, take};
pub use maker::{BackupFailed, BackupFile, BackupUnderWay, Backups, BackupsDescription, BeginError};
pub use restore::{ClaimError, Claimed, Plan, RestoreError, Restored, claim, first_claim, is_unfinished, restore};
