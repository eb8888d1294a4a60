//! The `traceparent` header: which trace a request belongs to (W3C Trace Context, level 1, section 3.2).

use http::HeaderMap;

const HEADER: &str = "traceparent";
/// Version, trace, parent and flags, with a dash between.
const LEN: usize = 2 + 1 + 32 + 1 + 16 + 1 + 2;
const SAMPLED: u8 = 1;

/// The caller's side of a trace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Parent {
    pub(super) trace_id: [u8; 16],
    pub(super) span_id: [u8; 8],
    /// Whether the caller records it.
    pub(super) is_sampled: bool,
}

impl Parent {
    /// What a request says. A header that is not well-formed, and one of several, counts as none: so the standard wants it.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(HEADER).iter();
        let only = values.next().filter(|_| values.next().is_none())?;
        Self::parse(only.to_str().ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let (known, rest) = text.split_at_checked(LEN)?;
        let mut parts = known.split('-');
        let [version] = hex(parts.next()?)?;
        let (trace_id, span_id, [flags]) = (hex(parts.next()?)?, hex(parts.next()?)?, hex(parts.next()?)?);
        // Later versions may say more behind a further dash; this one says nothing more.
        let is_whole = if version == 0 { rest.is_empty() } else { rest.is_empty() || rest.starts_with('-') };
        let is_valid = version != 0xff && is_whole && trace_id != [0; 16] && span_id != [0; 8];
        is_valid.then_some(Self { trace_id, span_id, is_sampled: flags & SAMPLED != 0 })
    }
}

/// Bytes from digits, which must be lower case, and as many as are needed.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn well_formed_headers_are_read() {
        let parent = Parent::parse(GOOD).unwrap();
        assert_eq!(parent.trace_id[..3], [0x0a, 0xf7, 0x65]);
        assert_eq!((parent.span_id[7], parent.is_sampled), (0x31, true));
        assert!(!Parent::parse(&GOOD.replace("-01", "-00")).unwrap().is_sampled);
        assert!(Parent::parse(&GOOD.replace("-01", "-ff")).unwrap().is_sampled);
        assert!(Parent::parse(&GOOD.replacen("00", "cc", 1)).is_some());
        assert!(Parent::parse(&(GOOD.replacen("00", "cc", 1) + "-what-comes")).is_some());
    }

    #[test]
    fn others_are_none() {
        for text in [
            "",
            "00",
            &GOOD[..54],
            &(GOOD.to_owned() + "-more"),
            &GOOD.to_uppercase(),
            &GOOD.replacen("00", "ff", 1),
            &(GOOD.replacen("00", "cc", 1) + "more"),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319-cb7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333é01",
        ] {
            assert_eq!(Parent::parse(text), None, "{text}");
        }
        let mut headers = HeaderMap::new();
        assert_eq!(Parent::of(&headers), None);
        headers.append(HEADER, HeaderValue::from_static(GOOD));
        assert!(Parent::of(&headers).is_some());
        headers.append(HEADER, HeaderValue::from_static(GOOD));
        assert_eq!(Parent::of(&headers), None);
    }
}
