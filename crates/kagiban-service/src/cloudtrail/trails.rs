//! `DescribeTrails`, `GetTrail`, `GetTrailStatus` and `ListTrails`: the one trail there is, as each account sees it.
//!
//! The trail is the deployment's; its ARN names the account that asks, because every account has log files and digests of its
//! own. Where nothing is delivered there is no trail.

use kagiban_api::cloudtrail::{
    DescribeTrailsRequest, DescribeTrailsResponse, ErrorCode, GetTrailRequest, GetTrailResponse, GetTrailStatusRequest,
    GetTrailStatusResponse, ListTrailsRequest, ListTrailsResponse, Trail, TrailInfo,
};
use kagiban_audit::delivery::{TargetStatus, TrailDescription, TrailName};
use kagiban_base::id::Region;
use kagiban_base::time::Timestamp;

use super::error::CloudTrailError;
use super::{Context, permission};

/// The text of InvalidTimeRangeException.
pub(super) const TIME_RANGE: &str = "The start of the time range is after its end.";

/// All trails, or those that are named.
pub(super) fn describe(
    input: &DescribeTrailsRequest,
    ctx: &Context<'_>,
) -> Result<DescribeTrailsResponse, CloudTrailError> {
    permission::require("*", ctx)?;
    let Some(description) = description(ctx) else {
        return Ok(DescribeTrailsResponse { trail_list: Some(Vec::new()) });
    };
    // The trail is of its home Region, and casts a shadow on the others.
    let casts = input.include_shadow_trails.unwrap_or(true) || description.trail.home_region == ctx.caller.region();
    let wanted = match input.trail_name_list.as_deref() {
        None | Some([]) => casts,
        Some(names) => {
            let mut found = false;
            for name in names {
                found |= is_named(name, &description, ctx)? && casts;
            }
            found
        }
    };
    let trails = wanted.then(|| show(&description, ctx)).into_iter().collect();
    Ok(DescribeTrailsResponse { trail_list: Some(trails) })
}

/// The trail of this name.
pub(super) fn get(input: &GetTrailRequest, ctx: &Context<'_>) -> Result<GetTrailResponse, CloudTrailError> {
    let description = named(&input.name, ctx)?;
    Ok(GetTrailResponse { trail: Some(show(&description, ctx)) })
}

/// All trails, shortly.
pub(super) fn list(input: &ListTrailsRequest, ctx: &Context<'_>) -> Result<ListTrailsResponse, CloudTrailError> {
    permission::require("*", ctx)?;
    // There is one page, so no token leads anywhere.
    let first_page = description(ctx).filter(|_| input.next_token.is_none());
    let trails = first_page.into_iter().map(|TrailDescription { trail, .. }| TrailInfo {
        trail_arn: Some(trail.arn(ctx.caller.account())),
        name: Some(trail.name.to_string()),
        home_region: Some(trail.home_region.to_string()),
    });
    Ok(ListTrailsResponse { trails: Some(trails.collect()), next_token: None })
}

/// How the deliveries are doing: those of the first target that takes log files.
pub(super) fn status(
    input: &GetTrailStatusRequest,
    ctx: &Context<'_>,
) -> Result<GetTrailStatusResponse, CloudTrailError> {
    let description = named(&input.name, ctx)?;
    let targets = ctx.service.trail.get().map(|trail| trail.targets()).unwrap_or_default();
    let takes_files = |status: &&TargetStatus| status.target.starts_with("s3:") || status.target.starts_with("dir:");
    let target = targets.iter().find(takes_files).cloned().unwrap_or_default();
    let text = |time: Option<Timestamp>| time.map(Timestamp::to_rfc3339).unwrap_or_default();
    let succeeded = target.attempted.filter(|_| target.error.is_none());
    Ok(GetTrailStatusResponse {
        is_logging: Some(true),
        latest_delivery_error: target.error.as_ref().map(|error| {
            format!("{error} ({} records wait, the first since {})", target.behind, text(target.waiting_since))
        }),
        latest_delivery_time: target.delivered,
        latest_digest_delivery_time: target.digested,
        start_logging_time: Some(description.started),
        time_logging_started: Some(description.started.to_rfc3339()),
        time_logging_stopped: Some(String::new()),
        latest_delivery_attempt_time: Some(text(target.attempted)),
        latest_delivery_attempt_succeeded: Some(text(succeeded)),
        latest_notification_attempt_time: Some(String::new()),
        latest_notification_attempt_succeeded: Some(String::new()),
        latest_notification_error: None,
        latest_notification_time: None,
        stop_logging_time: None,
        latest_cloud_watch_logs_delivery_error: None,
        latest_cloud_watch_logs_delivery_time: None,
        latest_digest_delivery_error: None,
    })
}

/// The ARN of the caller's own trail, whether there is one or not.
pub(super) fn own_arn(ctx: &Context<'_>) -> String {
    let account = ctx.caller.account();
    let region = ctx.caller.region();
    let none = || format!("arn:{}:cloudtrail:{region}:{account}:trail/kagiban", region.partition().as_str());
    description(ctx).map_or_else(none, |description| description.trail.arn(account))
}

/// The trail, if log files are delivered.
fn description(ctx: &Context<'_>) -> Option<TrailDescription> {
    ctx.service.trail.get().map(|trail| trail.description()).filter(|description| !description.bucket.is_empty())
}

/// The trail that is called so, which the caller may ask about.
fn named(name: &str, ctx: &Context<'_>) -> Result<TrailDescription, CloudTrailError> {
    permission::require(&own_arn(ctx), ctx)?;
    let found = match description(ctx) {
        Some(description) => is_named(name, &description, ctx)?.then_some(description),
        None => None,
    };
    found.ok_or_else(|| {
        let text = format!("Unknown trail: {name} for the user: {}", ctx.caller.account());
        CloudTrailError::refused(ErrorCode::TrailNotFoundException, text)
    })
}

/// Whether a name or ARN is the trail's. A name alone is one of the home Region.
fn is_named(name: &str, description: &TrailDescription, ctx: &Context<'_>) -> Result<bool, CloudTrailError> {
    if name.starts_with("arn:") {
        check_arn(name)?;
        return Ok(name == description.trail.arn(ctx.caller.account()));
    }
    let is_a_name = name.parse::<TrailName>();
    is_a_name.map_err(|error| CloudTrailError::refused(ErrorCode::InvalidTrailNameException, error.to_string()))?;
    Ok(name == description.trail.name.as_str() && ctx.caller.region() == description.trail.home_region)
}

fn check_arn(arn: &str) -> Result<(), CloudTrailError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let fits = match parts[..] {
        [_, _, "cloudtrail", region, account, resource] => {
            region.parse::<Region>().is_ok()
                && account.parse::<kagiban_base::id::AccountId>().is_ok()
                && resource.strip_prefix("trail/").is_some_and(|name| name.parse::<TrailName>().is_ok())
        }
        _ => false,
    };
    let text = format!("{arn} is not a trail's ARN: arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME");
    fits.then_some(()).ok_or_else(|| CloudTrailError::refused(ErrorCode::CloudTrailARNInvalidException, text))
}

fn show(description: &TrailDescription, ctx: &Context<'_>) -> Trail {
    let TrailDescription { trail, bucket, prefix, .. } = description;
    Trail {
        name: Some(trail.name.to_string()),
        s3_bucket_name: Some(bucket.clone()),
        s3_key_prefix: Some(prefix.clone()).filter(|prefix| !prefix.is_empty()),
        sns_topic_name: None,
        sns_topic_arn: None,
        include_global_service_events: Some(true),
        is_multi_region_trail: Some(true),
        home_region: Some(trail.home_region.to_string()),
        trail_arn: Some(trail.arn(ctx.caller.account())),
        log_file_validation_enabled: Some(true),
        cloud_watch_logs_log_group_arn: None,
        cloud_watch_logs_role_arn: None,
        kms_key_id: None,
        has_custom_event_selectors: Some(false),
        has_insight_selectors: Some(false),
        is_organization_trail: Some(false),
        recursive_logging: None,
    }
}
