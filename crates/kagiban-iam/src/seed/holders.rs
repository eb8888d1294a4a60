//! What users, groups and roles have: managed policies, inline policies, a permissions boundary.

use std::collections::BTreeMap;

use kagiban_base::id::AccountId;
use kagiban_identity::names::{self, IamArn, IamResource};

use super::documents::Document;
use super::fault::{Place, Problem};
use super::planner::Planner;
use super::{PlanError, file};
use crate::iam::entities::Found;
use crate::iam::holders::{Bounded, Holder};
use crate::iam::{documents, inline_policies};
use crate::managed_policies;
use crate::records::name::{NameKind, NameRecord, NameRowKey};
use crate::records::policy::{AttachmentRecord, AttachmentRowKey, PolicyRecord};
use crate::records::{AWS_POLICY_PREFIX, EntityKey, PolicyRef};

impl Planner<'_> {
    /// Gives the holder these managed policies and no others. The caller writes the holder.
    pub(super) async fn managed<H: Holder>(
        &mut self,
        holder: &mut Found<H>,
        policies: Option<&[String]>,
        place: &Place,
    ) -> Result<(), PlanError> {
        let Some(policies) = policies else { return Ok(()) };
        let mut wanted = Vec::new();
        for (at, name) in policies.iter().enumerate() {
            let place = place.member("policies", at);
            let Some(policy) = self.named_policy(holder.key.account, name, &place).await? else { continue };
            if wanted.contains(&policy) {
                self.faults.add(&place, Problem::Duplicate);
            }
            wanted.push(policy);
        }
        self.faults.take(&place.key("policies"), H::ATTACHED.allow(wanted.len()));
        let had = holder.record.policies().managed.clone();
        for policy in had.iter().filter(|policy| !wanted.contains(policy)) {
            self.unlink(holder.key, policy, false).await?;
        }
        holder.record.policies_mut().managed.retain(|policy| wanted.contains(policy));
        for policy in wanted {
            if !had.contains(&policy) {
                self.link(holder.key, &policy, false).await?;
                holder.record.policies_mut().managed.push(policy);
            }
        }
        Ok(())
    }

    /// Gives the holder these inline policies and no others. The caller writes the holder.
    pub(super) fn inline<H: Holder>(
        &mut self,
        holder: &mut Found<H>,
        policies: Option<&[file::InlinePolicy]>,
        place: &Place,
    ) {
        let Some(policies) = policies else { return };
        let mut inline = BTreeMap::new();
        for (at, table) in policies.iter().enumerate() {
            let place = place.member("inline_policies", at);
            self.faults.take(&place.key("name"), names::NameKind::Policy.check(&table.name));
            let document = Document::of_policy(table.document.as_deref(), table.document_file.as_deref());
            let read = document.read(&place, self.site.references, &mut self.faults);
            let Some((text, text_place)) = read else { continue };
            self.faults.take(&text_place, documents::check_identity(&text));
            if inline.insert(table.name.clone(), text).is_some() {
                self.faults.add(&place.key("name"), Problem::Duplicate);
            }
        }
        let size: usize = inline.values().map(|document| documents::size(document)).sum();
        if size > H::INLINE_SIZE {
            self.faults.add(&place.key("inline_policies"), inline_policies::too_large::<H>(holder.record.name()));
        }
        holder.record.policies_mut().inline = inline;
    }

    /// Gives the holder this permissions boundary, or none if the name is empty. The caller writes the holder.
    pub(super) async fn boundary<H: Bounded>(
        &mut self,
        holder: &mut Found<H>,
        policy: Option<&str>,
        place: &Place,
    ) -> Result<(), PlanError> {
        let wanted = match policy {
            None => return Ok(()),
            Some("") => None,
            Some(name) => {
                let place = place.key("permissions_boundary");
                let Some(policy) = self.named_policy(holder.key.account, name, &place).await? else { return Ok(()) };
                Some(policy)
            }
        };
        if holder.record.boundary() == wanted.as_ref() {
            return Ok(());
        }
        if let Some(old) = holder.record.boundary_mut().take() {
            self.unlink(holder.key, &old, true).await?;
        }
        if let Some(new) = &wanted {
            self.link(holder.key, new, true).await?;
        }
        *holder.record.boundary_mut() = wanted;
        Ok(())
    }

    /// A managed policy by its ARN, or by the name alone if it is one of the account.
    async fn named_policy(
        &mut self,
        account: AccountId,
        text: &str,
        place: &Place,
    ) -> Result<Option<PolicyRef>, PlanError> {
        let found = match path_and_name(account, text) {
            Some(Named::Aws(rest)) => {
                managed_policies::find(&format!("{AWS_POLICY_PREFIX}{rest}")).map(|policy| policy.reference())
            }
            Some(Named::Customer { path, name }) => self.customer_policy(account, path, name).await?,
            None => None,
        };
        if found.is_none() {
            self.faults.add(place, Problem::Missing { what: "policy", name: text.to_owned() });
        }
        Ok(found)
    }

    async fn customer_policy(
        &mut self,
        account: AccountId,
        path: Option<&str>,
        name: &str,
    ) -> Result<Option<PolicyRef>, PlanError> {
        let row = NameRowKey::new(account, NameKind::Policy, name);
        let Some(NameRecord { id }) = self.draft.read(&row).await? else { return Ok(None) };
        let record: PolicyRecord =
            self.draft.read(&EntityKey { account, id }).await?.ok_or(PlanError::RowMissing("iam-policy"))?;
        let is_it = record.name == name && path.is_none_or(|path| path == record.path);
        Ok(is_it.then_some(PolicyRef::Customer(id)))
    }

    async fn link(&mut self, holder: EntityKey, policy: &PolicyRef, is_boundary: bool) -> Result<(), PlanError> {
        self.draft.put(&row_key(holder, policy, is_boundary), &AttachmentRecord {}).await?;
        self.recount(holder.account, policy, is_boundary, |count| count.saturating_add(1)).await
    }

    async fn unlink(&mut self, holder: EntityKey, policy: &PolicyRef, is_boundary: bool) -> Result<(), PlanError> {
        self.draft.delete::<AttachmentRecord>(&row_key(holder, policy, is_boundary)).await?;
        self.recount(holder.account, policy, is_boundary, |count| count.saturating_sub(1)).await
    }

    /// AWS's policies have no row to count in.
    async fn recount(
        &mut self,
        account: AccountId,
        policy: &PolicyRef,
        is_boundary: bool,
        change: fn(u32) -> u32,
    ) -> Result<(), PlanError> {
        let PolicyRef::Customer(id) = policy else { return Ok(()) };
        let key = EntityKey { account, id: *id };
        let mut record: PolicyRecord = self.draft.read(&key).await?.ok_or(PlanError::RowMissing("iam-policy"))?;
        let count = if is_boundary { &mut record.boundary_uses } else { &mut record.attachments };
        *count = change(*count);
        Ok(self.draft.put(&key, &record).await?)
    }
}

/// What a text names.
enum Named<'a> {
    /// What follows `arn:PARTITION:iam::aws:policy/`.
    Aws(&'a str),
    Customer {
        /// Not said by a bare name.
        path: Option<&'a str>,
        name: &'a str,
    },
}

/// The partition of an ARN says nothing here, as an account is in all of them.
fn path_and_name(account: AccountId, text: &str) -> Option<Named<'_>> {
    if !text.starts_with("arn:") {
        return Some(Named::Customer { path: None, name: text });
    }
    match IamArn::parse(text) {
        Ok(IamArn { account: owner, resource: IamResource::Policy { path, name }, .. }) if owner == account => {
            Some(Named::Customer { path: Some(path), name })
        }
        Ok(_) => None,
        Err(_) => {
            let (_, rest) = text.strip_prefix("arn:")?.split_once(':')?;
            rest.strip_prefix("iam::aws:policy/").map(Named::Aws)
        }
    }
}

fn row_key(holder: EntityKey, policy: &PolicyRef, is_boundary: bool) -> AttachmentRowKey {
    AttachmentRowKey { account: holder.account, policy: policy.clone(), entity: holder.id, is_boundary }
}
