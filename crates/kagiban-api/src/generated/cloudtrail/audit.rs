//! What audit records show of inputs and outputs. Generated from `model/cloudtrail.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::operations::Operation;
use super::structures::*;
use crate::audit::{self, AuditObject, Audited, Members};

impl Operation {
    /// Whether it is to change nothing: `readOnly` of audit records.
    pub const fn is_read_only(self) -> bool {
        matches!(
            self,
            Self::DescribeTrails
                | Self::GetTrail
                | Self::GetTrailStatus
                | Self::ListPublicKeys
                | Self::ListTrails
                | Self::LookupEvents
        )
    }
}

impl Members for DescribeTrailsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.trail_name_list {
            object.texts("trailNameList", value);
        }
        if let Some(value) = self.include_shadow_trails {
            object.boolean("includeShadowTrails", value);
        }
    }
}

impl Audited for DescribeTrailsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DescribeTrailsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for DescribeTrailsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetTrailRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("name", &self.name);
    }
}

impl Audited for GetTrailRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetTrailResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetTrailResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetTrailStatusRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("name", &self.name);
    }
}

impl Audited for GetTrailStatusRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetTrailStatusResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetTrailStatusResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListPublicKeysRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.start_time {
            object.moment("startTime", value);
        }
        if let Some(value) = self.end_time {
            object.moment("endTime", value);
        }
        if let Some(value) = &self.next_token {
            object.text("nextToken", value);
        }
    }
}

impl Audited for ListPublicKeysRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListPublicKeysResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListPublicKeysResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListTrailsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.next_token {
            object.text("nextToken", value);
        }
    }
}

impl Audited for ListTrailsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListTrailsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListTrailsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for LookupAttribute {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.word("attributeKey", self.attribute_key.as_str());
        object.text("attributeValue", &self.attribute_value);
    }
}

impl Members for LookupEventsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.lookup_attributes {
            object.structures("lookupAttributes", value);
        }
        if let Some(value) = self.start_time {
            object.moment("startTime", value);
        }
        if let Some(value) = self.end_time {
            object.moment("endTime", value);
        }
        if let Some(value) = self.event_category {
            object.word("eventCategory", value.as_str());
        }
        if let Some(value) = self.max_results {
            object.integer("maxResults", value);
        }
        if let Some(value) = &self.next_token {
            object.text("nextToken", value);
        }
    }
}

impl Audited for LookupEventsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for LookupEventsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for LookupEventsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}
