//! The AWS SDK for Rust at its real job: keys, aliases, envelope encryption, pages, errors.

use std::collections::HashMap;

use aws_sdk_kms::Client;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::RequestId;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, KeySpec, KeyState, KeyUsageType, OriginType, Tag};
use conformance_rust::Account;

const UNKNOWN_ID: &str = "11111111-2222-4333-8444-555555555555";

/// A new account with a key that an alias names.
async fn account_with_key() -> (Account, Client, String) {
    let account = Account::fresh();
    let kms = account.client();
    let key_id = new_key(&kms).await;
    kms.create_alias().alias_name(&account.alias).target_key_id(&key_id).send().await.unwrap();
    (account, kms, key_id)
}

async fn new_key(kms: &Client) -> String {
    kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id
}

/// The call failed with this code, on status 400 and with a request id.
fn assert_refused<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(
    answer: Result<T, SdkError<E>>,
    code: &str,
    message: Option<&str>,
) {
    let error = answer.unwrap_err();
    assert_eq!(error.code(), Some(code), "{error:?}");
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 400);
    assert_eq!(error.request_id().unwrap().len(), 36);
    if message.is_some() {
        assert_eq!(error.message(), message);
    }
}

#[tokio::test]
async fn a_key_is_created_described_and_named() {
    let account = Account::fresh();
    let kms = account.client();
    let made = kms.create_key().description("rust").send().await.unwrap().key_metadata.unwrap();
    assert_eq!(made.arn(), Some(account.arn(&format!("key/{}", made.key_id())).as_str()));
    assert_eq!((made.enabled(), made.key_state()), (true, Some(&KeyState::Enabled)));
    assert_eq!(made.key_spec(), Some(&KeySpec::SymmetricDefault));
    assert_eq!(made.key_usage(), Some(&KeyUsageType::EncryptDecrypt));
    assert_eq!(made.origin(), Some(&OriginType::AwsKms));
    assert_eq!(made.multi_region(), Some(false));
    assert_eq!(made.current_key_material_id().map(str::len), Some(64));
    kms.create_alias().alias_name(&account.alias).target_key_id(made.key_id()).send().await.unwrap();
    for form in [made.key_id(), made.arn().unwrap(), &account.alias, &account.arn(&account.alias)] {
        let described = kms.describe_key().key_id(form).send().await.unwrap().key_metadata.unwrap();
        assert_eq!(described, made, "{form}");
    }
}

#[tokio::test]
async fn bytes_are_encrypted_decrypted_and_re_encrypted() {
    let (account, kms, key_id) = account_with_key().await;
    let context = HashMap::from([("purpose".to_owned(), "größe ☃".to_owned()), ("empty".to_owned(), String::new())]);
    let sealed = kms
        .encrypt()
        .key_id(&account.alias)
        .plaintext(Blob::new("secret"))
        .set_encryption_context(Some(context.clone()))
        .send()
        .await
        .unwrap();
    assert_eq!(sealed.key_id(), Some(account.arn(&format!("key/{key_id}")).as_str()));
    let blob = sealed.ciphertext_blob.unwrap();
    let open = kms.decrypt().ciphertext_blob(blob.clone());
    let opened = open.clone().set_encryption_context(Some(context.clone())).send().await.unwrap();
    assert_eq!(opened.plaintext().map(AsRef::as_ref), Some(b"secret".as_slice()));
    assert_refused(open.send().await, "InvalidCiphertextException", None);

    let other = new_key(&kms).await;
    let moved = kms.re_encrypt().ciphertext_blob(blob).destination_key_id(&other);
    let moved = moved.set_source_encryption_context(Some(context)).send().await.unwrap();
    assert_eq!(moved.key_id(), Some(account.arn(&format!("key/{other}")).as_str()));
    let opened = kms.decrypt().ciphertext_blob(moved.ciphertext_blob.unwrap()).send().await.unwrap();
    assert_eq!(opened.plaintext().map(AsRef::as_ref), Some(b"secret".as_slice()));
}

#[tokio::test]
async fn data_keys_are_wrapped_and_unwrapped() {
    let (account, kms, _) = account_with_key().await;
    for (spec, size, length) in
        [(Some(DataKeySpec::Aes128), None, 16), (Some(DataKeySpec::Aes256), None, 32), (None, Some(1024), 1024)]
    {
        let made = kms.generate_data_key().key_id(&account.alias).set_key_spec(spec.clone()).set_number_of_bytes(size);
        let made = made.send().await.unwrap();
        let opened = kms.decrypt().ciphertext_blob(made.ciphertext_blob.unwrap()).send().await.unwrap();
        assert_eq!(opened.plaintext, made.plaintext);
        assert_eq!(made.plaintext.unwrap().as_ref().len(), length);
        assert_eq!(opened.key_material_id, made.key_material_id);

        let bare = kms
            .generate_data_key_without_plaintext()
            .key_id(&account.alias)
            .set_key_spec(spec)
            .set_number_of_bytes(size);
        let bare = bare.send().await.unwrap();
        let opened = kms.decrypt().ciphertext_blob(bare.ciphertext_blob.unwrap()).send().await.unwrap();
        assert_eq!(opened.plaintext.unwrap().as_ref().len(), length);
    }
    let random = kms.generate_random().number_of_bytes(32).send().await.unwrap();
    assert_eq!(random.plaintext.unwrap().as_ref().len(), 32);
}

#[tokio::test]
async fn pages_are_read_to_the_end_by_the_paginators() {
    let account = Account::fresh();
    let kms = account.client();
    let mut created = Vec::new();
    for number in 0..7 {
        created.push(new_key(&kms).await);
        let name = format!("{}-{number}", account.alias);
        kms.create_alias().alias_name(name).target_key_id(&created[0]).send().await.unwrap();
    }
    let keys =
        kms.list_keys().into_paginator().page_size(3).items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    let mut listed: Vec<String> = keys.into_iter().filter_map(|key| key.key_id).collect();
    listed.sort();
    created.sort();
    assert_eq!(listed, created);
    let aliases =
        kms.list_aliases().into_paginator().page_size(2).items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    let mut names: Vec<String> = aliases.into_iter().filter_map(|alias| alias.alias_name).collect();
    names.sort();
    assert_eq!(names, (0..7).map(|number| format!("{}-{number}", account.alias)).collect::<Vec<_>>());
    assert_refused(kms.list_keys().marker("nonsense").send().await, "InvalidMarkerException", None);
}

#[tokio::test]
async fn tags_description_policy_and_aliases_change() {
    let (account, kms, key_id) = account_with_key().await;
    let tag = |key: &str| Tag::builder().tag_key(key).tag_value("value").build().unwrap();
    kms.tag_resource().key_id(&key_id).tags(tag("a")).tags(tag("b")).send().await.unwrap();
    kms.untag_resource().key_id(&key_id).tag_keys("a").send().await.unwrap();
    assert_eq!(kms.list_resource_tags().key_id(&key_id).send().await.unwrap().tags(), [tag("b")]);

    kms.update_key_description().key_id(&key_id).description("new").send().await.unwrap();
    let described = kms.describe_key().key_id(&key_id).send().await.unwrap().key_metadata.unwrap();
    assert_eq!(described.description(), Some("new"));

    let policy = kms.get_key_policy().key_id(&key_id).send().await.unwrap().policy.unwrap();
    kms.put_key_policy().key_id(&key_id).policy(&policy).send().await.unwrap();
    assert_eq!(kms.get_key_policy().key_id(&key_id).send().await.unwrap().policy.unwrap(), policy);
    assert_eq!(kms.list_key_policies().key_id(&key_id).send().await.unwrap().policy_names(), ["default"]);

    let other = new_key(&kms).await;
    kms.update_alias().alias_name(&account.alias).target_key_id(&other).send().await.unwrap();
    let named = kms.describe_key().key_id(&account.alias).send().await.unwrap().key_metadata.unwrap();
    assert_eq!(named.key_id, other);
    kms.delete_alias().alias_name(&account.alias).send().await.unwrap();
    let gone = kms.describe_key().key_id(&account.alias).send().await;
    assert!(gone.unwrap_err().into_service_error().is_not_found_exception());
}

#[tokio::test]
async fn states_change_and_errors_have_their_types() {
    let (account, kms, key_id) = account_with_key().await;
    let arn = account.arn(&format!("key/{key_id}"));
    let encrypt = || kms.encrypt().key_id(&key_id).plaintext(Blob::new("x"));
    let blob = encrypt().send().await.unwrap().ciphertext_blob.unwrap();
    kms.disable_key().key_id(&key_id).send().await.unwrap();
    assert_refused(encrypt().send().await, "DisabledException", Some(&format!("{arn} is disabled.")));
    kms.enable_key().key_id(&key_id).send().await.unwrap();
    let scheduled = kms.schedule_key_deletion().key_id(&key_id).pending_window_in_days(7).send().await.unwrap();
    assert_eq!(scheduled.key_state(), Some(&KeyState::PendingDeletion));
    assert_refused(encrypt().send().await, "KMSInvalidStateException", Some(&format!("{arn} is pending deletion.")));
    kms.cancel_key_deletion().key_id(&key_id).send().await.unwrap();
    kms.enable_key().key_id(&key_id).send().await.unwrap();

    let other = new_key(&kms).await;
    let wrong = kms.decrypt().key_id(other).ciphertext_blob(blob).send().await;
    assert!(wrong.unwrap_err().into_service_error().is_incorrect_key_exception());
    assert_refused(encrypt().dry_run(true).send().await, "DryRunOperationException", None);
    assert_refused(encrypt().plaintext(Blob::new(vec![0; 4097])).send().await, "ValidationException", None);
    let missing = format!("Key '{}' does not exist", account.arn(&format!("key/{UNKNOWN_ID}")));
    assert_refused(kms.describe_key().key_id(UNKNOWN_ID).send().await, "NotFoundException", Some(&missing));
    let taken = kms.create_alias().alias_name(&account.alias).target_key_id(&key_id).send().await;
    assert!(taken.unwrap_err().into_service_error().is_already_exists_exception());
}

#[tokio::test]
async fn wrong_credentials_are_told_apart() {
    let account = Account::fresh();
    account.client().list_keys().send().await.unwrap();
    let wrong = account.client_with(&account.id, "wrong").list_keys().send().await;
    assert_refused(wrong, "InvalidSignatureException", None);
    let unknown = account.client_with("AKIAIOSFODNN7EXAMPLE", "test").list_keys().send().await;
    assert_refused(unknown, "UnrecognizedClientException", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_share_a_client() {
    let (account, kms, _) = account_with_key().await;
    let tasks: Vec<_> = (0..200)
        .map(|number| tokio::spawn(round_trip(kms.clone(), account.alias.clone(), format!("text {number}"))))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn round_trip(kms: Client, alias: String, text: String) {
    let sealed = kms.encrypt().key_id(alias).plaintext(Blob::new(text.clone())).send().await.unwrap();
    let opened = kms.decrypt().ciphertext_blob(sealed.ciphertext_blob.unwrap()).send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap().as_ref(), text.as_bytes());
}
