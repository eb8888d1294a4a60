//! What FindKeys can be asked for. Several filters must all hold; of the values of one filter, any.

use kagiban_api::{KeyManagerType, KeySpec, KeyState, KeyUsageType, OriginType};
use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::id::{AliasName, KeyId};
use kagiban_base::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::fields::Object;
use super::super::{Context, OperatorError};
use crate::keys::metadata;
use crate::records::Place;
use crate::records::grant::Fnv;
use crate::records::key::{KeyBody, KeyRecord};
use crate::rotation;
use crate::view::View;

/// Values of one filter at most.
const VALUES_MAX: usize = 100;
/// Longest description that can be searched for, in bytes: longer ones than a description can be match nothing.
const DESCRIPTION_LEN_MAX: usize = 8192;
/// Seconds since 1970 of the last moment that can be asked for: the end of the year 9999.
const SECONDS_MAX: f64 = 253_402_300_799.0;
/// Days that can be asked for at most: 100 years.
const DAYS_MAX: u32 = 36_500;

/// The filters of a body, not yet looked at. An absent one admits every key.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct FiltersField {
    aliases: Option<Vec<String>>,
    created_after: Option<f64>,
    created_before: Option<f64>,
    description_contains: Option<Vec<String>>,
    key_ids: Option<Vec<String>>,
    key_managers: Option<Vec<String>>,
    key_specs: Option<Vec<String>>,
    key_states: Option<Vec<String>>,
    key_usages: Option<Vec<String>>,
    multi_region: Option<Vec<String>>,
    never_used: Option<bool>,
    origins: Option<Vec<String>>,
    rotation: Option<Vec<String>>,
    tags: Option<Vec<Object<TagField>>>,
    unused_for_days: Option<u32>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct TagField {
    tag_key: String,
    #[serde(default)]
    tag_values: Vec<String>,
}

impl FiltersField {
    /// What markers are bound to: a hash, by which nothing is found and nothing protected.
    pub(super) fn binding(&self) -> String {
        let mut hash = Fnv::default();
        hash.text(&serde_json::to_string(self).unwrap_or_default());
        format!("{:016x}", hash.value())
    }
}

/// The filters of a request.
#[derive(Debug)]
pub(super) struct Filters {
    aliases: Option<Vec<AliasPattern>>,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
    description_contains: Option<Vec<String>>,
    key_ids: Option<Vec<KeyId>>,
    key_managers: Option<Vec<KeyManagerType>>,
    key_specs: Option<Vec<KeySpec>>,
    key_states: Option<Vec<KeyState>>,
    key_usages: Option<Vec<KeyUsageType>>,
    multi_region: Option<Vec<MultiRegion>>,
    never_used: Option<bool>,
    origins: Option<Vec<OriginType>>,
    rotation: Option<Vec<Rotation>>,
    tags: Vec<TagFilter>,
    unused_for_ms: Option<i64>,
}

/// `alias/x`, or `alias/app/*` for all that begin so.
#[derive(Debug)]
enum AliasPattern {
    Exactly(AliasName),
    From(String),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum MultiRegion {
    None,
    Primary,
    Replica,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Rotation {
    Off,
    On,
    Overdue,
}

/// A tag that a key must have, with one of these values if there are any.
#[derive(Debug)]
struct TagFilter {
    key: String,
    values: Vec<String>,
}

impl Filters {
    /// # Errors
    /// ValidationException naming the filter.
    pub(super) fn read(field: &FiltersField, place: Place) -> Result<Self, OperatorError> {
        let kinds = |text: &str| match text {
            "SINGLE_REGION" => Some(MultiRegion::None),
            "PRIMARY" => Some(MultiRegion::Primary),
            "REPLICA" => Some(MultiRegion::Replica),
            _ => None,
        };
        let rotations = |text: &str| match text {
            "OFF" => Some(Rotation::Off),
            "ON" => Some(Rotation::On),
            "OVERDUE" => Some(Rotation::Overdue),
            _ => None,
        };
        let descriptions = |text: &str| (1..=DESCRIPTION_LEN_MAX).contains(&text.len()).then(|| text.to_lowercase());
        Ok(Self {
            aliases: any("Aliases", "names such as alias/app, or alias/app/*", field.aliases.as_ref(), alias)?,
            created_after: moment("CreatedAfter", field.created_after)?,
            created_before: moment("CreatedBefore", field.created_before)?,
            description_contains: any(
                "DescriptionContains",
                "texts of 1 to 8192 bytes",
                field.description_contains.as_ref(),
                descriptions,
            )?,
            key_ids: any("KeyIds", "key ids, or key ARNs of the account and Region", field.key_ids.as_ref(), |text| {
                key_id(text, place)
            })?,
            key_managers: any("KeyManagers", "AWS or CUSTOMER", field.key_managers.as_ref(), KeyManagerType::parse)?,
            key_specs: any("KeySpecs", "key specs of the API", field.key_specs.as_ref(), KeySpec::parse)?,
            key_states: any("KeyStates", "key states of the API", field.key_states.as_ref(), KeyState::parse)?,
            key_usages: any("KeyUsages", "key usages of the API", field.key_usages.as_ref(), KeyUsageType::parse)?,
            multi_region: any("MultiRegion", "SINGLE_REGION, PRIMARY or REPLICA", field.multi_region.as_ref(), kinds)?,
            never_used: field.never_used,
            origins: any("Origins", "origins of the API", field.origins.as_ref(), OriginType::parse)?,
            rotation: any("Rotation", "ON, OFF or OVERDUE", field.rotation.as_ref(), rotations)?,
            tags: tags(field.tags.as_deref())?,
            unused_for_ms: field.unused_for_days.map(days).transpose()?,
        })
    }

    /// The only keys that can be meant, if the filters name keys one by one.
    pub(super) fn named(&self, place: Place, view: &View) -> Option<Vec<KeyId>> {
        if let Some(key_ids) = &self.key_ids {
            return Some(key_ids.clone());
        }
        let target = |pattern: &AliasPattern| match pattern {
            AliasPattern::From(_) => None,
            AliasPattern::Exactly(name) => {
                let Place { region, account } = place;
                Some(view.alias(&AliasArn { region, account, name: name.clone() }))
            }
        };
        let targets: Option<Vec<Option<KeyId>>> = self.aliases.as_ref()?.iter().map(target).collect();
        Some(targets?.into_iter().flatten().collect())
    }

    /// Whether a key is wanted.
    pub(super) fn admit(&self, key: &KeyRecord, ctx: &Context<'_>) -> bool {
        let body = &key.body;
        is_any(self.key_ids.as_ref(), &key.arn.key_id)
            && is_any(self.key_managers.as_ref(), &body.key_manager)
            && is_any(self.key_specs.as_ref(), &body.key_spec)
            && is_any(self.key_states.as_ref(), &body.state)
            && is_any(self.key_usages.as_ref(), &body.key_usage)
            && is_any(self.origins.as_ref(), &body.origin)
            && self.created_after.is_none_or(|after| body.created >= after)
            && self.created_before.is_none_or(|before| body.created < before)
            && self.tags.iter().all(|tag| tag.is_on(body))
            && self.multi_region.as_ref().is_none_or(|kinds| kinds.contains(&multi_region(key)))
            && self.rotation.as_ref().is_none_or(|wanted| wanted.iter().any(|wanted| wanted.is_of(body, ctx)))
            && self.description_contains.as_ref().is_none_or(|parts| describes(body, parts))
            && self.aliases.as_ref().is_none_or(|patterns| is_called(key, patterns, ctx))
            && self.is_unused(key, ctx)
    }

    fn is_unused(&self, key: &KeyRecord, ctx: &Context<'_>) -> bool {
        if self.never_used.is_none() && self.unused_for_ms.is_none() {
            return true;
        }
        let last = ctx.service.view.key_uses().last(&key.arn, key.body.created);
        // What was before is not known, so it counts from then.
        let since = last.unwrap_or_else(|| key.body.created.max(ctx.service.key_uses_since));
        self.never_used.is_none_or(|never| last.is_none() == never)
            && self.unused_for_ms.is_none_or(|least| ctx.now.ms_since(since) >= least)
    }
}

impl TagFilter {
    fn is_on(&self, key: &KeyBody) -> bool {
        key.tags.get(&self.key).is_some_and(|value| self.values.is_empty() || self.values.contains(value))
    }
}

impl Rotation {
    fn is_of(self, key: &KeyBody, ctx: &Context<'_>) -> bool {
        let shown = rotation::shown(key);
        match self {
            Self::Off => shown.is_none(),
            Self::On => shown.is_some(),
            Self::Overdue => shown.is_some_and(|automatic| automatic.next <= ctx.now),
        }
    }
}

impl AliasPattern {
    fn fits(&self, name: &AliasName) -> bool {
        match self {
            Self::Exactly(wanted) => name == wanted,
            Self::From(start) => name.as_str().starts_with(start),
        }
    }
}

fn is_any<T: PartialEq>(wanted: Option<&Vec<T>>, value: &T) -> bool {
    wanted.is_none_or(|wanted| wanted.contains(value))
}

fn describes(key: &KeyBody, parts: &[String]) -> bool {
    let description = key.description.to_lowercase();
    parts.iter().any(|part| description.contains(part))
}

fn is_called(key: &KeyRecord, patterns: &[AliasPattern], ctx: &Context<'_>) -> bool {
    let names = ctx.service.view.aliases_of(&key.arn);
    names.iter().any(|name| patterns.iter().any(|pattern| pattern.fits(name)))
}

fn multi_region(key: &KeyRecord) -> MultiRegion {
    use kagiban_api::MultiRegionKeyType as Type;
    if !key.arn.key_id.is_multi_region() {
        return MultiRegion::None;
    }
    let configuration = metadata::of(key).multi_region_configuration;
    match configuration.and_then(|configuration| configuration.multi_region_key_type) {
        Some(Type::Replica) => MultiRegion::Replica,
        _ => MultiRegion::Primary,
    }
}

/// The values of a filter.
fn any<T>(
    name: &'static str,
    must_be: &'static str,
    values: Option<&Vec<String>>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<Vec<T>>, OperatorError> {
    let Some(values) = values else { return Ok(None) };
    if values.is_empty() || values.len() > VALUES_MAX {
        return Err(OperatorError::FilterValues { name, max: VALUES_MAX });
    }
    values
        .iter()
        .map(|value| read(value))
        .collect::<Option<Vec<T>>>()
        .ok_or(OperatorError::Filter { name, must_be })
        .map(Some)
}

fn alias(text: &str) -> Option<AliasPattern> {
    match text.strip_suffix('*') {
        None => text.parse().ok().map(AliasPattern::Exactly),
        // What every alias begins with is a name's beginning, too, and no name.
        Some(AliasName::PREFIX) => Some(AliasPattern::From(AliasName::PREFIX.to_owned())),
        Some(start) => start.parse::<AliasName>().ok().map(|start| AliasPattern::From(start.to_string())),
    }
}

fn key_id(text: &str, place: Place) -> Option<KeyId> {
    let of_arn = |arn: KeyArn| (arn.region, arn.account) == (place.region, place.account);
    let arn = text.parse::<KeyArn>().ok().filter(|arn| of_arn(*arn)).map(|arn| arn.key_id);
    arn.or_else(|| text.parse().ok())
}

fn tags(fields: Option<&[Object<TagField>]>) -> Result<Vec<TagFilter>, OperatorError> {
    let fields = fields.unwrap_or_default();
    if fields.len() > VALUES_MAX || fields.iter().any(|Object(field)| field.tag_values.len() > VALUES_MAX) {
        return Err(OperatorError::FilterValues { name: "Tags", max: VALUES_MAX });
    }
    let of_field =
        |Object(field): &Object<TagField>| TagFilter { key: field.tag_key.clone(), values: field.tag_values.clone() };
    Ok(fields.iter().map(of_field).collect())
}

fn moment(name: &'static str, seconds: Option<f64>) -> Result<Option<Timestamp>, OperatorError> {
    let Some(seconds) = seconds else { return Ok(None) };
    if !(0.0..=SECONDS_MAX).contains(&seconds) {
        return Err(OperatorError::Filter { name, must_be: "seconds since 1970, up to the year 9999" });
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is within the limits above")]
    let ms = (seconds * 1000.0).round() as i64;
    Ok(Some(Timestamp::from_unix_ms(ms)))
}

fn days(days: u32) -> Result<i64, OperatorError> {
    if days > DAYS_MAX {
        return Err(OperatorError::Filter { name: "UnusedForDays", must_be: "0 to 36500 days" });
    }
    Ok(i64::from(days).saturating_mul(DAY_MS))
}
