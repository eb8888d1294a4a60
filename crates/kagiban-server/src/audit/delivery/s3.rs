//! A bucket of anything that speaks S3: objects are put with a signature that covers their content (AWS documentation,
//! "PutObject" and "Authenticating Requests: Using the Authorization Header").
//!
//! Names of objects have only characters that need no escaping, so there is one way to write and to sign them.

use std::fmt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HOST};
use http::{HeaderValue, Request, Uri};
use kagiban_audit::sha256;
use kagiban_base::id::{AccessKeyId, Region};
use kagiban_base::os::SystemClock;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock;
use kagiban_identity::sigv4::Signer;

use super::client::{Client, OriginError};
use super::objects::ObjectTarget;
use super::target::TargetError;
use crate::config::environment_secret;

/// The environment's names of the bucket's credentials.
const ACCESS_KEY_ID: &str = "KAGIBAN_AUDIT_S3_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "KAGIBAN_AUDIT_S3_SECRET_ACCESS_KEY";

/// Ends the name of what is compressed.
const PACKED: &str = ".gz";

/// What is needed to write to buckets, for all of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct BucketOptions {
    /// The server; AWS's own without.
    pub(crate) endpoint: Option<Uri>,
    /// The Region to sign for; us-east-1 without.
    pub(crate) region: Option<Region>,
    /// A file with the credentials; the environment without.
    pub(crate) credentials: Option<PathBuf>,
}

/// A bucket cannot be written to as things are.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// No credentials.
    #[error(
        "there are no credentials for the bucket: set {ACCESS_KEY_ID} and {SECRET_ACCESS_KEY}, or name a file with \
         --audit-s3-credentials"
    )]
    NoCredentials,
    /// The file of the credentials.
    #[error("{} has no aws_access_key_id and aws_secret_access_key that can be used", .0.display())]
    Credentials(PathBuf),
    /// The server's address.
    #[error(transparent)]
    Origin(#[from] OriginError),
}

/// A bucket.
pub(super) struct Bucket {
    client: Client,
    /// `/BUCKET/`, after what path the endpoint has.
    root: String,
    bucket: String,
    prefix: String,
    signer: Signer,
}

impl Bucket {
    pub(super) fn new(bucket: &str, prefix: &str, options: &BucketOptions) -> Result<Self, S3Error> {
        let region = options.region.or_else(|| "us-east-1".parse().ok()).ok_or(S3Error::NoCredentials)?;
        let endpoint = match &options.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => {
                let domain = if region.as_str().starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
                let text = format!("https://s3.{region}.{domain}");
                text.parse().map_err(|_| OriginError::Address(text))?
            }
        };
        let (access_key_id, secret_access_key) = credentials(options.credentials.as_deref())?;
        let signer = Signer { access_key_id, secret_access_key, security_token: None, region, service: "s3" };
        let root = format!("{}/{bucket}/", endpoint.path().trim_end_matches('/'));
        let client = Client::new(&endpoint)?;
        Ok(Self { client, root, bucket: bucket.to_owned(), prefix: prefix.to_owned(), signer })
    }

    fn request(&self, object: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<Request<Bytes>, TargetError> {
        let unfit = |error: &dyn fmt::Display| TargetError::Request(error.to_string());
        let hash: String = sha256::hash(&[bytes]).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut request = Request::put(format!("{}{object}", self.root))
            .header(HOST, self.client.authority())
            .header(CONTENT_TYPE, "application/json")
            .header("x-amz-content-sha256", hash)
            .body(Bytes::copy_from_slice(bytes))
            .map_err(|error| unfit(&error))?;
        if object.ends_with(PACKED) {
            request.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        for (name, value) in metadata {
            let name = http::HeaderName::try_from(format!("x-amz-meta-{name}")).map_err(|error| unfit(&error))?;
            let value = HeaderValue::from_str(value).map_err(|error| unfit(&error))?;
            request.headers_mut().insert(name, value);
        }
        // The bucket's server lives in the world's time, whatever this deployment's clock says.
        self.signer.sign(&mut request, SystemClock.now()).map_err(|error| unfit(&error))?;
        Ok(request)
    }
}

#[async_trait]
impl ObjectTarget for Bucket {
    fn bucket(&self) -> &str {
        &self.bucket
    }

    fn prefix(&self) -> &str {
        &self.prefix
    }

    async fn put(&self, object: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<(), TargetError> {
        self.client.send(self.request(object, bytes, metadata)?).await.map(drop)
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("client", &self.client).field("root", &self.root).finish_non_exhaustive()
    }
}

fn credentials(file: Option<&Path>) -> Result<(AccessKeyId, SecretBytes), S3Error> {
    if let Some(path) = file {
        let read = std::fs::read(path).map(SecretBytes::new).map_err(|_| S3Error::Credentials(path.to_owned()))?;
        return in_file(&read).ok_or_else(|| S3Error::Credentials(path.to_owned()));
    }
    let id = environment_secret(ACCESS_KEY_ID).ok_or(S3Error::NoCredentials)?;
    let id = str::from_utf8(id.expose()).ok().and_then(|id| id.parse().ok()).ok_or(S3Error::NoCredentials)?;
    Ok((id, environment_secret(SECRET_ACCESS_KEY).ok_or(S3Error::NoCredentials)?))
}

/// The first credentials in a file of the form that AWS's tools use.
fn in_file(file: &SecretBytes) -> Option<(AccessKeyId, SecretBytes)> {
    let text = str::from_utf8(file.expose()).ok()?;
    let value = |wanted: &str| {
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        pairs.map(|(name, value)| (name.trim(), value.trim())).find(|(name, _)| *name == wanted).map(|(_, value)| value)
    };
    let secret = SecretBytes::from_slice(value("aws_secret_access_key")?.as_bytes());
    Some((value("aws_access_key_id")?.parse().ok()?, secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_from_the_form_of_aws() {
        let read = |text: &str| in_file(&SecretBytes::from_slice(text.as_bytes()));
        let (id, secret) = read("[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key=a/b+c=\n").unwrap();
        assert_eq!((id.as_str(), secret.expose()), ("AKIDEXAMPLE", &b"a/b+c="[..]));
        for bad in ["", "aws_access_key_id = AKIDEXAMPLE", "aws_secret_access_key = x\naws_access_key_id = -"] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn requests_name_the_bucket_in_the_path_and_sign_the_content_and_the_metadata() {
        let place = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(place.path(), "aws_access_key_id=AKIDEXAMPLE\naws_secret_access_key=secret").unwrap();
        let options = |endpoint: Option<&str>| BucketOptions {
            endpoint: endpoint.map(|text| text.parse().unwrap()),
            region: None,
            credentials: Some(place.path().to_owned()),
        };
        let bucket = Bucket::new("logs", "p", &options(Some("http://localhost:9000/s3/"))).unwrap();
        let request = bucket.request("p/AWSLogs/x.json.gz", b"content", &[("signature", "ab")]).unwrap();
        assert_eq!(request.uri().path(), "/s3/logs/p/AWSLogs/x.json.gz");
        assert_eq!(request.headers()["host"], "localhost:9000");
        assert_eq!(request.headers()["x-amz-meta-signature"], "ab");
        assert_eq!(request.headers()["content-encoding"], "gzip");
        let beside = bucket.request("p/AWSLogs/x.json.gz.metadata.json", b"{}", &[]).unwrap();
        assert!(!beside.headers().contains_key("content-encoding"));
        let authorization = request.headers()["authorization"].to_str().unwrap();
        assert!(authorization.contains("/us-east-1/s3/aws4_request"), "{authorization}");
        for signed in ["host", "x-amz-content-sha256", "x-amz-date", "x-amz-meta-signature"] {
            assert!(authorization.contains(signed), "{authorization}");
        }
        let aws = Bucket::new("logs", "", &options(None)).unwrap();
        assert_eq!(aws.client.authority(), "s3.us-east-1.amazonaws.com");
    }
}
