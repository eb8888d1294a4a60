//! Pages and markers: one way for all listings of IAM.
//!
//! A marker is opaque to callers: a hash of the listing it belongs to (name, account, filters) and the name of the last
//! entry. It holds nothing secret and grants nothing, since a listing always starts within what its caller may see. The
//! model gives it 320 characters, so a long name is cut, with a count of those that are the same so far.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kagiban_base::id::AccountId;

use super::refusals;
use crate::error::IamError;

/// Entries on a page when the request does not say (the model lets it say 1 to 1,000).
const PAGE_DEFAULT: usize = 100;
/// Bytes of a name that go into a marker: with the rest and in base64 less than 320 characters.
const NAME_LEN_MAX: usize = 228;

/// A listing: its name, the account, and the filters that its markers are bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing<'a> {
    pub(crate) name: &'static str,
    pub(crate) account: AccountId,
    pub(crate) filters: &'a [&'a str],
}

/// Which part of a listing a request wants.
#[derive(Clone, Debug)]
pub(crate) struct Window<'a> {
    listing: Listing<'a>,
    limit: usize,
    after: Option<Position>,
}

/// Where a page ends: behind so many entries whose names are this one, as far as it goes.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Position {
    name: String,
    same: u8,
}

/// A page, and the marker of the next one.
#[derive(Clone, Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) marker: Option<String>,
}

impl<T> Page<T> {
    /// For `IsTruncated`.
    #[expect(clippy::unnecessary_wraps, reason = "the model's outputs have it optional")]
    pub(crate) fn is_truncated(&self) -> Option<bool> {
        Some(self.marker.is_some())
    }

    /// The page with its entries in another form.
    pub(crate) fn map<U>(self, form: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(form).collect(), marker: self.marker }
    }
}

impl<'a> Listing<'a> {
    /// The part that a request's Marker and MaxItems ask for.
    ///
    /// # Errors
    /// ValidationError for a marker of another listing, or none at all.
    pub(crate) fn window(self, marker: Option<&str>, max_items: Option<i32>) -> Result<Window<'a>, IamError> {
        let after = match marker {
            Some(marker) => Some(self.decode(marker).ok_or_else(refusals::invalid_marker)?),
            None => None,
        };
        let limit = max_items.and_then(|max| usize::try_from(max).ok()).unwrap_or(PAGE_DEFAULT).max(1);
        Ok(Window { listing: self, limit, after })
    }

    fn encode(self, position: &Position) -> String {
        let mut bytes = self.hash().to_be_bytes().to_vec();
        bytes.push(position.same);
        bytes.extend_from_slice(position.name.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn decode(self, marker: &str) -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(marker).ok()?;
        let (hash, rest) = bytes.split_first_chunk::<8>()?;
        let (same, name) = rest.split_first()?;
        let name = String::from_utf8(name.to_vec()).ok()?;
        (u64::from_be_bytes(*hash) == self.hash()).then_some(Position { name, same: *same })
    }

    /// FNV-1a over everything that the marker is bound to, each part with its end.
    fn hash(self) -> u64 {
        let parts = [self.name, self.account.as_str()].into_iter().chain(self.filters.iter().copied());
        let bytes = parts.flat_map(|part| part.bytes().chain([0]));
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

impl Window<'_> {
    /// Entries on the page at most.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// The name that a scan goes on behind, in a listing whose names are short enough to stand in markers whole.
    pub(crate) fn after_name(&self) -> Option<&str> {
        self.after.as_ref().map(|after| after.name.as_str())
    }

    /// A page that a scan has filled. `last` is the name of the last entry looked at, if more may follow.
    pub(crate) fn page<T>(&self, items: Vec<T>, last: Option<&str>) -> Page<T> {
        let marker = last.map(|name| self.listing.encode(&Position { name: name.to_owned(), same: 1 }));
        Page { items, marker }
    }

    /// The page of a listing that is in memory, sorted by name.
    pub(crate) fn of<T>(&self, sorted: impl IntoIterator<Item = (String, T)>) -> Page<T> {
        let (mut items, mut end, mut at) = (Vec::new(), None, Position { name: String::new(), same: 0 });
        for (name, item) in sorted {
            let name = cut(&name);
            at = if at.name == name && at.same > 0 {
                Position { same: at.same.saturating_add(1), ..at }
            } else {
                Position { name: name.to_owned(), same: 1 }
            };
            if self.after.as_ref().is_some_and(|after| (&at.name, at.same) <= (&after.name, after.same)) {
                continue;
            }
            if items.len() == self.limit {
                return Page { items, marker: end.map(|end| self.listing.encode(&end)) };
            }
            end = Some(at.clone());
            items.push(item);
        }
        Page { items, marker: None }
    }
}

/// The part of a name that fits into a marker.
fn cut(name: &str) -> &str {
    let end = (0..=NAME_LEN_MAX.min(name.len())).rev().find(|end| name.is_char_boundary(*end));
    name.get(..end.unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing<'a>(name: &'static str, account: &str, filters: &'a [&'a str]) -> Listing<'a> {
        Listing { name, account: account.parse().unwrap(), filters }
    }

    #[test]
    fn markers_belong_to_their_listing() {
        let here = listing("users", "111122223333", &["/a/"]);
        let marker = here.window(None, Some(1)).unwrap().page(vec![1], Some("bob")).marker.unwrap();
        let window = here.window(Some(&marker), None).unwrap();
        assert_eq!(window.after_name(), Some("bob"));
        for other in [
            listing("groups", "111122223333", &["/a/"]),
            listing("users", "111122223334", &["/a/"]),
            listing("users", "111122223333", &["/a"]),
            listing("users", "111122223333", &[]),
            listing("users", "111122223333", &["/a/", ""]),
        ] {
            assert!(other.window(Some(&marker), None).is_err(), "{other:?}");
        }
        for bad in ["", "x", "!!", "YWJj", &marker[1..], &marker[..8]] {
            assert!(here.window(Some(bad), None).is_err(), "{bad}");
        }
    }

    /// Whatever the page size, every entry comes once, in order, and markers fit the model.
    #[test]
    fn pages_cover_the_listing() {
        let long = |end: &str| "ä".repeat(200) + end;
        let names = ["", "a", "aa", "b", &long("1"), &long("2"), &long("3"), "ö"];
        let here = listing("tags", "111122223333", &[]);
        for size in 1..=9 {
            let (mut seen, mut marker, mut pages) = (Vec::new(), None::<String>, 0);
            loop {
                let window = here.window(marker.as_deref(), Some(size)).unwrap();
                let page = window.of(names.iter().map(|name| ((*name).to_owned(), *name)));
                seen.extend(page.items);
                pages += 1;
                match page.marker {
                    Some(next) => marker = Some(next),
                    None => break,
                }
                assert!(marker.as_ref().unwrap().len() <= 320);
            }
            assert_eq!(seen, names, "{size}");
            assert_eq!(pages, names.len().div_ceil(usize::try_from(size).unwrap()), "{size}");
        }
    }

    #[test]
    fn an_entry_that_is_gone_ends_no_listing() {
        let here = listing("tags", "111122223333", &[]);
        let all = |names: &[&'static str]| names.iter().map(|name| ((*name).to_owned(), *name)).collect::<Vec<_>>();
        let page = here.window(None, Some(2)).unwrap().of(all(&["a", "b", "c", "d"]));
        let rest = here.window(page.marker.as_deref(), None).unwrap().of(all(&["a", "c", "d"]));
        assert_eq!((page.items, rest.items), (vec!["a", "b"], vec!["c", "d"]));
    }
}
