//! Options of `kagiban attestation`. They have no place in the configuration file: each call says what it makes.

use std::path::PathBuf;
use std::str::FromStr;

use kagiban_attestation::Platform;

/// Commands of `kagiban attestation`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum AttestationCommand {
    /// Make a root of one's own: a certificate for servers to trust, and the private key that vouches for documents
    ///
    /// Writes root.pem (for --attestation-root of "kagiban serve") and root-key.pem (for "make-document") into a directory.
    /// The root is valid for ten years.
    MakeRoot(MakeRootOptions),
    /// Make an attestation document under such a root, as the Nitro hypervisor makes one for an enclave
    ///
    /// Prints the document in base64, the form of AttestationDocument in a request, or writes its bytes to --out. A server
    /// accepts a document for five minutes.
    #[command(after_help = "\
Example:
  kagiban attestation make-document --root trusted --generate-key enclave --out document.bin
and when an answer to it is there, with the bytes of CiphertextForRecipient in answer.der:
  openssl cms -decrypt -inform DER -in answer.der -inkey enclave/key.pem -binary")]
    MakeDocument(MakeDocumentOptions),
}

/// Options of `kagiban attestation make-root`.
#[derive(clap::Args, Clone, Debug)]
pub struct MakeRootOptions {
    /// Directory to write root.pem and root-key.pem to; made if it is not there
    #[arg(long, value_name = "DIRECTORY")]
    pub out: PathBuf,
}

/// Options of `kagiban attestation make-document`.
#[derive(clap::Args, Clone, Debug)]
#[command(group = clap::ArgGroup::new("recipient").required(true))]
pub struct MakeDocumentOptions {
    /// Directory that "kagiban attestation make-root" made
    #[arg(long, value_name = "DIRECTORY")]
    pub root: PathBuf,

    /// Public key that answers are to be encrypted to: RSA of 2048 to 4096 bits, PEM or DER
    #[arg(long, value_name = "FILE", group = "recipient")]
    pub public_key: Option<PathBuf>,

    /// Make a new RSA key pair for the document; key.pem and public-key.pem are written to this directory
    #[arg(long, value_name = "DIRECTORY", group = "recipient")]
    pub generate_key: Option<PathBuf>,

    /// Value of a platform configuration register, 0 to 31, as 96 hexadecimal digits (or 64, or 128); repeatable
    ///
    /// PCR 0 measures the enclave's image, 1 its kernel and boot, 2 its application, 3 the role of its instance, 4 the
    /// instance, 8 who signed the image. Without any, 0, 1 and 2 are all zeros, as in an enclave in debug mode.
    #[arg(long, value_name = "N=HEX")]
    pub pcr: Vec<Pcr>,

    /// Data to have signed: a text, or hex:DIGITS; at most 1024 bytes
    #[arg(long, value_name = "DATA")]
    pub user_data: Option<Data>,

    /// A nonce to have signed: a text, or hex:DIGITS; at most 1024 bytes
    #[arg(long, value_name = "DATA")]
    pub nonce: Option<Data>,

    /// What attests: an enclave, or an instance with NitroTPM, whose registers have another name in the document
    #[arg(long, value_name = "PLATFORM", default_value = "nitro-enclave")]
    pub platform: PlatformOption,

    /// File to write the document's bytes to, instead of base64 on standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What attests.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum PlatformOption {
    /// An enclave.
    NitroEnclave,
    /// An instance with NitroTPM.
    NitroTpm,
}

impl From<PlatformOption> for Platform {
    fn from(option: PlatformOption) -> Self {
        match option {
            PlatformOption::NitroEnclave => Self::NitroEnclave,
            PlatformOption::NitroTpm => Self::NitroTpm,
        }
    }
}

/// Bytes of a register with SHA-384, as they all are today.
const PCR_LEN: usize = 48;

/// A platform configuration register.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pcr {
    /// 0 to 31.
    pub index: u8,
    /// 32, 48 or 64 bytes.
    pub value: std::borrow::Cow<'static, [u8]>,
}

impl Pcr {
    /// A register that measured nothing.
    pub const fn zero(index: u8) -> Self {
        Self { index, value: std::borrow::Cow::Borrowed(&[0; PCR_LEN]) }
    }
}

/// Not a register.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a register, such as 0=00ab.. with 96 hexadecimal digits (or 64, or 128) and a number from 0 to 31")]
pub struct InvalidPcr;

impl FromStr for Pcr {
    type Err = InvalidPcr;

    fn from_str(text: &str) -> Result<Self, InvalidPcr> {
        let (index, value) = text.split_once('=').ok_or(InvalidPcr)?;
        let index = index.parse().ok().filter(|index| *index < 32).ok_or(InvalidPcr)?;
        let value = from_hex(value).filter(|value| [32, PCR_LEN, 64].contains(&value.len())).ok_or(InvalidPcr)?;
        Ok(Self { index, value: value.into() })
    }
}

/// Bytes of a document's own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Data(pub Vec<u8>);

/// Digits that are none, or too many bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("neither a text nor hex: and an even number of hexadecimal digits, of 1 to 1024 bytes")]
pub struct InvalidData;

impl FromStr for Data {
    type Err = InvalidData;

    fn from_str(text: &str) -> Result<Self, InvalidData> {
        let bytes = match text.strip_prefix("hex:") {
            Some(digits) => from_hex(digits).ok_or(InvalidData)?,
            None => text.as_bytes().to_vec(),
        };
        if (1..=1024).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(InvalidData) }
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers() {
        let zeros = "0".repeat(96);
        assert_eq!(format!("2={zeros}").parse(), Ok(Pcr::zero(2)));
        for (digits, len) in [(64, 32), (96, 48), (128, 64)] {
            let pcr: Pcr = format!("31={}", "aB".repeat(digits / 2)).parse().unwrap();
            assert_eq!((pcr.index, pcr.value.as_ref()), (31, vec![0xab; len].as_slice()));
        }
        for bad in ["", "0", "=", "0=", "0=00", &format!("32={zeros}"), &format!("-1={zeros}"), &format!("={zeros}")] {
            assert_eq!(bad.parse::<Pcr>(), Err(InvalidPcr), "{bad}");
        }
        for bad in [&zeros[1..], &format!("{zeros}0"), &format!("{}zz", &zeros[2..]), &format!("{}é", &zeros[2..])] {
            assert_eq!(format!("0={bad}").parse::<Pcr>(), Err(InvalidPcr), "{bad}");
        }
    }

    #[test]
    fn data() {
        for (text, bytes) in [("a text", b"a text".as_slice()), ("hex:00ff", &[0, 255]), ("hex", b"hex")] {
            assert_eq!(text.parse(), Ok(Data(bytes.to_vec())), "{text}");
        }
        for bad in ["", "hex:", "hex:0", "hex:xx", &"x".repeat(1025)] {
            assert_eq!(bad.parse::<Data>(), Err(InvalidData), "{bad}");
        }
    }
}
