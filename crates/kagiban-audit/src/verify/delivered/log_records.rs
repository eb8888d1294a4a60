//! The records of a log file, as far as they are compared.

use kagiban_base::id::RequestId;
use kagiban_base::time::Timestamp;
use serde::Deserialize;

use crate::sha256;

/// What a record says, short.
pub(super) type Content = [u8; 8];

/// A record in a log file.
pub(super) struct Written {
    /// The event's number.
    pub(super) id: [u8; 16],
    pub(super) time: Timestamp,
    pub(super) content: Content,
}

/// The records of a log file; `None` when it is none.
pub(super) fn records(file: &[u8]) -> Option<Vec<Written>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Head<'a> {
        #[serde(rename = "eventID", borrow)]
        id: &'a str,
        event_time: &'a str,
    }
    let mut rest = file.strip_prefix(b"{\"Records\":[")?.strip_suffix(b"]}")?;
    let mut records = Vec::new();
    while !rest.is_empty() {
        let mut stream = serde_json::Deserializer::from_slice(rest).into_iter::<Head<'_>>();
        let head = stream.next()?.ok()?;
        let (record, after) = rest.split_at_checked(stream.byte_offset())?;
        let time: String = head.event_time.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        records.push(Written {
            id: head.id.parse::<RequestId>().ok()?.bytes(),
            time: Timestamp::parse_basic_iso(&time)?,
            content: sha256::short(&[record]),
        });
        rest = match after {
            [] => after,
            [b',', next @ ..] if !next.is_empty() => next,
            _ => return None,
        };
    }
    Some(records)
}
