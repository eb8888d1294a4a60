//! The role that is to be assumed, which may not exist: who is refused does not learn whether it does.

use std::sync::Arc;

use kagiban_base::id::{AccountId, Partition};
use kagiban_identity::names::{IamArn, IamResource};
use kagiban_policy::{NamedPolicy, ResourcePolicies};

use super::invalid;
use crate::directory::{Directory, Role};
use crate::error::IamError;
use crate::records::Tags;
use crate::standing::named;

/// Shortest session, in seconds; AWS's figure, and the model's.
pub(super) const DURATION_MIN_S: u32 = 900;
/// Length of a session when none is asked for, and the most that a chained one can have, in seconds.
pub(super) const DURATION_DEFAULT_S: u32 = 3600;

/// A role's ARN, and the role, if there is one.
pub(super) struct Target<'a> {
    /// As it was asked for.
    pub(super) arn: &'a str,
    pub(super) partition: Partition,
    pub(super) account: AccountId,
    pub(super) role: Option<Arc<Role>>,
}

impl<'a> Target<'a> {
    /// Looks the ARN up, letter by letter: another case or another path is another role.
    pub(super) fn find(arn: &'a str, directory: &Directory) -> Result<Self, IamError> {
        let parsed = IamArn::parse(arn).map_err(|_| invalid("Request ARN is invalid"))?;
        let IamArn { partition, account, resource: IamResource::Role { path, name } } = parsed else {
            return Err(invalid("Request ARN is invalid"));
        };
        let role = directory.role_by_name(account, name).filter(|_| directory.has_account(account));
        let role = role.filter(|role| role.record.name == name && role.record.path == path);
        Ok(Self { arn, partition, account, role })
    }

    /// The trust policy, for a decision; empty where there is none that can be read.
    pub(super) fn trust(&self) -> Vec<NamedPolicy<'_>> {
        self.role.iter().filter_map(|role| named(&role.trust)).collect()
    }

    /// The trust policy as the policy of a resource.
    pub(super) fn as_resource<'p>(&self, trust: &'p [NamedPolicy<'p>]) -> ResourcePolicies<'p> {
        ResourcePolicies { owner: self.account, policies: trust }
    }

    pub(super) fn tags(&self) -> Option<&Tags> {
        self.role.as_ref().map(|role| &role.record.tags)
    }
}

/// The length of a role's session, in seconds.
pub(super) fn duration_of(role: &Role, asked: Option<i32>) -> Result<u32, IamError> {
    let duration = asked.map_or(DURATION_DEFAULT_S, |seconds| u32::try_from(seconds).unwrap_or(DURATION_MIN_S));
    if duration > role.record.max_session_duration_s {
        return Err(invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."));
    }
    Ok(duration)
}
