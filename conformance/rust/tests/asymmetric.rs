//! Asymmetric keys in the AWS SDK for Rust, with another library on the other side.

use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{
    DataKeyPairSpec, KeyAgreementAlgorithmSpec, KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec,
};
use conformance_rust::Account;
use p256::ecdh::EphemeralSecret;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::elliptic_curve::Generate;
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePublicKey};

async fn new_key(kms: &Client, usage: KeyUsageType) -> String {
    let create = kms.create_key().key_spec(KeySpec::EccNistP256).key_usage(usage);
    create.send().await.unwrap().key_metadata.unwrap().key_id
}

/// The public half as the other library knows it.
async fn public_key(kms: &Client, key_id: &str) -> p256::PublicKey {
    let answer = kms.get_public_key().key_id(key_id).send().await.unwrap();
    assert_eq!(answer.key_spec(), Some(&KeySpec::EccNistP256));
    p256::PublicKey::from_public_key_der(answer.public_key().unwrap().as_ref()).unwrap()
}

#[tokio::test]
async fn signatures_hold_in_another_library_and_forged_ones_nowhere() {
    let kms = Account::fresh().client();
    let key_id = new_key(&kms, KeyUsageType::SignVerify).await;
    let verifying_key = VerifyingKey::from(public_key(&kms, &key_id).await);
    let ecdsa = SigningAlgorithmSpec::EcdsaSha256;
    let message = b"a message".as_slice();
    let signed = kms.sign().key_id(&key_id).signing_algorithm(ecdsa.clone()).message(Blob::new(message));
    let signature = signed.send().await.unwrap().signature.unwrap();
    let parsed = Signature::from_der(signature.as_ref()).unwrap();
    assert!(verifying_key.verify(message, &parsed).is_ok());
    assert!(verifying_key.verify(b"another message", &parsed).is_err());

    let verify = kms.verify().key_id(&key_id).signing_algorithm(ecdsa.clone()).signature(signature);
    assert!(verify.clone().message(Blob::new(message)).send().await.unwrap().signature_valid());
    let forged = verify.message(Blob::new("another message")).send().await;
    assert!(forged.unwrap_err().into_service_error().is_kms_invalid_signature_exception());

    let digest = [7; 32];
    let signed = kms.sign().key_id(&key_id).signing_algorithm(ecdsa).message_type(MessageType::Digest);
    let signature = signed.message(Blob::new(digest)).send().await.unwrap().signature.unwrap();
    let parsed = Signature::from_der(signature.as_ref()).unwrap();
    assert!(verifying_key.verify_prehash(&digest, &parsed).is_ok());
}

#[tokio::test]
async fn a_shared_secret_is_the_same_on_both_sides() {
    let kms = Account::fresh().client();
    let key_id = new_key(&kms, KeyUsageType::KeyAgreement).await;
    let ours = EphemeralSecret::generate();
    let derive = kms.derive_shared_secret().key_id(&key_id).key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh);
    let spki = ours.public_key().to_public_key_der().unwrap();
    let theirs = derive.public_key(Blob::new(spki.as_bytes())).send().await.unwrap().shared_secret.unwrap();
    let agreed = ours.diffie_hellman(&public_key(&kms, &key_id).await);
    assert_eq!(theirs.as_ref(), agreed.raw_secret_bytes().as_slice());
}

#[tokio::test]
async fn the_private_half_of_a_data_key_pair_signs_in_another_library() {
    let kms = Account::fresh().client();
    let key_id = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    let pair = kms.generate_data_key_pair().key_id(&key_id).key_pair_spec(DataKeyPairSpec::EccNistP256);
    let pair = pair.send().await.unwrap();
    let opened = kms.decrypt().ciphertext_blob(pair.private_key_ciphertext_blob.unwrap()).send().await.unwrap();
    assert_eq!(opened.plaintext, pair.private_key_plaintext);
    let signing_key = SigningKey::from_pkcs8_der(opened.plaintext.unwrap().as_ref()).unwrap();
    let verifying_key = VerifyingKey::from_public_key_der(pair.public_key.unwrap().as_ref()).unwrap();
    let signature: Signature = signing_key.sign(b"a message");
    assert!(verifying_key.verify(b"a message", &signature).is_ok());
}
