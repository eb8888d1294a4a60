//! A provider's keys: a JWK set (RFC 7517) with RSA and elliptic-curve keys (RFC 7518, section 6).

use aws_lc_rs::signature::{RsaPublicKeyComponents, UnparsedPublicKey};

use super::algorithm::{Algorithm, Curve, Scheme};
use super::json::{self, Json, Object};
use super::{TokenPart, WebIdentityError, decode, text};

/// Longest key set taken, in bytes.
pub const KEY_SET_LEN_MAX: usize = 256 * 1024;

/// Most keys in one set, whatever their kind.
pub const KEYS_MAX: usize = 64;

/// Most keys that one token is tried with.
const TRIES_MAX: usize = 8;

/// Bytes of an RSA modulus: 2048 to 8192 bits. Shorter ones are not safe, longer ones are a burden.
const MODULUS_LEN: std::ops::RangeInclusive<usize> = 256..=1024;

/// Bytes of an RSA public exponent; it is 3 bytes long nearly everywhere.
const EXPONENT_LEN_MAX: usize = 4;

/// The keys of one provider that can check a token's signature.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// A key set cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidKeySet {
    /// It is no JSON object with a list `keys` of objects, or has a name twice.
    #[error("the key set cannot be read")]
    Malformed,
    /// It is longer than [`KEY_SET_LEN_MAX`].
    #[error("the key set is longer than {KEY_SET_LEN_MAX} bytes")]
    TooLong,
    /// It has more than [`KEYS_MAX`] keys.
    #[error("the key set has more than {KEYS_MAX} keys")]
    TooManyKeys,
}

#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// The only algorithm that the key is for, if it says so.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Debug)]
enum Material {
    /// An uncompressed point (SEC 1, section 2.3.3).
    Ec(Curve, Vec<u8>),
    /// Big-endian numbers without leading zeros.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
}

impl KeySet {
    /// Reads a key set. Keys of other kinds, for other purposes, too short or incomplete are left out, as RFC 7517
    /// (section 5) has it: a provider may publish what we don't know.
    ///
    /// # Errors
    /// [`InvalidKeySet`] if the set as a whole cannot be read.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidKeySet> {
        if json.len() > KEY_SET_LEN_MAX {
            return Err(InvalidKeySet::TooLong);
        }
        let mut set = json::parse_object(json).ok_or(InvalidKeySet::Malformed)?;
        let Some(Json::List(members)) = set.remove("keys") else { return Err(InvalidKeySet::Malformed) };
        if members.len() > KEYS_MAX {
            return Err(InvalidKeySet::TooManyKeys);
        }
        let mut keys = Vec::new();
        for member in &members {
            let Json::Object(member) = member else { return Err(InvalidKeySet::Malformed) };
            keys.extend(Key::parse(member));
        }
        Ok(Self { keys })
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key can be used.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether a token that names this key, or none, could have been signed with one of these. If not, a newer set may
    /// have it.
    pub fn has_key(&self, id: Option<&str>) -> bool {
        self.keys.iter().any(|key| key.has_id(id))
    }

    /// Checks a signature with the key that the token names, or with those that suit.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        id: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), WebIdentityError> {
        let mut suitable = self.keys.iter().filter(|key| key.has_id(id) && key.suits(algorithm)).peekable();
        if suitable.peek().is_none() {
            return Err(WebIdentityError::UnknownKey);
        }
        let mut tried = suitable.take(TRIES_MAX);
        if tried.any(|key| key.verifies(algorithm, message, signature)) {
            Ok(())
        } else {
            Err(WebIdentityError::WrongSignature)
        }
    }
}

impl Key {
    /// The key, if it is one that can check signatures here.
    fn parse(member: &Object) -> Option<Self> {
        let algorithm = match member.get("alg") {
            None => None,
            Some(_) => Some(text(member, "alg").and_then(Algorithm::parse)?),
        };
        let id = match member.get("kid") {
            None => None,
            Some(_) => Some(text(member, "kid")?.to_owned()),
        };
        if !is_for_signatures(member) {
            return None;
        }
        let material = match text(member, "kty")? {
            "EC" => Material::parse_ec(member)?,
            "RSA" => Material::parse_rsa(member)?,
            _ => return None,
        };
        Some(Self { id, algorithm, material })
    }

    /// Whether a token that names this key may be checked with it; a token that names none may with any.
    fn has_id(&self, id: Option<&str>) -> bool {
        id.is_none() || self.id.as_deref() == id
    }

    fn suits(&self, algorithm: Algorithm) -> bool {
        let kind_suits = match (algorithm.scheme(), &self.material) {
            (Scheme::Ecdsa(_, wanted), Material::Ec(curve, _)) => wanted == *curve,
            (Scheme::Rsa(_), Material::Rsa { .. }) => true,
            _ => false,
        };
        kind_suits && self.algorithm.is_none_or(|only| only == algorithm)
    }

    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (algorithm.scheme(), &self.material) {
            (Scheme::Ecdsa(scheme, _), Material::Ec(_, point)) => {
                UnparsedPublicKey::new(scheme, point).verify(message, signature).is_ok()
            }
            (Scheme::Rsa(scheme), Material::Rsa { modulus, exponent }) => {
                RsaPublicKeyComponents { n: modulus, e: exponent }.verify(scheme, message, signature).is_ok()
            }
            _ => false,
        }
    }
}

/// `use` and `key_ops` (RFC 7517, sections 4.2 and 4.3); each is heeded if it is there.
fn is_for_signatures(member: &Object) -> bool {
    let used = member.get("use").is_none_or(|used| used.as_text() == Some("sig"));
    let may_verify = member.get("key_ops").is_none_or(|operations| match operations {
        Json::List(operations) => operations.iter().any(|operation| operation.as_text() == Some("verify")),
        _ => false,
    });
    used && may_verify
}

impl Material {
    /// RFC 7518, section 6.2: coordinates have the curve's full length.
    fn parse_ec(member: &Object) -> Option<Self> {
        let curve = match text(member, "crv")? {
            "P-256" => Curve::P256,
            "P-384" => Curve::P384,
            _ => return None,
        };
        let mut point = vec![4];
        for name in ["x", "y"] {
            let coordinate = bytes(member, name)?;
            if coordinate.len() != curve.coordinate_len() {
                return None;
            }
            point.extend_from_slice(&coordinate);
        }
        Some(Self::Ec(curve, point))
    }

    /// RFC 7518, section 6.3. A zero in front is not allowed there, but seen in the wild; the number is the same.
    fn parse_rsa(member: &Object) -> Option<Self> {
        let number = |name| bytes(member, name).map(|bytes| bytes.into_iter().skip_while(|b| *b == 0).collect());
        let (modulus, exponent): (Vec<u8>, Vec<u8>) = (number("n")?, number("e")?);
        let modulus_fits = MODULUS_LEN.contains(&modulus.len())
            && (modulus.len() > *MODULUS_LEN.start() || modulus.first().is_some_and(|b| b >> 7 == 1));
        let fits = modulus_fits && (1..=EXPONENT_LEN_MAX).contains(&exponent.len());
        fits.then_some(Self::Rsa { modulus, exponent })
    }
}

fn bytes(member: &Object, name: &str) -> Option<Vec<u8>> {
    decode(text(member, name)?, TokenPart::Whole).ok()
}
