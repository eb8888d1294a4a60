//! Hostile documents, made with the issuer's own parts and so signed correctly, or damaged afterwards.

mod made;
