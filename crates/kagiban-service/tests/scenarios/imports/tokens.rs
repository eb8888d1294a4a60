//! Import tokens open for the key they were made for, for 24 hours, and for nobody else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::time::DAY_MS;
use serde_json::{Value, json};

use super::{FIRST, Parameters, external_key, imported_key, scene, waiting_key};
use crate::support::{ACCOUNT, OTHER_ACCOUNT, REGION, Scene, assert_refused, base64, describe, encrypt, refusal, with};

const INVALID: &str = "The import token is not valid, or belongs to another KMS key.";

/// Every one of these tokens is refused for the key, and nothing is written.
async fn assert_invalid(scene: &Scene, key: &str, input: &Value, tokens: Vec<String>) {
    let refused = |token| {
        let input = with(input, json!({"ImportToken": token}));
        refusal("ImportKeyMaterial", input, "InvalidImportTokenException", INVALID)
    };
    let client = scene.client();
    let before = describe(&client, key).await;
    assert_refused(scene, &client, tokens.into_iter().map(refused).collect()).await;
    assert_eq!(describe(&client, key).await, before);
    client.call("ImportKeyMaterial", input.clone()).await.unwrap();
}

#[tokio::test]
async fn a_token_is_for_one_key_in_one_account_and_region() {
    let scene = scene().await;
    let client = scene.client();
    let (key, own) = waiting_key(&client).await;
    let mut foreign = Vec::new();
    for (account, region) in [(ACCOUNT, REGION), (OTHER_ACCOUNT, REGION), (ACCOUNT, "eu-west-1")] {
        let client = scene.world.client(account, region);
        let (_, parameters) = waiting_key(&client).await;
        foreign.push(parameters.token);
    }
    assert_invalid(&scene, &key, &own.input(&key, &FIRST), foreign).await;
}

/// The same, the other way round: material wrapped under the token's own key does not help.
#[tokio::test]
async fn a_token_and_its_material_are_not_taken_by_another_key() {
    let scene = scene().await;
    let client = scene.client();
    let (_, parameters) = waiting_key(&client).await;
    let other = external_key(&client, json!({})).await;
    let input = parameters.input(&other, &FIRST);
    let refused = refusal("ImportKeyMaterial", input, "InvalidImportTokenException", INVALID);
    assert_refused(&scene, &client, vec![refused]).await;
}

#[tokio::test]
async fn a_token_that_was_changed_anywhere_is_refused() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let token = STANDARD.decode(&parameters.token).unwrap();
    let changed = |at: usize| {
        let mut token = token.clone();
        token[at] ^= 1;
        base64(&token)
    };
    // Every byte of the head, whatever it holds, and then here and there.
    let mut tokens: Vec<String> = (0..64).chain((64..token.len()).step_by(53)).map(changed).collect();
    tokens.push(changed(token.len() - 1));
    for len in [1, 16, 64, token.len() / 2, token.len() - 1] {
        tokens.push(base64(&token[..len]));
    }
    tokens.push(base64(&[token.as_slice(), &[0]].concat()));
    tokens.push(base64(&[0; 1]));
    tokens.push(base64(&[0xff; 6144]));
    assert_invalid(&scene, &key, &parameters.input(&key, &FIRST), tokens).await;
}

/// Other things that this service seals, with the same keys: none of them is a token.
#[tokio::test]
async fn what_was_sealed_for_something_else_is_no_token() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, _) = imported_key(&client).await;
    let blob = encrypt(&client, &key, "aGk=").await;
    assert_invalid(&scene, &key, &parameters.input(&key, &FIRST), vec![blob]).await;
}

#[tokio::test]
async fn a_token_is_good_for_24_hours_and_not_a_millisecond_longer() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let input = parameters.input(&key, &FIRST);
    scene.world.clock.move_by_ms(DAY_MS);
    client.call("ImportKeyMaterial", input.clone()).await.unwrap();
    scene.world.clock.move_by_ms(1);
    let text = "The import token has expired; get new parameters.";
    let refused = refusal("ImportKeyMaterial", input.clone(), "ExpiredImportTokenException", text);
    assert_refused(&scene, &client, vec![refused]).await;
    // Others are not touched by that.
    let fresh = Parameters::of(&client, &key).await;
    client.call("ImportKeyMaterial", fresh.input(&key, &FIRST)).await.unwrap();
    // What the clock says counts, not which call came first.
    scene.world.clock.move_by_ms(-1);
    client.call("ImportKeyMaterial", input).await.unwrap();
}

/// An old token of another key says nothing about its age.
#[tokio::test]
async fn a_foreign_token_is_foreign_before_it_is_old() {
    let scene = scene().await;
    let client = scene.client();
    let (_, old) = waiting_key(&client).await;
    scene.world.clock.move_by_ms(2 * DAY_MS);
    let (key, parameters) = waiting_key(&client).await;
    assert_invalid(&scene, &key, &parameters.input(&key, &FIRST), vec![old.token]).await;
}
