//! The record that every request leaves in the audit journal before its answer leaves.
//!
//! [`Notes`] gather what is known of a request while it is served; [`append`] makes the record of them. What cannot be
//! recorded is not answered ([`unrecorded`]).

use std::sync::OnceLock;

use bytes::Bytes;
use http::StatusCode;
use kagiban_api::{Operation, wire};
use kagiban_audit::{JournalStopped, Record};
use kagiban_base::id::AccountId;
use kagiban_iam::caller::Caller;
use kagiban_iam::request::{RawRequest, RawResponse, Summary};

use crate::Service;

/// What is known of a request.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Who called, once authenticated.
    pub(crate) caller: OnceLock<Caller>,
    /// What was called, once told.
    pub(crate) operation: OnceLock<Operation>,
}

/// What a request was answered with, if it was refused.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Refused<'a> {
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
}

/// Leaves the record of a request and, where the journal's degree asks for it, waits until it is durable.
///
/// # Errors
/// [`JournalStopped`]: the request must not be answered.
pub(crate) async fn append(
    notes: &Notes,
    refused: Refused<'_>,
    request: &RawRequest,
    service: &Service,
) -> Result<(), JournalStopped> {
    let caller = notes.caller.get();
    let account = caller.map(Caller::account).or(service.management_account).unwrap_or_else(no_account);
    let arn = caller.map(Caller::arn).unwrap_or_default();
    let region = caller.map(Caller::region);
    let source = request.peer.to_string();
    let record = Record {
        event_source: "kms.amazonaws.com",
        event_name: notes.operation.get().map_or("", |operation| operation.name()),
        principal: &arn,
        identity: r#"{"type":"Unknown"}"#,
        source_address: &source,
        error_code: refused.code,
        error_message: refused.message,
        ..Record::new(
            service.clock.now(),
            request.request_id,
            account,
            region.as_ref().map_or("", |region| region.as_str()),
        )
    };
    let sequence = service.recorder.append(&record)?;
    if service.recorder.is_strict() {
        service.recorder.durable(sequence).await?;
    }
    Ok(())
}

/// The answer to a request that cannot be recorded.
pub(crate) fn unrecorded() -> RawResponse {
    let body = Bytes::from_static(br#"{"__type":"ServiceUnavailableException","message":"The audit journal cannot be written; the request is not answered."}"#);
    let summary = Summary { error: "ServiceUnavailableException", ..Summary::default() };
    RawResponse { status: StatusCode::SERVICE_UNAVAILABLE, body, content_type: wire::CONTENT_TYPE, summary }
}

/// The account of what nobody can be blamed for, in a store without accounts.
fn no_account() -> AccountId {
    AccountId::from_number(0).unwrap_or_else(|| unreachable!("twelve zeros are an account's number"))
}
