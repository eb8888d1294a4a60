//! Encrypt, Decrypt, ReEncrypt, GenerateDataKey with and without plaintext, GenerateRandom: answers, and what is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, HI, REGION, Scene, assert_refused, base64, create_key, describe, encrypt, key_and_blob, key_id_of,
    refusal, violation, with,
};

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn answers_have_exactly_these_members() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, other) = (create_key(&client).await, create_key(&client).await);
    let material = describe(&client, &key).await["CurrentKeyMaterialId"].clone();
    let other_material = describe(&client, &other).await["CurrentKeyMaterialId"].clone();

    let encrypted = client.call("Encrypt", json!({"KeyId": key, "Plaintext": HI})).await.unwrap();
    let blob = encrypted["CiphertextBlob"].clone();
    assert_eq!(encrypted, json!({"CiphertextBlob": blob, "KeyId": key, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}));

    let decrypted = client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
    assert_eq!(
        decrypted,
        json!({"KeyId": key, "Plaintext": HI, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT", "KeyMaterialId": material})
    );

    let input = json!({"CiphertextBlob": blob, "DestinationKeyId": other});
    let re_encrypted = client.call("ReEncrypt", input).await.unwrap();
    let moved = re_encrypted["CiphertextBlob"].clone();
    assert_eq!(
        re_encrypted,
        json!({
            "CiphertextBlob": moved, "SourceKeyId": key, "KeyId": other,
            "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT", "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "SourceKeyMaterialId": material, "DestinationKeyMaterialId": other_material,
        })
    );
    let opened = client.call("Decrypt", json!({"CiphertextBlob": moved})).await.unwrap();
    assert_eq!((&opened["Plaintext"], &opened["KeyId"]), (&json!(HI), &json!(other)));

    let data_key = client.call("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"})).await.unwrap();
    let (blob, plaintext) = (data_key["CiphertextBlob"].clone(), data_key["Plaintext"].clone());
    let both = json!({"CiphertextBlob": blob, "Plaintext": plaintext, "KeyId": key, "KeyMaterialId": material});
    assert_eq!(data_key, both);
    assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], plaintext);

    let input = json!({"KeyId": key, "KeySpec": "AES_256"});
    let data_key = client.call("GenerateDataKeyWithoutPlaintext", input).await.unwrap();
    let blob = data_key["CiphertextBlob"].clone();
    assert_eq!(data_key, json!({"CiphertextBlob": blob, "KeyId": key, "KeyMaterialId": material}));
    let opened = client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
    assert_eq!(bytes(&opened["Plaintext"]).len(), 32);

    let random = client.call("GenerateRandom", json!({"NumberOfBytes": 24})).await.unwrap();
    assert_eq!(random, json!({"Plaintext": random["Plaintext"]}));
    assert_eq!(bytes(&random["Plaintext"]).len(), 24);
}

#[tokio::test]
async fn every_form_of_the_key_gives_its_arn_in_the_answer() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    client.call("CreateAlias", json!({"AliasName": "alias/it", "TargetKeyId": key})).await.unwrap();
    let alias_arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/it");
    for form in [&key, key_id_of(&key), "alias/it", &alias_arn] {
        for (operation, input) in [
            ("Encrypt", json!({"KeyId": form, "Plaintext": HI})),
            ("Decrypt", json!({"KeyId": form, "CiphertextBlob": blob})),
            ("GenerateDataKey", json!({"KeyId": form, "NumberOfBytes": 1})),
            ("GenerateDataKeyWithoutPlaintext", json!({"KeyId": form, "NumberOfBytes": 1})),
        ] {
            assert_eq!(client.call(operation, input).await.unwrap()["KeyId"], key.as_str(), "{operation} {form}");
        }
        let input = json!({"SourceKeyId": form, "DestinationKeyId": form, "CiphertextBlob": blob});
        let answer = client.call("ReEncrypt", input).await.unwrap();
        assert_eq!((&answer["SourceKeyId"], &answer["KeyId"]), (&json!(key), &json!(key)), "{form}");
    }
}

#[tokio::test]
async fn plaintexts_of_every_allowed_length_come_back() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    for len in [1, 2, 15, 16, 17, 255, 256, 4095, 4096] {
        let plaintext: Vec<u8> = (0..len).map(|n: usize| u8::try_from(n % 251).unwrap()).collect();
        let blob = encrypt(&client, &key, &base64(&plaintext)).await;
        let opened = client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
        assert_eq!(bytes(&opened["Plaintext"]), plaintext, "{len}");
        assert!(STANDARD.decode(&blob).unwrap().len() <= 6144, "{len}");
    }
}

#[tokio::test]
async fn data_keys_and_random_bytes_have_the_length_asked_for() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    for (length, expected) in [
        (json!({"KeySpec": "AES_128"}), 16),
        (json!({"KeySpec": "AES_256"}), 32),
        (json!({"NumberOfBytes": 1}), 1),
        (json!({"NumberOfBytes": 64}), 64),
        (json!({"NumberOfBytes": 1024}), 1024),
    ] {
        let input = with(&json!({"KeyId": key}), length.clone());
        let shown = client.call("GenerateDataKey", input.clone()).await.unwrap();
        assert_eq!(bytes(&shown["Plaintext"]).len(), expected, "{length}");
        let hidden = client.call("GenerateDataKeyWithoutPlaintext", input).await.unwrap();
        let opened = client.call("Decrypt", json!({"CiphertextBlob": hidden["CiphertextBlob"]})).await.unwrap();
        assert_eq!(bytes(&opened["Plaintext"]).len(), expected, "{length}");
        assert_ne!(shown["Plaintext"], opened["Plaintext"], "{length}: a byte may repeat, a key must not");
        if length["KeySpec"].is_null() {
            let random = client.call("GenerateRandom", length.clone()).await.unwrap();
            assert_eq!(bytes(&random["Plaintext"]).len(), expected, "{length}");
        }
    }
}

#[tokio::test]
async fn nothing_comes_out_twice() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..50 {
        for (operation, input) in [
            ("Encrypt", json!({"KeyId": key, "Plaintext": HI})),
            ("ReEncrypt", json!({"CiphertextBlob": blob, "DestinationKeyId": key})),
            ("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_128"})),
            ("GenerateDataKeyWithoutPlaintext", json!({"KeyId": key, "KeySpec": "AES_128"})),
            ("GenerateRandom", json!({"NumberOfBytes": 16})),
        ] {
            let answer = client.call(operation, input).await.unwrap();
            for member in ["CiphertextBlob", "Plaintext"] {
                if let Some(value) = answer[member].as_str() {
                    assert!(seen.insert(value.to_owned()), "{operation} repeated itself");
                }
            }
        }
    }
}

#[tokio::test]
async fn lengths_outside_the_limits_are_refused() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let invalid = "ValidationException";
    let bound = |at: &str, what: &str| {
        violation(&format!("Value at '{at}' failed to satisfy constraint: Member must have length {what}"))
    };
    let number = |value: i32, what: &str| {
        violation(&format!(
            "Value '{value}' at 'numberOfBytes' failed to satisfy constraint: Member must have value {what}"
        ))
    };
    let least = "greater than or equal to 1";
    let mut table = vec![
        refusal("Encrypt", json!({"KeyId": key, "Plaintext": ""}), invalid, bound("plaintext", least)),
        refusal(
            "Encrypt",
            json!({"KeyId": key, "Plaintext": base64(&[0; 4097])}),
            invalid,
            bound("plaintext", "less than or equal to 4096"),
        ),
        refusal(
            "GenerateRandom",
            json!({}),
            invalid,
            violation("Value null at 'numberOfBytes' failed to satisfy constraint: Member must not be null"),
        ),
    ];
    for operation in ["Decrypt", "ReEncrypt"] {
        for (blob, what) in [(String::new(), least), (base64(&[0; 6145]), "less than or equal to 6144")] {
            let input = json!({"CiphertextBlob": blob, "DestinationKeyId": key});
            table.push(refusal(operation, input, invalid, bound("ciphertextBlob", what)));
        }
    }
    for operation in ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom"] {
        for (value, what) in [(0, least), (-1, least), (1025, "less than or equal to 1024")] {
            let input = json!({"KeyId": key, "NumberOfBytes": value});
            table.push(refusal(operation, input, invalid, number(value, what)));
        }
    }
    let one_of_two = "Please specify either number of bytes or key spec.";
    for operation in ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"] {
        table.push(refusal(operation, json!({"KeyId": key}), invalid, one_of_two));
        let both = json!({"KeyId": key, "KeySpec": "AES_128", "NumberOfBytes": 16});
        table.push(refusal(operation, both, invalid, one_of_two));
    }
    assert_refused(&scene, &client, table).await;
}

#[tokio::test]
async fn algorithms_of_other_key_types_and_missing_features_are_refused() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, blob) = key_and_blob(&client).await;
    let bad_token = "The request contains a grant token that is not valid.";
    let encrypt = json!({"KeyId": key, "Plaintext": HI});
    let decrypt = json!({"CiphertextBlob": blob, "KeyId": key});
    let re_encrypt = json!({"CiphertextBlob": blob, "SourceKeyId": key, "DestinationKeyId": key});
    let data_key = json!({"KeyId": key, "KeySpec": "AES_128"});
    let mut table = Vec::new();
    for algorithm in ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"] {
        let text = format!("Algorithm {algorithm} and key spec SYMMETRIC_DEFAULT are incompatible with key {key}.");
        for (operation, input, member) in [
            ("Encrypt", &encrypt, "EncryptionAlgorithm"),
            ("Decrypt", &decrypt, "EncryptionAlgorithm"),
            ("ReEncrypt", &re_encrypt, "SourceEncryptionAlgorithm"),
            ("ReEncrypt", &re_encrypt, "DestinationEncryptionAlgorithm"),
        ] {
            let input = with(input, json!({member: algorithm}));
            table.push(refusal(operation, input, "InvalidKeyUsageException", text.clone()));
        }
    }
    // Ciphertexts of those algorithms name no key.
    for (operation, input, member, at) in [
        ("Decrypt", json!({"CiphertextBlob": blob}), "EncryptionAlgorithm", "keyId"),
        (
            "ReEncrypt",
            json!({"CiphertextBlob": blob, "DestinationKeyId": key}),
            "SourceEncryptionAlgorithm",
            "sourceKeyId",
        ),
    ] {
        let text = violation(&format!("Value null at '{at}' failed to satisfy constraint: Member must not be null"));
        let input = with(&input, json!({member: "RSAES_OAEP_SHA_1"}));
        table.push(refusal(operation, input, "ValidationException", text));
    }
    for (operation, input) in [
        ("Encrypt", &encrypt),
        ("Decrypt", &decrypt),
        ("ReEncrypt", &re_encrypt),
        ("GenerateDataKey", &data_key),
        ("GenerateDataKeyWithoutPlaintext", &data_key),
        ("DescribeKey", &json!({"KeyId": key})),
    ] {
        let with_token = with(input, json!({"GrantTokens": ["nobody gave this"]}));
        table.push(refusal(operation, with_token, "InvalidGrantTokenException", bad_token));
        assert!(client.call(operation, with(input, json!({"GrantTokens": []}))).await.is_ok(), "{operation}");
    }
    for (operation, input) in
        [("Decrypt", &decrypt), ("GenerateDataKey", &data_key), ("GenerateRandom", &json!({"NumberOfBytes": 1}))]
    {
        for (recipient, message) in [
            (
                json!({"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256"}),
                "Value null at 'recipient.attestationDocument' failed to satisfy constraint: Member must not be null",
            ),
            (
                json!({"AttestationDocument": "AAAA"}),
                "Value null at 'recipient.keyEncryptionAlgorithm' failed to satisfy constraint: Member must not be null",
            ),
        ] {
            let input = with(input, json!({"Recipient": recipient}));
            table.push(refusal(operation, input, "ValidationException", violation(message)));
        }
        let recipient = json!({"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": "AAAA"});
        let error = client.call(operation, with(input, json!({"Recipient": recipient}))).await.unwrap_err();
        assert_eq!(error.code, "ValidationException", "{operation}");
        assert!(error.message.starts_with("The attestation document in 'recipient' is not valid: "), "{error:?}");
    }
    table.push(refusal(
        "GenerateRandom",
        json!({"NumberOfBytes": 1, "CustomKeyStoreId": "cks-1"}),
        "CustomKeyStoreNotFoundException",
        "Custom key store cks-1 does not exist.",
    ));
    assert_refused(&scene, &client, table).await;
    // The algorithm of the key can be named.
    for (operation, input, member) in [
        ("Encrypt", &encrypt, "EncryptionAlgorithm"),
        ("Decrypt", &decrypt, "EncryptionAlgorithm"),
        ("ReEncrypt", &re_encrypt, "SourceEncryptionAlgorithm"),
        ("ReEncrypt", &re_encrypt, "DestinationEncryptionAlgorithm"),
    ] {
        assert!(client.call(operation, with(input, json!({member: "SYMMETRIC_DEFAULT"}))).await.is_ok());
    }
}
