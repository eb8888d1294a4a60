//! Who am I, whose key is that, and credentials of one's own: GetCallerIdentity, GetAccessKeyInfo, GetSessionToken.

use kagiban_base::time::Clock as _;
use kagiban_iam::{AccessKeyOwner, AccessKeyRecord, AccessKeyRowKey};
use kagiban_identity::totp;
use kagiban_storage::StoreError;
use kagiban_testkit::base32_decoded;

use crate::support::{ACCOUNT, Answer, Client, Parameters, Refused, World, allow};

pub(crate) const OTHER_ACCOUNT: &str = "444455556666";
/// A service's access key id; its secret is 40 times `v`.
const SERVICE_KEY: &str = "AKIASERVICESERVICE00";
/// Denies whatever has no MFA.
const NO_MFA: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"iam:*","Resource":"*"},
    {"Effect":"Deny","Action":"iam:ListRoles","Resource":"*","Condition":{"NumericGreaterThan":{"aws:MultiFactorAuthAge":"300"}}},
    {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;

/// Code of a refusal, or `ok`.
pub(crate) fn code(outcome: &Result<Answer, Refused>) -> &str {
    outcome.as_ref().err().map_or("ok", |refused| refused.code.as_str())
}

/// A new role with this trust policy and an inline policy `p` (none if the text is empty); its ARN.
pub(crate) async fn role(root: &Client<'_>, name: &str, trust: &str, policy: &str) -> String {
    let parameters = [("RoleName", name), ("AssumeRolePolicyDocument", trust)];
    let answer = root.iam("CreateRole", &parameters).await.unwrap();
    if !policy.is_empty() {
        let parameters = [("RoleName", name), ("PolicyName", "p"), ("PolicyDocument", policy)];
        root.iam("PutRolePolicy", &parameters).await.unwrap();
    }
    answer.text("Role/Arn")
}

/// A trust policy that lets this principal (JSON) do these actions.
pub(crate) fn trust(principal: &str, actions: &str) -> String {
    let actions: Vec<String> = actions.split(',').map(|action| format!("\"sts:{action}\"")).collect();
    let actions = actions.join(",");
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":[{actions}]}}}}"#
    )
}

/// A trust policy for an account.
pub(crate) fn trust_account(account: &str) -> String {
    trust(&format!(r#"{{"AWS":"{account}"}}"#), "AssumeRole,TagSession,SetSourceIdentity")
}

/// The caller's session of a role, with more parameters.
pub(crate) async fn assume(caller: &Client<'_>, arn: &str, more: Parameters<'_>) -> Result<Answer, Refused> {
    let mut parameters = vec![("RoleArn", arn)];
    if !more.iter().any(|(name, _)| *name == "RoleSessionName") {
        parameters.push(("RoleSessionName", "session"));
    }
    parameters.extend_from_slice(more);
    caller.sts("AssumeRole", &parameters).await
}

/// A service of the deployment, as the operator makes one.
pub(crate) async fn service<'w>(world: &'w World, name: &str) -> Client<'w> {
    let key = AccessKeyRowKey(SERVICE_KEY.parse().unwrap());
    let wrapped = world.iam.secrets.wrap(&[b'v'; 40], &key.binding(), world.random.as_ref()).unwrap();
    let owner = AccessKeyOwner::Service(name.to_owned());
    let record = AccessKeyRecord::of_root(OTHER_ACCOUNT.parse().unwrap(), world.clock.now(), wrapped);
    let record = &AccessKeyRecord { owner, ..record };
    let made = world.iam.store.transact("service", |tx| async move { tx.put::<AccessKeyRecord>(&key, record) });
    let (_, revision): ((), _) = made.await.map_err(|error: StoreError| error).unwrap();
    world.iam.applied.wait_for(revision.unwrap()).await.unwrap();
    world.client(SERVICE_KEY, &"v".repeat(40), None)
}

/// A device, and the codes it shows.
pub(crate) struct Device {
    pub(crate) serial: String,
    seed: Vec<u8>,
}

impl Device {
    /// A new device of the caller's account, enabled for a user.
    pub(crate) async fn of(root: &Client<'_>, user: &str) -> Self {
        let made = root.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", user)]).await.unwrap();
        let text = base64_decoded(&made.text("VirtualMFADevice/Base32StringSeed"));
        let device = Self { serial: made.text("VirtualMFADevice/SerialNumber"), seed: base32_decoded(text.as_bytes()) };
        let (first, second) = (device.code(root.world), device.code_after(root.world, totp::STEP_MS));
        let parameters = [
            ("UserName", user),
            ("SerialNumber", device.serial.as_str()),
            ("AuthenticationCode1", &first),
            ("AuthenticationCode2", &second),
        ];
        root.iam("EnableMFADevice", &parameters).await.unwrap();
        root.world.clock.move_by_ms(2 * totp::STEP_MS);
        device
    }

    /// The code that it shows now.
    pub(crate) fn code(&self, world: &World) -> String {
        self.code_after(world, 0)
    }

    pub(crate) fn code_after(&self, world: &World, ms: i64) -> String {
        let code = totp::code_at(&self.seed, world.clock.now().plus_ms(ms)).unwrap();
        String::from_utf8(code.to_vec()).unwrap()
    }

    /// One that it does not show.
    pub(crate) fn wrong_code(&self, world: &World) -> String {
        let near: Vec<String> = (-2..=2).map(|step| self.code_after(world, step * totp::STEP_MS)).collect();
        (0..10).map(|number| format!("{number:06}")).find(|code| !near.contains(code)).unwrap()
    }
}

fn base64_decoded(text: &str) -> String {
    use base64::Engine as _;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
}

#[tokio::test]
async fn everybody_learns_who_they_are() {
    let world = World::new().await;
    let root = world.root();
    // Nothing can forbid it.
    let nothing = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let ann = world.user("ann", nothing).await;
    let bob = world.user("bob", &allow("sts:*", "*")).await;
    let arn = role(&root, "app", &trust_account(ACCOUNT), nothing).await;
    let session = world.session(&assume(&bob, &arn, &[]).await.unwrap());
    let own = world.session(&bob.sts("GetSessionToken", &[]).await.unwrap());
    let s3 = service(&world, "s3.amazonaws.com").await;
    for (client, arn, user_id) in [
        (&root, "arn:aws:iam::111122223333:root", ACCOUNT),
        (&ann, "arn:aws:iam::111122223333:user/ann", "AIDA"),
        (&ann.in_region("cn-north-1"), "arn:aws-cn:iam::111122223333:user/ann", "AIDA"),
        (&own, "arn:aws:iam::111122223333:user/bob", "AIDA"),
        (&session, "arn:aws:sts::111122223333:assumed-role/app/session", "AROA"),
        (&s3, "s3.amazonaws.com", "s3.amazonaws.com"),
    ] {
        let answer = client.sts("GetCallerIdentity", &[]).await.unwrap();
        assert_eq!(answer.text("Arn"), arn);
        assert!(answer.text("UserId").starts_with(user_id), "{user_id}");
    }
    let answer = session.sts("GetCallerIdentity", &[]).await.unwrap();
    assert_eq!(answer.text("Account"), ACCOUNT);
    let (role_id, name) =
        answer.text("UserId").split_once(':').map(|(id, name)| (id.to_owned(), name.to_owned())).unwrap();
    assert_eq!((role_id.len(), name.as_str()), (21, "session"));
}

#[tokio::test]
async fn whose_access_key_it_is() {
    let world = World::new().await;
    let ann = world.user("ann", &allow("sts:GetAccessKeyInfo,sts:AssumeRole", "*")).await;
    let bob = world.user("bob", "").await;
    let other = world.user_of(&world.root_of(OTHER_ACCOUNT), "cid", "").await;
    let arn = role(&world.root(), "app", &trust_account(ACCOUNT), &allow("sts:GetAccessKeyInfo", "*")).await;
    let session = world.session(&assume(&ann, &arn, &[]).await.unwrap());
    let own = world.session(&ann.sts("GetSessionToken", &[]).await.unwrap());
    let no_such_key = "AKIAUNKNOWNUNKNOWN00";
    for (client, id, expected) in [
        (&ann, &ann.keys.id, ACCOUNT),
        (&ann, &other.keys.id, OTHER_ACCOUNT),
        (&session, &session.keys.id, ACCOUNT),
        (&session, &other.keys.id, OTHER_ACCOUNT),
        (&ann, &session.keys.id, "ValidationError"),
        (&ann, &no_such_key.to_owned(), "ValidationError"),
        (&ann, &"short".to_owned(), "ValidationError"),
        (&bob, &bob.keys.id, "AccessDenied"),
        (&bob, &no_such_key.to_owned(), "AccessDenied"),
        (&own, &own.keys.id, "AccessDenied"),
    ] {
        let outcome = client.sts("GetAccessKeyInfo", &[("AccessKeyId", id)]).await;
        let found = outcome.map_or_else(|refused| refused.code, |answer| answer.text("Account"));
        assert_eq!(found, expected, "{id}");
    }
}

#[tokio::test]
async fn sessions_of_ones_own() {
    let world = World::new().await;
    let ann = world.user("ann", &allow("*", "*")).await;
    let s3 = service(&world, "s3.amazonaws.com").await;
    let arn = role(&world.root(), "app", &trust_account(ACCOUNT), &allow("*", "*")).await;
    let session = world.session(&assume(&ann, &arn, &[]).await.unwrap());
    let own = world.session(&ann.sts("GetSessionToken", &[]).await.unwrap());
    let of_root = world.session(&world.root().sts("GetSessionToken", &[]).await.unwrap());
    for (client, expected) in [
        (&ann, "ok"),
        (&world.root(), "ok"),
        (&own, "AccessDenied"),
        (&of_root, "AccessDenied"),
        (&session, "AccessDenied"),
        (&s3, "AccessDenied"),
    ] {
        assert_eq!(code(&client.sts("GetSessionToken", &[]).await), expected, "{}", client.keys.id);
    }
    for (client, duration, expires, expected) in [
        (&ann, "900", "2026-11-21T12:15:00Z", "ok"),
        (&ann, "129600", "2026-11-23T00:00:00Z", "ok"),
        (&ann, "", "2026-11-22T00:00:00Z", "ok"),
        (&world.root(), "", "2026-11-21T13:00:00Z", "ok"),
        (&world.root(), "129600", "2026-11-21T13:00:00Z", "ok"),
        (&world.root(), "900", "2026-11-21T12:15:00Z", "ok"),
        (&ann, "899", "", "ValidationError"),
        (&ann, "129601", "", "ValidationError"),
    ] {
        let parameters = [("DurationSeconds", duration)];
        let parameters = if duration.is_empty() { &[][..] } else { &parameters };
        let outcome = client.sts("GetSessionToken", parameters).await;
        assert_eq!(code(&outcome), expected, "{duration}");
        assert_eq!(outcome.map_or_else(|_| String::new(), |made| made.text("Credentials/Expiration")), expires);
    }
    // Without MFA they are no good for IAM, and for STS only to go on to a role.
    assert_eq!(code(&own.iam("ListUsers", &[]).await), "InvalidClientTokenId");
    assert_eq!(code(&of_root.iam("ListUsers", &[]).await), "InvalidClientTokenId");
    assert_eq!(code(&assume(&own, &arn, &[]).await), "ok");
    assert_eq!(code(&assume(&of_root, &arn, &[]).await), "AccessDenied");
}

#[tokio::test]
async fn mfa_in_sessions_of_ones_own() {
    let world = World::new().await;
    let root = world.root();
    let ann = world.user("ann", NO_MFA).await;
    let bob = world.user("bob", "").await;
    let (device, bobs) = (Device::of(&root, "ann").await, Device::of(&root, "bob").await);
    let unknown = format!("{}x", device.serial);
    let elsewhere = device.serial.replace(ACCOUNT, OTHER_ACCOUNT);
    let (right, wrong, bobs_code) = (device.code(&world), device.wrong_code(&world), bobs.code(&world));
    for (client, serial, code_given, expected) in [
        (&ann, Some(&device.serial), None, "AccessDenied"),
        (&ann, None, Some(&right), "AccessDenied"),
        (&ann, Some(&device.serial), Some(&wrong), "AccessDenied"),
        (&ann, Some(&unknown), Some(&right), "AccessDenied"),
        (&ann, Some(&elsewhere), Some(&right), "AccessDenied"),
        (&ann, Some(&bobs.serial), Some(&bobs_code), "AccessDenied"),
        (&bob, Some(&device.serial), Some(&right), "AccessDenied"),
        (&root, Some(&device.serial), Some(&right), "AccessDenied"),
        (&ann, Some(&device.serial), Some(&right), "ok"),
        // Each code once.
        (&ann, Some(&device.serial), Some(&right), "AccessDenied"),
        (&bob, Some(&bobs.serial), Some(&bobs_code), "ok"),
    ] {
        let serial = serial.map(|serial| ("SerialNumber", serial.as_str()));
        let given = code_given.map(|code| ("TokenCode", code.as_str()));
        let parameters: Vec<_> = serial.into_iter().chain(given).collect();
        assert_eq!(code(&client.sts("GetSessionToken", &parameters).await), expected, "{parameters:?}");
    }
    world.clock.move_by_ms(totp::STEP_MS);
    let given = device.code(&world);
    let parameters = [("SerialNumber", device.serial.as_str()), ("TokenCode", given.as_str())];
    let with_mfa = world.session(&ann.sts("GetSessionToken", &parameters).await.unwrap());
    assert_eq!(code(&with_mfa.iam("ListUsers", &[]).await), "ok");
    assert_eq!(code(&with_mfa.iam("ListRoles", &[]).await), "ok");
    world.clock.move_by_ms(301_000);
    assert_eq!(code(&with_mfa.iam("ListUsers", &[]).await), "ok");
    assert_eq!(code(&with_mfa.iam("ListRoles", &[]).await), "AccessDenied", "MFA was too long ago");
    assert_eq!(code(&ann.iam("ListUsers", &[]).await), "AccessDenied", "long-term keys know no MFA");
}

/// After five wrong codes in a row no code is looked at for a while, which doubles.
#[tokio::test]
async fn guessing_codes_is_slowed_down() {
    let world = World::new().await;
    let ann = world.user("ann", "").await;
    let device = Device::of(&world.root(), "ann").await;
    let attempt = async |given: String| {
        let parameters = [("SerialNumber", device.serial.as_str()), ("TokenCode", given.as_str())];
        code(&ann.sts("GetSessionToken", &parameters).await).to_owned()
    };
    for _ in 0..5 {
        assert_eq!(attempt(device.wrong_code(&world)).await, "AccessDenied");
    }
    assert_eq!(attempt(device.code(&world)).await, "AccessDenied", "not looked at");
    world.clock.move_by_ms(29_999);
    assert_eq!(attempt(device.code(&world)).await, "AccessDenied");
    world.clock.move_by_ms(1);
    assert_eq!(attempt(device.wrong_code(&world)).await, "AccessDenied");
    world.clock.move_by_ms(59_999);
    assert_eq!(attempt(device.code(&world)).await, "AccessDenied", "twice as long");
    world.clock.move_by_ms(1);
    assert_eq!(attempt(device.code(&world)).await, "ok");
    assert_eq!(attempt(device.wrong_code(&world)).await, "AccessDenied");
    world.clock.move_by_ms(totp::STEP_MS);
    assert_eq!(attempt(device.code(&world)).await, "ok", "a right code forgives");
}
