//! What is taken away is gone on the very next request, however often it was used before (whatever is kept in memory).

use kagiban_testkit::{AwsError, Client, World};
use serde_json::{Value, json};

use super::cases::{hidden, policy, statement};
use super::deciding::{allow, one};
use crate::support::{REGION, aws_error, create_key, fresh_accounts, text, with};

/// What ann, or a session of hers, may do, and by what right.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Right {
    /// An inline policy `p` of her own.
    Inline,
    /// A managed policy.
    Managed,
    /// A policy of a group.
    Group,
    /// The policy of the key, which names her.
    KeyPolicy,
    /// A grant.
    Grant,
    /// A role, in a session.
    Role,
    /// A managed policy of that role.
    ManagedOfRole,
    /// A session policy that is managed.
    SessionPolicy,
    /// A tag of the key's.
    KeyTag,
    /// A tag of hers.
    UserTag,
    /// An alias of the key's.
    Alias,
}

struct Live<'w> {
    account: String,
    root: Client<'w>,
    caller: Client<'w>,
    key: String,
    grant: Value,
}

impl<'w> Live<'w> {
    async fn of(right: Right, world: &'w World, account: String) -> Self {
        let root = world.client(&account, REGION);
        let key = create_key(&root).await;
        let ann = root.user("ann", &Value::Null).await;
        let mut live = Self { account, root, caller: ann, key, grant: Value::Null };
        live.give(right).await;
        live
    }

    fn policy_arn(&self) -> String {
        format!("arn:aws:iam::{}:policy/m", self.account)
    }

    async fn iam(&self, action: &str, parameters: &[(&str, &str)]) {
        self.root.iam(action, parameters).await.unwrap();
    }

    async fn key_policy(&self, statement: Value) {
        let all = json!({
            "Effect": "Allow", "Principal": {"AWS": self.account}, "Action": "kms:*", "Resource": "*",
        });
        let policy = json!({"Version": "2012-10-17", "Statement": [all, statement]});
        let input = json!({"KeyId": self.key, "Policy": policy.to_string()});
        self.root.call("PutKeyPolicy", input).await.unwrap();
    }

    async fn give(&mut self, right: Right) {
        let kms = allow("kms:DescribeKey").to_string();
        let (user, arn) = (("UserName", "ann"), &*self.policy_arn());
        let principal = json!({"AWS": format!("arn:aws:iam::{}:user/ann", self.account)});
        if let Right::Managed | Right::ManagedOfRole | Right::SessionPolicy = right {
            self.iam("CreatePolicy", &[("PolicyName", "m"), ("PolicyDocument", &kms)]).await;
        }
        match right {
            Right::Inline => self.root.user_policy("ann", &allow("kms:DescribeKey")).await,
            Right::Managed => self.iam("AttachUserPolicy", &[user, ("PolicyArn", arn)]).await,
            Right::Group => {
                let group = ("GroupName", "g");
                self.iam("CreateGroup", &[group]).await;
                self.iam("PutGroupPolicy", &[group, ("PolicyName", "p"), ("PolicyDocument", &kms)]).await;
                self.iam("AddUserToGroup", &[group, user]).await;
            }
            Right::KeyPolicy => {
                let allow =
                    json!({"Effect": "Allow", "Principal": principal, "Action": "kms:Describe*", "Resource": "*"});
                self.key_policy(allow).await;
            }
            Right::Grant => {
                let grant =
                    json!({"KeyId": self.key, "GranteePrincipal": principal["AWS"], "Operations": ["DescribeKey"]});
                self.grant = self.root.call("CreateGrant", grant).await.unwrap();
            }
            Right::Role | Right::ManagedOfRole | Right::SessionPolicy => {
                let own = if right == Right::ManagedOfRole { Value::Null } else { allow("kms:DescribeKey") };
                let role = self.root.role("work", &text(&principal["AWS"]), &own).await;
                if right == Right::ManagedOfRole {
                    self.iam("AttachRolePolicy", &[("RoleName", "work"), ("PolicyArn", arn)]).await;
                }
                let narrow = [("PolicyArns.member.1.arn", arn)];
                let more = if right == Right::SessionPolicy { &narrow[..] } else { &[] };
                self.caller = self.caller.assume(&role, "day", more).await.unwrap();
            }
            Right::KeyTag => self.allow_if(json!({"aws:ResourceTag/team": "red"})).await,
            Right::UserTag => self.allow_if(json!({"aws:PrincipalTag/team": "red"})).await,
            Right::Alias => {
                let condition = json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/red"}});
                self.root.user_policy("ann", &conditioned(condition)).await;
                let alias = json!({"AliasName": "alias/red", "TargetKeyId": self.key});
                self.root.call("CreateAlias", alias).await.unwrap();
            }
        }
    }

    /// Allowed for the value of a tag; key and user have that tag.
    async fn allow_if(&self, equals: Value) {
        self.root.user_policy("ann", &conditioned(json!({"StringEquals": equals}))).await;
        let tags = json!({"KeyId": self.key, "Tags": [{"TagKey": "team", "TagValue": "red"}]});
        self.root.call("TagResource", tags).await.unwrap();
        let tags = [("UserName", "ann"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "red")];
        self.iam("TagUser", &tags).await;
    }

    async fn call(&self) -> Result<Value, AwsError> {
        self.caller.call("DescribeKey", json!({"KeyId": self.key})).await
    }

    /// Takes the right away, in one of the ways.
    async fn take(&self, way: &str) {
        let (user, role, arn) = (("UserName", "ann"), ("RoleName", "work"), &*self.policy_arn());
        let (p, access_key) = (("PolicyName", "p"), self.caller.signer.access_key_id);
        let nothing = allow("s3:ListBucket").to_string();
        let (deny, id) = (("PolicyDocument", &*nothing), ("AccessKeyId", access_key.as_str()));
        let key = json!({"KeyId": self.key});
        match way {
            "DeleteAccessKey" => self.iam(way, &[user, id]).await,
            "UpdateAccessKey" => self.iam(way, &[user, id, ("Status", "Inactive")]).await,
            "PutUserPolicy" | "PutUserPolicy (deny)" => {
                let denied =
                    policy(vec![statement("Allow", "kms:*", "*"), statement("Deny", "kms:DescribeKey", &self.key)]);
                let document = if way == "PutUserPolicy" { nothing.clone() } else { denied.to_string() };
                self.iam("PutUserPolicy", &[user, p, ("PolicyDocument", &document)]).await;
            }
            "DeleteUserPolicy" => self.iam(way, &[user, p]).await,
            "DetachUserPolicy" => self.iam(way, &[user, ("PolicyArn", arn)]).await,
            "CreatePolicyVersion" => {
                self.iam(way, &[("PolicyArn", arn), deny, ("SetAsDefault", "true")]).await;
            }
            "RemoveUserFromGroup" => self.iam(way, &[("GroupName", "g"), user]).await,
            "DeleteGroupPolicy" => self.iam(way, &[("GroupName", "g"), p]).await,
            "PutUserPermissionsBoundary" | "PutRolePermissionsBoundary" => {
                self.iam("CreatePolicy", &[("PolicyName", "b"), deny]).await;
                let boundary = format!("arn:aws:iam::{}:policy/b", self.account);
                let who = if way.starts_with("PutUser") { user } else { role };
                self.iam(way, &[who, ("PermissionsBoundary", &boundary)]).await;
            }
            "DeleteUser" => {
                self.iam("DeleteAccessKey", &[user, id]).await;
                self.iam(way, &[user]).await;
            }
            "DeleteRolePolicy" => self.iam(way, &[role, p]).await,
            "DetachRolePolicy" => self.iam(way, &[role, ("PolicyArn", arn)]).await,
            "DeleteRole" => {
                self.iam("DeleteRolePolicy", &[role, p]).await;
                self.iam(way, &[role]).await;
            }
            "PutRolePolicy (older sessions)" => {
                let condition = json!({"DateLessThan": {"aws:TokenIssueTime": "2026-11-21T12:00:01Z"}});
                let deny = with(&statement("Deny", "*", "*"), json!({"Condition": condition}));
                let document = policy(vec![deny]).to_string();
                self.iam("PutRolePolicy", &[role, ("PolicyName", "older"), ("PolicyDocument", &document)]).await;
            }
            "PutKeyPolicy" => {
                let none = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:None", "Resource": "*"});
                self.key_policy(none).await;
            }
            "RevokeGrant" | "RetireGrant" => {
                let grant = with(&key, json!({"GrantId": self.grant["GrantId"]}));
                self.root.call(way, grant).await.map(drop).unwrap();
            }
            "UntagUser" => self.iam(way, &[user, ("TagKeys.member.1", "team")]).await,
            "UntagResource" => {
                self.root.call(way, with(&key, json!({"TagKeys": ["team"]}))).await.map(drop).unwrap();
            }
            "TagResource" => {
                let tags = json!({"Tags": [{"TagKey": "team", "TagValue": "blue"}]});
                self.root.call(way, with(&key, tags)).await.map(drop).unwrap();
            }
            "DeleteAlias" => {
                self.root.call(way, json!({"AliasName": "alias/red"})).await.map(drop).unwrap();
            }
            "UpdateAlias" => {
                let other = create_key(&self.root).await;
                let input = json!({"AliasName": "alias/red", "TargetKeyId": other});
                self.root.call(way, input).await.map(drop).unwrap();
            }
            _ => panic!("no such way: {way}"),
        }
    }
}

fn conditioned(condition: Value) -> Value {
    one(with(&statement("Allow", "kms:DescribeKey", "*"), json!({"Condition": condition})))
}

const IDENTITY: &str = "no identity-based policy allows";
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";

#[tokio::test]
async fn what_is_taken_away_is_gone_on_the_next_request() {
    let world = World::new().await;
    let mut accounts = fresh_accounts();
    for (right, way, refusal) in [
        (Right::KeyPolicy, "DeleteAccessKey", INVALID_TOKEN),
        (Right::KeyPolicy, "UpdateAccessKey", INVALID_TOKEN),
        (Right::KeyPolicy, "DeleteUser", INVALID_TOKEN),
        (Right::Grant, "DeleteUser", INVALID_TOKEN),
        (Right::KeyPolicy, "PutKeyPolicy", IDENTITY),
        (Right::KeyPolicy, "PutUserPolicy (deny)", "explicit deny in an identity-based policy"),
        (Right::Inline, "PutUserPolicy", IDENTITY),
        (Right::Inline, "PutUserPolicy (deny)", "explicit deny in an identity-based policy"),
        (Right::Inline, "DeleteUserPolicy", IDENTITY),
        (Right::Inline, "PutUserPermissionsBoundary", "no permissions boundary allows"),
        (Right::Managed, "DetachUserPolicy", IDENTITY),
        (Right::Managed, "CreatePolicyVersion", IDENTITY),
        (Right::Group, "RemoveUserFromGroup", IDENTITY),
        (Right::Group, "DeleteGroupPolicy", IDENTITY),
        (Right::Grant, "RevokeGrant", IDENTITY),
        (Right::Grant, "RetireGrant", IDENTITY),
        (Right::Role, "DeleteRolePolicy", IDENTITY),
        (Right::Role, "DeleteRole", INVALID_TOKEN),
        (Right::Role, "PutRolePermissionsBoundary", "no permissions boundary allows"),
        (Right::Role, "PutRolePolicy (older sessions)", "explicit deny in an identity-based policy"),
        (Right::ManagedOfRole, "DetachRolePolicy", IDENTITY),
        (Right::ManagedOfRole, "CreatePolicyVersion", IDENTITY),
        (Right::SessionPolicy, "CreatePolicyVersion", "no session policy allows"),
        (Right::KeyTag, "UntagResource", IDENTITY),
        (Right::KeyTag, "TagResource", IDENTITY),
        (Right::UserTag, "UntagUser", IDENTITY),
        (Right::Alias, "DeleteAlias", IDENTITY),
        (Right::Alias, "UpdateAlias", IDENTITY),
    ] {
        let live = Live::of(right, &world, accounts.next().unwrap()).await;
        for _ in 0..3 {
            live.call().await.unwrap_or_else(|error| panic!("{right:?} before {way}: {error:?}"));
        }
        live.take(way).await;
        let error = live.call().await.expect_err(way);
        assert!(error.message.contains(refusal), "{right:?} after {way}: {error:?}");
    }
}

/// The trust policy is asked when a session begins; a session that has begun ends with its role.
#[tokio::test]
async fn another_trust_policy_ends_no_session_but_lets_no_new_one_begin() {
    let world = World::new().await;
    let live = Live::of(Right::Role, &world, "111122223333".to_owned()).await;
    let trust = one(json!({
        "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole",
    }))
    .to_string();
    let ann = live.root.iam("CreateAccessKey", &[("UserName", "ann")]).await.unwrap();
    let ann = live.root.with_credentials((&ann.text("AccessKeyId"), &ann.text("SecretAccessKey"), None));
    let role = format!("arn:aws:iam::{}:role/work", live.account);
    ann.assume(&role, "night", &[]).await.unwrap();
    live.iam("UpdateAssumeRolePolicy", &[("RoleName", "work"), ("PolicyDocument", &trust)]).await;
    live.call().await.unwrap();
    assert_eq!(ann.assume(&role, "night", &[]).await.unwrap_err().code, "AccessDenied");
}

/// Who comes later under the same name is somebody else: to key policies, to grants, and to trust policies.
#[tokio::test]
async fn a_successor_of_the_same_name_inherits_nothing() {
    let world = World::new().await;
    for (right, account) in [(Right::KeyPolicy, "111111111111"), (Right::Grant, "222222222222")] {
        let live = Live::of(right, &world, account.to_owned()).await;
        let arn = format!("arn:aws:iam::{account}:user/ann");
        let id = live.root.iam("GetUser", &[("UserName", "ann")]).await.unwrap().text("UserId");
        live.call().await.unwrap();
        live.take("DeleteUser").await;
        let successor = live.root.user("ann", &Value::Null).await;
        let refused = successor.call("DescribeKey", json!({"KeyId": live.key})).await.unwrap_err();
        assert!(refused.message.contains(IDENTITY), "{right:?}: {refused:?}");
        // Whom it is for is shown by id from now on.
        let key = json!({"KeyId": live.key});
        if right == Right::KeyPolicy {
            let shown = text(&live.root.call("GetKeyPolicy", key.clone()).await.unwrap()["Policy"]);
            assert!(shown.contains(&id) && !shown.contains(&arn), "{shown}");
            // And that id is nobody, so the policy is not taken back as it is shown.
            let again = with(&key, json!({"Policy": shown}));
            assert_eq!(
                live.root.call("PutKeyPolicy", again).await.unwrap_err().code,
                "MalformedPolicyDocumentException"
            );
        } else {
            let grants = live.root.call("ListGrants", key.clone()).await.unwrap();
            assert_eq!(grants["Grants"][0]["GranteePrincipal"], *id);
        }
    }
}

#[tokio::test]
async fn a_role_of_the_same_name_inherits_nothing() {
    let world = World::new().await;
    let root = world.client("111122223333", REGION);
    let ann = root.user("ann", &Value::Null).await;
    let arn = "arn:aws:iam::111122223333:user/ann";
    let role = root.role("work", arn, &Value::Null).await;
    let second = root.role("second", &role, &Value::Null).await;
    let key = create_key(&root).await;
    for principal in [role.clone(), "arn:aws:sts::111122223333:assumed-role/work/day".to_owned()] {
        let statements = json!([
            {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:DescribeKey", "Resource": "*"},
        ]);
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        root.call("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})).await.unwrap();
        let session = ann.assume(&role, "day", &[]).await.unwrap();
        session.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
        session.assume(&second, "day", &[]).await.unwrap();
        root.iam("DeleteRole", &[("RoleName", "work")]).await.unwrap();
        assert_eq!(root.role("work", arn, &Value::Null).await, role);
        let again = ann.assume(&role, "day", &[]).await.unwrap();
        let refused = again.call("DescribeKey", json!({"KeyId": key})).await.unwrap_err();
        assert!(refused.message.contains(IDENTITY), "{refused:?}");
        assert_eq!(again.assume(&second, "day", &[]).await.unwrap_err().code, "AccessDenied");
        // For the next round: the role of now.
        let trust = one(json!({"Effect": "Allow", "Principal": {"AWS": role}, "Action": "sts:AssumeRole"})).to_string();
        let parameters = [("RoleName", "second"), ("PolicyDocument", trust.as_str())];
        root.iam("UpdateAssumeRolePolicy", &parameters).await.unwrap();
    }
}

#[tokio::test]
async fn a_key_that_is_switched_off_is_off_at_once() {
    let world = World::new().await;
    let root = world.client("111122223333", REGION);
    let key = create_key(&root).await;
    let ann = root.user("ann", &allow("kms:Encrypt")).await;
    let input = json!({"KeyId": key, "Plaintext": "aGk="});
    for _ in 0..3 {
        ann.call("Encrypt", input.clone()).await.unwrap();
        root.call("DisableKey", json!({"KeyId": key})).await.unwrap();
        let refused = ann.call("Encrypt", input.clone()).await.unwrap_err();
        assert_eq!(refused, aws_error("DisabledException", &format!("{key} is disabled.")));
        root.call("EnableKey", json!({"KeyId": key})).await.unwrap();
    }
}

/// The owner of a key shuts a foreign account out; what that account allows itself does not matter.
#[tokio::test]
async fn a_foreign_account_is_shut_out_at_once() {
    let world = World::new().await;
    let (root, other) = (world.client("111122223333", REGION), world.client("444455556666", REGION));
    let ann = other.user("ann", &allow("kms:*")).await;
    let key = create_key(&root).await;
    let policy = |accounts: &[&str]| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": accounts}, "Action": "kms:*", "Resource": "*"});
        json!({"KeyId": key, "Policy": one(statement).to_string()})
    };
    for _ in 0..3 {
        root.call("PutKeyPolicy", policy(&["111122223333", "444455556666"])).await.unwrap();
        ann.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
        root.call("PutKeyPolicy", policy(&["111122223333"])).await.unwrap();
        let refused = ann.call("DescribeKey", json!({"KeyId": key})).await.unwrap_err();
        assert_eq!(refused, hidden("arn:aws:iam::444455556666:user/ann", "kms:DescribeKey"));
    }
}
