//! The subject as the environment names it (`../subject.py` sets the variables), and clients for it.

use std::env;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::config::{Credentials, Region, SharedCredentialsProvider};
use aws_sdk_kms::{Client, Config};

/// An account's root at the subject.
pub struct Account {
    /// The account's number.
    pub id: String,
    /// The Region of its clients.
    pub region: String,
    /// A name that no other alias of the account has.
    pub alias: String,
    access_key: String,
    secret: String,
}

impl Account {
    /// An account nobody used before, unless the subject has but one.
    pub fn fresh() -> Self {
        let region = env::var("AWS_REGION").unwrap_or_else(|_| "us-east-1".into());
        let secret = env::var("AWS_SECRET_ACCESS_KEY").unwrap_or_else(|_| "test".into());
        let alias = format!("alias/rust-{}", unused_number());
        if let Ok(id) = env::var("KAGIBAN_SUBJECT_ACCOUNT_ID") {
            let access_key = env::var("AWS_ACCESS_KEY_ID").expect("AWS_ACCESS_KEY_ID goes with the account id");
            return Self { id, region, alias, access_key, secret };
        }
        let id = unused_number();
        Self { access_key: id.clone(), id, region, alias, secret }
    }

    /// A client as a program makes it; nothing but the endpoint differs from one for AWS.
    pub fn client(&self) -> Client {
        self.client_with(&self.access_key, &self.secret)
    }

    /// The credentials of the account's root.
    pub fn credentials(&self) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(Credentials::new(&self.access_key, &self.secret, None, None, "conformance"))
    }

    /// What clients of any service are made from, for whoever has the credentials.
    pub async fn config(&self, credentials: SharedCredentialsProvider) -> SdkConfig {
        aws_config::defaults(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(env::var("KAGIBAN_SUBJECT_ENDPOINT").expect("run under ../subject.py"))
            .region(Region::new(self.region.clone()))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::disabled())
            .load()
            .await
    }

    /// A client with other credentials.
    pub fn client_with(&self, access_key: &str, secret: &str) -> Client {
        let endpoint = env::var("KAGIBAN_SUBJECT_ENDPOINT").expect("run under ../subject.py");
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = Config::builder()
            .behavior_version_latest()
            .http_client(http)
            .endpoint_url(endpoint)
            .region(Region::new(self.region.clone()))
            .credentials_provider(Credentials::new(access_key, secret, None, None, "conformance"))
            .retry_config(RetryConfig::disabled())
            .build();
        Client::from_conf(config)
    }

    /// The ARN of one of the account's keys or aliases, `key/...` or `alias/...`.
    pub fn arn(&self, resource: &str) -> String {
        format!("arn:aws:kms:{}:{}:{resource}", self.region, self.id)
    }
}

/// Twelve digits from the clock, the process and a count: different in each test and each run.
fn unused_number() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos() as u64;
    let mixed = since ^ (u64::from(process::id()) << 32) ^ (COUNT.fetch_add(1, Ordering::Relaxed) << 20);
    format!("{:012}", 200_000_000_000 + mixed % 700_000_000_000)
}
