//! The store: engine trait, engines, typed rows, transactions and the change feed.
