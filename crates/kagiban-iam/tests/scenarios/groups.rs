//! Groups and who is in them.

use crate::support::{Answer, World, allow};

#[tokio::test]
async fn groups_come_and_go() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    let made = admin.iam("CreateGroup", &[("GroupName", "Ops"), ("Path", "/g/")]).await.unwrap();
    let arn = "arn:aws:iam::111122223333:group/g/Ops";
    assert_eq!((made.text("Group/Arn"), made.text("Group/GroupName")), (arn.to_owned(), "Ops".to_owned()));
    assert!(made.text("Group/GroupId").starts_with("AGPA"));
    admin
        .refused(&[
            ("CreateGroup", &[("GroupName", "OPS")], "EntityAlreadyExists", "Group with name OPS already exists."),
            ("GetGroup", &[("GroupName", "dev")], "NoSuchEntity", "The group with name dev cannot be found."),
            ("UpdateGroup", &[("GroupName", "dev")], "NoSuchEntity", "The group with name dev cannot be found."),
            ("DeleteGroup", &[("GroupName", "dev")], "NoSuchEntity", "The group with name dev cannot be found."),
            (
                "AddUserToGroup",
                &[("GroupName", "dev"), ("UserName", "admin")],
                "NoSuchEntity",
                "The group with name dev cannot be found.",
            ),
            (
                "AddUserToGroup",
                &[("GroupName", "Ops"), ("UserName", "eve")],
                "NoSuchEntity",
                "The user with name eve cannot be found.",
            ),
            ("RemoveUserFromGroup", &[("GroupName", "dev"), ("UserName", "admin")], "NoSuchEntity", "..."),
            ("RemoveUserFromGroup", &[("GroupName", "Ops"), ("UserName", "eve")], "NoSuchEntity", "..."),
            ("ListGroupsForUser", &[("UserName", "eve")], "NoSuchEntity", "The user with name eve cannot be found."),
            ("CreateGroup", &[("GroupName", "a b")], "ValidationError", "..."),
            ("GetGroup", &[("GroupName", "Ops"), ("Marker", "x")], "ValidationError", "Invalid Marker."),
        ])
        .await;
    admin.iam("UpdateGroup", &[("GroupName", "ops"), ("NewGroupName", "ops2"), ("NewPath", "/")]).await.unwrap();
    let now = admin.iam("GetGroup", &[("GroupName", "ops2")]).await.unwrap();
    assert_eq!(now.text("Group/Arn"), "arn:aws:iam::111122223333:group/ops2");
    assert_eq!(now.text("Group/GroupId"), made.text("Group/GroupId"));
    let document = allow("kms:*", "*");
    let aws = "arn:aws:iam::aws:policy/AdministratorAccess";
    let group = ("GroupName", "ops2");
    for (operation, parameters) in [
        ("AddUserToGroup", &[group, ("UserName", "admin")][..]),
        ("AttachGroupPolicy", &[group, ("PolicyArn", aws)]),
        ("PutGroupPolicy", &[group, ("PolicyName", "p"), ("PolicyDocument", &document)]),
    ] {
        admin.iam(operation, parameters).await.unwrap();
    }
    for (message, operation, parameters) in [
        ("remove users from group", "RemoveUserFromGroup", &[group, ("UserName", "admin")]),
        ("detach all policies", "DetachGroupPolicy", &[group, ("PolicyArn", aws)]),
        ("delete policies", "DeleteGroupPolicy", &[group, ("PolicyName", "p")]),
    ] {
        let message = format!("Cannot delete entity, must {message} first.");
        admin.refused(&[("DeleteGroup", &[group], "DeleteConflict", &message)]).await;
        admin.iam(operation, parameters).await.unwrap();
    }
    admin.iam("DeleteGroup", &[group]).await.unwrap();
    assert_eq!(admin.iam("ListGroups", &[]).await.unwrap().texts("Groups/member/GroupName"), [""; 0]);
}

#[tokio::test]
async fn members_are_listed_from_both_sides() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    for group in ["c", "A", "b"] {
        admin.iam("CreateGroup", &[("GroupName", group)]).await.unwrap();
    }
    for user in ["u1", "u2", "u3", "u4", "u5"] {
        admin.iam("CreateUser", &[("UserName", user)]).await.unwrap();
        for group in ["A", "b"] {
            admin.iam("AddUserToGroup", &[("GroupName", group), ("UserName", user)]).await.unwrap();
        }
    }
    // Once more changes nothing.
    admin.iam("AddUserToGroup", &[("GroupName", "a"), ("UserName", "U1")]).await.unwrap();
    let names = |answer: &Answer| answer.texts("Users/member/UserName");
    for size in ["1", "2", "5", "6"] {
        let (mut members, mut marker) = (Vec::new(), None::<String>);
        loop {
            let mut parameters = vec![("GroupName", "A"), ("MaxItems", size)];
            parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
            let page = admin.iam("GetGroup", &parameters).await.unwrap();
            members.extend(names(&page));
            if !page.has("Marker") {
                break;
            }
            marker = Some(page.text("Marker"));
        }
        members.sort();
        assert_eq!(members, ["u1", "u2", "u3", "u4", "u5"], "{size}");
    }
    let groups = |answer: Answer| answer.texts("Groups/member/GroupName");
    assert_eq!(groups(admin.iam("ListGroupsForUser", &[("UserName", "u1")]).await.unwrap()), ["A", "b"]);
    assert_eq!(groups(admin.iam("ListGroups", &[]).await.unwrap()), ["A", "b", "c"]);
    for _ in 0..2 {
        admin.iam("RemoveUserFromGroup", &[("GroupName", "b"), ("UserName", "u1")]).await.unwrap();
    }
    assert_eq!(groups(admin.iam("ListGroupsForUser", &[("UserName", "u1")]).await.unwrap()), ["A"]);
    assert_eq!(names(&admin.iam("GetGroup", &[("GroupName", "b")]).await.unwrap()).len(), 4);
    assert_eq!(names(&admin.iam("GetGroup", &[("GroupName", "c")]).await.unwrap()).len(), 0);
}

#[tokio::test]
async fn a_user_is_in_ten_groups_at_most() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    for number in 0..11 {
        let group = format!("g{number}");
        admin.iam("CreateGroup", &[("GroupName", &group)]).await.unwrap();
        let answer = admin.iam("AddUserToGroup", &[("GroupName", &group), ("UserName", "admin")]).await;
        if number < 10 {
            answer.unwrap();
        } else {
            let refused = answer.unwrap_err();
            assert_eq!((refused.status, refused.code.as_str()), (409, "LimitExceeded"));
            assert_eq!(refused.message, "Cannot exceed quota for GroupsPerUser: 10");
        }
    }
    assert!(admin.iam("GetGroup", &[("GroupName", "g10")]).await.unwrap().texts("Users/member/UserName").is_empty());
}

#[tokio::test]
async fn an_account_has_three_hundred_groups_at_most() {
    let world = World::new().await;
    let root = world.root();
    for number in 0..300 {
        root.iam("CreateGroup", &[("GroupName", &format!("g{number}"))]).await.unwrap();
    }
    let limit = "Cannot exceed quota for GroupsPerAccount: 300";
    root.refused(&[("CreateGroup", &[("GroupName", "more")], "LimitExceeded", limit)]).await;
    world.root_of("444455556666").iam("CreateGroup", &[("GroupName", "g0")]).await.unwrap();
    root.iam("DeleteGroup", &[("GroupName", "g7")]).await.unwrap();
    root.iam("CreateGroup", &[("GroupName", "more")]).await.unwrap();
}
