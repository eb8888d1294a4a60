//! The parties to grants: whom a request names, who calls, and how they are shown.

use kagiban_base::id::AccountId;
use kagiban_iam::directory::Directory;
use kagiban_iam::principals::bind_principals;
use kagiban_identity::names::{IamArn, IamResource};
use kagiban_identity::unique_id::UniqueId;
use kagiban_policy::tree::{Principal, PrincipalArn, PrincipalKind};
use kagiban_policy::{GrantedTo, Identity, Requester, parse_key_policy};
use serde_json::json;

use crate::error::ServiceError;
use crate::records::grant::{GrantPrincipal, PrincipalIdentity};

/// An account, user, role or role session by its ARN, an account by its number too; bound to who that is now. The rules are
/// those of key policies, but for unique ids and `*`, which name nobody here, and federated users, of which there are none.
///
/// # Errors
/// InvalidArn when the text names nobody, or somebody who does not exist.
pub(super) fn bind(text: &str, directory: &Directory) -> Result<GrantPrincipal, ServiceError> {
    look_up(text, directory)
        .map(|(identity, _)| GrantPrincipal { given: text.to_owned(), identity })
        .ok_or_else(|| ServiceError::InvalidArn(text.to_owned()))
}

/// Who that is now, and of which account.
pub(super) fn look_up(text: &str, directory: &Directory) -> Option<(PrincipalIdentity, AccountId)> {
    let policy = parse_key_policy(&policy_naming(text)).ok()?;
    let bound = bind_principals(&policy, directory).ok()?;
    match policy.principals().next()? {
        Principal::Account(account) => Some((PrincipalIdentity::Account(*account), *account)),
        Principal::Arn(arn) => Some((identity(arn, bound.get(&*arn.arn)?.parse().ok()?)?, arn.account)),
        _ => None,
    }
}

/// Whether the text could name somebody, though nobody may have that name: an ARN or the unique id that is shown of one who
/// is gone.
pub(super) fn is_well_formed(text: &str) -> bool {
    let is_gone = || {
        matches!(
            text.parse(),
            Ok(PrincipalIdentity::Role(_) | PrincipalIdentity::User(_) | PrincipalIdentity::RoleSession { .. })
        )
    };
    parse_key_policy(&policy_naming(text)).is_ok_and(|policy| {
        let mut principals = policy.principals();
        matches!(principals.next(), Some(Principal::Account(_) | Principal::Arn(_)))
    }) || is_gone()
}

/// The smallest key policy that names a principal.
fn policy_naming(principal: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}],
    })
    .to_string()
}

fn identity(arn: &PrincipalArn, id: UniqueId) -> Option<PrincipalIdentity> {
    match arn.kind {
        PrincipalKind::FederatedUser => None,
        PrincipalKind::Role => Some(PrincipalIdentity::Role(id)),
        PrincipalKind::RoleSession => {
            let (_, session) = arn.arn.rsplit_once('/')?;
            Some(PrincipalIdentity::RoleSession { role: id, session: session.into() })
        }
        PrincipalKind::User => Some(PrincipalIdentity::User(id)),
    }
}

/// A service, by its name; any that looks like one is taken.
pub(super) fn service(name: &str) -> GrantPrincipal {
    GrantPrincipal { given: name.to_owned(), identity: PrincipalIdentity::Service(name.into()) }
}

/// Who a caller is, in every form that can be a party, the one that needs the least of other policies first.
pub(super) fn forms(caller: &Requester<'_>) -> impl Iterator<Item = (PrincipalIdentity, GrantedTo)> {
    let account = || Some((PrincipalIdentity::Account(caller.account), GrantedTo::Account));
    let user = |id: &str| Some((PrincipalIdentity::User(id.parse().ok()?), GrantedTo::User));
    let role = |id: &str| Some((PrincipalIdentity::Role(id.parse().ok()?), GrantedTo::RoleArn));
    let session = |id: &str, name: &str| {
        let identity = PrincipalIdentity::RoleSession { role: id.parse().ok()?, session: name.into() };
        Some((identity, GrantedTo::RoleSession))
    };
    let forms = match caller.identity {
        Identity::Root => [account(), None, None],
        Identity::User { unique_id } => [user(unique_id), account(), None],
        Identity::RoleSession { role_id, session_name } => [session(role_id, session_name), role(role_id), account()],
        Identity::Service { name } => [Some((PrincipalIdentity::Service(name.into()), GrantedTo::Service)), None, None],
        Identity::WebIdentity { .. } => [None, None, None],
    };
    forms.into_iter().flatten()
}

/// The text to show: the ARN that a user or role has now, its unique id when it is gone; everyone else as given.
pub(crate) fn shown(principal: &GrantPrincipal, directory: &Directory) -> String {
    let GrantPrincipal { given, identity } = principal;
    let now = IamArn::parse(given).ok().and_then(|was| {
        let role = |id: UniqueId| Some(directory.role(id)?.arn(was.partition));
        match (identity, was.resource) {
            (PrincipalIdentity::User(id), _) => Some(directory.user(*id)?.arn(was.partition)),
            (PrincipalIdentity::Role(id), _) => role(*id),
            (PrincipalIdentity::RoleSession { role: id, session }, _) => {
                let arn = role(*id)?;
                let (_, name) = arn.rsplit_once('/')?;
                let resource = IamResource::AssumedRole { role: name, session };
                Some(IamArn { resource, ..was }.to_string())
            }
            _ => Some(given.clone()),
        }
    });
    match identity {
        PrincipalIdentity::Account(_) | PrincipalIdentity::Service(_) => given.clone(),
        _ => now.unwrap_or_else(|| identity.to_string()),
    }
}
