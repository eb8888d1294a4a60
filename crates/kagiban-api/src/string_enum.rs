//! Enums whose values have a name on the wire: what the generated ones share.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};

/// A closed set of names.
pub(crate) trait StringEnum: Copy + Sized + 'static {
    /// All values, in the model's order.
    const VALUES: &'static [Self];

    /// The name on the wire.
    fn name_of(self) -> &'static str;

    /// The value with this name.
    fn parse_name(text: &str) -> Option<Self>;
}

/// Reads a stored value by its wire name.
pub(crate) struct NameVisitor<T>(pub(crate) PhantomData<T>);

impl<T: StringEnum> Visitor<'_> for NameVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the wire name of an API value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::parse_name(text).ok_or_else(|| E::custom("not a value of this API type"))
    }
}

/// Defines an enum of wire names: variants, `ALL`, `as_str`, `parse`, Display, serde by wire name.
macro_rules! string_enum {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $wire:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name {
            $(#[doc = concat!("`", $wire, "`")] $variant,)+
        }

        impl $name {
            /// All values, in the model's order.
            pub const ALL: [Self; [$($wire),+].len()] = [$(Self::$variant),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $wire,)+
                }
            }

            /// The value with this name; case matters.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($wire => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl $crate::string_enum::StringEnum for $name {
            const VALUES: &'static [Self] = &Self::ALL;

            fn name_of(self) -> &'static str {
                self.as_str()
            }

            fn parse_name(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::string_enum::NameVisitor(std::marker::PhantomData))
            }
        }
    };
}

pub(crate) use string_enum;
