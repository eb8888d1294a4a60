//! Points in time on the wire: epoch seconds, and the ISO 8601 text that some clients send.

use kagiban_base::time::Timestamp;

/// Farther from the epoch than this (the year 9999) is no date that anybody means.
const EPOCH_SECONDS_MAX: f64 = 253_402_300_799.0;

/// From a JSON number of seconds, rounded to milliseconds.
pub(crate) fn from_epoch_seconds(number: &str) -> Option<Timestamp> {
    let seconds: f64 = number.parse().ok()?;
    if seconds.abs() > EPOCH_SECONDS_MAX {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked above")]
    let ms = (seconds * 1000.0).round() as i64;
    Some(Timestamp::from_unix_ms(ms))
}

/// From `2026-08-21T23:01:43Z`, with an optional fraction and offset (RFC 3339, section 5.6); the fraction is cut to
/// milliseconds.
pub(crate) fn from_iso8601(text: &str) -> Option<Timestamp> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b't', h1, h2, b':', n1, n2, b':', s1, s2] =
        *date_time.as_bytes()
    else {
        return None;
    };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (ms, rest) = fraction_ms(rest)?;
    let seconds = days_from_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Timestamp::from_unix_ms((seconds - offset_seconds(rest)?) * 1000 + ms))
}

/// Milliseconds of `.678...`, and what follows it.
fn fraction_ms(text: &str) -> Option<(i64, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((0, text)) };
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(len).filter(|_| (1..=9).contains(&len))?;
    let nanos = number(digits.as_bytes())? * 10_i64.pow(9 - u32::try_from(len).ok()?);
    Some((nanos / 1_000_000, rest))
}

/// Seconds of `Z`, `+01:00` or `-01:00`.
fn offset_seconds(text: &str) -> Option<i64> {
    let (sign, [h1, h2, b':', m1, m2]) = (match text.as_bytes() {
        b"Z" | b"z" => return Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] => (*sign, <[u8; 5]>::try_from(rest).ok()?),
        _ => return None,
    }) else {
        return None;
    };
    let (hours, minutes) = (number(&[h1, h2])?, number(&[m1, m2])?);
    let seconds = Some(hours * 3600 + minutes * 60).filter(|_| hours < 24 && minutes < 60)?;
    Some(if sign == b'-' { -seconds } else { seconds })
}

fn number(digits: &[u8]) -> Option<i64> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    digits.iter().try_fold(0, |sum, byte| Some(sum * 10 + digit(byte)?))
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let days_to_year = before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let days_to_month: i64 = (1..month).map(|earlier| days_in_month(year, earlier)).sum();
    // 719,162 days lie between 0001-01-01 and 1970-01-01.
    days_to_year + days_to_month + day - 1 - 719_162
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_texts_are_read() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.999Z", -1),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000),
            ("2000-02-29T12:00:00Z", 951_825_600_000),
            ("2026-08-21T23:01:43Z", 1_787_353_303_000),
            ("2026-08-21t23:01:43.6789z", 1_787_353_303_678),
            ("2026-08-22T01:01:43+02:00", 1_787_353_303_000),
            ("2026-08-21T22:31:43.5-00:30", 1_787_353_303_500),
        ] {
            assert_eq!(from_iso8601(text).map(Timestamp::unix_ms), Some(ms), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "2026-08-21",
            "2026-08-21T23:01:43",
            "2026-08-21 23:01:43Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-08-00T00:00:00Z",
            "2026-08-21T24:00:00Z",
            "2026-08-21T23:60:00Z",
            "2026-08-21T23:01:60Z",
            "2026-08-21T23:01:43.Z",
            "2026-08-21T23:01:43.1234567890Z",
            "2026-08-21T23:01:43+0200",
            "2026-08-21T23:01:43+24:00",
            "2026-08-21T23:01:43ZZ",
            "2026-08-21T23:01:4é",
            "1767323045",
        ] {
            assert_eq!(from_iso8601(text), None, "{text}");
        }
    }

    #[test]
    fn epoch_seconds_are_rounded_to_milliseconds() {
        for (number, ms) in [
            ("0", 0),
            ("-0.0015", -2),
            ("1767323045.678", 1_767_323_045_678),
            ("1.763762400123E9", 1_763_762_400_123),
            ("1767323045.6786", 1_767_323_045_679),
        ] {
            assert_eq!(from_epoch_seconds(number).map(Timestamp::unix_ms), Some(ms), "{number}");
        }
        for number in ["1e300", "-1e300", "253402300800", "1e999"] {
            assert_eq!(from_epoch_seconds(number), None, "{number}");
        }
    }
}
