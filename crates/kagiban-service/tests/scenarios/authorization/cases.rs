//! For each operation a request that succeeds, and every permission that it asks for: what the tables of this folder are
//! made of.

use kagiban_api::Operation;
use kagiban_service::NOT_OFFERED_YET;
use kagiban_testkit::{AwsError, Client, World};
use serde_json::{Value, json};

use super::deciding::one;
use crate::subjects::{REPLICA_REGION, Subject};
use crate::support::{REGION, aws_error, describe, text, with};

/// The operations that may be allowed on another account's key (authorization facts, section 4).
pub(crate) const CROSSING: [&str; 21] = [
    "CreateGrant",
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListGrants",
    "ReEncrypt",
    "RetireGrant",
    "RevokeGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];

/// A way to call an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Manner {
    /// The ordinary one.
    Plain,
    /// The ciphertext alone says which key it is.
    ByCiphertext,
    /// With tags for what is made.
    WithTags,
}

/// An operation, called in one manner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) operation: &'static str,
    pub(crate) manner: Manner,
}

/// Every offered operation in every manner.
pub(crate) fn cases() -> Vec<Case> {
    let offered = Operation::ALL.into_iter().filter(|operation| !NOT_OFFERED_YET.contains(operation));
    let plain = offered.map(|operation| Case { operation: operation.name(), manner: Manner::Plain });
    let more = [
        Case { operation: "CreateKey", manner: Manner::WithTags },
        Case { operation: "Decrypt", manner: Manner::ByCiphertext },
        Case { operation: "ReEncrypt", manner: Manner::ByCiphertext },
        Case { operation: "ReplicateKey", manner: Manner::WithTags },
    ];
    plain.chain(more).collect()
}

/// What a permission is asked on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum On {
    /// The account.
    Account,
    /// An alias of this name.
    Alias(&'static str),
    /// The key that the request is about.
    Key,
    /// The same, known by its ciphertext.
    KeyOfCiphertext,
    /// The key, but its policy has no say.
    KeyByIdentity,
    /// The other key of a request about two.
    Other,
    /// The replica of the key in another Region.
    Replica,
    /// A principal of the account.
    Root,
}

impl Case {
    /// The actions that the operation asks permission for, in its order.
    fn actions(self) -> Vec<(String, On)> {
        let own = format!("kms:{}", self.operation);
        let asked = |on: &[On]| on.iter().map(|on| (own.clone(), *on)).collect();
        let (create, tag) = ("kms:CreateKey".to_owned(), "kms:TagResource".to_owned());
        let re_encrypt = |on| vec![("kms:ReEncryptFrom".to_owned(), on), ("kms:ReEncryptTo".to_owned(), On::Other)];
        match (self.operation, self.manner) {
            ("CreateAlias", _) => asked(&[On::Alias("alias/new"), On::Key]),
            ("CreateKey", Manner::WithTags) => vec![(own, On::Account), (tag, On::Account)],
            ("CreateKey" | "GenerateRandom" | "ListAliases" | "ListKeys", _) => asked(&[On::Account]),
            ("Decrypt", Manner::ByCiphertext) => asked(&[On::KeyOfCiphertext]),
            ("DeleteAlias", _) => asked(&[On::Alias("alias/it"), On::Key]),
            ("ListRetirableGrants", _) => asked(&[On::Root]),
            ("ReEncrypt", Manner::ByCiphertext) => re_encrypt(On::KeyOfCiphertext),
            ("ReEncrypt", _) => re_encrypt(On::Key),
            ("ReplicateKey", Manner::WithTags) => {
                vec![(own, On::Key), (create, On::Account), (tag, On::Account)]
            }
            ("ReplicateKey", _) => vec![(own, On::Key), (create, On::Account)],
            ("RetireGrant", _) => asked(&[On::KeyByIdentity]),
            ("UpdateAlias", _) => asked(&[On::Alias("alias/other"), On::Key, On::Other]),
            ("UpdatePrimaryRegion", _) => asked(&[On::Key, On::Replica]),
            _ => asked(&[On::Key]),
        }
    }

    /// A request that succeeds when it is permitted.
    fn input(self, subject: &Subject, other: &str, root: &str) -> Value {
        let Subject { key, rest } = subject;
        match (self.operation, self.manner) {
            ("CreateKey", Manner::WithTags) => json!({"Tags": [{"TagKey": "team", "TagValue": "red"}]}),
            ("CreateKey" | "ListKeys", _) => json!({}),
            ("CreateAlias" | "UpdateAlias", _) => with(rest, json!({"TargetKeyId": key})),
            ("CreateGrant", _) => json!({"KeyId": key, "GranteePrincipal": root, "Operations": ["Encrypt"]}),
            ("Decrypt", Manner::ByCiphertext) => rest.clone(),
            ("DeleteAlias", _) => json!({"AliasName": "alias/it"}),
            ("ListRetirableGrants", _) => json!({"RetiringPrincipal": root}),
            ("GenerateRandom", _) => json!({"NumberOfBytes": 8}),
            ("PutKeyPolicy", _) => with(rest, json!({"KeyId": key, "BypassPolicyLockoutSafetyCheck": true})),
            ("ReEncrypt", Manner::ByCiphertext) => {
                json!({"CiphertextBlob": rest["CiphertextBlob"], "DestinationKeyId": other})
            }
            ("ReEncrypt", _) => with(rest, json!({"DestinationKeyId": other})),
            ("ReplicateKey", Manner::WithTags) => {
                with(rest, json!({"KeyId": key, "Tags": [{"TagKey": "team", "TagValue": "red"}]}))
            }
            _ => with(rest, json!({"KeyId": key})),
        }
    }
}

/// One permission that a request asks for.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) action: String,
    /// The resource that policies must name: an ARN or `*`.
    pub(crate) resource: String,
    /// Whether the resource is a key, so that its policy has a say.
    pub(crate) is_key: bool,
    is_by_ciphertext: bool,
}

impl Ask {
    /// The refusal of this permission; `ending` is ` because ...` or ` with ...`.
    pub(crate) fn denied(&self, caller: &str, ending: &str) -> AwsError {
        let Self { action, resource, .. } = self;
        let on = match self.is_by_ciphertext {
            true => "the resource associated with this ciphertext".to_owned(),
            false => format!("resource: {resource}"),
        };
        access_denied(&format!("User: {caller} is not authorized to perform: {action} on {on}{ending}"))
    }

    /// No policy of this kind allows it.
    pub(crate) fn lacking(&self, caller: &str, kind: &str) -> AwsError {
        self.denied(caller, &format!(" because no {kind} allows the {} action", self.action))
    }

    /// A policy of this kind denies it.
    pub(crate) fn forbidden(&self, caller: &str, kind: &str) -> AwsError {
        let article = if kind.starts_with('i') { "an" } else { "a" };
        self.denied(caller, &format!(" with an explicit deny in {article} {kind}"))
    }

    /// What is said to callers of other accounts who may not know whether there is such a key.
    pub(crate) fn hidden(&self, caller: &str) -> AwsError {
        if self.is_by_ciphertext {
            return access_denied(
                "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or \
                 you are not allowed to access.",
            );
        }
        hidden(caller, &self.action)
    }
}

pub(crate) fn access_denied(text: &str) -> AwsError {
    aws_error("AccessDeniedException", text)
}

/// What is said to callers of other accounts who may not know whether there is such a key.
pub(crate) fn hidden(caller: &str, action: &str) -> AwsError {
    access_denied(&format!(
        "User: {caller} is not authorized to perform: {action} on this resource because the resource does not exist in \
         this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"
    ))
}

/// A request in an account of its own, with the keys that it is about.
pub(crate) struct Stage<'w> {
    pub(crate) case: Case,
    pub(crate) account: String,
    pub(crate) root: Client<'w>,
    pub(crate) input: Value,
    pub(crate) asks: Vec<Ask>,
}

impl<'w> Stage<'w> {
    pub(crate) async fn of(case: Case, world: &'w World, account: &str) -> Self {
        let root = world.client(account, REGION);
        let subject = Subject::of(case.operation, &root).await;
        let other = text(&describe(&root, "alias/other").await["Arn"]);
        if case.operation == "CancelKeyDeletion" {
            root.call("ScheduleKeyDeletion", json!({"KeyId": subject.key})).await.unwrap();
        }
        let root_arn = format!("arn:aws:iam::{account}:root");
        let mut input = case.input(&subject, &other, &root_arn);
        if let "RetireGrant" | "RevokeGrant" = case.operation {
            let grant = json!({"KeyId": subject.key, "GranteePrincipal": root_arn, "Operations": ["Encrypt"]});
            let made = root.call("CreateGrant", grant).await.unwrap();
            input = with(&input, json!({"GrantId": made["GrantId"]}));
        }
        let ask = |(action, on): (String, On)| Ask {
            action,
            resource: match on {
                On::Account => "*".to_owned(),
                On::Alias(name) => format!("arn:aws:kms:{REGION}:{account}:{name}"),
                On::Key | On::KeyByIdentity | On::KeyOfCiphertext => subject.key.clone(),
                On::Other => other.clone(),
                On::Replica => subject.key.replace(REGION, REPLICA_REGION),
                On::Root => root_arn.clone(),
            },
            is_key: matches!(on, On::Key | On::KeyOfCiphertext | On::Other | On::Replica),
            is_by_ciphertext: on == On::KeyOfCiphertext,
        };
        let asks = case.actions().into_iter().map(ask).collect();
        Self { case, account: account.to_owned(), root, input, asks }
    }

    /// How the case is called in messages of failures.
    pub(crate) fn name(&self) -> String {
        format!("{} {:?}", self.case.operation, self.case.manner)
    }

    /// Calls the operation.
    pub(crate) async fn call(&self, caller: &Client<'_>) -> Result<Value, AwsError> {
        caller.call(self.case.operation, self.input.clone()).await
    }

    /// The statements that allow everything that is asked for, each its own.
    pub(crate) fn allows(&self) -> Vec<Value> {
        self.asks.iter().map(|ask| statement("Allow", &ask.action, &ask.resource)).collect()
    }

    /// A user of the account without policies of its own that may do everything with the keys, whatever becomes of their
    /// policies.
    pub(crate) async fn admin(&self) -> Admin<'w> {
        let client = self.root.user("admin", &Value::Null).await;
        let mut keys: Vec<String> = self.asks.iter().filter(|ask| ask.is_key).map(|ask| ask.resource.clone()).collect();
        keys.sort_unstable();
        keys.dedup();
        let principal = format!("arn:aws:iam::{}:user/admin", self.account);
        let own = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"});
        for key in &keys {
            let input = json!({
                "KeyId": key, "Policy": one(own.clone()).to_string(), "BypassPolicyLockoutSafetyCheck": true,
            });
            self.root.in_region_of(key).call("PutKeyPolicy", input).await.unwrap();
        }
        Admin { client, own, keys }
    }
}

/// Who keeps the policies of the keys of a stage.
pub(crate) struct Admin<'w> {
    pub(crate) client: Client<'w>,
    own: Value,
    pub(crate) keys: Vec<String>,
}

impl Admin<'_> {
    /// Each key's policy consists of the statements for it, and of one for the admin.
    pub(crate) async fn put(&self, statements: &[(String, Value)]) {
        for key in &self.keys {
            let mut list = vec![self.own.clone()];
            list.extend(statements.iter().filter(|(of, _)| of == key).map(|(_, statement)| statement.clone()));
            let policy = json!({"Version": "2012-10-17", "Statement": list}).to_string();
            let client = self.client.in_region_of(key);
            client.call("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})).await.unwrap();
        }
    }
}

/// A statement of an identity policy.
pub(crate) fn statement(effect: &str, action: &str, resource: &str) -> Value {
    json!({"Effect": effect, "Action": action, "Resource": resource})
}

/// An identity policy with these statements; without any, one that allows nothing here.
pub(crate) fn policy(statements: Vec<Value>) -> Value {
    if statements.is_empty() {
        return policy(vec![statement("Allow", "s3:ListBucket", "*")]);
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A list without one of its elements.
pub(crate) fn without<T: Clone>(list: &[T], index: usize) -> Vec<T> {
    list.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, element)| element.clone()).collect()
}
