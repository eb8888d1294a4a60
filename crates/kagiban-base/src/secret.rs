//! Bytes that must not be seen: wiped when dropped, absent from Debug, compared by nobody but the code that needs to.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Secret bytes of any length: a plaintext, a secret access key, a data key.
///
/// No `Clone`, no `PartialEq`: comparing secrets is done in constant time where it is needed, and a copy is made only
/// by who says so with [`SecretBytes::copy`].
#[derive(Default)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes the bytes over; the caller's vector is the storage, so nothing stays behind.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A wiped-on-drop copy of `bytes`.
    pub fn from_slice(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec())
    }

    /// `len` zero bytes, to be filled.
    pub fn zeroed(len: usize) -> Self {
        Self::new(vec![0; len])
    }

    /// The bytes. The name is to be searched for in reviews.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, to be filled or changed in place.
    pub fn expose_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// A second copy, wiped like the first.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self::from_slice(&self.0)
    }

    /// Length in bytes; not secret.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds bytes at the end. Growing past the capacity moves the bytes, and the old place is wiped.
    pub fn append(&mut self, bytes: &[u8]) {
        if self.0.capacity() - self.0.len() < bytes.len() {
            let mut grown = Zeroizing::new(Vec::with_capacity(self.0.len().saturating_add(bytes.len())));
            grown.extend_from_slice(&self.0);
            self.0 = grown;
        }
        self.0.extend_from_slice(bytes);
    }

    /// Keeps the first `len` bytes and wipes the rest; does nothing when there are fewer.
    pub fn truncate(&mut self, len: usize) {
        if let Some(rest) = self.0.get_mut(len..) {
            rest.zeroize();
        }
        self.0.truncate(len);
    }
}

impl ZeroizeOnDrop for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes)", self.0.len())
    }
}

/// Secret bytes of a fixed length: keys.
pub struct SecretArray<const N: usize>(Zeroizing<[u8; N]>);

impl<const N: usize> SecretArray<N> {
    /// Copies the bytes in; the caller wipes its own copy.
    pub fn new(bytes: [u8; N]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// `N` zero bytes, to be filled.
    pub fn zeroed() -> Self {
        Self::new([0; N])
    }

    /// The bytes. The name is to be searched for in reviews.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// The bytes, to be filled or changed in place.
    pub fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }

    /// From a slice of exactly `N` bytes, else `None`.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut array = Self::zeroed();
        if bytes.len() != N {
            return None;
        }
        array.0.copy_from_slice(bytes);
        Some(array)
    }
}

impl<const N: usize> ZeroizeOnDrop for SecretArray<N> {}

impl<const N: usize> fmt::Debug for SecretArray<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretArray({N} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_length_only() {
        assert_eq!(format!("{:?}", SecretBytes::from_slice(b"hush")), "SecretBytes(4 bytes)");
        assert_eq!(format!("{:?}", SecretArray::new(*b"hush")), "SecretArray(4 bytes)");
    }

    #[test]
    fn arrays_take_their_exact_length() {
        assert!(SecretArray::<4>::from_slice(b"hus").is_none());
        assert!(SecretArray::<4>::from_slice(b"hushh").is_none());
        assert_eq!(SecretArray::<4>::from_slice(b"hush").unwrap().expose(), b"hush");
    }

    #[test]
    fn append_grows_beyond_the_capacity() {
        let mut secret = SecretBytes::new(Vec::with_capacity(4));
        for part in [&b"hu"[..], b"sh", b"", b" now"] {
            secret.append(part);
        }
        assert_eq!(secret.expose(), b"hush now");
    }

    #[test]
    fn truncate_keeps_the_head() {
        let mut secret = SecretBytes::from_slice(b"hush now");
        secret.truncate(4);
        assert_eq!(secret.expose(), b"hush");
        secret.truncate(9);
        assert_eq!(secret.len(), 4);
    }
}
