//! What the environment says, as it does to AWS's own tools. Profiles and other sources of credentials are not read: who
//! uses them puts what they give into the environment.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use kagiban_base::secret::SecretBytes;

use crate::error::CliError;

/// Where variables come from: the process's environment, or a test's table.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The environment of this process. An empty variable is none.
pub(crate) fn of_this_process(name: &str) -> Option<OsString> {
    #[expect(clippy::disallowed_methods, reason = "this module is where these commands read the environment")]
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The first of these variables that is set, and its name.
pub(crate) fn text<'n>(names: &[&'n str], lookup: Lookup<'_>) -> Result<Option<(&'n str, String)>, CliError> {
    let set = names.iter().find_map(|name| lookup(name).map(|value| (*name, value)));
    let read = |(name, value): (&'n str, OsString)| match value.into_string() {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(CliError::Variable { name: name.to_owned() }),
    };
    set.map(read).transpose()
}

/// A secret from the environment, wiped when dropped.
pub(crate) fn secret(name: &str, lookup: Lookup<'_>) -> Option<SecretBytes> {
    lookup(name).map(|value| SecretBytes::new(value.into_vec()))
}
