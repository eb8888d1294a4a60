//! What counting costs a request: both looks at the clock and everything in between, on all processors at once.
//!
//! `cargo run --release -p kagiban-server --example metrics_cost`
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement that prints")]

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use kagiban_server::metrics::RequestMetrics;
use kagiban_service::Summary;

const REQUESTS: u32 = 5_000_000;

fn main() {
    let summary = |operation| Summary { service: "kms", operation, error: "" };
    for threads in [1, 2] {
        let metrics = Arc::new(RequestMetrics::default());
        let begin = Instant::now();
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    for _ in 0..REQUESTS {
                        let started = Instant::now();
                        metrics.measured(&summary(std::hint::black_box("Decrypt")), || started.elapsed());
                    }
                });
            }
        });
        let ns = begin.elapsed().as_nanos() / u128::from(REQUESTS);
        println!("{threads} threads: {ns} ns per request");
    }
}
