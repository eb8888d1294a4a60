//! The condition keys of KMS: one row each, with its name and where its value comes from.
//!
//! Source: developer guide, "AWS KMS condition keys"; service authorization reference. The keys that every service has
//! are `kagiban_iam::global_keys`'s; an operation's parameters come as [`Fact`]s from its handler. A key whose fact an
//! operation does not give is absent there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kagiban_api::{GrantConstraints, MultiRegionKeyType, Operation, Tag};
use kagiban_attestation::{Attestation, Platform};
use kagiban_base::time::{DAY_MS, Timestamp};
use kagiban_iam::global_keys::{GlobalKeys, number, truth};
use kagiban_identity::names::eq_tag_keys;
use kagiban_policy::{ConditionKey, ConditionValue, ConditionValues};

use crate::authorize::Said;
use crate::context::Context;
use crate::records::Place;
use crate::records::key::KeyRecord;

/// A parameter of a request that policies can ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fact<'a> {
    Attestation(Option<&'a Attestation>),
    BypassPolicyLockoutSafetyCheck(Option<bool>),
    DataKeyPairSpec(&'a str),
    EncryptionAlgorithm(&'a str),
    EncryptionContext(Option<&'a BTreeMap<String, String>>),
    ExpirationModel(Option<&'a str>),
    GrantConstraints(Option<&'a GrantConstraints>),
    GrantIsForAwsResource(bool),
    GrantOperations(&'a [&'a str]),
    GranteePrincipal(Option<&'a str>),
    GranteeServicePrincipal(Option<&'a str>),
    KeyAgreementAlgorithm(&'a str),
    MacAlgorithm(&'a str),
    MessageType(&'a str),
    NewKey(NewKeyFacts),
    PolicyName(&'a str),
    PrimaryRegion(&'a str),
    ReEncryptOnSameKey(bool),
    ReplicaRegion(&'a str),
    RequestTags(&'a [Tag]),
    RetiringPrincipal(Option<&'a str>),
    RetiringServicePrincipal(Option<&'a str>),
    RotationPeriodInDays(i32),
    ScheduleKeyDeletionPendingWindowInDays(i32),
    SigningAlgorithm(&'a str),
    SourceArn(Option<&'a str>),
    TagKeys(&'a [String]),
    ValidTo(Option<Timestamp>),
    WrappingAlgorithm(&'a str),
    WrappingKeySpec(&'a str),
}

/// What a key will be that does not exist yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewKeyFacts {
    pub(crate) spec: &'static str,
    pub(crate) usage: &'static str,
    pub(crate) origin: &'static str,
    /// The part in its set; absent for a single-Region key.
    pub(crate) multi_region: Option<MultiRegionKeyType>,
}

/// The values of all condition keys of one question.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) ctx: &'a Context<'a>,
    pub(crate) key: Option<&'a KeyRecord>,
    pub(crate) said: Said<'a>,
}

impl ConditionValues for Values<'_> {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        let name = key.lower();
        if name.starts_with("kms:") {
            return match ROWS.iter().find(|row| row.name == name) {
                Some(row) => (row.read)(self),
                None => self.with_parameter(key),
            };
        }
        let ctx = self.ctx;
        let global = GlobalKeys { caller: Some(ctx.caller), request: ctx.request, now: ctx.now };
        global.value(key).unwrap_or_else(|| self.of_resource(key))
    }
}

fn one<'a>(value: Option<impl Into<Cow<'a, str>>>) -> ConditionValue<'a> {
    value.map_or(ConditionValue::Absent, |value| ConditionValue::One(value.into()))
}

/// The first fact of one kind.
macro_rules! fact {
    ($values:expr, $kind:ident) => {
        $values.said.facts.iter().find_map(|fact| match fact {
            Fact::$kind(value) => Some(*value),
            _ => None,
        })
    };
}

impl<'a> Values<'a> {
    /// The pairs that `kms:EncryptionContext:KEY` and `kms:EncryptionContextKeys` speak of.
    pub(crate) fn encryption_context(&self) -> Option<&'a BTreeMap<String, String>> {
        let constraints = || {
            let constraints = fact!(self, GrantConstraints).flatten()?;
            constraints.encryption_context_equals.as_ref().or(constraints.encryption_context_subset.as_ref())
        };
        fact!(self, EncryptionContext).flatten().or_else(constraints)
    }

    /// The keys that end in a parameter of the policy's own.
    fn with_parameter(&self, key: &ConditionKey) -> ConditionValue<'_> {
        if let Some(wanted) = key.parameter("kms:encryptioncontext:") {
            return in_any_case(texts(self.encryption_context().into_iter().flatten()), wanted);
        }
        if let Some(register) = key.parameter("kms:recipientattestation:") {
            let attestation = fact!(self, Attestation).flatten();
            return one(attestation.and_then(|attestation| measurement(attestation, register)));
        }
        ConditionValue::Absent
    }

    /// `aws:` keys about the key and the request's tags.
    fn of_resource(&self, key: &ConditionKey) -> ConditionValue<'_> {
        if let Some(name) = key.parameter("aws:resourcetag/") {
            return match self.key {
                Some(record) => in_any_case(texts(&*record.body.tags), name),
                // CreateKey: the tags that the key is to have.
                None if fact!(self, NewKey).is_some() => self.request_tag(name),
                None => ConditionValue::Absent,
            };
        }
        if let Some(name) = key.parameter("aws:requesttag/") {
            return self.request_tag(name);
        }
        match key.lower() {
            "aws:tagkeys" => self.tag_keys(),
            "aws:resourceaccount" => match self.key {
                Some(record) => ConditionValue::One(record.arn.account.to_string().into()),
                None => ConditionValue::One(self.ctx.caller.account().to_string().into()),
            },
            _ => ConditionValue::Absent,
        }
    }

    fn request_tag(&self, name: &str) -> ConditionValue<'_> {
        let tags = fact!(self, RequestTags).unwrap_or_default();
        in_any_case(tags.iter().map(|tag| (tag.tag_key.as_str(), tag.tag_value.as_str())), name)
    }

    fn tag_keys(&self) -> ConditionValue<'_> {
        if let Some(tags) = fact!(self, RequestTags) {
            return ConditionValue::Many(tags.iter().map(|tag| tag.tag_key.as_str().into()).collect());
        }
        match fact!(self, TagKeys) {
            Some(keys) => ConditionValue::Many(keys.iter().map(|key| key.as_str().into()).collect()),
            None => ConditionValue::Absent,
        }
    }

    fn aliases_of_key(&self) -> ConditionValue<'_> {
        let Some(record) = self.key else { return ConditionValue::Absent };
        let service = self.ctx.service;
        let names = service.view.aliases_of(&record.arn);
        let place = Place { region: record.arn.region, account: record.arn.account };
        // As AWS: aliases beyond the quota take the condition key away.
        if u32::try_from(names.len()).is_ok_and(|count| count > service.quotas.limits(place).aliases_per_key) {
            return ConditionValue::Absent;
        }
        ConditionValue::Many(names.iter().map(|name| name.to_string().into()).collect())
    }
}

fn texts<'v>(pairs: impl IntoIterator<Item = (&'v String, &'v String)>) -> impl Iterator<Item = (&'v str, &'v str)> {
    pairs.into_iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

/// The value of the pair with this name in any case. Names that differ in case only are one condition key with several
/// values, so that neither hides the other: an Allow needs all of them, to a Deny one is enough.
fn in_any_case<'v>(pairs: impl Iterator<Item = (&'v str, &'v str)>, wanted: &str) -> ConditionValue<'v> {
    let mut values =
        pairs.filter(|(name, _)| *name == wanted || eq_tag_keys(name, wanted)).map(|(_, value)| Cow::Borrowed(value));
    match (values.next(), values.next()) {
        (None, _) => ConditionValue::Absent,
        (Some(only), None) => ConditionValue::One(only),
        (Some(first), Some(second)) => ConditionValue::Many([first, second].into_iter().chain(values).collect()),
    }
}

/// A measurement in lower-case hex. Of an enclave: `PCR0` to `PCR31`, and `ImageSha384`, which is PCR0. Of an instance with
/// NitroTPM: `NitroTPMPCR0` to `NitroTPMPCR23`. What the one measures never passes for the other.
fn measurement(attestation: &Attestation, register: &str) -> Option<String> {
    let lower = register.to_ascii_lowercase();
    let (prefix, last) = match attestation.platform() {
        Platform::NitroEnclave => ("pcr", 31),
        Platform::NitroTpm => ("nitrotpmpcr", 23),
    };
    let value = match lower.as_str() {
        "imagesha384" => attestation.image_sha384()?,
        _ => {
            let index = lower.strip_prefix(prefix)?.parse().ok().filter(|index| *index <= last)?;
            attestation.pcr(index)?
        }
    };
    Some(value.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// One condition key: its name in lower case, and how its value is read.
struct Row {
    name: &'static str,
    read: for<'v> fn(&'v Values<'v>) -> ConditionValue<'v>,
}

/// Every condition key of KMS that has no parameter, by name.
static ROWS: [Row; 38] = [
    Row {
        name: "kms:bypasspolicylockoutsafetycheck",
        read: |v| fact!(v, BypassPolicyLockoutSafetyCheck).flatten().map_or(ConditionValue::Absent, truth),
    },
    Row { name: "kms:calleraccount", read: |v| ConditionValue::One(v.ctx.caller.account().to_string().into()) },
    Row { name: "kms:customermasterkeyspec", read: spec },
    Row { name: "kms:customermasterkeyusage", read: usage },
    Row { name: "kms:datakeypairspec", read: |v| one(fact!(v, DataKeyPairSpec)) },
    Row { name: "kms:encryptionalgorithm", read: |v| one(fact!(v, EncryptionAlgorithm)) },
    Row {
        name: "kms:encryptioncontextkeys",
        read: |v| match v.encryption_context() {
            Some(pairs) => ConditionValue::Many(pairs.keys().map(|key| key.as_str().into()).collect()),
            None => ConditionValue::Absent,
        },
    },
    Row { name: "kms:expirationmodel", read: |v| one(fact!(v, ExpirationModel).flatten()) },
    Row { name: "kms:grantconstraintsourcearn", read: |v| one(fact!(v, SourceArn).flatten()) },
    Row { name: "kms:grantconstrainttype", read: grant_constraint_type },
    Row { name: "kms:granteeprincipal", read: |v| one(fact!(v, GranteePrincipal).flatten()) },
    Row { name: "kms:granteeserviceprincipal", read: |v| one(fact!(v, GranteeServicePrincipal).flatten()) },
    Row {
        name: "kms:grantisforawsresource",
        read: |v| fact!(v, GrantIsForAwsResource).map_or(ConditionValue::Absent, truth),
    },
    Row {
        name: "kms:grantoperations",
        read: |v| match fact!(v, GrantOperations) {
            Some(names) => ConditionValue::Many(names.iter().map(|name| Cow::Borrowed(*name)).collect()),
            None => ConditionValue::Absent,
        },
    },
    Row { name: "kms:keyagreementalgorithm", read: |v| one(fact!(v, KeyAgreementAlgorithm)) },
    Row {
        name: "kms:keyorigin",
        read: |v| {
            let of_key = v.key.map(|key| key.body.origin.as_str());
            one(of_key.or_else(|| fact!(v, NewKey).map(|new| new.origin)))
        },
    },
    Row { name: "kms:keyspec", read: spec },
    Row { name: "kms:keyusage", read: usage },
    Row { name: "kms:macalgorithm", read: |v| one(fact!(v, MacAlgorithm)) },
    Row { name: "kms:messagetype", read: |v| one(fact!(v, MessageType)) },
    Row {
        name: "kms:multiregion",
        read: |v| match (v.key, fact!(v, NewKey)) {
            (Some(key), _) => truth(key.arn.key_id.is_multi_region()),
            (None, Some(new)) => truth(new.multi_region.is_some()),
            (None, None) => ConditionValue::Absent,
        },
    },
    Row { name: "kms:multiregionkeytype", read: multi_region_key_type },
    Row { name: "kms:policyname", read: |v| one(fact!(v, PolicyName)) },
    Row { name: "kms:primaryregion", read: |v| one(fact!(v, PrimaryRegion)) },
    Row {
        name: "kms:reencryptonsamekey",
        read: |v| fact!(v, ReEncryptOnSameKey).map_or(ConditionValue::Absent, truth),
    },
    Row { name: "kms:replicaregion", read: |v| one(fact!(v, ReplicaRegion)) },
    Row { name: "kms:requestalias", read: |v| one(v.said.alias.map(ToString::to_string)) },
    Row { name: "kms:resourcealiases", read: |v| v.aliases_of_key() },
    Row { name: "kms:retiringprincipal", read: |v| one(fact!(v, RetiringPrincipal).flatten()) },
    Row { name: "kms:retiringserviceprincipal", read: |v| one(fact!(v, RetiringServicePrincipal).flatten()) },
    Row {
        name: "kms:rotationperiodindays",
        read: |v| fact!(v, RotationPeriodInDays).map_or(ConditionValue::Absent, |days| number(days.into())),
    },
    Row {
        name: "kms:schedulekeydeletionpendingwindowindays",
        read: |v| fact!(v, ScheduleKeyDeletionPendingWindowInDays).map_or(ConditionValue::Absent, |d| number(d.into())),
    },
    Row { name: "kms:signingalgorithm", read: |v| one(fact!(v, SigningAlgorithm)) },
    Row { name: "kms:trailingdayswithoutkeyusage", read: trailing_days },
    Row {
        name: "kms:validto",
        read: |v| fact!(v, ValidTo).flatten().map_or(ConditionValue::Absent, |at| number(at.unix_s())),
    },
    Row { name: "kms:viaservice", read: |v| one(v.ctx.caller.via_service()) },
    Row { name: "kms:wrappingalgorithm", read: |v| one(fact!(v, WrappingAlgorithm)) },
    Row { name: "kms:wrappingkeyspec", read: |v| one(fact!(v, WrappingKeySpec)) },
];

fn spec<'v>(v: &'v Values<'v>) -> ConditionValue<'v> {
    one(v.key.map(|key| key.body.key_spec.as_str()).or_else(|| fact!(v, NewKey).map(|new| new.spec)))
}

fn usage<'v>(v: &'v Values<'v>) -> ConditionValue<'v> {
    one(v.key.map(|key| key.body.key_usage.as_str()).or_else(|| fact!(v, NewKey).map(|new| new.usage)))
}

fn grant_constraint_type<'v>(v: &'v Values<'v>) -> ConditionValue<'v> {
    let constraints = fact!(v, GrantConstraints).flatten();
    one(constraints.and_then(|constraints| {
        let equals = constraints.encryption_context_equals.is_some().then_some("EncryptionContextEquals");
        equals.or(constraints.encryption_context_subset.is_some().then_some("EncryptionContextSubset"))
    }))
}

/// Absent for single-Region keys.
fn multi_region_key_type<'v>(v: &'v Values<'v>) -> ConditionValue<'v> {
    let role = match v.key {
        Some(key) => key.body.multi_region.as_ref().map(|set| set.role),
        None => fact!(v, NewKey).and_then(|new| new.multi_region),
    };
    one(role.map(MultiRegionKeyType::as_str))
}

/// Whole days since the last use of the key, or since the later of its creation and the beginning of what is known.
fn trailing_days<'v>(v: &'v Values<'v>) -> ConditionValue<'v> {
    let Some(key) =
        v.key.filter(|_| matches!(v.ctx.operation(), Operation::DisableKey | Operation::ScheduleKeyDeletion))
    else {
        return ConditionValue::Absent;
    };
    let service = v.ctx.service;
    let unused = || key.body.created.max(service.key_uses_since);
    let since = service.view.key_uses().last(&key.arn, key.body.created).unwrap_or_else(unused);
    number(v.ctx.now.ms_since(since).max(0) / DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_in_lower_case() {
        assert!(ROWS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(ROWS.iter().all(|row| row.name == row.name.to_ascii_lowercase()));
    }
}
