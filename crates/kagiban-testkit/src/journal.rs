//! An audit journal in memory, which can be told to fail.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use http::StatusCode;
use kagiban_audit::{Entry, Follower, JournalStopped, ReadError, Record, RecordKind, Recorder, Sequence, cloudtrail};
use kagiban_base::id::RequestId;
use serde_json::Value;
use tokio::sync::watch;

use crate::Secrets;

/// Keeps records as long as it lives. One journal can serve several worlds, one after the other.
#[derive(Debug)]
pub struct MemoryJournal {
    state: Mutex<State>,
    /// Counts up with every change, to wake those who wait.
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    /// Places in `entries` of the records of requests, by their numbers.
    by_request: HashMap<RequestId, Vec<usize>>,
    secrets: Secrets,
    is_strict: bool,
    /// Whether records are taken and not kept.
    keeps_none: bool,
    is_stopped: bool,
    /// How many more records are taken.
    room: Option<u64>,
    /// Whether those who ask for durability are kept waiting.
    is_held: bool,
}

impl Default for MemoryJournal {
    fn default() -> Self {
        Self::new()
    }
}

/// The search of all records for all secrets, at the end of every test: also for one of a request before or after the record's.
impl Drop for MemoryJournal {
    fn drop(&mut self) {
        let State { entries, secrets, .. } = &*self.state();
        let search = secrets.search();
        let found = entries.iter().find_map(|entry| search.found_in(&entry.bytes)).map(String::from_utf8_lossy);
        assert!(found.is_none() || std::thread::panicking(), "{found:?} is a secret, and in a record");
    }
}

impl MemoryJournal {
    /// An empty journal of the degree `journal`: nobody waits.
    pub fn new() -> Self {
        Self { state: Mutex::default(), changes: watch::Sender::new(0) }
    }

    /// An empty journal of the degree `strict`: answers wait until their record is durable. It is so at once, unless held.
    pub fn strict() -> Self {
        let journal = Self::new();
        journal.state().is_strict = true;
        journal
    }

    /// Stops for good, now.
    pub fn stop(&self) {
        self.change(|state| state.is_stopped = true);
    }

    /// Takes so many records more, and stops for good at the next.
    pub fn stop_after(&self, records: u64) {
        self.change(|state| state.room = Some(records));
    }

    /// Takes records again: as a new journal would after a restart.
    pub fn resume(&self) {
        self.change(|state| (state.is_stopped, state.room) = (false, None));
    }

    /// Keeps no record from now on, and nobody looks for one: for measurements, whose memory must not grow.
    pub fn keep_none(&self) {
        self.change(|state| state.keeps_none = true);
    }

    /// Whether records can be looked for.
    pub fn is_kept(&self) -> bool {
        !self.state().keeps_none
    }

    /// Lets no record be durable until [`MemoryJournal::release`].
    pub fn hold(&self) {
        self.change(|state| state.is_held = true);
    }

    /// Makes all records durable again.
    pub fn release(&self) {
        self.change(|state| state.is_held = false);
    }

    /// Whether a request that was answered so left exactly one record, without a secret of the request or the answer in it. One that the
    /// journal did not take is answered with 503 and has none, or one.
    ///
    /// # Panics
    /// If it is not so.
    pub fn assert_recorded(&self, request: RequestId, status: StatusCode, secrets: Secrets) {
        let mut state = self.state();
        let places = state.by_request.get(&request).cloned().unwrap_or_default();
        let is_refused = state.is_stopped && status == StatusCode::SERVICE_UNAVAILABLE;
        assert!(places.len() == 1 || is_refused && places.is_empty(), "{} records of {request}", places.len());
        for entry in places.iter().filter_map(|place| state.entries.get(*place)) {
            let found = secrets.found_in(&entry.bytes).map(String::from_utf8_lossy);
            assert_eq!(found, None, "a secret is in the record of {request}");
        }
        state.secrets.extend(secrets);
    }

    /// All secrets of requests and answers so far.
    pub fn secrets(&self) -> Secrets {
        self.state().secrets.clone()
    }

    /// How many records there are.
    pub fn count(&self) -> usize {
        self.state().entries.len()
    }

    /// The records after the first `after`, in their order.
    pub fn entries_after(&self, after: usize) -> Vec<Entry> {
        self.state().entries.iter().skip(after).cloned().collect()
    }

    /// The same records as CloudTrail shows them: one copy for each account that gets one.
    pub fn rendered_after(&self, after: usize) -> Vec<Value> {
        let render = |entry: &Entry| {
            let record = Record::decode(&entry.bytes).expect("a record");
            let copy = |account| serde_json::from_str(&cloudtrail::render(&record, account)).expect("JSON");
            record.recipients().map(copy).collect::<Vec<Value>>()
        };
        self.entries_after(after).iter().flat_map(render).collect()
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state());
        self.changes.send_modify(|count| *count += 1);
        changed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_for<T>(&self, is_so: impl Fn(&State) -> Option<T>) -> T {
        let mut changes = self.changes.subscribe();
        loop {
            changes.mark_unchanged();
            let found = is_so(&self.state());
            if let Some(found) = found {
                return found;
            }
            changes.changed().await.expect("this journal is borrowed");
        }
    }
}

impl State {
    fn append(&mut self, record: &Record<'_>) -> Result<Sequence, JournalStopped> {
        self.is_stopped |= self.room == Some(0);
        if self.is_stopped {
            return Err(JournalStopped);
        }
        self.room = self.room.map(|room| room - 1);
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        let sequence = self.latest().next();
        if self.keeps_none {
            return Ok(sequence);
        }
        if record.kind != RecordKind::ServiceEvent {
            self.by_request.entry(record.number).or_default().push(self.entries.len());
        }
        self.entries.push(Entry { sequence, bytes: bytes.into() });
        Ok(sequence)
    }

    fn latest(&self) -> Sequence {
        self.entries.last().map_or(Sequence(0), |entry| entry.sequence)
    }
}

#[async_trait]
impl Recorder for MemoryJournal {
    fn append(&self, record: &Record<'_>) -> Result<Sequence, JournalStopped> {
        self.change(|state| state.append(record))
    }

    fn is_strict(&self) -> bool {
        self.state().is_strict
    }

    async fn durable(&self, _sequence: Sequence) -> Result<(), JournalStopped> {
        let outcome = |state: &State| match state {
            State { is_stopped: true, .. } => Some(Err(JournalStopped)),
            State { is_held: true, .. } => None,
            _ => Some(Ok(())),
        };
        self.wait_for(outcome).await
    }

    fn is_stopped(&self) -> bool {
        self.state().is_stopped
    }
}

#[async_trait]
impl Follower for MemoryJournal {
    fn read(&self, from: Sequence, bytes_max: usize) -> Result<Vec<Entry>, ReadError> {
        let mut bytes = 0;
        let state = self.state();
        let there = state.entries.iter().skip_while(|entry| entry.sequence < from);
        let read = there.take_while(|entry| {
            let is_first = bytes == 0;
            bytes += entry.bytes.len();
            is_first || bytes <= bytes_max
        });
        Ok(read.cloned().collect())
    }

    async fn reached(&self, sequence: Sequence) {
        self.wait_for(|state| (state.is_stopped || state.latest() >= sequence).then_some(())).await;
    }

    fn latest(&self) -> Sequence {
        self.state().latest()
    }

    fn earliest(&self) -> Sequence {
        Sequence(1)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn record(region: &str) -> Record<'_> {
        let account = "111122223333".parse().expect("an account");
        let number = "8a5e1d5c-6a0b-4f0e-9c3b-1f2e3d4c5b6a".parse().expect("a number");
        Record::new(kagiban_base::time::Timestamp::from_unix_ms(0), number, account, region)
    }

    #[tokio::test]
    async fn keeps_the_order_and_stops_when_told() {
        let journal = MemoryJournal::new();
        journal.stop_after(2);
        assert_eq!(journal.append(&record("one")), Ok(Sequence(1)));
        assert_eq!(journal.append(&record("two")), Ok(Sequence(2)));
        assert!(!journal.is_stopped());
        assert_eq!(journal.append(&record("three")), Err(JournalStopped));
        assert!(journal.is_stopped() && journal.durable(Sequence(2)).await.is_err());
        let read = |from, bytes_max| journal.read(Sequence(from), bytes_max).expect("entries");
        assert_eq!(read(1, 1).len(), 1);
        assert_eq!(read(1, 10_000), journal.entries_after(0));
        assert_eq!(read(2, 10_000), journal.entries_after(1));
        assert_eq!((read(3, 10_000).len(), journal.latest(), journal.earliest()), (0, Sequence(2), Sequence(1)));
    }

    const SECRET: &[u8] = b"a secret that nobody else knows";

    /// A journal with a secret in the last of its records: of another request than the one that had it.
    fn leaking(records: usize) -> MemoryJournal {
        let journal = MemoryJournal::new();
        for at in 1..=records {
            let text = std::str::from_utf8(SECRET).expect("a text");
            let said = Record { error_message: if at == records { text } else { "" }, ..record("one") };
            journal.append(&said).expect("room");
        }
        let other = "11111111-2222-4333-8444-555555555555".parse().expect("a number");
        journal.append(&Record { number: other, ..record("two") }).expect("room");
        let mut secrets = Secrets::default();
        secrets.add(SECRET);
        journal.assert_recorded(other, StatusCode::OK, secrets);
        journal
    }

    #[test]
    #[should_panic(expected = "is a secret, and in a record")]
    fn a_secret_in_any_record_is_found_at_the_end() {
        drop(leaking(1));
    }

    /// What broke: only the first five thousand records were searched.
    #[test]
    #[should_panic(expected = "(\"a secret that nobody else knows\") is a secret")]
    fn a_secret_behind_many_records_is_found_too() {
        drop(leaking(6_000));
    }

    #[test]
    #[should_panic(expected = "a secret is in the record of")]
    fn a_secret_in_a_requests_own_record_is_found_at_once() {
        let journal = MemoryJournal::new();
        let record = Record { user_agent: "so: a secret that nobody else knows", ..record("one") };
        journal.append(&record).expect("room");
        let mut secrets = Secrets::default();
        secrets.add(SECRET);
        journal.assert_recorded(record.number, StatusCode::OK, secrets);
    }

    #[tokio::test]
    async fn who_waits_is_woken() {
        let journal = Arc::new(MemoryJournal::strict());
        journal.hold();
        let (reading, writing) = (Arc::clone(&journal), Arc::clone(&journal));
        let reached = tokio::spawn(async move { reading.reached(Sequence(1)).await });
        let sequence = journal.append(&record("one")).expect("room");
        reached.await.expect("reached");
        let durable = tokio::spawn(async move { writing.durable(sequence).await });
        tokio::task::yield_now().await;
        assert!(!durable.is_finished());
        journal.release();
        assert_eq!(durable.await.expect("no panic"), Ok(()));
    }
}
