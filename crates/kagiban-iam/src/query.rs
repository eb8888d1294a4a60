//! The door of IAM and STS: a form comes in, XML goes out.
//!
//! Order of steps, as for KMS: form readable, operation known, signature present and well-formed, access key known, clock
//! and signature right, parameters within their limits, then the handler: permission, and the work. The operation comes
//! before the signature, because one operation (AssumeRoleWithWebIdentity) needs none. Nothing is decided from a view that is
//! not proven fresh (`freshness`).

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use kagiban_api::query::{self, Form, QueryError, QueryInput, QueryOutput};
use kagiban_api::{iam, sts};
use zeroize::Zeroizing;

use crate::audit::{Event, Outcome, Recording};
use crate::caller::AuthenticationError;
use crate::context::{Context, Iam};
use crate::error::{IamError, InternalError, Refusal};
use crate::freshness::Stale;
use crate::parts::part;
use crate::request::{RawRequest, RawResponse, Summary};

/// Namespace of errors in answers, by service.
const IAM_NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
const STS_NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// What is said to whom is not answered because his request cannot be recorded.
pub const UNRECORDED: &str =
    "The audit journal cannot be written, so requests are not answered. Tell the operator of the service.";

/// The body of an answer.
pub(crate) struct Body {
    bytes: Vec<u8>,
    holds_secrets: bool,
}

impl Body {
    /// The answer of the operation that `I` is the input of.
    pub(crate) fn of<I: QueryInput>(output: &I::Output, request: &RawRequest) -> Self {
        let bytes = I::encode_output(output, request.request_id.as_str());
        Self { bytes, holds_secrets: I::Output::HOLDS_SECRETS }
    }
}

/// What a form asks for.
enum Asked {
    Iam(iam::Operation),
    Sts(sts::Operation),
}

impl Refusal {
    fn outcome(&self) -> Outcome<'_> {
        Outcome { error_code: self.code, error_message: &self.message }
    }
}

impl Asked {
    fn event(&self) -> Event {
        let (name, is_read_only) = match self {
            Self::Iam(operation) => (operation.name(), operation.is_read_only()),
            Self::Sts(operation) => (operation.name(), operation.is_read_only()),
        };
        Event { source: source(matches!(self, Self::Sts(_))), name, is_read_only }
    }
}

const fn source(is_sts: bool) -> &'static str {
    if is_sts { "sts.amazonaws.com" } else { "iam.amazonaws.com" }
}

impl Iam {
    /// Whether a request is of the Query protocol, which this door answers: a form in the body, or any GET.
    pub fn speaks(request: &RawRequest) -> bool {
        if request.head.method == Method::GET {
            return true;
        }
        let kind = request.head.headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
        let is_form = |kind: &[u8]| {
            let prefix = query::FORM_TYPE.as_bytes();
            kind.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        kind.is_some_and(is_form) && !request.head.headers.contains_key("x-amz-target")
    }

    /// Answers a request of the Query protocol.
    pub async fn call(&self, request: &RawRequest) -> RawResponse {
        let form = Form::parse(parameters(request));
        let is_sts = form.as_ref().is_ok_and(|form| form.version() == Some(sts::VERSION));
        let operation =
            form.as_ref().ok().and_then(|form| asked(form, is_sts).ok()).map_or("", |asked| asked.event().name);
        let mut response = self.recorded(form, is_sts, request).await;
        let service = if is_sts { "sts" } else { "iam" };
        response.summary = Summary { service, operation, ..response.summary };
        response
    }

    /// Answers, once there is a record of it.
    async fn recorded(&self, form: Result<Form, QueryError>, is_sts: bool, request: &RawRequest) -> RawResponse {
        let Ok(recording) = self.audit.begin(request, self.clock.now()) else { return unrecorded(is_sts, request) };
        let answer = match form {
            Ok(form) => self.answer(&form, is_sts, &recording, request).await,
            Err(error) => Err(error.into()),
        };
        recording.notes().event(Event { source: source(is_sts), ..Event::default() });
        let (response, refusal) = match answer {
            Ok(body) => (respond(StatusCode::OK, body), None),
            Err(error) => {
                let refusal = error.answer();
                (refuse(&error, &refusal, is_sts, request), Some(refusal))
            }
        };
        let outcome = refusal.as_ref().map_or(Outcome::SUCCESS, Refusal::outcome);
        match part("audit", recording.finish(outcome)).await {
            Ok(()) => response,
            Err(_) => unrecorded(is_sts, request),
        }
    }

    async fn answer(
        &self,
        form: &Form,
        is_sts: bool,
        recording: &Recording<'_>,
        request: &RawRequest,
    ) -> Result<Body, IamError> {
        let asked = asked(form, is_sts)?;
        let (event, notes) = (asked.event(), recording.notes());
        notes.event(event);
        self.require_fresh()?;
        let answered = self.run(asked, form, recording, request).await;
        // No transaction vouches for what changes nothing or ends before the caller is known; and what STS gives counts for hours.
        if is_sts || event.is_read_only || !notes.is_authenticated() {
            self.require_fresh()?;
        }
        answered
    }

    fn require_fresh(&self) -> Result<(), Stale> {
        if self.is_fresh() { Ok(()) } else { Err(Stale) }
    }

    async fn run(
        &self,
        asked: Asked,
        form: &Form,
        recording: &Recording<'_>,
        request: &RawRequest,
    ) -> Result<Body, IamError> {
        let (now, notes) = (recording.now(), recording.notes());
        if let Asked::Sts(sts::Operation::AssumeRoleWithWebIdentity) = asked {
            return crate::sts::assume_role_with_web_identity(form, self, notes, request, now).await;
        }
        let service = if matches!(asked, Asked::Sts(_)) { "sts" } else { "iam" };
        let caller = self.credentials.authenticate(request, service, self.moment(now), &self.directory, &self.secrets);
        let caller = notes.caller(caller.inspect_err(|error| notes.refused(error))?);
        let ctx = Context { iam: self, caller, request, notes, now };
        match asked {
            // AWS takes the caller's own session for IAM only with MFA.
            Asked::Iam(_) if crate::sts::is_own_session(caller) && !caller.has_mfa() => {
                Err(AuthenticationError::UnknownAccessKey.into())
            }
            Asked::Iam(operation) => crate::iam::answer(operation, form, &ctx).await,
            Asked::Sts(operation) => crate::sts::answer(operation, form, &ctx).await,
        }
    }
}

/// Where the form is: of a GET, which others were given as a presigned address, it is the query. What its signature adds there
/// are parameters that no operation has.
fn parameters(request: &RawRequest) -> &[u8] {
    match request.head.method {
        Method::GET => request.head.uri.query().unwrap_or_default().as_bytes(),
        _ => &request.body,
    }
}

/// Reads the parameters of an operation.
pub(crate) fn input<I: QueryInput>(form: &Form) -> Result<I, IamError> {
    Ok(I::decode(form)?)
}

fn asked(form: &Form, is_sts: bool) -> Result<Asked, IamError> {
    let refused = |code, message: String| IamError::Refused(Refusal { code, http_status: 400, message });
    let Some(action) = form.action() else {
        return Err(refused("MissingAction", "The request must contain the parameter Action".to_owned()));
    };
    let unknown = || {
        let version = form.version().unwrap_or("NO_VERSION_SPECIFIED");
        refused("InvalidAction", format!("Could not find operation {action} for version {version}"))
    };
    if !is_sts && form.version() != Some(iam::VERSION) {
        return Err(unknown());
    }
    if is_sts {
        return sts::Operation::from_name(action).map(Asked::Sts).ok_or_else(unknown);
    }
    iam::Operation::from_name(action).map(Asked::Iam).ok_or_else(unknown)
}

impl From<QueryError> for IamError {
    fn from(error: QueryError) -> Self {
        Self::Refused(Refusal { code: error.code(), http_status: 400, message: error.message().to_owned() })
    }
}

fn respond(status: StatusCode, body: Body) -> RawResponse {
    let bytes = if body.holds_secrets { Bytes::from_owner(Zeroizing::new(body.bytes)) } else { body.bytes.into() };
    RawResponse { status, body: bytes, content_type: query::ANSWER_TYPE, ..RawResponse::default() }
}

/// The one door for errors: to the log if it is our fault, and to the wire.
fn refuse(error: &IamError, refusal: &Refusal, is_sts: bool, request: &RawRequest) -> RawResponse {
    if let IamError::Internal(cause) = error {
        log_internal(request, cause);
    }
    encode_refusal(refusal, is_sts, request)
}

/// The answer to a request that cannot be recorded.
fn unrecorded(is_sts: bool, request: &RawRequest) -> RawResponse {
    let refusal = Refusal { code: "ServiceUnavailable", http_status: 503, message: UNRECORDED.to_owned() };
    encode_refusal(&refusal, is_sts, request)
}

fn encode_refusal(refusal: &Refusal, is_sts: bool, request: &RawRequest) -> RawResponse {
    let Refusal { code, http_status, message } = refusal;
    let namespace = if is_sts { STS_NAMESPACE } else { IAM_NAMESPACE };
    let status = StatusCode::from_u16(*http_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let is_senders_fault = status.is_client_error();
    let id = request.request_id.as_str();
    let bytes = query::encode_error(namespace, code, message, is_senders_fault, id);
    let response = respond(status, Body { bytes, holds_secrets: false });
    RawResponse { summary: Summary { error: code, ..Summary::default() }, ..response }
}

fn log_internal(request: &RawRequest, cause: &InternalError) {
    tracing::error!(request_id = request.request_id.as_str(), %cause, "a request failed inside");
}
