//! What a decision costs: `cargo run --release -p kagiban-policy --example decide`.

#![expect(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, reason = "a stop-watch, no product")]

use std::borrow::Cow;
use std::hint::black_box;
use std::time::Instant;

use kagiban_base::id::{AccountId, Partition};
use kagiban_policy::{
    CompiledPolicy, ConditionKey, ConditionValue, ConditionValues, Identity, NamedPolicy, Policies, Question,
    Requester, ResourcePolicies, decide, default_key_policy, parse_identity_policy, parse_key_policy,
};

const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ROUNDS: u32 = 1_000_000;

struct Values;

impl ConditionValues for Values {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        match key.lower() {
            "kms:viaservice" => ConditionValue::One(Cow::Borrowed("s3.eu-central-1.amazonaws.com")),
            "kms:calleraccount" => ConditionValue::One(Cow::Borrowed("111122223333")),
            "aws:sourceip" => ConditionValue::One(Cow::Borrowed("192.0.2.17")),
            "kms:encryptioncontext:app" => ConditionValue::One(Cow::Borrowed("payroll-17")),
            _ => ConditionValue::Absent,
        }
    }
}

fn key_policy(statement: impl Fn(usize) -> String, count: usize) -> CompiledPolicy {
    let statements: Vec<String> = (0..count).map(statement).collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    CompiledPolicy::compile(&parse_key_policy(&text).unwrap(), &|arn| Some(arn.arn.clone()))
}

fn measure(name: &str, identity: Identity<'_>, resource: &[NamedPolicy<'_>], identity_policies: &[NamedPolicy<'_>]) {
    let owner: AccountId = "111122223333".parse().unwrap();
    let requester = Requester { account: owner, identity };
    let question = Question { action: "kms:Decrypt", resource: KEY, requester: &requester, values: &Values };
    let resource = Some(ResourcePolicies { owner, policies: resource });
    let policies = Policies { resource, identity: identity_policies, boundary: None, session: &[] };
    let start = Instant::now();
    let mut allowed = 0u32;
    for _ in 0..ROUNDS {
        allowed += u32::from(decide(black_box(&question), black_box(&policies), &|| None).is_allowed());
    }
    let ns = start.elapsed().as_nanos() / u128::from(ROUNDS);
    println!("{name}: {ns} ns, allowed {}", allowed == ROUNDS);
}

fn main() {
    let owner: AccountId = "111122223333".parse().unwrap();
    let text = default_key_policy(owner, Partition::Aws);
    let default = CompiledPolicy::compile(&parse_key_policy(&text).unwrap(), &|_| None);
    let named = |policy| NamedPolicy { name: "default", policy };
    let user = Identity::User { unique_id: "AIDAEXAMPLEID1234567" };
    measure("default policy, root", Identity::Root, &[named(&default)], &[]);

    let other_users = key_policy(
        |n| {
            format!(
                r#"{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:user/u{n}"}},
                "Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],
                "Resource":"*"}}"#
            )
        },
        30,
    );
    measure("30 statements for other users", user, &[named(&other_users)], &[]);

    let other_conditions = key_policy(
        |n| {
            format!(
                r#"{{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{{
                "StringEquals":{{"kms:ViaService":"service{n}.eu-central-1.amazonaws.com"}}}}}}"#
            )
        },
        30,
    );
    measure("30 statements whose condition fails", user, &[named(&other_conditions)], &[]);

    let twenty = key_policy(
        |n| match n {
            19 => r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}"#.to_owned(),
            _ => format!(
                r#"{{"Effect":"Deny","Principal":{{"AWS":"arn:aws:iam::111122223333:role/r{n}"}},
                "Action":"kms:*","Resource":"*"}}"#
            ),
        },
        20,
    );
    let identity_text = |n: usize| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"kms:Decrypt",
            "Resource":"arn:aws:kms:*:111122223333:key/{}","Condition":{{
            "StringEquals":{{"kms:CallerAccount":"111122223333"}},"IpAddress":{{"aws:SourceIp":"192.0.2.0/24"}},
            "StringLike":{{"kms:EncryptionContext:app":"payroll-*"}}}}}}]}}"#,
            if n == 9 { "*".to_owned() } else { format!("{n}*") }
        )
    };
    let identity: Vec<CompiledPolicy> = (0..10)
        .map(|n| CompiledPolicy::compile(&parse_identity_policy(&identity_text(n)).unwrap(), &|_| None))
        .collect();
    let identity: Vec<NamedPolicy<'_>> = identity.iter().map(named).collect();
    measure("20 statements, 10 identity policies, 3 conditions", user, &[named(&twenty)], &identity);
}
