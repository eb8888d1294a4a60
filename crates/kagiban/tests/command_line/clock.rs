//! The clock of a development server, moved from the command line.

use rustix::process::Signal;
use tempfile::tempdir;

use crate::support::{Server, kagiban, path, run};

/// What `kagiban clock` prints, its status, and what it says when it is refused.
fn clock(server: &Server, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = kagiban(&[&["clock"], arguments].concat());
    command.env("AWS_ENDPOINT_URL", format!("http://{}", server.address));
    let (output, out, err) = run(command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test"));
    (output.status.code(), out, err)
}

#[test]
fn a_development_clock_moves_ahead_and_a_restart_does_not_turn_it_back() {
    let above = tempdir().unwrap();
    let data = above.path().join("data");
    let serve = || Server::start(&mut kagiban(&["serve", "--dev", "--listen", "127.0.0.1:0", "--data", path(&data)]));
    let server = serve();
    for (arguments, ahead) in [
        (&["show"][..], "(0 seconds ahead"),
        (&["advance", "400d"], "(34560000 seconds ahead"),
        (&["advance", "12h"], "(34603200 seconds ahead"),
        (&["show"], "(34603200 seconds ahead"),
    ] {
        let (status, out, err) = clock(&server, arguments);
        assert!(status == Some(0) && out.contains(ahead) && err.is_empty(), "{arguments:?}: {out}{err}");
    }
    for (arguments, status) in [(["advance", "40000d"], 1), (["advance", "5m"], 2), (["advance", "-5s"], 2)] {
        let (got, out, err) = clock(&server, &arguments);
        assert!(got == Some(status) && out.is_empty() && !err.is_empty(), "{arguments:?} {got:?}: {out}{err}");
    }
    server.signal(Signal::TERM);
    let (status, log) = server.ended();
    assert!(status.success(), "{log}");
    let (_, out, err) = clock(&serve(), &["show", "--output", "json"]);
    assert!(out.contains("\"SecondsAhead\":34603200"), "{out}{err}");
}
