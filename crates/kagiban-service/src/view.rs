//! The in-memory view that requests are served from, kept fresh by the store's change feed.
//!
//! Holds what the hot path needs: keys, wrapped material, aliases, compiled key policies, grants, and the directory of
//! identities. Indexes stay in the store.
//! Material is wrapped, and its plain form exists only while a request uses it; but for what costs much to parse, which is
//! kept, within bounds, as long as its wrapped form stands here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::id::{AccountId, AliasName, KeyId, KeyMaterialId, Partition, Region};
use kagiban_iam::BoundPolicy;
use kagiban_iam::deployment::DeploymentKind;
use kagiban_iam::directory::Directory;
use kagiban_iam::domain_keys::DomainKeys;
use kagiban_keycore::hierarchy::WrappedSecret;
use kagiban_keycore::material::KeyMaterial;
use kagiban_policy::default_key_policy;
use kagiban_storage::follower::{Apply, ViewMap};
use kagiban_storage::format::{FormatRecord, Formats};
use kagiban_storage::rewriting::RewritingRecord;
use kagiban_storage::row::{self, Row};
use kagiban_storage::{RowError, Table};

use crate::domain_keys::taking_over::SeenDomainKeys;
use crate::grants::index::GrantIndex;
use crate::held_keys::{HeldKeys, KeyName, KeyPolicy, MaterialName};
use crate::jobs;
use crate::jobs::due_times::DueTimes;
use crate::key_order::KeyOrder;
use crate::key_uses::KeyUses;
use crate::nodes::directory::NodeDirectory;
use crate::parsed_materials::ParsedMaterials;
use crate::peers::PeerDirectory;
use crate::quotas::key_counts::{self, KeyCounts};
use crate::records::Place;
use crate::records::alias::{AliasRecord, AliasRowKey};
use crate::records::deployment::DeploymentRecord;
use crate::records::domain_key::DomainKeyRecord;
use crate::records::grant::GrantRecord;
use crate::records::key::{KeyBody, KeyRecord, KeyRowKey};
use crate::records::key_policy::{KeyPolicyRecord, KeyPolicyRowKey};
use crate::records::key_use::KeyUseRecord;
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::records::node::NodeRecord;
use crate::records::node_formats::NodeFormatsRecord;
use crate::records::peer::{InvitationRecord, PeerRecord};
use crate::records::seal_order::{SealOrderRecord, SealOrderRowKey};
use crate::records::service_event::ServiceEventRecord;
use crate::sealing::order::SealOrder;
use crate::upgrade::FormatInView;

type AliasEntry = (Region, AccountId, AliasName);

/// The view. Reads take no lock.
#[derive(Debug)]
pub struct View {
    directory: Arc<Directory>,
    keys: HeldKeys,
    parsed_materials: ParsedMaterials,
    domain_keys: SeenDomainKeys,
    aliases: ViewMap<AliasEntry, KeyId>,
    /// The names of each key that has any.
    names: ViewMap<KeyName, Arc<BTreeSet<AliasName>>>,
    /// The policy that keys get when none is given, compiled once for each account and partition; nearly all keys share it.
    default_policies: ViewMap<(AccountId, Partition), DefaultPolicy>,
    grants: GrantIndex,
    key_uses: KeyUses,
    due_times: DueTimes,
    /// When imported material expires.
    expirations: DueTimes,
    key_counts: KeyCounts,
    key_order: KeyOrder,
    peers: PeerDirectory,
    nodes: NodeDirectory,
    format: FormatInView,
    seal_order: SealOrder,
}

/// A default key policy, as its rows have it and compiled.
#[derive(Debug)]
struct DefaultPolicy {
    bound: BoundPolicy,
    policy: Arc<KeyPolicy>,
}

impl DefaultPolicy {
    fn of(account: AccountId, partition: Partition) -> Self {
        let bound = BoundPolicy { document: default_key_policy(account, partition), principals: BTreeMap::new() };
        let policy = Arc::new(KeyPolicy::of(account, &bound));
        Self { bound, policy }
    }
}

impl View {
    /// An empty view, to be filled by a follower.
    pub(crate) fn new(kind: DeploymentKind, domain_keys: Arc<DomainKeys>) -> Self {
        Self {
            directory: Arc::new(Directory::new(kind)),
            keys: HeldKeys::default(),
            parsed_materials: ParsedMaterials::default(),
            domain_keys: SeenDomainKeys::new(domain_keys),
            aliases: ViewMap::default(),
            names: ViewMap::default(),
            default_policies: ViewMap::default(),
            grants: GrantIndex::default(),
            key_uses: KeyUses::default(),
            due_times: DueTimes::default(),
            expirations: DueTimes::default(),
            key_counts: KeyCounts::default(),
            key_order: KeyOrder::default(),
            peers: PeerDirectory::default(),
            nodes: NodeDirectory::new(),
            format: FormatInView::new(Formats::OURS),
            seal_order: SealOrder::default(),
        }
    }

    /// The same for a store in one of these formats.
    pub(crate) fn of_formats(self, formats: Formats) -> Self {
        Self { format: FormatInView::new(formats), ..self }
    }

    /// The identities.
    pub(crate) fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The grants.
    pub(crate) fn grants(&self) -> &GrantIndex {
        &self.grants
    }

    /// When keys were last used.
    pub(crate) fn key_uses(&self) -> &KeyUses {
        &self.key_uses
    }

    /// When keys are due for a job.
    pub(crate) fn due_times(&self) -> &DueTimes {
        &self.due_times
    }

    /// When imported material of keys expires, the earliest of each.
    pub(crate) fn expirations(&self) -> &DueTimes {
        &self.expirations
    }

    /// The ids of keys, in their order.
    pub(crate) fn key_order(&self) -> &KeyOrder {
        &self.key_order
    }

    /// How many keys there are.
    pub(crate) fn key_counts(&self) -> &KeyCounts {
        &self.key_counts
    }

    /// Shows all keys, one after the other.
    pub(crate) fn for_each_key(&self, mut show: impl FnMut(&KeyRecord)) {
        self.keys.with_shown(|keys| keys.for_each(|key| show(key)));
    }

    /// The deployments that this one is paired with.
    pub(crate) fn peers(&self) -> &PeerDirectory {
        &self.peers
    }

    /// The nodes that share the store.
    pub(crate) fn nodes(&self) -> &NodeDirectory {
        &self.nodes
    }

    /// The format of the store.
    pub(crate) fn format(&self) -> &FormatInView {
        &self.format
    }

    /// The order that all nodes be sealed.
    pub(crate) fn seal_order(&self) -> &SealOrder {
        &self.seal_order
    }

    /// The policy of a key.
    pub(crate) fn key_policy(&self, key: &KeyArn) -> Option<Arc<KeyPolicy>> {
        self.keys.policy(&(key.region, key.key_id))
    }

    /// The names that point to a key now.
    pub(crate) fn aliases_of(&self, key: &KeyArn) -> Arc<BTreeSet<AliasName>> {
        self.names.pin().get(&(key.region, key.key_id)).cloned().unwrap_or_default()
    }

    /// The key with this ARN.
    pub(crate) fn key(&self, arn: &KeyArn) -> Option<Arc<KeyRecord>> {
        self.key_by_id(arn.region, arn.key_id).filter(|key| key.arn.account == arn.account)
    }

    /// The key with this id in the Region, whoever owns it: what a ciphertext names.
    pub(crate) fn key_by_id(&self, region: Region, key_id: KeyId) -> Option<Arc<KeyRecord>> {
        self.keys.record(&(region, key_id))
    }

    /// A key's material, wrapped.
    pub(crate) fn material(&self, key: &KeyArn, material_id: KeyMaterialId) -> Option<WrappedSecret> {
        self.keys.material(&(key.region, key.key_id, material_id))
    }

    /// What was parsed from this value, if it is still kept.
    pub(crate) fn parsed(&self, name: &MaterialName, wrapped: &WrappedSecret) -> Option<Arc<KeyMaterial>> {
        self.parsed_materials.find(name, wrapped)
    }

    /// The domain keys that there are.
    pub(crate) fn domain_keys(&self) -> &SeenDomainKeys {
        &self.domain_keys
    }

    /// Lets go of everything that was parsed.
    pub(crate) fn forget_parsed(&self) {
        self.parsed_materials.keep_only(|_| false);
    }

    /// Keeps what was parsed from a wrapped material, unless that has gone or changed in the meantime.
    pub(crate) fn keep_parsed(&self, name: MaterialName, wrapped: WrappedSecret, material: Arc<KeyMaterial>) {
        self.parsed_materials.keep(name, wrapped.clone(), material);
        // Looked at after it was put there: whoever takes the material away either is seen here, or sees this.
        if self.keys.material(&name).is_none_or(|current| current != wrapped) {
            self.parsed_materials.forget(&name);
        }
    }

    /// The key an alias points to.
    pub(crate) fn alias(&self, alias: &AliasArn) -> Option<KeyId> {
        self.aliases.pin().get(&(alias.region, alias.account, alias.name.clone())).copied()
    }
}

impl View {
    /// Shows the keys whose material did not come with them, once everything has been loaded: their rows are damaged, and
    /// whoever uses them shall be told so.
    pub(crate) fn show_incomplete(&self) {
        self.keys.show_incomplete();
    }
}

impl Apply for View {
    type Error = RowError;

    fn apply(&self, key: &[u8], value: Option<&[u8]>) -> Result<(), RowError> {
        let table = Table::name_in(key).unwrap_or_default();
        match table {
            t if t == KeyBody::TABLE.name() => self.apply_key(&row::decode_key::<KeyBody>(key)?, value),
            t if t == MaterialRecord::TABLE.name() => {
                self.apply_material(&row::decode_key::<MaterialRecord>(key)?, value)
            }
            t if t == AliasRecord::TABLE.name() => self.apply_alias(row::decode_key::<AliasRecord>(key)?, value),
            t if t == KeyUseRecord::TABLE.name() => {
                let row = value.map(row::decode::<KeyUseRecord>).transpose()?;
                self.key_uses.apply(&row::decode_key::<KeyUseRecord>(key)?, row);
                Ok(())
            }
            t if t == KeyPolicyRecord::TABLE.name() => {
                self.apply_key_policy(&row::decode_key::<KeyPolicyRecord>(key)?, value)
            }
            t if t == PeerRecord::TABLE.name() => self.peers.apply_peer(row::decode_key::<PeerRecord>(key)?, value),
            t if t == InvitationRecord::TABLE.name() => {
                self.peers.apply_invitation(row::decode_key::<InvitationRecord>(key)?, value)
            }
            t if t == NodeRecord::TABLE.name() => self.nodes.apply(row::decode_key::<NodeRecord>(key)?, value),
            t if t == NodeFormatsRecord::TABLE.name() => {
                self.nodes.apply_formats(row::decode_key::<NodeFormatsRecord>(key)?, value)
            }
            t if t == SealOrderRecord::TABLE.name() => self.seal_order.apply(value),
            t if t == FormatRecord::TABLE.name() => self.format.apply(value),
            t if t == RewritingRecord::TABLE.name() => self.format.apply_progress(value),
            t if t == GrantRecord::TABLE.name() => self.grants.apply(&row::decode_key::<GrantRecord>(key)?, value),
            t if t == DeploymentRecord::TABLE.name() => self.domain_keys.apply_deployment(value),
            t if t == DomainKeyRecord::TABLE.name() => {
                self.domain_keys.apply(row::decode_key::<DomainKeyRecord>(key)?, value)
            }
            t if t == ServiceEventRecord::TABLE.name() => {
                // It is to be recorded soon.
                self.due_times.nudge();
                Ok(())
            }
            // Identities, or tables that are read from the store when they are needed.
            _ => self.directory.apply(key, value),
        }
    }

    fn keep_only(&self, is_stored: &dyn Fn(&[u8]) -> bool) {
        self.keys.keep_only(is_stored);
        self.due_times.keep_only(|key| self.keys.contains(&(key.region, key.key_id)));
        self.expirations.keep_only(|key| self.keys.contains(&(key.region, key.key_id)));
        self.key_order.keep_only(|key| self.keys.contains(&(key.region, key.key_id)));
        self.keys.with_shown(|keys| {
            self.key_counts.recount(keys.filter(|key| key_counts::counts(&key.body)).map(|key| key.arn));
        });
        // What is known of a key's use goes with the key.
        self.key_uses.keep_only(|region, key_id| self.keys.contains(&(region, key_id)));
        self.parsed_materials.keep_only(|name| self.keys.material(name).is_some());
        self.aliases.pin().retain(|(region, account, name), _| {
            let place = Place { region: *region, account: *account };
            let alias = AliasRowKey { place, name: name.clone() };
            row::encode_key::<AliasRecord>(&alias).is_ok_and(|key| is_stored(&key))
        });
        self.rebuild_names();
        self.grants.keep_only(is_stored);
        self.peers.keep_only(is_stored);
        self.nodes.keep_only(is_stored);
        // Behind everything that they wrap.
        self.domain_keys.keep_only(is_stored);
        if row::encode_key::<SealOrderRecord>(&SealOrderRowKey).is_ok_and(|key| !is_stored(&key)) {
            // The end of an order is no row that could be unreadable.
            _ = self.seal_order.apply(None);
        }
        self.directory.keep_only(is_stored);
    }
}

impl View {
    fn apply_key(&self, key: &KeyRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let (arn, name) = (key.arn(), (key.place.region, key.key_id));
        // Whether it counts for its account's quota already, shown or not.
        let before = self.keys.latest(&name);
        let counted = before.as_ref().is_some_and(|key| key_counts::counts(&key.body));
        let Some(value) = value else {
            self.key_counts.follow(&arn, counted, false);
            self.key_order.remove(&arn);
            self.keys.remove_record(&name);
            self.due_times.set(arn, None);
            self.expirations.set(arn, None);
            return Ok(());
        };
        let record = KeyRecord::new(arn, row::decode(value)?);
        self.due_times.set(arn, jobs::due_at(&record.body));
        self.expirations.set(arn, jobs::material_expires_at(&record.body));
        self.key_counts.follow(&arn, counted, key_counts::counts(&record.body));
        if before.is_none() {
            self.key_order.insert(&arn);
        }
        self.keys.set_record(record);
        Ok(())
    }

    fn apply_material(&self, key: &MaterialRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let name = (key.place.region, key.key_id, key.material_id);
        match value {
            None => self.keys.remove_material(&name),
            Some(value) => {
                let record: MaterialRecord = row::decode(value)?;
                let wrapped = WrappedSecret::decode(&record.wrapped).map_err(RowError::malformed)?;
                self.keys.set_material(name, wrapped);
            }
        }
        self.parsed_materials.forget(&name);
        Ok(())
    }

    fn apply_alias(&self, key: AliasRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let (region, name) = (key.place.region, key.name.clone());
        let entry = (key.place.region, key.place.account, key.name);
        let target = value.map(row::decode::<AliasRecord>).transpose()?.map(|record| record.target);
        let aliases = self.aliases.pin();
        let before = match target {
            None => aliases.remove(&entry).copied(),
            Some(target) => aliases.insert(entry, target).copied(),
        };
        if before != target {
            if let Some(before) = before {
                self.change_names((region, before), |names| names.remove(&name));
            }
            if let Some(target) = target {
                self.change_names((region, target), |names| names.insert(name));
            }
        }
        Ok(())
    }

    fn change_names(&self, key: KeyName, change: impl FnOnce(&mut BTreeSet<AliasName>) -> bool) {
        let all = self.names.pin();
        let mut names = all.get(&key).map(|names| BTreeSet::clone(names)).unwrap_or_default();
        change(&mut names);
        if names.is_empty() {
            all.remove(&key);
        } else {
            all.insert(key, Arc::new(names));
        }
    }

    /// The names of all keys, from the aliases.
    fn rebuild_names(&self) {
        let mut all: HashMap<KeyName, BTreeSet<AliasName>> = HashMap::new();
        for ((region, _, name), target) in &self.aliases.pin() {
            all.entry((*region, *target)).or_default().insert(name.clone());
        }
        let names = self.names.pin();
        names.retain(|key, _| all.contains_key(key));
        for (key, of_key) in all {
            names.insert(key, Arc::new(of_key));
        }
    }

    fn apply_key_policy(&self, key: &KeyPolicyRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let name = (key.place.region, key.key_id);
        let policy = value.map(row::decode).transpose()?.map(|record| self.load_key_policy(key, &record));
        self.keys.set_policy(name, policy);
        Ok(())
    }

    fn load_key_policy(&self, key: &KeyPolicyRowKey, record: &KeyPolicyRecord) -> Arc<KeyPolicy> {
        let Place { region, account } = key.place;
        let (defaults, name) = (self.default_policies.pin(), (account, region.partition()));
        let default = defaults.get_or_insert_with(name, || DefaultPolicy::of(account, region.partition()));
        if record.0 == default.bound {
            Arc::clone(&default.policy)
        } else {
            Arc::new(KeyPolicy::of(account, &record.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use kagiban_base::os::OsRandom;
    use kagiban_base::time::Timestamp;
    use kagiban_keycore::spec::KeySpec;

    use super::*;

    /// A row of some material, and its name.
    fn row() -> (MaterialRowKey, MaterialName) {
        let arn: KeyArn =
            "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555".parse().unwrap();
        let id = KeyMaterialId::from_bytes([7; 32]);
        (MaterialRowKey::new(&arn, id), (arn.region, arn.key_id, id))
    }

    fn store(view: &View, row_key: &MaterialRowKey, wrapped: Option<u8>) {
        let value = wrapped.map(|byte| {
            let wrapped = [&[1][..], &[byte; 99]].concat();
            row::encode(&MaterialRecord { created: Timestamp::from_unix_s(0), wrapped }).unwrap()
        });
        view.apply(&row::encode_key::<MaterialRecord>(row_key).unwrap(), value.as_deref()).unwrap();
    }

    /// The material as it is wrapped now, and kept as if it had just been parsed.
    fn parse(view: &View, name: MaterialName) -> WrappedSecret {
        let wrapped = view.keys.material(&name).unwrap();
        let material = KeyMaterial::generate(KeySpec::Hmac224, &OsRandom).unwrap();
        view.keep_parsed(name, wrapped.clone(), Arc::new(material));
        wrapped
    }

    #[test]
    fn parsed_material_goes_with_the_row_it_came_from() {
        let (row_key, name) = row();
        // Deleted; replaced, by the same bytes too; not in the store after a rescan.
        let ways: [fn(&View, &MaterialRowKey); 4] = [
            |view, key| store(view, key, None),
            |view, key| store(view, key, Some(2)),
            |view, key| store(view, key, Some(1)),
            |view, _| view.keep_only(&|_| false),
        ];
        for way in ways {
            let view = View::new(DeploymentKind::Development, Arc::new(DomainKeys::new(None)));
            store(&view, &row_key, Some(1));
            let wrapped = parse(&view, name);
            assert!(view.parsed(&name, &wrapped).is_some());
            way(&view, &row_key);
            assert!(view.parsed(&name, &wrapped).is_none());
            assert_eq!(format!("{:?}", view.parsed_materials), "ParsedMaterials(0)");
        }
    }

    /// Who began to parse before the row went must not put it back.
    #[test]
    fn what_was_parsed_too_late_is_not_kept() {
        let (row_key, name) = row();
        for then in [None, Some(2)] {
            let view = View::new(DeploymentKind::Development, Arc::new(DomainKeys::new(None)));
            store(&view, &row_key, Some(1));
            let wrapped = parse(&view, name);
            let material = view.parsed(&name, &wrapped).unwrap();
            store(&view, &row_key, then);
            view.keep_parsed(name, wrapped, material);
            assert_eq!(format!("{:?}", view.parsed_materials), "ParsedMaterials(0)");
        }
    }
}

/// Keys before and after their material has come, with the rows of the fixtures.
#[cfg(test)]
mod incomplete_keys {
    use super::*;

    /// A row: key and value.
    type Stored = (Vec<u8>, Vec<u8>);

    const KEYS: &str = include_str!("../tests/fixtures/key-v1.rows");
    const MATERIALS: &str = include_str!("../tests/fixtures/material-v1.rows");

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// Key and value of the fixture's row about this key.
    fn row_about(rows: &str, key_id: KeyId) -> Stored {
        let rows = rows.lines().map(|line| line.split_once(' ').unwrap());
        let mut rows = rows.map(|(key, body)| (unhex(key), [b"\x01", body.as_bytes()].concat()));
        rows.find(|(key, _)| key.windows(36).any(|window| window == key_id.as_str().as_bytes())).unwrap()
    }

    struct Scene {
        view: View,
        key_id: KeyId,
        key: Stored,
        material: Stored,
    }

    impl Scene {
        fn with(key_id: &str) -> Self {
            let key_id: KeyId = key_id.parse().unwrap();
            let (key, material) = (row_about(KEYS, key_id), row_about(MATERIALS, key_id));
            Self {
                view: View::new(DeploymentKind::Development, Arc::new(DomainKeys::new(None))),
                key_id,
                key,
                material,
            }
        }

        fn enabled() -> Self {
            Self::with("bf0a9845-3b06-4c75-82aa-29882c52eb7e")
        }

        fn apply(&self, (key, value): &Stored) {
            self.view.apply(key, Some(value)).unwrap();
        }

        /// The description of the key, if it is shown.
        fn shown(&self) -> Option<String> {
            let key = self.view.key_by_id("us-east-1".parse().unwrap(), self.key_id)?;
            Some(key.body.description.to_string())
        }

        /// The key's row with another description and another current material, and that material's row.
        fn rotated(&self, description: &str, byte: u8) -> (Stored, Stored) {
            let id = KeyMaterialId::from_bytes([byte; 32]);
            let (key, value) = self.described(description);
            let mut record: KeyBody = row::decode(&value).unwrap();
            record.current_material = Some(id);
            let mut row_key = row::decode_key::<MaterialRecord>(&self.material.0).unwrap();
            row_key.material_id = id;
            let material = (row::encode_key::<MaterialRecord>(&row_key).unwrap(), self.material.1.clone());
            ((key, row::encode(&record).unwrap()), material)
        }

        /// The key's row with another description.
        fn described(&self, description: &str) -> Stored {
            let mut record: KeyBody = row::decode(&self.key.1).unwrap();
            description.clone_into(&mut record.description);
            (self.key.0.clone(), row::encode(&record).unwrap())
        }
    }

    /// The rows of a batch come one by one, a key before its material: whoever found the key then could not use it.
    #[test]
    fn a_key_is_shown_with_its_material_and_not_before() {
        let scene = Scene::enabled();
        scene.apply(&scene.key);
        assert_eq!(scene.shown(), None);
        scene.apply(&scene.material);
        assert_eq!(scene.shown().as_deref(), Some("first"));
        scene.apply(&scene.described("second"));
        assert_eq!(scene.shown().as_deref(), Some("second"));
        scene.view.apply(&scene.key.0, None).unwrap();
        assert_eq!(scene.shown(), None);
    }

    /// A rotation, in a batch like any other: until its material is there, requests find the key as it was before.
    #[test]
    fn a_key_that_rotates_is_shown_as_it_was_until_its_material_is_there() {
        let scene = Scene::enabled();
        scene.apply(&scene.key);
        scene.apply(&scene.material);
        let (next, material) = scene.rotated("second", 9);
        scene.apply(&next);
        assert_eq!(scene.shown().as_deref(), Some("first"));
        // Older material, or that of another rotation, does not complete it.
        scene.apply(&scene.material);
        scene.apply(&scene.rotated("", 8).1);
        assert_eq!(scene.shown().as_deref(), Some("first"));
        scene.apply(&material);
        assert_eq!(scene.shown().as_deref(), Some("second"));
    }

    /// What waits never comes up after something newer.
    #[test]
    fn a_waiting_record_gives_way_to_a_newer_one() {
        let newest: [fn(&Scene); 3] = [
            |scene| scene.apply(&scene.described("newest")),
            |scene| scene.view.apply(&scene.key.0, None).unwrap(),
            |scene| {
                let (key, material) = scene.rotated("newest", 7);
                scene.apply(&key);
                scene.apply(&material);
            },
        ];
        for (newest, expected) in newest.into_iter().zip([Some("newest"), None, Some("newest")]) {
            let scene = Scene::enabled();
            scene.apply(&scene.key);
            scene.apply(&scene.material);
            let (key, material) = scene.rotated("waiting", 9);
            scene.apply(&key);
            newest(&scene);
            scene.apply(&material);
            assert_eq!(scene.shown().as_deref(), expected);
        }
    }

    #[test]
    fn a_key_that_is_not_in_use_waits_for_nothing() {
        let scene = Scene::with("795a35bb-f79b-431f-b603-f0f68b422945");
        scene.apply(&scene.key);
        assert!(scene.shown().is_some());
    }

    /// A lost material row is damage, and must not hide the key.
    #[test]
    fn what_is_still_incomplete_after_loading_is_shown() {
        let scene = Scene::enabled();
        scene.apply(&scene.key);
        scene.view.show_incomplete();
        assert_eq!(scene.shown().as_deref(), Some("first"));
        let scene = Scene::enabled();
        scene.apply(&scene.key);
        scene.view.keep_only(&|_| true);
        assert_eq!(scene.shown().as_deref(), Some("first"));
        scene.view.keep_only(&|_| false);
        assert_eq!(scene.shown(), None);
    }
}
