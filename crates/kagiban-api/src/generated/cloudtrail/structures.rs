//! Inputs, outputs and the structures in them. Generated from `model/cloudtrail.json` by `cargo run -p xtask -- codegen`; not to be edited.

use kagiban_base::time::Timestamp;
use super::enums::*;

/// Input of DescribeTrails.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DescribeTrailsRequest {
    /// `trailNameList`: list of `String`.
    pub trail_name_list: Option<Vec<String>>,
    /// `includeShadowTrails`: boolean.
    pub include_shadow_trails: Option<bool>,
}

/// Output of DescribeTrails.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DescribeTrailsResponse {
    /// `trailList`: list of `Trail`.
    pub trail_list: Option<Vec<Trail>>,
}

/// The structure `Event` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Event {
    /// `EventId`: string.
    pub event_id: Option<String>,
    /// `EventName`: string.
    pub event_name: Option<String>,
    /// `ReadOnly`: string.
    pub read_only: Option<String>,
    /// `AccessKeyId`: string.
    pub access_key_id: Option<String>,
    /// `EventTime`: timestamp.
    pub event_time: Option<Timestamp>,
    /// `EventSource`: string.
    pub event_source: Option<String>,
    /// `Username`: string.
    pub username: Option<String>,
    /// `Resources`: list of `Resource`.
    pub resources: Option<Vec<Resource>>,
    /// `CloudTrailEvent`: string.
    pub cloud_trail_event: Option<String>,
}

/// Input of GetTrail.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetTrailRequest {
    /// `Name`: string; required.
    pub name: String,
}

/// Output of GetTrail.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetTrailResponse {
    /// `Trail`: structure.
    pub trail: Option<Trail>,
}

/// Input of GetTrailStatus.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetTrailStatusRequest {
    /// `Name`: string; required.
    pub name: String,
}

/// Output of GetTrailStatus.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetTrailStatusResponse {
    /// `IsLogging`: boolean.
    pub is_logging: Option<bool>,
    /// `LatestDeliveryError`: string.
    pub latest_delivery_error: Option<String>,
    /// `LatestNotificationError`: string.
    pub latest_notification_error: Option<String>,
    /// `LatestDeliveryTime`: timestamp.
    pub latest_delivery_time: Option<Timestamp>,
    /// `LatestNotificationTime`: timestamp.
    pub latest_notification_time: Option<Timestamp>,
    /// `StartLoggingTime`: timestamp.
    pub start_logging_time: Option<Timestamp>,
    /// `StopLoggingTime`: timestamp.
    pub stop_logging_time: Option<Timestamp>,
    /// `LatestCloudWatchLogsDeliveryError`: string.
    pub latest_cloud_watch_logs_delivery_error: Option<String>,
    /// `LatestCloudWatchLogsDeliveryTime`: timestamp.
    pub latest_cloud_watch_logs_delivery_time: Option<Timestamp>,
    /// `LatestDigestDeliveryTime`: timestamp.
    pub latest_digest_delivery_time: Option<Timestamp>,
    /// `LatestDigestDeliveryError`: string.
    pub latest_digest_delivery_error: Option<String>,
    /// `LatestDeliveryAttemptTime`: string.
    pub latest_delivery_attempt_time: Option<String>,
    /// `LatestNotificationAttemptTime`: string.
    pub latest_notification_attempt_time: Option<String>,
    /// `LatestNotificationAttemptSucceeded`: string.
    pub latest_notification_attempt_succeeded: Option<String>,
    /// `LatestDeliveryAttemptSucceeded`: string.
    pub latest_delivery_attempt_succeeded: Option<String>,
    /// `TimeLoggingStarted`: string.
    pub time_logging_started: Option<String>,
    /// `TimeLoggingStopped`: string.
    pub time_logging_stopped: Option<String>,
}

/// Input of ListPublicKeys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListPublicKeysRequest {
    /// `StartTime`: timestamp.
    pub start_time: Option<Timestamp>,
    /// `EndTime`: timestamp.
    pub end_time: Option<Timestamp>,
    /// `NextToken`: string.
    pub next_token: Option<String>,
}

/// Output of ListPublicKeys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListPublicKeysResponse {
    /// `PublicKeyList`: list of `PublicKey`.
    pub public_key_list: Option<Vec<PublicKey>>,
    /// `NextToken`: string.
    pub next_token: Option<String>,
}

/// Input of ListTrails.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListTrailsRequest {
    /// `NextToken`: string.
    pub next_token: Option<String>,
}

/// Output of ListTrails.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListTrailsResponse {
    /// `Trails`: list of `TrailInfo`.
    pub trails: Option<Vec<TrailInfo>>,
    /// `NextToken`: string.
    pub next_token: Option<String>,
}

/// The structure `LookupAttribute` of the model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LookupAttribute {
    /// `AttributeKey`: one of its names; required.
    pub attribute_key: LookupAttributeKey,
    /// `AttributeValue`: string, 1 to 2000 characters; required.
    pub attribute_value: String,
}

/// Input of LookupEvents.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LookupEventsRequest {
    /// `LookupAttributes`: list of `LookupAttribute`.
    pub lookup_attributes: Option<Vec<LookupAttribute>>,
    /// `StartTime`: timestamp.
    pub start_time: Option<Timestamp>,
    /// `EndTime`: timestamp.
    pub end_time: Option<Timestamp>,
    /// `EventCategory`: one of its names.
    pub event_category: Option<EventCategory>,
    /// `MaxResults`: integer.
    pub max_results: Option<i32>,
    /// `NextToken`: string.
    pub next_token: Option<String>,
}

/// Output of LookupEvents.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LookupEventsResponse {
    /// `Events`: list of `Event`.
    pub events: Option<Vec<Event>>,
    /// `NextToken`: string.
    pub next_token: Option<String>,
}

/// The structure `PublicKey` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PublicKey {
    /// `Value`: blob.
    pub value: Option<Vec<u8>>,
    /// `ValidityStartTime`: timestamp.
    pub validity_start_time: Option<Timestamp>,
    /// `ValidityEndTime`: timestamp.
    pub validity_end_time: Option<Timestamp>,
    /// `Fingerprint`: string.
    pub fingerprint: Option<String>,
}

/// The structure `Resource` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Resource {
    /// `ResourceType`: string.
    pub resource_type: Option<String>,
    /// `ResourceName`: string.
    pub resource_name: Option<String>,
}

/// The structure `Trail` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Trail {
    /// `Name`: string.
    pub name: Option<String>,
    /// `S3BucketName`: string.
    pub s3_bucket_name: Option<String>,
    /// `S3KeyPrefix`: string.
    pub s3_key_prefix: Option<String>,
    /// `SnsTopicName`: string.
    pub sns_topic_name: Option<String>,
    /// `SnsTopicARN`: string.
    pub sns_topic_arn: Option<String>,
    /// `IncludeGlobalServiceEvents`: boolean.
    pub include_global_service_events: Option<bool>,
    /// `IsMultiRegionTrail`: boolean.
    pub is_multi_region_trail: Option<bool>,
    /// `HomeRegion`: string.
    pub home_region: Option<String>,
    /// `TrailARN`: string.
    pub trail_arn: Option<String>,
    /// `LogFileValidationEnabled`: boolean.
    pub log_file_validation_enabled: Option<bool>,
    /// `CloudWatchLogsLogGroupArn`: string.
    pub cloud_watch_logs_log_group_arn: Option<String>,
    /// `CloudWatchLogsRoleArn`: string.
    pub cloud_watch_logs_role_arn: Option<String>,
    /// `KmsKeyId`: string.
    pub kms_key_id: Option<String>,
    /// `HasCustomEventSelectors`: boolean.
    pub has_custom_event_selectors: Option<bool>,
    /// `HasInsightSelectors`: boolean.
    pub has_insight_selectors: Option<bool>,
    /// `IsOrganizationTrail`: boolean.
    pub is_organization_trail: Option<bool>,
    /// `RecursiveLogging`: boolean.
    pub recursive_logging: Option<bool>,
}

/// The structure `TrailInfo` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TrailInfo {
    /// `TrailARN`: string.
    pub trail_arn: Option<String>,
    /// `Name`: string.
    pub name: Option<String>,
    /// `HomeRegion`: string.
    pub home_region: Option<String>,
}
