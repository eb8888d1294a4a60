//! OpenID Connect providers.

use kagiban_base::id::AccountId;

use super::fault::{Place, Problem};
use super::planner::Planner;
use super::{PlanError, file};
use crate::iam::{oidc_providers, quotas};
use crate::records::Tags;
use crate::records::oidc_provider::{OidcProviderRecord, OidcProviderRowKey};

/// The longest client id, in characters.
const CLIENT_ID_LEN_MAX: usize = 255;

impl Planner<'_> {
    pub(super) async fn oidc_provider(
        &mut self,
        account: AccountId,
        table: &file::OidcProvider,
        place: &Place,
    ) -> Result<(), PlanError> {
        let before = self.draft.changes();
        let url_place = place.key("url");
        let Some(url) = self.faults.take(&url_place, oidc_providers::host_and_path(&table.url)) else { return Ok(()) };
        if !self.is_first("oidc-provider", &format!("{account}/{url}"), &url_place) {
            return Ok(());
        }
        let row = OidcProviderRowKey { account, host_and_path: url.to_owned() };
        let stored = self.draft.read::<OidcProviderRecord>(&row).await?;
        let is_new = stored.is_none();
        let mut provider = stored.unwrap_or_else(|| OidcProviderRecord {
            created: self.site.now,
            client_ids: Vec::new(),
            thumbprints: Vec::new(),
            tags: Tags::new(),
        });
        if let Some(client_ids) = &table.client_ids {
            self.check_client_ids(client_ids, &place.key("client_ids"));
            provider.client_ids = oidc_providers::distinct(Some(client_ids));
        }
        if table.thumbprints.is_some() {
            let thumbprints = oidc_providers::thumbprints(table.thumbprints.as_deref());
            provider.thumbprints = self.faults.take(&place.key("thumbprints"), thumbprints).unwrap_or_default();
        }
        if let Some(tags) = self.tags(table.tags.as_ref(), place) {
            provider.tags = tags;
        }
        if is_new {
            self.count(account, quotas::PROVIDERS, |usage| &mut usage.providers, &url_place).await?;
        }
        self.draft.put(&row, &provider).await?;
        self.finish("OpenID Connect providers", is_new, before);
        Ok(())
    }

    fn check_client_ids(&mut self, client_ids: &[String], place: &Place) {
        self.faults.take(place, quotas::CLIENT_IDS_PER_PROVIDER.allow(client_ids.len()));
        for id in client_ids {
            let len = id.chars().count();
            if !(1..=CLIENT_ID_LEN_MAX).contains(&len) {
                let (value, max) = (len as u64, CLIENT_ID_LEN_MAX as u64);
                self.faults.add(place, Problem::Range { value, min: 1, max });
            }
        }
    }
}
