//! What the service adds to the records of requests: their making is `kagiban_iam::audit`'s, and which members of inputs and
//! outputs they show is generated from `model/audit-kms.json`.

mod operator;
pub(crate) mod service_events;

use http::{HeaderValue, StatusCode};
use kagiban_api::{ErrorCode, Operation, wire};
use kagiban_audit::JournalStopped;
use kagiban_base::id::KeyMaterialId;
use kagiban_iam::UNRECORDED;
use kagiban_iam::audit::{Event, Notes, Outcome, Recording};
use kagiban_iam::request::{RawRequest, RawResponse, Summary};

pub(crate) use self::operator::{picked, shown_input, shown_output};
use crate::Service;
use crate::context::Context;
use crate::key_uses::KeysAsked;

/// `eventSource` of KMS.
pub(crate) const KMS: &str = "kms.amazonaws.com";
/// `eventSource` of the operator's dialect. (AWS has none such.)
pub(crate) const OPERATOR: &str = "kagiban.amazonaws.com";

/// Why the front refuses a request by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The error's code.
    pub code: &'static str,
    /// Its text.
    pub message: &'static str,
}

impl Refusal {
    pub(crate) const fn outcome(self) -> Outcome<'static> {
        Outcome { error_code: self.code, error_message: self.message }
    }
}

/// Begins the record of a request that the front refuses; what it was for is told by its target, if that is one.
///
/// # Errors
/// [`JournalStopped`]
pub(crate) fn begin_refusal<'a>(
    request: &'a RawRequest,
    service: &'a Service,
) -> Result<Recording<'a>, JournalStopped> {
    let recording = service.iam.audit.begin(request, service.clock.now())?;
    let target = request.head.headers.get("x-amz-target").map(HeaderValue::as_bytes);
    let event = wire::operation_of(target).map_or(Event { source: KMS, ..Event::default() }, event);
    recording.notes().event(event);
    Ok(recording)
}

/// An operation of KMS as records name it.
pub(crate) fn event(operation: Operation) -> Event {
    Event { source: KMS, name: operation.name(), is_read_only: operation.is_read_only() }
}

/// An error as records name it: a denial has another name there than on the wire.
pub(crate) fn outcome(code: ErrorCode, message: Option<&str>) -> Outcome<'_> {
    let error_code = match code {
        ErrorCode::AccessDeniedException => "AccessDenied",
        code => code.name(),
    };
    Outcome { error_code, error_message: message.unwrap_or_default() }
}

/// Notes the key that was changed where records show it in `responseElements` although the API does not answer with it.
pub(crate) fn note_changed_key(operation: Operation, keys: &KeysAsked, notes: &Notes) {
    use Operation as O;
    let is_shown = matches!(
        operation,
        O::CreateAlias
            | O::CreateGrant
            | O::DeleteAlias
            | O::DisableKey
            | O::EnableKey
            | O::EnableKeyRotation
            | O::TagResource
            | O::UntagResource
            | O::UpdateAlias
            | O::UpdatePrimaryRegion
    );
    if let (true, Some(key)) = (is_shown, keys.first()) {
        notes.response_key(&key.text());
    }
}

/// Notes the material that a ciphertext was made with.
pub(crate) fn note_sealed_with(id: KeyMaterialId, ctx: &Context<'_>) {
    let name = if ctx.operation() == Operation::ReEncrypt { "destinationKeyMaterialId" } else { "keyMaterialId" };
    ctx.notes.additional_id(name, id);
}

/// Notes the material that a ciphertext was opened with.
pub(crate) fn note_opened_with(id: KeyMaterialId, ctx: &Context<'_>) {
    let name = if ctx.operation() == Operation::ReEncrypt { "sourceKeyMaterialId" } else { "keyMaterialId" };
    ctx.notes.additional_id(name, id);
}

/// The answer to a request that cannot be recorded.
pub(crate) fn unrecorded() -> RawResponse {
    let body = format!(r#"{{"__type":"ServiceUnavailableException","message":"{UNRECORDED}"}}"#).into();
    let summary = Summary { error: "ServiceUnavailableException", ..Summary::default() };
    RawResponse { status: StatusCode::SERVICE_UNAVAILABLE, body, content_type: wire::CONTENT_TYPE, summary }
}
