//! From the file's tables to the rows that they ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kagiban_base::id::AccountId;
use kagiban_identity::names::{self, check_tags};
use kagiban_identity::unique_id::UniqueId;

use super::draft::Draft;
use super::fault::{Faults, Place, Problem};
use super::{Change, PlanError, Site, Tally, file};
use crate::deployment::DeploymentKind;
use crate::iam::entities::{Entity, Found};
use crate::iam::quotas::Quota;
use crate::records::access_key::AccessKeyOwner;
use crate::records::account::{AccountAliasRecord, AccountAliasRowKey, AccountRecord, AccountRowKey};
use crate::records::name::{NameKind, NameRecord, NameRowKey};
use crate::records::usage::UsageRecord;
use crate::records::{EntityKey, Tags};

/// The longest name of an account, in characters.
const ACCOUNT_NAME_LEN_MAX: usize = 128;

/// Works out what a file changes.
pub struct Planner<'a> {
    /// What is to be written.
    pub draft: Draft,
    /// What is wrong with the file; if anything is, the draft is of no use.
    pub faults: Faults,
    /// What the draft changes.
    pub tally: Tally,
    pub(super) site: Site<'a>,
    /// What the file has named so far, by kind and name.
    named: BTreeSet<(&'static str, String)>,
    /// Roles that are still to be made: policies that come before them name them already.
    pub(super) foreseen: BTreeMap<(AccountId, String), UniqueId>,
}

/// An account that has a place in the file.
struct InFile<'f> {
    id: AccountId,
    tables: &'f file::Account,
    place: Place,
}

impl<'a> Planner<'a> {
    /// A planner with an empty draft.
    pub fn new(draft: Draft, site: Site<'a>) -> Self {
        let (faults, tally) = Default::default();
        Self { draft, faults, tally, site, named: BTreeSet::new(), foreseen: BTreeMap::new() }
    }

    /// What the file is applied to.
    pub fn site(&self) -> &Site<'a> {
        &self.site
    }

    /// Plans the accounts and all identities in them. In this order: what is named by others comes before them, and users
    /// and roles before the policies that name them as principals.
    ///
    /// # Errors
    /// [`PlanError`]; what is wrong with the file is in `faults`.
    pub async fn accounts(&mut self, accounts: &[file::Account]) -> Result<(), PlanError> {
        let mut in_file = Vec::new();
        for (at, tables) in accounts.iter().enumerate() {
            let place = Place::default().member("accounts", at);
            if let Some(id) = self.account(tables, &place).await? {
                in_file.push(InFile { id, tables, place });
            }
        }
        for InFile { id, tables, place } in &in_file {
            self.access_keys(*id, AccessKeyOwner::Root, ("root_access_keys", &tables.root_access_keys), place).await?;
            for (at, table) in tables.policies.iter().enumerate() {
                self.policy(*id, table, &place.member("policies", at)).await?;
            }
            for (at, table) in tables.groups.iter().enumerate() {
                self.group(*id, table, &place.member("groups", at)).await?;
            }
            for (at, table) in tables.users.iter().enumerate() {
                self.user(*id, table, &place.member("users", at)).await?;
            }
            for (at, table) in tables.oidc_providers.iter().enumerate() {
                self.oidc_provider(*id, table, &place.member("oidc_providers", at)).await?;
            }
            for table in &tables.roles {
                self.foresee_role(*id, table).await?;
            }
        }
        for InFile { id, tables, place } in &in_file {
            for (at, table) in tables.roles.iter().enumerate() {
                self.role(*id, table, &place.member("roles", at)).await?;
            }
        }
        Ok(())
    }

    /// The account's own row. In development an account is there without one.
    async fn account(&mut self, table: &file::Account, place: &Place) -> Result<Option<AccountId>, PlanError> {
        let Some(id) = self.faults.take(&place.key("id"), table.id.parse::<AccountId>()) else { return Ok(None) };
        if !self.is_first("account", id.as_str(), &place.key("id")) {
            return Ok(None);
        }
        let row = AccountRowKey(id);
        let stored = self.draft.read::<AccountRecord>(&row).await?;
        if stored.as_ref().is_some_and(|account| account.closed.is_some()) {
            self.faults.add(&place.key("id"), Problem::AccountClosed);
            return Ok(None);
        }
        let is_implied = self.site.kind == DeploymentKind::Development && table.name.is_none() && table.alias.is_none();
        if stored.is_none() && is_implied {
            return Ok(Some(id));
        }
        let (is_new, before) = (stored.is_none(), self.draft.changes());
        let mut account = stored.unwrap_or_else(|| AccountRecord::new(self.site.now));
        if let Some(name) = self.text(table.name.as_deref(), ACCOUNT_NAME_LEN_MAX, &place.key("name")) {
            account.name = name;
        }
        if let Some(alias) = &table.alias {
            self.account_alias(id, &mut account, alias, &place.key("alias")).await?;
        }
        self.draft.put(&row, &account).await?;
        self.finish("accounts", is_new, before);
        Ok(Some(id))
    }

    /// An alias is unique among all accounts.
    async fn account_alias(
        &mut self,
        id: AccountId,
        account: &mut AccountRecord,
        alias: &str,
        place: &Place,
    ) -> Result<(), PlanError> {
        let wanted = (!alias.is_empty()).then(|| alias.to_owned());
        if account.alias == wanted {
            return Ok(());
        }
        if let Some(alias) = &wanted {
            if self.faults.take(place, names::NameKind::AccountAlias.check(alias)).is_none() {
                return Ok(());
            }
            // It would pass for the number of another account.
            if alias.parse::<AccountId>().is_ok() {
                let kind = names::NameKind::AccountAlias;
                self.faults.add(place, names::InvalidName::Shape { kind });
                return Ok(());
            }
            let row = AccountAliasRowKey(alias.clone());
            if let Some(AccountAliasRecord { account: other }) = self.draft.read(&row).await? {
                self.faults.add(place, Problem::Taken(format!("account {other}")));
                return Ok(());
            }
            self.draft.put(&row, &AccountAliasRecord { account: id }).await?;
        }
        if let Some(old) = account.alias.take() {
            self.draft.delete::<AccountAliasRecord>(&AccountAliasRowKey(old)).await?;
        }
        account.alias = wanted;
        Ok(())
    }

    /// The entity of this name, or a new one, which counts against the quota; and whether it is new. `None` when the file
    /// cannot have it so.
    pub(super) async fn entity<E: Entity + PartialEq>(
        &mut self,
        account: AccountId,
        name: &str,
        place: &Place,
        make: impl FnOnce() -> E,
    ) -> Result<Option<(Found<E>, bool)>, PlanError> {
        let name_place = place.key("name");
        let row = NameRowKey::new(account, E::KIND, name);
        let is_name = self.faults.take(&name_place, names_of(E::KIND).check(name)).is_some();
        let full_name = format!("{account}/{}", row.folded());
        if !self.is_first(E::KIND.as_str(), &full_name, &name_place) || !is_name {
            return Ok(None);
        }
        if let Some(NameRecord { id }) = self.draft.read(&row).await? {
            let key = EntityKey { account, id };
            let record: E = self.draft.read(&key).await?.ok_or(PlanError::RowMissing(E::TABLE.name()))?;
            if record.name() != name {
                self.faults.add(&name_place, Problem::Case { stored: record.name().to_owned() });
                return Ok(None);
            }
            return Ok(Some((Found { key, record }, false)));
        }
        let id = match self.foreseen.get(&(account, row.folded().to_owned())) {
            Some(id) if id.kind() == E::ID_KIND => *id,
            _ => UniqueId::generate(E::ID_KIND, self.site.random)?,
        };
        let found = Found { key: EntityKey { account, id }, record: make() };
        self.draft.put(&row, &NameRecord { id }).await?;
        self.count(account, E::QUOTA, E::count, &name_place).await?;
        self.draft.put(&found.key, &found.record).await?;
        Ok(Some((found, true)))
    }

    /// Counts one more of something that an account has.
    pub(super) async fn count(
        &mut self,
        account: AccountId,
        quota: Quota,
        of: fn(&mut UsageRecord) -> &mut usize,
        place: &Place,
    ) -> Result<(), PlanError> {
        let row = AccountRowKey(account);
        let mut usage: UsageRecord = self.draft.read(&row).await?.unwrap_or_default();
        let count = of(&mut usage);
        *count = count.saturating_add(1);
        self.faults.take(place, quota.allow(*count));
        Ok(self.draft.put(&row, &usage).await?)
    }

    /// Ends the step of an entity and counts it.
    pub fn finish(&mut self, kind: &'static str, is_new: bool, changes_before: usize) {
        let change = match is_new {
            true => Change::Created,
            false if self.draft.changes() > changes_before => Change::Updated,
            false => Change::Unchanged,
        };
        self.draft.end_step();
        self.tally.add(kind, change);
    }

    /// Whether the file has not named this before; if it has, that is a fault.
    pub fn is_first(&mut self, kind: &'static str, name: &str, place: &Place) -> bool {
        let is_first = self.named.insert((kind, name.to_owned()));
        if !is_first {
            self.faults.add(place, Problem::Duplicate);
        }
        is_first
    }

    /// A text of at most so many characters.
    pub(super) fn text(&mut self, text: Option<&str>, max: usize, place: &Place) -> Option<String> {
        let text = text?;
        let len = text.chars().count();
        if len > max {
            self.faults.add(place, Problem::TooLong { len, max });
            return None;
        }
        Some(text.to_owned())
    }

    /// The path that a table gives.
    pub(super) fn path(&mut self, path: Option<&str>, place: &Place) -> Option<String> {
        let path = path?;
        self.faults.take(&place.key("path"), names::NameKind::Path.check(path)).map(|()| path.to_owned())
    }

    /// The tags that a table gives.
    pub(super) fn tags(&mut self, tags: Option<&Tags>, place: &Place) -> Option<Tags> {
        let tags = tags?;
        let checked = check_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        self.faults.take(&place.key("tags"), checked).map(|()| tags.clone())
    }

    /// What cannot be changed must be as it is, if it is given at all.
    pub(super) fn require_same(&mut self, given: Option<&str>, stored: &str, place: &Place) {
        if given.is_some_and(|given| given != stored) {
            self.faults.add(place, Problem::Fixed { stored: stored.to_owned() });
        }
    }
}

impl fmt::Debug for Planner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planner").field("draft", &self.draft).field("faults", &self.faults).finish_non_exhaustive()
    }
}

/// The rules that names of a kind follow.
const fn names_of(kind: NameKind) -> names::NameKind {
    match kind {
        NameKind::Group => names::NameKind::Group,
        NameKind::Policy => names::NameKind::Policy,
        NameKind::Role => names::NameKind::Role,
        NameKind::User => names::NameKind::User,
    }
}
