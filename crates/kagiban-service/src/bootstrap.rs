//! The beginning of a store, and the opening of a service on it.

use std::sync::{Arc, OnceLock};

use kagiban_base::id::{AccessKeyId, AccountId};
use kagiban_base::random::{Random, RandomError, public_array};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::{Clock, Timestamp};
use kagiban_keycore::hierarchy::{DomainKey, DomainKeyRing, RingError, WrapError};
use kagiban_keycore::root_key::{RootKey, RootKeyError};
use kagiban_recovery::{RecoveryRecipient, SealError};
use kagiban_storage::follower::{FollowError, Follower};
use kagiban_storage::format::{Format, FormatRecord, FormatRowKey, UnknownFormat};
use kagiban_storage::row::{self, Row};
use kagiban_storage::{Batch, Prefix, RowError, Store, StoreError, Transaction, Write};

use kagiban_iam::audit::Audit;
use kagiban_iam::caller::Credentials;
use kagiban_iam::decisions::{DECISIONS_KEPT, Decisions};
use kagiban_iam::deployment::DeploymentKind;
use kagiban_iam::domain_keys::DomainKeys;
use kagiban_iam::freshness::Freshness;
use kagiban_iam::secrets::Secrets;
use kagiban_iam::{AccessKeyRecord, AccessKeyRowKey, AccountRecord, AccountRowKey, Iam};

use crate::domain_keys::keeper::CurrentKeyOnly;
use crate::domain_keys::rewrap::Progress;
use crate::key_uses;
use crate::moved_clock::{self, MovedClock};
use crate::peers;
use crate::quotas::Quotas;
use crate::records::deployment::{DeploymentRecord, DeploymentRowKey};
use crate::records::domain_key::{DomainKeyRecord, DomainKeyRowKey};
use crate::records::recovery_key::{RecoveryKeyRecord, RecoveryKeyRowKey};
use crate::records::restoring::{RestoringRecord, RestoringRowKey};
use crate::records::seal_order::{SealOrderRecord, SealOrderRowKey};
use crate::sealing::stored::{self, StoredDomainKeys};
use crate::sealing::{DomainKeysError, Sealing};
use crate::view::View;
use crate::{Environment, Service};

/// The account that manages the others in a development deployment, where nobody made a first one.
const DEVELOPMENT_MANAGEMENT_ACCOUNT: &str = "000000000000";
/// Accounts read at once where the first one is looked for.
const ACCOUNTS_PAGE: usize = 1000;

/// What keeps a service's view fresh; the caller runs it for as long as the service lives.
pub type ViewFollower = Follower<ServiceView>;
/// The view of a service; opaque.
pub use crate::view::View as ServiceView;

/// A store's first batch could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FirstBatchError {
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The domain key could not be prepared.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// Neither a root key nor a recovery key.
    #[error("nothing would open this store: it needs a root key, or shares of a recovery key")]
    NothingOpens,
    /// The root key did not wrap the domain key.
    #[error("the root key does not work")]
    RootKey(#[from] RootKeyError),
    /// A row could not be written down.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The domain key could not be sealed to the recovery key.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The secret access key could not be wrapped.
    #[error(transparent)]
    Wrap(#[from] WrapError),
}

/// A service could not be opened on a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The view could not be loaded.
    #[error("the store cannot be read into memory")]
    Follow(#[from] FollowError<RowError>),
    /// A newer program has been at work on the store, or a much older one.
    #[error(transparent)]
    Format(#[from] UnknownFormat),
    /// There is no deployment row: this is no store of Kagiban, or one cut off while it was made.
    #[error("the store has no deployment in it: it is not Kagiban's, or its initialisation was not finished")]
    NoDeployment,
    /// A restore into the store was begun and cut off.
    #[error("a restore into this store was not finished; begin it again with: kagiban restore")]
    RestoreUnfinished,
    /// The store is of the other kind.
    #[error("the store belongs to a {found:?} deployment, not to a {wanted:?} one")]
    OtherKind {
        /// What the store says.
        found: DeploymentKind,
        /// What was to be started.
        wanted: DeploymentKind,
    },
    /// A production store with a clock that was moved: it was made for development, or tampered with.
    #[error("the store says that its clock was moved, which can be in development only")]
    ClockMoved,
    /// The domain keys do not open.
    #[error(transparent)]
    DomainKeys(#[from] DomainKeysError),
    /// Sealed for ever: there is no root key and no recovery key.
    #[error("without a root key this store opens with shares of a recovery key, and it has none; name its root key")]
    NoRecoveryKey,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The root access key of a first account.
#[derive(Debug)]
pub struct FirstAccount {
    /// The account's number.
    pub account: AccountId,
    /// The public half of its root's access key.
    pub access_key_id: AccessKeyId,
    /// The secret half.
    pub secret_access_key: SecretBytes,
}

/// The public half of a recovery key, and how its private half was split.
#[derive(Clone, Debug)]
pub struct FirstRecoveryKey {
    /// What domain keys and backups are sealed to.
    pub recipient: RecoveryRecipient,
    /// How many shares open.
    pub threshold: u8,
    /// How many shares there are.
    pub shares: u8,
}

/// What opens a new store: a root key, a recovery key, or either.
#[derive(Clone, Copy, Default)]
pub struct Openers<'a> {
    /// Wraps domain keys.
    pub root_key: Option<&'a dyn RootKey>,
    /// Domain keys are sealed to it.
    pub recovery_key: Option<&'a FirstRecoveryKey>,
}

/// The batch that makes an empty store a deployment: its domain key and, for production, its first account.
///
/// # Errors
/// [`FirstBatchError`]
pub fn first_batch(
    kind: DeploymentKind,
    first_account: Option<&FirstAccount>,
    root_key: &dyn RootKey,
    now: Timestamp,
    random: &dyn Random,
) -> Result<Batch, FirstBatchError> {
    let openers = Openers { root_key: Some(root_key), recovery_key: None };
    first_batch_opened_by(&openers, kind, first_account, now, random)
}

/// The same with a recovery key, or with nothing else.
///
/// # Errors
/// [`FirstBatchError`]
pub fn first_batch_opened_by(
    openers: &Openers<'_>,
    kind: DeploymentKind,
    first_account: Option<&FirstAccount>,
    now: Timestamp,
    random: &dyn Random,
) -> Result<Batch, FirstBatchError> {
    let Openers { root_key, recovery_key } = openers;
    if root_key.is_none() && recovery_key.is_none() {
        return Err(FirstBatchError::NothingOpens);
    }
    let domain_key = DomainKey::generate(random)?;
    let row_key = DomainKeyRowKey(domain_key.id());
    let wrap = |root_key: &&dyn RootKey| root_key.wrap(domain_key.secret(), &row_key.binding(), random);
    let wrapped = root_key.as_ref().map(wrap).transpose()?;
    let sealed = recovery_key.map(|key| stored::seal(&domain_key, &key.recipient)).transpose()?;
    let current_domain_key = domain_key.id();
    let mut batch = Batch::new();
    let management_account = first_account.map(|first| first.account).or_else(|| development_account(kind));
    let deployment = DeploymentRecord { created: now, kind, current_domain_key, management_account };
    insert(&mut batch, &FormatRowKey, &FormatRecord::settled(Format::NEWEST, now))?;
    insert(&mut batch, &DeploymentRowKey, &deployment)?;
    insert(&mut batch, &row_key, &DomainKeyRecord::new(now, wrapped, sealed))?;
    if let Some(FirstRecoveryKey { recipient, threshold, shares }) = recovery_key {
        let (recipient, threshold, shares) = (recipient.clone(), *threshold, *shares);
        insert(&mut batch, &RecoveryKeyRowKey, &RecoveryKeyRecord { created: now, recipient, threshold, shares })?;
    }
    if let Some(first) = first_account {
        let ring = DomainKeyRing::new(domain_key, [])?;
        let access_key = AccessKeyRowKey(first.access_key_id);
        let wrapped = ring.wrap(first.secret_access_key.expose(), &access_key.binding(), random)?;
        let wrapped_secret = wrapped.encode();
        insert(&mut batch, &AccountRowKey(first.account), &AccountRecord::new(now))?;
        insert(&mut batch, &access_key, &AccessKeyRecord::of_root(first.account, now, wrapped_secret))?;
    }
    Ok(batch)
}

fn insert<R: Row>(batch: &mut Batch, key: &R::Key, record: &R) -> Result<(), RowError> {
    let (key, value) = (row::encode_key::<R>(key)?, row::encode(record)?);
    batch.writes.push(Write { key, value: Some(value) });
    Ok(())
}

/// A random account number, not all zeros.
///
/// # Errors
/// [`RandomError`] when no randomness can be had.
pub fn random_account(random: &dyn Random) -> Result<AccountId, RandomError> {
    let number = u64::from_le_bytes(public_array(random)?) % 999_999_999_999 + 1;
    format!("{number:012}").parse().map_err(|_| RandomError)
}

/// The management account of a development deployment.
fn development_account(kind: DeploymentKind) -> Option<AccountId> {
    let is_development = kind == DeploymentKind::Development;
    is_development.then_some(DEVELOPMENT_MANAGEMENT_ACCOUNT).and_then(|account| account.parse().ok())
}

/// The kind of deployment a store belongs to; `None` when it has no deployment row.
///
/// # Errors
/// [`StoreError`]
pub async fn deployment_kind(store: &Store) -> Result<Option<DeploymentKind>, StoreError> {
    let deployment: Option<DeploymentRecord> = store.snapshot().await?.read(&DeploymentRowKey).await?;
    Ok(deployment.map(|deployment| deployment.kind))
}

impl Service {
    /// Opens a service on a store of the given kind: unwraps its domain keys and loads its view. The follower that comes
    /// with it must be run by the caller, or no write will ever be answered.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn open(
        store: Store,
        kind: DeploymentKind,
        root_key: &dyn RootKey,
        environment: Environment,
    ) -> Result<(Self, ViewFollower), OpenError> {
        Self::open_by(store, kind, Some(root_key), environment).await
    }

    /// Opens a service without domain keys: it refuses everything until it is given shares of the recovery key, and
    /// [`Self::begin_answering`] was called.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn open_sealed(
        store: Store,
        kind: DeploymentKind,
        environment: Environment,
    ) -> Result<(Self, ViewFollower), OpenError> {
        Self::open_by(store, kind, None, environment).await
    }

    async fn open_by(
        store: Store,
        kind: DeploymentKind,
        root_key: Option<&dyn RootKey>,
        environment: Environment,
    ) -> Result<(Self, ViewFollower), OpenError> {
        let snapshot = store.snapshot().await?;
        let format = snapshot.read(&FormatRowKey).await?.unwrap_or(FormatRecord::unsaid());
        store.formats().check(&format)?;
        let Some(deployment) = snapshot.read::<DeploymentRecord>(&DeploymentRowKey).await? else {
            let is_unfinished = snapshot.read::<RestoringRecord>(&RestoringRowKey).await?.is_some();
            return Err(if is_unfinished { OpenError::RestoreUnfinished } else { OpenError::NoDeployment });
        };
        if deployment.kind != kind {
            return Err(OpenError::OtherKind { found: deployment.kind, wanted: kind });
        }
        let is_ordered = snapshot.read::<SealOrderRecord>(&SealOrderRowKey).await?.is_some();
        let ring = match root_key {
            // It stays sealed until shares say otherwise: no key is opened before.
            Some(_) if is_ordered => {
                tracing::warn!("all nodes are ordered to be sealed, and so this one starts sealed");
                None
            }
            Some(root_key) => {
                let stored = StoredDomainKeys::read(&snapshot).await?.ok_or(OpenError::NoDeployment)?;
                Some(stored.open_by_root_key(root_key)?)
            }
            None if snapshot.read::<RecoveryKeyRecord>(&RecoveryKeyRowKey).await?.is_none() => {
                return Err(OpenError::NoRecoveryKey);
            }
            None => None,
        };
        let ahead_ms = moved_clock::stored_ahead_ms(&snapshot).await?;
        let moved_clock = match (kind, ahead_ms) {
            (DeploymentKind::Production, Some(_)) => return Err(OpenError::ClockMoved),
            (DeploymentKind::Production, None) => None,
            (DeploymentKind::Development, ahead_ms) => {
                Some(Arc::new(MovedClock::new(Arc::clone(&environment.clock), ahead_ms.unwrap_or(0))))
            }
        };
        let management_account = match deployment.management_account {
            Some(account) => Some(account),
            None => appoint_management_account(&store).await?,
        };
        let key_uses_since = key_uses::tracking_since(&store, environment.clock.now()).await?;
        let domain_keys_are_there = ring.is_some();
        let domain_keys = Arc::new(DomainKeys::new(ring));
        let keeper = CurrentKeyOnly::new(Arc::clone(&domain_keys), Arc::clone(&environment.random));
        let store = store.kept_by(Arc::new(keeper.map_err(StoreError::from)?));
        let view = Arc::new(View::new(kind, Arc::clone(&domain_keys)).of_formats(store.formats()));
        let (follower, applied) =
            Follower::load(Arc::clone(store.engine()), Arc::clone(&view), Arc::clone(&environment.clock)).await?;
        view.show_incomplete();
        let Environment { clock: world_clock, random, workers, recipients, web_identity_keys, quotas, recorder } =
            environment;
        let clock = moved_clock.clone().map_or_else(|| Arc::clone(&world_clock), |moved| moved as Arc<dyn Clock>);
        let sealing = Sealing::new(domain_keys_are_there, is_ordered);
        let iam = Arc::new(Iam {
            directory: Arc::clone(view.directory()),
            credentials: Credentials::default(),
            secrets: Secrets::new(Arc::clone(&domain_keys)),
            store: store.clone(),
            applied: applied.clone(),
            freshness: Freshness::default(),
            decisions: Decisions::new(DECISIONS_KEPT),
            clock: Arc::clone(&clock),
            world_clock,
            random: Arc::clone(&random),
            audit: Audit::new(recorder, management_account),
            web_identity_keys,
        });
        let service = Self {
            store,
            view,
            applied,
            domain_keys,
            sealing,
            rewrapping: Progress::default(),
            iam,
            management_account,
            key_uses_since,
            rsa_stock: Arc::default(),
            clock,
            moved_clock,
            random,
            workers,
            recipients,
            quotas: Quotas::new(quotas),
            channels: peers::Channels::default(),
            compliance: crate::compliance::Compliance::default(),
            trail: OnceLock::new(),
            node: OnceLock::new(),
            search: OnceLock::new(),
            recording_events: tokio::sync::Mutex::default(),
            backups: OnceLock::new(),
        };
        Ok((service, follower))
    }
}

/// Writes down the management account of a store that has none yet: made before there was one (deployment rows of version
/// 1), or without an account.
///
/// Development: account 000000000000. Production: the oldest account, the lower number first if two are of one moment. In a
/// store of that time this is the only account, which `kagiban init` made; none was made by an operation, since there was
/// no such operation. It is written down before any request, so what is created later cannot take its place, whatever a
/// clock says. Whether accounts are closed is not asked: there was no closing either.
async fn appoint_management_account(store: &Store) -> Result<Option<AccountId>, StoreError> {
    let appoint = |tx: Transaction| async move {
        let Some(deployment) = tx.read::<DeploymentRecord>(&DeploymentRowKey).await? else { return Ok(None) };
        if deployment.management_account.is_some() {
            // Another node was faster.
            return Ok(deployment.management_account);
        }
        let appointed = match development_account(deployment.kind) {
            Some(account) => Some(account),
            None => oldest_account(&tx).await?,
        };
        if appointed.is_some() {
            tx.put(&DeploymentRowKey, &DeploymentRecord { management_account: appointed, ..deployment })?;
        }
        Ok::<_, StoreError>(appointed)
    };
    Ok(store.transact("AppointManagementAccount", appoint).await?.0)
}

async fn oldest_account(tx: &Transaction) -> Result<Option<AccountId>, StoreError> {
    let (mut oldest, mut after) = (None, None);
    loop {
        let page = tx.scan::<AccountRecord>(&Prefix::all(), after.as_ref(), ACCOUNTS_PAGE).await?;
        let found = page.rows.iter().map(|(AccountRowKey(account), record)| (record.created, *account));
        oldest = found.chain(oldest).min();
        after = page.rows.last().map(|(key, _)| *key);
        if !page.more || after.is_none() {
            return Ok(oldest.map(|(_, account)| account));
        }
    }
}
