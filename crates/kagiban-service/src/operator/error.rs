//! What can go wrong in an operator's call beside what can in every call.

use kagiban_api::ErrorCode;
use kagiban_base::id::{AccessKeyId, AccountId};
use kagiban_recovery::{CombineError, Fingerprint, InvalidShare};
use kagiban_storage::Format;
use kagiban_storage::rewriting::StepError;

use crate::backup::BeginError;
use crate::peers::PeerError;

/// Why an operator's request is refused.
#[derive(Debug)]
pub(crate) enum OperatorError {
    AccountExists(AccountId),
    AccountNotFound(AccountId),
    /// No backup was begun.
    Backup(BeginError),
    /// The clock is that of the world.
    ClockStands,
    /// The clock would be too far ahead.
    ClockTooFar {
        left_s: i64,
    },
    /// No compliance rule has this name.
    ComplianceRule,
    /// The body is no JSON, or not what the operation takes.
    Body(serde_json::Error),
    /// A value of a filter of FindKeys is none.
    Filter {
        name: &'static str,
        must_be: &'static str,
    },
    /// A filter of FindKeys has no values, or too many.
    FilterValues {
        name: &'static str,
        max: usize,
    },
    /// The management account cannot be closed.
    ManagementAccountStays(AccountId),
    /// Unknown, too old, or not the caller's to see: one answer for all.
    NoDecision,
    NoRecoveryKey,
    /// The deployment has no root key, or this server was not told where it is.
    NoRootKey,
    /// An older program is at work, which does not know the format that was to be announced.
    NodesLackFormat {
        format: Format,
        nodes: String,
    },
    NotAnObject,
    /// An older program is at work, which does not know the rotation of domain keys.
    OlderNodes {
        nodes: String,
    },
    Peer(PeerError),
    RecoveryKeyExists,
    /// A recovery key is to be replaced by itself.
    SameRecoveryKey,
    /// There are as many domain keys as there can be.
    DomainKeys {
        limit: usize,
    },
    /// A new domain key is being put in the place of the old one.
    RotationUnderWay,
    /// The domain keys are wrapped by another root key than this server has, or by two.
    RootKeyChanges,
    /// It was there when the server started. The log says what has become of it.
    RootKeyUnreadable,
    Share(InvalidShare),
    /// A request to unseal has no shares, or too many.
    ShareCount {
        found: usize,
    },
    /// Of another recovery key than the deployment's.
    ShareOfOther {
        number: u8,
        found: Fingerprint,
        expected: Fingerprint,
    },
    Shares(CombineError),
    /// More are needed than there are.
    SharesNeeded {
        needed: u8,
        shares: u8,
    },
    SharesTooOften,
    /// The store's format stays as it is.
    Upgrade(StepError),
    ServiceAccessKeyNotFound(Box<AccessKeyId>),
    /// The service has as many access keys as it may.
    ServiceAccessKeys {
        limit: usize,
    },
}

/// Longest excerpt of a body's fault, in characters: it can quote what was sent.
const FAULT_CHARS: usize = 300;

/// Longest list of nodes, in characters.
const NODES_CHARS: usize = 500;

impl OperatorError {
    /// Code and text. Called by the one place that turns errors into answers.
    pub(crate) fn answer(&self) -> (ErrorCode, String) {
        match self {
            Self::AccountExists(account) => {
                (ErrorCode::AlreadyExistsException, format!("Account {account} already exists."))
            }
            Self::AccountNotFound(account) => {
                (ErrorCode::NotFoundException, format!("Account {account} does not exist."))
            }
            Self::Backup(error) => (backup_code(error), format!("{error}.")),
            Self::ClockStands => (
                ErrorCode::UnsupportedOperationException,
                "The clock can be moved in a development deployment only.".to_owned(),
            ),
            Self::ClockTooFar { left_s } => (
                ErrorCode::ValidationException,
                format!("The clock can be 100 years ahead at most; it can be moved by {left_s} seconds more."),
            ),
            Self::ComplianceRule => (
                ErrorCode::ValidationException,
                "The RuleName must be the name of a compliance rule; without it, all are told.".to_owned(),
            ),
            Self::Body(error) => (body_code(error), body_text(error)),
            Self::Filter { name, must_be } => {
                (ErrorCode::ValidationException, format!("The filter {name} must be {must_be}."))
            }
            Self::FilterValues { name, max } => {
                (ErrorCode::ValidationException, format!("The filter {name} must have 1 to {max} values."))
            }
            Self::ManagementAccountStays(account) => (
                ErrorCode::ValidationException,
                format!("Account {account} is the management account of this deployment; it cannot be closed."),
            ),
            Self::NoDecision => (
                ErrorCode::NotFoundException,
                "No decision of such a request is known: it may be too old, another node's, or not your account's."
                    .to_owned(),
            ),
            Self::NoRecoveryKey => (
                ErrorCode::NotFoundException,
                "This deployment has no recovery key; one is made by: kagiban recovery create".to_owned(),
            ),
            Self::NoRootKey => (
                ErrorCode::UnsupportedOperationException,
                "This server has no root key (it was started with --root-key shares), and this needs one.".to_owned(),
            ),
            Self::NodesLackFormat { format, nodes } => (
                ErrorCode::KMSInvalidStateException,
                format!(
                    "Format {format} of the store is not known to all nodes yet; upgrade or stop: {}.",
                    nodes.chars().take(NODES_CHARS).collect::<String>()
                ),
            ),
            Self::OlderNodes { nodes } => (
                ErrorCode::KMSInvalidStateException,
                format!(
                    "Nodes of an older version would write on under the old domain key; upgrade or stop: {}.",
                    nodes.chars().take(NODES_CHARS).collect::<String>()
                ),
            ),
            Self::NotAnObject => (ErrorCode::SerializationException, "The body is no JSON object.".to_owned()),
            Self::Peer(error) => error.answer(),
            Self::RecoveryKeyExists => (
                ErrorCode::AlreadyExistsException,
                "This deployment has a recovery key; who holds its shares can open everything, and it stays."
                    .to_owned(),
            ),
            Self::SameRecoveryKey => (
                ErrorCode::ValidationException,
                "Recipient is that of the present recovery key; make another one.".to_owned(),
            ),
            Self::DomainKeys { limit } => (
                ErrorCode::ConflictException,
                format!(
                    "There can be {limit} domain keys; old ones are kept for sessions of before, and for secrets that do not \
                     open. kagiban domain-key status tells until when."
                ),
            ),
            Self::RotationUnderWay => (
                ErrorCode::ConflictException,
                "A rotation of the domain key is under way; kagiban domain-key status tells how far it is.".to_owned(),
            ),
            Self::RootKeyChanges => (
                ErrorCode::ConflictException,
                "The root key is being changed: restart every node with the new one, then run kagiban rekey --finish."
                    .to_owned(),
            ),
            Self::RootKeyUnreadable => (
                ErrorCode::KMSInternalException,
                "The root key cannot be opened again; the server's log says why.".to_owned(),
            ),
            Self::Share(error) => (ErrorCode::ValidationException, sentence(error)),
            Self::ShareCount { found } => {
                (ErrorCode::ValidationException, format!("Shares must have 1 to 255 shares; it has {found}."))
            }
            Self::ShareOfOther { number, found, expected } => (
                ErrorCode::ValidationException,
                format!("Share {number} is of the recovery key {found}; this deployment's is {expected}."),
            ),
            Self::Shares(error) => {
                let what = sentence(error);
                (ErrorCode::ValidationException, format!("{what} What was given is forgotten: begin again."))
            }
            Self::SharesNeeded { needed, shares } => (
                ErrorCode::ValidationException,
                format!("SharesNeeded is {needed}, which is more than Shares, {shares}."),
            ),
            Self::Upgrade(error) => (ErrorCode::KMSInvalidStateException, sentence(error)),
            Self::SharesTooOften => {
                (ErrorCode::ThrottlingException, "Shares are given too often; wait ten seconds.".to_owned())
            }
            Self::ServiceAccessKeyNotFound(id) => {
                (ErrorCode::NotFoundException, format!("There is no access key {id} of a service principal."))
            }
            Self::ServiceAccessKeys { limit } => (
                ErrorCode::LimitExceededException,
                format!("A service principal can have {limit} access keys; delete one that is not used any more."),
            ),
        }
    }
}

/// An error's text as a sentence.
fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

const fn backup_code(error: &BeginError) -> ErrorCode {
    match error {
        BeginError::NoRecoveryKey => ErrorCode::KMSInvalidStateException,
        BeginError::NoThread => ErrorCode::KMSInternalException,
        BeginError::NotHere => ErrorCode::UnsupportedOperationException,
        BeginError::UnderWay => ErrorCode::AlreadyExistsException,
    }
}

/// What is wrong with a body; where, only if it is no JSON at all: else the text names the field.
fn body_text(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let named = if error.is_data() { text.rsplit_once(" at line ").map(|(what, _)| what) } else { None };
    named.unwrap_or(&text).chars().take(FAULT_CHARS).collect()
}

fn body_code(error: &serde_json::Error) -> ErrorCode {
    match error.classify() {
        serde_json::error::Category::Data => ErrorCode::ValidationException,
        _ => ErrorCode::SerializationException,
    }
}
