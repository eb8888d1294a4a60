//! One request, from its head to its reply.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode, Version};
use hyper::body::Incoming;
use kagiban_base::id::RequestId;
use kagiban_service::{ConnectionTls, parts};
use tokio::time::Instant;
use tracing::Level;

use super::body::{self, Room};
use super::fault::{self, Fault};
use super::limits::Limits;
use super::panic::caught;
use super::proxies::{Source, TrustedProxies};
use super::pulse::Pulse;
use super::reply::{self, Reply};
use super::within::within;
use super::{Answer, ClientCertificate, RawRequest, RawResponse, request_id};
use crate::health::Health;
use crate::health::Readiness;
use crate::observer::Observer;

/// What all connections share.
pub(super) struct Shared<A> {
    pub(super) answer: A,
    pub(super) health: Arc<Health>,
    pub(super) limits: Limits,
    pub(super) proxies: TrustedProxies,
    pub(super) room: Room,
    pub(super) observer: Observer,
}

/// What the requests of one connection share.
pub(super) struct Origin<A> {
    pub(super) shared: Arc<Shared<A>>,
    pub(super) pulse: Arc<Pulse>,
    pub(super) peer: IpAddr,
    pub(super) secure_transport: bool,
    /// What the client showed, where it was asked for one.
    pub(super) certificate: Option<ClientCertificate>,
    /// How the connection is protected.
    pub(super) tls: Option<Arc<ConnectionTls>>,
}

impl<A: Answer> Origin<A> {
    /// A request of which the service gets no more than its head.
    fn refused(&self, request_id: RequestId, head: Parts, address: IpAddr) -> RawRequest {
        let (secure_transport, tls) = (self.secure_transport, self.tls.clone());
        RawRequest { request_id, head, body: Bytes::new(), peer: address, secure_transport, tls }
    }

    /// Has a request that is no business of the service recorded. Gives what it is answered with.
    async fn refuse(&self, id: RequestId, head: Parts, fault: Fault) -> Fault {
        let peer = Source { address: self.peer, is_secure: self.secure_transport };
        let address = self.shared.proxies.source(peer, &head.headers).map_or(self.peer, |source| source.address);
        let request = self.refused(id, head, address);
        if self.shared.answer.refuse(request, fault.refusal).await { fault } else { fault::UNRECORDED }
    }

    /// The same for bytes that the library could make no request of.
    pub(super) fn refuse_bytes(&self, id: RequestId, fault: Fault) -> Fault {
        let head = Request::new(()).into_parts().0;
        let request = self.refused(id, head, self.peer);
        if self.shared.answer.refuse_bytes(request, fault.refusal) { fault } else { fault::UNRECORDED }
    }
}

/// Answers one request; never fails, as every failure has its answer.
pub(super) async fn handle<A: Answer>(origin: Arc<Origin<A>>, request: Request<Incoming>) -> Result<Reply, Infallible> {
    let _in_flight = origin.pulse.begin(request.version());
    let Ok(id) = request_id::next() else {
        tracing::error!("the operating system gives no randomness");
        return Ok(reply::without_id());
    };
    let observer = &origin.shared.observer;
    let started = (observer.wants_time() || tracing::enabled!(Level::DEBUG)).then(Instant::now);
    let version = request.version();
    let reply = match route(&origin, id, started, request).await {
        Ok(reply) => reply,
        Err(fault) => {
            observer.refused(fault.name);
            if fault.closes {
                origin.pulse.linger();
            }
            reply::from_fault(&id, version, &fault)
        }
    };
    if let Some(started) = started.filter(|_| tracing::enabled!(Level::DEBUG)) {
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(request_id = id.as_str(), status = reply.status().as_u16(), micros, "answered");
    }
    Ok(reply)
}

/// The service is at `POST /`, and at `GET /` with a query: a presigned address. What else there is belongs to the front.
async fn route<A: Answer>(
    origin: &Origin<A>,
    id: RequestId,
    started: Option<Instant>,
    request: Request<Incoming>,
) -> Result<Reply, Fault> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    match request.uri().path() {
        "/" if *request.method() == Method::POST || is_presigned(&request) => serve(origin, id, started, request).await,
        "/" => Err(origin.refuse(id, request.into_parts().0, fault::wrong_method("POST")).await),
        "/healthz" if is_read => Ok(healthy(origin, &id)),
        "/readyz" if is_read => Ok(ready(origin, &id).await),
        "/healthz" | "/readyz" => {
            Err(origin.refuse(id, request.into_parts().0, fault::wrong_method("GET, HEAD")).await)
        }
        _ => Err(origin.refuse(id, request.into_parts().0, fault::UNKNOWN_PATH).await),
    }
}

/// Whether all of the request is in its address. Only the Query protocol has such requests; the service sees to that.
fn is_presigned(request: &Request<Incoming>) -> bool {
    *request.method() == Method::GET && request.uri().query().is_some()
}

/// A process that answers nothing more but this had better be started anew.
fn healthy<A: Answer>(origin: &Origin<A>, id: &RequestId) -> Reply {
    match origin.shared.answer.is_recording() {
        true => reply::from_front(id, StatusCode::OK, "text/plain", "ok\n"),
        false => {
            reply::from_front(id, StatusCode::SERVICE_UNAVAILABLE, "text/plain", "the audit journal has stopped\n")
        }
    }
}

async fn ready<A: Answer>(origin: &Origin<A>, id: &RequestId) -> Reply {
    let answer = &origin.shared.answer;
    let readiness = match origin.shared.health.readiness(answer.is_ready().await, answer.is_recording()) {
        Readiness::StoreFails if answer.is_sealed() => Readiness::Sealed,
        readiness => readiness,
    };
    reply::from_front(id, readiness.status(), "application/json", readiness.json())
}

async fn serve<A: Answer>(
    origin: &Origin<A>,
    id: RequestId,
    started: Option<Instant>,
    request: Request<Incoming>,
) -> Result<Reply, Fault> {
    let Shared { answer, limits, proxies, room, observer, .. } = &*origin.shared;
    let (mut head, body) = request.into_parts();
    let body = match body::collect(body, limits, room).await {
        Ok(body) => body,
        Err(fault) => return Err(origin.refuse(id, head, fault).await),
    };
    let peer = Source { address: origin.peer, is_secure: origin.secure_transport };
    let source = match proxies.source(peer, &head.headers) {
        Ok(source) => source,
        Err(fault) => return Err(origin.refuse(id, head, fault).await),
    };
    if head.version == Version::HTTP_2 {
        name_host(&mut head);
    }
    if let Some(certificate) = origin.certificate {
        head.extensions.insert(certificate);
    }
    let request = RawRequest {
        request_id: id,
        head,
        body: body.bytes,
        peer: source.address,
        secure_transport: source.is_secure,
        tls: origin.tls.clone(),
    };
    // From here on the service records it, whatever becomes of it.
    let _at_work = observer.begin();
    let trace = observer.trace(id, &request.head.headers, started);
    let answered = match &trace {
        None => within(limits.answer_time, caught(answer.answer(request))).await,
        // In a box, so that those that are not traced have no room for it.
        Some(trace) => {
            let watched = parts::watched(Arc::clone(trace) as _, answer.answer(request));
            Box::pin(within(limits.answer_time, caught(watched))).await
        }
    };
    let answered = answered.map_err(|_| fault::ANSWER_LATE).and_then(|answered| conclude(&id, answered));
    match (&answered, &trace) {
        (Ok(answer), _) => observer.answered(&answer.summary, answer.status, started, trace.as_deref()),
        (Err(fault), Some(trace)) => trace.refused(fault.name),
        (Err(_), None) => {}
    }
    answered.map(|answer| reply::from_service(&id, answer))
}

/// HTTP/2 carries the host in `:authority` (RFC 9113, section 8.3.1); signatures speak of it as `host`.
fn name_host(head: &mut Parts) {
    if head.headers.contains_key(HOST) {
        return;
    }
    let authority = head.uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let Some(authority) = authority {
        head.headers.insert(HOST, authority);
    }
}

fn conclude(id: &RequestId, answered: std::thread::Result<RawResponse>) -> Result<RawResponse, Fault> {
    answered.map_err(|_| {
        // What it panicked with may hold parts of the request; the place is logged by the panic hook.
        tracing::error!(request_id = id.as_str(), "a handler panicked");
        fault::INTERNAL
    })
}
