//! A collector: a server that takes records by POST.
//!
//! Each batch names the range of records it holds (`x-kagiban-records: FIRST-LAST`, in the numbers of this deployment's
//! journal), so that a collector can tell a repeat. What counts is a status from 200 to 299.

use std::fmt;
use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Request, Uri};

use super::client::{Client, OriginError};
use super::lines::{Batch, LineTarget};
use super::target::{CollectorForm, TargetError};

/// A collector.
pub(super) struct Collector {
    client: Client,
    uri: Uri,
    authorization: Option<HeaderValue>,
    form: CollectorForm,
}

impl Collector {
    /// `authorization` is a file with the value of the Authorization header.
    pub(super) fn new(uri: &Uri, authorization: Option<&Path>, form: CollectorForm) -> Result<Self, OriginError> {
        let authorization = authorization.map(read).transpose()?;
        Ok(Self { client: Client::new(uri)?, uri: uri.clone(), authorization, form })
    }

    fn request(&self, batch: &Batch) -> Result<Request<Bytes>, http::Error> {
        let (body, kind) = match self.form {
            CollectorForm::Lines => (batch.lines.join("\n") + "\n", "application/x-ndjson"),
            CollectorForm::Records => (format!("{{\"Records\":[{}]}}", batch.lines.join(",")), "application/json"),
        };
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::post(path)
            .header(CONTENT_TYPE, kind)
            .header("x-kagiban-records", format!("{}-{}", batch.first, batch.last))
            .body(Bytes::from(body))?;
        if let Some(value) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, value.clone());
        }
        Ok(request)
    }
}

/// The first line of the file.
fn read(path: &Path) -> Result<HeaderValue, OriginError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| OriginError::Authorization { path: path.to_owned(), source: Some(source) })?;
    let value = HeaderValue::from_str(text.lines().next().unwrap_or_default().trim());
    let mut value = value
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or_else(|| OriginError::Authorization { path: path.to_owned(), source: None })?;
    value.set_sensitive(true);
    Ok(value)
}

#[async_trait]
impl LineTarget for Collector {
    async fn send(&self, batch: &Batch) -> Result<(), TargetError> {
        let request = self.request(batch).map_err(|error| TargetError::Request(error.to_string()))?;
        self.client.send(request).await.map(drop)
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("client", &self.client).finish_non_exhaustive()
    }
}
