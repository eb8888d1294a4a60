//! What audit records show of inputs and outputs. Generated from `model/sts.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::operations::Operation;
use super::structures::*;
use crate::audit::{self, AuditObject, Audited, Members};

impl Operation {
    /// Whether it is to change nothing: `readOnly` of audit records.
    pub const fn is_read_only(self) -> bool {
        matches!(
            self,
            Self::AssumeRole
                | Self::AssumeRoleWithWebIdentity
                | Self::GetAccessKeyInfo
                | Self::GetCallerIdentity
                | Self::GetSessionToken
        )
    }
}

impl Members for AssumeRoleRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleArn", &self.role_arn);
        object.text("roleSessionName", &self.role_session_name);
        if let Some(value) = &self.policy_arns {
            object.structures("policyArns", value);
        }
        if let Some(value) = &self.policy {
            object.text("policy", value);
        }
        if let Some(value) = self.duration_seconds {
            object.integer("durationSeconds", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
        if let Some(value) = &self.transitive_tag_keys {
            object.texts("transitiveTagKeys", value);
        }
        if let Some(value) = &self.external_id {
            object.text("externalId", value);
        }
        if let Some(value) = &self.serial_number {
            object.text("serialNumber", value);
        }
        if let Some(value) = &self.source_identity {
            object.text("sourceIdentity", value);
        }
    }
}

impl Audited for AssumeRoleRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for AssumeRoleResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.credentials {
            object.structure("credentials", value);
        }
        if let Some(value) = &self.assumed_role_user {
            object.structure("assumedRoleUser", value);
        }
        if let Some(value) = self.packed_policy_size {
            object.integer("packedPolicySize", value);
        }
        if let Some(value) = &self.source_identity {
            object.text("sourceIdentity", value);
        }
    }
}

impl Audited for AssumeRoleResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for AssumeRoleWithWebIdentityRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleArn", &self.role_arn);
        object.text("roleSessionName", &self.role_session_name);
        if let Some(value) = &self.provider_id {
            object.text("providerId", value);
        }
        if let Some(value) = &self.policy_arns {
            object.structures("policyArns", value);
        }
        if let Some(value) = &self.policy {
            object.text("policy", value);
        }
        if let Some(value) = self.duration_seconds {
            object.integer("durationSeconds", value);
        }
    }
}

impl Audited for AssumeRoleWithWebIdentityRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for AssumeRoleWithWebIdentityResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.credentials {
            object.structure("credentials", value);
        }
        if let Some(value) = &self.subject_from_web_identity_token {
            object.text("subjectFromWebIdentityToken", value);
        }
        if let Some(value) = &self.assumed_role_user {
            object.structure("assumedRoleUser", value);
        }
        if let Some(value) = self.packed_policy_size {
            object.integer("packedPolicySize", value);
        }
        if let Some(value) = &self.provider {
            object.text("provider", value);
        }
        if let Some(value) = &self.audience {
            object.text("audience", value);
        }
        if let Some(value) = &self.source_identity {
            object.text("sourceIdentity", value);
        }
    }
}

impl Audited for AssumeRoleWithWebIdentityResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for AssumedRoleUser {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("assumedRoleId", &self.assumed_role_id);
        object.text("arn", &self.arn);
    }
}

impl Members for Credentials {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("accessKeyId", &self.access_key_id);
        object.moment("expiration", self.expiration);
    }
}

impl Members for GetAccessKeyInfoRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("accessKeyId", &self.access_key_id);
    }
}

impl Audited for GetAccessKeyInfoRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetAccessKeyInfoResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetAccessKeyInfoResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetCallerIdentityRequest {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetCallerIdentityRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetCallerIdentityResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetCallerIdentityResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetSessionTokenRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.duration_seconds {
            object.integer("durationSeconds", value);
        }
        if let Some(value) = &self.serial_number {
            object.text("serialNumber", value);
        }
    }
}

impl Audited for GetSessionTokenRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetSessionTokenResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.credentials {
            object.structure("credentials", value);
        }
    }
}

impl Audited for GetSessionTokenResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for PolicyDescriptorType {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.arn {
            object.text("arn", value);
        }
    }
}

impl Members for Tag {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("key", &self.key);
        object.text("value", &self.value);
    }
}
