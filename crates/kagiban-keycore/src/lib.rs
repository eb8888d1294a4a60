//! Key hierarchy, key material, algorithms and the ciphertext format.
