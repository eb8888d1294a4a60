//! Messages between deployments: what opens, what does not, and that nothing tells why.

use kagiban_base::os::OsRandom;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretArray;
use kagiban_keycore::channel::{
    CertificateFingerprint, ChannelKey, MESSAGE_LEN_MAX, MessageBinding, MessageDoesNotOpen, OVERHEAD, SealMessageError,
};

const HERE: CertificateFingerprint = CertificateFingerprint::from_bytes([1; 32]);
const THERE: CertificateFingerprint = CertificateFingerprint::from_bytes([2; 32]);

fn key(byte: u8) -> ChannelKey {
    ChannelKey::new(SecretArray::new([byte; 32]))
}

fn binding() -> MessageBinding {
    MessageBinding::new("question", &HERE, &THERE).part("request-id", b"1")
}

#[test]
fn a_message_opens_on_its_occasion_only() {
    let sealed = key(1).seal(b"a step", &binding(), &OsRandom).unwrap();
    assert_eq!(sealed.len(), b"a step".len() + OVERHEAD);
    assert_eq!(key(1).open(&sealed, &binding()).unwrap().expose(), b"a step");
    assert_eq!(key(2).open(&sealed, &binding()).err(), Some(MessageDoesNotOpen), "another pairing");
    for other in [
        MessageBinding::new("answer", &HERE, &THERE).part("request-id", b"1"),
        MessageBinding::new("question", &THERE, &HERE).part("request-id", b"1"),
        MessageBinding::new("question", &HERE, &HERE).part("request-id", b"1"),
        MessageBinding::new("question", &HERE, &THERE).part("request-id", b"2"),
        MessageBinding::new("question", &HERE, &THERE).part("request", b"-id1"),
        MessageBinding::new("question", &HERE, &THERE),
        binding().part("key", b""),
    ] {
        assert_eq!(key(1).open(&sealed, &other).err(), Some(MessageDoesNotOpen), "{other:?}");
    }
}

#[test]
fn every_flipped_bit_and_truncation_is_noticed() {
    let sealed = key(1).seal(b"a step", &binding(), &OsRandom).unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(key(1).open(&changed, &binding()).is_err(), "bit {bit}");
    }
    for len in 0..sealed.len() {
        assert!(key(1).open(&sealed[..len], &binding()).is_err(), "{len} bytes");
    }
    assert!(key(1).open(&[sealed.as_slice(), &[0]].concat(), &binding()).is_err());
}

#[test]
fn lengths() {
    for len in [0, 1, MESSAGE_LEN_MAX] {
        let sealed = key(1).seal(&vec![7; len], &binding(), &OsRandom).unwrap();
        assert_eq!(key(1).open(&sealed, &binding()).unwrap().len(), len);
    }
    let too_long = key(1).seal(&vec![7; MESSAGE_LEN_MAX + 1], &binding(), &OsRandom);
    assert_eq!(too_long, Err(SealMessageError::Length { len: MESSAGE_LEN_MAX + 1 }));
}

#[test]
fn no_two_messages_share_a_key() {
    let one = key(1).seal(b"the same", &binding(), &OsRandom).unwrap();
    let other = key(1).seal(b"the same", &binding(), &OsRandom).unwrap();
    assert_ne!(one[1..33], other[1..33], "salts");
    assert_ne!(one[33..], other[33..], "ciphertexts");
}

#[test]
fn both_sides_and_their_nonces_make_the_pairing() {
    let made = |invitation: u8, inviter, invited, nonces: [u8; 2]| {
        let [one, other] = nonces.map(|byte| [byte; 32]);
        *key(invitation).of_pairing(inviter, invited, [&one, &other]).unwrap().expose()
    };
    let first = made(1, &HERE, &THERE, [3, 4]);
    assert_eq!(first, made(1, &HERE, &THERE, [3, 4]));
    assert_ne!(&first, key(1).expose());
    for other in [
        made(2, &HERE, &THERE, [3, 4]),
        made(1, &THERE, &HERE, [3, 4]),
        made(1, &HERE, &THERE, [4, 3]),
        made(1, &HERE, &THERE, [3, 5]),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn fingerprints_are_texts() {
    let fingerprint = CertificateFingerprint::of(b"abc");
    let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(fingerprint.to_string(), text);
    assert_eq!(text.parse::<CertificateFingerprint>().unwrap(), fingerprint);
    let accent = format!("{}é", &text[..62]);
    for bad in ["", &text[1..], &format!("{text}0"), &text.to_uppercase(), &text.replace('b', "g"), accent.as_str()] {
        assert!(bad.parse::<CertificateFingerprint>().is_err(), "{bad}");
    }
}

struct NoRandom;

impl Random for NoRandom {
    fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }
    fn fill_public(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }
}

#[test]
fn without_randomness_nothing_is_sealed() {
    assert_eq!(key(1).seal(b"x", &binding(), &NoRandom), Err(SealMessageError::Random(RandomError)));
    assert!(ChannelKey::generate(&NoRandom).is_err());
}
