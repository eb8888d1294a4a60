//! What this crate makes, judged by OpenSSL: answers are opened, chains are followed.
//!
//! The `openssl` program must be there; without it these tests fail, they are not skipped.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests, with files for another program"
)]

use std::path::Path;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kagiban_attestation::issue::{TestDocument, TestRoot};
use kagiban_attestation::{Platform, RecipientKey, verify};
use kagiban_base::os::OsRandom;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use tempfile::TempDir;

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let output = Command::new("openssl").args(arguments).current_dir(directory).output();
    output.unwrap_or_else(|error| unreachable!("these tests need the program `openssl`: {error}"))
}

fn openssl(directory: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = run(directory, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {errors}");
    output.stdout
}

/// A recipient as an enclave is one: a private key in a file, and the public half.
struct Recipient {
    directory: TempDir,
    spki: Vec<u8>,
}

impl Recipient {
    fn generate(bits: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let bits = format!("rsa_keygen_bits:{bits}");
        openssl(directory.path(), &["genpkey", "-algorithm", "RSA", "-pkeyopt", &bits, "-out", "key.pem"]);
        let spki = openssl(directory.path(), &["pkey", "-in", "key.pem", "-pubout", "-outform", "DER"]);
        Self { directory, spki }
    }

    fn open(&self, answer: &[u8]) -> Output {
        std::fs::write(self.directory.path().join("answer"), answer).unwrap();
        run(
            self.directory.path(),
            &["cms", "-decrypt", "-inform", "DER", "-in", "answer", "-inkey", "key.pem", "-binary"],
        )
    }
}

#[test]
fn answers_are_opened() {
    for bits in [2048, 3072, 4096] {
        let recipient = Recipient::generate(bits);
        let key = RecipientKey::from_spki_der(&recipient.spki).unwrap();
        // Around the block, and the ends of what the API can answer.
        for len in [1, 15, 16, 17, 32, 255, 4096] {
            let plaintext: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
            let answer = key.seal(&SecretBytes::from_slice(&plaintext), &OsRandom).unwrap();
            let opened = recipient.open(&answer);
            assert!(opened.status.success(), "{bits} {len}: {}", String::from_utf8_lossy(&opened.stderr));
            assert_eq!(opened.stdout, plaintext, "{bits} {len}");
        }
    }
}

#[test]
fn answers_for_another_are_not_opened() {
    let (recipient, other) = (Recipient::generate(2048), Recipient::generate(2048));
    let plaintext = SecretBytes::from_slice(b"for one enclave only");
    let answer = RecipientKey::from_spki_der(&recipient.spki).unwrap().seal(&plaintext, &OsRandom).unwrap();
    assert_eq!(recipient.open(&answer).stdout, plaintext.expose());
    let opened = other.open(&answer);
    assert_ne!(opened.stdout, plaintext.expose());
}

#[test]
fn the_whole_way_of_an_enclave() {
    let now = Timestamp::from_unix_s(1_790_000_000);
    let recipient = Recipient::generate(2048);
    let root = TestRoot::generate(now, &OsRandom).unwrap();
    let document = TestDocument::new(Platform::NitroEnclave).pcr(0, &[1; 48]).public_key(&recipient.spki);
    let document = document.sign(&root, now, &OsRandom).unwrap();

    let attestation = verify(&document, &root.trusted(), now).unwrap();
    let key = attestation.recipient_key().unwrap();
    let answer = key.seal(&SecretBytes::from_slice(b"a data key"), &OsRandom).unwrap();
    assert_eq!(recipient.open(&answer).stdout, b"a data key");
}

/// The certificates of a document's chain, root first, found where the payload says they are.
fn certificates(document: &[u8]) -> Vec<Vec<u8>> {
    let after = |name: &[u8]| document.windows(name.len()).position(|window| window == name).unwrap() + name.len();
    let mut at = after(b"hcabundle") + 1;
    let mut chain = Vec::new();
    while document[at] == 0x59 {
        chain.push(byte_string(document, at));
        at += 3 + chain.last().unwrap().len();
    }
    chain.push(byte_string(document, after(b"kcertificate")));
    chain
}

/// A CBOR byte string whose length takes two bytes.
fn byte_string(document: &[u8], at: usize) -> Vec<u8> {
    assert_eq!(document[at], 0x59);
    let len = usize::from(u16::from_be_bytes([document[at + 1], document[at + 2]]));
    document[at + 3..at + 3 + len].to_vec()
}

fn pem(certificates: &[Vec<u8>]) -> String {
    let pem =
        |der: &Vec<u8>| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der));
    certificates.iter().map(pem).collect()
}

/// Whether OpenSSL follows a chain at a time, in seconds.
fn is_followed(chain: &[Vec<u8>], at_s: i64) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let [root, authorities @ .., signer] = chain else { unreachable!("a chain has two ends") };
    for (name, certificates) in
        [("root", std::slice::from_ref(root)), ("between", authorities), ("signer", std::slice::from_ref(signer))]
    {
        std::fs::write(directory.path().join(name), pem(certificates)).unwrap();
    }
    let time = at_s.to_string();
    let arguments = ["verify", "-attime", &time, "-CAfile", "root", "-untrusted", "between", "signer"];
    run(directory.path(), &arguments).status.success()
}

/// Two programs follow the same chains at the same times: real ones and ours.
#[test]
fn chains_are_followed_by_others_too() {
    let now = Timestamp::from_unix_s(1_790_000_000);
    let root = TestRoot::generate(now, &OsRandom).unwrap();
    let made = TestDocument::new(Platform::NitroTpm).pcr(0, &[1; 48]).sign(&root, now, &OsRandom).unwrap();
    let real = |base64: &str| STANDARD.decode(base64.replace('\n', "")).unwrap();
    let rows = [
        (made, now.unix_s(), 3),
        (real(include_str!("vectors/2022-09-15-definite.b64")), 1_663_263_808, 5),
        (real(include_str!("vectors/2026-01-03-open-map.b64")), 1_767_472_867, 5),
    ];
    for (document, signed_at_s, len) in rows {
        let chain = certificates(&document);
        assert_eq!(chain.len(), len);
        assert!(is_followed(&chain, signed_at_s));
        assert!(!is_followed(&chain, signed_at_s + 4 * 3600)); // the signer's three hours are over
        let mut shorter = chain.clone();
        shorter.remove(1);
        assert!(!is_followed(&shorter, signed_at_s));
    }
}
