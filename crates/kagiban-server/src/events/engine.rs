//! The thread that follows the journal: reads records, lets rules fire, puts what follows into the lines of its targets.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use kagiban_audit::{Entry, ReadError, Record, Sequence};
use kagiban_events::Rules;
use kagiban_events::rules::{ActionCounts, Alarms, Firing, Target, TargetKind};
use kagiban_events::shape::Shape;
use kagiban_service::Service;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::command::CommandCarrier;
use super::dead_letters::DeadLetters;
use super::delivery::{About, Carrier, Delivery, Failure, event_of};
use super::queue::{Queue, Shared};
use super::response::ResponseCarrier;
use super::rotated_file::RotatedFile;
use super::state::{Pending, Saved};
use super::webhook::WebhookCarrier;
use super::{Counters, EventsError, Line, Sources, read_rules};

/// Bytes of records read at once.
const BATCH_BYTES: usize = 1 << 20;
/// How often it is written down how far things are.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// Before a journal that cannot be read, or has stopped, is looked at again.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

pub(super) struct Engine {
    sources: Sources,
    rules: Rules,
    carriers: HashMap<String, Arc<dyn Carrier>>,
    state_file: PathBuf,
    next: Sequence,
    alarms: Alarms,
    actions: Arc<Mutex<ActionCounts>>,
    /// What has not come to its end, by number.
    pending: BTreeMap<u64, UnderWay>,
    next_number: u64,
    queues: HashMap<String, (Target, Queue)>,
    tasks: JoinSet<()>,
    shared: Shared,
    finished: mpsc::UnboundedReceiver<u64>,
    /// What was under way when the state was written, and was not taken up yet.
    interrupted: Vec<Pending>,
    has_changed: bool,
}

/// What is to be gone on with in another journal than before: its first record. What responses did, they did, so that their limits
/// hold; what was counted is no count of this journal's records.
fn of_another_journal(saved: Saved, sources: &Sources, dead_letters: &DeadLetters) -> Saved {
    let (first, journal) = (sources.follower.earliest().max(Sequence(1)), sources.journal);
    tracing::error!(
        next = saved.next,
        first = first.0,
        %journal,
        "the audit journal is another than events were made of, or an older state of it; it is followed from its beginning"
    );
    for origin in &saved.pending {
        bury_unread(dead_letters, origin, "its record was in a journal that is not here any more");
    }
    let mut anew = Saved::beginning(journal, first.0);
    anew.actions = saved.actions;
    anew
}

/// Writes down that a delivery is not made whose event is not known.
fn bury_unread(dead_letters: &DeadLetters, origin: &Pending, reason: &str) {
    let (event_id, event, about) = (String::new(), Arc::from("null"), Arc::new(About::unknown()));
    dead_letters.bury(&Delivery { number: 0, origin: origin.clone(), event_id, event, about }, 0, reason);
}

/// A delivery, and since when it has been on its way.
struct UnderWay {
    origin: Pending,
    since: Instant,
}

impl Engine {
    /// Reads the rules and the state, and prepares the targets; nothing runs yet.
    pub(super) fn prepare(sources: Sources, counters: Arc<Counters>) -> Result<Self, EventsError> {
        let rules = read_rules(&sources.rules_file)?;
        let state_file = sources.directory.join("state.json");
        let saved =
            Saved::read(&state_file).map_err(|source| EventsError::State { path: state_file.clone(), source })?;
        let (latest, journal) = (sources.follower.latest(), sources.journal);
        let dead_letters =
            Arc::new(DeadLetters::new(sources.directory.join("dead-letters.jsonl"), Arc::clone(&counters)));
        let saved = match saved {
            Some(saved) if saved.is_of_another(journal, latest.0) => of_another_journal(saved, &sources, &dead_letters),
            Some(saved) => saved,
            // The first time, events begin now: what was before the rules is nobody's alarm.
            None => Saved::beginning(journal, latest.next().0),
        };
        let (sender, finished) = mpsc::unbounded_channel();
        let actions = Arc::new(Mutex::new(saved.actions));
        let carriers = carriers(&rules, &sources.service, &actions)?;
        Ok(Self {
            rules,
            carriers,
            state_file,
            next: Sequence(saved.next),
            alarms: saved.alarms,
            actions,
            pending: BTreeMap::new(),
            next_number: 1,
            queues: HashMap::new(),
            tasks: JoinSet::new(),
            shared: Shared { dead_letters, counters, finished: sender },
            finished,
            interrupted: saved.pending,
            // At the beginning nothing is written down yet; and who goes on may have another journal, or none by name.
            has_changed: true,
            sources,
        })
    }

    /// Follows the journal until it is told to stop.
    pub(super) async fn run(mut self, mut stopped: watch::Receiver<bool>, mut reloads: mpsc::Receiver<()>) {
        self.shared.counters.next.store(self.next.0, Relaxed);
        self.start_queues();
        self.take_up_interrupted().await;
        self.save();
        let follower = Arc::clone(&self.sources.follower);
        let mut times = interval(SAVE_EVERY);
        times.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = stopped.wait_for(|is_stopped| *is_stopped) => break,
                Some(number) = self.finished.recv() => self.finish(number),
                Some(()) = reloads.recv() => self.reload(),
                _ = times.tick() => {
                    if !self.interrupted.is_empty() {
                        self.take_up_interrupted().await;
                    }
                    self.save();
                    self.tell_of_lines();
                }
                () = follower.reached(self.next) => self.read().await,
            }
        }
        self.tasks.abort_all();
        while let Ok(number) = self.finished.try_recv() {
            self.finish(number);
        }
        self.save();
    }

    fn start_queues(&mut self) {
        while self.tasks.try_join_next().is_some() {}
        for target in &self.rules.targets {
            let Some(carrier) = self.carriers.get(&target.name) else { continue };
            // One that stays as it was keeps its line; files with secrets may have changed, so it gets the new carrier.
            let queue = Queue::start(Arc::clone(carrier), target.attempts_max, self.shared.clone(), &mut self.tasks);
            self.queues.insert(target.name.clone(), (target.clone(), queue));
        }
        let rules = &self.rules;
        // A line whose sender is gone is worked off and ends.
        self.queues.retain(|name, _| rules.target(name).is_some());
    }

    /// Reads the rules again; if they cannot be taken, the old ones stay.
    fn reload(&mut self) {
        let read = read_rules(&self.sources.rules_file);
        let read = read.and_then(|rules| Ok((carriers(&rules, &self.sources.service, &self.actions)?, rules)));
        match read {
            Ok((carriers, rules)) => {
                (self.carriers, self.rules) = (carriers, rules);
                self.alarms.keep_only(&self.rules);
                self.actions.lock().unwrap_or_else(PoisonError::into_inner).keep_only(&self.rules);
                self.start_queues();
                self.has_changed = true;
                tracing::info!(rules = self.rules.rules.len(), "the rules were read again");
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the rules could not be read again; the old ones stay in use");
            }
        }
    }

    /// Looks at the next records.
    async fn read(&mut self) {
        match self.sources.follower.read(self.next, BATCH_BYTES) {
            // Woken without a record: the journal has stopped.
            Ok(entries) if entries.is_empty() => sleep(PAUSE_AFTER_FAILURE).await,
            Ok(entries) => {
                for entry in &entries {
                    self.look_at(entry).await;
                }
                // The lines are worked off by this thread too.
                tokio::task::yield_now().await;
            }
            Err(ReadError::Gone(_)) => {
                let earliest = self.sources.follower.earliest();
                tracing::error!(next = %self.next, %earliest, "records are gone that rules had not seen");
                self.next = earliest.max(self.next.next());
            }
            Err(error @ ReadError::Damaged(_)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a record is skipped by the rules");
                self.next = self.next.next();
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "events wait for the journal");
                sleep(PAUSE_AFTER_FAILURE).await;
            }
        }
        self.shared.counters.next.store(self.next.0, Relaxed);
        self.has_changed = true;
    }

    async fn look_at(&mut self, entry: &Entry) {
        self.shared.counters.records.fetch_add(1, Relaxed);
        self.next = entry.sequence.next();
        let Ok(record) = Record::decode(&entry.bytes) else {
            return tracing::error!(sequence = %entry.sequence, "a record cannot be read; rules have not seen it");
        };
        for firing in self.alarms.firings(&self.rules, &record) {
            self.shared.counters.firings.fetch_add(1, Relaxed);
            self.fire(entry.sequence, &record, &firing).await;
        }
    }

    async fn fire(&mut self, sequence: Sequence, record: &Record<'_>, firing: &Firing) {
        let Some(rule) = self.rules.rules.get(firing.rule) else { return };
        tracing::debug!(rule = rule.name, %sequence, "a rule has fired");
        let ((event_id, event), about) = (event_of(firing), Arc::new(About::of(record)));
        let targets = rule.targets.iter().filter_map(|target| self.rules.targets.get(*target));
        let origins: Vec<Pending> = targets
            .map(|target| Pending {
                sequence: sequence.0,
                shape: firing.shape,
                rule: rule.name.clone(),
                target: target.name.clone(),
                count: firing.count,
            })
            .collect();
        for origin in origins {
            let (event_id, event, about) = (event_id.clone(), Arc::clone(&event), Arc::clone(&about));
            self.put(origin, event_id, event, about).await;
        }
    }

    async fn put(&mut self, origin: Pending, event_id: String, event: Arc<str>, about: Arc<About>) {
        let Some((_, queue)) = self.queues.get_mut(&origin.target) else {
            let reason = "the rules have no such target any more";
            return self.shared.dead_letters.bury(&Delivery { number: 0, origin, event_id, event, about }, 0, reason);
        };
        let number = self.next_number;
        self.next_number = number.saturating_add(1);
        self.pending.insert(number, UnderWay { origin: origin.clone(), since: Instant::now() });
        queue.put(Delivery { number, origin, event_id, event, about }).await;
    }

    /// What was under way when the process before this one ended is brought on its way again. What cannot be read now stays for
    /// the next time.
    async fn take_up_interrupted(&mut self) {
        for origin in std::mem::take(&mut self.interrupted) {
            match self.sources.follower.read(Sequence(origin.sequence), 1) {
                Err(error @ (ReadError::Gone(_) | ReadError::Damaged(_))) => {
                    bury_unread(&self.shared.dead_letters, &origin, &error.to_string());
                }
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "an event under way waits for the journal"
                    );
                    self.interrupted.push(origin);
                }
                Ok(entries) => match entries.first().and_then(|entry| read_again(entry, &origin)) {
                    Some(((id, event), about)) => self.put(origin, id, event, about).await,
                    None => {
                        let reason = "its record is not in the journal any more, or cannot be read";
                        bury_unread(&self.shared.dead_letters, &origin, reason);
                    }
                },
            }
        }
        self.has_changed = true;
    }

    fn finish(&mut self, number: u64) {
        self.pending.remove(&number);
        self.has_changed = true;
    }

    fn pending(&self) -> Vec<Pending> {
        self.pending.values().map(|under_way| under_way.origin.clone()).collect()
    }

    /// Says how long the targets' lines are. Those of targets that are gone are told of until they are worked off.
    fn tell_of_lines(&self) {
        let mut lines: BTreeMap<&str, Line> = BTreeMap::new();
        let names = self.rules.targets.iter().map(|target| (&*target.name, None));
        let under_way = self.pending.values().map(|under_way| (&*under_way.origin.target, Some(under_way.since)));
        for (name, since) in names.chain(under_way) {
            let line = || Line { target: name.to_owned(), waiting: 0, since: None };
            let line = lines.entry(name).or_insert_with(line);
            line.waiting = line.waiting.saturating_add(u64::from(since.is_some()));
            // In the order in which they were put there.
            line.since = line.since.or(since);
        }
        *self.shared.counters.lines.lock().unwrap_or_else(PoisonError::into_inner) = lines.into_values().collect();
    }

    fn save(&mut self) {
        if !self.has_changed {
            return;
        }
        let actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let pending = self.pending().into_iter().chain(self.interrupted.iter().cloned()).collect();
        let mut saved = Saved::beginning(self.sources.journal, self.next.0);
        (saved.alarms, saved.actions, saved.pending) = (self.alarms.clone(), actions, pending);
        match saved.write(&self.state_file) {
            Ok(()) => self.has_changed = false,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "how far events are could not be written down; it will be tried again");
            }
        }
    }
}

/// An event's number, the event as JSON, and what it is about.
type ReadAgain = ((String, Arc<str>), Arc<About>);

/// The event that was under way, out of its record; `None` when that is another one, or no record.
fn read_again(entry: &Entry, origin: &Pending) -> Option<ReadAgain> {
    let record = Record::decode(&entry.bytes).ok().filter(|_| entry.sequence.0 == origin.sequence)?;
    let event = Shape::of(&record).nth(origin.shape)?.event(&record);
    let firing = Firing { rule: 0, shape: origin.shape, event, count: origin.count };
    Some((event_of(&firing), Arc::new(About::of(&record))))
}

/// What brings events to each target.
fn carriers(
    rules: &Rules,
    service: &Arc<Service>,
    actions: &Arc<Mutex<ActionCounts>>,
) -> Result<HashMap<String, Arc<dyn Carrier>>, EventsError> {
    let carrier = |target: &Target| -> Result<Arc<dyn Carrier>, EventsError> {
        let (kind, service, actions) = (target.kind.clone(), Arc::clone(service), Arc::clone(actions));
        Ok(match &target.kind {
            TargetKind::AttachDeny(guard) | TargetKind::DisableKey(guard) | TargetKind::RevokeGrants { guard, .. } => {
                Arc::new(ResponseCarrier { kind, guard: guard.clone(), service, actions })
            }
            TargetKind::Command { command, timeout } => {
                Arc::new(CommandCarrier { command: command.clone(), timeout: *timeout })
            }
            TargetKind::File { path, size_max, keep } => {
                Arc::new(FileCarrier(Mutex::new(RotatedFile::new(path.clone(), *size_max, *keep))))
            }
            TargetKind::Webhook { url, secret_file, ca_file, timeout } => {
                let prepared = WebhookCarrier::prepare(url, secret_file, ca_file.as_deref(), *timeout);
                Arc::new(prepared.map_err(|source| EventsError::Webhook { target: target.name.clone(), source })?)
            }
        })
    };
    rules.targets.iter().map(|target| Ok((target.name.clone(), carrier(target)?))).collect()
}

/// Adds events to a file, one line each, with the name of the rule.
struct FileCarrier(Mutex<RotatedFile>);

#[async_trait]
impl Carrier for FileCarrier {
    async fn carry(&self, delivery: &Delivery) -> Result<(), Failure> {
        let Pending { rule, count, .. } = &delivery.origin;
        let line = format!(r#"{{"rule":"{rule}","count":{count},"event":{}}}"#, delivery.event);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).append(&line).map_err(Failure::passing)
    }
}
