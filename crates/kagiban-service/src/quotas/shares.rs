//! Who of several callers may take from a bucket that is running short.
//!
//! Each caller of the last seconds has the same share of the rate. Within it a caller takes as long as anything is left.
//! Beyond it, it borrows what others leave: as much of each one's share as that one has lately asked for stays untouched, so
//! that a caller who asks little finds its little there, however much somebody else asks. It takes one second, or one refused
//! request, to be known; who comes after everything was lent waits for that.
//!
//! Only the bucket's own count is exact. What is kept here about callers is a set of numbers that threads change without
//! waiting for each other, each right by itself; a race between two miscounts a few requests at most.

use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};

pub(super) const SECOND_NS: i64 = 1_000_000_000;
/// Callers that are told apart at once; more share seats.
const SEATS: usize = 32;
/// Seats that are looked at for a caller.
const PROBES: usize = 8;
/// Seconds for which a caller that does not come keeps its claim.
const CLAIM_SECONDS: u32 = 4;

/// When all that was taken will have come back, in nanoseconds since 1970: the state of a bucket in one number.
#[derive(Debug, Default)]
pub(super) struct Level(AtomicI64);

impl Level {
    /// How many are left.
    fn left(owed_until: i64, start: i64, step_ns: i64) -> i64 {
        start.saturating_add(SECOND_NS).saturating_sub(owed_until.max(start)).checked_div(step_ns).unwrap_or(0)
    }

    /// No moment before this one counts: a thread that read the clock a little before another must not turn it back. A clock
    /// that was set back by more than that begins anew.
    pub(super) fn earliest(&self, now_ns: i64) -> i64 {
        let owed_until = self.0.load(Ordering::Relaxed);
        if owed_until.saturating_sub(now_ns) > 2 * SECOND_NS {
            let anew = now_ns.saturating_sub(SECOND_NS);
            _ = self.0.compare_exchange(owed_until, anew, Ordering::Relaxed, Ordering::Relaxed);
            return anew;
        }
        // What is owed reaches a second beyond the moment at which it was taken, and no further.
        owed_until.saturating_sub(SECOND_NS)
    }

    /// Takes one, if one is left and `admits` lets it go.
    pub(super) fn take(&self, start: i64, step_ns: i64, admits: impl Fn(i64) -> bool) -> bool {
        let mut owed_until = self.0.load(Ordering::Relaxed);
        loop {
            let left = Self::left(owed_until, start, step_ns);
            if left < 1 || !admits(left) {
                return false;
            }
            let next = owed_until.max(start).saturating_add(step_ns);
            match self.0.compare_exchange_weak(owed_until, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(other) => owed_until = other,
            }
        }
    }

    /// Takes one where there is one; what is borrowed beyond that is not owed.
    fn take_of_own(&self, start: i64, step_ns: i64) {
        let full = start.saturating_add(SECOND_NS);
        let owed_until = self.0.load(Ordering::Relaxed);
        let next = owed_until.max(start).saturating_add(step_ns).min(full);
        _ = self.0.compare_exchange(owed_until, next, Ordering::Relaxed, Ordering::Relaxed);
    }

    fn left_of_own(&self, start: i64, step_ns: i64) -> i64 {
        Self::left(self.0.load(Ordering::Relaxed), start, step_ns).max(0)
    }

    /// The same, and the one that is coming back: where tokens come back little by little, who waits for it finds it.
    fn coming_of_own(&self, start: i64, step_ns: i64) -> i64 {
        // But not what rounding of the step leaves over.
        self.left_of_own(start.saturating_add(step_ns - step_ns / 64), step_ns)
    }
}

/// A second of the clock and a count that belongs to it, in one number.
#[derive(Debug, Default)]
struct Counted(AtomicU64);

impl Counted {
    fn load(&self) -> (u32, u32) {
        let both = self.0.load(Ordering::Relaxed);
        (low_half(both >> 32), low_half(both))
    }

    fn store(&self, second: u32, count: u32) {
        self.0.store(u64::from(second) << 32 | u64::from(count), Ordering::Relaxed);
    }
}

/// The lower 32 bits.
fn low_half(both: u64) -> u32 {
    u32::try_from(both & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// What is known of one caller.
#[derive(Debug, Default)]
struct Seat {
    /// 0 for nobody yet.
    caller: AtomicU64,
    /// Requests in the second in which it last came, refused ones too.
    tried: Counted,
    /// What it asked for before that, as far as that still tells something; with the second of `tried`.
    before: Counted,
    /// What it took of its own share.
    own: Level,
}

impl Seat {
    /// Notes a request.
    fn note_try(&self, second: u32) {
        let (last, count) = self.tried.load();
        if last == second {
            self.tried.store(second, count.saturating_add(1));
        } else {
            self.before.store(second, lately(count, second.wrapping_sub(last)));
            self.tried.store(second, 1);
        }
    }

    /// Whether it came in the last seconds.
    fn is_active(&self, second: u32) -> bool {
        let (last, count) = self.tried.load();
        count > 0 && second.wrapping_sub(last) <= CLAIM_SECONDS
    }

    /// Requests that it is likely to make in this second.
    fn demand(&self, second: u32) -> u32 {
        let (last, count) = self.tried.load();
        if last != second {
            return lately(count, second.wrapping_sub(last));
        }
        let (of, before) = self.before.load();
        if of == second { count.max(before) } else { count }
    }
}

/// What so many requests in a second say about one that is so many seconds later: half of it for each.
fn lately(count: u32, seconds: u32) -> u32 {
    if count == 0 || seconds > CLAIM_SECONDS { 0 } else { (count >> seconds.saturating_sub(1)).max(1) }
}

/// The callers of a bucket.
#[derive(Debug, Default)]
pub(super) struct Shares {
    /// The second for which `active` was counted, plus those that came since.
    counted_in: AtomicU32,
    active: AtomicU32,
    seats: [Seat; SEATS],
}

/// What one caller may take now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim<'a> {
    shares: &'a Shares,
    seat: &'a Seat,
    /// Of each active caller, per second.
    share: i64,
    start: i64,
    second: u32,
    is_steady: bool,
}

/// The second of the clock in which the moment is.
fn second_of(ns: i64) -> u32 {
    low_half(ns.div_euclid(SECOND_NS).cast_unsigned())
}

impl Shares {
    /// The shares of a bucket that only one caller has used so far: what was taken from it counts for that one, whose share
    /// is half of it from now on.
    pub(super) fn after(first: u64, taken: &Level, start: i64) -> Box<Self> {
        let shares = Box::<Self>::default();
        let seat = shares.seat_of(first, second_of(start));
        seat.note_try(second_of(start));
        let taken_ns = taken.0.load(Ordering::Relaxed).saturating_sub(start).clamp(0, SECOND_NS / 2);
        seat.own.0.store(start.saturating_add(2 * taken_ns), Ordering::Relaxed);
        shares
    }

    /// Notes that the caller asks, and tells what it may take.
    pub(super) fn claim(&self, caller: u64, rate: u32, start: i64, is_steady: bool) -> Claim<'_> {
        let second = second_of(start);
        let seat = self.seat_of(caller, second);
        if !seat.is_active(second) {
            self.active.fetch_add(1, Ordering::Relaxed);
        }
        seat.note_try(second);
        if self.counted_in.swap(second, Ordering::Relaxed) != second {
            let active = self.seats.iter().filter(|seat| seat.is_active(second)).count();
            self.active.store(u32::try_from(active).unwrap_or(1), Ordering::Relaxed);
        }
        let active = self.active.load(Ordering::Relaxed).max(1);
        Claim { shares: self, seat, share: i64::from((rate / active).max(1)), start, second, is_steady }
    }

    /// The caller's seat: its own, one that nobody has lately claimed, or one that it shares.
    fn seat_of(&self, caller: u64, second: u32) -> &Seat {
        let [first, ..] = &self.seats;
        let start = usize::try_from(caller % 32).unwrap_or(0);
        let probed = || self.seats.iter().cycle().skip(start).take(PROBES);
        if let Some(own) = probed().find(|seat| seat.caller.load(Ordering::Relaxed) == caller) {
            return own;
        }
        for seat in probed() {
            let other = seat.caller.load(Ordering::Relaxed);
            let is_free = other == 0 || !seat.is_active(second);
            if is_free && seat.caller.compare_exchange(other, caller, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                return seat;
            }
        }
        probed().next().unwrap_or(first)
    }
}

impl Claim<'_> {
    /// Whether this caller may have one of the `left`.
    pub(super) fn admits(&self, left: i64) -> bool {
        let step_ns = SECOND_NS / self.share;
        self.seat.own.left_of_own(self.start, step_ns) >= 1 || left > self.kept_for_others(left, step_ns)
    }

    /// Notes that it was had.
    pub(super) fn note_taken(&self) {
        self.seat.own.take_of_own(self.start, SECOND_NS / self.share);
    }

    /// What others have lately asked for, within their shares, and not taken yet. Not counted beyond `enough`.
    fn kept_for_others(&self, enough: i64, step_ns: i64) -> i64 {
        let mut kept = 0;
        for seat in &self.shares.seats {
            if std::ptr::eq(seat, self.seat) {
                continue;
            }
            let demand = i64::from(seat.demand(self.second)).min(self.share);
            let left = match self.is_steady {
                true => seat.own.coming_of_own(self.start, step_ns).min(self.share),
                false => seat.own.left_of_own(self.start, step_ns),
            };
            let taken = self.share.saturating_sub(left);
            kept += demand.saturating_sub(taken).max(0);
            if kept >= enough {
                return kept;
            }
        }
        kept
    }
}
