//! What a document and an answer cost: `cargo run --release -p kagiban-attestation --example measure_attestation`.
//!
//! Microseconds of one thread, the median of so many runs.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program that measures and prints")]

use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kagiban_attestation::issue::{IssueError, TestDocument, TestRoot};
use kagiban_attestation::{Platform, RecipientKey, TrustedRoots, verify};
use kagiban_base::os::OsRandom;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

const RUNS: usize = 501;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = Timestamp::from_unix_s(1_790_000_000);
    let root = TestRoot::generate(now, &OsRandom)?;
    let roots = root.trusted();
    for (name, size) in [("2048", KeySize::Rsa2048), ("4096", KeySize::Rsa4096)] {
        let spki = spki(size)?;
        let document = TestDocument::new(Platform::NitroEnclave).pcr(0, &[1; 48]).public_key(&spki);
        let document = document.sign(&root, now, &OsRandom)?;
        println!("verify, 2 authorities, rsa {name}: {:.1} us", median(|| verify(&document, &roots, now)));
        println!("read the key, rsa {name}: {:.1} us", median(|| RecipientKey::from_spki_der(&spki)));
        let key = RecipientKey::from_spki_der(&spki)?;
        for len in [32, 4096] {
            let plaintext = SecretBytes::zeroed(len);
            println!("answer {len} bytes, rsa {name}: {:.1} us", median(|| key.seal(&plaintext, &OsRandom)));
        }
    }
    let real = STANDARD.decode(include_str!("../tests/vectors/2026-01-03-open-map.b64").replace('\n', ""))?;
    let its_time = Timestamp::from_unix_ms(1_767_472_867_402);
    let aws = TrustedRoots::aws();
    println!("verify a real document, 4 authorities: {:.1} us", median(|| verify(&real, &aws, its_time)));
    let document = TestDocument::new(Platform::NitroEnclave).pcr(0, &[1; 48]);
    let made = || -> Result<Vec<u8>, IssueError> { document.sign(&root, now, &OsRandom) };
    println!("make and verify a document: {:.1} us", median(made));
    let mut forged = made()?;
    forged.pop();
    forged.push(0);
    println!("refuse a forged document: {:.1} us", median(|| verify(&forged, &roots, now)));
    let stranger = TestRoot::generate(now, &OsRandom)?.trusted();
    println!("refuse a stranger's document: {:.1} us", median(|| verify(&forged, &stranger, now)));
    Ok(())
}

fn spki(size: KeySize) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
    Ok(PrivateDecryptingKey::generate(size)?.public_key().as_der()?.as_ref().to_vec())
}

fn median<T>(run: impl Fn() -> T) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            black_box(run());
            started.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times.get(RUNS / 2).copied().unwrap_or_default()
}
