//! Inputs, outputs and the structures in them. Generated from `model/kms.json` by `cargo run -p xtask -- codegen`; not to be edited.

use std::collections::BTreeMap;

use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use super::enums::*;

/// The structure `AliasListEntry` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AliasListEntry {
    /// `AliasName`: string, 1 to 256 characters, pattern `^[a-zA-Z0-9:/_-]+$`.
    pub alias_name: Option<String>,
    /// `AliasArn`: string, 20 to 2048 characters.
    pub alias_arn: Option<String>,
    /// `TargetKeyId`: string, 1 to 2048 characters.
    pub target_key_id: Option<String>,
    /// `CreationDate`: timestamp.
    pub creation_date: Option<Timestamp>,
    /// `LastUpdatedDate`: timestamp.
    pub last_updated_date: Option<Timestamp>,
}

/// Input of CancelKeyDeletion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CancelKeyDeletionRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
}

/// Output of CancelKeyDeletion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CancelKeyDeletionResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
}

/// Input of ConnectCustomKeyStore.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ConnectCustomKeyStoreRequest {
    /// `CustomKeyStoreId`: string, 1 to 64 characters; required.
    pub custom_key_store_id: String,
}

/// Output of ConnectCustomKeyStore.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ConnectCustomKeyStoreResponse {}

/// Input of CreateAlias.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateAliasRequest {
    /// `AliasName`: string, 1 to 256 characters, pattern `^[a-zA-Z0-9:/_-]+$`; required.
    pub alias_name: String,
    /// `TargetKeyId`: string, 1 to 2048 characters; required.
    pub target_key_id: String,
}

/// Input of CreateCustomKeyStore.
#[derive(Debug, Default)]
pub struct CreateCustomKeyStoreRequest {
    /// `CustomKeyStoreName`: string, 1 to 256 characters; required.
    pub custom_key_store_name: String,
    /// `CloudHsmClusterId`: string, 19 to 24 characters, pattern `cluster-[2-7a-zA-Z]{11,16}`.
    pub cloud_hsm_cluster_id: Option<String>,
    /// `TrustAnchorCertificate`: string, 1 to 5000 characters.
    pub trust_anchor_certificate: Option<String>,
    /// `KeyStorePassword`: string, 7 to 32 characters, sensitive.
    pub key_store_password: Option<SecretBytes>,
    /// `CustomKeyStoreType`: one of its names.
    pub custom_key_store_type: Option<CustomKeyStoreType>,
    /// `XksProxyUriEndpoint`: string, 10 to 128 characters, pattern `^https://[a-zA-Z0-9.-]+$`.
    pub xks_proxy_uri_endpoint: Option<String>,
    /// `XksProxyUriPath`: string, 10 to 128 characters, pattern `^(/[a-zA-Z0-9\/_-]+/kms/xks/v\d{1,2})$|^(/kms/xks/v\d{1,2})$`.
    pub xks_proxy_uri_path: Option<String>,
    /// `XksProxyVpcEndpointServiceName`: string, 20 to 64 characters, pattern `^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$`.
    pub xks_proxy_vpc_endpoint_service_name: Option<String>,
    /// `XksProxyVpcEndpointServiceOwner`: string, 12 to 12 characters, pattern `[0-9]{12}`.
    pub xks_proxy_vpc_endpoint_service_owner: Option<String>,
    /// `XksProxyAuthenticationCredential`: structure.
    pub xks_proxy_authentication_credential: Option<XksProxyAuthenticationCredentialType>,
    /// `XksProxyConnectivity`: one of its names.
    pub xks_proxy_connectivity: Option<XksProxyConnectivityType>,
}

/// Output of CreateCustomKeyStore.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateCustomKeyStoreResponse {
    /// `CustomKeyStoreId`: string, 1 to 64 characters.
    pub custom_key_store_id: Option<String>,
}

/// Input of CreateGrant.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateGrantRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `GranteePrincipal`: string, 1 to 256 characters, pattern `^[\w+=,.@:/-]+$`.
    pub grantee_principal: Option<String>,
    /// `RetiringPrincipal`: string, 1 to 256 characters, pattern `^[\w+=,.@:/-]+$`.
    pub retiring_principal: Option<String>,
    /// `Operations`: list of `GrantOperation`; required.
    pub operations: Vec<GrantOperation>,
    /// `Constraints`: structure.
    pub constraints: Option<GrantConstraints>,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `Name`: string, 1 to 256 characters, pattern `^[a-zA-Z0-9:/_-]+$`.
    pub name: Option<String>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
    /// `GranteeServicePrincipal`: string, 1 to 128 characters, pattern `^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$`.
    pub grantee_service_principal: Option<String>,
    /// `RetiringServicePrincipal`: string, 1 to 128 characters, pattern `^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$`.
    pub retiring_service_principal: Option<String>,
}

/// Output of CreateGrant.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateGrantResponse {
    /// `GrantToken`: string, 1 to 8192 characters.
    pub grant_token: Option<String>,
    /// `GrantId`: string, 1 to 128 characters.
    pub grant_id: Option<String>,
}

/// Input of CreateKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateKeyRequest {
    /// `Policy`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub policy: Option<String>,
    /// `Description`: string, 0 to 8192 characters.
    pub description: Option<String>,
    /// `KeyUsage`: one of its names.
    pub key_usage: Option<KeyUsageType>,
    /// `CustomerMasterKeySpec`: one of its names; deprecated.
    pub customer_master_key_spec: Option<CustomerMasterKeySpec>,
    /// `KeySpec`: one of its names.
    pub key_spec: Option<KeySpec>,
    /// `Origin`: one of its names.
    pub origin: Option<OriginType>,
    /// `CustomKeyStoreId`: string, 1 to 64 characters.
    pub custom_key_store_id: Option<String>,
    /// `BypassPolicyLockoutSafetyCheck`: boolean.
    pub bypass_policy_lockout_safety_check: Option<bool>,
    /// `Tags`: list of `Tag`.
    pub tags: Option<Vec<Tag>>,
    /// `MultiRegion`: boolean.
    pub multi_region: Option<bool>,
    /// `XksKeyId`: string, 1 to 128 characters, pattern `^[a-zA-Z0-9-_.]+$`.
    pub xks_key_id: Option<String>,
}

/// Output of CreateKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateKeyResponse {
    /// `KeyMetadata`: structure.
    pub key_metadata: Option<KeyMetadata>,
}

/// The structure `CustomKeyStoresListEntry` of the model.
#[derive(Debug, Default)]
pub struct CustomKeyStoresListEntry {
    /// `CustomKeyStoreId`: string, 1 to 64 characters.
    pub custom_key_store_id: Option<String>,
    /// `CustomKeyStoreName`: string, 1 to 256 characters.
    pub custom_key_store_name: Option<String>,
    /// `CloudHsmClusterId`: string, 19 to 24 characters, pattern `cluster-[2-7a-zA-Z]{11,16}`.
    pub cloud_hsm_cluster_id: Option<String>,
    /// `TrustAnchorCertificate`: string, 1 to 5000 characters.
    pub trust_anchor_certificate: Option<String>,
    /// `ConnectionState`: one of its names.
    pub connection_state: Option<ConnectionStateType>,
    /// `ConnectionErrorCode`: one of its names.
    pub connection_error_code: Option<ConnectionErrorCodeType>,
    /// `CreationDate`: timestamp.
    pub creation_date: Option<Timestamp>,
    /// `CustomKeyStoreType`: one of its names.
    pub custom_key_store_type: Option<CustomKeyStoreType>,
    /// `XksProxyConfiguration`: structure.
    pub xks_proxy_configuration: Option<XksProxyConfigurationType>,
}

/// Input of Decapsulate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DecapsulateRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `SharedSecretCiphertextBlob`: blob, 1 to 6144 bytes; required.
    pub shared_secret_ciphertext_blob: Vec<u8>,
    /// `EncapsulationAlgorithm`: one of its names; required.
    pub encapsulation_algorithm: EncapsulationAlgorithmSpec,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of Decapsulate.
#[derive(Debug, Default)]
pub struct DecapsulateResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `SharedSecret`: blob, 1 to 4096 bytes, sensitive.
    pub shared_secret: Option<SecretBytes>,
    /// `EncapsulationAlgorithm`: one of its names.
    pub encapsulation_algorithm: Option<EncapsulationAlgorithmSpec>,
}

/// Input of Decrypt.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DecryptRequest {
    /// `CiphertextBlob`: blob, 1 to 6144 bytes.
    pub ciphertext_blob: Option<Vec<u8>>,
    /// `EncryptionContext`: map of `EncryptionContextKey` to `EncryptionContextValue`.
    pub encryption_context: Option<BTreeMap<String, String>>,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `EncryptionAlgorithm`: one of its names.
    pub encryption_algorithm: Option<EncryptionAlgorithmSpec>,
    /// `Recipient`: structure.
    pub recipient: Option<RecipientInfo>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
    /// `DryRunModifiers`: list of `DryRunModifierType`.
    pub dry_run_modifiers: Option<Vec<DryRunModifierType>>,
}

/// Output of Decrypt.
#[derive(Debug, Default)]
pub struct DecryptResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `Plaintext`: blob, 1 to 4096 bytes, sensitive.
    pub plaintext: Option<SecretBytes>,
    /// `EncryptionAlgorithm`: one of its names.
    pub encryption_algorithm: Option<EncryptionAlgorithmSpec>,
    /// `CiphertextForRecipient`: blob, 1 to 6144 bytes.
    pub ciphertext_for_recipient: Option<Vec<u8>>,
    /// `KeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub key_material_id: Option<String>,
}

/// Input of DeleteAlias.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteAliasRequest {
    /// `AliasName`: string, 1 to 256 characters, pattern `^[a-zA-Z0-9:/_-]+$`; required.
    pub alias_name: String,
}

/// Input of DeleteCustomKeyStore.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteCustomKeyStoreRequest {
    /// `CustomKeyStoreId`: string, 1 to 64 characters; required.
    pub custom_key_store_id: String,
}

/// Output of DeleteCustomKeyStore.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteCustomKeyStoreResponse {}

/// Input of DeleteImportedKeyMaterial.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteImportedKeyMaterialRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `KeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub key_material_id: Option<String>,
}

/// Output of DeleteImportedKeyMaterial.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteImportedKeyMaterialResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `KeyMaterialId`: string, 0 to 64 characters, pattern `^[a-f0-9]+$`.
    pub key_material_id: Option<String>,
}

/// Input of DeriveSharedSecret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeriveSharedSecretRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `KeyAgreementAlgorithm`: one of its names; required.
    pub key_agreement_algorithm: KeyAgreementAlgorithmSpec,
    /// `PublicKey`: blob, 1 to 8192 bytes; required.
    pub public_key: Vec<u8>,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
    /// `Recipient`: structure.
    pub recipient: Option<RecipientInfo>,
}

/// Output of DeriveSharedSecret.
#[derive(Debug, Default)]
pub struct DeriveSharedSecretResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `SharedSecret`: blob, 1 to 4096 bytes, sensitive.
    pub shared_secret: Option<SecretBytes>,
    /// `CiphertextForRecipient`: blob, 1 to 6144 bytes.
    pub ciphertext_for_recipient: Option<Vec<u8>>,
    /// `KeyAgreementAlgorithm`: one of its names.
    pub key_agreement_algorithm: Option<KeyAgreementAlgorithmSpec>,
    /// `KeyOrigin`: one of its names.
    pub key_origin: Option<OriginType>,
}

/// Input of DescribeCustomKeyStores.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DescribeCustomKeyStoresRequest {
    /// `CustomKeyStoreId`: string, 1 to 64 characters.
    pub custom_key_store_id: Option<String>,
    /// `CustomKeyStoreName`: string, 1 to 256 characters.
    pub custom_key_store_name: Option<String>,
    /// `Limit`: integer, 1 to 1000.
    pub limit: Option<i32>,
    /// `Marker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub marker: Option<String>,
}

/// Output of DescribeCustomKeyStores.
#[derive(Debug, Default)]
pub struct DescribeCustomKeyStoresResponse {
    /// `CustomKeyStores`: list of `CustomKeyStoresListEntry`.
    pub custom_key_stores: Option<Vec<CustomKeyStoresListEntry>>,
    /// `NextMarker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub next_marker: Option<String>,
    /// `Truncated`: boolean.
    pub truncated: Option<bool>,
}

/// Input of DescribeKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DescribeKeyRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
}

/// Output of DescribeKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DescribeKeyResponse {
    /// `KeyMetadata`: structure.
    pub key_metadata: Option<KeyMetadata>,
}

/// Input of DisableKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DisableKeyRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
}

/// Input of DisableKeyRotation.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DisableKeyRotationRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
}

/// Input of DisconnectCustomKeyStore.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DisconnectCustomKeyStoreRequest {
    /// `CustomKeyStoreId`: string, 1 to 64 characters; required.
    pub custom_key_store_id: String,
}

/// Output of DisconnectCustomKeyStore.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DisconnectCustomKeyStoreResponse {}

/// Input of EnableKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EnableKeyRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
}

/// Input of EnableKeyRotation.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EnableKeyRotationRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `RotationPeriodInDays`: integer, 90 to 2560.
    pub rotation_period_in_days: Option<i32>,
}

/// Input of Encapsulate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EncapsulateRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `EncapsulationAlgorithm`: one of its names; required.
    pub encapsulation_algorithm: EncapsulationAlgorithmSpec,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of Encapsulate.
#[derive(Debug, Default)]
pub struct EncapsulateResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `SharedSecret`: blob, 1 to 4096 bytes, sensitive.
    pub shared_secret: Option<SecretBytes>,
    /// `SharedSecretCiphertextBlob`: blob, 1 to 6144 bytes.
    pub shared_secret_ciphertext_blob: Option<Vec<u8>>,
    /// `EncapsulationAlgorithm`: one of its names.
    pub encapsulation_algorithm: Option<EncapsulationAlgorithmSpec>,
}

/// Input of Encrypt.
#[derive(Debug, Default)]
pub struct EncryptRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `Plaintext`: blob, 1 to 4096 bytes, sensitive; required.
    pub plaintext: SecretBytes,
    /// `EncryptionContext`: map of `EncryptionContextKey` to `EncryptionContextValue`.
    pub encryption_context: Option<BTreeMap<String, String>>,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `EncryptionAlgorithm`: one of its names.
    pub encryption_algorithm: Option<EncryptionAlgorithmSpec>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of Encrypt.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EncryptResponse {
    /// `CiphertextBlob`: blob, 1 to 6144 bytes.
    pub ciphertext_blob: Option<Vec<u8>>,
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `EncryptionAlgorithm`: one of its names.
    pub encryption_algorithm: Option<EncryptionAlgorithmSpec>,
}

/// Input of GenerateDataKeyPair.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GenerateDataKeyPairRequest {
    /// `EncryptionContext`: map of `EncryptionContextKey` to `EncryptionContextValue`.
    pub encryption_context: Option<BTreeMap<String, String>>,
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `KeyPairSpec`: one of its names; required.
    pub key_pair_spec: DataKeyPairSpec,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `Recipient`: structure.
    pub recipient: Option<RecipientInfo>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of GenerateDataKeyPair.
#[derive(Debug, Default)]
pub struct GenerateDataKeyPairResponse {
    /// `PrivateKeyCiphertextBlob`: blob, 1 to 6144 bytes.
    pub private_key_ciphertext_blob: Option<Vec<u8>>,
    /// `PrivateKeyPlaintext`: blob, 1 to 4096 bytes, sensitive.
    pub private_key_plaintext: Option<SecretBytes>,
    /// `PublicKey`: blob, 1 to 8192 bytes.
    pub public_key: Option<Vec<u8>>,
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `KeyPairSpec`: one of its names.
    pub key_pair_spec: Option<DataKeyPairSpec>,
    /// `CiphertextForRecipient`: blob, 1 to 6144 bytes.
    pub ciphertext_for_recipient: Option<Vec<u8>>,
    /// `KeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub key_material_id: Option<String>,
}

/// Input of GenerateDataKeyPairWithoutPlaintext.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GenerateDataKeyPairWithoutPlaintextRequest {
    /// `EncryptionContext`: map of `EncryptionContextKey` to `EncryptionContextValue`.
    pub encryption_context: Option<BTreeMap<String, String>>,
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `KeyPairSpec`: one of its names; required.
    pub key_pair_spec: DataKeyPairSpec,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of GenerateDataKeyPairWithoutPlaintext.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GenerateDataKeyPairWithoutPlaintextResponse {
    /// `PrivateKeyCiphertextBlob`: blob, 1 to 6144 bytes.
    pub private_key_ciphertext_blob: Option<Vec<u8>>,
    /// `PublicKey`: blob, 1 to 8192 bytes.
    pub public_key: Option<Vec<u8>>,
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `KeyPairSpec`: one of its names.
    pub key_pair_spec: Option<DataKeyPairSpec>,
    /// `KeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub key_material_id: Option<String>,
}

/// Input of GenerateDataKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GenerateDataKeyRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `EncryptionContext`: map of `EncryptionContextKey` to `EncryptionContextValue`.
    pub encryption_context: Option<BTreeMap<String, String>>,
    /// `NumberOfBytes`: integer, 1 to 1024.
    pub number_of_bytes: Option<i32>,
    /// `KeySpec`: one of its names.
    pub key_spec: Option<DataKeySpec>,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `Recipient`: structure.
    pub recipient: Option<RecipientInfo>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of GenerateDataKey.
#[derive(Debug, Default)]
pub struct GenerateDataKeyResponse {
    /// `CiphertextBlob`: blob, 1 to 6144 bytes.
    pub ciphertext_blob: Option<Vec<u8>>,
    /// `Plaintext`: blob, 1 to 4096 bytes, sensitive.
    pub plaintext: Option<SecretBytes>,
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `CiphertextForRecipient`: blob, 1 to 6144 bytes.
    pub ciphertext_for_recipient: Option<Vec<u8>>,
    /// `KeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub key_material_id: Option<String>,
}

/// Input of GenerateDataKeyWithoutPlaintext.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GenerateDataKeyWithoutPlaintextRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `EncryptionContext`: map of `EncryptionContextKey` to `EncryptionContextValue`.
    pub encryption_context: Option<BTreeMap<String, String>>,
    /// `KeySpec`: one of its names.
    pub key_spec: Option<DataKeySpec>,
    /// `NumberOfBytes`: integer, 1 to 1024.
    pub number_of_bytes: Option<i32>,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of GenerateDataKeyWithoutPlaintext.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GenerateDataKeyWithoutPlaintextResponse {
    /// `CiphertextBlob`: blob, 1 to 6144 bytes.
    pub ciphertext_blob: Option<Vec<u8>>,
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `KeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub key_material_id: Option<String>,
}

/// Input of GenerateMac.
#[derive(Debug)]
pub struct GenerateMacRequest {
    /// `Message`: blob, 1 to 4096 bytes, sensitive; required.
    pub message: SecretBytes,
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `MacAlgorithm`: one of its names; required.
    pub mac_algorithm: MacAlgorithmSpec,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of GenerateMac.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GenerateMacResponse {
    /// `Mac`: blob, 1 to 6144 bytes.
    pub mac: Option<Vec<u8>>,
    /// `MacAlgorithm`: one of its names.
    pub mac_algorithm: Option<MacAlgorithmSpec>,
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
}

/// Input of GenerateRandom.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GenerateRandomRequest {
    /// `NumberOfBytes`: integer, 1 to 1024.
    pub number_of_bytes: Option<i32>,
    /// `CustomKeyStoreId`: string, 1 to 64 characters.
    pub custom_key_store_id: Option<String>,
    /// `Recipient`: structure.
    pub recipient: Option<RecipientInfo>,
}

/// Output of GenerateRandom.
#[derive(Debug, Default)]
pub struct GenerateRandomResponse {
    /// `Plaintext`: blob, 1 to 4096 bytes, sensitive.
    pub plaintext: Option<SecretBytes>,
    /// `CiphertextForRecipient`: blob, 1 to 6144 bytes.
    pub ciphertext_for_recipient: Option<Vec<u8>>,
}

/// Input of GetKeyLastUsage.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetKeyLastUsageRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
}

/// Output of GetKeyLastUsage.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetKeyLastUsageResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `KeyLastUsage`: structure.
    pub key_last_usage: Option<KeyLastUsageData>,
    /// `TrackingStartDate`: timestamp.
    pub tracking_start_date: Option<Timestamp>,
    /// `KeyCreationDate`: timestamp.
    pub key_creation_date: Option<Timestamp>,
}

/// Input of GetKeyPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetKeyPolicyRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w]+`.
    pub policy_name: Option<String>,
}

/// Output of GetKeyPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetKeyPolicyResponse {
    /// `Policy`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub policy: Option<String>,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w]+`.
    pub policy_name: Option<String>,
}

/// Input of GetKeyRotationStatus.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetKeyRotationStatusRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
}

/// Output of GetKeyRotationStatus.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetKeyRotationStatusResponse {
    /// `KeyRotationEnabled`: boolean.
    pub key_rotation_enabled: Option<bool>,
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `RotationPeriodInDays`: integer, 90 to 2560.
    pub rotation_period_in_days: Option<i32>,
    /// `NextRotationDate`: timestamp.
    pub next_rotation_date: Option<Timestamp>,
    /// `OnDemandRotationStartDate`: timestamp.
    pub on_demand_rotation_start_date: Option<Timestamp>,
}

/// Input of GetParametersForImport.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GetParametersForImportRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `WrappingAlgorithm`: one of its names; required.
    pub wrapping_algorithm: AlgorithmSpec,
    /// `WrappingKeySpec`: one of its names; required.
    pub wrapping_key_spec: WrappingKeySpec,
}

/// Output of GetParametersForImport.
#[derive(Debug, Default)]
pub struct GetParametersForImportResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `ImportToken`: blob, 1 to 6144 bytes.
    pub import_token: Option<Vec<u8>>,
    /// `PublicKey`: blob, 1 to 4096 bytes, sensitive.
    pub public_key: Option<SecretBytes>,
    /// `ParametersValidTo`: timestamp.
    pub parameters_valid_to: Option<Timestamp>,
}

/// Input of GetPublicKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetPublicKeyRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
}

/// Output of GetPublicKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetPublicKeyResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `PublicKey`: blob, 1 to 8192 bytes.
    pub public_key: Option<Vec<u8>>,
    /// `CustomerMasterKeySpec`: one of its names; deprecated.
    pub customer_master_key_spec: Option<CustomerMasterKeySpec>,
    /// `KeySpec`: one of its names.
    pub key_spec: Option<KeySpec>,
    /// `KeyUsage`: one of its names.
    pub key_usage: Option<KeyUsageType>,
    /// `EncryptionAlgorithms`: list of `EncryptionAlgorithmSpec`.
    pub encryption_algorithms: Option<Vec<EncryptionAlgorithmSpec>>,
    /// `SigningAlgorithms`: list of `SigningAlgorithmSpec`.
    pub signing_algorithms: Option<Vec<SigningAlgorithmSpec>>,
    /// `KeyAgreementAlgorithms`: list of `KeyAgreementAlgorithmSpec`.
    pub key_agreement_algorithms: Option<Vec<KeyAgreementAlgorithmSpec>>,
    /// `EncapsulationAlgorithms`: list of `EncapsulationAlgorithmSpec`.
    pub encapsulation_algorithms: Option<Vec<EncapsulationAlgorithmSpec>>,
}

/// The structure `GrantConstraints` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GrantConstraints {
    /// `EncryptionContextSubset`: map of `EncryptionContextKey` to `EncryptionContextValue`.
    pub encryption_context_subset: Option<BTreeMap<String, String>>,
    /// `EncryptionContextEquals`: map of `EncryptionContextKey` to `EncryptionContextValue`.
    pub encryption_context_equals: Option<BTreeMap<String, String>>,
    /// `SourceArn`: string, 20 to 512 characters, pattern `^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$`.
    pub source_arn: Option<String>,
}

/// The structure `GrantListEntry` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GrantListEntry {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `GrantId`: string, 1 to 128 characters.
    pub grant_id: Option<String>,
    /// `Name`: string, 1 to 256 characters, pattern `^[a-zA-Z0-9:/_-]+$`.
    pub name: Option<String>,
    /// `CreationDate`: timestamp.
    pub creation_date: Option<Timestamp>,
    /// `GranteePrincipal`: string, 1 to 256 characters, pattern `^[\w+=,.@:/-]+$`.
    pub grantee_principal: Option<String>,
    /// `RetiringPrincipal`: string, 1 to 256 characters, pattern `^[\w+=,.@:/-]+$`.
    pub retiring_principal: Option<String>,
    /// `IssuingAccount`: string, 1 to 256 characters, pattern `^[\w+=,.@:/-]+$`.
    pub issuing_account: Option<String>,
    /// `Operations`: list of `GrantOperation`.
    pub operations: Option<Vec<GrantOperation>>,
    /// `Constraints`: structure.
    pub constraints: Option<GrantConstraints>,
    /// `GranteeServicePrincipal`: string, 1 to 128 characters, pattern `^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$`.
    pub grantee_service_principal: Option<String>,
    /// `RetiringServicePrincipal`: string, 1 to 128 characters, pattern `^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$`.
    pub retiring_service_principal: Option<String>,
}

/// Input of ImportKeyMaterial.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ImportKeyMaterialRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `ImportToken`: blob, 1 to 6144 bytes; required.
    pub import_token: Vec<u8>,
    /// `EncryptedKeyMaterial`: blob, 1 to 6144 bytes; required.
    pub encrypted_key_material: Vec<u8>,
    /// `ValidTo`: timestamp.
    pub valid_to: Option<Timestamp>,
    /// `ExpirationModel`: one of its names.
    pub expiration_model: Option<ExpirationModelType>,
    /// `ImportType`: one of its names.
    pub import_type: Option<ImportType>,
    /// `KeyMaterialDescription`: string, 0 to 256 characters, pattern `^[a-zA-Z0-9:/_\s.-]+$`.
    pub key_material_description: Option<String>,
    /// `KeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub key_material_id: Option<String>,
}

/// Output of ImportKeyMaterial.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ImportKeyMaterialResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `KeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub key_material_id: Option<String>,
}

/// The structure `KeyLastUsageData` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyLastUsageData {
    /// `Operation`: one of its names.
    pub operation: Option<KeyLastUsageTrackingOperation>,
    /// `Timestamp`: timestamp.
    pub timestamp: Option<Timestamp>,
    /// `CloudTrailEventId`: string.
    pub cloud_trail_event_id: Option<String>,
    /// `KmsRequestId`: string.
    pub kms_request_id: Option<String>,
}

/// The structure `KeyListEntry` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyListEntry {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `KeyArn`: string, 20 to 2048 characters.
    pub key_arn: Option<String>,
}

/// The structure `KeyMetadata` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyMetadata {
    /// `AWSAccountId`: string.
    pub aws_account_id: Option<String>,
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `Arn`: string, 20 to 2048 characters.
    pub arn: Option<String>,
    /// `CreationDate`: timestamp.
    pub creation_date: Option<Timestamp>,
    /// `Enabled`: boolean.
    pub enabled: Option<bool>,
    /// `Description`: string, 0 to 8192 characters.
    pub description: Option<String>,
    /// `KeyUsage`: one of its names.
    pub key_usage: Option<KeyUsageType>,
    /// `KeyState`: one of its names.
    pub key_state: Option<KeyState>,
    /// `DeletionDate`: timestamp.
    pub deletion_date: Option<Timestamp>,
    /// `ValidTo`: timestamp.
    pub valid_to: Option<Timestamp>,
    /// `Origin`: one of its names.
    pub origin: Option<OriginType>,
    /// `CustomKeyStoreId`: string, 1 to 64 characters.
    pub custom_key_store_id: Option<String>,
    /// `CloudHsmClusterId`: string, 19 to 24 characters, pattern `cluster-[2-7a-zA-Z]{11,16}`.
    pub cloud_hsm_cluster_id: Option<String>,
    /// `ExpirationModel`: one of its names.
    pub expiration_model: Option<ExpirationModelType>,
    /// `KeyManager`: one of its names.
    pub key_manager: Option<KeyManagerType>,
    /// `CustomerMasterKeySpec`: one of its names; deprecated.
    pub customer_master_key_spec: Option<CustomerMasterKeySpec>,
    /// `KeySpec`: one of its names.
    pub key_spec: Option<KeySpec>,
    /// `EncryptionAlgorithms`: list of `EncryptionAlgorithmSpec`.
    pub encryption_algorithms: Option<Vec<EncryptionAlgorithmSpec>>,
    /// `SigningAlgorithms`: list of `SigningAlgorithmSpec`.
    pub signing_algorithms: Option<Vec<SigningAlgorithmSpec>>,
    /// `KeyAgreementAlgorithms`: list of `KeyAgreementAlgorithmSpec`.
    pub key_agreement_algorithms: Option<Vec<KeyAgreementAlgorithmSpec>>,
    /// `EncapsulationAlgorithms`: list of `EncapsulationAlgorithmSpec`.
    pub encapsulation_algorithms: Option<Vec<EncapsulationAlgorithmSpec>>,
    /// `MultiRegion`: boolean.
    pub multi_region: Option<bool>,
    /// `MultiRegionConfiguration`: structure.
    pub multi_region_configuration: Option<MultiRegionConfiguration>,
    /// `PendingDeletionWindowInDays`: integer, 1 to 365.
    pub pending_deletion_window_in_days: Option<i32>,
    /// `MacAlgorithms`: list of `MacAlgorithmSpec`.
    pub mac_algorithms: Option<Vec<MacAlgorithmSpec>>,
    /// `XksKeyConfiguration`: structure.
    pub xks_key_configuration: Option<XksKeyConfigurationType>,
    /// `CurrentKeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub current_key_material_id: Option<String>,
}

/// Input of ListAliases.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAliasesRequest {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `Limit`: integer, 1 to 1000.
    pub limit: Option<i32>,
    /// `Marker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub marker: Option<String>,
}

/// Output of ListAliases.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAliasesResponse {
    /// `Aliases`: list of `AliasListEntry`.
    pub aliases: Option<Vec<AliasListEntry>>,
    /// `NextMarker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub next_marker: Option<String>,
    /// `Truncated`: boolean.
    pub truncated: Option<bool>,
}

/// Input of ListGrants.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListGrantsRequest {
    /// `Limit`: integer, 1 to 1000.
    pub limit: Option<i32>,
    /// `Marker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub marker: Option<String>,
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `GrantId`: string, 1 to 128 characters.
    pub grant_id: Option<String>,
    /// `GranteePrincipal`: string, 1 to 256 characters, pattern `^[\w+=,.@:/-]+$`.
    pub grantee_principal: Option<String>,
    /// `GranteeServicePrincipal`: string, 1 to 128 characters, pattern `^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$`.
    pub grantee_service_principal: Option<String>,
}

/// Output of ListGrants and ListRetirableGrants.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListGrantsResponse {
    /// `Grants`: list of `GrantListEntry`.
    pub grants: Option<Vec<GrantListEntry>>,
    /// `NextMarker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub next_marker: Option<String>,
    /// `Truncated`: boolean.
    pub truncated: Option<bool>,
}

/// Input of ListKeyPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListKeyPoliciesRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `Limit`: integer, 1 to 1000.
    pub limit: Option<i32>,
    /// `Marker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub marker: Option<String>,
}

/// Output of ListKeyPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListKeyPoliciesResponse {
    /// `PolicyNames`: list of `PolicyNameType`.
    pub policy_names: Option<Vec<String>>,
    /// `NextMarker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub next_marker: Option<String>,
    /// `Truncated`: boolean.
    pub truncated: Option<bool>,
}

/// Input of ListKeyRotations.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListKeyRotationsRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `IncludeKeyMaterial`: one of its names.
    pub include_key_material: Option<IncludeKeyMaterial>,
    /// `Limit`: integer, 1 to 1000.
    pub limit: Option<i32>,
    /// `Marker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub marker: Option<String>,
}

/// Output of ListKeyRotations.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListKeyRotationsResponse {
    /// `Rotations`: list of `RotationsListEntry`.
    pub rotations: Option<Vec<RotationsListEntry>>,
    /// `NextMarker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub next_marker: Option<String>,
    /// `Truncated`: boolean.
    pub truncated: Option<bool>,
}

/// Input of ListKeys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListKeysRequest {
    /// `Limit`: integer, 1 to 1000.
    pub limit: Option<i32>,
    /// `Marker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub marker: Option<String>,
    /// `ResourceOwners`: list of `ResourceOwnerType`, 1 to 2 elements.
    pub resource_owners: Option<Vec<ResourceOwnerType>>,
}

/// Output of ListKeys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListKeysResponse {
    /// `Keys`: list of `KeyListEntry`.
    pub keys: Option<Vec<KeyListEntry>>,
    /// `NextMarker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub next_marker: Option<String>,
    /// `Truncated`: boolean.
    pub truncated: Option<bool>,
}

/// Input of ListResourceTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListResourceTagsRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `Limit`: integer, 1 to 1000.
    pub limit: Option<i32>,
    /// `Marker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub marker: Option<String>,
}

/// Output of ListResourceTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListResourceTagsResponse {
    /// `Tags`: list of `Tag`.
    pub tags: Option<Vec<Tag>>,
    /// `NextMarker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub next_marker: Option<String>,
    /// `Truncated`: boolean.
    pub truncated: Option<bool>,
}

/// Input of ListRetirableGrants.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListRetirableGrantsRequest {
    /// `Limit`: integer, 1 to 1000.
    pub limit: Option<i32>,
    /// `Marker`: string, 1 to 1024 characters, pattern `[\u0020-\u00FF]*`.
    pub marker: Option<String>,
    /// `RetiringPrincipal`: string, 1 to 256 characters, pattern `^[\w+=,.@:/-]+$`.
    pub retiring_principal: Option<String>,
    /// `RetiringServicePrincipal`: string, 1 to 128 characters, pattern `^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$`.
    pub retiring_service_principal: Option<String>,
}

/// The structure `MultiRegionConfiguration` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MultiRegionConfiguration {
    /// `MultiRegionKeyType`: one of its names.
    pub multi_region_key_type: Option<MultiRegionKeyType>,
    /// `PrimaryKey`: structure.
    pub primary_key: Option<MultiRegionKey>,
    /// `ReplicaKeys`: list of `MultiRegionKey`.
    pub replica_keys: Option<Vec<MultiRegionKey>>,
}

/// The structure `MultiRegionKey` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MultiRegionKey {
    /// `Arn`: string, 20 to 2048 characters.
    pub arn: Option<String>,
    /// `Region`: string, 1 to 32 characters, pattern `^([a-z]+-){2,3}\d+$`.
    pub region: Option<String>,
}

/// Input of PutKeyPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PutKeyPolicyRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w]+`.
    pub policy_name: Option<String>,
    /// `Policy`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub policy: String,
    /// `BypassPolicyLockoutSafetyCheck`: boolean.
    pub bypass_policy_lockout_safety_check: Option<bool>,
}

/// Input of ReEncrypt.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReEncryptRequest {
    /// `CiphertextBlob`: blob, 1 to 6144 bytes.
    pub ciphertext_blob: Option<Vec<u8>>,
    /// `SourceEncryptionContext`: map of `EncryptionContextKey` to `EncryptionContextValue`.
    pub source_encryption_context: Option<BTreeMap<String, String>>,
    /// `SourceKeyId`: string, 1 to 2048 characters.
    pub source_key_id: Option<String>,
    /// `DestinationKeyId`: string, 1 to 2048 characters; required.
    pub destination_key_id: String,
    /// `DestinationEncryptionContext`: map of `EncryptionContextKey` to `EncryptionContextValue`.
    pub destination_encryption_context: Option<BTreeMap<String, String>>,
    /// `SourceEncryptionAlgorithm`: one of its names.
    pub source_encryption_algorithm: Option<EncryptionAlgorithmSpec>,
    /// `DestinationEncryptionAlgorithm`: one of its names.
    pub destination_encryption_algorithm: Option<EncryptionAlgorithmSpec>,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
    /// `DryRunModifiers`: list of `DryRunModifierType`.
    pub dry_run_modifiers: Option<Vec<DryRunModifierType>>,
}

/// Output of ReEncrypt.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReEncryptResponse {
    /// `CiphertextBlob`: blob, 1 to 6144 bytes.
    pub ciphertext_blob: Option<Vec<u8>>,
    /// `SourceKeyId`: string, 1 to 2048 characters.
    pub source_key_id: Option<String>,
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `SourceEncryptionAlgorithm`: one of its names.
    pub source_encryption_algorithm: Option<EncryptionAlgorithmSpec>,
    /// `DestinationEncryptionAlgorithm`: one of its names.
    pub destination_encryption_algorithm: Option<EncryptionAlgorithmSpec>,
    /// `SourceKeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub source_key_material_id: Option<String>,
    /// `DestinationKeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub destination_key_material_id: Option<String>,
}

/// The structure `RecipientInfo` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RecipientInfo {
    /// `KeyEncryptionAlgorithm`: one of its names.
    pub key_encryption_algorithm: Option<KeyEncryptionMechanism>,
    /// `AttestationDocument`: blob, 1 to 262144 bytes.
    pub attestation_document: Option<Vec<u8>>,
}

/// Input of ReplicateKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReplicateKeyRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `ReplicaRegion`: string, 1 to 32 characters, pattern `^([a-z]+-){2,3}\d+$`; required.
    pub replica_region: String,
    /// `Policy`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub policy: Option<String>,
    /// `BypassPolicyLockoutSafetyCheck`: boolean.
    pub bypass_policy_lockout_safety_check: Option<bool>,
    /// `Description`: string, 0 to 8192 characters.
    pub description: Option<String>,
    /// `Tags`: list of `Tag`.
    pub tags: Option<Vec<Tag>>,
}

/// Output of ReplicateKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReplicateKeyResponse {
    /// `ReplicaKeyMetadata`: structure.
    pub replica_key_metadata: Option<KeyMetadata>,
    /// `ReplicaPolicy`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub replica_policy: Option<String>,
    /// `ReplicaTags`: list of `Tag`.
    pub replica_tags: Option<Vec<Tag>>,
}

/// Input of RetireGrant.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RetireGrantRequest {
    /// `GrantToken`: string, 1 to 8192 characters.
    pub grant_token: Option<String>,
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `GrantId`: string, 1 to 128 characters.
    pub grant_id: Option<String>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Input of RevokeGrant.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RevokeGrantRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `GrantId`: string, 1 to 128 characters; required.
    pub grant_id: String,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Input of RotateKeyOnDemand.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RotateKeyOnDemandRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
}

/// Output of RotateKeyOnDemand.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RotateKeyOnDemandResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
}

/// The structure `RotationsListEntry` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RotationsListEntry {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `KeyMaterialId`: string, 64 to 64 characters, pattern `^[a-f0-9]+$`.
    pub key_material_id: Option<String>,
    /// `KeyMaterialDescription`: string, 0 to 256 characters, pattern `^[a-zA-Z0-9:/_\s.-]+$`.
    pub key_material_description: Option<String>,
    /// `ImportState`: one of its names.
    pub import_state: Option<ImportState>,
    /// `KeyMaterialState`: one of its names.
    pub key_material_state: Option<KeyMaterialState>,
    /// `ExpirationModel`: one of its names.
    pub expiration_model: Option<ExpirationModelType>,
    /// `ValidTo`: timestamp.
    pub valid_to: Option<Timestamp>,
    /// `RotationDate`: timestamp.
    pub rotation_date: Option<Timestamp>,
    /// `RotationType`: one of its names.
    pub rotation_type: Option<RotationType>,
}

/// Input of ScheduleKeyDeletion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ScheduleKeyDeletionRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `PendingWindowInDays`: integer, 1 to 365.
    pub pending_window_in_days: Option<i32>,
}

/// Output of ScheduleKeyDeletion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ScheduleKeyDeletionResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `DeletionDate`: timestamp.
    pub deletion_date: Option<Timestamp>,
    /// `KeyState`: one of its names.
    pub key_state: Option<KeyState>,
    /// `PendingWindowInDays`: integer, 1 to 365.
    pub pending_window_in_days: Option<i32>,
}

/// Input of Sign.
#[derive(Debug)]
pub struct SignRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `Message`: blob, 1 to 4096 bytes, sensitive; required.
    pub message: SecretBytes,
    /// `MessageType`: one of its names.
    pub message_type: Option<MessageType>,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `SigningAlgorithm`: one of its names; required.
    pub signing_algorithm: SigningAlgorithmSpec,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of Sign.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SignResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `Signature`: blob, 1 to 6144 bytes.
    pub signature: Option<Vec<u8>>,
    /// `SigningAlgorithm`: one of its names.
    pub signing_algorithm: Option<SigningAlgorithmSpec>,
}

/// The structure `Tag` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tag {
    /// `TagKey`: string, 1 to 128 characters; required.
    pub tag_key: String,
    /// `TagValue`: string, 0 to 256 characters; required.
    pub tag_value: String,
}

/// Input of TagResource.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TagResourceRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `Tags`: list of `Tag`; required.
    pub tags: Vec<Tag>,
}

/// Input of UntagResource.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UntagResourceRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `TagKeys`: list of `TagKeyType`; required.
    pub tag_keys: Vec<String>,
}

/// Input of UpdateAlias.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateAliasRequest {
    /// `AliasName`: string, 1 to 256 characters, pattern `^[a-zA-Z0-9:/_-]+$`; required.
    pub alias_name: String,
    /// `TargetKeyId`: string, 1 to 2048 characters; required.
    pub target_key_id: String,
}

/// Input of UpdateCustomKeyStore.
#[derive(Debug, Default)]
pub struct UpdateCustomKeyStoreRequest {
    /// `CustomKeyStoreId`: string, 1 to 64 characters; required.
    pub custom_key_store_id: String,
    /// `NewCustomKeyStoreName`: string, 1 to 256 characters.
    pub new_custom_key_store_name: Option<String>,
    /// `KeyStorePassword`: string, 7 to 32 characters, sensitive.
    pub key_store_password: Option<SecretBytes>,
    /// `CloudHsmClusterId`: string, 19 to 24 characters, pattern `cluster-[2-7a-zA-Z]{11,16}`.
    pub cloud_hsm_cluster_id: Option<String>,
    /// `XksProxyUriEndpoint`: string, 10 to 128 characters, pattern `^https://[a-zA-Z0-9.-]+$`.
    pub xks_proxy_uri_endpoint: Option<String>,
    /// `XksProxyUriPath`: string, 10 to 128 characters, pattern `^(/[a-zA-Z0-9\/_-]+/kms/xks/v\d{1,2})$|^(/kms/xks/v\d{1,2})$`.
    pub xks_proxy_uri_path: Option<String>,
    /// `XksProxyVpcEndpointServiceName`: string, 20 to 64 characters, pattern `^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$`.
    pub xks_proxy_vpc_endpoint_service_name: Option<String>,
    /// `XksProxyVpcEndpointServiceOwner`: string, 12 to 12 characters, pattern `[0-9]{12}`.
    pub xks_proxy_vpc_endpoint_service_owner: Option<String>,
    /// `XksProxyAuthenticationCredential`: structure.
    pub xks_proxy_authentication_credential: Option<XksProxyAuthenticationCredentialType>,
    /// `XksProxyConnectivity`: one of its names.
    pub xks_proxy_connectivity: Option<XksProxyConnectivityType>,
}

/// Output of UpdateCustomKeyStore.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateCustomKeyStoreResponse {}

/// Input of UpdateKeyDescription.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateKeyDescriptionRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `Description`: string, 0 to 8192 characters; required.
    pub description: String,
}

/// Input of UpdatePrimaryRegion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdatePrimaryRegionRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `PrimaryRegion`: string, 1 to 32 characters, pattern `^([a-z]+-){2,3}\d+$`; required.
    pub primary_region: String,
}

/// Input of VerifyMac.
#[derive(Debug)]
pub struct VerifyMacRequest {
    /// `Message`: blob, 1 to 4096 bytes, sensitive; required.
    pub message: SecretBytes,
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `MacAlgorithm`: one of its names; required.
    pub mac_algorithm: MacAlgorithmSpec,
    /// `Mac`: blob, 1 to 6144 bytes; required.
    pub mac: Vec<u8>,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of VerifyMac.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct VerifyMacResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `MacValid`: boolean.
    pub mac_valid: Option<bool>,
    /// `MacAlgorithm`: one of its names.
    pub mac_algorithm: Option<MacAlgorithmSpec>,
}

/// Input of Verify.
#[derive(Debug)]
pub struct VerifyRequest {
    /// `KeyId`: string, 1 to 2048 characters; required.
    pub key_id: String,
    /// `Message`: blob, 1 to 4096 bytes, sensitive; required.
    pub message: SecretBytes,
    /// `MessageType`: one of its names.
    pub message_type: Option<MessageType>,
    /// `Signature`: blob, 1 to 6144 bytes; required.
    pub signature: Vec<u8>,
    /// `SigningAlgorithm`: one of its names; required.
    pub signing_algorithm: SigningAlgorithmSpec,
    /// `GrantTokens`: list of `GrantTokenType`, 0 to 10 elements.
    pub grant_tokens: Option<Vec<String>>,
    /// `DryRun`: boolean.
    pub dry_run: Option<bool>,
}

/// Output of Verify.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct VerifyResponse {
    /// `KeyId`: string, 1 to 2048 characters.
    pub key_id: Option<String>,
    /// `SignatureValid`: boolean.
    pub signature_valid: Option<bool>,
    /// `SigningAlgorithm`: one of its names.
    pub signing_algorithm: Option<SigningAlgorithmSpec>,
}

/// The structure `XksKeyConfigurationType` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct XksKeyConfigurationType {
    /// `Id`: string, 1 to 128 characters, pattern `^[a-zA-Z0-9-_.]+$`.
    pub id: Option<String>,
}

/// The structure `XksProxyAuthenticationCredentialType` of the model.
#[derive(Debug, Default)]
pub struct XksProxyAuthenticationCredentialType {
    /// `AccessKeyId`: string, 20 to 30 characters, pattern `^[A-Z2-7]+$`, sensitive; required.
    pub access_key_id: SecretBytes,
    /// `RawSecretAccessKey`: string, 43 to 64 characters, pattern `^[a-zA-Z0-9\/+=]+$`, sensitive; required.
    pub raw_secret_access_key: SecretBytes,
}

/// The structure `XksProxyConfigurationType` of the model.
#[derive(Debug, Default)]
pub struct XksProxyConfigurationType {
    /// `Connectivity`: one of its names.
    pub connectivity: Option<XksProxyConnectivityType>,
    /// `AccessKeyId`: string, 20 to 30 characters, pattern `^[A-Z2-7]+$`, sensitive.
    pub access_key_id: Option<SecretBytes>,
    /// `UriEndpoint`: string, 10 to 128 characters, pattern `^https://[a-zA-Z0-9.-]+$`.
    pub uri_endpoint: Option<String>,
    /// `UriPath`: string, 10 to 128 characters, pattern `^(/[a-zA-Z0-9\/_-]+/kms/xks/v\d{1,2})$|^(/kms/xks/v\d{1,2})$`.
    pub uri_path: Option<String>,
    /// `VpcEndpointServiceName`: string, 20 to 64 characters, pattern `^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$`.
    pub vpc_endpoint_service_name: Option<String>,
    /// `VpcEndpointServiceOwner`: string, 12 to 12 characters, pattern `[0-9]{12}`.
    pub vpc_endpoint_service_owner: Option<String>,
}
