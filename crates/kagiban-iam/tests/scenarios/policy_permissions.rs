//! Each operation on roles, policies and attachments needs its own permission on the very entity, and tells the denied
//! nothing about what exists.

use crate::support::{ACCOUNT, Client, Parameters, World, allow};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}"#;
const DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;

/// An operation, what it is about (the part of the ARN after the account; empty for `*`), and its parameters.
pub(crate) type Row = (&'static str, &'static str, Parameters<'static>);

const P: (&str, &str) = ("PolicyArn", "arn:aws:iam::111122223333:policy/p/P");
const LONE: (&str, &str) = ("PolicyArn", "arn:aws:iam::111122223333:policy/Lone");
const ROLE: (&str, &str) = ("RoleName", "R");
const USER: (&str, &str) = ("UserName", "U");
const GROUP: (&str, &str) = ("GroupName", "G");
const INLINE: (&str, &str) = ("PolicyName", "inline");
const BOUNDARY: (&str, &str) = ("PermissionsBoundary", "arn:aws:iam::111122223333:policy/Lone");
const TAG_KEY: (&str, &str) = ("Tags.member.1.Key", "k");
const TAG_VALUE: (&str, &str) = ("Tags.member.1.Value", "v");
const DOC: (&str, &str) = ("PolicyDocument", DOCUMENT);
const SOURCE: (&str, &str) = ("PolicySourceArn", "arn:aws:iam::111122223333:user/u/U");

pub(crate) const ROWS: [Row; 54] = [
    ("AttachGroupPolicy", "group/G", &[GROUP, LONE]),
    ("AttachRolePolicy", "role/r/R", &[ROLE, LONE]),
    ("AttachUserPolicy", "user/u/U", &[USER, LONE]),
    ("CreatePolicy", "policy/new/New", &[("PolicyName", "New"), ("Path", "/new/"), DOC]),
    ("CreatePolicyVersion", "policy/p/P", &[P, DOC]),
    ("CreateRole", "role/new/New", &[("RoleName", "New"), ("Path", "/new/"), ("AssumeRolePolicyDocument", TRUST)]),
    (
        "CreateServiceLinkedRole",
        "role/aws-service-role/s3.amazonaws.com/AWSServiceRoleForS3",
        &[("AWSServiceName", "s3.amazonaws.com")],
    ),
    ("DeleteGroupPolicy", "group/G", &[GROUP, INLINE]),
    ("DeletePolicy", "policy/Lone", &[LONE]),
    ("DeletePolicyVersion", "policy/p/P", &[P, ("VersionId", "v2")]),
    ("DeleteRole", "role/Empty", &[("RoleName", "Empty")]),
    ("DeleteRolePermissionsBoundary", "role/r/R", &[ROLE]),
    ("DeleteRolePolicy", "role/r/R", &[ROLE, INLINE]),
    ("DeleteUserPermissionsBoundary", "user/u/U", &[USER]),
    ("DeleteUserPolicy", "user/u/U", &[USER, INLINE]),
    ("DetachGroupPolicy", "group/G", &[GROUP, P]),
    ("DetachRolePolicy", "role/r/R", &[ROLE, P]),
    ("DetachUserPolicy", "user/u/U", &[USER, P]),
    ("GetContextKeysForCustomPolicy", "", &[("PolicyInputList.member.1", DOCUMENT)]),
    ("GetContextKeysForPrincipalPolicy", "user/u/U", &[SOURCE]),
    ("GetGroupPolicy", "group/G", &[GROUP, INLINE]),
    ("GetPolicy", "policy/p/P", &[P]),
    ("GetPolicyVersion", "policy/p/P", &[P, ("VersionId", "v2")]),
    ("GetRole", "role/r/R", &[ROLE]),
    ("GetRolePolicy", "role/r/R", &[ROLE, INLINE]),
    ("GetUserPolicy", "user/u/U", &[USER, INLINE]),
    ("ListAttachedGroupPolicies", "group/G", &[GROUP]),
    ("ListAttachedRolePolicies", "role/r/R", &[ROLE]),
    ("ListAttachedUserPolicies", "user/u/U", &[USER]),
    ("ListEntitiesForPolicy", "policy/p/P", &[P]),
    ("ListGroupPolicies", "group/G", &[GROUP]),
    ("ListInstanceProfilesForRole", "role/r/R", &[ROLE]),
    ("ListPolicies", "", &[]),
    ("ListPolicyTags", "policy/p/P", &[P]),
    ("ListPolicyVersions", "policy/p/P", &[P]),
    ("ListRolePolicies", "role/r/R", &[ROLE]),
    ("ListRoleTags", "role/r/R", &[ROLE]),
    ("ListRoles", "", &[]),
    ("ListUserPolicies", "user/u/U", &[USER]),
    ("PutGroupPolicy", "group/G", &[GROUP, INLINE, DOC]),
    ("PutRolePermissionsBoundary", "role/r/R", &[ROLE, BOUNDARY]),
    ("PutRolePolicy", "role/r/R", &[ROLE, INLINE, DOC]),
    ("PutUserPermissionsBoundary", "user/u/U", &[USER, BOUNDARY]),
    ("PutUserPolicy", "user/u/U", &[USER, INLINE, DOC]),
    ("SetDefaultPolicyVersion", "policy/p/P", &[P, ("VersionId", "v2")]),
    ("SimulateCustomPolicy", "", &[("PolicyInputList.member.1", DOCUMENT), ("ActionNames.member.1", "kms:Sign")]),
    ("SimulatePrincipalPolicy", "user/u/U", &[SOURCE, ("ActionNames.member.1", "kms:Sign")]),
    ("TagPolicy", "policy/p/P", &[P, TAG_KEY, TAG_VALUE]),
    ("TagRole", "role/r/R", &[ROLE, TAG_KEY, TAG_VALUE]),
    ("UntagPolicy", "policy/p/P", &[P, ("TagKeys.member.1", "k")]),
    ("UntagRole", "role/r/R", &[ROLE, ("TagKeys.member.1", "k")]),
    ("UpdateAssumeRolePolicy", "role/r/R", &[ROLE, ("PolicyDocument", TRUST)]),
    ("UpdateRole", "role/r/R", &[ROLE, ("Description", "d")]),
    ("UpdateRoleDescription", "role/r/R", &[ROLE, ("Description", "d")]),
];

/// What the rows are about: a user, a group and a role with the policy P, inline policies and boundaries; a policy and a
/// role that nothing hangs on.
pub(crate) async fn populate(root: &Client<'_>) {
    let calls: [(&str, Parameters<'_>); 16] = [
        ("CreatePolicy", &[("PolicyName", "P"), ("Path", "/p/"), DOC]),
        ("CreatePolicyVersion", &[P, DOC]),
        ("CreatePolicy", &[("PolicyName", "Lone"), DOC]),
        ("CreateUser", &[USER, ("Path", "/u/")]),
        ("CreateGroup", &[GROUP]),
        ("CreateRole", &[ROLE, ("Path", "/r/"), ("AssumeRolePolicyDocument", TRUST)]),
        ("CreateRole", &[("RoleName", "Empty"), ("AssumeRolePolicyDocument", TRUST)]),
        ("AttachUserPolicy", &[USER, P]),
        ("AttachGroupPolicy", &[GROUP, P]),
        ("AttachRolePolicy", &[ROLE, P]),
        ("PutUserPolicy", &[USER, INLINE, DOC]),
        ("PutGroupPolicy", &[GROUP, INLINE, DOC]),
        ("PutRolePolicy", &[ROLE, INLINE, DOC]),
        ("PutUserPermissionsBoundary", &[USER, ("PermissionsBoundary", P.1)]),
        ("PutRolePermissionsBoundary", &[ROLE, ("PermissionsBoundary", P.1)]),
        ("TagRole", &[ROLE, TAG_KEY, TAG_VALUE]),
    ];
    for (operation, parameters) in calls {
        root.iam(operation, parameters).await.unwrap();
    }
}

#[tokio::test]
async fn every_operation_needs_its_permission() {
    for (operation, resource, parameters) in ROWS {
        let world = World::new().await;
        let root = world.root();
        populate(&root).await;
        let resource = if resource.is_empty() { "*".to_owned() } else { format!("arn:aws:iam::{ACCOUNT}:{resource}") };
        let action = format!("iam:{operation}");

        // Everything but the one permission, or the permission on something beside it.
        let deny_it = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","NotAction":"{action}","Resource":"*"}}]}}"#
        );
        let beside = allow(&action, &format!("{resource}x"));
        for (name, policy) in [("without", deny_it.as_str()), ("beside", beside.as_str())] {
            if name == "beside" && resource == "*" {
                continue;
            }
            let refused = world.user(name, policy).await.iam(operation, parameters).await.unwrap_err();
            assert_eq!((refused.status, refused.code.as_str()), (403, "AccessDenied"), "{operation} {name}");
            let text = format!(
                "User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: {action} on resource: \
                 {resource} because no identity-based policy allows the {action} action"
            );
            assert_eq!(refused.message, text, "{operation}");
        }

        let with = world.user("with", &allow(&action, &resource)).await;
        assert_eq!(with.iam(operation, parameters).await.err(), None, "{operation}");
    }
}

/// Whoever lacks the permission gets the same answer for what is there and for what is not.
#[tokio::test]
async fn the_denied_do_not_learn_what_exists() {
    let world = World::new().await;
    let root = world.root();
    populate(&root).await;
    let nobody = world.user("nobody", "").await;
    for (operation, _, parameters) in ROWS {
        let (here, missing) = (elsewhere(parameters, ""), elsewhere(parameters, "x"));
        if here == missing {
            continue;
        }
        let refused = nobody.iam(operation, &borrowed(&missing)).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (403, "AccessDenied"), "{operation}");
        if operation.starts_with("Create") && !operation.ends_with("Version") {
            continue;
        }
        let refused = root.iam(operation, &borrowed(&missing)).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (404, "NoSuchEntity"), "{operation} {}", refused.message);
    }
}

/// The parameters about an entity that is not there: names and ARNs with something at their end.
fn elsewhere(parameters: Parameters<'_>, end: &str) -> Vec<(String, String)> {
    let is_name = |name: &str| matches!(name, "RoleName" | "UserName" | "GroupName" | "PolicyArn" | "PolicySourceArn");
    let other = |(name, value): &(&str, &str)| {
        let end = if is_name(name) { end } else { "" };
        ((*name).to_owned(), format!("{value}{end}"))
    };
    parameters.iter().map(other).collect()
}

fn borrowed(parameters: &[(String, String)]) -> Vec<(&str, &str)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// A Deny on an entity holds whatever the case in which a request writes its name.
#[tokio::test]
async fn another_case_is_the_same_entity() {
    let world = World::new().await;
    let root = world.root();
    populate(&root).await;
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":["arn:aws:iam::111122223333:role/r/R","arn:aws:iam::111122223333:user/u/U"]}]}"#;
    let user = world.user("admin", deny).await;
    for (operation, parameters) in [
        ("GetRole", &[("RoleName", "r")][..]),
        ("DeleteRole", &[("RoleName", "r")]),
        ("AttachRolePolicy", &[("RoleName", "r"), LONE]),
        ("PutUserPolicy", &[("UserName", "u"), INLINE, DOC]),
        ("DeleteUserPermissionsBoundary", &[("UserName", "u")]),
    ] {
        let refused = user.iam(operation, parameters).await.unwrap_err();
        assert!(refused.message.ends_with("with an explicit deny in an identity-based policy"), "{}", refused.message);
        assert_eq!(refused.code, "AccessDenied");
    }
    assert_eq!(root.iam("GetRole", &[("RoleName", "r")]).await.unwrap().text("Role/RoleName"), "R");
}
