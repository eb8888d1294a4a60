//! Managed policies, attachments, inline policies and permissions boundaries, and what they do to requests.

use crate::support::{Answer, Client, Parameters, Refused, World, allow, decoded};

const P: &str = "arn:aws:iam::111122223333:policy/P";
const DENY_ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

async fn policy(root: &Client<'_>, name: &str, document: &str) -> Answer {
    root.iam("CreatePolicy", &[("PolicyName", name), ("PolicyDocument", document)]).await.unwrap()
}

async fn role(root: &Client<'_>, name: &str) {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}"#;
    root.iam("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", trust)]).await.unwrap();
}

fn code(answer: Result<Answer, Refused>) -> Result<(), String> {
    answer.map(drop).map_err(|refused| refused.code)
}

fn refused(code: &str) -> Result<(), String> {
    Err(code.to_owned())
}

#[tokio::test]
async fn a_policy_is_what_it_was_made_to_be() {
    let world = World::new().await;
    let root = world.root();
    let document = allow("kms:*", "*") + "\n";
    let parameters = [
        ("PolicyName", "P"),
        ("Path", "/a/"),
        ("PolicyDocument", document.as_str()),
        ("Description", "keys"),
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", "v"),
    ];
    let made = root.iam("CreatePolicy", &parameters).await.unwrap();
    let arn = "arn:aws:iam::111122223333:policy/a/P";
    let shown = root.iam("GetPolicy", &[("PolicyArn", arn)]).await.unwrap();
    for (path, value) in [
        ("PolicyName", "P"),
        ("Arn", arn),
        ("Path", "/a/"),
        ("DefaultVersionId", "v1"),
        ("AttachmentCount", "0"),
        ("PermissionsBoundaryUsageCount", "0"),
        ("IsAttachable", "true"),
        ("CreateDate", "2026-11-21T12:00:00Z"),
        ("Tags/member/Key", "k"),
    ] {
        assert_eq!(made.text(&format!("Policy/{path}")), value, "{path}");
        assert_eq!(shown.text(&format!("Policy/{path}")), value, "{path}");
    }
    assert!(shown.text("Policy/PolicyId").starts_with("ANPA"));
    assert_eq!(shown.text("Policy/Description"), "keys");
    let version = root.iam("GetPolicyVersion", &[("PolicyArn", arn), ("VersionId", "v1")]).await.unwrap();
    assert_eq!(decoded(&version.text("PolicyVersion/Document")), document);
    assert_eq!(version.text("PolicyVersion/IsDefaultVersion"), "true");

    for other in [
        "arn:aws:iam::111122223333:policy/P",
        "arn:aws:iam::111122223333:policy/a/p",
        "arn:aws:iam::444455556666:policy/a/P",
        "arn:aws-cn:iam::111122223333:policy/a/P",
    ] {
        assert_eq!(code(root.iam("GetPolicy", &[("PolicyArn", other)]).await), refused("NoSuchEntity"), "{other}");
    }
    for no_arn in
        ["arn:aws:iam::111122223333:role/aaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaa", "arn:aws:iam::aws:policy/a b c"]
    {
        assert_eq!(code(root.iam("GetPolicy", &[("PolicyArn", no_arn)]).await), refused("InvalidInput"), "{no_arn}");
    }
    let china = root.in_region("cn-north-1").iam("ListPolicies", &[("Scope", "Local")]).await.unwrap();
    assert_eq!(china.texts("Policies/member/Arn"), ["arn:aws-cn:iam::111122223333:policy/a/P"]);
}

#[tokio::test]
async fn what_is_no_policy_is_refused() {
    let world = World::new().await;
    let root = world.root();
    policy(&root, "P", &allow("kms:*", "*")).await;
    let with_principal = allow("kms:*", "*").replace("\"Effect\"", "\"Principal\":\"*\",\"Effect\"");
    let twice = allow("kms:*", "*").replace("\"Effect\"", "\"Effect\":\"Deny\",\"Effect\"");
    let long = allow("kms:*", &format!("arn:aws:kms:*:*:{}", "x".repeat(6144)));
    // White space does not count.
    let wide = allow("kms:*", "*").replace(':', &format!(":{}", " ".repeat(6000))).replace("kms: ", "kms:");
    let wide = wide.replace(&format!("kms:{}", " ".repeat(5999)), "kms:");
    for (name, document, expected) in [
        ("p", &allow("kms:*", "*"), refused("EntityAlreadyExists")),
        ("a b", &allow("kms:*", "*"), refused("ValidationError")),
        ("a", &"{".to_owned(), refused("MalformedPolicyDocument")),
        ("a", &"{}".to_owned(), refused("MalformedPolicyDocument")),
        ("a", &with_principal, refused("MalformedPolicyDocument")),
        ("a", &twice, refused("MalformedPolicyDocument")),
        ("a", &long, refused("LimitExceeded")),
        ("a", &wide, Ok(())),
    ] {
        let answer = root.iam("CreatePolicy", &[("PolicyName", name), ("PolicyDocument", document)]).await;
        assert_eq!(code(answer), expected, "{name} {}", document.get(..200).unwrap_or(document));
    }
}

/// What the default version says holds on the very next request.
#[tokio::test]
async fn versions_come_into_force_at_once() {
    let world = World::new().await;
    let root = world.root();
    policy(&root, "P", &allow("iam:ListRoles", "*")).await;
    let user = world.user("ann", "").await;
    let lists = || async { code(user.iam("ListRoles", &[]).await) };
    assert_eq!(lists().await, refused("AccessDenied"));
    root.iam("AttachUserPolicy", &[("UserName", "ann"), ("PolicyArn", P)]).await.unwrap();
    assert_eq!(lists().await, Ok(()));

    let new = |document: &'static str, is_default: &'static str| {
        [("PolicyArn", P), ("PolicyDocument", document), ("SetAsDefault", is_default)]
    };
    let made = root.iam("CreatePolicyVersion", &new(DENY_ALL, "false")).await.unwrap();
    assert_eq!(made.text("PolicyVersion/VersionId"), "v2");
    assert!(!made.has("PolicyVersion/Document"));
    assert_eq!(lists().await, Ok(()));
    root.iam("SetDefaultPolicyVersion", &[("PolicyArn", P), ("VersionId", "v2")]).await.unwrap();
    assert_eq!(lists().await, refused("AccessDenied"));
    root.iam("SetDefaultPolicyVersion", &[("PolicyArn", P), ("VersionId", "v1")]).await.unwrap();
    assert_eq!(lists().await, Ok(()));
    root.iam("CreatePolicyVersion", &new(DENY_ALL, "true")).await.unwrap();
    assert_eq!(lists().await, refused("AccessDenied"));

    let version = |id: &'static str| [("PolicyArn", P), ("VersionId", id)];
    assert_eq!(code(root.iam("DeletePolicyVersion", &version("v3")).await), refused("DeleteConflict"));
    root.iam("DeletePolicyVersion", &version("v2")).await.unwrap();
    for id in ["v2", "v4", "v0", "v1.x", "v99999999999"] {
        let expected = if id == "v0" { refused("ValidationError") } else { refused("NoSuchEntity") };
        for operation in ["GetPolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion"] {
            assert_eq!(code(root.iam(operation, &version(id)).await), expected, "{operation} {id}");
        }
    }
    for id in ["v4", "v5", "v6"] {
        let made = root.iam("CreatePolicyVersion", &new(DENY_ALL, "false")).await.unwrap();
        assert_eq!(made.text("PolicyVersion/VersionId"), id, "numbers are not used again");
    }
    assert_eq!(code(root.iam("CreatePolicyVersion", &new(DENY_ALL, "false")).await), refused("LimitExceeded"));
    assert_eq!(code(root.iam("CreatePolicyVersion", &new("{}", "false")).await), refused("MalformedPolicyDocument"));
    let listed = root.iam("ListPolicyVersions", &[("PolicyArn", P)]).await.unwrap();
    assert_eq!(listed.texts("Versions/member/VersionId"), ["v6", "v5", "v4", "v3", "v1"]);
    assert_eq!(listed.texts("Versions/member/IsDefaultVersion"), ["false", "false", "false", "true", "false"]);
    let page = root.iam("ListPolicyVersions", &[("PolicyArn", P), ("MaxItems", "2")]).await.unwrap();
    let rest = [("PolicyArn", P), ("Marker", &page.text("Marker"))];
    let rest = root.iam("ListPolicyVersions", &rest).await.unwrap();
    assert_eq!(rest.texts("Versions/member/VersionId"), ["v4", "v3", "v1"]);
}

#[tokio::test]
async fn a_policy_in_use_stays() {
    let world = World::new().await;
    let root = world.root();
    policy(&root, "P", &allow("kms:*", "*")).await;
    root.iam("CreateGroup", &[("GroupName", "g")]).await.unwrap();
    root.iam("CreateUser", &[("UserName", "ann")]).await.unwrap();
    role(&root, "App").await;
    let (arn, group) = (("PolicyArn", P), ("GroupName", "g"));
    let (user, app) = (("UserName", "ann"), ("RoleName", "App"));
    let boundary = ("PermissionsBoundary", P);
    let counts = || async {
        let shown = root.iam("GetPolicy", &[arn]).await.unwrap();
        [shown.text("Policy/AttachmentCount"), shown.text("Policy/PermissionsBoundaryUsageCount")]
    };
    for (uses, put, put_parameters, take, take_parameters) in [
        (["1", "0"], "AttachGroupPolicy", [group, arn], "DetachGroupPolicy", &[group, arn][..]),
        (["1", "0"], "AttachUserPolicy", [user, arn], "DetachUserPolicy", &[user, arn]),
        (["1", "0"], "AttachRolePolicy", [app, arn], "DetachRolePolicy", &[app, arn]),
        (["0", "1"], "PutUserPermissionsBoundary", [user, boundary], "DeleteUserPermissionsBoundary", &[user]),
        (["0", "1"], "PutRolePermissionsBoundary", [app, boundary], "DeleteRolePermissionsBoundary", &[app]),
    ] {
        for _ in 0..2 {
            root.iam(put, &put_parameters).await.unwrap();
            assert_eq!(counts().await, uses, "{put}");
        }
        let refusal = root.iam("DeletePolicy", &[arn]).await.unwrap_err();
        assert_eq!((refusal.status, refusal.code.as_str()), (409, "DeleteConflict"));
        assert_eq!(refusal.message, "Cannot delete a policy attached to entities.");
        root.iam(take, take_parameters).await.unwrap();
        assert_eq!(counts().await, ["0", "0"], "{take}");
        assert_eq!(code(root.iam(take, take_parameters).await), refused("NoSuchEntity"), "{take}");
    }
    // Another boundary in the place of the first.
    root.iam("PutUserPermissionsBoundary", &[user, boundary]).await.unwrap();
    let other = ("PermissionsBoundary", "arn:aws:iam::aws:policy/PowerUserAccess");
    root.iam("PutUserPermissionsBoundary", &[user, other]).await.unwrap();
    assert_eq!(counts().await, ["0", "0"]);

    root.iam("CreatePolicyVersion", &[arn, ("PolicyDocument", DENY_ALL)]).await.unwrap();
    let refusal = root.iam("DeletePolicy", &[arn]).await.unwrap_err();
    assert!(refusal.message.starts_with("This policy has more than one version."), "{}", refusal.message);
    root.iam("DeletePolicyVersion", &[arn, ("VersionId", "v2")]).await.unwrap();
    root.iam("DeletePolicy", &[arn]).await.unwrap();
    assert_eq!(code(root.iam("GetPolicy", &[arn]).await), refused("NoSuchEntity"));
    assert_eq!(code(root.iam("AttachUserPolicy", &[user, arn]).await), refused("NoSuchEntity"));
}

/// Attaching and deleting at once: never both.
#[tokio::test]
async fn nothing_is_attached_that_is_being_deleted() {
    let world = World::new().await;
    let root = world.root();
    root.iam("CreateUser", &[("UserName", "ann")]).await.unwrap();
    for _ in 0..20 {
        policy(&root, "P", &allow("kms:*", "*")).await;
        let parameters = [("UserName", "ann"), ("PolicyArn", P)];
        let boundary = [("UserName", "ann"), ("PermissionsBoundary", P)];
        let (attached, deleted, bounded) = tokio::join!(
            root.iam("AttachUserPolicy", &parameters),
            root.iam("DeletePolicy", &[("PolicyArn", P)]),
            root.iam("PutUserPermissionsBoundary", &boundary)
        );
        assert_eq!(deleted.is_ok(), attached.is_err() && bounded.is_err());
        let listed = root.iam("ListAttachedUserPolicies", &[("UserName", "ann")]).await.unwrap();
        assert_eq!(listed.has("AttachedPolicies/member"), attached.is_ok());
        if deleted.is_err() {
            if attached.is_ok() {
                root.iam("DetachUserPolicy", &parameters).await.unwrap();
            }
            if bounded.is_ok() {
                root.iam("DeleteUserPermissionsBoundary", &[("UserName", "ann")]).await.unwrap();
            }
            root.iam("DeletePolicy", &[("PolicyArn", P)]).await.unwrap();
        }
    }
}

#[tokio::test]
async fn policies_are_found_by_their_use() {
    let world = World::new().await;
    let root = world.root();
    for (name, path) in [("P", "/"), ("Q", "/q/"), ("R", "/q/r/")] {
        let document = allow("kms:*", "*");
        let parameters = [("PolicyName", name), ("Path", path), ("PolicyDocument", &document)];
        root.iam("CreatePolicy", &parameters).await.unwrap();
    }
    let q = "arn:aws:iam::111122223333:policy/q/Q";
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let view = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess";
    role(&root, "App").await;
    root.iam("CreateUser", &[("UserName", "ann"), ("Path", "/u/")]).await.unwrap();
    root.iam("CreateGroup", &[("GroupName", "g")]).await.unwrap();
    root.iam("AttachUserPolicy", &[("UserName", "ann"), ("PolicyArn", P)]).await.unwrap();
    root.iam("AttachGroupPolicy", &[("GroupName", "g"), ("PolicyArn", P)]).await.unwrap();
    root.iam("AttachRolePolicy", &[("RoleName", "App"), ("PolicyArn", admin)]).await.unwrap();
    root.iam("PutRolePermissionsBoundary", &[("RoleName", "App"), ("PermissionsBoundary", P)]).await.unwrap();
    root.iam("PutUserPermissionsBoundary", &[("UserName", "ann"), ("PermissionsBoundary", view)]).await.unwrap();

    let names = |parameters: Parameters<'static>| {
        let root = root.clone();
        async move { root.iam("ListPolicies", parameters).await.unwrap().texts("Policies/member/PolicyName") }
    };
    for (parameters, expected) in [
        (&[("Scope", "Local")][..], &["P", "Q", "R"][..]),
        (&[("Scope", "Local"), ("PathPrefix", "/q/")], &["Q", "R"]),
        (&[("Scope", "Local"), ("OnlyAttached", "true")], &["P"]),
        (&[("Scope", "AWS"), ("OnlyAttached", "true")], &["AdministratorAccess", "ViewOnlyAccess"]),
        (&[("PolicyUsageFilter", "PermissionsBoundary")], &["P", "ViewOnlyAccess"]),
        (&[("PolicyUsageFilter", "PermissionsPolicy")], &["AdministratorAccess", "P"]),
        (&[("PathPrefix", "/job-function/")], &["ViewOnlyAccess"]),
    ] {
        assert_eq!(names(parameters).await, expected, "{parameters:?}");
    }
    assert_eq!(names(&[]).await.len(), 12);
    let page = root.iam("ListPolicies", &[("Scope", "Local"), ("MaxItems", "2")]).await.unwrap();
    let marker = page.text("Marker");
    let next = root.iam("ListPolicies", &[("Scope", "Local"), ("Marker", &marker)]).await.unwrap();
    assert_eq!(next.texts("Policies/member/PolicyName"), ["R"]);
    assert_eq!(code(root.iam("ListPolicies", &[("Marker", &marker)]).await), refused("ValidationError"));

    for (arn, filter, users, groups, roles) in [
        (P, &[][..], &["ann"][..], &["g"][..], &["App"][..]),
        (P, &[("EntityFilter", "User")], &["ann"], &[], &[]),
        (P, &[("EntityFilter", "LocalManagedPolicy")], &[], &[], &[]),
        (P, &[("PathPrefix", "/u/")], &["ann"], &[], &[]),
        (P, &[("PolicyUsageFilter", "PermissionsPolicy")], &["ann"], &["g"], &[]),
        (P, &[("PolicyUsageFilter", "PermissionsBoundary")], &[], &[], &["App"]),
        (q, &[], &[], &[], &[]),
        (admin, &[], &[], &[], &["App"]),
        (view, &[], &["ann"], &[], &[]),
    ] {
        let mut parameters = vec![("PolicyArn", arn)];
        parameters.extend_from_slice(filter);
        let listed = root.iam("ListEntitiesForPolicy", &parameters).await.unwrap();
        assert_eq!(listed.texts("PolicyUsers/member/UserName"), users, "{parameters:?}");
        assert_eq!(listed.texts("PolicyGroups/member/GroupName"), groups, "{parameters:?}");
        assert_eq!(listed.texts("PolicyRoles/member/RoleName"), roles, "{parameters:?}");
    }
    let first = root.iam("ListEntitiesForPolicy", &[("PolicyArn", P), ("MaxItems", "2")]).await.unwrap();
    let rest = [("PolicyArn", P), ("Marker", &first.text("Marker"))];
    let rest = root.iam("ListEntitiesForPolicy", &rest).await.unwrap();
    assert_eq!(rest.texts("PolicyUsers/member/UserName"), ["ann"]);
    assert!(!rest.has("PolicyGroups/member"));
}

#[tokio::test]
async fn policies_of_aws_can_be_read_and_not_changed() {
    let world = World::new().await;
    let root = world.root();
    let arn = ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess");
    let shown = root.iam("GetPolicy", &[arn]).await.unwrap();
    assert_eq!(shown.text("Policy/PolicyId"), "ANPAIWMBCKSKIEE64ZLYK");
    assert_eq!(shown.text("Policy/CreateDate"), "2015-02-06T18:39:46Z");
    let version = root.iam("GetPolicyVersion", &[arn, ("VersionId", "v1")]).await.unwrap();
    assert!(decoded(&version.text("PolicyVersion/Document")).contains("\"Action\": \"*\""));
    for (operation, parameters) in [
        ("DeletePolicy", &[arn][..]),
        ("CreatePolicyVersion", &[arn, ("PolicyDocument", DENY_ALL)]),
        ("SetDefaultPolicyVersion", &[arn, ("VersionId", "v1")]),
        ("DeletePolicyVersion", &[arn, ("VersionId", "v1")]),
        ("TagPolicy", &[arn, ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")]),
    ] {
        assert_eq!(code(root.iam(operation, parameters).await), refused("AccessDenied"), "{operation}");
    }
    let unknown = [("PolicyArn", "arn:aws:iam::aws:policy/AmazonS3FullAccess")];
    assert_eq!(code(root.iam("GetPolicy", &unknown).await), refused("NoSuchEntity"));
    let other_partition = [("PolicyArn", "arn:aws-cn:iam::aws:policy/AdministratorAccess")];
    assert_eq!(code(root.iam("GetPolicy", &other_partition).await), refused("NoSuchEntity"));

    let user = world.user("ann", "").await;
    root.iam("AttachUserPolicy", &[("UserName", "ann"), arn]).await.unwrap();
    assert_eq!(code(user.iam("ListRoles", &[]).await), Ok(()));
    let deny = [("UserName", "ann"), ("PolicyArn", "arn:aws:iam::aws:policy/AWSDenyAll")];
    root.iam("AttachUserPolicy", &deny).await.unwrap();
    assert_eq!(code(user.iam("ListRoles", &[]).await), refused("AccessDenied"));
    let restarted = world.restarted().await;
    let user = restarted.client(&user.keys.id, &user.keys.secret, None);
    assert_eq!(code(user.iam("ListRoles", &[]).await), refused("AccessDenied"));
}

#[tokio::test]
async fn a_policy_is_attached_once_and_ten_at_most() {
    let world = World::new().await;
    let root = world.root();
    root.iam("CreateUser", &[("UserName", "ann")]).await.unwrap();
    let attach = |at: usize| {
        let (root, arn) = (root.clone(), format!("arn:aws:iam::111122223333:policy/P{at:02}"));
        async move { code(root.iam("AttachUserPolicy", &[("UserName", "ann"), ("PolicyArn", &arn)]).await) }
    };
    for at in 0..11 {
        policy(&root, &format!("P{at:02}"), &allow("kms:*", "*")).await;
        assert_eq!(attach(at).await, if at < 10 { Ok(()) } else { refused("LimitExceeded") });
    }
    assert_eq!(attach(3).await, Ok(()), "what is attached already is no more than it was");
    let listed = root.iam("ListAttachedUserPolicies", &[("UserName", "ann"), ("MaxItems", "3")]).await.unwrap();
    assert_eq!(listed.texts("AttachedPolicies/member/PolicyName"), ["P00", "P01", "P02"]);
    let rest = [("UserName", "ann"), ("Marker", &listed.text("Marker"))];
    let rest = root.iam("ListAttachedUserPolicies", &rest).await.unwrap();
    assert_eq!(rest.texts("AttachedPolicies/member/PolicyName").len(), 7);
    let other = [("UserName", "ann"), ("PathPrefix", "/x/")];
    assert!(!root.iam("ListAttachedUserPolicies", &other).await.unwrap().has("AttachedPolicies/member"));
}

#[tokio::test]
async fn inline_policies_have_room_together() {
    let world = World::new().await;
    let root = world.root();
    root.iam("CreateUser", &[("UserName", "x")]).await.unwrap();
    root.iam("CreateGroup", &[("GroupName", "x")]).await.unwrap();
    role(&root, "x").await;
    for (kind, max) in [("User", 2_048), ("Group", 5_120), ("Role", 10_240)] {
        let entity = format!("{kind}Name");
        let base = allow("kms:*", "arn:aws:kms:").len() + 1;
        let document = |size: usize| allow("kms:*", &format!("arn:aws:kms:{}*", "x".repeat(size - base)));
        let put = |name: &'static str, size: usize| {
            let (root, document, entity) = (root.clone(), document(size) + "  \n", entity.clone());
            async move {
                let parameters = [(entity.as_str(), "x"), ("PolicyName", name), ("PolicyDocument", &document)];
                code(root.iam(&format!("Put{kind}Policy"), &parameters).await)
            }
        };
        assert_eq!(put("one", max - 200).await, Ok(()), "{kind}");
        assert_eq!(put("two", 201).await, refused("LimitExceeded"), "{kind}");
        assert_eq!(put("two", 200).await, Ok(()), "{kind}");
        assert_eq!(put("two", 150).await, Ok(()), "in the place of the other");
        let list = format!("List{kind}Policies");
        let listed = root.iam(&list, &[(&entity, "x"), ("MaxItems", "1")]).await.unwrap();
        assert_eq!(listed.texts("PolicyNames/member"), ["one"]);
        let rest = root.iam(&list, &[(&entity, "x"), ("Marker", &listed.text("Marker"))]).await.unwrap();
        assert_eq!(rest.texts("PolicyNames/member"), ["two"]);
        let named = [(entity.as_str(), "x"), ("PolicyName", "two")];
        let shown = root.iam(&format!("Get{kind}Policy"), &named).await.unwrap();
        assert_eq!(decoded(&shown.text("PolicyDocument")), document(150) + "  \n");
        assert_eq!((shown.text(&entity), shown.text("PolicyName")), ("x".to_owned(), "two".to_owned()));
        root.iam(&format!("Delete{kind}Policy"), &named).await.unwrap();
        for operation in ["Get", "Delete"] {
            let refusal = root.iam(&format!("{operation}{kind}Policy"), &named).await.unwrap_err();
            let text = format!("The {} policy with name two cannot be found.", kind.to_lowercase());
            assert_eq!((refusal.code, refusal.message), ("NoSuchEntity".to_owned(), text));
        }
        let bad = [(entity.as_str(), "x"), ("PolicyName", "bad"), ("PolicyDocument", "{\"Statement\":[]}")];
        assert_eq!(code(root.iam(&format!("Put{kind}Policy"), &bad).await), refused("MalformedPolicyDocument"));
    }
}

/// An administrator of administrators: may only give what is named, and only under a boundary.
#[tokio::test]
async fn delegated_administrators_stay_within_their_bounds() {
    let world = World::new().await;
    let root = world.root();
    policy(&root, "P", &allow("iam:List*", "*")).await;
    policy(&root, "Boundary", &allow("iam:ListRoles", "*")).await;
    let boundary = "arn:aws:iam::111122223333:policy/Boundary";
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Action":["iam:AttachUserPolicy","iam:DetachUserPolicy"],"Resource":"arn:aws:iam::111122223333:user/dev/*","Condition":{{"ArnEquals":{{"iam:PolicyARN":"{P}"}},"StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}}}}},
        {{"Effect":"Allow","Action":["iam:CreateUser","iam:PutUserPermissionsBoundary","iam:PutUserPolicy","iam:CreateRole"],"Resource":"*","Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}}}}},
        {{"Effect":"Deny","Action":"iam:DeleteUserPermissionsBoundary","Resource":"*","Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}}}}},
        {{"Effect":"Allow","Action":["iam:DeleteUserPermissionsBoundary","iam:CreateAccessKey"],"Resource":"*"}}]}}"#
    );
    let lead = world.user("lead", "").await;
    policy(&root, "Lead", &document).await;
    let own = [("UserName", "lead"), ("PolicyArn", "arn:aws:iam::111122223333:policy/Lead")];
    root.iam("AttachUserPolicy", &own).await.unwrap();

    let dev = ("Path", "/dev/");
    let (ann, bob) = (("UserName", "ann"), ("UserName", "bob"));
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    root.iam("CreateUser", &[bob, dev]).await.unwrap();
    for (operation, parameters, expected) in [
        ("CreateUser", &[ann, dev][..], refused("AccessDenied")),
        ("CreateUser", &[ann, dev, ("PermissionsBoundary", admin)], refused("AccessDenied")),
        ("CreateUser", &[ann, dev, ("PermissionsBoundary", boundary)], Ok(())),
        ("AttachUserPolicy", &[ann, ("PolicyArn", admin)], refused("AccessDenied")),
        ("AttachUserPolicy", &[bob, ("PolicyArn", P)], refused("AccessDenied")),
        ("AttachUserPolicy", &[ann, ("PolicyArn", P)], Ok(())),
        ("PutUserPolicy", &[bob, ("PolicyName", "p"), ("PolicyDocument", DENY_ALL)], refused("AccessDenied")),
        ("PutUserPermissionsBoundary", &[ann, ("PermissionsBoundary", admin)], refused("AccessDenied")),
        ("PutUserPermissionsBoundary", &[bob, ("PermissionsBoundary", boundary)], Ok(())),
        ("DeleteUserPermissionsBoundary", &[ann], refused("AccessDenied")),
    ] {
        assert_eq!(code(lead.iam(operation, parameters).await), expected, "{operation} {parameters:?}");
    }
    // Within the boundary, and not beyond it, though the policy says more.
    let ann = world.key_of(&root, "ann").await;
    assert_eq!(code(ann.iam("ListRoles", &[]).await), Ok(()));
    let beyond = ann.iam("ListUsers", &[]).await.unwrap_err();
    assert!(
        beyond.message.ends_with("because no permissions boundary allows the iam:ListUsers action"),
        "{}",
        beyond.message
    );
    root.iam("DeleteUserPermissionsBoundary", &[("UserName", "ann")]).await.unwrap();
    assert_eq!(code(ann.iam("ListUsers", &[]).await), Ok(()));
}
