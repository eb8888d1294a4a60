//! The known ways to break such systems, one test each.

mod credentials;
mod disclosure;
mod names;
mod policies;

use kagiban_testkit::Client;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, HI};

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
