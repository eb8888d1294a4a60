//! Sessions of temporary credentials: their tokens, sealed and opened.
//!
//! A token holds everything that is to be known of its session, so any node checks it without a look-up. What is kept
//! here is a cache of what was opened, and of use only while the domain key is there that opened it: a session ends with it.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::id::AccessKeyId;
use kagiban_base::random::Random;
use kagiban_base::time::Timestamp;
use kagiban_identity::session::{CLAIMS_LEN_MAX, EncodeError, SessionClaims};
use kagiban_keycore::hierarchy::DomainKeyId;
use kagiban_keycore::row_binding::RowBinding;
use subtle::ConstantTimeEq;

use kagiban_storage::follower::ViewMap;

use crate::directory::{Directory, LoadedPolicy, compile_identity_policy};
use crate::records::PolicyRef;
use crate::secrets::Secrets;
use crate::standing::managed_policy;

/// Longest session token taken, in characters: the claims' own limit in base64, with room for the seal.
pub const TOKEN_LEN_MAX: usize = 20_000;
/// Opened tokens kept at most; past that the cache starts afresh.
const SESSIONS_MAX: usize = 4096;
/// Longest token kept, in characters, so that the cache stays within some 50 MiB. Longer ones, which have long policies or
/// many tags, are opened each time.
const KEPT_TOKEN_LEN_MAX: usize = 4096;

/// A session, opened.
pub struct Session {
    /// What its token says.
    pub claims: SessionClaims,
    /// The token, for recognising it.
    token: Box<str>,
    /// What the token is sealed with.
    domain_key: DomainKeyId,
    /// Its inline session policies.
    inline: Box<[LoadedPolicy]>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.claims.access_key_id)
    }
}

/// A session token is of no use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SessionError {
    Expired,
    /// Not a token of this deployment, or not this access key's.
    Invalid,
}

/// A token could not be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealError {
    /// Claims against their rules, or no randomness.
    #[error("a session token could not be sealed")]
    Failed,
    /// More than a token holds.
    #[error("the session needs {percent} % of what a token holds")]
    TooLarge {
        /// How much it needs of what there is.
        percent: i32,
    },
}

/// A session's token.
#[derive(Debug)]
pub(crate) struct SealedSession {
    pub(crate) token: String,
    /// How much it needs of what a token holds, rounded up.
    pub(crate) percent: i32,
}

/// What every session token is bound to.
fn binding() -> RowBinding {
    RowBinding::new("session-token")
}

/// The token of a session.
///
/// # Errors
/// [`SealError`]
pub(crate) fn seal(claims: &SessionClaims, secrets: &Secrets, random: &dyn Random) -> Result<SealedSession, SealError> {
    let encoded = claims.encode().map_err(|error| match error {
        EncodeError::Part(_) => SealError::Failed,
        EncodeError::TooLarge { len } => SealError::TooLarge { percent: percent(len) },
    })?;
    let sealed = secrets.wrap(encoded.expose(), &binding(), random).map_err(|_| SealError::Failed)?;
    Ok(SealedSession { token: STANDARD.encode(sealed), percent: percent(encoded.len()) })
}

fn percent(len: usize) -> i32 {
    i32::try_from(len.saturating_mul(100).div_ceil(CLAIMS_LEN_MAX)).unwrap_or(i32::MAX)
}

/// Opened sessions by access key.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    opened: ViewMap<AccessKeyId, Arc<Session>>,
}

impl Sessions {
    /// Lets go of all.
    pub(crate) fn forget(&self) {
        self.opened.pin().clear();
    }

    /// The session that a token belongs to. Whether its user or role is still there is asked elsewhere, each time.
    ///
    /// # Errors
    /// [`SessionError`]
    pub(crate) fn open(
        &self,
        token: &str,
        access_key_id: AccessKeyId,
        now: Timestamp,
        secrets: &Secrets,
    ) -> Result<Arc<Session>, SessionError> {
        let opened = self.opened.pin();
        let known = opened.get(&access_key_id).filter(|known| known.is_opened_by(token, secrets));
        let session = match known {
            Some(session) => Arc::clone(session),
            None => Arc::new(open(token, access_key_id, secrets).ok_or(SessionError::Invalid)?),
        };
        if session.claims.expires <= now {
            opened.remove(&access_key_id);
            return Err(SessionError::Expired);
        }
        if known.is_none() && session.is_kept() {
            if opened.len() >= SESSIONS_MAX {
                opened.clear();
            }
            opened.insert(access_key_id, Arc::clone(&session));
        }
        Ok(session)
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

fn open(token: &str, access_key_id: AccessKeyId, secrets: &Secrets) -> Option<Session> {
    if token.len() > TOKEN_LEN_MAX {
        return None;
    }
    let sealed = STANDARD.decode(token).ok()?;
    let claims = SessionClaims::decode(secrets.open(&sealed, &binding()).ok()?.expose()).ok()?;
    if claims.access_key_id != access_key_id {
        return None;
    }
    let load =
        |document: &String| LoadedPolicy { name: "session policy".into(), policy: compile_identity_policy(document) };
    let inline = claims.session_policies.iter().map(load).collect();
    let domain_key = Secrets::domain_key_of(&sealed)?;
    Some(Session { claims, token: token.into(), domain_key, inline })
}

impl Session {
    /// Whether this is the session's token, it would open now, and it has not expired.
    pub(crate) fn is_open(&self, token: &str, now: Timestamp, secrets: &Secrets) -> bool {
        self.claims.expires > now && self.is_opened_by(token, secrets)
    }

    fn is_opened_by(&self, token: &str, secrets: &Secrets) -> bool {
        is_same(&self.token, token) && secrets.has(self.domain_key)
    }

    /// Whether the session may be kept in memory; one with a very long token is opened each time.
    pub(crate) fn is_kept(&self) -> bool {
        self.token.len() <= KEPT_TOKEN_LEN_MAX
    }

    /// The session policies as they are now: inline ones, and the managed ones by their default version. One that is gone
    /// or unreadable has no policy, which denies everything.
    pub(crate) fn policies(&self, directory: &Directory) -> Vec<LoadedPolicy> {
        let managed = self.claims.session_policy_arns.iter().map(|name| {
            let policy = name.parse::<PolicyRef>().ok().and_then(|policy| managed_policy(&policy, directory));
            policy.unwrap_or_else(|| LoadedPolicy { name: name.as_str().into(), policy: None })
        });
        self.inline.iter().cloned().chain(managed).collect()
    }
}
