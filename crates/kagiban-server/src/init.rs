//! `kagiban init`, and what `serve --dev` does by itself: an empty place becomes a data directory.

use std::io::{self, Write};

use kagiban_base::id::AccountId;
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::random::{Random, RandomError};
use kagiban_base::time::Clock;
use kagiban_etcd::EtcdOptions;
use kagiban_identity::access_key::{generate_access_key_id, generate_secret_access_key};
use kagiban_keycore::root_key::RootKey;
use kagiban_recovery::{RecoveryIdentity, Share, SplitError, sheet, split};
use kagiban_service::DeploymentKind;
use kagiban_service::bootstrap::{
    FirstAccount, FirstBatchError, FirstRecoveryKey, Openers, first_batch_opened_by, random_account,
};
use kagiban_service::root_passphrase::with_parameters;
use kagiban_storage::{Batch, EmbeddedEngine, OpenError};
use tokio::runtime::{Builder, Runtime};

use crate::config::store::StorePlace;
use crate::config::{ConfigError, InitOptions};
use crate::data_directory::{DataDirectory, Reached, WriteError};
use crate::process;
use crate::root_key::{RootKeySource, RootKeySourceError, parameters_in};
use crate::store::{self, StoreSetupError};

/// A data directory could not be initialised. What was done stays, and a further `init` goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is a store already.
    #[error("{path} is initialised already; nothing was changed. Start it with: kagiban serve --data {path}")]
    AlreadyInitialised {
        /// The directory.
        path: String,
    },
    /// The cluster has a store there already.
    #[error(
        "there is a store at {address} already; nothing was changed. A further node joins it by: kagiban serve --store {address}"
    )]
    StoreExists {
        /// Where.
        address: String,
    },
    /// What is needed to reach the cluster cannot be had.
    #[error(transparent)]
    StoreSetup(#[from] StoreSetupError),
    /// The store could not be made in the cluster.
    #[error(transparent)]
    Etcd(#[from] kagiban_etcd::OpenError),
    /// The system refuses what a connection needs.
    #[error("cannot connect to anything")]
    Runtime(#[source] io::Error),
    /// The directory was begun as one of the other kind.
    #[error("{path} was begun as a data directory {other}; use another directory for this", other = of_the_other(.kind))]
    OtherKind {
        /// The directory.
        path: String,
        /// The kind it was now to become.
        kind: DeploymentKind,
    },
    /// Options are missing.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Directory or files could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// There is no root key, and none could be made.
    #[error(transparent)]
    RootKey(#[from] RootKeySourceError),
    /// The first contents of the store could not be made.
    #[error("cannot make the first contents of the store")]
    FirstBatch(#[from] FirstBatchError),
    /// The recovery key cannot be split so.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// There would be nothing that opens the store.
    #[error(
        "with --root-key shares only a recovery key opens the store: add --recovery-shares 5 --recovery-threshold 3"
    )]
    NothingOpens,
    /// The store could not be made.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// No randomness for an access key.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The access key could not be shown, so nothing was made that it would belong to.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
}

fn of_the_other(kind: &DeploymentKind) -> &'static str {
    match kind {
        DeploymentKind::Development => "for production",
        DeploymentKind::Production => "for development",
    }
}

/// `kagiban init`: makes a production data directory and shows its first access key on `output`.
///
/// The key is shown before the store is made that knows it: after a power cut in between it is worth nothing and
/// another `init` shows another. The other way round there could be a store whose only key nobody has seen.
///
/// # Errors
/// [`InitError`]
pub fn run(options: &InitOptions, output: &mut dyn Write) -> Result<(), InitError> {
    process::harden();
    let directory = DataDirectory::new(options.data.directory()?, DeploymentKind::Production);
    let cluster = || store::etcd_options(&options.data.store);
    if let Some(cluster) = cluster()? {
        check_free(cluster)?;
    }
    let recovery = RecoveryKey::asked_for(options)?;
    if recovery.is_none() && options.data.root_key == RootKeySource::Shares {
        return Err(InitError::NothingOpens);
    }
    let first = first_account(options.account, &OsRandom)?;
    let show = |output: &mut dyn Write| {
        if let Some(recovery) = &recovery {
            output.write_all(sheet(&recovery.stored.recipient, &recovery.shares).expose())?;
        }
        show_credentials(output, &first)
    };
    let reached: Reached<'_> = &mut |step| match step {
        ABOUT_TO_MAKE_STORE => show(output),
        _ => Ok(()),
    };
    let make_store = |batch| match cluster()? {
        Some(cluster) => {
            let batch = for_nodes(batch, &directory, &options.data.root_key)?;
            Ok(runtime()?.block_on(store::create(cluster, batch))?)
        }
        None => make_file(&directory, batch),
    };
    let contents = Contents { first: Some(&first), recovery: recovery.as_ref().map(|recovery| &recovery.stored) };
    initialise_with(&directory, &options.data.root_key, contents, reached, make_store)?;
    show_conclusion(output, &directory, options).map_err(InitError::Output)
}

/// The step just before the store is made.
const ABOUT_TO_MAKE_STORE: &str = "root key ready";

/// Makes the directory what its kind asks for, with the store in it, step by step.
pub(crate) fn initialise(
    directory: &DataDirectory,
    source: &RootKeySource,
    first: Option<&FirstAccount>,
    reached: Reached<'_>,
) -> Result<(), InitError> {
    let contents = Contents { first, recovery: None };
    initialise_with(directory, source, contents, reached, |batch| make_file(directory, batch))
}

/// A recovery key in the making: its private half is gone once it is split.
struct RecoveryKey {
    stored: FirstRecoveryKey,
    shares: Vec<Share>,
}

impl RecoveryKey {
    fn asked_for(options: &InitOptions) -> Result<Option<Self>, InitError> {
        let (Some(count), Some(threshold)) = (options.recovery_shares, options.recovery_threshold) else {
            return Ok(None);
        };
        let identity = RecoveryIdentity::generate(&OsRandom)?;
        let shares = split(&identity, threshold, count, &OsRandom)?;
        let stored = FirstRecoveryKey { recipient: identity.recipient(), threshold, shares: count };
        Ok(Some(Self { stored, shares }))
    }
}

/// What a new store begins with, besides its domain key.
#[derive(Clone, Copy)]
struct Contents<'a> {
    first: Option<&'a FirstAccount>,
    recovery: Option<&'a FirstRecoveryKey>,
}

fn make_file(directory: &DataDirectory, batch: Batch) -> Result<(), InitError> {
    drop(EmbeddedEngine::create_with(&directory.store_file(), batch)?);
    Ok(())
}

/// The first batch with what further nodes need besides their configuration.
fn for_nodes(batch: Batch, directory: &DataDirectory, source: &RootKeySource) -> Result<Batch, InitError> {
    match source.is_passphrase() {
        true => Ok(with_parameters(batch, parameters_in(directory)?).map_err(FirstBatchError::from)?),
        false => Ok(batch),
    }
}

/// Before a root key is made and shown: whoever initialises twice should be told that, and nothing else.
fn check_free(cluster: EtcdOptions) -> Result<(), InitError> {
    let address = cluster.address.to_string();
    if runtime()?.block_on(store::exists(cluster))? {
        return Err(InitError::StoreExists { address });
    }
    Ok(())
}

fn runtime() -> Result<Runtime, InitError> {
    Builder::new_current_thread().enable_all().build().map_err(InitError::Runtime)
}

fn initialise_with(
    directory: &DataDirectory,
    source: &RootKeySource,
    Contents { first, recovery }: Contents<'_>,
    reached: Reached<'_>,
    make_store: impl FnOnce(Batch) -> Result<(), InitError>,
) -> Result<(), InitError> {
    let path = || directory.path().display().to_string();
    directory.make()?;
    let _lock = directory.lock()?;
    let told = |io: io::Result<bool>| {
        io.map_err(|source| WriteError::Io { action: "look into", path: directory.path().to_owned(), source })
    };
    if told(directory.is_initialised())? {
        return Err(InitError::AlreadyInitialised { path: path() });
    }
    if told(directory.belongs_to_other_kind())? {
        return Err(InitError::OtherKind { path: path(), kind: directory.kind() });
    }
    reached("directory made").map_err(InitError::Output)?;
    source.prepare(directory, &OsRandom, reached)?;
    let root_key = match source {
        RootKeySource::Shares => None,
        source => Some(source.open(directory)?),
    };
    let openers = Openers { root_key: root_key.as_ref().map(|key| key as &dyn RootKey), recovery_key: recovery };
    let batch = first_batch_opened_by(&openers, directory.kind(), first, SystemClock.now(), &OsRandom)?;
    reached(ABOUT_TO_MAKE_STORE).map_err(InitError::Output)?;
    make_store(batch)
}

fn first_account(account: Option<AccountId>, random: &dyn Random) -> Result<FirstAccount, RandomError> {
    Ok(FirstAccount {
        account: account.map_or_else(|| random_account(random), Ok)?,
        access_key_id: generate_access_key_id(false, random)?,
        secret_access_key: generate_secret_access_key(random)?,
    })
}

fn show_credentials(output: &mut dyn Write, first: &FirstAccount) -> io::Result<()> {
    writeln!(output, "The first account is {}. Its root's access key is shown now and never again:\n", first.account)?;
    writeln!(output, "export AWS_ACCESS_KEY_ID={}", first.access_key_id)?;
    output.write_all(b"export AWS_SECRET_ACCESS_KEY=")?;
    output.write_all(first.secret_access_key.expose())?;
    writeln!(output, "\n")?;
    output.flush()
}

fn show_conclusion(output: &mut dyn Write, directory: &DataDirectory, options: &InitOptions) -> io::Result<()> {
    let source = &options.data.root_key;
    let keep = match source {
        RootKeySource::DataDirectory => format!("a copy of {}", directory.root_key_file().display()),
        RootKeySource::File(path) => format!("a copy of {}", path.display()),
        RootKeySource::Environment => "the root key".to_owned(),
        RootKeySource::Passphrase | RootKeySource::PassphraseFile(_)
            if matches!(options.data.store.store, StorePlace::Etcd(_)) =>
        {
            "the passphrase".to_owned()
        }
        RootKeySource::Passphrase | RootKeySource::PassphraseFile(_) => {
            format!("the passphrase and a copy of {}", directory.passphrase_file().display())
        }
        RootKeySource::Shares => "each share".to_owned(),
    };
    writeln!(output, "{} is initialised, and the access key is valid.", directory.path().display())?;
    writeln!(output, "The first account manages the others: make them with kagiban account create.")?;
    writeln!(output, "Keep {keep} in a safe place, apart from the data: without it nobody can open the data.")?;
    let option = if *source == RootKeySource::DataDirectory { String::new() } else { format!(" --root-key {source}") };
    let store = match &options.data.store.store {
        StorePlace::Embedded => String::new(),
        StorePlace::Etcd(address) => format!(" --store {address}"),
    };
    writeln!(output, "Start it with: kagiban serve --data {}{option}{store}", directory.path().display())?;
    if !store.is_empty() {
        writeln!(output, "Further nodes start likewise, each with a data directory of its own and the same root key.")?;
    }
    output.flush()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;
    use crate::config::audit::AuditOptions;
    use crate::wiring::{self, Trust};
    use kagiban_service::quotas::QuotaSettings;

    /// A place below a fresh directory, and a passphrase file beside it.
    fn place(kind: DeploymentKind) -> (TempDir, DataDirectory, RootKeySource) {
        let above = tempfile::tempdir().unwrap();
        let directory = DataDirectory::new(above.path().join("a/b/data"), kind);
        let passphrase = above.path().join("passphrase");
        fs::write(&passphrase, "correct horse battery staple\n").unwrap();
        fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
        (above, directory, RootKeySource::PassphraseFile(passphrase))
    }

    fn cut_after(steps: usize) -> impl FnMut(&'static str) -> io::Result<()> {
        let mut left = steps;
        move |_| {
            left = left.checked_sub(1).ok_or_else(|| io::Error::other("the power fails"))?;
            Ok(())
        }
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// After a cut between any two steps the directory does not start and says what to do, a further attempt finishes
    /// it, and a root key that was already in place is kept: a backup of it may have been made.
    #[tokio::test]
    async fn a_cut_at_each_step_is_mended_by_the_next_attempt() {
        for kind in [DeploymentKind::Production, DeploymentKind::Development] {
            let (_above, _, passphrase) = place(kind);
            for source in [RootKeySource::DataDirectory, passphrase] {
                let mut cuts = 0;
                loop {
                    let (_above, directory, _) = place(kind);
                    let first = first_account(None, &OsRandom).unwrap();
                    let first = (kind == DeploymentKind::Production).then_some(&first);
                    if initialise(&directory, &source, first, &mut cut_after(cuts)).is_ok() {
                        break;
                    }
                    let refused = wiring::open(
                        &directory,
                        &source,
                        Trust::none(),
                        QuotaSettings::default(),
                        &AuditOptions::default(),
                    )
                    .await
                    .err()
                    .unwrap()
                    .to_string();
                    assert!(refused.contains("run: kagiban init --data"), "{refused}");
                    let kept = fs::read(directory.root_key_file()).ok();
                    fs::write(directory.path().join("store.redb.new"), "torn").unwrap();
                    initialise(&directory, &source, first, &mut |_| Ok(())).unwrap();
                    assert!(kept.is_none() || kept == fs::read(directory.root_key_file()).ok());
                    drop(
                        wiring::open(
                            &directory,
                            &source,
                            Trust::none(),
                            QuotaSettings::default(),
                            &AuditOptions::default(),
                        )
                        .await
                        .unwrap(),
                    );
                    cuts += 1;
                }
                assert_eq!(cuts, 4, "steps of {kind:?} with {source}");
            }
        }
    }

    #[test]
    fn all_is_for_the_owner_only() {
        let (_above, directory, _) = place(DeploymentKind::Production);
        initialise(&directory, &RootKeySource::DataDirectory, None, &mut |_| Ok(())).unwrap();
        assert_eq!(fs::metadata(directory.path()).unwrap().mode() & 0o777, 0o700);
        assert_eq!(names(directory.path()), ["root.key", "store.redb", "store.redb.lock"]);
        for name in names(directory.path()) {
            assert_eq!(fs::metadata(directory.path().join(&name)).unwrap().mode() & 0o777, 0o600, "{name}");
        }
    }

    #[tokio::test]
    async fn kinds_do_not_mix() {
        let (_above, production, _) = place(DeploymentKind::Production);
        let development = DataDirectory::new(production.path().to_owned(), DeploymentKind::Development);
        let source = RootKeySource::DataDirectory;
        // Half made for production: no development in it.
        initialise(&production, &source, None, &mut cut_after(3)).unwrap_err();
        let refused = initialise(&development, &source, None, &mut |_| Ok(()));
        assert!(matches!(refused, Err(InitError::OtherKind { .. })));
        assert_eq!(names(production.path()), ["root.key"]);
        initialise(&production, &source, None, &mut |_| Ok(())).unwrap();
        let refused = initialise(&development, &source, None, &mut |_| Ok(()));
        assert!(matches!(refused, Err(InitError::AlreadyInitialised { .. })));
        assert!(matches!(
            wiring::open(&development, &source, Trust::none(), QuotaSettings::default(), &AuditOptions::default())
                .await,
            Err(wiring::OpenError::IsProduction(_))
        ));
    }

    #[test]
    fn two_attempts_at_once_are_kept_apart() {
        let (_above, directory, _) = place(DeploymentKind::Production);
        let source = RootKeySource::DataDirectory;
        let mut second = None;
        initialise(&directory, &source, None, &mut |_| {
            second = Some(initialise(&directory, &source, None, &mut |_| Ok(())));
            Ok(())
        })
        .unwrap();
        assert!(matches!(second, Some(Err(InitError::Write(WriteError::Busy(_))))));
    }

    /// Output that takes `left` writes.
    struct Failing {
        left: usize,
        text: Vec<u8>,
    }

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
            self.text.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// An access key that nobody has seen would be lost for ever, so no store is made for it.
    #[test]
    fn credentials_are_seen_before_they_are_valid() {
        let (_above, directory, _) = place(DeploymentKind::Production);
        let first = first_account(Some("111122223333".parse().unwrap()), &OsRandom).unwrap();
        let source = RootKeySource::DataDirectory;
        let attempt = |left| {
            let mut output = Failing { left, text: Vec::new() };
            let made = initialise(&directory, &source, Some(&first), &mut |step| match step {
                ABOUT_TO_MAKE_STORE => show_credentials(&mut output, &first),
                _ => Ok(()),
            });
            (made, String::from_utf8(output.text).unwrap())
        };
        for left in 0..8 {
            assert!(matches!(attempt(left).0, Err(InitError::Output(_))), "{left}");
            assert!(!directory.is_initialised().unwrap());
        }
        let (made, shown) = attempt(usize::MAX);
        made.unwrap();
        assert!(shown.contains("111122223333"));
        let value = |name: &str| {
            let line = shown.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
            line.unwrap().to_owned()
        };
        assert_eq!(value("AWS_ACCESS_KEY_ID").len(), 20);
        assert_eq!(value("AWS_SECRET_ACCESS_KEY").len(), 40);
    }

    #[test]
    fn random_accounts_are_twelve_digits() {
        for _ in 0..100 {
            assert_ne!(random_account(&OsRandom).unwrap().as_str(), "000000000000");
        }
    }
}
