//! Identities: accounts, users, groups, roles and their policies; who is calling; the operations of IAM and STS.
//!
//! Below the service, which asks it who a caller is and what its identity policies say. It knows no KMS key. From below
//! upwards: `records` what is stored, [`directory`] what of it is in memory, [`standing`] what a principal's requests are
//! decided by, [`caller`] authentication, [`authorize`] one question to the policy engine, `iam` and `sts` the operations.

pub mod audit;
pub mod authorize;
pub mod caller;
pub mod containment;
mod context;
pub mod decisions;
pub mod deployment;
pub mod directory;
pub mod domain_keys;
mod error;
pub mod freshness;
pub mod global_keys;
mod iam;
pub mod known_actions;
mod last_uses;
mod managed_policies;
pub mod parts;
pub mod policy_documents;
pub mod principals;
mod query;
mod records;
pub mod request;
pub mod rows;
pub mod secret_rows;
pub mod secrets;
pub mod seed;
pub mod session;
pub mod standing;
mod sts;
pub mod web_identity_keys;

pub use query::UNRECORDED;

pub use context::{Iam, denial_ending, denial_text};
pub use records::BoundPolicy;
pub use records::access_key::{AccessKeyOwner, AccessKeyRecord, AccessKeyRowKey};
pub use records::access_key_use::AccessKeyUseRecord;
pub use records::account::{AccountRecord, AccountRowKey};
pub use records::service::{ServiceRecord, ServiceRowKey};
