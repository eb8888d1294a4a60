//! Access keys: their secrets, their states, their last use; and that what is changed is in force at once.

use crate::support::{ACCOUNT, Client, PRODUCTION_ROOT_KEY, World, allow};

const MINUTE_MS: i64 = 60_000;

/// What a caller sees whose access key is none.
async fn is_unknown(client: &Client<'_>) {
    let refused = client.iam("GetUser", &[]).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (403, "InvalidClientTokenId"), "{refused:?}");
}

#[tokio::test]
async fn a_secret_is_shown_once_and_works() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    admin.iam("CreateUser", &[("UserName", "Bob")]).await.unwrap();
    let made = admin.iam("CreateAccessKey", &[("UserName", "bob")]).await.unwrap();
    let text = |name: &str| made.text(&format!("AccessKey/{name}"));
    assert_eq!((text("UserName"), text("Status")), ("Bob".to_owned(), "Active".to_owned()));
    assert_eq!((text("AccessKeyId").len(), text("SecretAccessKey").len()), (20, 40));
    assert!(text("AccessKeyId").starts_with("AKIA"));
    let bob = world.client(&text("AccessKeyId"), &text("SecretAccessKey"), None);
    assert_eq!(bob.iam("GetUser", &[]).await.unwrap_err().code, "AccessDenied", "known, without permission");
    let thief = world.client(&text("AccessKeyId"), "not the secret", None);
    assert_eq!(thief.iam("GetUser", &[]).await.unwrap_err().code, "SignatureDoesNotMatch");
    let list = admin.iam("ListAccessKeys", &[("UserName", "Bob")]).await.unwrap();
    assert_eq!(list.texts("AccessKeyMetadata/member/AccessKeyId"), [text("AccessKeyId")]);
    assert_eq!(list.texts("AccessKeyMetadata/member/UserName"), ["Bob"]);
    assert!(!list.has("AccessKeyMetadata/member/SecretAccessKey"));
    let again = world.restarted().await;
    let bob = again.client(&text("AccessKeyId"), &text("SecretAccessKey"), None);
    assert_eq!(bob.iam("GetUser", &[]).await.unwrap_err().code, "AccessDenied");
}

#[tokio::test]
async fn a_key_that_is_switched_off_or_gone_is_unknown_at_once() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    let ann = world.user("ann", &allow("iam:*", "*")).await;
    let id = ann.keys.id.as_str();
    let status = |status| [("UserName", "ann"), ("AccessKeyId", id), ("Status", status)];
    for _ in 0..3 {
        ann.iam("GetUser", &[]).await.unwrap();
        admin.iam("UpdateAccessKey", &status("Inactive")).await.unwrap();
        is_unknown(&ann).await;
        let list = admin.iam("ListAccessKeys", &[("UserName", "ann")]).await.unwrap();
        assert_eq!(list.texts("AccessKeyMetadata/member/Status"), ["Inactive"]);
        admin.iam("UpdateAccessKey", &status("Active")).await.unwrap();
    }
    ann.iam("GetUser", &[]).await.unwrap();
    // By its own hand.
    ann.iam("DeleteAccessKey", &[("AccessKeyId", id)]).await.unwrap();
    is_unknown(&ann).await;
    let missing = format!("The Access Key with id {id} cannot be found.");
    admin
        .refused(&[
            ("UpdateAccessKey", &status("Active"), "NoSuchEntity", &missing),
            ("DeleteAccessKey", &[("UserName", "ann"), ("AccessKeyId", id)], "NoSuchEntity", &missing),
            ("GetAccessKeyLastUsed", &[("AccessKeyId", id)], "NoSuchEntity", &missing),
            ("UpdateAccessKey", &status("Expired"), "ValidationError", "..."),
            ("UpdateAccessKey", &status("Lost"), "ValidationError", "..."),
            ("DeleteAccessKey", &[("AccessKeyId", "short")], "ValidationError", "..."),
            ("CreateAccessKey", &[("UserName", "eve")], "NoSuchEntity", "The user with name eve cannot be found."),
        ])
        .await;
    // Another user's key is none of this user's.
    let other = admin.keys.id.as_str();
    let missing = format!("The Access Key with id {other} cannot be found.");
    let others = [("UserName", "ann"), ("AccessKeyId", other)];
    admin.refused(&[("DeleteAccessKey", &others, "NoSuchEntity", &missing)]).await;
}

#[tokio::test]
async fn a_user_has_two_keys_at_most() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    world.clock.move_by_ms(1000);
    let second = admin.iam("CreateAccessKey", &[]).await.unwrap().text("AccessKey/AccessKeyId");
    let limit = "Cannot exceed quota for AccessKeysPerUser: 2";
    admin.refused(&[("CreateAccessKey", &[], "LimitExceeded", limit)]).await;
    let page = admin.iam("ListAccessKeys", &[("MaxItems", "1")]).await.unwrap();
    assert_eq!(page.texts("AccessKeyMetadata/member/AccessKeyId"), [admin.keys.id.as_str()]);
    let marker = page.text("Marker");
    let rest = admin.iam("ListAccessKeys", &[("Marker", &marker)]).await.unwrap();
    assert_eq!(rest.texts("AccessKeyMetadata/member/AccessKeyId"), [second]);
}

#[tokio::test]
async fn a_deleted_user_is_unknown_and_its_successor_somebody_else() {
    let world = World::new().await;
    let root = world.root();
    let ann = world.user("ann", &allow("iam:GetUser", "*")).await;
    let session = world.session(&ann.sts("GetSessionToken", &[]).await.unwrap());
    let id = ann.iam("GetUser", &[]).await.unwrap().text("User/UserId");
    assert_eq!(session.sts("GetCallerIdentity", &[]).await.unwrap().text("UserId"), id);
    for (operation, parameters) in [
        ("DeleteUserPolicy", &[("UserName", "ann"), ("PolicyName", "p")][..]),
        ("DeleteAccessKey", &[("UserName", "ann"), ("AccessKeyId", ann.keys.id.as_str())]),
        ("DeleteUser", &[("UserName", "ann")]),
    ] {
        root.iam(operation, parameters).await.unwrap();
    }
    is_unknown(&ann).await;
    let refused = session.sts("GetCallerIdentity", &[]).await.unwrap_err();
    assert_eq!(refused.code, "InvalidClientTokenId");
    let again = world.user("ann", &allow("iam:GetUser", "*")).await;
    assert_ne!(again.iam("GetUser", &[]).await.unwrap().text("User/UserId"), id);
    is_unknown(&ann).await;
    assert_eq!(session.sts("GetCallerIdentity", &[]).await.unwrap_err().code, "InvalidClientTokenId");
}

#[tokio::test]
async fn who_leaves_a_group_has_its_rights_no_more() {
    let world = World::new().await;
    let root = world.root();
    let ann = world.user("ann", "").await;
    root.iam("CreateGroup", &[("GroupName", "readers")]).await.unwrap();
    let document = allow("iam:GetUser", "*");
    let policy = [("GroupName", "readers"), ("PolicyName", "p"), ("PolicyDocument", document.as_str())];
    root.iam("PutGroupPolicy", &policy).await.unwrap();
    let membership = [("GroupName", "readers"), ("UserName", "ann")];
    for _ in 0..3 {
        assert_eq!(ann.iam("GetUser", &[]).await.unwrap_err().code, "AccessDenied");
        root.iam("AddUserToGroup", &membership).await.unwrap();
        ann.iam("GetUser", &[]).await.unwrap();
        root.iam("RemoveUserFromGroup", &membership).await.unwrap();
    }
    assert_eq!(ann.iam("GetUser", &[]).await.unwrap_err().code, "AccessDenied");
    // And of a group's policy that is taken away.
    root.iam("AddUserToGroup", &membership).await.unwrap();
    ann.iam("GetUser", &[]).await.unwrap();
    root.iam("DeleteGroupPolicy", &policy[..2]).await.unwrap();
    assert_eq!(ann.iam("GetUser", &[]).await.unwrap_err().code, "AccessDenied");
}

#[tokio::test]
async fn root_has_keys_of_its_own() {
    let world = World::production().await;
    let root = world.root();
    let ids = |answer: crate::support::Answer| answer.texts("AccessKeyMetadata/member/AccessKeyId");
    assert_eq!(ids(root.iam("ListAccessKeys", &[]).await.unwrap()), [PRODUCTION_ROOT_KEY]);
    world.clock.move_by_ms(1000);
    let made = root.iam("CreateAccessKey", &[]).await.unwrap();
    let text = |name: &str| made.text(&format!("AccessKey/{name}"));
    assert_eq!(ids(root.iam("ListAccessKeys", &[]).await.unwrap()), [PRODUCTION_ROOT_KEY, &text("AccessKeyId")]);
    let limit = "Cannot exceed quota for AccessKeysPerUser: 2";
    root.refused(&[("CreateAccessKey", &[], "LimitExceeded", limit)]).await;
    let second = world.client(&text("AccessKeyId"), &text("SecretAccessKey"), None);
    let identity = second.sts("GetCallerIdentity", &[]).await.unwrap();
    assert_eq!(identity.text("Arn"), format!("arn:aws:iam::{ACCOUNT}:root"));
    second.iam("DeleteAccessKey", &[("AccessKeyId", PRODUCTION_ROOT_KEY)]).await.unwrap();
    is_unknown(&root).await;
    assert_eq!(ids(second.iam("ListAccessKeys", &[]).await.unwrap()), [text("AccessKeyId")]);
    // Users may not act for root, whatever they are called.
    let user = world.user_of(&second, "root", &allow("iam:*", "*")).await;
    assert_eq!(ids(user.iam("ListAccessKeys", &[]).await.unwrap()), [user.keys.id.as_str()]);
    let roots = text("AccessKeyId");
    user.refused(&[("DeleteAccessKey", &[("AccessKeyId", &roots)], "NoSuchEntity", "...")]).await;
}

#[tokio::test]
async fn the_last_use_is_known_to_the_minute() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    let ann = world.user("ann", &allow("iam:GetUser,sts:*", "*")).await;
    let id = ann.keys.id.as_str();
    let last_use = async |world: &World| {
        let client = world.client(&admin.keys.id, &admin.keys.secret, None);
        let answer = client.iam("GetAccessKeyLastUsed", &[("AccessKeyId", id)]).await.unwrap();
        assert_eq!(answer.text("UserName"), "ann");
        let text = |name: &str| answer.text(&format!("AccessKeyLastUsed/{name}"));
        (text("LastUsedDate"), text("ServiceName"), text("Region"))
    };
    let expected = |date: &str, service: &str, region: &str| (date.to_owned(), service.to_owned(), region.to_owned());
    assert_eq!(last_use(&world).await, expected("", "N/A", "N/A"));
    // A wrong signature is no use.
    let thief = world.client(id, "not the secret", None);
    assert!(thief.iam("GetUser", &[]).await.is_err());
    assert_eq!(last_use(&world).await.0, "");
    ann.iam("GetUser", &[]).await.unwrap();
    assert_eq!(last_use(&world).await, expected("2026-11-21T12:00:00Z", "iam", "us-east-1"));
    world.clock.move_by_ms(MINUTE_MS / 2);
    ann.iam("GetUser", &[]).await.unwrap();
    assert_eq!(last_use(&world).await.0, "2026-11-21T12:00:00Z");
    world.clock.move_by_ms(MINUTE_MS);
    ann.in_region("eu-central-1").sts("GetCallerIdentity", &[]).await.unwrap();
    assert_eq!(last_use(&world).await, expected("2026-11-21T12:01:30Z", "sts", "eu-central-1"));
    // What is written down survives; a row is written again when it is a quarter of an hour old, or at the end.
    world.iam.save_last_uses(false).await.unwrap();
    assert_eq!(last_use(&world.restarted().await).await.0, "2026-11-21T12:01:30Z");
    world.clock.move_by_ms(14 * MINUTE_MS);
    ann.iam("GetUser", &[]).await.unwrap();
    world.iam.save_last_uses(false).await.unwrap();
    assert_eq!(last_use(&world).await.0, "2026-11-21T12:15:30Z");
    assert_eq!(last_use(&world.restarted().await).await.0, "2026-11-21T12:01:30Z");
    world.iam.save_last_uses(true).await.unwrap();
    let restarted = world.restarted().await;
    assert_eq!(last_use(&restarted).await.0, "2026-11-21T12:15:30Z");
    // A key that is gone leaves nothing behind.
    admin.iam("DeleteAccessKey", &[("UserName", "ann"), ("AccessKeyId", id)]).await.unwrap();
    world.iam.save_last_uses(true).await.unwrap();
    admin.refused(&[("GetAccessKeyLastUsed", &[("AccessKeyId", id)], "NoSuchEntity", "...")]).await;
    let foreign = world.root_of("444455556666");
    let own = admin.keys.id.as_str();
    foreign.refused(&[("GetAccessKeyLastUsed", &[("AccessKeyId", own)], "NoSuchEntity", "...")]).await;
}
