//! Numbers, dates, addresses, truth values and base64 as texts. `None` is: cannot be read.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::LazyLock;

use regex::Regex;

/// A decimal number of any size: ± 0.DIGITS · 10^EXPONENT. The digits neither begin nor end with 0; zero has none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// From the digits before and after the point, and the power of ten.
    fn new(is_negative: bool, whole: &str, fraction: &str, power: i64) -> Self {
        let all = format!("{whole}{fraction}");
        let without_leading = all.trim_start_matches('0');
        let leading = all.len() - without_leading.len();
        let digits = without_leading.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Self { is_negative: false, digits, exponent: 0 };
        }
        Self { is_negative, digits, exponent: whole.len() as i64 - leading as i64 + power }
    }
}

/// A number is never minus zero, so the signs decide unless they are the same.
impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, false) => compare_magnitudes(self, other),
            (true, true) => compare_magnitudes(other, self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

/// Zero first, then by exponent, then digit by digit.
fn compare_magnitudes(one: &Decimal, other: &Decimal) -> Ordering {
    match (one.digits.is_empty(), other.digits.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => (one.exponent, &one.digits).cmp(&(other.exponent, &other.digits)),
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Digits with a point and an exponent perhaps; nothing beyond what a double holds, as the parser takes no more.
pub fn number(text: &str) -> Option<Decimal> {
    static FORM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\A([+-]?)(?:([0-9]+)\.?([0-9]*)|\.([0-9]+))(?:[eE]([+-]?[0-9]+))?\z").unwrap());
    let parts = FORM.captures(text)?;
    let part = |at| parts.get(at).map_or("", |found| found.as_str());
    let fraction = format!("{}{}", part(3), part(4));
    let enormous = if part(5).starts_with('-') { -1_000_000 } else { 1_000_000 };
    let power = if part(5).is_empty() { 0 } else { part(5).parse().unwrap_or(enormous) };
    let is_finite = text.parse::<f64>().is_ok_and(f64::is_finite);
    is_finite.then(|| Decimal::new(part(1) == "-", part(2), &fraction, power))
}

/// Four digits are a year. Any other number without an exponent is seconds since 1970. Else a day, perhaps with a time
/// and its offset from UTC.
pub fn date(text: &str) -> Option<Decimal> {
    let is_year = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    if !is_year && !text.contains(['e', 'E']) && number(text).is_some() {
        return number(text);
    }
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let clock = r"T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:[0-9]{2})";
        Regex::new(&format!(r"\A([0-9]{{4}})(?:-([0-9]{{2}})(?:-([0-9]{{2}})(?:{clock})?)?)?\z")).unwrap()
    });
    let parts = FORM.captures(text)?;
    let part = |at: usize, absent: &'static str| parts.get(at).map_or(absent, |found| found.as_str());
    let number = |at: usize, absent: &'static str| part(at, absent).parse::<i64>().ok();
    let days = days_since_1970(number(1, "")?, number(2, "01")?, number(3, "01")?)?;
    let (hour, minute, second) = (number(4, "00")?, number(5, "00")?, number(6, "00")?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset_seconds(part(8, "Z"))?;
    Some(with_fraction(seconds, part(7, "")))
}

/// The Gregorian calendar: every fourth year is a leap year, but of the hundreds only every fourth.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if is_leap(year) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month - 1).ok()?;
    let is_day = (1..=*lengths.get(before)?).contains(&day);
    let leap_years = (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    let years = year * 365 + leap_years - 719_528;
    is_day.then(|| years + lengths[..before].iter().sum::<i64>() + day - 1)
}

/// `Z`, `+HH:MM` or `-HH:MM` as seconds ahead of UTC.
fn offset_seconds(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (hours, minutes): (i64, i64) = (text[1..3].parse().ok()?, text[4..6].parse().ok()?);
    let seconds = hours * 3600 + minutes * 60;
    (hours <= 23 && minutes <= 59).then_some(if text.starts_with('-') { -seconds } else { seconds })
}

/// Seconds, possibly negative, plus a fraction that always counts forward: -5 and .25 are -4.75.
fn with_fraction(seconds: i64, fraction: &str) -> Decimal {
    let fraction = fraction.trim_end_matches('0');
    let Some(last) = fraction.len().checked_sub(1).filter(|_| seconds < 0) else {
        return Decimal::new(seconds < 0, &seconds.unsigned_abs().to_string(), fraction, 0);
    };
    let missing_to_one = |(at, digit): (usize, u8)| char::from(b'9' - digit + b'0' + u8::from(at == last));
    let rest: String = fraction.bytes().enumerate().map(missing_to_one).collect();
    Decimal::new(true, &(seconds + 1).unsigned_abs().to_string(), &rest, 0)
}

/// `true` or `false` in any case.
pub fn truth_value(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// One address, IPv4 or IPv6; an IPv4 address written as IPv6 is what it is.
pub fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// Whether an address begins with the bits of a network, `ADDRESS` or `ADDRESS/BITS`, of the same family. A network of
/// IPv4 addresses written as IPv6 is what it is.
pub fn is_within(address: IpAddr, network: &str) -> Option<bool> {
    let (base, count) = network.split_once('/').unwrap_or((network, "128"));
    let (written, count): (IpAddr, usize) = (base.parse().ok()?, count.parse().ok()?);
    let is_mapped = written.is_ipv6() && written.to_canonical().is_ipv4() && count >= 96;
    let (base, count) = if is_mapped { (written.to_canonical(), count - 96) } else { (written, count) };
    let (address_bits, base_bits) = (bits(address), bits(base));
    let count = count.min(base_bits.len());
    Some(address_bits.len() == base_bits.len() && address_bits[..count] == base_bits[..count])
}

/// The bits as text.
fn bits(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => format!("{:032b}", v4.to_bits()),
        IpAddr::V6(v6) => format!("{:0128b}", v6.to_bits()),
    }
}

/// RFC 4648, section 4: six bits per digit, whole bytes of them, padded to four digits.
pub fn base64(text: &str) -> Option<String> {
    static FORM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\A(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\z").unwrap());
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    FORM.is_match(text).then(|| {
        let sextet = |digit| DIGITS.find(digit).map(|value| format!("{value:06b}"));
        let bits: String = text.chars().filter_map(sextet).collect();
        bits[..bits.len() / 8 * 8].to_owned()
    })
}
