//! Request ids without a system call each.

use std::cell::RefCell;

use kagiban_base::id::RequestId;
use kagiban_base::os::OsRandom;
use kagiban_base::random::{Random, RandomError};

/// Ids made from one draw of the operating system's randomness.
const IDS_PER_DRAW: usize = 32;
const POOL_BYTES: usize = IDS_PER_DRAW * 16;

/// Public random bytes, drawn from the operating system in blocks and handed out once each.
struct Pool {
    bytes: [u8; POOL_BYTES],
    used: usize,
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL_BYTES], used: POOL_BYTES }) };
}

/// Draws request ids from this thread's pool. Not for anything secret: the bytes lie in memory before they are used.
struct Pooled;

impl Random for Pooled {
    fn fill_secret(&self, out: &mut [u8]) -> Result<(), RandomError> {
        OsRandom.fill_secret(out)
    }

    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
        POOL.with_borrow_mut(|pool| {
            if let Some(next) = pool.bytes.get(pool.used..pool.used + out.len()) {
                out.copy_from_slice(next);
                pool.used += out.len();
                return Ok(());
            }
            OsRandom.fill_public(&mut pool.bytes)?;
            pool.used = 0;
            let Some(next) = pool.bytes.get(..out.len()) else { return OsRandom.fill_public(out) };
            out.copy_from_slice(next);
            pool.used = out.len();
            Ok(())
        })
    }
}

/// A fresh request id.
pub(super) fn next() -> Result<RequestId, RandomError> {
    RequestId::generate(&Pooled)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_never_repeat_across_draws() {
        let ids: HashSet<String> = (0..IDS_PER_DRAW * 5).map(|_| next().unwrap().to_string()).collect();
        assert_eq!(ids.len(), IDS_PER_DRAW * 5);
    }

    #[test]
    fn large_requests_bypass_the_pool() {
        let mut out = [0; POOL_BYTES + 1];
        Pooled.fill_public(&mut out).unwrap();
        assert!(out.iter().any(|byte| *byte != 0));
    }
}
