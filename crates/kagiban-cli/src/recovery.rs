//! `kagiban recovery`, `kagiban seal`, `kagiban unseal`: the recovery key, made here and never sent, and what its shares do.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_recovery::{RecoveryIdentity, Share, combine, sheet, split};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::answers::seconds;
use crate::client::Client;
use crate::commands::{ask, block_on, done, show};
use crate::environment;
use crate::error::CliError;
use crate::options::{ConnectionOptions, NEEDS, OutputForm};
use crate::shares;
use crate::text::printable;

/// Commands of `kagiban recovery`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum RecoveryCommand {
    /// Make the recovery key of a running deployment, and its shares (shown once)
    ///
    /// It is made here: the server is told its public half only. The shares are shown first; if the server then refuses, they
    /// are worth nothing. A deployment has one recovery key at most. Needs the permission kagiban:CreateRecoveryKey in the
    /// management account.
    #[command(after_help = CREATE)]
    Create(CreateRecoveryOptions),
    /// Replace the recovery key by another one, with other shares (shown once)
    ///
    /// Needs enough shares of the present key, and the permission kagiban:ReplaceRecoveryKey in the management account: neither alone
    /// takes the key out of its holders' hands. The new shares are shown first; if the server then refuses, they are worth nothing
    /// and the present ones stay valid. Backups made before open with the old shares still.
    #[command(after_help = REKEY)]
    Rekey(RekeyRecoveryOptions),
    /// Show the recovery key's public half, and how many shares open
    ///
    /// Needs the permission kagiban:DescribeRecoveryKey in the management account.
    #[command(after_help = NEEDS)]
    Status(RecoveryStatusOptions),
    /// Put shares together, and print the private key that they make
    ///
    /// For the day when there is no Kagiban: "age -d -i" opens with it what is sealed to the recovery key. Whoever reads it can
    /// open everything. Asks no server.
    #[command(after_help = COMBINE)]
    Combine(CombineOptions),
}

const CREATE: &str = "\
Example, for five people of whom any three can open everything:
  kagiban recovery create --shares 5 --threshold 3
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban recovery create`.
#[derive(clap::Args, Clone, Debug)]
pub struct CreateRecoveryOptions {
    /// How many shares to make, 2 to 255
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(2..))]
    pub shares: u8,

    /// How many of them are needed to open, 2 or more
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(2..))]
    pub threshold: u8,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

const REKEY: &str = "\
Examples, for five people of whom any three can open everything from now on:
  kagiban recovery rekey --shares 5 --threshold 3
  kagiban recovery rekey --shares 5 --threshold 3 --present-shares-file shares.txt
The first asks for shares of the present key one by one, unseen where it is a terminal.
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban recovery rekey`.
#[derive(clap::Args, Clone, Debug)]
pub struct RekeyRecoveryOptions {
    /// The new key's shares.
    #[command(flatten)]
    pub new: CreateRecoveryOptions,

    /// File with enough shares of the present key, one in each line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub present_shares_file: Option<PathBuf>,
}

const COMBINE: &str = "\
Example:
  kagiban recovery combine --shares-file shares.txt >identity.txt";

/// Options of `kagiban recovery combine`.
#[derive(clap::Args, Clone, Debug)]
pub struct CombineOptions {
    /// File with enough shares, one in each line; - is standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub shares_file: PathBuf,
}

/// Options of `kagiban recovery status`.
#[derive(clap::Args, Clone, Debug)]
pub struct RecoveryStatusOptions {
    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban seal`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = NEEDS)]
pub struct SealOptions {
    /// Seal all nodes of the deployment, and each that is started from now on, until the order is lifted
    ///
    /// Tells of each other node whether it is sealed.
    #[arg(long)]
    pub all_nodes: bool,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban unseal`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = UNSEAL)]
pub struct UnsealOptions {
    /// File with shares, one in each line, that are given together; - is standard input
    ///
    /// Without it shares are asked for one by one, unseen where it is a terminal.
    #[arg(long, value_name = "FILE")]
    pub shares_file: Option<PathBuf>,

    /// Lift the order that all nodes be sealed, too
    ///
    /// Then each other node that has a root key opens by itself. One without needs shares of its own.
    #[arg(long, conflicts_with = "status")]
    pub all_nodes: bool,

    /// Only tell whether the server is sealed, and how many shares it has
    #[arg(long, conflicts_with = "shares_file")]
    pub status: bool,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

const UNSEAL: &str = "\
Examples:
  kagiban unseal --endpoint https://kms.example.com
  kagiban unseal --shares-file shares.txt
  kagiban unseal --all-nodes
  kagiban unseal --status
Needs no credentials: a sealed server knows nobody.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RecoveryKey {
    recipient: String,
    shares_needed: u8,
    shares: u8,
    #[serde(deserialize_with = "seconds")]
    creation_date: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SealState {
    sealed: bool,
    /// Whether all nodes are ordered to be sealed.
    #[serde(default)]
    all_nodes: bool,
    #[serde(default)]
    recovery_key: Option<String>,
    #[serde(default)]
    shares_needed: Option<u8>,
    shares_given: u32,
}

/// What came of an order to all nodes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ordered {
    #[serde(default)]
    nodes: Vec<OrderedNode>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OrderedNode {
    node_id: String,
    node_name: String,
    state: String,
}

/// `kagiban recovery`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn recovery(command: &RecoveryCommand, output: &mut dyn Write) -> Result<(), CliError> {
    match command {
        RecoveryCommand::Create(options) => create(options, &[], output),
        RecoveryCommand::Rekey(options) => {
            let present = match &options.present_shares_file {
                Some(path) => shares::in_file(path)?,
                None => enough()?,
            };
            // Told here what the server would tell, before any new share is shown.
            combine(&present)?;
            create(&options.new, &present, output)
        }
        RecoveryCommand::Status(options) => status(&options.connection, output),
        RecoveryCommand::Combine(options) => {
            let mut text = combine(&shares::in_file(&options.shares_file)?)?.text();
            text.append(b"\n");
            show(OutputForm::Text, b"", text.expose(), "nothing was changed", output)
        }
    }
}

/// As many shares as are needed, asked for one by one.
fn enough() -> Result<Vec<Share>, CliError> {
    let (mut given, mut asked) = (Vec::<Share>::new(), shares::Asked::default());
    while given.first().is_none_or(|first| given.len() < usize::from(first.threshold())) {
        match asked.next()? {
            Some(share) => given.push(share),
            None => break,
        }
    }
    Ok(given)
}

/// Makes a recovery key, which replaces the one that shares are given of, if any are. Shown before it is valid: a recovery key
/// whose shares nobody has seen would look like one that can be relied on.
fn create(options: &CreateRecoveryOptions, present: &[Share], output: &mut dyn Write) -> Result<(), CliError> {
    let identity = RecoveryIdentity::generate(&OsRandom)?;
    let made = split(&identity, options.threshold, options.shares, &OsRandom)?;
    let recipient = identity.recipient();
    let client = crate::commands::client(&options.connection)?;
    let unmade = "no recovery key was made";
    let texts = json_of(&recipient.to_string(), &made);
    show(options.connection.output, texts.expose(), sheet(&recipient, &made).expose(), unmade, output)?;
    let CreateRecoveryOptions { shares, threshold, connection } = options;
    let head = format!("{{\"Recipient\":\"{recipient}\",\"SharesNeeded\":{threshold},\"Shares\":{shares}");
    if present.is_empty() {
        block_on(client.call_bytes("CreateRecoveryKey", Bytes::from(head + "}")))??;
        return show_text(connection, "The recovery key is in force: the shares above can be handed out.\n", output);
    }
    block_on(client.call_bytes("ReplaceRecoveryKey", with_shares(&(head + ",\"PresentShares\":"), present)))??;
    let text = "The recovery key is replaced: hand out the shares above, and have the old ones destroyed once no backup needs them.\n";
    show_text(connection, text, output)
}

/// The shares for programs. They have no character that JSON would have to escape.
fn json_of(recipient: &str, made: &[Share]) -> SecretBytes {
    let mut text = SecretBytes::new(Vec::with_capacity(200 + made.len().saturating_mul(100)));
    text.append(format!("{{\"Recipient\":\"{recipient}\",\"Shares\":[").as_bytes());
    for (share, separator) in made.iter().zip(["\""].into_iter().chain(std::iter::repeat(",\""))) {
        text.append(separator.as_bytes());
        text.append(share.text().expose());
        text.append(b"\"");
    }
    text.append(b"]}");
    text
}

fn status(connection: &ConnectionOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let (client, body) = ask(connection, "DescribeRecoveryKey", &json!({}))?;
    let key: RecoveryKey = client.read(&body)?;
    let text = format!(
        "The recovery key is {}, made {}; {} of its {} shares open everything.\n",
        printable(&key.recipient),
        key.creation_date.to_rfc3339(),
        key.shares_needed,
        key.shares
    );
    show(connection.output, body.expose(), text.as_bytes(), "nothing was changed", output)
}

/// `kagiban seal`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn seal(options: &SealOptions, output: &mut dyn Write) -> Result<(), CliError> {
    if !options.all_nodes {
        let text = "The server is sealed: it refuses everything until enough shares were given to kagiban unseal.\n";
        return done(&options.connection, "Seal", &json!({}), text, output);
    }
    let (client, body) = ask(&options.connection, "Seal", &json!({"AllNodes": true}))?;
    let Ordered { nodes } = client.read(&body)?;
    show(options.connection.output, body.expose(), ordered(&nodes).as_bytes(), "it was done all the same", output)
}

impl UnsealOptions {
    /// Whether there is something that shares could do.
    fn wants_shares(&self, state: &SealState) -> bool {
        state.sealed || (self.all_nodes && state.all_nodes)
    }
}

fn ordered(nodes: &[OrderedNode]) -> String {
    let mut text =
        "All nodes are ordered to be sealed, and this one is: it refuses everything until enough shares were given to \
                    kagiban unseal.\n"
            .to_owned();
    for OrderedNode { node_id, node_name, state } in nodes {
        let what = match state.as_str() {
            "SEALED" => "is sealed",
            "SILENT" => "does not answer: it decides nothing, and is sealed when it hears of the order",
            _ => "knows no such orders: SEAL OR STOP IT BY ITSELF",
        };
        _ = writeln!(text, "{} ({}) {what}", printable(node_name), printable(node_id));
    }
    text
}

/// `kagiban unseal`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn unseal(options: &UnsealOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let client = Client::anonymous(&options.connection, &environment::of_this_process, Arc::new(SystemClock))?;
    let body = block_on(client.call("DescribeSeal", &json!({})))??;
    let state: SealState = client.read(&body)?;
    if options.status || !options.wants_shares(&state) {
        return show(options.connection.output, body.expose(), told(&state).as_bytes(), "nothing was changed", output);
    }
    match &options.shares_file {
        Some(path) => {
            let given = shares::in_file(path)?;
            give(&client, &given, options, output).map(drop)
        }
        None => one_by_one(&client, &state, options, output),
    }
}

fn one_by_one(
    client: &Client,
    state: &SealState,
    options: &UnsealOptions,
    output: &mut dyn Write,
) -> Result<(), CliError> {
    show_text(&options.connection, &told(state), output)?;
    let mut asked = shares::Asked::default();
    while let Some(share) = asked.next()? {
        let state = give(client, &[share], options, output)?;
        if !options.wants_shares(&state) {
            break;
        }
    }
    Ok(())
}

/// Gives shares to the server, which tells how far it is.
fn give(
    client: &Client,
    given: &[Share],
    options: &UnsealOptions,
    output: &mut dyn Write,
) -> Result<SealState, CliError> {
    let head = if options.all_nodes { "{\"AllNodes\":true,\"Shares\":" } else { "{\"Shares\":" };
    let answer = block_on(client.call_bytes("Unseal", with_shares(head, given)))??;
    let state: SealState = client.read(&answer)?;
    show(options.connection.output, answer.expose(), told(&state).as_bytes(), "the shares were given", output)?;
    Ok(state)
}

/// A body that ends with shares. They have no character that JSON would have to escape.
fn with_shares(head: &str, given: &[Share]) -> Bytes {
    let mut input = SecretBytes::new(Vec::with_capacity(20 + head.len() + given.len().saturating_mul(100)));
    input.append(head.as_bytes());
    input.append(b"[\"");
    for (number, share) in given.iter().enumerate() {
        input.append(if number == 0 { b"" } else { b"\",\"" });
        input.append(share.text().expose());
    }
    input.append(b"\"]}");
    Bytes::from_owner(Zeroizing::new(input.expose().to_vec()))
}

/// How far it is, in words.
fn told(state: &SealState) -> String {
    if !state.sealed && state.all_nodes {
        return "The server is not sealed. The order to all nodes stands: others are sealed, and this one will be after a restart. \
                Lift it with: kagiban unseal --all-nodes\n"
            .to_owned();
    }
    if !state.sealed {
        return "The server is not sealed.\n".to_owned();
    }
    let key = state.recovery_key.as_deref().map(printable).unwrap_or_default();
    let needed = state.shares_needed.map_or_else(|| "?".to_owned(), |needed| needed.to_string());
    format!("The server is sealed: it has {} of {needed} shares of the recovery key {key}...\n", state.shares_given)
}

fn show_text(connection: &ConnectionOptions, text: &str, output: &mut dyn Write) -> Result<(), CliError> {
    match connection.output {
        OutputForm::Json => Ok(()),
        form => show(form, b"", text.as_bytes(), "it was done all the same", output),
    }
}
