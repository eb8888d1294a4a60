//! Values of options as people write them.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// `ADDRESS:PORT`; `localhost` is 127.0.0.1.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    match local {
        Some(port) => Ok((Ipv4Addr::LOCALHOST, port).into()),
        None => {
            text.parse().map_err(|_| "not an IP address and a port, such as 127.0.0.1:4599 or [::1]:4599".to_owned())
        }
    }
}

/// A number of bytes: `65536`, `64KiB`, `1MiB`, `2GiB`.
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    let (number, unit) = split(text);
    let factor = match unit {
        "" => Some(1),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        _ => None,
    };
    let size = factor.and_then(|factor| number.parse::<usize>().ok()?.checked_mul(factor));
    size.ok_or_else(|| "not a size, such as 65536, 64KiB or 1MiB".to_owned())
}

/// A time above zero: `500ms`, `10s`, `2m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let milliseconds = match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        _ => None,
    };
    let time = milliseconds.and_then(|unit| number.parse::<u32>().ok()?.checked_mul(unit)).filter(|time| *time > 0);
    time.map(|time| Duration::from_millis(time.into())).ok_or_else(|| "not a time, such as 500ms, 10s or 2m".to_owned())
}

/// A time of at least a minute: `90m`, `6h`, `1d`.
pub(super) fn long_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let seconds = match unit {
        "m" => Some(60),
        "h" => Some(60 * 60),
        "d" => Some(24 * 60 * 60),
        _ => None,
    };
    let time = seconds.and_then(|unit| number.parse::<u32>().ok()?.checked_mul(unit)).filter(|time| *time > 0);
    time.map(|time| Duration::from_secs(time.into())).ok_or_else(|| "not a time, such as 90m, 6h or 1d".to_owned())
}

/// A part of a whole: 0, 0.01, 1.
pub(super) fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse::<f64>().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or_else(|| "not a number from 0 to 1, such as 0.01".to_owned())
}

/// The leading digits and what follows them.
fn split(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at_checked(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, size) in [
            ("0", Some(0)),
            ("65536", Some(65536)),
            ("64KiB", Some(65536)),
            ("1MiB", Some(1 << 20)),
            ("2GiB", Some(2 << 30)),
        ] {
            assert_eq!(bytes(text).ok(), size, "{text}");
        }
        for bad in ["", "KiB", "1kb", "1 MiB", "-1", "1.5MiB", "99999999999GiB"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times() {
        for (text, ms) in [("500ms", 500), ("10s", 10_000), ("2m", 120_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for bad in ["", "0s", "10", "s", "1h", "-1s", "1.5s", "99999999m"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn long_times() {
        for (text, minutes) in [("90m", 90), ("6h", 360), ("1d", 1440)] {
            assert_eq!(long_duration(text), Ok(Duration::from_secs(minutes * 60)), "{text}");
        }
        for bad in ["", "0h", "10", "h", "1s", "-1h", "1.5d", "99999999d"] {
            assert!(long_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses() {
        for (text, parsed) in
            [("localhost:1", "127.0.0.1:1"), ("127.0.0.1:0", "127.0.0.1:0"), ("[::1]:4599", "[::1]:4599")]
        {
            assert_eq!(address(text), Ok(parsed.parse().unwrap()));
        }
        for bad in ["", "localhost", "4599", ":4599", "example.com:443", "127.0.0.1", "localhost:65536"] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
