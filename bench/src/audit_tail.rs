//! The end of a journal that no archive has yet, written by the product's own journal: as long as the archiver lets it become.
//!
//! A journal begins with record 1. To be the end of a month, its records are moved on in place afterwards: the place stands
//! beside each record and is no part of its checksum.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use kagiban_audit::archive::Source;
use kagiban_audit::journal::{Journal, Options};
use kagiban_audit::search::{Bounds, Field, Query, Scan, Search, Term};
use kagiban_audit::signing::Signer;
use kagiban_audit::{Recorder, Sequence};
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::time::Timestamp;

use crate::Failure;
use crate::audit_records::{Records, key_arn};

/// Bytes before the first record of a segment, and before each record; where in those its place is.
const SEGMENT_HEADER: usize = 64;
const FRAME_HEADER: usize = 16;
const PLACE: usize = 8;

/// What is to be written.
pub struct Wanted {
    /// The last record before.
    pub after: Sequence,
    /// When the first one was made; each is a millisecond later than the one before.
    pub begin_ms: i64,
    /// Bytes of segments.
    pub bytes: u64,
    /// A key that one record is of, the 777th.
    pub key: u64,
}

/// What was written.
#[derive(Default)]
pub struct Tail {
    /// Records.
    pub records: u64,
    /// Bytes of segments.
    pub bytes: u64,
    /// Seconds that a search for the one key takes in the open journal: median of three.
    pub live_s: f64,
}

/// Writes the journal of an audit directory.
///
/// # Errors
/// [`Failure`]
pub fn write(directory: &Path, wanted: &Wanted, signer: Arc<dyn Signer>) -> Result<Tail, Failure> {
    // Made elsewhere: beside archives that had no journal it would miss their head.
    let place = directory.join("tail");
    let options = Options::new(place.clone());
    let journal = Arc::new(Journal::open(options, Arc::new(SystemClock), &OsRandom)?);
    let key = signer.public_key();
    journal.sign_with(signer, &[key])?;
    let (mut made, mut tail) = (Records::new(7), Tail::default());
    while tail.bytes < wanted.bytes {
        for _ in 0..1000 {
            let time = Timestamp::from_unix_ms(wanted.begin_ms + tail.records as i64);
            made.with(time, (tail.records == 777).then_some(wanted.key), |record| journal.append(record))?;
            tail.records += 1;
        }
        tail.bytes = journal.bytes_after(Sequence(0));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(journal.durable(Sequence(tail.records)))?;
    let mut times = (0..3).map(|_| search(&journal, wanted.key)).collect::<Result<Vec<_>, _>>()?;
    times.sort_by(f64::total_cmp);
    tail.live_s = times[1];
    journal.close();
    fs::rename(place.join("journal"), directory.join("journal"))?;
    for entry in fs::read_dir(directory.join("journal"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "records") {
            let mut bytes = fs::read(&path)?;
            move_on(&mut bytes, wanted.after.0)?;
            fs::write(&path, bytes)?;
        }
    }
    Ok(tail)
}

fn search(journal: &Arc<Journal>, key: u64) -> Result<f64, Failure> {
    let query = Query { terms: vec![Term::new(Field::Key, key_arn(key))], ..Query::default() };
    let begun = Instant::now();
    let bounds = Bounds { records_max: 50, bytes_max: u64::MAX };
    let page = Scan::new(Arc::clone(journal) as _).page(&query, None, bounds)?;
    match page.entries.len() {
        1 => Ok(begun.elapsed().as_secs_f64()),
        found => Err(format!("{found} found in the open journal, not 1").into()),
    }
}

fn move_on(segment: &mut [u8], by: u64) -> Result<(), Failure> {
    let mut at = SEGMENT_HEADER;
    while let Some(frame) = segment.get_mut(at..at + FRAME_HEADER) {
        let length = u32::from_le_bytes(frame[..4].try_into()?) as usize;
        if length == 0 {
            break;
        }
        let place = u64::from_le_bytes(frame[PLACE..].try_into()?) + by;
        frame[PLACE..].copy_from_slice(&place.to_le_bytes());
        at += FRAME_HEADER + length;
    }
    Ok(())
}
