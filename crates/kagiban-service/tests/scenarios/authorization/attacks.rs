//! The known ways to break such systems, one test each: names that imitate others, second spellings, borrowed tokens, confused
//! deputies, answers that tell what they should not.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use kagiban_base::secret::SecretBytes;
use kagiban_storage::{Batch, Engine};
use kagiban_testkit::{Client, World, form};
use serde_json::{Value, json};

use super::cases::{Manner, Stage, cases, hidden, policy, statement};
use super::condition_keys::Trusting;
use super::deciding::{allow, one};
use crate::support::{
    ACCOUNT, HI, NO_KEY, OTHER_ACCOUNT, REGION, Scene, create_key, encrypt, fresh_accounts, key_and_blob, key_id_of,
    text, texts_of, with,
};

fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

/// Puts a policy of these statements besides the one that leaves everything to the account.
async fn put_key_policy(root: &Client<'_>, key: &str, statement: Value) {
    let all = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [all, statement]}).to_string();
    root.call("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})).await.unwrap();
}

/// Whether the caller may encrypt under this context.
async fn encrypts(caller: &Client<'_>, key: &str, context: Value) -> bool {
    let input = json!({"KeyId": key, "Plaintext": HI, "EncryptionContext": context});
    match caller.call("Encrypt", input).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code, "AccessDeniedException", "{}", error.message);
            false
        }
    }
}

async fn is_denied(caller: &Client<'_>, operation: &str, input: Value) -> bool {
    caller.call(operation, input).await.is_err_and(|error| error.code == "AccessDeniedException")
}

#[tokio::test]
async fn listing_is_a_permission_of_its_own_and_shows_one_account() {
    let world = World::new().await;
    let (root, other) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let (key, foreign) = (create_key(&root).await, create_key(&other).await);
    root.call("CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": key})).await.unwrap();
    let grant =
        json!({"KeyId": key, "GranteePrincipal": ACCOUNT, "RetiringPrincipal": ACCOUNT, "Operations": ["Encrypt"]});
    let token = root.call("CreateGrant", grant).await.unwrap()["GrantToken"].clone();
    let lists = [
        ("ListKeys", json!({})),
        ("ListAliases", json!({})),
        ("ListAliases", json!({"KeyId": key})),
        ("ListGrants", json!({"KeyId": key})),
        ("ListRetirableGrants", json!({"RetiringPrincipal": ACCOUNT})),
        ("ListKeyPolicies", json!({"KeyId": key})),
        ("ListResourceTags", json!({"KeyId": key})),
    ];
    let everything_else = json!({"Effect": "Allow", "NotAction": "kms:List*", "Resource": "*"});
    let ann = root.user("ann", &one(everything_else)).await;
    for (operation, input) in &lists {
        assert!(is_denied(&ann, operation, input.clone()).await, "{operation} {input}");
    }
    // A permission on a key is none to list keys.
    root.user_policy("ann", &policy(vec![statement("Allow", "kms:List*", &key)])).await;
    for (operation, input) in &lists[..3] {
        assert!(is_denied(&ann, operation, input.clone()).await, "{operation} {input}");
    }
    for (operation, input) in &lists {
        let answer = root.call(operation, input.clone()).await.unwrap().to_string();
        assert!(!answer.contains(key_id_of(&foreign)), "{operation}");
        assert!(!answer.contains(token.as_str().unwrap()) && !answer.contains("GrantToken"), "{operation}");
    }
    let keys = root.call("ListKeys", json!({})).await.unwrap();
    assert_eq!(texts_of(&keys["Keys"], "KeyArn"), [key]);
}

/// `*` and `?` are patterns where the policy's author wrote them, and nowhere else.
#[tokio::test]
async fn wildcards_in_the_values_of_variables_are_letters() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    // Paths may hold such characters; names and tags may not.
    let path = [("UserName", "ann"), ("Path", "/*/?/")];
    root.iam("CreateUser", &path).await.unwrap();
    let ann = root.iam("CreateAccessKey", &[("UserName", "ann")]).await.unwrap();
    let ann = root.with_credentials((&ann.text("AccessKeyId"), &ann.text("SecretAccessKey"), None));
    let bob = user_arn("bob/b/ann");
    for operator in ["StringLike", "StringEquals", "ArnLike", "ArnEquals"] {
        let condition = json!({operator: {"kms:EncryptionContext:who": "${aws:PrincipalArn}"}});
        root.user_policy("ann", &one(with(&statement("Allow", "kms:Encrypt", "*"), json!({"Condition": condition}))))
            .await;
        assert!(!encrypts(&ann, &key, json!({"who": bob})).await, "{operator}");
        assert!(encrypts(&ann, &key, json!({"who": user_arn("*/?/ann")})).await, "{operator}");
    }
    let condition = json!({"StringLike": {"kms:EncryptionContext:owner": "${kms:EncryptionContext:claim}"}});
    root.user_policy("ann", &one(with(&statement("Allow", "kms:Encrypt", "*"), json!({"Condition": condition})))).await;
    for (context, is_allowed) in [
        (json!({"owner": "bob", "claim": "*"}), false),
        (json!({"owner": "bob", "claim": "b?b"}), false),
        (json!({"owner": "bob", "claim": "${*}"}), false),
        (json!({"owner": "bob", "claim": "${kms:EncryptionContext:owner}"}), false),
        (json!({"owner": "bob"}), false),
        (json!({"owner": "bob", "claim": "bob"}), true),
        (json!({"owner": "*", "claim": "*"}), true),
    ] {
        assert_eq!(encrypts(&ann, &key, context.clone()).await, is_allowed, "{context}");
    }
    for bad in ["*", "a*", "a?", "${aws:username}"] {
        let tag = [("UserName", "ann"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", bad)];
        assert!(root.iam("TagUser", &tag).await.is_err(), "{bad}");
        assert!(root.iam("CreateUser", &[("UserName", bad)]).await.is_err(), "{bad}");
    }
}

/// A key has one spelling, for policies and for requests.
#[tokio::test]
async fn keys_and_operations_have_no_second_spelling() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    root.call("CreateAlias", json!({"AliasName": "alias/it", "TargetKeyId": key})).await.unwrap();
    let id = key_id_of(&key).to_owned();
    let spelled = |from: &str, to: &str| key.replace(from, to);
    for identifier in [
        id.to_uppercase(),
        spelled(&id, &id.to_uppercase()),
        spelled("arn:aws", "ARN:AWS"),
        spelled("us-east-1", "US-EAST-1"),
        spelled("key/", "KEY/"),
        spelled("key/", "key//"),
        spelled("key/", "key/./"),
        spelled("key/", "key%2F"),
        spelled("key/", "alias/../key/"),
        spelled(":key", "::key"),
        spelled(ACCOUNT, "0111122223333"),
        spelled(ACCOUNT, ""),
        spelled(ACCOUNT, "１１１１２２２２３３３３"),
        spelled("kms", "kms "),
        spelled("arn:aws:", "arn:aws-cn:"),
        spelled("arn:aws:", "arn:aws-us-gov:"),
        id.replace('-', "%2D"),
        id.replace('-', ""),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        format!("{id} "),
        format!(" {id}"),
        format!("{id}\0"),
        format!("{id}/"),
        format!("{key}/"),
        format!("{key}:"),
        format!("{key}#"),
        format!("key/{id}"),
        format!("alias/{id}"),
        "alias/IT".to_owned(),
        "alias/it/".to_owned(),
        "alias/./it".to_owned(),
        "alias/x/../it".to_owned(),
        "alias%2Fit".to_owned(),
        "Alias/it".to_owned(),
        "alias/it ".to_owned(),
        "it".to_owned(),
    ] {
        let answer = root.call("DescribeKey", json!({"KeyId": identifier})).await;
        assert!(answer.is_err(), "{identifier:?} names the key: {answer:?}");
    }
    for target in [
        "TrentService.describekey",
        "TrentService.DescribeKey ",
        "TrentService.Describe%4Bey",
        "trentservice.DescribeKey",
    ] {
        let body = Bytes::from(json!({"KeyId": key}).to_string());
        let status = world.send(root.signed(target, body)).await.status;
        assert!(!status.is_success(), "{target}");
    }
}

/// Actions compare without regard to case, resources with it; the other way round a Deny would be stepped over.
#[tokio::test]
async fn case_opens_nothing_in_policies() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let ann = root.user("ann", &Value::Null).await;
    let describe = || json!({"KeyId": key});
    let upper = key.replace(key_id_of(&key), &key_id_of(&key).to_uppercase());
    for (statements, is_allowed) in [
        (vec![statement("Allow", "KMS:describeKEY", &key)], true),
        (vec![statement("Allow", "kms:*", "*"), statement("Deny", "KmS:dESCRIBEkEY", "*")], false),
        (vec![statement("Allow", "kms:*", "*"), statement("Deny", "kms:describe*", &key)], false),
        (vec![statement("Allow", "kms:DescribeKey", &upper)], false),
        (vec![statement("Allow", "kms:DescribeKey", &key.replace("arn:aws:kms", "ARN:AWS:KMS"))], false),
        (vec![statement("Allow", "kms:DescribeKey", &key.replace('-', "%2D"))], false),
        (vec![statement("Allow", "kms:DescribeKey%20", &key)], false),
        (vec![statement("Allow", "kms:Describe\u{212A}ey", &key)], false),
        (vec![statement("Allow", "kmsx:DescribeKey", &key), statement("Allow", "km:sDescribeKey", &key)], false),
    ] {
        let policy = policy(statements).to_string();
        let parameters = [("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", policy.as_str())];
        // What is refused when it is put allows nothing either.
        let is_put = root.iam("PutUserPolicy", &parameters).await.is_ok();
        let answer = ann.call("DescribeKey", describe()).await;
        assert_eq!(is_put && answer.is_ok(), is_allowed, "{policy}");
        if is_put {
            root.iam("DeleteUserPolicy", &[("UserName", "ann"), ("PolicyName", "p")]).await.unwrap();
        }
        assert!(is_denied(&ann, "DescribeKey", describe()).await);
    }
}

/// Names that look like somebody else's.
#[tokio::test]
async fn a_name_makes_nobody_root_or_somebody_else() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let admin = root.user("admin", &Value::Null).await;
    let named = json!({
        "Effect": "Allow", "Principal": {"AWS": user_arn("admin")}, "Action": "kms:*", "Resource": "*",
    });
    put_key_policy(&root, &key, named).await;
    admin.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
    let key = json!({"KeyId": key});
    for (path, name) in [
        ("/", "root"),
        ("/", "."),
        ("/", ".."),
        ("/", "..."),
        ("/", "@admin"),
        ("/", "admin."),
        ("/root/", "r"),
        ("/admin/", "a"),
        ("/admin/../", "b"),
        ("/../user/", "c"),
        ("/user/", "d"),
        ("/x:user/", "e"),
        ("/:root/", "f"),
        ("/arn:aws:iam::111122223333:user/", "g"),
        ("/%2e%2e/", "h"),
    ] {
        root.iam("CreateUser", &[("UserName", name), ("Path", path)]).await.unwrap_or_else(|error| {
            panic!("{path}{name}: {error:?}");
        });
        let made = root.iam("CreateAccessKey", &[("UserName", name)]).await.unwrap();
        let user = root.with_credentials((&made.text("AccessKeyId"), &made.text("SecretAccessKey"), None));
        assert!(is_denied(&user, "DescribeKey", key.clone()).await, "{path}{name}");
        assert!(is_denied(&user, "CreateKey", json!({})).await, "{path}{name}");
        assert_eq!(user.iam("ListUsers", &[]).await.unwrap_err().code, "AccessDenied", "{path}{name}");
        let arn = user.sts("GetCallerIdentity", &[]).await.unwrap().text("Arn");
        assert_eq!(arn, user_arn(&format!("{}{name}", &path[1..])));
    }
    // Another case is the same name, which is taken; with another path, too.
    for (path, name) in [("/", "ADMIN"), ("/", "Admin"), ("/x/", "admin")] {
        let made = root.iam("CreateUser", &[("UserName", name), ("Path", path)]).await;
        assert_eq!(made.unwrap_err().code, "EntityAlreadyExists", "{path}{name}");
    }
    let ann = root.user("ann", &Value::Null).await;
    for (role, session) in [("root", "root"), ("admin", "admin"), ("..", ".."), ("user", "admin"), ("x", "user=admin")]
    {
        let role = root.role(role, &user_arn("ann"), &Value::Null).await;
        let caller = ann.assume(&role, session, &[]).await.unwrap();
        assert!(is_denied(&caller, "DescribeKey", key.clone()).await, "{role} {session}");
        assert!(is_denied(&caller, "CreateKey", json!({})).await, "{role} {session}");
    }
    for session in ["a/b", "a:b", "*", "", "a b", "%2e"] {
        let role = format!("arn:aws:iam::{ACCOUNT}:role/x");
        assert!(ann.assume(&role, session, &[]).await.is_err(), "{session:?}");
    }
}

/// A path with colons does not make an ARN of another kind or account where parts are compared.
#[tokio::test]
async fn paths_do_not_shift_the_parts_of_an_arn() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    for (path, name) in [("/x:role/admin/", "a"), ("/:444455556666:role/admin/", "b"), ("/x:root/", "c")] {
        root.iam("CreateUser", &[("UserName", name), ("Path", path)]).await.unwrap();
        let made = root.iam("CreateAccessKey", &[("UserName", name)]).await.unwrap();
        let user = root.with_credentials((&made.text("AccessKeyId"), &made.text("SecretAccessKey"), None));
        for pattern in ["arn:aws:iam::*:role/admin/*", "arn:aws:iam:*:444455556666:role/*", "arn:*:root/c"] {
            let like = json!({"ArnLike": {"aws:PrincipalArn": pattern}});
            let allow = json!({
                "Effect": "Allow", "Principal": "*", "Action": "kms:Describe*", "Resource": "*", "Condition": like,
            });
            put_key_policy(&root, &key, allow).await;
            assert!(is_denied(&user, "DescribeKey", json!({"KeyId": key})).await, "{path}{name} {pattern}");
        }
    }
}

async fn session<'w>(root: &Client<'w>, account: &str) -> Client<'w> {
    let ann = root.user("ann", &Value::Null).await;
    let role = root.role("work", &format!("arn:aws:iam::{account}:user/ann"), &allow("kms:*")).await;
    ann.assume(&role, "day", &[]).await.unwrap()
}

fn secret(secret: &SecretBytes) -> SecretBytes {
    SecretBytes::from_slice(secret.expose())
}

fn token_of(client: &Client<'_>) -> String {
    String::from_utf8(client.signer.security_token.as_ref().unwrap().expose().to_vec()).unwrap()
}

#[tokio::test]
async fn a_token_is_good_with_its_own_access_key_only() {
    let world = World::new().await;
    let (root, other) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let (mine, theirs) = (session(&root, ACCOUNT).await, session(&other, OTHER_ACCOUNT).await);
    mine.call("ListKeys", json!({})).await.unwrap();
    theirs.call("ListKeys", json!({})).await.unwrap();
    let token = token_of(&theirs);
    let long = root.user("bob", &allow("kms:*")).await;
    let flipped = |at: usize| {
        let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &token[..at], &token[at + 1..])
    };
    let with_token = |client: &Client<'_>, token: Option<&str>| {
        let signer = &client.signer;
        let secret = String::from_utf8(signer.secret_access_key.expose().to_vec()).unwrap();
        world.caller((signer.access_key_id.as_str(), &secret, token), REGION)
    };
    for (what, caller) in [
        ("another's session", with_token(&mine, Some(&token))),
        ("a user's key", with_token(&long, Some(&token))),
        ("a root's key", with_token(&root, Some(&token))),
        ("no token", with_token(&theirs, None)),
        ("an empty one", with_token(&theirs, Some(""))),
        ("cut off", with_token(&theirs, Some(&token[..token.len() - 4]))),
        ("longer", with_token(&theirs, Some(&format!("{token}AAAA")))),
        ("with a space", with_token(&theirs, Some(&format!("{token} x")))),
        ("first letter", with_token(&theirs, Some(&flipped(0)))),
        ("in the middle", with_token(&theirs, Some(&flipped(token.len() / 2)))),
        ("near the end", with_token(&theirs, Some(&flipped(token.len() - 6)))),
        ("text", with_token(&theirs, Some("a token"))),
        ("twice", with_token(&theirs, Some(&format!("{token}{token}")))),
    ] {
        let refused = caller.call("ListKeys", json!({})).await.unwrap_err();
        assert_eq!(refused.code, "UnrecognizedClientException", "{what}: {refused:?}");
        assert!(caller.sts("GetCallerIdentity", &[]).await.is_err(), "{what}");
    }
    // Another's secret with one's own token and id.
    let mut thief = with_token(&theirs, Some(&token));
    thief.signer.secret_access_key = secret(&mine.signer.secret_access_key);
    assert_eq!(thief.call("ListKeys", json!({})).await.unwrap_err().code, "InvalidSignatureException");
    theirs.call("ListKeys", json!({})).await.unwrap();
}

#[tokio::test]
async fn sessions_end_to_the_second_and_do_not_come_back() {
    let world = World::new().await;
    let session = session(&world.client(ACCOUNT, REGION), ACCOUNT).await;
    session.call("ListKeys", json!({})).await.unwrap();
    world.clock.move_by_ms(3_600_000 - 1);
    session.call("ListKeys", json!({})).await.unwrap();
    world.clock.move_by_ms(1);
    for _ in 0..2 {
        let refused = session.call("ListKeys", json!({})).await.unwrap_err();
        assert_eq!(refused.code, "ExpiredTokenException", "{refused:?}");
    }
    // Whoever has its token but not its secret is told no more.
    let mut thief = world.caller((session.signer.access_key_id.as_str(), "guess", Some(&token_of(&session))), REGION);
    thief.signer.secret_access_key = SecretBytes::from_slice(b"guess");
    assert_eq!(thief.call("ListKeys", json!({})).await.unwrap_err().code, "ExpiredTokenException");
}

/// A role for a partner is assumed with the external id that was agreed on.
#[tokio::test]
async fn deputies_prove_for_whom_they_act() {
    let world = World::new().await;
    let (root, partner) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let deputy = partner.user("deputy", &allow("sts:AssumeRole")).await;
    let trust = one(json!({
        "Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "agreed"}},
    }))
    .to_string();
    let role = root.iam("CreateRole", &[("RoleName", "shared"), ("AssumeRolePolicyDocument", &trust)]).await.unwrap();
    let role = role.text("Arn");
    for external in [None, Some("other"), Some("AGREED"), Some("agreed "), Some("a*"), Some("agreed,agreed")] {
        let more: Vec<_> = external.into_iter().map(|id| ("ExternalId", id)).collect();
        assert!(deputy.assume(&role, "day", &more).await.is_err(), "{external:?}");
    }
    deputy.assume(&role, "day", &[("ExternalId", "agreed")]).await.unwrap();
}

/// A service is admitted for one resource only; what it cannot say for whom it acts, it cannot do.
#[tokio::test]
async fn services_without_a_source_are_not_admitted_for_one() {
    let trusting = Trusting::new().await;
    let root = trusting.world.client(ACCOUNT, REGION);
    let service = trusting.service("s3.amazonaws.com").await;
    let key = create_key(&root).await;
    let source = format!("arn:aws:s3:us-east-1:{ACCOUNT}:bucket");
    for condition in [
        json!({"ArnLike": {"aws:SourceArn": source}}),
        json!({"StringLike": {"aws:SourceArn": "*"}}),
        json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        json!({"Null": {"aws:SourceArn": "false"}}),
    ] {
        let allow = json!({
            "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*", "Resource": "*",
            "Condition": condition,
        });
        put_key_policy(&root, &key, allow).await;
        let body = Bytes::from(json!({"KeyId": key}).to_string());
        for name in ["x-amz-source-arn", "x-amz-source-account", "aws-source-arn", "x-none"] {
            let mut request = service.signed("TrentService.DescribeKey", body.clone());
            let value = if name.ends_with("arn") { source.as_str() } else { ACCOUNT };
            request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
            assert_eq!(trusting.world.send(request).await.status, 400, "{condition} {name}");
        }
    }
    // Another service is another principal, and the account's statement is not about services.
    let allow = json!({
        "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*", "Resource": "*",
    });
    put_key_policy(&root, &key, allow).await;
    service.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
    let logs = trusting.service("logs.amazonaws.com").await;
    assert!(is_denied(&logs, "DescribeKey", json!({"KeyId": key})).await);
}

/// Of another account's keys nothing is told: not whether they exist, in which state they are, what they are for.
#[tokio::test]
async fn answers_about_foreign_keys_do_not_tell_whether_they_exist() {
    let world = World::new().await;
    let stranger = world.client("999999999999", REGION).user("eve", &allow("kms:*")).await;
    for (case, account) in cases().into_iter().zip(fresh_accounts()) {
        let stage = Stage::of(case, &world, &account).await;
        let Some(ask) = stage.asks.iter().find(|ask| ask.is_key || case.operation == "RetireGrant") else { continue };
        if case.operation == "DeleteAlias" || case.manner == Manner::ByCiphertext {
            continue;
        }
        let input = stage.input.to_string();
        let alias = format!("arn:aws:kms:{REGION}:{account}:alias/it");
        let calls = [
            input.clone(),
            input.replace(key_id_of(&ask.resource), NO_KEY),
            input.replace(&*ask.resource, &alias),
            input.replace(&*ask.resource, &alias.replace("/it", "/none")),
            input.replace(&*ask.resource, &ask.resource.replace(REGION, "eu-west-1")),
            input.replace(&*ask.resource, &ask.resource.replace(&account, "888888888888")),
        ];
        let mut answers = Vec::new();
        for input in calls {
            // The blob says its key too, so only what names keys is replaced.
            let answer = stranger.call_bytes(case.operation, Bytes::from(input)).await.unwrap_err();
            answers.push(answer);
        }
        let (keys, aliases) = ([0, 1, 4, 5].map(|at| &answers[at]), [&answers[2], &answers[3]]);
        assert!(keys.iter().all(|answer| *answer == keys[0]), "{}: {keys:#?}", stage.name());
        assert_eq!(aliases[0], aliases[1], "{}", stage.name());
        for way in ["DisableKey", "ScheduleKeyDeletion"] {
            if case.operation == "CancelKeyDeletion" {
                continue;
            }
            stage.root.call(way, json!({"KeyId": ask.resource})).await.unwrap();
            assert_eq!(stage.call(&stranger).await.unwrap_err(), answers[0], "{} after {way}", stage.name());
        }
    }
}

#[tokio::test]
async fn answers_about_foreign_ciphertexts_do_not_tell_whose_they_are() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let eve = world.client(OTHER_ACCOUNT, REGION).user("eve", &allow("kms:*")).await;
    let (key, blob) = key_and_blob(&root).await;
    let own = create_key(&world.client(OTHER_ACCOUNT, REGION)).await;
    let nobodys = {
        use base64::Engine as _;
        let mut bytes = base64::engine::general_purpose::STANDARD.decode(&blob).unwrap();
        bytes[6..22].copy_from_slice(&NO_KEY.parse::<kagiban_base::id::KeyId>().unwrap().bytes());
        crate::support::base64(&bytes)
    };
    for way in ["EnableKey", "DisableKey", "ScheduleKeyDeletion"] {
        root.call(way, json!({"KeyId": key})).await.unwrap();
        for (operation, more) in [("Decrypt", json!({})), ("ReEncrypt", json!({"DestinationKeyId": own}))] {
            let mut answers = Vec::new();
            for blob in [&blob, &nobodys] {
                let input = with(&more, json!({"CiphertextBlob": blob}));
                answers.push(eve.call(operation, input).await.unwrap_err());
            }
            assert_eq!(answers[0], answers[1], "{operation} {way}");
            assert_eq!(answers[0].code, "AccessDeniedException", "{operation} {way}");
        }
        // Named, too.
        for blob in [&blob, &nobodys] {
            let input = json!({"CiphertextBlob": blob, "KeyId": key});
            let expected = hidden(&format!("arn:aws:iam::{OTHER_ACCOUNT}:user/eve"), "kms:Decrypt");
            assert_eq!(eve.call("Decrypt", input).await, Err(expected), "{way}");
        }
    }
}

#[tokio::test]
async fn a_signature_is_for_one_service() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    for service in ["iam", "sts", "s3", "KMS", "kagiban"] {
        let mut client = world.client(ACCOUNT, REGION);
        client.signer.service = service;
        let refused = client.call("ListKeys", json!({})).await.unwrap_err();
        assert_eq!(refused.code, "InvalidSignatureException", "{service}");
    }
    let query = |service: &'static str, version: &str, action: &str| {
        let mut request = http::Request::post("http://kms.test/")
            .header("host", "kms.test")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(form(version, action, &[]))
            .unwrap();
        let mut client = world.client(ACCOUNT, REGION);
        client.signer.service = service;
        client.signer.sign(&mut request, kagiban_base::time::Clock::now(&*world.clock)).unwrap();
        request
    };
    for (service, version, action, is_taken) in [
        ("iam", "2010-05-08", "ListUsers", true),
        ("kms", "2010-05-08", "ListUsers", false),
        ("sts", "2010-05-08", "ListUsers", false),
        ("sts", "2011-06-15", "GetCallerIdentity", true),
        ("kms", "2011-06-15", "GetCallerIdentity", false),
        ("iam", "2011-06-15", "GetCallerIdentity", false),
    ] {
        let answer = world.send(query(service, version, action)).await;
        assert_eq!(answer.status.is_success(), is_taken, "{service} {action}");
    }
    // Without any signature: nothing.
    let mut request = query("iam", "2010-05-08", "ListUsers");
    request.headers_mut().remove("authorization");
    assert!(!world.send(request).await.status.is_success());
    let mut request = root.signed("TrentService.ListKeys", Bytes::from_static(b"{}"));
    request.headers_mut().remove("authorization");
    assert!(!world.send(request).await.status.is_success());
    // A form that carries a target of KMS is signed for one of the two, and refused by the other.
    let mut request = query("iam", "2010-05-08", "ListUsers");
    request.headers_mut().insert("x-amz-target", HeaderValue::from_static("TrentService.ListKeys"));
    assert!(!world.send(request).await.status.is_success());
}

/// Whoever may do everything within a boundary cannot leave it.
#[tokio::test]
async fn nobody_takes_their_own_boundary_away() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let boundary = policy(vec![
        statement("Allow", "*", "*"),
        statement("Deny", "iam:*PermissionsBoundary", "*"),
        statement("Deny", "iam:*PolicyVersion", "*"),
        statement("Deny", "kms:*", "*"),
    ])
    .to_string();
    let made = root.iam("CreatePolicy", &[("PolicyName", "b"), ("PolicyDocument", &boundary)]).await.unwrap();
    let (user, arn) = (("UserName", "ann"), made.text("Arn"));
    let ann = root.user("ann", &allow("*")).await;
    root.iam("PutUserPermissionsBoundary", &[user, ("PermissionsBoundary", &arn)]).await.unwrap();
    let all = allow("*").to_string();
    for (action, parameters) in [
        ("DeleteUserPermissionsBoundary", vec![user]),
        (
            "PutUserPermissionsBoundary",
            vec![user, ("PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")],
        ),
        ("CreatePolicyVersion", vec![("PolicyArn", &*arn), ("PolicyDocument", &all), ("SetAsDefault", "true")]),
        ("SetDefaultPolicyVersion", vec![("PolicyArn", &*arn), ("VersionId", "v1")]),
        ("DeletePolicyVersion", vec![("PolicyArn", &*arn), ("VersionId", "v1")]),
    ] {
        let refused = ann.iam(action, &parameters).await.unwrap_err();
        assert_eq!(refused.code, "AccessDenied", "{action}");
        assert!(refused.message.contains("explicit deny in a permissions boundary"), "{action}: {}", refused.message);
    }
    // More rights of her own do not help, nor does deleting the policy itself.
    ann.iam("PutUserPolicy", &[user, ("PolicyName", "more"), ("PolicyDocument", &all)]).await.unwrap();
    assert!(ann.iam("DeletePolicy", &[("PolicyArn", &arn)]).await.is_err());
    assert!(is_denied(&ann, "DescribeKey", json!({"KeyId": key})).await);
}

/// A boundary, or any policy of the caller's, that is gone from the store allows nothing, whatever the others say.
#[tokio::test]
async fn what_is_missing_denies() {
    for (attach, who) in [("PutUserPermissionsBoundary", "PermissionsBoundary"), ("AttachUserPolicy", "PolicyArn")] {
        let scene = Scene::new().await;
        let root = scene.client();
        let key = create_key(&root).await;
        let ann = root.user("ann", &allow("kms:*")).await;
        let all = allow("*").to_string();
        let made = root.iam("CreatePolicy", &[("PolicyName", "b"), ("PolicyDocument", &all)]).await.unwrap();
        root.iam(attach, &[("UserName", "ann"), (who, &made.text("Arn"))]).await.unwrap();
        ann.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
        let snapshot = scene.engine.snapshot().await.unwrap();
        let range = kagiban_storage::engine::KeyRange::prefix(b"iam-policy\0");
        let rows = snapshot.scan(&range, 10).await.unwrap().entries;
        assert_eq!(rows.len(), 1);
        scene.engine.commit(Batch::new().delete(rows[0].key.clone())).await.unwrap();
        // What is written next is seen after it.
        root.iam("CreateUser", &[("UserName", "later")]).await.unwrap();
        assert!(is_denied(&ann, "DescribeKey", json!({"KeyId": key})).await, "{attach}");
        assert!(is_denied(&ann, "ListKeys", json!({})).await, "{attach}");
        assert_eq!(ann.iam("ListUsers", &[]).await.unwrap_err().code, "AccessDenied", "{attach}");
    }
}

/// A text of two meanings is no policy, wherever it is put.
#[tokio::test]
async fn policies_with_two_meanings_are_refused() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    root.user("ann", &Value::Null).await;
    let principal = format!("\"Principal\":{{\"AWS\":\"{ACCOUNT}\"}},");
    for (what, statement) in [
        ("two effects", r#""Effect":"Deny","Effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*""#),
        ("one in disguise", r#""Effect":"Deny","\u0045ffect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*""#),
        ("another case", r#""Effect":"Deny","effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*""#),
        ("two actions", r#""Effect":"Allow",PRINCIPAL"Action":"kms:None","Action":"kms:*","Resource":"*""#),
        ("action and not", r#""Effect":"Allow",PRINCIPAL"Action":"kms:*","NotAction":"kms:None","Resource":"*""#),
        ("resource and not", r#""Effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*","NotResource":"*""#),
        (
            "two conditions",
            r#""Effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}},"Condition":{}"#,
        ),
        (
            "two operators",
            r#""Effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"},"Bool":{}}"#,
        ),
        (
            "two keys",
            r#""Effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true","aws:SecureTransport":"false"}}"#,
        ),
    ] {
        let of_key = format!(r#"{{"Version":"2012-10-17","Statement":[{{{statement}}}]}}"#);
        let (of_key, of_user) = (of_key.replace("PRINCIPAL", &principal), of_key.replace("PRINCIPAL", ""));
        let refused = root.call("PutKeyPolicy", json!({"KeyId": key, "Policy": of_key})).await.unwrap_err();
        assert_eq!(refused.code, "MalformedPolicyDocumentException", "{what}");
        let parameters = [("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", of_user.as_str())];
        assert_eq!(root.iam("PutUserPolicy", &parameters).await.unwrap_err().code, "MalformedPolicyDocument", "{what}");
    }
    // Allowing all but some, and everybody but some.
    let everybody_but =
        json!({"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
    let input = json!({"KeyId": key, "Policy": one(everybody_but).to_string(), "BypassPolicyLockoutSafetyCheck": true});
    assert_eq!(root.call("PutKeyPolicy", input).await.unwrap_err().code, "MalformedPolicyDocumentException");
}

/// NotAction is a list of exceptions to what is allowed, not a Deny of it.
#[tokio::test]
async fn exceptions_are_no_denials_and_denials_have_none_but_their_own() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let ann = root.user("ann", &Value::Null).await;
    let describe = || json!({"KeyId": key});
    let but = |effect: &str, list: Value| json!({"Effect": effect, "NotAction": list, "Resource": "*"});
    for (statements, is_allowed) in [
        (vec![but("Allow", json!(["kms:DescribeKey"]))], false),
        (vec![but("Allow", json!(["kms:describekey"]))], false),
        (vec![but("Allow", json!(["iam:*"]))], true),
        (vec![but("Allow", json!(["kms:*"])), statement("Allow", "kms:DescribeKey", &key)], true),
        (vec![statement("Allow", "*", "*"), but("Deny", json!(["kms:List*"]))], false),
        (vec![statement("Allow", "*", "*"), but("Deny", json!(["kms:*"]))], true),
        (vec![statement("Allow", "*", "*"), json!({"Effect": "Deny", "Action": "*", "NotResource": key})], true),
        (vec![statement("Allow", "*", "*"), json!({"Effect": "Deny", "Action": "*", "NotResource": "*"})], true),
        (vec![json!({"Effect": "Allow", "Action": "*", "NotResource": key})], false),
    ] {
        let policy = policy(statements);
        root.user_policy("ann", &policy).await;
        assert_eq!(ann.call("DescribeKey", describe()).await.is_ok(), is_allowed, "{policy}");
    }
}

/// Who puts a policy must be able to put the next one; to skip that check is something that can be denied.
#[tokio::test]
async fn nobody_locks_themselves_out_by_mistake() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let ann = root.user("ann", &allow("kms:*")).await;
    root.user("bob", &Value::Null).await;
    let allowing = |principal: Value, action: &str, more: Value| {
        with(&json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}), more)
    };
    let (me, account) = (json!({"AWS": user_arn("ann")}), json!({"AWS": ACCOUNT}));
    let never = json!({"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}});
    let deny = json!({"Effect": "Deny", "Principal": me, "Action": "kms:PutKeyPolicy", "Resource": "*"});
    let refusal = "The new key policy will not allow you to update the key policy in the future.";
    for (what, statements, is_taken) in [
        ("the account", vec![allowing(account.clone(), "kms:*", json!({}))], true),
        ("herself", vec![allowing(me.clone(), "kms:PutKeyPolicy", json!({}))], true),
        ("anybody", vec![allowing(json!("*"), "kms:Put*", json!({}))], true),
        ("another", vec![allowing(json!({"AWS": user_arn("bob")}), "kms:*", json!({}))], false),
        ("another account", vec![allowing(json!({"AWS": OTHER_ACCOUNT}), "kms:*", json!({}))], false),
        ("a service", vec![allowing(json!({"Service": "s3.amazonaws.com"}), "kms:*", json!({}))], false),
        ("another action", vec![allowing(me.clone(), "kms:GetKeyPolicy", json!({}))], false),
        ("elsewhere", vec![allowing(me.clone(), "kms:*", never)], false),
        (
            "another policy",
            vec![allowing(me.clone(), "kms:*", json!({"Condition": {"StringEquals": {"kms:PolicyName": "other"}}}))],
            false,
        ),
        (
            "the bypass alone",
            vec![allowing(
                me.clone(),
                "kms:*",
                json!({"Condition": {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}}),
            )],
            false,
        ),
        ("another key", vec![allowing(me.clone(), "kms:*", json!({"Resource": format!("{key}x")}))], false),
        ("denied", vec![allowing(account.clone(), "kms:*", json!({})), deny], false),
    ] {
        let document = policy(statements).to_string();
        for (operation, input) in
            [("PutKeyPolicy", json!({"KeyId": key, "Policy": document})), ("CreateKey", json!({"Policy": document}))]
        {
            // A key that is being made has another ARN.
            let answer = ann.call(operation, input).await;
            match is_taken {
                true => drop(answer.unwrap_or_else(|error| panic!("{operation} {what}: {error:?}"))),
                false => {
                    let error = answer.expect_err(what);
                    assert_eq!(
                        (&*error.code, &*error.message),
                        ("MalformedPolicyDocumentException", refusal),
                        "{what}"
                    );
                }
            }
        }
        let back =
            json!({"KeyId": key, "Policy": policy(vec![allowing(account.clone(), "kms:*", json!({}))]).to_string()});
        ann.call("PutKeyPolicy", back).await.unwrap();
    }
    // Skipping the check can be forbidden, also by those who hold everything else.
    let document = policy(vec![allowing(json!({"AWS": user_arn("bob")}), "kms:*", json!({}))]).to_string();
    let bypassing = json!({"KeyId": key, "Policy": document, "BypassPolicyLockoutSafetyCheck": true});
    let forbid = json!({"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}});
    let forbidden = with(&statement("Deny", "kms:*", "*"), json!({"Condition": forbid}));
    root.user_policy("ann", &policy(vec![statement("Allow", "kms:*", "*"), forbidden])).await;
    for (operation, input) in [
        ("PutKeyPolicy", bypassing.clone()),
        ("CreateKey", json!({"Policy": document, "BypassPolicyLockoutSafetyCheck": true})),
        ("CreateKey", json!({"BypassPolicyLockoutSafetyCheck": true})),
    ] {
        let refused = ann.call(operation, input).await.unwrap_err();
        assert!(
            refused.message.contains("with an explicit deny in an identity-based policy"),
            "{operation}: {refused:?}"
        );
    }
    let checked = with(&bypassing, json!({"BypassPolicyLockoutSafetyCheck": false}));
    assert_eq!(ann.call("PutKeyPolicy", checked).await.unwrap_err().message, refusal);
    root.user_policy("ann", &allow("kms:*")).await;
    ann.call("PutKeyPolicy", bypassing).await.unwrap();
    // Now she is out, and so is root.
    for caller in [&ann, &root] {
        assert!(is_denied(caller, "PutKeyPolicy", json!({"KeyId": key, "Policy": document})).await);
    }
}

/// Policies name those who exist. (That the account exists is asked in production deployments; here every account does.)
#[tokio::test]
async fn principals_that_do_not_exist_are_refused() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    root.user("ann", &Value::Null).await;
    root.role("work", &user_arn("ann"), &Value::Null).await;
    let role = |text: &str| format!("arn:aws:iam::{ACCOUNT}:role/{text}");
    let session = |text: &str| format!("arn:aws:sts::{ACCOUNT}:assumed-role/{text}");
    for (principal, exists) in [
        (user_arn("ann"), true),
        (role("work"), true),
        (session("work/any"), true),
        (user_arn("Ann"), false),
        (user_arn("bob"), false),
        (user_arn("x/ann"), false),
        (user_arn("../user/ann"), false),
        (user_arn("*"), false),
        (user_arn("an?"), false),
        (user_arn(""), false),
        (user_arn("ann").replace(ACCOUNT, OTHER_ACCOUNT), false),
        (user_arn("ann").replace("iam", "sts"), false),
        (role("ann"), false),
        (role("work/"), false),
        (role("*"), false),
        (session("work"), false),
        (session("other/any"), false),
        (session("work/*"), false),
        (format!("arn:aws:iam::{ACCOUNT}:group/g"), false),
        (format!("arn:aws:iam::{ACCOUNT}:policy/p"), false),
        (format!("arn:aws:iam::{ACCOUNT}:*"), false),
        ("arn:aws:iam::*:root".to_owned(), false),
        ("11112222333".to_owned(), false),
        ("root".to_owned(), false),
        ("AIDAAAAAAAAAAAAAAAAAA".to_owned(), false),
    ] {
        let all = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
        let named = with(&all, json!({"Principal": {"AWS": [ACCOUNT, principal]}}));
        let input = json!({"KeyId": key, "Policy": policy(vec![all, named]).to_string()});
        match root.call("PutKeyPolicy", input).await {
            Ok(_) => assert!(exists, "{principal}"),
            Err(error) => {
                assert!(!exists, "{principal}: {error:?}");
                assert_eq!(error.code, "MalformedPolicyDocumentException", "{principal}");
                let start = "Policy contains a statement with one or more invalid principals.";
                assert!(error.message.starts_with(start), "{principal}: {}", error.message);
            }
        }
    }
}

/// Data of one caller stays with it when ids of keys are known.
#[tokio::test]
async fn a_ciphertext_opens_for_its_own_key_and_owner_only() {
    let world = World::new().await;
    let (root, other) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let (key, theirs) = (create_key(&root).await, create_key(&other).await);
    let blob = encrypt(&root, &key, HI).await;
    let named_wrongly = json!({"CiphertextBlob": blob, "KeyId": theirs});
    assert_eq!(other.call("Decrypt", named_wrongly).await.unwrap_err().code, "IncorrectKeyException");
    let into_theirs = json!({"CiphertextBlob": blob, "DestinationKeyId": theirs});
    assert!(is_denied(&other, "ReEncrypt", into_theirs.clone()).await);
    assert!(is_denied(&root, "ReEncrypt", into_theirs).await);
    // The same id in another Region is another key.
    let elsewhere = root.in_region("eu-west-1");
    assert!(elsewhere.call("Decrypt", json!({"CiphertextBlob": blob})).await.is_err());
    assert_eq!(text(&root.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"]), HI);
}
