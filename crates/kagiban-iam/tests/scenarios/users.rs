//! Users: made, shown, renamed, tagged, deleted.

use crate::support::{ACCOUNT, Answer, World, allow};

const ARN: &str = "arn:aws:iam::111122223333:user";

#[tokio::test]
async fn a_user_is_as_it_was_made() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    let parameters = [
        ("UserName", "Ann@example.com"),
        ("Path", "/a/b/"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "blue"),
        ("Tags.member.2.Key", "Cost Center"),
        ("Tags.member.2.Value", ""),
    ];
    let made = admin.iam("CreateUser", &parameters).await.unwrap();
    for name in ["Ann@example.com", "ANN@EXAMPLE.COM"] {
        let user = admin.iam("GetUser", &[("UserName", name)]).await.unwrap();
        for answer in [&made, &user] {
            let text = |name: &str| answer.text(&format!("User/{name}"));
            assert_eq!((text("UserName"), text("Path")), ("Ann@example.com".to_owned(), "/a/b/".to_owned()));
            assert_eq!(text("Arn"), format!("{ARN}/a/b/Ann@example.com"));
            assert_eq!(text("CreateDate"), "2026-11-21T12:00:00Z");
            assert!(text("UserId").starts_with("AIDA") && text("UserId").len() == 21);
            assert_eq!(tags(answer, "User/Tags"), ["Cost Center=", "team=blue"]);
            assert!(!answer.has("User/PermissionsBoundary"));
        }
        assert_eq!(made.text("User/UserId"), user.text("User/UserId"));
    }
    // The ARN has the partition of the caller's Region.
    let user = admin.in_region("cn-north-1").iam("GetUser", &[("UserName", "Ann@example.com")]).await.unwrap();
    assert_eq!(user.text("User/Arn"), format!("arn:aws-cn:iam::{ACCOUNT}:user/a/b/Ann@example.com"));
}

fn tags(answer: &Answer, path: &str) -> Vec<String> {
    let (keys, values) = (answer.texts(&format!("{path}/member/Key")), answer.texts(&format!("{path}/member/Value")));
    assert_eq!(keys.len(), values.len());
    keys.iter().zip(values).map(|(key, value)| format!("{key}={value}")).collect()
}

#[tokio::test]
async fn without_a_name_it_is_the_caller() {
    let world = World::new().await;
    let own = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetUser",
        "Resource":"arn:aws:iam::*:user/${aws:username}"}}"#;
    let ann = world.user("ann", own).await;
    assert_eq!(ann.iam("GetUser", &[]).await.unwrap().text("User/UserName"), "ann");
    let root = world.root().iam("GetUser", &[]).await.unwrap();
    assert_eq!(root.text("User/Arn"), format!("arn:aws:iam::{ACCOUNT}:root"));
    assert_eq!((root.text("User/UserId"), root.text("User/UserName")), (ACCOUNT.to_owned(), "root".to_owned()));
    world.root().iam("CreateAccountAlias", &[("AccountAlias", "my-team")]).await.unwrap();
    assert_eq!(world.root().iam("GetUser", &[]).await.unwrap().text("User/UserName"), "my-team");
    let refused = ann.iam("GetUser", &[("UserName", "root")]).await.unwrap_err();
    assert_eq!(refused.code, "AccessDenied");
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    admin.iam("CreateUser", &[("UserName", "Bob")]).await.unwrap();
    let long = "a".repeat(65);
    let tag = |key: &'static str| [("UserName", "Bob"), ("Tags.member.1.Key", key), ("Tags.member.1.Value", "")];
    let twice = [&tag("A")[..], &[("Tags.member.2.Key", "a"), ("Tags.member.2.Value", "")]].concat();
    admin
        .refused(&[
            ("CreateUser", &[], "ValidationError", "1 validation error detected: ..."),
            ("CreateUser", &[("UserName", "")], "ValidationError", "..."),
            ("CreateUser", &[("UserName", &long)], "ValidationError", "..."),
            ("CreateUser", &[("UserName", "a/b")], "ValidationError", "..."),
            ("CreateUser", &[("UserName", "a*")], "ValidationError", "..."),
            ("CreateUser", &[("UserName", "ä")], "ValidationError", "..."),
            ("CreateUser", &[("UserName", "a"), ("Path", "a")], "ValidationError", "..."),
            ("CreateUser", &[("UserName", "a"), ("Path", "/a")], "ValidationError", "..."),
            ("CreateUser", &[("UserName", "a"), ("Path", "//")], "ValidationError", "..."),
            ("CreateUser", &[("UserName", "bob")], "EntityAlreadyExists", "User with name bob already exists."),
            (
                "CreateUser",
                &[("UserName", "Bob"), ("Path", "/x/")],
                "EntityAlreadyExists",
                "User with name Bob already exists.",
            ),
            (
                "CreateUser",
                &[("UserName", "x"), ("PermissionsBoundary", "arn:aws:iam::111122223333:policy/none")],
                "NoSuchEntity",
                "...",
            ),
            ("GetUser", &[("UserName", "eve")], "NoSuchEntity", "The user with name eve cannot be found."),
            ("UpdateUser", &[("UserName", "eve")], "NoSuchEntity", "The user with name eve cannot be found."),
            (
                "UpdateUser",
                &[("UserName", "Bob"), ("NewUserName", "ADMIN")],
                "EntityAlreadyExists",
                "User with name ADMIN already exists.",
            ),
            ("DeleteUser", &[("UserName", "eve")], "NoSuchEntity", "The user with name eve cannot be found."),
            ("TagUser", &tag("aws:x"), "InvalidInput", "..."),
            (
                "TagUser",
                &twice,
                "InvalidInput",
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ),
            (
                "TagUser",
                &[("UserName", "eve"), ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "")],
                "NoSuchEntity",
                "The user with name eve cannot be found.",
            ),
            (
                "UntagUser",
                &[("UserName", "eve"), ("TagKeys.member.1", "a")],
                "NoSuchEntity",
                "The user with name eve cannot be found.",
            ),
            ("ListUserTags", &[("UserName", "eve")], "NoSuchEntity", "The user with name eve cannot be found."),
            ("ListUserTags", &[("UserName", "Bob"), ("Marker", "x")], "ValidationError", "Invalid Marker."),
            ("ListUsers", &[("Marker", "AAAA")], "ValidationError", "Invalid Marker."),
            ("ListUsers", &[("MaxItems", "0")], "ValidationError", "..."),
            ("ListUsers", &[("MaxItems", "1001")], "ValidationError", "..."),
            ("ListUsers", &[("PathPrefix", "x")], "ValidationError", "..."),
        ])
        .await;
    assert!(admin.iam("GetUser", &[("UserName", "x")]).await.is_err(), "no user without its boundary");
}

#[tokio::test]
async fn renaming_keeps_the_id() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    let made = admin.iam("CreateUser", &[("UserName", "ann")]).await.unwrap().text("User/UserId");
    for (name, parameters, arn) in [
        ("ann", &[("NewUserName", "Ann")][..], "/Ann"),
        ("ann", &[("NewPath", "/p/")], "/p/Ann"),
        ("ann", &[("NewUserName", "eve"), ("NewPath", "/")], "/eve"),
        ("eve", &[], "/eve"),
    ] {
        admin.iam("UpdateUser", &[&[("UserName", name)], parameters].concat()).await.unwrap();
        let now = parameters.iter().find(|(key, _)| *key == "NewUserName").map_or(name, |(_, value)| *value);
        let user = admin.iam("GetUser", &[("UserName", now)]).await.unwrap();
        assert_eq!((user.text("User/Arn"), user.text("User/UserId")), (format!("{ARN}{arn}"), made.clone()));
    }
    admin.refused(&[("GetUser", &[("UserName", "ann")], "NoSuchEntity", "...")]).await;
    let other = admin.iam("CreateUser", &[("UserName", "ann")]).await.unwrap().text("User/UserId");
    assert_ne!(other, made);
}

#[tokio::test]
async fn who_has_something_is_not_deleted() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    admin.iam("CreateGroup", &[("GroupName", "ops")]).await.unwrap();
    let policy = admin
        .iam("CreatePolicy", &[("PolicyName", "m"), ("PolicyDocument", &allow("kms:*", "*"))])
        .await
        .unwrap()
        .text("Policy/Arn");
    let bounded = [("UserName", "bob"), ("PermissionsBoundary", policy.as_str())];
    let made = admin.iam("CreateUser", &bounded).await.unwrap();
    assert_eq!(made.text("User/PermissionsBoundary/PermissionsBoundaryArn"), policy);
    let key = admin.iam("CreateAccessKey", &[("UserName", "bob")]).await.unwrap().text("AccessKey/AccessKeyId");
    let document = allow("kms:*", "*");
    for (operation, parameters) in [
        ("PutUserPolicy", &[("PolicyName", "p"), ("PolicyDocument", &document)][..]),
        ("AttachUserPolicy", &[("PolicyArn", &policy)]),
        ("AddUserToGroup", &[("GroupName", "ops")]),
    ] {
        admin.iam(operation, &[&[("UserName", "bob")], parameters].concat()).await.unwrap();
    }
    for (message, operation, parameters) in [
        ("delete access keys", "DeleteAccessKey", &[("AccessKeyId", key.as_str())][..]),
        ("detach all policies", "DetachUserPolicy", &[("PolicyArn", &policy)]),
        ("delete policies", "DeleteUserPolicy", &[("PolicyName", "p")]),
        ("remove users from group", "RemoveUserFromGroup", &[("GroupName", "ops")]),
    ] {
        let message = format!("Cannot delete entity, must {message} first.");
        admin.refused(&[("DeleteUser", &[("UserName", "bob")], "DeleteConflict", &message)]).await;
        admin.iam(operation, &[&[("UserName", "bob")], parameters].concat()).await.unwrap();
    }
    // The boundary goes with the user, so that the policy is free.
    admin.refused(&[("DeletePolicy", &[("PolicyArn", &policy)], "DeleteConflict", "...")]).await;
    admin.iam("DeleteUser", &[("UserName", "bob")]).await.unwrap();
    admin.iam("DeletePolicy", &[("PolicyArn", &policy)]).await.unwrap();
    admin.refused(&[("GetUser", &[("UserName", "bob")], "NoSuchEntity", "...")]).await;
}

#[tokio::test]
async fn lists_come_in_pages_by_name() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    for (name, path) in [("d", "/"), ("B", "/x/"), ("a", "/x/y/"), ("C", "/xx/"), ("e", "/x/")] {
        admin.iam("CreateUser", &[("UserName", name), ("Path", path)]).await.unwrap();
    }
    world.root_of("444455556666").iam("CreateUser", &[("UserName", "foreign")]).await.unwrap();
    for (prefix, expected) in [
        ("/", &["a", "admin", "B", "C", "d", "e"][..]),
        ("/x/", &["a", "B", "e"]),
        ("/x", &["a", "B", "C", "e"]),
        ("/z", &[]),
    ] {
        for size in ["1", "2", "3", "5", "100"] {
            let (mut names, mut marker) = (Vec::new(), None::<String>);
            loop {
                let mut parameters = vec![("PathPrefix", prefix), ("MaxItems", size)];
                parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
                let page = admin.iam("ListUsers", &parameters).await.unwrap();
                assert!(page.texts("Users/member/UserName").len() <= size.parse().unwrap());
                names.extend(page.texts("Users/member/UserName"));
                assert_eq!(page.has("Marker"), page.text("IsTruncated") == "true");
                if !page.has("Marker") {
                    break;
                }
                marker = Some(page.text("Marker"));
            }
            assert_eq!(names, expected, "{prefix} by {size}");
        }
    }
    // A marker is good for its listing only.
    let marker = admin.iam("ListUsers", &[("MaxItems", "1")]).await.unwrap().text("Marker");
    let foreign = world.root_of("444455556666");
    let invalid = ("ValidationError", "Invalid Marker.");
    admin.refused(&[("ListUsers", &[("Marker", &marker), ("PathPrefix", "/x/")], invalid.0, invalid.1)]).await;
    admin.refused(&[("ListGroups", &[("Marker", &marker)], invalid.0, invalid.1)]).await;
    foreign.refused(&[("ListUsers", &[("Marker", &marker)], invalid.0, invalid.1)]).await;
}

fn tag<'a>(key: &'a str, value: &'a str) -> [(&'a str, &'a str); 3] {
    [("UserName", "bob"), ("Tags.member.1.Key", key), ("Tags.member.1.Value", value)]
}

#[tokio::test]
async fn tags_are_told_apart_without_regard_to_case() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    admin.iam("CreateUser", &[("UserName", "bob")]).await.unwrap();
    for (key, value) in [("team", "red"), ("Größe", "1"), ("TEAM", "blue")] {
        admin.iam("TagUser", &tag(key, value)).await.unwrap();
    }
    let list = || async { tags(&admin.iam("ListUserTags", &[("UserName", "bob")]).await.unwrap(), "Tags") };
    assert_eq!(list().await, ["Größe=1", "TEAM=blue"]);
    let page = admin.iam("ListUserTags", &[("UserName", "bob"), ("MaxItems", "1")]).await.unwrap();
    let marker = page.text("Marker");
    let rest = admin.iam("ListUserTags", &[("UserName", "bob"), ("Marker", &marker)]).await.unwrap();
    assert_eq!((tags(&page, "Tags"), tags(&rest, "Tags")), (vec!["Größe=1".to_owned()], vec!["TEAM=blue".to_owned()]));
    for (key, left) in [("none", 2), ("Team", 1), ("größe", 0)] {
        admin.iam("UntagUser", &[("UserName", "bob"), ("TagKeys.member.1", key)]).await.unwrap();
        assert_eq!(list().await.len(), left, "{key}");
    }
    for number in 0..50 {
        admin.iam("TagUser", &tag(&format!("k{number}"), "v")).await.unwrap();
    }
    admin.iam("TagUser", &tag("K49", "other")).await.unwrap();
    let limit = "Cannot exceed quota for TagsPerResource: 50";
    admin.refused(&[("TagUser", &tag("one-more", "v"), "LimitExceeded", limit)]).await;
    assert_eq!(list().await.len(), 50);
}
