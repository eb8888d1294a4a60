//! The values that condition operators compare, read from text: numbers, dates, addresses, bytes, truth values.
//!
//! Whatever a policy or a request gives passes here; a text that does not fit is `None`, never a guess.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv6Addr};

/// `true` or `false`, in any case.
pub(crate) fn bool(text: &str) -> Option<bool> {
    let is = |name| text.eq_ignore_ascii_case(name);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}

/// A decimal number, exact whatever its length: 0.DIGITS times ten to the power of `exponent`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Number {
    negative: bool,
    exponent: i64,
    /// ASCII, beginning and ending with another digit than 0. None for zero, whose other fields are `false` and 0.
    digits: Box<[u8]>,
}

impl Number {
    /// A decimal number, with an exponent perhaps; within the range of a double, no infinity and no "not a number".
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_decimal = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
        if !is_decimal || !text.parse().is_ok_and(f64::is_finite) {
            return None;
        }
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = whole.trim_start_matches(['+', '-']);
        // So large an exponent is that of zero, or of a number that is as good as zero.
        let enormous = if power.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
        Self::new(whole.starts_with('-'), digits, fraction.bytes(), power.parse().unwrap_or(enormous))
    }

    /// From the digits before and after the point, and a power of ten.
    fn new(negative: bool, whole: &str, fraction: impl Iterator<Item = u8>, power: i64) -> Option<Self> {
        let mut digits: Vec<u8> = whole.bytes().chain(fraction).collect();
        digits.truncate(digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1));
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        if digits.is_empty() {
            return Some(Self { negative: false, exponent: 0, digits: Box::default() });
        }
        let point = i64::try_from(whole.len()).ok()?.checked_sub(i64::try_from(zeros).ok()?)?;
        Some(Self { negative, exponent: power.checked_add(point)?, digits: digits.into() })
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
        self.sign().cmp(&other.sign()).then(if self.negative { size.reverse() } else { size })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A point in time, exact: seconds since 1970.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Date(Number);

impl Date {
    /// `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or a whole day with `THH:MM`, seconds, a fraction of them, and `Z` or an offset
    /// (the forms of the W3C profile of ISO 8601); any other number without exponent is seconds since 1970.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
        let Some(days) = days(day, time.is_some()) else { return Self::epoch(text) };
        let (seconds, fraction) = time.map_or(Some((0, "")), time_of_day)?;
        Self::new(days.checked_mul(86_400)?.checked_add(seconds)?, fraction)
    }

    fn epoch(text: &str) -> Option<Self> {
        if text.contains(['e', 'E']) { None } else { Number::parse(text).map(Self) }
    }

    /// Seconds, and the digits of a fraction that counts forward before 1970 too.
    fn new(seconds: i64, fraction: &str) -> Option<Self> {
        let fraction = fraction.trim_end_matches('0').as_bytes();
        let (Some((last, others)), true) = (fraction.split_last(), seconds < 0) else {
            let whole = seconds.unsigned_abs().to_string();
            return Number::new(seconds < 0, &whole, fraction.iter().copied(), 0).map(Self);
        };
        // -2 and 0.25 forward are -1.75: what is missing to the next second, digit by digit.
        let whole = seconds.checked_add(1)?.unsigned_abs().to_string();
        let missing = others.iter().map(|digit| b'9' - digit + b'0').chain([b'9' - last + b'1']);
        Number::new(true, &whole, missing, 0).map(Self)
    }
}

/// Days from 1970 to the day; a missing month or day is the first, unless the whole day is needed.
fn days(text: &str, is_whole: bool) -> Option<i64> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?;
    let mut two = |max| match parts.next() {
        Some(part) if part.len() == 2 => number_within(part, 1, max),
        None if !is_whole => Some(1),
        _ => None,
    };
    let (year, month, day) = (number_within(year, 0, 9999)?, two(12)?, two(31)?);
    (parts.next().is_none() && day <= days_of_month(year, month)).then(|| days_from_civil(year, month, day))
}

fn days_of_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts in years that begin in March, so that the leap day is the last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // From 0000-03-01 to 1970-01-01 there are 719,468 days.
    year * 365 + leap_days + day_of_year - 719_468
}

/// `HH:MM[:SS[.f]]` and then `Z`, `+HH:MM` or `-HH:MM`: seconds after midnight of that day in UTC, and the fraction.
fn time_of_day(text: &str) -> Option<(i64, &str)> {
    let (time, zone) = text.split_at(text.find(['Z', '+', '-'])?);
    let (seconds, fraction) = clock(time)?;
    let offset = match zone.split_at(1) {
        ("Z", "") => 0,
        (sign, offset) if offset.len() == 5 => clock(offset)?.0 * if sign == "-" { -1 } else { 1 },
        _ => return None,
    };
    Some((seconds - offset, fraction))
}

/// Seconds of `HH:MM[:SS[.f]]`, and the digits of the fraction.
fn clock(text: &str) -> Option<(i64, &str)> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut parts = whole.split(':').map(|part| if part.len() == 2 { part } else { "" });
    let (hours, minutes) = (number_within(parts.next()?, 0, 23)?, number_within(parts.next()?, 0, 59)?);
    let seconds = parts.next();
    let fraction_fits = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || fraction.is_some_and(|digits| seconds.is_none() || !fraction_fits(digits)) {
        return None;
    }
    let seconds = seconds.map_or(Some(0), |seconds| number_within(seconds, 0, 59))?;
    Some((hours * 3600 + minutes * 60 + seconds, fraction.unwrap_or_default()))
}

/// Digits only, and their value in the range.
fn number_within(digits: &str, min: i64, max: i64) -> Option<i64> {
    let are_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|value| are_digits && (min..=max).contains(value))
}

/// An address. One of IPv6 that maps one of IPv4 is that one.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// A range of addresses; the bits beyond its prefix do not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Network {
    is_v4: bool,
    mask: u128,
    /// With the mask applied.
    bits: u128,
}

impl Network {
    /// `ADDRESS` or `ADDRESS/PREFIX`. A range of mapped addresses is one of IPv4.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let (is_v4, bits) = match address.parse().ok()? {
            IpAddr::V4(address) => (true, u128::from(address.to_bits())),
            IpAddr::V6(address) => (false, address.to_bits()),
        };
        let len = if is_v4 { 32 } else { 128 };
        let prefix = prefix.map_or(Some(len), |prefix| number_within(prefix, 0, len))?;
        let mapped = if is_v4 { None } else { Ipv6Addr::from_bits(bits).to_ipv4_mapped() };
        match mapped {
            Some(v4) if prefix >= 96 => Self::new(true, u128::from(v4.to_bits()), len - prefix),
            _ => Self::new(is_v4, bits, len - prefix),
        }
    }

    fn new(is_v4: bool, bits: u128, host_bits: i64) -> Option<Self> {
        let mask = u128::MAX.checked_shl(u32::try_from(host_bits).ok()?).unwrap_or(0);
        Some(Self { is_v4, mask, bits: bits & mask })
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let (is_v4, bits) = match address {
            IpAddr::V4(address) => (true, u128::from(address.to_bits())),
            IpAddr::V6(address) => (false, address.to_bits()),
        };
        is_v4 == self.is_v4 && bits & self.mask == self.bits
    }
}

/// The bytes of base64 text (RFC 4648, section 4, with padding; bits beyond the last byte do not count).
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len());
    let (mut buffer, mut bits) = (0u32, 0);
    for digit in digits.bytes() {
        buffer = (buffer << 6 | base64_digit(digit)?) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

fn base64_digit(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_ordered_exactly() {
        let ascending = [
            "-1e308",
            "-1000",
            "-10.01",
            "-10",
            "-9.99",
            "-0.5",
            "-1e-300",
            "0",
            "1e-300",
            "0.05",
            "0.5",
            "0.50001",
            "9",
            "10",
            "99.9",
            "1e2",
            "9007199254740992",
            "9007199254740993",
            "18446744073709551616",
            "1e308",
        ];
        for (at, one) in ascending.iter().enumerate() {
            for (other_at, other) in ascending.iter().enumerate() {
                let (left, right) = (Number::parse(one).unwrap(), Number::parse(other).unwrap());
                assert_eq!(left.cmp(&right), at.cmp(&other_at), "{one} {other}");
            }
        }
        for (one, other) in [("1.0", "1"), ("-0", "0"), ("0e9", "0"), ("100", "1E2"), ("+.5", "0.50"), ("1.", "01")] {
            assert_eq!(Number::parse(one), Number::parse(other), "{one} {other}");
        }
        for bad in [
            "",
            "+",
            "-",
            ".",
            "e",
            "1e",
            "e1",
            "1e1.5",
            "--1",
            "1 ",
            "1_0",
            "inf",
            "nan",
            "1e309",
            "0x1",
            "1e99999999999999999999",
            "-1e99999999999999999999",
        ] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
        let number = |text: &str| Number::parse(text).unwrap();
        assert_eq!(number("0e99999999999999999999"), number("0"));
        assert!(number("1e-99999999999999999999") > number("0"));
        assert!(number("1e-99999999999999999999") < number("1e-300"));
    }

    #[test]
    fn dates_are_points_in_time() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", "0"),
            ("1970", "0"),
            ("1970-01", "0"),
            ("1969-12-31", "-86400"),
            ("0000-03-01", "-62162035200"),
            ("0000-01-01", "-62167219200"),
            ("2000-02-29T00:00Z", "951782400"),
            ("2100-03-01", "4107542400"),
            ("9999-12-31T23:59:59.999999999Z", "253402300799.999999999"),
            ("2026-08-21T23:01:43Z", "1787353303"),
            ("2026-08-21T23:01:43.5Z", "1787353303.5"),
            ("2026-08-21T23:01:43.1234567899Z", "1787353303.1234567899"),
            ("1969-12-31T23:59:58.25Z", "-1.75"),
            ("1969-12-31T23:59:59.9000Z", "-0.1"),
            ("1969-12-31T23:59:59.000Z", "-1"),
            ("1969-12-31T23:59:58.0500Z", "-1.95"),
            ("99999999999999999999", "99999999999999999999"),
            ("2026-08-22T01:01:43+02:00", "1787353303"),
            ("2026-08-21T17:31:43-05:30", "1787353303"),
            ("1787353303", "1787353303"),
            ("1787353303.25", "1787353303.25"),
            ("-1", "-1"),
            ("-1.25", "-1.25"),
            ("+5", "5"),
            ("+202", "202"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("12345", "12345"),
            ("999", "999"),
        ] {
            assert_eq!(Date::parse(text), Number::parse(seconds).map(Date), "{text}");
        }
        for bad in [
            "",
            "T",
            "Z",
            "1900-02-29",
            "2026-00-01",
            "2026-01-00",
            "2026-1-1",
            "2026-01-01T",
            "2026-01-01TZ",
            "2026-01T00:00Z",
            "2026-01-01T00:00",
            "2026-01-01T00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00.5Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00z",
            "2026-01-01t00:00:00Z",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+0100",
            "2026-01-01T00:00:00+01:00:00",
            "2026-01-01T00:00:00Zä",
            "2026-01-01T00:00:00ä",
            "1e3",
            "-",
            "٢٠٢٦",
            "-202-01",
            "2026-01-01-01",
            "-+5",
            "1.2.3",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn networks_hold_their_addresses() {
        let contains = |network: &str, other: &str| Network::parse(network).unwrap().contains(address(other).unwrap());
        for (network, inside, outside) in [
            ("192.0.2.1", "192.0.2.1", "192.0.2.0"),
            ("192.0.2.1/32", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.1/31", "192.0.2.0", "192.0.2.2"),
            ("0.0.0.0/0", "255.1.2.3", "::1"),
            ("2001:db8::/127", "2001:db8::1", "2001:db8::2"),
            ("2001:db8::1", "2001:db8::1", "2001:db8::"),
            ("::/0", "2001:db8::", "0.0.0.0"),
            ("::ffff:192.0.2.0/127", "192.0.2.1", "192.0.2.2"),
            ("::ffff:0:0/96", "1.2.3.4", "::"),
            ("::ffff:0:0/95", "::fffe:0:1", "1.2.3.4"),
        ] {
            assert!(contains(network, inside), "{network} {inside}");
            assert!(!contains(network, outside), "{network} {outside}");
        }
    }

    #[test]
    fn base64_gives_the_bytes() {
        for (text, bytes) in [("", &b""[..]), ("TQ==", b"M"), ("TWE=", b"Ma"), ("TWFu", b"Man"), ("/+8=", b"\xff\xef")]
        {
            assert_eq!(base64(text).as_deref(), Some(bytes), "{text}");
        }
        assert_eq!(base64("TR=="), base64("TQ=="));
        for bad in ["T", "TQ", "TQ=", "====", "T===", "TQ==TQ==", "TQ= =", "_-8=", "TWFu\n"] {
            assert_eq!(base64(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn integers_compare_as_integers(one: i64, other: i64) {
            let number = |n: i64| Number::parse(&n.to_string()).unwrap();
            prop_assert_eq!(number(one).cmp(&number(other)), one.cmp(&other));
        }

        #[test]
        fn fractions_compare_as_integers(one in -10_000i64..10_000, other in -10_000i64..10_000) {
            let number = |n: i64| Number::parse(&format!("{n}e-2")).unwrap();
            prop_assert_eq!(number(one).cmp(&number(other)), one.cmp(&other));
        }

        #[test]
        fn no_text_panics(text in "[-+.:/eETZ=0-9a-fä]{0,24}") {
            let _ = (Number::parse(&text), Date::parse(&text), Network::parse(&text), address(&text), base64(&text));
        }
    }
}
