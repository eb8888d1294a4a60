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
use kagiban_storage::follower::ViewMap;

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
    placed: ViewMap<GrantRowKey, Arc<Placed>>,
    slots: ViewMap<SlotName, Arc<Slot>>,
    /// How many grants each key has that has any.
    counts: ViewMap<KeyName, usize>,
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

    /// Whether a grant on the key for this grantee covers what is asked.
    pub(crate) fn covers(&self, key: &KeyArn, grantee: &PrincipalIdentity, asked: &Asked) -> bool {
        let slots = self.slots.pin();
        let mut name = SlotName { key: key_name(key), grantee: grantee.clone(), anchor: 0 };
        let sources = [None, asked.source_arn.as_deref()];
        let sources = sources.get(..if asked.source_arn.is_some() { 2 } else { 1 }).unwrap_or_default();
        sources.iter().flat_map(|source| anchors(&asked.context).map(move |anchor| (source, anchor))).any(|place| {
            name.anchor = self.hasher.hash_one(place);
            slots.get(&name).is_some_and(|slot| slot.covers(asked))
        })
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

    fn covers(&self, asked: &Asked) -> bool {
        self.chunks.iter().flat_map(|chunk| chunk.iter()).any(|counted| counted.grant.covers(asked))
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kagiban_api::GrantOperation;
    use kagiban_base::time::Timestamp;

    use super::*;
    use crate::records::grant::{ConstraintsRecord, GrantId, GrantPrincipal};

    /// What one key can have.
    const MANY: u32 = 50_000;
    /// Enough to see how long slots get.
    const FEW: u32 = 5_000;

    fn key() -> KeyArn {
        "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555".parse().unwrap()
    }

    fn row_key(number: u32) -> GrantRowKey {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        GrantRowKey::new(&key(), GrantId::from_bytes(bytes))
    }

    fn map(text: &str) -> BTreeMap<String, String> {
        let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn someone(text: &str) -> PrincipalIdentity {
        text.parse().unwrap()
    }

    /// `111122223333 Decrypt,DescribeKey subset a=1`
    fn record(text: &str) -> GrantRecord {
        let mut parts = text.splitn(4, ' ');
        let mut next = || parts.next().unwrap_or_default();
        let (grantee, operations, kind, pairs) = (next(), next(), next(), next());
        let operation = |name: &str| GrantOperation::parse(name).unwrap();
        GrantRecord {
            created: Timestamp::from_unix_ms(0),
            issuer: "111122223333".parse().unwrap(),
            grantee: GrantPrincipal { given: String::new(), identity: someone(grantee) },
            retiring: None,
            operations: operations.split(',').map(operation).collect(),
            constraints: ConstraintsRecord {
                encryption_context_equals: (kind == "equals").then(|| map(pairs)),
                encryption_context_subset: (kind == "subset").then(|| map(pairs)),
                source_arn: (kind == "source").then(|| pairs.to_owned()),
            },
            name: None,
        }
    }

    fn put(index: &GrantIndex, number: u32, text: &str) {
        index.apply(&row_key(number), Some(&row::encode(&record(text)).unwrap())).unwrap();
    }

    /// `111122223333 Decrypt a=1 b=2`
    fn covers(index: &GrantIndex, text: &str) -> bool {
        let mut parts = text.splitn(3, ' ');
        let mut next = || parts.next().unwrap_or_default();
        let (grantee, operation, context) = (next(), next(), next());
        let operation = GrantOperation::parse(operation).unwrap();
        let asked = Asked { operation, context: Pairs::of(&map(context)), source_arn: None, child: None };
        index.covers(&key(), &someone(grantee), &asked)
    }

    /// The index empties itself: nothing is left of grants that have ended.
    fn assert_empty(index: &GrantIndex) {
        assert!(index.placed.pin().is_empty() && index.slots.pin().is_empty() && index.counts.pin().is_empty());
        assert!(!index.has_some(&key()));
    }

    #[test]
    fn a_grant_is_there_from_its_row_to_its_end() {
        let index = GrantIndex::default();
        let grants = [
            ("111122223333 Decrypt", "111122223333 Decrypt"),
            ("111122223333 Encrypt,DescribeKey subset a=1 b=2", "111122223333 Encrypt c=3 b=2 a=1"),
            ("111122223333 Encrypt,DescribeKey subset a=1 b=2", "111122223333 DescribeKey"),
            ("AIDAAAAAAAAAAAAAAAAAA Decrypt equals a=1 b=2", "AIDAAAAAAAAAAAAAAAAAA Decrypt a=1 b=2"),
            ("AIDAAAAAAAAAAAAAAAAAA Decrypt equals a=1 b=2", "AIDAAAAAAAAAAAAAAAAAA Decrypt B=2 A=1"),
        ];
        for (grant, asked) in grants {
            assert!(!covers(&index, asked), "{asked}");
            // A row may come more than once; each ends once.
            for _ in 0..3 {
                put(&index, 1, grant);
                assert!(covers(&index, asked), "{asked}");
            }
            assert!(index.contains(&row_key(1)) && index.has_some(&key()));
            put(&index, 2, grant);
            index.apply(&row_key(1), None).unwrap();
            assert!(covers(&index, asked), "{asked}");
            index.apply(&row_key(2), None).unwrap();
            index.apply(&row_key(2), None).unwrap();
            assert!(!covers(&index, asked) && !index.contains(&row_key(1)), "{asked}");
            assert_empty(&index);
        }
    }

    #[test]
    fn only_what_is_asked_for_is_found() {
        let index = GrantIndex::default();
        put(&index, 1, "111122223333 Decrypt subset a=1 b=2");
        put(&index, 2, "AIDAAAAAAAAAAAAAAAAAA Decrypt,DescribeKey equals a=1");
        put(&index, 3, "AROAAAAAAAAAAAAAAAAAA Decrypt source arn:aws:s3:us-east-1:111122223333:bucket");
        for asked in [
            "111122223333 Decrypt",
            "111122223333 Decrypt a=1",
            "111122223333 Decrypt b=2",
            "111122223333 Encrypt a=1 b=2",
            "111122223333 DescribeKey",
            "111122223334 Decrypt a=1 b=2",
            "AIDAAAAAAAAAAAAAAAAAA Decrypt a=1 b=2",
            "AIDAAAAAAAAAAAAAAAAAA Decrypt",
            "AIDAAAAAAAAAAAAAAAAAB DescribeKey",
            "AROAAAAAAAAAAAAAAAAAA Decrypt",
            "AROAAAAAAAAAAAAAAAAAA:s1 Decrypt",
        ] {
            assert!(!covers(&index, asked), "{asked}");
        }
    }

    #[test]
    fn what_is_not_stored_any_more_goes() {
        let index = GrantIndex::default();
        for number in 0..300 {
            put(&index, number, "111122223333 Decrypt");
        }
        let kept = row::encode_key::<GrantRecord>(&row_key(7)).unwrap();
        index.keep_only(&|row| row == kept);
        assert!(index.contains(&row_key(7)) && !index.contains(&row_key(8)));
        assert!(covers(&index, "111122223333 Decrypt"));
        index.keep_only(&|_| false);
        assert_empty(&index);
    }

    /// However a key's fifty thousand grants are made, no slot that a request looks into is long.
    #[test]
    fn fifty_thousand_grants_on_one_key_stay_quick() {
        type Make = fn(u32) -> String;
        // How the grants are; what is asked and allowed; what is asked and not allowed.
        let ways: [(Make, u32, &str, &str); 6] = [
            (|_| "111122223333 Decrypt".to_owned(), FEW, "111122223333 Decrypt", "111122223333 Encrypt"),
            (|n| format!("{n:012} Decrypt"), FEW, "000000004999 Decrypt", "000000005000 Decrypt"),
            (
                |n| format!("111122223333 Decrypt,DescribeKey subset app=x tenant={n}"),
                MANY,
                "111122223333 Decrypt app=x tenant=49999 z=1",
                "111122223333 Decrypt app=x z=1",
            ),
            (
                |n| format!("111122223333 Decrypt,DescribeKey equals app=x tenant={n}"),
                FEW,
                "111122223333 Decrypt app=x tenant=4999",
                "111122223333 Decrypt app=x tenant=4999 z=1",
            ),
            (
                |_| "111122223333 Decrypt,DescribeKey subset app=x tenant=y".to_owned(),
                FEW,
                "111122223333 Decrypt app=x tenant=y",
                "111122223333 Decrypt app=x tenant=z",
            ),
            (
                |n| format!("111122223333 Decrypt,DescribeKey subset app=x{} tenant={n}", n % 2),
                FEW,
                "111122223333 DescribeKey",
                "111122223333 Encrypt app=x1 tenant=1",
            ),
        ];
        for (make, count, allowed, denied) in ways {
            let index = GrantIndex::default();
            (0..count).for_each(|number| index.insert(row_key(number), &record(&make(number))));
            let longest = index.slots.pin().values().map(|slot| slot.len()).max().unwrap();
            assert!(longest <= 2, "{longest} for {}", make(1));
            assert!(covers(&index, allowed) && !covers(&index, denied), "{allowed}");
            (0..count).step_by(1_000).for_each(|number| index.apply(&row_key(number), None).unwrap());
            assert!(covers(&index, allowed) && !covers(&index, denied), "{allowed}");
        }
    }

    /// The worst that can be made: one slot with as many different grants as there are sets of operations.
    #[test]
    fn a_long_slot_is_changed_chunk_by_chunk() {
        let names = ["Decrypt", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo", "CreateGrant", "Verify"];
        let operations = |set: usize| {
            let chosen = names.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, name)| *name);
            chosen.chain(["Sign"]).collect::<Vec<_>>().join(",")
        };
        let mut slot = Slot::default();
        let grants: Vec<_> =
            (0..128).map(|set| Grant::of(&record(&format!("111122223333 {}", operations(set))))).collect();
        let source =
            |grant: &Grant, number: usize| Grant { source_arn: Some(number.to_string().into()), ..grant.clone() };
        let all: Vec<_> = (0..10).flat_map(|n| grants.iter().map(move |grant| Arc::new(source(grant, n)))).collect();
        for grant in &all {
            slot = slot.with(grant).with(grant);
        }
        assert_eq!((slot.len(), slot.chunks.len()), (1_280, 10));
        // A change copies the chunk that it is in, and no other.
        let changed = slot.without(&all[500]);
        let shared = slot.chunks.iter().zip(&changed.chunks).filter(|(one, other)| Arc::ptr_eq(one, other)).count();
        assert_eq!(shared, 9);
        for grant in &all {
            slot = slot.without(grant);
        }
        assert_eq!(slot.len(), 1_280);
        for grant in &all {
            slot = slot.without(grant).without(grant);
        }
        assert_eq!((slot.len(), slot.chunks.len()), (0, 0));
    }
}
