//! A link to a member that can be cut: between two bytes, with or without what is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Listens, and forwards to a member.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    cuts: watch::Sender<u64>,
    /// Pieces from the member that still pass before the link is cut, each time anew; zero: all.
    answers_until_cut: Arc<AtomicU64>,
}

impl Proxy {
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            cuts: watch::channel(0).0,
            answers_until_cut: Arc::default(),
        };
        let (cuts, limit) = (proxy.cuts.clone(), Arc::clone(&proxy.answers_until_cut));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
                tokio::spawn(forward(near, far, cuts.clone(), Arc::clone(&limit)));
            }
        });
        proxy
    }

    /// Cuts all connections.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// From now on each connection carries this many pieces of answers, and the next one is lost with it.
    pub(crate) fn lose_answers_after(&self, pieces: u64) {
        self.answers_until_cut.store(pieces, Relaxed);
    }
}

async fn forward(near: TcpStream, far: TcpStream, cuts: watch::Sender<u64>, limit: Arc<AtomicU64>) {
    let mut cut = cuts.subscribe();
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    tokio::select! {
        _ = cut.changed() => {}
        () = copy(near_in, far_out, None) => {}
        () = copy(far_in, near_out, Some(limit)) => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, limit: Option<Arc<AtomicU64>>) {
    let (mut buffer, mut pieces) = (vec![0; 64 << 10], 0);
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        pieces += 1;
        let limit = limit.as_ref().map_or(0, |limit| limit.load(Relaxed));
        if limit > 0 && pieces > limit || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
