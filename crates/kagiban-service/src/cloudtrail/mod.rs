//! The operations of CloudTrail that people and its tools need to read the audit: LookupEvents, ListPublicKeys and what
//! describes the trail. Trails are not made or changed here: there is one, which the operator's options define.
//!
//! They speak CloudTrail's own protocol (JSON 1.1, signed for `cloudtrail`); identity policies decide
//! (`cloudtrail:LookupEvents`). Every caller sees what its own account gets, and nothing of others.

mod error;
mod lookup_events;
mod permission;
mod public_keys;
mod trails;

use bytes::Bytes;
use http::HeaderValue;
use kagiban_api::cloudtrail::{Operation, TARGET_PREFIX};
use kagiban_api::{Input, decode, encode, wire};
use kagiban_base::time::Timestamp;
use kagiban_iam::audit::{Event, Outcome, Recording};
use kagiban_iam::caller::Caller;
use kagiban_iam::request::{RawRequest, RawResponse, Summary};

use self::error::CloudTrailError;
use crate::error::ServiceError;
use crate::{Service, audit};

/// The signing name, and the prefix of permissions.
const SIGNING_NAME: &str = "cloudtrail";
/// `eventSource` of records about these requests.
const EVENT_SOURCE: &str = "cloudtrail.amazonaws.com";

/// The surroundings of one request whose caller is known.
#[derive(Clone, Copy)]
struct Context<'a> {
    service: &'a Service,
    caller: &'a Caller,
    request: &'a RawRequest,
    operation: Operation,
    recording: &'a Recording<'a>,
    /// When the request was taken up.
    now: Timestamp,
}

/// Whether a request is one of these, by the first of its targets.
pub(crate) fn speaks(request: &RawRequest) -> bool {
    let target = request.head.headers.get("x-amz-target");
    target.is_some_and(|target| target.as_bytes().starts_with(TARGET_PREFIX.as_bytes()))
}

/// Answers a request that [`speaks`] this dialect, once it is recorded.
pub(crate) async fn call(service: &Service, request: &RawRequest) -> RawResponse {
    let mut response = recorded(service, request).await;
    let operation = operation_of(request).map_or("", Operation::name);
    response.summary = Summary { service: SIGNING_NAME, operation, ..response.summary };
    response
}

async fn recorded(service: &Service, request: &RawRequest) -> RawResponse {
    let Ok(recording) = service.iam.audit.begin(request, service.clock.now()) else { return audit::unrecorded() };
    let (response, recorded) = match answer_freshly(&recording, request, service).await {
        Ok(body) => {
            let body = Bytes::from(body);
            let response = RawResponse { body, content_type: wire::CONTENT_TYPE, ..RawResponse::default() };
            (response, recording.finish(Outcome::SUCCESS).await)
        }
        Err(error) => {
            recording.notes().event(Event { source: EVENT_SOURCE, ..Event::default() });
            let answer = error.answer();
            if let Some(cause) = error.cause() {
                tracing::error!(request_id = request.request_id.as_str(), cause, "a request failed inside");
            }
            (answer.response(), recording.finish(answer.outcome()).await)
        }
    };
    recorded.map_or_else(|_| audit::unrecorded(), |()| response)
}

/// Nothing is decided from a view that is not proven fresh. All of these only read: nothing else vouches for their answers.
async fn answer_freshly(
    recording: &Recording<'_>,
    request: &RawRequest,
    service: &Service,
) -> Result<Vec<u8>, CloudTrailError> {
    if let Some(operation) = operation_of(request) {
        let is_read_only = operation.is_read_only();
        recording.notes().event(Event { source: EVENT_SOURCE, name: operation.name(), is_read_only });
    }
    service.require_fresh()?;
    let answered = answer(recording, request, service).await;
    service.require_fresh()?;
    answered
}

/// The steps and their order are those of KMS: authentication, operation, body, permission, work.
async fn answer(
    recording: &Recording<'_>,
    request: &RawRequest,
    service: &Service,
) -> Result<Vec<u8>, CloudTrailError> {
    let (now, notes) = (recording.now(), recording.notes());
    let iam = &*service.iam;
    let caller = iam.credentials.authenticate(request, SIGNING_NAME, iam.moment(now), &iam.directory, &iam.secrets);
    let caller = notes.caller(caller.inspect_err(|error| notes.refused(error)).map_err(ServiceError::from)?);
    service.require_region(caller.region())?;
    let operation = operation_of(request).ok_or(ServiceError::UnknownOperation)?;
    run(&Context { service, caller, request, operation, recording, now }).await
}

async fn run(ctx: &Context<'_>) -> Result<Vec<u8>, CloudTrailError> {
    match ctx.operation {
        Operation::DescribeTrails => Ok(encode(&trails::describe(&ctx.input()?, ctx)?)),
        Operation::GetTrail => Ok(encode(&trails::get(&ctx.input()?, ctx)?)),
        Operation::GetTrailStatus => Ok(encode(&trails::status(&ctx.input()?, ctx)?)),
        Operation::ListPublicKeys => Ok(encode(&public_keys::list(&ctx.input()?, ctx).await?)),
        Operation::ListTrails => Ok(encode(&trails::list(&ctx.input()?, ctx)?)),
        Operation::LookupEvents => Ok(encode(&lookup_events::lookup(&ctx.input()?, ctx).await?)),
    }
}

fn operation_of(request: &RawRequest) -> Option<Operation> {
    let mut targets = request.head.headers.get_all("x-amz-target").iter().map(HeaderValue::as_bytes);
    // Two targets are none, as for KMS.
    let only = targets.next().filter(|_| targets.next().is_none())?;
    let name = str::from_utf8(only).ok()?.strip_prefix(TARGET_PREFIX)?.strip_prefix('.')?;
    Operation::from_name(name)
}

impl Context<'_> {
    /// The request's body, which its record shows.
    fn input<I: Input + kagiban_api::audit::Audited>(&self) -> Result<I, CloudTrailError> {
        let input = decode::<I>(&self.request.body).map_err(ServiceError::Decode)?;
        self.recording.notes().parameters(&input);
        Ok(input)
    }
}
