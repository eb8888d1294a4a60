//! Which permission each operation on users, groups, access keys, MFA devices, providers and the account asks for, and on
//! what: denied without it, denied against it, allowed with it and nothing else; the same words for what is not there.

use crate::support::{ACCOUNT, Client, Parameters, World, allow};

/// Operation, parameters, resource. `KEY` stands for the access key of the user bob.
pub(crate) const ASKED: &[(&str, Parameters<'_>, &str)] = &[
    ("CreateUser", &[("UserName", "eve")], "user/eve"),
    ("CreateUser", &[("UserName", "eve"), ("Path", "/y/")], "user/y/eve"),
    ("CreateUser", &[("UserName", "bob")], "user/bob"),
    ("GetUser", &[("UserName", "bob")], "user/x/bob"),
    ("GetUser", &[("UserName", "BOB")], "user/x/bob"),
    ("GetUser", &[("UserName", "eve")], "user/eve"),
    ("GetUser", &[], "user/tester"),
    ("UpdateUser", &[("UserName", "bob")], "user/x/bob"),
    ("UpdateUser", &[("UserName", "eve"), ("NewUserName", "bob")], "user/eve"),
    ("DeleteUser", &[("UserName", "bob")], "user/x/bob"),
    ("DeleteUser", &[("UserName", "eve")], "user/eve"),
    ("ListUsers", &[], "*"),
    ("TagUser", &[("UserName", "bob"), ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")], "user/x/bob"),
    ("TagUser", &[("UserName", "eve"), ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")], "user/eve"),
    ("UntagUser", &[("UserName", "bob"), ("TagKeys.member.1", "a")], "user/x/bob"),
    ("UntagUser", &[("UserName", "eve"), ("TagKeys.member.1", "a")], "user/eve"),
    ("ListUserTags", &[("UserName", "bob")], "user/x/bob"),
    ("ListUserTags", &[("UserName", "eve")], "user/eve"),
    ("CreateGroup", &[("GroupName", "dev"), ("Path", "/y/")], "group/y/dev"),
    ("CreateGroup", &[("GroupName", "ops")], "group/ops"),
    ("GetGroup", &[("GroupName", "ops")], "group/g/ops"),
    ("GetGroup", &[("GroupName", "dev")], "group/dev"),
    ("UpdateGroup", &[("GroupName", "ops")], "group/g/ops"),
    ("UpdateGroup", &[("GroupName", "dev"), ("NewPath", "/g/")], "group/dev"),
    ("DeleteGroup", &[("GroupName", "ops")], "group/g/ops"),
    ("DeleteGroup", &[("GroupName", "dev")], "group/dev"),
    ("ListGroups", &[], "*"),
    ("AddUserToGroup", &[("GroupName", "ops"), ("UserName", "bob")], "group/g/ops"),
    ("AddUserToGroup", &[("GroupName", "ops"), ("UserName", "eve")], "group/g/ops"),
    ("AddUserToGroup", &[("GroupName", "dev"), ("UserName", "bob")], "group/dev"),
    ("RemoveUserFromGroup", &[("GroupName", "ops"), ("UserName", "bob")], "group/g/ops"),
    ("RemoveUserFromGroup", &[("GroupName", "dev"), ("UserName", "bob")], "group/dev"),
    ("ListGroupsForUser", &[("UserName", "bob")], "user/x/bob"),
    ("ListGroupsForUser", &[("UserName", "eve")], "user/eve"),
    ("CreateAccessKey", &[("UserName", "bob")], "user/x/bob"),
    ("CreateAccessKey", &[("UserName", "eve")], "user/eve"),
    ("CreateAccessKey", &[], "user/tester"),
    ("ListAccessKeys", &[("UserName", "bob")], "user/x/bob"),
    ("ListAccessKeys", &[("UserName", "eve")], "user/eve"),
    ("ListAccessKeys", &[], "user/tester"),
    ("UpdateAccessKey", &[("UserName", "bob"), ("AccessKeyId", "KEY"), ("Status", "Inactive")], "user/x/bob"),
    ("UpdateAccessKey", &[("AccessKeyId", "KEY"), ("Status", "Inactive")], "user/tester"),
    ("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", "KEY")], "user/x/bob"),
    ("DeleteAccessKey", &[("UserName", "eve"), ("AccessKeyId", "KEY")], "user/eve"),
    ("DeleteAccessKey", &[("AccessKeyId", "KEY")], "user/tester"),
    ("GetAccessKeyLastUsed", &[("AccessKeyId", "KEY")], "user/x/bob"),
    ("GetAccessKeyLastUsed", &[("AccessKeyId", "AKIAUNKNOWNUNKNOWN00")], "*"),
    ("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "new"), ("Path", "/y/")], "mfa/y/new"),
    ("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "dev"), ("Path", "/m/")], "mfa/m/dev"),
    ("DeleteVirtualMFADevice", &[("SerialNumber", "arn:aws:iam::111122223333:mfa/m/dev")], "mfa/m/dev"),
    ("DeleteVirtualMFADevice", &[("SerialNumber", "arn:aws:iam::111122223333:mfa/none")], "mfa/none"),
    ("ListVirtualMFADevices", &[], "*"),
    ("EnableMFADevice", CODES_BOB, "user/x/bob"),
    ("EnableMFADevice", CODES_EVE, "user/eve"),
    ("ResyncMFADevice", CODES_BOB, "user/x/bob"),
    (
        "DeactivateMFADevice",
        &[("UserName", "bob"), ("SerialNumber", "arn:aws:iam::111122223333:mfa/m/dev")],
        "user/x/bob",
    ),
    ("DeactivateMFADevice", &[("SerialNumber", "arn:aws:iam::111122223333:mfa/m/dev")], "user/tester"),
    ("GetMFADevice", &[("UserName", "bob"), ("SerialNumber", "arn:aws:iam::111122223333:mfa/m/dev")], "user/x/bob"),
    ("GetMFADevice", &[("SerialNumber", "arn:aws:iam::111122223333:mfa/none")], "user/tester"),
    ("ListMFADevices", &[("UserName", "bob")], "user/x/bob"),
    ("ListMFADevices", &[], "user/tester"),
    ("ListMFADeviceTags", &[("SerialNumber", "arn:aws:iam::111122223333:mfa/m/dev")], "mfa/m/dev"),
    (
        "TagMFADevice",
        &[
            ("SerialNumber", "arn:aws:iam::111122223333:mfa/m/dev"),
            ("Tags.member.1.Key", "a"),
            ("Tags.member.1.Value", "b"),
        ],
        "mfa/m/dev",
    ),
    (
        "UntagMFADevice",
        &[("SerialNumber", "arn:aws:iam::111122223333:mfa/none"), ("TagKeys.member.1", "a")],
        "mfa/none",
    ),
    ("CreateOpenIDConnectProvider", &[("Url", "https://new.example/a")], "oidc-provider/new.example/a"),
    ("CreateOpenIDConnectProvider", &[("Url", "https://id.example")], "oidc-provider/id.example"),
    ("GetOpenIDConnectProvider", PROVIDER, "oidc-provider/id.example"),
    ("GetOpenIDConnectProvider", NO_PROVIDER, "oidc-provider/none.example"),
    ("ListOpenIDConnectProviders", &[], "*"),
    ("DeleteOpenIDConnectProvider", PROVIDER, "oidc-provider/id.example"),
    ("DeleteOpenIDConnectProvider", NO_PROVIDER, "oidc-provider/none.example"),
    (
        "AddClientIDToOpenIDConnectProvider",
        &[("OpenIDConnectProviderArn", "arn:aws:iam::111122223333:oidc-provider/id.example"), ("ClientID", "c")],
        "oidc-provider/id.example",
    ),
    (
        "RemoveClientIDFromOpenIDConnectProvider",
        &[("OpenIDConnectProviderArn", "arn:aws:iam::111122223333:oidc-provider/id.example"), ("ClientID", "c")],
        "oidc-provider/id.example",
    ),
    (
        "UpdateOpenIDConnectProviderThumbprint",
        &[
            ("OpenIDConnectProviderArn", "arn:aws:iam::111122223333:oidc-provider/id.example"),
            ("ThumbprintList.member.1", "0123456789abcdef0123456789abcdef01234567"),
        ],
        "oidc-provider/id.example",
    ),
    (
        "TagOpenIDConnectProvider",
        &[
            ("OpenIDConnectProviderArn", "arn:aws:iam::111122223333:oidc-provider/id.example"),
            ("Tags.member.1.Key", "a"),
            ("Tags.member.1.Value", "b"),
        ],
        "oidc-provider/id.example",
    ),
    (
        "UntagOpenIDConnectProvider",
        &[
            ("OpenIDConnectProviderArn", "arn:aws:iam::111122223333:oidc-provider/id.example"),
            ("TagKeys.member.1", "a"),
        ],
        "oidc-provider/id.example",
    ),
    ("ListOpenIDConnectProviderTags", PROVIDER, "oidc-provider/id.example"),
    ("CreateAccountAlias", &[("AccountAlias", "new-name")], "*"),
    ("DeleteAccountAlias", &[("AccountAlias", "old-name")], "*"),
    ("ListAccountAliases", &[], "*"),
    ("GetAccountSummary", &[], "*"),
    ("GetAccountAuthorizationDetails", &[], "*"),
];
const CODES_BOB: Parameters<'_> = &[
    ("UserName", "bob"),
    ("SerialNumber", "arn:aws:iam::111122223333:mfa/m/dev"),
    ("AuthenticationCode1", "000000"),
    ("AuthenticationCode2", "000001"),
];
const CODES_EVE: Parameters<'_> = &[
    ("UserName", "eve"),
    ("SerialNumber", "arn:aws:iam::111122223333:mfa/m/dev"),
    ("AuthenticationCode1", "000000"),
    ("AuthenticationCode2", "000001"),
];
const PROVIDER: Parameters<'_> = &[("OpenIDConnectProviderArn", "arn:aws:iam::111122223333:oidc-provider/id.example")];
const NO_PROVIDER: Parameters<'_> =
    &[("OpenIDConnectProviderArn", "arn:aws:iam::111122223333:oidc-provider/none.example")];

/// A world in which half of what the table names exists. Returns the id of bob's access key.
pub(crate) async fn furnish(root: &Client<'_>) -> String {
    for (operation, parameters) in [
        ("CreateUser", &[("UserName", "bob"), ("Path", "/x/")][..]),
        ("CreateGroup", &[("GroupName", "ops"), ("Path", "/g/")]),
        ("AddUserToGroup", &[("GroupName", "ops"), ("UserName", "bob")]),
        ("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "dev"), ("Path", "/m/")]),
        ("CreateOpenIDConnectProvider", &[("Url", "https://id.example")]),
        ("CreateAccountAlias", &[("AccountAlias", "old-name")]),
    ] {
        root.iam(operation, parameters).await.unwrap();
    }
    root.iam("CreateAccessKey", &[("UserName", "bob")]).await.unwrap().text("AccessKey/AccessKeyId")
}

pub(crate) fn filled<'a>(parameters: Parameters<'a>, key: &'a str) -> Vec<(&'a str, &'a str)> {
    parameters.iter().map(|(name, value)| (*name, if *value == "KEY" { key } else { *value })).collect()
}

/// Every operation stands in this table or in the one of policies and roles.
#[test]
fn no_operation_is_left_out() {
    let policies: Vec<&str> = crate::policy_permissions::ROWS.iter().map(|row| row.0).collect();
    for operation in kagiban_api::iam::Operation::ALL {
        let name = operation.name();
        assert!(ASKED.iter().any(|row| row.0 == name) || policies.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn each_operation_asks_for_its_permission_on_its_resource() {
    for (operation, parameters, resource) in ASKED {
        let world = World::new().await;
        let key = furnish(&world.root()).await;
        let parameters = &filled(parameters, &key);
        let resource = if *resource == "*" { "*".to_owned() } else { format!("arn:aws:iam::{ACCOUNT}:{resource}") };
        let tester = world.user("tester", "").await;
        let head = format!(
            "User: arn:aws:iam::{ACCOUNT}:user/tester is not authorized to perform: iam:{operation} on resource: {resource}"
        );
        let others = format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","NotAction":"iam:{operation}","Resource":"*"}},
            {{"Effect":"Allow","Action":"iam:{operation}","NotResource":["{resource}"]}}]}}"#
        );
        let denied = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Action":"iam:{operation}","Resource":"{resource}"}}]}}"#
        );
        let implicit = format!("{head} because no identity-based policy allows the iam:{operation} action");
        let explicit = format!("{head} with an explicit deny in an identity-based policy");
        for (policy, message) in [(None, &implicit), (Some(&others), &implicit), (Some(&denied), &explicit)] {
            if let Some(policy) = policy {
                world.root().allow("tester", policy).await;
            }
            let refused = tester.iam(operation, parameters).await.unwrap_err();
            assert_eq!((refused.status, refused.code.as_str()), (403, "AccessDenied"), "{operation} {refused:?}");
            assert_eq!(&refused.message, message);
        }
        world.root().allow("tester", &allow(&format!("iam:{operation}"), &resource)).await;
        if let Err(refused) = tester.iam(operation, parameters).await {
            assert_ne!(refused.code, "AccessDenied", "{operation} {parameters:?} {refused:?}");
        }
    }
}

/// Tags that come with something new need the permission to tag, too; what moves needs permission at both ends.
#[tokio::test]
async fn some_operations_need_two_permissions() {
    let world = World::new().await;
    furnish(&world.root()).await;
    let tester = world.user("tester", "").await;
    let tags = [("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")];
    let with = |more: &[(&'static str, &'static str)]| [more, &tags[..]].concat();
    for (operation, parameters, one, both, denied) in [
        (
            "CreateUser",
            with(&[("UserName", "eve")]),
            allow("iam:CreateUser", "*"),
            allow("iam:CreateUser,iam:TagUser", "*"),
            "iam:TagUser",
        ),
        (
            "CreateVirtualMFADevice",
            with(&[("VirtualMFADeviceName", "new")]),
            allow("iam:CreateVirtualMFADevice", "*"),
            allow("iam:CreateVirtualMFADevice,iam:TagMFADevice", "*"),
            "iam:TagMFADevice",
        ),
        (
            "CreateOpenIDConnectProvider",
            with(&[("Url", "https://new.example")]),
            allow("iam:CreateOpenIDConnectProvider", "*"),
            allow("iam:CreateOpenIDConnectProvider,iam:TagOpenIDConnectProvider", "*"),
            "iam:TagOpenIDConnectProvider",
        ),
        (
            "UpdateUser",
            vec![("UserName", "bob"), ("NewPath", "/z/")],
            allow("iam:UpdateUser", "arn:aws:iam::*:user/x/*"),
            allow("iam:UpdateUser", "arn:aws:iam::*:user/*"),
            "iam:UpdateUser on resource: arn:aws:iam::111122223333:user/z/bob",
        ),
        (
            "UpdateGroup",
            vec![("GroupName", "ops"), ("NewGroupName", "admins")],
            allow("iam:UpdateGroup", "arn:aws:iam::*:group/g/ops"),
            allow("iam:UpdateGroup", "arn:aws:iam::*:group/*"),
            "iam:UpdateGroup on resource: arn:aws:iam::111122223333:group/g/admins",
        ),
    ] {
        world.root().allow("tester", &one).await;
        let refused = tester.iam(operation, &parameters).await.unwrap_err();
        assert_eq!(refused.code, "AccessDenied", "{operation}");
        assert!(refused.message.contains(&format!("perform: {denied}")), "{refused:?}");
        world.root().allow("tester", &both).await;
        tester.iam(operation, &parameters).await.unwrap();
    }
}

/// Conditions on tags, of what is there and of what is asked for.
#[tokio::test]
async fn tags_decide() {
    let world = World::new().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["iam:CreateUser","iam:TagUser"],"Resource":"*","Condition":{
            "StringEquals":{"aws:RequestTag/team":"blue"},"ForAllValues:StringEquals":{"aws:TagKeys":["team","Cost"]}}},
        {"Effect":"Allow","Action":["iam:UntagUser"],"Resource":"*","Condition":{
            "StringEquals":{"iam:ResourceTag/Team":"blue"},"ForAllValues:StringEquals":{"aws:TagKeys":["cost"]},
            "Null":{"aws:RequestTag/cost":"true"}}},
        {"Effect":"Allow","Action":["iam:DeleteUser"],"Resource":"*",
            "Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}]}"#;
    let tester = world.user("tester", policy).await;
    let root = world.root();
    root.iam("CreateUser", &[("UserName", "plain")]).await.unwrap();
    let tag = |n: usize, key: &'static str, value: &'static str| {
        [(format!("Tags.member.{n}.Key"), key), (format!("Tags.member.{n}.Value"), value)]
    };
    let one = |key, value| tag(1, key, value).to_vec();
    let two = |key, value| [tag(1, "team", "blue"), tag(2, key, value)].concat();
    for (operation, user, parameters, is_allowed) in [
        ("CreateUser", "ann", one("team", "red"), false),
        ("CreateUser", "ann", vec![], false),
        ("CreateUser", "ann", two("boss", "yes"), false),
        ("CreateUser", "ann", two("Cost", "1"), true),
        ("TagUser", "plain", one("Team", "blue"), false),
        ("TagUser", "plain", one("cost", "1"), false),
        ("UntagUser", "ann", vec![("TagKeys.member.1".to_owned(), "team")], false),
        ("UntagUser", "plain", vec![("TagKeys.member.1".to_owned(), "cost")], false),
        ("UntagUser", "ann", vec![("TagKeys.member.1".to_owned(), "cost")], true),
        ("DeleteUser", "ann", vec![], false),
    ] {
        let parameters: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let answer = tester.iam(operation, &[&[("UserName", user)], &parameters[..]].concat()).await;
        let is_denied = answer.as_ref().is_err_and(|refused| refused.code == "AccessDenied");
        assert_eq!(
            (answer.is_ok(), is_denied),
            (is_allowed, !is_allowed),
            "{operation} {user} {parameters:?} {answer:?}"
        );
    }
    let tag = [("UserName", "tester"), ("Tags.member.1.Key", "TEAM"), ("Tags.member.1.Value", "blue")];
    root.iam("TagUser", &tag).await.unwrap();
    tester.iam("DeleteUser", &[("UserName", "ann")]).await.unwrap();
    let refused = tester.iam("DeleteUser", &[("UserName", "plain")]).await.unwrap_err();
    assert_eq!(refused.code, "AccessDenied");
}

/// Who may only make users that are bounded makes no others.
#[tokio::test]
async fn a_permissions_boundary_can_be_demanded() {
    let world = World::new().await;
    let (bound, other) = ("arn:aws:iam::111122223333:policy/bound", "arn:aws:iam::111122223333:policy/other");
    for name in ["bound", "other"] {
        let document = allow("kms:*", "*");
        let parameters = [("PolicyName", name), ("PolicyDocument", document.as_str())];
        world.root().iam("CreatePolicy", &parameters).await.unwrap();
    }
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:CreateUser","Resource":"*",
        "Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{bound}"}}}}}}}}"#
    );
    let tester = world.user("tester", &policy).await;
    let name = ("UserName", "ann");
    for (parameters, is_allowed) in [
        (&[name][..], false),
        (&[name, ("PermissionsBoundary", other)], false),
        (&[name, ("PermissionsBoundary", bound)], true),
    ] {
        let code = tester.iam("CreateUser", parameters).await.err().map(|refused| refused.code);
        assert_eq!(code.as_deref(), (!is_allowed).then_some("AccessDenied"), "{parameters:?}");
    }
}

/// Sessions of roles have no user to mean when they name none.
#[tokio::test]
async fn a_role_session_must_name_the_user() {
    let world = World::new().await;
    let root = world.root();
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"sts:AssumeRole"}}}}"#
    );
    let role = root.iam("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", &trust)]).await.unwrap();
    let document = allow("iam:*", "*");
    let policy = [("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", document.as_str())];
    root.iam("PutRolePolicy", &policy).await.unwrap();
    let ann = world.user("ann", &allow("sts:AssumeRole", "*")).await;
    let arn = role.text("Role/Arn");
    let assumed = ann.sts("AssumeRole", &[("RoleArn", &arn), ("RoleSessionName", "ses")]).await.unwrap();
    let session = world.session(&assumed);
    let serial = ("SerialNumber", "arn:aws:iam::111122223333:mfa/none");
    let key = ("AccessKeyId", ann.keys.id.as_str());
    for (operation, parameters) in [
        ("GetUser", &[][..]),
        ("CreateAccessKey", &[]),
        ("ListAccessKeys", &[]),
        ("UpdateAccessKey", &[key, ("Status", "Inactive")]),
        ("DeleteAccessKey", &[key]),
        ("ListMFADevices", &[]),
        ("GetMFADevice", &[serial]),
        ("DeactivateMFADevice", &[serial]),
    ] {
        let message = "Must specify userName when calling with non-User credentials";
        session.refused(&[(operation, parameters, "ValidationError", message)]).await;
    }
    session.iam("GetUser", &[("UserName", "ann")]).await.unwrap();
}
