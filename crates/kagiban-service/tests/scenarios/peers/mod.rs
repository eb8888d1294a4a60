//! Two deployments in one process: how they are paired, what they tell each other, and what nobody else is told.

mod channel;
mod keys;
mod pairing;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use kagiban_base::secret::SecretBytes;
use kagiban_keycore::channel::CertificateFingerprint;
use kagiban_service::Service;
use kagiban_service::peers::{
    ChannelIdentity, Exchanged, PeerAddress, PeerCall, PeerTransport, Peering, ReceiveError, TransportError,
};
use kagiban_testkit::World;
use serde_json::{Value, json};

use crate::operator::{Answered, MANAGEMENT, ask};
use crate::support::REGION;

/// What happens to a message on its way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// It does not arrive.
    Lost,
    /// It arrives, and its answer does not.
    Unanswered,
    /// It arrives with a bit changed.
    Damaged,
    /// It arrives twice.
    Repeated,
    /// The answer to the message before comes instead of its own.
    OldAnswer,
}

/// A network of services, with the certificates of a real one: it tells the receiver whose the sender's is, and compares the
/// receiver's with the one expected.
#[derive(Default)]
pub(crate) struct Network(Mutex<State>);

#[derive(Default)]
struct State {
    services: HashMap<String, (CertificateFingerprint, Weak<Service>)>,
    identities: u8,
    fates: VecDeque<Fate>,
    /// Messages and answers, as an eavesdropper behind TLS would see them.
    seen: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Network {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to happen to the next messages.
    pub(crate) fn befall(&self, fates: &[Fate]) {
        self.state().fates.extend(fates);
    }

    /// Takes a service off the network.
    pub(crate) fn cut(&self, address: &str) {
        self.state().services.remove(address);
    }

    pub(crate) fn seen(&self) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        self.state().seen.clone()
    }

    async fn carry(&self, call: PeerCall<'_>) -> Result<Vec<u8>, TransportError> {
        let unreachable = || TransportError::Unreachable("nobody there".to_owned());
        let (fingerprint, service) =
            self.state().services.get(call.address.as_str()).cloned().ok_or_else(unreachable)?;
        if fingerprint != call.fingerprint {
            return Err(TransportError::OtherCertificate);
        }
        let (fate, service) = (self.state().fates.pop_front(), service.upgrade().ok_or_else(unreachable)?);
        let mut message = call.message.clone();
        match fate {
            Some(Fate::Lost) => return Err(TransportError::Late),
            Some(Fate::Damaged) => *message.last_mut().unwrap() ^= 1,
            _ => {}
        }
        let sender = call.identity.fingerprint();
        if !service.admits_certificate(&sender) {
            return Err(TransportError::NotKnown);
        }
        let mut answered = service.receive_from_peer(&sender, &message).await;
        if fate == Some(Fate::Repeated) {
            answered = service.receive_from_peer(&sender, &message).await;
        }
        let before = self.state().seen.last().and_then(|(_, answer)| answer.clone());
        self.state().seen.push((message, answered.as_ref().ok().cloned()));
        match fate {
            Some(Fate::Unanswered) => Err(TransportError::Interrupted("cut".to_owned())),
            Some(Fate::OldAnswer) => Ok(before.unwrap()),
            _ => answered.map_err(|error| match error {
                ReceiveError::NotKnown => TransportError::NotKnown,
                ReceiveError::Malformed => TransportError::Status(400),
                ReceiveError::Unavailable => TransportError::Status(503),
            }),
        }
    }
}

/// A service's way into the network.
pub(crate) struct Wire(pub(crate) Arc<Network>);

impl PeerTransport for Wire {
    fn new_identity(&self) -> Result<ChannelIdentity, TransportError> {
        let mut state = self.0.state();
        state.identities += 1;
        let number = state.identities;
        Ok(ChannelIdentity { certificate: vec![number; 100], private_key: SecretBytes::from_slice(&[number; 50]) })
    }

    fn exchange<'a>(&'a self, call: PeerCall<'a>) -> Exchanged<'a> {
        Box::pin(self.0.carry(call))
    }
}

/// A deployment on a network.
pub(crate) struct Deployment {
    pub(crate) world: World,
    pub(crate) address: String,
    network: Arc<Network>,
}

impl Deployment {
    pub(crate) async fn new(network: &Arc<Network>, address: &str, regions: &[&str]) -> Self {
        Self::on(World::new().await, network, address, regions).await
    }

    pub(crate) async fn on(world: World, network: &Arc<Network>, address: &str, regions: &[&str]) -> Self {
        if !regions.is_empty() {
            let regions: BTreeSet<_> = regions.iter().map(|region| region.parse().unwrap()).collect();
            world.service.serve_regions(regions);
        }
        let transport = Arc::new(Wire(Arc::clone(network)));
        let identity = Arc::new(world.service.channel_identity(&*transport).await.unwrap());
        let address = address.to_owned();
        let service = (identity.fingerprint(), Arc::downgrade(&world.service));
        network.state().services.insert(address.clone(), service);
        let at: PeerAddress = address.parse().unwrap();
        world.service.open_channel(Peering { transport, address: at, identity });
        Self { world, address, network: Arc::clone(network) }
    }

    /// The same after a restart.
    pub(crate) async fn restarted(&self, regions: &[&str]) -> Self {
        Self::on(self.world.restarted().await, &self.network, &self.address, regions).await
    }

    pub(crate) async fn ask(&self, operation: &str, input: Value) -> Answered {
        ask(&self.world, &self.world.client(MANAGEMENT, REGION), operation, input).await
    }

    pub(crate) async fn invite(&self, name: &str) -> String {
        let answer = self.ask("CreatePeerInvitation", json!({"PeerName": name})).await.unwrap();
        answer["Invitation"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn accept(&self, name: &str, invitation: &str) -> Answered {
        self.ask("AcceptPeerInvitation", json!({"PeerName": name, "Invitation": invitation})).await
    }

    /// Names of the peers, each with its state.
    pub(crate) async fn peers(&self) -> Vec<(String, String)> {
        let listed = self.ask("ListPeers", json!({})).await.unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        listed["Peers"].as_array().unwrap().iter().map(|peer| (text(&peer["PeerName"]), text(&peer["State"]))).collect()
    }
}

pub(crate) const HERE: &str = "us-east-1";
pub(crate) const THERE: &str = "eu-central-1";

/// Two deployments that are paired: `b` at `a`, and `a` at `b`.
pub(crate) async fn pair(network: &Arc<Network>) -> (Deployment, Deployment) {
    let a = Deployment::new(network, "a.test:1", &[HERE]).await;
    let b = Deployment::new(network, "b.test:1", &[THERE]).await;
    let invitation = a.invite("b").await;
    b.accept("a", &invitation).await.unwrap();
    (a, b)
}
