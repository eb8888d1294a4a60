//! Which row has which vectors.
