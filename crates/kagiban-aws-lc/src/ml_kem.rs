//! ML-KEM (FIPS 203) with private keys that keep their seed.
//!
//! `aws-lc-rs` knows ML-KEM keys in their expanded form only, of which the seed cannot be had back. The library itself
//! reads a seed only as part of PKCS#8 (RFC 9935, section 6), so that is what a private key is made from here.

use std::ffi::c_int;
use std::mem::MaybeUninit;

use aws_lc_sys::{
    CBS, CBS_init, EVP_PKEY_decapsulate, EVP_PKEY_encapsulate, EVP_PKEY_kem_get_type, EVP_PKEY_kem_new_raw_public_key,
    EVP_parse_private_key, NID_MLKEM512, NID_MLKEM768, NID_MLKEM1024,
};
use kagiban_base::secret::{SecretArray, SecretBytes};

use crate::Refused;
use crate::pkey::{KeyContext, Pkey, done};

/// Bytes of a private key as PKCS#8 in seed form, for every parameter set.
pub const PKCS8_LEN: usize = 86;
/// Bytes of a shared secret, for every parameter set.
pub const SHARED_SECRET_LEN: usize = 32;

/// Which of the three parameter sets (FIPS 203, table 2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ParameterSet {
    /// ML-KEM-512
    MlKem512,
    /// ML-KEM-768
    MlKem768,
    /// ML-KEM-1024
    MlKem1024,
}

impl ParameterSet {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::MlKem512, Self::MlKem768, Self::MlKem1024];

    const fn nid(self) -> c_int {
        match self {
            Self::MlKem512 => NID_MLKEM512,
            Self::MlKem768 => NID_MLKEM768,
            Self::MlKem1024 => NID_MLKEM1024,
        }
    }

    /// Bytes of an expanded private key (FIPS 203, table 3).
    pub const fn expanded_len(self) -> usize {
        match self {
            Self::MlKem512 => 1632,
            Self::MlKem768 => 2400,
            Self::MlKem1024 => 3168,
        }
    }

    /// Bytes of a raw public key (FIPS 203, table 3).
    pub const fn public_key_len(self) -> usize {
        match self {
            Self::MlKem512 => 800,
            Self::MlKem768 => 1184,
            Self::MlKem1024 => 1568,
        }
    }

    /// Bytes of a ciphertext (FIPS 203, table 3).
    pub const fn ciphertext_len(self) -> usize {
        match self {
            Self::MlKem512 => 768,
            Self::MlKem768 => 1088,
            Self::MlKem1024 => 1568,
        }
    }
}

/// A private key, expanded. Wiped by the library when dropped.
pub struct PrivateKey {
    parameter_set: ParameterSet,
    pkey: Pkey,
}

impl PrivateKey {
    /// Reads a private key in seed form and expands it (FIPS 203, algorithm 16).
    ///
    /// # Errors
    /// [`Refused`] for anything but a key of this parameter set.
    pub fn from_pkcs8(parameter_set: ParameterSet, der: &[u8; PKCS8_LEN]) -> Result<Self, Refused> {
        let pkey = parse(der)?;
        if type_of(&pkey) != parameter_set.nid() {
            return Err(Refused);
        }
        Ok(Self { parameter_set, pkey })
    }

    /// The expanded private key, for comparing it with one that came along with a seed.
    ///
    /// # Errors
    /// [`Refused`] when the library fails.
    pub fn expanded(&self) -> Result<SecretBytes, Refused> {
        self.pkey.raw_private_key(self.parameter_set.expanded_len())
    }

    /// The raw public key.
    ///
    /// # Errors
    /// [`Refused`] when the library fails.
    pub fn public_key(&self) -> Result<Vec<u8>, Refused> {
        self.pkey.raw_public_key(self.parameter_set.public_key_len())
    }

    /// The shared secret in a ciphertext; one that nobody knows if the ciphertext was not made for this key.
    ///
    /// # Errors
    /// [`Refused`] unless there are [`ParameterSet::ciphertext_len`] bytes.
    #[expect(unsafe_code, reason = "foreign call")]
    pub fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretArray<SHARED_SECRET_LEN>, Refused> {
        let context = KeyContext::new(&self.pkey)?;
        let mut secret = SecretArray::zeroed();
        let mut written = SHARED_SECRET_LEN;
        let (out, from, len) = (secret.expose_mut().as_mut_ptr(), ciphertext.as_ptr(), ciphertext.len());
        // SAFETY: the output has room for `written` bytes; the call compares both lengths before it reads or writes.
        done(unsafe { EVP_PKEY_decapsulate(context.as_ptr(), out, &raw mut written, from, len) })?;
        if written == SHARED_SECRET_LEN { Ok(secret) } else { Err(Refused) }
    }
}

/// A public key.
pub struct PublicKey {
    parameter_set: ParameterSet,
    pkey: Pkey,
}

impl PublicKey {
    /// Takes a raw public key. Whether its numbers are in range is checked when it is used.
    ///
    /// # Errors
    /// [`Refused`] unless there are [`ParameterSet::public_key_len`] bytes.
    #[expect(unsafe_code, reason = "foreign calls")]
    pub fn from_raw(parameter_set: ParameterSet, raw: &[u8]) -> Result<Self, Refused> {
        // SAFETY: reads as many bytes as said, after it has compared them with what the parameter set takes.
        let pkey = unsafe { EVP_PKEY_kem_new_raw_public_key(parameter_set.nid(), raw.as_ptr(), raw.len()) };
        // SAFETY: fresh from the library, and nobody else's.
        let pkey = unsafe { Pkey::from_raw(pkey) }?;
        Ok(Self { parameter_set, pkey })
    }

    /// A fresh shared secret and the ciphertext that carries it.
    ///
    /// # Errors
    /// [`Refused`] when the key's numbers are out of range (FIPS 203, section 7.2).
    #[expect(unsafe_code, reason = "foreign call")]
    pub fn encapsulate(&self) -> Result<(Vec<u8>, SecretArray<SHARED_SECRET_LEN>), Refused> {
        let context = KeyContext::new(&self.pkey)?;
        let mut ciphertext = vec![0; self.parameter_set.ciphertext_len()];
        let mut secret = SecretArray::zeroed();
        let (mut ciphertext_len, mut secret_len) = (ciphertext.len(), SHARED_SECRET_LEN);
        let (ciphertext_out, secret_out) = (ciphertext.as_mut_ptr(), secret.expose_mut().as_mut_ptr());
        let (lens, context) = ((&raw mut ciphertext_len, &raw mut secret_len), context.as_ptr());
        // SAFETY: both outputs have room for as many bytes as their lengths say, which the call checks before it writes.
        done(unsafe { EVP_PKEY_encapsulate(context, ciphertext_out, lens.0, secret_out, lens.1) })?;
        let whole = ciphertext_len == ciphertext.len() && secret_len == SHARED_SECRET_LEN;
        if whole { Ok((ciphertext, secret)) } else { Err(Refused) }
    }
}

/// A private key of any kind. What would follow it is not looked at: an ML-KEM key with a seed takes all 86 bytes.
#[expect(unsafe_code, reason = "foreign calls")]
fn parse(der: &[u8; PKCS8_LEN]) -> Result<Pkey, Refused> {
    let mut bytes = MaybeUninit::<CBS>::uninit();
    // SAFETY: writes both fields of the structure: pointer and length.
    unsafe { CBS_init(bytes.as_mut_ptr(), der.as_ptr(), der.len()) };
    // SAFETY: the structure was just initialised and describes `der`, which outlives the call; the call only moves it
    // on inside those bytes.
    let pkey = unsafe { EVP_parse_private_key(bytes.as_mut_ptr()) };
    // SAFETY: fresh from the library, and nobody else's.
    unsafe { Pkey::from_raw(pkey) }
}

/// The parameter set of a key, or zero for a key of another kind.
#[expect(unsafe_code, reason = "foreign call")]
fn type_of(pkey: &Pkey) -> c_int {
    // SAFETY: the key is alive; the call looks at its kind first.
    unsafe { EVP_PKEY_kem_get_type(pkey.as_ptr()) }
}
