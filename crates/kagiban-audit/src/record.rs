//! What happened, in the terms of CloudTrail, and its compact form in the journal.
//!
//! A record borrows everything: it is put together from what a request has at hand and copied once, into the journal; and
//! it is read from there without a copy. JSON members are text that is JSON already.

use kagiban_base::event_id::EventId;
use kagiban_base::id::{AccountId, RequestId};
use kagiban_base::time::Timestamp;

/// The first byte of the compact form.
const VERSION: u8 = 1;
/// Bytes of user agent, error code and error message at most; more is cut off (CloudTrail's record contents).
const SHORT_MAX: usize = 1024;
/// Bytes of requestParameters and of responseElements at most; more is left out.
const ELEMENTS_MAX: usize = 100 << 10;
/// Bytes of additionalEventData at most; more is left out.
const ADDITIONAL_MAX: usize = 28 << 10;
/// Stands for "no other account" in the compact form.
const NO_ACCOUNT: u64 = u64::MAX;
/// Fields that are text, in the order of the compact form.
const TEXTS: usize = 20;

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

    /// Appends the compact form to `out`. Fields longer than CloudTrail's limits are cut off or left out.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let kind = match self.kind {
            RecordKind::ApiCall => 0,
            RecordKind::ServiceEvent => 1,
            RecordKind::ConsoleSignIn => 2,
        };
        out.extend_from_slice(&[VERSION, kind, u8::from(self.read_only) | u8::from(self.tls.is_some()) << 1]);
        out.extend_from_slice(&self.time.unix_ms().to_le_bytes());
        out.extend_from_slice(&self.number.bytes());
        out.extend_from_slice(&self.account.number().to_le_bytes());
        out.extend_from_slice(&self.other_account.map_or(NO_ACCOUNT, |account| account.number()).to_le_bytes());
        for text in self.texts() {
            put_length(text.len(), out);
            out.extend_from_slice(text.as_bytes());
        }
    }

    fn texts(&self) -> [&'a str; TEXTS] {
        let tls = self.tls.unwrap_or_default();
        [
            self.region,
            self.event_source,
            self.event_name,
            self.identity,
            self.principal,
            self.principal_id,
            self.access_key_id,
            self.source_address,
            cut(self.user_agent),
            cut(self.error_code),
            cut(self.error_message),
            within(self.request_parameters, ELEMENTS_MAX),
            within(self.response_elements, ELEMENTS_MAX),
            within(self.additional_event_data, ADDITIONAL_MAX),
            self.service_event_details,
            self.resources,
            cut(tls.version),
            cut(tls.cipher_suite),
            cut(tls.host),
            cut(tls.key_exchange),
        ]
    }

    /// Reads what [`Record::encode`] wrote, borrowing from it.
    ///
    /// # Errors
    /// [`RecordDamaged`] for anything else; trailing bytes too.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, RecordDamaged> {
        let mut rest = bytes;
        let [VERSION, kind, flags] = take(&mut rest)? else { return Err(RecordDamaged) };
        let kind = match kind {
            0 => RecordKind::ApiCall,
            1 => RecordKind::ServiceEvent,
            2 => RecordKind::ConsoleSignIn,
            _ => return Err(RecordDamaged),
        };
        let time = Timestamp::from_unix_ms(i64::from_le_bytes(take(&mut rest)?));
        let number = RequestId::from_bytes(take(&mut rest)?);
        let account = account(u64::from_le_bytes(take(&mut rest)?))?.ok_or(RecordDamaged)?;
        let other_account = self::account(u64::from_le_bytes(take(&mut rest)?))?;
        let mut texts = [""; TEXTS];
        for text in &mut texts {
            *text = take_text(&mut rest)?;
        }
        if !rest.is_empty() {
            return Err(RecordDamaged);
        }
        let [region, event_source, event_name, identity, principal, principal_id, access_key_id, ..] = texts;
        let [.., version, cipher_suite, host, key_exchange] = texts;
        let [_, _, _, _, _, _, _, source_address, user_agent, error_code, error_message, ..] = texts;
        let [.., request_parameters, response_elements, additional_event_data, details, resources, _, _, _, _] = texts;
        Ok(Self {
            time,
            kind,
            read_only: flags & 1 != 0,
            number,
            account,
            other_account,
            region,
            event_source,
            event_name,
            identity,
            principal,
            principal_id,
            access_key_id,
            source_address,
            user_agent,
            error_code,
            error_message,
            request_parameters,
            response_elements,
            additional_event_data,
            service_event_details: details,
            resources,
            tls: (flags & 2 != 0).then_some(TlsDetails { version, cipher_suite, host, key_exchange }),
        })
    }
}

fn account(number: u64) -> Result<Option<AccountId>, RecordDamaged> {
    if number == NO_ACCOUNT {
        return Ok(None);
    }
    AccountId::from_number(number).map(Some).ok_or(RecordDamaged)
}

/// The longest beginning of `text` that is within the limit and whole characters.
fn cut(text: &str) -> &str {
    let end = text.floor_char_boundary(SHORT_MAX);
    text.get(..end).unwrap_or_default()
}

fn within(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max { text } else { "" }
}

/// LEB128.
fn put_length(length: usize, out: &mut Vec<u8>) {
    let mut rest = length;
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], RecordDamaged> {
    let (taken, left) = rest.split_first_chunk::<N>().ok_or(RecordDamaged)?;
    *rest = left;
    Ok(*taken)
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Result<&'a str, RecordDamaged> {
    let length = take_length(rest)?;
    let (text, left) = rest.split_at_checked(length).ok_or(RecordDamaged)?;
    *rest = left;
    str::from_utf8(text).map_err(|_| RecordDamaged)
}

fn take_length(rest: &mut &[u8]) -> Result<usize, RecordDamaged> {
    let mut length = 0usize;
    for shift in [0, 7, 14, 21] {
        let [byte] = take(rest)?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(length);
        }
    }
    Err(RecordDamaged)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(record: &Record<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        record.encode(&mut out);
        out
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let plain = Record { tls: None, other_account: None, kind: RecordKind::ServiceEvent, ..sample() };
        for record in [sample(), plain] {
            assert_eq!(Record::decode(&encoded(&record)), Ok(record));
        }
    }

    #[test]
    fn nothing_shorter_or_longer_is_a_record() {
        let whole = encoded(&sample());
        for length in 0..whole.len() {
            assert_eq!(Record::decode(&whole[..length]), Err(RecordDamaged), "{length}");
        }
        assert_eq!(Record::decode(&[&whole[..], b"x"].concat()), Err(RecordDamaged));
    }

    #[test]
    fn what_is_too_long_is_cut_off_or_left_out() {
        let (short, elements) = ("\u{e4}".repeat(SHORT_MAX), "x".repeat(ELEMENTS_MAX + 1));
        let record = Record { user_agent: &short, request_parameters: &elements, ..sample() };
        let bytes = encoded(&record);
        let read = Record::decode(&bytes).unwrap();
        assert_eq!((read.user_agent.len(), read.request_parameters), (SHORT_MAX, ""));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Record::decode(&bytes);
            let mut damaged = encoded(&sample());
            for (at, byte) in bytes.iter().enumerate() {
                let place = usize::from(*byte).wrapping_mul(at) % damaged.len();
                damaged[place] ^= byte;
            }
            let _ = Record::decode(&damaged);
        }
    }
}
