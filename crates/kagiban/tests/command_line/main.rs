//! The executable as a user and an init system meet it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests: a failure here is a failed test")]

mod audit;
mod audit_commands;
mod clock;
mod enclaves;
mod operator;
mod outbox;
mod peers;
mod support;
mod telemetry;

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;

use rustix::process::Signal;
use tempfile::tempdir;

use crate::support::{Server, kagiban, path, run};

#[test]
fn development_serves_from_nothing() {
    let home = tempdir().unwrap();
    let ready = home.path().join("ready");
    let arguments = ["serve", "--dev", "--listen", "localhost:0", "--ready-file", path(&ready), "--log", "debug"];
    let mut server = Server::start(kagiban(&arguments).env("HOME", home.path()));
    let mut text = String::new();
    while !text.contains("aws iam create-user") {
        assert!(server.output.read_line(&mut text).unwrap() > 0, "{text}");
    }
    for line in [
        format!("export AWS_ENDPOINT_URL=http://{}\n", server.address),
        "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n".to_owned(),
        "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n".to_owned(),
    ] {
        assert!(text.contains(&line), "{text}");
    }
    assert!(home.path().join(".local/share/kagiban/dev/store.redb").exists());
    assert_eq!(std::fs::read_to_string(&ready).unwrap(), format!("http://{}\n", server.address));
    assert!(server.get("/readyz").ends_with("{\"ready\":true}\n"));
    server.signal(Signal::TERM);
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
    // Not a terminal, so each line of the log is a JSON object.
    assert!(log.lines().count() >= 3 && log.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{log}");
    assert!(log.contains("\"message\":\"answered\"") && log.contains("\"request_id\":\""), "{log}");
}

#[test]
fn the_consoles_key_policy_is_printed() {
    let admin = "arn:aws:iam::111122223333:role/Admin";
    let arguments = ["key-policy", "--account", "111122223333", "--administrator", admin, "--user", "444455556666"];
    let (output, shown, err) = run(&mut kagiban(&arguments));
    assert!(output.status.success(), "{err}");
    let parts = ["arn:aws:iam::111122223333:root", admin, "444455556666", "kms:GrantIsForAWSResource"];
    assert!(parts.iter().all(|part| shown.contains(part)), "{shown}");
    let (output, ..) = run(kagiban(&arguments).args(["--usage", "poetry"]));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn init_shows_a_key_once_and_serve_opens_what_it_made() {
    let above = tempdir().unwrap();
    let data = above.path().join("data");
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let init = ["init", "--data", path(&data), "--account", "111122223333", "--root-key", "env"];
    let (output, shown, err) = run(kagiban(&init).env("KAGIBAN_ROOT_KEY", key));
    assert!(output.status.success(), "{err}");
    for part in ["111122223333", "export AWS_ACCESS_KEY_ID=AKIA", "export AWS_SECRET_ACCESS_KEY=", "is initialised"] {
        assert!(shown.contains(part), "{shown}");
    }
    let (output, shown, err) = run(kagiban(&init).env("KAGIBAN_ROOT_KEY", key));
    assert_eq!(output.status.code(), Some(1));
    assert!(shown.is_empty() && err.contains("is initialised already"), "{shown}{err}");

    let serve = ["serve", "--data", path(&data), "--listen", "127.0.0.1:0", "--root-key", "env"];
    let server = Server::start(kagiban(&serve).env("KAGIBAN_ROOT_KEY", key));
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200 OK\r\n"));
    let (output, _, err) = run(kagiban(&serve).env("KAGIBAN_ROOT_KEY", key));
    assert!(output.status.code() == Some(1) && err.contains("is in use by process"), "{err}");
    server.signal(Signal::INT);
    assert_eq!(server.ended().0.code(), Some(0));
}

#[test]
fn refusals_say_what_to_do() {
    let above = tempdir().unwrap();
    let (production, development) = (above.path().join("production"), above.path().join("development"));
    let (production, development) = (path(&production), path(&development));
    assert!(run(&mut kagiban(&["init", "--data", production])).0.status.success());
    let serve_development = ["serve", "--dev", "--data", development, "--listen", "127.0.0.1:0"];
    drop(Server::start(&mut kagiban(&serve_development)));
    let nothing = path(above.path());
    let other_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    for (arguments, variable, status, message) in [
        (&["serve"][..], "", 1, "--data DIRECTORY"),
        (&["init"], "", 1, "--data DIRECTORY"),
        (&["serve", "--data", nothing], "", 1, "kagiban init --data"),
        (&["serve", "--data", development], "", 1, "it opens with serve --dev only"),
        (&["serve", "--dev", "--data", production], "", 1, "is a production data directory"),
        (&["serve", "--dev", "--listen", "0.0.0.0:0", "--data", development], "", 1, "loopback"),
        (&["serve", "--listen", "0.0.0.0:0", "--data", production], "", 1, "--tls-certificate"),
        (&["serve", "--tls-key", "k", "--data", production], "", 1, "needed together"),
        (&["serve", "--tls-key", "k", "--tls-certificate", "/c", "--data", production], "", 1, "cannot read k as PEM"),
        (&["serve", "--max-header-size", "100", "--data", production], "", 1, "at least 8192 bytes"),
        (&["serve", "--root-key", "env", "--data", production], "", 1, "KAGIBAN_ROOT_KEY is not set"),
        (&["serve", "--root-key", "env", "--data", production], "short", 1, "32 bytes in base64"),
        (&["serve", "--root-key", "env", "--data", production], other_key, 1, "wrapped by root key"),
        (&["serve", "--root-key", "passphrase", "--data", production], "", 1, "parameters of the root passphrase"),
        (&["serve", "--root-key", "file:/nonexistent", "--data", production], "", 1, "put it back from your backup"),
        (&["serve", "--root-key", "hsm"], "", 2, "not one of file"),
        (&["serve", "--config", "/nonexistent.toml"], "", 2, "cannot read the configuration file"),
        (&["serve", "--trusted-proxy", "10.0.0.1/8"], "", 2, "bits beyond its prefix"),
        (&["serve", "--listen", "example.com:80"], "", 2, "not an IP address and a port"),
        (&["init", "--account", "123"], "", 2, "account"),
        (&["nonsense"], "", 2, "nonsense"),
    ] {
        let mut command = kagiban(arguments);
        if !variable.is_empty() {
            command.env("KAGIBAN_ROOT_KEY", variable);
        }
        let (output, out, err) = run(&mut command);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {err}");
        assert!(err.contains(message) && out.is_empty(), "{arguments:?}: {out}{err}");
        assert!(variable.is_empty() || !err.contains(variable), "a secret in a message: {err}");
    }
}

#[test]
fn flags_count_before_variables_before_the_file() {
    let above = tempdir().unwrap();
    let (file, data, ready) =
        (above.path().join("kagiban.toml"), above.path().join("data"), above.path().join("ready"));
    let text = format!(
        "dev = true\ndata = {:?}\nlisten = \"0.0.0.0:1\"\nlog = \"off\"\nready-file = \"/nonexistent/ready\"\n",
        path(&data)
    );
    std::fs::write(&file, text).unwrap();
    let mut command = kagiban(&["serve", "--config", path(&file), "--listen", "127.0.0.1:0"]);
    command.env("KAGIBAN_READY_FILE", &ready).env("KAGIBAN_LISTEN", "0.0.0.0:2");
    let server = Server::start(&mut command);
    assert!(ready.exists());
    server.signal(Signal::TERM);
    let (status, log) = server.ended();
    assert_eq!((status.code(), log.as_str()), (Some(0), ""));
}

/// A request under way holds the process until its time is up, or until the second signal.
#[test]
fn the_second_signal_ends_at_once() {
    let data = tempdir().unwrap();
    let serve = ["serve", "--dev", "--listen", "127.0.0.1:0", "--data", path(data.path()), "--body-timeout", "60m"];
    let server = Server::start(kagiban(&serve).env("KAGIBAN_SHUTDOWN_TIMEOUT", "60m"));
    let mut stream = server.connect();
    write!(stream, "POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n").unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.signal(Signal::TERM);
    // The listener closes first, so once nobody answers there the first signal has been seen.
    while TcpStream::connect(&server.address).is_ok() {}
    server.signal(Signal::TERM);
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
    // The one that waits for its body; on a busy machine also connections made while looking whether anybody answers.
    assert!(log.contains("\"requests_cut\":") && !log.contains("\"requests_cut\":0"), "{log}");
}

#[test]
fn help_and_version() {
    for arguments in [&["--help"][..], &["serve", "--help"], &["init", "-h"], &["--version"], &["version"]] {
        let (output, out, err) = run(&mut kagiban(arguments));
        assert!(output.status.success() && err.is_empty(), "{arguments:?}: {err}");
        assert!(out.contains("kagiban"), "{out}");
    }
    assert!(run(&mut kagiban(&[])).2.contains("Usage: kagiban"));
}

/// What a newcomer reads first says what this is and how to begin.
#[test]
fn help_teaches() {
    let help = |arguments: &[&str]| run(&mut kagiban(arguments)).1.split_whitespace().collect::<Vec<_>>().join(" ");
    for (arguments, texts) in [
        (
            &["--help"][..],
            &["a key management service with the AWS KMS API", "kagiban serve --dev", "kagiban init --data"][..],
        ),
        (&["-h"], &["a key management service", "kagiban serve --dev"]),
        (
            &["serve", "--help"],
            &["SIGTERM", "/readyz", "kagiban serve --dev", "[env: KAGIBAN_LISTEN=]", "[default: 127.0.0.1:4599]"],
        ),
        (&["serve", "--help"], &["[env: KAGIBAN_TRUSTED_PROXY=]", "aws:SourceIp", "the rightmost address"]),
        (&["audit", "--help"], &["search", "verify", "beside a running server"]),
        (&["audit", "search", "--help"], &["--encryption-context <NAME=VALUE>", "kagiban audit search --data", "7d"]),
        (&["audit", "verify", "--help"], &["rolled back", "--anchor", "believed", "Exit status: 0 done"]),
        (&["init", "--help"], &["keep a copy", "[env: KAGIBAN_DATA=]"]),
        (&["nodes", "--help"], &["CURRENT", "SILENT", "kagiban:ListNodes"]),
        (&["upgrade", "--help"], &["kagiban upgrade finish", "nodes of both versions"]),
        (&["upgrade", "status", "--help"], &["REVERTING", "kagiban:DescribeUpgrade"]),
        (&["peer", "--help"], &["kagiban peer invite --name berlin", "--peer-listen", "replicate-key"]),
        (&["attestation", "--help"], &["make-root", "make-document", "encrypted so that only the enclave can read it"]),
        (&["attestation", "make-document", "--help"], &["five minutes", "openssl cms -decrypt", "all zeros"]),
    ] {
        for text in texts {
            assert!(help(arguments).contains(text), "{arguments:?} {text}: {}", help(arguments));
        }
        // A usage is one line, however long.
        for line in run(&mut kagiban(arguments)).1.lines().filter(|line| !line.starts_with("Usage: ")) {
            assert!(line.len() <= 100, "{line}");
        }
    }
}
