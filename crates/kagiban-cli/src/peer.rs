//! `kagiban peer`: pairs two deployments that serve different Regions, lists peers, checks and removes them.

use std::io::{Read, Write};

use kagiban_base::id::AccountId;
use kagiban_base::secret::SecretBytes;
use serde_json::{Map, Value, json};

use crate::answers::{AcceptedInvitation, NewInvitation, Peer};
use crate::commands::{ask, done, list, show};
use crate::error::CliError;
use crate::options::{ConnectionOptions, NEEDS};
use crate::text::{printable, table};

/// Bytes of an invitation that are read at most.
const INVITATION_LEN_MAX: usize = 4096;

/// Commands of `kagiban peer`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum PeerCommand {
    /// Make an invitation for another deployment (shown once, good for an hour)
    ///
    /// Whoever has it can be paired with this deployment, once: hand it over as you would a password. Needs the permission
    /// kagiban:CreatePeerInvitation in the management account.
    #[command(after_help = INVITE)]
    Invite(InvitePeerOptions),
    /// Accept an invitation that another deployment made
    ///
    /// Needs the permission kagiban:AcceptPeerInvitation in the management account.
    #[command(after_help = ACCEPT)]
    Accept(AcceptPeerOptions),
    /// List the peers and the invitations that wait
    ///
    /// KEYS are those here that are related to keys of the peer's, WAITING those of them with something to tell it. Needs the
    /// permission kagiban:ListPeers in the management account.
    #[command(after_help = NEEDS)]
    List(ListPeersOptions),
    /// Ask a peer whether it hears this deployment
    ///
    /// Needs the permission kagiban:CheckPeer in the management account.
    #[command(after_help = NEEDS)]
    Check(PeerOptions),
    /// Remove a peer, or take an invitation back
    ///
    /// Nothing that it says is heard from then on; remove this deployment there too. Needs the permission kagiban:DeletePeer in
    /// the management account.
    #[command(after_help = REMOVE)]
    Remove(RemovePeerOptions),
}

const INVITE: &str = "\
Example, with a server started with --region eu-central-1 --peer-listen 192.0.2.1:4600:
  kagiban peer invite --name berlin
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

const ACCEPT: &str = "\
Examples:
  kagiban peer accept --name paris kagiban-peer-AQAO...
  kagiban peer accept --name paris - <invitation.txt
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

const REMOVE: &str = "\
Examples:
  kagiban peer remove berlin
  kagiban peer remove berlin --force
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

/// Options of `kagiban peer invite`.
#[derive(clap::Args, Clone, Debug)]
pub struct InvitePeerOptions {
    /// What to call the other deployment here: lower-case letters, digits and dashes
    #[arg(long, value_name = "NAME")]
    pub name: String,

    /// Account whose keys are shared with it; repeatable; without it, all
    #[arg(long, value_name = "12 DIGITS")]
    pub account: Vec<AccountId>,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban peer accept`.
#[derive(clap::Args, Clone, Debug)]
pub struct AcceptPeerOptions {
    /// What "kagiban peer invite" printed there; - reads it from standard input, where no other process sees it
    #[arg(value_name = "INVITATION")]
    pub invitation: String,

    /// What to call the other deployment here: lower-case letters, digits and dashes
    #[arg(long, value_name = "NAME")]
    pub name: String,

    /// Account whose keys are shared with it; repeatable; without it, all
    #[arg(long, value_name = "12 DIGITS")]
    pub account: Vec<AccountId>,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban peer list`.
#[derive(clap::Args, Clone, Debug)]
pub struct ListPeersOptions {
    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of commands about one peer.
#[derive(clap::Args, Clone, Debug)]
pub struct PeerOptions {
    /// What the peer is called here
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban peer remove`.
#[derive(clap::Args, Clone, Debug)]
pub struct RemovePeerOptions {
    /// What the peer is called here
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Although keys here are related to keys of its: from then on they go their own ways
    #[arg(long)]
    pub force: bool,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// `kagiban peer`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn peer(command: &PeerCommand, output: &mut dyn Write) -> Result<(), CliError> {
    match command {
        PeerCommand::Invite(options) => invite(options, output),
        PeerCommand::Accept(options) => accept(options, output),
        PeerCommand::List(options) => list(&options.connection, "ListPeers", "Peers", json!({}), shown, output),
        PeerCommand::Check(options) => {
            let text = format!("Peer {} hears this deployment.\n", printable(&options.name));
            done(&options.connection, "CheckPeer", &json!({"PeerName": options.name}), &text, output)
        }
        PeerCommand::Remove(options) => {
            let name = printable(&options.name);
            let text = format!("{name} is no peer any more. Remove this deployment there too.\n");
            let input = json!({"PeerName": options.name, "Force": options.force});
            done(&options.connection, "DeletePeer", &input, &text, output)
        }
    }
}

fn invite(options: &InvitePeerOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let input = with_accounts(&options.account, json!({"PeerName": options.name}));
    let (client, body) = ask(&options.connection, "CreatePeerInvitation", &input)?;
    let new: NewInvitation = client.read(&body)?;
    let head = format!(
        "Hand this invitation over in secret; it is good until {} and for one pairing. On the other deployment:\n\n  \
         kagiban peer accept --name NAME-OF-THIS-ONE ",
        new.expiration_date.to_rfc3339()
    );
    let mut text = SecretBytes::new(Vec::with_capacity(head.len() + new.invitation.0.len() + 1));
    for part in [head.as_bytes(), new.invitation.0.expose(), b"\n"] {
        text.append(part);
    }
    show(options.connection.output, body.expose(), text.expose(), "the invitation was made and is lost", output)
}

fn accept(options: &AcceptPeerOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let invitation = match options.invitation.as_str() {
        "-" => from_standard_input()?,
        given => SecretBytes::from_slice(given.as_bytes()),
    };
    let text = String::from_utf8_lossy(invitation.expose().trim_ascii());
    let input = with_accounts(&options.account, json!({"PeerName": options.name, "Invitation": text}));
    let (client, body) = ask(&options.connection, "AcceptPeerInvitation", &input)?;
    let accepted: AcceptedInvitation = client.read(&body)?;
    let name = printable(&options.name);
    let regions = printable(&accepted.regions.join(", "));
    let text = format!(
        "Paired with {name}, which serves {regions}. There, see whether it reaches this deployment: kagiban peer check\n"
    );
    show(options.connection.output, body.expose(), text.as_bytes(), "it was done all the same", output)
}

/// An invitation that no other process is to see among our arguments.
fn from_standard_input() -> Result<SecretBytes, CliError> {
    let mut bytes = Vec::with_capacity(INVITATION_LEN_MAX);
    let limit = u64::try_from(INVITATION_LEN_MAX).unwrap_or(u64::MAX);
    let read = std::io::stdin().take(limit).read_to_end(&mut bytes);
    let bytes = SecretBytes::new(bytes);
    read.map(|_| bytes).map_err(CliError::Input)
}

fn with_accounts(accounts: &[AccountId], mut input: Value) -> Value {
    let accounts: Vec<Value> = accounts.iter().map(|account| account.as_str().into()).collect();
    if let Some(members) = Value::as_object_mut(&mut input).filter(|_| !accounts.is_empty()) {
        Map::insert(members, "Accounts".to_owned(), Value::Array(accounts));
    }
    input
}

fn shown(peers: Vec<Peer>) -> String {
    let row = |peer: Peer| {
        let answered = match (peer.last_answer_date, peer.expiration_date) {
            (Some(at), _) => at.to_rfc3339(),
            (None, Some(expires)) => format!("(expires {})", expires.to_rfc3339()),
            (None, None) => "-".to_owned(),
        };
        let count = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
        let regions = peer.regions.join(",");
        [
            peer.peer_name,
            peer.state,
            regions,
            peer.address,
            answered,
            count(peer.related_keys),
            count(peer.waiting_keys),
        ]
    };
    let rows: Vec<_> = peers.into_iter().map(row).collect();
    table(["PEER", "STATE", "REGIONS", "ADDRESS", "LAST ANSWER", "KEYS", "WAITING"], &rows)
}
