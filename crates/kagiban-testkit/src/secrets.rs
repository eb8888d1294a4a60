//! The secrets that requests and answers hold, and the search for them in audit records.

use std::collections::{BTreeSet, HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::Value;

/// Members of JSON bodies that are secret, or that records never show.
const MEMBERS: [&str; 22] = [
    "AttestationDocument",
    "CiphertextBlob",
    "CiphertextForRecipient",
    "EncryptedKeyMaterial",
    "GrantToken",
    "GrantTokens",
    "ImportToken",
    "Invitation",
    "Mac",
    "Message",
    "Plaintext",
    "PresentShares",
    "PrivateKeyCiphertextBlob",
    "PrivateKeyPlaintext",
    "PublicKey",
    "SecretAccessKey",
    "SharedSecret",
    "SharedSecretCiphertextBlob",
    "Shares",
    "Signature",
    "TokenCode",
    "WebIdentityToken",
];
/// The same for elements of XML.
const ELEMENTS: [&str; 4] = ["Base32StringSeed", "QRCodePNG", "SecretAccessKey", "SessionToken"];
/// The same for parameters of forms.
const PARAMETERS: [&str; 3] = ["WebIdentityToken", "X-Amz-Security-Token", "X-Amz-Signature"];
/// A shorter one cannot be told from chance.
const LEN_MIN: usize = 8;

/// Secrets in all forms in which they could be found.
#[derive(Clone, Debug, Default)]
pub struct Secrets(BTreeSet<Vec<u8>>);

impl Secrets {
    /// Adds a secret as it is and in base64, and what it is in base64, if it is that.
    pub fn add(&mut self, secret: &[u8]) {
        let decoded = STANDARD.decode(secret).unwrap_or_default();
        for form in [secret.to_vec(), STANDARD.encode(secret).into_bytes(), decoded] {
            let padding = form.iter().rev().take_while(|byte| **byte == b'=').count();
            let form = form[..form.len() - padding].to_vec();
            // A row of one byte, such as a blob of zeros, is no secret.
            if form.len() >= LEN_MIN && form.iter().collect::<HashSet<_>>().len() > 2 {
                self.0.insert(form);
            }
        }
    }

    /// Adds those of a request or an answer.
    pub fn add_body(&mut self, body: &[u8]) {
        match serde_json::from_slice::<Value>(body) {
            // An error's text is called Message, too.
            Ok(value) if value.get("__type").is_some() => {}
            Ok(value) => self.add_members("", &value),
            Err(_) => self.add_text(&String::from_utf8_lossy(body)),
        }
    }

    /// Adds those of a request's headers.
    pub fn add_headers(&mut self, headers: &HeaderMap) {
        for token in headers.get_all("x-amz-security-token") {
            self.add(token.as_bytes());
        }
        for line in headers.get_all("authorization") {
            let signature = line.to_str().ok().and_then(|line| line.split_once("Signature="));
            self.add(signature.map_or(b"", |(_, signature)| signature.as_bytes()));
        }
    }

    /// Takes over those of others.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The first secret that is in `bytes`.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&[u8]> {
        self.search().found_in(bytes)
    }

    /// What looks for them in one text after the other.
    pub fn search(&self) -> SecretSearch<'_> {
        let mut search = SecretSearch { starts: vec![false; STARTS], by_start: HashMap::new() };
        for secret in &self.0 {
            search.starts[start(secret)] = true;
            search.by_start.entry(&secret[..LEN_MIN]).or_default().push(secret);
        }
        search
    }

    fn add_members(&mut self, name: &str, value: &Value) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| self.add_members(name, value)),
            Value::Array(values) => values.iter().for_each(|value| self.add_members(name, value)),
            // Tests try the id of a grant for its token; ids are shown.
            Value::String(text) if name.starts_with("GrantToken") && text.len() == 64 => {}
            Value::String(text) if MEMBERS.contains(&name) => self.add(text.as_bytes()),
            _ => {}
        }
    }

    /// A form, or XML.
    fn add_text(&mut self, text: &str) {
        for name in ELEMENTS {
            for (_, rest) in text.match_indices(&format!("<{name}>")).map(|(at, tag)| text.split_at(at + tag.len())) {
                self.add(rest.split('<').next().unwrap_or_default().as_bytes());
            }
        }
        for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
            if PARAMETERS.contains(&name) {
                self.add(value.as_bytes());
            }
        }
    }
}

/// A search for secrets. Most places of a text are passed over at a glance, so that millions of records can be searched.
#[derive(Debug)]
pub struct SecretSearch<'s> {
    /// Whether any secret begins like this: a filter before the map.
    starts: Vec<bool>,
    by_start: HashMap<&'s [u8], Vec<&'s Vec<u8>>>,
}

/// Ways to begin, a power of two.
const STARTS: usize = 1 << 20;

/// A number below [`STARTS`] for the first four bytes.
fn start(bytes: &[u8]) -> usize {
    let first = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    (first.wrapping_mul(0x9e37_79b1) >> 12) as usize
}

impl<'s> SecretSearch<'s> {
    /// The first secret that is in `bytes`.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&'s [u8]> {
        bytes.windows(LEN_MIN).enumerate().filter(|(_, window)| self.starts[start(window)]).find_map(|(at, window)| {
            let found = self.by_start.get(window)?.iter().find(|secret| bytes[at..].starts_with(secret))?;
            Some(found.as_slice())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_secret_is_found() {
        let mut secrets = Secrets::default();
        secrets.add_body(br#"{"KeyId":"shown-in-records","Nested":[{"Plaintext":"c2VjcmV0LXBsYWludGV4dA=="}],"GrantTokens":["a-grant-token"]}"#);
        secrets.add_body(br#"{"PresentShares":["kagiban-share1-abc","kagiban-share2-def"],"Shares":5}"#);
        secrets.add_body(b"<Credentials><SecretAccessKey>wJalrXUtnFEMI</SecretAccessKey></Credentials>");
        secrets.add_body(b"Action=AssumeRoleWithWebIdentity&WebIdentityToken=eyJhbGciOi.x");
        for found in [
            "..secret-plaintext..",
            "c2VjcmV0LXBsYWludGV4dA",
            "{\"a\":\"a-grant-token\"}",
            "YS1ncmFudC10b2tlbg",
            "wJalrXUtnFEMI",
            "eyJhbGciOi.x",
            "kagiban-share2-def",
        ] {
            assert!(secrets.found_in(found.as_bytes()).is_some(), "{found}");
        }
        for not in ["shown-in-records", "secret-plain", "", "AssumeRoleWithWebIdentity"] {
            assert_eq!(secrets.found_in(not.as_bytes()), None, "{not}");
        }
    }
}
