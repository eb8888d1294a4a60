//! For each operation that names a key: a key that it works on, and the rest of an input that succeeds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::id::KeyId;
use kagiban_keycore::public_key::PublicKey;
use kagiban_keycore::spec::{EncryptionAlgorithm, KeySpec};
use kagiban_testkit::{Client, SeededRandom};
use serde_json::{Value, json};

use crate::support::{HI, base64, describe, encrypt, key_id_of, text, with};

/// Where the replicas of multi-Region keys are.
pub(crate) const REPLICA_REGION: &str = "eu-west-1";

/// A key and what belongs to it.
pub(crate) struct Subject {
    /// The key's ARN.
    pub(crate) key: String,
    /// What the operation needs besides the key; made with a sibling where the key itself cannot make it.
    pub(crate) rest: Value,
}

impl Subject {
    /// A key for `operation`, with `alias/it` pointing to it, and another key with `alias/other`.
    pub(crate) async fn of(operation: &str, client: &Client<'_>) -> Self {
        Self::made(operation, client, json!({})).await
    }

    /// The same, but the key waits for material that is to be imported.
    pub(crate) async fn without_material(operation: &str, client: &Client<'_>) -> Self {
        Self::made(operation, client, json!({"Origin": "EXTERNAL"})).await
    }

    /// The same, but multi-Region keys.
    pub(crate) async fn of_multi_region(operation: &str, client: &Client<'_>) -> Self {
        Self::made(operation, client, json!({"MultiRegion": true})).await
    }

    /// A multi-Region key of the kind that the operation works on, with material, and nothing else.
    pub(crate) async fn multi_region_key(operation: &str, client: &Client<'_>) -> String {
        let kind = kind_of(operation);
        let key = create(client, with(&kind, json!({"MultiRegion": true}))).await;
        if kind["Origin"] == "EXTERNAL" {
            import(client, &key).await;
        }
        key
    }

    async fn made(operation: &str, client: &Client<'_>, origin: Value) -> Self {
        let kind = kind_of(operation);
        let key = create(client, with(&kind, origin.clone())).await;
        if kind["Origin"] == "EXTERNAL" && origin["Origin"].is_null() {
            import(client, &key).await;
        }
        let sibling = create(client, kind).await;
        client.call("CreateAlias", json!({"AliasName": "alias/it", "TargetKeyId": key})).await.unwrap();
        client.call("CreateAlias", json!({"AliasName": "alias/other", "TargetKeyId": sibling})).await.unwrap();
        let has_material = describe(client, &key).await["Enabled"] == true;
        let maker = if has_material { &key } else { &sibling };
        let rest = rest_of(operation, &key, maker, client).await;
        Self { key, rest }
    }
}

/// Imports 32 bytes, always the same, that never expire.
pub(crate) async fn import(client: &Client<'_>, key: &str) {
    let input = with(&import_input(client, key).await, json!({"KeyId": key}));
    client.call("ImportKeyMaterial", input).await.unwrap();
}

/// What an ImportKeyMaterial of those bytes needs besides the key.
async fn import_input(client: &Client<'_>, key: &str) -> Value {
    let wrapping = with(&wrapping(), json!({"KeyId": key}));
    let parameters = client.call("GetParametersForImport", wrapping).await.unwrap();
    let public_key = STANDARD.decode(text(&parameters["PublicKey"])).unwrap();
    let public_key = PublicKey::decode(KeySpec::Rsa2048, &public_key).unwrap();
    let oaep = EncryptionAlgorithm::RsaesOaepSha256;
    let wrapped = public_key.encrypt(oaep, &[42; 32], &SeededRandom::new(3)).unwrap();
    json!({
        "ImportToken": parameters["ImportToken"], "EncryptedKeyMaterial": base64(&wrapped),
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    })
}

fn wrapping() -> Value {
    json!({"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"})
}

async fn create(client: &Client<'_>, kind: Value) -> String {
    text(&client.call("CreateKey", kind).await.unwrap()["KeyMetadata"]["Arn"])
}

/// The properties of a key that the operation works on.
fn kind_of(operation: &str) -> Value {
    match operation {
        "Decapsulate" | "Encapsulate" => json!({"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}),
        "DeleteImportedKeyMaterial" | "GetParametersForImport" | "ImportKeyMaterial" => json!({"Origin": "EXTERNAL"}),
        "DeriveSharedSecret" => json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}),
        "GenerateMac" | "VerifyMac" => json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}),
        "GetPublicKey" | "Sign" | "Verify" => json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}),
        "ReplicateKey" | "UpdatePrimaryRegion" => json!({"MultiRegion": true}),
        _ => json!({}),
    }
}

/// A replica of `key` in [`REPLICA_REGION`] that has its material, with the same alias.
async fn replica_of(key: &str, client: &Client<'_>) {
    let made = client.call("ReplicateKey", json!({"KeyId": key, "ReplicaRegion": REPLICA_REGION})).await.unwrap();
    let input = json!({"AliasName": "alias/it", "TargetKeyId": made["ReplicaKeyMetadata"]["KeyId"]});
    client.in_region(REPLICA_REGION).call("CreateAlias", input).await.unwrap();
    client.world().service.run_due_jobs().await;
}

/// The rest of an input for `key`; `maker` is a key of its kind that has material.
async fn rest_of(operation: &str, key: &str, maker: &str, client: &Client<'_>) -> Value {
    let call = async |operation: &str, input: Value| client.call(operation, input).await.unwrap();
    let mac = json!({"KeyId": maker, "Message": HI, "MacAlgorithm": "HMAC_SHA_256"});
    let signing = json!({"KeyId": maker, "Message": HI, "SigningAlgorithm": "ECDSA_SHA_256"});
    let encapsulating = json!({"KeyId": maker, "EncapsulationAlgorithm": "ML_KEM"});
    match operation {
        "CreateAlias" => json!({"AliasName": "alias/new"}),
        "CreateGrant" => json!({"GranteePrincipal": "111122223333", "Operations": ["DescribeKey"]}),
        "Decapsulate" => {
            let made = call("Encapsulate", encapsulating).await;
            let ciphertext = &made["SharedSecretCiphertextBlob"];
            json!({"SharedSecretCiphertextBlob": ciphertext, "EncapsulationAlgorithm": "ML_KEM"})
        }
        "Decrypt" => json!({"CiphertextBlob": blob_naming(key, maker, client).await}),
        "DeriveSharedSecret" => {
            let peer = call("GetPublicKey", json!({"KeyId": maker})).await;
            json!({"PublicKey": peer["PublicKey"], "KeyAgreementAlgorithm": "ECDH"})
        }
        "Encapsulate" => json!({"EncapsulationAlgorithm": "ML_KEM"}),
        "Encrypt" => json!({"Plaintext": HI}),
        "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => json!({"KeySpec": "AES_256"}),
        "GenerateDataKeyPair" | "GenerateDataKeyPairWithoutPlaintext" => json!({"KeyPairSpec": "ECC_NIST_P256"}),
        "GenerateMac" => json!({"Message": HI, "MacAlgorithm": "HMAC_SHA_256"}),
        "GetParametersForImport" => wrapping(),
        "ImportKeyMaterial" => import_input(client, key).await,
        "PutKeyPolicy" => json!({"Policy": call("GetKeyPolicy", json!({"KeyId": key})).await["Policy"]}),
        "ReEncrypt" => {
            let blob = blob_naming(key, maker, client).await;
            json!({"CiphertextBlob": blob, "SourceKeyId": key, "DestinationKeyId": key})
        }
        "ReplicateKey" => json!({"ReplicaRegion": REPLICA_REGION}),
        "RetireGrant" | "RevokeGrant" => json!({"GrantId": grant_on(key, maker, client).await}),
        "Sign" => json!({"Message": HI, "SigningAlgorithm": "ECDSA_SHA_256"}),
        "TagResource" => json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        "UntagResource" => json!({"TagKeys": ["a"]}),
        "UpdateAlias" => json!({"AliasName": "alias/other"}),
        "UpdatePrimaryRegion" => {
            if key == maker {
                replica_of(key, client).await;
            }
            json!({"PrimaryRegion": REPLICA_REGION})
        }
        "UpdateKeyDescription" => json!({"Description": "d"}),
        "Verify" => {
            let signature = &call("Sign", signing).await["Signature"];
            json!({"Message": HI, "SigningAlgorithm": "ECDSA_SHA_256", "Signature": signature})
        }
        "VerifyMac" => {
            let made = call("GenerateMac", mac).await;
            json!({"Message": HI, "MacAlgorithm": "HMAC_SHA_256", "Mac": made["Mac"]})
        }
        _ => json!({}),
    }
}

/// The id of a grant on `key`, which has material while that is made; `maker` is another key if it has none now.
async fn grant_on(key: &str, maker: &str, client: &Client<'_>) -> String {
    if key != maker {
        import(client, key).await;
    }
    let input = json!({"KeyId": key, "GranteePrincipal": "111122223333", "Operations": ["DescribeKey"]});
    let grant = text(&client.call("CreateGrant", input).await.unwrap()["GrantId"]);
    if key != maker {
        client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    }
    grant
}

/// A blob that names `key`: a real one if the key can make it, else one of `maker` with the key id put in.
async fn blob_naming(key: &str, maker: &str, client: &Client<'_>) -> String {
    let blob = encrypt(client, maker, HI).await;
    if key == maker {
        return blob;
    }
    let mut bytes = STANDARD.decode(blob).unwrap();
    let id: KeyId = key_id_of(key).parse().unwrap();
    bytes[6..22].copy_from_slice(&id.bytes());
    base64(&bytes)
}
