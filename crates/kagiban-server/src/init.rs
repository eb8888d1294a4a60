//! `kagiban init`, and what `serve --dev` does by itself: an empty place becomes a data directory.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::id::{AccessKeyId, AccountId};
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::random::{Random, RandomError, public_array};
use kagiban_base::secret::{SecretArray, SecretBytes};
use kagiban_base::time::Clock;
use kagiban_service::DeploymentKind;
use kagiban_service::bootstrap::{FirstAccount, FirstBatchError, first_batch};
use kagiban_storage::{EmbeddedEngine, OpenError};

use crate::config::{ConfigError, InitOptions};
use crate::data_directory::{DataDirectory, Reached, WriteError};
use crate::process;
use crate::root_key::{RootKeySource, RootKeySourceError};

/// Bytes of randomness in a secret access key: 40 characters of base64, as long as those of AWS.
const SECRET_BYTES: usize = 30;

/// A data directory could not be initialised. What was done stays, and a further `init` goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is a store already.
    #[error("{path} is initialised already; nothing was changed. Start it with: kagiban serve --data {path}")]
    AlreadyInitialised {
        /// The directory.
        path: String,
    },
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
    let first = first_account(options.account, &OsRandom)?;
    let show = |output: &mut dyn Write| show_credentials(output, &first);
    initialise(&directory, &options.data.root_key, Some(&first), &mut |step| match step {
        ABOUT_TO_MAKE_STORE => show(output),
        _ => Ok(()),
    })?;
    show_conclusion(output, &directory, &options.data.root_key).map_err(InitError::Output)
}

/// The step just before the store is made.
const ABOUT_TO_MAKE_STORE: &str = "root key ready";

/// Makes the directory what its kind asks for, step by step.
pub(crate) fn initialise(
    directory: &DataDirectory,
    source: &RootKeySource,
    first: Option<&FirstAccount>,
    reached: Reached<'_>,
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
    let root_key = source.open(directory)?;
    let batch = first_batch(directory.kind(), first, &root_key, SystemClock.now(), &OsRandom)?;
    reached(ABOUT_TO_MAKE_STORE).map_err(InitError::Output)?;
    drop(EmbeddedEngine::create_with(&directory.store_file(), batch)?);
    Ok(())
}

fn first_account(account: Option<AccountId>, random: &dyn Random) -> Result<FirstAccount, RandomError> {
    let mut secret = SecretArray::<SECRET_BYTES>::zeroed();
    random.fill_secret(secret.expose_mut())?;
    Ok(FirstAccount {
        account: account.map_or_else(|| random_account(random), Ok)?,
        access_key_id: AccessKeyId::generate(random)?,
        secret_access_key: SecretBytes::new(STANDARD.encode(secret.expose()).into_bytes()),
    })
}

/// Twelve random digits, not all of them zero.
fn random_account(random: &dyn Random) -> Result<AccountId, RandomError> {
    let number = u64::from_le_bytes(public_array(random)?) % 999_999_999_999 + 1;
    format!("{number:012}").parse().map_err(|_| RandomError)
}

fn show_credentials(output: &mut dyn Write, first: &FirstAccount) -> io::Result<()> {
    writeln!(output, "The first account is {}. Its root's access key is shown now and never again:\n", first.account)?;
    writeln!(output, "export AWS_ACCESS_KEY_ID={}", first.access_key_id)?;
    output.write_all(b"export AWS_SECRET_ACCESS_KEY=")?;
    output.write_all(first.secret_access_key.expose())?;
    writeln!(output, "\n")?;
    output.flush()
}

fn show_conclusion(output: &mut dyn Write, directory: &DataDirectory, source: &RootKeySource) -> io::Result<()> {
    let keep = match source {
        RootKeySource::DataDirectory => format!("a copy of {}", directory.root_key_file().display()),
        RootKeySource::File(path) => format!("a copy of {}", path.display()),
        RootKeySource::Environment => "the root key".to_owned(),
        RootKeySource::Passphrase | RootKeySource::PassphraseFile(_) => {
            format!("the passphrase and a copy of {}", directory.passphrase_file().display())
        }
    };
    writeln!(output, "{} is initialised, and the access key is valid.", directory.path().display())?;
    writeln!(output, "Keep {keep} in a safe place, apart from the data: without it nobody can open the data.")?;
    let option = if *source == RootKeySource::DataDirectory { String::new() } else { format!(" --root-key {source}") };
    writeln!(output, "Start it with: kagiban serve --data {}{option}", directory.path().display())?;
    output.flush()
}
