//! Attestation documents without an enclave: `kagiban attestation`, and the roots that `kagiban serve` trusts.
//!
//! The commands make a root of one's own and documents under it; a server that trusts the root answers such documents as
//! it answers those of the Nitro hypervisor. Nothing here weakens the check: a server trusts the roots it was given, AWS's
//! unless it was told otherwise, and no other.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_attestation::issue::{IssueError, TestDocument, TestRoot};
use kagiban_attestation::{RecipientError, RecipientKey, RootError, TrustedRoots};
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock;
use kagiban_keycore::material::KeyMaterial;
use kagiban_keycore::spec::KeySpec;
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;

use crate::config::attestation::{AttestationCommand, MakeDocumentOptions, MakeRootOptions, Pcr};
use crate::data_directory::{WriteError, make_directory, write_private};
use crate::process;

/// The files of a root: its certificate, for servers, and its private key, for [`AttestationCommand::MakeDocument`].
const ROOT: &str = "root.pem";
const ROOT_KEY: &str = "root-key.pem";
/// The files of a recipient's pair: its private key, which the enclave would keep to itself, and its public key.
const RECIPIENT_KEY: &str = "key.pem";
const RECIPIENT_PUBLIC_KEY: &str = "public-key.pem";

/// Bytes read from a file at most; more than any key or certificate has.
const FILE_BYTES: usize = 1 << 16;
/// Registers of an enclave in debug mode.
const DEBUG_PCRS: [Pcr; 3] = [Pcr::zero(0), Pcr::zero(1), Pcr::zero(2)];

/// A root that attestation documents may go back to: a value of `--attestation-root`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AttestationRoot {
    /// `aws`: the root of the commercial AWS partitions.
    Aws,
    /// A file with a certificate in PEM.
    File(PathBuf),
}

/// The name of a file is missing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("neither aws nor the name of a PEM file")]
pub struct InvalidAttestationRoot;

impl FromStr for AttestationRoot {
    type Err = InvalidAttestationRoot;

    fn from_str(text: &str) -> Result<Self, InvalidAttestationRoot> {
        match text {
            "" => Err(InvalidAttestationRoot),
            "aws" => Ok(Self::Aws),
            path => Ok(Self::File(path.into())),
        }
    }
}

/// A command could not do its work, or a root cannot be trusted. Each message names the file.
#[derive(Debug, thiserror::Error)]
pub enum AttestationSetupError {
    /// A file that was to be made is there.
    #[error("{} is there already; nothing was changed. {advice}", path.display())]
    AlreadyThere {
        /// The file.
        path: PathBuf,
        /// What to do instead.
        advice: &'static str,
    },
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file holds no certificate that can be a root.
    #[error("{} cannot be the root of attestation documents", path.display())]
    Root {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: RootError,
    },
    /// The directory holds no root and its key.
    #[error("{} holds no root made by kagiban attestation make-root", path.display())]
    NoRoot {
        /// The directory.
        path: PathBuf,
        /// Why not.
        source: IssueError,
    },
    /// The file holds no public key that an answer can be encrypted to.
    #[error("{} is not the public key of a recipient, an RSA key of 2048 to 4096 bits in PEM or DER", path.display())]
    PublicKey {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: RecipientError,
    },
    /// A root or a document could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// A recipient's pair could not be made.
    #[error("cannot make a key pair")]
    KeyPair,
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Standard output could not be written.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
}

/// The set of these roots.
///
/// # Errors
/// [`AttestationSetupError::Read`], [`AttestationSetupError::Root`]
pub(crate) fn trusted_roots(roots: &[AttestationRoot]) -> Result<TrustedRoots, AttestationSetupError> {
    let is_aws_among_them = roots.contains(&AttestationRoot::Aws);
    let mut trusted = if is_aws_among_them { TrustedRoots::aws() } else { TrustedRoots::none() };
    for root in roots {
        let AttestationRoot::File(path) = root else { continue };
        let pem = text_in(path)?;
        let added = trusted.add_certificate_pem(&pem);
        added.map_err(|source| AttestationSetupError::Root { path: path.clone(), source })?;
    }
    Ok(trusted)
}

/// `kagiban attestation`; what a user should read goes to `output`.
///
/// # Errors
/// [`AttestationSetupError`]
pub fn run(command: &AttestationCommand, output: &mut dyn Write) -> Result<(), AttestationSetupError> {
    process::harden();
    match command {
        AttestationCommand::MakeRoot(options) => make_root(options, output),
        AttestationCommand::MakeDocument(options) => make_document(options, output),
    }
}

fn make_root(options: &MakeRootOptions, output: &mut dyn Write) -> Result<(), AttestationSetupError> {
    let (certificate, key) = (options.out.join(ROOT), options.out.join(ROOT_KEY));
    for path in [&certificate, &key] {
        require_absent(path, "Use it, or name another directory")?;
    }
    let root = TestRoot::generate(SystemClock.now(), &OsRandom)?;
    make_directory(&options.out)?;
    write(&key, root.private_key_pem()?.expose())?;
    write(&certificate, root.certificate_pem()?.as_bytes())?;
    let text = format!(
        "{} is a root for attestation documents, and {} its private key.\n\
         Whoever has the private key can attest to anything before servers that trust the root.\n\
         Trust it:         kagiban serve --dev --attestation-root {0}\n\
         Make a document:  kagiban attestation make-document --root {} --generate-key enclave\n",
        certificate.display(),
        key.display(),
        options.out.display(),
    );
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(AttestationSetupError::Output)
}

fn make_document(options: &MakeDocumentOptions, output: &mut dyn Write) -> Result<(), AttestationSetupError> {
    let root = read_root(&options.root)?;
    let pair = options.generate_key.as_deref().map(KeyPair::generate).transpose()?;
    let mut document = without_key(options);
    if let Some(pair) = &pair {
        document = document.public_key(&pair.public_key);
    }
    if let Some(path) = &options.public_key {
        document = document.public_key(&read_public_key(path)?);
    }
    let document = document.sign(&root, SystemClock.now(), &OsRandom)?;
    // Only once there is a document that the pair belongs to.
    if let Some(pair) = &pair {
        pair.write()?;
    }
    match &options.out {
        Some(path) => Ok(write(path, &document)?),
        None => writeln!(output, "{}", STANDARD.encode(document))
            .and_then(|()| output.flush())
            .map_err(AttestationSetupError::Output),
    }
}

/// What the document says, but for the recipient's key.
fn without_key(options: &MakeDocumentOptions) -> TestDocument {
    let pcrs = if options.pcr.is_empty() { &DEBUG_PCRS } else { options.pcr.as_slice() };
    let empty = TestDocument::new(options.platform.into());
    let mut document = pcrs.iter().fold(empty, |document, pcr| document.pcr(pcr.index, &pcr.value));
    if let Some(data) = &options.user_data {
        document = document.user_data(&data.0);
    }
    if let Some(nonce) = &options.nonce {
        document = document.nonce(&nonce.0);
    }
    document
}

fn read_root(directory: &Path) -> Result<TestRoot, AttestationSetupError> {
    let certificate = text_in(&directory.join(ROOT))?;
    let key = read(&directory.join(ROOT_KEY))?;
    TestRoot::from_pem(&certificate, &key)
        .map_err(|source| AttestationSetupError::NoRoot { path: directory.to_owned(), source })
}

/// A public key in PEM or DER that answers can be encrypted to.
fn read_public_key(path: &Path) -> Result<Vec<u8>, AttestationSetupError> {
    let bytes = read(path)?;
    let spki = match SubjectPublicKeyInfoDer::from_pem_slice(bytes.expose()) {
        Ok(key) => key.as_ref().to_vec(),
        Err(_) => bytes.expose().to_vec(),
    };
    match RecipientKey::from_spki_der(&spki) {
        Ok(_) => Ok(spki),
        Err(source) => Err(AttestationSetupError::PublicKey { path: path.to_owned(), source }),
    }
}

/// A recipient's new pair, and where it is to be written.
struct KeyPair<'a> {
    directory: &'a Path,
    /// PKCS#8, DER.
    private_key: SecretBytes,
    /// SubjectPublicKeyInfo, DER.
    public_key: Vec<u8>,
}

impl<'a> KeyPair<'a> {
    fn generate(directory: &'a Path) -> Result<Self, AttestationSetupError> {
        for name in [RECIPIENT_KEY, RECIPIENT_PUBLIC_KEY] {
            require_absent(&directory.join(name), "Use it with --public-key, or name another directory")?;
        }
        let failed = || AttestationSetupError::KeyPair;
        let pair = KeyMaterial::generate(KeySpec::Rsa2048, &OsRandom).map_err(|_| failed())?;
        let public_key = pair.public_key().ok_or_else(failed)?.spki_der().to_vec();
        Ok(Self { directory, private_key: pair.encode().map_err(|_| failed())?, public_key })
    }

    fn write(&self) -> Result<(), AttestationSetupError> {
        make_directory(self.directory)?;
        let private_key = pem("PRIVATE KEY", self.private_key.expose());
        write(&self.directory.join(RECIPIENT_KEY), private_key.expose())?;
        let public_key = pem("PUBLIC KEY", &self.public_key);
        Ok(write(&self.directory.join(RECIPIENT_PUBLIC_KEY), public_key.expose())?)
    }
}

/// PEM (RFC 7468): lines of 64 characters.
fn pem(label: &str, der: &[u8]) -> SecretBytes {
    let base64 = SecretBytes::new(STANDARD.encode(der).into_bytes());
    let mut pem = SecretBytes::new(Vec::with_capacity(base64.len().saturating_mul(2).saturating_add(128)));
    pem.append(format!("-----BEGIN {label}-----\n").as_bytes());
    for line in base64.expose().chunks(64) {
        pem.append(line);
        pem.append(b"\n");
    }
    pem.append(format!("-----END {label}-----\n").as_bytes());
    pem
}

fn require_absent(path: &Path, advice: &'static str) -> Result<(), AttestationSetupError> {
    match path.try_exists().map_err(read_error(path))? {
        true => Err(AttestationSetupError::AlreadyThere { path: path.to_owned(), advice }),
        false => Ok(()),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    write_private(path, bytes, &mut |_| Ok(()))
}

fn text_in(path: &Path) -> Result<String, AttestationSetupError> {
    let bytes = read(path)?;
    // What is no text is no PEM either, and is told so where it is parsed.
    Ok(String::from_utf8_lossy(bytes.expose()).into_owned())
}

fn read(path: &Path) -> Result<SecretBytes, AttestationSetupError> {
    // Of full size at once: a growing buffer would leave copies of a key behind.
    let mut bytes = Vec::with_capacity(FILE_BYTES);
    let outcome = File::open(path).and_then(|file| file.take(FILE_BYTES as u64).read_to_end(&mut bytes));
    let bytes = SecretBytes::new(bytes);
    outcome.map(|_| bytes).map_err(read_error(path))
}

fn read_error(path: &Path) -> impl FnOnce(io::Error) -> AttestationSetupError {
    let path = path.to_owned();
    move |source| AttestationSetupError::Read { path, source }
}
