//! Pages and markers: one way for all listings.
//!
//! A marker is opaque to callers: the listing it belongs to and the last name on the page, in base64. It holds nothing
//! secret and grants nothing, since a listing always starts within what its caller may see; one of another listing,
//! account or Region is refused.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kagiban_storage::{KeyError, Prefix, Row, StoreError, StoreSnapshot};

use crate::context::Context;
use crate::error::ServiceError;
use crate::records::Place;

/// How long a page of a listing is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageSize {
    pub(crate) default: usize,
    pub(crate) max: usize,
}

/// One page of rows, and the snapshot they come from.
pub(crate) struct Page<R: Row> {
    pub(crate) rows: Vec<(R::Key, R)>,
    pub(crate) truncated: bool,
    pub(crate) snapshot: StoreSnapshot,
}

impl PageSize {
    /// The number of entries for a request with this Limit. The model holds it within 1 and 1,000; a listing may give
    /// fewer than asked for.
    pub(crate) fn limit(self, limit: Option<i32>) -> usize {
        limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(self.default).min(self.max)
    }

    /// Reads a page of the rows under `prefix` that come after the row `after`.
    pub(crate) async fn read<R: Row>(
        self,
        limit: Option<i32>,
        prefix: Result<Prefix<R>, KeyError>,
        after: Option<&R::Key>,
        ctx: &Context<'_>,
    ) -> Result<Page<R>, ServiceError> {
        let prefix = prefix.map_err(StoreError::from)?;
        let snapshot = ctx.service.store.snapshot().await?;
        let page = snapshot.scan(&prefix, after, self.limit(limit)).await?;
        Ok(Page { rows: page.rows, truncated: page.more, snapshot })
    }
}

impl<R: Row> Page<R> {
    /// The last row, when more follow it.
    pub(crate) fn last_if_truncated(&self) -> Option<&(R::Key, R)> {
        self.rows.last().filter(|_| self.truncated)
    }
}

/// One listing: its name, and what else its markers are bound to (a place and a filter).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing<'a> {
    name: &'static str,
    place: Place,
    filter: &'a str,
}

/// Between the parts of a marker; occurs in none of them but, at most, the last.
const SEPARATOR: char = '\u{1f}';

impl<'a> Listing<'a> {
    pub(crate) const fn new(name: &'static str, place: Place, filter: &'a str) -> Self {
        Self { name, place, filter }
    }

    /// The marker after the entry called `last`.
    pub(crate) fn marker(self, last: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.prefix() + last)
    }

    /// The name that a request's marker stands after.
    ///
    /// # Errors
    /// InvalidMarker for anything that [`Listing::marker`] of the same listing does not give.
    pub(crate) fn read_marker<T: FromStr>(self, marker: Option<&str>) -> Result<Option<T>, ServiceError> {
        marker.map(|marker| self.decode(marker).ok_or(ServiceError::InvalidMarker)).transpose()
    }

    fn decode<T: FromStr>(self, marker: &str) -> Option<T> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(marker).ok()?).ok()?;
        text.strip_prefix(&self.prefix())?.parse().ok()
    }

    /// What stands before the last name: all that the marker is bound to.
    fn prefix(self) -> String {
        let Self { name, place: Place { region, account }, filter } = self;
        format!("{name}{SEPARATOR}{region}{SEPARATOR}{account}{SEPARATOR}{filter}{SEPARATOR}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_belong_to_their_listing() {
        let place =
            |region: &str, account: &str| Place { region: region.parse().unwrap(), account: account.parse().unwrap() };
        let here = place("us-east-1", "111122223333");
        let listing = Listing::new("aliases", here, "one");
        let marker = listing.marker("alias/x");
        assert_eq!(listing.read_marker::<String>(Some(&marker)).unwrap().as_deref(), Some("alias/x"));
        assert_eq!(listing.read_marker::<String>(None).unwrap(), None);
        for other in [
            Listing::new("aliases", here, ""),
            Listing::new("aliases", here, "on"),
            Listing::new("keys", here, "one"),
            Listing::new("aliases", place("us-east-2", "111122223333"), "one"),
            Listing::new("aliases", place("us-east-1", "111122223334"), "one"),
        ] {
            assert!(matches!(other.read_marker::<String>(Some(&marker)), Err(ServiceError::InvalidMarker)));
        }
        for bad in ["", "x", "!!", "YWJj"] {
            assert!(matches!(listing.read_marker::<String>(Some(bad)), Err(ServiceError::InvalidMarker)), "{bad}");
        }
    }

    #[test]
    fn limits_have_a_default_and_a_maximum() {
        let size = PageSize { default: 50, max: 100 };
        for (limit, expected) in [(None, 50), (Some(1), 1), (Some(100), 100), (Some(1000), 100)] {
            assert_eq!(size.limit(limit), expected);
        }
    }
}
