//! Requests, byte for byte as boto3 sends them.

use std::net::SocketAddr;

use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_identity::sigv4::Signer;

use crate::Failure;

/// The Region that everything is signed for.
pub const REGION: &str = "us-east-1";

/// Headers that boto3 adds after signing, so that they are not signed.
const UNSIGNED: &str = "Accept-Encoding: identity\r\n\
    User-Agent: Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.2 \
    md/pyimpl#CPython m/Z,b,D cfg/retry-mode#legacy Botocore/1.40.61\r\n\
    amz-sdk-invocation-id: 3f1f2f5c-7f0e-4d3c-9a53-5b0a0e6f7c11\r\n\
    amz-sdk-request: attempt=1\r\n";

/// An access key to sign with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl Default for Credentials {
    /// The root of the development account.
    fn default() -> Self {
        Self { id: "test".to_owned(), secret: "test".to_owned() }
    }
}

/// An operation and its input.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The operation's name, `Encrypt`.
    pub operation: String,
    /// The JSON body.
    pub body: Vec<u8>,
    /// Who calls.
    pub credentials: Credentials,
}

impl Call {
    /// The call as a signed HTTP message.
    ///
    /// # Errors
    /// When it cannot be signed, which would be a bug.
    pub fn signed(&self, address: SocketAddr, now: Timestamp) -> Result<http::Request<Vec<u8>>, Failure> {
        let mut request = http::Request::post("/")
            .header("host", address.to_string())
            .header("x-amz-target", format!("TrentService.{}", self.operation))
            .header("content-type", "application/x-amz-json-1.1")
            .body(self.body.clone())?;
        let signer = Signer {
            access_key_id: self.credentials.id.parse()?,
            secret_access_key: SecretBytes::from_slice(self.credentials.secret.as_bytes()),
            security_token: None,
            region: REGION.parse()?,
            service: "kms",
        };
        signer.sign(&mut request, now)?;
        Ok(request)
    }

    /// The signed message as it goes over the wire.
    ///
    /// # Errors
    /// As [`Call::signed`].
    pub fn wire(&self, address: SocketAddr, now: Timestamp) -> Result<Vec<u8>, Failure> {
        let request = self.signed(address, now)?;
        let mut out = b"POST / HTTP/1.1\r\n".to_vec();
        for (name, value) in request.headers() {
            out.extend_from_slice(name.as_str().as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(UNSIGNED.as_bytes());
        out.extend_from_slice(format!("Content-Length: {}\r\n\r\n", self.body.len()).as_bytes());
        out.extend_from_slice(&self.body);
        Ok(out)
    }
}
