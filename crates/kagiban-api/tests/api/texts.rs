//! Full texts of refusals, written by hand from the reference.

use kagiban_api::{DecodeError, Operation};

use crate::model::recode;

fn refusal(operation: Operation, body: &str) -> DecodeError {
    recode(operation, body.as_bytes()).unwrap_err()
}

#[test]
fn violations_are_reported_in_the_words_of_aws() {
    use Operation as O;
    for (operation, body, message) in [
        (
            O::DescribeKey,
            r#"{}"#,
            "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::DescribeKey,
            r#""#,
            "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::DescribeKey,
            r#"{"keyId":"k"}"#,
            "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::DescribeKey,
            r#"{"KeyId":""}"#,
            "1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            O::Encrypt,
            r#"{}"#,
            "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; Value null at 'plaintext' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::Encrypt,
            r#"{"KeyId":"k","Plaintext":""}"#,
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            O::Encrypt,
            r#"{"Plaintext":"","EncryptionAlgorithm":"ROT13"}"#,
            "3 validation errors detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1; Value 'ROT13' at 'encryptionAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE]; Value null at 'keyId' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::Decrypt,
            r#"{"CiphertextBlob":""}"#,
            "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            O::Decrypt,
            r#"{"GrantTokens":["ok",""]}"#,
            "1 validation error detected: Value '[ok, ]' at 'grantTokens' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 8192, Member must have length greater than or equal to 1]",
        ),
        (
            O::Decrypt,
            r#"{"GrantTokens":[null]}"#,
            "1 validation error detected: Value null at 'grantTokens.1.member' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::Decrypt,
            r#"{"GrantTokens":["a","b","c","d","e","f","g","h","i","j","k"]}"#,
            "1 validation error detected: Value '[a, b, c, d, e, f, g, h, i, j, k]' at 'grantTokens' failed to satisfy constraint: Member must have length less than or equal to 10",
        ),
        (
            O::Decrypt,
            r#"{"DryRunModifiers":["IGNORE_CIPHERTEXT","X"]}"#,
            "1 validation error detected: Value '[IGNORE_CIPHERTEXT, X]' at 'dryRunModifiers' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [IGNORE_CIPHERTEXT]]",
        ),
        (
            O::Decrypt,
            r#"{"EncryptionContext":{"a":null}}"#,
            "1 validation error detected: Value null at 'encryptionContext.a' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::Decrypt,
            r#"{"Recipient":{"KeyEncryptionAlgorithm":"X","AttestationDocument":""}}"#,
            "2 validation errors detected: Value 'X' at 'recipient.keyEncryptionAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RSAES_OAEP_SHA_256]; Value at 'recipient.attestationDocument' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            O::ReEncrypt,
            r#"{"CiphertextBlob":"AAAA"}"#,
            "1 validation error detected: Value null at 'destinationKeyId' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::CreateAlias,
            r#"{"AliasName":"alias/a b","TargetKeyId":"k"}"#,
            "1 validation error detected: Value 'alias/a b' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
        ),
        (
            O::DeleteAlias,
            r#"{"AliasName":""}"#,
            "2 validation errors detected: Value '' at 'aliasName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
        ),
        (
            O::UpdateAlias,
            r#"{"TargetKeyId":null,"AliasName":null}"#,
            "2 validation errors detected: Value null at 'aliasName' failed to satisfy constraint: Member must not be null; Value null at 'targetKeyId' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::ListKeys,
            r#"{"Limit":0}"#,
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            O::ListKeys,
            r#"{"Limit":1001}"#,
            "1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 1000",
        ),
        (
            O::ListKeys,
            r#"{"ResourceOwners":[]}"#,
            "1 validation error detected: Value '[]' at 'resourceOwners' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            O::ListKeys,
            r#"{"ResourceOwners":["SELF","SELF","ME"]}"#,
            "2 validation errors detected: Value '[SELF, SELF, ME]' at 'resourceOwners' failed to satisfy constraint: Member must have length less than or equal to 2; Value '[SELF, SELF, ME]' at 'resourceOwners' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [SELF, OTHER_ACCOUNTS_VIA_RAM]]",
        ),
        (
            O::ListAliases,
            r#"{"Marker":"\u0100"}"#,
            "1 validation error detected: Value 'Ā' at 'marker' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\u0020-\\u00FF]*",
        ),
        (
            O::ScheduleKeyDeletion,
            r#"{"KeyId":"k","PendingWindowInDays":366}"#,
            "1 validation error detected: Value '366' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value less than or equal to 365",
        ),
        (
            O::GenerateDataKey,
            r#"{"KeyId":"k","NumberOfBytes":-1}"#,
            "1 validation error detected: Value '-1' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            O::GenerateDataKeyWithoutPlaintext,
            r#"{"KeyId":"k","KeySpec":"AES_512"}"#,
            "1 validation error detected: Value 'AES_512' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]",
        ),
        (
            O::GenerateRandom,
            r#"{"NumberOfBytes":1025}"#,
            "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
        ),
        (
            O::TagResource,
            r#"{"KeyId":"k","Tags":[{"TagKey":"a","TagValue":"b"},{"TagKey":""}]}"#,
            "2 validation errors detected: Value '' at 'tags.2.member.tagKey' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'tags.2.member.tagValue' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::UntagResource,
            r#"{"KeyId":"k","TagKeys":[""]}"#,
            "1 validation error detected: Value '[]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]",
        ),
        (
            O::PutKeyPolicy,
            r#"{"KeyId":"k","PolicyName":"a-b","Policy":"{}"}"#,
            "1 validation error detected: Value 'a-b' at 'policyName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w]+",
        ),
        (
            O::CreateKey,
            r#"{"KeyUsage":"encrypt_decrypt"}"#,
            "1 validation error detected: Value 'encrypt_decrypt' at 'keyUsage' failed to satisfy constraint: Member must satisfy enum value set: [SIGN_VERIFY, ENCRYPT_DECRYPT, GENERATE_VERIFY_MAC, KEY_AGREEMENT, ENCAPSULATE_DECAPSULATE]",
        ),
        (
            O::CreateCustomKeyStore,
            r#"{"CustomKeyStoreName":"n","KeyStorePassword":"hush","XksProxyAuthenticationCredential":{"AccessKeyId":"secret"}}"#,
            "4 validation errors detected: Value at 'keyStorePassword' failed to satisfy constraint: Member must have length greater than or equal to 7; Value at 'xksProxyAuthenticationCredential.accessKeyId' failed to satisfy constraint: Member must have length greater than or equal to 20; Value at 'xksProxyAuthenticationCredential.accessKeyId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[A-Z2-7]+$; Value null at 'xksProxyAuthenticationCredential.rawSecretAccessKey' failed to satisfy constraint: Member must not be null",
        ),
    ] {
        assert_eq!(refusal(operation, body), DecodeError::Validation(message.to_owned()), "{operation} {body}");
    }
}

#[test]
fn faults_name_the_member_and_not_its_value() {
    use Operation as O;
    for (operation, body, message) in [
        (O::DescribeKey, r#"{"KeyId":7}"#, "NUMBER_VALUE can not be converted to a String at 'keyId'"),
        (O::DescribeKey, r#"{"KeyId":true}"#, "TRUE_VALUE can not be converted to a String at 'keyId'"),
        (O::DescribeKey, r#"{"KeyId":false}"#, "FALSE_VALUE can not be converted to a String at 'keyId'"),
        (O::DescribeKey, r#"{"KeyId":{}}"#, "Start of structure or map found where not expected at 'keyId'"),
        (O::DescribeKey, r#"{"KeyId":["k"]}"#, "Start of list found where not expected at 'keyId'"),
        (O::DescribeKey, r#"{"GrantTokens":"t"}"#, "STRING_VALUE can not be converted to a List at 'grantTokens'"),
        (
            O::DescribeKey,
            r#"{"GrantTokens":{}}"#,
            "Start of structure or map found where not expected at 'grantTokens'",
        ),
        (
            O::DescribeKey,
            r#"{"GrantTokens":["t",1]}"#,
            "NUMBER_VALUE can not be converted to a String at 'grantTokens.2.member'",
        ),
        (O::DescribeKey, r#"{"KeyId":"a","GrantTokens":[],"KeyId":"a"}"#, "Duplicate member at 'keyId'"),
        (O::DescribeKey, r#"{"KeyId":"a" "GrantTokens":[]}"#, "Unexpected token at offset 13"),
        (O::DescribeKey, r#"{"KeyId":"a"#, "Unexpected token at offset 9 at 'keyId'"),
        (O::DescribeKey, r#"{"KeyId":"#, "Unexpected end of input at offset 9 at 'keyId'"),
        (O::DescribeKey, r#"{"KeyId":"a"}}"#, "Unexpected token at offset 13"),
        (O::DescribeKey, r#"[]"#, "Start of list found where not expected"),
        (O::DescribeKey, r#"null"#, "NULL_VALUE can not be converted to a Structure"),
        (O::DescribeKey, r#"KeyId=k"#, "Unexpected token at offset 0"),
        (O::Encrypt, r#"{"Plaintext":"hush!"}"#, "Invalid base64 at 'plaintext'"),
        (O::Encrypt, r#"{"Plaintext":12345}"#, "NUMBER_VALUE can not be converted to a Blob at 'plaintext'"),
        (
            O::Encrypt,
            r#"{"EncryptionContext":{"a":1}}"#,
            "NUMBER_VALUE can not be converted to a String at 'encryptionContext.a'",
        ),
        (O::Encrypt, r#"{"EncryptionContext":{"a":"1","\u0061":"1"}}"#, "Duplicate member at 'encryptionContext.a'"),
        (O::Encrypt, r#"{"EncryptionContext":[]}"#, "Start of list found where not expected at 'encryptionContext'"),
        (
            O::Encrypt,
            r#"{"EncryptionContext":"a=1"}"#,
            "STRING_VALUE can not be converted to a Map at 'encryptionContext'",
        ),
        (O::Encrypt, r#"{"DryRun":"true"}"#, "STRING_VALUE can not be converted to a Boolean at 'dryRun'"),
        (O::Encrypt, r#"{"DryRun":1}"#, "NUMBER_VALUE can not be converted to a Boolean at 'dryRun'"),
        (O::Encrypt, r#"{"DryRun":truth}"#, "Unexpected token at offset 10 at 'dryRun'"),
        (O::TagResource, r#"{"Tags":[{"TagKey":"a","TagKey":"a"}]}"#, "Duplicate member at 'tags.1.member.tagKey'"),
        (O::TagResource, r#"{"Tags":["a"]}"#, "STRING_VALUE can not be converted to a Structure at 'tags.1.member'"),
        (O::ListKeys, r#"{"Limit":"7"}"#, "STRING_VALUE can not be converted to an Integer at 'limit'"),
        (O::ListKeys, r#"{"Limit":7.5}"#, "NUMBER_VALUE can not be converted to an Integer at 'limit'"),
        (O::ListKeys, r#"{"Limit":2147483648}"#, "NUMBER_VALUE can not be converted to an Integer at 'limit'"),
        (
            O::ImportKeyMaterial,
            r#"{"ValidTo":"tomorrow"}"#,
            "STRING_VALUE can not be converted to a Timestamp at 'validTo'",
        ),
        (O::ImportKeyMaterial, r#"{"ValidTo":true}"#, "TRUE_VALUE can not be converted to a Timestamp at 'validTo'"),
    ] {
        assert_eq!(refusal(operation, body), DecodeError::Serialization(message.to_owned()), "{operation} {body}");
    }
}

#[test]
fn a_fault_goes_before_violations() {
    assert!(matches!(refusal(Operation::Encrypt, r#"{"KeyId":"","DryRun":7}"#), DecodeError::Serialization(_)));
}

#[test]
fn refusals_are_bounded() {
    let many_tags = format!(r#"{{"KeyId":"k","Tags":[{}{{}}]}}"#, "{},".repeat(10_000));
    let DecodeError::Validation(message) = refusal(Operation::TagResource, &many_tags) else { panic!("no violation") };
    assert!(message.starts_with("100 validation errors detected: ") && message.len() < 20_000);
    let long = "x".repeat(100_000);
    for body in [
        format!(r#"{{"KeyId":"{long}"}}"#),
        format!(r#"{{"KeyId":"k","GrantTokens":["{long}"]}}"#),
        format!(r#"{{"KeyId":"k","GrantTokens":["",{}""]}}"#, r#""abc","#.repeat(30_000)),
    ] {
        assert!(refusal(Operation::DescribeKey, &body).message().len() < 3_000, "{:.60}", body);
    }
    let long_key = format!(r#"{{"EncryptionContext":{{"{long}":7}}}}"#);
    assert!(refusal(Operation::Decrypt, &long_key).message().len() < 3_000);
}
