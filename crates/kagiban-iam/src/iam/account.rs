//! The account: its alias, and how much of everything it has.

use std::collections::BTreeMap;

use kagiban_api::iam::{
    CreateAccountAliasRequest, DeleteAccountAliasRequest, GetAccountSummaryRequest, GetAccountSummaryResponse,
    ListAccountAliasesRequest, ListAccountAliasesResponse, SummaryKeyType,
};
use kagiban_base::id::AccountId;
use kagiban_storage::{StoreError, Transaction};

use super::paging::Listing;
use super::{action, entities, quotas, refusals};
use crate::context::{Context, Permission};
use crate::error::IamError;
use crate::records::account::{AccountAliasRecord, AccountAliasRowKey, AccountRecord, AccountRowKey};

/// Versions of all managed policies of an account together: IAM's default quota, shown and not enforced.
const POLICY_VERSIONS_IN_USE: i32 = 10_000;

/// CreateAccountAlias. An account has one alias; a new one takes the place of the old one.
pub(crate) async fn create_alias(
    tx: &Transaction,
    input: &CreateAccountAliasRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    ctx.require(action("CreateAccountAlias"), &Permission::default())?;
    let alias = &input.account_alias;
    if alias.parse::<AccountId>().is_ok() {
        // It would pass for the number of another account.
        return Err(refusals::validation("An account alias cannot be an account number."));
    }
    let mut account = account(tx, ctx).await?;
    if account.alias.as_ref() == Some(alias) {
        return Ok(());
    }
    if let Some(old) = account.alias.replace(alias.clone()) {
        tx.delete::<AccountAliasRecord>(&AccountAliasRowKey(old))?;
    }
    let row = AccountAliasRowKey(alias.clone());
    tx.insert(&row, &AccountAliasRecord { account: ctx.account() }).await.map_err(|error| match error {
        StoreError::AlreadyExists { .. } => refusals::exists(format!("The account alias {alias} already exists.")),
        other => other.into(),
    })?;
    Ok(tx.put(&AccountRowKey(ctx.account()), &account)?)
}

/// DeleteAccountAlias
pub(crate) async fn delete_alias(
    tx: &Transaction,
    input: &DeleteAccountAliasRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    ctx.require(action("DeleteAccountAlias"), &Permission::default())?;
    let account = account(tx, ctx).await?;
    let alias = &input.account_alias;
    if account.alias.as_ref() != Some(alias) {
        return Err(refusals::no_such_entity(format!("The Account Alias {alias} cannot be found.")));
    }
    tx.delete::<AccountAliasRecord>(&AccountAliasRowKey(alias.clone()))?;
    Ok(tx.put(&AccountRowKey(ctx.account()), &AccountRecord { alias: None, ..account })?)
}

/// ListAccountAliases: one, or none.
pub(crate) async fn list_aliases(
    tx: &Transaction,
    input: &ListAccountAliasesRequest,
    ctx: &Context<'_>,
) -> Result<ListAccountAliasesResponse, IamError> {
    let listing = Listing { name: "account-aliases", account: ctx.account(), filters: &[] };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    ctx.require(action("ListAccountAliases"), &Permission::default())?;
    let page = window.of(account(tx, ctx).await?.alias.map(|alias| (alias.clone(), alias)));
    Ok(ListAccountAliasesResponse {
        is_truncated: page.is_truncated(),
        account_aliases: page.items,
        marker: page.marker,
    })
}

/// The caller's account. In a development deployment it may have no row yet.
async fn account(tx: &Transaction, ctx: &Context<'_>) -> Result<AccountRecord, IamError> {
    Ok(tx.read(&AccountRowKey(ctx.account())).await?.unwrap_or_else(|| AccountRecord::new(ctx.now)))
}

/// GetAccountSummary: what there is, and how much there may be. What does not exist here (passwords, server certificates,
/// instance profiles) is counted as none, of which there may be none.
pub(crate) async fn summary(
    tx: &Transaction,
    _: &GetAccountSummaryRequest,
    ctx: &Context<'_>,
) -> Result<GetAccountSummaryResponse, IamError> {
    use SummaryKeyType as Key;
    ctx.require(action("GetAccountSummary"), &Permission::default())?;
    let usage = entities::usage(tx, ctx.account()).await?;
    let directory = &ctx.iam.directory;
    let value = |key| match key {
        Key::Users => quotas::shown(usage.users),
        Key::UsersQuota => quotas::USERS.shown(),
        Key::Groups => quotas::shown(usage.groups),
        Key::GroupsQuota => quotas::GROUPS.shown(),
        Key::Roles => quotas::shown(usage.roles),
        Key::RolesQuota => quotas::ROLES.shown(),
        Key::Policies => quotas::shown(usage.policies),
        Key::PoliciesQuota => quotas::POLICIES.shown(),
        Key::PolicySizeQuota => quotas::shown(quotas::MANAGED_POLICY_SIZE),
        Key::PolicyVersionsInUse => quotas::shown(directory.policy_versions(ctx.account())),
        Key::PolicyVersionsInUseQuota => POLICY_VERSIONS_IN_USE,
        Key::VersionsPerPolicyQuota => quotas::VERSIONS_PER_POLICY.shown(),
        Key::UserPolicySizeQuota => quotas::shown(quotas::INLINE_SIZE_USER),
        Key::GroupPolicySizeQuota => quotas::shown(quotas::INLINE_SIZE_GROUP),
        Key::RolePolicySizeQuota => quotas::shown(quotas::INLINE_SIZE_ROLE),
        Key::AssumeRolePolicySizeQuota => quotas::shown(quotas::TRUST_POLICY_SIZE),
        Key::AttachedPoliciesPerGroupQuota => quotas::ATTACHED_POLICIES_PER_GROUP.shown(),
        Key::AttachedPoliciesPerRoleQuota => quotas::ATTACHED_POLICIES_PER_ROLE.shown(),
        Key::AttachedPoliciesPerUserQuota => quotas::ATTACHED_POLICIES_PER_USER.shown(),
        Key::GroupsPerUserQuota => quotas::GROUPS_PER_USER.shown(),
        Key::AccessKeysPerUserQuota => quotas::ACCESS_KEYS_PER_USER.shown(),
        Key::MFADevices => quotas::shown(usage.mfa_devices),
        Key::MFADevicesInUse => quotas::shown(usage.mfa_devices_in_use),
        Key::AccountMFAEnabled => i32::from(!usage.root_mfa_devices.is_empty()),
        Key::AccountAccessKeysPresent => i32::from(!directory.root_access_keys(ctx.account()).is_empty()),
        Key::Providers => quotas::shown(usage.providers),
        // Session tokens are good in every Region.
        Key::GlobalEndpointTokenVersion => 2,
        Key::AccountPasswordPresent
        | Key::AccountSigningCertificatesPresent
        | Key::InstanceProfiles
        | Key::InstanceProfilesQuota
        | Key::ServerCertificates
        | Key::ServerCertificatesQuota
        | Key::SigningCertificatesPerUserQuota => 0,
    };
    let map: BTreeMap<_, _> = Key::ALL.into_iter().map(|key| (key, value(key))).collect();
    Ok(GetAccountSummaryResponse { summary_map: Some(map) })
}
