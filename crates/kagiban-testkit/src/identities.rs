//! Users, roles and sessions for scenarios, made through IAM and STS as anybody would make them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_identity::sigv4::Signer;
use kagiban_identity::totp;
use serde_json::Value;

use crate::world::{AwsError, Client, World};

/// Parameters of a Query request: names such as `Tags.member.1.Key`.
pub type Parameters<'a> = &'a [(&'a str, &'a str)];

/// An answer of IAM or STS.
#[derive(Clone, Debug)]
pub struct Answer(String);

impl Answer {
    /// The text of the first element of this name, empty if there is none.
    pub fn text(&self, name: &str) -> String {
        self.texts(name).into_iter().next().unwrap_or_default()
    }

    /// The texts of all elements of this name.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(&self.0).expect("answers are XML");
        let named = document.descendants().filter(|node| node.tag_name().name() == name);
        named.map(|node| node.text().unwrap_or_default().to_owned()).collect()
    }
}

impl World {
    /// Whoever has these credentials, calling in a Region.
    pub fn caller(&self, (id, secret, token): (&str, &str, Option<&str>), region: &str) -> Client<'_> {
        Client::with(
            self,
            Signer {
                access_key_id: id.parse().expect("an access key id"),
                secret_access_key: SecretBytes::from_slice(secret.as_bytes()),
                security_token: token.map(|token| SecretBytes::from_slice(token.as_bytes())),
                region: region.parse().expect("a Region"),
                service: "kms",
            },
        )
    }
}

impl<'w> Client<'w> {
    /// Calls an operation of IAM.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn iam(&self, action: &str, parameters: Parameters<'_>) -> Result<Answer, AwsError> {
        self.query("iam", "2010-05-08", action, parameters).await
    }

    /// Calls an operation of STS.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn sts(&self, action: &str, parameters: Parameters<'_>) -> Result<Answer, AwsError> {
        self.query("sts", "2011-06-15", action, parameters).await
    }

    /// A new user of this caller's account with an inline policy `p`, unless it is null, and an access key.
    pub async fn user(&self, name: &str, policy: &Value) -> Client<'w> {
        self.iam("CreateUser", &[("UserName", name)]).await.expect("a user");
        if !policy.is_null() {
            self.user_policy(name, policy).await;
        }
        let key = self.iam("CreateAccessKey", &[("UserName", name)]).await.expect("an access key");
        self.with_credentials((&key.text("AccessKeyId"), &key.text("SecretAccessKey"), None))
    }

    /// Puts the inline policy `p` of a user.
    pub async fn user_policy(&self, name: &str, policy: &Value) {
        let document = policy.to_string();
        let parameters = [("UserName", name), ("PolicyName", "p"), ("PolicyDocument", &document)];
        self.iam("PutUserPolicy", &parameters).await.expect("an inline policy");
    }

    /// A new role of this caller's account with a trust policy for `trusted` (an ARN, an account or a service) and an inline
    /// policy `p`, unless it is null. Gives its ARN.
    pub async fn role(&self, name: &str, trusted: &str, policy: &Value) -> String {
        let kind = if trusted.ends_with(".amazonaws.com") { "Service" } else { "AWS" };
        let trust = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {kind: trusted},
                "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            }],
        });
        let trust = trust.to_string();
        let parameters = [("RoleName", name), ("AssumeRolePolicyDocument", trust.as_str())];
        let role = self.iam("CreateRole", &parameters).await.expect("a role");
        if !policy.is_null() {
            let document = policy.to_string();
            let parameters = [("RoleName", name), ("PolicyName", "p"), ("PolicyDocument", &document)];
            self.iam("PutRolePolicy", &parameters).await.expect("an inline policy");
        }
        role.text("Arn")
    }

    /// A session of a role, which this caller assumes.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn assume(&self, role: &str, session: &str, more: Parameters<'_>) -> Result<Client<'w>, AwsError> {
        let parameters = [&[("RoleArn", role), ("RoleSessionName", session)], more].concat();
        let answer = self.sts("AssumeRole", &parameters).await?;
        let (id, secret, token) =
            (answer.text("AccessKeyId"), answer.text("SecretAccessKey"), answer.text("SessionToken"));
        Ok(self.with_credentials((&id, &secret, Some(&token))))
    }

    /// Calls one of Kagiban's own operations, for the operator.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn operator(&self, operation: &str, input: Value) -> Result<Value, AwsError> {
        let caller = Client::with(self.world, self.signer_for("kagiban"));
        caller.call_target(&format!("Kagiban.{operation}"), Bytes::from(input.to_string())).await
    }

    /// Calls an operation of CloudTrail.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn cloudtrail(&self, operation: &str, input: Value) -> Result<Value, AwsError> {
        let caller = Client::with(self.world, self.signer_for("cloudtrail"));
        let target = format!("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.{operation}");
        caller.call_target(&target, Bytes::from(input.to_string())).await
    }

    /// A virtual MFA device for a user of this caller's account. Gives its serial number and its seed.
    pub async fn mfa_device(&self, user: &str) -> (String, Vec<u8>) {
        let made = self.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", user)]).await.expect("a device");
        let (serial, seed) = (made.text("SerialNumber"), base32_decoded(&base64(&made.text("Base32StringSeed"))));
        let now = self.world.now();
        let (first, second) = (mfa_code(&seed, now.plus_ms(-30_000)), mfa_code(&seed, now));
        let parameters = [
            ("UserName", user),
            ("SerialNumber", serial.as_str()),
            ("AuthenticationCode1", first.as_str()),
            ("AuthenticationCode2", second.as_str()),
        ];
        self.iam("EnableMFADevice", &parameters).await.expect("an enabled device");
        (serial, seed)
    }

    /// A session of this user that has just given the code of its MFA device.
    pub async fn mfa_session(&self, (serial, seed): &(String, Vec<u8>)) -> Client<'w> {
        let code = mfa_code(seed, self.world.now());
        let parameters = [("SerialNumber", serial.as_str()), ("TokenCode", code.as_str())];
        let answer = self.sts("GetSessionToken", &parameters).await.expect("a session");
        let (id, secret, token) =
            (answer.text("AccessKeyId"), answer.text("SecretAccessKey"), answer.text("SessionToken"));
        self.with_credentials((&id, &secret, Some(&token)))
    }

    /// Whoever has these credentials, in the same world and Region.
    pub fn with_credentials(&self, credentials: (&str, &str, Option<&str>)) -> Client<'w> {
        self.world.caller(credentials, &self.signer.region.to_string())
    }

    /// The same caller in another Region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Client<'w> {
        Client::with(self.world, Signer { region: region.parse().expect("a Region"), ..self.signer_for("kms") })
    }

    async fn query(
        &self,
        service: &'static str,
        version: &str,
        action: &str,
        parameters: Parameters<'_>,
    ) -> Result<Answer, AwsError> {
        let mut request = Request::post(format!("http://{service}.test/"))
            .header("host", format!("{service}.test"))
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(form(version, action, parameters))
            .expect("a request");
        self.signer_for(service).sign(&mut request, self.world.now()).expect("a signature");
        let response = self.world.send(request).await;
        let answer = Answer(String::from_utf8(response.body.to_vec()).expect("answers are UTF-8"));
        if response.status.is_success() {
            return Ok(answer);
        }
        Err(AwsError { status: response.status.as_u16(), code: answer.text("Code"), message: answer.text("Message") })
    }

    fn signer_for(&self, service: &'static str) -> Signer {
        let copy = |secret: &SecretBytes| SecretBytes::from_slice(secret.expose());
        Signer {
            access_key_id: self.signer.access_key_id,
            secret_access_key: copy(&self.signer.secret_access_key),
            security_token: self.signer.security_token.as_ref().map(copy),
            region: self.signer.region,
            service,
        }
    }
}

/// The code that an MFA device with this seed shows.
pub fn mfa_code(seed: &[u8], now: Timestamp) -> String {
    let digits = totp::code_at(seed, now).expect("a time after 1970");
    String::from_utf8(digits.to_vec()).expect("digits")
}

fn base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64")
}

/// The bytes of base 32 (RFC 4648, section 6), as seeds of MFA devices are shown; without padding.
pub fn base32_decoded(text: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let value = |byte: &u8| ALPHABET.iter().position(|digit| digit == byte).expect("a digit of base 32");
    let bits: Vec<bool> =
        text.iter().map(value).flat_map(|value| (0..5).rev().map(move |bit| value >> bit & 1 == 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | u8::from(*bit))).collect()
}

/// The body of a Query request.
pub fn form(version: &str, action: &str, parameters: Parameters<'_>) -> Bytes {
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in parameters {
        write!(body, "&{}={}", encoded(name), encoded(value)).expect("a String takes everything");
    }
    body.into()
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
