//! Names that imitate others, and second spellings of keys, actions and operations.

use bytes::Bytes;
use kagiban_testkit::World;
use serde_json::{Value, json};

use super::{encrypts, is_denied, put_key_policy, user_arn};
use crate::authorization::cases::{policy, statement};
use crate::authorization::deciding::one;
use crate::support::{ACCOUNT, REGION, create_key, key_id_of, with};

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
