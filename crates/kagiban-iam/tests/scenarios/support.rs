//! A small world for the scenarios of IAM and STS, and clients in it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use kagiban_base::id::{AccessKeyId, AccountId, RequestId};
use kagiban_base::secret::{SecretArray, SecretBytes};
use kagiban_base::time::{Clock, Timestamp};
use kagiban_iam::audit::Audit;
use kagiban_iam::caller::Credentials;
use kagiban_iam::decisions::{DECISIONS_KEPT, Decisions};
use kagiban_iam::deployment::DeploymentKind;
use kagiban_iam::directory::Directory;
use kagiban_iam::domain_keys::DomainKeys;
use kagiban_iam::freshness::Freshness;
use kagiban_iam::request::RawRequest;
use kagiban_iam::secrets::Secrets;
use kagiban_iam::web_identity_keys::{NoWebIdentityKeys, WebIdentityKeys};
use kagiban_iam::{AccessKeyRecord, AccessKeyRowKey, AccountRecord, AccountRowKey, Iam};
use kagiban_identity::sigv4::Signer;
use kagiban_keycore::hierarchy::{DomainKey, DomainKeyId, DomainKeyRing};
use kagiban_storage::follower::Follower;
use kagiban_storage::{Engine, MemoryEngine, Store, StoreError};
use kagiban_testkit::{FakeClock, MemoryJournal, SeededRandom, form};

/// The account of most scenarios.
pub(crate) const ACCOUNT: &str = "111122223333";
/// The root's access key id in a production world; its secret is 40 times `s`.
pub(crate) const PRODUCTION_ROOT_KEY: &str = "AKIAROOTROOTROOTROOT";

/// Identities in memory, with everything they need.
pub(crate) struct World {
    pub(crate) iam: Arc<Iam>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) random: Arc<SeededRandom>,
    engine: Arc<dyn Engine>,
    kind: DeploymentKind,
    web_identity_keys: Arc<dyn WebIdentityKeys>,
    /// Its audit journal.
    pub(crate) journal: Arc<MemoryJournal>,
    last_request: Mutex<Option<RequestId>>,
}

impl World {
    /// A development world, in which every account exists: empty store, clock at 2026-11-21T12:00:00Z.
    pub(crate) async fn new() -> Self {
        Self::with_keys(Arc::new(NoWebIdentityKeys)).await
    }

    /// A development world whose OpenID Connect providers have these keys.
    pub(crate) async fn with_keys(web_identity_keys: Arc<dyn WebIdentityKeys>) -> Self {
        Self::open(Arc::new(MemoryEngine::new()), clock(), DeploymentKind::Development, web_identity_keys).await
    }

    /// A production world with one account, [`ACCOUNT`], whose root has the access key [`PRODUCTION_ROOT_KEY`].
    pub(crate) async fn production() -> Self {
        let kind = DeploymentKind::Production;
        let world = Self::open(Arc::new(MemoryEngine::new()), clock(), kind, Arc::new(NoWebIdentityKeys)).await;
        let account: AccountId = ACCOUNT.parse().unwrap();
        let key = AccessKeyRowKey(PRODUCTION_ROOT_KEY.parse().unwrap());
        let now = world.clock.now();
        let wrapped = world.iam.secrets.wrap(&[b's'; 40], &key.binding(), world.random.as_ref()).unwrap();
        let (row, record) = (AccountRowKey(account), AccountRecord::new(now));
        let (row, record, wrapped) = (&row, &record, &wrapped);
        let made = world.iam.store.transact("production", |tx| async move {
            tx.put(row, record)?;
            tx.put(&key, &AccessKeyRecord::of_root(account, now, wrapped.clone()))?;
            Ok::<_, StoreError>(())
        });
        let (_, revision) = made.await.unwrap();
        world.iam.applied.wait_for(revision.unwrap()).await.unwrap();
        world
    }

    /// This world after a restart: the same store and clock, nothing else.
    pub(crate) async fn restarted(&self) -> Self {
        let keys = Arc::clone(&self.web_identity_keys);
        Self::open(Arc::clone(&self.engine), Arc::clone(&self.clock), self.kind, keys).await
    }

    async fn open(
        engine: Arc<dyn Engine>,
        clock: Arc<FakeClock>,
        kind: DeploymentKind,
        web_identity_keys: Arc<dyn WebIdentityKeys>,
    ) -> Self {
        let random = Arc::new(SeededRandom::new(clock.now().unix_ms().unsigned_abs()));
        let directory = Arc::new(Directory::new(kind));
        let follower = Follower::load(Arc::clone(&engine), Arc::clone(&directory), clock.clone()).await;
        let (mut follower, applied) = follower.unwrap();
        tokio::spawn(async move { follower.run().await });
        let journal = Arc::new(MemoryJournal::new());
        let iam = Arc::new(Iam {
            directory,
            credentials: Credentials::default(),
            secrets: Secrets::new(Arc::new(DomainKeys::new(Some(domain_keys())))),
            store: Store::new(Arc::clone(&engine)),
            applied,
            freshness: Freshness::default(),
            decisions: Decisions::new(DECISIONS_KEPT),
            clock: clock.clone(),
            world_clock: clock.clone(),
            random: random.clone(),
            web_identity_keys: Arc::clone(&web_identity_keys),
            audit: Audit::new(journal.clone(), None),
        });
        Self { iam, clock, random, engine, kind, web_identity_keys, journal, last_request: Mutex::default() }
    }

    /// The decisions of the last request, as an administrator of this account may see them.
    pub(crate) fn told(&self, account: &str) -> Vec<String> {
        let request = self.last_request.lock().unwrap().unwrap();
        let decisions = self.iam.decisions.of_request(request.as_str());
        decisions.iter().filter_map(|decision| decision.tell(account.parse().unwrap())).collect()
    }

    /// The root of [`ACCOUNT`].
    pub(crate) fn root(&self) -> Client<'_> {
        match self.kind {
            DeploymentKind::Development => self.root_of(ACCOUNT),
            DeploymentKind::Production => self.client(PRODUCTION_ROOT_KEY, &"s".repeat(40), None),
        }
    }

    /// The root of an account of a development world.
    pub(crate) fn root_of(&self, account: &str) -> Client<'_> {
        self.client(account, "test", None)
    }

    /// Whoever has this access key.
    pub(crate) fn client(&self, id: &str, secret: &str, token: Option<&str>) -> Client<'_> {
        let keys = Keys { id: id.to_owned(), secret: secret.to_owned(), token: token.map(str::to_owned) };
        Client { world: self, keys, region: "us-east-1".to_owned(), peer: IpAddr::V4(Ipv4Addr::LOCALHOST) }
    }

    /// A new user of [`ACCOUNT`] with an inline policy `p` (none if the text is empty) and an access key.
    pub(crate) async fn user(&self, name: &str, policy: &str) -> Client<'_> {
        self.user_of(&self.root(), name, policy).await
    }

    /// A new user of the account that `root` is the root of.
    pub(crate) async fn user_of(&self, root: &Client<'_>, name: &str, policy: &str) -> Client<'_> {
        root.iam("CreateUser", &[("UserName", name)]).await.unwrap();
        if !policy.is_empty() {
            root.allow(name, policy).await;
        }
        self.key_of(root, name).await
    }

    /// A new access key of a user.
    pub(crate) async fn key_of(&self, root: &Client<'_>, name: &str) -> Client<'_> {
        let key = root.iam("CreateAccessKey", &[("UserName", name)]).await.unwrap();
        self.client(&key.text("AccessKey/AccessKeyId"), &key.text("AccessKey/SecretAccessKey"), None)
    }

    /// The temporary credentials that an STS operation answered with.
    pub(crate) fn session(&self, answer: &Answer) -> Client<'_> {
        let text = |name: &str| answer.text(&format!("Credentials/{name}"));
        self.client(&text("AccessKeyId"), &text("SecretAccessKey"), Some(&text("SessionToken")))
    }
}

fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at(Timestamp::parse_basic_iso("20261121T120000Z").unwrap()))
}

/// The domain keys of every world, so that a restarted one opens what it has stored.
fn domain_keys() -> DomainKeyRing {
    DomainKeyRing::new(DomainKey::new(DomainKeyId::from_bytes([7; 16]), SecretArray::new([7; 32])), []).unwrap()
}

/// A document that allows `action` (one, or several with commas between them) on `resource`.
pub(crate) fn allow(action: &str, resource: &str) -> String {
    let actions: Vec<String> = action.split(',').map(|action| format!("{action:?}")).collect();
    let actions = actions.join(",");
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"{resource}"}}]}}"#
    )
}

/// An access key, and its session's token.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

/// A caller who signs its requests.
#[derive(Clone)]
pub(crate) struct Client<'w> {
    pub(crate) world: &'w World,
    pub(crate) keys: Keys,
    pub(crate) region: String,
    pub(crate) peer: IpAddr,
}

/// Parameters of a request: names as the Query protocol has them, `Tags.member.1.Key`.
pub(crate) type Parameters<'a> = &'a [(&'a str, &'a str)];

impl<'w> Client<'w> {
    /// Calls an operation of IAM.
    pub(crate) async fn iam(&self, action: &str, parameters: Parameters<'_>) -> Result<Answer, Refused> {
        self.call("iam", "2010-05-08", action, parameters).await
    }

    /// Calls an operation of STS.
    pub(crate) async fn sts(&self, action: &str, parameters: Parameters<'_>) -> Result<Answer, Refused> {
        self.call("sts", "2011-06-15", action, parameters).await
    }

    /// The same caller, signing for another Region.
    pub(crate) fn in_region(&self, region: &str) -> Client<'w> {
        Client { region: region.to_owned(), ..self.clone() }
    }

    /// Gives a user of the caller's account an inline policy `p`.
    pub(crate) async fn allow(&self, user: &str, policy: &str) {
        let parameters = [("UserName", user), ("PolicyName", "p"), ("PolicyDocument", policy)];
        self.iam("PutUserPolicy", &parameters).await.unwrap();
    }

    /// Calls operations of IAM of which each is refused: operation, parameters, code, message. A message that ends with `...`
    /// need only begin so.
    pub(crate) async fn refused(&self, rows: &[(&str, Parameters<'_>, &str, &str)]) {
        for (operation, parameters, code, message) in rows {
            let refused = self.iam(operation, parameters).await.unwrap_err();
            let begins = message.strip_suffix("...").is_some_and(|start| refused.message.starts_with(start));
            assert!(refused.code == *code && (begins || refused.message == *message), "{operation} {refused:?}");
        }
    }

    /// Sends a form without signing it.
    pub(crate) async fn unsigned(
        &self,
        version: &str,
        action: &str,
        parameters: Parameters<'_>,
    ) -> Result<Answer, Refused> {
        self.send(request(version, action, parameters)).await
    }

    async fn call(
        &self,
        service: &'static str,
        version: &str,
        action: &str,
        parameters: Parameters<'_>,
    ) -> Result<Answer, Refused> {
        let mut request = request(version, action, parameters);
        self.signer(service).sign(&mut request, self.world.clock.now()).unwrap();
        self.send(request).await
    }

    fn signer(&self, service: &'static str) -> Signer {
        Signer {
            access_key_id: self.keys.id.parse::<AccessKeyId>().unwrap(),
            secret_access_key: SecretBytes::from_slice(self.keys.secret.as_bytes()),
            security_token: self.keys.token.as_ref().map(|token| SecretBytes::from_slice(token.as_bytes())),
            region: self.region.parse().unwrap(),
            service,
        }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Answer, Refused> {
        let (head, body) = request.into_parts();
        let request_id = RequestId::generate(self.world.random.as_ref()).unwrap();
        *self.world.last_request.lock().unwrap() = Some(request_id);
        let mut secrets = kagiban_testkit::Secrets::default();
        secrets.add_headers(&head.headers);
        secrets.add_body(&body);
        let raw = RawRequest { request_id, head, body, peer: self.peer, secure_transport: false, tls: None };
        assert!(Iam::speaks(&raw));
        let response = self.world.iam.call(&raw).await;
        secrets.add_body(&response.body);
        self.world.journal.assert_recorded(request_id, response.status, secrets);
        let text = String::from_utf8(response.body.to_vec()).unwrap();
        let answer = Answer::read(&text);
        if response.status.is_success() {
            assert_eq!(answer.text("ResponseMetadata/RequestId"), request_id.as_str());
            return Ok(answer.result());
        }
        assert_eq!(answer.text("RequestId"), request_id.as_str());
        let (code, message) = (answer.text("Error/Code"), answer.text("Error/Message"));
        Err(Refused { status: response.status.as_u16(), code, message })
    }
}

fn request(version: &str, action: &str, parameters: Parameters<'_>) -> Request<Bytes> {
    Request::post("http://iam.test/")
        .header("host", "iam.test")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(form(version, action, parameters))
        .unwrap()
}

/// Policy documents come percent-encoded.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(after.get(..2).unwrap(), 16).unwrap());
        rest = after.get(2..).unwrap();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap()
}

/// The error that a client sees.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// An element of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    name: String,
    text: String,
    inner: Vec<Answer>,
}

impl Answer {
    fn read(xml: &str) -> Self {
        fn element(node: roxmltree::Node<'_, '_>) -> Answer {
            Answer {
                name: node.tag_name().name().to_owned(),
                text: node.text().unwrap_or_default().to_owned(),
                inner: node.children().filter(roxmltree::Node::is_element).map(element).collect(),
            }
        }
        element(roxmltree::Document::parse(xml).unwrap().root_element())
    }

    /// What stands in `...Result`; empty for operations without one.
    fn result(self) -> Self {
        self.inner.into_iter().find(|inner| inner.name.ends_with("Result")).unwrap_or_default()
    }

    /// The elements at this path, `Users/member/UserName`.
    pub(crate) fn all(&self, path: &str) -> Vec<&Self> {
        path.split('/').fold(vec![self], |found, name| {
            found.into_iter().flat_map(|element| element.inner.iter().filter(move |inner| inner.name == name)).collect()
        })
    }

    /// The texts of the elements at this path.
    pub(crate) fn texts(&self, path: &str) -> Vec<String> {
        self.all(path).into_iter().map(|element| element.text.clone()).collect()
    }

    /// The text of the one element at this path; empty when there is none.
    pub(crate) fn text(&self, path: &str) -> String {
        let found = self.all(path);
        assert!(found.len() <= 1, "{path} is there {} times", found.len());
        found.first().map(|element| element.text.clone()).unwrap_or_default()
    }

    /// Whether there is such an element.
    pub(crate) fn has(&self, path: &str) -> bool {
        !self.all(path).is_empty()
    }
}
