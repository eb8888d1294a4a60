//! The nodes in memory, kept fresh with the view, and whether this one is among them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use kagiban_base::time::Timestamp;
use kagiban_storage::row;
use kagiban_storage::{Formats, RowError};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::records::node::{NodeId, NodeRecord, NodeRowKey, Standing};
use crate::records::node_formats::NodeFormatsRecord;

/// How many of our own beats another node may keep silent.
const SILENT_BEATS: u32 = 3;

/// All nodes that were ever heard of and are not forgotten. There are few.
#[derive(Debug)]
pub(crate) struct NodeDirectory {
    nodes: Mutex<Nodes>,
    /// Unset where this process alone uses its store.
    own: OnceLock<NodeId>,
    /// Whether the view shows this node as a member.
    is_member: AtomicBool,
    /// Whether the next report shall ask the others for theirs.
    asks: AtomicBool,
    changed: watch::Sender<()>,
    wanted: Notify,
}

#[derive(Debug)]
struct Nodes {
    known: BTreeMap<NodeId, Known>,
    formats: BTreeMap<NodeId, NodeFormatsRecord>,
    /// From then on, no node decides anything that was taken off before.
    settled_at: Instant,
}

/// A node, as this one knows it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) record: NodeRecord,
    /// When its row came.
    pub(crate) seen: Instant,
    /// How often this node has reported since.
    silent_beats: u32,
}

impl NodeDirectory {
    pub(crate) fn new() -> Self {
        Self {
            nodes: Mutex::new(Nodes { known: BTreeMap::new(), formats: BTreeMap::new(), settled_at: Instant::now() }),
            own: OnceLock::new(),
            is_member: AtomicBool::new(false),
            asks: AtomicBool::new(false),
            changed: watch::channel(()).0,
            wanted: Notify::new(),
        }
    }

    /// From now on this process is a node, and decides nothing while it is no member. Who was taken off before the view was
    /// loaded is not known, so that for as long as a bound anybody may have been.
    pub(crate) fn take_part(&self, own: NodeId, bound: Duration) {
        _ = self.own.set(own);
        self.lock().settled_at = Instant::now() + bound;
    }

    /// Whether this process may decide, as far as the nodes are concerned.
    pub(crate) fn may_decide(&self) -> bool {
        self.own.get().is_none() || self.is_member.load(Relaxed)
    }

    /// Takes a node's row, or its end.
    pub(crate) fn apply(&self, NodeRowKey(id): NodeRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let record = value.map(row::decode::<NodeRecord>).transpose()?;
        let is_own = self.own.get() == Some(&id);
        let (is_member, asked) = record.as_ref().map_or((false, 0), |record| (record.is_member(), record.asked));
        let before = self.lock().replace(id, record);
        if is_own {
            self.is_member.store(is_member, Relaxed);
        }
        let is_asking = is_member && !is_own && before.is_none_or(|before| before.record.asked != asked);
        if is_asking || (is_own && !is_member) {
            self.wanted.notify_one();
        }
        self.changed.send_replace(());
        Ok(())
    }

    /// Takes what a node says of the formats that it knows.
    pub(crate) fn apply_formats(&self, NodeRowKey(id): NodeRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let record = value.map(row::decode::<NodeFormatsRecord>).transpose()?;
        let mut nodes = self.lock();
        match record {
            Some(record) => _ = nodes.formats.insert(id, record),
            None => _ = nodes.formats.remove(&id),
        }
        Ok(())
    }

    /// The formats that a node knows, if it has said so since this start.
    pub(crate) fn formats_of(&self, id: NodeId, started: Timestamp) -> Option<Formats> {
        self.lock().formats.get(&id).filter(|record| record.started == started).map(|record| record.formats)
    }

    /// Members that have not said since their start which formats they know: their program is of a version from before formats.
    /// Each by its name and version.
    pub(crate) fn of_older_programs(&self) -> Vec<String> {
        let nodes = self.lock();
        let has_said = |id: &NodeId, known: &Known| {
            nodes.formats.get(id).is_some_and(|formats| formats.started == known.record.started)
        };
        let older = nodes.members().filter(|(id, known)| !has_said(id, known));
        older.map(|(_, known)| format!("{} ({})", known.record.name, known.record.version)).collect()
    }

    pub(crate) fn keep_only(&self, is_stored: &dyn Fn(&[u8]) -> bool) {
        let is_gone = |id: &NodeId| row::encode_key::<NodeRecord>(&NodeRowKey(*id)).is_ok_and(|key| !is_stored(&key));
        let gone: Vec<_> = self.lock().known.keys().copied().filter(is_gone).collect();
        for id in gone {
            _ = self.apply(NodeRowKey(id), None);
            _ = self.apply_formats(NodeRowKey(id), None);
        }
    }

    /// Whether there is or was a node of this number.
    pub(crate) fn has(&self, id: NodeId) -> bool {
        self.lock().known.contains_key(&id)
    }

    /// All nodes, by number.
    pub(crate) fn all(&self) -> Vec<(NodeId, Known)> {
        self.lock().known.iter().map(|(id, known)| (*id, known.clone())).collect()
    }

    /// The widest bound of the members, this node's included.
    pub(crate) fn widest_bound(&self) -> Duration {
        let bounds = |nodes: &Nodes| nodes.members().map(|(_, known)| known.record.freshness_bound()).max();
        bounds(&self.lock()).unwrap_or_default()
    }

    /// Whether of every other member it is so.
    pub(crate) fn have(&self, is_so: impl Fn(&Known) -> bool) -> bool {
        let nodes = self.lock();
        let mut others = nodes.members().filter(|(id, _)| Some(*id) != self.own.get());
        others.all(|(_, known)| is_so(known))
    }

    /// From then on, no node decides anything that was taken off before now.
    pub(crate) fn settled_at(&self) -> Instant {
        self.lock().settled_at
    }

    /// Tells of every row that comes.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Has the other nodes asked, soon, what they have applied.
    pub(crate) fn ask(&self) {
        self.asks.store(true, Relaxed);
        self.wanted.notify_one();
    }

    /// Whether they are to be asked; once.
    pub(crate) fn take_question(&self) -> bool {
        self.asks.swap(false, Relaxed)
    }

    /// Returns when this node's row is to be written; at once if that was so since the last call.
    pub(crate) async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Counts a beat of this node. Returns the members that have kept silent for too long.
    pub(crate) fn beat(&self) -> Vec<(NodeId, NodeRecord)> {
        let mut nodes = self.lock();
        let others =
            nodes.known.iter_mut().filter(|(id, known)| Some(*id) != self.own.get() && known.record.is_member());
        let silent = others.filter_map(|(id, known)| {
            known.silent_beats = known.silent_beats.saturating_add(1);
            (known.silent_beats > SILENT_BEATS).then(|| (*id, known.record.clone()))
        });
        silent.collect()
    }

    /// Nodes whose end is older than this.
    pub(crate) fn ended_before(&self, time: Timestamp) -> Vec<NodeId> {
        let is_old = |known: &Known| !known.record.is_member() && known.record.reported < time;
        self.lock().known.iter().filter(|(_, known)| is_old(known)).map(|(id, _)| *id).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Nodes> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Nodes {
    fn members(&self) -> impl Iterator<Item = (&NodeId, &Known)> {
        self.known.iter().filter(|(_, known)| known.record.is_member())
    }

    /// Puts a record in the place of what was known of a node, which is returned.
    fn replace(&mut self, id: NodeId, record: Option<NodeRecord>) -> Option<Known> {
        let (seen, is_member) = (Instant::now(), record.as_ref().is_some_and(NodeRecord::is_member));
        let before = match record {
            Some(record) => self.known.insert(id, Known { record, seen, silent_beats: 0 }),
            None => self.known.remove(&id),
        };
        if let Some(known) = before.as_ref().filter(|known| known.record.is_member() && !is_member) {
            // It may not know yet, and decide as long as its view is fresh.
            self.settled_at = self.settled_at.max(seen + known.record.freshness_bound());
        }
        before
    }
}

impl NodeRecord {
    pub(crate) fn is_member(&self) -> bool {
        self.standing == Standing::Member
    }

    pub(crate) fn freshness_bound(&self) -> Duration {
        Duration::from_millis(self.freshness_bound_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Duration = Duration::from_secs(2);
    const OWN: NodeId = NodeId([1; 16]);
    const OTHER: NodeId = NodeId([2; 16]);

    fn directory() -> NodeDirectory {
        let directory = NodeDirectory::new();
        directory.take_part(OWN, BOUND);
        put(&directory, OWN, Some((Standing::Member, 5)));
        directory
    }

    fn put(directory: &NodeDirectory, id: NodeId, row: Option<(Standing, u64)>) {
        let at = Timestamp::from_unix_ms(0);
        let record = row.map(|(standing, applied)| NodeRecord {
            name: "n".into(),
            version: "1".into(),
            standing,
            started: at,
            reported: at,
            applied,
            asked: 0,
            freshness_bound_ms: 3000,
        });
        let value = record.map(|record| row::encode(&record).unwrap());
        directory.apply(NodeRowKey(id), value.as_deref()).unwrap();
    }

    fn have(directory: &NodeDirectory, revision: u64) -> bool {
        directory.have(|known| known.record.applied >= revision)
    }

    #[tokio::test(start_paused = true)]
    async fn members_are_waited_for_and_others_are_not() {
        let directory = directory();
        assert!(have(&directory, 9), "nobody else is there");
        put(&directory, OTHER, Some((Standing::Member, 8)));
        assert!(!have(&directory, 9) && have(&directory, 8));
        put(&directory, OTHER, Some((Standing::Member, 9)));
        assert!(have(&directory, 9));
        for end in [Some((Standing::Removed, 9)), Some((Standing::Left, 9)), None] {
            put(&directory, OTHER, Some((Standing::Member, 9)));
            put(&directory, OTHER, end);
            assert!(have(&directory, 10), "{end:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_taken_off_may_decide_for_as_long_as_its_bound() {
        let directory = directory();
        let settled = |directory: &NodeDirectory| directory.settled_at().saturating_duration_since(Instant::now());
        assert_eq!(settled(&directory), BOUND, "of before the start nothing is known");
        tokio::time::advance(BOUND).await;
        assert_eq!(settled(&directory), Duration::ZERO);
        put(&directory, OTHER, Some((Standing::Member, 1)));
        assert_eq!(settled(&directory), Duration::ZERO);
        put(&directory, OTHER, None);
        assert_eq!(settled(&directory), Duration::from_secs(3));
        assert_eq!(directory.widest_bound(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_is_taken_off_decides_nothing() {
        let alone = NodeDirectory::new();
        assert!(alone.may_decide(), "an embedded store has no nodes");
        let directory = directory();
        assert!(directory.may_decide());
        put(&directory, OWN, Some((Standing::Removed, 5)));
        assert!(!directory.may_decide());
        directory.wanted().await;
        put(&directory, OWN, Some((Standing::Member, 6)));
        assert!(directory.may_decide());
        put(&directory, OTHER, None);
        directory.keep_only(&|_| false);
        assert!(!directory.may_decide(), "a scan that does not find its row says the same");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_counted_in_beats_of_ones_own() {
        let directory = directory();
        put(&directory, OTHER, Some((Standing::Member, 1)));
        for _ in 0..SILENT_BEATS {
            assert!(directory.beat().is_empty());
        }
        put(&directory, OTHER, Some((Standing::Member, 2)));
        for _ in 0..SILENT_BEATS {
            assert!(directory.beat().is_empty());
        }
        let silent: Vec<_> = directory.beat().into_iter().map(|(id, _)| id).collect();
        assert_eq!(silent, [OTHER]);
        put(&directory, OTHER, Some((Standing::Removed, 2)));
        assert!(directory.beat().is_empty());
        assert_eq!(directory.ended_before(Timestamp::from_unix_ms(1)), [OTHER]);
        assert!(directory.ended_before(Timestamp::from_unix_ms(0)).is_empty());
    }
}
