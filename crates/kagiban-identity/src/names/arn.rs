//! ARNs of identities: `arn:PARTITION:iam::ACCOUNT:KIND/PATH/NAME`, and of role sessions, which are STS's.

use std::fmt;

use kagiban_base::id::{AccountId, Partition};

use super::{InvalidName, NameKind};

/// The ARN of an identity, borrowed from its text or from the names that make it.
///
/// Two ARNs that differ in the partition only name the same identity: compare account and resource.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct IamArn<'a> {
    /// Partition; for who is who it does not count.
    pub partition: Partition,
    /// Account that has the identity.
    pub account: AccountId,
    /// Which identity.
    pub resource: IamResource<'a>,
}

/// The part of an identity's ARN after the account. A path begins and ends with a slash, `/` when there is none.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "path and name are of the variant's kind")]
pub enum IamResource<'a> {
    /// `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION`, without the role's path
    AssumedRole { role: &'a str, session: &'a str },
    /// `group/PATH/NAME`
    Group { path: &'a str, name: &'a str },
    /// `mfa/PATH/NAME`: the serial number of a virtual MFA device
    Mfa { path: &'a str, name: &'a str },
    /// `oidc-provider/ADDRESS`: host and path, without `https://`
    OidcProvider { address: &'a str },
    /// `policy/PATH/NAME`: a managed policy
    Policy { path: &'a str, name: &'a str },
    /// `role/PATH/NAME`
    Role { path: &'a str, name: &'a str },
    /// `root`: the account itself
    Root,
    /// `user/PATH/NAME`
    User { path: &'a str, name: &'a str },
}

/// A text is not the ARN of an identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidArn {
    /// The account is not one of 12 digits.
    #[error("the account of the ARN is not valid")]
    Account,
    /// It has fewer than six parts, or does not begin with `arn`.
    #[error("the text is not an ARN")]
    Form,
    /// The kind of thing is known, but its name or path is not valid.
    #[error("the resource of the ARN is not valid: {0}")]
    Name(#[from] InvalidName),
    /// The partition is not known.
    #[error("the partition of the ARN is not known")]
    Partition,
    /// There is a Region, and identities have none.
    #[error("an identity's ARN has no Region")]
    Region,
    /// The kind of thing is not known, or is not of this service.
    #[error("the ARN names no kind of identity")]
    Resource,
    /// The service is neither `iam` nor `sts`.
    #[error("the ARN is of another service")]
    Service,
}

impl<'a> IamArn<'a> {
    /// Reads an ARN. Nothing is normalised; what [`fmt::Display`] gives back is the same text.
    ///
    /// # Errors
    /// [`InvalidArn`] with the first part that is wrong.
    pub fn parse(text: &'a str) -> Result<Self, InvalidArn> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().ok_or(InvalidArn::Form);
        let (scheme, partition, service) = (next()?, next()?, next()?);
        let (region, account, resource) = (next()?, next()?, next()?);
        if scheme != "arn" {
            return Err(InvalidArn::Form);
        }
        let partition = Partition::parse(partition).ok_or(InvalidArn::Partition)?;
        if !matches!(service, "iam" | "sts") {
            return Err(InvalidArn::Service);
        }
        if !region.is_empty() {
            return Err(InvalidArn::Region);
        }
        let account = account.parse().map_err(|_| InvalidArn::Account)?;
        Ok(Self { partition, account, resource: IamResource::parse(service, resource)? })
    }
}

impl<'a> IamResource<'a> {
    /// `sts` for a role's session, `iam` for everything else.
    pub const fn service(&self) -> &'static str {
        match self {
            Self::AssumedRole { .. } => "sts",
            _ => "iam",
        }
    }

    fn parse(service: &str, text: &'a str) -> Result<Self, InvalidArn> {
        if (service, text) == ("iam", "root") {
            return Ok(Self::Root);
        }
        let (kind, rest) = text.split_once('/').ok_or(InvalidArn::Resource)?;
        match (service, kind) {
            ("sts", "assumed-role") => Self::parse_assumed_role(rest),
            ("iam", "oidc-provider") => {
                NameKind::OidcProvider.check(rest)?;
                Ok(Self::OidcProvider { address: rest })
            }
            ("iam", "group") => split(text, kind, NameKind::Group).map(|(path, name)| Self::Group { path, name }),
            ("iam", "mfa") => split(text, kind, NameKind::MfaDevice).map(|(path, name)| Self::Mfa { path, name }),
            ("iam", "policy") => split(text, kind, NameKind::Policy).map(|(path, name)| Self::Policy { path, name }),
            ("iam", "role") => split(text, kind, NameKind::Role).map(|(path, name)| Self::Role { path, name }),
            ("iam", "user") => split(text, kind, NameKind::User).map(|(path, name)| Self::User { path, name }),
            _ => Err(InvalidArn::Resource),
        }
    }

    fn parse_assumed_role(rest: &'a str) -> Result<Self, InvalidArn> {
        let (role, session) = rest.split_once('/').ok_or(InvalidArn::Resource)?;
        NameKind::Role.check(role)?;
        NameKind::RoleSession.check(session)?;
        Ok(Self::AssumedRole { role, session })
    }
}

/// Path and name of `KIND/PATH/NAME`. The name is what follows the last slash, as no name has one.
fn split<'a>(text: &'a str, kind: &str, name_kind: NameKind) -> Result<(&'a str, &'a str), InvalidArn> {
    let rest = text.get(kind.len()..).unwrap_or_default();
    let last = rest.rfind('/').ok_or(InvalidArn::Resource)?;
    let (path, name) = rest.split_at_checked(last + 1).ok_or(InvalidArn::Resource)?;
    NameKind::Path.check(path)?;
    name_kind.check(name)?;
    Ok((path, name))
}

impl fmt::Display for IamArn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (partition, service) = (self.partition.as_str(), self.resource.service());
        for part in ["arn:", partition, ":", service, "::", self.account.as_str(), ":"] {
            f.write_str(part)?;
        }
        self.resource.fmt(f)
    }
}

impl fmt::Display for IamResource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = match *self {
            Self::AssumedRole { role, session } => ["assumed-role/", role, "/", session],
            Self::Group { path, name } => ["group", path, name, ""],
            Self::Mfa { path, name } => ["mfa", path, name, ""],
            Self::OidcProvider { address } => ["oidc-provider/", address, "", ""],
            Self::Policy { path, name } => ["policy", path, name, ""],
            Self::Role { path, name } => ["role", path, name, ""],
            Self::Root => ["root", "", "", ""],
            Self::User { path, name } => ["user", path, name, ""],
        };
        parts.iter().try_for_each(|part| f.write_str(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_round_trip() {
        use IamResource::*;
        for (text, partition, resource) in [
            ("arn:aws:iam::111122223333:root", Partition::Aws, Root),
            ("arn:aws:iam::111122223333:user/ann", Partition::Aws, User { path: "/", name: "ann" }),
            ("arn:aws-cn:iam::111122223333:user/a/b/ann", Partition::AwsCn, User { path: "/a/b/", name: "ann" }),
            ("arn:aws:iam::111122223333:user/root", Partition::Aws, User { path: "/", name: "root" }),
            ("arn:aws:iam::111122223333:user/../ann", Partition::Aws, User { path: "/../", name: "ann" }),
            ("arn:aws:iam::111122223333:user/a:b/ann", Partition::Aws, User { path: "/a:b/", name: "ann" }),
            ("arn:aws:iam::111122223333:user/user/ann", Partition::Aws, User { path: "/user/", name: "ann" }),
            ("arn:aws:iam::111122223333:role/app", Partition::Aws, Role { path: "/", name: "app" }),
            ("arn:aws:iam::111122223333:group/x/ops", Partition::Aws, Group { path: "/x/", name: "ops" }),
            ("arn:aws-us-gov:iam::111122223333:policy/p", Partition::AwsUsGov, Policy { path: "/", name: "p" }),
            ("arn:aws:iam::111122223333:mfa/ann", Partition::Aws, Mfa { path: "/", name: "ann" }),
            (
                "arn:aws:iam::111122223333:oidc-provider/id.example/realms/x",
                Partition::Aws,
                OidcProvider { address: "id.example/realms/x" },
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/app/i-0123",
                Partition::Aws,
                AssumedRole { role: "app", session: "i-0123" },
            ),
        ] {
            let arn = IamArn::parse(text).unwrap();
            assert_eq!(arn, IamArn { partition, account: "111122223333".parse().unwrap(), resource });
            assert_eq!(arn.to_string(), text);
        }
    }

    #[test]
    fn malformed_arns_are_refused() {
        let shape = |kind| InvalidArn::Name(InvalidName::Shape { kind });
        let found = |kind, found| InvalidArn::Name(InvalidName::Character { kind, found });
        let len = |kind, min, max| InvalidArn::Name(InvalidName::Length { kind, min, max });
        for (text, expected) in [
            ("", InvalidArn::Form),
            ("arn:aws:iam::111122223333", InvalidArn::Form),
            ("ARN:aws:iam::111122223333:root", InvalidArn::Form),
            (" arn:aws:iam::111122223333:root", InvalidArn::Form),
            ("arn:AWS:iam::111122223333:root", InvalidArn::Partition),
            ("arn:*:iam::111122223333:root", InvalidArn::Partition),
            ("arn:aws:kms::111122223333:root", InvalidArn::Service),
            ("arn:aws:IAM::111122223333:root", InvalidArn::Service),
            ("arn:aws:iam:us-east-1:111122223333:root", InvalidArn::Region),
            ("arn:aws:iam:::root", InvalidArn::Account),
            ("arn:aws:iam::*:root", InvalidArn::Account),
            ("arn:aws:iam::11112222333:root", InvalidArn::Account),
            ("arn:aws:iam::aws:policy/p", InvalidArn::Account),
            ("arn:aws:iam::111122223333:", InvalidArn::Resource),
            ("arn:aws:iam::111122223333:Root", InvalidArn::Resource),
            ("arn:aws:iam::111122223333:root/", InvalidArn::Resource),
            ("arn:aws:iam::111122223333:*", InvalidArn::Resource),
            ("arn:aws:iam::111122223333:user", InvalidArn::Resource),
            ("arn:aws:iam::111122223333:User/ann", InvalidArn::Resource),
            ("arn:aws:iam::111122223333:assumed-role/app/s1", InvalidArn::Resource),
            ("arn:aws:sts::111122223333:root", InvalidArn::Resource),
            ("arn:aws:sts::111122223333:user/ann", InvalidArn::Resource),
            ("arn:aws:sts::111122223333:assumed-role/app", InvalidArn::Resource),
            ("arn:aws:sts::111122223333:assumed-role/app/", len(NameKind::RoleSession, 2, 64)),
            ("arn:aws:sts::111122223333:assumed-role/a/b/s1", found(NameKind::RoleSession, '/')),
            ("arn:aws:sts::111122223333:assumed-role/app/*", len(NameKind::RoleSession, 2, 64)),
            ("arn:aws:sts::111122223333:assumed-role/app/s*", found(NameKind::RoleSession, '*')),
            ("arn:aws:iam::111122223333:user/", len(NameKind::User, 1, 64)),
            ("arn:aws:iam::111122223333:user/a/", len(NameKind::User, 1, 64)),
            ("arn:aws:iam::111122223333:user/*", found(NameKind::User, '*')),
            ("arn:aws:iam::111122223333:user/a%2fb", found(NameKind::User, '%')),
            ("arn:aws:iam::111122223333:user/ann:x", found(NameKind::User, ':')),
            ("arn:aws:iam::111122223333:user//ann", shape(NameKind::Path)),
            ("arn:aws:iam::111122223333:user/ä/ann", found(NameKind::Path, 'ä')),
            ("arn:aws:iam::111122223333:oidc-provider/", len(NameKind::OidcProvider, 1, 255)),
            ("arn:aws:iam::111122223333:oidc-provider/https://a.example", shape(NameKind::OidcProvider)),
        ] {
            assert_eq!(IamArn::parse(text), Err(expected), "{text}");
        }
    }
}
