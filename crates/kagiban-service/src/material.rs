//! From an authorized key to its material.
//!
//! Symmetric material is unwrapped for each request and wiped after it: that costs less than keeping it. Everything else is
//! parsed once and kept by the view, since parsing an RSA key costs a good part of a signature.

use std::sync::Arc;

use kagiban_api::KeyState;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::KeyMaterialId;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_keycore::hierarchy::WrappedSecret;
use kagiban_keycore::material::{InvalidKeyMaterial, KeyMaterial, SymmetricCipher, SymmetricMaterial};
use kagiban_keycore::public_key::PublicKey;
use kagiban_keycore::spec::{Family, KeySpec};

use crate::Service;
use crate::authorize::Authorized;
use crate::error::{InternalError, ServiceError};
use crate::held_keys::MaterialName;
use crate::records::key::KeyRecord;
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::spec::Counterpart;
use crate::work::{self, Lane};

/// The symmetric material that the key encrypts with now, and its id.
///
/// # Errors
/// As [`open`]; internal, when the row is missing.
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
/// KMSInvalidState, when it was deleted since the key was looked up; internal, when the row does not open under the domain keys.
pub(crate) fn open(
    key: &Authorized<Arc<KeyRecord>>,
    id: KeyMaterialId,
    service: &Service,
) -> Result<Option<SymmetricMaterial>, ServiceError> {
    let record = key.subject();
    let Some(wrapped) = wrapped(record, id, service)? else { return Ok(None) };
    let secret = unwrap(record, id, &wrapped, service)?;
    SymmetricMaterial::from_secret_for(cipher_of(&record.arn), &secret).map(Some).map_err(|_| unreadable(record))
}

/// The same for an id that the view does not know and the store may: another node made it a moment ago, by a rotation, and a
/// ciphertext under it must not be called invalid here. Waits until the view has it.
///
/// # Errors
/// As [`open`]; Stale, when the view does not get so far within the bound.
pub(crate) async fn open_of_other_nodes(
    key: &Authorized<Arc<KeyRecord>>,
    id: KeyMaterialId,
    service: &Service,
) -> Result<Option<SymmetricMaterial>, ServiceError> {
    if !service.is_one_of_several() {
        return Ok(None);
    }
    let snapshot = service.store.snapshot().await?;
    let row_key = MaterialRowKey::new(&key.subject().arn, id);
    if snapshot.read::<MaterialRecord>(&row_key).await?.is_none() {
        return Ok(None);
    }
    service.view_reaches(snapshot.revision()).await?;
    open(key, id, service)
}

/// The parsed material of an asymmetric or HMAC key.
///
/// # Errors
/// As [`open`]; internal, when the row is missing or does not parse.
pub(crate) fn parsed(key: &Authorized<Arc<KeyRecord>>, service: &Service) -> Result<Arc<KeyMaterial>, ServiceError> {
    match at_hand(key, service)? {
        AtHand::Parsed(material) => Ok(material),
        AtHand::Sealed(sealed) => {
            let material = Arc::new(sealed.parse().map_err(|_| unreadable(key.subject()))?);
            service.view.keep_parsed(sealed.name, sealed.wrapped, Arc::clone(&material));
            Ok(material)
        }
    }
}

/// What there is of the material of an asymmetric or HMAC key.
enum AtHand {
    Parsed(Arc<KeyMaterial>),
    Sealed(Box<Sealed>),
}

/// Material that is still to be parsed.
struct Sealed {
    name: MaterialName,
    wrapped: WrappedSecret,
    spec: KeySpec,
    secret: SecretBytes,
}

impl Sealed {
    fn parse(&self) -> Result<KeyMaterial, InvalidKeyMaterial> {
        KeyMaterial::decode(self.spec, &self.secret)
    }
}

fn at_hand(key: &Authorized<Arc<KeyRecord>>, service: &Service) -> Result<AtHand, ServiceError> {
    let record = key.subject();
    let id = current_id(record)?;
    let missing = ServiceError::Internal(InternalError::RowMissing("material"));
    let wrapped = wrapped(record, id, service)?.ok_or(missing)?;
    let name = (record.arn.region, record.arn.key_id, id);
    if let Some(material) = service.view.parsed(&name, &wrapped) {
        return Ok(AtHand::Parsed(material));
    }
    let (spec, secret) = (record.body.key_spec.core()?, unwrap(record, id, &wrapped, service)?);
    Ok(AtHand::Sealed(Box::new(Sealed { name, wrapped, spec, secret })))
}

/// The public half of an asymmetric key, from its record; parsed once per change of the record.
///
/// # Errors
/// Internal, when there is none or it does not parse.
pub(crate) fn public_key(key: &Authorized<Arc<KeyRecord>>) -> Result<&PublicKey, ServiceError> {
    let record = key.subject();
    record.public_key().ok_or_else(|| unreadable(record))
}

/// Uses the private half of a key: RSA on a worker, its parsing included, the rest at once.
///
/// # Errors
/// As [`parsed`]; Busy.
pub(crate) async fn with_private_key<T: Send + 'static>(
    key: &Authorized<Arc<KeyRecord>>,
    service: &Service,
    work: impl FnOnce(&KeyMaterial) -> T + Send + 'static,
) -> Result<T, ServiceError> {
    if key.subject().body.key_spec.core()?.family() != Family::Rsa {
        return Ok(work(&*parsed(key, service)?));
    }
    let workers = service.workers.as_ref();
    let sealed = match at_hand(key, service)? {
        AtHand::Parsed(material) => return work::run(workers, Lane::PrivateKey, move || work(&material)).await,
        AtHand::Sealed(sealed) => sealed,
    };
    let job = move || {
        sealed.parse().map(|material| {
            let result = work(&material);
            (sealed.name, sealed.wrapped, material, result)
        })
    };
    let done = work::run(workers, Lane::PrivateKey, job).await?;
    let (name, wrapped, material, result) = done.map_err(|_| unreadable(key.subject()))?;
    service.view.keep_parsed(name, wrapped, Arc::new(material));
    Ok(result)
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

/// These bytes as the symmetric material of a key.
///
/// # Errors
/// [`InvalidKeyMaterial`]: their number is not the one that the key's Region wants.
pub(crate) fn symmetric(secret: &SecretBytes, key: &KeyArn) -> Result<KeyMaterial, InvalidKeyMaterial> {
    Ok(KeyMaterial::Symmetric(SymmetricMaterial::from_secret_for(cipher_of(key), secret)?))
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
    now: Timestamp,
    service: &Service,
) -> Result<MaterialRecord, ServiceError> {
    let failed = |_| ServiceError::Internal(InternalError::Sealing);
    let secret = material.encode().map_err(|_| ServiceError::Internal(InternalError::Sealing))?;
    let random = service.random.as_ref();
    let wrapped = service.domain_keys.wrap(secret.expose(), &row_key.binding(), random).map_err(failed)?;
    Ok(MaterialRecord { created: now, wrapped: wrapped.encode() })
}

/// A material out of its wrapping, for the related keys of its key and nobody else: no caller has asked for it.
///
/// # Errors
/// Internal, when the row does not open under the domain keys.
pub(crate) fn export(
    row_key: &MaterialRowKey,
    row: &MaterialRecord,
    service: &Service,
) -> Result<SecretBytes, ServiceError> {
    let unreadable = || ServiceError::Internal(InternalError::SecretUnreadable);
    let wrapped = WrappedSecret::decode(&row.wrapped).map_err(|_| unreadable())?;
    service.domain_keys.unwrap_key(&wrapped, &row_key.binding()).map_err(|_| unreadable())
}

/// Wraps material that a related key sent for its row here, when it is what the key takes.
///
/// # Errors
/// Internal.
pub(crate) fn import(
    secret: &SecretBytes,
    spec: kagiban_api::KeySpec,
    row_key: &MaterialRowKey,
    created: Timestamp,
    service: &Service,
) -> Result<MaterialRecord, ServiceError> {
    let key = row_key.key();
    let material = match spec.core()? {
        spec if spec.family() == Family::Symmetric => symmetric(secret, &key),
        spec => KeyMaterial::decode(spec, secret),
    };
    let material = material.map_err(|_| ServiceError::Internal(InternalError::MaterialUnreadable(key)))?;
    wrap(&material, row_key, created, service)
}

/// What `SYMMETRIC_DEFAULT` means in the key's Region.
fn cipher_of(key: &KeyArn) -> SymmetricCipher {
    SymmetricCipher::of(key.region.partition())
}

fn current_id(record: &KeyRecord) -> Result<KeyMaterialId, ServiceError> {
    record.body.current_material.ok_or(ServiceError::Internal(InternalError::RowMissing("material")))
}

/// A key's material as the view holds it. Imported material can go after its key was found to be enabled, and its time may be
/// over before the job that deletes it has come; whoever is in between is told of the state that the key is in by now.
fn wrapped(record: &KeyRecord, id: KeyMaterialId, service: &Service) -> Result<Option<WrappedSecret>, ServiceError> {
    let import = record.body.imports.iter().find(|import| import.id == id);
    let is_over = import.and_then(|import| import.valid_to).is_some_and(|end| end <= service.clock.now());
    match service.view.material(&record.arn, id) {
        found if !is_over && (found.is_some() || import.is_none()) => Ok(found),
        _ => Err(ServiceError::KeyInState(record.arn, KeyState::PendingImport)),
    }
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
