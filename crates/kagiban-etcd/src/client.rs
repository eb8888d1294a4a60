//! Calls to the cluster: to whichever member answers, within a time, as the user that the cluster wants to see.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{BufMut, Bytes};
use kagiban_base::secret::SecretBytes;
use kagiban_storage::EngineError;
use prost::Message;
use prost::encoding::{encode_varint, encoded_len_varint};
use tokio::time::{Instant, sleep, timeout};

use crate::address::{Deadlines, Endpoint, EtcdUser};
use crate::grpc::{self, Answers, CallError, Channel, Code, Envelope};
use crate::members::{Line, Members};
use crate::messages::AuthenticateResponse;

pub(crate) const RANGE: &str = "/etcdserverpb.KV/Range";
pub(crate) const TXN: &str = "/etcdserverpb.KV/Txn";
pub(crate) const COMPACT: &str = "/etcdserverpb.KV/Compact";
pub(crate) const WATCH: &str = "/etcdserverpb.Watch/Watch";
pub(crate) const LEASE_GRANT: &str = "/etcdserverpb.Lease/LeaseGrant";
pub(crate) const LEASE_REVOKE: &str = "/etcdserverpb.Lease/LeaseRevoke";
pub(crate) const DEFRAGMENT: &str = "/etcdserverpb.Maintenance/Defragment";
pub(crate) const STATUS: &str = "/etcdserverpb.Maintenance/Status";
pub(crate) const MEMBER_LIST: &str = "/etcdserverpb.Cluster/MemberList";
const AUTHENTICATE: &str = "/etcdserverpb.Auth/Authenticate";

/// Between two attempts of a call: long enough not to busy a cluster that is electing a leader.
const PAUSE: Duration = Duration::from_millis(50);

/// A cluster, as one user sees it.
pub(crate) struct Client {
    members: Members,
    user: Option<EtcdUser>,
    /// What stands for user and password; it ages.
    token: Mutex<Option<Arc<str>>>,
    pub(crate) deadlines: Deadlines,
}

impl Client {
    pub(crate) fn new(members: Members, user: Option<EtcdUser>, deadlines: Deadlines) -> Self {
        Self { members, user, token: Mutex::new(None), deadlines }
    }

    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        self.members.endpoints()
    }

    /// A call that may be made twice without harm: repeated until a member answers, or the time for a call is over.
    pub(crate) async fn call<A: Message + Default>(
        &self,
        path: &'static str,
        message: &impl Message,
    ) -> Result<A, CallError> {
        let (frame, deadline) = (grpc::framed(message), Instant::now() + self.deadlines.call);
        loop {
            match self.attempt(path, frame.clone()).await {
                Err(error) if error.is_transient() && Instant::now() + PAUSE < deadline => sleep(PAUSE).await,
                outcome => return outcome,
            }
        }
    }

    /// One attempt of a call, at the present member; if that is of no use, the next attempt goes to the next.
    pub(crate) async fn attempt<A: Message + Default>(&self, path: &'static str, frame: Bytes) -> Result<A, CallError> {
        let line = self.line().await?;
        let within = self.deadlines.attempt;
        let answering = async {
            let token = self.token(&line.channel).await?;
            let envelope = Envelope { path, token: token.as_deref(), timeout: Some(within) };
            grpc::unary(&line.channel, envelope, frame).await
        };
        let outcome = timeout(within, answering).await.unwrap_or_else(|_| Err(no_answer(within)));
        if let Err(error) = &outcome {
            self.learn(&line, error).await;
        }
        outcome
    }

    /// A pause between attempts; false once `deadline` does not leave time for another.
    pub(crate) async fn pause(&self, deadline: Instant) -> bool {
        let in_time = Instant::now() + PAUSE < deadline;
        if in_time {
            sleep(PAUSE).await;
        }
        in_time
    }

    /// Opens a stream of answers at the present member.
    pub(crate) async fn stream(&self, path: &'static str, first: &impl Message) -> Result<Stream, CallError> {
        let line = self.line().await?;
        let opening = async {
            let token = self.token(&line.channel).await?;
            grpc::stream(&line.channel, Envelope { path, token: token.as_deref(), timeout: None }, first).await
        };
        let within = self.deadlines.attempt;
        match timeout(within, opening).await.unwrap_or_else(|_| Err(no_answer(within))) {
            Ok(answers) => Ok(Stream { answers, line }),
            Err(error) => {
                self.learn(&line, &error).await;
                Err(error)
            }
        }
    }

    /// A stream broke: the next one is opened at another member if this one is to blame.
    pub(crate) async fn broke(&self, stream: &Stream, error: &CallError) {
        self.learn(&stream.line, error).await;
    }

    /// One call at one member, over a connection of its own; for what is done member by member.
    pub(crate) async fn call_at<A: Message + Default>(
        &self,
        endpoint: &Endpoint,
        path: &'static str,
        message: &impl Message,
        within: Duration,
    ) -> Result<A, CallError> {
        let channel = self.members.connect(endpoint).await;
        let channel =
            channel.map_err(|error| CallError::not_sent(format_args!("cannot connect to {endpoint}: {error}")))?;
        let answering = async {
            let token = self.token(&channel).await?;
            let envelope = Envelope { path, token: token.as_deref(), timeout: Some(within) };
            grpc::unary(&channel, envelope, grpc::framed(message)).await
        };
        timeout(within, answering).await.unwrap_or_else(|_| Err(no_answer(within)))
    }

    /// The open connection. While there is none, all calls wait for whoever is connecting: each for the time of an attempt.
    async fn line(&self) -> Result<Line, CallError> {
        let within = self.deadlines.attempt;
        let late = |_| Err(CallError::not_sent(format_args!("no connection within {within:?}")));
        timeout(within, self.members.line()).await.unwrap_or_else(late)
    }

    async fn learn(&self, line: &Line, error: &CallError) {
        if error.is(Code::Unauthenticated) || error.is(Code::InvalidArgument) {
            *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
        } else if error.is_transient() {
            self.members.leave(line, error).await;
        }
    }

    async fn token(&self, channel: &Channel) -> Result<Option<Arc<str>>, CallError> {
        let Some(user) = &self.user else { return Ok(None) };
        let known = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if known.is_some() {
            return Ok(known);
        }
        let envelope = Envelope { path: AUTHENTICATE, token: None, timeout: Some(self.deadlines.attempt) };
        let answer: AuthenticateResponse =
            grpc::unary(channel, envelope, authentication(user)).await.map_err(unsent)?;
        let token: Arc<str> = answer.token.into();
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&token));
        Ok(Some(token))
    }
}

/// An open stream, and the connection that it is on.
pub(crate) struct Stream {
    pub(crate) answers: Answers,
    line: Line,
}

fn no_answer(within: Duration) -> CallError {
    CallError::lost(format_args!("no answer within {within:?}"))
}

/// What fails before the request proper has not sent it.
fn unsent(error: CallError) -> CallError {
    match error {
        CallError::Lost(why) => CallError::NotSent(why),
        CallError::Status { code: Code::Unsettled, message } => CallError::NotSent(message),
        other => other,
    }
}

/// The message `AuthenticateRequest` (`name` is field 1, `password` 2) in its frame, in memory that is wiped.
fn authentication(user: &EtcdUser) -> Bytes {
    struct Wiped(SecretBytes);
    impl AsRef<[u8]> for Wiped {
        fn as_ref(&self) -> &[u8] {
            self.0.expose()
        }
    }
    let fields = [(0x0a_u8, user.name.as_bytes()), (0x12, user.password.expose())];
    let len = fields.iter().map(|(_, text)| 1 + encoded_len_varint(text.len() as u64) + text.len()).sum();
    let mut frame = SecretBytes::default();
    let mut head = Vec::new();
    grpc::put_frame_header(&mut head, len);
    frame.append(&head);
    for (tag, text) in fields {
        head.clear();
        head.put_u8(tag);
        encode_varint(text.len() as u64, &mut head);
        frame.append(&head);
        frame.append(text);
    }
    Bytes::from_owner(Wiped(frame))
}

/// What an engine says of a call that failed.
pub(crate) fn engine_error(error: &CallError) -> EngineError {
    let io = |kind: io::ErrorKind| EngineError::Io(Arc::new(io::Error::new(kind, format!("etcd: {error}"))));
    match error {
        CallError::Status { code: Code::PermissionDenied | Code::Unauthenticated, .. } => {
            io(io::ErrorKind::PermissionDenied)
        }
        CallError::Status { code: Code::ResourceExhausted, .. } if !error.is_transient() => {
            io(io::ErrorKind::StorageFull)
        }
        CallError::Status { code: Code::DataLoss, message } => EngineError::Corrupt { detail: Arc::clone(message) },
        error if error.is_transient() => {
            tracing::debug!(error = error as &dyn std::error::Error, "etcd does not answer");
            EngineError::Unavailable
        }
        _ => io(io::ErrorKind::Other),
    }
}
