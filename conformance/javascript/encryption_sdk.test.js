"use strict";
// The AWS Encryption SDK for JavaScript: messages under data keys of KMS.

const assert = require("node:assert/strict");
const { randomBytes } = require("node:crypto");
const { Readable } = require("node:stream");
const { pipeline } = require("node:stream/promises");
const {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  KMS,
  KmsKeyringNode,
  buildClient,
  getClient,
} = require("@aws-crypto/client-node");
const { conformance, credentials, endpoint } = require("./subject.js");

const { encrypt, decrypt, encryptStream, decryptStream } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const CONTEXT = { purpose: "conformance", größe: "☃" };

/** An account, with a function that makes keyrings from its keys. */
async function account() {
  const given = credentials();
  const clientProvider = getClient(KMS, { endpoint, credentials: given, maxAttempts: 1 });
  const sdk = clientProvider(process.env.AWS_REGION ?? "us-east-1");
  const key = async () => (await sdk.createKey({})).KeyMetadata.Arn;
  const keyring = (generatorKeyId, ...keyIds) => new KmsKeyringNode({ clientProvider, generatorKeyId, keyIds });
  const discovery = (accountIDs) =>
    new KmsKeyringNode({ clientProvider, discovery: true, discoveryFilter: { accountIDs, partition: "aws" } });
  return { id: given.account, sdk, key, keyring, discovery };
}

for (const size of [0, 1, 4096, 100_000]) {
  conformance(`a message of ${size} bytes comes back`, async () => {
    const { key, keyring } = await account();
    const ring = keyring(await key());
    const plaintext = randomBytes(size);
    const { result } = await encrypt(ring, plaintext, { encryptionContext: CONTEXT });
    const opened = await decrypt(ring, result);
    assert.deepEqual(opened.plaintext, plaintext);
    for (const [name, value] of Object.entries(CONTEXT)) assert.equal(opened.messageHeader.encryptionContext[name], value);
  });
}

conformance("a message in a suite without signature", async () => {
  const { key, keyring } = await account();
  const ring = keyring(await key());
  const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
  const { result } = await encrypt(ring, "short", { suiteId, encryptionContext: CONTEXT });
  assert.equal((await decrypt(ring, result)).plaintext.toString(), "short");
});

conformance("many messages", async () => {
  const { key, keyring } = await account();
  const ring = keyring(await key());
  const texts = Array.from({ length: 20 }, (_, n) => `message ${n}`);
  const sealed = await Promise.all(texts.map((text) => encrypt(ring, text)));
  const opened = await Promise.all(sealed.map(({ result }) => decrypt(ring, result)));
  assert.deepEqual(opened.map(({ plaintext }) => plaintext.toString()), texts);
});

conformance("a message for two keys is opened by either", async () => {
  const { sdk, key, keyring } = await account();
  const [first, second] = [await key(), await key()];
  const { result } = await encrypt(keyring(first, second), "for both", { encryptionContext: CONTEXT });
  await sdk.disableKey({ KeyId: first });
  assert.equal((await decrypt(keyring(second), result)).plaintext.toString(), "for both");
  await assert.rejects(decrypt(keyring(first), result));
});

conformance("discovery finds the key within its filter", async () => {
  const { id, key, keyring, discovery } = await account();
  const { result } = await encrypt(keyring(await key()), "found");
  assert.equal((await decrypt(discovery([id]), result)).plaintext.toString(), "found");
  await assert.rejects(decrypt(discovery(["999999999999"]), result));
});

conformance("the wrong key and a damaged message are refused", async () => {
  const { key, keyring } = await account();
  const ring = keyring(await key());
  const { result } = await encrypt(ring, "text");
  await assert.rejects(decrypt(keyring(await key()), result));
  const damaged = Buffer.from(result);
  damaged[damaged.length - 1] ^= 1;
  await assert.rejects(decrypt(ring, damaged));
});

conformance("a stream of many frames", async () => {
  const { key, keyring } = await account();
  const ring = keyring(await key());
  const plaintext = randomBytes(1 << 20);
  const collected = [];
  await pipeline(
    Readable.from([plaintext]),
    encryptStream(ring, { encryptionContext: CONTEXT, frameLength: 4096 }),
    decryptStream(ring),
    async (chunks) => {
      for await (const chunk of chunks) collected.push(chunk);
    },
  );
  assert.deepEqual(Buffer.concat(collected), plaintext);
});
