//! CreateKey.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kagiban_api::{
    CreateKeyRequest, CreateKeyResponse, KeySpec, KeyState, KeyUsageType, MultiRegionKeyType, OriginType,
};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, KeyMaterialId, Region};
use kagiban_base::time::Timestamp;
use kagiban_keycore::material::KeyMaterial;
use kagiban_policy::default_key_policy;

use super::metadata;
use crate::Service;
use crate::authorize::{self, Action};
use crate::condition_keys::{Fact, NewKeyFacts};
use crate::context::Context;
use crate::error::ServiceError;
use crate::material;
use crate::policies;
use crate::quotas::key_counts;
use crate::records::key::{KeyBody, KeyRecord};
use crate::records::key_policy::KeyPolicyRecord;
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::records::multi_region::MultiRegion;
use crate::spec::{Counterpart, is_china};
use crate::tags;

/// Makes a KMS key in the caller's account and Region. Key, material and policy appear together or not at all.
pub(crate) async fn handle(input: &CreateKeyRequest, ctx: &Context<'_>) -> Result<CreateKeyResponse, ServiceError> {
    let (key_spec, key_usage) = spec_and_usage(input)?;
    require_permission(input, key_spec, key_usage, ctx)?;
    require_offered(input, key_spec, ctx.caller.region())?;
    let limits = ctx.limits();
    let tags = tags::checked(input.tags.as_deref().unwrap_or_default(), &limits)?;
    let default_policy = || default_key_policy(ctx.caller.account(), ctx.caller.partition());
    let document = input.policy.as_ref().map_or_else(|| default_policy().into(), |document| Cow::Borrowed(&**document));
    let policy = policies::checked(&document, ctx.directory(), &limits)?;
    let is_multi_region = input.multi_region == Some(true);
    let key_id = KeyId::from_parts(is_multi_region, KeyId::generate(ctx.service.random.as_ref())?.bytes());
    let arn = KeyArn { region: ctx.caller.region(), account: ctx.caller.account(), key_id };
    // Held until the view has the key, or nothing came of it.
    let _place = key_counts::hold_place(&arn, ctx.service)?;
    let mut body = body_of(input, (key_spec, key_usage), tags, ctx.now);
    body.multi_region = is_multi_region.then(|| Box::new(MultiRegion::primary(arn.region)));
    let new = NewKey::make(arn, body, ctx.now, ctx.service).await?;
    // What nobody asked for is not held against anybody: a caller who may not manage keys gets the default policy, too.
    if input.policy.is_some() {
        policies::require_no_lockout(&policy, &new.key, input.bypass_policy_lockout_safety_check, ctx)?;
    }
    let policy = KeyPolicyRecord(policy.bound);
    let (rows, policy) = (&new, &policy);
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            tx.insert(&rows.key.row_key(), &rows.key.body).await?;
            if let Some((row_key, material)) = &rows.material {
                tx.insert(row_key, material).await?;
            }
            tx.insert(&rows.key.row_key(), policy).await?;
            Ok::<_, ServiceError>(())
        })
        .await?;
    ctx.notes.resource(&new.key.arn.text());
    Ok(CreateKeyResponse { key_metadata: Some(metadata::of(&new.key)) })
}

/// May the caller make such a key, and give it these tags?
fn require_permission(
    input: &CreateKeyRequest,
    spec: KeySpec,
    usage: KeyUsageType,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    let tags = input.tags.as_deref().unwrap_or_default();
    let facts = [
        Fact::BypassPolicyLockoutSafetyCheck(input.bypass_policy_lockout_safety_check),
        Fact::NewKey(NewKeyFacts {
            spec: spec.as_str(),
            usage: usage.as_str(),
            origin: input.origin.unwrap_or(OriginType::AwsKms).as_str(),
            multi_region: (input.multi_region == Some(true)).then_some(MultiRegionKeyType::Primary),
        }),
        Fact::RequestTags(tags),
    ];
    authorize::account(ctx.row.action, &facts, ctx)?;
    if !tags.is_empty() {
        authorize::account(Action::TAG_RESOURCE, &facts, ctx)?;
    }
    Ok(())
}

/// The rows of a key that does not exist yet.
pub(crate) struct NewKey {
    pub(crate) key: KeyRecord,
    /// Absent for a key whose material is to be imported.
    pub(crate) material: Option<(MaterialRowKey, MaterialRecord)>,
}

impl NewKey {
    /// With fresh material, unless it is to be imported.
    pub(crate) async fn make(
        arn: KeyArn,
        body: KeyBody,
        now: Timestamp,
        service: &Service,
    ) -> Result<Self, ServiceError> {
        match body.origin {
            OriginType::External => Ok(Self { key: KeyRecord::new(arn, body), material: None }),
            _ => {
                let material = material::generate(body.key_spec.core()?, &arn, service).await?;
                let id = KeyMaterialId::generate(service.random.as_ref())?;
                Self::with_material(arn, body, (id, &material), now, service)
            }
        }
    }

    /// With this material. The key is enabled by having it.
    pub(crate) fn with_material(
        arn: KeyArn,
        mut body: KeyBody,
        (id, material): (KeyMaterialId, &KeyMaterial),
        now: Timestamp,
        service: &Service,
    ) -> Result<Self, ServiceError> {
        body.public_key = material.public_key().map(|key| key.spki_der().to_vec().into());
        body.current_material = Some(id);
        body.state = KeyState::Enabled;
        let row_key = MaterialRowKey::new(&arn, id);
        let row = material::wrap(material, &row_key, now, service)?;
        Ok(Self { key: KeyRecord::new(arn, body), material: Some((row_key, row)) })
    }
}

/// A key as the request wants it, without material.
pub(crate) fn body_of(
    input: &CreateKeyRequest,
    spec_and_usage: (KeySpec, KeyUsageType),
    tags: BTreeMap<String, String>,
    now: Timestamp,
) -> KeyBody {
    let origin = input.origin.unwrap_or(OriginType::AwsKms);
    let description = input.description.clone().unwrap_or_default();
    KeyBody { tags: tags.into(), ..KeyBody::new(spec_and_usage, origin, description, now) }
}

/// Spec and usage with their defaults, and whether they go together.
pub(crate) fn spec_and_usage(input: &CreateKeyRequest) -> Result<(KeySpec, KeyUsageType), ServiceError> {
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
    if !spec.core()?.usages().contains(&usage.core()?) {
        return Err(ServiceError::Validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
    }
    Ok((spec, usage))
}

/// What the API knows and this version, or this Region, cannot make.
pub(crate) fn require_offered(input: &CreateKeyRequest, spec: KeySpec, region: Region) -> Result<(), ServiceError> {
    let refuse = |what: String| Err(ServiceError::NotOffered(what));
    if let Some(id) = &input.custom_key_store_id {
        return Err(ServiceError::CustomKeyStoreNotFound(id.clone()));
    }
    match input.origin {
        None | Some(OriginType::AwsKms | OriginType::External) if input.xks_key_id.is_some() => {
            return Err(ServiceError::Validation(
                "XksKeyId can be given only when Origin is EXTERNAL_KEY_STORE.".to_owned(),
            ));
        }
        None | Some(OriginType::AwsKms | OriginType::External) => {}
        Some(origin) => return refuse(format!("Origin {origin}")),
    }
    if spec == KeySpec::Sm2 && !is_china(&region) {
        return Err(ServiceError::NotInRegion { what: "KeySpec SM2", region });
    }
    Ok(())
}
