//! Who is calling: the only constructor of [`Caller`], by way of a verified signature.

use std::sync::{Arc, OnceLock};

use kagiban_base::id::{AccessKeyId, AccountId, Partition, Region};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_identity::session::{SessionClaims, SessionPrincipal};
use kagiban_identity::sigv4::{self, Expected, Presented, RequestHead, Scope, SigV4Error, SigningKey, Verified};
use kagiban_policy::{Identity, Requester};

use kagiban_storage::follower::ViewMap;

use crate::audit::identity;
use crate::deployment::DeploymentKind;
use crate::directory::{Directory, Role, User};
use crate::last_uses::{LastUse, LastUses, NotedAt};
use crate::records::access_key::{AccessKeyOwner, AccessKeyRecord, AccessKeyRowKey};
use crate::request::RawRequest;
use crate::secrets::Secrets;
use crate::session::{Session, SessionError, Sessions};
use crate::standing::{self, Standing};

/// The access key id and the secret that every development deployment knows.
const DEVELOPMENT_WORD: &str = "test";
/// The account behind the development word.
const DEVELOPMENT_ACCOUNT: &str = "000000000000";
/// Cached signing keys at most; past that the cache starts afresh. One entry per access key, day and Region in use.
const SIGNING_KEYS_MAX: usize = 4096;
/// Access keys whose owners are kept at most; past that the cache starts afresh.
const KNOWN_MAX: usize = 4096;

/// An authenticated caller, calling in a Region.
#[derive(Debug)]
pub struct Caller {
    known: Arc<KnownAccessKey>,
    region: Region,
    _authenticated: Authenticated,
}

/// Private, so that no other module can make a [`Caller`].
#[derive(Debug)]
struct Authenticated;

/// A caller as records name it, for those who keep that.
#[derive(Debug, Eq, PartialEq)]
pub struct CallerNames {
    /// [`Caller::arn`]
    pub arn: Box<str>,
    /// [`Caller::principal_arn`]
    pub principal_arn: Box<str>,
    /// [`Caller::user_id`]
    pub user_id: Box<str>,
    /// `userIdentity` of audit records: a JSON object.
    pub identity: Box<str>,
}

/// What kind of principal calls.
#[derive(Clone, Debug)]
pub enum Principal {
    /// The account's root user.
    Root,
    /// A session of a role; the session says its name.
    RoleSession(Arc<Role>),
    /// A service of the deployment, `s3.amazonaws.com`.
    Service(Arc<str>),
    /// A user.
    User(Arc<User>),
}

/// A request is not authenticated.
#[derive(Debug)]
pub enum AuthenticationError {
    /// The token of the session has expired.
    ExpiredToken,
    /// A secret does not open: damage, or another root key.
    SecretUnreadable,
    /// What the signature lacks.
    SigV4(SigV4Error),
    /// No such access key, a switched-off one, or a token that is not its.
    UnknownAccessKey,
}

impl From<SigV4Error> for AuthenticationError {
    fn from(error: SigV4Error) -> Self {
        Self::SigV4(error)
    }
}

impl Caller {
    /// The same caller as if it had called in another Region of the partition: for operations that reach into two.
    #[must_use]
    pub fn in_region(&self, region: Region) -> Self {
        Self { known: Arc::clone(&self.known), region, _authenticated: Authenticated }
    }

    /// The account that the caller belongs to.
    pub fn account(&self) -> AccountId {
        self.known.account
    }

    /// The Region that the request was signed for.
    pub fn region(&self) -> Region {
        self.region
    }

    /// The partition of that Region; ARNs shown to the caller have it.
    pub fn partition(&self) -> Partition {
        self.region.partition()
    }

    /// The access key that signed.
    pub fn access_key_id(&self) -> AccessKeyId {
        self.known.id
    }

    /// Who it is.
    pub fn principal(&self) -> &Principal {
        &self.known.principal
    }

    /// The claims of its session; `None` for long-term credentials.
    pub fn session(&self) -> Option<&SessionClaims> {
        self.loaded_session().map(|session| &session.claims)
    }

    /// Whether an MFA code was given when its session was made.
    pub fn has_mfa(&self) -> bool {
        self.session().is_some_and(|session| session.mfa_authenticated_at.is_some())
    }

    /// The session with its policies loaded.
    pub(crate) fn loaded_session(&self) -> Option<&Session> {
        match &self.known.source {
            SecretSource::Session(session) => Some(session),
            SecretSource::Development | SecretSource::Record(_) => None,
        }
    }

    /// The policies of the principal.
    pub fn standing(&self) -> &Standing {
        &self.known.standing
    }

    /// The policies of the principal, to be kept.
    pub fn shared_standing(&self) -> Arc<Standing> {
        Arc::clone(&self.known.standing)
    }

    /// As policies know the caller.
    pub fn requester(&self) -> Requester<'_> {
        let identity = match &self.known.principal {
            Principal::Root => Identity::Root,
            Principal::RoleSession(role) => Identity::RoleSession {
                role_id: role.key.id.as_str(),
                session_name: self.session_name().unwrap_or_default(),
            },
            Principal::Service(name) => Identity::Service { name },
            Principal::User(user) => Identity::User { unique_id: user.key.id.as_str() },
        };
        Requester { account: self.account(), identity }
    }

    /// The name of a role session.
    pub fn session_name(&self) -> Option<&str> {
        match &self.session()?.principal {
            SessionPrincipal::Role { session_name, .. } => Some(session_name),
            SessionPrincipal::Root | SessionPrincipal::User { .. } => None,
        }
    }

    /// The caller's ARN as refusals and records name it: of a role session, the session's.
    pub fn arn(&self) -> String {
        let (partition, account) = (self.partition().as_str(), self.account());
        match &self.known.principal {
            Principal::Root => account.root_arn(self.partition()),
            Principal::RoleSession(role) => {
                let session = self.session_name().unwrap_or_default();
                format!("arn:{partition}:sts::{account}:assumed-role/{}/{session}", role.record.name)
            }
            Principal::Service(name) => (**name).to_owned(),
            Principal::User(user) => user.arn(self.partition()),
        }
    }

    /// The ARN that `aws:PrincipalArn` has: of a role session, the role's.
    pub fn principal_arn(&self) -> String {
        match &self.known.principal {
            Principal::RoleSession(role) => role.arn(self.partition()),
            _ => self.arn(),
        }
    }

    /// What records call the caller, shared: it is written once for all requests of an access key that are of one partition.
    pub fn names(&self) -> &Arc<CallerNames> {
        let Names { aws, aws_cn, aws_us_gov } = &self.known.names;
        let names = match self.partition() {
            Partition::Aws => aws,
            Partition::AwsCn => aws_cn,
            Partition::AwsUsGov => aws_us_gov,
        };
        names.get_or_init(|| {
            let (arn, principal_arn) = (self.arn(), self.principal_arn());
            let identity = identity::of(self, &arn);
            Arc::new(CallerNames {
                arn: arn.into(),
                principal_arn: principal_arn.into(),
                user_id: self.user_id().into(),
                identity: identity.into(),
            })
        })
    }

    /// The value of `aws:userid`.
    pub fn user_id(&self) -> String {
        match &self.known.principal {
            Principal::Root => self.account().to_string(),
            Principal::RoleSession(role) => {
                format!("{}:{}", role.key.id, self.session_name().unwrap_or_default())
            }
            Principal::Service(name) => (**name).to_owned(),
            Principal::User(user) => user.key.id.to_string(),
        }
    }

    /// The service that the call came through: what assumed the session, if it was a service, with the Region it did so in:
    /// `s3.us-east-1.amazonaws.com`.
    pub fn via_service(&self) -> Option<&str> {
        self.session()?.via_service.as_deref()
    }

    /// The same without the Region, as services are named as principals: `s3.amazonaws.com`.
    pub fn via_service_principal(&self) -> Option<String> {
        let (name, rest) = self.via_service()?.split_once('.')?;
        let (_, domain) = rest.split_once('.')?;
        Some(format!("{name}.{domain}"))
    }
}

impl User {
    /// The user's ARN.
    pub fn arn(&self, partition: Partition) -> String {
        crate::records::arn(partition, self.key.account, "user", &self.record.path, &self.record.name)
    }
}

impl Role {
    /// The role's ARN.
    pub fn arn(&self, partition: Partition) -> String {
        crate::records::arn(partition, self.key.account, "role", &self.record.path, &self.record.name)
    }
}

/// Where the secrets of access keys come from, and the signing keys derived from them.
#[derive(Debug, Default)]
pub struct Credentials {
    /// Whose access keys are, as long as the directory stands still.
    known: ViewMap<AccessKeyId, Arc<KnownAccessKey>>,
    signing_keys: ViewMap<SigningKeyName, CachedSigningKey>,
    sessions: Sessions,
    last_uses: LastUses,
}

/// A signing key belongs to one access key, day, Region and service.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct SigningKeyName {
    access_key_id: AccessKeyId,
    scope: Scope,
}

struct CachedSigningKey {
    key: SigningKey,
    /// What the key was derived from; anything else makes this entry void.
    source: SecretSource,
    /// When the use of the access key was noted last.
    noted: NotedAt,
}

impl std::fmt::Debug for CachedSigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CachedSigningKey")
    }
}

/// Where the secret of an access key is.
#[derive(Clone)]
enum SecretSource {
    Development,
    Record(Arc<AccessKeyRecord>),
    Session(Arc<Session>),
}

impl SecretSource {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Development, Self::Development) => true,
            (Self::Record(one), Self::Record(other)) => Arc::ptr_eq(one, other),
            (Self::Session(one), Self::Session(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

/// An access key that exists, and whose it is.
struct KnownAccessKey {
    /// The directory's when this was gathered; with any other number it is void.
    generation: u64,
    id: AccessKeyId,
    account: AccountId,
    principal: Principal,
    standing: Arc<Standing>,
    source: SecretSource,
    names: Names,
}

/// The ARNs of a caller in each partition, once they are needed there.
#[derive(Default)]
struct Names {
    aws: OnceLock<Arc<CallerNames>>,
    aws_cn: OnceLock<Arc<CallerNames>>,
    aws_us_gov: OnceLock<Arc<CallerNames>>,
}

/// One moment by two clocks, which are one but where a development deployment was moved ahead.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// By the deployment's clock: sessions expire by it.
    pub now: Timestamp,
    /// By the world's: clients sign with it.
    pub world: Timestamp,
}

impl Credentials {
    /// Verifies the request's signature and tells who signed it. `service` is the signing name that the request must
    /// have been signed for.
    ///
    /// # Errors
    /// In this order: no or malformed signature; unknown access key, bad or expired session token; then scope, clock and
    /// signature.
    pub fn authenticate(
        &self,
        request: &RawRequest,
        service: &'static str,
        Moment { now, world }: Moment,
        directory: &Directory,
        secrets: &Secrets,
    ) -> Result<Caller, AuthenticationError> {
        let head = RequestHead { method: &request.head.method, uri: &request.head.uri, headers: &request.head.headers };
        let presented = sigv4::parse(head)?;
        let known = self.look_up(&presented, now, directory, secrets)?;
        let checked = presented.check(&Expected { service, now: world })?;
        let name = SigningKeyName { access_key_id: known.id, scope: *checked.scope() };
        let keys = self.signing_keys.pin();
        if let Some(cached) = keys.get(&name).filter(|cached| cached.source.is_same(&known.source)) {
            let verified = checked.verify(&request.body, &cached.key)?;
            self.note_use(&known, cached, &verified, service, now);
            return Ok(Caller::new(known, &verified));
        }
        let secret = secret_of(&known, secrets)?;
        let key = SigningKey::derive(&secret, checked.scope());
        let verified = checked.verify(&request.body, &key)?;
        let cached = CachedSigningKey { key, source: known.source.clone(), noted: NotedAt::never() };
        self.note_use(&known, &cached, &verified, service, now);
        self.keep(name, cached);
        Ok(Caller::new(known, &verified))
    }

    /// Lets go of every secret that was opened and every key derived from one.
    pub fn forget_secrets(&self) {
        self.signing_keys.pin().clear();
        self.known.pin().clear();
        self.sessions.forget();
    }

    fn look_up(
        &self,
        presented: &Presented<'_>,
        now: Timestamp,
        directory: &Directory,
        secrets: &Secrets,
    ) -> Result<Arc<KnownAccessKey>, AuthenticationError> {
        let id = presented.access_key_id().ok_or(AuthenticationError::UnknownAccessKey)?;
        // Asked for before gathering: a change in between makes what is gathered void, not the other way round.
        let generation = directory.generation();
        let kept = self.known.pin();
        let is_valid = |known: &&Arc<KnownAccessKey>| {
            known.generation == generation && known.has_token(presented.security_token(), now, secrets)
        };
        if let Some(known) = kept.get(&id).filter(is_valid) {
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(KnownAccessKey { generation, ..self.gather(id, presented, now, directory, secrets)? });
        if known.is_kept() {
            if kept.len() >= KNOWN_MAX {
                kept.clear();
            }
            kept.insert(id, Arc::clone(&known));
        }
        Ok(known)
    }

    fn gather(
        &self,
        id: AccessKeyId,
        presented: &Presented<'_>,
        now: Timestamp,
        directory: &Directory,
        secrets: &Secrets,
    ) -> Result<KnownAccessKey, AuthenticationError> {
        let known = match presented.security_token() {
            Some(token) => {
                let session = self.sessions.open(token, id, now, secrets).map_err(|error| match error {
                    SessionError::Expired => AuthenticationError::ExpiredToken,
                    SessionError::Invalid => AuthenticationError::UnknownAccessKey,
                })?;
                of_session(id, session, directory)
            }
            None => of_long_term_key(id, directory),
        };
        known.filter(|known| directory.has_account(known.account)).ok_or(AuthenticationError::UnknownAccessKey)
    }

    /// Notes the use of a stored access key. Not that of a session's, which has its user or role to be known by.
    fn note_use(
        &self,
        known: &KnownAccessKey,
        cached: &CachedSigningKey,
        verified: &Verified,
        service: &'static str,
        now: Timestamp,
    ) {
        if matches!(known.source, SecretSource::Record(_)) && cached.noted.is_due(now) {
            self.last_uses.note(known.id, LastUse { at: now, region: verified.region(), service });
        }
    }

    pub(crate) fn last_uses(&self) -> &LastUses {
        &self.last_uses
    }

    /// Keeps a signing key whose signature has just been verified; so only holders of a secret can fill the cache.
    fn keep(&self, name: SigningKeyName, key: CachedSigningKey) {
        let keys = self.signing_keys.pin();
        if keys.len() >= SIGNING_KEYS_MAX {
            keys.clear();
        }
        keys.insert(name, key);
    }
}

impl KnownAccessKey {
    /// Whether these are the credentials that a request has shown: none of a long-term key's has a token, and a session's has
    /// its own, not expired, and sealed by a domain key that is there.
    fn has_token(&self, token: Option<&str>, now: Timestamp, secrets: &Secrets) -> bool {
        match (&self.source, token) {
            (SecretSource::Session(session), Some(token)) => session.is_open(token, now, secrets),
            (SecretSource::Development | SecretSource::Record(_), None) => true,
            _ => false,
        }
    }
}

impl KnownAccessKey {
    fn is_kept(&self) -> bool {
        match &self.source {
            SecretSource::Session(session) => session.is_kept(),
            SecretSource::Development | SecretSource::Record(_) => true,
        }
    }
}

impl Caller {
    fn new(known: Arc<KnownAccessKey>, verified: &Verified) -> Self {
        Self { known, region: verified.region(), _authenticated: Authenticated }
    }
}

impl std::fmt::Debug for KnownAccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KnownAccessKey({}, {:?})", self.id, self.principal)
    }
}

/// Whose long-term access key it is; `None` for one that is unknown, switched off, or whose user is gone.
fn of_long_term_key(id: AccessKeyId, directory: &Directory) -> Option<KnownAccessKey> {
    let Some(record) = directory.access_key(&id) else { return of_development_key(id, directory) };
    if record.inactive {
        return None;
    }
    let (principal, standing) = match &record.owner {
        AccessKeyOwner::Root => (Principal::Root, standing::without_policies()),
        AccessKeyOwner::Service(name) => (Principal::Service(name.as_str().into()), standing::without_policies()),
        AccessKeyOwner::User(user) => {
            let user = directory.user(*user)?;
            let standing = directory.standing_of_user(&user);
            (Principal::User(user), standing)
        }
    };
    Some(KnownAccessKey {
        generation: 0,
        id,
        account: record.account,
        principal,
        standing,
        source: SecretSource::Record(record),
        names: Names::default(),
    })
}

/// In development, every account's number is an access key of its root.
fn of_development_key(id: AccessKeyId, directory: &Directory) -> Option<KnownAccessKey> {
    if directory.kind() != DeploymentKind::Development {
        return None;
    }
    let text = id.as_str();
    let account = if text == DEVELOPMENT_WORD { DEVELOPMENT_ACCOUNT } else { text }.parse().ok()?;
    let standing = standing::without_policies();
    Some(KnownAccessKey {
        generation: 0,
        id,
        account,
        principal: Principal::Root,
        standing,
        source: SecretSource::Development,
        names: Names::default(),
    })
}

/// Whose session it is; `None` when its user or role is gone.
fn of_session(id: AccessKeyId, session: Arc<Session>, directory: &Directory) -> Option<KnownAccessKey> {
    let account = session.claims.account;
    let (principal, standing) = match &session.claims.principal {
        SessionPrincipal::Root => (Principal::Root, standing::without_policies()),
        SessionPrincipal::User { unique_id } => {
            let user = directory.user(*unique_id).filter(|user| user.key.account == account)?;
            let standing = directory.standing_of_user(&user);
            (Principal::User(user), standing)
        }
        SessionPrincipal::Role { role_id, .. } => {
            let role = directory.role(*role_id).filter(|role| role.key.account == account)?;
            let standing = directory.standing_of_role(&role);
            (Principal::RoleSession(role), standing)
        }
    };
    let source = SecretSource::Session(session);
    Some(KnownAccessKey { generation: 0, id, account, principal, standing, source, names: Names::default() })
}

fn secret_of(known: &KnownAccessKey, secrets: &Secrets) -> Result<SecretBytes, AuthenticationError> {
    match &known.source {
        SecretSource::Development => Ok(SecretBytes::from_slice(DEVELOPMENT_WORD.as_bytes())),
        SecretSource::Record(record) => secrets
            .open(&record.wrapped_secret, &AccessKeyRowKey(known.id).binding())
            .map_err(|_| AuthenticationError::SecretUnreadable),
        SecretSource::Session(session) => Ok(SecretBytes::from_slice(session.claims.secret_access_key.expose())),
    }
}
