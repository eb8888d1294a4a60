//! The search that reads everything: for journals without an index, and as the measure of the one with an index.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::recorder::{Follower, Sequence, Sifted};
use crate::search::collect::Collector;
use crate::search::{Bounds, Order, Page, Query, Search, SearchError, Token};

/// Records in a window at first, and while little is found in them; a window is read forwards although it is searched backwards.
const WINDOW_MIN: u64 = 1 << 10;
const WINDOW_MAX: u64 = 1 << 20;
/// Bytes of records that a longer window may give.
const SIFTED_MAX: usize = 4 << 20;

/// Looks at each record of a journal.
#[derive(Clone, Debug)]
pub struct Scan {
    follower: Arc<dyn Follower>,
}

impl Scan {
    /// A search in what this follower reads.
    pub fn new(follower: Arc<dyn Follower>) -> Self {
        Self { follower }
    }
}

impl Search for Scan {
    fn page(&self, query: &Query, token: Option<&Token>, bounds: Bounds) -> Result<Page, SearchError> {
        let mut place = query.place(token, self.follower.latest())?;
        let earliest = self.follower.earliest();
        let mut collector = Collector::new(query, bounds);
        _ = scan(&*self.follower, query.order, &mut place, earliest, &mut collector)?;
        Ok(collector.finish())
    }
}

/// Looks at the records from `place` on, in this order, but at none before `earliest`. Goes on with `place`; breaks when the page is full.
pub(crate) fn scan(
    follower: &dyn Follower,
    order: Order,
    place: &mut Sequence,
    earliest: Sequence,
    collector: &mut Collector<'_>,
) -> Result<ControlFlow<()>, SearchError> {
    let mut window = WINDOW_MIN;
    while let Some((from, last)) = next_window(follower, order, *place, earliest.max(Sequence(1)), window) {
        if collector.is_full() {
            return Ok(collector.stop_before(*place));
        }
        let bytes_max = if window > WINDOW_MIN { SIFTED_MAX } else { usize::MAX };
        let Some(sifted) = follower.sift(from, last, collector.sieve(), bytes_max)? else {
            window = WINDOW_MIN;
            continue;
        };
        let is_little = sifted.bytes() < SIFTED_MAX / 16;
        window = if is_little { (2 * window).min(WINDOW_MAX) } else { WINDOW_MIN };
        if offer(sifted, order, place, collector).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        *place = beyond(order, if order == Order::OldestFirst { last } else { from });
    }
    Ok(ControlFlow::Continue(()))
}

/// The next records to be looked at, in this order; `None` at the end.
fn next_window(
    follower: &dyn Follower,
    order: Order,
    place: Sequence,
    earliest: Sequence,
    window: u64,
) -> Option<(Sequence, Sequence)> {
    let latest = follower.latest();
    let (from, last) = match order {
        Order::OldestFirst => {
            let from = place.max(earliest);
            (from, latest.min(Sequence(from.0.saturating_add(window - 1))))
        }
        Order::NewestFirst => {
            let last = place.min(latest);
            (earliest.max(Sequence(last.0.saturating_sub(window - 1))), last)
        }
    };
    (from <= last).then_some((from, last))
}

fn offer(sifted: Sifted, order: Order, place: &mut Sequence, collector: &mut Collector<'_>) -> ControlFlow<()> {
    let mut entries = sifted.entries;
    if order == Order::NewestFirst {
        entries.reverse();
    }
    for entry in entries {
        collector.offer(entry.sequence, &entry.bytes)?;
        *place = beyond(order, entry.sequence);
    }
    collector.count_left_out(sifted.bytes_left_out);
    ControlFlow::Continue(())
}

/// The place after this one, in the order of the search; 0 is before the first.
pub(crate) fn beyond(order: Order, sequence: Sequence) -> Sequence {
    match order {
        Order::NewestFirst => Sequence(sequence.0.saturating_sub(1)),
        Order::OldestFirst => sequence.next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Record, sample};
    use crate::recorder::{Entry, ReadError};
    use crate::search::{Field, Term};

    /// Records in memory, from some place on.
    #[derive(Debug)]
    struct Kept(u64, Vec<Box<[u8]>>);

    #[async_trait::async_trait]
    impl Follower for Kept {
        fn read(&self, from: Sequence, bytes_max: usize) -> Result<Vec<Entry>, ReadError> {
            let skip = usize::try_from(from.0.checked_sub(self.0).ok_or(ReadError::Gone(from))?).unwrap();
            let numbered = self.1.iter().zip(self.0..).skip(skip);
            let all = numbered.map(|(bytes, at)| Entry { sequence: Sequence(at), bytes: bytes.clone() });
            // Few at a time: pages must not depend on how much a read gives.
            Ok(all.take(7.min(bytes_max)).collect())
        }

        async fn reached(&self, _: Sequence) {}

        fn latest(&self) -> Sequence {
            Sequence(self.0 + self.1.len() as u64 - 1)
        }

        fn earliest(&self) -> Sequence {
            Sequence(self.0)
        }
    }

    fn three_thousand() -> Scan {
        let record = |at: u64| {
            let name = if at.is_multiple_of(3) { "Encrypt" } else { "Decrypt" };
            let mut bytes = Vec::new();
            Record { event_name: name, ..sample() }.encode(&mut bytes);
            bytes.into_boxed_slice()
        };
        Scan::new(Arc::new(Kept(101, (101..3101).map(record).collect())))
    }

    fn all_pages(search: &Scan, query: &Query, bounds: Bounds) -> (Vec<u64>, usize) {
        let (mut found, mut pages, mut token) = (Vec::new(), 0, None);
        loop {
            let page = search.page(query, token.as_ref(), bounds).unwrap();
            assert!(page.entries.len() <= bounds.records_max);
            found.extend(page.entries.iter().map(|entry| entry.sequence.0));
            pages += 1;
            let Some(next) = page.next else { return (found, pages) };
            token = Some(next);
        }
    }

    #[test]
    fn pages_hold_each_record_once_in_either_order() {
        let search = three_thousand();
        let encrypts = Query { terms: vec![Term::new(Field::Operation, "Encrypt")], ..Query::default() };
        let expected: Vec<u64> = (101..3101u64).filter(|at| at.is_multiple_of(3)).collect();
        for (order, bounds, pages) in [
            (Order::OldestFirst, Bounds { records_max: 64, bytes_max: u64::MAX }, 16..=16),
            (Order::OldestFirst, Bounds { records_max: 2000, bytes_max: 100_000 }, 10..=30),
            (Order::NewestFirst, Bounds { records_max: 64, bytes_max: u64::MAX }, 16..=16),
            (Order::NewestFirst, Bounds { records_max: 1001, bytes_max: u64::MAX }, 1..=1),
        ] {
            let query = Query { order, ..encrypts.clone() };
            let (mut found, count) = all_pages(&search, &query, bounds);
            if order == Order::NewestFirst {
                found.reverse();
            }
            assert_eq!(found, expected, "{order:?}");
            assert!(pages.contains(&count), "{order:?} {bounds:?}: {count} pages");
        }
        let nobody = Query { account: Some("999999999999".parse().unwrap()), ..encrypts };
        assert_eq!(all_pages(&search, &nobody, Bounds::records(50)).0, Vec::<u64>::new());
    }

    #[test]
    fn times_are_inclusive() {
        let search = three_thousand();
        let time = sample().time;
        let count = |from: i64, until: i64| {
            let query = Query { from: Some(time.plus_ms(from)), until: Some(time.plus_ms(until)), ..Query::default() };
            all_pages(&search, &query, Bounds::records(5000)).0.len()
        };
        assert_eq!([count(0, 0), count(-1, 1), count(1, 2), count(-2, -1)], [3000, 3000, 0, 0]);
    }
}
