//! The file's keys and aliases: first what they ask for, held against the rules of CreateKey, PutKeyPolicy and CreateAlias;
//! then, when nothing is wrong with the whole file, material for the new keys, and the rows.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_api::{CreateKeyRequest, KeySpec, KeyState, KeyUsageType, OriginType, Tag};
use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::id::{AccountId, KeyId, KeyMaterialId, Region};
use kagiban_base::secret::SecretBytes;
use kagiban_iam::BoundPolicy;
use kagiban_iam::seed::fault::{Place, Problem};
use kagiban_iam::seed::{Document, PlanError, Planner};
use kagiban_keycore::import;
use kagiban_keycore::material::KeyMaterial;
use kagiban_policy::default_key_policy;
use serde_json::json;

use super::file::{Key, KeyTables};
use super::lockout::root_could_put_policy;
use super::{Rules, SeedError, problem};
use crate::catalog::StateRule;
use crate::error::ServiceError;
use crate::keys::create_key::{NewKey, body_of, require_offered, spec_and_usage};
use crate::keys::state;
use crate::quotas::ResourceLimits;
use crate::records::alias::{AliasRecord, AliasRowKey, KeyAliasRecord, KeyAliasRowKey};
use crate::records::key::{KeyBody, KeyRecord};
use crate::records::key_policy::KeyPolicyRecord;
use crate::records::material::MaterialRecord;
use crate::spec::Counterpart;
use crate::view::View;
use crate::{DeploymentKind, Service, aliases, material, policies, records, tags};

/// What the file's keys and aliases come to.
#[derive(Default)]
pub(super) struct KeyPlans {
    keys: Vec<KeyPlan>,
    aliases: Vec<AliasPlan>,
}

/// A key as it will be.
struct KeyPlan {
    arn: KeyArn,
    body: KeyBody,
    is_new: bool,
    /// The state that a new key has once it has its material.
    is_enabled: bool,
    /// Given by the file; else it is made.
    material: Option<KeyMaterial>,
    policy: Option<BoundPolicy>,
}

/// An alias that points to a key.
struct AliasPlan {
    arn: AliasArn,
    target: KeyArn,
    is_new: bool,
}

/// Keys by their ARN with the aliases that they will have.
type AliasCounts = HashMap<KeyArn, u32>;

/// Works out what the keys and aliases of all accounts come to.
pub(super) async fn plan(
    tables: &[KeyTables],
    rules: Rules<'_>,
    planner: &mut Planner<'_>,
) -> Result<KeyPlans, PlanError> {
    let (mut plans, mut counts) = (KeyPlans::default(), AliasCounts::new());
    for (at, tables) in tables.iter().enumerate() {
        let place = Place::default().member("accounts", at);
        // A number that is none was told of with the account itself.
        let Ok(account) = tables.account.parse::<AccountId>() else { continue };
        for (at, table) in tables.keys.iter().enumerate() {
            let place = place.member("keys", at);
            let Some(arn) = key_arn(account, (&table.region, &table.id), ("region", "id"), &place, planner) else {
                continue;
            };
            if let Some(key) = plan_key(arn, table, rules, &place, planner).await? {
                plans.require_room(&key, rules, &place.key("id"), planner);
                counts.insert(arn, key.body.alias_count);
                plans.keys.push(key);
            }
            for (at, name) in table.aliases.iter().enumerate() {
                plans
                    .aliases
                    .extend(plan_alias(name, arn, &place.member("aliases", at), (&mut counts, rules), planner).await?);
            }
        }
        for (at, table) in tables.aliases.iter().enumerate() {
            let place = place.member("aliases", at);
            let Some(arn) = key_arn(account, (&table.region, &table.key), ("region", "key"), &place, planner) else {
                continue;
            };
            if require_target(arn, &place.key("key"), &mut counts, planner).await? {
                let name = place.key("name");
                plans.aliases.extend(plan_alias(&table.name, arn, &name, (&mut counts, rules), planner).await?);
            }
        }
    }
    Ok(plans)
}

/// The key that a table names.
fn key_arn(
    account: AccountId,
    (region, id): (&str, &str),
    (region_key, id_key): (&str, &str),
    place: &Place,
    planner: &mut Planner<'_>,
) -> Option<KeyArn> {
    let region = planner.faults.take(&place.key(region_key), region.parse::<Region>());
    let key_id = planner.faults.take(&place.key(id_key), id.parse::<KeyId>());
    Some(KeyArn { region: region?, account, key_id: key_id? })
}

async fn plan_key(
    arn: KeyArn,
    table: &Key,
    rules: Rules<'_>,
    place: &Place,
    planner: &mut Planner<'_>,
) -> Result<Option<KeyPlan>, PlanError> {
    let id_place = place.key("id");
    if !planner.is_first("key", &format!("{}/{}", arn.region, arn.key_id), &id_place) {
        return Ok(None);
    }
    if !is_free_for(arn, rules.view, &id_place, planner) {
        return Ok(None);
    }
    let stored: Option<KeyBody> = planner.draft.read(&arn.into()).await?;
    let limits = limits_of(arn, rules);
    let Some(wanted) = wanted(arn, table, stored.is_none(), (place, &limits), planner) else { return Ok(None) };
    let material = fixed_material(arn, table, &wanted, place, planner);
    let is_new = stored.is_none();
    let mut plan = match stored {
        None => KeyPlan {
            arn,
            is_new,
            is_enabled: table.enabled.unwrap_or(true),
            body: wanted,
            material: material.map(|(_, material)| material),
            policy: None,
        },
        Some(stored) => {
            let record = KeyRecord::new(arn, stored);
            if let Err(error) = require_changeable(&record) {
                planner.faults.add(&id_place, problem(&error));
                return Ok(None);
            }
            require_unchanged(&record, table, &wanted, material.map(|(id, _)| id), place, planner);
            let body = changed(record, table, wanted, place, planner);
            KeyPlan { arn, is_new, is_enabled: true, body, material: None, policy: None }
        }
    };
    plan.policy = policy(&plan, table, (place, &limits), planner).await?;
    Ok(Some(plan))
}

/// A key whose deletion is pending, or that a service has, is nothing for a file.
fn require_changeable(key: &KeyRecord) -> Result<(), ServiceError> {
    if !key.body.is_customer_managed() {
        return Err(ServiceError::KeyOfService(key.arn));
    }
    state::require(StateRule::Change, key)
}

/// Ids are unique in a Region, whatever the account.
fn is_free_for(arn: KeyArn, view: Option<&View>, place: &Place, planner: &mut Planner<'_>) -> bool {
    let owner = view.and_then(|view| view.key_by_id(arn.region, arn.key_id)).map(|key| key.arn.account);
    let other = owner.filter(|owner| *owner != arn.account);
    if let Some(other) = other {
        planner.faults.add(place, Problem::Taken(format!("account {other}")));
    }
    other.is_none()
}

/// The key as CreateKey would make it of this table, without material.
fn wanted(
    arn: KeyArn,
    table: &Key,
    is_new: bool,
    (place, limits): (&Place, &ResourceLimits),
    planner: &mut Planner<'_>,
) -> Option<KeyBody> {
    let tags: Vec<_> =
        table.tags.iter().flatten().map(|(key, value)| json!({"TagKey": key, "TagValue": value})).collect();
    let request = json!({
        "Description": table.description,
        "KeySpec": table.spec,
        "KeyUsage": table.usage,
        "Tags": tags,
    });
    let request = without_nulls(request).to_string();
    let decoded = kagiban_api::decode::<CreateKeyRequest>(request.as_bytes()).map_err(ServiceError::Decode);
    let input = planner.faults.take(place, decoded.map_err(|error| problem(&error)))?;
    if arn.key_id.is_multi_region() {
        planner.faults.add(&place.key("id"), problem(&ServiceError::NotOffered("MultiRegion".to_owned())));
    }
    // A stored key has its spec and usage; a table that leaves one of them out does not speak of it.
    let spec_and_usage = if is_new || (table.spec.is_some() && table.usage.is_some()) {
        planner.faults.take(place, spec_and_usage(&input).map_err(|error| problem(&error)))?
    } else {
        let usage = input.key_usage.unwrap_or(KeyUsageType::EncryptDecrypt);
        (input.key_spec.unwrap_or(KeySpec::SymmetricDefault), usage)
    };
    let offered = require_offered(&input, spec_and_usage.0, arn.region);
    planner.faults.take(place, offered.map_err(|error| problem(&error)))?;
    let tags: &[Tag] = input.tags.as_deref().unwrap_or_default();
    let tags = planner.faults.take(&place.key("tags"), tags::checked(tags, limits).map_err(|error| problem(&error)))?;
    Some(body_of(&input, spec_and_usage, tags, planner.site().now))
}

fn without_nulls(mut request: serde_json::Value) -> serde_json::Value {
    if let Some(members) = request.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    request
}

/// The material that the table gives, with the id that it has in this key.
fn fixed_material(
    arn: KeyArn,
    table: &Key,
    wanted: &KeyBody,
    place: &Place,
    planner: &mut Planner<'_>,
) -> Option<(KeyMaterialId, KeyMaterial)> {
    let literal = table.material.as_ref()?;
    let place = place.key("material");
    if planner.site().kind == DeploymentKind::Production {
        planner.faults.add(
            &place,
            Problem::Refused {
                code: "ValidationException",
                message: "a production deployment takes no key material from a file".to_owned(),
            },
        );
        return None;
    }
    if wanted.key_spec != KeySpec::SymmetricDefault {
        planner.faults.add(&place, problem(&ServiceError::SpecUnfit { key: arn, spec: wanted.key_spec }));
        return None;
    }
    let invalid = |message: String| Problem::Refused { code: "IncorrectKeyMaterialException", message };
    let decoded = STANDARD.decode(literal.0.expose()).map(SecretBytes::new);
    let secret = planner.faults.take(&place, decoded.map_err(|_| invalid("it is not base64".to_owned())))?;
    let material = material::symmetric(&secret, &arn).map_err(|error| invalid(error.to_string()));
    let material = planner.faults.take(&place, material)?;
    let id = import::material_id(&arn.key_id, &material).map_err(|error| invalid(error.to_string()));
    Some((planner.faults.take(&place, id)?, material))
}

/// What a key is once it exists.
fn require_unchanged(
    stored: &KeyRecord,
    table: &Key,
    wanted: &KeyBody,
    material: Option<KeyMaterialId>,
    place: &Place,
    planner: &mut Planner<'_>,
) {
    let body = &stored.body;
    let mut fixed = |key: &str, is_same: bool, stored: &str| {
        if !is_same {
            planner.faults.add(&place.key(key), Problem::Fixed { stored: stored.to_owned() });
        }
    };
    fixed("spec", table.spec.is_none() || body.key_spec == wanted.key_spec, body.key_spec.as_str());
    fixed("usage", table.usage.is_none() || body.key_usage == wanted.key_usage, body.key_usage.as_str());
    fixed("id", body.origin == OriginType::AwsKms, body.origin.as_str());
    // The id of material that came from the file is made of it, so nothing is opened to compare.
    fixed("material", material.is_none() || material == body.current_material, "other material");
}

/// The stored key with what the table changes.
fn changed(stored: KeyRecord, table: &Key, wanted: KeyBody, place: &Place, planner: &mut Planner<'_>) -> KeyBody {
    let arn = stored.arn;
    let mut body = stored.body;
    if table.description.is_some() {
        body.description = wanted.description;
    }
    if table.tags.is_some() {
        body.tags = wanted.tags;
    }
    if let Some(enabled) = table.enabled {
        match body.state {
            KeyState::Enabled | KeyState::Disabled => body.state = switched(enabled),
            state => planner.faults.add(&place.key("enabled"), problem(&ServiceError::KeyInState(arn, state))),
        }
    }
    body
}

const fn switched(enabled: bool) -> KeyState {
    if enabled { KeyState::Enabled } else { KeyState::Disabled }
}

/// The policy that the table gives, or the default one for a new key that has none. `None` when the key's policy stays.
async fn policy(
    plan: &KeyPlan,
    table: &Key,
    (place, limits): (&Place, &ResourceLimits),
    planner: &mut Planner<'_>,
) -> Result<Option<BoundPolicy>, PlanError> {
    let keys = &["policy", "policy_file"];
    let document = Document { keys, text: table.policy.as_deref(), file: table.policy_file.as_deref() };
    let KeyArn { region, account, .. } = plan.arn;
    let found = match document.is_given() {
        true => document.read(place, planner.site().references, &mut planner.faults),
        false if plan.is_new => Some((default_key_policy(account, region.partition()), place.clone())),
        false => None,
    };
    let Some((text, place)) = found else { return Ok(None) };
    let stored: Option<KeyPolicyRecord> = planner.draft.read(&plan.arn.into()).await?;
    let policy = match policies::checked(&text, planner.draft.directory(), limits) {
        Ok(policy) => policy,
        // Somebody whom it names is gone since it was saved. That is no reason not to start: it stays as it is.
        Err(_) if stored.is_some_and(|stored| stored.0.document == text) => return Ok(None),
        Err(error) => {
            planner.faults.add(&place, problem(&error));
            return Ok(None);
        }
    };
    let key = KeyRecord::new(plan.arn, plan.body.clone());
    let may_lock_out = table.bypass_policy_lockout_safety_check == Some(true);
    if !may_lock_out && !root_could_put_policy(&policy.compiled, &key) {
        planner.faults.add(&place, problem(&policies::locks_out()));
    }
    Ok(Some(policy.bound))
}

/// Whether there is such a key for an alias, in the file or in the store.
async fn require_target(
    arn: KeyArn,
    place: &Place,
    counts: &mut AliasCounts,
    planner: &mut Planner<'_>,
) -> Result<bool, PlanError> {
    if counts.contains_key(&arn) {
        return Ok(true);
    }
    let Some(body) = planner.draft.read::<KeyBody>(&arn.into()).await? else {
        planner.faults.add(place, Problem::Missing { what: "key", name: arn.key_id.to_string() });
        return Ok(false);
    };
    counts.insert(arn, body.alias_count);
    let fit = require_changeable(&KeyRecord::new(arn, body));
    Ok(planner.faults.take(place, fit.map_err(|error| problem(&error))).is_some())
}

async fn plan_alias(
    name: &str,
    target: KeyArn,
    place: &Place,
    (counts, rules): (&mut AliasCounts, Rules<'_>),
    planner: &mut Planner<'_>,
) -> Result<Option<AliasPlan>, PlanError> {
    let checked = aliases::name(name).map_err(|error| problem(&error));
    let Some(name) = planner.faults.take(place, checked) else { return Ok(None) };
    let arn = AliasArn { region: target.region, account: target.account, name };
    if arn.name.is_reserved() {
        let operation = kagiban_api::Operation::CreateAlias;
        planner.faults.add(place, problem(&ServiceError::AliasReserved { operation, name: arn.name }));
        return Ok(None);
    }
    if !planner.is_first("alias", &arn.to_string(), place) {
        return Ok(None);
    }
    let stored: Option<AliasRecord> = planner.draft.read(&AliasRowKey::from(arn.clone())).await?;
    let is_new = match stored {
        Some(alias) if alias.target == target.key_id => false,
        Some(alias) => {
            planner.faults.add(place, Problem::Taken(format!("key {}", alias.target)));
            return Ok(None);
        }
        None => true,
    };
    if is_new && let Some(count) = counts.get_mut(&target) {
        let counted =
            aliases::count_one_more(count, limits_of(target, rules).aliases_per_key).map_err(|error| problem(&error));
        planner.faults.take(place, counted);
    }
    Ok(Some(AliasPlan { arn, target, is_new }))
}

/// What the keys in the place of this one must keep within.
fn limits_of(arn: KeyArn, rules: Rules<'_>) -> ResourceLimits {
    rules.quotas.limits(records::Place { region: arn.region, account: arn.account })
}

impl KeyPlans {
    /// A new key must have a place, beside those of the store and of the file.
    fn require_room(&self, key: &KeyPlan, rules: Rules<'_>, place: &Place, planner: &mut Planner<'_>) {
        let (true, Some(limit)) = (key.is_new, limits_of(key.arn, rules).keys) else { return };
        let KeyArn { region, account, .. } = key.arn;
        let stored = rules.view.map_or(0, |view| view.key_counts().usage(records::Place { region, account }));
        let is_beside = |other: &&KeyPlan| other.is_new && (other.arn.region, other.arn.account) == (region, account);
        let planned = self.keys.iter().filter(is_beside).count();
        let usage = stored.saturating_add(u32::try_from(planned).unwrap_or(u32::MAX));
        if usage >= limit {
            planner.faults.add(place, problem(&ServiceError::KeyLimit { limit, usage }));
        }
    }

    /// Makes material for the new keys and drafts all rows. Aliases come last, when their keys are there.
    pub(super) async fn draft(self, planner: &mut Planner<'_>, service: &Service) -> Result<(), SeedError> {
        for key in self.keys {
            let before = planner.draft.changes();
            let is_new = key.is_new;
            key.draft(planner, service).await?;
            planner.finish("keys", is_new, before);
        }
        for AliasPlan { arn, target, is_new } in self.aliases {
            let before = planner.draft.changes();
            if is_new {
                point(arn, target, planner).await?;
            }
            planner.finish("aliases", is_new, before);
        }
        Ok(())
    }
}

impl KeyPlan {
    async fn draft(self, planner: &mut Planner<'_>, service: &Service) -> Result<(), SeedError> {
        let row_key = self.arn.into();
        let policy = self.policy.map(KeyPolicyRecord);
        let mut body = self.body;
        if self.is_new {
            let (id, material) = match self.material {
                Some(material) => {
                    let id = import::material_id(&self.arn.key_id, &material).map_err(|_| SeedError::Material)?;
                    (id, material)
                }
                None => (material_id(service)?, fresh_material(&self.arn, &body, service).await?),
            };
            let now = planner.site().now;
            let new = NewKey::with_material(self.arn, body, (id, &material), now, service);
            let new = new.map_err(|_| SeedError::Material)?;
            if let Some((row_key, row)) = &new.material {
                planner.draft.put::<MaterialRecord>(row_key, row).await?;
            }
            body = new.key.body;
            body.state = switched(self.is_enabled);
        }
        planner.draft.put(&row_key, &body).await?;
        if let Some(policy) = policy {
            planner.draft.put(&row_key, &policy).await?;
        }
        Ok(())
    }
}

fn material_id(service: &Service) -> Result<KeyMaterialId, SeedError> {
    Ok(KeyMaterialId::generate(service.random.as_ref()).map_err(PlanError::from)?)
}

/// When all workers are busy the pair is made here: nobody is served yet who could be kept waiting.
async fn fresh_material(arn: &KeyArn, body: &KeyBody, service: &Service) -> Result<KeyMaterial, SeedError> {
    let spec = body.key_spec.core().map_err(|_| SeedError::Material)?;
    match material::generate(spec, arn, service).await {
        Err(ServiceError::Busy) => {
            KeyMaterial::generate(spec, service.random.as_ref()).map_err(|_| SeedError::Material)
        }
        made => made.map_err(|_| SeedError::Material),
    }
}

/// Writes an alias, its index entry and the key's count.
async fn point(arn: AliasArn, target: KeyArn, planner: &mut Planner<'_>) -> Result<(), SeedError> {
    let now = planner.site().now;
    let mut body: KeyBody = planner.draft.read(&target.into()).await?.ok_or(PlanError::RowMissing("alias target"))?;
    body.alias_count = body.alias_count.saturating_add(1);
    planner.draft.put(&target.into(), &body).await?;
    let row_key = AliasRowKey::from(arn);
    planner.draft.put(&row_key, &AliasRecord { target: target.key_id, created: now, updated: now }).await?;
    planner.draft.put(&KeyAliasRowKey::new(&row_key, target.key_id), &KeyAliasRecord {}).await?;
    Ok(())
}
