//! OpenID Connect providers: whose tokens an account trusts. Nothing is fetched here; STS asks a provider for its keys.

use kagiban_api::iam::{
    AddClientIDToOpenIDConnectProviderRequest, CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse,
    DeleteOpenIDConnectProviderRequest, GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse,
    ListOpenIDConnectProviderTagsRequest, ListOpenIDConnectProviderTagsResponse, ListOpenIDConnectProvidersRequest,
    ListOpenIDConnectProvidersResponse, OpenIDConnectProviderListEntry, RemoveClientIDFromOpenIDConnectProviderRequest,
    TagOpenIDConnectProviderRequest, UntagOpenIDConnectProviderRequest, UpdateOpenIDConnectProviderThumbprintRequest,
};
use kagiban_identity::names::{IamArn, IamResource, NameKind};
use kagiban_storage::{StoreError, Transaction};

use super::paging::Listing;
use super::{action, documents, entities, quotas, refusals, tags};
use crate::context::{Context, Permission};
use crate::error::IamError;
use crate::records;
use crate::records::oidc_provider::{OidcProviderRecord, OidcProviderRowKey};

/// CreateOpenIDConnectProvider
pub(crate) async fn create(
    tx: &Transaction,
    input: &CreateOpenIDConnectProviderRequest,
    ctx: &Context<'_>,
) -> Result<CreateOpenIDConnectProviderResponse, IamError> {
    let tags = tags::checked(input.tags.as_deref())?;
    let row = OidcProviderRowKey { account: ctx.account(), host_and_path: host_and_path(&input.url)?.to_owned() };
    let client_ids = distinct(input.client_id_list.as_deref());
    quotas::CLIENT_IDS_PER_PROVIDER.allow(client_ids.len())?;
    let thumbprints = thumbprints(input.thumbprint_list.as_deref())?;
    let resource = arn(&row, ctx);
    let asked = Permission { resource: &resource, request_tags: documents::given(&tags), ..Permission::default() };
    ctx.require(action("CreateOpenIDConnectProvider"), &asked)?;
    if !tags.is_empty() {
        ctx.require(action("TagOpenIDConnectProvider"), &asked)?;
    }
    let shown = tags::shown(&tags);
    let provider = OidcProviderRecord { created: ctx.now, client_ids, thumbprints, tags };
    tx.insert(&row, &provider).await.map_err(|error| match error {
        StoreError::AlreadyExists { .. } => {
            refusals::exists(format!("Provider with url {} already exists.", input.url))
        }
        other => other.into(),
    })?;
    entities::count(tx, ctx.account(), quotas::PROVIDERS, |usage| &mut usage.providers).await?;
    Ok(CreateOpenIDConnectProviderResponse { open_id_connect_provider_arn: Some(resource), tags: shown })
}

/// What follows `https://`. It is compared with the issuer of tokens letter by letter, so nothing is normalised.
pub(crate) fn host_and_path(url: &str) -> Result<&str, IamError> {
    let rest =
        url.strip_prefix("https://").ok_or_else(|| refusals::validation("Invalid Open ID Connect Provider URL"))?;
    NameKind::OidcProvider.check(rest).map_err(refusals::validation)?;
    if rest.contains(['?', '#', '@', '*', '\\', '"', '<', '>']) {
        return Err(refusals::validation("Invalid Open ID Connect Provider URL"));
    }
    Ok(rest)
}

/// Client ids in their order, none twice.
pub(crate) fn distinct(client_ids: Option<&[String]>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for id in client_ids.unwrap_or_default() {
        if !distinct.contains(id) {
            distinct.push(id.clone());
        }
    }
    distinct
}

/// Thumbprints in lower case.
///
/// # Errors
/// ValidationError, LimitExceeded.
pub(crate) fn thumbprints(given: Option<&[String]>) -> Result<Vec<String>, IamError> {
    let given = given.unwrap_or_default();
    quotas::THUMBPRINTS_PER_PROVIDER.allow(given.len())?;
    if given.iter().any(|one| one.len() != 40 || !one.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Err(refusals::validation("A thumbprint is the SHA-1 of a certificate in 40 hexadecimal digits."));
    }
    Ok(given.iter().map(|one| one.to_ascii_lowercase()).collect())
}

/// GetOpenIDConnectProvider. The URL is shown without `https://`, as AWS does.
pub(crate) async fn get(
    tx: &Transaction,
    input: &GetOpenIDConnectProviderRequest,
    ctx: &Context<'_>,
) -> Result<GetOpenIDConnectProviderResponse, IamError> {
    let arn = &input.open_id_connect_provider_arn;
    let (row, provider) = permitted(tx, arn, "GetOpenIDConnectProvider", &Permission::default(), ctx).await?;
    Ok(GetOpenIDConnectProviderResponse {
        url: Some(row.host_and_path),
        client_id_list: Some(provider.client_ids),
        thumbprint_list: Some(provider.thumbprints),
        create_date: Some(provider.created),
        tags: tags::shown(&provider.tags),
    })
}

/// ListOpenIDConnectProviders: all of them, which are [`quotas::PROVIDERS`] at most.
pub(crate) async fn list(
    tx: &Transaction,
    _: &ListOpenIDConnectProvidersRequest,
    ctx: &Context<'_>,
) -> Result<ListOpenIDConnectProvidersResponse, IamError> {
    ctx.require(action("ListOpenIDConnectProviders"), &Permission::default())?;
    let prefix = records::of_account::<OidcProviderRecord>(ctx.account()).map_err(StoreError::from)?;
    let page = tx.scan(&prefix, None, quotas::PROVIDERS.max).await?;
    let entry = |row: &OidcProviderRowKey| OpenIDConnectProviderListEntry { arn: Some(arn(row, ctx)) };
    let list = page.rows.iter().map(|(row, _)| entry(row)).collect();
    Ok(ListOpenIDConnectProvidersResponse { open_id_connect_provider_list: Some(list) })
}

/// DeleteOpenIDConnectProvider. Roles that trust it stay; nobody gets into them by it any more.
pub(crate) async fn delete(
    tx: &Transaction,
    input: &DeleteOpenIDConnectProviderRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let arn = &input.open_id_connect_provider_arn;
    let (row, _) = permitted(tx, arn, "DeleteOpenIDConnectProvider", &Permission::default(), ctx).await?;
    tx.delete::<OidcProviderRecord>(&row)?;
    entities::uncount(tx, ctx.account(), |usage| &mut usage.providers).await
}

/// AddClientIDToOpenIDConnectProvider. One that is there stays there.
pub(crate) async fn add_client_id(
    tx: &Transaction,
    input: &AddClientIDToOpenIDConnectProviderRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let (arn, operation) = (&input.open_id_connect_provider_arn, "AddClientIDToOpenIDConnectProvider");
    let (row, mut provider) = permitted(tx, arn, operation, &Permission::default(), ctx).await?;
    if provider.client_ids.contains(&input.client_id) {
        return Ok(());
    }
    provider.client_ids.push(input.client_id.clone());
    quotas::CLIENT_IDS_PER_PROVIDER.allow(provider.client_ids.len())?;
    Ok(tx.put(&row, &provider)?)
}

/// RemoveClientIDFromOpenIDConnectProvider. One that is not there is no error.
pub(crate) async fn remove_client_id(
    tx: &Transaction,
    input: &RemoveClientIDFromOpenIDConnectProviderRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let (arn, operation) = (&input.open_id_connect_provider_arn, "RemoveClientIDFromOpenIDConnectProvider");
    let (row, mut provider) = permitted(tx, arn, operation, &Permission::default(), ctx).await?;
    provider.client_ids.retain(|id| *id != input.client_id);
    Ok(tx.put(&row, &provider)?)
}

/// UpdateOpenIDConnectProviderThumbprint: these take the place of all that were there.
pub(crate) async fn update_thumbprint(
    tx: &Transaction,
    input: &UpdateOpenIDConnectProviderThumbprintRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let thumbprints = thumbprints(Some(&input.thumbprint_list))?;
    let (arn, operation) = (&input.open_id_connect_provider_arn, "UpdateOpenIDConnectProviderThumbprint");
    let (row, provider) = permitted(tx, arn, operation, &Permission::default(), ctx).await?;
    Ok(tx.put(&row, &OidcProviderRecord { thumbprints, ..provider })?)
}

/// TagOpenIDConnectProvider
pub(crate) async fn tag(
    tx: &Transaction,
    input: &TagOpenIDConnectProviderRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let new = tags::checked(Some(&input.tags))?;
    let asked = Permission { request_tags: documents::given(&new), ..Permission::default() };
    let arn = &input.open_id_connect_provider_arn;
    let (row, mut provider) = permitted(tx, arn, "TagOpenIDConnectProvider", &asked, ctx).await?;
    tags::add(&mut provider.tags, &new)?;
    Ok(tx.put(&row, &provider)?)
}

/// UntagOpenIDConnectProvider
pub(crate) async fn untag(
    tx: &Transaction,
    input: &UntagOpenIDConnectProviderRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let own = [tags::keys_fact(&input.tag_keys)];
    let asked = Permission { own: &own, ..Permission::default() };
    let arn = &input.open_id_connect_provider_arn;
    let (row, mut provider) = permitted(tx, arn, "UntagOpenIDConnectProvider", &asked, ctx).await?;
    tags::remove(&mut provider.tags, &input.tag_keys);
    Ok(tx.put(&row, &provider)?)
}

/// ListOpenIDConnectProviderTags
pub(crate) async fn list_tags(
    tx: &Transaction,
    input: &ListOpenIDConnectProviderTagsRequest,
    ctx: &Context<'_>,
) -> Result<ListOpenIDConnectProviderTagsResponse, IamError> {
    let arn = &input.open_id_connect_provider_arn;
    let listing = Listing { name: "oidc-provider-tags", account: ctx.account(), filters: &[arn] };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    let (_, provider) = permitted(tx, arn, "ListOpenIDConnectProviderTags", &Permission::default(), ctx).await?;
    let page = tags::page(&provider.tags, &window);
    Ok(ListOpenIDConnectProviderTagsResponse {
        is_truncated: page.is_truncated(),
        tags: page.items,
        marker: page.marker,
    })
}

/// The provider with this ARN, after asking permission on it.
///
/// # Errors
/// InvalidInput for what is no ARN of a provider, AccessDenied, NoSuchEntity.
async fn permitted(
    tx: &Transaction,
    arn: &str,
    operation: &'static str,
    asked: &Permission<'_>,
    ctx: &Context<'_>,
) -> Result<(OidcProviderRowKey, OidcProviderRecord), IamError> {
    let Ok(IamArn { partition, account, resource: IamResource::OidcProvider { address } }) = IamArn::parse(arn) else {
        return Err(refusals::invalid_input(format_args!("Invalid ARN: {arn}")));
    };
    let row = OidcProviderRowKey { account, host_and_path: address.to_owned() };
    let is_here = (partition, account) == (ctx.caller.partition(), ctx.account());
    let provider: Option<OidcProviderRecord> = if is_here { tx.read(&row).await? } else { None };
    let resource_tags = provider.as_ref().map(|provider| &provider.tags);
    ctx.require(action(operation), &Permission { resource: arn, resource_tags, ..*asked })?;
    let provider =
        provider.ok_or_else(|| refusals::no_such_entity(format!("OpenIDConnect Provider not found for arn {arn}")))?;
    Ok((row, provider))
}

fn arn(row: &OidcProviderRowKey, ctx: &Context<'_>) -> String {
    records::arn(ctx.caller.partition(), row.account, "oidc-provider/", &row.host_and_path, "")
}
