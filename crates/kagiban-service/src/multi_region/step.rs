//! What related keys tell each other: steps and their answers, as values and as bytes.
//!
//! A step says all that its receiver needs, so that it can be lost, repeated or late. Key material goes beside the message
//! and never through a serialiser, whose buffers nobody wipes. In the clear it is in memory only: whoever sends the bytes
//! anywhere seals them.

use std::collections::BTreeMap;

use kagiban_api::{KeyMaterialState, KeySpec, KeyUsageType, OriginType};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyMaterialId, Region};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_storage::json::{optional_base64_bytes, optional_text, text, time_ms};
use serde::{Deserialize, Serialize};

use crate::records::key::Rotation;
use crate::records::multi_region::{Age, StartedRotation};
use crate::records::rotation::RotationRecord;

/// Bytes of a step at most: a page of RSA keys and a policy, several times over.
const STEP_BYTES_MAX: usize = 1 << 20;

/// A message to a related key.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) head: Head,
    /// The materials that the message speaks of, in its order.
    pub(crate) materials: Vec<SecretBytes>,
}

/// A step without its secrets.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    /// The key that it is for.
    #[serde(with = "text")]
    pub(crate) to: KeyArn,
    /// The Region of the related key that sends it.
    #[serde(with = "text")]
    pub(crate) from: Region,
    pub(crate) message: Message,
}

/// What a step is about.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum Message {
    /// From a primary: be its new replica.
    Create(Box<Creation>),
    /// From a replica: it is gone.
    Left,
    /// From an old primary: be the primary.
    Promote(Box<Shared>),
    /// From a primary: could you be the primary?
    Ready,
    /// From a replica: the imported material waiting for its rotation that it has.
    Report(#[serde(with = "optional_text")] Option<KeyMaterialId>),
    /// From a primary: have these shared properties.
    State(Box<State>),
}

/// A replica that is to be made.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Creation {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    pub(crate) description: String,
    pub(crate) key_spec: KeySpec,
    pub(crate) key_usage: KeyUsageType,
    pub(crate) origin: OriginType,
    pub(crate) policy: String,
    pub(crate) shared: Shared,
    pub(crate) tags: BTreeMap<String, String>,
}

/// The shared properties, and a page of the history of materials.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) shared: Shared,
    /// The number of the page's first entry.
    pub(crate) first: u32,
    pub(crate) page: Vec<Entry>,
    /// How many entries there are in all.
    pub(crate) history_len: u32,
}

/// The properties that related keys share, but for those that never change.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shared {
    pub(crate) age: Age,
    #[serde(with = "text")]
    pub(crate) primary: Region,
    pub(crate) replicas: Vec<SharedReplica>,
    #[serde(with = "optional_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) current_material: Option<KeyMaterialId>,
    #[serde(with = "optional_base64_bytes", default, skip_serializing_if = "Option::is_none")]
    pub(crate) public_key: Option<Vec<u8>>,
    pub(crate) imports: Vec<SharedImport>,
    pub(crate) rotation: Rotation,
    pub(crate) rotating: Option<StartedRotation>,
    /// The material before the first rotation, if there was one.
    #[serde(with = "optional_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_material: Option<KeyMaterialId>,
}

/// A replica, as all related keys know it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedReplica {
    #[serde(with = "text")]
    pub(crate) region: Region,
    #[serde(with = "optional_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) holds: Option<KeyMaterialId>,
}

/// Imported material, as all related keys know it; whether it is there and how long is each key's own.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedImport {
    #[serde(with = "text")]
    pub(crate) id: KeyMaterialId,
    pub(crate) state: KeyMaterialState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

/// One entry of the history of materials.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) record: RotationRecord,
    /// When the material came to be; absent for imported material, which does not travel.
    #[serde(with = "kagiban_storage::json::optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<Timestamp>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Answer {
    /// There is no such key, or it belongs to no set.
    Absent,
    /// A related key cannot be made: there is one.
    Exists,
    /// What the step is for holds, by it or before it.
    Done,
    /// Not from whom the step came, or not of that age.
    Refused,
    /// The history is to be sent from this entry on.
    Lacks(u32),
    /// Not now: the key is being deleted, or its role moves.
    Later,
    /// This key is not the primary; as far as it knows, the one in that Region is.
    PrimaryIn(#[serde(with = "text")] Region),
}

/// Bytes are no step, or no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("these bytes are no message between related keys")]
pub(crate) struct Malformed;

impl Step {
    /// The step as bytes: the head as JSON and each material, each behind its length in four bytes. Holds material in the
    /// clear.
    ///
    /// # Errors
    /// [`Malformed`] for one that is too long.
    pub(crate) fn encode(&self) -> Result<SecretBytes, Malformed> {
        let head = serde_json::to_vec(&self.head).map_err(|_| Malformed)?;
        let parts = || std::iter::once(head.as_slice()).chain(self.materials.iter().map(SecretBytes::expose));
        let len = parts().map(|part| part.len().saturating_add(4)).sum();
        if len > STEP_BYTES_MAX {
            return Err(Malformed);
        }
        let mut bytes = Vec::with_capacity(len);
        for part in parts() {
            let part_len = u32::try_from(part.len()).map_err(|_| Malformed)?;
            bytes.extend_from_slice(&part_len.to_be_bytes());
            bytes.extend_from_slice(part);
        }
        Ok(SecretBytes::new(bytes))
    }

    /// The step that bytes stand for. That material is well-formed is for its receiver to see.
    ///
    /// # Errors
    /// [`Malformed`].
    pub(crate) fn decode(bytes: &SecretBytes) -> Result<Self, Malformed> {
        let mut rest = bytes.expose();
        if rest.len() > STEP_BYTES_MAX {
            return Err(Malformed);
        }
        let head = serde_json::from_slice(take(&mut rest)?).map_err(|_| Malformed)?;
        let mut materials = Vec::new();
        while !rest.is_empty() {
            materials.push(SecretBytes::from_slice(take(&mut rest)?));
        }
        Ok(Self { head, materials })
    }
}

impl Answer {
    /// The answer as bytes.
    ///
    /// # Errors
    /// [`Malformed`], never in fact.
    pub(crate) fn encode(self) -> Result<Vec<u8>, Malformed> {
        serde_json::to_vec(&self).map_err(|_| Malformed)
    }

    /// The answer that bytes stand for.
    ///
    /// # Errors
    /// [`Malformed`].
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        serde_json::from_slice(bytes).map_err(|_| Malformed)
    }
}

/// The next part.
fn take<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], Malformed> {
    let (len, behind) = rest.split_first_chunk::<4>().ok_or(Malformed)?;
    let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| Malformed)?;
    let (part, behind) = behind.split_at_checked(len).ok_or(Malformed)?;
    *rest = behind;
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(materials: Vec<SecretBytes>) -> Step {
        let to = "arn:aws:kms:eu-west-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef".parse().unwrap();
        let head = Head { to, from: "us-east-1".parse().unwrap(), message: Message::Left };
        Step { head, materials }
    }

    #[test]
    fn steps_and_answers_come_back_from_their_bytes() {
        for materials in [vec![], vec![vec![1, 2, 3]], vec![vec![], vec![4; 5000]]] {
            let sent = step(materials.iter().map(|bytes| SecretBytes::from_slice(bytes)).collect());
            let read = Step::decode(&sent.encode().unwrap()).unwrap();
            assert_eq!(read.head, sent.head);
            assert_eq!(read.materials.iter().map(|secret| secret.expose().to_vec()).collect::<Vec<_>>(), materials);
        }
        let region = "eu-west-1".parse().unwrap();
        for answer in [Answer::Absent, Answer::Done, Answer::Lacks(7), Answer::PrimaryIn(region)] {
            assert_eq!(Answer::decode(&answer.encode().unwrap()), Ok(answer));
        }
    }

    #[test]
    fn bytes_that_are_no_step_are_refused_whatever_is_wrong() {
        let whole = step(vec![SecretBytes::from_slice(&[7; 40])]).encode().unwrap();
        let whole = whole.expose();
        for len in 0..whole.len() {
            let cut = SecretBytes::from_slice(&whole[..len]);
            // Without its last part it is a step without material.
            assert_eq!(Step::decode(&cut).is_ok(), len == whole.len() - 44, "{len}");
        }
        let long = SecretBytes::zeroed(STEP_BYTES_MAX + 1);
        assert!(Step::decode(&long).is_err() && step(vec![long]).encode().is_err());
        for head in [&b"{}"[..], b"null", br#"{"to":"x","from":"us-east-1","message":"Left"}"#] {
            let bytes = [&u32::try_from(head.len()).unwrap().to_be_bytes(), head].concat();
            assert!(Step::decode(&SecretBytes::new(bytes)).is_err());
        }
        assert!(Answer::decode(b"\"Other\"").is_err());
    }
}
