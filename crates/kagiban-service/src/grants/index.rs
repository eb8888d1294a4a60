//! The grants of all keys in memory, found by key, grantee and what is asked, however many there are.
//!
//! A key, a grantee and an anchor make a slot. The anchor says where in a request a grant is looked for: among those that
//! need no encryption context, among those that need exactly this one, among those that need this pair. Of the pairs of a
//! Subset constraint, the one with the fewest grants so far is taken. So a request looks into as many slots as it has
//! pairs, and what it finds there concerns it. Grants that allow the same stand in their slot as one, counted.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use kagiban_base::arn::KeyArn;
use kagiban_base::id::KeyId;
use kagiban_storage::RowError;
use kagiban_storage::row;

use super::constraints::{ContextConstraint, Pairs};
use super::matching::{Asked, Grant};
use crate::records::Place;
use crate::records::grant::{GrantRecord, GrantRowKey, PrincipalIdentity};

type KeyName = (Place, KeyId);

/// Where grants are looked for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct SlotName {
    key: KeyName,
    grantee: PrincipalIdentity,
    /// The hash of an [`Anchor`]. Two anchors in one slot do no harm, as what is found is looked at again.
    anchor: u64,
}

/// What the grants in a slot have in common, besides the source that they demand.
#[derive(Hash)]
enum Anchor<'a> {
    NoContext,
    Context(&'a Pairs),
    Pair(&'a str, &'a str),
}

/// The grants. Reads take no lock; writes come from one follower.
#[derive(Debug, Default)]
pub(crate) struct GrantIndex {
    placed: papaya::HashMap<GrantRowKey, Arc<Placed>>,
    slots: papaya::HashMap<SlotName, Arc<Slot>>,
    /// How many grants each key has that has any.
    counts: papaya::HashMap<KeyName, usize>,
    hasher: RandomState,
}

/// Where a grant stands: in one slot or two.
#[derive(Debug)]
struct Placed {
    grantee: PrincipalIdentity,
    grant: Arc<Grant>,
    places: Vec<(SlotName, Arc<Grant>)>,
}

impl GrantIndex {
    /// Whether there is such a grant.
    pub(crate) fn contains(&self, grant: &GrantRowKey) -> bool {
        self.placed.pin().contains_key(grant)
    }

    /// Whether the key has any grant.
    pub(crate) fn has_some(&self, key: &KeyArn) -> bool {
        self.counts.pin().contains_key(&key_name(key))
    }

    /// A grant on the key for this grantee that covers what is asked.
    pub(crate) fn find(&self, key: &KeyArn, grantee: &PrincipalIdentity, asked: &Asked) -> Option<Arc<Grant>> {
        let slots = self.slots.pin();
        let mut name = SlotName { key: key_name(key), grantee: grantee.clone(), anchor: 0 };
        let sources = [None, asked.source_arn.as_deref()];
        let sources = sources.get(..if asked.source_arn.is_some() { 2 } else { 1 }).unwrap_or_default();
        sources.iter().flat_map(|source| anchors(&asked.context).map(move |anchor| (source, anchor))).find_map(
            |(source, anchor)| {
                name.anchor = self.hasher.hash_one((source, anchor));
                slots.get(&name)?.find(asked)
            },
        )
    }

    /// Takes a row, or its end.
    pub(crate) fn apply(&self, key: &GrantRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        match value {
            Some(value) => self.insert(*key, &row::decode(value)?),
            None => self.remove(key),
        }
        Ok(())
    }

    /// Drops the grants for which `is_stored` is false.
    pub(crate) fn keep_only(&self, is_stored: &dyn Fn(&[u8]) -> bool) {
        for key in self.placed.pin().keys() {
            if !row::encode_key::<GrantRecord>(key).is_ok_and(|key| is_stored(&key)) {
                self.remove(key);
            }
        }
    }

    fn insert(&self, key: GrantRowKey, record: &GrantRecord) {
        let grantee = &record.grantee.identity;
        let grant = Arc::new(Grant::of(record));
        let placed = self.placed.pin();
        let before = placed.get(&key);
        if before.is_some_and(|before| before.grantee == *grantee && before.grant == grant) {
            return;
        }
        // The new place is taken before the old one is left, so that a request in between finds one of them.
        let parts = [Some(Arc::clone(&grant)), grant.without_context().map(Arc::new)].into_iter().flatten();
        let places = parts.map(|part| self.place(&key, grantee, part)).collect();
        let now = Placed { grantee: grantee.clone(), grant, places };
        match placed.insert(key, Arc::new(now)) {
            Some(before) => self.leave(before),
            None => self.count(&key, |count| count.saturating_add(1)),
        }
    }

    fn remove(&self, key: &GrantRowKey) {
        if let Some(before) = self.placed.pin().remove(key) {
            self.leave(before);
            self.count(key, |count| count.saturating_sub(1));
        }
    }

    /// Puts a grant, or a part of one, into its slot.
    fn place(&self, key: &GrantRowKey, grantee: &PrincipalIdentity, grant: Arc<Grant>) -> (SlotName, Arc<Grant>) {
        let slots = self.slots.pin();
        let name = |anchor: Anchor<'_>| SlotName {
            key: (key.place, key.key_id),
            grantee: grantee.clone(),
            anchor: self.hasher.hash_one((&grant.source_arn.as_deref(), anchor)),
        };
        let name = match &grant.context {
            None => name(Anchor::NoContext),
            Some(ContextConstraint::Equals(pairs)) => name(Anchor::Context(pairs)),
            Some(ContextConstraint::Subset(pairs)) => pairs
                .iter()
                .map(|(key, value)| name(Anchor::Pair(key, value)))
                .min_by_key(|name| slots.get(name).map_or(0, |slot| slot.len()))
                .unwrap_or_else(|| name(Anchor::NoContext)),
        };
        let slot = slots.get(&name).map_or_else(|| Slot::default().with(&grant), |slot| slot.with(&grant));
        slots.insert(name.clone(), Arc::new(slot));
        (name, grant)
    }

    fn leave(&self, placed: &Placed) {
        let slots = self.slots.pin();
        for (name, grant) in &placed.places {
            match slots.get(name).map(|slot| slot.without(grant)) {
                Some(slot) if slot.len() > 0 => slots.insert(name.clone(), Arc::new(slot)),
                _ => slots.remove(name),
            };
        }
    }

    fn count(&self, key: &GrantRowKey, change: impl FnOnce(usize) -> usize) {
        let (counts, name) = (self.counts.pin(), (key.place, key.key_id));
        match change(counts.get(&name).copied().unwrap_or_default()) {
            0 => counts.remove(&name),
            count => counts.insert(name, count),
        };
    }
}

/// Where grants for a request with these pairs can be.
fn anchors(pairs: &Pairs) -> impl Iterator<Item = Anchor<'_>> {
    let whole = (!pairs.is_empty()).then_some(Anchor::Context(pairs));
    let single = pairs.iter().map(|(key, value)| Anchor::Pair(key, value));
    std::iter::once(Anchor::NoContext).chain(whole).chain(single)
}

fn key_name(key: &KeyArn) -> KeyName {
    (Place { region: key.region, account: key.account }, key.key_id)
}

/// Grants in one chunk at most: what a change copies.
const CHUNK_LEN_MAX: usize = 128;

/// The grants under one name, each counted; changed by copying one chunk.
#[derive(Clone, Debug, Default)]
struct Slot {
    chunks: Vec<Arc<[Counted]>>,
}

/// What one grant allows, or several that allow the same.
#[derive(Clone, Debug)]
struct Counted {
    grant: Arc<Grant>,
    count: u32,
}

impl Slot {
    /// How many different ones there are.
    fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
    }

    fn find(&self, asked: &Asked) -> Option<Arc<Grant>> {
        self.all().find(|counted| counted.grant.covers(asked)).map(|counted| Arc::clone(&counted.grant))
    }

    fn all(&self) -> impl Iterator<Item = &Counted> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// The chunk that has such a grant.
    fn chunk_of(&self, grant: &Grant) -> Option<usize> {
        self.chunks.iter().position(|chunk| chunk.iter().any(|counted| *counted.grant == *grant))
    }

    fn with(&self, grant: &Arc<Grant>) -> Self {
        let mut slot = self.clone();
        let has_room = |chunk: &Arc<[Counted]>| chunk.len() < CHUNK_LEN_MAX;
        let same = self.chunk_of(grant);
        let at = same.or_else(|| self.chunks.iter().position(has_room));
        match at.and_then(|at| slot.chunks.get_mut(at)) {
            Some(chunk) if same.is_some() => *chunk = counted(chunk, grant, |count| count.saturating_add(1)),
            Some(chunk) => *chunk = chunk.iter().cloned().chain([one(grant)]).collect(),
            None => slot.chunks.push(Arc::new([one(grant)])),
        }
        slot
    }

    fn without(&self, grant: &Grant) -> Self {
        let mut slot = self.clone();
        if let Some(chunk) = self.chunk_of(grant).and_then(|at| slot.chunks.get_mut(at)) {
            *chunk = counted(chunk, grant, |count| count.saturating_sub(1));
        }
        slot.chunks.retain(|chunk| !chunk.is_empty());
        slot
    }
}

fn one(grant: &Arc<Grant>) -> Counted {
    Counted { grant: Arc::clone(grant), count: 1 }
}

/// The chunk with another count of one grant; without it when that is none.
fn counted(chunk: &[Counted], grant: &Grant, change: impl Fn(u32) -> u32) -> Arc<[Counted]> {
    let changed = |entry: &Counted| match *entry.grant == *grant {
        true => Counted { grant: Arc::clone(&entry.grant), count: change(entry.count) },
        false => entry.clone(),
    };
    chunk.iter().map(changed).filter(|entry| entry.count > 0).collect()
}
