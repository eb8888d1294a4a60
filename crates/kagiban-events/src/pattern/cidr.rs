//! Networks: an address and how many of its bits count.

use std::net::IpAddr;

/// A network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Cidr {
    bits: u128,
    mask: u128,
    is_v4: bool,
}

impl Cidr {
    /// Reads `ADDRESS/LENGTH`. Bits of the address beyond the length don't count.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (bits, is_v4) = bits(address.parse().ok()?);
        let (length, width) = (length.parse::<u32>().ok()?, if is_v4 { 32 } else { 128 });
        let free = u32::checked_sub(width, length)?;
        let mask = u128::MAX.checked_shl(free).unwrap_or(0);
        Some(Self { bits: bits & mask, mask, is_v4 })
    }

    /// Whether the text is an address in the network.
    pub(super) fn contains(&self, text: &str) -> bool {
        text.parse().is_ok_and(|address: IpAddr| {
            let (bits, is_v4) = bits(address);
            is_v4 == self.is_v4 && bits & self.mask == self.bits
        })
    }
}

fn bits(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), true),
        IpAddr::V6(address) => (u128::from(address), false),
    }
}
