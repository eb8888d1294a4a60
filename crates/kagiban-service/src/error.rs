//! What can go wrong in a request, and the one place that turns it into an AWS error.
//!
//! Variants hold typed facts; codes and texts are chosen in [`ServiceError::answer`] alone. Texts follow the reference of
//! AWS error messages; where AWS gives none, the words are ours and name the field and the limit.

use kagiban_api::{DecodeError, ErrorCode, KeySpec, KeyState, KeyUsageType, Operation, OriginType};
use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::id::{AliasName, Region};
use kagiban_base::random::RandomError;
use kagiban_iam::caller::AuthenticationError;
use kagiban_iam::freshness::{STALE, Stale};
use kagiban_identity::sigv4::{SigV4Error, SigV4ErrorKind};
use kagiban_keycore::material::InvalidKeyMaterial;
use kagiban_storage::StoreError;

use crate::operator::OperatorError;

/// Why a request is refused, or what failed inside.
#[derive(Debug)]
pub(crate) enum ServiceError {
    /// The text, as AWS words it.
    AccessDenied(String),
    AlgorithmUnfit {
        key: KeyArn,
        spec: KeySpec,
        algorithm: &'static str,
    },
    AliasExists(Box<AliasArn>),
    AliasLimit {
        limit: u32,
        usage: u32,
    },
    AliasName(AliasNameFault, String),
    AliasNotFound(Box<AliasArn>),
    AliasReserved {
        operation: Operation,
        name: AliasName,
    },
    AliasTargetIsAlias,
    AliasTargetUnlike,
    AliasesNotAccepted,
    /// Too much slow cryptography is waiting.
    Busy,
    CustomKeyStoreNotFound(String),
    Decode(DecodeError),
    DryRun,
    ExpiredToken,
    GrantIdInvalid,
    GrantLimit {
        limit: u32,
        usage: u32,
    },
    GrantNotFound(String),
    GrantTokenInvalid,
    ImportTokenExpired,
    ImportTokenInvalid,
    IncorrectKey,
    IncorrectKeyMaterial(KeyArn, ImportFault),
    InvalidArn(String),
    InvalidCiphertext,
    InvalidKeyId(String),
    InvalidMac,
    InvalidMarker,
    InvalidSignature,
    KeyDisabled(KeyArn),
    KeyInState(KeyArn, KeyState),
    KeyLimit {
        limit: u32,
        usage: u32,
    },
    KeyMaterialNotFound(KeyArn, String),
    KeyNotFound(KeyArn),
    KeyNotPendingDeletion(KeyArn),
    KeyOfService(KeyArn),
    KeyUsageUnfit {
        key: KeyArn,
        usage: KeyUsageType,
        operation: Operation,
    },
    MalformedPolicy(Option<String>),
    NoMaterialToRotateTo(KeyArn),
    NotInRegion {
        what: &'static str,
        region: Region,
    },
    NotOffered(String),
    /// What only the primary of a set of multi-Region keys does: the replica, and the Region of the primary.
    NotPrimary(Box<(KeyArn, Region)>),
    Operator(OperatorError),
    OriginUnfit {
        key: KeyArn,
        origin: OriginType,
    },
    OtherRegion(Region),
    PolicyManagedByRam,
    PolicyNotFound,
    PolicyTooLong {
        len: usize,
        max: usize,
    },
    RelatedKeyExists(KeyArn),
    ReplicaLimit {
        limit: usize,
        usage: usize,
    },
    /// An automatic rotation is due so soon that one on demand would collide with it.
    RotationDue(KeyArn),
    RotationLimit {
        limit: u32,
        usage: u32,
    },
    RotationUnderWay(KeyArn),
    /// Rotation is for symmetric encryption keys.
    RotationUnfit,
    SigV4(SigV4Error),
    SpecUnfit {
        key: KeyArn,
        spec: KeySpec,
    },
    /// What is known here is not proven current. The pipeline refuses the request for it.
    Stale,
    Tag(String),
    TagLimit {
        limit: usize,
        usage: usize,
    },
    /// A quota of requests is used up for now.
    Throttled,
    UnknownAccessKey,
    UnknownOperation,
    /// A request asks its answer to wait for what is not known.
    UnknownWait,
    Unsupported(String),
    Validation(String),
    /// Not the caller's fault: goes to the log, the caller learns that it was internal.
    Internal(InternalError),
}

/// What is wrong with the name of an alias.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AliasNameFault {
    Characters,
    Empty,
    Prefix,
}

/// What is wrong with key material that came out of its wrapping.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum ImportFault {
    #[error("it is already associated with the KMS key; import it as EXISTING_KEY_MATERIAL")]
    AlreadyAssociated,
    #[error("it is not associated with the KMS key")]
    NotAssociated,
    #[error("its KeyMaterialId is not the one in the request")]
    NotTheNamedOne,
    #[error("another new key material is waiting for its rotation")]
    OneIsWaiting,
    #[error("{0}")]
    Unfit(#[source] InvalidKeyMaterial),
}

/// Our fault, or the world's. Never shown to a caller: the texts are for the log, and hold no user data.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InternalError {
    /// Wrong root key, or a damaged or moved row.
    #[error("the material of {0} does not open")]
    MaterialUnreadable(KeyArn),
    #[error("cryptography failed: {0}")]
    Cryptography(Box<dyn std::error::Error + Send + Sync>),
    #[error("an answer could not be written down")]
    Encoding,
    #[error("a key could not be made")]
    KeyGeneration,
    #[error("{0} is not known to the key core")]
    NoCounterpart(&'static str),
    /// The write stands, but no request would see it.
    #[error("the view is not followed any more")]
    NotFollowed,
    /// A row that another row points to is missing.
    #[error("a row of kind {0} is missing")]
    RowMissing(&'static str),
    #[error(transparent)]
    Random(RandomError),
    #[error("a plaintext could not be sealed")]
    Sealing,
    /// Wrong root key, or a damaged or moved row.
    #[error("a wrapped secret does not open")]
    SecretUnreadable,
    #[error("the audit journal cannot be written")]
    Unrecorded,
    #[error("a worker ended without a result")]
    WorkerDied,
    #[error("the store failed: {}", chain(.0))]
    Store(StoreError),
}

/// An error and its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl From<Stale> for ServiceError {
    fn from(_: Stale) -> Self {
        Self::Stale
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::Internal(InternalError::Store(error))
    }
}

impl From<RandomError> for ServiceError {
    fn from(error: RandomError) -> Self {
        Self::Internal(InternalError::Random(error))
    }
}

impl From<DecodeError> for ServiceError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<OperatorError> for ServiceError {
    fn from(error: OperatorError) -> Self {
        Self::Operator(error)
    }
}

impl From<AuthenticationError> for ServiceError {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::ExpiredToken => Self::ExpiredToken,
            AuthenticationError::SecretUnreadable => Self::Internal(InternalError::SecretUnreadable),
            AuthenticationError::SigV4(error) => Self::SigV4(error),
            AuthenticationError::UnknownAccessKey => Self::UnknownAccessKey,
        }
    }
}

impl ServiceError {
    /// The AWS error: code and text (`None` where AWS sends no message).
    pub(crate) fn answer(&self) -> (ErrorCode, Option<String>) {
        let (code, text) = match self {
            Self::AccessDenied(text) => (ErrorCode::AccessDeniedException, text.clone()),
            Self::AlgorithmUnfit { key, spec, algorithm } => (
                ErrorCode::InvalidKeyUsageException,
                format!("Algorithm {algorithm} and key spec {spec} are incompatible with key {key}."),
            ),
            Self::AliasExists(alias) => {
                (ErrorCode::AlreadyExistsException, format!("An alias with the name {alias} already exists"))
            }
            Self::AliasLimit { limit, usage } => (
                ErrorCode::LimitExceededException,
                format!("Aliases per key quota for this account in this region is {limit}, current usage is {usage}."),
            ),
            Self::AliasName(fault, name) => return alias_name_answer(*fault, name),
            Self::AliasNotFound(alias) => (ErrorCode::NotFoundException, format!("Alias {alias} is not found.")),
            Self::AliasReserved { operation, name } => alias_reserved_answer(*operation, name),
            Self::AliasTargetIsAlias => {
                (ErrorCode::ValidationException, "Aliases must refer to keys. Not aliases".to_owned())
            }
            Self::AliasTargetUnlike => (
                ErrorCode::ValidationException,
                "The current and the new KMS key of an alias must have the same type and the same key usage."
                    .to_owned(),
            ),
            Self::AliasesNotAccepted => {
                (ErrorCode::InvalidArnException, "Key Aliases are not supported for this operation.".to_owned())
            }
            Self::CustomKeyStoreNotFound(id) => {
                (ErrorCode::CustomKeyStoreNotFoundException, format!("Custom key store {id} does not exist."))
            }
            Self::Decode(DecodeError::Serialization(text)) => (ErrorCode::SerializationException, text.clone()),
            Self::Decode(DecodeError::Validation(text)) | Self::Validation(text) => {
                (ErrorCode::ValidationException, text.clone())
            }
            Self::DryRun => (
                ErrorCode::DryRunOperationException,
                "The request would have succeeded, but the DryRun option is set.".to_owned(),
            ),
            Self::ExpiredToken => {
                (ErrorCode::ExpiredTokenException, "The security token included in the request is expired".to_owned())
            }
            Self::GrantIdInvalid => (
                ErrorCode::InvalidGrantIdException,
                "The grant id is not one: it has 64 hexadecimal digits.".to_owned(),
            ),
            Self::GrantLimit { limit, usage } => (
                ErrorCode::LimitExceededException,
                format!("Grants per key quota is {limit}, current usage is {usage}."),
            ),
            Self::GrantNotFound(id) => (ErrorCode::NotFoundException, format!("Grant {id} does not exist")),
            Self::GrantTokenInvalid => (
                ErrorCode::InvalidGrantTokenException,
                "The request contains a grant token that is not valid.".to_owned(),
            ),
            Self::ImportTokenExpired => {
                (ErrorCode::ExpiredImportTokenException, "The import token has expired; get new parameters.".to_owned())
            }
            Self::ImportTokenInvalid => (
                ErrorCode::InvalidImportTokenException,
                "The import token is not valid, or belongs to another KMS key.".to_owned(),
            ),
            Self::IncorrectKeyMaterial(key, fault) => (
                ErrorCode::IncorrectKeyMaterialException,
                format!("The key material cannot be imported into {key}: {fault}."),
            ),
            Self::IncorrectKey => (
                ErrorCode::IncorrectKeyException,
                "The key ID in the request does not identify a CMK that can perform this operation.".to_owned(),
            ),
            Self::InvalidArn(value) => (ErrorCode::InvalidArnException, format!("Invalid arn {}", excerpt(value))),
            // One answer for every cause, and no text, as AWS has it.
            Self::InvalidCiphertext => return (ErrorCode::InvalidCiphertextException, None),
            Self::InvalidKeyId(value) => (ErrorCode::NotFoundException, format!("Invalid keyId '{}'", excerpt(value))),
            Self::InvalidMac => return (ErrorCode::KMSInvalidMacException, None),
            Self::InvalidSignature => return (ErrorCode::KMSInvalidSignatureException, None),
            Self::InvalidMarker => {
                (ErrorCode::InvalidMarkerException, "The marker is not one that this listing gave out.".to_owned())
            }
            Self::KeyDisabled(key) => (ErrorCode::DisabledException, format!("{key} is disabled.")),
            Self::KeyInState(key, state) => {
                (ErrorCode::KMSInvalidStateException, format!("{key} is {}.", state_words(*state)))
            }
            Self::KeyLimit { limit, usage } => (
                ErrorCode::LimitExceededException,
                format!("KMS keys quota for this account in this region is {limit}, current usage is {usage}."),
            ),
            Self::KeyMaterialNotFound(key, id) => {
                (ErrorCode::NotFoundException, format!("Key material '{id}' of {key} does not exist"))
            }
            Self::KeyNotFound(key) => (ErrorCode::NotFoundException, format!("Key '{key}' does not exist")),
            Self::KeyNotPendingDeletion(key) => {
                (ErrorCode::KMSInvalidStateException, format!("{key} is not pending deletion."))
            }
            Self::KeyOfService(key) => (
                ErrorCode::UnsupportedOperationException,
                format!("{key} is an AWS managed key, which nobody can change."),
            ),
            Self::KeyUsageUnfit { key, usage, operation } => (
                ErrorCode::InvalidKeyUsageException,
                format!("{key} key usage is {usage} which is not valid for {}.", operation.name()),
            ),
            Self::MalformedPolicy(text) => return (ErrorCode::MalformedPolicyDocumentException, text.clone()),
            Self::NoMaterialToRotateTo(key) => (
                ErrorCode::KMSInvalidStateException,
                format!("{key} has no imported key material that waits for its rotation."),
            ),
            Self::NotInRegion { what, region } => {
                (ErrorCode::UnsupportedOperationException, format!("{what} is not supported in Region {region}."))
            }
            Self::NotOffered(what) => (
                ErrorCode::UnsupportedOperationException,
                format!("{what} is not offered by this version of Kagiban yet."),
            ),
            Self::NotPrimary(of) => (
                ErrorCode::UnsupportedOperationException,
                format!("{} is a multi-Region replica key; call this operation on the primary key, in {}.", of.0, of.1),
            ),
            Self::Operator(error) => error.answer(),
            Self::OriginUnfit { key, origin } => (
                ErrorCode::UnsupportedOperationException,
                format!("{key} origin is {origin} which is not valid for this operation."),
            ),
            Self::OtherRegion(region) => (ErrorCode::NotFoundException, format!("Invalid arn {region}")),
            Self::PolicyManagedByRam => {
                (ErrorCode::ValidationException, "The AWS_RAM policy can only be managed by the RAM service".to_owned())
            }
            Self::PolicyNotFound => (ErrorCode::NotFoundException, "No such policy exists".to_owned()),
            Self::PolicyTooLong { len, max } => (
                ErrorCode::LimitExceededException,
                format!("The key policy document is {len} bytes long; the limit is {max} bytes."),
            ),
            Self::RelatedKeyExists(key) => {
                (ErrorCode::AlreadyExistsException, format!("A related multi-Region key already exists: {key}"))
            }
            Self::ReplicaLimit { limit, usage } => (
                ErrorCode::LimitExceededException,
                format!("Replicas per multi-Region key quota is {limit}, current usage is {usage}."),
            ),
            Self::RotationUnderWay(key) => (
                ErrorCode::ConflictException,
                format!("A rotation of {key} is in progress; try again when it is over."),
            ),
            Self::RotationDue(key) => {
                (ErrorCode::ConflictException, format!("{key} rotates automatically within the next 20 minutes."))
            }
            Self::RotationLimit { limit, usage } => (
                ErrorCode::LimitExceededException,
                format!("On-demand rotations per key quota is {limit}, current usage is {usage}."),
            ),
            // AWS sends no text with it.
            Self::RotationUnfit => return (ErrorCode::UnsupportedOperationException, None),
            Self::SigV4(error) => (sigv4_code(error), error.message()),
            Self::SpecUnfit { key, spec } => (
                ErrorCode::UnsupportedOperationException,
                format!("{key} key spec is {spec} which is not valid for this operation."),
            ),
            Self::Stale => (ErrorCode::DependencyTimeoutException, STALE.to_owned()),
            Self::Tag(text) => (ErrorCode::TagException, text.clone()),
            Self::TagLimit { limit, usage } => (
                ErrorCode::LimitExceededException,
                format!("Tags per key quota is {limit}, the request would make it {usage}."),
            ),
            Self::UnknownAccessKey => (
                ErrorCode::UnrecognizedClientException,
                "The security token included in the request is invalid.".to_owned(),
            ),
            Self::Unsupported(text) => (ErrorCode::UnsupportedOperationException, text.clone()),
            Self::UnknownOperation => return (ErrorCode::UnknownOperationException, None),
            Self::UnknownWait => {
                (ErrorCode::ValidationException, "The header x-kagiban-wait must be all-nodes, or left out.".to_owned())
            }
            Self::Busy | Self::Throttled => throttled(),
            // AWS's answer to a burst of changes to one key.
            Self::Internal(InternalError::Store(StoreError::Contention { .. })) => throttled(),
            Self::Internal(_) => (
                ErrorCode::KMSInternalException,
                "The request was not completed because of an internal error. You can retry it.".to_owned(),
            ),
        };
        (code, Some(text))
    }
}

fn throttled() -> (ErrorCode, String) {
    let text = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
    (ErrorCode::ThrottlingException, text.to_owned())
}

fn sigv4_code(error: &SigV4Error) -> ErrorCode {
    match error.kind() {
        SigV4ErrorKind::IncompleteSignature => ErrorCode::IncompleteSignatureException,
        SigV4ErrorKind::InvalidSignature => ErrorCode::InvalidSignatureException,
        SigV4ErrorKind::MissingAuthenticationToken => ErrorCode::MissingAuthenticationTokenException,
    }
}

fn alias_name_answer(fault: AliasNameFault, name: &str) -> (ErrorCode, Option<String>) {
    let (code, text) = match fault {
        AliasNameFault::Prefix => (
            ErrorCode::ValidationException,
            "Alias must start with the prefix \"alias/\". Please see \
             https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
                .to_owned(),
        ),
        AliasNameFault::Characters => {
            (ErrorCode::ValidationException, format!("{name} contains invalid characters for an alias"))
        }
        AliasNameFault::Empty => {
            (ErrorCode::InvalidAliasNameException, format!("{name} has no name after its prefix."))
        }
    };
    (code, Some(text))
}

/// Names under `alias/aws/` belong to AWS managed keys. CreateAlias declares an error for a bad name; the others don't,
/// so there the refusal is one of permission. (AWS documents neither.)
fn alias_reserved_answer(operation: Operation, name: &AliasName) -> (ErrorCode, String) {
    let code = match operation {
        Operation::CreateAlias => ErrorCode::InvalidAliasNameException,
        _ => ErrorCode::AccessDeniedException,
    };
    (code, format!("{name} is reserved: aliases that begin with alias/aws/ belong to AWS managed keys."))
}

/// The words of a state in `ARN is ....`.
const fn state_words(state: KeyState) -> &'static str {
    match state {
        KeyState::Creating => "creating",
        KeyState::Disabled => "disabled",
        KeyState::Enabled => "enabled",
        KeyState::PendingDeletion => "pending deletion",
        KeyState::PendingImport => "pending import",
        KeyState::PendingReplicaDeletion => "pending replica deletion",
        KeyState::Unavailable => "unavailable",
        KeyState::Updating => "updating",
    }
}

/// The caller's own text, cut to what a message should hold.
fn excerpt(value: &str) -> &str {
    value.char_indices().nth(256).map_or(value, |(at, _)| value.get(..at).unwrap_or_default())
}
