//! The condition keys that every service has, for each kind of caller: who it is, how it came, when (authorization facts,
//! section 6).

use std::net::IpAddr;

use bytes::Bytes;
use kagiban_base::id::RequestId;
use kagiban_base::time::Clock;
use kagiban_service::RawRequest;
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::cases::{Admin, Stage, cases};
use super::condition_keys::{Expected, Trusting};
use super::deciding::allow;
use crate::support::{ACCOUNT, REGION};

/// A key that everybody may describe when a condition holds.
struct Door<'w> {
    admin: Admin<'w>,
}

impl<'w> Door<'w> {
    async fn new(world: &'w World) -> (Self, Client<'w>) {
        let case = cases().into_iter().find(|case| case.operation == "DescribeKey").unwrap();
        let stage = Stage::of(case, world, ACCOUNT).await;
        (Self { admin: stage.admin().await }, stage.root)
    }

    fn key(&self) -> &str {
        &self.admin.keys[0]
    }

    async fn set(&self, condition: &Value) {
        let statement = json!({
            "Effect": "Allow", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*", "Condition": condition,
        });
        self.admin.put(&[(self.key().to_owned(), statement)]).await;
    }

    /// Whether the condition holds for a call of this caller.
    async fn opens(&self, caller: &Client<'_>, condition: &Value) -> bool {
        self.set(condition).await;
        match caller.call("DescribeKey", json!({"KeyId": self.key()})).await {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.code, "AccessDeniedException", "{}", error.message);
                false
            }
        }
    }

    async fn assert(&self, who: &str, caller: &Client<'_>, table: &[(&str, Expected)]) {
        for (key, expected) in table {
            let (condition, others) = expected.conditions(key);
            assert!(self.opens(caller, &condition).await, "{who}: {key} is not {expected:?}");
            for condition in others {
                assert!(!self.opens(caller, &condition).await, "{who}: {condition} holds");
            }
        }
    }
}

fn text(text: &str) -> Expected {
    Expected::Text(text.to_owned())
}

/// What no caller here has, whatever it is.
const NOBODYS: [&str; 10] = [
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:PrincipalTag/",
    "aws:Unheard",
];

/// Keys that speak of one kind of caller, absent for all others.
const OF_SOME: [&str; 12] = [
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalTag/Team",
    "aws:SourceIdentity",
    "aws:TokenIssueTime",
    "aws:username",
];

/// The table of one caller: what it has, what everybody has, and that the rest is absent.
fn whole(own: Vec<(&'static str, Expected)>) -> Vec<(&'static str, Expected)> {
    let absent: Vec<_> =
        NOBODYS.into_iter().chain(OF_SOME).filter(|key| own.iter().all(|(has, _)| has != key)).collect();
    let all = [("aws:RequestedRegion", text(REGION)), ("aws:ResourceAccount", text(ACCOUNT))];
    own.into_iter().chain(all).chain(absent.into_iter().map(|key| (key, Expected::Absent))).collect()
}

fn person(arn: &str, kind: &str, id: &str) -> Vec<(&'static str, Expected)> {
    vec![
        ("aws:PrincipalAccount", text(ACCOUNT)),
        ("aws:PrincipalArn", text(arn)),
        ("aws:PrincipalIsAWSService", Expected::Truth(false)),
        ("aws:PrincipalType", text(kind)),
        ("aws:userid", text(id)),
    ]
}

#[tokio::test]
async fn who_calls() {
    let trusting = Trusting::new().await;
    let (door, root) = Door::new(&trusting.world).await;
    let direct = || vec![("aws:ViaAWSService", Expected::Truth(false))];
    let root_arn = format!("arn:aws:iam::{ACCOUNT}:root");
    let of_root = whole([person(&root_arn, "Account", ACCOUNT), direct()].concat_all());
    door.assert("root", &root, &of_root).await;

    let ann = root.user("ann", &Value::Null).await;
    let tag = [("UserName", "ann"), ("Tags.member.1.Key", "TEAM"), ("Tags.member.1.Value", "red")];
    root.iam("TagUser", &tag).await.unwrap();
    let id = root.iam("GetUser", &[("UserName", "ann")]).await.unwrap().text("UserId");
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    let of_ann = || {
        let own = vec![("aws:username", text("ann")), ("aws:PrincipalTag/Team", text("red"))];
        [person(&arn, "User", &id), direct(), own].concat_all()
    };
    door.assert("a user", &ann, &whole(of_ann())).await;

    let device = root.mfa_device("ann").await;
    // A code counts once.
    trusting.world.clock.move_by_ms(30_000);
    let now = trusting.world.clock.now();
    let of_session = |mfa: bool| {
        vec![("aws:TokenIssueTime", text(&now.to_rfc3339())), ("aws:MultiFactorAuthPresent", Expected::Truth(mfa))]
    };
    let with_code = ann.mfa_session(&device).await;
    let age = |seconds| vec![("aws:MultiFactorAuthAge", Expected::Number(seconds))];
    door.assert("with MFA", &with_code, &whole([of_ann(), of_session(true), age(0)].concat_all())).await;
    let made = ann.sts("GetSessionToken", &[]).await.unwrap();
    let token = made.text("SessionToken");
    let without = ann.with_credentials((&made.text("AccessKeyId"), &made.text("SecretAccessKey"), Some(&token)));
    door.assert("without MFA", &without, &whole([of_ann(), of_session(false)].concat_all())).await;

    let role = root.role("work", &arn, &Value::Null).await;
    let role_tag = [("RoleName", "work"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "blue")];
    root.iam("TagRole", &role_tag).await.unwrap();
    let id = root.iam("GetRole", &[("RoleName", "work")]).await.unwrap().text("RoleId");
    let of_role = |tag: &str| {
        let own = vec![("aws:PrincipalTag/Team", text(tag))];
        [person(&role, "AssumedRole", &format!("{id}:day")), direct(), of_session(false), own].concat_all()
    };
    let session = ann.assume(&role, "day", &[]).await.unwrap();
    door.assert("a role session", &session, &whole(of_role("blue"))).await;
    let more = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "green"), ("SourceIdentity", "somebody")];
    let tagged = ann.assume(&role, "day", &more).await.unwrap();
    let own = vec![("aws:SourceIdentity", text("somebody"))];
    door.assert("a tagged session", &tagged, &whole([of_role("green"), own].concat_all())).await;

    trusting.world.clock.move_by_ms(100_999);
    door.assert("with MFA, later", &with_code, &age(100)).await;
}

/// `concat` for values that cannot be cloned.
trait ConcatAll<T> {
    fn concat_all(self) -> Vec<T>;
}

impl<T, const N: usize> ConcatAll<T> for [Vec<T>; N] {
    fn concat_all(self) -> Vec<T> {
        self.into_iter().flatten().collect()
    }
}

#[tokio::test]
async fn services_and_what_they_do_for_others() {
    let trusting = Trusting::new().await;
    let (door, root) = Door::new(&trusting.world).await;
    let service = trusting.service("s3.amazonaws.com").await;
    let principal = "s3.amazonaws.com";
    let of_service = vec![
        ("aws:PrincipalAccount", Expected::Absent),
        ("aws:PrincipalArn", Expected::Absent),
        ("aws:PrincipalIsAWSService", Expected::Truth(true)),
        ("aws:PrincipalServiceName", text(principal)),
        ("aws:PrincipalServiceNamesList", Expected::Texts(vec![principal.to_owned()])),
        ("aws:ViaAWSService", Expected::Truth(false)),
        ("kms:ViaService", Expected::Absent),
    ];
    door.assert("a service", &service, &whole(of_service)).await;
    let role = root.role("work", principal, &Value::Null).await;
    let session = service.assume(&role, "day", &[]).await.unwrap();
    let via = vec![
        ("aws:CalledVia", Expected::Texts(vec![principal.to_owned()])),
        ("aws:CalledViaFirst", text(principal)),
        ("aws:CalledViaLast", text(principal)),
        ("aws:MultiFactorAuthPresent", Expected::Truth(false)),
        ("aws:PrincipalArn", text(&role)),
        ("aws:PrincipalIsAWSService", Expected::Truth(false)),
        ("aws:PrincipalType", text("AssumedRole")),
        ("aws:TokenIssueTime", text(&trusting.world.clock.now().to_rfc3339())),
        ("aws:ViaAWSService", Expected::Truth(true)),
        ("kms:ViaService", text("s3.us-east-1.amazonaws.com")),
    ];
    door.assert("through a service", &session, &whole(via)).await;
    // A role that the session takes on from there is still the service's doing.
    let next = root.role("next", &role, &Value::Null).await;
    root.iam(
        "PutRolePolicy",
        &[("RoleName", "work"), ("PolicyName", "p"), ("PolicyDocument", &allow("sts:AssumeRole").to_string())],
    )
    .await
    .unwrap();
    let chained = session.assume(&next, "night", &[]).await.unwrap();
    let via = [("aws:ViaAWSService", Expected::Truth(true)), ("kms:ViaService", text("s3.us-east-1.amazonaws.com"))];
    door.assert("a chain", &chained, &via).await;
}

#[tokio::test]
async fn when_it_is() {
    let world = World::new().await;
    let (door, root) = Door::new(&world).await;
    for (condition, holds) in [
        (json!({"DateEquals": {"aws:CurrentTime": "2026-11-21T12:00:00Z"}}), true),
        (json!({"DateEquals": {"aws:CurrentTime": "2026-11-21T12:00:01Z"}}), false),
        (json!({"DateLessThan": {"aws:CurrentTime": "2026-11-21T12:00:00Z"}}), false),
        (json!({"DateLessThan": {"aws:CurrentTime": "2026-11-21T12:00:01Z"}}), true),
        (json!({"DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-21T13:00:00+01:00"}}), true),
        (json!({"NumericEquals": {"aws:EpochTime": "1795262400"}}), true),
        (json!({"NumericGreaterThan": {"aws:EpochTime": "1795262400"}}), false),
        (json!({"DateEquals": {"aws:EpochTime": "2026-11-21T12:00:00Z"}}), true),
    ] {
        assert_eq!(door.opens(&root, &condition).await, holds, "{condition}");
    }
    let until = json!({"DateLessThan": {"aws:CurrentTime": "2026-11-21T12:10:00Z"}});
    assert!(door.opens(&root, &until).await);
    world.clock.move_by_ms(10 * 60 * 1000);
    assert!(!door.opens(&root, &until).await);
}

/// How a request came.
async fn call_from(
    world: &World,
    caller: &Client<'_>,
    key: &str,
    (peer, tls, agent): (&str, bool, Option<&str>),
) -> bool {
    let body = Bytes::from(json!({"KeyId": key}).to_string());
    let mut request = caller.signed("TrentService.DescribeKey", body);
    if let Some(agent) = agent {
        request.headers_mut().insert("user-agent", agent.parse().unwrap());
    }
    let (head, body) = request.into_parts();
    let request_id = RequestId::generate(world.random.as_ref()).unwrap();
    let peer: IpAddr = peer.parse().unwrap();
    let answer =
        world.service.call(RawRequest { request_id, head, body, peer, secure_transport: tls, tls: None }).await;
    answer.status.is_success()
}

#[tokio::test]
async fn how_the_request_came() {
    let world = World::new().await;
    let (door, root) = Door::new(&world).await;
    let from = |peer| (peer, false, None);
    let net = |net: &str| json!({"IpAddress": {"aws:SourceIp": net}});
    let not = |net: &str| json!({"NotIpAddress": {"aws:SourceIp": net}});
    let agent = |pattern: &str| json!({"StringLike": {"aws:UserAgent": pattern}});
    let tls = |truth: &str| json!({"Bool": {"aws:SecureTransport": truth}});
    for (condition, how, holds) in [
        (net("192.0.2.0/24"), from("192.0.2.255"), true),
        (net("192.0.2.0/24"), from("192.0.3.0"), false),
        (net("192.0.2.7"), from("192.0.2.7"), true),
        (net("192.0.2.7"), from("192.0.2.8"), false),
        (net("192.0.2.0/24"), from("::ffff:192.0.2.9"), true),
        (net("::/0"), from("192.0.2.9"), false),
        (net("2001:db8::/32"), from("2001:db8:1::1"), true),
        (net("2001:db8::/32"), from("2001:db9::1"), false),
        (not("192.0.2.0/24"), from("192.0.2.1"), false),
        (not("192.0.2.0/24"), from("198.51.100.1"), true),
        (tls("true"), ("192.0.2.1", true, None), true),
        (tls("true"), ("192.0.2.1", false, None), false),
        (tls("false"), ("192.0.2.1", false, None), true),
        (agent("aws-cli/*"), ("192.0.2.1", true, Some("aws-cli/2.0 Python")), true),
        (agent("aws-cli/*"), ("192.0.2.1", true, Some("Boto3/1")), false),
        (agent("*"), ("192.0.2.1", true, None), false),
        (json!({"Null": {"aws:UserAgent": "true"}}), ("192.0.2.1", true, None), true),
    ] {
        door.set(&condition).await;
        assert_eq!(call_from(&world, &root, door.key(), how).await, holds, "{condition} {how:?}");
    }
}

/// What a client writes into its headers says nothing about where it comes from.
#[tokio::test]
async fn headers_do_not_move_the_caller() {
    let world = World::new().await;
    let (door, root) = Door::new(&world).await;
    door.set(&json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})).await;
    for name in ["x-forwarded-for", "forwarded", "x-real-ip", "x-amz-source-ip", "true-client-ip"] {
        let mut request =
            root.signed("TrentService.DescribeKey", Bytes::from(json!({"KeyId": door.key()}).to_string()));
        request.headers_mut().insert(name, "192.0.2.1".parse().unwrap());
        assert_eq!(world.send(request).await.status, 400, "{name}");
    }
    door.set(&json!({"Bool": {"aws:SecureTransport": "true"}})).await;
    for (name, value) in [("x-forwarded-proto", "https"), ("forwarded", "proto=https"), ("front-end-https", "on")] {
        let mut request =
            root.signed("TrentService.DescribeKey", Bytes::from(json!({"KeyId": door.key()}).to_string()));
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(world.send(request).await.status, 400, "{name}");
    }
}
