//! From the listener to the service: the certificate of the connection, and the message.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use kagiban_service::Service;
use kagiban_service::peers::ReceiveError;

use crate::http::{Answer, ClientCertificate, RawRequest, RawResponse};

const OCTETS: &str = "application/octet-stream";

/// Hands messages of peers to the service.
pub(super) struct PeerDoor {
    service: Arc<Service>,
}

impl PeerDoor {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    async fn receive(&self, request: &RawRequest) -> Result<Vec<u8>, ReceiveError> {
        let certificate = request.head.extensions.get::<ClientCertificate>().ok_or(ReceiveError::NotKnown)?;
        self.service.receive_from_peer(&certificate.0, &request.body).await
    }
}

impl Answer for PeerDoor {
    async fn answer(&self, request: RawRequest) -> RawResponse {
        let (status, body) = match self.receive(&request).await {
            Ok(answer) => (StatusCode::OK, Bytes::from(answer)),
            Err(error) => {
                tracing::debug!(peer = %request.peer, %error, "a message of a peer was not answered");
                (status_of(error), Bytes::new())
            }
        };
        RawResponse { status, body, content_type: OCTETS, ..RawResponse::default() }
    }

    async fn is_ready(&self) -> bool {
        self.service.is_ready().await
    }
}

const fn status_of(error: ReceiveError) -> StatusCode {
    match error {
        ReceiveError::Malformed => StatusCode::BAD_REQUEST,
        ReceiveError::NotKnown => StatusCode::FORBIDDEN,
        ReceiveError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}
