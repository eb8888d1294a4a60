//! Owners of the library's objects, and the few calls that both lattice families share.

use std::ffi::c_int;
use std::ptr::{self, NonNull};

use aws_lc_sys::{
    EVP_DigestSign, EVP_DigestSignInit, EVP_DigestVerify, EVP_DigestVerifyInit, EVP_MD_CTX, EVP_MD_CTX_free,
    EVP_MD_CTX_new, EVP_PKEY, EVP_PKEY_CTX, EVP_PKEY_CTX_free, EVP_PKEY_CTX_new, EVP_PKEY_free,
    EVP_PKEY_get_raw_private_key, EVP_PKEY_get_raw_public_key, EVP_PKEY_sign, EVP_PKEY_sign_init, EVP_PKEY_verify,
    EVP_PKEY_verify_init,
};

use kagiban_base::secret::SecretBytes;

use crate::Refused;

/// What the library's functions return when all is well. Everything else, zero or negative, is a failure.
pub(crate) const DONE: c_int = 1;

/// Turns a return code into a result.
pub(crate) fn done(code: c_int) -> Result<(), Refused> {
    if code == DONE { Ok(()) } else { Err(Refused) }
}

/// A key, immutable since it was made.
pub(crate) struct Pkey(NonNull<EVP_PKEY>);

#[expect(unsafe_code, reason = "raw pointers are not Send; the library's keys are")]
// SAFETY: the key owns what it points to, and nothing in the library is bound to the thread that made it.
unsafe impl Send for Pkey {}

#[expect(unsafe_code, reason = "raw pointers are not Sync; the library's keys are")]
// SAFETY: all functions here read the key only; the one thing that changes is its reference count, which is atomic.
unsafe impl Sync for Pkey {}

impl Pkey {
    /// Takes over a key that the library has just made.
    ///
    /// # Safety
    /// `pkey` is null, or a key whose only reference the caller hands over.
    #[expect(unsafe_code, reason = "takes ownership of a raw pointer")]
    pub(crate) unsafe fn from_raw(pkey: *mut EVP_PKEY) -> Result<Self, Refused> {
        NonNull::new(pkey).map(Self).ok_or(Refused)
    }

    /// The pointer, for calls that read the key (some are declared to take it mutably all the same).
    pub(crate) fn as_ptr(&self) -> *mut EVP_PKEY {
        self.0.as_ptr()
    }

    /// The raw public key, which has `len` bytes.
    #[expect(unsafe_code, reason = "foreign call")]
    pub(crate) fn raw_public_key(&self, len: usize) -> Result<Vec<u8>, Refused> {
        let mut out = vec![0; len];
        let mut written = out.len();
        // SAFETY: `out` has room for `written` bytes; the call sets it to what it wrote and fails when that is more.
        done(unsafe { EVP_PKEY_get_raw_public_key(self.as_ptr(), out.as_mut_ptr(), &raw mut written) })?;
        if written == len { Ok(out) } else { Err(Refused) }
    }

    /// The raw private key, which has `len` bytes.
    #[expect(unsafe_code, reason = "foreign call")]
    pub(crate) fn raw_private_key(&self, len: usize) -> Result<SecretBytes, Refused> {
        let mut out = SecretBytes::zeroed(len);
        let mut written = out.len();
        let to = out.expose_mut().as_mut_ptr();
        // SAFETY: `to` has room for `written` bytes; the call sets it to what it wrote and fails when that is more.
        done(unsafe { EVP_PKEY_get_raw_private_key(self.as_ptr(), to, &raw mut written) })?;
        if written == len { Ok(out) } else { Err(Refused) }
    }

    /// Signs a message; the signature has `len` bytes.
    #[expect(unsafe_code, reason = "foreign calls")]
    pub(crate) fn sign_message(&self, message: &[u8], len: usize) -> Result<Vec<u8>, Refused> {
        let context = MessageContext::new()?;
        let (no_out, no_digest, no_engine) = (ptr::null_mut(), ptr::null(), ptr::null_mut());
        // SAFETY: context and key are alive; null stands for "not wanted" and, as digest, for the key's own hashing.
        done(unsafe { EVP_DigestSignInit(context.as_ptr(), no_out, no_digest, no_engine, self.as_ptr()) })?;
        let mut signature = vec![0; len];
        let mut written = signature.len();
        let (out, message_len) = (signature.as_mut_ptr(), message.len());
        // SAFETY: `out` has room for `written` bytes, which the call checks before it writes.
        done(unsafe { EVP_DigestSign(context.as_ptr(), out, &raw mut written, message.as_ptr(), message_len) })?;
        if written == len { Ok(signature) } else { Err(Refused) }
    }

    /// Whether this is the key's signature over the message.
    #[expect(unsafe_code, reason = "foreign calls")]
    pub(crate) fn verify_message(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        let context = MessageContext::new()?;
        let (no_out, no_digest, no_engine) = (ptr::null_mut(), ptr::null(), ptr::null_mut());
        // SAFETY: as in `sign_message`.
        done(unsafe { EVP_DigestVerifyInit(context.as_ptr(), no_out, no_digest, no_engine, self.as_ptr()) })?;
        let (data, len) = (message.as_ptr(), message.len());
        // SAFETY: both pointers come with the lengths of their slices.
        done(unsafe { EVP_DigestVerify(context.as_ptr(), signature.as_ptr(), signature.len(), data, len) })
    }

    /// Signs what stands for a message, 64 bytes for ML-DSA; the signature has `len` bytes.
    #[expect(unsafe_code, reason = "foreign calls")]
    pub(crate) fn sign_representative(&self, representative: &[u8], len: usize) -> Result<Vec<u8>, Refused> {
        let context = KeyContext::new(self)?;
        // SAFETY: the context is alive and has a key.
        done(unsafe { EVP_PKEY_sign_init(context.as_ptr()) })?;
        let mut signature = vec![0; len];
        let mut written = signature.len();
        let (data, data_len) = (representative.as_ptr(), representative.len());
        // SAFETY: the output has room for `written` bytes, which the call checks before it writes.
        done(unsafe { EVP_PKEY_sign(context.as_ptr(), signature.as_mut_ptr(), &raw mut written, data, data_len) })?;
        if written == len { Ok(signature) } else { Err(Refused) }
    }

    /// Whether this is the key's signature over what stands for a message.
    #[expect(unsafe_code, reason = "foreign calls")]
    pub(crate) fn verify_representative(&self, representative: &[u8], signature: &[u8]) -> Result<(), Refused> {
        let context = KeyContext::new(self)?;
        // SAFETY: the context is alive and has a key.
        done(unsafe { EVP_PKEY_verify_init(context.as_ptr()) })?;
        let (data, len) = (representative.as_ptr(), representative.len());
        // SAFETY: both pointers come with the lengths of their slices.
        done(unsafe { EVP_PKEY_verify(context.as_ptr(), signature.as_ptr(), signature.len(), data, len) })
    }
}

impl Drop for Pkey {
    #[expect(unsafe_code, reason = "foreign call")]
    fn drop(&mut self) {
        // SAFETY: this is the one reference that was handed over; the library wipes what it frees.
        unsafe { EVP_PKEY_free(self.as_ptr()) }
    }
}

/// The state of one operation with a key.
pub(crate) struct KeyContext(NonNull<EVP_PKEY_CTX>);

impl KeyContext {
    #[expect(unsafe_code, reason = "foreign call")]
    pub(crate) fn new(key: &Pkey) -> Result<Self, Refused> {
        // SAFETY: the key is alive, and the context takes a reference of its own to it; there is no engine.
        let context = unsafe { EVP_PKEY_CTX_new(key.as_ptr(), ptr::null_mut()) };
        NonNull::new(context).map(Self).ok_or(Refused)
    }

    pub(crate) fn as_ptr(&self) -> *mut EVP_PKEY_CTX {
        self.0.as_ptr()
    }
}

impl Drop for KeyContext {
    #[expect(unsafe_code, reason = "foreign call")]
    fn drop(&mut self) {
        // SAFETY: made by `new`, freed here only.
        unsafe { EVP_PKEY_CTX_free(self.as_ptr()) }
    }
}

/// The state of one operation over a message.
struct MessageContext(NonNull<EVP_MD_CTX>);

impl MessageContext {
    #[expect(unsafe_code, reason = "foreign call")]
    fn new() -> Result<Self, Refused> {
        // SAFETY: takes nothing, returns null or a fresh context.
        let context = unsafe { EVP_MD_CTX_new() };
        NonNull::new(context).map(Self).ok_or(Refused)
    }

    fn as_ptr(&self) -> *mut EVP_MD_CTX {
        self.0.as_ptr()
    }
}

impl Drop for MessageContext {
    #[expect(unsafe_code, reason = "foreign call")]
    fn drop(&mut self) {
        // SAFETY: made by `new`, freed here only.
        unsafe { EVP_MD_CTX_free(self.as_ptr()) }
    }
}
