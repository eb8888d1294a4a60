//! Audit records as a deployment of some size makes them: roles with sessions, keys of very different use, contexts that repeat
//! and contexts that never do.

use kagiban_audit::{Record, TlsDetails};
use kagiban_base::id::{AccountId, RequestId};
use kagiban_base::time::Timestamp;

/// Keys there are. The first is asked for half the time, the last almost never.
const KEYS: u64 = 2000;
/// Sessions of roles that call.
const SESSIONS: u64 = 300;
/// Of so many requests, one has an encryption context of its own.
const OWN_CONTEXT_EVERY: u64 = 5;
const ACCOUNT: &str = "111122223333";

/// Makes records, the same ones each time.
pub struct Records {
    account: AccountId,
    sessions: Vec<Session>,
    state: u64,
}

struct Session {
    identity: String,
    principal: String,
    principal_id: String,
    access_key_id: String,
    address: String,
}

impl Records {
    /// Records from a seed.
    ///
    /// # Panics
    /// Never: the account is one.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let sessions = (0..SESSIONS).map(session).collect();
        let account = ACCOUNT.parse().unwrap_or_else(|_| unreachable!("twelve digits"));
        Self { account, sessions, state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    fn next(&mut self) -> u64 {
        // xorshift64*: quick and good enough for made data.
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Writes the next record; of `key`, or of one that chance picks.
    pub fn write(&mut self, time: Timestamp, key: Option<u64>, out: &mut Vec<u8>) {
        self.with(time, key, |record| record.encode(out));
    }

    /// Makes the next record for whoever takes it.
    pub fn with<T>(&mut self, time: Timestamp, key: Option<u64>, take: impl FnOnce(&Record<'_>) -> T) -> T {
        let (one, two, three) = (self.next(), self.next(), self.next());
        // Half of the requests to a few keys, the rest spread wider and wider.
        let spread = KEYS >> (three % 11);
        let key = key.unwrap_or_else(|| (one >> 8) % spread.max(1));
        let session = &self.sessions[(two >> 16) as usize % self.sessions.len()];
        let operation = match one % 100 {
            0..60 => "Decrypt",
            60..85 => "GenerateDataKey",
            85..95 => "Encrypt",
            _ => "DescribeKey",
        };
        let arn = key_arn(key);
        let context = match one % OWN_CONTEXT_EVERY {
            0 => format!(r#"{{"aws:s3:arn":"arn:aws:s3:::invoices/2026/{two:016x}.pdf"}}"#),
            _ => format!(r#"{{"tenant":"tenant-{}","purpose":"invoices"}}"#, two % 500),
        };
        let parameters =
            format!(r#"{{"keyId":"{arn}","encryptionContext":{context},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}}"#);
        let number = u128::from(two) << 64 | u128::from(three);
        let number = number & !0x0000_0000_0000_f000_c000_0000_0000_0000 | 0x0000_0000_0000_4000_8000_0000_0000_0000;
        let is_denied = one.is_multiple_of(97);
        let record = Record {
            read_only: true,
            event_source: "kms.amazonaws.com",
            event_name: operation,
            identity: &session.identity,
            principal: &session.principal,
            principal_id: &session.principal_id,
            access_key_id: &session.access_key_id,
            source_address: &session.address,
            user_agent: "aws-sdk-java/2.29.6 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1 lang/java#21.0.5 md/OpenJDK",
            error_code: if is_denied { "AccessDenied" } else { "" },
            error_message: if is_denied { "The principal is not authorized to perform kms:Decrypt" } else { "" },
            request_parameters: &parameters,
            additional_event_data: r#"{"keyMaterialId":"96083e4fb6dbc41d77578a213a6b6669c044dd4c143e96755396d2bf11fd6068"}"#,
            resources: &arn,
            tls: Some(TlsDetails {
                version: "TLSv1.3",
                cipher_suite: "TLS_AES_128_GCM_SHA256",
                host: "kms.internal.example",
                key_exchange: "X25519MLKEM768",
            }),
            ..Record::new(time, RequestId::from_bytes(number.to_be_bytes()), self.account, "eu-central-1")
        };
        take(&record)
    }
}

/// The ARN of the key with this number.
#[must_use]
pub fn key_arn(key: u64) -> String {
    let spread = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (a, b) = (spread >> 32, spread & 0xffff_ffff_ffff);
    format!("arn:aws:kms:eu-central-1:{ACCOUNT}:key/{a:08x}-12ab-4{:03x}-8{:03x}-{b:012x}", key % 0xfff, key % 0xfff)
}

fn session(number: u64) -> Session {
    let (role, name) =
        (format!("Role{}", number / 10), format!("i-{:017x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let principal_id = format!("AROAEXAMPLE{:010}:{name}", number / 10);
    let principal = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}");
    let access_key_id = format!("ASIAEXAMPLE{number:09}");
    let issuer = format!(
        r#"{{"type":"Role","principalId":"AROAEXAMPLE{:010}","arn":"arn:aws:iam::{ACCOUNT}:role/{role}","accountId":"{ACCOUNT}","userName":"{role}"}}"#,
        number / 10
    );
    let identity = format!(
        r#"{{"type":"AssumedRole","principalId":"{principal_id}","arn":"{principal}","accountId":"{ACCOUNT}","accessKeyId":"{access_key_id}","sessionContext":{{"sessionIssuer":{issuer},"attributes":{{"creationDate":"2026-11-22T06:00:00Z","mfaAuthenticated":"false"}}}}}}"#
    );
    let address = format!("10.{}.{}.{}", number % 4, number % 250, number % 200 + 1);
    Session { identity, principal, principal_id, access_key_id, address }
}
