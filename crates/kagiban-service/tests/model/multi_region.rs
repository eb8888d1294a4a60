//! Sets of related keys: what a key knows of its set, and how the jobs bring the keys of a set to the same.
//!
//! Between two runs of the jobs a replica may know less than its primary; one run settles everything, as all Regions are of
//! one deployment.

use serde_json::{Value, json};

use crate::key::{DAY_MS, Key};
use crate::model::{ACCOUNT, Model};
use crate::states::State;

/// What a multi-Region key knows of its set.
#[derive(Clone, Debug)]
pub(crate) struct Set {
    pub(crate) is_primary: bool,
    /// The Region of the primary.
    pub(crate) primary: &'static str,
    /// Those of the replicas, in order.
    pub(crate) replicas: Vec<&'static str>,
    /// A rotation that waits for all replicas: its beginning and its type.
    pub(crate) rotating: Option<(i64, &'static str)>,
    /// The Region that the primary role goes to.
    pub(crate) successor: Option<&'static str>,
}

impl Set {
    /// That of a new primary.
    pub(crate) fn new(primary: &'static str) -> Self {
        Self { is_primary: true, primary, replicas: Vec::new(), rotating: None, successor: None }
    }

    /// As DescribeKey shows it.
    pub(crate) fn shown(&self, key_id: &str) -> Value {
        let of =
            |region: &str| json!({"Arn": format!("arn:aws:kms:{region}:{ACCOUNT}:key/{key_id}"), "Region": region});
        json!({
            "MultiRegionKeyType": if self.is_primary { "PRIMARY" } else { "REPLICA" },
            "PrimaryKey": of(self.primary),
            "ReplicaKeys": self.replicas.iter().map(|region| of(region)).collect::<Vec<_>>(),
        })
    }
}

impl Key {
    /// Whether it is a primary with replicas.
    pub(crate) fn has_replicas(&self) -> bool {
        self.set.as_ref().is_some_and(|set| set.is_primary && !set.replicas.is_empty())
    }

    /// Whether its rotation is its own business: a replica's is not.
    pub(crate) fn rotates_itself(&self) -> bool {
        self.set.as_ref().is_none_or(|set| set.is_primary && set.rotating.is_none())
    }

    /// Begins a rotation, or does it where nobody has to be waited for. Whether there was material for it.
    pub(crate) fn begin_rotation(&mut self, now: i64, how: &'static str) -> bool {
        if !self.has_replicas() {
            return self.rotate(now, how);
        }
        if let Some(set) = &mut self.set {
            set.rotating = Some((now, how));
        }
        true
    }

    /// Takes over what is shared.
    fn follow(&mut self, primary: &Self) {
        let (Some(set), Some(of)) = (&mut self.set, &primary.set) else { return };
        set.primary = of.primary;
        set.replicas.clone_from(&of.replicas);
        set.rotating = of.rotating;
        self.materials.clone_from(&primary.materials);
        self.schedule = primary.schedule;
        self.on_demand = primary.on_demand;
        if primary.public_key.is_some() {
            self.public_key.clone_from(&primary.public_key);
        }
        if self.state == State::Creating {
            self.state = State::Enabled;
        }
    }
}

impl Model {
    /// The key of the same set in a Region.
    pub(crate) fn related(&self, key_id: &str, region: &str) -> Option<u32> {
        self.keys.iter().find(|(_, key)| key.id == key_id && key.region == region).map(|(number, _)| *number)
    }

    /// A replica is gone; with the last one the waiting period of its primary begins.
    pub(crate) fn let_go(&mut self, gone: &Key) {
        let now = self.now;
        for key in self.keys.values_mut().filter(|key| key.id == gone.id) {
            let Some(set) = key.set.as_mut().filter(|set| set.is_primary) else { continue };
            set.replicas.retain(|region| *region != gone.region);
            if set.replicas.is_empty() && key.state == State::PendingReplicaDeletion {
                key.state = State::PendingDeletion;
                key.deletion_date = key.window_days.take().map(|days| now + days * DAY_MS);
            }
        }
    }

    /// The jobs of all sets: rotations end, roles move, replicas follow.
    pub(crate) fn synchronise(&mut self) {
        let primaries: Vec<u32> =
            self.keys.iter().filter(|(_, key)| is_primary(key)).map(|(number, _)| *number).collect();
        for number in primaries {
            self.end_rotations(number);
            let number = self.hand_over(number).unwrap_or(number);
            let primary = self.keys[&number].clone();
            let replicas = self.keys.iter_mut().filter(|(other, key)| **other != number && key.id == primary.id);
            replicas.for_each(|(_, key)| key.follow(&primary));
        }
    }

    /// A rotation that is under way ends; then one can be due again.
    fn end_rotations(&mut self, number: u32) {
        let now = self.now;
        let key = self.keys.get_mut(&number).expect("a live key");
        while matches!(key.state, State::Enabled | State::Updating) {
            match key.set.as_mut().and_then(|set| set.rotating.take()) {
                Some((_, how)) => key.rotate(now, how),
                None => return,
            };
            key.rotate_if_due(now);
        }
    }

    /// The role moves to the successor, if there is one.
    fn hand_over(&mut self, number: u32) -> Option<u32> {
        let old = self.keys.get_mut(&number)?;
        let set = old.set.as_mut()?;
        let region = set.successor.take()?;
        set.is_primary = false;
        set.primary = region;
        set.replicas.retain(|replica| *replica != region);
        set.replicas.push(old.region);
        set.replicas.sort_unstable();
        if old.state == State::Updating {
            old.state = State::Enabled;
        }
        let old = old.clone();
        let successor = self.related(&old.id, region)?;
        let new = self.keys.get_mut(&successor)?;
        new.follow(&old);
        new.set.as_mut()?.is_primary = true;
        if new.state == State::Updating {
            new.state = State::Enabled;
        }
        Some(successor)
    }
}

fn is_primary(key: &Key) -> bool {
    key.set.as_ref().is_some_and(|set| set.is_primary)
}
