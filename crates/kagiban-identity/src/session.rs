//! What a session token holds: everything that is to be known of a session of temporary credentials.
//!
//! Tokens are self-contained, so that any node checks one without a look-up; what can change later (policies, tags and
//! existence of the user or role) is not in here, only ids. Sealing is done elsewhere: these bytes contain the secret
//! access key, and nothing here says that they are genuine.

mod wire;

use kagiban_base::id::{AccessKeyId, AccountId};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

use crate::names::{NameKind, check_tags};
use crate::unique_id::{UniqueId, UniqueIdKind};

/// Longest encoded claims, in bytes. Together with the seal and base 64 they fit into a header of 20,000 characters.
/// PackedPolicySize is their share of this.
pub const CLAIMS_LEN_MAX: usize = 12 * 1024;

/// Inline session policies of one session.
pub const SESSION_POLICIES_MAX: usize = 4;

/// Managed policies that one session can have as session policies.
pub const SESSION_POLICY_ARNS_MAX: usize = 10;

/// What is known of a session.
#[derive(Debug)]
pub struct SessionClaims {
    /// The public half of its access key; the token is good with this one only.
    pub access_key_id: AccessKeyId,
    /// The secret half.
    pub secret_access_key: SecretBytes,
    /// Account of the principal.
    pub account: AccountId,
    /// Who has the session.
    pub principal: SessionPrincipal,
    /// When it was made; revocation goes by this.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When an MFA code was given, if one was.
    pub mfa_authenticated_at: Option<Timestamp>,
    /// Session tags, with those inherited from the session before.
    pub tags: Vec<SessionTag>,
    /// The source identity, once it was set.
    pub source_identity: Option<String>,
    /// Inline session policies, as they were given.
    pub session_policies: Vec<String>,
    /// Managed session policies: ARNs or unique ids, visible ASCII.
    pub session_policy_arns: Vec<String>,
    /// Who vouched for the caller, for sessions of AssumeRoleWithWebIdentity.
    pub federation: Option<Federation>,
    /// The service that assumed the role and the Region it did so in, `s3.us-east-1.amazonaws.com`; calls of the session
    /// come through it.
    pub via_service: Option<String>,
    /// Whether the role was assumed by another role's session, which limits how long it may last.
    pub is_chained: bool,
}

/// Who has a session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SessionPrincipal {
    /// A role's session.
    Role {
        /// The role's unique id.
        role_id: UniqueId,
        /// The name of the session.
        session_name: String,
    },
    /// The account's root.
    Root,
    /// A user.
    User {
        /// The user's unique id.
        unique_id: UniqueId,
    },
}

/// A tag of a session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionTag {
    /// Its key, unique among the session's without regard to case.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Whether sessions assumed from this one get it too.
    pub is_transitive: bool,
}

/// What an OpenID Connect provider said about who has the session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Federation {
    /// The provider's address without `https://`, as condition keys begin with it.
    pub provider: String,
    /// The subject of the token.
    pub subject: String,
    /// The client id that the token was made for.
    pub audience: String,
}

/// A part of the claims, for errors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SessionPart {
    /// Provider, subject or audience.
    Federation,
    /// The times of making and ending.
    Lifetime,
    /// The unique id, or the name of the session.
    Principal,
    /// The secret access key.
    SecretAccessKey,
    /// Inline or managed session policies.
    SessionPolicies,
    /// The source identity.
    SourceIdentity,
    /// Session tags.
    Tags,
    /// The service that assumed the role.
    ViaService,
}

/// Claims cannot be encoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// A part breaks its rules, which whoever made it should have seen.
    #[error("the session's {0:?} is not valid")]
    Part(SessionPart),
    /// They are longer than [`CLAIMS_LEN_MAX`]: PackedPolicyTooLarge.
    #[error("the session's claims are {len} bytes long, and at most {CLAIMS_LEN_MAX} fit")]
    TooLarge {
        /// Their length in bytes.
        len: usize,
    },
}

/// Bytes are not the claims of a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidSession {
    /// They are cut off, go on after the end, or are no such encoding at all.
    #[error("the session's claims cannot be read")]
    Malformed,
    /// A part breaks its rules.
    #[error("the session's {0:?} is not valid")]
    Part(SessionPart),
    /// They are of a version that is not known here.
    #[error("the session's claims have the unknown version {0}")]
    Version(u8),
}

impl SessionClaims {
    /// The claims as bytes, to be sealed: they contain the secret access key. Equal claims give equal bytes.
    ///
    /// # Errors
    /// [`EncodeError`] when a part is not valid or all together are too long.
    pub fn encode(&self) -> Result<SecretBytes, EncodeError> {
        self.check().map_err(EncodeError::Part)?;
        wire::encode(self)
    }

    /// Reads what [`SessionClaims::encode`] gave, and nothing else: what is read encodes to the same bytes.
    ///
    /// # Errors
    /// [`InvalidSession`] for all other bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidSession> {
        let claims = wire::decode(bytes)?;
        claims.check().map_err(InvalidSession::Part)?;
        Ok(claims)
    }

    /// The rules that hold on both ways, so that nothing is encoded which would not be read.
    fn check(&self) -> Result<(), SessionPart> {
        let tags = self.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        for (fits, part) in [
            ((1..=128).contains(&self.secret_access_key.len()), SessionPart::SecretAccessKey),
            (self.principal.is_valid(), SessionPart::Principal),
            (self.issued < self.expires, SessionPart::Lifetime),
            (check_tags(tags).is_ok(), SessionPart::Tags),
            (is_valid_or_none(&self.source_identity, is_session_name), SessionPart::SourceIdentity),
            (self.session_policies_fit(), SessionPart::SessionPolicies),
            (self.federation.as_ref().is_none_or(Federation::is_valid), SessionPart::Federation),
            (is_valid_or_none(&self.via_service, |name| is_visible(name, 128)), SessionPart::ViaService),
        ] {
            if !fits {
                return Err(part);
            }
        }
        Ok(())
    }

    fn session_policies_fit(&self) -> bool {
        self.session_policies.len() <= SESSION_POLICIES_MAX
            && self.session_policies.iter().all(|document| !document.is_empty())
            && self.session_policy_arns.len() <= SESSION_POLICY_ARNS_MAX
            && self.session_policy_arns.iter().all(|arn| is_visible(arn, 2048))
    }
}

impl SessionPrincipal {
    fn is_valid(&self) -> bool {
        match self {
            Self::Role { role_id, session_name } => {
                role_id.kind() == UniqueIdKind::Role && is_session_name(session_name)
            }
            Self::Root => true,
            Self::User { unique_id } => unique_id.kind() == UniqueIdKind::User,
        }
    }
}

impl Federation {
    fn is_valid(&self) -> bool {
        let is_text = |text: &str| (1..=1024).contains(&text.len()) && !text.chars().any(char::is_control);
        NameKind::OidcProvider.check(&self.provider).is_ok() && is_text(&self.subject) && is_text(&self.audience)
    }
}

fn is_valid_or_none(text: &Option<String>, is_valid: impl Fn(&str) -> bool) -> bool {
    text.as_deref().is_none_or(is_valid)
}

fn is_session_name(name: &str) -> bool {
    NameKind::RoleSession.check(name).is_ok()
}

fn is_visible(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
