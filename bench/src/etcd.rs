//! Members of etcd on this machine: started, asked, killed, started again.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;

const MEMBERS: usize = 3;
/// Longest time until there is a leader.
const PATIENCE: Duration = Duration::from_secs(60);

/// Three members of etcd, ended when this is dropped.
#[derive(Debug)]
pub struct Cluster {
    arguments: Vec<Vec<String>>,
    etcd: PathBuf,
    clients: Vec<u16>,
    members: Vec<Child>,
}

impl Cluster {
    /// Starts the members, with this program, and waits until one leads.
    ///
    /// # Errors
    /// When they do not.
    pub fn start(etcd: &Path, data: &Path) -> Result<Self, Failure> {
        let ports = free_ports(2 * MEMBERS)?;
        let (clients, peers) = ports.split_at(MEMBERS);
        let url = |port: &u16| format!("http://127.0.0.1:{port}");
        let all: Vec<_> = peers.iter().enumerate().map(|(number, port)| format!("m{number}={}", url(port))).collect();
        let member = |number: usize| {
            let (client, peer) = (url(&clients[number]), url(&peers[number]));
            vec![
                format!("--name=m{number}"),
                format!("--data-dir={}", data.join(format!("m{number}")).display()),
                format!("--listen-client-urls={client}"),
                format!("--advertise-client-urls={client}"),
                format!("--listen-peer-urls={peer}"),
                format!("--initial-advertise-peer-urls={peer}"),
                format!("--initial-cluster={}", all.join(",")),
                "--logger=zap".to_owned(),
                "--log-level=error".to_owned(),
            ]
        };
        let mut cluster = Self {
            arguments: (0..MEMBERS).map(member).collect(),
            etcd: etcd.to_owned(),
            clients: clients.to_vec(),
            members: Vec::new(),
        };
        for number in 0..MEMBERS {
            let child = cluster.spawn(number)?;
            cluster.members.push(child);
        }
        cluster.leader()?;
        Ok(cluster)
    }

    /// Waits until a member answers, and so has joined the others.
    fn wait_for(&self, number: usize) -> Result<(), Failure> {
        let end = Instant::now() + PATIENCE;
        let address = SocketAddr::from(([127, 0, 0, 1], self.clients[number]));
        while !get(address, "/health").is_ok_and(|text| text.contains("\"true\"")) {
            if Instant::now() > end {
                return Err("a member of etcd does not come back".into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn spawn(&self, number: usize) -> Result<Child, Failure> {
        let mut command = Command::new(&self.etcd);
        command.args(&self.arguments[number]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.spawn()?)
    }

    /// The address of a store with this prefix.
    pub fn store(&self, prefix: &str) -> String {
        let members: Vec<_> = self.clients.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("etcd://{}/{prefix}", members.join(","))
    }

    /// The number of the member that leads, once there is one.
    ///
    /// # Errors
    /// After a minute without.
    pub fn leader(&self) -> Result<usize, Failure> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            for (number, port) in self.clients.iter().enumerate() {
                let address = SocketAddr::from(([127, 0, 0, 1], *port));
                if metrics(address).is_ok_and(|text| text.contains("etcd_server_is_leader 1\n")) {
                    return Ok(number);
                }
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err("etcd has no leader".into())
    }

    /// Bytes that the first member holds, less what it has given free.
    ///
    /// # Errors
    /// When it does not tell.
    pub fn bytes_in_use(&self) -> Result<f64, Failure> {
        let text = metrics(SocketAddr::from(([127, 0, 0, 1], self.clients[0])))?;
        let found = text.lines().find_map(|line| line.strip_prefix("etcd_mvcc_db_total_size_in_use_in_bytes "));
        Ok(found.ok_or("no size")?.parse()?)
    }

    /// Ends a member as a power cut does.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub fn kill(&mut self, number: usize) -> Result<(), Failure> {
        self.members[number].kill()?;
        self.members[number].wait()?;
        Ok(())
    }

    /// Starts a member again, and waits until one leads.
    ///
    /// # Errors
    /// When none does.
    pub fn restart(&mut self, number: usize) -> Result<(), Failure> {
        self.members[number] = self.spawn(number)?;
        self.wait_for(number)?;
        self.leader().map(drop)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for member in &mut self.members {
            let _gone_already = member.kill();
            let _status = member.wait();
        }
    }
}

fn metrics(address: SocketAddr) -> Result<String, Failure> {
    get(address, "/metrics")
}

/// Of HTTP/1.0, so that the answer ends with the connection.
fn get(address: SocketAddr, path: &str) -> Result<String, Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

fn free_ports(count: usize) -> Result<Vec<u16>, Failure> {
    let held = (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<Vec<_>, _>>()?;
    Ok(held.iter().map(|one| one.local_addr().map(|address| address.port())).collect::<Result<_, _>>()?)
}
