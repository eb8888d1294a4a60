//! The keys in memory: all that most requests need of one, in one place.
//!
//! A key's record, its policy and its current material stand together, so that a request finds them with one look-up, and a
//! million keys cost one table and two blocks of memory each. The rows of a key come one after the other, in any order,
//! from one follower: nobody else changes anything here, and each change puts a new whole in the place of the old one.
//! Reads take no lock.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use kagiban_api::KeyState;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{AccountId, KeyId, KeyMaterialId, Region};
use kagiban_iam::BoundPolicy;
use kagiban_keycore::hierarchy::WrappedSecret;
use kagiban_policy::CompiledPolicy;
use kagiban_storage::follower::{Equivalent, ViewMap};
use kagiban_storage::row;

use crate::policies;
use crate::records::Place;
use crate::records::key::{KeyBody, KeyRecord};
use crate::records::key_policy::{KeyPolicyRecord, KeyPolicyRowKey};
use crate::records::material::{MaterialRecord, MaterialRowKey};

/// Which key it is.
pub(crate) type KeyName = (Region, KeyId);
/// Which material it is.
pub(crate) type MaterialName = (Region, KeyId, KeyMaterialId);

/// The keys, with their policies and materials.
#[derive(Debug, Default)]
pub(crate) struct HeldKeys {
    keys: ViewMap<Named, Held>,
    /// Materials that are no key's current one: those before a rotation, and imported ones that wait for theirs.
    other_materials: ViewMap<MaterialName, WrappedSecret>,
}

/// A key in the table: its name is that of its record, and takes no memory again.
#[derive(Clone, Debug)]
enum Named {
    Of(Arc<KeyRecord>),
    /// One whose record is still to come, or has gone before the rest.
    Alone(Box<KeyName>),
}

/// A name that is looked for among [`Named`].
#[derive(Hash)]
struct Wanted<'a>(&'a KeyName);

/// What is held of one key. Small, since there may be a million: see the test of its size.
#[derive(Clone, Debug, Default)]
struct Held {
    /// The key as requests find it.
    shown: Option<Arc<KeyRecord>>,
    /// The key while it waits for its current material, its first or that of a rotation. The rows of a batch come one
    /// after the other, a key before its material; a request in between must find the key as it was, or not at all.
    waiting: Option<Arc<KeyRecord>>,
    policy: Option<Arc<KeyPolicy>>,
    /// INVARIANT: the current material of `shown`, if it has one that is stored.
    material: Option<WrappedSecret>,
}

/// A key policy in memory.
#[derive(Debug)]
pub(crate) struct KeyPolicy {
    /// The account of its key.
    pub(crate) account: AccountId,
    /// `None` when the stored text cannot be read, which denies everything.
    pub(crate) compiled: Option<CompiledPolicy>,
    /// Whether a statement allows something to everyone; for reports, never for a decision.
    pub(crate) is_public: bool,
}

impl KeyPolicy {
    /// The policy as it is stored, ready for decisions.
    pub(crate) fn of(account: AccountId, bound: &BoundPolicy) -> Self {
        let (compiled, is_public) = policies::compile(bound).unzip();
        Self { account, compiled, is_public: is_public.unwrap_or_default() }
    }
}

impl Named {
    fn new(name: KeyName, held: &Held) -> Self {
        held.shown
            .as_ref()
            .or(held.waiting.as_ref())
            .map_or_else(|| Self::Alone(Box::new(name)), |key| Self::Of(Arc::clone(key)))
    }

    fn name(&self) -> (&Region, &KeyId) {
        match self {
            Self::Of(record) => (&record.arn.region, &record.arn.key_id),
            Self::Alone(name) => (&name.0, &name.1),
        }
    }

    fn to_name(&self) -> KeyName {
        let (region, key_id) = self.name();
        (*region, *key_id)
    }
}

/// The hash of a [`KeyName`].
impl Hash for Named {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.name().hash(hasher);
    }
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Named {}

impl Equivalent<Named> for Wanted<'_> {
    fn equivalent(&self, key: &Named) -> bool {
        // Ids are random: another one is told by it alone.
        (&self.0.1, &self.0.0) == (key.name().1, key.name().0)
    }
}

impl HeldKeys {
    /// The key, once it can be used.
    pub(crate) fn record(&self, name: &KeyName) -> Option<Arc<KeyRecord>> {
        self.keys.pin().get(&Wanted(name))?.shown.clone()
    }

    /// The key as its row says, whether it can be used already or not.
    pub(crate) fn latest(&self, name: &KeyName) -> Option<Arc<KeyRecord>> {
        let keys = self.keys.pin();
        let held = keys.get(&Wanted(name))?;
        held.waiting.as_ref().or(held.shown.as_ref()).cloned()
    }

    /// Goes through the keys that are shown.
    pub(crate) fn with_shown<T>(&self, take: impl FnOnce(&mut dyn Iterator<Item = &Arc<KeyRecord>>) -> T) -> T {
        take(&mut self.keys.pin().values().filter_map(|held| held.shown.as_ref()))
    }

    /// The key's policy.
    pub(crate) fn policy(&self, name: &KeyName) -> Option<Arc<KeyPolicy>> {
        self.keys.pin().get(&Wanted(name))?.policy.clone()
    }

    /// A material, wrapped.
    pub(crate) fn material(&self, name: &MaterialName) -> Option<WrappedSecret> {
        let (region, key_id, id) = *name;
        let keys = self.keys.pin();
        match keys.get(&Wanted(&(region, key_id))).filter(|held| held.current_material() == Some(id)) {
            Some(held) => held.material.clone(),
            None => self.other_materials.pin().get(name).cloned(),
        }
    }

    /// Takes a key's row. The key is shown at once, unless it is in use and its material is still to come.
    pub(crate) fn set_record(&self, record: KeyRecord) {
        let name = (record.arn.region, record.arn.key_id);
        let mut held = self.held(&name);
        // Without material a key can be in any state but those in which it is used.
        let in_use = matches!(record.body.state, KeyState::Enabled | KeyState::Updating);
        match record.body.current_material.map(|id| (name.0, name.1, id)) {
            Some(material) if in_use && self.material(&material).is_none() => {
                held.waiting = Some(Arc::new(record));
                self.put(name, held);
            }
            _ => self.show(name, held, Arc::new(record)),
        }
    }

    /// A key's row has gone. Its materials stay until theirs go.
    pub(crate) fn remove_record(&self, name: &KeyName) {
        let mut held = self.held(name);
        self.set_material_aside(name, &mut held);
        (held.shown, held.waiting) = (None, None);
        self.put(*name, held);
    }

    /// Takes the policy of a key's policy row, or its end.
    pub(crate) fn set_policy(&self, name: KeyName, policy: Option<Arc<KeyPolicy>>) {
        let held = Held { policy, ..self.held(&name) };
        self.put(name, held);
    }

    /// Takes a material's row; a key that waited for it is shown now.
    pub(crate) fn set_material(&self, name: MaterialName, material: WrappedSecret) {
        let (region, key_id, id) = name;
        let mut held = self.held(&(region, key_id));
        let is_current = |key: &Arc<KeyRecord>| key.body.current_material == Some(id);
        if held.waiting.as_ref().is_some_and(is_current) {
            self.set_material_aside(&(region, key_id), &mut held);
            held.shown = held.waiting.take();
        } else if !held.shown.as_ref().is_some_and(is_current) {
            self.other_materials.pin().insert(name, material);
            return;
        }
        held.material = Some(material);
        self.put((region, key_id), held);
    }

    /// A material's row has gone.
    pub(crate) fn remove_material(&self, name: &MaterialName) {
        let (region, key_id, id) = *name;
        self.other_materials.pin().remove(name);
        let held = self.held(&(region, key_id));
        if held.current_material() == Some(id) {
            self.put((region, key_id), Held { material: None, ..held });
        }
    }

    /// Whether the key is there, shown or waiting.
    pub(crate) fn contains(&self, name: &KeyName) -> bool {
        self.latest(name).is_some()
    }

    /// Shows the keys whose material did not come with them, once everything has been loaded: their rows are damaged, and
    /// whoever uses them shall be told so.
    pub(crate) fn show_incomplete(&self) {
        for (name, held) in &self.keys.pin() {
            if let Some(waiting) = &held.waiting {
                self.show(name.to_name(), held.clone(), Arc::clone(waiting));
            }
        }
    }

    /// Drops what is not stored any more. A key's material goes with the key.
    pub(crate) fn keep_only(&self, is_stored: &dyn Fn(&[u8]) -> bool) {
        self.show_incomplete();
        for (name, held) in &self.keys.pin() {
            let name = name.to_name();
            let shown = held.shown.as_ref().filter(|key| is_stored_key(key, is_stored));
            let material = shown.and_then(|key| Some((&key.arn, key.body.current_material?)));
            let has_material = material.is_some_and(|(arn, id)| is_stored_material(arn, id, is_stored));
            let kept = Held {
                shown: shown.cloned(),
                waiting: None,
                policy: held.policy.as_ref().filter(|policy| is_stored_policy(&name, policy, is_stored)).cloned(),
                material: held.material.as_ref().filter(|_| has_material).cloned(),
            };
            self.put(name, kept);
        }
        let keys = self.keys.pin();
        self.other_materials.pin().retain(|(region, key_id, id), _| {
            let key = keys.get(&Wanted(&(*region, *key_id))).and_then(|held| held.shown.as_ref());
            key.is_some_and(|key| is_stored_material(&key.arn, *id, is_stored))
        });
    }

    fn held(&self, name: &KeyName) -> Held {
        self.keys.pin().get(&Wanted(name)).cloned().unwrap_or_default()
    }

    fn put(&self, name: KeyName, held: Held) {
        if held.is_empty() {
            self.keys.pin().remove(&Wanted(&name));
        } else {
            // Name and all are replaced: the name of what was held before would keep its record.
            self.keys.pin().insert(Named::new(name, &held), held);
        }
    }

    /// Shows a record that waits for nothing; what waited is older.
    fn show(&self, name: KeyName, mut held: Held, record: Arc<KeyRecord>) {
        held.waiting = None;
        let current = record.body.current_material;
        if held.current_material() == current {
            held.shown = Some(record);
            self.put(name, held);
            return;
        }
        self.set_material_aside(&name, &mut held);
        let material = current.map(|id| (name.0, name.1, id));
        held.material = material.and_then(|material| self.other_materials.pin().get(&material).cloned());
        held.shown = Some(record);
        self.put(name, held);
        if let Some(material) = material {
            self.other_materials.pin().remove(&material);
        }
    }

    /// Moves the current material to the others: it will be no longer the current one. It is found there before it leaves
    /// its key, so that a request in between finds one of them.
    fn set_material_aside(&self, name: &KeyName, held: &mut Held) {
        if let (Some(id), Some(material)) = (held.current_material(), held.material.take()) {
            self.other_materials.pin().insert((name.0, name.1, id), material);
        }
    }
}

impl Held {
    fn current_material(&self) -> Option<KeyMaterialId> {
        self.shown.as_ref()?.body.current_material
    }

    const fn is_empty(&self) -> bool {
        self.shown.is_none() && self.waiting.is_none() && self.policy.is_none()
    }
}

fn is_stored_key(key: &KeyRecord, is_stored: &dyn Fn(&[u8]) -> bool) -> bool {
    row::encode_key::<KeyBody>(&key.row_key()).is_ok_and(|key| is_stored(&key))
}

fn is_stored_material(key: &KeyArn, id: KeyMaterialId, is_stored: &dyn Fn(&[u8]) -> bool) -> bool {
    row::encode_key::<MaterialRecord>(&MaterialRowKey::new(key, id)).is_ok_and(|key| is_stored(&key))
}

fn is_stored_policy(name: &KeyName, policy: &KeyPolicy, is_stored: &dyn Fn(&[u8]) -> bool) -> bool {
    let key = KeyPolicyRowKey { place: Place { region: name.0, account: policy.account }, key_id: name.1 };
    row::encode_key::<KeyPolicyRecord>(&key).is_ok_and(|key| is_stored(&key))
}

#[cfg(test)]
mod tests {
    use kagiban_api::{KeySpec, KeyUsageType, OriginType};
    use kagiban_base::time::Timestamp;

    use super::*;

    /// A million keys in a gigabyte: this is what each of them costs, beside nine bytes or eighteen in the table. Sizes that
    /// the allocator gives: 128, 160, 192, 224, 256, 320.
    #[test]
    fn a_key_takes_two_small_blocks() {
        assert!(size_of::<(Named, Held)>() <= 128, "{}", size_of::<(Named, Held)>());
        let counters = 16;
        assert!(size_of::<KeyRecord>() + counters <= 256, "{}", size_of::<KeyRecord>());
    }

    /// The table compares names by hash and by content, as a record has them and as they are asked for.
    #[test]
    fn a_key_is_found_by_its_name_and_the_name_is_that_of_the_record_at_hand() {
        let arn: KeyArn =
            "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555".parse().unwrap();
        let name = (arn.region, arn.key_id);
        let others =
            [("eu-central-1".parse().unwrap(), arn.key_id), (arn.region, KeyId::from_parts(true, arn.key_id.bytes()))];
        let keys = HeldKeys::default();
        let names = || keys.keys.pin().keys().cloned().collect::<Vec<Named>>();
        let policy = KeyPolicy { account: arn.account, compiled: None, is_public: false };
        keys.set_policy(name, Some(Arc::new(policy)));
        assert!(matches!(&names()[..], [Named::Alone(alone)] if **alone == name));
        for description in ["first", "second"] {
            keys.set_record(record(arn, description));
            let record = keys.record(&name).unwrap();
            assert!(keys.policy(&name).is_some() && record.body.description.as_str() == description);
            assert!(matches!(&names()[..], [Named::Of(named)] if Arc::ptr_eq(named, &record)));
            assert!(others.iter().all(|other| keys.record(other).is_none() && keys.policy(other).is_none()));
        }
        keys.remove_record(&name);
        assert!(keys.record(&name).is_none() && matches!(&names()[..], [Named::Alone(_)]));
        keys.set_policy(name, None);
        assert!(names().is_empty());
    }

    fn record(arn: KeyArn, description: &str) -> KeyRecord {
        let kind = (KeySpec::SymmetricDefault, KeyUsageType::EncryptDecrypt);
        KeyRecord::new(arn, KeyBody::new(kind, OriginType::AwsKms, description.to_owned(), Timestamp::from_unix_s(0)))
    }
}
