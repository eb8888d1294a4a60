//! CreateKey.

use std::collections::BTreeMap;

use kagiban_api::{CreateKeyRequest, CreateKeyResponse, KeySpec, KeyState, KeyUsageType, OriginType};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, KeyMaterialId};
use kagiban_keycore::material::SymmetricMaterial;
use kagiban_policy::default_key_policy;

use super::metadata;
use crate::authorize;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::policies::require_well_formed;
use crate::records::key::{KeyBody, KeyRecord};
use crate::records::key_policy::KeyPolicyRecord;
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::tags;

/// Makes a KMS key in the caller's account and Region. Key, material and policy appear together or not at all.
pub(crate) async fn handle(input: &CreateKeyRequest, ctx: &Context<'_>) -> Result<CreateKeyResponse, ServiceError> {
    let _permitted = authorize::account(ctx.caller, ctx.operation());
    let (key_spec, key_usage) = spec_and_usage(input)?;
    require_offered(input, key_spec)?;
    let tags = tags::checked(input.tags.as_deref().unwrap_or_default())?;
    let policy = match &input.policy {
        Some(document) => require_well_formed(document).map(|()| document.clone())?,
        None => default_key_policy(ctx.caller.account, ctx.caller.region.partition()),
    };
    let new = NewKey::make(input, key_spec, key_usage, tags, ctx)?;
    let policy = KeyPolicyRecord { document: policy };
    let (rows, policy) = (&new, &policy);
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            tx.insert(&rows.key.row_key(), &rows.key.body).await?;
            tx.insert(&rows.material_key, &rows.material).await?;
            tx.insert(&rows.key.row_key(), policy).await?;
            Ok::<_, ServiceError>(())
        })
        .await?;
    Ok(CreateKeyResponse { key_metadata: Some(metadata::of(&new.key)) })
}

/// The rows of a key that does not exist yet.
struct NewKey {
    key: KeyRecord,
    material_key: MaterialRowKey,
    material: MaterialRecord,
}

impl NewKey {
    fn make(
        input: &CreateKeyRequest,
        key_spec: KeySpec,
        key_usage: KeyUsageType,
        tags: BTreeMap<String, String>,
        ctx: &Context<'_>,
    ) -> Result<Self, ServiceError> {
        let random = ctx.service.random.as_ref();
        let arn = KeyArn { region: ctx.caller.region, account: ctx.caller.account, key_id: KeyId::generate(random)? };
        let material_id = KeyMaterialId::generate(random)?;
        let material_key = MaterialRowKey::new(&arn, material_id);
        let material = SymmetricMaterial::generate(random)?;
        let wrapped = ctx
            .service
            .domain_keys
            .wrap(material.expose(), &material_key.binding(), random)
            .map_err(|_| ServiceError::Internal(InternalError::Sealing))?;
        let body = KeyBody {
            created: ctx.now,
            description: input.description.clone().unwrap_or_default(),
            key_spec,
            key_usage,
            origin: OriginType::AwsKms,
            state: KeyState::Enabled,
            deletion_date: None,
            current_material: Some(material_id),
            alias_count: 0,
            tags,
        };
        Ok(Self {
            key: KeyRecord::new(arn, body),
            material_key,
            material: MaterialRecord { created: ctx.now, wrapped: wrapped.encode() },
        })
    }
}

/// Spec and usage with their defaults, and whether they go together.
fn spec_and_usage(input: &CreateKeyRequest) -> Result<(KeySpec, KeyUsageType), ServiceError> {
    let old_name = input.customer_master_key_spec.and_then(|spec| KeySpec::parse(spec.as_str()));
    let spec = match (input.key_spec, old_name) {
        (Some(_), Some(_)) => {
            return Err(ServiceError::Validation(
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
                 deprecated."
                    .to_owned(),
            ));
        }
        (spec, old_name) => spec.or(old_name).unwrap_or(KeySpec::SymmetricDefault),
    };
    let usage = match (input.key_usage, spec) {
        (Some(usage), _) => usage,
        (None, KeySpec::SymmetricDefault) => KeyUsageType::EncryptDecrypt,
        (None, _) => {
            return Err(ServiceError::Validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.".to_owned(),
            ));
        }
    };
    if !usages(spec).contains(&usage) {
        return Err(ServiceError::Validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
    }
    Ok((spec, usage))
}

/// What a key of this spec can be made for.
const fn usages(spec: KeySpec) -> &'static [KeyUsageType] {
    use {KeySpec as S, KeyUsageType as U};
    match spec {
        S::SymmetricDefault => &[U::EncryptDecrypt],
        S::Hmac224 | S::Hmac256 | S::Hmac384 | S::Hmac512 => &[U::GenerateVerifyMac],
        S::Rsa2048 | S::Rsa3072 | S::Rsa4096 => &[U::EncryptDecrypt, U::SignVerify],
        S::EccNistP256 | S::EccNistP384 | S::EccNistP521 => &[U::KeyAgreement, U::SignVerify],
        S::EccNistEdwards25519 | S::EccSecgP256k1 | S::MlDsa44 | S::MlDsa65 | S::MlDsa87 => &[U::SignVerify],
        S::MlKem512 | S::MlKem768 | S::MlKem1024 => &[U::EncapsulateDecapsulate],
        S::Sm2 => &[U::EncryptDecrypt, U::KeyAgreement, U::SignVerify],
    }
}

/// What the API knows and this version cannot make yet.
fn require_offered(input: &CreateKeyRequest, spec: KeySpec) -> Result<(), ServiceError> {
    let refuse = |what: String| Err(ServiceError::NotOffered(what));
    if let Some(id) = &input.custom_key_store_id {
        return Err(ServiceError::CustomKeyStoreNotFound(id.clone()));
    }
    match input.origin {
        None | Some(OriginType::AwsKms) if input.xks_key_id.is_some() => {
            return Err(ServiceError::Validation(
                "XksKeyId can be given only when Origin is EXTERNAL_KEY_STORE.".to_owned(),
            ));
        }
        None | Some(OriginType::AwsKms) => {}
        Some(origin) => return refuse(format!("Origin {origin}")),
    }
    if input.multi_region == Some(true) {
        return refuse("MultiRegion".to_owned());
    }
    if spec != KeySpec::SymmetricDefault {
        return refuse(format!("KeySpec {spec}"));
    }
    Ok(())
}
