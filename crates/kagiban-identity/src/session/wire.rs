//! The bytes of claims: a version, then every part in a fixed order. Numbers are big-endian, texts and lists have their
//! length in front, what can be absent has a byte 0 or 1 in front. There is one encoding for each value.

use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

use super::{CLAIMS_LEN_MAX, EncodeError, Federation, InvalidSession, SessionClaims, SessionPrincipal, SessionTag};

/// The version written, and the only one read so far.
const VERSION: u8 = 1;

/// What the byte before a principal says.
const ROOT: u8 = 0;
const USER: u8 = 1;
const ROLE: u8 = 2;

const MALFORMED: InvalidSession = InvalidSession::Malformed;

pub(super) fn encode(claims: &SessionClaims) -> Result<SecretBytes, EncodeError> {
    let mut out = Writer { bytes: SecretBytes::new(Vec::with_capacity(CLAIMS_LEN_MAX)), len: 0 };
    out.put(&[VERSION]);
    out.text(claims.access_key_id.as_str());
    out.blob(claims.secret_access_key.expose());
    out.text(claims.account.as_str());
    out.principal(&claims.principal);
    out.time(claims.issued);
    out.time(claims.expires);
    out.option(claims.mfa_authenticated_at, Writer::time);
    out.list(&claims.tags, Writer::tag);
    out.option(claims.source_identity.as_deref(), Writer::text);
    out.list(&claims.session_policies, |out, text| out.text(text));
    out.list(&claims.session_policy_arns, |out, text| out.text(text));
    out.option(claims.federation.as_ref(), Writer::federation);
    out.option(claims.via_service.as_deref(), Writer::text);
    out.flag(claims.is_chained);
    if out.len > CLAIMS_LEN_MAX { Err(EncodeError::TooLarge { len: out.len }) } else { Ok(out.bytes) }
}

pub(super) fn decode(bytes: &[u8]) -> Result<SessionClaims, InvalidSession> {
    if bytes.len() > CLAIMS_LEN_MAX {
        return Err(MALFORMED);
    }
    let mut reader = Reader(bytes);
    match reader.byte()? {
        VERSION => {}
        version => return Err(InvalidSession::Version(version)),
    }
    let claims = SessionClaims {
        access_key_id: reader.parsed()?,
        secret_access_key: SecretBytes::from_slice(reader.blob()?),
        account: reader.parsed()?,
        principal: reader.principal()?,
        issued: reader.time()?,
        expires: reader.time()?,
        mfa_authenticated_at: reader.option(Reader::time)?,
        tags: reader.list(Reader::tag)?,
        source_identity: reader.option(Reader::text)?,
        session_policies: reader.list(Reader::text)?,
        session_policy_arns: reader.list(Reader::text)?,
        federation: reader.option(Reader::federation)?,
        via_service: reader.option(Reader::text)?,
        is_chained: reader.flag()?,
    };
    if reader.0.is_empty() { Ok(claims) } else { Err(MALFORMED) }
}

/// Writes as long as there is room, and goes on counting after that.
struct Writer {
    bytes: SecretBytes,
    /// Length of all that was put, whether or not it fitted.
    len: usize,
}

impl Writer {
    fn put(&mut self, bytes: &[u8]) {
        self.len = self.len.saturating_add(bytes.len());
        if self.len <= CLAIMS_LEN_MAX {
            self.bytes.append(bytes);
        }
    }

    /// A blob too long for its length to be told is too long for the claims as well, so the cut length is never read.
    fn blob(&mut self, bytes: &[u8]) {
        self.put(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.put(bytes);
    }

    fn text(&mut self, text: &str) {
        self.blob(text.as_bytes());
    }

    fn flag(&mut self, flag: bool) {
        self.put(&[flag.into()]);
    }

    fn time(&mut self, time: Timestamp) {
        self.put(&time.unix_ms().to_be_bytes());
    }

    fn option<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            put(self, value);
        }
    }

    /// INVARIANT: lists are checked before and have fewer than 256 items.
    fn list<T>(&mut self, items: &[T], put: impl Fn(&mut Self, &T)) {
        self.put(&[u8::try_from(items.len()).unwrap_or(u8::MAX)]);
        for item in items {
            put(self, item);
        }
    }

    fn principal(&mut self, principal: &SessionPrincipal) {
        match principal {
            SessionPrincipal::Root => self.put(&[ROOT]),
            SessionPrincipal::User { unique_id } => {
                self.put(&[USER]);
                self.text(unique_id.as_str());
            }
            SessionPrincipal::Role { role_id, session_name } => {
                self.put(&[ROLE]);
                self.text(role_id.as_str());
                self.text(session_name);
            }
        }
    }

    fn tag(&mut self, tag: &SessionTag) {
        self.text(&tag.key);
        self.text(&tag.value);
        self.flag(tag.is_transitive);
    }

    fn federation(&mut self, federation: &Federation) {
        self.text(&federation.provider);
        self.text(&federation.subject);
        self.text(&federation.audience);
    }
}

/// What has not been read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], InvalidSession> {
        let (head, rest) = self.0.split_first_chunk().ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(*head)
    }

    fn byte(&mut self) -> Result<u8, InvalidSession> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn blob(&mut self) -> Result<&'a [u8], InvalidSession> {
        let len = usize::from(u16::from_be_bytes(self.array()?));
        let (head, rest) = self.0.split_at_checked(len).ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(head)
    }

    fn borrowed(&mut self) -> Result<&'a str, InvalidSession> {
        str::from_utf8(self.blob()?).map_err(|_| MALFORMED)
    }

    fn text(&mut self) -> Result<String, InvalidSession> {
        self.borrowed().map(str::to_owned)
    }

    fn parsed<T: std::str::FromStr>(&mut self) -> Result<T, InvalidSession> {
        self.borrowed()?.parse().map_err(|_| MALFORMED)
    }

    fn flag(&mut self) -> Result<bool, InvalidSession> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(MALFORMED),
        }
    }

    fn time(&mut self) -> Result<Timestamp, InvalidSession> {
        Ok(Timestamp::from_unix_ms(i64::from_be_bytes(self.array()?)))
    }

    fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, InvalidSession>,
    ) -> Result<Option<T>, InvalidSession> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    /// At most 255 items, and none without a byte of its own.
    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Result<T, InvalidSession>) -> Result<Vec<T>, InvalidSession> {
        (0..self.byte()?).map(|_| read(self)).collect()
    }

    fn principal(&mut self) -> Result<SessionPrincipal, InvalidSession> {
        match self.byte()? {
            ROOT => Ok(SessionPrincipal::Root),
            USER => Ok(SessionPrincipal::User { unique_id: self.parsed()? }),
            ROLE => Ok(SessionPrincipal::Role { role_id: self.parsed()?, session_name: self.text()? }),
            _ => Err(MALFORMED),
        }
    }

    fn tag(&mut self) -> Result<SessionTag, InvalidSession> {
        Ok(SessionTag { key: self.text()?, value: self.text()?, is_transitive: self.flag()? })
    }

    fn federation(&mut self) -> Result<Federation, InvalidSession> {
        Ok(Federation { provider: self.text()?, subject: self.text()?, audience: self.text()? })
    }
}
