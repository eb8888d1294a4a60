//! Points in time, and the clock as an argument.

use std::fmt;

use jiff::Timestamp as Instant;
use jiff::fmt::strtime;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, as precise as anything on this wire.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

/// Milliseconds in a day; days here are always 24 hours, as AWS counts windows and periods.
pub const DAY_MS: i64 = 86_400_000;

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    pub const fn from_unix_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// From whole seconds since the Unix epoch; saturates at the ends of the range.
    pub const fn from_unix_s(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn unix_s(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This point plus `ms` milliseconds; saturates.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This point plus `days` times 24 hours; saturates.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY_MS)))
    }

    /// Milliseconds from `earlier` to this point; negative when `earlier` is later. Saturates.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `20260821T230143Z`, the form of `X-Amz-Date` (ISO 8601 basic, whole seconds, UTC).
    pub fn to_basic_iso(self) -> String {
        self.format("%Y%m%dT%H%M%SZ")
    }

    /// `2026-08-21T23:01:43Z` (RFC 3339, whole seconds, UTC), the form of logs and records.
    pub fn to_rfc3339(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    /// `Aug 21, 2026, 11:01:43 PM` (whole seconds, UTC), the form of times inside the parameters of audit records.
    pub fn to_words(self) -> String {
        self.format("%b %-d, %Y, %-I:%M:%S %p")
    }

    /// `20260821`, the form of a credential scope's day (UTC).
    pub fn to_basic_day(self) -> String {
        self.format("%Y%m%d")
    }

    /// Reads `20260821T230143Z` and nothing else. `None` for any other text or an impossible date.
    pub fn parse_basic_iso(text: &str) -> Option<Self> {
        let [y1, y2, y3, y4, m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'] =
            <[u8; 16]>::try_from(text.as_bytes()).ok()?
        else {
            return None;
        };
        let year = number(&[y1, y2, y3, y4])?;
        let [month, day, hour, minute, second] =
            [number(&[m1, m2])?, number(&[d1, d2])?, number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?];
        let narrow = |n: i16| i8::try_from(n).ok();
        let civil = jiff::civil::DateTime::new(
            year,
            narrow(month)?,
            narrow(day)?,
            narrow(hour)?,
            narrow(minute)?,
            narrow(second)?,
            0,
        )
        .ok()?;
        let instant = jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()?;
        Some(Self(instant.as_millisecond()))
    }

    /// Reads an RFC 2822 / HTTP date (`Fri, 21 Aug 2026 23:01:43 GMT`), the `Date` header's form.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let instant = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(Self(instant.timestamp().as_millisecond()))
    }

    fn format(self, pattern: &str) -> String {
        // Out of jiff's range (years -9999 to 9999) the number itself is the only honest text.
        Instant::from_millisecond(self.0)
            .and_then(|instant| strtime::format(pattern, instant))
            .unwrap_or_else(|_| self.0.to_string())
    }
}

/// The digits as a number; `None` if one is no ASCII digit.
fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0i16, |sum, digit| {
        let value = i16::from(digit.checked_sub(b'0').filter(|v| *v < 10)?);
        sum.checked_mul(10)?.checked_add(value)
    })
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// Where time comes from. Handed to whoever needs it, so that a test can live through a year in a second.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_iso_round_trips() {
        let at = Timestamp::parse_basic_iso("20260821T230143Z").unwrap();
        assert_eq!(at.unix_s(), 1_787_353_303);
        assert_eq!(at.to_basic_iso(), "20260821T230143Z");
        assert_eq!(at.to_basic_day(), "20260821");
        assert_eq!(at.to_rfc3339(), "2026-08-21T23:01:43Z");
    }

    #[test]
    fn basic_iso_refuses_everything_else() {
        for bad in [
            "",
            "20260821",
            "20260821T230143",
            "20261321T230143Z",
            "20260231T230143Z",
            "2026082-T230143Z",
            "20260821t230143Z",
            "20260821T230143Z ",
            "20260821T246143Z",
            "２０260821T2301Z",
        ] {
            assert_eq!(Timestamp::parse_basic_iso(bad), None, "{bad}");
        }
    }

    #[test]
    fn http_date_is_read() {
        let at = Timestamp::parse_http_date("Fri, 21 Aug 2026 23:01:43 GMT").unwrap();
        assert_eq!(at.to_basic_iso(), "20260821T230143Z");
        assert_eq!(Timestamp::parse_http_date("yesterday"), None);
    }
}
