//! Roles: made, shown, changed, listed, tagged, deleted.

use crate::support::{ACCOUNT, Client, World, allow, decoded};

/// A trust policy for these principals of the type AWS.
fn trust(principals: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":{principals}}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

async fn create(root: &Client<'_>, name: &str) {
    let document = trust(&format!("\"{ACCOUNT}\""));
    root.iam("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", &document)]).await.unwrap();
}

#[tokio::test]
async fn a_role_is_what_it_was_made_to_be() {
    let world = World::new().await;
    let root = world.root();
    let document = format!(" {} ", trust("\"111122223333\""));
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let parameters = [
        ("RoleName", "App"),
        ("Path", "/a/b/"),
        ("AssumeRolePolicyDocument", &document),
        ("Description", "für die App"),
        ("MaxSessionDuration", "7200"),
        ("PermissionsBoundary", boundary),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "ä b"),
    ];
    let made = root.iam("CreateRole", &parameters).await.unwrap();
    let shown = root.iam("GetRole", &[("RoleName", "App")]).await.unwrap();
    assert_eq!(made.all("Role"), shown.all("Role"));
    for (path, value) in [
        ("Arn", "arn:aws:iam::111122223333:role/a/b/App"),
        ("RoleName", "App"),
        ("Path", "/a/b/"),
        ("CreateDate", "2026-11-21T12:00:00Z"),
        ("Description", "für die App"),
        ("MaxSessionDuration", "7200"),
        ("PermissionsBoundary/PermissionsBoundaryArn", boundary),
        ("PermissionsBoundary/PermissionsBoundaryType", "Policy"),
        ("Tags/member/Key", "Team"),
        ("Tags/member/Value", "ä b"),
    ] {
        let text = shown.text(&format!("Role/{path}"));
        let text = if text == "PermissionsBoundaryPolicy" { "Policy".to_owned() } else { text };
        assert_eq!(text, value, "{path}");
    }
    assert_eq!(decoded(&shown.text("Role/AssumeRolePolicyDocument")), document);
    assert!(shown.text("Role/RoleId").starts_with("AROA"));

    let china = root.in_region("cn-north-1").iam("GetRole", &[("RoleName", "App")]).await.unwrap();
    assert_eq!(china.text("Role/Arn"), "arn:aws-cn:iam::111122223333:role/a/b/App");
    let arn = china.text("Role/PermissionsBoundary/PermissionsBoundaryArn");
    assert_eq!(arn, "arn:aws-cn:iam::aws:policy/ReadOnlyAccess");

    let other = world.root_of("444455556666");
    assert_eq!(other.iam("GetRole", &[("RoleName", "App")]).await.unwrap_err().code, "NoSuchEntity");
}

#[tokio::test]
async fn what_is_no_role_is_refused() {
    let world = World::new().await;
    let root = world.root();
    create(&root, "App").await;
    let good = trust("\"111122223333\"");
    let padding = "x".repeat(4100);
    let long = good.replace("sts:AssumeRole\"", &format!("sts:AssumeRole\",\"Sid\":\"{padding}\""));
    let resource = good.replace("sts:AssumeRole\"", "sts:AssumeRole\",\"Resource\":\"*\"");
    let missing = "\"arn:aws:iam::111122223333:user/nobody\"";
    let tag = |at: usize| (format!("Tags.member.{at}.Key"), format!("Tags.member.{at}.Value"));
    let (key, value) = tag(1);
    let (second_key, second_value) = tag(2);
    for (parameters, status, code) in [
        (&[("RoleName", "app"), ("AssumeRolePolicyDocument", &good)][..], 409, "EntityAlreadyExists"),
        (&[("RoleName", "a b"), ("AssumeRolePolicyDocument", &good)], 400, "ValidationError"),
        (&[("RoleName", &"a".repeat(65)), ("AssumeRolePolicyDocument", &good)], 400, "ValidationError"),
        (&[("RoleName", "a")], 400, "ValidationError"),
        (&[("RoleName", "a"), ("Path", "a"), ("AssumeRolePolicyDocument", &good)], 400, "ValidationError"),
        (
            &[("RoleName", "a"), ("Path", "/aws-service-role/x/"), ("AssumeRolePolicyDocument", &good)],
            400,
            "ValidationError",
        ),
        (
            &[("RoleName", "a"), ("MaxSessionDuration", "3599"), ("AssumeRolePolicyDocument", &good)],
            400,
            "ValidationError",
        ),
        (&[("RoleName", "a"), ("AssumeRolePolicyDocument", "{")], 400, "MalformedPolicyDocument"),
        (&[("RoleName", "a"), ("AssumeRolePolicyDocument", "[]")], 400, "MalformedPolicyDocument"),
        (
            &[("RoleName", "a"), ("AssumeRolePolicyDocument", &allow("sts:AssumeRole", "*"))],
            400,
            "MalformedPolicyDocument",
        ),
        (&[("RoleName", "a"), ("AssumeRolePolicyDocument", &resource)], 400, "MalformedPolicyDocument"),
        (&[("RoleName", "a"), ("AssumeRolePolicyDocument", &trust(missing))], 400, "MalformedPolicyDocument"),
        (&[("RoleName", "a"), ("AssumeRolePolicyDocument", &long)], 409, "LimitExceeded"),
        (
            &[
                ("RoleName", "a"),
                ("AssumeRolePolicyDocument", &good),
                ("PermissionsBoundary", "arn:aws:iam::111122223333:policy/nothing"),
            ],
            404,
            "NoSuchEntity",
        ),
        (
            &[
                ("RoleName", "a"),
                ("AssumeRolePolicyDocument", &good),
                (&key, "k"),
                (&value, "v"),
                (&second_key, "K"),
                (&second_value, "v"),
            ],
            400,
            "InvalidInput",
        ),
        (
            &[("RoleName", "a"), ("AssumeRolePolicyDocument", &good), (&key, "aws:k"), (&value, "v")],
            400,
            "InvalidInput",
        ),
    ] {
        let refused = root.iam("CreateRole", parameters).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (status, code), "{parameters:?}: {}", refused.message);
        if !refused.message.contains("already exists") {
            assert_eq!(root.iam("GetRole", &[("RoleName", "a")]).await.unwrap_err().code, "NoSuchEntity");
        }
    }
    let refused = root.iam("CreateRole", &[("RoleName", "a"), ("AssumeRolePolicyDocument", &trust(missing))]).await;
    let text = "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:user/nobody\"";
    assert_eq!(refused.unwrap_err().message, text);
}

/// Whoever gets the name of a principal that is gone is somebody else, and the document says so.
#[tokio::test]
async fn a_principal_that_is_gone_shows_as_its_unique_id() {
    let world = World::new().await;
    let root = world.root();
    let first = root.iam("CreateUser", &[("UserName", "ann")]).await.unwrap().text("User/UserId");
    let document = trust("[\"arn:aws:iam::111122223333:user/ann\",\"111122223333\"]");
    root.iam("CreateRole", &[("RoleName", "App"), ("AssumeRolePolicyDocument", &document)]).await.unwrap();
    let shown = || async {
        let role = root.iam("GetRole", &[("RoleName", "App")]).await.unwrap();
        decoded(&role.text("Role/AssumeRolePolicyDocument"))
    };
    assert_eq!(shown().await, document);

    root.iam("UpdateUser", &[("UserName", "ann"), ("NewUserName", "anna")]).await.unwrap();
    assert!(shown().await.contains("\"arn:aws:iam::111122223333:user/anna\""));

    root.iam("DeleteUser", &[("UserName", "anna")]).await.unwrap();
    root.iam("CreateUser", &[("UserName", "ann")]).await.unwrap();
    let text = shown().await;
    assert!(text.contains(&format!("\"{first}\"")) && !text.contains("user/ann"), "{text}");
    let listed = root.iam("ListRoles", &[]).await.unwrap();
    assert_eq!(decoded(&listed.text("Roles/member/AssumeRolePolicyDocument")), text);

    let update = [("RoleName", "App"), ("PolicyDocument", text.as_str())];
    let refused = root.iam("UpdateAssumeRolePolicy", &update).await.unwrap_err();
    assert_eq!(refused.code, "MalformedPolicyDocument", "the id stands for nobody any more");
    root.iam("UpdateAssumeRolePolicy", &[("RoleName", "App"), ("PolicyDocument", &document)]).await.unwrap();
    assert_eq!(shown().await, document);
}

#[tokio::test]
async fn roles_are_changed() {
    let world = World::new().await;
    let root = world.root();
    create(&root, "App").await;
    root.iam("UpdateRole", &[("RoleName", "App"), ("MaxSessionDuration", "43200")]).await.unwrap();
    let described = root.iam("UpdateRoleDescription", &[("RoleName", "App"), ("Description", "one")]).await.unwrap();
    assert_eq!(
        (described.text("Role/Description"), described.text("Role/MaxSessionDuration")),
        ("one".into(), "43200".into())
    );
    root.iam("UpdateRole", &[("RoleName", "App"), ("Description", "two")]).await.unwrap();
    let shown = root.iam("GetRole", &[("RoleName", "App")]).await.unwrap();
    assert_eq!((shown.text("Role/Description"), shown.text("Role/MaxSessionDuration")), ("two".into(), "43200".into()));
}

#[tokio::test]
async fn a_role_with_policies_stays() {
    let world = World::new().await;
    let root = world.root();
    create(&root, "App").await;
    let policy = ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess");
    let inline = [("RoleName", "App"), ("PolicyName", "p"), ("PolicyDocument", &allow("kms:*", "*"))];
    root.iam("AttachRolePolicy", &[("RoleName", "App"), policy]).await.unwrap();
    root.iam("PutRolePolicy", &inline).await.unwrap();
    let boundary = [("RoleName", "App"), ("PermissionsBoundary", policy.1)];
    root.iam("PutRolePermissionsBoundary", &boundary).await.unwrap();
    for (text, operation, parameters) in [
        ("detach all policies", "DetachRolePolicy", &[("RoleName", "App"), policy][..]),
        ("delete policies", "DeleteRolePolicy", &[("RoleName", "App"), ("PolicyName", "p")]),
    ] {
        let refused = root.iam("DeleteRole", &[("RoleName", "App")]).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (409, "DeleteConflict"));
        assert_eq!(refused.message, format!("Cannot delete entity, must {text} first."));
        root.iam(operation, parameters).await.unwrap();
    }
    root.iam("DeleteRole", &[("RoleName", "App")]).await.unwrap();
    let count = root.iam("GetPolicy", &[policy]).await.unwrap().text("Policy/PermissionsBoundaryUsageCount");
    assert_eq!(count, "0", "the boundary went with the role");
    create(&root, "APP").await;
}

#[tokio::test]
async fn roles_are_listed_in_pages() {
    let world = World::new().await;
    let root = world.root();
    let document = trust("\"111122223333\"");
    for (name, path) in [("c", "/x/"), ("A", "/"), ("b", "/x/y/"), ("d", "/x/"), ("e", "/xy/")] {
        let parameters = [("RoleName", name), ("Path", path), ("AssumeRolePolicyDocument", &document)];
        root.iam("CreateRole", &parameters).await.unwrap();
    }
    for (prefix, size, pages) in [
        ("/", "100", &[&["A", "b", "c", "d", "e"][..]][..]),
        ("/", "2", &[&["A", "b"], &["c", "d"], &["e"]]),
        ("/x/", "2", &[&["b", "c"], &["d"]]),
        ("/xy", "1", &[&["e"]]),
        ("/z/", "1", &[&[]]),
    ] {
        let (mut seen, mut marker) = (Vec::new(), None::<String>);
        loop {
            let mut parameters = vec![("PathPrefix", prefix), ("MaxItems", size)];
            parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
            let page = root.iam("ListRoles", &parameters).await.unwrap();
            let names = page.texts("Roles/member/RoleName");
            let is_truncated = page.text("IsTruncated") == "true";
            assert_eq!(page.has("Marker"), is_truncated);
            if !names.is_empty() || seen.is_empty() {
                seen.push(names);
            }
            if !is_truncated {
                break;
            }
            marker = Some(page.text("Marker"));
        }
        assert_eq!(seen, pages, "{prefix} {size}");
    }
    assert_eq!(
        world.root_of("444455556666").iam("ListRoles", &[]).await.unwrap().texts("Roles/member/RoleName").len(),
        0
    );
}

#[tokio::test]
async fn roles_have_tags() {
    let world = World::new().await;
    let root = world.root();
    create(&root, "App").await;
    let tag = |key: &'static str, value: &'static str| {
        vec![("RoleName", "App"), ("Tags.member.1.Key", key), ("Tags.member.1.Value", value)]
    };
    for (key, value) in [("one", "1"), ("two", "2"), ("ONE", "3")] {
        root.iam("TagRole", &tag(key, value)).await.unwrap();
    }
    let listed = root.iam("ListRoleTags", &[("RoleName", "App")]).await.unwrap();
    assert_eq!(listed.texts("Tags/member/Key"), ["ONE", "two"]);
    assert_eq!(listed.texts("Tags/member/Value"), ["3", "2"]);

    // Whom tags let in, and which tags may be given.
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"iam:GetRole","Resource":"*","Condition":{"StringEquals":{"iam:ResourceTag/one":"3"}}},
        {"Effect":"Allow","Action":"iam:TagRole","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/two":["2","3"]}}},
        {"Effect":"Allow","Action":"iam:UntagRole","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["two"]}}}]}"#;
    let user = world.user("ann", policy).await;
    let outcome = |answer: Result<_, crate::support::Refused>| answer.map(drop).map_err(|refused| refused.code);
    let denied = || Err("AccessDenied".to_owned());
    assert_eq!(outcome(user.iam("TagRole", &tag("two", "4")).await), denied());
    assert_eq!(outcome(user.iam("TagRole", &tag("two", "3")).await), Ok(()));
    assert_eq!(outcome(user.iam("UntagRole", &[("RoleName", "App"), ("TagKeys.member.1", "one")]).await), denied());
    assert_eq!(outcome(user.iam("GetRole", &[("RoleName", "App")]).await), Ok(()));
    root.iam("UntagRole", &[("RoleName", "App"), ("TagKeys.member.1", "oNe")]).await.unwrap();
    assert_eq!(outcome(user.iam("GetRole", &[("RoleName", "App")]).await), denied());

    for at in 0..49 {
        let key = format!("k{at}");
        let parameters = [("RoleName", "App"), ("Tags.member.1.Key", &key), ("Tags.member.1.Value", "")];
        root.iam("TagRole", &parameters).await.unwrap();
    }
    let refused = root.iam("TagRole", &tag("more", "")).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (409, "LimitExceeded"));
}

#[tokio::test]
async fn the_role_of_a_service_is_protected() {
    let world = World::new().await;
    let root = world.root();
    let made = root.iam("CreateServiceLinkedRole", &[("AWSServiceName", "mrk.kms.amazonaws.com")]).await.unwrap();
    let name = made.text("Role/RoleName");
    assert_eq!(name, "AWSServiceRoleForKeyManagementServiceMultiRegionKeys");
    assert_eq!(made.text("Role/Path"), "/aws-service-role/mrk.kms.amazonaws.com/");
    let trust = decoded(&made.text("Role/AssumeRolePolicyDocument"));
    assert!(trust.contains("{\"Service\":\"mrk.kms.amazonaws.com\"}"), "{trust}");

    let role = ("RoleName", name.as_str());
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    for (operation, parameters) in [
        ("AttachRolePolicy", &[role, ("PolicyArn", policy)][..]),
        ("PutRolePolicy", &[role, ("PolicyName", "p"), ("PolicyDocument", &allow("*", "*"))]),
        ("PutRolePermissionsBoundary", &[role, ("PermissionsBoundary", policy)]),
        ("UpdateAssumeRolePolicy", &[role, ("PolicyDocument", &trust)]),
    ] {
        let refused = root.iam(operation, parameters).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (400, "UnmodifiableEntity"), "{operation}");
    }
    let again = root.iam("CreateServiceLinkedRole", &[("AWSServiceName", "mrk.kms.amazonaws.com")]).await.unwrap_err();
    assert_eq!(again.code, "InvalidInput");
    assert!(again.message.contains("has been taken"), "{}", again.message);
    let suffix = [("AWSServiceName", "s3.amazonaws.com"), ("CustomSuffix", "two")];
    let suffixed = root.iam("CreateServiceLinkedRole", &suffix).await.unwrap();
    assert_eq!(suffixed.text("Role/RoleName"), "AWSServiceRoleForS3_two");
    for (service, code) in [
        ("s3", "InvalidInput"),
        ("s3.example.com", "InvalidInput"),
        ("s3..amazonaws.com", "InvalidInput"),
        ("*.amazonaws.com", "ValidationError"),
    ] {
        let refused = root.iam("CreateServiceLinkedRole", &[("AWSServiceName", service)]).await.unwrap_err();
        assert_eq!(refused.code, code, "{service}");
    }
    root.iam("DeleteRole", &[role]).await.unwrap();

    let only_s3 = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*","Condition":{"StringEquals":{"iam:AWSServiceName":"s3.amazonaws.com"}}}]}"#;
    let user = world.user("ann", only_s3).await;
    user.iam("CreateServiceLinkedRole", &[("AWSServiceName", "s3.amazonaws.com")]).await.unwrap();
    let refused = user.iam("CreateServiceLinkedRole", &[("AWSServiceName", "ec2.amazonaws.com")]).await.unwrap_err();
    assert_eq!(refused.code, "AccessDenied");
}
