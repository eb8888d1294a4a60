//! `LookupEvents`: the last 90 days of the caller's account and Region, newest first (API reference).

use std::sync::Arc;

use kagiban_api::cloudtrail::{
    ErrorCode, Event, LookupAttribute, LookupAttributeKey, LookupEventsRequest, LookupEventsResponse, Resource,
};
use kagiban_audit::search::{Bounds, Field, Order, Page, Query, Search, SearchError, Term, Token, user_name};
use kagiban_audit::{Record, cloudtrail};
use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;

use super::error::CloudTrailError;
use super::{Context, permission, trails};
use crate::error::ServiceError;
use crate::work::{self, Lane};

/// Events on a page at most, and without being asked.
const RESULTS_MAX: i32 = 50;
/// Days that can be looked up.
const DAYS: i64 = 90;

/// A page of events.
pub(super) async fn lookup(
    input: &LookupEventsRequest,
    ctx: &Context<'_>,
) -> Result<LookupEventsResponse, CloudTrailError> {
    permission::require("*", ctx)?;
    if input.event_category.is_some() {
        let text = "Insights events are not recorded here; leave EventCategory out.";
        return Err(CloudTrailError::refused(ErrorCode::InvalidEventCategoryException, text));
    }
    let query = query(input, ctx)?;
    let results_max = results_max(input)?;
    let token = input.next_token.as_deref().map(str::parse::<Token>).transpose().map_err(|_| invalid_token())?;
    let Some(search) = ctx.service.search.get() else { return Ok(show(Page::default(), ctx)) };
    let page = find(Arc::clone(search), query, token, results_max, ctx).await?;
    Ok(show(page, ctx))
}

/// Searches on a thread that may wait for the disk.
async fn find(
    search: Arc<dyn Search>,
    query: Query,
    token: Option<Token>,
    results_max: usize,
    ctx: &Context<'_>,
) -> Result<Page, CloudTrailError> {
    let searched = work::run(&*ctx.service.workers, Lane::Search, move || {
        search.page(&query, token.as_ref(), Bounds::records(results_max))
    });
    match searched.await {
        Err(ServiceError::Busy) => Err(ServiceError::Throttled.into()),
        Err(error) => Err(error.into()),
        Ok(Err(SearchError::Token(_))) => Err(invalid_token()),
        Ok(page) => page.map_err(CloudTrailError::Search),
    }
}

fn invalid_token() -> CloudTrailError {
    let text = "The token is not one of this lookup; repeat the lookup without it.";
    CloudTrailError::refused(ErrorCode::InvalidNextTokenException, text)
}

fn query(input: &LookupEventsRequest, ctx: &Context<'_>) -> Result<Query, CloudTrailError> {
    let (from, until) = (input.start_time, input.end_time);
    if matches!((from, until), (Some(from), Some(until)) if from > until) {
        return Err(CloudTrailError::refused(ErrorCode::InvalidTimeRangeException, trails::TIME_RANGE));
    }
    let mut terms = vec![Term::new(Field::Region, ctx.caller.region().as_str())];
    match input.lookup_attributes.as_deref() {
        None | Some([]) => {}
        Some([attribute]) => terms.push(term(attribute)?),
        Some(_) => {
            let text = "You can only specify one LookupAttribute.";
            return Err(CloudTrailError::refused(ErrorCode::InvalidLookupAttributesException, text));
        }
    }
    // A second that is named is meant whole.
    let until = until.map(|until| until.plus_ms(999));
    Ok(Query { account: Some(ctx.caller.account()), terms, from, until, order: Order::NewestFirst })
}

fn term(attribute: &LookupAttribute) -> Result<Term, CloudTrailError> {
    let value = attribute.attribute_value.as_str();
    let field = match attribute.attribute_key {
        LookupAttributeKey::AccessKeyId => Field::AccessKeyId,
        LookupAttributeKey::EventId => Field::EventId,
        LookupAttributeKey::EventName => Field::Operation,
        LookupAttributeKey::EventSource => Field::EventSource,
        LookupAttributeKey::ReadOnly => Field::ReadOnly,
        LookupAttributeKey::ResourceName => Field::Key,
        LookupAttributeKey::ResourceType => Field::ResourceType,
        LookupAttributeKey::Username => Field::UserName,
    };
    if field == Field::ReadOnly && !matches!(value, "true" | "false") {
        let text = "The value of ReadOnly must be true or false.";
        return Err(CloudTrailError::refused(ErrorCode::InvalidLookupAttributesException, text));
    }
    Ok(Term::new(field, value))
}

fn results_max(input: &LookupEventsRequest) -> Result<usize, CloudTrailError> {
    let wanted = input.max_results.unwrap_or(RESULTS_MAX);
    let fits = usize::try_from(wanted).ok().filter(|_| (1..=RESULTS_MAX).contains(&wanted));
    let text = format!("MaxResults must be from 1 to {RESULTS_MAX}, and not {wanted}.");
    fits.ok_or_else(|| CloudTrailError::refused(ErrorCode::InvalidMaxResultsException, text))
}

/// The page, up to the first event that is too old: those after it are older.
fn show(page: Page, ctx: &Context<'_>) -> LookupEventsResponse {
    let oldest = ctx.now.plus_days(-DAYS);
    let (mut events, mut next) = (Vec::with_capacity(page.entries.len()), page.next);
    for entry in &page.entries {
        // The search has read it already.
        let Ok(record) = Record::decode(&entry.bytes) else { continue };
        if record.time < oldest {
            next = None;
            break;
        }
        events.push(event(&record, ctx.caller.account()));
    }
    LookupEventsResponse { events: Some(events), next_token: next.map(|token| token.to_string()) }
}

/// An event as the account gets to see it.
fn event(record: &Record<'_>, viewer: AccountId) -> Event {
    let is_own = viewer == record.account;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let resources = record
        .resource_arns()
        .map(|arn| Resource { resource_type: text(cloudtrail::resource_type(record, arn)), resource_name: text(arn) });
    Event {
        event_id: text(record.event_id(viewer).as_str()),
        event_name: text(record.event_name),
        read_only: text(if record.read_only { "true" } else { "false" }),
        access_key_id: text(record.access_key_id).filter(|_| is_own),
        event_time: Some(Timestamp::from_unix_s(record.time.unix_s())),
        event_source: text(record.event_source),
        username: text(if is_own { user_name(record) } else { record.principal_id }),
        resources: Some(resources.collect()),
        cloud_trail_event: Some(cloudtrail::render(record, viewer)),
    }
}
