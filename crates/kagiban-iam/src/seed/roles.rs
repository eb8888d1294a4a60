//! Roles. Trust policies may name each other's roles, so all roles have their ids before the first policy is read.

use kagiban_base::id::AccountId;
use kagiban_identity::unique_id::{UniqueId, UniqueIdKind};

use super::documents::Document;
use super::fault::{Place, Problem};
use super::planner::Planner;
use super::{PlanError, file};
use crate::iam::entities::Found;
use crate::iam::roles::MAX_SESSION_DURATION_DEFAULT_S;
use crate::iam::{documents, holders};
use crate::records::name::{NameKind, NameRecord, NameRowKey};
use crate::records::role::RoleRecord;
use crate::records::{Attachments, BoundPolicy, EntityKey, Tags};

/// The longest description, in characters.
const DESCRIPTION_LEN_MAX: usize = 1000;
/// What the longest session of a role can be set to, in seconds.
const SESSION_DURATION_S: std::ops::RangeInclusive<u32> = 3600..=43_200;

impl Planner<'_> {
    /// Lets policies name a role that is still to be made.
    pub(super) async fn foresee_role(&mut self, account: AccountId, table: &file::Role) -> Result<(), PlanError> {
        let row = NameRowKey::new(account, NameKind::Role, &table.name);
        let name = (account, row.folded().to_owned());
        let is_known = self.foreseen.contains_key(&name);
        if is_known || self.draft.read::<NameRecord>(&row).await?.is_some() {
            return Ok(());
        }
        let id = UniqueId::generate(UniqueIdKind::Role, self.site.random)?;
        self.draft.foresee(&row, &NameRecord { id })?;
        self.draft.foresee(&EntityKey { account, id }, &new_role(table, table.path.as_deref(), self.site.now))?;
        self.foreseen.insert(name, id);
        Ok(())
    }

    pub(super) async fn role(
        &mut self,
        account: AccountId,
        table: &file::Role,
        place: &Place,
    ) -> Result<(), PlanError> {
        let before = self.draft.changes();
        let (path, now) = (self.path(table.path.as_deref(), place), self.site.now);
        if path.as_deref().is_some_and(|path| path.starts_with(holders::SERVICE_ROLE_PATH)) {
            let message = "The path /aws-service-role/ is for the roles of services.".to_owned();
            self.faults.add(&place.key("path"), Problem::Refused { code: "ValidationError", message });
            return Ok(());
        }
        let make = || new_role(table, path.as_deref(), now);
        let Some((mut role, is_new)) = self.entity(account, &table.name, place, make).await? else { return Ok(()) };
        self.faults.take(&place.key("name"), holders::check_modifiable(&role));
        self.require_same(path.as_deref(), &role.record.path, &place.key("path"));
        self.describe(&mut role, table, place);
        self.trust(&mut role, table, is_new, place);
        self.managed(&mut role, table.policies.as_deref(), place).await?;
        self.inline(&mut role, table.inline_policies.as_deref(), place);
        self.boundary(&mut role, table.permissions_boundary.as_deref(), place).await?;
        self.draft.put(&role.key, &role.record).await?;
        self.finish("roles", is_new, before);
        Ok(())
    }

    fn describe(&mut self, role: &mut Found<RoleRecord>, table: &file::Role, place: &Place) {
        if let Some(text) = self.text(table.description.as_deref(), DESCRIPTION_LEN_MAX, &place.key("description")) {
            role.record.description = text;
        }
        if let Some(tags) = self.tags(table.tags.as_ref(), place) {
            role.record.tags = tags;
        }
        if let Some(seconds) = table.max_session_duration {
            if !SESSION_DURATION_S.contains(&seconds) {
                let (min, max) = (SESSION_DURATION_S.start(), SESSION_DURATION_S.end());
                let range = Problem::Range { value: seconds.into(), min: (*min).into(), max: (*max).into() };
                self.faults.add(&place.key("max_session_duration"), range);
            }
            role.record.max_session_duration_s = seconds;
        }
    }

    /// A new role needs a trust policy. One whose principals have been made anew since is bound to the new ones.
    fn trust(&mut self, role: &mut Found<RoleRecord>, table: &file::Role, is_new: bool, place: &Place) {
        let document = Document {
            keys: &["trust_policy", "trust_policy_file"],
            text: table.trust_policy.as_deref(),
            file: table.trust_policy_file.as_deref(),
        };
        if !is_new && !document.is_given() {
            return;
        }
        let read = document.read(place, self.site.references, &mut self.faults);
        let Some((text, at)) = read else { return };
        match documents::trust_policy(&text, self.draft.directory()) {
            Ok(bound) => role.record.trust_policy = bound,
            // Somebody whom it names is gone since it was saved. That is no reason not to start: it stays as it is.
            Err(_) if !is_new && role.record.trust_policy.document == text => {}
            Err(error) => self.faults.add(&at, error),
        }
    }
}

/// A role that nobody can assume yet.
fn new_role(table: &file::Role, path: Option<&str>, now: kagiban_base::time::Timestamp) -> RoleRecord {
    RoleRecord {
        name: table.name.clone(),
        path: path.unwrap_or("/").to_owned(),
        created: now,
        description: String::new(),
        trust_policy: BoundPolicy { document: String::new(), principals: Default::default() },
        max_session_duration_s: MAX_SESSION_DURATION_DEFAULT_S,
        tags: Tags::new(),
        policies: Attachments::default(),
        boundary: None,
    }
}
