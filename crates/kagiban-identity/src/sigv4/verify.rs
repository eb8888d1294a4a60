//! From a presented signature to the proof that it is right.

use http::HeaderName;
use kagiban_base::id::{AccessKeyId, Region};
use kagiban_base::time::Timestamp;
use subtle::ConstantTimeEq;

use super::canonical::{AUTHORITY, OnlyValue, Signable, only_value, sha256_hex};
use super::parse::{Form, Presented};
use super::{
    CLOCK_SKEW_MAX_MS, Scope, SigV4Error, SigningKey, TERMINATOR, X_AMZ_CONTENT_SHA256, X_AMZ_SECURITY_TOKEN,
    X_AMZ_SOURCE_ACCOUNT, X_AMZ_SOURCE_ARN, X_AMZ_TARGET,
};

/// Headers that decide what a request means, when they are there.
static MUST_BE_SIGNED: [&HeaderName; 5] =
    [&X_AMZ_CONTENT_SHA256, &X_AMZ_SECURITY_TOKEN, &X_AMZ_SOURCE_ACCOUNT, &X_AMZ_SOURCE_ARN, &X_AMZ_TARGET];

/// What a request must have been signed for.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// The service's signing name, `kms`.
    pub service: &'static str,
    /// The present.
    pub now: Timestamp,
}

/// A signature for the right service and of the present, whose signed headers cover what they must. Whether it is
/// genuine only [`Checked::verify`] can say.
#[derive(Clone)]
pub struct Checked<'a> {
    presented: Presented<'a>,
    scope: Scope,
}

/// The proof that a request was signed with the secret of this access key. Only [`Checked::verify`] makes one.
#[derive(Debug)]
pub struct Verified {
    access_key_id: AccessKeyId,
    region: Region,
    signed_at: Timestamp,
}

impl Verified {
    /// Whose signature it is.
    pub const fn access_key_id(&self) -> AccessKeyId {
        self.access_key_id
    }

    /// The Region the request was signed for.
    pub const fn region(&self) -> Region {
        self.region
    }

    /// When the request was signed.
    pub const fn signed_at(&self) -> Timestamp {
        self.signed_at
    }
}

impl<'a> Presented<'a> {
    /// Holds the scope, then the clock, then the list of signed headers against what is expected. Needs no key.
    ///
    /// # Errors
    /// [`SigV4Error`] of the kind InvalidSignature.
    pub fn check(self, expected: &Expected) -> Result<Checked<'a>, SigV4Error> {
        let scope = self.scope(expected.service)?;
        self.check_clock(expected.now)?;
        self.check_signed_headers()?;
        Ok(Checked { presented: self, scope })
    }

    fn scope(&self, service: &'static str) -> Result<Scope, SigV4Error> {
        let (day, region, terminator) = (self.credential.day(), self.credential.region(), self.credential.terminator());
        let region = region.parse().map_err(|_| SigV4Error::WrongRegion { region: region.into() })?;
        if self.credential.service() != service {
            return Err(SigV4Error::WrongService { expected: service });
        }
        if terminator != TERMINATOR {
            return Err(SigV4Error::WrongTerminator { terminator: terminator.into() });
        }
        let [own_day @ .., _, _, _, _, _, _, _, _] = self.date.basic_iso;
        if day.as_bytes() != own_day {
            return Err(SigV4Error::DayMismatch { scope_day: day.into(), signed_at: self.date.at });
        }
        Ok(Scope::from_checked_day(own_day, region, service))
    }

    /// In whole seconds, as the texts show them.
    fn check_clock(&self, now: Timestamp) -> Result<(), SigV4Error> {
        let now = Timestamp::from_unix_s(now.unix_s());
        let signed_at = self.date.at;
        let lifetime_s = match self.form {
            Form::Header { .. } => CLOCK_SKEW_MAX_MS / 1000,
            Form::Query { lifetime_s } => lifetime_s,
        };
        if now.ms_since(signed_at) > lifetime_s * 1000 {
            return Err(SigV4Error::Expired { signed_at, now, lifetime_s });
        }
        if signed_at.ms_since(now) > CLOCK_SKEW_MAX_MS {
            return Err(SigV4Error::NotYetCurrent { signed_at, now });
        }
        Ok(())
    }

    /// Whether everything that decides what the request means is signed.
    fn check_signed_headers(&self) -> Result<(), SigV4Error> {
        // Over HTTP/2 some SDKs sign the pseudo-header in the place of Host (seen: AWS SDK for JavaScript).
        if !self.signed_headers.has("host") && !self.signed_headers.has(AUTHORITY) {
            return Err(SigV4Error::Unsigned("host"));
        }
        if let Form::Header { date_header } = self.form
            && !self.signed_headers.has(date_header.as_str())
        {
            return Err(SigV4Error::Unsigned(date_header.as_str()));
        }
        for name in MUST_BE_SIGNED {
            if !self.signed_headers.has(name.as_str()) && self.head.headers.contains_key(name) {
                return Err(SigV4Error::Unsigned(name.as_str()));
            }
        }
        Ok(())
    }
}

impl Checked<'_> {
    /// What the [`SigningKey`] has to be derived for. Its Region and day come from the request, but are well-formed and
    /// of the present.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether the signature is that of this head and `body` under `key`, which must be the one of the presented access
    /// key and of [`Checked::scope`].
    ///
    /// # Errors
    /// [`SigV4Error::Mismatch`], whatever the cause.
    pub fn verify(self, body: &[u8], key: &SigningKey) -> Result<Verified, SigV4Error> {
        let body_hash = sha256_hex(body);
        self.check_declared_hash(&body_hash)?;
        let signable = Signable {
            head: self.presented.head,
            signed_headers: self.presented.signed_headers.as_str(),
            signed_at: &self.presented.date.basic_iso,
            scope: &self.scope,
        };
        let string_to_sign = signable.string_to_sign(&body_hash).map_err(|_| SigV4Error::Mismatch)?;
        let is_right = key.sign(&string_to_sign).ct_eq(self.presented.signature.as_bytes());
        let access_key_id = self.presented.access_key_id.ok_or(SigV4Error::Mismatch)?;
        if !bool::from(is_right) {
            return Err(SigV4Error::Mismatch);
        }
        Ok(Verified { access_key_id, region: self.scope.region(), signed_at: self.presented.date.at })
    }

    /// A hash of the body that is sent as a header must be the right one; `UNSIGNED-PAYLOAD` and the streaming forms are
    /// for S3 and thereby refused.
    fn check_declared_hash(&self, body_hash: &[u8; 64]) -> Result<(), SigV4Error> {
        match only_value(self.presented.head.headers, &X_AMZ_CONTENT_SHA256) {
            OnlyValue::Absent => Ok(()),
            OnlyValue::Once(value) if value.as_bytes() == body_hash => Ok(()),
            OnlyValue::Once(_) | OnlyValue::Repeated => Err(SigV4Error::Mismatch),
        }
    }
}
