//! Calendar months, by UTC: what use is counted by.

use std::fmt;
use std::str::FromStr;

use kagiban_base::id::InvalidId;
use kagiban_base::time::{DAY_MS, Timestamp};

/// A month of a year from 1970 to 9999; `2026-11`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Month(
    /// Months since January of the year 0.
    i32,
);

impl Month {
    const FIRST: Self = Self(1970 * 12);
    const LAST: Self = Self(9999 * 12 + 11);

    /// The month that a moment is in; the first or the last one for moments out of range.
    pub(crate) fn of(at: Timestamp) -> Self {
        // Days to civil date, as Howard Hinnant's `civil_from_days` does it: years begin in March, eras are 400 years.
        let day = at.unix_ms().div_euclid(DAY_MS).saturating_add(719_468);
        let (era, day_of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let months = (era * 400 + year_of_era) * 12 + month_from_march + 2;
        let within = months.clamp(i64::from(Self::FIRST.0), i64::from(Self::LAST.0));
        i32::try_from(within).map_or(Self::LAST, Self)
    }

    /// The month so many months before.
    pub(crate) fn before(self, months: i32) -> Self {
        Self(self.0.saturating_sub(months)).max(Self::FIRST)
    }

    /// Its first moment.
    pub(crate) fn start(self) -> Timestamp {
        let (year, month) = (i64::from(self.0).div_euclid(12), i64::from(self.0).rem_euclid(12));
        // The other way round: `days_from_civil`.
        let (year, from_march) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * from_march + 2) / 5;
        Timestamp::from_unix_ms((era * 146_097 + day_of_era - 719_468) * DAY_MS)
    }

    /// The first moment after it.
    pub(crate) fn end(self) -> Timestamp {
        Self(self.0.saturating_add(1)).start()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl FromStr for Month {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("month");
        let (year, month) = text.split_once('-').ok_or(invalid)?;
        let is_number = |text: &str, len| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(year, 4) || !is_number(month, 2) {
            return Err(invalid);
        }
        let (year, month): (i32, i32) = (year.parse().map_err(|_| invalid)?, month.parse().map_err(|_| invalid)?);
        let read = Self(year * 12 + month - 1);
        let fits = (1..=12).contains(&month) && (Self::FIRST..=Self::LAST).contains(&read);
        fits.then_some(read).ok_or(invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_as_the_calendar_has_it() {
        for (text, start) in [
            ("1970-01", "19700101T000000Z"),
            ("2000-02", "20000201T000000Z"),
            ("2000-03", "20000301T000000Z"),
            ("2024-02", "20240201T000000Z"),
            ("2026-11", "20261101T000000Z"),
            ("2026-12", "20261201T000000Z"),
            ("2100-03", "21000301T000000Z"),
            ("9999-12", "99991201T000000Z"),
        ] {
            let month: Month = text.parse().unwrap();
            assert_eq!(month.to_string(), text);
            assert_eq!(month.start(), Timestamp::parse_basic_iso(start).unwrap(), "{text}");
            assert_eq!(Month::of(month.start()), month);
            assert_eq!(Month::of(month.end().plus_ms(-1)), month);
        }
    }

    #[test]
    fn every_month_of_eight_centuries_follows_on_the_one_before() {
        let (mut month, mut at) = (Month::FIRST, Timestamp::default());
        while at < Timestamp::parse_basic_iso("27700101T000000Z").unwrap() {
            assert_eq!((month.start(), Month::of(at)), (at, month));
            let days = month.end().ms_since(at) / DAY_MS;
            assert!((28..=31).contains(&days), "{month}: {days}");
            assert_eq!(Month::of(month.end()).before(1), month);
            (at, month) = (month.end(), Month::of(month.end()));
        }
        assert_eq!(Month::of(Timestamp::from_unix_ms(i64::MIN)), Month::FIRST);
        assert_eq!(Month::of(Timestamp::from_unix_ms(i64::MAX)), Month::LAST);
    }

    #[test]
    fn nothing_else_is_a_month() {
        for bad in ["", "2026", "2026-1", "2026-13", "2026-00", "1969-12", "26-11", "2026-11-01", "2026/11", "+026-11"]
        {
            assert!(bad.parse::<Month>().is_err(), "{bad}");
        }
    }
}
