//! Groups, and users with the groups that they are in.

use std::collections::BTreeSet;

use kagiban_base::id::AccountId;
use kagiban_identity::unique_id::UniqueId;

use super::fault::{Place, Problem};
use super::planner::Planner;
use super::{PlanError, file};
use crate::iam::entities::Found;
use crate::iam::quotas;
use crate::records::access_key::AccessKeyOwner;
use crate::records::group::{GroupMemberRecord, GroupMemberRowKey, GroupRecord};
use crate::records::name::{NameKind, NameRecord, NameRowKey};
use crate::records::user::UserRecord;
use crate::records::{Attachments, EntityKey, Tags};

impl Planner<'_> {
    pub(super) async fn group(
        &mut self,
        account: AccountId,
        table: &file::Group,
        place: &Place,
    ) -> Result<(), PlanError> {
        let before = self.draft.changes();
        let (path, now) = (self.path(table.path.as_deref(), place), self.site.now);
        let make = || GroupRecord {
            name: table.name.clone(),
            path: path.clone().unwrap_or_else(|| "/".to_owned()),
            created: now,
            policies: Attachments::default(),
            members: 0,
        };
        let Some((mut group, is_new)) = self.entity(account, &table.name, place, make).await? else { return Ok(()) };
        if let Some(path) = path {
            group.record.path = path;
        }
        self.managed(&mut group, table.policies.as_deref(), place).await?;
        self.inline(&mut group, table.inline_policies.as_deref(), place);
        self.draft.put(&group.key, &group.record).await?;
        self.finish("groups", is_new, before);
        Ok(())
    }

    pub(super) async fn user(
        &mut self,
        account: AccountId,
        table: &file::User,
        place: &Place,
    ) -> Result<(), PlanError> {
        let before = self.draft.changes();
        let (path, now) = (self.path(table.path.as_deref(), place), self.site.now);
        let tags = self.tags(table.tags.as_ref(), place);
        let make = || UserRecord {
            name: table.name.clone(),
            path: path.clone().unwrap_or_else(|| "/".to_owned()),
            created: now,
            tags: Tags::new(),
            policies: Attachments::default(),
            boundary: None,
            groups: BTreeSet::new(),
            access_keys: Vec::new(),
            mfa_devices: BTreeSet::new(),
        };
        let Some((mut user, is_new)) = self.entity(account, &table.name, place, make).await? else { return Ok(()) };
        if let Some(path) = path {
            user.record.path = path;
        }
        if let Some(tags) = tags {
            user.record.tags = tags;
        }
        self.managed(&mut user, table.policies.as_deref(), place).await?;
        self.inline(&mut user, table.inline_policies.as_deref(), place);
        self.boundary(&mut user, table.permissions_boundary.as_deref(), place).await?;
        self.groups(&mut user, table.groups.as_deref(), place).await?;
        self.draft.put(&user.key, &user.record).await?;
        self.finish("users", is_new, before);
        let owner = AccessKeyOwner::User(user.key.id);
        self.access_keys(account, owner, ("access_keys", &table.access_keys), place).await
    }

    /// Puts the user into these groups and no others. The caller writes the user.
    async fn groups(
        &mut self,
        user: &mut Found<UserRecord>,
        groups: Option<&[String]>,
        place: &Place,
    ) -> Result<(), PlanError> {
        let Some(groups) = groups else { return Ok(()) };
        let account = user.key.account;
        let mut wanted = BTreeSet::new();
        for (at, name) in groups.iter().enumerate() {
            let place = place.member("groups", at);
            match self.draft.read(&NameRowKey::new(account, NameKind::Group, name)).await? {
                Some(NameRecord { id }) if wanted.insert(id) => {}
                Some(_) => self.faults.add(&place, Problem::Duplicate),
                None => self.faults.add(&place, Problem::Missing { what: "group", name: name.clone() }),
            }
        }
        self.faults.take(&place.key("groups"), quotas::GROUPS_PER_USER.allow(wanted.len()));
        for group in user.record.groups.difference(&wanted) {
            self.member(user.key, *group, false).await?;
        }
        for group in wanted.difference(&user.record.groups) {
            self.member(user.key, *group, true).await?;
        }
        user.record.groups = wanted;
        Ok(())
    }

    /// Writes that the user is in the group, or is not any more: into the index, and into the group's count.
    async fn member(&mut self, user: EntityKey, group: UniqueId, is_in: bool) -> Result<(), PlanError> {
        let row = GroupMemberRowKey { account: user.account, group, user: user.id };
        let key = EntityKey { account: user.account, id: group };
        let mut record: GroupRecord = self.draft.read(&key).await?.ok_or(PlanError::RowMissing("iam-group"))?;
        if is_in {
            self.draft.put(&row, &GroupMemberRecord {}).await?;
            record.members = record.members.saturating_add(1);
        } else {
            self.draft.delete::<GroupMemberRecord>(&row).await?;
            record.members = record.members.saturating_sub(1);
        }
        Ok(self.draft.put(&key, &record).await?)
    }
}
