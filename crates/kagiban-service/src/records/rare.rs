//! Properties that few keys have: eight bytes each in the others.
//!
//! A key in memory is mostly what it does not have. A view holds a million of them, where an empty list of 24 bytes counts.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::key::{ImportedMaterial, Rotation};

/// What nearly every key has of a property.
pub(crate) trait Usual: Default + PartialEq + 'static {
    /// The value that needs no memory.
    const USUAL: &'static Self;
}

impl Usual for String {
    const USUAL: &'static Self = &Self::new();
}

impl Usual for BTreeMap<String, String> {
    const USUAL: &'static Self = &Self::new();
}

impl Usual for Vec<ImportedMaterial> {
    const USUAL: &'static Self = &Self::new();
}

impl Usual for Rotation {
    const USUAL: &'static Self = &Self { automatic: None, count: 0, on_demand_count: 0 };
}

/// A property, in memory of its own unless it is the usual one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rare<T>(Option<Box<T>>);

impl<T: Usual> Rare<T> {
    /// Whether it is the usual one.
    pub(crate) fn is_usual(&self) -> bool {
        **self == *T::USUAL
    }
}

impl<T: Usual> From<T> for Rare<T> {
    fn from(value: T) -> Self {
        Self((value != *T::USUAL).then(|| Box::new(value)))
    }
}

impl<T: Usual> Deref for Rare<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::USUAL)
    }
}

impl<T: Usual> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Usual> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Usual + Serialize> Serialize for Rare<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Usual + Deserialize<'de>> Deserialize<'de> for Rare<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_takes_no_memory_and_reads_the_same() {
        let mut text = Rare::from(String::new());
        assert!(text.0.is_none() && text.is_usual() && text.is_empty());
        text.push('a');
        assert_eq!((text.as_str(), text.is_usual()), ("a", false));
        text.clear();
        // Whether it has memory of its own is nobody's concern.
        assert!(text.0.is_some() && text.is_usual());
        assert_eq!(text, Rare::default());
        for (json, is_usual) in [(r#""""#, true), (r#""first""#, false)] {
            let read: Rare<String> = serde_json::from_str(json).unwrap();
            assert_eq!((read.0.is_none(), read.is_usual()), (is_usual, is_usual), "{json}");
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
        }
    }

    #[test]
    fn a_default_is_what_is_usual() {
        assert_eq!(Rotation::USUAL, &Rotation::default());
        assert_eq!(<Vec<ImportedMaterial>>::USUAL, &Vec::new());
        assert_eq!(<BTreeMap<String, String>>::USUAL, &BTreeMap::new());
    }
}
