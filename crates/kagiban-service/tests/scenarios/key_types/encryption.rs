//! Encrypt, Decrypt and ReEncrypt under asymmetric keys, and between them and symmetric ones.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::peer;
use super::ring::{CHINA, Key, bytes, flipped, ring};
use crate::support::{HI, REGION, Refusal, assert_refused, base64, encrypt, refusal, violation, with};

/// A spec with one of its algorithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) spec: &'static str,
    pub(super) algorithm: &'static str,
    /// The longest plaintext.
    max: usize,
    /// Bytes of a ciphertext beyond its plaintext, or of every ciphertext.
    len: Len,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Len {
    /// A blob of ours.
    Blob,
    /// As many as the modulus.
    Fixed(usize),
    /// DER: a point, a hash, and as many as the plaintext.
    Der,
}

pub(super) const ROWS: [Row; 8] = [
    row("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT", 4096, Len::Blob),
    row("RSA_2048", "RSAES_OAEP_SHA_1", 214, Len::Fixed(256)),
    row("RSA_2048", "RSAES_OAEP_SHA_256", 190, Len::Fixed(256)),
    row("RSA_3072", "RSAES_OAEP_SHA_1", 342, Len::Fixed(384)),
    row("RSA_3072", "RSAES_OAEP_SHA_256", 318, Len::Fixed(384)),
    row("RSA_4096", "RSAES_OAEP_SHA_1", 470, Len::Fixed(512)),
    row("RSA_4096", "RSAES_OAEP_SHA_256", 446, Len::Fixed(512)),
    row("SM2", "SM2PKE", 1024, Len::Der),
];

const fn row(spec: &'static str, algorithm: &'static str, max: usize, len: Len) -> Row {
    Row { spec, algorithm, max, len }
}

impl Row {
    fn key(&self) -> Key {
        ring().key(self.spec, "ENCRYPT_DECRYPT")
    }

    fn is_symmetric(&self) -> bool {
        self.len == Len::Blob
    }

    fn is_ciphertext_len(&self, plaintext: usize, ciphertext: usize) -> bool {
        match self.len {
            Len::Blob => ciphertext > plaintext,
            Len::Fixed(len) => ciphertext == len,
            // SEQUENCE of two INTEGERs of up to 33 bytes and two OCTET STRINGs, one of them the hash of 32.
            Len::Der => (plaintext + 96..=plaintext + 118).contains(&ciphertext),
        }
    }

    /// Encrypts under the row's key.
    async fn encrypt(&self, plaintext: &[u8]) -> Vec<u8> {
        let input = json!({"EncryptionAlgorithm": self.algorithm, "Plaintext": base64(plaintext)});
        let answer = ring().call("Encrypt", self.key(), input).await;
        let ciphertext = answer["CiphertextBlob"].clone();
        let expected =
            json!({"KeyId": self.key().arn, "CiphertextBlob": ciphertext, "EncryptionAlgorithm": self.algorithm});
        assert_eq!(answer, expected);
        bytes(&ciphertext)
    }

    fn decryption(&self, ciphertext: &[u8]) -> Value {
        json!({
            "KeyId": self.key().arn, "EncryptionAlgorithm": self.algorithm, "CiphertextBlob": base64(ciphertext),
        })
    }
}

fn asymmetric() -> impl Iterator<Item = Row> {
    ROWS.into_iter().filter(|row| !row.is_symmetric())
}

#[tokio::test]
async fn plaintexts_come_back_up_to_the_longest() {
    for row in asymmetric() {
        for len in [1, 2, 32, row.max - 1, row.max] {
            let plaintext: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
            let ciphertext = row.encrypt(&plaintext).await;
            assert!(row.is_ciphertext_len(len, ciphertext.len()), "{row:?} {len}: {}", ciphertext.len());
            let opened = ring().client(row.key()).call("Decrypt", row.decryption(&ciphertext)).await.unwrap();
            // No KeyMaterialId: asymmetric keys have one material for good.
            let expected = json!({
                "KeyId": row.key().arn, "Plaintext": base64(&plaintext), "EncryptionAlgorithm": row.algorithm,
            });
            assert_eq!(opened, expected, "{row:?} {len}");
        }
    }
}

#[tokio::test]
async fn one_byte_more_is_refused() {
    for row in asymmetric() {
        let text = violation(&format!(
            "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to {}",
            row.max
        ));
        let mut table: Vec<Refusal> = Vec::new();
        for len in [row.max + 1, 4096] {
            let input = json!({
                "KeyId": row.key().arn, "EncryptionAlgorithm": row.algorithm, "Plaintext": base64(&vec![0; len]),
            });
            table.push(refusal("Encrypt", with(&input, json!({"DryRun": true})), "ValidationException", &*text));
            table.push(refusal("Encrypt", input, "ValidationException", &*text));
            // On the way from another key, too.
            let symmetric = ring().symmetric(row.key().region);
            let blob = encrypt(&ring().client(symmetric), symmetric.arn, &base64(&vec![0; len])).await;
            let input = json!({
                "CiphertextBlob": blob, "DestinationKeyId": row.key().arn,
                "DestinationEncryptionAlgorithm": row.algorithm,
            });
            table.push(refusal("ReEncrypt", input, "ValidationException", &*text));
        }
        assert_refused(&ring().scene, &ring().client(row.key()), table).await;
    }
}

#[tokio::test]
async fn what_another_library_encrypted_is_decrypted() {
    for row in asymmetric().filter(|row| row.spec != "SM2") {
        let spki = ring().public_key(row.key()).await;
        for len in [0, 1, row.max] {
            let ciphertext = peer::encrypt(row.algorithm, &spki, &vec![8; len]);
            let answer = ring().client(row.key()).call("Decrypt", row.decryption(&ciphertext)).await.unwrap();
            assert_eq!(bytes(&answer["Plaintext"]), vec![8; len], "{row:?}");
        }
    }
}

#[tokio::test]
async fn no_ciphertext_comes_twice() {
    for row in asymmetric() {
        let mut seen = BTreeSet::new();
        for _ in 0..3 {
            assert!(seen.insert(row.encrypt(b"the same").await), "{row:?}");
        }
    }
}

#[tokio::test]
async fn what_is_no_ciphertext_of_the_key_is_refused_without_a_word() {
    for row in asymmetric() {
        let ciphertext = row.encrypt(b"a secret").await;
        let len = ciphertext.len();
        let symmetric = ring().symmetric(row.key().region);
        let blob = bytes(&json!(encrypt(&ring().client(symmetric), symmetric.arn, HI).await));
        let longer = [ciphertext.as_slice(), &[0]].concat();
        let (first, middle, last) =
            (flipped(&ciphertext, 0), flipped(&ciphertext, len / 2), flipped(&ciphertext, len - 1));
        let (zeros, ones) = (vec![0; len], vec![0xff; len]);
        let shorter = &ciphertext[..len - 1];
        let mut table: Vec<Refusal> = Vec::new();
        for wrong in [&first, &middle, &last, &longer, shorter, &zeros, &ones, &blob, &[0], &[0; 6144]] {
            table.push(refusal("Decrypt", row.decryption(wrong), "InvalidCiphertextException", ""));
            let dry = with(&row.decryption(wrong), json!({"DryRun": true}));
            table.push(refusal("Decrypt", dry, "InvalidCiphertextException", ""));
            let input = json!({
                "SourceKeyId": row.key().arn, "SourceEncryptionAlgorithm": row.algorithm,
                "CiphertextBlob": base64(wrong), "DestinationKeyId": symmetric.arn,
            });
            table.push(refusal("ReEncrypt", input, "InvalidCiphertextException", ""));
        }
        // Of another key of its kind, and under the key's other algorithm.
        let other = json!({"KeyId": ring().other(row.spec, "ENCRYPT_DECRYPT").arn});
        let of_other = with(&row.decryption(&ciphertext), other);
        table.push(refusal("Decrypt", of_other, "InvalidCiphertextException", ""));
        for other in ROWS.iter().filter(|other| other.spec == row.spec && other.algorithm != row.algorithm) {
            table.push(refusal("Decrypt", other.decryption(&ciphertext), "InvalidCiphertextException", ""));
        }
        assert_refused(&ring().scene, &ring().client(row.key()), table).await;
    }
}

/// The output of an asymmetric key names neither key nor algorithm: both must be said.
#[tokio::test]
async fn key_and_algorithm_must_be_named() {
    for row in asymmetric() {
        let ciphertext = base64(&row.encrypt(b"a secret").await);
        let key = row.key();
        let null = |member: &str| {
            violation(&format!("Value null at '{member}' failed to satisfy constraint: Member must not be null"))
        };
        let unfit =
            format!("Algorithm SYMMETRIC_DEFAULT and key spec {} are incompatible with key {}.", key.spec, key.arn);
        let bare = json!({"CiphertextBlob": ciphertext});
        let to = with(&bare, json!({"DestinationKeyId": ring().symmetric(key.region).arn}));
        let table = vec![
            refusal("Decrypt", bare.clone(), "InvalidCiphertextException", ""),
            refusal(
                "Decrypt",
                with(&bare, json!({"EncryptionAlgorithm": row.algorithm})),
                "ValidationException",
                null("keyId"),
            ),
            refusal("Decrypt", with(&bare, json!({"KeyId": key.arn})), "InvalidKeyUsageException", &*unfit),
            refusal("ReEncrypt", to.clone(), "InvalidCiphertextException", ""),
            refusal(
                "ReEncrypt",
                with(&to, json!({"SourceEncryptionAlgorithm": row.algorithm})),
                "ValidationException",
                null("sourceKeyId"),
            ),
            refusal("ReEncrypt", with(&to, json!({"SourceKeyId": key.arn})), "InvalidKeyUsageException", &*unfit),
            // A key that cannot be what it was encrypted under.
            refusal(
                "Decrypt",
                with(&bare, json!({"KeyId": ring().symmetric(key.region).arn})),
                "InvalidCiphertextException",
                "",
            ),
        ];
        assert_refused(&ring().scene, &ring().client(key), table).await;
    }
}

#[tokio::test]
async fn an_encryption_context_is_for_symmetric_keys_only() {
    for row in asymmetric() {
        let symmetric = ring().symmetric(row.key().region);
        let ciphertext = row.encrypt(b"a secret").await;
        let blob = encrypt(&ring().client(symmetric), symmetric.arn, HI).await;
        let plain = json!({"KeyId": row.key().arn, "EncryptionAlgorithm": row.algorithm, "Plaintext": HI});
        let from = json!({
            "SourceKeyId": row.key().arn, "SourceEncryptionAlgorithm": row.algorithm,
            "CiphertextBlob": base64(&ciphertext), "DestinationKeyId": symmetric.arn,
        });
        let to = json!({
            "CiphertextBlob": blob, "DestinationKeyId": row.key().arn, "DestinationEncryptionAlgorithm": row.algorithm,
        });
        let mut table: Vec<Refusal> = Vec::new();
        for (operation, input, member) in [
            ("Encrypt", &plain, "EncryptionContext"),
            ("Decrypt", &row.decryption(&ciphertext), "EncryptionContext"),
            ("ReEncrypt", &from, "SourceEncryptionContext"),
            ("ReEncrypt", &to, "DestinationEncryptionContext"),
        ] {
            let path = format!("{}{}", member[..1].to_lowercase(), &member[1..]);
            let text = format!(
                "Value at '{path}' failed to satisfy constraint: Member is supported with symmetric encryption KMS keys \
                 only"
            );
            let context = json!({member: {"a": "b"}});
            table.push(refusal(operation, with(input, context.clone()), "ValidationException", &*text));
            let dry = with(&with(input, context), json!({"DryRun": true}));
            table.push(refusal(operation, dry, "ValidationException", text));
            // An empty one is none; and the side of a symmetric key may have one.
            let empty = ring().client(row.key()).call(operation, with(input, json!({member: {}}))).await;
            assert!(empty.is_ok(), "{operation} {row:?}: {empty:?}");
        }
        let sealed_with = json!({"DestinationEncryptionContext": {"a": "b"}});
        let moved = ring().client(row.key()).call("ReEncrypt", with(&from, sealed_with)).await.unwrap();
        let opening = json!({"CiphertextBlob": moved["CiphertextBlob"], "EncryptionContext": {"a": "b"}});
        let opened = ring().client(symmetric).call("Decrypt", opening).await.unwrap();
        assert_eq!(bytes(&opened["Plaintext"]), b"a secret");
        assert_refused(&ring().scene, &ring().client(row.key()), table).await;
    }
}

/// Every way from one key to another, and what the answer says of each end.
#[tokio::test]
async fn ciphertexts_move_between_keys_of_every_type() {
    for region in [REGION, CHINA] {
        let mut rows: Vec<(Row, Key)> = ROWS.into_iter().map(|row| (row, row.key())).collect();
        rows[0].1 = ring().symmetric(region);
        rows.retain(|(_, key)| key.region == region);
        assert!(rows.len() >= 2, "{region}");
        let client = ring().client(ring().symmetric(region));
        for (source, source_key) in &rows {
            let input = json!({"KeyId": source_key.arn, "EncryptionAlgorithm": source.algorithm, "Plaintext": HI});
            let ciphertext = client.call("Encrypt", input).await.unwrap()["CiphertextBlob"].clone();
            for (destination, destination_key) in &rows {
                let input = json!({
                    "SourceKeyId": source_key.arn, "SourceEncryptionAlgorithm": source.algorithm,
                    "DestinationKeyId": destination_key.arn, "DestinationEncryptionAlgorithm": destination.algorithm,
                    "CiphertextBlob": ciphertext,
                });
                let answer = client.call("ReEncrypt", input).await.unwrap();
                let mut expected = json!({
                    "SourceKeyId": source_key.arn, "SourceEncryptionAlgorithm": source.algorithm,
                    "KeyId": destination_key.arn, "DestinationEncryptionAlgorithm": destination.algorithm,
                    "CiphertextBlob": answer["CiphertextBlob"],
                });
                for (end, row) in [("Source", source), ("Destination", destination)] {
                    let member = format!("{end}KeyMaterialId");
                    if row.is_symmetric() {
                        assert!(answer[&member].is_string());
                        expected[&member] = answer[&member].clone();
                    }
                }
                assert_eq!(answer, expected);
                let opening = json!({
                    "KeyId": destination_key.arn, "EncryptionAlgorithm": destination.algorithm,
                    "CiphertextBlob": answer["CiphertextBlob"],
                });
                let opened = client.call("Decrypt", opening).await.unwrap();
                assert_eq!(opened["Plaintext"], HI, "{source:?} to {destination:?}");
            }
        }
    }
}

/// Nothing can be under an RSA key, if it was encrypted elsewhere: Decrypt gives it back. But no key here takes it: it was
/// an internal error to move it to another key, which is for the caller to mend.
#[tokio::test]
async fn an_empty_plaintext_made_elsewhere_cannot_be_moved() {
    let row = ROWS[2];
    let ciphertext = peer::encrypt(row.algorithm, &ring().public_key(row.key()).await, b"");
    let answer = ring().client(row.key()).call("Decrypt", row.decryption(&ciphertext)).await.unwrap();
    assert_eq!(answer["Plaintext"], "");
    let text = "Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1";
    let mut table: Vec<Refusal> = Vec::new();
    for destination in ROWS.iter().filter(|row| row.key().region == REGION) {
        let input = json!({
            "SourceKeyId": row.key().arn, "SourceEncryptionAlgorithm": row.algorithm,
            "DestinationKeyId": destination.key().arn, "DestinationEncryptionAlgorithm": destination.algorithm,
            "CiphertextBlob": base64(&ciphertext),
        });
        table.push(refusal("ReEncrypt", input, "ValidationException", violation(text)));
    }
    assert_refused(&ring().scene, &ring().client(row.key()), table).await;
}
