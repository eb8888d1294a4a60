//! Records sorted by who gets a copy.

use std::collections::BTreeMap;

use kagiban_base::id::Region;

use super::layout::Place;
use super::state::TrailState;
use crate::record::{Record, RecordDamaged};
use crate::recorder::{Entry, Sequence};

/// The records of a batch by account and Region, each in their order.
pub type Copies<'a> = BTreeMap<Place, Vec<Record<'a>>>;

/// Sorts the records of a batch. A record of two accounts is in two places.
///
/// # Errors
/// The first record that cannot be read.
pub fn copies<'a>(
    entries: &'a [Entry],
    state: &TrailState,
    home: Region,
) -> Result<Copies<'a>, (Sequence, RecordDamaged)> {
    let mut copies = Copies::new();
    for entry in entries {
        let record = Record::decode(&entry.bytes).map_err(|error| (entry.sequence, error))?;
        for account in record.recipients() {
            let place = state.place(account, record.region, home, &copies);
            copies.entry(place).or_default().push(record.clone());
        }
    }
    Ok(copies)
}
