"use strict";
// The subject as the environment names it (../subject.py sets the variables), and clients for it.

const { randomInt } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { test } = require("node:test");
const { KMSClient } = require("@aws-sdk/client-kms");

const endpoint = process.env.KAGIBAN_SUBJECT_ENDPOINT;
if (!endpoint) throw new Error("run under ../subject.py, or set KAGIBAN_SUBJECT_ENDPOINT");
const region = process.env.AWS_REGION ?? "us-east-1";
const oneAccount = process.env.KAGIBAN_SUBJECT_ACCOUNT_ID;

/** Credentials of an account's root: a new account for each call, unless the subject has but one. */
function credentials() {
  const secretAccessKey = process.env.AWS_SECRET_ACCESS_KEY ?? "test";
  if (oneAccount) return { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey, account: oneAccount };
  const account = String(randomInt(10 ** 11, 2 * 10 ** 11));
  return { accessKeyId: account, secretAccessKey, account };
}

/** A client as a program makes it; nothing but the endpoint differs from one for AWS. */
function client(given = credentials(), settings = {}) {
  return new KMSClient({ endpoint, region, credentials: given, maxAttempts: 1, ...settings });
}

const listed = JSON.parse(readFileSync(join(__dirname, "..", "exceptions.json"), "utf8"));
const exceptions = listed[process.env.KAGIBAN_SUBJECT_NAME] ?? {};

/** A test, or one that may fail when the list of exceptions names it for this subject. */
function conformance(title, body) {
  test(title, exceptions[title] ? { todo: exceptions[title] } : {}, body);
}

module.exports = { client, conformance, credentials, endpoint, region };
