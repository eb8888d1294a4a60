//! Temporary credentials: made, sealed, and shaped for an answer.

use kagiban_api::sts::{AssumedRoleUser, Credentials, ErrorCode};
use kagiban_base::id::{AccountId, Partition};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_identity::access_key::{generate_access_key_id, generate_secret_access_key};
use kagiban_identity::session::{SessionClaims, SessionPrincipal};

use crate::context::Iam;
use crate::directory::Role;
use crate::error::{IamError, InternalError};
use crate::session::{self, SealError};

/// The claims of a new session, with fresh credentials and nothing that is optional.
pub(super) fn new_session(
    iam: &Iam,
    account: AccountId,
    principal: SessionPrincipal,
    issued: Timestamp,
    duration_s: u32,
) -> Result<SessionClaims, IamError> {
    let random = &*iam.random;
    Ok(SessionClaims {
        access_key_id: generate_access_key_id(true, random)?,
        secret_access_key: generate_secret_access_key(random)?,
        account,
        principal,
        issued,
        // To the second, as it is told.
        expires: Timestamp::from_unix_s(issued.unix_s().saturating_add(duration_s.into())),
        mfa_authenticated_at: None,
        tags: Vec::new(),
        source_identity: None,
        session_policies: Vec::new(),
        session_policy_arns: Vec::new(),
        federation: None,
        via_service: None,
        is_chained: false,
    })
}

/// Credentials of a session, ready to be answered.
pub(super) struct Issued {
    pub(super) credentials: Credentials,
    /// PackedPolicySize: how much of what a token can hold this one needs. Absent without policies and tags.
    pub(super) packed_percent: Option<i32>,
}

/// Seals the claims into a token.
pub(super) fn issue(iam: &Iam, claims: &SessionClaims) -> Result<Issued, IamError> {
    let sealed = session::seal(claims, &iam.secrets, &*iam.random).map_err(refusal)?;
    let is_packed =
        !(claims.tags.is_empty() && claims.session_policies.is_empty() && claims.session_policy_arns.is_empty());
    let credentials = Credentials {
        access_key_id: claims.access_key_id.to_string(),
        secret_access_key: SecretBytes::from_slice(claims.secret_access_key.expose()),
        session_token: sealed.token,
        expiration: claims.expires,
    };
    Ok(Issued { credentials, packed_percent: is_packed.then_some(sealed.percent) })
}

fn refusal(error: SealError) -> IamError {
    match error {
        SealError::Failed => InternalError::Sealing.into(),
        SealError::TooLarge { percent } => IamError::sts(
            ErrorCode::PackedPolicyTooLarge,
            format!("Packed policy consumes {percent}% of allotted space, please use smaller policy."),
        ),
    }
}

/// The session as an answer names it.
pub(super) fn assumed_role_user(role: &Role, session_name: &str, partition: Partition) -> AssumedRoleUser {
    let (account, name, id) = (role.key.account, &role.record.name, role.key.id);
    AssumedRoleUser {
        assumed_role_id: format!("{id}:{session_name}"),
        arn: format!("arn:{}:sts::{account}:assumed-role/{name}/{session_name}", partition.as_str()),
    }
}
