//! Reading inputs and writing structures. Generated from `model/kms.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::{limits::*, operations::Operation, structures::*};
use crate::json::{self, Decode, Encode, Fault, Object, ObjectWriter, Reader, Sink};
use crate::message::{DecodeError, Input, Output};
use crate::validate::Path;

impl Input for CancelKeyDeletionRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CancelKeyDeletion;
    const HOLDS_SECRETS: bool = false;
    type Output = CancelKeyDeletionResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ConnectCustomKeyStoreRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ConnectCustomKeyStore;
    const HOLDS_SECRETS: bool = false;
    type Output = ConnectCustomKeyStoreResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for CreateAliasRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateAlias;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for CreateCustomKeyStoreRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateCustomKeyStore;
    const HOLDS_SECRETS: bool = true;
    type Output = CreateCustomKeyStoreResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for CreateGrantRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateGrant;
    const HOLDS_SECRETS: bool = false;
    type Output = CreateGrantResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for CreateKeyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateKey;
    const HOLDS_SECRETS: bool = false;
    type Output = CreateKeyResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DecapsulateRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::Decapsulate;
    const HOLDS_SECRETS: bool = false;
    type Output = DecapsulateResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DecryptRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::Decrypt;
    const HOLDS_SECRETS: bool = false;
    type Output = DecryptResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DeleteAliasRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteAlias;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DeleteCustomKeyStoreRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteCustomKeyStore;
    const HOLDS_SECRETS: bool = false;
    type Output = DeleteCustomKeyStoreResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DeleteImportedKeyMaterialRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteImportedKeyMaterial;
    const HOLDS_SECRETS: bool = false;
    type Output = DeleteImportedKeyMaterialResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DeriveSharedSecretRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeriveSharedSecret;
    const HOLDS_SECRETS: bool = false;
    type Output = DeriveSharedSecretResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DescribeCustomKeyStoresRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DescribeCustomKeyStores;
    const HOLDS_SECRETS: bool = false;
    type Output = DescribeCustomKeyStoresResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DescribeKeyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DescribeKey;
    const HOLDS_SECRETS: bool = false;
    type Output = DescribeKeyResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DisableKeyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DisableKey;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DisableKeyRotationRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DisableKeyRotation;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for DisconnectCustomKeyStoreRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DisconnectCustomKeyStore;
    const HOLDS_SECRETS: bool = false;
    type Output = DisconnectCustomKeyStoreResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for EnableKeyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::EnableKey;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for EnableKeyRotationRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::EnableKeyRotation;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for EncapsulateRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::Encapsulate;
    const HOLDS_SECRETS: bool = false;
    type Output = EncapsulateResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for EncryptRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::Encrypt;
    const HOLDS_SECRETS: bool = true;
    type Output = EncryptResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GenerateDataKeyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GenerateDataKey;
    const HOLDS_SECRETS: bool = false;
    type Output = GenerateDataKeyResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GenerateDataKeyPairRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GenerateDataKeyPair;
    const HOLDS_SECRETS: bool = false;
    type Output = GenerateDataKeyPairResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GenerateDataKeyPairWithoutPlaintextRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GenerateDataKeyPairWithoutPlaintext;
    const HOLDS_SECRETS: bool = false;
    type Output = GenerateDataKeyPairWithoutPlaintextResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GenerateDataKeyWithoutPlaintextRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GenerateDataKeyWithoutPlaintext;
    const HOLDS_SECRETS: bool = false;
    type Output = GenerateDataKeyWithoutPlaintextResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GenerateMacRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GenerateMac;
    const HOLDS_SECRETS: bool = true;
    type Output = GenerateMacResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GenerateRandomRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GenerateRandom;
    const HOLDS_SECRETS: bool = false;
    type Output = GenerateRandomResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GetKeyLastUsageRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetKeyLastUsage;
    const HOLDS_SECRETS: bool = false;
    type Output = GetKeyLastUsageResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GetKeyPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetKeyPolicy;
    const HOLDS_SECRETS: bool = false;
    type Output = GetKeyPolicyResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GetKeyRotationStatusRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetKeyRotationStatus;
    const HOLDS_SECRETS: bool = false;
    type Output = GetKeyRotationStatusResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GetParametersForImportRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetParametersForImport;
    const HOLDS_SECRETS: bool = false;
    type Output = GetParametersForImportResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GetPublicKeyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetPublicKey;
    const HOLDS_SECRETS: bool = false;
    type Output = GetPublicKeyResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ImportKeyMaterialRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ImportKeyMaterial;
    const HOLDS_SECRETS: bool = false;
    type Output = ImportKeyMaterialResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ListAliasesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListAliases;
    const HOLDS_SECRETS: bool = false;
    type Output = ListAliasesResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ListGrantsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListGrants;
    const HOLDS_SECRETS: bool = false;
    type Output = ListGrantsResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ListKeyPoliciesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListKeyPolicies;
    const HOLDS_SECRETS: bool = false;
    type Output = ListKeyPoliciesResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ListKeyRotationsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListKeyRotations;
    const HOLDS_SECRETS: bool = false;
    type Output = ListKeyRotationsResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ListKeysRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListKeys;
    const HOLDS_SECRETS: bool = false;
    type Output = ListKeysResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ListResourceTagsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListResourceTags;
    const HOLDS_SECRETS: bool = false;
    type Output = ListResourceTagsResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ListRetirableGrantsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListRetirableGrants;
    const HOLDS_SECRETS: bool = false;
    type Output = ListGrantsResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for PutKeyPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::PutKeyPolicy;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ReEncryptRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ReEncrypt;
    const HOLDS_SECRETS: bool = false;
    type Output = ReEncryptResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ReplicateKeyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ReplicateKey;
    const HOLDS_SECRETS: bool = false;
    type Output = ReplicateKeyResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for RetireGrantRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::RetireGrant;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for RevokeGrantRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::RevokeGrant;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for RotateKeyOnDemandRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::RotateKeyOnDemand;
    const HOLDS_SECRETS: bool = false;
    type Output = RotateKeyOnDemandResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ScheduleKeyDeletionRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ScheduleKeyDeletion;
    const HOLDS_SECRETS: bool = false;
    type Output = ScheduleKeyDeletionResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for SignRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::Sign;
    const HOLDS_SECRETS: bool = true;
    type Output = SignResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for TagResourceRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::TagResource;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for UntagResourceRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UntagResource;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for UpdateAliasRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdateAlias;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for UpdateCustomKeyStoreRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdateCustomKeyStore;
    const HOLDS_SECRETS: bool = true;
    type Output = UpdateCustomKeyStoreResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for UpdateKeyDescriptionRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdateKeyDescription;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for UpdatePrimaryRegionRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdatePrimaryRegion;
    const HOLDS_SECRETS: bool = false;
    type Output = ();

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for VerifyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::Verify;
    const HOLDS_SECRETS: bool = true;
    type Output = VerifyResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for VerifyMacRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::VerifyMac;
    const HOLDS_SECRETS: bool = true;
    type Output = VerifyMacResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for AliasListEntry {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.alias_name {
            object.text("AliasName", value);
        }
        if let Some(value) = &self.alias_arn {
            object.text("AliasArn", value);
        }
        if let Some(value) = &self.target_key_id {
            object.text("TargetKeyId", value);
        }
        if let Some(value) = self.creation_date {
            object.timestamp("CreationDate", value);
        }
        if let Some(value) = self.last_updated_date {
            object.timestamp("LastUpdatedDate", value);
        }
        object.close();
    }
}

impl Decode for CancelKeyDeletionRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id }))
    }
}

impl Encode for CancelKeyDeletionRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.close();
    }
}

impl Output for CancelKeyDeletionResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for CancelKeyDeletionResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        object.close();
    }
}

impl Decode for ConnectCustomKeyStoreRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut custom_key_store_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "CustomKeyStoreId" => custom_key_store_id = object.member(0, "CustomKeyStoreId", |r, at| r.text(at, &CUSTOM_KEY_STORE_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "CustomKeyStoreId");
        let Some(custom_key_store_id) = custom_key_store_id else { return Ok(None) };
        Ok(Some(Self { custom_key_store_id }))
    }
}

impl Encode for ConnectCustomKeyStoreRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("CustomKeyStoreId", &self.custom_key_store_id);
        object.close();
    }
}

impl Output for ConnectCustomKeyStoreResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ConnectCustomKeyStoreResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let object = ObjectWriter::open(sink);
        object.close();
    }
}

impl Decode for CreateAliasRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut alias_name = None;
        let mut target_key_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "AliasName" => alias_name = object.member(0, "AliasName", |r, at| r.text(at, &ALIAS_NAME_TYPE))?,
                "TargetKeyId" => target_key_id = object.member(1, "TargetKeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "AliasName");
        object.require(1, "TargetKeyId");
        let Some(alias_name) = alias_name else { return Ok(None) };
        let Some(target_key_id) = target_key_id else { return Ok(None) };
        Ok(Some(Self { alias_name, target_key_id }))
    }
}

impl Encode for CreateAliasRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("AliasName", &self.alias_name);
        object.text("TargetKeyId", &self.target_key_id);
        object.close();
    }
}

impl Decode for CreateCustomKeyStoreRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut custom_key_store_name = None;
        let mut cloud_hsm_cluster_id = None;
        let mut trust_anchor_certificate = None;
        let mut key_store_password = None;
        let mut custom_key_store_type = None;
        let mut xks_proxy_uri_endpoint = None;
        let mut xks_proxy_uri_path = None;
        let mut xks_proxy_vpc_endpoint_service_name = None;
        let mut xks_proxy_vpc_endpoint_service_owner = None;
        let mut xks_proxy_authentication_credential = None;
        let mut xks_proxy_connectivity = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "CustomKeyStoreName" => custom_key_store_name = object.member(0, "CustomKeyStoreName", |r, at| r.text(at, &CUSTOM_KEY_STORE_NAME_TYPE))?,
                "CloudHsmClusterId" => cloud_hsm_cluster_id = object.member(1, "CloudHsmClusterId", |r, at| r.text(at, &CLOUD_HSM_CLUSTER_ID_TYPE))?,
                "TrustAnchorCertificate" => trust_anchor_certificate = object.member(2, "TrustAnchorCertificate", |r, at| r.text(at, &TRUST_ANCHOR_CERTIFICATE_TYPE))?,
                "KeyStorePassword" => key_store_password = object.member(3, "KeyStorePassword", |r, at| r.secret_text(at, &KEY_STORE_PASSWORD_TYPE))?,
                "CustomKeyStoreType" => custom_key_store_type = object.member(4, "CustomKeyStoreType", |r, at| r.name(at))?,
                "XksProxyUriEndpoint" => xks_proxy_uri_endpoint = object.member(5, "XksProxyUriEndpoint", |r, at| r.text(at, &XKS_PROXY_URI_ENDPOINT_TYPE))?,
                "XksProxyUriPath" => xks_proxy_uri_path = object.member(6, "XksProxyUriPath", |r, at| r.text(at, &XKS_PROXY_URI_PATH_TYPE))?,
                "XksProxyVpcEndpointServiceName" => xks_proxy_vpc_endpoint_service_name = object.member(7, "XksProxyVpcEndpointServiceName", |r, at| r.text(at, &XKS_PROXY_VPC_ENDPOINT_SERVICE_NAME_TYPE))?,
                "XksProxyVpcEndpointServiceOwner" => xks_proxy_vpc_endpoint_service_owner = object.member(8, "XksProxyVpcEndpointServiceOwner", |r, at| r.text(at, &ACCOUNT_ID_TYPE))?,
                "XksProxyAuthenticationCredential" => xks_proxy_authentication_credential = object.member(9, "XksProxyAuthenticationCredential", |r, at| r.structure(at))?,
                "XksProxyConnectivity" => xks_proxy_connectivity = object.member(10, "XksProxyConnectivity", |r, at| r.name(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "CustomKeyStoreName");
        let Some(custom_key_store_name) = custom_key_store_name else { return Ok(None) };
        Ok(Some(Self { custom_key_store_name, cloud_hsm_cluster_id, trust_anchor_certificate, key_store_password, custom_key_store_type, xks_proxy_uri_endpoint, xks_proxy_uri_path, xks_proxy_vpc_endpoint_service_name, xks_proxy_vpc_endpoint_service_owner, xks_proxy_authentication_credential, xks_proxy_connectivity }))
    }
}

impl Encode for CreateCustomKeyStoreRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("CustomKeyStoreName", &self.custom_key_store_name);
        if let Some(value) = &self.cloud_hsm_cluster_id {
            object.text("CloudHsmClusterId", value);
        }
        if let Some(value) = &self.trust_anchor_certificate {
            object.text("TrustAnchorCertificate", value);
        }
        if let Some(value) = &self.key_store_password {
            object.secret_text("KeyStorePassword", value);
        }
        if let Some(value) = self.custom_key_store_type {
            object.word("CustomKeyStoreType", value.as_str());
        }
        if let Some(value) = &self.xks_proxy_uri_endpoint {
            object.text("XksProxyUriEndpoint", value);
        }
        if let Some(value) = &self.xks_proxy_uri_path {
            object.text("XksProxyUriPath", value);
        }
        if let Some(value) = &self.xks_proxy_vpc_endpoint_service_name {
            object.text("XksProxyVpcEndpointServiceName", value);
        }
        if let Some(value) = &self.xks_proxy_vpc_endpoint_service_owner {
            object.text("XksProxyVpcEndpointServiceOwner", value);
        }
        if let Some(value) = &self.xks_proxy_authentication_credential {
            object.structure("XksProxyAuthenticationCredential", value);
        }
        if let Some(value) = self.xks_proxy_connectivity {
            object.word("XksProxyConnectivity", value.as_str());
        }
        object.close();
    }
}

impl Output for CreateCustomKeyStoreResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for CreateCustomKeyStoreResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.custom_key_store_id {
            object.text("CustomKeyStoreId", value);
        }
        object.close();
    }
}

impl Decode for CreateGrantRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut grantee_principal = None;
        let mut retiring_principal = None;
        let mut operations = None;
        let mut constraints = None;
        let mut grant_tokens = None;
        let mut name_ = None;
        let mut dry_run = None;
        let mut grantee_service_principal = None;
        let mut retiring_service_principal = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "GranteePrincipal" => grantee_principal = object.member(1, "GranteePrincipal", |r, at| r.text(at, &PRINCIPAL_ID_TYPE))?,
                "RetiringPrincipal" => retiring_principal = object.member(2, "RetiringPrincipal", |r, at| r.text(at, &PRINCIPAL_ID_TYPE))?,
                "Operations" => operations = object.member(3, "Operations", |r, at| r.names(at, &GRANT_OPERATION_LIST))?,
                "Constraints" => constraints = object.member(4, "Constraints", |r, at| r.structure(at))?,
                "GrantTokens" => grant_tokens = object.member(5, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "Name" => name_ = object.member(6, "Name", |r, at| r.text(at, &GRANT_NAME_TYPE))?,
                "DryRun" => dry_run = object.member(7, "DryRun", |r, at| r.boolean(at))?,
                "GranteeServicePrincipal" => grantee_service_principal = object.member(8, "GranteeServicePrincipal", |r, at| r.text(at, &SERVICE_PRINCIPAL_TYPE))?,
                "RetiringServicePrincipal" => retiring_service_principal = object.member(9, "RetiringServicePrincipal", |r, at| r.text(at, &SERVICE_PRINCIPAL_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(3, "Operations");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(operations) = operations else { return Ok(None) };
        Ok(Some(Self { key_id, grantee_principal, retiring_principal, operations, constraints, grant_tokens, name: name_, dry_run, grantee_service_principal, retiring_service_principal }))
    }
}

impl Encode for CreateGrantRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = &self.grantee_principal {
            object.text("GranteePrincipal", value);
        }
        if let Some(value) = &self.retiring_principal {
            object.text("RetiringPrincipal", value);
        }
        object.names("Operations", &self.operations);
        if let Some(value) = &self.constraints {
            object.structure("Constraints", value);
        }
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = &self.name {
            object.text("Name", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        if let Some(value) = &self.grantee_service_principal {
            object.text("GranteeServicePrincipal", value);
        }
        if let Some(value) = &self.retiring_service_principal {
            object.text("RetiringServicePrincipal", value);
        }
        object.close();
    }
}

impl Output for CreateGrantResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for CreateGrantResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.grant_token {
            object.text("GrantToken", value);
        }
        if let Some(value) = &self.grant_id {
            object.text("GrantId", value);
        }
        object.close();
    }
}

impl Decode for CreateKeyRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut policy = None;
        let mut description = None;
        let mut key_usage = None;
        let mut customer_master_key_spec = None;
        let mut key_spec = None;
        let mut origin = None;
        let mut custom_key_store_id = None;
        let mut bypass_policy_lockout_safety_check = None;
        let mut tags = None;
        let mut multi_region = None;
        let mut xks_key_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "Policy" => policy = object.member(0, "Policy", |r, at| r.text(at, &POLICY_TYPE))?,
                "Description" => description = object.member(1, "Description", |r, at| r.text(at, &DESCRIPTION_TYPE))?,
                "KeyUsage" => key_usage = object.member(2, "KeyUsage", |r, at| r.name(at))?,
                "CustomerMasterKeySpec" => customer_master_key_spec = object.member(3, "CustomerMasterKeySpec", |r, at| r.name(at))?,
                "KeySpec" => key_spec = object.member(4, "KeySpec", |r, at| r.name(at))?,
                "Origin" => origin = object.member(5, "Origin", |r, at| r.name(at))?,
                "CustomKeyStoreId" => custom_key_store_id = object.member(6, "CustomKeyStoreId", |r, at| r.text(at, &CUSTOM_KEY_STORE_ID_TYPE))?,
                "BypassPolicyLockoutSafetyCheck" => bypass_policy_lockout_safety_check = object.member(7, "BypassPolicyLockoutSafetyCheck", |r, at| r.boolean(at))?,
                "Tags" => tags = object.member(8, "Tags", |r, at| r.structures(at, &TAG_LIST))?,
                "MultiRegion" => multi_region = object.member(9, "MultiRegion", |r, at| r.boolean(at))?,
                "XksKeyId" => xks_key_id = object.member(10, "XksKeyId", |r, at| r.text(at, &XKS_KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { policy, description, key_usage, customer_master_key_spec, key_spec, origin, custom_key_store_id, bypass_policy_lockout_safety_check, tags, multi_region, xks_key_id }))
    }
}

impl Encode for CreateKeyRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.policy {
            object.text("Policy", value);
        }
        if let Some(value) = &self.description {
            object.text("Description", value);
        }
        if let Some(value) = self.key_usage {
            object.word("KeyUsage", value.as_str());
        }
        if let Some(value) = self.customer_master_key_spec {
            object.word("CustomerMasterKeySpec", value.as_str());
        }
        if let Some(value) = self.key_spec {
            object.word("KeySpec", value.as_str());
        }
        if let Some(value) = self.origin {
            object.word("Origin", value.as_str());
        }
        if let Some(value) = &self.custom_key_store_id {
            object.text("CustomKeyStoreId", value);
        }
        if let Some(value) = self.bypass_policy_lockout_safety_check {
            object.boolean("BypassPolicyLockoutSafetyCheck", value);
        }
        if let Some(value) = &self.tags {
            object.structures("Tags", value);
        }
        if let Some(value) = self.multi_region {
            object.boolean("MultiRegion", value);
        }
        if let Some(value) = &self.xks_key_id {
            object.text("XksKeyId", value);
        }
        object.close();
    }
}

impl Output for CreateKeyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for CreateKeyResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_metadata {
            object.structure("KeyMetadata", value);
        }
        object.close();
    }
}

impl Encode for CustomKeyStoresListEntry {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.custom_key_store_id {
            object.text("CustomKeyStoreId", value);
        }
        if let Some(value) = &self.custom_key_store_name {
            object.text("CustomKeyStoreName", value);
        }
        if let Some(value) = &self.cloud_hsm_cluster_id {
            object.text("CloudHsmClusterId", value);
        }
        if let Some(value) = &self.trust_anchor_certificate {
            object.text("TrustAnchorCertificate", value);
        }
        if let Some(value) = self.connection_state {
            object.word("ConnectionState", value.as_str());
        }
        if let Some(value) = self.connection_error_code {
            object.word("ConnectionErrorCode", value.as_str());
        }
        if let Some(value) = self.creation_date {
            object.timestamp("CreationDate", value);
        }
        if let Some(value) = self.custom_key_store_type {
            object.word("CustomKeyStoreType", value.as_str());
        }
        if let Some(value) = &self.xks_proxy_configuration {
            object.structure("XksProxyConfiguration", value);
        }
        object.close();
    }
}

impl Decode for DecapsulateRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut shared_secret_ciphertext_blob = None;
        let mut encapsulation_algorithm = None;
        let mut grant_tokens = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "SharedSecretCiphertextBlob" => shared_secret_ciphertext_blob = object.member(1, "SharedSecretCiphertextBlob", |r, at| r.blob(at, &CIPHERTEXT_TYPE))?,
                "EncapsulationAlgorithm" => encapsulation_algorithm = object.member(2, "EncapsulationAlgorithm", |r, at| r.name(at))?,
                "GrantTokens" => grant_tokens = object.member(3, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "DryRun" => dry_run = object.member(4, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "SharedSecretCiphertextBlob");
        object.require(2, "EncapsulationAlgorithm");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(shared_secret_ciphertext_blob) = shared_secret_ciphertext_blob else { return Ok(None) };
        let Some(encapsulation_algorithm) = encapsulation_algorithm else { return Ok(None) };
        Ok(Some(Self { key_id, shared_secret_ciphertext_blob, encapsulation_algorithm, grant_tokens, dry_run }))
    }
}

impl Encode for DecapsulateRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.blob("SharedSecretCiphertextBlob", &self.shared_secret_ciphertext_blob);
        object.word("EncapsulationAlgorithm", self.encapsulation_algorithm.as_str());
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for DecapsulateResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for DecapsulateResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.shared_secret {
            object.secret_blob("SharedSecret", value);
        }
        if let Some(value) = self.encapsulation_algorithm {
            object.word("EncapsulationAlgorithm", value.as_str());
        }
        object.close();
    }
}

impl Decode for DecryptRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut ciphertext_blob = None;
        let mut encryption_context = None;
        let mut grant_tokens = None;
        let mut key_id = None;
        let mut encryption_algorithm = None;
        let mut recipient = None;
        let mut dry_run = None;
        let mut dry_run_modifiers = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "CiphertextBlob" => ciphertext_blob = object.member(0, "CiphertextBlob", |r, at| r.blob(at, &CIPHERTEXT_TYPE))?,
                "EncryptionContext" => encryption_context = object.member(1, "EncryptionContext", |r, at| r.text_map(at))?,
                "GrantTokens" => grant_tokens = object.member(2, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "KeyId" => key_id = object.member(3, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "EncryptionAlgorithm" => encryption_algorithm = object.member(4, "EncryptionAlgorithm", |r, at| r.name(at))?,
                "Recipient" => recipient = object.member(5, "Recipient", |r, at| r.structure(at))?,
                "DryRun" => dry_run = object.member(6, "DryRun", |r, at| r.boolean(at))?,
                "DryRunModifiers" => dry_run_modifiers = object.member(7, "DryRunModifiers", |r, at| r.names(at, &DRY_RUN_MODIFIER_LIST))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { ciphertext_blob, encryption_context, grant_tokens, key_id, encryption_algorithm, recipient, dry_run, dry_run_modifiers }))
    }
}

impl Encode for DecryptRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.ciphertext_blob {
            object.blob("CiphertextBlob", value);
        }
        if let Some(value) = &self.encryption_context {
            object.text_map("EncryptionContext", value);
        }
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = self.encryption_algorithm {
            object.word("EncryptionAlgorithm", value.as_str());
        }
        if let Some(value) = &self.recipient {
            object.structure("Recipient", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        if let Some(value) = &self.dry_run_modifiers {
            object.names("DryRunModifiers", value);
        }
        object.close();
    }
}

impl Output for DecryptResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for DecryptResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.plaintext {
            object.secret_blob("Plaintext", value);
        }
        if let Some(value) = self.encryption_algorithm {
            object.word("EncryptionAlgorithm", value.as_str());
        }
        if let Some(value) = &self.ciphertext_for_recipient {
            object.blob("CiphertextForRecipient", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("KeyMaterialId", value);
        }
        object.close();
    }
}

impl Decode for DeleteAliasRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut alias_name = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "AliasName" => alias_name = object.member(0, "AliasName", |r, at| r.text(at, &ALIAS_NAME_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "AliasName");
        let Some(alias_name) = alias_name else { return Ok(None) };
        Ok(Some(Self { alias_name }))
    }
}

impl Encode for DeleteAliasRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("AliasName", &self.alias_name);
        object.close();
    }
}

impl Decode for DeleteCustomKeyStoreRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut custom_key_store_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "CustomKeyStoreId" => custom_key_store_id = object.member(0, "CustomKeyStoreId", |r, at| r.text(at, &CUSTOM_KEY_STORE_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "CustomKeyStoreId");
        let Some(custom_key_store_id) = custom_key_store_id else { return Ok(None) };
        Ok(Some(Self { custom_key_store_id }))
    }
}

impl Encode for DeleteCustomKeyStoreRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("CustomKeyStoreId", &self.custom_key_store_id);
        object.close();
    }
}

impl Output for DeleteCustomKeyStoreResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for DeleteCustomKeyStoreResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let object = ObjectWriter::open(sink);
        object.close();
    }
}

impl Decode for DeleteImportedKeyMaterialRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut key_material_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "KeyMaterialId" => key_material_id = object.member(1, "KeyMaterialId", |r, at| r.text(at, &BACKING_KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, key_material_id }))
    }
}

impl Encode for DeleteImportedKeyMaterialRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = &self.key_material_id {
            object.text("KeyMaterialId", value);
        }
        object.close();
    }
}

impl Output for DeleteImportedKeyMaterialResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for DeleteImportedKeyMaterialResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("KeyMaterialId", value);
        }
        object.close();
    }
}

impl Decode for DeriveSharedSecretRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut key_agreement_algorithm = None;
        let mut public_key = None;
        let mut grant_tokens = None;
        let mut dry_run = None;
        let mut recipient = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "KeyAgreementAlgorithm" => key_agreement_algorithm = object.member(1, "KeyAgreementAlgorithm", |r, at| r.name(at))?,
                "PublicKey" => public_key = object.member(2, "PublicKey", |r, at| r.blob(at, &PUBLIC_KEY_TYPE))?,
                "GrantTokens" => grant_tokens = object.member(3, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "DryRun" => dry_run = object.member(4, "DryRun", |r, at| r.boolean(at))?,
                "Recipient" => recipient = object.member(5, "Recipient", |r, at| r.structure(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "KeyAgreementAlgorithm");
        object.require(2, "PublicKey");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(key_agreement_algorithm) = key_agreement_algorithm else { return Ok(None) };
        let Some(public_key) = public_key else { return Ok(None) };
        Ok(Some(Self { key_id, key_agreement_algorithm, public_key, grant_tokens, dry_run, recipient }))
    }
}

impl Encode for DeriveSharedSecretRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.word("KeyAgreementAlgorithm", self.key_agreement_algorithm.as_str());
        object.blob("PublicKey", &self.public_key);
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        if let Some(value) = &self.recipient {
            object.structure("Recipient", value);
        }
        object.close();
    }
}

impl Output for DeriveSharedSecretResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for DeriveSharedSecretResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.shared_secret {
            object.secret_blob("SharedSecret", value);
        }
        if let Some(value) = &self.ciphertext_for_recipient {
            object.blob("CiphertextForRecipient", value);
        }
        if let Some(value) = self.key_agreement_algorithm {
            object.word("KeyAgreementAlgorithm", value.as_str());
        }
        if let Some(value) = self.key_origin {
            object.word("KeyOrigin", value.as_str());
        }
        object.close();
    }
}

impl Decode for DescribeCustomKeyStoresRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut custom_key_store_id = None;
        let mut custom_key_store_name = None;
        let mut limit = None;
        let mut marker = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "CustomKeyStoreId" => custom_key_store_id = object.member(0, "CustomKeyStoreId", |r, at| r.text(at, &CUSTOM_KEY_STORE_ID_TYPE))?,
                "CustomKeyStoreName" => custom_key_store_name = object.member(1, "CustomKeyStoreName", |r, at| r.text(at, &CUSTOM_KEY_STORE_NAME_TYPE))?,
                "Limit" => limit = object.member(2, "Limit", |r, at| r.integer(at, &LIMIT_TYPE))?,
                "Marker" => marker = object.member(3, "Marker", |r, at| r.text(at, &MARKER_TYPE))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { custom_key_store_id, custom_key_store_name, limit, marker }))
    }
}

impl Encode for DescribeCustomKeyStoresRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.custom_key_store_id {
            object.text("CustomKeyStoreId", value);
        }
        if let Some(value) = &self.custom_key_store_name {
            object.text("CustomKeyStoreName", value);
        }
        if let Some(value) = self.limit {
            object.integer("Limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("Marker", value);
        }
        object.close();
    }
}

impl Output for DescribeCustomKeyStoresResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for DescribeCustomKeyStoresResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.custom_key_stores {
            object.structures("CustomKeyStores", value);
        }
        if let Some(value) = &self.next_marker {
            object.text("NextMarker", value);
        }
        if let Some(value) = self.truncated {
            object.boolean("Truncated", value);
        }
        object.close();
    }
}

impl Decode for DescribeKeyRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut grant_tokens = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "GrantTokens" => grant_tokens = object.member(1, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, grant_tokens }))
    }
}

impl Encode for DescribeKeyRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        object.close();
    }
}

impl Output for DescribeKeyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for DescribeKeyResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_metadata {
            object.structure("KeyMetadata", value);
        }
        object.close();
    }
}

impl Decode for DisableKeyRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id }))
    }
}

impl Encode for DisableKeyRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.close();
    }
}

impl Decode for DisableKeyRotationRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id }))
    }
}

impl Encode for DisableKeyRotationRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.close();
    }
}

impl Decode for DisconnectCustomKeyStoreRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut custom_key_store_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "CustomKeyStoreId" => custom_key_store_id = object.member(0, "CustomKeyStoreId", |r, at| r.text(at, &CUSTOM_KEY_STORE_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "CustomKeyStoreId");
        let Some(custom_key_store_id) = custom_key_store_id else { return Ok(None) };
        Ok(Some(Self { custom_key_store_id }))
    }
}

impl Encode for DisconnectCustomKeyStoreRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("CustomKeyStoreId", &self.custom_key_store_id);
        object.close();
    }
}

impl Output for DisconnectCustomKeyStoreResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for DisconnectCustomKeyStoreResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let object = ObjectWriter::open(sink);
        object.close();
    }
}

impl Decode for EnableKeyRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id }))
    }
}

impl Encode for EnableKeyRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.close();
    }
}

impl Decode for EnableKeyRotationRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut rotation_period_in_days = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "RotationPeriodInDays" => rotation_period_in_days = object.member(1, "RotationPeriodInDays", |r, at| r.integer(at, &ROTATION_PERIOD_IN_DAYS_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, rotation_period_in_days }))
    }
}

impl Encode for EnableKeyRotationRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = self.rotation_period_in_days {
            object.integer("RotationPeriodInDays", value);
        }
        object.close();
    }
}

impl Decode for EncapsulateRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut encapsulation_algorithm = None;
        let mut grant_tokens = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "EncapsulationAlgorithm" => encapsulation_algorithm = object.member(1, "EncapsulationAlgorithm", |r, at| r.name(at))?,
                "GrantTokens" => grant_tokens = object.member(2, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "DryRun" => dry_run = object.member(3, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "EncapsulationAlgorithm");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(encapsulation_algorithm) = encapsulation_algorithm else { return Ok(None) };
        Ok(Some(Self { key_id, encapsulation_algorithm, grant_tokens, dry_run }))
    }
}

impl Encode for EncapsulateRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.word("EncapsulationAlgorithm", self.encapsulation_algorithm.as_str());
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for EncapsulateResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for EncapsulateResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.shared_secret {
            object.secret_blob("SharedSecret", value);
        }
        if let Some(value) = &self.shared_secret_ciphertext_blob {
            object.blob("SharedSecretCiphertextBlob", value);
        }
        if let Some(value) = self.encapsulation_algorithm {
            object.word("EncapsulationAlgorithm", value.as_str());
        }
        object.close();
    }
}

impl Decode for EncryptRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut plaintext = None;
        let mut encryption_context = None;
        let mut grant_tokens = None;
        let mut encryption_algorithm = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "Plaintext" => plaintext = object.member(1, "Plaintext", |r, at| r.secret_blob(at, &PLAINTEXT_TYPE))?,
                "EncryptionContext" => encryption_context = object.member(2, "EncryptionContext", |r, at| r.text_map(at))?,
                "GrantTokens" => grant_tokens = object.member(3, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "EncryptionAlgorithm" => encryption_algorithm = object.member(4, "EncryptionAlgorithm", |r, at| r.name(at))?,
                "DryRun" => dry_run = object.member(5, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "Plaintext");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(plaintext) = plaintext else { return Ok(None) };
        Ok(Some(Self { key_id, plaintext, encryption_context, grant_tokens, encryption_algorithm, dry_run }))
    }
}

impl Encode for EncryptRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.secret_blob("Plaintext", &self.plaintext);
        if let Some(value) = &self.encryption_context {
            object.text_map("EncryptionContext", value);
        }
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = self.encryption_algorithm {
            object.word("EncryptionAlgorithm", value.as_str());
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for EncryptResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for EncryptResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.ciphertext_blob {
            object.blob("CiphertextBlob", value);
        }
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = self.encryption_algorithm {
            object.word("EncryptionAlgorithm", value.as_str());
        }
        object.close();
    }
}

impl Decode for GenerateDataKeyPairRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut encryption_context = None;
        let mut key_id = None;
        let mut key_pair_spec = None;
        let mut grant_tokens = None;
        let mut recipient = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "EncryptionContext" => encryption_context = object.member(0, "EncryptionContext", |r, at| r.text_map(at))?,
                "KeyId" => key_id = object.member(1, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "KeyPairSpec" => key_pair_spec = object.member(2, "KeyPairSpec", |r, at| r.name(at))?,
                "GrantTokens" => grant_tokens = object.member(3, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "Recipient" => recipient = object.member(4, "Recipient", |r, at| r.structure(at))?,
                "DryRun" => dry_run = object.member(5, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(1, "KeyId");
        object.require(2, "KeyPairSpec");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(key_pair_spec) = key_pair_spec else { return Ok(None) };
        Ok(Some(Self { encryption_context, key_id, key_pair_spec, grant_tokens, recipient, dry_run }))
    }
}

impl Encode for GenerateDataKeyPairRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.encryption_context {
            object.text_map("EncryptionContext", value);
        }
        object.text("KeyId", &self.key_id);
        object.word("KeyPairSpec", self.key_pair_spec.as_str());
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = &self.recipient {
            object.structure("Recipient", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for GenerateDataKeyPairResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GenerateDataKeyPairResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.private_key_ciphertext_blob {
            object.blob("PrivateKeyCiphertextBlob", value);
        }
        if let Some(value) = &self.private_key_plaintext {
            object.secret_blob("PrivateKeyPlaintext", value);
        }
        if let Some(value) = &self.public_key {
            object.blob("PublicKey", value);
        }
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = self.key_pair_spec {
            object.word("KeyPairSpec", value.as_str());
        }
        if let Some(value) = &self.ciphertext_for_recipient {
            object.blob("CiphertextForRecipient", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("KeyMaterialId", value);
        }
        object.close();
    }
}

impl Decode for GenerateDataKeyPairWithoutPlaintextRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut encryption_context = None;
        let mut key_id = None;
        let mut key_pair_spec = None;
        let mut grant_tokens = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "EncryptionContext" => encryption_context = object.member(0, "EncryptionContext", |r, at| r.text_map(at))?,
                "KeyId" => key_id = object.member(1, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "KeyPairSpec" => key_pair_spec = object.member(2, "KeyPairSpec", |r, at| r.name(at))?,
                "GrantTokens" => grant_tokens = object.member(3, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "DryRun" => dry_run = object.member(4, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(1, "KeyId");
        object.require(2, "KeyPairSpec");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(key_pair_spec) = key_pair_spec else { return Ok(None) };
        Ok(Some(Self { encryption_context, key_id, key_pair_spec, grant_tokens, dry_run }))
    }
}

impl Encode for GenerateDataKeyPairWithoutPlaintextRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.encryption_context {
            object.text_map("EncryptionContext", value);
        }
        object.text("KeyId", &self.key_id);
        object.word("KeyPairSpec", self.key_pair_spec.as_str());
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for GenerateDataKeyPairWithoutPlaintextResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GenerateDataKeyPairWithoutPlaintextResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.private_key_ciphertext_blob {
            object.blob("PrivateKeyCiphertextBlob", value);
        }
        if let Some(value) = &self.public_key {
            object.blob("PublicKey", value);
        }
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = self.key_pair_spec {
            object.word("KeyPairSpec", value.as_str());
        }
        if let Some(value) = &self.key_material_id {
            object.text("KeyMaterialId", value);
        }
        object.close();
    }
}

impl Decode for GenerateDataKeyRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut encryption_context = None;
        let mut number_of_bytes = None;
        let mut key_spec = None;
        let mut grant_tokens = None;
        let mut recipient = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "EncryptionContext" => encryption_context = object.member(1, "EncryptionContext", |r, at| r.text_map(at))?,
                "NumberOfBytes" => number_of_bytes = object.member(2, "NumberOfBytes", |r, at| r.integer(at, &NUMBER_OF_BYTES_TYPE))?,
                "KeySpec" => key_spec = object.member(3, "KeySpec", |r, at| r.name(at))?,
                "GrantTokens" => grant_tokens = object.member(4, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "Recipient" => recipient = object.member(5, "Recipient", |r, at| r.structure(at))?,
                "DryRun" => dry_run = object.member(6, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, encryption_context, number_of_bytes, key_spec, grant_tokens, recipient, dry_run }))
    }
}

impl Encode for GenerateDataKeyRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = &self.encryption_context {
            object.text_map("EncryptionContext", value);
        }
        if let Some(value) = self.number_of_bytes {
            object.integer("NumberOfBytes", value);
        }
        if let Some(value) = self.key_spec {
            object.word("KeySpec", value.as_str());
        }
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = &self.recipient {
            object.structure("Recipient", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for GenerateDataKeyResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GenerateDataKeyResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.ciphertext_blob {
            object.blob("CiphertextBlob", value);
        }
        if let Some(value) = &self.plaintext {
            object.secret_blob("Plaintext", value);
        }
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.ciphertext_for_recipient {
            object.blob("CiphertextForRecipient", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("KeyMaterialId", value);
        }
        object.close();
    }
}

impl Decode for GenerateDataKeyWithoutPlaintextRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut encryption_context = None;
        let mut key_spec = None;
        let mut number_of_bytes = None;
        let mut grant_tokens = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "EncryptionContext" => encryption_context = object.member(1, "EncryptionContext", |r, at| r.text_map(at))?,
                "KeySpec" => key_spec = object.member(2, "KeySpec", |r, at| r.name(at))?,
                "NumberOfBytes" => number_of_bytes = object.member(3, "NumberOfBytes", |r, at| r.integer(at, &NUMBER_OF_BYTES_TYPE))?,
                "GrantTokens" => grant_tokens = object.member(4, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "DryRun" => dry_run = object.member(5, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, encryption_context, key_spec, number_of_bytes, grant_tokens, dry_run }))
    }
}

impl Encode for GenerateDataKeyWithoutPlaintextRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = &self.encryption_context {
            object.text_map("EncryptionContext", value);
        }
        if let Some(value) = self.key_spec {
            object.word("KeySpec", value.as_str());
        }
        if let Some(value) = self.number_of_bytes {
            object.integer("NumberOfBytes", value);
        }
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for GenerateDataKeyWithoutPlaintextResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GenerateDataKeyWithoutPlaintextResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.ciphertext_blob {
            object.blob("CiphertextBlob", value);
        }
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("KeyMaterialId", value);
        }
        object.close();
    }
}

impl Decode for GenerateMacRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut message = None;
        let mut key_id = None;
        let mut mac_algorithm = None;
        let mut grant_tokens = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "Message" => message = object.member(0, "Message", |r, at| r.secret_blob(at, &PLAINTEXT_TYPE))?,
                "KeyId" => key_id = object.member(1, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "MacAlgorithm" => mac_algorithm = object.member(2, "MacAlgorithm", |r, at| r.name(at))?,
                "GrantTokens" => grant_tokens = object.member(3, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "DryRun" => dry_run = object.member(4, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "Message");
        object.require(1, "KeyId");
        object.require(2, "MacAlgorithm");
        let Some(message) = message else { return Ok(None) };
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(mac_algorithm) = mac_algorithm else { return Ok(None) };
        Ok(Some(Self { message, key_id, mac_algorithm, grant_tokens, dry_run }))
    }
}

impl Encode for GenerateMacRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.secret_blob("Message", &self.message);
        object.text("KeyId", &self.key_id);
        object.word("MacAlgorithm", self.mac_algorithm.as_str());
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for GenerateMacResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GenerateMacResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.mac {
            object.blob("Mac", value);
        }
        if let Some(value) = self.mac_algorithm {
            object.word("MacAlgorithm", value.as_str());
        }
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        object.close();
    }
}

impl Decode for GenerateRandomRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut number_of_bytes = None;
        let mut custom_key_store_id = None;
        let mut recipient = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "NumberOfBytes" => number_of_bytes = object.member(0, "NumberOfBytes", |r, at| r.integer(at, &NUMBER_OF_BYTES_TYPE))?,
                "CustomKeyStoreId" => custom_key_store_id = object.member(1, "CustomKeyStoreId", |r, at| r.text(at, &CUSTOM_KEY_STORE_ID_TYPE))?,
                "Recipient" => recipient = object.member(2, "Recipient", |r, at| r.structure(at))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { number_of_bytes, custom_key_store_id, recipient }))
    }
}

impl Encode for GenerateRandomRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.number_of_bytes {
            object.integer("NumberOfBytes", value);
        }
        if let Some(value) = &self.custom_key_store_id {
            object.text("CustomKeyStoreId", value);
        }
        if let Some(value) = &self.recipient {
            object.structure("Recipient", value);
        }
        object.close();
    }
}

impl Output for GenerateRandomResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GenerateRandomResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.plaintext {
            object.secret_blob("Plaintext", value);
        }
        if let Some(value) = &self.ciphertext_for_recipient {
            object.blob("CiphertextForRecipient", value);
        }
        object.close();
    }
}

impl Decode for GetKeyLastUsageRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id }))
    }
}

impl Encode for GetKeyLastUsageRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.close();
    }
}

impl Output for GetKeyLastUsageResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GetKeyLastUsageResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.key_last_usage {
            object.structure("KeyLastUsage", value);
        }
        if let Some(value) = self.tracking_start_date {
            object.timestamp("TrackingStartDate", value);
        }
        if let Some(value) = self.key_creation_date {
            object.timestamp("KeyCreationDate", value);
        }
        object.close();
    }
}

impl Decode for GetKeyPolicyRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut policy_name = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "PolicyName" => policy_name = object.member(1, "PolicyName", |r, at| r.text(at, &POLICY_NAME_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, policy_name }))
    }
}

impl Encode for GetKeyPolicyRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = &self.policy_name {
            object.text("PolicyName", value);
        }
        object.close();
    }
}

impl Output for GetKeyPolicyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GetKeyPolicyResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.policy {
            object.text("Policy", value);
        }
        if let Some(value) = &self.policy_name {
            object.text("PolicyName", value);
        }
        object.close();
    }
}

impl Decode for GetKeyRotationStatusRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id }))
    }
}

impl Encode for GetKeyRotationStatusRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.close();
    }
}

impl Output for GetKeyRotationStatusResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GetKeyRotationStatusResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.key_rotation_enabled {
            object.boolean("KeyRotationEnabled", value);
        }
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = self.rotation_period_in_days {
            object.integer("RotationPeriodInDays", value);
        }
        if let Some(value) = self.next_rotation_date {
            object.timestamp("NextRotationDate", value);
        }
        if let Some(value) = self.on_demand_rotation_start_date {
            object.timestamp("OnDemandRotationStartDate", value);
        }
        object.close();
    }
}

impl Decode for GetParametersForImportRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut wrapping_algorithm = None;
        let mut wrapping_key_spec = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "WrappingAlgorithm" => wrapping_algorithm = object.member(1, "WrappingAlgorithm", |r, at| r.name(at))?,
                "WrappingKeySpec" => wrapping_key_spec = object.member(2, "WrappingKeySpec", |r, at| r.name(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "WrappingAlgorithm");
        object.require(2, "WrappingKeySpec");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(wrapping_algorithm) = wrapping_algorithm else { return Ok(None) };
        let Some(wrapping_key_spec) = wrapping_key_spec else { return Ok(None) };
        Ok(Some(Self { key_id, wrapping_algorithm, wrapping_key_spec }))
    }
}

impl Encode for GetParametersForImportRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.word("WrappingAlgorithm", self.wrapping_algorithm.as_str());
        object.word("WrappingKeySpec", self.wrapping_key_spec.as_str());
        object.close();
    }
}

impl Output for GetParametersForImportResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GetParametersForImportResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.import_token {
            object.blob("ImportToken", value);
        }
        if let Some(value) = &self.public_key {
            object.secret_blob("PublicKey", value);
        }
        if let Some(value) = self.parameters_valid_to {
            object.timestamp("ParametersValidTo", value);
        }
        object.close();
    }
}

impl Decode for GetPublicKeyRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut grant_tokens = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "GrantTokens" => grant_tokens = object.member(1, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, grant_tokens }))
    }
}

impl Encode for GetPublicKeyRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        object.close();
    }
}

impl Output for GetPublicKeyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GetPublicKeyResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.public_key {
            object.blob("PublicKey", value);
        }
        if let Some(value) = self.customer_master_key_spec {
            object.word("CustomerMasterKeySpec", value.as_str());
        }
        if let Some(value) = self.key_spec {
            object.word("KeySpec", value.as_str());
        }
        if let Some(value) = self.key_usage {
            object.word("KeyUsage", value.as_str());
        }
        if let Some(value) = &self.encryption_algorithms {
            object.names("EncryptionAlgorithms", value);
        }
        if let Some(value) = &self.signing_algorithms {
            object.names("SigningAlgorithms", value);
        }
        if let Some(value) = &self.key_agreement_algorithms {
            object.names("KeyAgreementAlgorithms", value);
        }
        if let Some(value) = &self.encapsulation_algorithms {
            object.names("EncapsulationAlgorithms", value);
        }
        object.close();
    }
}

impl Decode for GrantConstraints {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut encryption_context_subset = None;
        let mut encryption_context_equals = None;
        let mut source_arn = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "EncryptionContextSubset" => encryption_context_subset = object.member(0, "EncryptionContextSubset", |r, at| r.text_map(at))?,
                "EncryptionContextEquals" => encryption_context_equals = object.member(1, "EncryptionContextEquals", |r, at| r.text_map(at))?,
                "SourceArn" => source_arn = object.member(2, "SourceArn", |r, at| r.text(at, &GRANT_CONSTRAINT_SOURCE_ARN_TYPE))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { encryption_context_subset, encryption_context_equals, source_arn }))
    }
}

impl Encode for GrantConstraints {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.encryption_context_subset {
            object.text_map("EncryptionContextSubset", value);
        }
        if let Some(value) = &self.encryption_context_equals {
            object.text_map("EncryptionContextEquals", value);
        }
        if let Some(value) = &self.source_arn {
            object.text("SourceArn", value);
        }
        object.close();
    }
}

impl Encode for GrantListEntry {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.grant_id {
            object.text("GrantId", value);
        }
        if let Some(value) = &self.name {
            object.text("Name", value);
        }
        if let Some(value) = self.creation_date {
            object.timestamp("CreationDate", value);
        }
        if let Some(value) = &self.grantee_principal {
            object.text("GranteePrincipal", value);
        }
        if let Some(value) = &self.retiring_principal {
            object.text("RetiringPrincipal", value);
        }
        if let Some(value) = &self.issuing_account {
            object.text("IssuingAccount", value);
        }
        if let Some(value) = &self.operations {
            object.names("Operations", value);
        }
        if let Some(value) = &self.constraints {
            object.structure("Constraints", value);
        }
        if let Some(value) = &self.grantee_service_principal {
            object.text("GranteeServicePrincipal", value);
        }
        if let Some(value) = &self.retiring_service_principal {
            object.text("RetiringServicePrincipal", value);
        }
        object.close();
    }
}

impl Decode for ImportKeyMaterialRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut import_token = None;
        let mut encrypted_key_material = None;
        let mut valid_to = None;
        let mut expiration_model = None;
        let mut import_type = None;
        let mut key_material_description = None;
        let mut key_material_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "ImportToken" => import_token = object.member(1, "ImportToken", |r, at| r.blob(at, &CIPHERTEXT_TYPE))?,
                "EncryptedKeyMaterial" => encrypted_key_material = object.member(2, "EncryptedKeyMaterial", |r, at| r.blob(at, &CIPHERTEXT_TYPE))?,
                "ValidTo" => valid_to = object.member(3, "ValidTo", |r, at| r.timestamp(at))?,
                "ExpirationModel" => expiration_model = object.member(4, "ExpirationModel", |r, at| r.name(at))?,
                "ImportType" => import_type = object.member(5, "ImportType", |r, at| r.name(at))?,
                "KeyMaterialDescription" => key_material_description = object.member(6, "KeyMaterialDescription", |r, at| r.text(at, &KEY_MATERIAL_DESCRIPTION_TYPE))?,
                "KeyMaterialId" => key_material_id = object.member(7, "KeyMaterialId", |r, at| r.text(at, &BACKING_KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "ImportToken");
        object.require(2, "EncryptedKeyMaterial");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(import_token) = import_token else { return Ok(None) };
        let Some(encrypted_key_material) = encrypted_key_material else { return Ok(None) };
        Ok(Some(Self { key_id, import_token, encrypted_key_material, valid_to, expiration_model, import_type, key_material_description, key_material_id }))
    }
}

impl Encode for ImportKeyMaterialRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.blob("ImportToken", &self.import_token);
        object.blob("EncryptedKeyMaterial", &self.encrypted_key_material);
        if let Some(value) = self.valid_to {
            object.timestamp("ValidTo", value);
        }
        if let Some(value) = self.expiration_model {
            object.word("ExpirationModel", value.as_str());
        }
        if let Some(value) = self.import_type {
            object.word("ImportType", value.as_str());
        }
        if let Some(value) = &self.key_material_description {
            object.text("KeyMaterialDescription", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("KeyMaterialId", value);
        }
        object.close();
    }
}

impl Output for ImportKeyMaterialResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ImportKeyMaterialResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("KeyMaterialId", value);
        }
        object.close();
    }
}

impl Encode for KeyLastUsageData {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.operation {
            object.word("Operation", value.as_str());
        }
        if let Some(value) = self.timestamp {
            object.timestamp("Timestamp", value);
        }
        if let Some(value) = &self.cloud_trail_event_id {
            object.text("CloudTrailEventId", value);
        }
        if let Some(value) = &self.kms_request_id {
            object.text("KmsRequestId", value);
        }
        object.close();
    }
}

impl Encode for KeyListEntry {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.key_arn {
            object.text("KeyArn", value);
        }
        object.close();
    }
}

impl Encode for KeyMetadata {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.aws_account_id {
            object.text("AWSAccountId", value);
        }
        object.text("KeyId", &self.key_id);
        if let Some(value) = &self.arn {
            object.text("Arn", value);
        }
        if let Some(value) = self.creation_date {
            object.timestamp("CreationDate", value);
        }
        if let Some(value) = self.enabled {
            object.boolean("Enabled", value);
        }
        if let Some(value) = &self.description {
            object.text("Description", value);
        }
        if let Some(value) = self.key_usage {
            object.word("KeyUsage", value.as_str());
        }
        if let Some(value) = self.key_state {
            object.word("KeyState", value.as_str());
        }
        if let Some(value) = self.deletion_date {
            object.timestamp("DeletionDate", value);
        }
        if let Some(value) = self.valid_to {
            object.timestamp("ValidTo", value);
        }
        if let Some(value) = self.origin {
            object.word("Origin", value.as_str());
        }
        if let Some(value) = &self.custom_key_store_id {
            object.text("CustomKeyStoreId", value);
        }
        if let Some(value) = &self.cloud_hsm_cluster_id {
            object.text("CloudHsmClusterId", value);
        }
        if let Some(value) = self.expiration_model {
            object.word("ExpirationModel", value.as_str());
        }
        if let Some(value) = self.key_manager {
            object.word("KeyManager", value.as_str());
        }
        if let Some(value) = self.customer_master_key_spec {
            object.word("CustomerMasterKeySpec", value.as_str());
        }
        if let Some(value) = self.key_spec {
            object.word("KeySpec", value.as_str());
        }
        if let Some(value) = &self.encryption_algorithms {
            object.names("EncryptionAlgorithms", value);
        }
        if let Some(value) = &self.signing_algorithms {
            object.names("SigningAlgorithms", value);
        }
        if let Some(value) = &self.key_agreement_algorithms {
            object.names("KeyAgreementAlgorithms", value);
        }
        if let Some(value) = &self.encapsulation_algorithms {
            object.names("EncapsulationAlgorithms", value);
        }
        if let Some(value) = self.multi_region {
            object.boolean("MultiRegion", value);
        }
        if let Some(value) = &self.multi_region_configuration {
            object.structure("MultiRegionConfiguration", value);
        }
        if let Some(value) = self.pending_deletion_window_in_days {
            object.integer("PendingDeletionWindowInDays", value);
        }
        if let Some(value) = &self.mac_algorithms {
            object.names("MacAlgorithms", value);
        }
        if let Some(value) = &self.xks_key_configuration {
            object.structure("XksKeyConfiguration", value);
        }
        if let Some(value) = &self.current_key_material_id {
            object.text("CurrentKeyMaterialId", value);
        }
        object.close();
    }
}

impl Decode for ListAliasesRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut limit = None;
        let mut marker = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "Limit" => limit = object.member(1, "Limit", |r, at| r.integer(at, &LIMIT_TYPE))?,
                "Marker" => marker = object.member(2, "Marker", |r, at| r.text(at, &MARKER_TYPE))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { key_id, limit, marker }))
    }
}

impl Encode for ListAliasesRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = self.limit {
            object.integer("Limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("Marker", value);
        }
        object.close();
    }
}

impl Output for ListAliasesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ListAliasesResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.aliases {
            object.structures("Aliases", value);
        }
        if let Some(value) = &self.next_marker {
            object.text("NextMarker", value);
        }
        if let Some(value) = self.truncated {
            object.boolean("Truncated", value);
        }
        object.close();
    }
}

impl Decode for ListGrantsRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut limit = None;
        let mut marker = None;
        let mut key_id = None;
        let mut grant_id = None;
        let mut grantee_principal = None;
        let mut grantee_service_principal = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "Limit" => limit = object.member(0, "Limit", |r, at| r.integer(at, &LIMIT_TYPE))?,
                "Marker" => marker = object.member(1, "Marker", |r, at| r.text(at, &MARKER_TYPE))?,
                "KeyId" => key_id = object.member(2, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "GrantId" => grant_id = object.member(3, "GrantId", |r, at| r.text(at, &GRANT_ID_TYPE))?,
                "GranteePrincipal" => grantee_principal = object.member(4, "GranteePrincipal", |r, at| r.text(at, &PRINCIPAL_ID_TYPE))?,
                "GranteeServicePrincipal" => grantee_service_principal = object.member(5, "GranteeServicePrincipal", |r, at| r.text(at, &SERVICE_PRINCIPAL_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(2, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { limit, marker, key_id, grant_id, grantee_principal, grantee_service_principal }))
    }
}

impl Encode for ListGrantsRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.limit {
            object.integer("Limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("Marker", value);
        }
        object.text("KeyId", &self.key_id);
        if let Some(value) = &self.grant_id {
            object.text("GrantId", value);
        }
        if let Some(value) = &self.grantee_principal {
            object.text("GranteePrincipal", value);
        }
        if let Some(value) = &self.grantee_service_principal {
            object.text("GranteeServicePrincipal", value);
        }
        object.close();
    }
}

impl Output for ListGrantsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ListGrantsResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.grants {
            object.structures("Grants", value);
        }
        if let Some(value) = &self.next_marker {
            object.text("NextMarker", value);
        }
        if let Some(value) = self.truncated {
            object.boolean("Truncated", value);
        }
        object.close();
    }
}

impl Decode for ListKeyPoliciesRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut limit = None;
        let mut marker = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "Limit" => limit = object.member(1, "Limit", |r, at| r.integer(at, &LIMIT_TYPE))?,
                "Marker" => marker = object.member(2, "Marker", |r, at| r.text(at, &MARKER_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, limit, marker }))
    }
}

impl Encode for ListKeyPoliciesRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = self.limit {
            object.integer("Limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("Marker", value);
        }
        object.close();
    }
}

impl Output for ListKeyPoliciesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ListKeyPoliciesResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.policy_names {
            object.texts("PolicyNames", value);
        }
        if let Some(value) = &self.next_marker {
            object.text("NextMarker", value);
        }
        if let Some(value) = self.truncated {
            object.boolean("Truncated", value);
        }
        object.close();
    }
}

impl Decode for ListKeyRotationsRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut include_key_material = None;
        let mut limit = None;
        let mut marker = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "IncludeKeyMaterial" => include_key_material = object.member(1, "IncludeKeyMaterial", |r, at| r.name(at))?,
                "Limit" => limit = object.member(2, "Limit", |r, at| r.integer(at, &LIMIT_TYPE))?,
                "Marker" => marker = object.member(3, "Marker", |r, at| r.text(at, &MARKER_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, include_key_material, limit, marker }))
    }
}

impl Encode for ListKeyRotationsRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = self.include_key_material {
            object.word("IncludeKeyMaterial", value.as_str());
        }
        if let Some(value) = self.limit {
            object.integer("Limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("Marker", value);
        }
        object.close();
    }
}

impl Output for ListKeyRotationsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ListKeyRotationsResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.rotations {
            object.structures("Rotations", value);
        }
        if let Some(value) = &self.next_marker {
            object.text("NextMarker", value);
        }
        if let Some(value) = self.truncated {
            object.boolean("Truncated", value);
        }
        object.close();
    }
}

impl Decode for ListKeysRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut limit = None;
        let mut marker = None;
        let mut resource_owners = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "Limit" => limit = object.member(0, "Limit", |r, at| r.integer(at, &LIMIT_TYPE))?,
                "Marker" => marker = object.member(1, "Marker", |r, at| r.text(at, &MARKER_TYPE))?,
                "ResourceOwners" => resource_owners = object.member(2, "ResourceOwners", |r, at| r.names(at, &RESOURCE_OWNERS_LIST))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { limit, marker, resource_owners }))
    }
}

impl Encode for ListKeysRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.limit {
            object.integer("Limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("Marker", value);
        }
        if let Some(value) = &self.resource_owners {
            object.names("ResourceOwners", value);
        }
        object.close();
    }
}

impl Output for ListKeysResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ListKeysResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.keys {
            object.structures("Keys", value);
        }
        if let Some(value) = &self.next_marker {
            object.text("NextMarker", value);
        }
        if let Some(value) = self.truncated {
            object.boolean("Truncated", value);
        }
        object.close();
    }
}

impl Decode for ListResourceTagsRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut limit = None;
        let mut marker = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "Limit" => limit = object.member(1, "Limit", |r, at| r.integer(at, &LIMIT_TYPE))?,
                "Marker" => marker = object.member(2, "Marker", |r, at| r.text(at, &MARKER_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, limit, marker }))
    }
}

impl Encode for ListResourceTagsRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = self.limit {
            object.integer("Limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("Marker", value);
        }
        object.close();
    }
}

impl Output for ListResourceTagsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ListResourceTagsResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.tags {
            object.structures("Tags", value);
        }
        if let Some(value) = &self.next_marker {
            object.text("NextMarker", value);
        }
        if let Some(value) = self.truncated {
            object.boolean("Truncated", value);
        }
        object.close();
    }
}

impl Decode for ListRetirableGrantsRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut limit = None;
        let mut marker = None;
        let mut retiring_principal = None;
        let mut retiring_service_principal = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "Limit" => limit = object.member(0, "Limit", |r, at| r.integer(at, &LIMIT_TYPE))?,
                "Marker" => marker = object.member(1, "Marker", |r, at| r.text(at, &MARKER_TYPE))?,
                "RetiringPrincipal" => retiring_principal = object.member(2, "RetiringPrincipal", |r, at| r.text(at, &PRINCIPAL_ID_TYPE))?,
                "RetiringServicePrincipal" => retiring_service_principal = object.member(3, "RetiringServicePrincipal", |r, at| r.text(at, &SERVICE_PRINCIPAL_TYPE))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { limit, marker, retiring_principal, retiring_service_principal }))
    }
}

impl Encode for ListRetirableGrantsRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.limit {
            object.integer("Limit", value);
        }
        if let Some(value) = &self.marker {
            object.text("Marker", value);
        }
        if let Some(value) = &self.retiring_principal {
            object.text("RetiringPrincipal", value);
        }
        if let Some(value) = &self.retiring_service_principal {
            object.text("RetiringServicePrincipal", value);
        }
        object.close();
    }
}

impl Encode for MultiRegionConfiguration {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.multi_region_key_type {
            object.word("MultiRegionKeyType", value.as_str());
        }
        if let Some(value) = &self.primary_key {
            object.structure("PrimaryKey", value);
        }
        if let Some(value) = &self.replica_keys {
            object.structures("ReplicaKeys", value);
        }
        object.close();
    }
}

impl Encode for MultiRegionKey {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.arn {
            object.text("Arn", value);
        }
        if let Some(value) = &self.region {
            object.text("Region", value);
        }
        object.close();
    }
}

impl Decode for PutKeyPolicyRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut policy_name = None;
        let mut policy = None;
        let mut bypass_policy_lockout_safety_check = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "PolicyName" => policy_name = object.member(1, "PolicyName", |r, at| r.text(at, &POLICY_NAME_TYPE))?,
                "Policy" => policy = object.member(2, "Policy", |r, at| r.text(at, &POLICY_TYPE))?,
                "BypassPolicyLockoutSafetyCheck" => bypass_policy_lockout_safety_check = object.member(3, "BypassPolicyLockoutSafetyCheck", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(2, "Policy");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(policy) = policy else { return Ok(None) };
        Ok(Some(Self { key_id, policy_name, policy, bypass_policy_lockout_safety_check }))
    }
}

impl Encode for PutKeyPolicyRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = &self.policy_name {
            object.text("PolicyName", value);
        }
        object.text("Policy", &self.policy);
        if let Some(value) = self.bypass_policy_lockout_safety_check {
            object.boolean("BypassPolicyLockoutSafetyCheck", value);
        }
        object.close();
    }
}

impl Decode for ReEncryptRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut ciphertext_blob = None;
        let mut source_encryption_context = None;
        let mut source_key_id = None;
        let mut destination_key_id = None;
        let mut destination_encryption_context = None;
        let mut source_encryption_algorithm = None;
        let mut destination_encryption_algorithm = None;
        let mut grant_tokens = None;
        let mut dry_run = None;
        let mut dry_run_modifiers = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "CiphertextBlob" => ciphertext_blob = object.member(0, "CiphertextBlob", |r, at| r.blob(at, &CIPHERTEXT_TYPE))?,
                "SourceEncryptionContext" => source_encryption_context = object.member(1, "SourceEncryptionContext", |r, at| r.text_map(at))?,
                "SourceKeyId" => source_key_id = object.member(2, "SourceKeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "DestinationKeyId" => destination_key_id = object.member(3, "DestinationKeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "DestinationEncryptionContext" => destination_encryption_context = object.member(4, "DestinationEncryptionContext", |r, at| r.text_map(at))?,
                "SourceEncryptionAlgorithm" => source_encryption_algorithm = object.member(5, "SourceEncryptionAlgorithm", |r, at| r.name(at))?,
                "DestinationEncryptionAlgorithm" => destination_encryption_algorithm = object.member(6, "DestinationEncryptionAlgorithm", |r, at| r.name(at))?,
                "GrantTokens" => grant_tokens = object.member(7, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "DryRun" => dry_run = object.member(8, "DryRun", |r, at| r.boolean(at))?,
                "DryRunModifiers" => dry_run_modifiers = object.member(9, "DryRunModifiers", |r, at| r.names(at, &DRY_RUN_MODIFIER_LIST))?,
                _ => object.skip()?,
            }
        }
        object.require(3, "DestinationKeyId");
        let Some(destination_key_id) = destination_key_id else { return Ok(None) };
        Ok(Some(Self { ciphertext_blob, source_encryption_context, source_key_id, destination_key_id, destination_encryption_context, source_encryption_algorithm, destination_encryption_algorithm, grant_tokens, dry_run, dry_run_modifiers }))
    }
}

impl Encode for ReEncryptRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.ciphertext_blob {
            object.blob("CiphertextBlob", value);
        }
        if let Some(value) = &self.source_encryption_context {
            object.text_map("SourceEncryptionContext", value);
        }
        if let Some(value) = &self.source_key_id {
            object.text("SourceKeyId", value);
        }
        object.text("DestinationKeyId", &self.destination_key_id);
        if let Some(value) = &self.destination_encryption_context {
            object.text_map("DestinationEncryptionContext", value);
        }
        if let Some(value) = self.source_encryption_algorithm {
            object.word("SourceEncryptionAlgorithm", value.as_str());
        }
        if let Some(value) = self.destination_encryption_algorithm {
            object.word("DestinationEncryptionAlgorithm", value.as_str());
        }
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        if let Some(value) = &self.dry_run_modifiers {
            object.names("DryRunModifiers", value);
        }
        object.close();
    }
}

impl Output for ReEncryptResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ReEncryptResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.ciphertext_blob {
            object.blob("CiphertextBlob", value);
        }
        if let Some(value) = &self.source_key_id {
            object.text("SourceKeyId", value);
        }
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = self.source_encryption_algorithm {
            object.word("SourceEncryptionAlgorithm", value.as_str());
        }
        if let Some(value) = self.destination_encryption_algorithm {
            object.word("DestinationEncryptionAlgorithm", value.as_str());
        }
        if let Some(value) = &self.source_key_material_id {
            object.text("SourceKeyMaterialId", value);
        }
        if let Some(value) = &self.destination_key_material_id {
            object.text("DestinationKeyMaterialId", value);
        }
        object.close();
    }
}

impl Decode for RecipientInfo {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_encryption_algorithm = None;
        let mut attestation_document = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyEncryptionAlgorithm" => key_encryption_algorithm = object.member(0, "KeyEncryptionAlgorithm", |r, at| r.name(at))?,
                "AttestationDocument" => attestation_document = object.member(1, "AttestationDocument", |r, at| r.blob(at, &ATTESTATION_DOCUMENT_TYPE))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { key_encryption_algorithm, attestation_document }))
    }
}

impl Encode for RecipientInfo {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.key_encryption_algorithm {
            object.word("KeyEncryptionAlgorithm", value.as_str());
        }
        if let Some(value) = &self.attestation_document {
            object.blob("AttestationDocument", value);
        }
        object.close();
    }
}

impl Decode for ReplicateKeyRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut replica_region = None;
        let mut policy = None;
        let mut bypass_policy_lockout_safety_check = None;
        let mut description = None;
        let mut tags = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "ReplicaRegion" => replica_region = object.member(1, "ReplicaRegion", |r, at| r.text(at, &REGION_TYPE))?,
                "Policy" => policy = object.member(2, "Policy", |r, at| r.text(at, &POLICY_TYPE))?,
                "BypassPolicyLockoutSafetyCheck" => bypass_policy_lockout_safety_check = object.member(3, "BypassPolicyLockoutSafetyCheck", |r, at| r.boolean(at))?,
                "Description" => description = object.member(4, "Description", |r, at| r.text(at, &DESCRIPTION_TYPE))?,
                "Tags" => tags = object.member(5, "Tags", |r, at| r.structures(at, &TAG_LIST))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "ReplicaRegion");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(replica_region) = replica_region else { return Ok(None) };
        Ok(Some(Self { key_id, replica_region, policy, bypass_policy_lockout_safety_check, description, tags }))
    }
}

impl Encode for ReplicateKeyRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.text("ReplicaRegion", &self.replica_region);
        if let Some(value) = &self.policy {
            object.text("Policy", value);
        }
        if let Some(value) = self.bypass_policy_lockout_safety_check {
            object.boolean("BypassPolicyLockoutSafetyCheck", value);
        }
        if let Some(value) = &self.description {
            object.text("Description", value);
        }
        if let Some(value) = &self.tags {
            object.structures("Tags", value);
        }
        object.close();
    }
}

impl Output for ReplicateKeyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ReplicateKeyResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.replica_key_metadata {
            object.structure("ReplicaKeyMetadata", value);
        }
        if let Some(value) = &self.replica_policy {
            object.text("ReplicaPolicy", value);
        }
        if let Some(value) = &self.replica_tags {
            object.structures("ReplicaTags", value);
        }
        object.close();
    }
}

impl Decode for RetireGrantRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut grant_token = None;
        let mut key_id = None;
        let mut grant_id = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "GrantToken" => grant_token = object.member(0, "GrantToken", |r, at| r.text(at, &GRANT_TOKEN_TYPE))?,
                "KeyId" => key_id = object.member(1, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "GrantId" => grant_id = object.member(2, "GrantId", |r, at| r.text(at, &GRANT_ID_TYPE))?,
                "DryRun" => dry_run = object.member(3, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { grant_token, key_id, grant_id, dry_run }))
    }
}

impl Encode for RetireGrantRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.grant_token {
            object.text("GrantToken", value);
        }
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.grant_id {
            object.text("GrantId", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Decode for RevokeGrantRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut grant_id = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "GrantId" => grant_id = object.member(1, "GrantId", |r, at| r.text(at, &GRANT_ID_TYPE))?,
                "DryRun" => dry_run = object.member(2, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "GrantId");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(grant_id) = grant_id else { return Ok(None) };
        Ok(Some(Self { key_id, grant_id, dry_run }))
    }
}

impl Encode for RevokeGrantRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.text("GrantId", &self.grant_id);
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Decode for RotateKeyOnDemandRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id }))
    }
}

impl Encode for RotateKeyOnDemandRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.close();
    }
}

impl Output for RotateKeyOnDemandResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for RotateKeyOnDemandResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        object.close();
    }
}

impl Encode for RotationsListEntry {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.key_material_id {
            object.text("KeyMaterialId", value);
        }
        if let Some(value) = &self.key_material_description {
            object.text("KeyMaterialDescription", value);
        }
        if let Some(value) = self.import_state {
            object.word("ImportState", value.as_str());
        }
        if let Some(value) = self.key_material_state {
            object.word("KeyMaterialState", value.as_str());
        }
        if let Some(value) = self.expiration_model {
            object.word("ExpirationModel", value.as_str());
        }
        if let Some(value) = self.valid_to {
            object.timestamp("ValidTo", value);
        }
        if let Some(value) = self.rotation_date {
            object.timestamp("RotationDate", value);
        }
        if let Some(value) = self.rotation_type {
            object.word("RotationType", value.as_str());
        }
        object.close();
    }
}

impl Decode for ScheduleKeyDeletionRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut pending_window_in_days = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "PendingWindowInDays" => pending_window_in_days = object.member(1, "PendingWindowInDays", |r, at| r.integer(at, &PENDING_WINDOW_IN_DAYS_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        let Some(key_id) = key_id else { return Ok(None) };
        Ok(Some(Self { key_id, pending_window_in_days }))
    }
}

impl Encode for ScheduleKeyDeletionRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        if let Some(value) = self.pending_window_in_days {
            object.integer("PendingWindowInDays", value);
        }
        object.close();
    }
}

impl Output for ScheduleKeyDeletionResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ScheduleKeyDeletionResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = self.deletion_date {
            object.timestamp("DeletionDate", value);
        }
        if let Some(value) = self.key_state {
            object.word("KeyState", value.as_str());
        }
        if let Some(value) = self.pending_window_in_days {
            object.integer("PendingWindowInDays", value);
        }
        object.close();
    }
}

impl Decode for SignRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut message = None;
        let mut message_type = None;
        let mut grant_tokens = None;
        let mut signing_algorithm = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "Message" => message = object.member(1, "Message", |r, at| r.secret_blob(at, &PLAINTEXT_TYPE))?,
                "MessageType" => message_type = object.member(2, "MessageType", |r, at| r.name(at))?,
                "GrantTokens" => grant_tokens = object.member(3, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "SigningAlgorithm" => signing_algorithm = object.member(4, "SigningAlgorithm", |r, at| r.name(at))?,
                "DryRun" => dry_run = object.member(5, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "Message");
        object.require(4, "SigningAlgorithm");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(message) = message else { return Ok(None) };
        let Some(signing_algorithm) = signing_algorithm else { return Ok(None) };
        Ok(Some(Self { key_id, message, message_type, grant_tokens, signing_algorithm, dry_run }))
    }
}

impl Encode for SignRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.secret_blob("Message", &self.message);
        if let Some(value) = self.message_type {
            object.word("MessageType", value.as_str());
        }
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        object.word("SigningAlgorithm", self.signing_algorithm.as_str());
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for SignResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for SignResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = &self.signature {
            object.blob("Signature", value);
        }
        if let Some(value) = self.signing_algorithm {
            object.word("SigningAlgorithm", value.as_str());
        }
        object.close();
    }
}

impl Decode for Tag {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut tag_key = None;
        let mut tag_value = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "TagKey" => tag_key = object.member(0, "TagKey", |r, at| r.text(at, &TAG_KEY_TYPE))?,
                "TagValue" => tag_value = object.member(1, "TagValue", |r, at| r.text(at, &TAG_VALUE_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "TagKey");
        object.require(1, "TagValue");
        let Some(tag_key) = tag_key else { return Ok(None) };
        let Some(tag_value) = tag_value else { return Ok(None) };
        Ok(Some(Self { tag_key, tag_value }))
    }
}

impl Encode for Tag {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("TagKey", &self.tag_key);
        object.text("TagValue", &self.tag_value);
        object.close();
    }
}

impl Decode for TagResourceRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut tags = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "Tags" => tags = object.member(1, "Tags", |r, at| r.structures(at, &TAG_LIST))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "Tags");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(tags) = tags else { return Ok(None) };
        Ok(Some(Self { key_id, tags }))
    }
}

impl Encode for TagResourceRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.structures("Tags", &self.tags);
        object.close();
    }
}

impl Decode for UntagResourceRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut tag_keys = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "TagKeys" => tag_keys = object.member(1, "TagKeys", |r, at| r.texts(at, &TAG_KEY_LIST, &TAG_KEY_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "TagKeys");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(tag_keys) = tag_keys else { return Ok(None) };
        Ok(Some(Self { key_id, tag_keys }))
    }
}

impl Encode for UntagResourceRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.texts("TagKeys", &self.tag_keys);
        object.close();
    }
}

impl Decode for UpdateAliasRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut alias_name = None;
        let mut target_key_id = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "AliasName" => alias_name = object.member(0, "AliasName", |r, at| r.text(at, &ALIAS_NAME_TYPE))?,
                "TargetKeyId" => target_key_id = object.member(1, "TargetKeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "AliasName");
        object.require(1, "TargetKeyId");
        let Some(alias_name) = alias_name else { return Ok(None) };
        let Some(target_key_id) = target_key_id else { return Ok(None) };
        Ok(Some(Self { alias_name, target_key_id }))
    }
}

impl Encode for UpdateAliasRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("AliasName", &self.alias_name);
        object.text("TargetKeyId", &self.target_key_id);
        object.close();
    }
}

impl Decode for UpdateCustomKeyStoreRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut custom_key_store_id = None;
        let mut new_custom_key_store_name = None;
        let mut key_store_password = None;
        let mut cloud_hsm_cluster_id = None;
        let mut xks_proxy_uri_endpoint = None;
        let mut xks_proxy_uri_path = None;
        let mut xks_proxy_vpc_endpoint_service_name = None;
        let mut xks_proxy_vpc_endpoint_service_owner = None;
        let mut xks_proxy_authentication_credential = None;
        let mut xks_proxy_connectivity = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "CustomKeyStoreId" => custom_key_store_id = object.member(0, "CustomKeyStoreId", |r, at| r.text(at, &CUSTOM_KEY_STORE_ID_TYPE))?,
                "NewCustomKeyStoreName" => new_custom_key_store_name = object.member(1, "NewCustomKeyStoreName", |r, at| r.text(at, &CUSTOM_KEY_STORE_NAME_TYPE))?,
                "KeyStorePassword" => key_store_password = object.member(2, "KeyStorePassword", |r, at| r.secret_text(at, &KEY_STORE_PASSWORD_TYPE))?,
                "CloudHsmClusterId" => cloud_hsm_cluster_id = object.member(3, "CloudHsmClusterId", |r, at| r.text(at, &CLOUD_HSM_CLUSTER_ID_TYPE))?,
                "XksProxyUriEndpoint" => xks_proxy_uri_endpoint = object.member(4, "XksProxyUriEndpoint", |r, at| r.text(at, &XKS_PROXY_URI_ENDPOINT_TYPE))?,
                "XksProxyUriPath" => xks_proxy_uri_path = object.member(5, "XksProxyUriPath", |r, at| r.text(at, &XKS_PROXY_URI_PATH_TYPE))?,
                "XksProxyVpcEndpointServiceName" => xks_proxy_vpc_endpoint_service_name = object.member(6, "XksProxyVpcEndpointServiceName", |r, at| r.text(at, &XKS_PROXY_VPC_ENDPOINT_SERVICE_NAME_TYPE))?,
                "XksProxyVpcEndpointServiceOwner" => xks_proxy_vpc_endpoint_service_owner = object.member(7, "XksProxyVpcEndpointServiceOwner", |r, at| r.text(at, &ACCOUNT_ID_TYPE))?,
                "XksProxyAuthenticationCredential" => xks_proxy_authentication_credential = object.member(8, "XksProxyAuthenticationCredential", |r, at| r.structure(at))?,
                "XksProxyConnectivity" => xks_proxy_connectivity = object.member(9, "XksProxyConnectivity", |r, at| r.name(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "CustomKeyStoreId");
        let Some(custom_key_store_id) = custom_key_store_id else { return Ok(None) };
        Ok(Some(Self { custom_key_store_id, new_custom_key_store_name, key_store_password, cloud_hsm_cluster_id, xks_proxy_uri_endpoint, xks_proxy_uri_path, xks_proxy_vpc_endpoint_service_name, xks_proxy_vpc_endpoint_service_owner, xks_proxy_authentication_credential, xks_proxy_connectivity }))
    }
}

impl Encode for UpdateCustomKeyStoreRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("CustomKeyStoreId", &self.custom_key_store_id);
        if let Some(value) = &self.new_custom_key_store_name {
            object.text("NewCustomKeyStoreName", value);
        }
        if let Some(value) = &self.key_store_password {
            object.secret_text("KeyStorePassword", value);
        }
        if let Some(value) = &self.cloud_hsm_cluster_id {
            object.text("CloudHsmClusterId", value);
        }
        if let Some(value) = &self.xks_proxy_uri_endpoint {
            object.text("XksProxyUriEndpoint", value);
        }
        if let Some(value) = &self.xks_proxy_uri_path {
            object.text("XksProxyUriPath", value);
        }
        if let Some(value) = &self.xks_proxy_vpc_endpoint_service_name {
            object.text("XksProxyVpcEndpointServiceName", value);
        }
        if let Some(value) = &self.xks_proxy_vpc_endpoint_service_owner {
            object.text("XksProxyVpcEndpointServiceOwner", value);
        }
        if let Some(value) = &self.xks_proxy_authentication_credential {
            object.structure("XksProxyAuthenticationCredential", value);
        }
        if let Some(value) = self.xks_proxy_connectivity {
            object.word("XksProxyConnectivity", value.as_str());
        }
        object.close();
    }
}

impl Output for UpdateCustomKeyStoreResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for UpdateCustomKeyStoreResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let object = ObjectWriter::open(sink);
        object.close();
    }
}

impl Decode for UpdateKeyDescriptionRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut description = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "Description" => description = object.member(1, "Description", |r, at| r.text(at, &DESCRIPTION_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "Description");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(description) = description else { return Ok(None) };
        Ok(Some(Self { key_id, description }))
    }
}

impl Encode for UpdateKeyDescriptionRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.text("Description", &self.description);
        object.close();
    }
}

impl Decode for UpdatePrimaryRegionRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut primary_region = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "PrimaryRegion" => primary_region = object.member(1, "PrimaryRegion", |r, at| r.text(at, &REGION_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "PrimaryRegion");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(primary_region) = primary_region else { return Ok(None) };
        Ok(Some(Self { key_id, primary_region }))
    }
}

impl Encode for UpdatePrimaryRegionRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.text("PrimaryRegion", &self.primary_region);
        object.close();
    }
}

impl Decode for VerifyMacRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut message = None;
        let mut key_id = None;
        let mut mac_algorithm = None;
        let mut mac = None;
        let mut grant_tokens = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "Message" => message = object.member(0, "Message", |r, at| r.secret_blob(at, &PLAINTEXT_TYPE))?,
                "KeyId" => key_id = object.member(1, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "MacAlgorithm" => mac_algorithm = object.member(2, "MacAlgorithm", |r, at| r.name(at))?,
                "Mac" => mac = object.member(3, "Mac", |r, at| r.blob(at, &CIPHERTEXT_TYPE))?,
                "GrantTokens" => grant_tokens = object.member(4, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "DryRun" => dry_run = object.member(5, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "Message");
        object.require(1, "KeyId");
        object.require(2, "MacAlgorithm");
        object.require(3, "Mac");
        let Some(message) = message else { return Ok(None) };
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(mac_algorithm) = mac_algorithm else { return Ok(None) };
        let Some(mac) = mac else { return Ok(None) };
        Ok(Some(Self { message, key_id, mac_algorithm, mac, grant_tokens, dry_run }))
    }
}

impl Encode for VerifyMacRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.secret_blob("Message", &self.message);
        object.text("KeyId", &self.key_id);
        object.word("MacAlgorithm", self.mac_algorithm.as_str());
        object.blob("Mac", &self.mac);
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for VerifyMacResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for VerifyMacResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = self.mac_valid {
            object.boolean("MacValid", value);
        }
        if let Some(value) = self.mac_algorithm {
            object.word("MacAlgorithm", value.as_str());
        }
        object.close();
    }
}

impl Decode for VerifyRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut key_id = None;
        let mut message = None;
        let mut message_type = None;
        let mut signature = None;
        let mut signing_algorithm = None;
        let mut grant_tokens = None;
        let mut dry_run = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "KeyId" => key_id = object.member(0, "KeyId", |r, at| r.text(at, &KEY_ID_TYPE))?,
                "Message" => message = object.member(1, "Message", |r, at| r.secret_blob(at, &PLAINTEXT_TYPE))?,
                "MessageType" => message_type = object.member(2, "MessageType", |r, at| r.name(at))?,
                "Signature" => signature = object.member(3, "Signature", |r, at| r.blob(at, &CIPHERTEXT_TYPE))?,
                "SigningAlgorithm" => signing_algorithm = object.member(4, "SigningAlgorithm", |r, at| r.name(at))?,
                "GrantTokens" => grant_tokens = object.member(5, "GrantTokens", |r, at| r.texts(at, &GRANT_TOKEN_LIST, &GRANT_TOKEN_TYPE))?,
                "DryRun" => dry_run = object.member(6, "DryRun", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "KeyId");
        object.require(1, "Message");
        object.require(3, "Signature");
        object.require(4, "SigningAlgorithm");
        let Some(key_id) = key_id else { return Ok(None) };
        let Some(message) = message else { return Ok(None) };
        let Some(signature) = signature else { return Ok(None) };
        let Some(signing_algorithm) = signing_algorithm else { return Ok(None) };
        Ok(Some(Self { key_id, message, message_type, signature, signing_algorithm, grant_tokens, dry_run }))
    }
}

impl Encode for VerifyRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("KeyId", &self.key_id);
        object.secret_blob("Message", &self.message);
        if let Some(value) = self.message_type {
            object.word("MessageType", value.as_str());
        }
        object.blob("Signature", &self.signature);
        object.word("SigningAlgorithm", self.signing_algorithm.as_str());
        if let Some(value) = &self.grant_tokens {
            object.texts("GrantTokens", value);
        }
        if let Some(value) = self.dry_run {
            object.boolean("DryRun", value);
        }
        object.close();
    }
}

impl Output for VerifyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for VerifyResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.key_id {
            object.text("KeyId", value);
        }
        if let Some(value) = self.signature_valid {
            object.boolean("SignatureValid", value);
        }
        if let Some(value) = self.signing_algorithm {
            object.word("SigningAlgorithm", value.as_str());
        }
        object.close();
    }
}

impl Encode for XksKeyConfigurationType {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.id {
            object.text("Id", value);
        }
        object.close();
    }
}

impl Decode for XksProxyAuthenticationCredentialType {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut access_key_id = None;
        let mut raw_secret_access_key = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "AccessKeyId" => access_key_id = object.member(0, "AccessKeyId", |r, at| r.secret_text(at, &XKS_PROXY_AUTHENTICATION_ACCESS_KEY_ID_TYPE))?,
                "RawSecretAccessKey" => raw_secret_access_key = object.member(1, "RawSecretAccessKey", |r, at| r.secret_text(at, &XKS_PROXY_AUTHENTICATION_RAW_SECRET_ACCESS_KEY_TYPE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "AccessKeyId");
        object.require(1, "RawSecretAccessKey");
        let Some(access_key_id) = access_key_id else { return Ok(None) };
        let Some(raw_secret_access_key) = raw_secret_access_key else { return Ok(None) };
        Ok(Some(Self { access_key_id, raw_secret_access_key }))
    }
}

impl Encode for XksProxyAuthenticationCredentialType {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.secret_text("AccessKeyId", &self.access_key_id);
        object.secret_text("RawSecretAccessKey", &self.raw_secret_access_key);
        object.close();
    }
}

impl Encode for XksProxyConfigurationType {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.connectivity {
            object.word("Connectivity", value.as_str());
        }
        if let Some(value) = &self.access_key_id {
            object.secret_text("AccessKeyId", value);
        }
        if let Some(value) = &self.uri_endpoint {
            object.text("UriEndpoint", value);
        }
        if let Some(value) = &self.uri_path {
            object.text("UriPath", value);
        }
        if let Some(value) = &self.vpc_endpoint_service_name {
            object.text("VpcEndpointServiceName", value);
        }
        if let Some(value) = &self.vpc_endpoint_service_owner {
            object.text("VpcEndpointServiceOwner", value);
        }
        object.close();
    }
}
