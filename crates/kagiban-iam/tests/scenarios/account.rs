//! The account: alias, summary, and everything at once.

use std::collections::BTreeMap;

use crate::support::{World, allow, decoded};

async fn aliases(world: &World, account: &str) -> Vec<String> {
    let answer = world.root_of(account).iam("ListAccountAliases", &[]).await.unwrap();
    assert_eq!(answer.text("IsTruncated"), "false");
    answer.texts("AccountAliases/member")
}

#[tokio::test]
async fn an_alias_is_of_one_account() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    assert_eq!(aliases(&world, "111122223333").await, [""; 0]);
    for alias in ["team-a", "team-a", "team-b"] {
        admin.iam("CreateAccountAlias", &[("AccountAlias", alias)]).await.unwrap();
        assert_eq!(aliases(&world, "111122223333").await, [alias]);
    }
    let other = world.root_of("444455556666");
    let taken = "The account alias team-b already exists.";
    other.refused(&[("CreateAccountAlias", &[("AccountAlias", "team-b")], "EntityAlreadyExists", taken)]).await;
    // The one that was given up is free.
    other.iam("CreateAccountAlias", &[("AccountAlias", "team-a")]).await.unwrap();
    admin
        .refused(&[
            (
                "DeleteAccountAlias",
                &[("AccountAlias", "team-a")],
                "NoSuchEntity",
                "The Account Alias team-a cannot be found.",
            ),
            ("CreateAccountAlias", &[("AccountAlias", "ab")], "ValidationError", "..."),
            ("CreateAccountAlias", &[("AccountAlias", "Team")], "ValidationError", "..."),
            ("CreateAccountAlias", &[("AccountAlias", "-ab")], "ValidationError", "..."),
            ("CreateAccountAlias", &[("AccountAlias", "a--b")], "ValidationError", "..."),
            ("CreateAccountAlias", &[("AccountAlias", "444455556666")], "ValidationError", "..."),
        ])
        .await;
    admin.iam("DeleteAccountAlias", &[("AccountAlias", "team-b")]).await.unwrap();
    let restarted = world.restarted().await;
    assert_eq!(aliases(&restarted, "111122223333").await, [""; 0]);
    assert_eq!(aliases(&restarted, "444455556666").await, ["team-a"]);
}

#[tokio::test]
async fn the_summary_counts_what_is_there() {
    let world = World::production().await;
    let root = world.root();
    let summary = async || {
        let answer = root.iam("GetAccountSummary", &[]).await.unwrap();
        let (keys, values) = (answer.texts("SummaryMap/entry/key"), answer.texts("SummaryMap/entry/value"));
        keys.into_iter().zip(values.iter().map(|value| value.parse::<i32>().unwrap())).collect::<BTreeMap<_, _>>()
    };
    let before = summary().await;
    for (key, value) in [
        ("Users", 0),
        ("UsersQuota", 5000),
        ("GroupsQuota", 300),
        ("RolesQuota", 1000),
        ("PoliciesQuota", 1500),
        ("AccessKeysPerUserQuota", 2),
        ("GroupsPerUserQuota", 10),
        ("VersionsPerPolicyQuota", 5),
        ("PolicySizeQuota", 6144),
        ("UserPolicySizeQuota", 2048),
        ("AccountAccessKeysPresent", 1),
        ("AccountMFAEnabled", 0),
        ("ServerCertificates", 0),
    ] {
        assert_eq!(before.get(key), Some(&value), "{key}");
    }
    assert_eq!(before.len(), 34);
    let document = allow("kms:*", "*");
    let trust =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}"#;
    for (operation, parameters) in [
        ("CreateUser", &[("UserName", "a")][..]),
        ("CreateUser", &[("UserName", "b")]),
        ("CreateGroup", &[("GroupName", "g")]),
        ("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", trust)]),
        ("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &document)]),
        ("CreatePolicyVersion", &[("PolicyArn", "arn:aws:iam::111122223333:policy/p"), ("PolicyDocument", &document)]),
        ("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "d")]),
        ("CreateOpenIDConnectProvider", &[("Url", "https://id.example")]),
        ("DeleteUser", &[("UserName", "b")]),
    ] {
        root.iam(operation, parameters).await.unwrap();
    }
    let mut expected = before.clone();
    for (key, value) in [
        ("Users", 1),
        ("Groups", 1),
        ("Roles", 1),
        ("Policies", 1),
        ("PolicyVersionsInUse", 2),
        ("MFADevices", 1),
        ("Providers", 1),
    ] {
        expected.insert(key.to_owned(), value);
    }
    assert_eq!(summary().await, expected);
    for (operation, parameters) in [
        ("DeleteUser", &[("UserName", "a")][..]),
        ("DeleteGroup", &[("GroupName", "g")]),
        ("DeleteRole", &[("RoleName", "r")]),
        ("DeletePolicyVersion", &[("PolicyArn", "arn:aws:iam::111122223333:policy/p"), ("VersionId", "v2")]),
        ("DeletePolicy", &[("PolicyArn", "arn:aws:iam::111122223333:policy/p")]),
        ("DeleteVirtualMFADevice", &[("SerialNumber", "arn:aws:iam::111122223333:mfa/d")]),
        (
            "DeleteOpenIDConnectProvider",
            &[("OpenIDConnectProviderArn", "arn:aws:iam::111122223333:oidc-provider/id.example")],
        ),
    ] {
        root.iam(operation, parameters).await.unwrap();
    }
    assert_eq!(summary().await, before);
}

#[tokio::test]
async fn the_details_show_everybody_and_everything() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    let document = allow("kms:Decrypt", "*");
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/admin"},"Action":"sts:AssumeRole"}}"#;
    let own = "arn:aws:iam::111122223333:policy/p";
    let aws = "arn:aws:iam::aws:policy/AdministratorAccess";
    for (operation, parameters) in [
        ("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", document.as_str())][..]),
        ("CreateGroup", &[("GroupName", "ops")]),
        ("AddUserToGroup", &[("GroupName", "ops"), ("UserName", "admin")]),
        ("AttachGroupPolicy", &[("GroupName", "ops"), ("PolicyArn", aws)]),
        ("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", trust), ("PermissionsBoundary", own)]),
        ("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "inline"), ("PolicyDocument", &document)]),
        ("CreateUser", &[("UserName", "Zoe"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")]),
    ] {
        admin.iam(operation, parameters).await.unwrap();
    }
    let all = admin.iam("GetAccountAuthorizationDetails", &[]).await.unwrap();
    for (path, expected) in [
        ("UserDetailList/member/UserName", &["admin", "Zoe"][..]),
        ("UserDetailList/member/GroupList/member", &["ops"]),
        ("UserDetailList/member/UserPolicyList/member/PolicyName", &["p"]),
        ("UserDetailList/member/Tags/member/Key", &["k"]),
        ("GroupDetailList/member/GroupName", &["ops"]),
        ("GroupDetailList/member/AttachedManagedPolicies/member/PolicyArn", &[aws]),
        ("RoleDetailList/member/RoleName", &["r"]),
        ("RoleDetailList/member/PermissionsBoundary/PermissionsBoundaryArn", &[own]),
        ("Policies/member/Arn", &[own, aws]),
        ("Policies/member/AttachmentCount", &["0", "1"]),
        ("Policies/member/PermissionsBoundaryUsageCount", &["1", "0"]),
        ("IsTruncated", &["false"]),
    ] {
        assert_eq!(all.texts(path), expected, "{path}");
    }
    assert_eq!(decoded(&all.text("RoleDetailList/member/AssumeRolePolicyDocument")), trust);
    assert_eq!(decoded(&all.text("RoleDetailList/member/RolePolicyList/member/PolicyDocument")), document);
    let own_version = all.texts("Policies/member/PolicyVersionList/member/Document");
    assert_eq!(decoded(own_version.first().unwrap()), document);
    // In pages, whatever their size, and by filter.
    let names = [
        "UserDetailList/member/UserName",
        "GroupDetailList/member/GroupName",
        "RoleDetailList/member/RoleName",
        "Policies/member/PolicyName",
    ];
    for (filter, expected) in [
        (None, &["admin", "Zoe", "ops", "r", "p", "AdministratorAccess"][..]),
        (Some("User"), &["admin", "Zoe"]),
        (Some("Group"), &["ops"]),
        (Some("Role"), &["r"]),
        (Some("LocalManagedPolicy"), &["p"]),
        (Some("AWSManagedPolicy"), &["AdministratorAccess"]),
    ] {
        for size in ["1", "2", "4", "100"] {
            let (mut seen, mut marker) = (Vec::new(), None::<String>);
            loop {
                let mut parameters = vec![("MaxItems", size)];
                parameters.extend(filter.map(|filter| ("Filter.member.1", filter)));
                parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
                let page = admin.iam("GetAccountAuthorizationDetails", &parameters).await.unwrap();
                seen.extend(names.iter().flat_map(|path| page.texts(path)));
                if !page.has("Marker") {
                    break;
                }
                marker = Some(page.text("Marker"));
            }
            assert_eq!(seen, expected, "{filter:?} by {size}");
        }
    }
}
