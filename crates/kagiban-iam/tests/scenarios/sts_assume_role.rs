//! AssumeRole: who may, on which conditions, for how long, and what sessions hand on.

use kagiban_identity::totp;

use crate::sts::{Device, OTHER_ACCOUNT, assume, code, role, service, trust, trust_account};
use crate::support::{ACCOUNT, Client, Parameters, World, allow};

/// A trust policy for an account, on a condition.
fn trust_if(condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},
            "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":{condition}}}}}"#
    )
}

/// A user of [`ACCOUNT`] who may do everything in STS.
async fn user<'w>(world: &'w World, name: &str) -> Client<'w> {
    world.user(name, &allow("sts:*", "*")).await
}

#[tokio::test]
async fn who_may_assume() {
    let world = World::new().await;
    let (root, other_root) = (world.root(), world.root_of(OTHER_ACCOUNT));
    let ann = user(&world, "ann").await;
    let bob = world.user("bob", "").await;
    let cid = world.user_of(&other_root, "cid", &allow("sts:AssumeRole", "*")).await;
    let dan = world.user_of(&other_root, "dan", "").await;
    let eve = world
        .user(
            "eve",
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}]}"#,
        )
        .await;
    let fay = world.user("fay", &allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/b*")).await;
    let named =
        |account: &str, user: &str| trust(&format!(r#"{{"AWS":"arn:aws:iam::{account}:user/{user}"}}"#), "AssumeRole");
    let everyone = trust(r#""*""#, "AssumeRole");
    let denying = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"},
        {"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"},"Action":"sts:*"}]}"#;
    let other_action = trust(&format!(r#"{{"AWS":"{ACCOUNT}"}}"#), "TagSession");
    let of_service = trust(r#"{"Service":"s3.amazonaws.com"}"#, "AssumeRole");
    let trusts = [
        // ann: all of sts; bob: nothing; cid: the other account, allowed; dan: the other account, nothing; eve: denied.
        ("account", trust_account(ACCOUNT), [true, false, false, false, false]),
        ("other", trust_account(OTHER_ACCOUNT), [false, false, true, false, false]),
        ("ann", named(ACCOUNT, "ann"), [true, false, false, false, false]),
        ("bob", named(ACCOUNT, "bob"), [false, true, false, false, false]),
        ("cid", named(OTHER_ACCOUNT, "cid"), [false, false, true, false, false]),
        ("dan", named(OTHER_ACCOUNT, "dan"), [false, false, false, false, false]),
        ("eve", named(ACCOUNT, "eve"), [false, false, false, false, false]),
        ("everyone", everyone, [true, true, true, false, false]),
        ("denying", denying.to_owned(), [false, true, true, false, false]),
        ("tagging", other_action, [false, false, false, false, false]),
        ("service", of_service, [false, false, false, false, false]),
    ];
    for (name, document, expected) in trusts {
        let arn = role(&root, name, &document, "").await;
        for (client, expected) in [&ann, &bob, &cid, &dan, &eve].into_iter().zip(expected) {
            let outcome = assume(client, &arn, &[]).await;
            assert_eq!(outcome.is_ok(), expected, "{name}: {} {outcome:?}", client.keys.id);
        }
        let outcome = assume(&fay, &arn, &[]).await;
        assert_eq!(outcome.is_ok(), ["everyone", "denying"].contains(&name), "{name}: {outcome:?}");
        for root in [&root, &other_root] {
            let refused = assume(root, &arn, &[]).await.unwrap_err();
            assert_eq!(refused.message, "Roles may not be assumed by root accounts.");
        }
    }
}

/// Who is refused does not learn whether there is such a role.
#[tokio::test]
async fn roles_that_do_not_exist_are_refused_alike() {
    let world = World::new().await;
    let ann = user(&world, "ann").await;
    let eve = world
        .user("eve", r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#)
        .await;
    let root = world.root();
    role(&root, "closed", &trust_account(OTHER_ACCOUNT), "").await;
    role(&root, "Open", &trust_account(ACCOUNT), "").await;
    root.iam(
        "CreateRole",
        &[("RoleName", "below"), ("Path", "/a/"), ("AssumeRolePolicyDocument", &trust_account(ACCOUNT))],
    )
    .await
    .unwrap();
    for arn in [
        "arn:aws:iam::111122223333:role/closed",
        "arn:aws:iam::111122223333:role/missing",
        "arn:aws:iam::999999999999:role/missing",
        "arn:aws:iam::111122223333:role/open",
        "arn:aws:iam::111122223333:role/x/Open",
        "arn:aws:iam::111122223333:role/below",
        "arn:aws:iam::111122223333:role/a/../Open",
        "arn:aws-cn:iam::111122223333:role/Open",
    ] {
        for (client, name) in [(&ann, "ann"), (&eve, "eve")] {
            let refused = assume(client, arn, &[]).await.unwrap_err();
            let message = format!(
                "User: arn:aws:iam::111122223333:user/{name} is not authorized to perform: sts:AssumeRole on resource: {arn}"
            );
            assert_eq!((refused.status, refused.code.as_str(), refused.message), (403, "AccessDenied", message));
        }
    }
    assert_eq!(code(&assume(&ann, "arn:aws:iam::111122223333:role/a/below", &[]).await), "ok");
    for arn in [
        "arn:aws:iam::111122223333:user/ann",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:iam::111122223333:role/*",
        "arn:aws:sts::111122223333:assumed-role/Open/s",
        "arn:aws:iam:us-east-1:111122223333:role/Open",
        "arn:aws:iam::1111:role/Open-and-long-enough",
        "Open-and-long-enough-to-be-taken",
        "Open",
    ] {
        assert_eq!(code(&assume(&ann, arn, &[]).await), "ValidationError", "{arn}");
    }
}

/// A trust policy means whom it meant when it was saved.
#[tokio::test]
async fn a_new_user_of_an_old_name_is_somebody_else() {
    let world = World::new().await;
    let root = world.root();
    let ann = user(&world, "ann").await;
    let arn = role(&root, "app", &trust(r#"{"AWS":"arn:aws:iam::111122223333:user/ann"}"#, "AssumeRole"), "").await;
    assert_eq!(code(&assume(&ann, &arn, &[]).await), "ok");
    root.iam("DeleteAccessKey", &[("UserName", "ann"), ("AccessKeyId", &ann.keys.id)]).await.unwrap();
    root.iam("DeleteUserPolicy", &[("UserName", "ann"), ("PolicyName", "p")]).await.unwrap();
    root.iam("DeleteUser", &[("UserName", "ann")]).await.unwrap();
    assert_eq!(code(&assume(&ann, &arn, &[]).await), "InvalidClientTokenId");
    let again = user(&world, "ann").await;
    assert_eq!(code(&assume(&again, &arn, &[]).await), "AccessDenied");
}

#[tokio::test]
async fn conditions_of_trust_policies() {
    let world = World::new().await;
    let root = world.root();
    let ann = user(&world, "ann").await;
    let tag = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")];
    let transitive = [tag[0], tag[1], ("TransitiveTagKeys.member.1", "Team")];
    let two = [tag[0], tag[1], ("Tags.member.2.Key", "cost"), ("Tags.member.2.Value", "7")];
    let rows: [(&str, Parameters<'_>, Parameters<'_>); 9] = [
        (r#"{"StringEquals":{"sts:ExternalId":"x-1"}}"#, &[("ExternalId", "x-1")], &[("ExternalId", "x-2")]),
        (
            r#"{"StringLike":{"sts:RoleSessionName":"${aws:username}-*"}}"#,
            &[("RoleSessionName", "ann-1")],
            &[("RoleSessionName", "bob-1")],
        ),
        (
            r#"{"StringEquals":{"sts:SourceIdentity":"ann"}}"#,
            &[("SourceIdentity", "ann")],
            &[("SourceIdentity", "bob")],
        ),
        (r#"{"StringEquals":{"aws:RequestTag/team":"red"}}"#, &tag, &[]),
        (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["Team"]},"Null":{"aws:TagKeys":"false"}}"#, &tag, &two),
        (r#"{"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":"Team"}}"#, &transitive, &tag),
        (r#"{"Null":{"sts:ExternalId":"true"}}"#, &[], &[("ExternalId", "x-1")]),
        (
            r#"{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/ann","aws:ResourceAccount":"111122223333"}}"#,
            &[],
            &[("RoleSessionName", "*")],
        ),
        (
            r#"{"Bool":{"aws:SecureTransport":"false"},"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#,
            &[],
            &[("RoleSessionName", "a")],
        ),
    ];
    for (number, (condition, good, bad)) in rows.into_iter().enumerate() {
        let arn = role(&root, &format!("role-{number}"), &trust_if(condition), "").await;
        assert_eq!(code(&assume(&ann, &arn, good).await), "ok", "{condition} {good:?}");
        assert_ne!(code(&assume(&ann, &arn, bad).await), "ok", "{condition} {bad:?}");
    }
    // The role's own tags, as either side sees them.
    let trusting = trust_account(ACCOUNT);
    for (name, team) in [("red", "red"), ("blue", "blue")] {
        let parameters = [
            ("RoleName", name),
            ("AssumeRolePolicyDocument", &trusting),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", team),
        ];
        root.iam("CreateRole", &parameters).await.unwrap();
    }
    for key in ["aws:ResourceTag/team", "iam:ResourceTag/team"] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Condition":{{"StringEquals":{{"{key}":"red"}}}}}}}}"#
        );
        root.allow("ann", &policy).await;
        assert_eq!(code(&assume(&ann, "arn:aws:iam::111122223333:role/red", &[]).await), "ok", "{key}");
        assert_eq!(code(&assume(&ann, "arn:aws:iam::111122223333:role/blue", &[]).await), "AccessDenied", "{key}");
        assert_eq!(code(&assume(&ann, "arn:aws:iam::111122223333:role/green", &[]).await), "AccessDenied", "{key}");
    }
}

/// Tags and a source identity need permissions of their own, on both sides.
#[tokio::test]
async fn tagging_and_naming_are_permissions_of_their_own() {
    let world = World::new().await;
    let root = world.root();
    let tagged: Parameters<'_> = &[("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "red")];
    let named: Parameters<'_> = &[("SourceIdentity", "ann")];
    let rows = [
        ("AssumeRole,TagSession,SetSourceIdentity", "sts:AssumeRole,sts:TagSession,sts:SetSourceIdentity", true, true),
        ("AssumeRole,TagSession", "sts:*", true, false),
        ("AssumeRole,SetSourceIdentity", "sts:*", false, true),
        ("AssumeRole,TagSession,SetSourceIdentity", "sts:AssumeRole,sts:TagSession", true, false),
        ("AssumeRole,TagSession,SetSourceIdentity", "sts:AssumeRole,sts:SetSourceIdentity", false, true),
        ("TagSession,SetSourceIdentity", "sts:*", false, false),
    ];
    let ann = world.user("ann", &allow("sts:*", "*")).await;
    for (number, (of_trust, of_user, may_tag, may_name)) in rows.into_iter().enumerate() {
        let trusting = trust(&format!(r#"{{"AWS":"{ACCOUNT}"}}"#), of_trust);
        let arn = role(&root, &format!("role-{number}"), &trusting, "").await;
        root.allow("ann", &allow(of_user, "*")).await;
        for (parameters, allowed, action) in [(tagged, may_tag, "TagSession"), (named, may_name, "SetSourceIdentity")] {
            let outcome = assume(&ann, &arn, parameters).await;
            assert_eq!(outcome.is_ok(), allowed, "{number} {parameters:?}");
            let message = outcome.map_or_else(|refused| refused.message, |_| format!("sts:{action} on"));
            let asked_first = if of_trust.contains("AssumeRole") { action } else { "AssumeRole" };
            assert!(message.contains(&format!("sts:{asked_first} on")), "{message}");
        }
    }
}

#[tokio::test]
async fn tags_that_are_refused() {
    let world = World::new().await;
    let ann = user(&world, "ann").await;
    let arn = role(&world.root(), "app", &trust_account(ACCOUNT), "").await;
    let rows: [(Parameters<'_>, &str); 6] = [
        (
            &[
                ("Tags.member.1.Key", "a"),
                ("Tags.member.1.Value", "1"),
                ("Tags.member.2.Key", "A"),
                ("Tags.member.2.Value", "2"),
            ],
            "InvalidParameterValue",
        ),
        (&[("Tags.member.1.Key", "aws:a"), ("Tags.member.1.Value", "1")], "InvalidParameterValue"),
        (&[("Tags.member.1.Key", "a*"), ("Tags.member.1.Value", "1")], "ValidationError"),
        (&[("TransitiveTagKeys.member.1", "a")], "InvalidParameterValue"),
        (
            &[("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "1"), ("TransitiveTagKeys.member.1", "b")],
            "InvalidParameterValue",
        ),
        (&[("ProvidedContexts.member.1.ProviderArn", "arn:aws:iam::aws:contextProvider/x")], "ValidationError"),
    ];
    for (parameters, expected) in rows {
        assert_eq!(code(&assume(&ann, &arn, parameters).await), expected, "{parameters:?}");
    }
    let parameters: Vec<(String, String)> = (1..=51)
        .flat_map(|n| {
            [(format!("Tags.member.{n}.Key"), format!("k{n}")), (format!("Tags.member.{n}.Value"), String::new())]
        })
        .collect();
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(code(&assume(&ann, &arn, &parameters).await), "ValidationError");
    assert_eq!(code(&assume(&ann, &arn, &parameters[..100]).await), "ok");
}

#[tokio::test]
async fn how_long_sessions_last() {
    let world = World::new().await;
    let root = world.root();
    let ann = user(&world, "ann").await;
    let (short, long) = (
        role(&root, "short", &trust_account(ACCOUNT), &allow("sts:*", "*")).await,
        "arn:aws:iam::111122223333:role/long",
    );
    let parameters =
        [("RoleName", "long"), ("AssumeRolePolicyDocument", &trust_account(ACCOUNT)), ("MaxSessionDuration", "43200")];
    root.iam("CreateRole", &parameters).await.unwrap();
    let chained = world.session(&assume(&ann, &short, &[]).await.unwrap());
    let of_role = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    let of_chain = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
    for (client, arn, duration, expires) in [
        (&ann, short.as_str(), "", "2026-11-21T13:00:00Z"),
        (&ann, &short, "900", "2026-11-21T12:15:00Z"),
        (&ann, &short, "3600", "2026-11-21T13:00:00Z"),
        (&ann, &short, "3601", of_role),
        (&ann, long, "", "2026-11-21T13:00:00Z"),
        (&ann, long, "43200", "2026-11-22T00:00:00Z"),
        (&chained, long, "", "2026-11-21T13:00:00Z"),
        (&chained, long, "3600", "2026-11-21T13:00:00Z"),
        (&chained, long, "3601", of_chain),
        (&chained, &short, "3601", of_chain),
    ] {
        let parameters = [("DurationSeconds", duration)];
        let parameters = if duration.is_empty() { &[][..] } else { &parameters };
        let outcome = assume(client, arn, parameters).await;
        let found = outcome.map_or_else(|refused| refused.message, |made| made.text("Credentials/Expiration"));
        assert_eq!(found, expires, "{arn} {duration}");
    }
    for duration in ["899", "43201", "-1", "x"] {
        let outcome = assume(&ann, long, &[("DurationSeconds", duration)]).await;
        assert!(["ValidationError", "MalformedInput"].contains(&code(&outcome)), "{duration}");
    }
    // Who may not assume the role does not learn how long it could last.
    let bob = world.user("bob", "").await;
    assert_eq!(code(&assume(&bob, &short, &[("DurationSeconds", "43200")]).await), "AccessDenied");
}

/// What goes down a chain of roles: transitive tags and the source identity, and nobody can change either.
#[tokio::test]
async fn chains() {
    let world = World::new().await;
    let root = world.root();
    let ann = user(&world, "ann").await;
    let may = allow("sts:*", "*");
    for name in ["one", "two", "three"] {
        role(&root, name, &trust_account(ACCOUNT), &may).await;
    }
    let plain = trust(&format!(r#"{{"AWS":"{ACCOUNT}"}}"#), "AssumeRole");
    role(&root, "plain", &plain, &may).await;
    let checking = trust_if(
        r#"{"StringEquals":{"aws:PrincipalTag/team":"red","sts:SourceIdentity":"ann","aws:SourceIdentity":"ann"}}"#,
    );
    role(&root, "checking", &checking, &may).await;
    let arn = |name: &str| format!("arn:aws:iam::111122223333:role/{name}");
    let parameters = [
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "red"),
        ("Tags.member.2.Key", "cost"),
        ("Tags.member.2.Value", "7"),
        ("TransitiveTagKeys.member.1", "team"),
        ("SourceIdentity", "ann"),
    ];
    let made = assume(&ann, &arn("one"), &parameters).await.unwrap();
    assert_eq!(made.text("SourceIdentity"), "ann");
    let one = world.session(&made);
    let made = assume(&one, &arn("two"), &[]).await.unwrap();
    assert_eq!(made.text("SourceIdentity"), "ann", "it persists");
    let two = world.session(&made);
    for (client, name, parameters, expected) in [
        (&one, "checking", &[][..], "ok"),
        (&two, "checking", &[], "ok"),
        (&two, "three", &[("SourceIdentity", "ann")], "ok"),
        (&two, "three", &[("SourceIdentity", "bob")], "AccessDenied"),
        (&two, "three", &[("Tags.member.1.Key", "TEAM"), ("Tags.member.1.Value", "blue")], "InvalidParameterValue"),
        (&two, "three", &[("Tags.member.1.Key", "cost"), ("Tags.member.1.Value", "8")], "ok"),
        (&two, "three", &[("TransitiveTagKeys.member.1", "team")], "InvalidParameterValue"),
        // The transitive tag and the source identity need permission at each step.
        (&one, "plain", &[], "AccessDenied"),
        (&two, "plain", &[], "AccessDenied"),
    ] {
        assert_eq!(code(&assume(client, &arn(name), parameters).await), expected, "{name} {parameters:?}");
    }
    // What is not transitive stays behind.
    let cost = trust_if(r#"{"StringEquals":{"aws:PrincipalTag/cost":"7"}}"#);
    role(&root, "cost", &cost, "").await;
    assert_eq!(code(&assume(&one, &arn("cost"), &[]).await), "ok");
    assert_eq!(code(&assume(&two, &arn("cost"), &[]).await), "AccessDenied");
}

#[tokio::test]
async fn session_policies_only_narrow() {
    let world = World::new().await;
    let root = world.root();
    let ann = user(&world, "ann").await;
    let arn = role(&root, "app", &trust_account(ACCOUNT), &allow("iam:ListUsers,iam:ListRoles", "*")).await;
    let made = root
        .iam("CreatePolicy", &[("PolicyName", "users"), ("PolicyDocument", &allow("iam:ListUsers", "*"))])
        .await
        .unwrap();
    let users = made.text("Policy/Arn");
    let (inline, all) = (allow("iam:ListUsers", "*"), allow("*", "*"));
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:ListRoles","Resource":"*"}]}"#;
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    for (parameters, sees_users, sees_roles, sees_groups) in [
        (&[][..], true, true, false),
        (&[("Policy", inline.as_str())], true, false, false),
        (&[("Policy", &all)], true, true, false),
        (&[("Policy", deny)], true, false, false),
        (&[("PolicyArns.member.1.arn", users.as_str())], true, false, false),
        (&[("PolicyArns.member.1.arn", admin)], true, true, false),
        (&[("PolicyArns.member.1.arn", &users), ("PolicyArns.member.2.arn", admin)], true, true, false),
        (&[("Policy", deny), ("PolicyArns.member.1.arn", admin)], true, false, false),
    ] {
        let made = assume(&ann, &arn, parameters).await.unwrap();
        assert_eq!(made.has("PackedPolicySize"), !parameters.is_empty());
        if !parameters.is_empty() {
            assert!((1..100).contains(&made.text("PackedPolicySize").parse::<u8>().unwrap()));
        }
        let session = world.session(&made);
        for (action, expected) in [("ListUsers", sees_users), ("ListRoles", sees_roles), ("ListGroups", sees_groups)] {
            let outcome = session.iam(action, &[]).await;
            assert_eq!(outcome.is_ok(), expected, "{action} {parameters:?}");
        }
    }
    // A managed session policy counts as it is now, and one that is gone allows nothing.
    let session = world.session(&assume(&ann, &arn, &[("PolicyArns.member.1.arn", &users)]).await.unwrap());
    let version =
        [("PolicyArn", users.as_str()), ("PolicyDocument", &allow("iam:ListRoles", "*")), ("SetAsDefault", "true")];
    root.iam("CreatePolicyVersion", &version).await.unwrap();
    assert_eq!(code(&session.iam("ListUsers", &[]).await), "AccessDenied");
    assert_eq!(code(&session.iam("ListRoles", &[]).await), "ok");
    root.iam("DeletePolicyVersion", &[("PolicyArn", &users), ("VersionId", "v1")]).await.unwrap();
    root.iam("DeletePolicy", &[("PolicyArn", &users)]).await.unwrap();
    assert_eq!(code(&session.iam("ListRoles", &[]).await), "AccessDenied");
}

#[tokio::test]
async fn session_policies_that_are_refused() {
    let world = World::new().await;
    let (root, other_root) = (world.root(), world.root_of(OTHER_ACCOUNT));
    let ann = user(&world, "ann").await;
    let arn = role(&root, "app", &trust_account(ACCOUNT), "").await;
    let made = other_root
        .iam("CreatePolicy", &[("PolicyName", "foreign"), ("PolicyDocument", &allow("*", "*"))])
        .await
        .unwrap();
    let foreign = made.text("Policy/Arn");
    let padded = |len: usize| format!("{}{}", allow("*", "*"), " ".repeat(len - allow("*", "*").len()));
    let principal = trust_account(ACCOUNT);
    for (policy, expected) in [
        (padded(2048).as_str(), "ok"),
        (&padded(2049), "ValidationError"),
        ("{}", "MalformedPolicyDocument"),
        ("{", "MalformedPolicyDocument"),
        (&principal, "MalformedPolicyDocument"),
        (r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*"}}"#, "MalformedPolicyDocument"),
    ] {
        assert_eq!(code(&assume(&ann, &arn, &[("Policy", policy)]).await), expected, "{policy}");
    }
    for (policy, expected) in [
        ("arn:aws:iam::aws:policy/NoSuchPolicyAtAll", "ValidationError"),
        ("arn:aws:iam::111122223333:policy/missing", "ValidationError"),
        ("arn:aws-cn:iam::aws:policy/AdministratorAccess", "ValidationError"),
        ("arn:aws:iam::111122223333:role/app", "ValidationError"),
        (&foreign, "ValidationError"),
        ("arn:aws:iam::aws:policy/AdministratorAccess", "ok"),
    ] {
        assert_eq!(code(&assume(&ann, &arn, &[("PolicyArns.member.1.arn", policy)]).await), expected, "{policy}");
    }
    let names: Vec<String> = (1..=11).map(|n| format!("PolicyArns.member.{n}.arn")).collect();
    let parameters: Vec<_> =
        names.iter().map(|name| (name.as_str(), "arn:aws:iam::aws:policy/AdministratorAccess")).collect();
    assert_eq!(code(&assume(&ann, &arn, &parameters).await), "ValidationError");
    assert_eq!(code(&assume(&ann, &arn, &parameters[..10]).await), "ok");
    // More than a token can hold.
    let value = "ü".repeat(256);
    let parameters: Vec<(String, String)> = (1..=50)
        .flat_map(|n| {
            [(format!("Tags.member.{n}.Key"), format!("k{n}")), (format!("Tags.member.{n}.Value"), value.clone())]
        })
        .collect();
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let refused = assume(&ann, &arn, &parameters).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (400, "PackedPolicyTooLarge"));
    assert!(refused.message.contains('%'), "{}", refused.message);
    let made = assume(&ann, &arn, &parameters[..40]).await.unwrap();
    assert!(made.text("PackedPolicySize").parse::<u8>().unwrap() > 80);
    let session = world.session(&made);
    assert_eq!(code(&session.sts("GetCallerIdentity", &[]).await), "ok", "a long token is taken, too");
}

#[tokio::test]
async fn mfa_opens_roles_that_ask_for_it() {
    let world = World::new().await;
    let root = world.root();
    let ann = user(&world, "ann").await;
    let device = Device::of(&root, "ann").await;
    let session_policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*",
        "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"300"}}}}"#;
    let arn = role(&root, "app", &trust_if(r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#), session_policy).await;
    let given = device.code(&world);
    let parameters = [("SerialNumber", device.serial.as_str()), ("TokenCode", given.as_str())];
    let wrong = device.wrong_code(&world);
    assert_eq!(code(&assume(&ann, &arn, &[]).await), "AccessDenied");
    assert_eq!(code(&assume(&ann, &arn, &[parameters[0]]).await), "AccessDenied");
    let refused = assume(&ann, &arn, &[parameters[0], ("TokenCode", wrong.as_str())]).await.unwrap_err();
    assert_eq!(refused.message, "MultiFactorAuthentication failed with invalid MFA one time pass code. ");
    let session = world.session(&assume(&ann, &arn, &parameters).await.unwrap());
    assert_eq!(code(&assume(&ann, &arn, &parameters).await), "AccessDenied", "each code once");
    assert_eq!(code(&session.iam("ListUsers", &[]).await), "ok");
    world.clock.move_by_ms(300_000);
    assert_eq!(code(&session.iam("ListUsers", &[]).await), "AccessDenied");
    // A session has no device of its own.
    let given = device.code(&world);
    let parameters = [("SerialNumber", device.serial.as_str()), ("TokenCode", given.as_str())];
    assert_eq!(code(&assume(&session, &arn, &parameters).await), "AccessDenied");
    // MFA of the session that it is assumed from counts for the trust policy.
    world.clock.move_by_ms(totp::STEP_MS);
    let given = device.code(&world);
    let parameters = [("SerialNumber", device.serial.as_str()), ("TokenCode", given.as_str())];
    let own = world.session(&ann.sts("GetSessionToken", &parameters).await.unwrap());
    assert_eq!(code(&assume(&own, &arn, &[]).await), "ok");
}

/// A role for a service: its sessions come through the service, with the Region in which it assumed the role.
#[tokio::test]
async fn services_assume_their_roles() {
    let world = World::new().await;
    let root = world.root();
    let s3 = service(&world, "s3.amazonaws.com").await;
    let through = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{
        "Bool":{"aws:ViaAWSService":"true"},"ForAnyValue:StringEquals":{"aws:CalledVia":"s3.amazonaws.com"},
        "StringEquals":{"aws:CalledViaFirst":"s3.amazonaws.com"}}}}"#;
    let only = |name: &str| trust(&format!(r#"{{"Service":"{name}"}}"#), "AssumeRole");
    let arn = role(&root, "storage", &only("s3.amazonaws.com"), through).await;
    let other = role(&root, "functions", &only("lambda.amazonaws.com"), "").await;
    let everyone = role(&root, "account", &trust_account(OTHER_ACCOUNT), "").await;
    let session = world.session(&assume(&s3, &arn, &[]).await.unwrap());
    assert_eq!(code(&session.iam("ListUsers", &[]).await), "ok");
    assert_eq!(code(&assume(&s3, &other, &[]).await), "AccessDenied");
    assert_eq!(code(&assume(&s3, &everyone, &[]).await), "AccessDenied", "a service is in no account");
    let ann = user(&world, "ann").await;
    assert_eq!(code(&assume(&ann, &arn, &[]).await), "AccessDenied");
    // A session of a user does not come through a service.
    let direct = role(&root, "direct", &trust_account(ACCOUNT), through).await;
    let session = world.session(&assume(&ann, &direct, &[]).await.unwrap());
    assert_eq!(code(&session.iam("ListUsers", &[]).await), "AccessDenied");
}

/// Each account learns its own side: the caller's nothing of the trust policy, the role's nothing of the caller's policies.
#[tokio::test]
async fn decisions_are_kept_for_both_accounts() {
    let world = World::new().await;
    let cid = world.user_of(&world.root_of(OTHER_ACCOUNT), "cid", &allow("sts:AssumeRole,iam:Secretive", "*")).await;
    let asking = trust_if(r#"{"StringEquals":{"sts:ExternalId":"secret-id"}}"#).replace(ACCOUNT, OTHER_ACCOUNT);
    let arn = role(&world.root(), "app", &asking, "").await;
    assert_eq!(code(&assume(&cid, &arn, &[]).await), "AccessDenied");
    let question = format!("arn:aws:iam::{OTHER_ACCOUNT}:user/cid asked for sts:AssumeRole on {arn}.");
    let (of_caller, of_role) = (world.told(OTHER_ACCOUNT).concat(), world.told(ACCOUNT).concat());
    for told in [&of_caller, &of_role] {
        assert!(told.contains(&question), "{told}");
    }
    assert!(!of_caller.contains("secret-id") && of_caller.contains("identity-based policy"), "{of_caller}");
    assert!(of_role.contains("secret-id") && !of_role.contains("identity-based policy"), "{of_role}");
    assert_eq!(world.told("999999999999"), [""; 0]);
    // One decision for each permission that was needed.
    let more = [("ExternalId", "secret-id"), ("SourceIdentity", "cid")];
    let refused = assume(&cid, &arn, &more).await.unwrap_err();
    assert!(refused.message.contains("sts:SetSourceIdentity"), "{}", refused.message);
    let told = world.told(OTHER_ACCOUNT);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.first().unwrap().starts_with("sts:AssumeRole was allowed"), "{told:?}");
    // Within one account its administrators see both sides.
    let ann = user(&world, "ann").await;
    assert_eq!(code(&assume(&ann, &arn, &[]).await), "AccessDenied");
    let told = world.told(ACCOUNT).concat();
    assert!(told.contains("identity-based policy") && told.contains("resource-based policy"), "{told}");
}
