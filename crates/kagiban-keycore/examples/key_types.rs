//! What each operation of each key spec costs, through the facade, on one thread:
//!
//!     cargo run --release -p kagiban-keycore --example key_types
//!
//! The best of several short windows, so that a busy machine disturbs little. Decoding is what a cache saves.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for developers")]

use std::time::{Duration, Instant};

use kagiban_base::os::OsRandom;
use kagiban_keycore::material::KeyMaterial;
use kagiban_keycore::message::Message;
use kagiban_keycore::public_key::PublicKey;
use kagiban_keycore::spec::{EncapsulationAlgorithm, KeySpec, MessageType};

const WINDOW: Duration = Duration::from_millis(60);
const WINDOWS: usize = 5;

fn main() {
    println!("{:24} {:44} {:>12}", "spec", "operation", "per second");
    for spec in KeySpec::ALL {
        let key = KeyMaterial::generate(spec, &OsRandom).unwrap();
        let encoded = key.encode().unwrap();
        report(spec, "decode", || drop(KeyMaterial::decode(spec, &encoded).unwrap()));
        if spec.rsa_bits().is_none() {
            report(spec, "generate", || drop(KeyMaterial::generate(spec, &OsRandom).unwrap()));
        }
        let message = vec![7; 300];
        for algorithm in spec.mac_algorithms() {
            report(spec, algorithm.name(), || drop(key.generate_mac(*algorithm, &message).unwrap()));
        }
        if let Some(public) = key.public_key() {
            let spki = public.spki_der();
            report(spec, "decode public", || drop(PublicKey::decode(spec, spki).unwrap()));
            measure_pair(spec, &key, public);
        }
    }
}

fn measure_pair(spec: KeySpec, key: &KeyMaterial, public: &PublicKey) {
    for algorithm in spec.signing_algorithms() {
        for message_type in algorithm.message_types() {
            let digest = vec![7; algorithm.digest_len()];
            let message = match message_type {
                MessageType::Raw => Message::Raw(&digest),
                MessageType::Digest => Message::Digest(&digest),
                MessageType::ExternalMu => Message::ExternalMu(&digest),
            };
            let name = format!("{algorithm} {message_type}");
            report(spec, &format!("sign {name}"), || drop(key.sign(*algorithm, message, &OsRandom).unwrap()));
            let signature = key.sign(*algorithm, message, &OsRandom).unwrap();
            report(spec, &format!("verify {name}"), || public.verify(*algorithm, message, &signature).unwrap());
        }
    }
    for algorithm in spec.encryption_algorithms() {
        let ciphertext = public.encrypt(*algorithm, &[7; 32], &OsRandom).unwrap();
        report(spec, &format!("encrypt {algorithm}"), || {
            drop(public.encrypt(*algorithm, &[7; 32], &OsRandom).unwrap())
        });
        report(spec, &format!("decrypt {algorithm}"), || drop(key.decrypt(*algorithm, &ciphertext).unwrap()));
    }
    for algorithm in spec.key_agreement_algorithms() {
        let peer = KeyMaterial::generate(spec, &OsRandom).unwrap();
        let peer = peer.public_key().unwrap().spki_der();
        report(spec, algorithm.name(), || drop(key.derive_shared_secret(peer).unwrap()));
    }
    for EncapsulationAlgorithm::MlKem in spec.encapsulation_algorithms() {
        let ciphertext = public.encapsulate().unwrap().ciphertext;
        report(spec, "encapsulate", || drop(public.encapsulate().unwrap()));
        report(spec, "decapsulate", || drop(key.decapsulate(&ciphertext).unwrap()));
    }
}

/// Runs `operation` for a few windows and prints the rate of the best.
fn report(spec: KeySpec, name: &str, mut operation: impl FnMut()) {
    let best = (0..WINDOWS).map(|_| window(&mut operation)).fold(0.0, f64::max);
    println!("{:24} {name:44} {best:>12.0}", spec.name());
}

#[expect(clippy::disallowed_methods, reason = "measures real time")]
fn window(operation: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut done = 0_u32;
    while start.elapsed() < WINDOW {
        operation();
        done += 1;
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}
