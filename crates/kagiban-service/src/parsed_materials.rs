//! Parsed private keys and HMAC keys, kept so that using one costs the primitive and not the parsing.
//!
//! Bounded, and wiped when dropped. What is given out is good for the wrapped value that the asker holds, so a material that
//! was deleted or changed is never used. Which values are current, the view knows: this belongs to it.

use std::fmt;
use std::sync::Arc;

use kagiban_keycore::hierarchy::WrappedSecret;
use kagiban_keycore::material::KeyMaterial;
use kagiban_storage::follower::ViewMap;

use crate::held_keys::MaterialName;

/// Entries kept at most, but for some when several are put in at once. The largest, RSA 4096, takes some ten kilobytes.
const ENTRIES_MAX: usize = 1024;

/// The parsed materials.
#[derive(Default)]
pub(crate) struct ParsedMaterials(ViewMap<MaterialName, Entry>);

struct Entry {
    /// What it was parsed from.
    wrapped: WrappedSecret,
    material: Arc<KeyMaterial>,
}

impl ParsedMaterials {
    /// What was parsed from this value. Two that are equal hold the same: each wrapping has a nonce of its own.
    pub(crate) fn find(&self, name: &MaterialName, wrapped: &WrappedSecret) -> Option<Arc<KeyMaterial>> {
        let entries = self.0.pin();
        let entry = entries.get(name).filter(|entry| entry.wrapped == *wrapped)?;
        Some(Arc::clone(&entry.material))
    }

    /// Keeps a material; a full cache loses an arbitrary half of what it has first.
    pub(crate) fn keep(&self, name: MaterialName, wrapped: WrappedSecret, material: Arc<KeyMaterial>) {
        let entries = self.0.pin();
        if entries.len() >= ENTRIES_MAX {
            for name in entries.keys().take(ENTRIES_MAX / 2) {
                entries.remove(name);
            }
        }
        entries.insert(name, Entry { wrapped, material });
    }

    /// Lets go of a material.
    pub(crate) fn forget(&self, name: &MaterialName) {
        self.0.pin().remove(name);
    }

    /// Lets go of what is not wanted.
    pub(crate) fn keep_only(&self, is_wanted: impl Fn(&MaterialName) -> bool) {
        self.0.pin().retain(|name, _| is_wanted(name));
    }
}

impl fmt::Debug for ParsedMaterials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParsedMaterials({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;
    use std::thread;

    use kagiban_base::id::KeyMaterialId;
    use kagiban_base::os::OsRandom;
    use kagiban_keycore::spec::KeySpec;

    use super::*;

    fn name(number: usize) -> MaterialName {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let key_id = "11111111-2222-4333-8444-555555555555".parse().unwrap();
        ("us-east-1".parse().unwrap(), key_id, KeyMaterialId::from_bytes(id))
    }

    fn wrapped(byte: u8) -> WrappedSecret {
        WrappedSecret::decode(&[&[1][..], &[byte; 99]].concat()).unwrap()
    }

    fn material() -> Arc<KeyMaterial> {
        Arc::new(KeyMaterial::generate(KeySpec::Hmac224, &OsRandom).unwrap())
    }

    #[test]
    fn a_material_is_good_for_the_value_it_was_parsed_from() {
        let (parsed, one, other) = (ParsedMaterials::default(), wrapped(1), wrapped(2));
        parsed.keep(name(1), one.clone(), material());
        assert!(parsed.find(&name(1), &one).is_some());
        assert!(parsed.find(&name(1), &other).is_none());
        assert!(parsed.find(&name(2), &one).is_none());
        // The later one takes its place.
        parsed.keep(name(1), other.clone(), material());
        assert!(parsed.find(&name(1), &one).is_none());
        assert!(parsed.find(&name(1), &other).is_some());
        assert_eq!(parsed.0.len(), 1);
    }

    #[test]
    fn a_forgotten_material_is_gone() {
        let (parsed, wrapped) = (ParsedMaterials::default(), wrapped(1));
        for number in 0..3 {
            parsed.keep(name(number), wrapped.clone(), material());
        }
        parsed.forget(&name(1));
        assert!(parsed.find(&name(1), &wrapped).is_none());
        parsed.keep_only(|kept| *kept == name(2));
        assert!(parsed.find(&name(0), &wrapped).is_none());
        assert!(parsed.find(&name(2), &wrapped).is_some());
    }

    #[test]
    fn a_full_cache_makes_room_and_keeps_the_newest() {
        let (parsed, wrapped, material) = (ParsedMaterials::default(), wrapped(1), material());
        for number in 0..3 * ENTRIES_MAX {
            parsed.keep(name(number), wrapped.clone(), Arc::clone(&material));
            assert!(parsed.find(&name(number), &wrapped).is_some(), "{number}");
            assert!(parsed.0.len() <= ENTRIES_MAX, "{number}");
        }
        assert!(parsed.0.len() > ENTRIES_MAX / 2);
    }

    #[test]
    fn many_at_once_stay_within_the_bound() {
        const THREADS: usize = 4;
        let (parsed, wrapped, material) = (ParsedMaterials::default(), wrapped(1), material());
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (parsed, wrapped, material) = (&parsed, &wrapped, &material);
                scope.spawn(move || {
                    for number in 0..ENTRIES_MAX {
                        let name = name(thread * ENTRIES_MAX + number);
                        parsed.keep(name, wrapped.clone(), Arc::clone(material));
                        assert!(parsed.0.len() <= ENTRIES_MAX + THREADS);
                    }
                });
            }
        });
    }

    /// Dropping is wiping, so the cache must not be what keeps a material alive.
    #[test]
    fn dropping_the_cache_drops_what_is_in_it() {
        let (parsed, material) = (ParsedMaterials::default(), material());
        let alive: Weak<KeyMaterial> = Arc::downgrade(&material);
        parsed.keep(name(1), wrapped(1), material);
        assert!(alive.upgrade().is_some());
        drop(parsed);
        assert!(alive.upgrade().is_none());
    }
}
