"use strict";
// Users and sessions in the AWS SDK for JavaScript v3: IAM, STS, and the credential providers that programs use.

const assert = require("node:assert/strict");
const { createPrivateKey, sign } = require("node:crypto");
const { mkdtempSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { CreateAccessKeyCommand, CreateOpenIDConnectProviderCommand, CreateRoleCommand, CreateUserCommand, GetUserCommand, IAMClient, PutRolePolicyCommand, PutUserPolicyCommand, paginateListUsers } = require("@aws-sdk/client-iam");
const kms = require("@aws-sdk/client-kms");
const { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } = require("@aws-sdk/client-sts");
const { fromTemporaryCredentials, fromTokenFile, fromWebToken } = require("@aws-sdk/credential-providers");
const { client, conformance, credentials, endpoint, region } = require("./subject.js");
const provider = require("../provider.json");

const SUBJECT = "system:serviceaccount:shop:web";
const AUDIENCE = "sts.amazonaws.com";
const document = (...Statement) => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (Action, Resource = "*") => ({ Effect: "Allow", Action, Resource });
const settings = (given) => ({ endpoint, region, credentials: given, maxAttempts: 1 });
const identity = (given) => new STSClient(settings(given)).send(new GetCallerIdentityCommand({}));

/** An account with a user who may assume any role, and a key. */
async function world() {
  const root = credentials();
  const iam = new IAMClient(settings(root));
  await iam.send(new CreateUserCommand({ UserName: "ann" }));
  const policy = { UserName: "ann", PolicyName: "assume", PolicyDocument: document(allow("sts:AssumeRole")) };
  await iam.send(new PutUserPolicyCommand(policy));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ann" }));
  const ann = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  const { KeyMetadata: key } = await client(root).send(new kms.CreateKeyCommand({}));
  return { root, iam, ann, key };
}

/** A role that trusts so and may do this; its ARN. */
async function role(iam, RoleName, trust, ...statements) {
  const statement = { Effect: "Allow", Action: "sts:AssumeRole", ...trust };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document(statement) }));
  const policy = { RoleName, PolicyName: "inline", PolicyDocument: document(...statements) };
  await iam.send(new PutRolePolicyCommand(policy));
  return Role.Arn;
}

/** A token of the provider for a service account. */
function token(claims = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const said = { iss: provider.issuer, sub: SUBJECT, aud: [AUDIENCE], iat: now - 5, exp: now + 600, ...claims };
  const signed = `${part({ alg: "ES256", kid: provider.key.kid, typ: "JWT" })}.${part(said)}`;
  const key = createPrivateKey({ key: provider.key, format: "jwk" });
  return `${signed}.${sign("sha256", signed, { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

async function refused(promise, name, text) {
  const error = await promise.then(() => assert.fail(`expected ${name}`), (caught) => caught);
  assert.equal(error.name, name, error.message);
  if (text) assert.match(error.message, text);
  return error;
}

conformance("a user is made, may what its policy says, and is told what it may not", async () => {
  const { root, iam, ann, key } = await world();
  const encrypt = new kms.EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from("x") });
  const why = /^User: arn:aws:iam::\d{12}:user\/ann is not authorized to perform: kms:Encrypt on resource: .* because no identity-based policy allows the kms:Encrypt action$/;
  const error = await refused(client(ann).send(encrypt), "AccessDeniedException", why);
  assert.equal(error.$metadata.httpStatusCode, 400);
  const policy = { UserName: "ann", PolicyName: "use", PolicyDocument: document(allow("kms:Encrypt", key.Arn)) };
  await iam.send(new PutUserPolicyCommand(policy));
  assert.equal((await client(ann).send(encrypt)).KeyId, key.Arn);
  assert.equal((await identity(ann)).Arn, `arn:aws:iam::${root.account}:user/ann`);
  const missing = await refused(iam.send(new GetUserCommand({ UserName: "nobody" })), "NoSuchEntityException");
  assert.equal(missing.$metadata.httpStatusCode, 404);
  for (const UserName of ["ben", "cat", "dan"]) await iam.send(new CreateUserCommand({ UserName }));
  const names = [];
  for await (const page of paginateListUsers({ client: iam, pageSize: 3 }, {})) names.push(...page.Users.map((u) => u.UserName));
  assert.deepEqual(names.sort(), ["ann", "ben", "cat", "dan"]);
});

conformance("fromTemporaryCredentials assumes a role, and one behind it", async () => {
  const { root, iam, ann, key } = await world();
  const arn = `arn:aws:iam::${root.account}:user/ann`;
  const first = await role(iam, "first", { Principal: { AWS: arn }, Condition: { StringEquals: { "sts:ExternalId": "42" } } }, allow("sts:AssumeRole"));
  const second = await role(iam, "second", { Principal: { AWS: first } }, allow("kms:DescribeKey"));
  const clientConfig = { endpoint, region, maxAttempts: 1 };
  const one = fromTemporaryCredentials({ masterCredentials: ann, params: { RoleArn: first, ExternalId: "42" }, clientConfig });
  const params = { RoleArn: second, RoleSessionName: "two" };
  const two = fromTemporaryCredentials({ masterCredentials: one, params, clientConfig });
  assert.equal((await identity(two)).Arn, `arn:aws:sts::${root.account}:assumed-role/second/two`);
  await client(two).send(new kms.DescribeKeyCommand({ KeyId: key.KeyId }));
  await refused(client(two).send(new kms.ListKeysCommand({})), "AccessDeniedException", /assumed-role\/second\/two/);
  const without = fromTemporaryCredentials({ masterCredentials: ann, params: { RoleArn: first }, clientConfig });
  await refused(client(without).send(new kms.ListKeysCommand({})), "AccessDenied", /sts:AssumeRole/);
});

conformance("a session policy and session credentials", async () => {
  const { root, iam, ann, key } = await world();
  const RoleArn = await role(iam, "r", { Principal: { AWS: root.account } }, allow("kms:*"));
  const sts = new STSClient(settings(ann));
  const Policy = document(allow("kms:DescribeKey", key.Arn));
  const { Credentials: made } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "narrow", Policy }));
  assert.ok(made.Expiration > new Date(Date.now() + 3_000_000));
  const given = (found) => ({ accessKeyId: found.AccessKeyId, secretAccessKey: found.SecretAccessKey, sessionToken: found.SessionToken });
  await client(given(made)).send(new kms.DescribeKeyCommand({ KeyId: key.KeyId }));
  await refused(client(given(made)).send(new kms.ListKeysCommand({})), "AccessDeniedException", /no session policy allows/);
  const bare = { ...given(made), sessionToken: undefined };
  await refused(client(bare).send(new kms.ListKeysCommand({})), "UnrecognizedClientException");
  const { Credentials: own } = await sts.send(new GetSessionTokenCommand({}));
  assert.equal((await identity(given(own))).Arn, `arn:aws:iam::${root.account}:user/ann`);
});

const withProvider = process.env.KAGIBAN_SUBJECT_ISSUER === provider.issuer ? conformance : () => {};

withProvider("fromTokenFile and fromWebToken turn a pod's token into a session", async () => {
  const { root, iam } = await world();
  const { OpenIDConnectProviderArn: Federated } = await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: provider.issuer, ClientIDList: [AUDIENCE] }),
  );
  const Condition = { StringEquals: { [`${provider.issuer.slice("https://".length)}:sub`]: SUBJECT } };
  const trust = { Principal: { Federated }, Action: "sts:AssumeRoleWithWebIdentity", Condition };
  const roleArn = await role(iam, "web", trust, allow("kms:ListKeys"));
  const clientConfig = { endpoint, region, maxAttempts: 1 };
  const folder = mkdtempSync(join(tmpdir(), "kagiban-"));
  try {
    const webIdentityTokenFile = join(folder, "token");
    writeFileSync(webIdentityTokenFile, token());
    const pod = fromTokenFile({ webIdentityTokenFile, roleArn, roleSessionName: "pod", clientConfig });
    assert.equal((await identity(pod)).Arn, `arn:aws:sts::${root.account}:assumed-role/web/pod`);
    await client(pod).send(new kms.ListKeysCommand({}));
    await refused(client(pod).send(new kms.ListAliasesCommand({})), "AccessDeniedException");
  } finally {
    rmSync(folder, { recursive: true });
  }
  const other = fromWebToken({ webIdentityToken: token({ sub: "another" }), roleArn, clientConfig });
  await refused(client(other).send(new kms.ListKeysCommand({})), "AccessDenied");
  const expired = Math.floor(Date.now() / 1000) - 3600;
  const old = fromWebToken({ webIdentityToken: token({ iat: expired - 600, exp: expired }), roleArn, clientConfig });
  await refused(client(old).send(new kms.ListKeysCommand({})), "ExpiredTokenException");
});
