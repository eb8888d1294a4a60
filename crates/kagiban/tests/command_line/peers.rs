//! Two deployments as two processes: paired from the command line, over real connections, and over restarts.

use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::tempdir;

use crate::support::{Server, kagiban, path, run};

/// A development deployment that serves one Region and listens for peers.
struct Deployment {
    server: Option<Server>,
    data: PathBuf,
    region: &'static str,
    /// Where it listens for peers; a restart takes the same.
    peer_listen: String,
}

impl Deployment {
    fn start(above: &Path, region: &'static str) -> Self {
        let mut deployment =
            Self { server: None, data: above.join(region), region, peer_listen: format!("127.0.0.1:{}", free_port()) };
        deployment.begin();
        deployment
    }

    fn begin(&mut self) {
        let options = ["--region", self.region, "--peer-listen", &self.peer_listen, "--data", path(&self.data)];
        let serve = [&["serve", "--dev", "--listen", "127.0.0.1:0"][..], &options].concat();
        self.server = Some(Server::start(&mut kagiban(&serve)));
    }

    /// Ends it as a power cut does, and starts it again.
    fn kill_and_restart(&mut self) {
        let server = self.server.take().unwrap();
        server.signal(Signal::KILL);
        server.ended();
        self.begin();
    }

    /// What `kagiban peer` says: its exit status, its output, its complaint.
    fn peer(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = kagiban(&[&["peer"], arguments].concat());
        command.env("AWS_ENDPOINT_URL", format!("http://{}", self.server.as_ref().unwrap().address));
        let (output, out, err) = run(command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test"));
        (output.status.code(), out, err)
    }

    fn done(&self, arguments: &[&str]) -> String {
        let (status, out, err) = self.peer(arguments);
        assert!(status == Some(0) && err.is_empty(), "{arguments:?}: {out}{err}");
        out
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let (status, out, err) = self.peer(arguments);
        assert!(status == Some(1) && out.is_empty(), "{arguments:?}: {out}{err}");
        err
    }

    fn invite(&self, name: &str) -> String {
        let shown = self.done(&["invite", "--name", name]);
        shown.split_whitespace().find(|word| word.starts_with("kagiban-peer-")).unwrap().to_owned()
    }
}

/// A port that nobody has now. Somebody else could take it; then the server does not start, and the test fails.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn two_processes_are_paired() {
    let above = tempdir().unwrap();
    let (mut paris, mut berlin) =
        (Deployment::start(above.path(), "eu-west-3"), Deployment::start(above.path(), "eu-central-1"));
    let invitation = paris.invite("berlin");
    let accepted = berlin.done(&["accept", "--name", "paris", &invitation]);
    assert!(accepted.contains("eu-west-3"), "{accepted}");
    assert!(berlin.refused(&["accept", "--name", "paris", &invitation]).contains("AlreadyExistsException"));
    for _ in 0..2 {
        paris.done(&["check", "berlin"]);
        berlin.done(&["check", "paris"]);
        paris.kill_and_restart();
        berlin.done(&["check", "paris"]);
        berlin.kill_and_restart();
    }
    let listed: Value = serde_json::from_str(&paris.done(&["list", "--output", "json"])).unwrap();
    let peer = &listed["Peers"][0];
    assert_eq!((&peer["PeerName"], &peer["State"]), (&"berlin".into(), &"PAIRED".into()));
    assert_eq!((&peer["Regions"][0], &peer["Address"]), (&"eu-central-1".into(), &berlin.peer_listen.as_str().into()));
    let listed = berlin.done(&["list"]);
    let line: Vec<_> = listed.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(&line[..4], ["paris", "PAIRED", "eu-west-3", &paris.peer_listen], "{listed}");

    let rome = Deployment::start(above.path(), "eu-south-1");
    assert!(rome.refused(&["accept", "--name", "paris", &invitation]).contains("expired, was used"));
    paris.done(&["remove", "berlin"]);
    let refused = berlin.refused(&["check", "paris"]);
    assert!(refused.contains("does not know this deployment"), "{refused}");
    drop(paris.server.take());
    assert!(berlin.refused(&["check", "paris"]).contains("cannot be reached"));
}

#[test]
fn what_serve_refuses() {
    let above = tempdir().unwrap();
    let serve = ["serve", "--dev", "--listen", "127.0.0.1:0", "--data", path(above.path())];
    for (options, status, message) in [
        (&["--peer-listen", "192.0.2.1:4600"][..], 1, "loopback"),
        (&["--peer-listen", "127.0.0.1"], 2, "not an IP address and a port"),
        (&["--peer-address", "a:1"], 1, "needs --peer-listen"),
        (&["--peer-address", "a"], 2, "not a host and a port"),
        (&["--region", "Paris"], 2, "Region"),
    ] {
        let (output, out, err) = run(&mut kagiban(&[&serve[..], options].concat()));
        assert_eq!(output.status.code(), Some(status), "{options:?}: {err}");
        assert!(out.is_empty() && err.contains(message), "{options:?}: {err}");
    }
}
