"use strict";
// Asymmetric and HMAC keys in the AWS SDK for JavaScript v3, with Node's own cryptography on the other side.

const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const kms = require("@aws-sdk/client-kms");
const { client, conformance } = require("./subject.js");

const text = (value) => Buffer.from(value, "utf8");
const digestOf = (hash, value) => crypto.createHash(hash).update(value).digest();
const json = (value) => text(JSON.stringify(value)).toString("base64url");

/** A key of a new account, and a function that sends a command about it. */
async function newKey(KeySpec, KeyUsage, more = {}) {
  const sdk = client();
  const { KeyMetadata: key } = await sdk.send(new kms.CreateKeyCommand({ KeySpec, KeyUsage, ...more }));
  const send = (Command, members = {}) => sdk.send(new Command({ KeyId: key.KeyId, ...members }));
  return { key, send };
}

/** The public half, in Node's hands. */
async function publicKeyOf({ send }) {
  const { PublicKey } = await send(kms.GetPublicKeyCommand);
  return crypto.createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
}

const PSS = { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST };
const SIGNING = [
  ["ECC_NIST_P256", "ECDSA_SHA_256", "sha256", {}],
  ["ECC_NIST_P384", "ECDSA_SHA_384", "sha384", {}],
  ["ECC_NIST_P521", "ECDSA_SHA_512", "sha512", {}],
  ["ECC_SECG_P256K1", "ECDSA_SHA_256", "sha256", {}],
  ["ECC_NIST_EDWARDS25519", "ED25519_SHA_512", null, {}],
  ["RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", "sha256", {}],
  ["RSA_2048", "RSASSA_PSS_SHA_512", "sha512", PSS],
];

for (const [spec, SigningAlgorithm, hash, options] of SIGNING) {
  conformance(`signatures of ${spec} by ${SigningAlgorithm} hold in node:crypto`, async () => {
    const signer = await newKey(spec, "SIGN_VERIFY");
    const key = await publicKeyOf(signer);
    const Message = crypto.randomBytes(1000);
    const { Signature, KeyId } = await signer.send(kms.SignCommand, { Message, SigningAlgorithm });
    assert.equal(KeyId, signer.key.Arn);
    assert.ok(crypto.verify(hash, Message, { key, ...options }, Signature));
    assert.ok(!crypto.verify(hash, Message.subarray(1), { key, ...options }, Signature));
    const verified = await signer.send(kms.VerifyCommand, { Message, SigningAlgorithm, Signature });
    assert.equal(verified.SignatureValid, true);
    const forged = signer.send(kms.VerifyCommand, { Message: Message.subarray(1), SigningAlgorithm, Signature });
    await assert.rejects(forged, kms.KMSInvalidSignatureException);
    if (hash === null) return;
    const digest = { Message: digestOf(hash, Message), MessageType: "DIGEST", SigningAlgorithm };
    assert.ok((await signer.send(kms.VerifyCommand, { ...digest, Signature })).SignatureValid);
  });
}

/** The two numbers of a DER signature, side by side, as JWS has them (RFC 7518, section 3.4). */
function sideBySide(der, size) {
  const first = { at: 4, length: der[3] };
  const second = { at: 6 + der[3], length: der[5 + der[3]] };
  const number = ({ at, length }) => Buffer.from(der).subarray(at, at + length);
  const fixed = (bytes) => Buffer.concat([Buffer.alloc(size), bytes]).subarray(-size);
  return Buffer.concat([fixed(number(first)), fixed(number(second))]);
}

conformance("a JSON Web Token is signed here and verified by a key set", async () => {
  const signer = await newKey("ECC_NIST_P256", "SIGN_VERIFY");
  const kid = signer.key.KeyId;
  const jwk = { ...(await publicKeyOf(signer)).export({ format: "jwk" }), kid, alg: "ES256", use: "sig" };
  assert.deepEqual([jwk.kty, jwk.crv], ["EC", "P-256"]);
  const keySet = JSON.parse(JSON.stringify({ keys: [jwk] }));

  const signed = `${json({ alg: "ES256", typ: "JWT", kid })}.${json({ sub: "somebody", iat: 1 })}`;
  const { Signature } = await signer.send(kms.SignCommand, {
    Message: digestOf("sha256", signed),
    MessageType: "DIGEST",
    SigningAlgorithm: "ECDSA_SHA_256",
  });
  const token = `${signed}.${sideBySide(Signature, 32).toString("base64url")}`;

  const [header, claims, signature] = token.split(".");
  const named = keySet.keys.find((candidate) => candidate.kid === JSON.parse(Buffer.from(header, "base64url")).kid);
  const key = { key: crypto.createPublicKey({ key: named, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  const holds = (said) => crypto.verify("sha256", text(said), key, Buffer.from(signature, "base64url"));
  assert.ok(holds(`${header}.${claims}`));
  assert.ok(!holds(`${header}.${json({ sub: "somebody else", iat: 1 })}`));
});

conformance("a ciphertext of node:crypto is decrypted under an RSA key", async () => {
  const owner = await newKey("RSA_2048", "ENCRYPT_DECRYPT");
  const key = await publicKeyOf(owner);
  for (const [EncryptionAlgorithm, oaepHash] of [["RSAES_OAEP_SHA_1", "sha1"], ["RSAES_OAEP_SHA_256", "sha256"]]) {
    const CiphertextBlob = crypto.publicEncrypt({ key, oaepHash }, text("a secret"));
    const { Plaintext } = await owner.send(kms.DecryptCommand, { CiphertextBlob, EncryptionAlgorithm });
    assert.equal(Buffer.from(Plaintext).toString(), "a secret");
  }
});

conformance("a shared secret is the same on both sides", async () => {
  const owner = await newKey("ECC_NIST_P384", "KEY_AGREEMENT");
  const peer = crypto.generateKeyPairSync("ec", { namedCurve: "secp384r1" });
  const PublicKey = peer.publicKey.export({ format: "der", type: "spki" });
  const { SharedSecret } = await owner.send(kms.DeriveSharedSecretCommand, { KeyAgreementAlgorithm: "ECDH", PublicKey });
  const ours = crypto.diffieHellman({ privateKey: peer.privateKey, publicKey: await publicKeyOf(owner) });
  assert.deepEqual(Buffer.from(SharedSecret), ours);
});

conformance("an HMAC key is imported, and both sides make the same codes", async () => {
  const { send } = await newKey("HMAC_512", "GENERATE_VERIFY_MAC", { Origin: "EXTERNAL" });
  const parameters = await send(kms.GetParametersForImportCommand, {
    WrappingAlgorithm: "RSAES_OAEP_SHA_256",
    WrappingKeySpec: "RSA_2048",
  });
  assert.ok(parameters.ParametersValidTo > new Date());
  const wrappingKey = crypto.createPublicKey({ key: Buffer.from(parameters.PublicKey), format: "der", type: "spki" });
  const material = crypto.randomBytes(64);
  const members = {
    ImportToken: parameters.ImportToken,
    EncryptedKeyMaterial: crypto.publicEncrypt({ key: wrappingKey, oaepHash: "sha256" }, material),
  };
  await assert.rejects(send(kms.ImportKeyMaterialCommand, members), { name: "ValidationException" });
  const ValidTo = new Date(Math.floor(Date.now() / 1000) * 1000 + 86_400_000);
  await send(kms.ImportKeyMaterialCommand, { ...members, ValidTo });
  const { KeyMetadata } = await send(kms.DescribeKeyCommand);
  assert.deepEqual([KeyMetadata.KeyState, KeyMetadata.ExpirationModel], ["Enabled", "KEY_MATERIAL_EXPIRES"]);
  assert.deepEqual(KeyMetadata.ValidTo, ValidTo);

  const said = { Message: text("a message"), MacAlgorithm: "HMAC_SHA_512" };
  const { Mac } = await send(kms.GenerateMacCommand, said);
  assert.deepEqual(Buffer.from(Mac), crypto.createHmac("sha512", material).update("a message").digest());
  assert.ok((await send(kms.VerifyMacCommand, { ...said, Mac })).MacValid);
  await assert.rejects(send(kms.VerifyMacCommand, { ...said, Mac: Mac.slice(1) }), kms.KMSInvalidMacException);
  await send(kms.DeleteImportedKeyMaterialCommand);
  await assert.rejects(send(kms.GenerateMacCommand, said), kms.KMSInvalidStateException);
});

conformance("the private half of a data key pair signs in node:crypto", async () => {
  const { send } = await newKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
  for (const [KeyPairSpec, hash] of [["ECC_NIST_EDWARDS25519", null], ["ECC_NIST_P256", "sha256"], ["RSA_2048", "sha256"]]) {
    const pair = await send(kms.GenerateDataKeyPairCommand, { KeyPairSpec });
    const { Plaintext } = await send(kms.DecryptCommand, { CiphertextBlob: pair.PrivateKeyCiphertextBlob });
    assert.deepEqual(Plaintext, pair.PrivateKeyPlaintext);
    const privateKey = crypto.createPrivateKey({ key: Buffer.from(Plaintext), format: "der", type: "pkcs8" });
    const publicKey = crypto.createPublicKey({ key: Buffer.from(pair.PublicKey), format: "der", type: "spki" });
    const signature = crypto.sign(hash, text("a message"), privateKey);
    assert.ok(crypto.verify(hash, text("a message"), publicKey, signature));
  }
});
