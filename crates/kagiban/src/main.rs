//! The executable: parses the command line and hands over to the server, or to the commands that ask one.

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write, stderr, stdout};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};
use kagiban_cli::CliError;
use kagiban_cli::audit_options::AuditCommand;
use kagiban_cli::backup::{CreateBackupOptions, DescribeBackupsOptions};
use kagiban_cli::domain_key::DomainKeyCommand;
use kagiban_cli::key_options::KeyCommand;
use kagiban_cli::key_policy::KeyPolicyOptions;
use kagiban_cli::nodes::NodesOptions;
use kagiban_cli::options::{
    AccountCommand, ClockCommand, ComplianceOptions, ExplainOptions, ServiceCommand, UsageOptions,
};
use kagiban_cli::peer::PeerCommand;
use kagiban_cli::recovery::{RecoveryCommand, SealOptions, UnsealOptions};
use kagiban_cli::upgrade::UpgradeCommand;
use kagiban_server::backup::restore::RestoreOptions;
use kagiban_server::backup::verify::VerifyOptions;
use kagiban_server::config::attestation::AttestationCommand;
use kagiban_server::config::{InitOptions, ServeOptions, file};
use kagiban_server::events::RulesCommand;
use kagiban_server::quotas::QuotasOptions;
use kagiban_server::rekey::RekeyOptions;
use kagiban_server::seed::SeedCommand;
use kagiban_server::{attestation, backup, events, init, log, process, quotas, rekey, seed, serve};

/// Requests allocate and free small blocks on many threads; mimalloc keeps them in per-thread lists, where the system's
/// allocator takes locks, and returns the memory of a burst.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Kagiban: a key management service with the AWS KMS API, run by yourself
///
/// It makes keys, keeps them, and encrypts, decrypts and signs with them for the callers that may; the keys do not leave it.
/// Whatever speaks to AWS KMS (the SDKs, the AWS CLI, encryption libraries, storage and infrastructure software) speaks to
/// Kagiban as it is, once its endpoint is set.
#[derive(Parser)]
#[command(name = "kagiban", version, max_term_width = 100, after_help = GETTING_STARTED)]
enum Cli {
    /// Serve the API
    ///
    /// Answers requests over HTTP/1.1 and HTTP/2 until it is told to stop. SIGTERM and SIGINT finish what is under way; a
    /// second one ends at once; SIGHUP reads the certificate again. GET /healthz tells that the process lives, GET /readyz that
    /// it takes requests. Each option can also stand in the environment, or under its long name in the file of --config; the
    /// command line counts first, then the environment, then the file.
    #[command(after_help = SERVING)]
    Serve(Box<ServeOptions>),
    /// Make a data directory, with a root key, a first account and its access key (shown once)
    ///
    /// The root key protects all others: keep a copy of it apart from the data. The access key is that of the root of the first
    /// account, and the only one there is. What a failed attempt has made stays, and a further one goes on from there.
    Init(InitOptions),
    /// Try what Nitro enclaves do, without an enclave: roots and attestation documents of your own
    ///
    /// A request with Recipient carries an attestation document, and its answer is encrypted so that only the enclave can
    /// read it. These commands make such documents for servers that were told to trust them.
    #[command(subcommand)]
    Attestation(AttestationCommand),
    /// The audit: search, count uses, verify, keep its head elsewhere, see what waits to be delivered
    ///
    /// Every request leaves a record before it is answered. These commands read them beside a running server or without one,
    /// as whoever may read the data directory.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Backups: make one while the server runs, see how far it is, verify one
    ///
    /// A backup is everything that is stored, encrypted to the recovery key of the deployment. It is made by the server, in a
    /// directory of the server (serve --backup-directory). "kagiban restore" makes a store of one.
    #[command(subcommand, after_help = BACKUPS)]
    Backup(BackupCommand),
    /// Restore a backup into an empty place: a data directory, or an etcd cluster
    ///
    /// Needs shares of the recovery key. The backup is verified whole before anything is written; it gets a new root key, and goes
    /// into either engine, wherever it was made: that is how a deployment moves from one to the other. A restore that is cut off
    /// leaves a place that does not start, and the same command begins again.
    #[command(after_help = RESTORING)]
    Restore(Box<RestoreOptions>),
    /// Accounts of a running deployment: make, list, close, reopen
    ///
    /// Each account has its own keys, users and roles, and sees nothing of the others. The first one, which "kagiban init"
    /// made (000000000000 in development), manages the others.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Access keys for services that call under their own principal, such as s3.amazonaws.com
    ///
    /// For a storage service, a database or the like that uses its users' keys: policies let it in by its principal, as they
    /// do the services of AWS.
    #[command(subcommand)]
    Service(ServiceCommand),
    /// The nodes that share a store: which there are, whether they answer, and how far they have come
    ///
    /// Asks a running server, and that asks all nodes. CURRENT: it has answered. SILENT: it has not within the bound of freshness, and
    /// decides nothing now. REMOVED: it kept silent for half a minute, so that nobody waits for it; it comes back by itself. LEFT: it was
    /// stopped. Ended nodes are listed for 30 days. NODE is also the number of the node's audit journal. Needs the permission kagiban:ListNodes in the
    /// management account.
    Nodes(NodesOptions),
    /// Upgrade the store to a newer version's format, while nodes of both versions serve: status, start, revert, finish
    ///
    /// First bring all nodes to the newer version, one after the other; they go on in the format that the store has. Then start the
    /// upgrade, and finish it when you will not go back any more. docs/upgrade.md tells more.
    #[command(subcommand, after_help = UPGRADING)]
    Upgrade(UpgradeCommand),
    /// Other deployments that serve other Regions: pair, list, check, remove
    ///
    /// Multi-Region keys can have their replicas there. Each deployment says which Regions it serves (serve --region) and
    /// listens for peers (serve --peer-listen). One makes an invitation, the other accepts it, and from then on each knows the
    /// other's certificate; what they send is sealed under a key that only the two have.
    #[command(subcommand, after_help = PAIRING)]
    Peer(PeerCommand),
    /// Move the clock of a development server ahead, to live through a year in a second
    ///
    /// Keys are rotated and deleted, imported material and sessions expire as they would have. Requests are signed with the
    /// true time as before. A restart does not turn the clock back; a production server has no such clock.
    #[command(subcommand)]
    Clock(ClockCommand),
    /// Explain why a request was allowed or denied
    ///
    /// Tells in sentences which statement decided, or which would have had to match and which condition failed with what value.
    /// Decisions that concern your account are told, each side to its own account; a node knows its newest ones. Needs the
    /// permission kagiban:ExplainRequest; who was denied learns nothing more without it.
    Explain(ExplainOptions),
    /// Keys: find them by what is known of them, and look at one before it is deleted
    ///
    /// Beyond what AWS has: one command in place of list-keys and five more for each key, and one that tells who uses a key.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Report requests and keys of a month, and what AWS would charge for them
    ///
    /// By account, key or operation, with costs from a price table. Needs the permissions kagiban:ListUsage and
    /// kagiban:ListKeyTimes; callers of the management account see all accounts, others their own.
    Usage(UsageOptions),
    /// Report what is not as it should be: keys, policies and users, since when, and why
    ///
    /// As AWS Config does: rotation off, a key waiting for its deletion, a policy open to everyone, users who may do everything, and so on.
    /// Needs the permission kagiban:DescribeCompliance; callers of the management account see all accounts, others their own.
    Compliance(ComplianceOptions),
    /// The recovery key, whose shares open everything: make it, and look at it
    ///
    /// It is for the day when the root key is lost, for servers that have none, and for backups. docs/recovery.md tells how
    /// to live with it.
    #[command(subcommand)]
    Recovery(RecoveryCommand),
    /// The key in daily use, which wraps all stored secrets: replace it while requests are answered
    ///
    /// KMS keys have their own rotation; this is of the key below them. docs/key-hierarchy.md tells what it protects.
    #[command(subcommand)]
    DomainKey(DomainKeyCommand),
    /// Change the root key, or replace one that was lost
    ///
    /// Wraps the domain keys again, and nothing else: milliseconds, whatever the store holds. With the store in the data directory
    /// the server must be stopped. Nodes on etcd run on: both root keys open the store until every node was restarted with
    /// the new one, and "kagiban rekey --finish" drops the old one.
    Rekey(Box<RekeyOptions>),
    /// Seal a running server: it forgets its keys and refuses everything
    ///
    /// For the moment when something is wrong and nothing must be decrypted any more. It is unsealed by shares of the recovery
    /// key, or by a restart where the server has a root key. Other nodes go on, unless with --all-nodes: then all are sealed, and so is
    /// each that starts, root key or not, until "kagiban unseal --all-nodes". Needs the permission kagiban:Seal in the management account.
    Seal(SealOptions),
    /// Unseal a server with shares of its recovery key
    ///
    /// Each person can do so from their own machine, one after the other; the server remembers what was given for a quarter of
    /// an hour.
    Unseal(UnsealOptions),
    /// Print the key policy that AWS's console would make, for "aws kms create-key --policy"
    ///
    /// The account decides, the administrators administer, the users use, and services get grants for users of symmetric keys.
    #[command(after_help = KEY_POLICY)]
    KeyPolicy(KeyPolicyOptions),
    /// Look at files of accounts, identities and keys before "serve --seed" applies them
    #[command(subcommand)]
    Seed(SeedCommand),
    /// Look at files of rules for events before "serve --rules" uses them
    ///
    /// Rules say which events matter (a key is scheduled for deletion, access is denied again and again) and what follows: somebody is
    /// told, a program runs, the key is disabled.
    #[command(subcommand, after_help = RULES)]
    Rules(RulesCommand),
    /// List the quotas that "serve --quota" can set, with AWS's own figures
    Quotas(QuotasOptions),
    /// Print the version
    Version,
}

/// Commands of `kagiban backup`.
#[derive(clap::Subcommand, Clone, Debug)]
enum BackupCommand {
    /// Make a backup now, and wait until it is made
    ///
    /// One at a time, on a thread of the lowest priority, of one snapshot of the store. Needs the permission kagiban:CreateBackup in
    /// the management account, and kagiban:DescribeBackups to wait; neither lets anybody read what is in it.
    Create(CreateBackupOptions),
    /// List the backups in the server's directory, the newest first
    ///
    /// Needs the permission kagiban:DescribeBackups in the management account.
    List(DescribeBackupsOptions),
    /// Tell how far the present backup is, which is the newest, and whether the last one failed
    ///
    /// Needs the permission kagiban:DescribeBackups in the management account.
    Status(DescribeBackupsOptions),
    /// Read a backup to its end and open every secret in it, without restoring it
    ///
    /// Needs no server, but shares of the recovery key: in a file, typed, or on standard input. With --without-shares only the hash
    /// of the file is compared.
    #[command(after_help = VERIFYING)]
    Verify(VerifyOptions),
}

const BACKUPS: &str = "\
A backup drill:
  kagiban backup create
  kagiban backup verify /var/lib/kagiban/backups/kagiban-20261122T140501Z.age
  kagiban restore /var/lib/kagiban/backups/kagiban-20261122T140501Z.age --data /tmp/drill \\
    --restore-deleted-keys \"I WANT DELETED KEYS BACK\"";

const VERIFYING: &str = "\
Examples:
  kagiban backup verify kagiban-20261122T140501Z.age --shares-file shares.txt
  kagiban backup verify kagiban-20261122T140501Z.age --without-shares
Exit status: 0 in order, 1 damaged or not to be opened, 2 not to be understood.";

const RESTORING: &str = "\
Examples:
  kagiban restore kagiban-20261122T140501Z.age --data /var/lib/kagiban-new \\
    --deletions-from /var/lib/kagiban
  kagiban restore kagiban-20261122T140501Z.age --data /var/lib/kagiban-node \\
    --store etcd://a:2379,b:2379,c:2379 --deletions-from /var/lib/kagiban
Exit status: 0 restored, 1 not restored, 2 not to be understood.";

const UPGRADING: &str = "\
Once all nodes are of the newer version:
  kagiban upgrade status
  kagiban upgrade start
  kagiban upgrade status
And, when it is certain that nobody wants the older version back:
  kagiban upgrade finish";

const KEY_POLICY: &str = "\
Example:
  aws kms create-key --policy \"$(kagiban key-policy --account 111122223333 \\
    --administrator arn:aws:iam::111122223333:role/KeyAdmins --user arn:aws:iam::111122223333:user/alice)\"";

const RULES: &str = "\
A file of rules, for example:
  [[target]]
  name = \"stop\"
  type = \"disable-key\"
  only = [\"arn:aws:kms:*:111122223333:key/*\"]

  [[rule]]
  name = \"denied-again-and-again\"
  pattern = '{\"source\": [\"aws.kms\"], \"detail\": {\"errorCode\": [\"AccessDenied\"]}}'
  targets = [\"stop\"]
  alarm = { count = 5, within = \"1m\", per = \"key\" }
Check it, try it on an event, and use it:
  kagiban rules check rules.toml
  kagiban rules test rules.toml event.json
  kagiban serve --dev --rules rules.toml";

const PAIRING: &str = "\
Paris and Berlin, for example. Start both with the Regions they serve and an address for peers:
  kagiban serve ... --region eu-west-3 --peer-listen 192.0.2.1:4600
  kagiban serve ... --region eu-central-1 --peer-listen 198.51.100.1:4600
In Paris, as the operator there, make an invitation; in Berlin accept it:
  kagiban peer invite --name berlin
  kagiban peer accept --name paris kagiban-peer-AQAO...
See that each hears the other:
  kagiban peer check berlin
Then, with a multi-Region key of Paris:
  aws kms replicate-key --key-id mrk-... --replica-region eu-central-1";

const GETTING_STARTED: &str = "\
To try things out, on this machine:
  kagiban serve --dev
To run it for others:
  kagiban init --data /var/lib/kagiban
  kagiban serve --data /var/lib/kagiban --listen 0.0.0.0:4599 \\
    --tls-certificate cert.pem --tls-key key.pem
To ask a server that runs, with credentials in the environment:
  kagiban account list
\"kagiban COMMAND --help\" explains each option.";

const SERVING: &str = "\
To try things out, on this machine:
  kagiban serve --dev
With a data directory made by \"kagiban init\":
  kagiban serve --data /var/lib/kagiban --listen 0.0.0.0:4599 \\
    --tls-certificate cert.pem --tls-key key.pem";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let parsed = file::matches(&Cli::command(), &arguments).and_then(|found| Cli::from_arg_matches(&found));
    let outcome = match parsed {
        Ok(Cli::Serve(options)) => serve(&options),
        Ok(Cli::Attestation(command)) => attestation::run(&command, &mut stdout()).map_err(Into::into),
        Ok(Cli::Audit(command)) => return asked(kagiban_cli::audit(&command, &mut stdout())),
        Ok(Cli::Backup(command)) => return backup(&command),
        Ok(Cli::Restore(options)) => backup::restore::run(&options, &mut stdout()).map_err(Into::into),
        Ok(Cli::Init(options)) => init::run(&options, &mut stdout()).map_err(Into::into),
        Ok(Cli::Account(command)) => return asked(kagiban_cli::account(&command, &mut keeping_secrets())),
        Ok(Cli::Service(command)) => return asked(kagiban_cli::service(&command, &mut keeping_secrets())),
        Ok(Cli::Nodes(options)) => return asked(kagiban_cli::nodes(&options, &mut keeping_secrets())),
        Ok(Cli::Upgrade(command)) => return asked(kagiban_cli::upgrade(&command, &mut keeping_secrets())),
        Ok(Cli::Peer(command)) => return asked(kagiban_cli::peer(&command, &mut keeping_secrets())),
        Ok(Cli::Clock(command)) => return asked(kagiban_cli::clock(&command, &mut keeping_secrets())),
        Ok(Cli::Explain(options)) => return asked(kagiban_cli::explain(&options, &mut keeping_secrets())),
        Ok(Cli::Key(command)) => return asked(kagiban_cli::key(&command, &mut keeping_secrets())),
        Ok(Cli::Usage(options)) => return asked(kagiban_cli::usage(&options, &mut keeping_secrets())),
        Ok(Cli::Compliance(options)) => return asked(kagiban_cli::compliance(&options, &mut keeping_secrets())),
        Ok(Cli::KeyPolicy(options)) => kagiban_cli::key_policy(&options, &mut stdout()).map_err(Into::into),
        Ok(Cli::DomainKey(command)) => return asked(kagiban_cli::domain_key(&command, &mut keeping_secrets())),
        Ok(Cli::Recovery(command)) => return asked(kagiban_cli::recovery(&command, &mut keeping_secrets())),
        Ok(Cli::Rekey(options)) => rekey::run(&options, &mut stdout()).map_err(Into::into),
        Ok(Cli::Seal(options)) => return asked(kagiban_cli::seal(&options, &mut keeping_secrets())),
        Ok(Cli::Unseal(options)) => return asked(kagiban_cli::unseal(&options, &mut keeping_secrets())),
        Ok(Cli::Seed(command)) => seed::run(&command, &mut stdout()).map_err(Into::into),
        Ok(Cli::Rules(command)) => events::commands::run(&command, &mut stdout()).map_err(Into::into),
        Ok(Cli::Quotas(options)) => quotas::run(&options, &mut stdout()).map_err(Into::into),
        Ok(Cli::Version) => version().map_err(Into::into),
        // Prints help and version as wanted, and what is wrong with an exit status of 2.
        Err(usage) => usage.exit(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&*error);
            ExitCode::FAILURE
        }
    }
}

fn backup(command: &BackupCommand) -> ExitCode {
    match command {
        BackupCommand::Create(options) => asked(kagiban_cli::create_backup(options, &mut keeping_secrets())),
        BackupCommand::List(options) => asked(kagiban_cli::list_backups(options, &mut keeping_secrets())),
        BackupCommand::Status(options) => asked(kagiban_cli::backup_status(options, &mut keeping_secrets())),
        BackupCommand::Verify(options) => match backup::verify::run(options, &mut stdout()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                report(&error);
                ExitCode::FAILURE
            }
        },
    }
}

/// Standard output of a process that keeps its secrets to itself.
fn keeping_secrets() -> io::Stdout {
    process::harden();
    stdout()
}

/// How a command that asks a server ended.
fn asked(outcome: Result<(), CliError>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn serve(options: &ServeOptions) -> Result<(), Box<dyn Error>> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = options.worker_threads {
        runtime.worker_threads(threads.get());
    }
    let runtime = runtime.enable_all().build()?;
    Ok(runtime.block_on(serve::run(options, &mut stdout()))?)
}

fn version() -> io::Result<()> {
    writeln!(stdout(), "{}", Cli::command().render_version().trim_end())
}

/// Prints an error and what caused it. There is nowhere to report that even this fails.
fn report(error: &dyn Error) {
    _ = writeln!(stderr(), "kagiban: {}", log::in_full(error));
}
