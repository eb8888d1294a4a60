//! The order of steps of every request, in one function.
//!
//! Signature present and well-formed, access key known, clock and signature right, target known, rate, body decoded and
//! within its limits, key resolved, permission, rate where it depends on the key, usage, state, work. (AWS does not publish its order; this one is pinned by tests.)

use bytes::Bytes;
use http::StatusCode;
use kagiban_api::{ErrorCode, Operation, wire};
use zeroize::Zeroizing;

use kagiban_iam::Iam;
use kagiban_iam::parts::part;
use kagiban_iam::request::{RawRequest, RawResponse, Summary};

use crate::Service;
use crate::audit::{self, Notes, Refused};
use crate::catalog;
use crate::context::Context;
use crate::dispatch::{self, Answer};
use crate::error::{InternalError, ServiceError};
use crate::freshness;
use crate::key_uses::KeysAsked;
use crate::managed_keys;
use crate::operator;
use crate::quotas;

/// The signing name of this service.
const SIGNING_NAME: &str = "kms";

/// Answers a request, whatever becomes of it. What is of IAM or STS goes through their own door; the operator's dialect
/// shares this one.
pub(crate) async fn run(service: &Service, request: &RawRequest) -> RawResponse {
    if service.recorder.is_stopped() {
        return audit::unrecorded();
    }
    if !service.is_fresh() {
        return freshness::stale();
    }
    if Iam::speaks(request) {
        return Box::pin(service.iam.call(request)).await;
    }
    if operator::speaks(request) {
        let answered = Box::pin(operator::answer(service, request)).await;
        return answered.map_or_else(|error| refuse(request, &error), respond);
    }
    let notes = Notes::default();
    let answered = steps(&notes, request, service).await;
    if freshness::rests_on_the_view(notes.operation.get().copied()) && !service.is_fresh() {
        return freshness::stale();
    }
    let refused = answered.as_ref().err().map(ServiceError::answer);
    let response = answered.map_or_else(|error| refuse(request, &error), respond);
    let refused = refused
        .as_ref()
        .map(|(code, message)| Refused { code: code.name(), message: message.as_deref().unwrap_or_default() });
    match part("audit", audit::append(&notes, refused.unwrap_or_default(), request, service)).await {
        Ok(()) => response,
        Err(_) => audit::unrecorded(),
    }
}

async fn steps(notes: &Notes, request: &RawRequest, service: &Service) -> Result<Answer, ServiceError> {
    let now = service.clock.now();
    let iam = &*service.iam;
    let caller = iam.credentials.authenticate(request, SIGNING_NAME, iam.moment(now), &iam.directory, &iam.secrets)?;
    let caller = notes.caller.get_or_init(|| caller);
    service.require_region(caller.region())?;
    let operation = operation_of(request)?;
    _ = notes.operation.set(operation);
    let row = catalog::row_of(operation).ok_or_else(|| dispatch::not_offered(operation))?;
    let keys = &KeysAsked::default();
    let ctx = &Context { service, caller, request, row, keys, now };
    quotas::charge_operation(ctx)?;
    let answered = match dispatch::run(&request.body, ctx).await {
        Err(ServiceError::AliasNotFound(alias)) if alias.name.is_reserved() => {
            Box::pin(managed_keys::first_use(alias, &request.body, ctx)).await
        }
        answered => answered,
    };
    service.view.key_uses().note(answered.is_ok(), ctx);
    answered
}

/// The request's name, as far as the door it went through has not said it.
pub(crate) fn named(summary: Summary, request: &RawRequest) -> Summary {
    if !summary.service.is_empty() {
        return summary;
    }
    match operator::speaks(request) {
        true => Summary { service: operator::SIGNING_NAME, operation: operator::name_in(request), ..summary },
        false => {
            let operation = operation_of(request).map_or("", Operation::name);
            Summary { service: SIGNING_NAME, operation, ..summary }
        }
    }
}

fn operation_of(request: &RawRequest) -> Result<Operation, ServiceError> {
    let mut targets = request.head.headers.get_all("x-amz-target").iter().map(http::HeaderValue::as_bytes);
    // Two targets are none: what reads the other one, a proxy or a log, would see another request.
    let only = targets.next().filter(|_| targets.next().is_none());
    wire::operation_of(only).map_err(|_| ServiceError::UnknownOperation)
}

fn respond(answer: Answer) -> RawResponse {
    RawResponse { body: body(answer), content_type: wire::CONTENT_TYPE, ..RawResponse::default() }
}

/// An answer with a secret in it is wiped as soon as the front has sent it.
fn body(answer: Answer) -> Bytes {
    if answer.holds_secrets { Bytes::from_owner(Zeroizing::new(answer.body)) } else { Bytes::from(answer.body) }
}

/// The one door for errors: to the log if it is our fault, and to the wire.
fn refuse(request: &RawRequest, error: &ServiceError) -> RawResponse {
    let (code, message) = error.answer();
    // What is answered as the caller's own doing, a hot key, is not logged as ours.
    if let ServiceError::Internal(cause) = error
        && code == ErrorCode::KMSInternalException
    {
        log_internal(request, cause);
    }
    let status = StatusCode::from_u16(code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let summary = Summary { error: code.name(), ..Summary::default() };
    if code == ErrorCode::UnknownOperationException && !has_target(request) {
        // Not our protocol at all.
        let body = Bytes::from_static(b"<UnknownOperationException/>");
        return RawResponse { status: StatusCode::NOT_FOUND, body, content_type: "application/xml", summary };
    }
    let body = Bytes::from(wire::encode_error(code, message.as_deref()));
    RawResponse { status, body, content_type: wire::CONTENT_TYPE, summary }
}

fn has_target(request: &RawRequest) -> bool {
    request.head.headers.contains_key("x-amz-target")
}

fn log_internal(request: &RawRequest, cause: &InternalError) {
    tracing::error!(request_id = request.request_id.as_str(), %cause, "a request failed inside");
}
