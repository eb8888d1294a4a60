//! What can go wrong, and what to do then: each message says both.

use std::fmt;
use std::io;
use std::path::PathBuf;

use kagiban_audit::anchor::AnchorError;
use kagiban_audit::export::ExportError;
use kagiban_audit::search::SearchError;
use kagiban_audit::signing::NotAKeyFile;
use kagiban_identity::sigv4::SignError;

use crate::endpoint::InvalidEndpoint;
use crate::text::printable;

/// A command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The anchor cannot be made.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// A file of the audit cannot be read.
    #[error("cannot read {}", path.display())]
    AuditFile {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A backup was begun and not made.
    #[error("the backup was not made: {0}")]
    Backup(String),
    /// Records cannot be searched.
    #[error(transparent)]
    AuditSearch(#[from] SearchError),
    /// Records cannot be written to files.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// Log files are files.
    #[error("log files are written to a directory: name one with --to, or choose --form lines")]
    ExportForm,
    /// Something is wrong with the records.
    #[error("the audit is not sound: {count} findings; docs/audit.md says what each means and what to do")]
    AuditUnsound {
        /// How many.
        count: u64,
    },
    /// There is no audit.
    #[error("{} is no data directory with an audit, nor a copy of one", path.display())]
    NoAudit {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A public key cannot be used.
    #[error("{} cannot be used", path.display())]
    PublicKey {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: NotAKeyFile,
    },
    /// The price table cannot be read.
    #[error("cannot read the price table {}", path.display())]
    PriceFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The price table is none.
    #[error("{} is no price table; docs/usage.md shows one", path.display())]
    Prices {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: Box<toml::de::Error>,
    },
    /// The answer is longer than any that the server gives.
    #[error("the answer of {endpoint} is too long; is it Kagiban?")]
    AnswerTooLong {
        /// Who was asked.
        endpoint: String,
    },
    /// No usable authorities.
    #[error("there are no certificates in {}", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: rustls::pki_types::pem::Error,
    },
    /// This machine trusts nobody.
    #[error("this machine has no certificate authorities; name the server's with --ca-certificate FILE")]
    NoAuthorities,
    /// The certificates cannot be used.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The endpoint is none.
    #[error("{text} is {source}")]
    Endpoint {
        /// As it was given.
        text: String,
        /// What it should be.
        source: InvalidEndpoint,
    },
    /// TLS could not be agreed on.
    #[error(
        "{endpoint} is not trusted or speaks no TLS; name the authority of its certificate with --ca-certificate FILE"
    )]
    Handshake {
        /// Who was to be asked.
        endpoint: String,
        /// Why not.
        source: io::Error,
    },
    /// Standard input could not be read.
    #[error("cannot read standard input")]
    Input(#[source] io::Error),
    /// A text is no share.
    #[error("share {line} cannot be used")]
    Share {
        /// Which, from 1.
        line: usize,
        /// Why not.
        source: kagiban_recovery::InvalidShare,
    },
    /// The file with shares cannot be read.
    #[error("cannot read {}", path.display())]
    ShareFile {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Others than its owner can read the file with shares.
    #[error("{path} can be read by others than its owner; if nobody has: chmod 600 {path}", path = .0.display())]
    ShareFileOpenToOthers(PathBuf),
    /// A line of it is no share.
    #[error(transparent)]
    ShareLine(#[from] kagiban_recovery::InvalidLine),
    /// Shares do not give a key.
    #[error(transparent)]
    Combine(#[from] kagiban_recovery::CombineError),
    /// A recovery key cannot be made so.
    #[error(transparent)]
    Split(#[from] kagiban_recovery::SplitError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] kagiban_base::random::RandomError),
    /// The request was sent, and then something broke.
    #[error(
        "{endpoint} did not answer to the end; whether the request was carried out is not known: look before you repeat it"
    )]
    Interrupted {
        /// Who was asked.
        endpoint: String,
        /// What broke.
        source: hyper::Error,
    },
    /// No answer in time.
    #[error(
        "{endpoint} did not answer in time; whether the request was carried out is not known: look before you repeat it"
    )]
    Late {
        /// Who was asked.
        endpoint: String,
    },
    /// There are no credentials.
    #[error(
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set. For credentials of a profile: \
         eval \"$(aws configure export-credentials --format env)\""
    )]
    NoCredentials,
    /// An answer that Kagiban does not give.
    #[error("{endpoint} answered with status {status} and no answer of Kagiban's; look at --endpoint")]
    NotKagiban {
        /// Who was asked.
        endpoint: String,
        /// Status of the answer.
        status: u16,
    },
    /// Standard output could not be written.
    #[error("cannot write to standard output; {0}")]
    Output(&'static str, #[source] io::Error),
    /// A list whose pages do not end.
    #[error("{endpoint} gives the same page again and again")]
    Pages {
        /// Who was asked.
        endpoint: String,
    },
    /// Secrets in the clear.
    #[error(
        "refusing to speak plain HTTP to {endpoint}, which is not this machine: secrets would cross the network in the \
             clear; use https"
    )]
    PlainHttp {
        /// Who was to be asked.
        endpoint: String,
    },
    /// The server refused.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The process could not be set up.
    #[error("cannot start")]
    Runtime(#[source] io::Error),
    /// The request cannot be signed.
    #[error("cannot sign the request")]
    Sign(#[from] SignError),
    /// Nobody there.
    #[error(
        "cannot reach {endpoint}; is the server running there? (kagiban serve, and --endpoint or AWS_ENDPOINT_URL)"
    )]
    Unreachable {
        /// Who was to be asked.
        endpoint: String,
        /// Why not.
        source: io::Error,
    },
    /// A variable of the environment cannot be used.
    #[error("{name} in the environment is not what it should be")]
    Variable {
        /// Its name.
        name: String,
    },
}

/// What the server said when it refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The error's code, such as `AccessDeniedException`.
    pub code: String,
    /// Its text; may be empty.
    pub message: String,
    /// The number of the request.
    pub request_id: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.code))?;
        if !self.message.is_empty() {
            write!(f, ": {}", printable(&self.message))?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {})", printable(id))?;
        }
        match self.advice() {
            Some(advice) => write!(f, "\n{advice}"),
            None => Ok(()),
        }
    }
}

impl Refusal {
    /// What to do about it.
    fn advice(&self) -> Option<&'static str> {
        Some(match self.code.as_str() {
            "AccessDeniedException" => {
                "Use credentials of the management account's root, or of a user or role there with that permission in an \
                 identity policy. Who may ask why: kagiban explain, with the number of the request."
            }
            "ExpiredTokenException" => "Get new temporary credentials.",
            "InvalidSignatureException" | "IncompleteSignatureException" => {
                "Look at AWS_SECRET_ACCESS_KEY and at this machine's clock."
            }
            "UnrecognizedClientException" => {
                "The server does not know AWS_ACCESS_KEY_ID: it may be of another deployment, deleted, of a closed account, or \
                 need its AWS_SESSION_TOKEN."
            }
            "UnknownOperationException" => {
                "The server knows no such operation: it may be an older Kagiban, or another service."
            }
            _ => return None,
        })
    }
}

impl CliError {
    /// What the process exits with: 1 refused or failed, 2 something is not set right, 3 nobody answered.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_)
            | Self::Anchor(_)
            | Self::AuditFile { .. }
            | Self::AuditSearch(_)
            | Self::AuditUnsound { .. }
            | Self::Export(_)
            | Self::Backup(_)
            | Self::AnswerTooLong { .. }
            | Self::NotKagiban { .. }
            | Self::Combine(_)
            | Self::Output(..)
            | Self::Pages { .. }
            | Self::Random(_)
            | Self::Runtime(_)
            | Self::Share { .. }
            | Self::ShareLine(_) => 1,
            Self::Authorities { .. }
            | Self::Endpoint { .. }
            | Self::ExportForm
            | Self::Input(_)
            | Self::NoAuthorities
            | Self::NoAudit { .. }
            | Self::NoCredentials
            | Self::PublicKey { .. }
            | Self::PlainHttp { .. }
            | Self::PriceFile { .. }
            | Self::Prices { .. }
            | Self::ShareFile { .. }
            | Self::ShareFileOpenToOthers(_)
            | Self::Sign(_)
            | Self::Split(_)
            | Self::Tls(_)
            | Self::Variable { .. } => 2,
            Self::Handshake { .. } | Self::Interrupted { .. } | Self::Late { .. } | Self::Unreachable { .. } => 3,
        }
    }
}
