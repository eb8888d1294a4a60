//! The record that every request leaves before its answer leaves, whichever door it came through.
//!
//! A door begins a [`Recording`] before it does anything, notes in it what it learns ([`Notes`]), and finishes it with what the
//! request came to; only then may it answer. A recording that nobody finishes is finished when it is dropped: a client went away, the time was
//! over, a handler panicked. So there is exactly one record for each request, and none of it says more than what was noted.

pub(crate) mod identity;
mod notes;

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::sync::Arc;

use http::header::{HOST, USER_AGENT};
use kagiban_audit::{JournalStopped, Record, Recorder, Sequence, TlsDetails};
use kagiban_base::id::{AccessKeyId, AccountId, Region};
use kagiban_base::time::Timestamp;
use kagiban_identity::sigv4;

pub(crate) use self::identity::Identity;
pub use self::notes::{Event, Notes};
use crate::caller::{Caller, Principal};
use crate::request::RawRequest;

/// The Region of what nobody is authenticated for. Not the one that was claimed: log files are in folders by Region, and strangers
/// must not make folders.
const REGION_OF_NONE: &str = "us-east-1";
/// Notes kept for the next requests of a thread at most.
const KEPT_MAX: usize = 64;
/// Longest text of a recording that is kept for the next request, in bytes.
const KEPT_LEN_MAX: usize = 16 << 10;

/// Where requests are recorded.
#[derive(Clone, Debug)]
pub struct Audit {
    recorder: Arc<dyn Recorder>,
    /// Whose record it is when nobody was authenticated.
    home: AccountId,
}

/// What a request came to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Outcome<'a> {
    /// The error's code; empty when all went well.
    pub error_code: &'a str,
    /// Its text; may be empty.
    pub error_message: &'a str,
}

impl Outcome<'_> {
    /// All went well.
    pub const SUCCESS: Outcome<'static> = Outcome { error_code: "", error_message: "" };
}

impl Audit {
    /// Records in this journal. What nobody was authenticated for is recorded for the management account; where there is none, for
    /// account 000000000000.
    pub fn new(recorder: Arc<dyn Recorder>, management_account: Option<AccountId>) -> Self {
        let zero = || AccountId::from_number(0).unwrap_or_else(|| unreachable!("twelve digits"));
        Self { recorder, home: management_account.unwrap_or_else(zero) }
    }

    /// The journal.
    pub fn recorder(&self) -> &Arc<dyn Recorder> {
        &self.recorder
    }

    /// Begins the record of a request that is taken up `now`.
    ///
    /// # Errors
    /// [`JournalStopped`]: the request must not be run.
    pub fn begin<'a>(&'a self, request: &'a RawRequest, now: Timestamp) -> Result<Recording<'a>, JournalStopped> {
        if self.recorder.is_stopped() {
            return Err(JournalStopped);
        }
        Ok(Recording { audit: self, request, now, notes: Some(notes()) })
    }
}

/// The record of a request, in the making.
#[must_use = "a request is answered when its record is finished"]
pub struct Recording<'a> {
    audit: &'a Audit,
    request: &'a RawRequest,
    now: Timestamp,
    /// `None` once there is a record.
    notes: Option<Box<Notes>>,
}

impl fmt::Debug for Recording<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recording({})", self.request.request_id)
    }
}

/// What is noted in a recording that is finished: nobody reads it.
static FORGOTTEN: std::sync::LazyLock<Notes> = std::sync::LazyLock::new(Notes::default);

impl Recording<'_> {
    /// When the request was taken up.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// What is known of the request.
    pub fn notes(&self) -> &Notes {
        self.notes.as_deref().unwrap_or_else(|| &FORGOTTEN)
    }

    /// Leaves the record and, in the degree `strict`, waits until it is durable.
    ///
    /// # Errors
    /// [`JournalStopped`]: the request must not be answered.
    pub async fn finish(mut self, outcome: Outcome<'_>) -> Result<(), JournalStopped> {
        let sequence = self.append(outcome)?;
        let recorder = &self.audit.recorder;
        if recorder.is_strict() { recorder.durable(sequence).await } else { Ok(()) }
    }

    /// Leaves the record and waits for nothing.
    ///
    /// # Errors
    /// [`JournalStopped`]: the request must not be answered.
    pub fn finish_now(mut self, outcome: Outcome<'_>) -> Result<(), JournalStopped> {
        self.append(outcome).map(drop)
    }

    fn append(&mut self, outcome: Outcome<'_>) -> Result<Sequence, JournalStopped> {
        let Some(mut notes) = self.notes.take() else { return Err(JournalStopped) };
        let appended = append(&mut notes, outcome, self);
        keep(notes);
        appended
    }
}

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        if self.notes.is_none() {
            return;
        }
        let outcome = if std::thread::panicking() {
            Outcome {
                error_code: "InternalFailure",
                error_message: "The request failed inside; what it asked for may be done.",
            }
        } else {
            let error_message =
                "The client went away, or the time for an answer was over; what it asked for may be done.";
            Outcome { error_code: "RequestAborted", error_message }
        };
        // Nobody is answered, so nobody is told that it failed; the journal has stopped, and says so itself.
        _ = self.append(outcome);
    }
}

/// Puts the record together from what is at hand, without a block of memory of its own.
fn append(notes: &mut Notes, outcome: Outcome<'_>, of: &Recording<'_>) -> Result<Sequence, JournalStopped> {
    let (texts, identity, caller, event) = notes.parts();
    let head = &of.request.head;
    let address = &mut texts.address;
    _ = write!(address, "{}", of.request.peer.to_canonical());
    let names = caller.map(Caller::names);
    let claimed = if names.is_none() { Claimed::by(of.request) } else { Claimed::default() };
    let unknown;
    let who = match (names, identity) {
        (Some(names), _) => &*names.identity,
        (None, Some(identity)) => &*identity.json,
        (None, None) => {
            unknown = identity::unknown(claimed.access_key_id.as_ref());
            &*unknown
        }
    };
    let region = caller.map(Caller::region);
    let key = caller.map(Caller::access_key_id).or(claimed.access_key_id);
    let account = caller.map(Caller::account).or(identity.map(|identity| identity.account)).unwrap_or(of.audit.home);
    let user_agent = head.headers.get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    let through = caller.and_then(service_of);
    if let Some(region) = claimed.region {
        texts.additional.add_text("claimedRegion", region.as_str());
    }
    if through.is_some() {
        texts.additional.add_text("peerAddress", address);
    }
    let host = || head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let succeeded = outcome.error_code.is_empty();
    let record = Record {
        event_source: event.source,
        event_name: event.name,
        read_only: event.is_read_only,
        other_account: texts.other_account.filter(|_| succeeded),
        identity: who,
        principal: names.map_or_else(|| identity.map_or("", |identity| &*identity.principal), |names| &*names.arn),
        principal_id: names
            .map_or_else(|| identity.map_or("", |identity| &*identity.principal_id), |names| &*names.user_id),
        access_key_id: key.as_ref().map_or("", |key| key.as_str()),
        source_address: through.as_deref().unwrap_or(address),
        user_agent: user_agent.as_deref().unwrap_or_default(),
        error_code: outcome.error_code,
        error_message: message(texts.message.as_deref().unwrap_or(outcome.error_message)),
        request_parameters: &texts.parameters,
        response_elements: if succeeded { &texts.response } else { "" },
        additional_event_data: texts.additional.close(),
        resources: &texts.resources,
        tls: of.request.tls.as_deref().map(|tls| TlsDetails {
            version: &tls.version,
            cipher_suite: &tls.cipher_suite,
            host: host(),
            key_exchange: &tls.key_exchange,
        }),
        ..Record::new(
            of.now,
            of.request.request_id,
            account,
            region.as_ref().map_or(REGION_OF_NONE, |region| region.as_str()),
        )
    };
    of.audit.recorder.append(&record)
}

/// What members hold that records don't show, and errors may repeat.
const NOT_REPEATED: [&str; 3] = ["'authenticationCode", "'grantToken", "'tokenCode"];

/// An error's text, unless it repeats a value that records don't show.
fn message(text: &str) -> &str {
    let repeats = NOT_REPEATED.iter().any(|member| text.contains(member));
    if repeats { "(not recorded: it may repeat a value that audit records do not show)" } else { text }
}

/// The service that calls, itself or for somebody: what CloudTrail has for an address then.
fn service_of(caller: &Caller) -> Option<String> {
    match caller.principal() {
        Principal::Service(name) => Some((**name).to_owned()),
        _ => caller.via_service_principal(),
    }
}

/// What a request says of its sender, which nobody has checked.
#[derive(Default)]
struct Claimed {
    access_key_id: Option<AccessKeyId>,
    region: Option<Region>,
}

impl Claimed {
    fn by(request: &RawRequest) -> Self {
        let Ok(presented) = sigv4::parse(&request.head) else { return Self::default() };
        Self { access_key_id: presented.access_key_id(), region: presented.region() }
    }
}

/// Notes of no request, which go to the next one as they lie.
struct Kept(Box<Notes>);

thread_local! {
    static KEPT: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

fn notes() -> Box<Notes> {
    KEPT.with_borrow_mut(Vec::pop).map(|Kept(notes)| notes).unwrap_or_default()
}

fn keep(mut notes: Box<Notes>) {
    notes.clear(KEPT_LEN_MAX);
    // Within a thread's end there is no place to keep anything.
    _ = KEPT.try_with(|kept| {
        if let Ok(mut kept) = kept.try_borrow_mut()
            && kept.len() < KEPT_MAX
        {
            kept.push(Kept(notes));
        }
    });
}
