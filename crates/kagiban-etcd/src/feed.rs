//! The feed of changes: a watch over head and rows, and a proof now and then that it shows everything.
//!
//! A watch is answered by one member from what that member has, so that one which is cut off from the others falls
//! silent without a word. What proves a feed fresh is therefore not the watch (nor etcd's progress notifications, which
//! have the same weakness) but a linearizable read of the head: a majority vouches for the revision of the store's last
//! batch, and once the feed has shown that batch it had shown everything at the moment the question was sent.
//!
//! A watch that breaks is opened again behind the last change shown. It begins one revision earlier than needed: members
//! of some versions leave out deletions at the very revision that was compacted, which is then noticed as compacted.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use kagiban_storage::EngineError;
use kagiban_storage::batch::Write;
use kagiban_storage::engine::Revision;
use kagiban_storage::feed::{Change, ChangeFeed, FeedError, FeedEvent};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use crate::client::{Stream, WATCH};
use crate::commit::revision;
use crate::core::{Core, Head};
use crate::grpc::CallError;
use crate::layout::Place;
use crate::messages::{Event, EventType, WatchCreateRequest, WatchRequest, WatchResponse};

type Asking = Pin<Box<dyn Future<Output = Result<Head, CallError>> + Send>>;

pub(crate) struct EtcdFeed {
    core: Arc<Core>,
    closing: watch::Receiver<bool>,
    /// The last change shown, or what the feed was asked to go on from.
    shown: i64,
    /// Nothing of the store changed after `shown` up to this revision of the cluster.
    quiet_until: i64,
    stream: Option<Stream>,
    /// When the watch was opened last, and from which revision on.
    opened_at: Instant,
    opened_from: i64,
    /// When the watch broke; `None` while it works.
    broken_since: Option<Instant>,
    /// The change whose events are coming in.
    coming: Option<Change>,
    ready: VecDeque<Change>,
    /// When to ask for the head again.
    due: Interval,
    asking: Option<Asking>,
    /// A head that the feed has not reached yet.
    answered: Option<Head>,
}

/// What a feed waits for.
enum Woken {
    Closed,
    Answer(Result<Option<WatchResponse>, CallError>),
    Due,
    Head(Result<Head, CallError>),
}

impl EtcdFeed {
    pub(crate) fn new(core: Arc<Core>, after: Revision) -> Self {
        let after = i64::try_from(after.number()).unwrap_or(i64::MAX);
        let mut due = interval(core.client.deadlines.proof);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            closing: core.closing(),
            core,
            shown: after,
            quiet_until: after,
            stream: None,
            opened_at: Instant::now(),
            opened_from: 0,
            broken_since: None,
            coming: None,
            ready: VecDeque::new(),
            due,
            asking: None,
            answered: None,
        }
    }

    /// What is ready to be shown.
    fn take_ready(&mut self) -> Option<FeedEvent> {
        if let Some(change) = self.ready.pop_front() {
            self.shown = i64::try_from(change.revision.number()).unwrap_or(i64::MAX);
            self.quiet_until = self.quiet_until.max(self.shown);
            return Some(FeedEvent::Change(Arc::new(change)));
        }
        let head = self.answered.take_if(|head| head.store <= self.shown)?;
        self.quiet_until = self.quiet_until.max(head.cluster);
        Some(FeedEvent::Progress { through: revision(self.shown), as_of: head.as_of })
    }

    async fn wait(&mut self) -> Woken {
        let Self { closing, stream, due, asking, core, .. } = self;
        let answer = async {
            match stream {
                Some(stream) => stream.answers.next::<WatchResponse>().await,
                None => std::future::pending().await,
            }
        };
        if asking.is_none() {
            tokio::select! {
                biased;
                _ = closing.wait_for(|closed| *closed) => return Woken::Closed,
                answer = answer => return Woken::Answer(answer),
                _ = due.tick() => {
                    let core = Arc::clone(core);
                    *asking = Some(Box::pin(async move { core.head().await }));
                    return Woken::Due;
                }
            }
        }
        let head = async {
            match asking {
                Some(asking) => asking.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = closing.wait_for(|closed| *closed) => Woken::Closed,
            answer = answer => Woken::Answer(answer),
            head = head => Woken::Head(head),
        }
    }

    /// Opens the watch, unless it is open. A member that fails is tried for as long as a call may take.
    async fn open(&mut self) -> Result<(), FeedError> {
        if self.stream.is_some() {
            return Ok(());
        }
        let since = *self.broken_since.get_or_insert_with(Instant::now);
        let deadline = since + self.core.client.deadlines.call;
        self.coming = None;
        let (key, range_end) = self.core.layout.watched();
        self.opened_from = self.quiet_until.max(self.latest_ready()).max(1);
        let create = WatchCreateRequest { key, range_end, start_revision: self.opened_from, fragment: true };
        let request = WatchRequest { create_request: Some(create) };
        loop {
            let error = match self.core.client.stream(WATCH, &request).await {
                Ok(stream) => {
                    self.stream = Some(stream);
                    self.opened_at = Instant::now();
                    return Ok(());
                }
                Err(error) => error,
            };
            self.core.check_open()?;
            if !error.is_transient() || !self.core.client.pause(deadline).await {
                self.broken_since = None;
                return Err(self.core.error(&error).into());
            }
        }
    }

    fn latest_ready(&self) -> i64 {
        self.ready.back().map_or(0, |change| i64::try_from(change.revision.number()).unwrap_or(i64::MAX))
    }

    async fn take_answer(&mut self, answer: Result<Option<WatchResponse>, CallError>) -> Result<(), FeedError> {
        let answer = match answer {
            Ok(Some(answer)) if !answer.canceled => answer,
            Ok(Some(answer)) if answer.compact_revision > 0 => return self.compacted(answer.compact_revision).await,
            Ok(Some(answer)) => return self.broke(&CallError::lost(answer.cancel_reason)).await,
            Ok(None) => return self.broke(&CallError::lost("the member ended the watch")).await,
            Err(error) => return self.broke(&error).await,
        };
        for event in answer.events {
            self.take_event(event);
        }
        if !answer.fragment {
            self.ready.extend(self.coming.take());
        }
        Ok(())
    }

    fn take_event(&mut self, event: Event) {
        let Some(row) = event.kv else { return };
        if row.mod_revision <= self.shown.max(self.latest_ready()) {
            return;
        }
        let at = revision(row.mod_revision);
        if self.coming.as_ref().is_some_and(|change| change.revision != at) {
            self.ready.extend(self.coming.take());
        }
        let change = self.coming.get_or_insert_with(|| Change { revision: at, writes: Vec::new() });
        if let Some(Place::Row(key)) = self.core.layout.place(&row.key) {
            let value = (event.kind == i32::from(EventType::Put)).then(|| row.value.into());
            change.writes.push(Write { key: key.to_vec(), value });
        }
    }

    async fn broke(&mut self, error: &CallError) -> Result<(), FeedError> {
        tracing::debug!(error = error as &dyn std::error::Error, "the watch broke and is opened again");
        if let Some(stream) = self.stream.take() {
            self.core.client.broke(&stream, error).await;
        }
        self.coming = None;
        if self.opened_at.elapsed() > self.core.client.deadlines.attempt {
            self.broken_since = None;
        }
        let since = *self.broken_since.get_or_insert_with(Instant::now);
        // A watch that is opened and breaks at once must not go on so for ever.
        if self.core.client.pause(since + self.core.client.deadlines.call).await {
            return Ok(());
        }
        self.broken_since = None;
        Err(self.core.error(error).into())
    }

    /// Without an answer nothing is proven, which is for the reader of the feed to notice.
    async fn take_head(&mut self, head: Result<Head, CallError>) -> Result<(), FeedError> {
        let Ok(head) = head else { return Ok(()) };
        let waiting = self.answered.get_or_insert(head);
        if waiting.as_of.elapsed() <= self.core.client.deadlines.attempt {
            return Ok(());
        }
        self.answered = None;
        self.broke(&CallError::lost("the watch does not show what a majority of the members has")).await
    }

    /// The revisions before this one are gone. If none of them was the store's, or all were shown, nothing is missed.
    async fn compacted(&mut self, kept_from: i64) -> Result<(), FeedError> {
        self.stream = None;
        self.coming = None;
        let head = self.core.head().await.map_err(|error| self.core.error(&error))?;
        let latest = self.shown.max(self.latest_ready());
        if head.store <= latest {
            self.quiet_until = self.quiet_until.max(head.cluster);
        } else if latest < head.first && kept_from < head.first {
            self.quiet_until = self.quiet_until.max(kept_from);
        }
        // Opened from there again, it would end in the same way.
        if self.quiet_until <= self.opened_from {
            return Err(FeedError::Compacted { after: revision(self.shown) });
        }
        Ok(())
    }
}

#[async_trait]
impl ChangeFeed for EtcdFeed {
    async fn next(&mut self) -> Result<FeedEvent, FeedError> {
        loop {
            if let Some(event) = self.take_ready() {
                return Ok(event);
            }
            self.core.check_open()?;
            self.open().await?;
            match self.wait().await {
                Woken::Closed => return Err(EngineError::Closed.into()),
                Woken::Answer(answer) => self.take_answer(answer).await?,
                Woken::Due => {}
                Woken::Head(head) => {
                    self.asking = None;
                    self.take_head(head).await?;
                }
            }
        }
    }
}
