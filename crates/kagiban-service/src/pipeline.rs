//! The order of steps of every request, in one function, and the record that it leaves before its answer leaves.
//!
//! Signature present and well-formed, access key known, clock and signature right, target known, rate, body decoded and
//! within its limits, key resolved, permission, rate where it depends on the key, usage, state, work. (AWS does not publish its order; this one is pinned by tests.)

use bytes::Bytes;
use http::StatusCode;
use kagiban_api::{ErrorCode, Operation, wire};
use zeroize::Zeroizing;

use kagiban_iam::Iam;
use kagiban_iam::audit::{Event, Outcome, Recording};
use kagiban_iam::freshness::STALE;
use kagiban_iam::parts::part;
use kagiban_iam::request::{RawRequest, RawResponse, Summary};

use crate::Service;
use crate::audit;
use crate::catalog;
use crate::cloudtrail;
use crate::context::Context;
use crate::dispatch::{self, Answer};
use crate::error::{InternalError, ServiceError};
use crate::freshness;
use crate::key_uses::KeysAsked;
use crate::managed_keys;
use crate::nodes::wait;
use crate::operator;
use crate::quotas;
use crate::sealing;

/// The signing name of this service.
const SIGNING_NAME: &str = "kms";

/// Answers a request, whatever becomes of it. What is of IAM or STS goes through their own door; the operator's dialect
/// shares this one.
pub(crate) async fn run(service: &Service, request: &RawRequest) -> RawResponse {
    let response = decide(service, request).await;
    if service.is_sealed() {
        // It may have been at work while the service was sealed, and have kept something since.
        service.forget_opened();
    }
    response
}

async fn decide(service: &Service, request: &RawRequest) -> RawResponse {
    let is_sealed = service.is_sealed();
    if !is_sealed && Iam::speaks(request) {
        return Box::pin(identities(service, request)).await;
    }
    if !is_sealed && cloudtrail::speaks(request) {
        return Box::pin(cloudtrail::call(service, request)).await;
    }
    let Ok(recording) = service.iam.audit.begin(request, service.clock.now()) else { return audit::unrecorded() };
    let is_operators = operator::speaks(request);
    let of_seal = if is_operators { sealing::asked(request) } else { None };
    if let (Some(why), None) = (unavailable(service), of_seal) {
        return refuse_unavailable(why, recording, request).await;
    }
    let answered = match of_seal {
        Some(asked) => Box::pin(sealing::answer(asked, &recording, request, service)).await,
        None if is_operators => Box::pin(operator::answer(&recording, request, service)).await,
        None => steps(&recording, request, service).await,
    };
    if answered.is_err() && of_seal.is_none() && service.is_sealed() {
        // Sealed while it was at work: that is why, whatever it says.
        return refuse_unavailable(sealing::SEALED, recording, request).await;
    }
    let is_stale = matches!(answered, Err(ServiceError::Stale))
        || (of_seal.is_none() && rests_on_the_view(&recording, request, is_operators) && !service.is_fresh());
    if is_stale {
        return refuse_unavailable(STALE, recording, request).await;
    }
    let (response, recorded) = match answered {
        Ok(answer) => {
            let response = respond(answer);
            (response, part("audit", recording.finish(Outcome::SUCCESS)).await)
        }
        Err(error) => {
            // For what is not told by its target.
            let source = if is_operators { audit::OPERATOR } else { audit::KMS };
            recording.notes().event(Event { source, ..Event::default() });
            let (code, message) = error.answer();
            let response = refuse(request, &error, code, message.as_deref());
            (response, part("audit", recording.finish(audit::outcome(code, message.as_deref()))).await)
        }
    };
    // What cannot be recorded is not answered; a plaintext in it is wiped.
    recorded.map_or_else(|_| audit::unrecorded(), |()| response)
}

/// IAM and STS.
async fn identities(service: &Service, request: &RawRequest) -> RawResponse {
    let response = service.iam.call(request).await;
    if wait::is_wanted_of_iam(&response.summary, request, service) {
        service.all_nodes_know().await;
    }
    response
}

/// Whether nothing but the view vouches for an answer: no transaction, nor was a caller known.
fn rests_on_the_view(recording: &Recording<'_>, request: &RawRequest, is_operators: bool) -> bool {
    !recording.notes().is_authenticated()
        || match is_operators {
            true => operator::event_of(request).is_none_or(|event| event.is_read_only),
            false => freshness::rests_on_the_view(operation_of(request).ok()),
        }
}

/// Why nothing can be decided now, if so.
fn unavailable(service: &Service) -> Option<&'static str> {
    match service.is_sealed() {
        true => Some(sealing::SEALED),
        false => (!service.is_fresh()).then_some(STALE),
    }
}

/// A node that may not know the latest, or has no keys, answers nothing, and that is recorded as well.
async fn refuse_unavailable(why: &'static str, recording: Recording<'_>, request: &RawRequest) -> RawResponse {
    let (source, asked) = match operator::speaks(request) {
        true => (audit::OPERATOR, operator::event_of(request)),
        false => (audit::KMS, operation_of(request).ok().map(audit::event)),
    };
    recording.notes().event(asked.unwrap_or(Event { source, ..Event::default() }));
    let response = freshness::unavailable(why);
    let outcome = Outcome { error_code: response.summary.error, error_message: why };
    part("audit", recording.finish(outcome)).await.map_or_else(|_| audit::unrecorded(), |()| response)
}

async fn steps(recording: &Recording<'_>, request: &RawRequest, service: &Service) -> Result<Answer, ServiceError> {
    let (now, notes) = (recording.now(), recording.notes());
    let iam = &*service.iam;
    let asked = operation_of(request);
    if let Ok(operation) = asked {
        notes.event(audit::event(operation));
    }
    let caller = iam.credentials.authenticate(request, SIGNING_NAME, iam.moment(now), &iam.directory, &iam.secrets);
    let caller = notes.caller(caller.inspect_err(|error| notes.refused(error))?);
    service.require_region(caller.region())?;
    let operation = asked?;
    let row = catalog::row_of(operation).ok_or_else(|| dispatch::not_offered(operation))?;
    let keys = &KeysAsked::default();
    let ctx = &Context { service, caller, request, row, keys, notes, now };
    quotas::charge_operation(ctx)?;
    let waits = !operation.is_read_only() && wait::is_wanted(operation, request, service)?;
    let answered = match dispatch::run(&request.body, ctx).await {
        Err(ServiceError::AliasNotFound(alias)) if alias.name.is_reserved() => {
            Box::pin(managed_keys::first_use(alias, &request.body, ctx)).await
        }
        answered => answered,
    };
    service.view.key_uses().note(answered.is_ok(), ctx);
    if answered.is_ok() {
        audit::note_changed_key(operation, keys, notes);
        if waits {
            Box::pin(service.all_nodes_know()).await;
        }
    }
    answered
}

/// The request's name, as far as the door it went through has not said it.
pub(crate) fn named(summary: Summary, request: &RawRequest) -> Summary {
    if !summary.service.is_empty() {
        return summary;
    }
    match operator::speaks(request) {
        true => {
            let operation = sealing::asked(request).map_or_else(|| operator::name_in(request), sealing::Asked::name);
            Summary { service: operator::SIGNING_NAME, operation, ..summary }
        }
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
fn refuse(request: &RawRequest, error: &ServiceError, code: ErrorCode, message: Option<&str>) -> RawResponse {
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
    let body = Bytes::from(wire::encode_error(code, message));
    RawResponse { status, body, content_type: wire::CONTENT_TYPE, summary }
}

fn has_target(request: &RawRequest) -> bool {
    request.head.headers.contains_key("x-amz-target")
}

fn log_internal(request: &RawRequest, cause: &InternalError) {
    tracing::error!(request_id = request.request_id.as_str(), %cause, "a request failed inside");
}
