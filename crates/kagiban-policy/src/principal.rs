//! The principals of a policy, read one by one. Whether one exists is not asked here.

use kagiban_base::id::{AccountId, Partition};

use crate::fault::PrincipalFault;
use crate::tree::{Principal, PrincipalArn, PrincipalKind};

/// Longest role, user or session name with its path, in bytes: a path of 512 and a name of 64 (IAM quotas).
const RESOURCE_LEN_MAX: usize = 600;

/// A value of the type AWS: `*`, an account number, an ARN or a unique id.
pub(crate) fn aws(text: &str) -> Result<Principal, PrincipalFault> {
    if text == "*" {
        return Ok(Principal::Anyone);
    }
    if text.contains(['*', '?']) {
        return Err(PrincipalFault::Wildcard);
    }
    if let Ok(account) = text.parse() {
        return Ok(Principal::Account(account));
    }
    if is_unique_id(text) {
        return Ok(Principal::UniqueId(text.into()));
    }
    arn(text)
}

/// A value of the type Service: `NAME.amazonaws.com` or `NAME.amazonaws.com.cn`.
pub(crate) fn service(text: &str) -> Result<Principal, PrincipalFault> {
    if text.contains(['*', '?']) {
        return Err(PrincipalFault::Wildcard);
    }
    let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com").unwrap_or_default();
    let fits = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if text.len() > RESOURCE_LEN_MAX || !name.split('.').all(fits) {
        return Err(PrincipalFault::Malformed);
    }
    Ok(Principal::Service(text.into()))
}

/// A value of the type Federated: `arn:PARTITION:iam::ACCOUNT:oidc-provider/HOST/PATH`.
pub(crate) fn federated(text: &str) -> Result<Principal, PrincipalFault> {
    if text.contains(['*', '?']) {
        return Err(PrincipalFault::Wildcard);
    }
    let (service, _, resource) = arn_parts(text)?;
    let address = resource.strip_prefix("oidc-provider/").filter(|_| service == "iam").unwrap_or_default();
    let is_bare = !address.starts_with('/') && address.bytes().all(|b| b.is_ascii_graphic());
    let fits = is_bare && (1..=RESOURCE_LEN_MAX).contains(&address.len());
    if fits { Ok(Principal::Federated(text.into())) } else { Err(PrincipalFault::Malformed) }
}

/// The id of a deleted user or role: a prefix that tells which, then upper-case letters and digits.
fn is_unique_id(text: &str) -> bool {
    let rest = text.strip_prefix("AIDA").or_else(|| text.strip_prefix("AROA")).unwrap_or_default();
    (12..=124).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// `arn:PARTITION:iam::ACCOUNT:...` or `arn:PARTITION:sts::ACCOUNT:...`
fn arn(text: &str) -> Result<Principal, PrincipalFault> {
    let (service, account, resource) = arn_parts(text)?;
    if (service, resource) == ("iam", "root") {
        return Ok(Principal::Account(account));
    }
    let kind = kind(service, resource)?;
    Ok(Principal::Arn(PrincipalArn { arn: text.into(), account, kind }))
}

/// Service, account and resource of an ARN without a Region.
fn arn_parts(text: &str) -> Result<(&str, AccountId, &str), PrincipalFault> {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().ok_or(PrincipalFault::Malformed);
    let (scheme, partition, service, region, account, resource) =
        (next()?, next()?, next()?, next()?, next()?, next()?);
    if scheme != "arn" || Partition::parse(partition).is_none() || !region.is_empty() {
        return Err(PrincipalFault::Malformed);
    }
    Ok((service, account.parse().map_err(|_| PrincipalFault::Malformed)?, resource))
}

fn kind(service: &str, resource: &str) -> Result<PrincipalKind, PrincipalFault> {
    let (kind, name) = resource.split_once('/').ok_or(PrincipalFault::Malformed)?;
    let (kind, is_named) = match (service, kind) {
        ("iam", "group") => return Err(PrincipalFault::Group),
        ("iam", "role") => (PrincipalKind::Role, is_name_with_path(name)),
        ("iam", "user") => (PrincipalKind::User, is_name_with_path(name)),
        ("sts", "assumed-role") => (PrincipalKind::RoleSession, is_role_and_session(name)),
        ("sts", "federated-user") => (PrincipalKind::FederatedUser, is_name(name)),
        _ => return Err(PrincipalFault::Malformed),
    };
    is_named.then_some(kind).ok_or(PrincipalFault::Malformed)
}

/// A name of IAM's characters, after a path of visible characters.
fn is_name_with_path(text: &str) -> bool {
    let (path, name) = text.rsplit_once('/').unwrap_or(("", text));
    text.len() <= RESOURCE_LEN_MAX && is_name(name) && path.bytes().all(|b| b.is_ascii_graphic())
}

fn is_role_and_session(text: &str) -> bool {
    text.split_once('/').is_some_and(|(role, session)| is_name(role) && is_name(session))
}

/// `[\w+=,.@-]{1,128}`
fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'=' | b',' | b'.' | b'@' | b'-');
    (1..=128).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_principals_are_told_apart() {
        let arn = |text: &str, kind| {
            let account = "111122223333".parse().unwrap();
            Ok(Principal::Arn(PrincipalArn { arn: text.into(), account, kind }))
        };
        let account = || Ok(Principal::Account("111122223333".parse().unwrap()));
        for (text, expected) in [
            ("*", Ok(Principal::Anyone)),
            ("111122223333", account()),
            ("arn:aws:iam::111122223333:root", account()),
            ("arn:aws-cn:iam::111122223333:root", account()),
            ("AROAEXAMPLEID1234567", Ok(Principal::UniqueId("AROAEXAMPLEID1234567".into()))),
        ] {
            assert_eq!(aws(text), expected, "{text}");
        }
        for (text, kind) in [
            ("arn:aws:iam::111122223333:user/alice", PrincipalKind::User),
            ("arn:aws:iam::111122223333:user/a/b/alice@example.com", PrincipalKind::User),
            ("arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/R", PrincipalKind::Role),
            ("arn:aws:sts::111122223333:assumed-role/R/session+1", PrincipalKind::RoleSession),
            ("arn:aws-us-gov:sts::111122223333:federated-user/bob", PrincipalKind::FederatedUser),
        ] {
            assert_eq!(aws(text), arn(text, kind), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_principals() {
        use PrincipalFault::{Group, Malformed, Wildcard};
        for (text, fault) in [
            ("", Malformed),
            ("alice", Malformed),
            ("11112222333", Malformed),
            ("AROA", Malformed),
            ("AROAexampleid1234567", Malformed),
            ("AGPAEXAMPLEID1234567", Malformed),
            ("**", Wildcard),
            ("arn:aws:iam::*:root", Wildcard),
            ("arn:aws:iam::111122223333:user/*", Wildcard),
            ("arn:aws:iam::111122223333:role/a?", Wildcard),
            ("arn:aws:iam::111122223333:group/admins", Group),
            ("arn:aws:iam::111122223333:user", Malformed),
            ("arn:aws:iam::111122223333:user/", Malformed),
            ("arn:aws:iam::111122223333:user/a b", Malformed),
            ("arn:aws:iam::111122223333:user/ä", Malformed),
            ("arn:aws:iam::111122223333:user/p q/a", Malformed),
            ("arn:aws:iam::111122223333:root/x", Malformed),
            ("arn:aws:iam::111122223333:Root", Malformed),
            ("arn:aws:iam::1:root", Malformed),
            ("arn:aws:iam::111122223333", Malformed),
            ("arn:aws:iam:us-east-1:111122223333:root", Malformed),
            ("arn:other:iam::111122223333:root", Malformed),
            ("arn:aws:sts::111122223333:root", Malformed),
            ("arn:aws:sts::111122223333:assumed-role/R", Malformed),
            ("arn:aws:sts::111122223333:assumed-role/R/", Malformed),
            ("arn:aws:sts::111122223333:assumed-role/R/s/t", Malformed),
            ("arn:aws:sts::111122223333:role/R", Malformed),
            ("arn:aws:iam::111122223333:saml-provider/p", Malformed),
            ("s3.amazonaws.com", Malformed),
        ] {
            assert_eq!(aws(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn federated_principals_are_openid_connect_providers() {
        for good in [
            "arn:aws:iam::111122223333:oidc-provider/oidc.example.com",
            "arn:aws-cn:iam::111122223333:oidc-provider/oidc.example.com:8443/id/1",
        ] {
            assert_eq!(federated(good), Ok(Principal::Federated(good.into())));
        }
        for (bad, fault) in [
            ("", PrincipalFault::Malformed),
            ("cognito-identity.amazonaws.com", PrincipalFault::Malformed),
            ("arn:aws:iam::111122223333:saml-provider/p", PrincipalFault::Malformed),
            ("arn:aws:iam::111122223333:oidc-provider/", PrincipalFault::Malformed),
            ("arn:aws:iam::111122223333:oidc-provider//a", PrincipalFault::Malformed),
            ("arn:aws:sts::111122223333:oidc-provider/a", PrincipalFault::Malformed),
            ("arn:aws:iam::1:oidc-provider/a", PrincipalFault::Malformed),
            ("*", PrincipalFault::Wildcard),
            ("arn:aws:iam::111122223333:oidc-provider/*", PrincipalFault::Wildcard),
        ] {
            assert_eq!(federated(bad), Err(fault), "{bad}");
        }
    }

    #[test]
    fn services_are_names_below_amazonaws_com() {
        for good in ["s3.amazonaws.com", "logs.eu-central-1.amazonaws.com", "ec2.amazonaws.com.cn"] {
            assert_eq!(service(good), Ok(Principal::Service(good.into())));
        }
        for bad in
            ["", "s3", "amazonaws.com", ".amazonaws.com", "a..amazonaws.com", "s3.example.com", "s 3.amazonaws.com"]
        {
            assert_eq!(service(bad), Err(PrincipalFault::Malformed), "{bad}");
        }
        assert_eq!(service("*.amazonaws.com"), Err(PrincipalFault::Wildcard));
    }
}
