//! Whom a policy names: the unique ids behind its ARNs when it is saved, and its text when it is shown.
//!
//! For every policy that names principals: trust policies of roles, and key policies. A name is looked up once, when the
//! policy is saved; from then on the unique id counts, so that whoever gets the name later is somebody else.

use std::collections::BTreeMap;

use kagiban_base::id::Partition;
use kagiban_identity::names::{IamArn, IamResource};
use kagiban_identity::unique_id::{UniqueId, UniqueIdKind};
use kagiban_policy::replace_principals;
use kagiban_policy::tree::{Policy, Principal, PrincipalKind};

use crate::directory::Directory;
use crate::records::BoundPolicy;

/// A policy names somebody who does not exist.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a principal of the policy does not exist")]
pub struct InvalidPrincipal {
    /// The type in the Principal element: `AWS` or `Federated`.
    pub kind: &'static str,
    /// The principal. An account is its root's ARN.
    pub principal: String,
}

impl InvalidPrincipal {
    /// AWS's text for the client.
    pub fn message(&self) -> String {
        format!("Invalid principal in policy: \"{}\":\"{}\"", self.kind, self.principal)
    }
}

/// The unique id of every user and role that the policy names, by the ARN in it; of a session, its role's.
///
/// # Errors
/// [`InvalidPrincipal`] with the first that is not in this deployment: a user, a role, an account, or the unique id of one
/// that is gone.
pub fn bind_principals(policy: &Policy, directory: &Directory) -> Result<BTreeMap<String, String>, InvalidPrincipal> {
    let mut bound = BTreeMap::new();
    for principal in policy.principals() {
        if let Principal::Arn(arn) = principal
            && arn.kind != PrincipalKind::FederatedUser
        {
            let id = IamArn::parse(&arn.arn).ok().and_then(|arn| look_up(&arn, directory));
            let id = id.ok_or_else(|| invalid("AWS", &arn.arn))?;
            bound.insert(arn.arn.to_string(), id.to_string());
        } else {
            check(principal, directory)?;
        }
    }
    Ok(bound)
}

/// A principal that is bound to no unique id.
fn check(principal: &Principal, directory: &Directory) -> Result<(), InvalidPrincipal> {
    match principal {
        Principal::Anyone | Principal::Service(_) => Ok(()),
        Principal::Account(account) if directory.has_account(*account) => Ok(()),
        Principal::Account(account) => Err(invalid("AWS", &account.root_arn(Partition::Aws))),
        // Nobody comes as a federated user; AWS takes any name.
        Principal::Arn(arn) if directory.has_account(arn.account) => Ok(()),
        Principal::Arn(arn) => Err(invalid("AWS", &arn.arn)),
        Principal::Federated(provider) => check_provider(provider, directory),
        Principal::UniqueId(id) => match id.parse() {
            Ok(id) if arn_of(id, Partition::Aws, directory).is_some() => Ok(()),
            _ => Err(invalid("AWS", id)),
        },
    }
}

/// As AWS does, only the account is looked up: the provider is asked for when a token of it comes.
fn check_provider(provider: &str, directory: &Directory) -> Result<(), InvalidPrincipal> {
    match IamArn::parse(provider) {
        Ok(IamArn { account, resource: IamResource::OidcProvider { .. }, .. }) if directory.has_account(account) => {
            Ok(())
        }
        _ => Err(invalid("Federated", provider)),
    }
}

fn invalid(kind: &'static str, principal: &str) -> InvalidPrincipal {
    InvalidPrincipal { kind, principal: principal.to_owned() }
}

/// Who has the ARN now. Letter by letter: no other case and no other path is the same ARN.
pub(crate) fn look_up(arn: &IamArn<'_>, directory: &Directory) -> Option<UniqueId> {
    let IamArn { account, resource, .. } = *arn;
    if !directory.has_account(account) {
        return None;
    }
    match resource {
        IamResource::User { path, name } => {
            let user = directory.user_by_name(account, name)?;
            (user.record.name == name && user.record.path == path).then_some(user.key.id)
        }
        IamResource::Role { path, name } => {
            let role = directory.role_by_name(account, name)?;
            (role.record.name == name && role.record.path == path).then_some(role.key.id)
        }
        IamResource::AssumedRole { role: name, .. } => {
            let role = directory.role_by_name(account, name)?;
            (role.record.name == name).then_some(role.key.id)
        }
        _ => None,
    }
}

/// The ARN that a user or role has now.
fn arn_of(id: UniqueId, partition: Partition, directory: &Directory) -> Option<String> {
    match id.kind() {
        UniqueIdKind::Role => directory.role(id).map(|role| role.arn(partition)),
        UniqueIdKind::User => directory.user(id).map(|user| user.arn(partition)),
        _ => None,
    }
}

/// The document as it is shown: a principal that has another ARN by now has that, one that is gone its unique id.
pub fn show(bound: &BoundPolicy, directory: &Directory) -> String {
    let now = |principal: &str| {
        let id = bound.principals.get(principal)?;
        let now = current_arn(principal, id, directory).unwrap_or_else(|| id.clone());
        (now != principal).then_some(now)
    };
    // Most policies show as they are, without being read again.
    if bound.principals.keys().all(|principal| now(principal).is_none()) {
        return bound.document.clone();
    }
    replace_principals(&bound.document, &now)
}

fn current_arn(was: &str, id: &str, directory: &Directory) -> Option<String> {
    let was = IamArn::parse(was).ok()?;
    let id: UniqueId = id.parse().ok()?;
    match was.resource {
        IamResource::AssumedRole { session, .. } => {
            let role = directory.role(id)?;
            let resource = IamResource::AssumedRole { role: &role.record.name, session };
            Some(IamArn { resource, ..was }.to_string())
        }
        _ => arn_of(id, was.partition, directory),
    }
}

#[cfg(test)]
mod tests {
    use kagiban_base::id::AccountId;
    use kagiban_base::time::Timestamp;
    use kagiban_policy::tree::{Effect, Principals, Statement, Version};
    use kagiban_storage::follower::Apply as _;
    use kagiban_storage::row::{self, Row};

    use super::*;
    use crate::deployment::DeploymentKind;
    use crate::records::account::{AccountRecord, AccountRowKey};
    use crate::records::name::{NameKind, NameRecord, NameRowKey};
    use crate::records::role::RoleRecord;
    use crate::records::user::UserRecord;
    use crate::records::{Attachments, EntityKey, Tags};

    const ANN: &str = "AIDAAAAAAAAAAAAAAAAAA";
    const APP: &str = "AROAAAAAAAAAAAAAAAAAA";

    fn account() -> AccountId {
        "111122223333".parse().unwrap()
    }

    fn put<R: Row>(directory: &Directory, key: &R::Key, row: Option<&R>) {
        let value = row.map(|row| row::encode(row).unwrap());
        directory.apply(&row::encode_key::<R>(key).unwrap(), value.as_deref()).unwrap();
    }

    fn name(directory: &Directory, kind: NameKind, name: &str, id: &str) {
        let record = NameRecord { id: id.parse().unwrap() };
        put(directory, &NameRowKey::new(account(), kind, name), Some(&record));
    }

    fn key(id: &str) -> EntityKey {
        EntityKey { account: account(), id: id.parse().unwrap() }
    }

    fn put_user(directory: &Directory, path: &str, user: &str, id: &str) {
        let record = UserRecord {
            name: user.to_owned(),
            path: path.to_owned(),
            created: Timestamp::from_unix_ms(0),
            tags: Tags::new(),
            policies: Attachments::default(),
            boundary: None,
            groups: Default::default(),
            access_keys: Vec::new(),
            mfa_devices: Default::default(),
        };
        put(directory, &key(id), Some(&record));
        name(directory, NameKind::User, user, id);
    }

    fn put_role(directory: &Directory, path: &str, role: &str, id: &str) {
        let record = RoleRecord {
            name: role.to_owned(),
            path: path.to_owned(),
            created: Timestamp::from_unix_ms(0),
            description: String::new(),
            trust_policy: BoundPolicy { document: "{}".to_owned(), principals: BTreeMap::new() },
            max_session_duration_s: 3600,
            tags: Tags::new(),
            policies: Attachments::default(),
            boundary: None,
        };
        put(directory, &key(id), Some(&record));
        name(directory, NameKind::Role, role, id);
    }

    /// One account with the user `/a/Ann` and the role `/App`, and a closed one.
    fn directory() -> Directory {
        let directory = Directory::new(DeploymentKind::Production);
        let at = Timestamp::from_unix_ms(0);
        put(&directory, &AccountRowKey(account()), Some(&AccountRecord::new(at)));
        let closed = AccountRecord { closed: Some(at), ..AccountRecord::new(at) };
        put(&directory, &AccountRowKey("444455556666".parse().unwrap()), Some(&closed));
        put_user(&directory, "/a/", "Ann", ANN);
        put_role(&directory, "/", "App", APP);
        directory
    }

    fn bind(principal: &str, directory: &Directory) -> Result<Option<String>, InvalidPrincipal> {
        let document = document(principal);
        let policy = kagiban_policy::parse_key_policy(&document).unwrap();
        bind_principals(&policy, directory).map(|bound| bound.get(principal).cloned())
    }

    fn document(principal: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"kms:*","Resource":"*"}}]}}"#
        )
    }

    #[test]
    fn principals_that_exist_are_bound() {
        let directory = directory();
        for (principal, id) in [
            ("*", None),
            ("111122223333", None),
            ("arn:aws:iam::111122223333:root", None),
            ("arn:aws:iam::111122223333:user/a/Ann", Some(ANN)),
            ("arn:aws-cn:iam::111122223333:user/a/Ann", Some(ANN)),
            ("arn:aws:iam::111122223333:role/App", Some(APP)),
            ("arn:aws:sts::111122223333:assumed-role/App/any", Some(APP)),
            ("arn:aws:sts::111122223333:federated-user/bob", None),
            (ANN, None),
        ] {
            assert_eq!(bind(principal, &directory), Ok(id.map(str::to_owned)), "{principal}");
        }
    }

    #[test]
    fn principals_that_do_not_exist_are_refused() {
        let directory = directory();
        for principal in [
            "arn:aws:iam::111122223334:root",
            "arn:aws:iam::444455556666:root",
            "arn:aws:iam::111122223333:user/Ann",
            "arn:aws:iam::111122223333:user/a/ann",
            "arn:aws:iam::111122223333:user/a/b/Ann",
            "arn:aws:iam::111122223333:user/App",
            "arn:aws:iam::111122223333:role/app",
            "arn:aws:iam::111122223333:role/x/App",
            "arn:aws:iam::111122223334:role/App",
            "arn:aws:sts::111122223333:assumed-role/Ann/any",
            "arn:aws:sts::444455556666:federated-user/bob",
            "AIDAAAAAAAAAAAAAAAAAB",
            "AROAEXAMPLEID1234567",
        ] {
            assert_eq!(bind(principal, &directory), Err(invalid("AWS", principal)));
        }
        let text = bind("arn:aws:iam::111122223333:user/x", &directory).unwrap_err().message();
        assert_eq!(text, "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:user/x\"");
    }

    #[test]
    fn providers_need_an_account() {
        let directory = directory();
        for (provider, is_valid) in [
            ("arn:aws:iam::111122223333:oidc-provider/id.example/a", true),
            ("arn:aws:iam::444455556666:oidc-provider/id.example/a", false),
            ("arn:aws:iam::111122223333:role/App", false),
            ("id.example", false),
        ] {
            let list = vec![Principal::Federated(provider.into())];
            let statement = Statement {
                index: 0,
                sid: None,
                effect: Effect::Allow,
                principals: Some(Principals { is_not: false, list }),
                actions: None,
                resources: None,
                conditions: Vec::new(),
            };
            let policy = Policy { version: Version::V2012, id: None, statements: vec![statement] };
            assert_eq!(bind_principals(&policy, &directory).is_ok(), is_valid, "{provider}");
        }
    }

    #[test]
    fn who_is_gone_shows_as_unique_id_and_who_moved_under_the_new_name() {
        let directory = directory();
        let user = "arn:aws-cn:iam::111122223333:user/a/Ann";
        let session = "arn:aws:sts::111122223333:assumed-role/App/se";
        let shown = |principal: &str, id: &str, directory: &Directory| {
            let principals = BTreeMap::from([(principal.to_owned(), id.to_owned())]);
            show(&BoundPolicy { document: document(principal), principals }, directory)
        };
        assert_eq!(shown(user, ANN, &directory), document(user));
        assert_eq!(shown(session, APP, &directory), document(session));

        put_user(&directory, "/b/", "Anna", ANN);
        assert!(shown(user, ANN, &directory).contains("\"arn:aws-cn:iam::111122223333:user/b/Anna\""));

        // The names are taken again, by others.
        put::<UserRecord>(&directory, &key(ANN), None);
        put_user(&directory, "/a/", "Ann", "AIDABBBBBBBBBBBBBBBBB");
        put::<RoleRecord>(&directory, &key(APP), None);
        put_role(&directory, "/", "App", "AROABBBBBBBBBBBBBBBBB");
        for (principal, id) in [(user, ANN), (session, APP)] {
            let text = shown(principal, id, &directory);
            assert!(text.contains(id) && !text.contains(principal), "{text}");
        }
    }
}
