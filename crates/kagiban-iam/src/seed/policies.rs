//! Customer managed policies. Another document is a new version, which takes the place of the oldest one when there are as
//! many as there may be.

use kagiban_base::id::AccountId;

use super::documents::Document;
use super::fault::Place;
use super::planner::Planner;
use super::{PlanError, file};
use crate::iam::entities::Found;
use crate::iam::{documents, quotas};
use crate::records::Tags;
use crate::records::policy::{PolicyRecord, PolicyVersion};

/// The longest description, in characters.
const DESCRIPTION_LEN_MAX: usize = 1000;

impl Planner<'_> {
    pub(super) async fn policy(
        &mut self,
        account: AccountId,
        table: &file::Policy,
        place: &Place,
    ) -> Result<(), PlanError> {
        let before = self.draft.changes();
        let (path, now) = (self.path(table.path.as_deref(), place), self.site.now);
        let description = self.text(table.description.as_deref(), DESCRIPTION_LEN_MAX, &place.key("description"));
        let document = self.managed_document(table, place);
        let tags = self.tags(table.tags.as_ref(), place);
        // A document that does not fit is a fault already; the policy is planned even so, as others may refer to it.
        let version =
            |document: &Option<String>| PolicyVersion { created: now, document: document.clone().unwrap_or_default() };
        let make = || PolicyRecord {
            name: table.name.clone(),
            path: path.clone().unwrap_or_else(|| "/".to_owned()),
            created: now,
            updated: now,
            description: description.clone().unwrap_or_default(),
            default_version: 1,
            next_version: 2,
            versions: [(1, version(&document))].into(),
            tags: Tags::new(),
            attachments: 0,
            boundary_uses: 0,
        };
        let Some((mut found, is_new)) = self.entity(account, &table.name, place, make).await? else { return Ok(()) };
        self.require_same(path.as_deref(), &found.record.path, &place.key("path"));
        self.require_same(description.as_deref(), &found.record.description, &place.key("description"));
        if let Some(document) = &document
            && found.record.default_document() != Some(document.as_str())
        {
            add_version(&mut found, version(&Some(document.clone())));
        }
        if let Some(tags) = tags {
            found.record.tags = tags;
        }
        self.draft.put(&found.key, &found.record).await?;
        self.finish("policies", is_new, before);
        Ok(())
    }

    fn managed_document(&mut self, table: &file::Policy, place: &Place) -> Option<String> {
        let document = Document::of_policy(table.document.as_deref(), table.document_file.as_deref());
        let (text, at) = document.read(place, self.site.references, &mut self.faults)?;
        self.faults.take(&at, documents::check_managed(&text)).map(|()| text)
    }
}

/// Adds a version and makes it the default one.
fn add_version(policy: &mut Found<PolicyRecord>, version: PolicyVersion) {
    let record = &mut policy.record;
    while record.versions.len() >= quotas::VERSIONS_PER_POLICY.max {
        let oldest = record.versions.keys().find(|number| **number != record.default_version).copied();
        let Some(oldest) = oldest else { break };
        record.versions.remove(&oldest);
    }
    let number = record.next_version;
    record.next_version = number.saturating_add(1);
    record.updated = version.created;
    record.versions.insert(number, version);
    record.default_version = number;
}
