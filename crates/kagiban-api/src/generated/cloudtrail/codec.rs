//! Reading inputs and writing structures. Generated from `model/cloudtrail.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::{limits::*, operations::Operation, structures::*};
use crate::json::{self, Decode, Encode, Fault, Object, ObjectWriter, Reader, Sink};
use crate::message::{DecodeError, Input, Output};
use crate::validate::Path;

impl Input for DescribeTrailsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DescribeTrails;
    const HOLDS_SECRETS: bool = false;
    type Output = DescribeTrailsResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GetTrailRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetTrail;
    const HOLDS_SECRETS: bool = false;
    type Output = GetTrailResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for GetTrailStatusRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetTrailStatus;
    const HOLDS_SECRETS: bool = false;
    type Output = GetTrailStatusResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ListPublicKeysRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListPublicKeys;
    const HOLDS_SECRETS: bool = false;
    type Output = ListPublicKeysResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for ListTrailsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListTrails;
    const HOLDS_SECRETS: bool = false;
    type Output = ListTrailsResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Input for LookupEventsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::LookupEvents;
    const HOLDS_SECRETS: bool = false;
    type Output = LookupEventsResponse;

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::decode(body)
    }

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Decode for DescribeTrailsRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut trail_name_list = None;
        let mut include_shadow_trails = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "trailNameList" => trail_name_list = object.member(0, "trailNameList", |r, at| r.texts(at, &TRAIL_NAME_LIST, &STRING))?,
                "includeShadowTrails" => include_shadow_trails = object.member(1, "includeShadowTrails", |r, at| r.boolean(at))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { trail_name_list, include_shadow_trails }))
    }
}

impl Encode for DescribeTrailsRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.trail_name_list {
            object.texts("trailNameList", value);
        }
        if let Some(value) = self.include_shadow_trails {
            object.boolean("includeShadowTrails", value);
        }
        object.close();
    }
}

impl Output for DescribeTrailsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for DescribeTrailsResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.trail_list {
            object.structures("trailList", value);
        }
        object.close();
    }
}

impl Encode for Event {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.event_id {
            object.text("EventId", value);
        }
        if let Some(value) = &self.event_name {
            object.text("EventName", value);
        }
        if let Some(value) = &self.read_only {
            object.text("ReadOnly", value);
        }
        if let Some(value) = &self.access_key_id {
            object.text("AccessKeyId", value);
        }
        if let Some(value) = self.event_time {
            object.timestamp("EventTime", value);
        }
        if let Some(value) = &self.event_source {
            object.text("EventSource", value);
        }
        if let Some(value) = &self.username {
            object.text("Username", value);
        }
        if let Some(value) = &self.resources {
            object.structures("Resources", value);
        }
        if let Some(value) = &self.cloud_trail_event {
            object.text("CloudTrailEvent", value);
        }
        object.close();
    }
}

impl Decode for GetTrailRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut name_ = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "Name" => name_ = object.member(0, "Name", |r, at| r.text(at, &STRING))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "Name");
        let Some(name_) = name_ else { return Ok(None) };
        Ok(Some(Self { name: name_ }))
    }
}

impl Encode for GetTrailRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("Name", &self.name);
        object.close();
    }
}

impl Output for GetTrailResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GetTrailResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.trail {
            object.structure("Trail", value);
        }
        object.close();
    }
}

impl Decode for GetTrailStatusRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut name_ = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "Name" => name_ = object.member(0, "Name", |r, at| r.text(at, &STRING))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "Name");
        let Some(name_) = name_ else { return Ok(None) };
        Ok(Some(Self { name: name_ }))
    }
}

impl Encode for GetTrailStatusRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("Name", &self.name);
        object.close();
    }
}

impl Output for GetTrailStatusResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for GetTrailStatusResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.is_logging {
            object.boolean("IsLogging", value);
        }
        if let Some(value) = &self.latest_delivery_error {
            object.text("LatestDeliveryError", value);
        }
        if let Some(value) = &self.latest_notification_error {
            object.text("LatestNotificationError", value);
        }
        if let Some(value) = self.latest_delivery_time {
            object.timestamp("LatestDeliveryTime", value);
        }
        if let Some(value) = self.latest_notification_time {
            object.timestamp("LatestNotificationTime", value);
        }
        if let Some(value) = self.start_logging_time {
            object.timestamp("StartLoggingTime", value);
        }
        if let Some(value) = self.stop_logging_time {
            object.timestamp("StopLoggingTime", value);
        }
        if let Some(value) = &self.latest_cloud_watch_logs_delivery_error {
            object.text("LatestCloudWatchLogsDeliveryError", value);
        }
        if let Some(value) = self.latest_cloud_watch_logs_delivery_time {
            object.timestamp("LatestCloudWatchLogsDeliveryTime", value);
        }
        if let Some(value) = self.latest_digest_delivery_time {
            object.timestamp("LatestDigestDeliveryTime", value);
        }
        if let Some(value) = &self.latest_digest_delivery_error {
            object.text("LatestDigestDeliveryError", value);
        }
        if let Some(value) = &self.latest_delivery_attempt_time {
            object.text("LatestDeliveryAttemptTime", value);
        }
        if let Some(value) = &self.latest_notification_attempt_time {
            object.text("LatestNotificationAttemptTime", value);
        }
        if let Some(value) = &self.latest_notification_attempt_succeeded {
            object.text("LatestNotificationAttemptSucceeded", value);
        }
        if let Some(value) = &self.latest_delivery_attempt_succeeded {
            object.text("LatestDeliveryAttemptSucceeded", value);
        }
        if let Some(value) = &self.time_logging_started {
            object.text("TimeLoggingStarted", value);
        }
        if let Some(value) = &self.time_logging_stopped {
            object.text("TimeLoggingStopped", value);
        }
        object.close();
    }
}

impl Decode for ListPublicKeysRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut start_time = None;
        let mut end_time = None;
        let mut next_token = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "StartTime" => start_time = object.member(0, "StartTime", |r, at| r.timestamp(at))?,
                "EndTime" => end_time = object.member(1, "EndTime", |r, at| r.timestamp(at))?,
                "NextToken" => next_token = object.member(2, "NextToken", |r, at| r.text(at, &STRING))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { start_time, end_time, next_token }))
    }
}

impl Encode for ListPublicKeysRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = self.start_time {
            object.timestamp("StartTime", value);
        }
        if let Some(value) = self.end_time {
            object.timestamp("EndTime", value);
        }
        if let Some(value) = &self.next_token {
            object.text("NextToken", value);
        }
        object.close();
    }
}

impl Output for ListPublicKeysResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ListPublicKeysResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.public_key_list {
            object.structures("PublicKeyList", value);
        }
        if let Some(value) = &self.next_token {
            object.text("NextToken", value);
        }
        object.close();
    }
}

impl Decode for ListTrailsRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut next_token = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "NextToken" => next_token = object.member(0, "NextToken", |r, at| r.text(at, &STRING))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { next_token }))
    }
}

impl Encode for ListTrailsRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.next_token {
            object.text("NextToken", value);
        }
        object.close();
    }
}

impl Output for ListTrailsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for ListTrailsResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.trails {
            object.structures("Trails", value);
        }
        if let Some(value) = &self.next_token {
            object.text("NextToken", value);
        }
        object.close();
    }
}

impl Decode for LookupAttribute {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut attribute_key = None;
        let mut attribute_value = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "AttributeKey" => attribute_key = object.member(0, "AttributeKey", |r, at| r.name(at))?,
                "AttributeValue" => attribute_value = object.member(1, "AttributeValue", |r, at| r.text(at, &LOOKUP_ATTRIBUTE_VALUE))?,
                _ => object.skip()?,
            }
        }
        object.require(0, "AttributeKey");
        object.require(1, "AttributeValue");
        let Some(attribute_key) = attribute_key else { return Ok(None) };
        let Some(attribute_value) = attribute_value else { return Ok(None) };
        Ok(Some(Self { attribute_key, attribute_value }))
    }
}

impl Encode for LookupAttribute {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.word("AttributeKey", self.attribute_key.as_str());
        object.text("AttributeValue", &self.attribute_value);
        object.close();
    }
}

impl Decode for LookupEventsRequest {
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let mut lookup_attributes = None;
        let mut start_time = None;
        let mut end_time = None;
        let mut event_category = None;
        let mut max_results = None;
        let mut next_token = None;
        let mut object = Object::open(reader, at)?;
        while let Some(name) = object.next_name()? {
            match &*name {
                "LookupAttributes" => lookup_attributes = object.member(0, "LookupAttributes", |r, at| r.structures(at, &LOOKUP_ATTRIBUTES_LIST))?,
                "StartTime" => start_time = object.member(1, "StartTime", |r, at| r.timestamp(at))?,
                "EndTime" => end_time = object.member(2, "EndTime", |r, at| r.timestamp(at))?,
                "EventCategory" => event_category = object.member(3, "EventCategory", |r, at| r.name(at))?,
                "MaxResults" => max_results = object.member(4, "MaxResults", |r, at| r.integer(at, &MAX_RESULTS))?,
                "NextToken" => next_token = object.member(5, "NextToken", |r, at| r.text(at, &NEXT_TOKEN))?,
                _ => object.skip()?,
            }
        }
        Ok(Some(Self { lookup_attributes, start_time, end_time, event_category, max_results, next_token }))
    }
}

impl Encode for LookupEventsRequest {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.lookup_attributes {
            object.structures("LookupAttributes", value);
        }
        if let Some(value) = self.start_time {
            object.timestamp("StartTime", value);
        }
        if let Some(value) = self.end_time {
            object.timestamp("EndTime", value);
        }
        if let Some(value) = self.event_category {
            object.word("EventCategory", value.as_str());
        }
        if let Some(value) = self.max_results {
            object.integer("MaxResults", value);
        }
        if let Some(value) = &self.next_token {
            object.text("NextToken", value);
        }
        object.close();
    }
}

impl Output for LookupEventsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        json::encode(self)
    }
}

impl Encode for LookupEventsResponse {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.events {
            object.structures("Events", value);
        }
        if let Some(value) = &self.next_token {
            object.text("NextToken", value);
        }
        object.close();
    }
}

impl Encode for PublicKey {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.value {
            object.blob("Value", value);
        }
        if let Some(value) = self.validity_start_time {
            object.timestamp("ValidityStartTime", value);
        }
        if let Some(value) = self.validity_end_time {
            object.timestamp("ValidityEndTime", value);
        }
        if let Some(value) = &self.fingerprint {
            object.text("Fingerprint", value);
        }
        object.close();
    }
}

impl Encode for Resource {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.resource_type {
            object.text("ResourceType", value);
        }
        if let Some(value) = &self.resource_name {
            object.text("ResourceName", value);
        }
        object.close();
    }
}

impl Encode for Trail {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.name {
            object.text("Name", value);
        }
        if let Some(value) = &self.s3_bucket_name {
            object.text("S3BucketName", value);
        }
        if let Some(value) = &self.s3_key_prefix {
            object.text("S3KeyPrefix", value);
        }
        if let Some(value) = &self.sns_topic_name {
            object.text("SnsTopicName", value);
        }
        if let Some(value) = &self.sns_topic_arn {
            object.text("SnsTopicARN", value);
        }
        if let Some(value) = self.include_global_service_events {
            object.boolean("IncludeGlobalServiceEvents", value);
        }
        if let Some(value) = self.is_multi_region_trail {
            object.boolean("IsMultiRegionTrail", value);
        }
        if let Some(value) = &self.home_region {
            object.text("HomeRegion", value);
        }
        if let Some(value) = &self.trail_arn {
            object.text("TrailARN", value);
        }
        if let Some(value) = self.log_file_validation_enabled {
            object.boolean("LogFileValidationEnabled", value);
        }
        if let Some(value) = &self.cloud_watch_logs_log_group_arn {
            object.text("CloudWatchLogsLogGroupArn", value);
        }
        if let Some(value) = &self.cloud_watch_logs_role_arn {
            object.text("CloudWatchLogsRoleArn", value);
        }
        if let Some(value) = &self.kms_key_id {
            object.text("KmsKeyId", value);
        }
        if let Some(value) = self.has_custom_event_selectors {
            object.boolean("HasCustomEventSelectors", value);
        }
        if let Some(value) = self.has_insight_selectors {
            object.boolean("HasInsightSelectors", value);
        }
        if let Some(value) = self.is_organization_trail {
            object.boolean("IsOrganizationTrail", value);
        }
        if let Some(value) = self.recursive_logging {
            object.boolean("RecursiveLogging", value);
        }
        object.close();
    }
}

impl Encode for TrailInfo {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        if let Some(value) = &self.trail_arn {
            object.text("TrailARN", value);
        }
        if let Some(value) = &self.name {
            object.text("Name", value);
        }
        if let Some(value) = &self.home_region {
            object.text("HomeRegion", value);
        }
        object.close();
    }
}
