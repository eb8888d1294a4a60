//! Fake clock, seeded randomness and a World to write scenarios in.
