//! What audit records show of inputs and outputs. Generated from `model/kms.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::operations::Operation;
use super::structures::*;
use crate::audit::{self, AuditObject, Audited, Members};

impl Operation {
    /// Whether it is to change nothing: `readOnly` of audit records.
    pub const fn is_read_only(self) -> bool {
        matches!(
            self,
            Self::Decapsulate
                | Self::Decrypt
                | Self::DeriveSharedSecret
                | Self::DescribeCustomKeyStores
                | Self::DescribeKey
                | Self::Encapsulate
                | Self::Encrypt
                | Self::GenerateDataKey
                | Self::GenerateDataKeyPair
                | Self::GenerateDataKeyPairWithoutPlaintext
                | Self::GenerateDataKeyWithoutPlaintext
                | Self::GenerateMac
                | Self::GenerateRandom
                | Self::GetKeyLastUsage
                | Self::GetKeyPolicy
                | Self::GetKeyRotationStatus
                | Self::GetParametersForImport
                | Self::GetPublicKey
                | Self::ListAliases
                | Self::ListGrants
                | Self::ListKeyPolicies
                | Self::ListKeyRotations
                | Self::ListKeys
                | Self::ListResourceTags
                | Self::ListRetirableGrants
                | Self::ReEncrypt
                | Self::Sign
                | Self::Verify
                | Self::VerifyMac
        )
    }
}

impl Members for CancelKeyDeletionRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
    }
}

impl Audited for CancelKeyDeletionRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CancelKeyDeletionResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.key_id {
            object.text("keyId", value);
        }
    }
}

impl Audited for CancelKeyDeletionResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ConnectCustomKeyStoreRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("customKeyStoreId", &self.custom_key_store_id);
    }
}

impl Audited for ConnectCustomKeyStoreRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ConnectCustomKeyStoreResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ConnectCustomKeyStoreResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateAliasRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("aliasName", &self.alias_name);
        object.text("targetKeyId", &self.target_key_id);
    }
}

impl Audited for CreateAliasRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateCustomKeyStoreRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("customKeyStoreName", &self.custom_key_store_name);
        if let Some(value) = &self.cloud_hsm_cluster_id {
            object.text("cloudHsmClusterId", value);
        }
        if let Some(value) = self.custom_key_store_type {
            object.word("customKeyStoreType", value.as_str());
        }
        if let Some(value) = &self.xks_proxy_uri_endpoint {
            object.text("xksProxyUriEndpoint", value);
        }
        if let Some(value) = &self.xks_proxy_uri_path {
            object.text("xksProxyUriPath", value);
        }
        if let Some(value) = &self.xks_proxy_vpc_endpoint_service_name {
            object.text("xksProxyVpcEndpointServiceName", value);
        }
        if let Some(value) = &self.xks_proxy_vpc_endpoint_service_owner {
            object.text("xksProxyVpcEndpointServiceOwner", value);
        }
        if let Some(value) = self.xks_proxy_connectivity {
            object.word("xksProxyConnectivity", value.as_str());
        }
    }
}

impl Audited for CreateCustomKeyStoreRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateCustomKeyStoreResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.custom_key_store_id {
            object.text("customKeyStoreId", value);
        }
    }
}

impl Audited for CreateCustomKeyStoreResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateGrantRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = &self.grantee_principal {
            object.text("granteePrincipal", value);
        }
        if let Some(value) = &self.retiring_principal {
            object.text("retiringPrincipal", value);
        }
        object.names("operations", &self.operations);
        if let Some(value) = &self.constraints {
            object.structure("constraints", value);
        }
        if let Some(value) = &self.name {
            object.text("name", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
        if let Some(value) = &self.grantee_service_principal {
            object.text("granteeServicePrincipal", value);
        }
        if let Some(value) = &self.retiring_service_principal {
            object.text("retiringServicePrincipal", value);
        }
    }
}

impl Audited for CreateGrantRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateGrantResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.grant_id {
            object.text("grantId", value);
        }
    }
}

impl Audited for CreateGrantResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateKeyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.policy {
            object.text("policy", value);
        }
        if let Some(value) = &self.description {
            object.text("description", value);
        }
        if let Some(value) = self.key_usage {
            object.word("keyUsage", value.as_str());
        }
        if let Some(value) = self.customer_master_key_spec {
            object.word("customerMasterKeySpec", value.as_str());
        }
        if let Some(value) = self.key_spec {
            object.word("keySpec", value.as_str());
        }
        if let Some(value) = self.origin {
            object.word("origin", value.as_str());
        }
        if let Some(value) = &self.custom_key_store_id {
            object.text("customKeyStoreId", value);
        }
        if let Some(value) = self.bypass_policy_lockout_safety_check {
            object.boolean("bypassPolicyLockoutSafetyCheck", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
        if let Some(value) = self.multi_region {
            object.boolean("multiRegion", value);
        }
        if let Some(value) = &self.xks_key_id {
            object.text("xksKeyId", value);
        }
    }
}

impl Audited for CreateKeyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateKeyResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.key_metadata {
            object.structure("keyMetadata", value);
        }
    }
}

impl Audited for CreateKeyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DecapsulateRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.word("encapsulationAlgorithm", self.encapsulation_algorithm.as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for DecapsulateRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DecapsulateResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for DecapsulateResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DecryptRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.encryption_context {
            object.text_map("encryptionContext", value);
        }
        if let Some(value) = &self.key_id {
            object.text("keyId", value);
        }
        object.word("encryptionAlgorithm", self.encryption_algorithm.unwrap_or(super::enums::EncryptionAlgorithmSpec::SymmetricDefault).as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
        if let Some(value) = &self.dry_run_modifiers {
            object.names("dryRunModifiers", value);
        }
    }
}

impl Audited for DecryptRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DecryptResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for DecryptResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteAliasRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("aliasName", &self.alias_name);
    }
}

impl Audited for DeleteAliasRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteCustomKeyStoreRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("customKeyStoreId", &self.custom_key_store_id);
    }
}

impl Audited for DeleteCustomKeyStoreRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteCustomKeyStoreResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for DeleteCustomKeyStoreResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteImportedKeyMaterialRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = &self.key_material_id {
            object.text("keyMaterialId", value);
        }
    }
}

impl Audited for DeleteImportedKeyMaterialRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteImportedKeyMaterialResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.key_id {
            object.text("keyId", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("keyMaterialId", value);
        }
    }
}

impl Audited for DeleteImportedKeyMaterialResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeriveSharedSecretRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.word("keyAgreementAlgorithm", self.key_agreement_algorithm.as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for DeriveSharedSecretRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeriveSharedSecretResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for DeriveSharedSecretResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DescribeCustomKeyStoresRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.custom_key_store_id {
            object.text("customKeyStoreId", value);
        }
        if let Some(value) = &self.custom_key_store_name {
            object.text("customKeyStoreName", value);
        }
        if let Some(value) = self.limit {
            object.integer("limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
    }
}

impl Audited for DescribeCustomKeyStoresRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DescribeCustomKeyStoresResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for DescribeCustomKeyStoresResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DescribeKeyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
    }
}

impl Audited for DescribeKeyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DescribeKeyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for DescribeKeyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DisableKeyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
    }
}

impl Audited for DisableKeyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DisableKeyRotationRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
    }
}

impl Audited for DisableKeyRotationRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DisconnectCustomKeyStoreRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("customKeyStoreId", &self.custom_key_store_id);
    }
}

impl Audited for DisconnectCustomKeyStoreRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DisconnectCustomKeyStoreResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for DisconnectCustomKeyStoreResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for EnableKeyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
    }
}

impl Audited for EnableKeyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for EnableKeyRotationRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = self.rotation_period_in_days {
            object.integer("rotationPeriodInDays", value);
        }
    }
}

impl Audited for EnableKeyRotationRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for EncapsulateRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.word("encapsulationAlgorithm", self.encapsulation_algorithm.as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for EncapsulateRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for EncapsulateResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for EncapsulateResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for EncryptRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = &self.encryption_context {
            object.text_map("encryptionContext", value);
        }
        object.word("encryptionAlgorithm", self.encryption_algorithm.unwrap_or(super::enums::EncryptionAlgorithmSpec::SymmetricDefault).as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for EncryptRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for EncryptResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for EncryptResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateDataKeyPairRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.encryption_context {
            object.text_map("encryptionContext", value);
        }
        object.text("keyId", &self.key_id);
        object.word("keyPairSpec", self.key_pair_spec.as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for GenerateDataKeyPairRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateDataKeyPairResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GenerateDataKeyPairResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateDataKeyPairWithoutPlaintextRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.encryption_context {
            object.text_map("encryptionContext", value);
        }
        object.text("keyId", &self.key_id);
        object.word("keyPairSpec", self.key_pair_spec.as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for GenerateDataKeyPairWithoutPlaintextRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateDataKeyPairWithoutPlaintextResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GenerateDataKeyPairWithoutPlaintextResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateDataKeyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = &self.encryption_context {
            object.text_map("encryptionContext", value);
        }
        if let Some(value) = self.number_of_bytes {
            object.integer("numberOfBytes", value);
        }
        if let Some(value) = self.key_spec {
            object.word("keySpec", value.as_str());
        }
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for GenerateDataKeyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateDataKeyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GenerateDataKeyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateDataKeyWithoutPlaintextRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = &self.encryption_context {
            object.text_map("encryptionContext", value);
        }
        if let Some(value) = self.key_spec {
            object.word("keySpec", value.as_str());
        }
        if let Some(value) = self.number_of_bytes {
            object.integer("numberOfBytes", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for GenerateDataKeyWithoutPlaintextRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateDataKeyWithoutPlaintextResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GenerateDataKeyWithoutPlaintextResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateMacRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.word("macAlgorithm", self.mac_algorithm.as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for GenerateMacRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateMacResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GenerateMacResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateRandomRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.number_of_bytes {
            object.integer("numberOfBytes", value);
        }
        if let Some(value) = &self.custom_key_store_id {
            object.text("customKeyStoreId", value);
        }
    }
}

impl Audited for GenerateRandomRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GenerateRandomResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GenerateRandomResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetKeyLastUsageRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
    }
}

impl Audited for GetKeyLastUsageRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetKeyLastUsageResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetKeyLastUsageResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetKeyPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = &self.policy_name {
            object.text("policyName", value);
        }
    }
}

impl Audited for GetKeyPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetKeyPolicyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetKeyPolicyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetKeyRotationStatusRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
    }
}

impl Audited for GetKeyRotationStatusRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetKeyRotationStatusResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetKeyRotationStatusResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetParametersForImportRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.word("wrappingAlgorithm", self.wrapping_algorithm.as_str());
        object.word("wrappingKeySpec", self.wrapping_key_spec.as_str());
    }
}

impl Audited for GetParametersForImportRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetParametersForImportResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetParametersForImportResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetPublicKeyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
    }
}

impl Audited for GetPublicKeyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetPublicKeyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetPublicKeyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GrantConstraints {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.encryption_context_subset {
            object.text_map("encryptionContextSubset", value);
        }
        if let Some(value) = &self.encryption_context_equals {
            object.text_map("encryptionContextEquals", value);
        }
        if let Some(value) = &self.source_arn {
            object.text("sourceArn", value);
        }
    }
}

impl Members for ImportKeyMaterialRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = self.valid_to {
            object.moment("validTo", value);
        }
        if let Some(value) = self.expiration_model {
            object.word("expirationModel", value.as_str());
        }
        if let Some(value) = self.import_type {
            object.word("importType", value.as_str());
        }
        if let Some(value) = &self.key_material_description {
            object.text("keyMaterialDescription", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("keyMaterialId", value);
        }
    }
}

impl Audited for ImportKeyMaterialRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ImportKeyMaterialResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.key_id {
            object.text("keyId", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("keyMaterialId", value);
        }
    }
}

impl Audited for ImportKeyMaterialResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for KeyMetadata {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.aws_account_id {
            object.text("aWSAccountId", value);
        }
        object.text("keyId", &self.key_id);
        if let Some(value) = &self.arn {
            object.text("arn", value);
        }
        if let Some(value) = self.creation_date {
            object.moment("creationDate", value);
        }
        if let Some(value) = self.enabled {
            object.boolean("enabled", value);
        }
        if let Some(value) = &self.description {
            object.text("description", value);
        }
        if let Some(value) = self.key_usage {
            object.word("keyUsage", value.as_str());
        }
        if let Some(value) = self.key_state {
            object.word("keyState", value.as_str());
        }
        if let Some(value) = self.deletion_date {
            object.moment("deletionDate", value);
        }
        if let Some(value) = self.valid_to {
            object.moment("validTo", value);
        }
        if let Some(value) = self.origin {
            object.word("origin", value.as_str());
        }
        if let Some(value) = &self.custom_key_store_id {
            object.text("customKeyStoreId", value);
        }
        if let Some(value) = &self.cloud_hsm_cluster_id {
            object.text("cloudHsmClusterId", value);
        }
        if let Some(value) = self.expiration_model {
            object.word("expirationModel", value.as_str());
        }
        if let Some(value) = self.key_manager {
            object.word("keyManager", value.as_str());
        }
        if let Some(value) = self.customer_master_key_spec {
            object.word("customerMasterKeySpec", value.as_str());
        }
        if let Some(value) = self.key_spec {
            object.word("keySpec", value.as_str());
        }
        if let Some(value) = &self.encryption_algorithms {
            object.names("encryptionAlgorithms", value);
        }
        if let Some(value) = &self.signing_algorithms {
            object.names("signingAlgorithms", value);
        }
        if let Some(value) = &self.key_agreement_algorithms {
            object.names("keyAgreementAlgorithms", value);
        }
        if let Some(value) = &self.encapsulation_algorithms {
            object.names("encapsulationAlgorithms", value);
        }
        if let Some(value) = self.multi_region {
            object.boolean("multiRegion", value);
        }
        if let Some(value) = &self.multi_region_configuration {
            object.structure("multiRegionConfiguration", value);
        }
        if let Some(value) = self.pending_deletion_window_in_days {
            object.integer("pendingDeletionWindowInDays", value);
        }
        if let Some(value) = &self.mac_algorithms {
            object.names("macAlgorithms", value);
        }
        if let Some(value) = &self.xks_key_configuration {
            object.structure("xksKeyConfiguration", value);
        }
        if let Some(value) = &self.current_key_material_id {
            object.text("currentKeyMaterialId", value);
        }
    }
}

impl Members for ListAliasesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.key_id {
            object.text("keyId", value);
        }
        if let Some(value) = self.limit {
            object.integer("limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
    }
}

impl Audited for ListAliasesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListAliasesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListAliasesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListGrantsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.limit {
            object.integer("limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        object.text("keyId", &self.key_id);
        if let Some(value) = &self.grant_id {
            object.text("grantId", value);
        }
        if let Some(value) = &self.grantee_principal {
            object.text("granteePrincipal", value);
        }
        if let Some(value) = &self.grantee_service_principal {
            object.text("granteeServicePrincipal", value);
        }
    }
}

impl Audited for ListGrantsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListGrantsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListGrantsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListKeyPoliciesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = self.limit {
            object.integer("limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
    }
}

impl Audited for ListKeyPoliciesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListKeyPoliciesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListKeyPoliciesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListKeyRotationsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = self.include_key_material {
            object.word("includeKeyMaterial", value.as_str());
        }
        if let Some(value) = self.limit {
            object.integer("limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
    }
}

impl Audited for ListKeyRotationsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListKeyRotationsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListKeyRotationsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListKeysRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.limit {
            object.integer("limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = &self.resource_owners {
            object.names("resourceOwners", value);
        }
    }
}

impl Audited for ListKeysRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListKeysResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListKeysResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListResourceTagsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = self.limit {
            object.integer("limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
    }
}

impl Audited for ListResourceTagsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListResourceTagsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListResourceTagsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListRetirableGrantsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.limit {
            object.integer("limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = &self.retiring_principal {
            object.text("retiringPrincipal", value);
        }
        if let Some(value) = &self.retiring_service_principal {
            object.text("retiringServicePrincipal", value);
        }
    }
}

impl Audited for ListRetirableGrantsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for MultiRegionConfiguration {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.multi_region_key_type {
            object.word("multiRegionKeyType", value.as_str());
        }
        if let Some(value) = &self.primary_key {
            object.structure("primaryKey", value);
        }
        if let Some(value) = &self.replica_keys {
            object.structures("replicaKeys", value);
        }
    }
}

impl Members for MultiRegionKey {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.arn {
            object.text("arn", value);
        }
        if let Some(value) = &self.region {
            object.text("region", value);
        }
    }
}

impl Members for PutKeyPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = &self.policy_name {
            object.text("policyName", value);
        }
        object.text("policy", &self.policy);
        if let Some(value) = self.bypass_policy_lockout_safety_check {
            object.boolean("bypassPolicyLockoutSafetyCheck", value);
        }
    }
}

impl Audited for PutKeyPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ReEncryptRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.source_encryption_context {
            object.text_map("sourceEncryptionContext", value);
        }
        if let Some(value) = &self.source_key_id {
            object.text("sourceKeyId", value);
        }
        object.text("destinationKeyId", &self.destination_key_id);
        if let Some(value) = &self.destination_encryption_context {
            object.text_map("destinationEncryptionContext", value);
        }
        object.word("sourceEncryptionAlgorithm", self.source_encryption_algorithm.unwrap_or(super::enums::EncryptionAlgorithmSpec::SymmetricDefault).as_str());
        object.word("destinationEncryptionAlgorithm", self.destination_encryption_algorithm.unwrap_or(super::enums::EncryptionAlgorithmSpec::SymmetricDefault).as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
        if let Some(value) = &self.dry_run_modifiers {
            object.names("dryRunModifiers", value);
        }
    }
}

impl Audited for ReEncryptRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ReEncryptResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ReEncryptResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ReplicateKeyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.text("replicaRegion", &self.replica_region);
        if let Some(value) = &self.policy {
            object.text("policy", value);
        }
        if let Some(value) = self.bypass_policy_lockout_safety_check {
            object.boolean("bypassPolicyLockoutSafetyCheck", value);
        }
        if let Some(value) = &self.description {
            object.text("description", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
    }
}

impl Audited for ReplicateKeyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ReplicateKeyResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.replica_key_metadata {
            object.structure("replicaKeyMetadata", value);
        }
        if let Some(value) = &self.replica_policy {
            object.text("replicaPolicy", value);
        }
        if let Some(value) = &self.replica_tags {
            object.structures("replicaTags", value);
        }
    }
}

impl Audited for ReplicateKeyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for RetireGrantRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.key_id {
            object.text("keyId", value);
        }
        if let Some(value) = &self.grant_id {
            object.text("grantId", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for RetireGrantRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for RevokeGrantRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.text("grantId", &self.grant_id);
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for RevokeGrantRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for RotateKeyOnDemandRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
    }
}

impl Audited for RotateKeyOnDemandRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for RotateKeyOnDemandResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.key_id {
            object.text("keyId", value);
        }
    }
}

impl Audited for RotateKeyOnDemandResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ScheduleKeyDeletionRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = self.pending_window_in_days {
            object.integer("pendingWindowInDays", value);
        }
    }
}

impl Audited for ScheduleKeyDeletionRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ScheduleKeyDeletionResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.key_id {
            object.text("keyId", value);
        }
        if let Some(value) = self.deletion_date {
            object.moment("deletionDate", value);
        }
        if let Some(value) = self.key_state {
            object.word("keyState", value.as_str());
        }
        if let Some(value) = self.pending_window_in_days {
            object.integer("pendingWindowInDays", value);
        }
    }
}

impl Audited for ScheduleKeyDeletionResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for SignRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = self.message_type {
            object.word("messageType", value.as_str());
        }
        object.word("signingAlgorithm", self.signing_algorithm.as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for SignRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for SignResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for SignResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for Tag {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("tagKey", &self.tag_key);
        object.text("tagValue", &self.tag_value);
    }
}

impl Members for TagResourceRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.structures("tags", &self.tags);
    }
}

impl Audited for TagResourceRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UntagResourceRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.texts("tagKeys", &self.tag_keys);
    }
}

impl Audited for UntagResourceRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateAliasRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("aliasName", &self.alias_name);
        object.text("targetKeyId", &self.target_key_id);
    }
}

impl Audited for UpdateAliasRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateCustomKeyStoreRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("customKeyStoreId", &self.custom_key_store_id);
        if let Some(value) = &self.new_custom_key_store_name {
            object.text("newCustomKeyStoreName", value);
        }
        if let Some(value) = &self.cloud_hsm_cluster_id {
            object.text("cloudHsmClusterId", value);
        }
        if let Some(value) = &self.xks_proxy_uri_endpoint {
            object.text("xksProxyUriEndpoint", value);
        }
        if let Some(value) = &self.xks_proxy_uri_path {
            object.text("xksProxyUriPath", value);
        }
        if let Some(value) = &self.xks_proxy_vpc_endpoint_service_name {
            object.text("xksProxyVpcEndpointServiceName", value);
        }
        if let Some(value) = &self.xks_proxy_vpc_endpoint_service_owner {
            object.text("xksProxyVpcEndpointServiceOwner", value);
        }
        if let Some(value) = self.xks_proxy_connectivity {
            object.word("xksProxyConnectivity", value.as_str());
        }
    }
}

impl Audited for UpdateCustomKeyStoreRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateCustomKeyStoreResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for UpdateCustomKeyStoreResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateKeyDescriptionRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.text("description", &self.description);
    }
}

impl Audited for UpdateKeyDescriptionRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdatePrimaryRegionRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.text("primaryRegion", &self.primary_region);
    }
}

impl Audited for UpdatePrimaryRegionRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for VerifyMacRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        object.word("macAlgorithm", self.mac_algorithm.as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for VerifyMacRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for VerifyMacResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for VerifyMacResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for VerifyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("keyId", &self.key_id);
        if let Some(value) = self.message_type {
            object.word("messageType", value.as_str());
        }
        object.word("signingAlgorithm", self.signing_algorithm.as_str());
        if let Some(value) = self.dry_run {
            object.boolean("dryRun", value);
        }
    }
}

impl Audited for VerifyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for VerifyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for VerifyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for XksKeyConfigurationType {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.id {
            object.text("id", value);
        }
    }
}
