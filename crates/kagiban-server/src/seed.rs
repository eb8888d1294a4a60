//! The declarative file of `--seed`, and what it refers to: documents and secrets in files of their own, or in the
//! environment. What the file means is the service's business.

mod syntax;

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock as _;
use kagiban_service::seed::{self, ReferenceError, References, SeedError, SeedFile};
use kagiban_service::{DeploymentKind, Service};

pub use self::syntax::SyntaxError;
use self::syntax::{FILE_BYTES_MAX, parse};
use crate::config::environment_secret;
use crate::private_file::is_open_to_others;

/// Bytes of a policy document's file; a longer one is no document.
const DOCUMENT_BYTES_MAX: usize = 1 << 19;
/// Bytes of a secret's file.
const SECRET_BYTES_MAX: usize = 4096;

/// `kagiban seed`: work with seed files.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum SeedCommand {
    /// Check a file without a store: its form, its names and documents, and that all it refers to is in it
    ///
    /// Files that it names are read; secrets are not, so that it can be checked where they are not known.
    Check(SeedCheckOptions),
}

/// Options of `kagiban seed check`.
#[derive(clap::Args, Clone, Debug)]
pub struct SeedCheckOptions {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Check as for "serve --dev": every account exists, and secrets may stand in the file
    #[arg(long)]
    pub dev: bool,
}

/// A seed file was not applied, or does not pass its check.
#[derive(Debug, thiserror::Error)]
pub enum SeedFileError {
    /// Nothing that could be read, or no text.
    #[error("cannot read the seed file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Not of the form that it must have.
    #[error("the seed file {}: {source}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: SyntaxError,
    },
    /// What it says does not fit, or could not be written.
    #[error("the seed file {}:\n{source}", path.display())]
    Seed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: SeedError,
    },
    /// The result could not be printed, or the check could not be run.
    #[error("cannot run the check")]
    Check(#[source] io::Error),
}

/// Something that the file refers to is not to be had.
#[derive(Debug, thiserror::Error)]
enum MissingReference {
    #[error("the environment variable {0} is not set")]
    NoVariable(String),
    #[error("{0} cannot be read")]
    Unreadable(String, #[source] io::Error),
    #[error("{0} is not a regular file, or longer than {1} bytes")]
    NotSuchAFile(String, usize),
    #[error(
        "{0} can be read by others than its owner (mode {1:03o}); if others may have read it, make a new secret; else: chmod 600 {0}"
    )]
    OpenToOthers(String, u32),
    #[error("{0} is not UTF-8 text")]
    NotText(String),
}

/// Applies the file, before anything is served. Whoever calls this runs the service's follower.
///
/// # Errors
/// [`SeedFileError`]; but for failures of the store, nothing was changed then.
pub(crate) async fn apply(path: &Path, service: &Service) -> Result<(), SeedFileError> {
    let file = read_seed(path)?;
    let references = Beside { directory: directory_of(path), with_secrets: true };
    let applied = service.seed(&file, &references).await;
    let tally = applied.map_err(|source| SeedFileError::Seed { path: path.to_owned(), source })?;
    let total = tally.total();
    tracing::info!(
        file = %path.display(),
        created = total.created,
        updated = total.updated,
        unchanged = total.unchanged,
        "the seed file is applied: {tally}"
    );
    Ok(())
}

/// Runs `kagiban seed ...`; what a user should read goes to `output`.
///
/// # Errors
/// [`SeedFileError`]
pub fn run(command: &SeedCommand, output: &mut dyn Write) -> Result<(), SeedFileError> {
    let SeedCommand::Check(SeedCheckOptions { file: path, dev }) = command;
    let file = read_seed(path)?;
    let references = Beside { directory: directory_of(path), with_secrets: false };
    let kind = if *dev { DeploymentKind::Development } else { DeploymentKind::Production };
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(SeedFileError::Check)?;
    let checked = runtime.block_on(seed::check(&file, kind, &references, &OsRandom, SystemClock.now()));
    checked.map_err(|source| SeedFileError::Seed { path: path.clone(), source })?;
    writeln!(output, "{} can be applied", path.display()).map_err(SeedFileError::Check)
}

fn read_seed(path: &Path) -> Result<SeedFile, SeedFileError> {
    let read_error = |source| SeedFileError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(read_error)?;
    let too_large = || SeedFileError::Syntax { path: path.to_owned(), source: SyntaxError::TooLarge };
    let bytes = read_up_to(FILE_BYTES_MAX, file).map_err(read_error)?.ok_or_else(too_large)?;
    let text = std::str::from_utf8(bytes.expose()).map_err(|error| read_error(io::Error::other(error)))?;
    parse(text).map_err(|source| SeedFileError::Syntax { path: path.to_owned(), source })
}

/// Where relative paths in the file begin.
fn directory_of(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

/// What the file refers to, beside it or in the environment.
struct Beside {
    directory: PathBuf,
    /// A check does without: a placeholder stands for every secret.
    with_secrets: bool,
}

impl Beside {
    fn open(&self, path: &Path) -> Result<(String, File), MissingReference> {
        let path = self.directory.join(path);
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => Ok((name, file)),
            Err(error) => Err(MissingReference::Unreadable(name, error)),
        }
    }
}

impl References for Beside {
    fn document(&self, path: &Path) -> Result<String, ReferenceError> {
        let (name, file) = self.open(path)?;
        let bytes = read_regular(&name, file, DOCUMENT_BYTES_MAX)?;
        let text = String::from_utf8(bytes.expose().to_vec()).map_err(|_| MissingReference::NotText(name))?;
        Ok(text)
    }

    fn secret_file(&self, path: &Path) -> Result<SecretBytes, ReferenceError> {
        if !self.with_secrets {
            return Ok(placeholder());
        }
        let (name, file) = self.open(path)?;
        let metadata = file.metadata().map_err(|error| MissingReference::Unreadable(name.clone(), error))?;
        if is_open_to_others(&metadata) {
            return Err(MissingReference::OpenToOthers(name, metadata.mode() & 0o777).into());
        }
        let mut secret = read_regular(&name, file, SECRET_BYTES_MAX)?;
        // Editors end a file with a newline that nobody means.
        let line = secret.expose();
        let len = line.strip_suffix(b"\n").map_or(line.len(), |line| line.strip_suffix(b"\r").unwrap_or(line).len());
        secret.truncate(len);
        Ok(secret)
    }

    fn secret_variable(&self, name: &str) -> Result<SecretBytes, ReferenceError> {
        if !self.with_secrets {
            return Ok(placeholder());
        }
        environment_secret(name).ok_or_else(|| MissingReference::NoVariable(name.to_owned()).into())
    }
}

/// A secret that fits everywhere.
fn placeholder() -> SecretBytes {
    SecretBytes::new(vec![b'x'; kagiban_identity::access_key::SECRET_ACCESS_KEY_LEN])
}

fn read_regular(name: &str, file: File, max: usize) -> Result<SecretBytes, MissingReference> {
    let unreadable = |error| MissingReference::Unreadable(name.to_owned(), error);
    let is_file = file.metadata().map_err(unreadable)?.is_file();
    let bytes = if is_file { read_up_to(max, file).map_err(unreadable)? } else { None };
    bytes.ok_or_else(|| MissingReference::NotSuchAFile(name.to_owned(), max))
}

/// The file's bytes; `None` when there are more than `max`. Read into memory of full size at once: a growing buffer would
/// leave copies of secrets behind.
fn read_up_to(max: usize, mut file: File) -> io::Result<Option<SecretBytes>> {
    let mut bytes = SecretBytes::zeroed(max.saturating_add(1));
    let mut len = 0;
    while let Some(rest) = bytes.expose_mut().get_mut(len..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            read => len = len.saturating_add(read),
        }
    }
    bytes.truncate(len);
    Ok((len <= max).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;

    const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/seed.toml");
    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn file(directory: &TempDir, name: &str, contents: &str, mode: u32) -> PathBuf {
        let path = directory.path().join(name);
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }

    fn check(path: &Path, dev: bool) -> Result<String, String> {
        let mut output = Vec::new();
        let command = SeedCommand::Check(SeedCheckOptions { file: path.to_owned(), dev });
        run(&command, &mut output).map(|()| String::from_utf8(output).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_is_for_development() {
        assert!(check(Path::new(EXAMPLE), true).unwrap().ends_with("docs/examples/seed.toml can be applied\n"));
        let error = check(Path::new(EXAMPLE), false).unwrap_err();
        assert!(error.contains("takes no secret that stands in the file"), "{error}");
    }

    #[test]
    fn documents_lie_beside_the_file_and_a_check_needs_no_secrets() {
        let directory = TempDir::new().unwrap();
        let seed = file(
            &directory,
            "seed.toml",
            "[[accounts]]\nid = \"111122223333\"\n\
             policies = [{ name = \"p\", document_file = \"policies/p.json\" }]\n\
             root_access_keys = [{ id = \"AKIAEXAMPLE000000001\", secret_file = \"none\" }]",
            0o644,
        );
        let error = check(&seed, false).unwrap_err();
        assert!(error.contains("accounts[0].policies[0].document_file: ") && error.contains("p.json"), "{error}");
        fs::create_dir(directory.path().join("policies")).unwrap();
        let allow = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        file(&directory, "policies/p.json", allow, 0o644);
        check(&seed, false).unwrap();
    }

    #[test]
    fn files_that_cannot_be_read_are_named() {
        let directory = TempDir::new().unwrap();
        let missing = directory.path().join("none.toml");
        for (path, message) in [
            (missing, "cannot read the seed file"),
            (directory.path().to_owned(), "cannot read the seed file"),
            (file(&directory, "a", "[[accounts]]\nusres = 1", 0o644), "a: line 2, column 1: unknown field `usres`"),
            (file(&directory, "b", &"#".repeat(FILE_BYTES_MAX + 1), 0o644), "b: the file is longer than"),
        ] {
            let error = check(&path, false).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn secrets_are_in_files_that_only_their_owner_can_read() {
        let directory = TempDir::new().unwrap();
        let beside = Beside { directory: directory.path().to_owned(), with_secrets: true };
        let long = "x".repeat(SECRET_BYTES_MAX + 1);
        for (name, contents, mode, expected) in [
            ("a", SECRET, 0o600, Ok(SECRET)),
            ("b", "hush\n", 0o400, Ok("hush")),
            ("c", "hush\r\n", 0o400, Ok("hush")),
            ("d", SECRET, 0o640, Err("can be read by others")),
            ("e", &long, 0o600, Err("longer than")),
        ] {
            file(&directory, name, contents, mode);
            let read = beside.secret_file(Path::new(name));
            match (read, expected) {
                (Ok(secret), Ok(expected)) => assert_eq!(secret.expose(), expected.as_bytes()),
                (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
                (read, expected) => panic!("{name}: {read:?} {expected:?}"),
            }
        }
        assert!(beside.secret_file(Path::new("none")).is_err());
        assert!(beside.secret_variable("KAGIBAN_NO_SUCH_VARIABLE").is_err());
    }
}
