//! Members of etcd: started, killed, paused and stopped by their process id.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};

use kagiban_base::os::OsRandom;
use kagiban_etcd::{EtcdEngine, EtcdOptions};
use kagiban_storage::Engine;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::http;

/// The server, which a script of this repository gets.
static ETCD: LazyLock<PathBuf> = LazyLock::new(|| {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/etcd");
    let output = Command::new(script).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "scripts/etcd failed");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
});

/// Runs a member until it is told to end it, or until nobody is left to tell: then the member's data goes, too.
const KEEPER: &str = r#"
"$@" </dev/null >>"$LOG" 2>&1 &
echo $!
read -r word
kill -KILL $!
wait $! 2>/dev/null
[ "$word" = keep ] || rm -rf "$DATA"
"#;

/// Some members that know each other. They end with it, or with the process that holds it.
pub(crate) struct Cluster {
    members: Vec<Member>,
    _directory: TempDir,
}

struct Member {
    running: Mutex<Option<Running>>,
    arguments: Vec<String>,
    data: PathBuf,
    port: u16,
}

struct Running {
    keeper: Child,
    /// The member's process id.
    id: i32,
}

/// Files for a cluster that speaks TLS with its clients.
pub(crate) struct ServerTls {
    pub(crate) authority: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Cluster {
    /// Starts a cluster in the clear and waits until it takes writes.
    pub(crate) async fn start(size: usize) -> Self {
        Self::start_with(size, &[]).await
    }

    /// The same with more options of etcd.
    pub(crate) async fn start_with(size: usize, more: &[&str]) -> Self {
        let cluster = Self::spawn_with(size, None, more);
        cluster.ready().await;
        cluster
    }

    /// Starts the members of a cluster.
    pub(crate) fn spawn(size: usize, tls: Option<&ServerTls>) -> Self {
        Self::spawn_with(size, tls, &[])
    }

    fn spawn_with(size: usize, tls: Option<&ServerTls>, more: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let ports = free_ports(2 * size);
        let peers = (0..size).map(|n| format!("m{n}=http://127.0.0.1:{}", ports[2 * n + 1])).collect::<Vec<_>>();
        let members = (0..size).map(|n| {
            let data = directory.path().join(format!("m{n}"));
            let mut arguments = arguments(n, &ports[2 * n..], &peers.join(","), &data, tls);
            arguments.extend(more.iter().map(|&option| option.to_owned()));
            Member { running: Mutex::new(None), arguments, data, port: ports[2 * n] }
        });
        let cluster = Self { members: members.collect(), _directory: directory };
        (0..size).for_each(|n| cluster.run(n));
        cluster
    }

    /// Waits until the cluster has a leader and answers.
    pub(crate) async fn ready(&self) {
        let engine = self.engine("ready");
        while engine.health().await.is_err() {}
    }

    /// Starts a member that does not run.
    pub(crate) fn run(&self, n: usize) {
        let member = &self.members[n];
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "sh"])
            .arg(&*ETCD)
            .args(&member.arguments)
            .env_clear()
            .envs([("PATH", "/usr/bin:/bin".as_ref()), ("DATA", member.data.as_os_str())])
            .env("LOG", member.data.with_extension("log"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut id = String::new();
        BufReader::new(keeper.stdout.as_mut().unwrap()).read_line(&mut id).unwrap();
        *member.running.lock().unwrap() = Some(Running { keeper, id: id.trim().parse().unwrap() });
    }

    /// Kills a member as a failing machine would.
    pub(crate) fn kill(&self, n: usize) {
        let mut running = self.members[n].running.lock().unwrap().take().unwrap();
        running.keeper.stdin.take().unwrap().write_all(b"keep\n").unwrap();
        running.keeper.wait().unwrap();
    }

    /// Stops a member where it stands; its connections stay open.
    pub(crate) fn pause(&self, n: usize) {
        self.signal(n, Signal::STOP);
    }

    /// Lets a paused member go on.
    pub(crate) fn resume(&self, n: usize) {
        self.signal(n, Signal::CONT);
    }

    fn signal(&self, n: usize, signal: Signal) {
        let id = self.members[n].running.lock().unwrap().as_ref().unwrap().id;
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// The number of the member that leads; asks until there is one.
    pub(crate) async fn leader(&self) -> usize {
        loop {
            for (n, member) in self.members.iter().enumerate() {
                let metrics = http::request(member.port, "GET", "/metrics", "").await.unwrap_or_default();
                if metrics.lines().any(|line| line == "etcd_server_is_leader 1") {
                    return n;
                }
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn port(&self, n: usize) -> u16 {
        self.members[n].port
    }

    pub(crate) fn size(&self) -> usize {
        self.members.len()
    }

    /// The file of a member's database.
    pub(crate) fn database(&self, n: usize) -> PathBuf {
        self.members[n].data.join("member/snap/db")
    }

    /// The address of the members from number `first` on, and then of the others.
    pub(crate) fn address(&self, first: usize, prefix: &str) -> String {
        let size = self.members.len();
        let hosts = (0..size).map(|n| format!("127.0.0.1:{}", self.port((first + n) % size)));
        format!("etcd://{}/{prefix}", hosts.collect::<Vec<_>>().join(","))
    }

    /// An engine whose first member is number 0.
    pub(crate) fn engine(&self, prefix: &str) -> EtcdEngine {
        connect(&self.address(0, prefix))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for mut running in self.members.iter().filter_map(|member| member.running.lock().unwrap().take()) {
            // Waiting closes its input, which is the word to end.
            _ = running.keeper.wait();
        }
    }
}

/// An engine on whatever store is at this address.
pub(crate) fn connect(address: &str) -> EtcdEngine {
    EtcdEngine::connect(EtcdOptions::plain(address.parse().unwrap()), &OsRandom).unwrap()
}

fn arguments(n: usize, ports: &[u16], peers: &str, data: &Path, tls: Option<&ServerTls>) -> Vec<String> {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let (client, peer) = (format!("{scheme}://127.0.0.1:{}", ports[0]), format!("http://127.0.0.1:{}", ports[1]));
    let mut arguments = vec![
        format!("--name=m{n}"),
        format!("--data-dir={}", data.display()),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster={peers}"),
        "--logger=zap".to_owned(),
    ];
    if let Some(tls) = tls {
        arguments.extend([
            "--client-cert-auth".to_owned(),
            format!("--trusted-ca-file={}", tls.authority.display()),
            format!("--cert-file={}", tls.certificate.display()),
            format!("--key-file={}", tls.key.display()),
        ]);
    }
    arguments
}

/// Ports that nobody listens on. All are held until the last is found, so that they differ.
fn free_ports(count: usize) -> Vec<u16> {
    let held = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect::<Vec<_>>();
    held.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}
