//! Where the store lies among etcd's keys. All of it starts with one prefix, so that a cluster can serve others, too.
//!
//! | After the prefix | What |
//! |---|---|
//! | `c` | who created the store: a number drawn for it |
//! | `f` | the format of all this, written when the store is created |
//! | `h` | the head: written by every batch, so that its revision is that of the store's last batch |
//! | `r` + key | a row |
//! | `s` + writer + number | a slot: which batch a writer wrote last through it (`slots.rs`) |
//! | `x` | written by scrubs, to have a new revision to compact up to |
//! | `y` | held by the node that scrubs |
//!
//! Head and rows are neighbours: one watch covers both.

use kagiban_storage::engine::KeyRange;
use prost::bytes::Bytes;

/// What the key `f` holds.
pub(crate) const FORMAT: &[u8] = b"kagiban store 1";

const FORMAT_KEY: u8 = b'f';
const HEAD: u8 = b'h';
const ROW: u8 = b'r';
const SLOT: u8 = b's';
const CLAIM: u8 = b'c';
const SCRUB: u8 = b'x';
const SCRUBBER: u8 = b'y';

/// The names of a store's keys in etcd.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    prefix: Bytes,
}

/// What a key in etcd is to the store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place<'a> {
    /// The head.
    Head,
    /// The row with this key.
    Row(&'a [u8]),
}

impl Layout {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { prefix: Bytes::copy_from_slice(prefix.as_bytes()) }
    }

    pub(crate) fn format(&self) -> Bytes {
        self.key(FORMAT_KEY, &[])
    }

    pub(crate) fn claim(&self) -> Bytes {
        self.key(CLAIM, &[])
    }

    pub(crate) fn scrub(&self) -> Bytes {
        self.key(SCRUB, &[])
    }

    pub(crate) fn scrubber(&self) -> Bytes {
        self.key(SCRUBBER, &[])
    }

    pub(crate) fn head(&self) -> Bytes {
        self.key(HEAD, &[])
    }

    pub(crate) fn row(&self, key: &[u8]) -> Bytes {
        self.key(ROW, key)
    }

    pub(crate) fn slot(&self, writer: &[u8], number: u32) -> Bytes {
        self.key(SLOT, &[writer, &number.to_be_bytes()].concat())
    }

    /// First key of the rows in `range`, and the first behind them.
    pub(crate) fn rows(&self, range: &KeyRange) -> (Bytes, Bytes) {
        let end = range.end.as_deref().map_or_else(|| self.key(SLOT, &[]), |end| self.row(end));
        (self.row(&range.start), end)
    }

    /// What a follower watches: first key, and the first behind.
    pub(crate) fn watched(&self) -> (Bytes, Bytes) {
        (self.head(), self.key(SLOT, &[]))
    }

    /// What a key is, if it is one that a follower watches.
    pub(crate) fn place<'a>(&self, key: &'a [u8]) -> Option<Place<'a>> {
        match key.strip_prefix(&*self.prefix)?.split_first()? {
            (&HEAD, []) => Some(Place::Head),
            (&ROW, row) => Some(Place::Row(row)),
            _ => None,
        }
    }

    fn key(&self, kind: u8, rest: &[u8]) -> Bytes {
        [&*self.prefix, &[kind], rest].concat().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lie_where_they_should() {
        let layout = Layout::new("kagiban/");
        assert_eq!(layout.row(b"a\xff"), &b"kagiban/ra\xff"[..]);
        assert_eq!(layout.slot(b"me", 258), &b"kagiban/sme\0\0\x01\x02"[..]);
        assert_eq!(layout.rows(&KeyRange::all()), (Bytes::from("kagiban/r"), Bytes::from("kagiban/s")));
        assert_eq!(layout.rows(&KeyRange::prefix(b"x")), (Bytes::from("kagiban/rx"), Bytes::from("kagiban/ry")));
        assert_eq!(layout.watched(), (Bytes::from("kagiban/h"), Bytes::from("kagiban/s")));
    }

    #[test]
    fn watched_keys_are_told_apart() {
        let layout = Layout::new("p/");
        let cases: [(&[u8], Option<Place<'_>>); 6] = [
            (b"p/h", Some(Place::Head)),
            (b"p/rk", Some(Place::Row(b"k"))),
            (b"p/r", Some(Place::Row(b""))),
            (b"p/hx", None),
            (b"p/f", None),
            (b"q/rk", None),
        ];
        for (key, place) in cases {
            assert_eq!(layout.place(key), place, "{}", key.escape_ascii());
        }
    }
}
