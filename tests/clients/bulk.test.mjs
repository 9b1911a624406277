// jsforce reads and writes records through both bulk APIs.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, beforeEach, test } from "node:test";

import jsforce from "jsforce";

import { startOrg, TOKEN } from "./org.mjs";

const WAITING = { pollInterval: 20, pollTimeout: 30_000 };
let org;
let connection;
let closings;

before(async () => {
  org = await startOrg();
});
after(() => org.stop());
beforeEach(async () => {
  await org.control("reset", {});
  connection = new jsforce.Connection({ instanceUrl: org.url, accessToken: TOKEN, version: "66.0" });
  Object.assign(connection.bulk, WAITING);
  closings = closingsOf(connection.bulk);
});
afterEach(() => Promise.all(closings));

// The client tells a job's results before it closes the job, and the next test empties the org.
function closingsOf(bulk) {
  const found = [];
  const createJob = bulk.createJob.bind(bulk);
  bulk.createJob = (...args) => {
    const job = createJob(...args);
    found.push(once(job, "close"));
    return job;
  };

  return found;
}

test("bulk 2.0 inserts, and tells each row's fate", async () => {
  const input = [
    { LastName: "Åström", Email: "a@acme.example" },
    { LastName: "x", Email: "no address" },
  ];

  const results = await connection.bulk2.loadAndWaitForResults({
    object: "Contact",
    operation: "insert",
    input,
    ...WAITING,
  });

  assert.deepEqual(results.successfulResults.map(({ LastName }) => LastName), ["Åström"]);
  assert.equal(results.successfulResults[0].sf__Created, "true");
  assert.match(results.failedResults[0].sf__Error, /^INVALID_EMAIL_ADDRESS:/);
  assert.equal(results.failedResults[0].Email, "no address");
  assert.deepEqual(results.unprocessedRecords, []);
});

test("bulk 2.0 upserts and deletes, step by step", async () => {
  const upsert = connection.bulk2.createJob({
    object: "Contact",
    operation: "upsert",
    externalIdFieldName: "Counterpart_Id__c",
    lineEnding: "CRLF",
  });
  await upsert.open();
  await upsert.uploadData("Counterpart_Id__c,LastName\r\nK1,one\r\nK2,two\r\n");
  await upsert.close();
  await upsert.poll(WAITING.pollInterval, WAITING.pollTimeout);
  const made = await upsert.getSuccessfulResults();
  const state = await upsert.check();
  await upsert.delete();
  const removed = await connection.bulk2.loadAndWaitForResults({
    object: "Contact",
    operation: "delete",
    input: [{ Id: made[0].sf__Id }],
    ...WAITING,
  });

  assert.deepEqual([state.state, state.numberRecordsProcessed], ["JobComplete", 2]);
  assert.equal(removed.successfulResults.length, 1);
  assert.equal(await connection.sobject("Contact").count(), 1);
});

test("bulk 2.0 queries, deleted records included when asked", async () => {
  const names = Array.from({ length: 450 }, (_, number) => ({ LastName: `N, "${number}"` }));
  const made = await connection.sobject("Contact").create(names, { allowRecursive: true });
  await connection.sobject("Contact").destroy(made[0].id);
  const soql = "SELECT Id, LastName, Account.Name FROM Contact";

  const living = await (await connection.bulk2.query(soql, WAITING)).toArray();
  const all = await (await connection.bulk2.query(soql, { ...WAITING, scanAll: true })).toArray();

  assert.deepEqual([living.length, all.length], [449, 450]);
  assert.deepEqual(
    new Set(all.map(({ LastName }) => LastName)),
    new Set(names.map(({ LastName }) => LastName)),
  );
  assert.deepEqual(Object.keys(all[0]), ["Id", "LastName", "Account.Name"]);
});

test("bulk 1 writes, in the order of its rows", async () => {
  const rows = [
    { LastName: "a", Email: "" },
    { LastName: "b", Email: "no address" },
    { LastName: "c", Email: "c@acme.example" },
  ];

  const inserted = await connection.bulk.load("Contact", "insert", rows);
  const upserted = await connection.bulk.load(
    "Contact",
    "upsert",
    { extIdField: "Counterpart_Id__c", concurrencyMode: "Serial" },
    [{ Counterpart_Id__c: "K1", LastName: "d" }],
  );
  const deleted = await connection.bulk.load("Contact", "delete", [{ Id: inserted[0].id }]);

  assert.deepEqual(inserted.map(({ success }) => success), [true, false, true]);
  assert.match(inserted[1].errors[0], /^INVALID_EMAIL_ADDRESS:/);
  assert.equal(upserted[0].success, true);
  assert.equal(deleted[0].success, true);
  assert.equal(await connection.sobject("Contact").count(), 2);
});

test("bulk 1 queries", async () => {
  await connection.sobject("Contact").create([{ LastName: "a" }, { LastName: "Łęcki" }]);

  const stream = await connection.bulk.query("SELECT LastName FROM Contact ORDER BY LastName");
  const found = await stream.toArray();

  assert.deepEqual(found.map(({ LastName }) => LastName), ["a", "Łęcki"]);
});

test("a query picks what is updated and deleted in bulk", async () => {
  const rows = Array.from({ length: 5 }, (_, number) => ({ LastName: `N${number}` }));
  await connection.sobject("Contact").create(rows);
  const threshold = { allowBulk: true, bulkThreshold: 0, bulkApiVersion: 2 };

  const contacts = connection.sobject("Contact");
  const updated = await contacts
    .find({ LastName: { $in: ["N1", "N2"] } })
    .update({ Title: "${LastName}!" }, threshold);
  await contacts.find({ LastName: "N3" }).destroy(threshold);

  assert.equal(updated.length, 2);
  const titles = await contacts.find({ Title: { $ne: null } }, "Title").sort("Title");
  assert.deepEqual(titles.map(({ Title }) => Title), ["N1!", "N2!"]);
  assert.equal(await contacts.count(), 4);
});
