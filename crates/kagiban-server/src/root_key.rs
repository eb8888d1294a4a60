//! Where the root key comes from.
//!
//! The service is handed a root key and does not know its origin. Here it is read, from a file that only its owner can
//! read, from the environment, or from a passphrase; and for a new data directory a file is made where one is needed. Or there
//! is none: then the service starts sealed.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::passphrase::{InvalidParameters, PassphraseError, PassphraseParameters};
use kagiban_keycore::root_key::{InvalidRootKeyText, LocalRootKey, generate_text};
use kagiban_storage::StoreError;

use crate::config::environment_secret;
use crate::data_directory::{DataDirectory, Reached, WriteError, write_private};
use crate::private_file::is_open_to_others;

/// Variable with the root key itself.
pub const KEY_VARIABLE: &str = "KAGIBAN_ROOT_KEY";
/// Variable with the passphrase.
pub const PASSPHRASE_VARIABLE: &str = "KAGIBAN_ROOT_PASSPHRASE";

/// Bytes read from a secret's file at most; more than a root key or a passphrase has.
const FILE_BYTES: usize = 4096;

/// Where the root key comes from: the value of `--root-key`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RootKeySource {
    /// `file`: a file in the data directory.
    DataDirectory,
    /// `file:PATH`
    File(PathBuf),
    /// `env`: [`KEY_VARIABLE`].
    Environment,
    /// `passphrase`: [`PASSPHRASE_VARIABLE`].
    Passphrase,
    /// `passphrase-file:PATH`
    PassphraseFile(PathBuf),
    /// `shares`: there is none; people with shares of the recovery key unseal each start.
    Shares,
}

/// Not a root key source.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not one of file, file:PATH, env, passphrase, passphrase-file:PATH, shares")]
pub struct InvalidSource;

impl FromStr for RootKeySource {
    type Err = InvalidSource;
    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        match text.split_once(':') {
            None if text == "file" => Ok(Self::DataDirectory),
            None if text == "env" => Ok(Self::Environment),
            None if text == "passphrase" => Ok(Self::Passphrase),
            None if text == "shares" => Ok(Self::Shares),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("passphrase-file", path)) if !path.is_empty() => Ok(Self::PassphraseFile(path.into())),
            _ => Err(InvalidSource),
        }
    }
}

impl fmt::Display for RootKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataDirectory => f.write_str("file"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Environment => f.write_str("env"),
            Self::Passphrase => f.write_str("passphrase"),
            Self::PassphraseFile(path) => write!(f, "passphrase-file:{}", path.display()),
            Self::Shares => f.write_str("shares"),
        }
    }
}

/// There is no usable root key. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RootKeySourceError {
    /// The file is not there.
    #[error(
        "there is no {what} in {}; put it back from your backup, or name its place with --root-key. Without it the data \
         cannot be opened by anybody",
        path.display()
    )]
    NoFile {
        /// What should be in the file.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// Others than its owner could read the secret.
    #[error(
        "{} can be read by others than its owner (mode {mode:03o}). If others may have read it, what it protects is no \
         longer safe; else: chmod 600 {0}",
        path.display()
    )]
    FileOpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Not a regular file, or too long to be what it should be.
    #[error("{} is not a {what}", path.display())]
    NotSuchAFile {
        /// What should be in the file.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no root key to be had, on purpose.
    #[error("there is no root key: --root-key shares has none")]
    None,
    /// The variable is not set.
    #[error("the environment variable {0} is not set, and --root-key says that it is")]
    NoVariable(&'static str),
    /// What was found is no root key.
    #[error("the root key from {place} cannot be used")]
    Key {
        /// Where it came from.
        place: String,
        /// Why not.
        source: InvalidRootKeyText,
    },
    /// The store does not say whether it has parameters.
    #[error("cannot read the parameters of the root passphrase in the store")]
    Store(#[from] StoreError),
    /// The stored parameters of the passphrase are damaged.
    #[error("{} is damaged; put it back from your backup", path.display())]
    Parameters {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: InvalidParameters,
    },
    /// The passphrase cannot be used.
    #[error("the root passphrase cannot be used")]
    Passphrase(#[from] PassphraseError),
    /// No randomness for a new key.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A new file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What a new root key file, or the parameters of a passphrase, are called in messages.
const KEY: &str = "root key";
const PASSPHRASE: &str = "root passphrase";
const PARAMETERS: &str = "file with the parameters of the root passphrase";

impl RootKeySource {
    /// The root key of an existing data directory. May take a good part of a second (a passphrase is stretched).
    ///
    /// # Errors
    /// [`RootKeySourceError`]
    pub fn open(&self, directory: &DataDirectory) -> Result<LocalRootKey, RootKeySourceError> {
        match self {
            Self::DataDirectory => key_in(directory.root_key_file()),
            Self::File(path) => key_in(path.clone()),
            Self::Environment => {
                let text = environment_secret(KEY_VARIABLE).ok_or(RootKeySourceError::NoVariable(KEY_VARIABLE))?;
                key_from(&text, KEY_VARIABLE.to_owned())
            }
            Self::Shares => Err(RootKeySourceError::None),
            Self::Passphrase | Self::PassphraseFile(_) => self.stretched(&parameters_in(directory)?),
        }
    }

    /// Whether it is a passphrase, which needs its parameters.
    pub(crate) fn is_passphrase(&self) -> bool {
        matches!(self, Self::Passphrase | Self::PassphraseFile(_))
    }

    /// The root key that the passphrase is with these parameters.
    pub(crate) fn stretched(&self, parameters: &PassphraseParameters) -> Result<LocalRootKey, RootKeySourceError> {
        Ok(LocalRootKey::from_passphrase(&self.passphrase()?, parameters)?)
    }

    /// Makes what the source needs and does not have: a key file, or the parameters of a passphrase. What is there is
    /// left as it is. Keys for the environment are made by whoever sets it.
    pub(crate) fn prepare(
        &self,
        directory: &DataDirectory,
        random: &dyn Random,
        reached: Reached<'_>,
    ) -> Result<(), RootKeySourceError> {
        let path = match self {
            Self::DataDirectory => directory.root_key_file(),
            Self::File(path) => path.clone(),
            Self::Passphrase | Self::PassphraseFile(_) => directory.passphrase_file(),
            Self::Environment | Self::Shares => return Ok(()),
        };
        if path.try_exists().map_err(read_error(&path))? {
            return Ok(());
        }
        let text = self.contents(random)?;
        Ok(write_private(&path, text.expose(), reached)?)
    }

    /// What goes into a new file, as a line.
    fn contents(&self, random: &dyn Random) -> Result<SecretBytes, RootKeySourceError> {
        let text = match self {
            Self::Passphrase | Self::PassphraseFile(_) => {
                // A passphrase that is not there must not leave parameters behind.
                self.passphrase()?;
                SecretBytes::new(PassphraseParameters::generate(random)?.to_string().into_bytes())
            }
            _ => generate_text(random)?,
        };
        Ok(SecretBytes::new([text.expose(), b"\n"].concat()))
    }

    fn passphrase(&self) -> Result<SecretBytes, RootKeySourceError> {
        match self {
            Self::PassphraseFile(path) => {
                let mut passphrase = read_private(PASSPHRASE, path)?;
                // Editors end a file with a newline that nobody means.
                let line = passphrase.expose();
                let len = line.strip_suffix(b"\n").map_or(line.len(), |l| l.strip_suffix(b"\r").unwrap_or(l).len());
                passphrase.truncate(len);
                Ok(passphrase)
            }
            _ => environment_secret(PASSPHRASE_VARIABLE).ok_or(RootKeySourceError::NoVariable(PASSPHRASE_VARIABLE)),
        }
    }
}

/// The parameters of the root passphrase in a data directory.
pub(crate) fn parameters_in(directory: &DataDirectory) -> Result<PassphraseParameters, RootKeySourceError> {
    let path = directory.passphrase_file();
    let stored = read_any(PARAMETERS, &path)?;
    let text = String::from_utf8_lossy(stored.expose());
    text.trim_end().parse().map_err(|source| RootKeySourceError::Parameters { path, source })
}

fn key_in(path: PathBuf) -> Result<LocalRootKey, RootKeySourceError> {
    let text = read_private(KEY, &path)?;
    key_from(&text, path.display().to_string())
}

fn key_from(text: &SecretBytes, place: String) -> Result<LocalRootKey, RootKeySourceError> {
    LocalRootKey::from_text(text.expose()).map_err(|source| RootKeySourceError::Key { place, source })
}

/// Reads a secret's file, which only its owner may be able to read.
fn read_private(what: &'static str, path: &Path) -> Result<SecretBytes, RootKeySourceError> {
    let file = open(what, path)?;
    let metadata = file.metadata().map_err(read_error(path))?;
    if is_open_to_others(&metadata) {
        return Err(RootKeySourceError::FileOpenToOthers { path: path.to_owned(), mode: metadata.mode() & 0o777 });
    }
    read(what, path, file)
}

fn read_any(what: &'static str, path: &Path) -> Result<SecretBytes, RootKeySourceError> {
    read(what, path, open(what, path)?)
}

fn open(what: &'static str, path: &Path) -> Result<File, RootKeySourceError> {
    File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => RootKeySourceError::NoFile { what, path: path.to_owned() },
        _ => read_error(path)(source),
    })
}

/// Reads into memory of full size at once: a growing buffer would leave copies of the secret behind.
fn read(what: &'static str, path: &Path, mut file: File) -> Result<SecretBytes, RootKeySourceError> {
    let not_such = || RootKeySourceError::NotSuchAFile { what, path: path.to_owned() };
    if !file.metadata().map_err(read_error(path))?.is_file() {
        return Err(not_such());
    }
    let mut bytes = SecretBytes::zeroed(FILE_BYTES);
    let mut len = 0;
    while let Some(rest) = bytes.expose_mut().get_mut(len..).filter(|rest| !rest.is_empty()) {
        match file.read(rest).map_err(read_error(path))? {
            0 => {
                bytes.truncate(len);
                return Ok(bytes);
            }
            more => len += more,
        }
    }
    Err(not_such())
}

fn read_error(path: &Path) -> impl FnOnce(io::Error) -> RootKeySourceError {
    let path = path.to_owned();
    move |source| RootKeySourceError::Read { path, source }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use kagiban_base::os::OsRandom;
    use kagiban_service::DeploymentKind;
    use tempfile::TempDir;

    use super::*;

    const KEY_TEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn directory() -> (TempDir, DataDirectory) {
        let above = tempfile::tempdir().unwrap();
        let directory = DataDirectory::new(above.path().to_owned(), DeploymentKind::Production);
        (above, directory)
    }

    fn file(above: &TempDir, contents: &str, mode: u32) -> PathBuf {
        let path = above.path().join("secret");
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn refusal(source: &RootKeySource, directory: &DataDirectory) -> String {
        source.open(directory).unwrap_err().to_string()
    }

    #[test]
    fn sources_are_written_as_they_are_read() {
        for text in ["file", "file:/a/b", "env", "passphrase", "shares", "passphrase-file:relative:with:colons"] {
            assert_eq!(text.parse::<RootKeySource>().unwrap().to_string(), text);
        }
        for bad in ["", "file:", "passphrase-file:", "passphrase:x", "shares:3", "env:X", "hsm", "/a/b", "FILE"] {
            assert_eq!(bad.parse::<RootKeySource>(), Err(InvalidSource), "{bad}");
        }
    }

    #[test]
    fn a_key_file_opens_as_one_key() {
        let (above, directory) = directory();
        let path = file(&above, &format!("{KEY_TEXT}\n"), 0o600);
        let known = LocalRootKey::from_text(KEY_TEXT.as_bytes()).unwrap().id();
        assert_eq!(RootKeySource::File(path).open(&directory).unwrap().id(), known);
    }

    #[test]
    fn unusable_files_say_what_to_do() {
        let (above, directory) = directory();
        for (contents, mode, message) in [
            (KEY_TEXT, 0o640, "chmod 600"),
            (KEY_TEXT, 0o604, "chmod 600"),
            (KEY_TEXT, 0o610, "chmod 600"),
            ("", 0o600, "cannot be used"),
            (&KEY_TEXT[..40], 0o600, "cannot be used"),
            (&"x".repeat(5000), 0o600, "is not a root key"),
        ] {
            let message_found = refusal(&RootKeySource::File(file(&above, contents, mode)), &directory);
            assert!(message_found.contains(message), "{message_found}");
            assert!(!message_found.contains(KEY_TEXT));
        }
        let absent = refusal(&RootKeySource::DataDirectory, &directory);
        assert!(absent.contains("put it back from your backup"), "{absent}");
        let folder = refusal(&RootKeySource::File(above.path().to_owned()), &directory);
        assert!(folder.contains("chmod") || folder.contains("is not a root key"), "{folder}");
    }

    #[test]
    fn a_made_file_is_kept() {
        let (_above, directory) = directory();
        let source = RootKeySource::DataDirectory;
        source.prepare(&directory, &OsRandom, &mut |_| Ok(())).unwrap();
        let id = source.open(&directory).unwrap().id();
        source.prepare(&directory, &OsRandom, &mut |_| Ok(())).unwrap();
        assert_eq!(source.open(&directory).unwrap().id(), id);
    }

    #[test]
    fn a_passphrase_needs_its_parameters() {
        let (above, directory) = directory();
        let source = RootKeySource::PassphraseFile(file(&above, "correct horse battery\r\n", 0o600));
        assert!(refusal(&source, &directory).contains("parameters of the root passphrase"));
        source.prepare(&directory, &OsRandom, &mut |_| Ok(())).unwrap();
        let id = source.open(&directory).unwrap().id();
        // The end of line does not count.
        file(&above, "correct horse battery", 0o600);
        assert_eq!(source.open(&directory).unwrap().id(), id);
        file(&above, "correct horse batterz", 0o600);
        assert_ne!(source.open(&directory).unwrap().id(), id);
        file(&above, "too short", 0o600);
        assert!(refusal(&source, &directory).contains("passphrase cannot be used"));
        file(&above, "correct horse battery", 0o644);
        assert!(refusal(&source, &directory).contains("chmod 600"));
        fs::write(directory.passphrase_file(), "$argon2id$torn").unwrap();
        file(&above, "correct horse battery", 0o600);
        assert!(refusal(&source, &directory).contains("is damaged"));
    }

    #[test]
    fn a_missing_passphrase_leaves_no_parameters() {
        let (above, directory) = directory();
        let source = RootKeySource::PassphraseFile(above.path().join("nothing"));
        source.prepare(&directory, &OsRandom, &mut |_| Ok(())).unwrap_err();
        assert!(!directory.passphrase_file().exists());
    }
}
