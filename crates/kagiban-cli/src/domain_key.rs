//! `kagiban domain-key`: replaces the key in daily use, and tells how far that is.

use std::io::Write;
use std::time::Duration;

use kagiban_base::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::answers::{optional_seconds, seconds};
use crate::commands::{ask, block_on, client, show};
use crate::error::CliError;
use crate::options::{ConnectionOptions, NEEDS, OutputForm};
use crate::text::{printable, table};

/// Between two looks at how far a rotation is.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Commands of `kagiban domain-key`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum DomainKeyCommand {
    /// Replace the domain key, and wrap every stored secret again
    ///
    /// Requests are answered meanwhile, and ciphertexts open as before. Tells how far it is until all secrets are under the new
    /// key; the servers go on by themselves when this command is stopped. The old key is deleted 37 hours later, when the last
    /// session of before has ended. Needs the permissions kagiban:RotateDomainKey and kagiban:DescribeDomainKeys in the
    /// management account.
    #[command(after_help = ROTATE)]
    Rotate(RotateDomainKeyOptions),
    /// List the domain keys, and tell how far a rotation is
    ///
    /// Needs the permission kagiban:DescribeDomainKeys in the management account.
    #[command(after_help = NEEDS)]
    Status(DomainKeyStatusOptions),
}

const ROTATE: &str = "\
Examples:
  kagiban domain-key rotate
  kagiban domain-key rotate --end-sessions
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban domain-key rotate`.
#[derive(clap::Args, Clone, Debug)]
pub struct RotateDomainKeyOptions {
    /// Delete the old key as soon as nothing stored needs it: temporary credentials and import tokens of before end then
    #[arg(long)]
    pub end_sessions: bool,

    /// Return at once, and do not tell how far it is
    #[arg(long)]
    pub no_wait: bool,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban domain-key status`.
#[derive(clap::Args, Clone, Debug)]
pub struct DomainKeyStatusOptions {
    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rotated {
    domain_key_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DomainKeys {
    domain_keys: Vec<DomainKey>,
    rotation: Rotation,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DomainKey {
    domain_key_id: String,
    state: String,
    #[serde(deserialize_with = "seconds")]
    creation_date: Timestamp,
    #[serde(default, deserialize_with = "optional_seconds")]
    kept_until_date: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rotation {
    phase: String,
    rows_left: Option<u64>,
}

/// `kagiban domain-key`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn domain_key(command: &DomainKeyCommand, output: &mut dyn Write) -> Result<(), CliError> {
    match command {
        DomainKeyCommand::Rotate(options) => rotate(options, output),
        DomainKeyCommand::Status(options) => {
            let (client, body) = ask(&options.connection, "DescribeDomainKeys", &json!({}))?;
            let keys: DomainKeys = client.read(&body)?;
            let text = format!("{}\n{}\n", listed(&keys), told(&keys.rotation));
            show(options.connection.output, body.expose(), text.as_bytes(), "nothing was changed", output)
        }
    }
}

fn rotate(options: &RotateDomainKeyOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let client = client(&options.connection)?;
    let form = options.connection.output;
    let body = block_on(client.call("RotateDomainKey", &json!({"EndSessions": options.end_sessions})))??;
    let new: Rotated = client.read(&body)?;
    let text = format!("Domain key {} is made.\n", printable(&new.domain_key_id));
    show(form, body.expose(), text.as_bytes(), "the rotation was begun", output)?;
    if options.no_wait || form == OutputForm::Json {
        return Ok(());
    }
    let mut last = String::new();
    loop {
        let body = block_on(client.call("DescribeDomainKeys", &json!({})))??;
        let DomainKeys { rotation, .. } = client.read(&body)?;
        let line = told(&rotation);
        if line != last {
            show(form, b"", format!("{line}\n").as_bytes(), "the rotation goes on", output)?;
        }
        if matches!(rotation.phase.as_str(), "NONE" | "KEEPING") {
            return Ok(());
        }
        last = line;
        block_on(async { tokio::time::sleep(LOOK_AGAIN).await })?;
    }
}

fn told(Rotation { phase, rows_left }: &Rotation) -> String {
    match (phase.as_str(), rows_left) {
        ("NONE", _) => "No rotation is under way: one domain key wraps everything.".to_owned(),
        ("PREPARED", _) => "The new key is made known to all nodes.".to_owned(),
        ("REWRAPPING", None) => "Stored secrets are counted.".to_owned(),
        ("REWRAPPING", Some(left)) => format!("Under way: {left} stored secrets are under the old key."),
        ("KEEPING", Some(left @ 1..)) => {
            format!(
                "Done, but for {left} stored secrets that do not open. Their key is kept; the server's log names them."
            )
        }
        ("KEEPING", _) => "Done: no stored secret needs the old key. It is kept for sessions of before.".to_owned(),
        (other, _) => printable(other),
    }
}

fn listed(keys: &DomainKeys) -> String {
    let row = |key: &DomainKey| {
        let kept = key.kept_until_date.map_or_else(String::new, |at| at.to_rfc3339());
        [key.domain_key_id.clone(), key.state.clone(), key.creation_date.to_rfc3339(), kept]
    };
    table(["DOMAIN KEY", "STATE", "CREATED", "KEPT UNTIL"], &keys.domain_keys.iter().map(row).collect::<Vec<_>>())
}
