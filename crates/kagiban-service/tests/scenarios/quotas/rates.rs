//! Quotas of requests through the service's door: what counts where, for whom, and what does not count.

use kagiban_base::secret::SecretBytes;
use kagiban_service::quotas::QuotaMode;
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::world_with;
use crate::operator::{MANAGEMENT, ask};
use crate::support::{ACCOUNT, HI, NO_KEY, OTHER_ACCOUNT, REGION, aws_error, create_key, encrypt, text, with};

const SECOND_MS: i64 = 1000;

/// The code of the answer; `ok` when there is no error.
async fn code(client: &Client<'_>, operation: &str, input: &Value) -> String {
    let answer = client.call(operation, input.clone()).await;
    if let Err(error) = &answer
        && error.code == "ThrottlingException"
    {
        let text = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
        assert_eq!(*error, aws_error("ThrottlingException", text));
    }
    answer.map_or_else(|error| error.code, |_| "ok".to_owned())
}

/// Exactly `count` of the same requests are let through in this second, whatever becomes of them; the next second, too.
async fn assert_limit(world: &World, client: &Client<'_>, (operation, input): (&str, &Value), count: usize) {
    for round in 0..2 {
        world.clock.move_by_ms(SECOND_MS);
        for n in 0..count {
            assert_ne!(
                code(client, operation, input).await,
                "ThrottlingException",
                "{operation}, {n} of round {round}"
            );
        }
        for _ in 0..2 {
            assert_eq!(code(client, operation, input).await, "ThrottlingException", "{operation}, round {round}");
        }
    }
    world.clock.move_by_ms(SECOND_MS);
}

async fn key_of(client: &Client<'_>, spec: &str, usage: &str) -> String {
    let made = client.call("CreateKey", json!({"KeySpec": spec, "KeyUsage": usage})).await.unwrap();
    text(&made["KeyMetadata"]["Arn"])
}

/// Requests of each family, all on small quotas: each is throttled by its own, and no sooner.
#[tokio::test]
async fn each_family_has_its_own_quota() {
    let quotas = [
        "cryptographic-symmetric=3",
        "cryptographic-rsa=2",
        "cryptographic-ecc=4",
        "cryptographic-ml-dsa=1",
        "cryptographic-ml-kem=5",
        "data-key-pairs-ECC_NIST_P256=2",
        "data-key-pairs-ECC_NIST_P384=3",
        "CreateKey=none",
    ];
    let world = world_with(QuotaMode::Simulate, &quotas).await;
    let client = world.client(ACCOUNT, REGION);
    let symmetric = create_key(&client).await;
    let (mac, rsa) = (
        key_of(&client, "HMAC_256", "GENERATE_VERIFY_MAC").await,
        key_of(&client, "RSA_2048", "ENCRYPT_DECRYPT").await,
    );
    let (ecc, agree) = (
        key_of(&client, "ECC_NIST_P256", "SIGN_VERIFY").await,
        key_of(&client, "ECC_NIST_P256", "KEY_AGREEMENT").await,
    );
    let (ml_dsa, ml_kem) = (
        key_of(&client, "ML_DSA_44", "SIGN_VERIFY").await,
        key_of(&client, "ML_KEM_512", "ENCAPSULATE_DECAPSULATE").await,
    );
    let blob = encrypt(&client, &symmetric, HI).await;
    let on = |key: &str, more: Value| with(&json!({"KeyId": key}), more);
    let sign = |key: &str, algorithm: &str| on(key, json!({"Message": HI, "SigningAlgorithm": algorithm}));
    let verify = |key: &str, algorithm: &str| with(&sign(key, algorithm), json!({"Signature": HI}));
    let pair = |spec: &str| on(&symmetric, json!({"KeyPairSpec": spec}));
    let re_encrypt = json!({"CiphertextBlob": blob, "DestinationKeyId": symmetric});
    let to_rsa = with(
        &json!({"CiphertextBlob": blob, "DestinationKeyId": rsa}),
        json!({"DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256"}),
    );
    let table = [
        ("Encrypt", on(&symmetric, json!({"Plaintext": HI})), 3),
        ("Decrypt", json!({"CiphertextBlob": blob}), 3),
        ("Decrypt", on(&symmetric, json!({"CiphertextBlob": blob})), 3),
        ("Decrypt", on(&symmetric, json!({"CiphertextBlob": blob, "DryRun": true})), 3),
        ("Encrypt", on(&symmetric, json!({"Plaintext": HI, "DryRun": true})), 3),
        ("Encrypt", on(&symmetric, json!({"Plaintext": HI, "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"})), 3),
        ("GenerateDataKey", on(&symmetric, json!({"KeySpec": "AES_256"})), 3),
        ("GenerateDataKeyWithoutPlaintext", on(&symmetric, json!({"KeySpec": "AES_256"})), 3),
        ("GenerateMac", on(&mac, json!({"Message": HI, "MacAlgorithm": "HMAC_SHA_256"})), 3),
        ("VerifyMac", on(&mac, json!({"Message": HI, "Mac": HI, "MacAlgorithm": "HMAC_SHA_256"})), 3),
        ("GenerateRandom", json!({"NumberOfBytes": 8}), 3),
        // Two of three for the first one; the second one takes the last, and fails on its second key.
        ("ReEncrypt", re_encrypt, 1),
        // One symmetric and one RSA each.
        ("ReEncrypt", to_rsa, 2),
        ("Encrypt", on(&rsa, json!({"Plaintext": HI, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"})), 2),
        ("Sign", sign(&ecc, "ECDSA_SHA_256"), 4),
        ("Verify", verify(&ecc, "ECDSA_SHA_256"), 4),
        ("DeriveSharedSecret", on(&agree, json!({"KeyAgreementAlgorithm": "ECDH", "PublicKey": HI})), 4),
        ("Sign", sign(&ml_dsa, "ML_DSA_SHAKE_256"), 1),
        ("Encapsulate", on(&ml_kem, json!({"EncapsulationAlgorithm": "ML_KEM"})), 5),
        ("Decapsulate", on(&ml_kem, json!({"EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": HI})), 5),
        ("GenerateDataKeyPair", pair("ECC_NIST_P256"), 2),
        ("GenerateDataKeyPairWithoutPlaintext", pair("ECC_NIST_P256"), 2),
        ("GenerateDataKeyPair", pair("ECC_NIST_P384"), 3),
        ("CancelKeyDeletion", json!({"KeyId": symmetric}), 5),
        (
            "GetParametersForImport",
            json!({"KeyId": symmetric, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}),
            1,
        ),
        // Counted before it is read.
        ("CreateAlias", json!({}), 5),
    ];
    for (operation, input, count) in &table {
        assert_limit(&world, &client, (operation, input), *count).await;
    }
}

#[tokio::test]
async fn quotas_accounts_and_regions_do_not_mind_each_other() {
    let quotas = ["cryptographic-symmetric=2", "CreateKey=none"];
    let world = world_with(QuotaMode::Simulate, &quotas).await;
    let client = world.client(ACCOUNT, REGION);
    let (key, elsewhere) = (create_key(&client).await, create_key(&world.client(ACCOUNT, "eu-west-1")).await);
    let others = create_key(&world.client(OTHER_ACCOUNT, REGION)).await;
    let random = json!({"NumberOfBytes": 1});
    for expected in ["ok", "ok", "ThrottlingException"] {
        assert_eq!(code(&client, "GenerateRandom", &random).await, expected);
    }
    let encrypt = |key: &str| json!({"KeyId": key, "Plaintext": HI});
    assert_eq!(code(&client, "Encrypt", &encrypt(&key)).await, "ThrottlingException", "the same quota");
    assert_eq!(code(&client, "DescribeKey", &json!({"KeyId": key})).await, "ok", "another quota");
    assert_eq!(
        code(&world.client(ACCOUNT, "eu-west-1"), "Encrypt", &encrypt(&elsewhere)).await,
        "ok",
        "another Region"
    );
    assert_eq!(code(&world.client(OTHER_ACCOUNT, REGION), "Encrypt", &encrypt(&others)).await, "ok", "another account");
}

/// The caller's account pays for the use of another account's key.
#[tokio::test]
async fn across_accounts_the_caller_pays() {
    let world = world_with(QuotaMode::Simulate, &["cryptographic-symmetric=2"]).await;
    let (owner, caller) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let roots = [ACCOUNT, OTHER_ACCOUNT].map(|account| format!("arn:aws:iam::{account}:root"));
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": roots}, "Action": "kms:*", "Resource": "*"}]});
    let key =
        text(&owner.call("CreateKey", json!({"Policy": policy.to_string()})).await.unwrap()["KeyMetadata"]["Arn"]);
    let input = json!({"KeyId": key, "Plaintext": HI});
    for (client, expected) in
        [(&caller, "ok"), (&caller, "ok"), (&caller, "ThrottlingException"), (&owner, "ok"), (&owner, "ok")]
    {
        assert_eq!(code(client, "Encrypt", &input).await, expected);
    }
}

/// A replica counts in its Region as two keys that are made, and a change of primary in both Regions.
#[tokio::test]
async fn what_reaches_another_region_counts_there() {
    let world =
        world_with(QuotaMode::Simulate, &["ReplicateKey=none", "us-east-1/CreateKey=none", "UpdatePrimaryRegion=2"])
            .await;
    let (client, there) = (world.client(ACCOUNT, REGION), world.client(ACCOUNT, "eu-west-1"));
    let mut replicated = Vec::new();
    for _ in 0..3 {
        let key = text(&client.call("CreateKey", json!({"MultiRegion": true})).await.unwrap()["KeyMetadata"]["Arn"]);
        replicated.push(code(&client, "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"})).await);
    }
    // Two and two of five; the third one fails with its second.
    assert_eq!(replicated, ["ok", "ok", "ThrottlingException"]);
    assert_eq!(code(&there, "CreateKey", &json!({})).await, "ThrottlingException");
    let update = json!({"KeyId": NO_KEY, "PrimaryRegion": "eu-west-1"});
    for expected in ["NotFoundException", "NotFoundException", "ThrottlingException"] {
        assert_eq!(code(&client, "UpdatePrimaryRegion", &update).await, expected);
    }
    assert_eq!(code(&there, "UpdatePrimaryRegion", &update).await, "ThrottlingException");
}

/// Nobody pays for a request without a valid signature, for a key that is not there, or one that the caller may not use; nor
/// does a used-up quota tell such keys apart.
#[tokio::test]
async fn what_is_refused_before_it_counts_is_free() {
    let world = world_with(QuotaMode::Simulate, &["cryptographic-symmetric=2", "cryptographic-ecc=1"]).await;
    let client = world.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    let foreign = world.client(OTHER_ACCOUNT, REGION);
    let foreign = [create_key(&foreign).await, key_of(&foreign, "ECC_NIST_P256", "SIGN_VERIFY").await];
    let mut forged = world.client(ACCOUNT, REGION);
    forged.signer.secret_access_key = SecretBytes::from_slice(b"wrong");
    let encrypt = |key: &str| json!({"KeyId": key, "Plaintext": HI});
    let sign = |key: &str| json!({"KeyId": key, "Message": HI, "SigningAlgorithm": "ECDSA_SHA_256"});
    for round in 0..4 {
        for (client, operation, input, expected) in [
            (&forged, "Encrypt", encrypt(&key), "InvalidSignatureException"),
            (&forged, "GenerateRandom", json!({"NumberOfBytes": 1}), "InvalidSignatureException"),
            (&client, "Encrypt", encrypt(NO_KEY), "NotFoundException"),
            (&client, "Encrypt", encrypt(&foreign[0]), "AccessDeniedException"),
            (&client, "Sign", sign(&foreign[0]), "AccessDeniedException"),
            (&client, "Sign", sign(&foreign[1]), "AccessDeniedException"),
            (&client, "Encrypt", json!({"KeyId": key}), "ValidationException"),
        ] {
            assert_eq!(code(client, operation, &input).await, expected, "{operation} {input}, round {round}");
        }
        // From the third round on the quotas are used up, and the answers above are the same.
        let own = code(&client, "Encrypt", &encrypt(&key)).await;
        assert_eq!(own, if round < 2 { "ok" } else { "ThrottlingException" }, "round {round}");
    }
}

#[tokio::test]
async fn nothing_is_throttled_unless_it_is_asked_for() {
    for (mode, quotas, throttled) in [
        (QuotaMode::Off, &[][..], false),
        (QuotaMode::Real, &["CreateAlias=3"], false),
        (QuotaMode::Real, &["ListKeys=3"], true),
    ] {
        let world = world_with(mode, quotas).await;
        let client = world.client(ACCOUNT, REGION);
        let mut last = String::new();
        for _ in 0..600 {
            last = code(&client, "ListKeys", &json!({})).await;
        }
        assert_eq!(last, if throttled { "ThrottlingException" } else { "ok" }, "{mode:?} {quotas:?}");
    }
}

/// A clock that was moved ahead with the operator's command does not refill what is counted by the time of the world.
#[tokio::test]
async fn a_moved_clock_moves_no_quota() {
    let world = world_with(QuotaMode::Simulate, &["ListKeys=1"]).await;
    let client = world.client(ACCOUNT, REGION);
    assert_eq!(code(&client, "ListKeys", &json!({})).await, "ok");
    let management = world.client(MANAGEMENT, REGION);
    ask(&world, &management, "AdvanceClock", json!({"Seconds": 3_600})).await.unwrap();
    assert_eq!(code(&client, "ListKeys", &json!({})).await, "ThrottlingException");
    world.clock.move_by_ms(SECOND_MS);
    assert_eq!(code(&client, "ListKeys", &json!({})).await, "ok");
}
