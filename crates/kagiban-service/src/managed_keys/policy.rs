//! The policies of keys that services have. Nobody can change them, and they allow no change of the key: that, and not a
//! list of forbidden operations, is what keeps such keys as they are.

use kagiban_base::arn::KeyArn;
use serde_json::{Value, json};

use super::services::{Predefined, Service};

/// What services do with symmetric encryption keys.
const USE: [&str; 5] = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
/// What an account sees of the key.
const SEE: [&str; 3] = ["kms:Describe*", "kms:Get*", "kms:List*"];

/// The policy of a key. Of a managed one: all callers of the account may use it through the service, and see what it is if
/// their own policies let them. Of an owned one: the service may use it, and the account that it is kept in may see it.
pub(super) fn document(key: &KeyArn, predefined: &Predefined) -> String {
    let statement = match predefined {
        Predefined::Managed(service) => through_service(key, service),
        Predefined::Owned(service) => by_service(service),
    };
    let mut see = SEE.to_vec();
    if predefined.service().makes_grants() {
        see.push("kms:RevokeGrant");
    }
    let root = key.account.root_arn(key.region.partition());
    let account = json!({
        "Sid": "Let the account see the key",
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": see,
        "Resource": "*",
    });
    let id = format!("auto-{}-1", predefined.service().name());
    let policy = json!({"Version": "2012-10-17", "Id": id, "Statement": [statement, account]});
    format!("{policy:#}")
}

fn actions(service: &Service) -> Vec<&'static str> {
    let grants = service.makes_grants().then_some("kms:CreateGrant");
    USE.into_iter().chain(grants).collect()
}

fn through_service(key: &KeyArn, service: &Service) -> Value {
    json!({
        "Sid": format!("Let all callers of the account use the key through {}", service.name()),
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": actions(service),
        "Resource": "*",
        "Condition": {"StringEquals": {
            "kms:CallerAccount": key.account.as_str(),
            "kms:ViaService": service.via(key.region),
        }},
    })
}

fn by_service(service: &Service) -> Value {
    json!({
        "Sid": format!("Let {} use the key", service.name()),
        "Effect": "Allow",
        "Principal": {"Service": service.principal()},
        "Action": actions(service),
        "Resource": "*",
    })
}
