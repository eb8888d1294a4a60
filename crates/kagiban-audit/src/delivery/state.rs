//! What a delivery of log files has to remember: how far it has come, what it is about to do, and the ends of the chains of
//! digests. It is kept in one small file that is replaced as a whole; each step below is one such replacement.

use std::collections::BTreeMap;

use kagiban_base::id::{AccountId, Region};
use kagiban_base::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

use super::batch::Copies;
use super::digest::DigestObject;
use super::layout::Place;
use super::log_file::LogFile;
use crate::journal::JournalId;
use crate::recorder::Sequence;

/// The version of the state's form. Version 1 did not name the journal.
const VERSION: u32 = 2;
/// What a digest is about.
const HOUR_MS: i64 = 3_600_000;
/// Hours that were missed have digests of their own for so long; before that, one for all.
const MISSED_MAX_MS: i64 = 7 * DAY_MS;
/// Regions of one account that have log files of their own; records of more go to the home Region's. A caller chooses the
/// Region that a request is signed for, and each costs a digest an hour for ever.
const REGIONS_MAX: usize = 64;

/// Characters of a target's text in its state's name.
const NAME_CHARS: usize = 60;

/// What the file of a target's state is called after: its text, cut and plain; a dash and a hash follow.
pub fn state_name(target: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    target.chars().take(NAME_CHARS).map(plain).collect()
}

/// The state of one target.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrailState {
    version: u32,
    /// The number of the journal that `next` is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    journal: Option<JournalId>,
    /// The first record that is not delivered.
    next: u64,
    /// When the last batch was planned, or the delivery began.
    latest_ms: i64,
    /// Since when deliveries belong to the next digest.
    window_ms: i64,
    /// What was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan: Option<Plan>,
    /// `ACCOUNT/REGION` and what is of it.
    chains: BTreeMap<String, Chain>,
}

/// A batch that is to be delivered: decided once, and carried out until it is done.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    first: u64,
    last: u64,
    time_ms: i64,
}

/// The digests of an account and Region, and what was delivered since the last one.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// The latest digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// Log files that are in no digest yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Delivered>,
}

/// A digest, as the next one names it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    pub(crate) object: String,
    pub(crate) hash: String,
    pub(crate) signature: String,
}

/// A log file, as a digest names it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    pub(crate) object: String,
    pub(crate) hash: String,
    pub(super) newest_ms: i64,
    pub(super) oldest_ms: i64,
}

/// The time that a digest is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// What was delivered from here on
    pub start: Timestamp,
    /// until before this.
    pub end: Timestamp,
}

/// A file is no state of a delivery.
#[derive(Debug, thiserror::Error)]
pub enum StateDamaged {
    /// Not what was written.
    #[error("the state of a delivery cannot be read")]
    Malformed(#[from] serde_json::Error),
    /// Written by a later program.
    #[error("the state of a delivery was written by a later version of Kagiban ({0})")]
    Newer(u32),
}

impl Plan {
    /// The first record.
    pub const fn first(&self) -> Sequence {
        Sequence(self.first)
    }

    /// The last record.
    pub const fn last(&self) -> Sequence {
        Sequence(self.last)
    }

    /// The moment for which it was planned.
    pub const fn time(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.time_ms)
    }
}

impl Delivered {
    /// That this file was put there.
    pub fn new(object: String, file: &LogFile) -> Self {
        let (newest_ms, oldest_ms) = (file.newest.unix_ms(), file.oldest.unix_ms());
        Self { object, hash: file.hash.clone(), newest_ms, oldest_ms }
    }
}

impl TrailState {
    /// A delivery that begins now with the record at `first`.
    pub fn new(first: Sequence, now: Timestamp) -> Self {
        let now_ms = now.unix_ms();
        Self {
            version: VERSION,
            journal: None,
            next: first.0,
            latest_ms: now_ms,
            window_ms: now_ms - now_ms.rem_euclid(HOUR_MS),
            plan: None,
            chains: BTreeMap::new(),
        }
    }

    /// Reads what [`TrailState::to_bytes`] gave.
    ///
    /// # Errors
    /// [`StateDamaged`]
    pub fn parse(bytes: &[u8]) -> Result<Self, StateDamaged> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let head: Head = serde_json::from_slice(bytes)?;
        if head.version > VERSION {
            return Err(StateDamaged::Newer(head.version));
        }
        Ok(Self { version: VERSION, ..serde_json::from_slice(bytes)? })
    }

    /// The state as it is kept.
    ///
    /// # Errors
    /// Never, but for a fault in the library.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StateDamaged> {
        Ok(serde_json::to_vec(self)?)
    }

    /// The first record that is not delivered.
    pub fn next(&self) -> Sequence {
        Sequence(self.next)
    }

    /// The number of the journal that this was delivered from, if it is known.
    pub fn journal(&self) -> Option<JournalId> {
        self.journal
    }

    /// From now on this is delivered from the journal with this number.
    pub fn belongs_to(&mut self, journal: JournalId) {
        self.journal = Some(journal);
    }

    /// What was begun and is to be carried out before anything else.
    pub fn plan(&self) -> Option<Plan> {
        self.plan
    }

    /// When the last batch was planned, or the delivery began.
    pub fn latest(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.latest_ms)
    }

    /// Takes it that records before `earliest` are gone for good.
    pub fn skip_to(&mut self, earliest: Sequence) {
        self.next = self.next.max(earliest.0);
        self.plan = None;
    }

    /// Goes on with the record at `first` of another journal than before. What was delivered stays in the chains of digests.
    pub fn begin_anew(&mut self, first: Sequence) {
        (self.next, self.plan) = (first.0, None);
    }

    /// Decides on the next batch: up to `last`, at a moment that is never before an earlier one's, nor in a time that has
    /// its digest, whatever the clock says.
    pub fn begin(&mut self, last: Sequence, now: Timestamp) -> Plan {
        let time_ms = now.unix_ms().max(self.latest_ms).max(self.window_ms);
        let plan = Plan { first: self.next, last: last.0, time_ms };
        self.plan = Some(plan);
        plan
    }

    /// The plan was carried out: these log files were put there.
    pub fn done(&mut self, files: impl IntoIterator<Item = (Place, Delivered)>) {
        let Some(plan) = self.plan.take() else { return };
        self.next = plan.last.saturating_add(1);
        self.latest_ms = plan.time_ms;
        for (place, file) in files {
            self.chains.entry(place.to_string()).or_default().files.push(file);
        }
    }

    /// Where the copy of a record for `account` goes that was made in `region`: to the home Region when the account has
    /// log files for many Regions already, counting those that are `planned`.
    pub(super) fn place(&self, account: AccountId, region: &str, home: Region, planned: &Copies<'_>) -> Place {
        let here = |region| Place { account, region };
        let Ok(region) = region.parse::<Region>() else { return here(home) };
        let has_chain = |place: &Place| self.chains.contains_key(&place.to_string());
        let of_account = format!("{account}/");
        let chains = || self.chains.range(of_account.clone()..).take_while(|(key, _)| key.starts_with(&of_account));
        let new = || planned.keys().filter(|place| place.account == account && !has_chain(place));
        let is_known = has_chain(&here(region)) || planned.contains_key(&here(region));
        if is_known || chains().count() + new().count() < REGIONS_MAX { here(region) } else { here(home) }
    }

    /// The time of the digests that are due, if some are. Nothing may be planned when this is asked.
    pub fn due_window(&self, now: Timestamp) -> Option<Window> {
        let start = self.window_ms;
        let missed_since = now.unix_ms().saturating_sub(MISSED_MAX_MS);
        let end = (start.saturating_add(HOUR_MS)).max(missed_since - missed_since.rem_euclid(HOUR_MS));
        let at = Timestamp::from_unix_ms;
        (now.unix_ms() >= end).then_some(Window { start: at(start), end: at(end) })
    }

    /// The chains, each of which needs a digest for a window.
    pub fn chains(&self) -> impl Iterator<Item = (Place, &Chain)> {
        self.chains.iter().filter_map(|(place, chain)| Some((place.parse().ok()?, chain)))
    }

    /// The digests of a window were put there: all of them.
    pub fn digested(&mut self, window: Window, digests: impl IntoIterator<Item = (Place, DigestObject)>) {
        self.window_ms = window.end.unix_ms();
        for (place, DigestObject { object, hash, signature, .. }) in digests {
            let previous = Some(Previous { object, hash, signature });
            self.chains.insert(place.to_string(), Chain { previous, files: Vec::new() });
        }
    }
}
