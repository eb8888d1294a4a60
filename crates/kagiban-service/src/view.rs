//! The in-memory view that requests are served from, kept fresh by the store's change feed.
//!
//! Holds what the hot path needs: keys, wrapped material, aliases, access keys. Policies and indexes stay in the store. All
//! material in here is wrapped: the plain form exists only while a request uses it.

use std::sync::Arc;

use kagiban_api::KeyState;
use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::id::{AccessKeyId, AccountId, AliasName, KeyId, KeyMaterialId, Region};
use kagiban_keycore::hierarchy::WrappedSecret;
use kagiban_storage::follower::Apply;
use kagiban_storage::row::{self, Row};
use kagiban_storage::{RowError, Table};

use crate::records::Place;
use crate::records::access_key::{AccessKeyRecord, AccessKeyRowKey};
use crate::records::alias::{AliasRecord, AliasRowKey};
use crate::records::key::{KeyBody, KeyRecord, KeyRowKey};
use crate::records::material::{MaterialRecord, MaterialRowKey};

type KeyName = (Region, KeyId);
type MaterialName = (Region, KeyId, KeyMaterialId);
type AliasEntry = (Region, AccountId, AliasName);

/// The view. Reads take no lock.
#[derive(Debug, Default)]
pub struct View {
    keys: papaya::HashMap<KeyName, Arc<KeyRecord>>,
    /// Keys that wait for their current material. The rows of a batch come one after the other, a key before its
    /// material; a request in between must find the key as it was, or not at all. Only the follower touches this.
    incomplete: papaya::HashMap<MaterialName, Arc<KeyRecord>>,
    materials: papaya::HashMap<MaterialName, Arc<WrappedSecret>>,
    aliases: papaya::HashMap<AliasEntry, KeyId>,
    access_keys: papaya::HashMap<AccessKeyId, Arc<AccessKeyRecord>>,
}

impl View {
    /// The key with this ARN.
    pub(crate) fn key(&self, arn: &KeyArn) -> Option<Arc<KeyRecord>> {
        self.key_by_id(arn.region, arn.key_id).filter(|key| key.arn.account == arn.account)
    }

    /// The key with this id in the Region, whoever owns it: what a ciphertext names.
    pub(crate) fn key_by_id(&self, region: Region, key_id: KeyId) -> Option<Arc<KeyRecord>> {
        self.keys.pin().get(&(region, key_id)).cloned()
    }

    /// A key's material, wrapped.
    pub(crate) fn material(&self, key: &KeyArn, material_id: KeyMaterialId) -> Option<Arc<WrappedSecret>> {
        self.materials.pin().get(&(key.region, key.key_id, material_id)).cloned()
    }

    /// The key an alias points to.
    pub(crate) fn alias(&self, alias: &AliasArn) -> Option<KeyId> {
        self.aliases.pin().get(&(alias.region, alias.account, alias.name.clone())).copied()
    }

    /// An access key.
    pub(crate) fn access_key(&self, id: &AccessKeyId) -> Option<Arc<AccessKeyRecord>> {
        self.access_keys.pin().get(id).cloned()
    }
}

impl View {
    /// Shows the keys whose material did not come with them, once everything has been loaded: their rows are damaged, and
    /// whoever uses them shall be told so.
    pub(crate) fn show_incomplete(&self) {
        let incomplete = self.incomplete.pin();
        for (name, key) in &incomplete {
            self.show_key(Arc::clone(key));
            incomplete.remove(name);
        }
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
            t if t == AccessKeyRecord::TABLE.name() => {
                self.apply_access_key(&row::decode_key::<AccessKeyRecord>(key)?, value)
            }
            // Other tables are read from the store when they are needed.
            _ => Ok(()),
        }
    }

    fn keep_only(&self, is_stored: &dyn Fn(&[u8]) -> bool) {
        self.show_incomplete();
        let stored_key = |name: &KeyName, key: &Arc<KeyRecord>| {
            debug_assert_eq!(name.1, key.arn.key_id);
            row::encode_key::<KeyBody>(&key.row_key()).is_ok_and(|key| is_stored(&key))
        };
        self.keys.pin().retain(|name, key| stored_key(name, key));
        // A key's material goes with the key.
        let keys = self.keys.pin();
        self.materials.pin().retain(|(region, key_id, material_id), _| {
            keys.get(&(*region, *key_id)).is_some_and(|key| {
                let material = MaterialRowKey::new(&key.arn, *material_id);
                row::encode_key::<MaterialRecord>(&material).is_ok_and(|key| is_stored(&key))
            })
        });
        self.aliases.pin().retain(|(region, account, name), _| {
            let place = Place { region: *region, account: *account };
            let alias = AliasRowKey { place, name: name.clone() };
            row::encode_key::<AliasRecord>(&alias).is_ok_and(|key| is_stored(&key))
        });
        self.access_keys
            .pin()
            .retain(|id, _| row::encode_key::<AccessKeyRecord>(&AccessKeyRowKey(*id)).is_ok_and(|key| is_stored(&key)));
    }
}

impl View {
    fn apply_key(&self, key: &KeyRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let Place { region, account } = key.place;
        let Some(value) = value else {
            self.keys.pin().remove(&(region, key.key_id));
            return Ok(());
        };
        let arn = KeyArn { region, account, key_id: key.key_id };
        let record = Arc::new(KeyRecord::new(arn, row::decode(value)?));
        // Without material a key can be in any state but those in which it is used.
        let in_use = matches!(record.body.state, KeyState::Enabled | KeyState::Updating);
        match record.body.current_material.map(|id| (region, key.key_id, id)) {
            Some(name) if in_use && !self.materials.pin().contains_key(&name) => {
                self.incomplete.pin().insert(name, record);
            }
            _ => self.show_key(record),
        }
        Ok(())
    }

    fn show_key(&self, key: Arc<KeyRecord>) {
        self.keys.pin().insert((key.arn.region, key.arn.key_id), key);
    }

    fn apply_material(&self, key: &MaterialRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let name = (key.place.region, key.key_id, key.material_id);
        let Some(value) = value else {
            self.materials.pin().remove(&name);
            return Ok(());
        };
        let record: MaterialRecord = row::decode(value)?;
        let wrapped = WrappedSecret::decode(&record.wrapped).map_err(RowError::malformed)?;
        self.materials.pin().insert(name, Arc::new(wrapped));
        if let Some(key) = self.incomplete.pin().remove(&name) {
            self.show_key(Arc::clone(key));
        }
        Ok(())
    }

    fn apply_alias(&self, key: AliasRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let name = (key.place.region, key.place.account, key.name);
        let aliases = self.aliases.pin();
        match value {
            None => aliases.remove(&name),
            Some(value) => aliases.insert(name, row::decode::<AliasRecord>(value)?.target),
        };
        Ok(())
    }

    fn apply_access_key(&self, key: &AccessKeyRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let access_keys = self.access_keys.pin();
        match value {
            None => access_keys.remove(&key.0),
            Some(value) => access_keys.insert(key.0, Arc::new(row::decode(value)?)),
        };
        Ok(())
    }
}
