//! Day, Region and service: what a signing key is good for.

use std::fmt;

use kagiban_base::id::Region;
use kagiban_base::time::Timestamp;

/// What a signing key is derived for. Small and comparable, so that it can be part of a cache's key.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Scope {
    day: [u8; 8],
    region: Region,
    service: &'static str,
}

impl Scope {
    /// The scope of requests made to `service` in `region` on the UTC day of `at`. `None` beyond the year 9999.
    pub fn new(at: Timestamp, region: Region, service: &'static str) -> Option<Self> {
        let day = at.to_basic_day().into_bytes().try_into().ok()?;
        Some(Self { day, region, service })
    }

    /// The UTC day, `YYYYMMDD`.
    pub fn day(&self) -> &str {
        // INVARIANT: ASCII digits, see `new` and `from_checked_day`.
        str::from_utf8(&self.day).unwrap_or_default()
    }

    /// The Region.
    pub const fn region(&self) -> Region {
        self.region
    }

    /// The service.
    pub const fn service(&self) -> &'static str {
        self.service
    }

    /// From a day that has been compared with the request's date.
    pub(super) const fn from_checked_day(day: [u8; 8], region: Region, service: &'static str) -> Self {
        Self { day, region, service }
    }

    /// Appends `DAY/REGION/SERVICE/aws4_request`.
    pub(super) fn push_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.day);
        for part in [self.region.as_str(), self.service, super::TERMINATOR] {
            out.push(b'/');
            out.extend_from_slice(part.as_bytes());
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.day(), self.region, self.service, super::TERMINATOR)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({self})")
    }
}
