//! Every pairing that does not fit, every length that is not the right one, every form that is not accepted.
