//! Grants through the door: who gets what by one, how it ends, what it can never do.

mod children;
mod conditions;
mod creating;
mod ending;
mod listing;
mod services;
mod tokens;
mod using;

use kagiban_testkit::{AwsError, Client, World};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, OTHER_ACCOUNT, REGION, create_key, text, with};

/// A context, in the words of requests.
const CONTEXT: &str = "EncryptionContext";

/// A world with a key, its account's root, and users in and outside of that account who may do nothing by themselves.
struct Scene<'w> {
    root: Client<'w>,
    other: Client<'w>,
    /// A user of the key's account without any policy.
    alice: Client<'w>,
    /// A user of another account without any policy.
    olga: Client<'w>,
    key: String,
}

impl<'w> Scene<'w> {
    async fn new(world: &'w World) -> Self {
        let (root, other) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
        let alice = root.user("alice", &Value::Null).await;
        let olga = other.user("olga", &Value::Null).await;
        let key = create_key(&root).await;
        Self { root, other, alice, olga, key }
    }

    /// Makes a grant as root; gives its id.
    async fn grant(&self, grantee: &str, operations: &[&str], more: Value) -> String {
        text(&self.granted(&self.root, grantee, operations, more).await.unwrap()["GrantId"])
    }

    async fn granted(
        &self,
        by: &Client<'_>,
        grantee: &str,
        operations: &[&str],
        more: Value,
    ) -> Result<Value, AwsError> {
        let input = json!({"KeyId": self.key, "GranteePrincipal": grantee, "Operations": operations});
        by.call("CreateGrant", with(&input, more)).await
    }

    async fn revoke(&self, grant: &str) {
        self.root.call("RevokeGrant", json!({"KeyId": self.key, "GrantId": grant})).await.unwrap();
    }

    async fn encrypt(&self, by: &Client<'_>, context: Value) -> Result<Value, AwsError> {
        by.call("Encrypt", json!({"KeyId": self.key, "Plaintext": "aGk=", CONTEXT: context})).await
    }

    /// Whether the caller can describe the key; refused, it is told no more than anybody.
    async fn can_describe(&self, by: &Client<'_>) -> bool {
        can(by.call("DescribeKey", json!({"KeyId": self.key})).await)
    }

    /// The grants that are listed on the key.
    async fn listed(&self) -> Vec<Value> {
        let answer = self.root.call("ListGrants", json!({"KeyId": self.key})).await.unwrap();
        answer["Grants"].as_array().unwrap().clone()
    }
}

/// Allowed, or denied; nothing else.
fn can(result: Result<Value, AwsError>) -> bool {
    match result {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code, "AccessDeniedException", "{}", error.message);
            false
        }
    }
}

fn user(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:user/{name}")
}

fn alice() -> String {
    user(ACCOUNT, "alice")
}

fn olga() -> String {
    user(OTHER_ACCOUNT, "olga")
}

/// An identity policy with one statement.
fn policy(effect: &str, action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]})
}

/// A service principal with an access key, made by the operator.
async fn service<'w>(world: &'w World, name: &str) -> Client<'w> {
    let mut operator = world.client("000000000000", REGION);
    operator.signer.service = "kagiban";
    let body = json!({"ServicePrincipal": name}).to_string().into();
    let response = world.send(operator.signed("Kagiban.CreateServiceAccessKey", body)).await;
    let made: Value = serde_json::from_slice(&response.body).unwrap();
    world.caller((&text(&made["AccessKeyId"]), &text(&made["SecretAccessKey"]), None), REGION)
}

/// The code of a refusal.
fn code(result: Result<Value, AwsError>) -> String {
    result.unwrap_err().code
}

/// What a storage service could be acting for.
fn source_arn() -> String {
    format!("arn:aws:s3:us-east-1:{ACCOUNT}:bucket")
}
