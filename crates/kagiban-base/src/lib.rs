//! Names, time, randomness and secrets: the ground all other crates stand on.
//!
//! Four subjects and nothing else; whatever is not a name, a time, a source of randomness or a secret has a better
//! home. Only [`os`] touches the world: it is the one home of the real clock and of the operating system's randomness.

pub mod arn;
pub mod event_id;
pub mod id;
pub mod os;
pub mod random;
pub mod secret;
pub mod time;
