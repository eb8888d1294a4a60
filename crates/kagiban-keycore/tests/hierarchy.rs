//! Root key, domain keys and wrapped secrets: what opens, what does not, and what is said about it.
#![expect(clippy::unwrap_used, reason = "tests")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::os::OsRandom;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::{SecretArray, SecretBytes};
use kagiban_keycore::hierarchy::{
    DomainKey, DomainKeyId, DomainKeyRing, InvalidWrappedSecret, RingError, SECRET_LEN_MAX, UnwrapError, WrapError,
    WrappedSecret,
};
use kagiban_keycore::material::SymmetricMaterial;
use kagiban_keycore::passphrase::{PassphraseError, PassphraseParameters};
use kagiban_keycore::root_key::{InvalidRootKeyText, LocalRootKey, RootKey, RootKeyError, generate_text};
use kagiban_keycore::row_binding::RowBinding;
use serde_json::Value;

fn row(id: u8) -> RowBinding {
    RowBinding::new("key_material").part("key", &[id; 16]).part("material", &[1; 32])
}

fn root(byte: u8) -> LocalRootKey {
    LocalRootKey::new(&SecretArray::new([byte; 32])).unwrap()
}

fn domain_key() -> DomainKey {
    DomainKey::generate(&OsRandom).unwrap()
}

fn ring() -> DomainKeyRing {
    DomainKeyRing::new(domain_key(), []).unwrap()
}

#[test]
fn a_domain_key_opens_in_its_row_under_its_root_key_only() {
    let (key, binding) = (domain_key(), RowBinding::new("domain_keys").part("id", b"1"));
    let wrapped = root(1).wrap(key.secret(), &binding, &OsRandom).unwrap();
    assert_eq!(root(1).unwrap_key(&wrapped, &binding).unwrap().expose(), key.secret().expose());

    let moved = root(1).unwrap_key(&wrapped, &RowBinding::new("domain_keys").part("id", b"2"));
    assert_eq!(moved.err(), Some(RootKeyError::DoesNotOpen));
    let wrong = root(2).unwrap_key(&wrapped, &binding);
    let expected = RootKeyError::WrongRootKey { wrapped_by: root(1).id(), at_hand: root(2).id() };
    assert_eq!(wrong.err(), Some(expected));
}

#[test]
fn every_flipped_bit_and_truncation_of_a_wrapped_domain_key_is_noticed() {
    let binding = RowBinding::new("domain_keys");
    let wrapped = root(1).wrap(domain_key().secret(), &binding, &OsRandom).unwrap();
    assert_eq!(wrapped.len(), 77);
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = root(1).unwrap_key(&changed, &binding).unwrap_err();
        let as_expected = match bit / 8 {
            0 => error == RootKeyError::Malformed,
            1..=16 => matches!(error, RootKeyError::WrongRootKey { .. }),
            _ => error == RootKeyError::DoesNotOpen,
        };
        assert!(as_expected, "bit {bit}: {error}");
    }
    for len in 0..wrapped.len() {
        assert_eq!(root(1).unwrap_key(&wrapped[..len], &binding).unwrap_err(), RootKeyError::Malformed);
    }
    let longer = [wrapped.as_slice(), &[0]].concat();
    assert_eq!(root(1).unwrap_key(&longer, &binding).unwrap_err(), RootKeyError::Malformed);
}

#[test]
fn a_secret_moved_to_another_row_or_table_does_not_open() {
    let ring = ring();
    let wrapped = ring.wrap(b"secret", &row(1), &OsRandom).unwrap();
    assert_eq!(ring.unwrap_key(&wrapped, &row(1)).unwrap().expose(), b"secret");
    for other in [
        row(2),
        row(1).part("more", b""),
        RowBinding::new("key_material"),
        RowBinding::new("other_table").part("key", &[1; 16]).part("material", &[1; 32]),
        RowBinding::new("key_material").part("kez", &[1; 16]).part("material", &[1; 32]),
    ] {
        assert_eq!(ring.unwrap_key(&wrapped, &other).err(), Some(UnwrapError::DoesNotOpen));
    }
}

#[test]
fn every_flipped_bit_of_a_wrapped_secret_is_noticed() {
    let ring = ring();
    let stored = ring.wrap(b"secret", &row(1), &OsRandom).unwrap().encode();
    for bit in 0..stored.len() * 8 {
        let mut changed = stored.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let refused = match WrappedSecret::decode(&changed) {
            Err(InvalidWrappedSecret) => bit / 8 == 0,
            Ok(wrapped) => match ring.unwrap_key(&wrapped, &row(1)) {
                Err(UnwrapError::UnknownDomainKey { id }) => id != ring.current_id() && (1..=16).contains(&(bit / 8)),
                Err(UnwrapError::DoesNotOpen) => bit / 8 > 16,
                Ok(_) => false,
            },
        };
        assert!(refused, "bit {bit}");
    }
}

#[test]
fn stored_secrets_have_one_form_and_bounds() {
    let ring = ring();
    let stored = ring.wrap(b"s", &row(1), &OsRandom).unwrap().encode();
    assert_eq!(stored.len(), 1 + 16 + 12 + 1 + 16);
    for len in 0..stored.len() {
        assert_eq!(WrappedSecret::decode(&stored[..len]), Err(InvalidWrappedSecret), "{len}");
    }
    let longest = ring.wrap(&vec![0; SECRET_LEN_MAX], &row(1), &OsRandom).unwrap().encode();
    assert!(WrappedSecret::decode(&longest).is_ok());
    assert_eq!(WrappedSecret::decode(&[longest.as_slice(), &[0]].concat()), Err(InvalidWrappedSecret));
    for len in [0, SECRET_LEN_MAX + 1] {
        assert_eq!(ring.wrap(&vec![0; len], &row(1), &OsRandom), Err(WrapError::Length { len }));
    }
}

#[test]
fn a_rotated_domain_key_still_opens_what_it_wrapped() {
    let first = ring();
    let old = first.wrap(b"old", &row(1), &OsRandom).unwrap();
    let second = first.rotated(domain_key()).unwrap();
    let new = second.wrap(b"new", &row(2), &OsRandom).unwrap();

    assert_ne!(first.current_id(), second.current_id());
    assert_eq!(old.domain_key_id(), first.current_id());
    assert_eq!(new.domain_key_id(), second.current_id());
    assert!(second.contains(first.current_id()));
    assert_eq!(second.unwrap_key(&old, &row(1)).unwrap().expose(), b"old");
    let id = second.current_id();
    assert_eq!(first.unwrap_key(&new, &row(2)).err(), Some(UnwrapError::UnknownDomainKey { id }));
}

#[test]
fn a_ring_is_rebuilt_from_stored_keys() {
    let keys: Vec<_> = (0..3).map(|_| domain_key()).collect();
    let copy = |key: &DomainKey| DomainKey::new(key.id(), SecretArray::new(*key.secret().expose()));
    let before = DomainKeyRing::new(copy(&keys[0]), [copy(&keys[1])]).unwrap();
    let wrapped = before.wrap(b"secret", &row(1), &OsRandom).unwrap();
    let after = DomainKeyRing::new(copy(&keys[2]), [copy(&keys[1]), copy(&keys[0])]).unwrap();
    assert_eq!(after.unwrap_key(&wrapped, &row(1)).unwrap().expose(), b"secret");

    let id = keys[0].id();
    let duplicate = RingError::DuplicateId { id };
    assert_eq!(DomainKeyRing::new(copy(&keys[0]), [copy(&keys[0])]).err(), Some(duplicate));
    assert_eq!(DomainKeyRing::new(copy(&keys[1]), [copy(&keys[0]), copy(&keys[0])]).err(), Some(duplicate));
    assert_eq!(after.rotated(copy(&keys[0])).err(), Some(duplicate));
}

#[test]
fn what_is_generated_is_fresh() {
    let (one, other) = (domain_key(), domain_key());
    assert_ne!(one.id(), other.id());
    assert_ne!(one.secret().expose(), other.secret().expose());
    let material = || SymmetricMaterial::generate(&OsRandom).unwrap();
    assert_ne!(material().expose(), material().expose());
    let parameters = || PassphraseParameters::generate(&OsRandom).unwrap();
    assert_ne!(parameters(), parameters());
    let usual = parameters();
    assert!(usual.to_string().starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
    assert_eq!(usual.to_string().parse(), Ok(usual));
}

#[test]
fn domain_key_ids_round_trip() {
    let text = "00ff00ff00ff00ff00ff00ff00ff00ff";
    assert_eq!(text.parse::<DomainKeyId>().unwrap().to_string(), text);
    assert_eq!(text.parse::<DomainKeyId>().unwrap().as_bytes()[..2], [0, 0xff]);
    for bad in
        ["", &text[1..], &text.to_uppercase(), "+0ff00ff00ff00ff00ff00ff00ff00ff", "é0ff00ff00ff00ff00ff00ff00ff00f"]
    {
        assert!(bad.parse::<DomainKeyId>().is_err(), "{bad}");
    }
}

#[test]
fn root_keys_are_read_from_text() {
    let text = STANDARD.encode([7; 32]);
    assert_eq!(LocalRootKey::from_text(text.as_bytes()).unwrap().id(), root(7).id());
    assert_eq!(LocalRootKey::from_text(format!(" {text}\r\n").as_bytes()).unwrap().id(), root(7).id());
    let generated = generate_text(&OsRandom).unwrap();
    assert!(LocalRootKey::from_text(generated.expose()).is_ok());
    assert_ne!(generated.expose(), generate_text(&OsRandom).unwrap().expose());
    assert_ne!(root(7).id(), root(8).id());

    for (bad, expected) in [
        (String::new(), InvalidRootKeyText::Length { len: 0 }),
        (STANDARD.encode([7; 16]), InvalidRootKeyText::Length { len: 24 }),
        (STANDARD.encode([7; 64]), InvalidRootKeyText::Length { len: 88 }),
        (text[..43].to_owned(), InvalidRootKeyText::Length { len: 43 }),
        ("07".repeat(32), InvalidRootKeyText::Length { len: 64 }),
        (STANDARD.encode([7; 31]), InvalidRootKeyText::NotBase64),
        (STANDARD.encode([7; 33]), InvalidRootKeyText::NotBase64),
        ("ä".repeat(22), InvalidRootKeyText::NotBase64),
        (text.replace('=', "A"), InvalidRootKeyText::NotBase64),
        (STANDARD.encode([0xff; 32]).replace('/', "_"), InvalidRootKeyText::NotBase64),
    ] {
        assert_eq!(LocalRootKey::from_text(bad.as_bytes()).err(), Some(expected), "{bad}");
    }
}

#[test]
fn passphrases_have_bounds() {
    let parameters = PassphraseParameters::new([0; 16], 19 * 1024, 2, 1).unwrap();
    for len in [0, 11, 1025] {
        let refused = LocalRootKey::from_passphrase(&SecretBytes::zeroed(len), &parameters);
        assert_eq!(refused.err(), Some(PassphraseError::Length { len }));
    }
}

/// A source of randomness that has run dry.
struct Dry;

impl Random for Dry {
    fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }

    fn fill_public(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }
}

#[test]
fn nothing_is_made_without_randomness() {
    assert_eq!(DomainKey::generate(&Dry).err(), Some(RandomError));
    assert_eq!(generate_text(&Dry).err(), Some(RandomError));
    assert_eq!(PassphraseParameters::generate(&Dry).err(), Some(RandomError));
    assert_eq!(ring().wrap(b"secret", &row(1), &Dry), Err(WrapError::Random(RandomError)));
    let wrapped = root(1).wrap(domain_key().secret(), &row(1), &Dry);
    assert_eq!(wrapped, Err(RootKeyError::Random(RandomError)));
}

#[test]
fn debug_shows_names_and_no_secrets() {
    let key = DomainKey::new(DomainKeyId::from_bytes([0xab; 16]), SecretArray::new([0xcd; 32]));
    let id = "ab".repeat(16);
    assert_eq!(format!("{key:?}"), format!("DomainKey {{ id: DomainKeyId({id}), secret: SecretArray(32 bytes) }}"));
    let ring = DomainKeyRing::new(key, []).unwrap();
    assert_eq!(format!("{ring:?}"), format!("DomainKeyRing {{ current: DomainKeyId({id}), older: [] }}"));
    let root = root(1);
    assert_eq!(format!("{root:?}"), format!("LocalRootKey {{ id: RootKeyId({}), .. }}", root.id()));
}

/// Made by `vectors/make_hierarchy_v1.py` from the document alone.
fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/hierarchy-v1.json")).unwrap()
}

fn unhex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn vector_row(row: &Value) -> RowBinding {
    // Names of tables and labels are fixed in the program; a test may keep those it reads for ever.
    let fixed = |text: &Value| -> &'static str { Box::leak(text.as_str().unwrap().to_owned().into_boxed_str()) };
    let parts = row["parts"].as_array().unwrap().iter();
    parts.fold(RowBinding::new(fixed(&row["table"])), |row, part| row.part(fixed(&part[0]), &unhex(&part[1])))
}

/// Gives the same nonce every time.
struct Scripted(Vec<u8>);

impl Random for Scripted {
    fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }

    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

#[test]
fn wrapped_values_are_the_published_ones() {
    let vectors = vectors();
    let root = LocalRootKey::from_text(vectors["root_key"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(root.id().to_string(), vectors["root_key_id"]);

    let (wrapped, binding) = (unhex(&vectors["wrapped_domain_key"]), vector_row(&vectors["domain_key_row"]));
    let domain_key = root.unwrap_key(&wrapped, &binding).unwrap();
    assert_eq!(domain_key.expose().as_slice(), unhex(&vectors["domain_key"]));
    let nonce = Scripted(unhex(&vectors["domain_key_nonce"]));
    assert_eq!(root.wrap(&domain_key, &binding, &nonce).unwrap(), wrapped);

    let id = vectors["domain_key_id"].as_str().unwrap().parse().unwrap();
    let ring = DomainKeyRing::new(DomainKey::new(id, domain_key), []).unwrap();
    let (stored, binding) = (unhex(&vectors["wrapped_secret"]), vector_row(&vectors["secret_row"]));
    let secret = ring.unwrap_key(&WrappedSecret::decode(&stored).unwrap(), &binding).unwrap();
    assert_eq!(secret.expose(), unhex(&vectors["secret"]));
    let nonce = Scripted(unhex(&vectors["secret_nonce"]));
    assert_eq!(ring.wrap(secret.expose(), &binding, &nonce).unwrap().encode(), stored);
}

#[test]
fn passphrases_give_the_published_root_keys() {
    for one in vectors()["passphrases"].as_array().unwrap() {
        let parameters: PassphraseParameters = one["parameters"].as_str().unwrap().parse().unwrap();
        let passphrase = SecretBytes::from_slice(one["passphrase"].as_str().unwrap().as_bytes());
        let root = LocalRootKey::from_passphrase(&passphrase, &parameters).unwrap();
        assert_eq!(root.id().to_string(), one["root_key_id"]);
    }
}
