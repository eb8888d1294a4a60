"use strict";
// The AWS SDK for JavaScript v3 at its real job: keys, aliases, envelope encryption, pages, errors, HTTP/2.

const assert = require("node:assert/strict");
const { createCipheriv, createDecipheriv, randomBytes } = require("node:crypto");
const kms = require("@aws-sdk/client-kms");
const { NodeHttp2Handler } = require("@smithy/node-http-handler");
const { client, conformance, credentials, region } = require("./subject.js");

const text = (value) => Buffer.from(value, "utf8");
const UNKNOWN_ID = "11111111-2222-4333-8444-555555555555";

/** A client of a new account with one key and an alias for it. */
async function withKey(settings) {
  const given = credentials();
  const sdk = client(given, settings);
  const { KeyMetadata: key } = await sdk.send(new kms.CreateKeyCommand({ Description: "javascript" }));
  const alias = `alias/javascript-${randomBytes(6).toString("hex")}`;
  await sdk.send(new kms.CreateAliasCommand({ AliasName: alias, TargetKeyId: key.KeyId }));
  return { sdk, key, alias, account: given.account };
}

/** The call must fail with the SDK's own class for this error, with status 400 and a request id. */
async function refused(promise, type, message) {
  const error = await promise.then(
    () => assert.fail(`expected ${type}`),
    (caught) => caught,
  );
  assert.equal(error.name, type, error.message);
  if (kms[type]) assert.ok(error instanceof kms[type]);
  assert.ok(error instanceof kms.KMSServiceException);
  assert.equal(error.$metadata.httpStatusCode, 400);
  assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
  if (message !== undefined) assert.equal(error.message, message);
}

conformance("a key is created, described and named", async () => {
  const { sdk, key, alias, account } = await withKey();
  assert.equal(key.Arn, `arn:aws:kms:${region}:${account}:key/${key.KeyId}`);
  assert.deepEqual(
    { state: key.KeyState, enabled: key.Enabled, spec: key.KeySpec, usage: key.KeyUsage, origin: key.Origin, manager: key.KeyManager },
    { state: "Enabled", enabled: true, spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS", manager: "CUSTOMER" },
  );
  assert.ok(key.CreationDate instanceof Date && Math.abs(Date.now() - key.CreationDate) < 60_000);
  for (const KeyId of [key.KeyId, key.Arn, alias, `arn:aws:kms:${region}:${account}:${alias}`]) {
    const { KeyMetadata } = await sdk.send(new kms.DescribeKeyCommand({ KeyId }));
    assert.deepEqual(KeyMetadata, key);
  }
});

conformance("bytes are encrypted, decrypted and re-encrypted", async () => {
  const { sdk, key, alias } = await withKey();
  const context = { purpose: "test", größe: "☃", empty: "" };
  const sealed = await sdk.send(new kms.EncryptCommand({ KeyId: alias, Plaintext: text("secret"), EncryptionContext: context }));
  assert.equal(sealed.KeyId, key.Arn);
  assert.ok(sealed.CiphertextBlob instanceof Uint8Array);
  const open = (CiphertextBlob, EncryptionContext) => sdk.send(new kms.DecryptCommand({ CiphertextBlob, EncryptionContext }));
  const opened = await open(sealed.CiphertextBlob, { empty: "", größe: "☃", purpose: "test" });
  assert.deepEqual(Buffer.from(opened.Plaintext), text("secret"));
  assert.equal(opened.KeyId, key.Arn);
  await refused(open(sealed.CiphertextBlob, { purpose: "other" }), "InvalidCiphertextException");
  const { KeyMetadata: other } = await sdk.send(new kms.CreateKeyCommand({}));
  const moved = await sdk.send(
    new kms.ReEncryptCommand({ CiphertextBlob: sealed.CiphertextBlob, SourceEncryptionContext: context, DestinationKeyId: other.KeyId }),
  );
  assert.deepEqual([moved.SourceKeyId, moved.KeyId], [key.Arn, other.Arn]);
  assert.deepEqual(Buffer.from((await open(moved.CiphertextBlob)).Plaintext), text("secret"));
});

conformance("envelope encryption of a large text", async () => {
  const { sdk, alias } = await withKey();
  const dataKey = await sdk.send(new kms.GenerateDataKeyCommand({ KeyId: alias, KeySpec: "AES_256" }));
  const plaintext = randomBytes(1 << 20);
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", dataKey.Plaintext, iv);
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const { Plaintext: unwrapped } = await sdk.send(new kms.DecryptCommand({ CiphertextBlob: dataKey.CiphertextBlob }));
  const decipher = createDecipheriv("aes-256-gcm", unwrapped, iv).setAuthTag(cipher.getAuthTag());
  assert.deepEqual(Buffer.concat([decipher.update(sealed), decipher.final()]), plaintext);
  const bare = await sdk.send(new kms.GenerateDataKeyWithoutPlaintextCommand({ KeyId: alias, NumberOfBytes: 64 }));
  assert.equal(bare.Plaintext, undefined);
  const { Plaintext } = await sdk.send(new kms.DecryptCommand({ CiphertextBlob: bare.CiphertextBlob }));
  assert.equal(Plaintext.length, 64);
});

conformance("pages are read to the end by the paginators", async () => {
  const sdk = client();
  const created = [];
  for (let n = 0; n < 7; n++) created.push((await sdk.send(new kms.CreateKeyCommand({}))).KeyMetadata.KeyId);
  const listed = [];
  for await (const page of kms.paginateListKeys({ client: sdk, pageSize: 3 }, {})) {
    assert.ok(page.Keys.length <= 3);
    listed.push(...page.Keys.map((key) => key.KeyId));
  }
  assert.deepEqual(listed.toSorted(), created.toSorted());
  for (let n = 0; n < 5; n++) {
    await sdk.send(new kms.CreateAliasCommand({ AliasName: `alias/n${n}`, TargetKeyId: created[0] }));
  }
  const names = [];
  for await (const page of kms.paginateListAliases({ client: sdk, pageSize: 2 }, { KeyId: created[0] })) {
    names.push(...page.Aliases.map((alias) => alias.AliasName));
  }
  assert.deepEqual(names.toSorted(), [0, 1, 2, 3, 4].map((n) => `alias/n${n}`));
});

conformance("tags, description, policy and aliases change", async () => {
  const { sdk, key, alias } = await withKey();
  const { KeyId } = key;
  const Tags = [{ TagKey: "team", TagValue: "blue" }, { TagKey: "empty", TagValue: "" }];
  await sdk.send(new kms.TagResourceCommand({ KeyId, Tags }));
  await sdk.send(new kms.UntagResourceCommand({ KeyId, TagKeys: ["empty"] }));
  assert.deepEqual((await sdk.send(new kms.ListResourceTagsCommand({ KeyId }))).Tags, Tags.slice(0, 1));
  await sdk.send(new kms.UpdateKeyDescriptionCommand({ KeyId, Description: "new" }));
  assert.equal((await sdk.send(new kms.DescribeKeyCommand({ KeyId }))).KeyMetadata.Description, "new");
  const { Policy } = await sdk.send(new kms.GetKeyPolicyCommand({ KeyId }));
  await sdk.send(new kms.PutKeyPolicyCommand({ KeyId, Policy: ` ${Policy}` }));
  assert.equal((await sdk.send(new kms.GetKeyPolicyCommand({ KeyId, PolicyName: "default" }))).Policy.trim(), Policy.trim());
  assert.deepEqual((await sdk.send(new kms.ListKeyPoliciesCommand({ KeyId }))).PolicyNames, ["default"]);
  const { KeyMetadata: other } = await sdk.send(new kms.CreateKeyCommand({}));
  await sdk.send(new kms.UpdateAliasCommand({ AliasName: alias, TargetKeyId: other.KeyId }));
  assert.equal((await sdk.send(new kms.DescribeKeyCommand({ KeyId: alias }))).KeyMetadata.KeyId, other.KeyId);
  await sdk.send(new kms.DeleteAliasCommand({ AliasName: alias }));
  await refused(sdk.send(new kms.DescribeKeyCommand({ KeyId: alias })), "NotFoundException");
});

conformance("states change and errors have their classes", async () => {
  const { sdk, key } = await withKey();
  const { KeyId } = key;
  const encrypt = () => sdk.send(new kms.EncryptCommand({ KeyId, Plaintext: text("x") }));
  await sdk.send(new kms.DisableKeyCommand({ KeyId }));
  await refused(encrypt(), "DisabledException", `${key.Arn} is disabled.`);
  await sdk.send(new kms.EnableKeyCommand({ KeyId }));
  const { DeletionDate } = await sdk.send(new kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  assert.ok(DeletionDate instanceof Date);
  await refused(encrypt(), "KMSInvalidStateException", `${key.Arn} is pending deletion.`);
  await sdk.send(new kms.CancelKeyDeletionCommand({ KeyId }));
  await refused(encrypt(), "DisabledException");
  await sdk.send(new kms.EnableKeyCommand({ KeyId }));
  const { CiphertextBlob } = await encrypt();
  const { KeyMetadata: other } = await sdk.send(new kms.CreateKeyCommand({}));
  await refused(sdk.send(new kms.DecryptCommand({ CiphertextBlob, KeyId: other.KeyId })), "IncorrectKeyException");
  await refused(sdk.send(new kms.EncryptCommand({ KeyId, Plaintext: text("x"), DryRun: true })), "DryRunOperationException");
  await refused(sdk.send(new kms.DescribeKeyCommand({ KeyId: UNKNOWN_ID })), "NotFoundException");
  await refused(sdk.send(new kms.DecryptCommand({ CiphertextBlob: text("nonsense") })), "InvalidCiphertextException");
  await refused(sdk.send(new kms.ListKeysCommand({ Marker: "nonsense" })), "InvalidMarkerException");
  await refused(sdk.send(new kms.ListKeysCommand({ Limit: 1001 })), "ValidationException");
  await refused(sdk.send(new kms.CreateAliasCommand({ AliasName: "alias/aws/x", TargetKeyId: KeyId })), "InvalidAliasNameException");
});

conformance("wrong credentials are told apart", async () => {
  const good = credentials();
  const list = (given) => client(given).send(new kms.ListKeysCommand({}));
  assert.deepEqual((await list(good)).Keys, []);
  await refused(list({ ...good, secretAccessKey: "wrong" }), "InvalidSignatureException");
  await refused(list({ ...good, accessKeyId: "AKIAIOSFODNN7EXAMPLE" }), "UnrecognizedClientException");
  await refused(list({ ...good, sessionToken: "nonsense" }), "UnrecognizedClientException");
});

conformance("a wrong clock is put right by the answer", async () => {
  // The SDK reads the Date header of the refusal, signs again with the corrected clock, and succeeds.
  const sdk = client(credentials(), { maxAttempts: 2, systemClockOffset: -3_600_000 });
  assert.deepEqual((await sdk.send(new kms.ListKeysCommand({}))).Keys, []);
  const once = client(credentials(), { maxAttempts: 1, systemClockOffset: 3_600_000 });
  await refused(once.send(new kms.ListKeysCommand({})), "InvalidSignatureException");
});

conformance("random bytes", async () => {
  const { Plaintext } = await client().send(new kms.GenerateRandomCommand({ NumberOfBytes: 1024 }));
  assert.equal(Plaintext.length, 1024);
});

conformance("many requests at once over HTTP/1.1", async () => {
  const { sdk, alias } = await withKey();
  await Promise.all(Array.from({ length: 200 }, (_, n) => roundTrip(sdk, alias, `text ${n}`)));
});

conformance("many requests at once over HTTP/2", async () => {
  const { sdk, alias } = await withKey({ requestHandler: new NodeHttp2Handler({ maxConcurrentStreams: 20 }) });
  await Promise.all(Array.from({ length: 200 }, (_, n) => roundTrip(sdk, alias, `text ${n}`)));
  await refused(sdk.send(new kms.DescribeKeyCommand({ KeyId: UNKNOWN_ID })), "NotFoundException");
  sdk.destroy();
});

async function roundTrip(sdk, KeyId, value) {
  const { CiphertextBlob } = await sdk.send(new kms.EncryptCommand({ KeyId, Plaintext: text(value) }));
  const { Plaintext } = await sdk.send(new kms.DecryptCommand({ CiphertextBlob }));
  assert.equal(Buffer.from(Plaintext).toString(), value);
}
