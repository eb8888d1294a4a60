//! Key sets in files, for providers that are not reachable: `kubectl get --raw /openid/v1/jwks > keys.json`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use kagiban_identity::names::NameKind;
use kagiban_identity::web_identity::{InvalidKeySet, KEY_SET_LEN_MAX, KeySet};

/// A provider and the file with its key set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeySetFile {
    /// The provider's URL without `https://`, as it is registered in an account.
    pub issuer: String,
    /// The file, which holds a JSON Web Key Set.
    pub path: PathBuf,
}

/// Not a provider and a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not ISSUER=FILE, such as kubernetes.default.svc.cluster.local=keys.json; ISSUER is the URL without https://")]
pub struct InvalidKeySetFile;

/// A file cannot be used. The message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeySetFileError {
    /// It cannot be read.
    #[error("cannot read the key set of {issuer} in {path}")]
    Read {
        /// The provider.
        issuer: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no key set.
    #[error("{path} is no key set of {issuer}; it must be JSON such as {{\"keys\":[...]}}")]
    Invalid {
        /// The provider.
        issuer: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: InvalidKeySet,
    },
    /// No key in it can check a token.
    #[error("{path} has no RSA key of 2048 bits or more and no key on P-256 or P-384 for tokens of {issuer}")]
    NoKey {
        /// The provider.
        issuer: String,
        /// The file.
        path: PathBuf,
    },
}

impl FromStr for KeySetFile {
    type Err = InvalidKeySetFile;

    fn from_str(text: &str) -> Result<Self, InvalidKeySetFile> {
        let (issuer, path) = text.split_once('=').ok_or(InvalidKeySetFile)?;
        NameKind::OidcProvider.check(issuer).map_err(|_| InvalidKeySetFile)?;
        if path.is_empty() {
            return Err(InvalidKeySetFile);
        }
        Ok(Self { issuer: issuer.to_owned(), path: path.into() })
    }
}

impl KeySetFile {
    /// Reads the file and forgets what it says.
    pub(super) fn check(&self) -> Result<(), KeySetFileError> {
        let (issuer, path) = (|| self.issuer.clone(), || self.path.clone());
        let document =
            read(&self.path).map_err(|source| KeySetFileError::Read { issuer: issuer(), path: path(), source })?;
        let keys = KeySet::parse(&document).map_err(|source| KeySetFileError::Invalid {
            issuer: issuer(),
            path: path(),
            source,
        })?;
        if keys.is_empty() {
            return Err(KeySetFileError::NoKey { issuer: issuer(), path: path() });
        }
        Ok(())
    }
}

/// The file's bytes; one more than a key set may have where there are too many.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut document = Vec::new();
    File::open(path)?.take(KEY_SET_LEN_MAX as u64 + 1).read_to_end(&mut document)?;
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        for (text, issuer, path) in [
            ("id.example=keys.json", "id.example", "keys.json"),
            ("id.example:8443/realms/x=/a=b/keys.json", "id.example:8443/realms/x", "/a=b/keys.json"),
        ] {
            assert_eq!(text.parse(), Ok(KeySetFile { issuer: issuer.to_owned(), path: path.into() }), "{text}");
        }
        for bad in ["", "=", "id.example", "id.example=", "=keys.json", "https://id.example=keys.json", "a b=c"] {
            assert_eq!(bad.parse::<KeySetFile>(), Err(InvalidKeySetFile), "{bad}");
        }
    }
}
