//! Every key type, through everything that can be asked of it.
//!
//! The tables of this folder are complete: `coverage.rs` walks the API's enums and finds each spec, usage and algorithm in
//! them. What comes out of the service is checked by another hand where there is one (`peer.rs`).

mod agreement;
mod burst;
mod coverage;
mod data_key_pairs;
mod encapsulation;
mod encryption;
mod keys;
mod macs;
mod matrix;
mod peer;
mod recipients;
mod ring;
mod signing;
