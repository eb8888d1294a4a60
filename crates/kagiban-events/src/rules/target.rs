//! What can follow from an event.

use std::path::PathBuf;
use std::time::Duration;

use super::Glob;

/// A target: a name, and what is done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// Its name: letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// What is done.
    pub kind: TargetKind,
    /// How often a failure is tried again before the event goes to the file of what was not delivered.
    pub attempts_max: u32,
}

/// What is done with an event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TargetKind {
    /// An inline policy that denies all of KMS is put on the caller: a user, or the role of a session.
    AttachDeny(Guard),
    /// A program is run, with the event as its input.
    Command {
        /// The program and its arguments; no shell reads them.
        command: Vec<String>,
        /// It is ended after this.
        timeout: Duration,
    },
    /// The key is disabled.
    DisableKey(Guard),
    /// A line is added to a file.
    File {
        /// The file.
        path: PathBuf,
        /// It is put aside when it has grown to so many bytes.
        size_max: u64,
        /// How many that were put aside are kept.
        keep: u32,
    },
    /// Grants are revoked.
    RevokeGrants {
        /// Which ones.
        of: RevokeOf,
        /// Upon what.
        guard: Guard,
    },
    /// The event is sent with POST.
    Webhook {
        /// Where to: https, or http to this machine.
        url: String,
        /// The file with the secret that the message is signed with.
        secret_file: PathBuf,
        /// Authorities for the receiver's certificate, in PEM, instead of those of this machine.
        ca_file: Option<PathBuf>,
        /// How long an answer may take.
        timeout: Duration,
    },
}

/// What a response may act upon, and how often.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Guard {
    /// ARNs: of keys, or of users and roles where the response is about the caller. At least one; nothing else is touched.
    pub only: Vec<Glob>,
    /// ARNs that are spared, though they are among those.
    pub never: Vec<Glob>,
    /// Actions within any hour.
    pub per_hour_max: u32,
}

/// Which grants are revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevokeOf {
    /// Those of the key that the caller of the event is grantee of.
    Caller,
    /// All of the key.
    Key,
}

impl Guard {
    /// Whether this may be acted upon.
    pub fn admits(&self, arn: &str) -> bool {
        self.only.iter().any(|glob| glob.matches(arn)) && !self.never.iter().any(|glob| glob.matches(arn))
    }
}

impl TargetKind {
    /// Its name in the file.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AttachDeny(_) => "attach-deny",
            Self::Command { .. } => "command",
            Self::DisableKey(_) => "disable-key",
            Self::File { .. } => "file",
            Self::RevokeGrants { .. } => "revoke-grants",
            Self::Webhook { .. } => "webhook",
        }
    }

    /// What limits it, if it acts upon the service itself.
    pub const fn guard(&self) -> Option<&Guard> {
        match self {
            Self::AttachDeny(guard) | Self::DisableKey(guard) | Self::RevokeGrants { guard, .. } => Some(guard),
            Self::Command { .. } | Self::File { .. } | Self::Webhook { .. } => None,
        }
    }
}
