//! Both halves of an access key, as they are made.

use kagiban_base::id::AccessKeyId;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;

use crate::unique_id::{UniqueId, UniqueIdKind};

/// Length of a secret access key in characters, as AWS makes them: 240 bits of randomness.
pub const SECRET_ACCESS_KEY_LEN: usize = 40;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A fresh access key id: `AKIA`, or `ASIA` for the temporary key of a session, and 16 digits of base 32.
///
/// # Errors
/// [`RandomError`] when no randomness can be had.
pub fn generate_access_key_id(temporary: bool, random: &dyn Random) -> Result<AccessKeyId, RandomError> {
    let kind = if temporary { UniqueIdKind::TemporaryAccessKey } else { UniqueIdKind::AccessKey };
    // INVARIANT: a unique id is 20 letters and digits, which are an access key id.
    UniqueId::generate(kind, random)?.as_str().parse().map_err(|_| RandomError)
}

/// A fresh secret access key: 40 characters of the base64 alphabet, like AWS's own.
///
/// # Errors
/// [`RandomError`] when no randomness can be had.
pub fn generate_secret_access_key(random: &dyn Random) -> Result<SecretBytes, RandomError> {
    let mut secret = SecretBytes::zeroed(SECRET_ACCESS_KEY_LEN);
    random.fill_secret(secret.expose_mut())?;
    for byte in secret.expose_mut() {
        // 256 is a multiple of 64, so the choice is uniform.
        *byte = ALPHABET.get(usize::from(*byte % 64)).copied().unwrap_or(b'A');
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use kagiban_base::os::OsRandom;

    use super::*;

    /// Secret bytes count up from the start value; public ones must not be asked for.
    struct Counting(u8);

    impl Random for Counting {
        fn fill_secret(&self, out: &mut [u8]) -> Result<(), RandomError> {
            let mut next = self.0;
            for byte in out {
                *byte = next;
                next = next.wrapping_add(1);
            }
            Ok(())
        }

        fn fill_public(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError)
        }
    }

    struct Dry;

    impl Random for Dry {
        fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError)
        }

        fn fill_public(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Ok(())
        }
    }

    #[test]
    fn every_byte_becomes_a_character_of_the_alphabet() {
        for (start, text) in [
            (0, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"),
            (60, "89+/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"),
            (216, "YZabcdefghijklmnopqrstuvwxyz0123456789+/"),
        ] {
            let secret = generate_secret_access_key(&Counting(start)).unwrap();
            assert_eq!(secret.expose(), text.as_bytes());
        }
    }

    #[test]
    fn access_key_ids_tell_whether_they_are_temporary() {
        for (temporary, prefix) in [(false, "AKIA"), (true, "ASIA")] {
            let one = generate_access_key_id(temporary, &OsRandom).unwrap();
            let two = generate_access_key_id(temporary, &OsRandom).unwrap();
            assert_ne!(one, two);
            assert_eq!((one.as_str().get(..4), one.as_str().len()), (Some(prefix), 20));
        }
        assert_eq!(generate_access_key_id(false, &Counting(0)), Err(RandomError));
    }

    #[test]
    fn no_randomness_means_no_secret() {
        assert_eq!(generate_secret_access_key(&Dry).err(), Some(RandomError));
    }
}
