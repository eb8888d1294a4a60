//! Access keys with a fixed id and secret. Those that the file does not name are left alone.

use kagiban_base::id::{AccessKeyId, AccountId};
use kagiban_base::secret::SecretBytes;
use subtle::ConstantTimeEq as _;

use super::fault::{Place, Problem};
use super::planner::Planner;
use super::{PlanError, file};
use crate::deployment::DeploymentKind;
use crate::iam::quotas;
use crate::records::EntityKey;
use crate::records::access_key::{AccessKeyOwner, AccessKeyRecord, AccessKeyRowKey};
use crate::records::account::AccountRowKey;
use crate::records::usage::UsageRecord;
use crate::records::user::UserRecord;

/// Fewest characters of an id (IAM's model).
const ID_LEN_MIN: usize = 16;
/// Most characters of a secret.
const SECRET_LEN_MAX: usize = 128;
/// Fewest characters of a secret in production. IAM's have 40, which is 240 bits.
const PRODUCTION_SECRET_LEN_MIN: usize = 32;
/// What the ids of sessions begin with.
const SESSION_PREFIX: &str = "ASIA";

impl Planner<'_> {
    /// Gives the owner access keys; `list` is the name that they have in the owner's table, and the tables themselves.
    pub(super) async fn access_keys(
        &mut self,
        account: AccountId,
        owner: AccessKeyOwner,
        (list, tables): (&str, &[file::AccessKey]),
        place: &Place,
    ) -> Result<(), PlanError> {
        for (at, table) in tables.iter().enumerate() {
            self.access_key(account, &owner, table, &place.member(list, at)).await?;
        }
        Ok(())
    }

    async fn access_key(
        &mut self,
        account: AccountId,
        owner: &AccessKeyOwner,
        table: &file::AccessKey,
        place: &Place,
    ) -> Result<(), PlanError> {
        let before = self.draft.changes();
        let secret = self.secret(table, place);
        let id_place = place.key("id");
        let Some(id) = self.faults.take(&id_place, access_key_id(&table.id).ok_or(Problem::AccessKeyId)) else {
            return Ok(());
        };
        let is_first = self.is_first("access-key", id.as_str(), &id_place);
        let Some(secret) = secret.filter(|_| is_first) else { return Ok(()) };
        let row = AccessKeyRowKey(id);
        let stored = self.draft.read::<AccessKeyRecord>(&row).await?;
        let is_new = stored.is_none();
        if let Some(other) = stored.as_ref().filter(|key| key.account != account || key.owner != *owner) {
            self.faults.add(&id_place, Problem::Taken(format!("somebody else in account {}", other.account)));
            return Ok(());
        }
        if is_new {
            self.own(account, owner, id, place).await?;
        }
        let mut record = stored.unwrap_or_else(|| AccessKeyRecord {
            account,
            created: self.site.now,
            wrapped_secret: Vec::new(),
            owner: owner.clone(),
            inactive: false,
        });
        if let Some(active) = table.active {
            record.inactive = !active;
        }
        if is_new || !self.is_secret(&record, &row, &secret)? {
            record.wrapped_secret = self.site.secrets.wrap(secret.expose(), &row.binding(), self.site.random)?;
        }
        self.draft.put(&row, &record).await?;
        self.finish("access keys", is_new, before);
        Ok(())
    }

    /// Whether the stored secret is this one: wrapping is never twice the same, so it must be opened.
    fn is_secret(
        &self,
        record: &AccessKeyRecord,
        row: &AccessKeyRowKey,
        secret: &SecretBytes,
    ) -> Result<bool, PlanError> {
        let stored = self.site.secrets.open(&record.wrapped_secret, &row.binding())?;
        Ok(stored.expose().ct_eq(secret.expose()).into())
    }

    /// Enters the key into its owner's list.
    async fn own(
        &mut self,
        account: AccountId,
        owner: &AccessKeyOwner,
        id: AccessKeyId,
        place: &Place,
    ) -> Result<(), PlanError> {
        let count = match owner {
            AccessKeyOwner::User(user) => {
                let key = EntityKey { account, id: *user };
                let mut user: UserRecord = self.draft.read(&key).await?.ok_or(PlanError::RowMissing("iam-user"))?;
                user.access_keys.push(id);
                self.draft.put(&key, &user).await?;
                user.access_keys.len()
            }
            // What stands for the root is the account's row of counts; the account's first key may be older than that row.
            AccessKeyOwner::Root | AccessKeyOwner::Service(_) => {
                let row = AccountRowKey(account);
                let mut usage: UsageRecord = self.draft.read(&row).await?.unwrap_or_default();
                for older in self.draft.directory().root_access_keys(account).into_iter().rev() {
                    if !usage.root_access_keys.contains(&older) {
                        usage.root_access_keys.insert(0, older);
                    }
                }
                usage.root_access_keys.push(id);
                self.draft.put(&row, &usage).await?;
                usage.root_access_keys.len()
            }
        };
        self.faults.take(place, quotas::ACCESS_KEYS_PER_USER.allow(count));
        Ok(())
    }

    /// The secret, from wherever the table has it.
    fn secret(&mut self, table: &file::AccessKey, place: &Place) -> Option<SecretBytes> {
        let references = self.site.references;
        let (secret, place) = match (&table.secret, &table.secret_env, &table.secret_file) {
            (Some(_), None, None) if self.site.kind == DeploymentKind::Production => {
                self.faults.add(&place.key("secret"), Problem::LiteralSecret);
                return None;
            }
            (Some(literal), None, None) => (Ok(literal.0.copy()), place.key("secret")),
            (None, Some(variable), None) => (references.secret_variable(variable), place.key("secret_env")),
            (None, None, Some(file)) => (references.secret_file(file), place.key("secret_file")),
            _ => {
                self.faults.add(place, Problem::OneOf(&["secret", "secret_env", "secret_file"]));
                return None;
            }
        };
        let secret = self.faults.take(&place, secret.map_err(Problem::Reference))?;
        let min = if self.site.kind == DeploymentKind::Production { PRODUCTION_SECRET_LEN_MIN } else { 1 };
        let fits = (min..=SECRET_LEN_MAX).contains(&secret.len()) && secret.expose().iter().all(u8::is_ascii_graphic);
        self.faults.take(&place, if fits { Ok(secret) } else { Err(Problem::Secret { min }) })
    }
}

/// An id that a long-term key can have. Those of sessions are told by their prefix, and in development every account's number
/// is an access key of its root.
fn access_key_id(text: &str) -> Option<AccessKeyId> {
    let fits = text.len() >= ID_LEN_MIN && !text.starts_with(SESSION_PREFIX);
    text.parse().ok().filter(|_| fits)
}
