//! DescribeSeal and Unseal: what anybody may ask of a server, since a sealed one can tell nobody from anybody.
//!
//! Nothing that is told here is of use to somebody without shares, and a share that does not belong is told at once. How often
//! shares may be given is limited, and what was given is forgotten after a while. Whoever can reach the server can spoil what
//! others have given so far, with a forged share; shares that come together in one request are therefore tried by themselves first.

use std::time::Duration;

use http::HeaderValue;
use kagiban_base::id::RequestId;
use kagiban_base::time::Timestamp;
use kagiban_iam::audit::{Event, Recording};
use kagiban_iam::request::RawRequest;
use kagiban_recovery::{RecoveryIdentity, RecoveryRecipient, Share, combine};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::Service;
use crate::audit;
use crate::dispatch::Answer;
use crate::error::{InternalError, ServiceError};
use crate::operator::OperatorError;
use crate::records::recovery_key::RecoveryKeyRecord;

/// Shares that one request may give: as many as a recovery key can have.
const SHARES_MAX: usize = 255;
/// Characters of a share at most; one has 84, and white space does not count.
const SHARE_LEN_MAX: usize = 200;
/// Requests with shares within [`RATE_WINDOW`], from everybody together.
const RATE: u32 = 20;
const RATE_WINDOW: Duration = Duration::from_secs(10);
/// How long shares are kept that nobody adds to.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);

/// What can be asked by anybody.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    DescribeSeal,
    Unseal,
}

impl Asked {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::DescribeSeal => "DescribeSeal",
            Self::Unseal => "Unseal",
        }
    }
}

/// Which of them a request asks for, by its only target.
pub(crate) fn asked(request: &RawRequest) -> Option<Asked> {
    let mut targets = request.head.headers.get_all("x-amz-target").iter().map(HeaderValue::as_bytes);
    match (targets.next()?, targets.next()) {
        (b"Kagiban.DescribeSeal", None) => Some(Asked::DescribeSeal),
        (b"Kagiban.Unseal", None) => Some(Asked::Unseal),
        _ => None,
    }
}

/// The shares that were given so far.
#[derive(Debug)]
pub(super) struct Collected {
    /// Whether requests are to be answered as soon as there are domain keys.
    pub(super) may_answer: bool,
    shares: Vec<Share>,
    last_given: Timestamp,
    window_began: Timestamp,
    in_window: u32,
}

impl Collected {
    pub(super) fn new(may_answer: bool) -> Self {
        let long_ago = Timestamp::from_unix_ms(0);
        Self { may_answer, shares: Vec::new(), last_given: long_ago, window_began: long_ago, in_window: 0 }
    }

    pub(super) fn forget_shares(&mut self) {
        self.shares.clear();
    }

    /// Forgets what is of another recovery key than the present one: that was replaced since.
    fn keep_only_of(&mut self, present: Option<&RecoveryKeyRecord>) {
        let present = present.map(|key| key.recipient.fingerprint());
        self.shares.retain(|share| Some(share.fingerprint()) == present);
    }

    fn forget_old(&mut self, now: Timestamp) {
        if is_over(self.last_given, FORGOTTEN_AFTER, now) {
            self.forget_shares();
        }
    }

    fn admit(&mut self, now: Timestamp) -> Result<(), OperatorError> {
        if is_over(self.window_began, RATE_WINDOW, now) {
            (self.window_began, self.in_window) = (now, 0);
        }
        self.in_window = self.in_window.saturating_add(1);
        if self.in_window > RATE { Err(OperatorError::SharesTooOften) } else { Ok(()) }
    }

    /// Adds shares; gives the key once there are enough, and forgets them then, whatever came of it.
    fn add(&mut self, shares: Vec<Share>, now: Timestamp) -> Result<Option<RecoveryIdentity>, OperatorError> {
        self.forget_old(now);
        self.last_given = now;
        for share in shares {
            match self.shares.iter_mut().find(|other| other.number() == share.number()) {
                // The later one counts: the first may have been forged.
                Some(other) => *other = share,
                None => self.shares.push(share),
            }
        }
        let Some(first) = self.shares.first() else { return Ok(None) };
        if self.shares.len() < usize::from(first.threshold()) {
            return Ok(None);
        }
        let combined = combine(&self.shares).map_err(OperatorError::Shares);
        self.forget_shares();
        combined.map(Some)
    }

    fn given(&self) -> usize {
        self.shares.len()
    }
}

/// Whether so much time has passed; a clock that was set back counts as well.
fn is_over(since: Timestamp, time: Duration, now: Timestamp) -> bool {
    let passed = now.unix_ms().saturating_sub(since.unix_ms());
    !u128::try_from(passed).is_ok_and(|passed| passed < time.as_millis())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct UnsealRequest {
    shares: ShareTexts,
    /// Whether the order that all nodes be sealed is to be lifted.
    #[serde(default)]
    all_nodes: bool,
}

/// Shares as a request has them. What is wrong with their form is told without them.
pub(crate) struct ShareTexts(Vec<Zeroizing<String>>);

impl<'de> Deserialize<'de> for ShareTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Whatever it is, it is taken before it is judged, and wiped.
        let found = Value::deserialize(deserializer)?;
        let texts = match found {
            Value::Array(found) => found.into_iter().map(text_in).collect(),
            other => text_in(other).and(None),
        };
        texts.map(Self).ok_or_else(|| de::Error::custom("shares must be a list of texts"))
    }
}

fn text_in(value: Value) -> Option<Zeroizing<String>> {
    match value {
        Value::String(text) => Some(Zeroizing::new(text)),
        _ => None,
    }
}

/// How far the unsealing is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SealState {
    sealed: bool,
    /// Whether all nodes are ordered to be sealed, although this one may have been opened since.
    all_nodes: bool,
    /// How the recovery key's recipient begins; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shares_needed: Option<u8>,
    shares_given: usize,
}

/// Answers without asking who it is.
pub(crate) async fn answer(
    asked: Asked,
    recording: &Recording<'_>,
    request: &RawRequest,
    service: &Service,
) -> Result<Answer, ServiceError> {
    let notes = recording.notes();
    let is_read_only = asked == Asked::DescribeSeal;
    notes.event(Event { source: audit::OPERATOR, name: asked.name(), is_read_only });
    let order = service.view.seal_order().standing();
    let recovery_key = service.recovery_key().await?;
    service.sealing.collected().keep_only_of(recovery_key.as_ref());
    if asked == Asked::Unseal {
        let given = given_in(request)?;
        if service.domain_keys.is_sealed() || (given.all_nodes && order.is_some()) {
            unseal(given, recovery_key.as_ref(), (order, recording.now()), service).await?;
        }
    }
    let mut collected = service.sealing.collected();
    collected.forget_old(recording.now());
    let state = SealState {
        sealed: service.domain_keys.is_sealed(),
        all_nodes: service.view.seal_order().standing().is_some(),
        recovery_key: recovery_key.as_ref().map(|key| key.recipient.fingerprint().to_string()),
        shares_needed: recovery_key.as_ref().map(|key| key.threshold),
        shares_given: collected.given(),
    };
    drop(collected);
    let body = serde_json::to_vec(&state).map_err(|_| ServiceError::Internal(InternalError::Encoding))?;
    if !is_read_only {
        notes.response_json(audit::picked(&body, &["AllNodes", "Sealed", "SharesGiven", "SharesNeeded"]));
    }
    Ok(Answer { body, holds_secrets: false })
}

/// What a request to unseal gives.
struct Given {
    shares: Vec<Share>,
    all_nodes: bool,
}

fn given_in(request: &RawRequest) -> Result<Given, OperatorError> {
    if !request.body.trim_ascii_start().starts_with(b"{") {
        return Err(OperatorError::NotAnObject);
    }
    let UnsealRequest { shares, all_nodes } = serde_json::from_slice(&request.body).map_err(OperatorError::Body)?;
    Ok(Given { shares: read(&shares)?, all_nodes })
}

/// The shares in their texts.
pub(crate) fn read(ShareTexts(shares): &ShareTexts) -> Result<Vec<Share>, OperatorError> {
    if shares.is_empty() || shares.len() > SHARES_MAX {
        return Err(OperatorError::ShareCount { found: shares.len() });
    }
    let read = |text: &Zeroizing<String>| match text.len() {
        0..=SHARE_LEN_MAX => text.parse(),
        len => Err(kagiban_recovery::InvalidShare::Length { len }),
    };
    shares.iter().map(read).collect::<Result<_, _>>().map_err(OperatorError::Share)
}

async fn unseal(
    Given { shares, all_nodes }: Given,
    recovery_key: Option<&RecoveryKeyRecord>,
    (order, now): (Option<RequestId>, Timestamp),
    service: &Service,
) -> Result<(), ServiceError> {
    service.sealing.collected().admit(now)?;
    let expected = recovery_key.ok_or(OperatorError::NoRecoveryKey)?;
    require_of(&shares, &expected.recipient)?;
    let by_themselves = combine(&shares).ok();
    let identity = match by_themselves {
        Some(identity) => Some(identity),
        None => service.sealing.collected().add(shares, now)?,
    };
    let Some(identity) = identity else { return Ok(()) };
    require_is(&identity, &expected.recipient)?;
    let ring = service.stored_domain_keys().await?.open_by_recovery_key(&identity)?;
    service.answer_seal_order(all_nodes, order).await?;
    service.install(ring, &mut service.sealing.collected());
    tracing::warn!("unsealed by shares of the recovery key");
    // Another order may have come meanwhile, when there was nothing to wipe.
    service.obey_seal_order().await;
    Ok(())
}

/// Each share must say that it is of this recovery key.
pub(crate) fn require_of(shares: &[Share], expected: &RecoveryRecipient) -> Result<(), OperatorError> {
    let expected = expected.fingerprint();
    match shares.iter().find(|share| share.fingerprint() != expected) {
        Some(other) => {
            Err(OperatorError::ShareOfOther { number: other.number(), found: other.fingerprint(), expected })
        }
        None => Ok(()),
    }
}

/// What shares make must be this recovery key.
pub(crate) fn require_is(identity: &RecoveryIdentity, expected: &RecoveryRecipient) -> Result<(), OperatorError> {
    let (found, wanted) = (identity.recipient(), expected);
    if found == *wanted {
        return Ok(());
    }
    Err(OperatorError::ShareOfOther { number: 0, found: found.fingerprint(), expected: wanted.fingerprint() })
}
