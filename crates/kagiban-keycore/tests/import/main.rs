//! Importing key material: what may be wrapped how, unwrapping, and what is taken as material.
//!
//! `vectors/import-v1.json` holds material and wrappings that other programs made (`vectors/make_import_v1.py`), right
//! ones and ones with a single fault.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod compatibility;
mod ids;
mod materials;
mod vectors;
mod wrapping;
