//! From an authorized key to its material.
//!
//! Symmetric material is unwrapped for each request and wiped after it: that costs less than keeping it. Everything else is
//! parsed once and kept in a bounded cache, since parsing an RSA key costs a good part of a signature. What the cache gives
//! is checked against the view, so that deleted or changed material is never used.

use std::sync::Arc;

use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, KeyMaterialId, Region};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::hierarchy::WrappedSecret;
use kagiban_keycore::material::{KeyMaterial, SymmetricCipher, SymmetricMaterial};
use kagiban_keycore::public_key::PublicKey;
use kagiban_keycore::spec::{Family, KeySpec};

use crate::Service;
use crate::authorize::Authorized;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::records::key::KeyRecord;
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::spec::Counterpart;
use crate::work::{self, Lane};

/// Parsed materials kept at most. The largest, RSA 4096, takes some ten kilobytes.
const PARSED_MAX: usize = 1024;

/// Parsed materials of asymmetric and HMAC keys. Wiped when dropped.
#[derive(Default)]
pub(crate) struct ParsedMaterials(papaya::HashMap<(Region, KeyId, KeyMaterialId), Parsed>);

#[derive(Clone)]
struct Parsed {
    /// What it was parsed from: good as long as the view holds this very value.
    wrapped: Arc<WrappedSecret>,
    material: Arc<KeyMaterial>,
}

/// The symmetric material that the key encrypts with now, and its id.
///
/// # Errors
/// Internal, when the row is missing or does not open under the domain keys.
pub(crate) fn current(
    key: &Authorized<Arc<KeyRecord>>,
    service: &Service,
) -> Result<(KeyMaterialId, SymmetricMaterial), ServiceError> {
    let id = current_id(key.subject())?;
    let material = open(key, id, service)?.ok_or(ServiceError::Internal(InternalError::RowMissing("material")))?;
    Ok((id, material))
}

/// The key's symmetric material with this id; `None` when it has none such (the id comes from a ciphertext, so it may be
/// forged).
///
/// # Errors
/// Internal, when the row does not open under the domain keys.
pub(crate) fn open(
    key: &Authorized<Arc<KeyRecord>>,
    id: KeyMaterialId,
    service: &Service,
) -> Result<Option<SymmetricMaterial>, ServiceError> {
    let record = key.subject();
    let Some(wrapped) = service.view.material(&record.arn, id) else { return Ok(None) };
    let secret = unwrap(record, id, &wrapped, service)?;
    SymmetricMaterial::from_secret_for(cipher_of(&record.arn), &secret).map(Some).map_err(|_| unreadable(record))
}

/// The parsed material of an asymmetric or HMAC key.
///
/// # Errors
/// Internal, when the row is missing, does not open or does not parse.
pub(crate) fn parsed(key: &Authorized<Arc<KeyRecord>>, service: &Service) -> Result<Arc<KeyMaterial>, ServiceError> {
    let record = key.subject();
    let id = current_id(record)?;
    let missing = ServiceError::Internal(InternalError::RowMissing("material"));
    let wrapped = service.view.material(&record.arn, id).ok_or(missing)?;
    let name = (record.arn.region, record.arn.key_id, id);
    if let Some(material) = service.parsed_materials.find(&name, &wrapped) {
        return Ok(material);
    }
    let secret = unwrap(record, id, &wrapped, service)?;
    let material = KeyMaterial::decode(record.body.key_spec.core()?, &secret).map_err(|_| unreadable(record))?;
    let material = Arc::new(material);
    service.parsed_materials.keep(name, Parsed { wrapped, material: Arc::clone(&material) });
    Ok(material)
}

/// The public half of an asymmetric key, from its record; parsed once per change of the record.
///
/// # Errors
/// Internal, when there is none or it does not parse.
pub(crate) fn public_key(key: &Authorized<Arc<KeyRecord>>) -> Result<&PublicKey, ServiceError> {
    let record = key.subject();
    record.public_key().ok_or_else(|| unreadable(record))
}

/// Uses the private half of a key: RSA on a worker, the rest at once.
///
/// # Errors
/// As [`parsed`]; Busy.
pub(crate) async fn with_private_key<T: Send + 'static>(
    key: &Authorized<Arc<KeyRecord>>,
    service: &Service,
    work: impl FnOnce(&KeyMaterial) -> T + Send + 'static,
) -> Result<T, ServiceError> {
    let material = parsed(key, service)?;
    if material.spec().family() != Family::Rsa {
        return Ok(work(&material));
    }
    work::run(service.workers.as_ref(), Lane::PrivateKey, move || work(&material)).await
}

/// Fresh material for a new KMS key.
///
/// # Errors
/// As [`generate_pair`].
pub(crate) async fn generate(spec: KeySpec, key: &KeyArn, service: &Service) -> Result<KeyMaterial, ServiceError> {
    if spec.family() == Family::Symmetric {
        let material = SymmetricMaterial::generate_for(cipher_of(key), service.random.as_ref())?;
        return Ok(KeyMaterial::Symmetric(material));
    }
    generate_pair(spec, service).await
}

/// Fresh material of any spec but symmetric ones. An RSA pair comes from the stock, or from a worker.
///
/// # Errors
/// Busy; internal when it could not be made.
pub(crate) async fn generate_pair(spec: KeySpec, service: &Service) -> Result<KeyMaterial, ServiceError> {
    let failed = || ServiceError::Internal(InternalError::KeyGeneration);
    if spec.family() != Family::Rsa {
        return KeyMaterial::generate(spec, service.random.as_ref()).map_err(|_| failed());
    }
    let workers = service.workers.as_ref();
    if let Some(pair) = service.rsa_stock.take(spec) {
        service.rsa_stock.restock(spec, workers, &service.random);
        return Ok(pair);
    }
    let random = Arc::clone(&service.random);
    let made = work::start(workers, Lane::KeyGeneration, move || KeyMaterial::generate(spec, random.as_ref()))?;
    service.rsa_stock.restock(spec, workers, &service.random);
    made.await?.map_err(|_| failed())
}

/// Wraps material for its row.
///
/// # Errors
/// Internal.
pub(crate) fn wrap(
    material: &KeyMaterial,
    row_key: &MaterialRowKey,
    ctx: &Context<'_>,
) -> Result<MaterialRecord, ServiceError> {
    let failed = |_| ServiceError::Internal(InternalError::Sealing);
    let secret = material.encode().map_err(|_| ServiceError::Internal(InternalError::Sealing))?;
    let random = ctx.service.random.as_ref();
    let wrapped = ctx.service.domain_keys.wrap(secret.expose(), &row_key.binding(), random).map_err(failed)?;
    Ok(MaterialRecord { created: ctx.now, wrapped: wrapped.encode() })
}

/// What `SYMMETRIC_DEFAULT` means in the key's Region.
fn cipher_of(key: &KeyArn) -> SymmetricCipher {
    SymmetricCipher::of(key.region.partition())
}

fn current_id(record: &KeyRecord) -> Result<KeyMaterialId, ServiceError> {
    record.body.current_material.ok_or(ServiceError::Internal(InternalError::RowMissing("material")))
}

fn unwrap(
    record: &KeyRecord,
    id: KeyMaterialId,
    wrapped: &WrappedSecret,
    service: &Service,
) -> Result<SecretBytes, ServiceError> {
    let binding = MaterialRowKey::new(&record.arn, id).binding();
    service.domain_keys.unwrap_key(wrapped, &binding).map_err(|_| unreadable(record))
}

fn unreadable(record: &KeyRecord) -> ServiceError {
    ServiceError::Internal(InternalError::MaterialUnreadable(record.arn))
}

impl ParsedMaterials {
    fn find(&self, name: &(Region, KeyId, KeyMaterialId), wrapped: &Arc<WrappedSecret>) -> Option<Arc<KeyMaterial>> {
        let parsed = self.0.pin();
        let found = parsed.get(name).filter(|parsed| Arc::ptr_eq(&parsed.wrapped, wrapped))?;
        Some(Arc::clone(&found.material))
    }

    /// Keeps a material; a full cache loses an arbitrary half of what it has first.
    fn keep(&self, name: (Region, KeyId, KeyMaterialId), entry: Parsed) {
        let parsed = self.0.pin();
        if parsed.len() >= PARSED_MAX {
            for name in parsed.keys().take(PARSED_MAX / 2) {
                parsed.remove(name);
            }
        }
        parsed.insert(name, entry);
    }
}
