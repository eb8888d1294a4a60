//! What happened, in the terms of CloudTrail.
//!
//! A record borrows everything: it is put together from what a request has at hand and copied once, into the journal; and
//! it is read from there without a copy. JSON members are text that is JSON already.

mod caller;
mod encoding;
mod texts;

use kagiban_base::event_id::EventId;
use kagiban_base::id::{AccountId, RequestId};
use kagiban_base::time::Timestamp;

pub(crate) use caller::{CALLER_MAX, Caller};
pub(crate) use encoding::{BY_REFERENCE, Reference, hashed_form, reference, whole};

/// What kind of event a record tells of: CloudTrail's `eventType`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RecordKind {
    /// `AwsApiCall`: a request.
    ApiCall,
    /// `AwsServiceEvent`: what the service did by itself.
    ServiceEvent,
    /// `AwsConsoleSignIn`: somebody came to the console.
    ConsoleSignIn,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<'a> {
    /// When the request was taken up, or the service acted.
    pub time: Timestamp,
    /// What kind of event.
    pub kind: RecordKind,
    /// Whether nothing was to be changed: `readOnly`.
    pub read_only: bool,
    /// The request's number; of a service event, a number of its own. Event ids follow from it ([`EventId::of`]).
    pub number: RequestId,
    /// The account whose record this is: the caller's; of a service event, the key owner's.
    pub account: AccountId,
    /// Another account that gets a copy: the owner of the key, when a caller of another account succeeded.
    pub other_account: Option<AccountId>,
    /// `awsRegion`
    pub region: &'a str,
    /// `kms.amazonaws.com`
    pub event_source: &'a str,
    /// The operation, or the service event; empty when no operation could be told.
    pub event_name: &'a str,
    /// `userIdentity`: a JSON object.
    pub identity: &'a str,
    /// The caller's ARN (of a role session: the session's), or the name of a service. For the search; empty when unknown.
    pub principal: &'a str,
    /// `principalId` of `userIdentity`, for the copy in another account.
    pub principal_id: &'a str,
    /// The access key that signed, or that somebody claimed to sign with; empty when there is none.
    pub access_key_id: &'a str,
    /// `sourceIPAddress`
    pub source_address: &'a str,
    /// `userAgent`; empty when there is none.
    pub user_agent: &'a str,
    /// `errorCode`; empty when all went well.
    pub error_code: &'a str,
    /// `errorMessage`; may be empty.
    pub error_message: &'a str,
    /// `requestParameters`: a JSON object, or empty for null.
    pub request_parameters: &'a str,
    /// `responseElements`: a JSON object, or empty for null.
    pub response_elements: &'a str,
    /// `additionalEventData`: a JSON object, or empty for none.
    pub additional_event_data: &'a str,
    /// `serviceEventDetails`: a JSON object, or empty for none.
    pub service_event_details: &'a str,
    /// `resources`: ARNs with a line feed between them; may be empty.
    pub resources: &'a str,
    /// `tlsDetails`, for requests over TLS.
    pub tls: Option<TlsDetails<'a>>,
}

/// How the connection was protected.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TlsDetails<'a> {
    /// `TLSv1.3`
    pub version: &'a str,
    /// `TLS_AES_128_GCM_SHA256`
    pub cipher_suite: &'a str,
    /// The Host header.
    pub host: &'a str,
    /// `X25519MLKEM768`
    pub key_exchange: &'a str,
}

/// Bytes are no record of a version that is known here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an audit record, or one of a later version")]
pub struct RecordDamaged;

impl<'a> Record<'a> {
    /// The record of a request of which nothing else is known.
    pub const fn new(time: Timestamp, number: RequestId, account: AccountId, region: &'a str) -> Self {
        Self {
            time,
            kind: RecordKind::ApiCall,
            read_only: false,
            number,
            account,
            other_account: None,
            region,
            event_source: "",
            event_name: "",
            identity: r#"{"type":"Unknown"}"#,
            principal: "",
            principal_id: "",
            access_key_id: "",
            source_address: "",
            user_agent: "",
            error_code: "",
            error_message: "",
            request_parameters: "",
            response_elements: "",
            additional_event_data: "",
            service_event_details: "",
            resources: "",
            tls: None,
        }
    }

    /// The number of the event in an account's audit: `eventID`.
    pub fn event_id(&self, recipient: AccountId) -> EventId {
        EventId::of(self.number, recipient)
    }

    /// What the copies of both accounts have in common: `sharedEventID`.
    pub fn shared_event_id(&self) -> EventId {
        EventId::shared(self.number)
    }

    /// The accounts that get this record.
    pub fn recipients(&self) -> impl Iterator<Item = AccountId> + use<> {
        let other = self.other_account.filter(|other| *other != self.account);
        std::iter::once(self.account).chain(other)
    }

    /// ARNs of the resources that the event is about.
    pub fn resource_arns(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.resources.split('\n').filter(|arn| !arn.is_empty())
    }

    /// Whether the request was answered with what it asked for.
    pub fn succeeded(&self) -> bool {
        self.error_code.is_empty()
    }
}

/// A record for tests.
#[cfg(test)]
pub(crate) fn sample() -> Record<'static> {
    Record {
        time: Timestamp::from_unix_ms(1_787_300_000_123),
        kind: RecordKind::ApiCall,
        read_only: true,
        number: "8a5e1d5c-6a0b-4f0e-9c3b-1f2e3d4c5b6a".parse().unwrap(),
        account: "111122223333".parse().unwrap(),
        other_account: Some("444455556666".parse().unwrap()),
        region: "eu-central-1",
        event_source: "kms.amazonaws.com",
        event_name: "Decrypt",
        identity: r#"{"type":"Root","principalId":"111122223333"}"#,
        principal: "arn:aws:iam::111122223333:root",
        principal_id: "111122223333",
        access_key_id: "AKIAIOSFODNN7EXAMPLE",
        source_address: "127.0.0.1",
        user_agent: "aws-cli",
        error_code: "",
        error_message: "",
        request_parameters: r#"{"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
        response_elements: "",
        additional_event_data: "",
        service_event_details: "",
        resources: "arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        tls: Some(TlsDetails {
            version: "TLSv1.3",
            cipher_suite: "TLS_AES_128_GCM_SHA256",
            host: "localhost",
            key_exchange: "X25519MLKEM768",
        }),
    }
}
