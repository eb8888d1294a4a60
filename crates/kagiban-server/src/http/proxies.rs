//! Reverse proxies whose word is taken for where a request came from.
//!
//! A proxy that the operator names adds the address of its client to X-Forwarded-For, and says in X-Forwarded-Proto how the
//! client came. From anybody else these fields are claims that are not read. What a trusted proxy sends and cannot be
//! understood refuses the request: a condition on the source address must not be decided on a guess.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use http::{HeaderMap, HeaderName};

use super::fault::{self, Fault};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// A network: an address and how many of its leading bits count. An IPv4 network is never written as IPv6.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    address: IpAddr,
    prefix_len: u8,
}

/// A text is no network that proxies can be in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidNetwork {
    /// Not ADDRESS or ADDRESS/BITS.
    #[error("not a network, such as 10.1.0.0/16, 2001:db8::/32 or 10.1.2.3")]
    Malformed,
    /// The address has bits set after the prefix.
    #[error("the address has bits beyond its prefix; write the network's first address")]
    HostBits,
    /// Every address.
    #[error("every address would be believed to be a proxy, so that anybody could claim any source address")]
    Everybody,
    /// `::ffff:10.0.0.0/104`
    #[error("write an IPv4 network as such")]
    MappedV4,
}

impl Network {
    /// Whether the address is in the network; IPv4 in its IPv6 form is IPv4.
    fn contains(&self, address: IpAddr) -> bool {
        leading(address.to_canonical(), self.prefix_len) == leading(self.address, self.prefix_len)
            && address.to_canonical().is_ipv4() == self.address.is_ipv4()
    }
}

/// The first bits of an address, the others cleared, left-aligned in 128.
fn leading(address: IpAddr, bits: u8) -> u128 {
    let aligned = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(bits.into())).unwrap_or_default();
    aligned & mask
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork::Malformed)?;
        if address.to_canonical() != address {
            return Err(InvalidNetwork::MappedV4);
        }
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix_len = match bits {
            None => most,
            Some(bits) if bits.len() <= 3 && bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                bits.parse().ok().filter(|bits| *bits <= most).ok_or(InvalidNetwork::Malformed)?
            }
            Some(_) => return Err(InvalidNetwork::Malformed),
        };
        match prefix_len {
            0 => Err(InvalidNetwork::Everybody),
            _ if leading(address, prefix_len) != leading(address, most) => Err(InvalidNetwork::HostBits),
            _ => Ok(Self { address, prefix_len }),
        }
    }
}

/// The networks that trusted proxies are in; none by default.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TrustedProxies(Vec<Network>);

/// Where a request came from, as far as is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Source {
    pub(super) address: IpAddr,
    /// Whether it came over TLS.
    pub(super) is_secure: bool,
}

impl TrustedProxies {
    /// Proxies in these networks are trusted.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Where a request came from, whose sender is `peer`.
    ///
    /// # Errors
    /// The fault of a request whose proxy says what cannot be understood.
    pub(super) fn source(&self, peer: Source, headers: &HeaderMap) -> Result<Source, Fault> {
        if !self.contain(peer.address) {
            return Ok(peer);
        }
        let address = self.client(peer.address, headers).ok_or(fault::MALFORMED_FORWARDING)?;
        let is_forwarded = headers.contains_key(FORWARDED_FOR);
        let is_secure = match was_secure(headers).map_err(|Malformed| fault::MALFORMED_FORWARDING)? {
            Some(was_secure) => was_secure,
            // A proxy that does not tell how its client came: nothing is known, so nothing is claimed.
            None => peer.is_secure && !is_forwarded,
        };
        Ok(Source { address, is_secure })
    }

    /// The rightmost address that is no trusted proxy's. Each proxy adds its client at the end, so what is left of that
    /// address is the client's own claim and not looked at. The leftmost if all are proxies; the peer if there is none.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let mut client = peer;
        for line in headers.get_all(FORWARDED_FOR).iter().rev() {
            for part in line.to_str().ok()?.rsplit(',') {
                client = address(part.trim())?;
                if !self.contain(client) {
                    return Some(client.to_canonical());
                }
            }
        }
        Some(client)
    }
}

/// `192.0.2.1` or `2001:db8::1`, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().filter(IpAddr::is_ipv6);
    text.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip())).or_else(bare)
}

/// A field's value cannot be understood.
struct Malformed;

/// Whether the client came over TLS: every value has to say so, for where several proxies are in a row each may add one.
fn was_secure(headers: &HeaderMap) -> Result<Option<bool>, Malformed> {
    let mut secure = None;
    for line in headers.get_all(FORWARDED_PROTO) {
        for part in line.to_str().map_err(|_| Malformed)?.split(',').map(str::trim) {
            let is_https = part.eq_ignore_ascii_case("https");
            if !is_https && !part.eq_ignore_ascii_case("http") {
                return Err(Malformed);
            }
            secure = Some(secure.unwrap_or(true) && is_https);
        }
    }
    Ok(secure)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks() {
        for (network, inside, outside) in [
            ("10.1.0.0/16", &["10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3"][..], &["10.2.0.0", "::1", "a01::"][..]),
            ("10.1.2.3", &["10.1.2.3"], &["10.1.2.2", "10.1.2.4"]),
            ("128.0.0.0/1", &["255.255.255.255"], &["127.255.255.255", "8000::"]),
            ("2001:db8::/32", &["2001:db8:ffff::1"], &["2001:db9::", "32.1.13.184"]),
            ("::1", &["::1"], &["127.0.0.1", "::2"]),
        ] {
            let network: Network = network.parse().unwrap();
            for address in inside {
                assert!(network.contains(ip(address)), "{network:?} {address}");
            }
            for address in outside {
                assert!(!network.contains(ip(address)), "{network:?} {address}");
            }
        }
    }

    #[test]
    fn what_is_no_network() {
        for (text, error) in [
            ("", InvalidNetwork::Malformed),
            ("proxy", InvalidNetwork::Malformed),
            ("10.0.0.0/", InvalidNetwork::Malformed),
            ("10.0.0.0/33", InvalidNetwork::Malformed),
            ("10.0.0.0/+8", InvalidNetwork::Malformed),
            ("10.0.0.0/8/8", InvalidNetwork::Malformed),
            ("10.0.0.0/256", InvalidNetwork::Malformed),
            ("::/129", InvalidNetwork::Malformed),
            ("[::1]", InvalidNetwork::Malformed),
            ("10.0.0.1/8", InvalidNetwork::HostBits),
            ("2001:db8::1/32", InvalidNetwork::HostBits),
            ("0.0.0.0/0", InvalidNetwork::Everybody),
            ("::/0", InvalidNetwork::Everybody),
            ("::ffff:10.0.0.0/104", InvalidNetwork::MappedV4),
        ] {
            assert_eq!(text.parse::<Network>(), Err(error), "{text}");
        }
    }

    /// The source that a request from `peer` over TLS has, with these fields.
    fn source(peer: &str, fields: &[(&'static str, &str)]) -> Result<(String, bool), Fault> {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let peer = Source { address: ip(peer), is_secure: true };
        proxies.source(peer, &headers).map(|source| (source.address.to_string(), source.is_secure))
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy() {
        for (peer, forwarded, address) in [
            // Not a proxy: its claims are not read, however they look.
            ("192.0.2.9", &["198.51.100.1"][..], "192.0.2.9"),
            ("192.0.2.9", &["no address"], "192.0.2.9"),
            // A proxy without the field speaks for itself.
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("fd00::1", &["2001:db8::7"], "2001:db8::7"),
            ("10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1:1234"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::7]:1234"], "2001:db8::7"),
            ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            // A client cannot claim by sending the field itself: the proxy writes behind it.
            ("10.0.0.1", &["203.0.113.5, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.5", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["10.9.9.9, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["unknown, <script>,, 198.51.100.1"], "198.51.100.1"),
            // Proxies in a row.
            ("10.0.0.1", &["203.0.113.5, 198.51.100.1,10.0.0.3", " 10.0.0.2 "], "198.51.100.1"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ] {
            let fields: Vec<_> = forwarded.iter().map(|value| ("x-forwarded-for", *value)).collect();
            assert_eq!(
                source(peer, &fields).map(|(address, _)| address),
                Ok(address.to_owned()),
                "{peer} {forwarded:?}"
            );
        }
    }

    #[test]
    fn how_the_client_came() {
        let from = |fields: &[(&'static str, &str)]| source("10.0.0.1", fields).map(|(_, is_secure)| is_secure);
        let client = ("x-forwarded-for", "198.51.100.1");
        for (protos, is_secure) in [
            (&["https"][..], true),
            (&["HTTPS"], true),
            (&["http"], false),
            (&["https, https"], true),
            (&["https, http"], false),
            (&["http,https"], false),
            (&["https", "http"], false),
            (&[], false),
        ] {
            let mut fields: Vec<_> = protos.iter().map(|value| ("x-forwarded-proto", *value)).collect();
            fields.push(client);
            assert_eq!(from(&fields), Ok(is_secure), "{protos:?}");
        }
        assert_eq!(from(&[]), Ok(true), "the proxy itself, over TLS");
        assert_eq!(from(&[("x-forwarded-proto", "http")]), Ok(false));
        assert_eq!(source("192.0.2.9", &[("x-forwarded-proto", "http")]), Ok(("192.0.2.9".to_owned(), true)));
    }

    #[test]
    fn what_a_proxy_must_not_send() {
        for (name, value) in [
            ("x-forwarded-for", ""),
            ("x-forwarded-for", "unknown"),
            ("x-forwarded-for", "198.51.100.1,"),
            ("x-forwarded-for", "198.51.100.1, _hidden"),
            ("x-forwarded-for", "198.51.100.1, 10.0.0.2, x"),
            ("x-forwarded-for", "198.51.100.256"),
            ("x-forwarded-for", "[198.51.100.1]"),
            ("x-forwarded-for", "198.51.100.1:99999"),
            ("x-forwarded-for", "198.51.100.1 198.51.100.2"),
            ("x-forwarded-for", "ä"),
            ("x-forwarded-proto", ""),
            ("x-forwarded-proto", "h2"),
            ("x-forwarded-proto", "https,"),
            ("x-forwarded-proto", "https ,ftp"),
            ("x-forwarded-proto", "ä"),
        ] {
            assert_eq!(source("10.0.0.1", &[(name, value)]), Err(fault::MALFORMED_FORWARDING), "{name}: {value}");
        }
    }
}
