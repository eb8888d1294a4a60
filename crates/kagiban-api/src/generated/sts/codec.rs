//! Reading inputs and writing structures. Generated from `model/sts.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::{limits::*, operations::*, structures::*};
use crate::query::form::{Form, Node};
use crate::query::read::{self, Decode, Fault, Reader};
use crate::query::xml::{self, Encode, XmlWriter};
use crate::query::{Envelope, QueryError, QueryInput, QueryOutput};
use crate::validate::Path;

impl QueryInput for AssumeRoleRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::AssumeRole;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("AssumeRole", NAMESPACE);
    type Output = AssumeRoleResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for AssumeRoleWithWebIdentityRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::AssumeRoleWithWebIdentity;
    const HOLDS_SECRETS: bool = true;
    const ENVELOPE: Envelope = Envelope::new("AssumeRoleWithWebIdentity", NAMESPACE);
    type Output = AssumeRoleWithWebIdentityResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetAccessKeyInfoRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetAccessKeyInfo;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetAccessKeyInfo", NAMESPACE);
    type Output = GetAccessKeyInfoResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetCallerIdentityRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetCallerIdentity;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetCallerIdentity", NAMESPACE);
    type Output = GetCallerIdentityResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetSessionTokenRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetSessionToken;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetSessionToken", NAMESPACE);
    type Output = GetSessionTokenResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl Decode for AssumeRoleRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_arn = reader.required(node, at, "RoleArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let role_session_name = reader.required(node, at, "RoleSessionName", |r, node, at| r.text(node, at, &ROLE_SESSION_NAME_TYPE))?;
        let policy_arns = reader.optional(node, at, "PolicyArns", |r, node, at| r.structures(node.list("member"), at, &POLICY_DESCRIPTOR_LIST_TYPE))?;
        let policy = reader.optional(node, at, "Policy", |r, node, at| r.text(node, at, &UNRESTRICTED_SESSION_POLICY_DOCUMENT_TYPE))?;
        let duration_seconds = reader.optional(node, at, "DurationSeconds", |r, node, at| r.integer(node, at, &ROLE_DURATION_SECONDS_TYPE))?;
        let tags = reader.optional(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let transitive_tag_keys = reader.optional(node, at, "TransitiveTagKeys", |r, node, at| r.texts(node.list("member"), at, &TAG_KEY_LIST_TYPE, &TAG_KEY_TYPE))?;
        let external_id = reader.optional(node, at, "ExternalId", |r, node, at| r.text(node, at, &EXTERNAL_ID_TYPE))?;
        let serial_number = reader.optional(node, at, "SerialNumber", |r, node, at| r.text(node, at, &SERIAL_NUMBER_TYPE))?;
        let token_code = reader.optional(node, at, "TokenCode", |r, node, at| r.text(node, at, &TOKEN_CODE_TYPE))?;
        let source_identity = reader.optional(node, at, "SourceIdentity", |r, node, at| r.text(node, at, &SOURCE_IDENTITY_TYPE))?;
        let provided_contexts = reader.optional(node, at, "ProvidedContexts", |r, node, at| r.structures(node.list("member"), at, &PROVIDED_CONTEXTS_LIST_TYPE))?;
        let Some(role_arn) = role_arn else { return Ok(None) };
        let Some(role_session_name) = role_session_name else { return Ok(None) };
        Ok(Some(Self { role_arn, role_session_name, policy_arns, policy, duration_seconds, tags, transitive_tag_keys, external_id, serial_number, token_code, source_identity, provided_contexts }))
    }
}

impl QueryOutput for AssumeRoleResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for AssumeRoleResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.credentials {
            xml.element("Credentials", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.assumed_role_user {
            xml.element("AssumedRoleUser", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.packed_policy_size {
            xml.element("PackedPolicySize", |xml| xml.integer(*value));
        }
        if let Some(value) = &self.source_identity {
            xml.element("SourceIdentity", |xml| xml.text(value));
        }
    }
}

impl Decode for AssumeRoleWithWebIdentityRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_arn = reader.required(node, at, "RoleArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let role_session_name = reader.required(node, at, "RoleSessionName", |r, node, at| r.text(node, at, &ROLE_SESSION_NAME_TYPE))?;
        let web_identity_token = reader.required(node, at, "WebIdentityToken", |r, node, at| r.secret_text(node, at, &CLIENT_TOKEN_TYPE))?;
        let provider_id = reader.optional(node, at, "ProviderId", |r, node, at| r.text(node, at, &URL_TYPE))?;
        let policy_arns = reader.optional(node, at, "PolicyArns", |r, node, at| r.structures(node.list("member"), at, &POLICY_DESCRIPTOR_LIST_TYPE))?;
        let policy = reader.optional(node, at, "Policy", |r, node, at| r.text(node, at, &SESSION_POLICY_DOCUMENT_TYPE))?;
        let duration_seconds = reader.optional(node, at, "DurationSeconds", |r, node, at| r.integer(node, at, &ROLE_DURATION_SECONDS_TYPE))?;
        let Some(role_arn) = role_arn else { return Ok(None) };
        let Some(role_session_name) = role_session_name else { return Ok(None) };
        let Some(web_identity_token) = web_identity_token else { return Ok(None) };
        Ok(Some(Self { role_arn, role_session_name, web_identity_token, provider_id, policy_arns, policy, duration_seconds }))
    }
}

impl QueryOutput for AssumeRoleWithWebIdentityResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for AssumeRoleWithWebIdentityResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.credentials {
            xml.element("Credentials", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.subject_from_web_identity_token {
            xml.element("SubjectFromWebIdentityToken", |xml| xml.text(value));
        }
        if let Some(value) = &self.assumed_role_user {
            xml.element("AssumedRoleUser", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.packed_policy_size {
            xml.element("PackedPolicySize", |xml| xml.integer(*value));
        }
        if let Some(value) = &self.provider {
            xml.element("Provider", |xml| xml.text(value));
        }
        if let Some(value) = &self.audience {
            xml.element("Audience", |xml| xml.text(value));
        }
        if let Some(value) = &self.source_identity {
            xml.element("SourceIdentity", |xml| xml.text(value));
        }
    }
}

impl Encode for AssumedRoleUser {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("AssumedRoleId", |xml| xml.text(&self.assumed_role_id));
        xml.element("Arn", |xml| xml.text(&self.arn));
    }
}

impl Encode for Credentials {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("AccessKeyId", |xml| xml.text(&self.access_key_id));
        xml.element("SecretAccessKey", |xml| xml.secret_text(&self.secret_access_key));
        xml.element("SessionToken", |xml| xml.text(&self.session_token));
        xml.element("Expiration", |xml| xml.timestamp(self.expiration));
    }
}

impl Decode for GetAccessKeyInfoRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let access_key_id = reader.required(node, at, "AccessKeyId", |r, node, at| r.text(node, at, &ACCESS_KEY_ID_TYPE))?;
        let Some(access_key_id) = access_key_id else { return Ok(None) };
        Ok(Some(Self { access_key_id }))
    }
}

impl QueryOutput for GetAccessKeyInfoResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetAccessKeyInfoResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.account {
            xml.element("Account", |xml| xml.text(value));
        }
    }
}

impl Decode for GetCallerIdentityRequest {
    fn decode(_reader: &mut Reader, _node: Node<'_>, _at: &Path<'_>) -> Result<Option<Self>, Fault> {
        Ok(Some(Self {}))
    }
}

impl QueryOutput for GetCallerIdentityResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetCallerIdentityResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.user_id {
            xml.element("UserId", |xml| xml.text(value));
        }
        if let Some(value) = &self.account {
            xml.element("Account", |xml| xml.text(value));
        }
        if let Some(value) = &self.arn {
            xml.element("Arn", |xml| xml.text(value));
        }
    }
}

impl Decode for GetSessionTokenRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let duration_seconds = reader.optional(node, at, "DurationSeconds", |r, node, at| r.integer(node, at, &DURATION_SECONDS_TYPE))?;
        let serial_number = reader.optional(node, at, "SerialNumber", |r, node, at| r.text(node, at, &SERIAL_NUMBER_TYPE))?;
        let token_code = reader.optional(node, at, "TokenCode", |r, node, at| r.text(node, at, &TOKEN_CODE_TYPE))?;
        Ok(Some(Self { duration_seconds, serial_number, token_code }))
    }
}

impl QueryOutput for GetSessionTokenResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetSessionTokenResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.credentials {
            xml.element("Credentials", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for PolicyDescriptorType {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let arn = reader.optional(node, at, "arn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        Ok(Some(Self { arn }))
    }
}

impl Decode for ProvidedContext {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let provider_arn = reader.optional(node, at, "ProviderArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let context_assertion = reader.optional(node, at, "ContextAssertion", |r, node, at| r.text(node, at, &CONTEXT_ASSERTION_TYPE))?;
        Ok(Some(Self { provider_arn, context_assertion }))
    }
}

impl Decode for Tag {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let key = reader.required(node, at, "Key", |r, node, at| r.text(node, at, &TAG_KEY_TYPE))?;
        let value = reader.required(node, at, "Value", |r, node, at| r.text(node, at, &TAG_VALUE_TYPE))?;
        let Some(key) = key else { return Ok(None) };
        let Some(value) = value else { return Ok(None) };
        Ok(Some(Self { key, value }))
    }
}
