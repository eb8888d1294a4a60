//! The two kinds of deployment.

use serde::{Deserialize, Serialize};

/// What kind of deployment a store belongs to. A store never changes its kind.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeploymentKind {
    /// Well-known credentials, loopback only.
    Development,
    /// Stored credentials.
    Production,
}
