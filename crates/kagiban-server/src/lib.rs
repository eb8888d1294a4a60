//! HTTP, TLS, configuration, health and wiring.
