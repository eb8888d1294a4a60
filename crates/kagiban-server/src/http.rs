//! The front: sockets in, [`RawRequest`]s to the service, bytes out.
//!
//! It knows HTTP, TLS, limits and time, and nothing about keys, callers or operations: it does not read a target header,
//! a signature or a body. Whatever a peer does costs no more than the [`Limits`] say: each state that a connection can
//! be in has a longest duration, each buffer a largest size, and a panic ends one request.

mod body;
mod connection;
mod connections;
mod fault;
mod limits;
mod listener;
mod panic;
mod proxies;
mod pulse;
mod reply;
mod request;
mod request_id;
mod stream;
mod watchdog;
mod within;

use std::future::Future;
use std::sync::Arc;

use kagiban_keycore::channel::CertificateFingerprint;
pub use kagiban_service::{RawRequest, RawResponse, Refusal};
pub use limits::Limits;
pub use listener::{Drained, Front, ListenError};
pub use proxies::{InvalidNetwork, Network, TrustedProxies};

/// The certificate that the client of a request showed, where it was asked for one; in the extensions of the head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientCertificate(pub(crate) CertificateFingerprint);

/// What answers requests: the service, or a stand-in where the front itself is tested.
///
/// The future may be dropped at any await point (deadline, client gone), so what it changes must be whole at each.
pub trait Answer: Send + Sync + 'static {
    /// Answers one request. A panic inside becomes `InternalFailure` and ends only this request.
    fn answer(&self, request: RawRequest) -> impl Future<Output = RawResponse> + Send;

    /// Takes note of a request that the front refuses by itself. Whether it could be recorded: else it is not answered so.
    fn refuse(&self, _request: RawRequest, _refusal: Refusal) -> impl Future<Output = bool> + Send {
        std::future::ready(true)
    }

    /// The same for bytes that are no request, at once.
    fn refuse_bytes(&self, _request: RawRequest, _refusal: Refusal) -> bool {
        true
    }

    /// Whether requests can be answered now; `/readyz` tells.
    fn is_ready(&self) -> impl Future<Output = bool> + Send {
        std::future::ready(true)
    }

    /// Whether requests can be recorded; `/readyz` and `/healthz` tell.
    fn is_recording(&self) -> bool {
        true
    }

    /// Whether requests are refused until people unseal the service; `/readyz` tells.
    fn is_sealed(&self) -> bool {
        false
    }
}

impl<A: Answer> Answer for Arc<A> {
    fn answer(&self, request: RawRequest) -> impl Future<Output = RawResponse> + Send {
        A::answer(self, request)
    }

    fn refuse(&self, request: RawRequest, refusal: Refusal) -> impl Future<Output = bool> + Send {
        A::refuse(self, request, refusal)
    }

    fn refuse_bytes(&self, request: RawRequest, refusal: Refusal) -> bool {
        A::refuse_bytes(self, request, refusal)
    }

    fn is_ready(&self) -> impl Future<Output = bool> + Send {
        A::is_ready(self)
    }

    fn is_recording(&self) -> bool {
        A::is_recording(self)
    }

    fn is_sealed(&self) -> bool {
        A::is_sealed(self)
    }
}
