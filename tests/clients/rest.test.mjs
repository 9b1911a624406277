// jsforce reads and writes records through the REST API.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import jsforce from "jsforce";

import { startOrg, TOKEN } from "./org.mjs";

const VERSION = "66.0";
const NOWHERE = "003000000000001AAA";
let org;
let connection;

before(async () => {
  org = await startOrg();
});
after(() => org.stop());
beforeEach(async () => {
  await org.control("reset", {});
  connection = new jsforce.Connection({ instanceUrl: org.url, accessToken: TOKEN, version: VERSION });
});

async function createMany(count, object = "Contact") {
  const records = Array.from({ length: count }, (_, number) => ({
    LastName: `Name ${String(number).padStart(5, "0")}`,
  }));
  const results = await connection.sobject(object).create(records, { allowRecursive: true });
  assert.equal(results.filter((result) => result.success).length, count);

  return results.map((result) => result.id);
}

test("a long result is fetched page by page", async () => {
  await createMany(2_450);

  const first = await connection.query("SELECT Id FROM Contact");
  const rest = await connection.queryMore(first.nextRecordsUrl);
  const whole = await connection.query("SELECT LastName FROM Contact ORDER BY LastName", {
    autoFetch: true,
    maxFetch: 10_000,
  });

  assert.deepEqual([first.totalSize, first.done, first.records.length], [2_450, false, 2_000]);
  assert.deepEqual([rest.done, rest.records.length], [true, 450]);
  assert.equal(new Set([...first.records, ...rest.records].map(({ Id }) => Id)).size, 2_450);
  assert.equal(whole.records.length, 2_450);
  assert.equal(whole.records.at(-1).LastName, "Name 02449");
});

test("a result streams, with a page size of the client's choice", async () => {
  await createMany(600);
  const query = connection.query("SELECT LastName FROM Contact", {
    headers: { "Sforce-Query-Options": "batchSize=200" },
  });
  const found = [];

  await new Promise((resolve, reject) => {
    query.on("record", (record) => found.push(record.LastName));
    query.on("end", resolve);
    query.on("error", reject);
    query.run({ autoFetch: true, maxFetch: 1_000 });
  });

  assert.equal(new Set(found).size, 600);
});

test("deleted records are found by queryAll alone", async () => {
  const [gone] = await createMany(2);
  await connection.sobject("Contact").destroy(gone);
  const soql = "SELECT Id, IsDeleted FROM Contact ORDER BY IsDeleted";

  const living = await connection.query(soql);
  const all = await connection.query(soql, { scanAll: true });

  assert.equal(living.totalSize, 1);
  assert.deepEqual(all.records.map(({ IsDeleted }) => IsDeleted), [false, true]);
  assert.equal(all.records[1].Id, gone);
});

test("one record is created, read, changed and deleted", async () => {
  const contacts = connection.sobject("Contact");

  const made = await contacts.create({ LastName: "Lovelace", Email: "ada@acme.example" });
  const changed = await contacts.update({ Id: made.id, Title: "Countess", Email: null });
  const read = await contacts.retrieve(made.id);
  const deleted = await contacts.destroy(made.id);

  assert.deepEqual([made.success, changed.success, deleted.success], [true, true, true]);
  assert.deepEqual([read.Name, read.Title, read.Email], ["Lovelace", "Countess", null]);
  assert.match(read.CreatedDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/);
  await assert.rejects(contacts.destroy(made.id), { errorCode: "ENTITY_IS_DELETED" });
});

test("an upsert creates once and then updates", async () => {
  const contacts = connection.sobject("Contact");
  const record = { Counterpart_Id__c: "K1", LastName: "first" };

  const first = await contacts.upsert(record, "Counterpart_Id__c");
  const second = await contacts.upsert({ ...record, LastName: "second" }, "Counterpart_Id__c");
  const many = await contacts.upsert(
    [{ ...record, LastName: "third" }, { Counterpart_Id__c: "K2", LastName: "other" }],
    "Counterpart_Id__c",
  );
  const found = await contacts.find({}, ["LastName"]).sort("LastName");

  assert.deepEqual([first.created, second.created], [true, false]);
  assert.equal(first.id, second.id);
  assert.deepEqual(many.map(({ created }) => created), [false, true]);
  assert.deepEqual(found.map(({ LastName }) => LastName), ["other", "third"]);
});

test("each row of a collection has its own answer, in its place", async () => {
  const contacts = connection.sobject("Contact");

  const made = await contacts.create([{ LastName: "a" }, { Title: "nobody" }, { LastName: "c" }]);
  const updated = await contacts.update([
    { Id: made[0].id, Title: "CEO" },
    { Id: NOWHERE, Title: "CEO" },
  ]);
  const read = await contacts.retrieve([made[2].id, NOWHERE, made[0].id]);
  const deleted = await contacts.destroy([made[0].id, NOWHERE]);

  assert.deepEqual(made.map(({ success }) => success), [true, false, true]);
  assert.equal(made[1].errors[0].statusCode, "REQUIRED_FIELD_MISSING");
  assert.deepEqual(made[1].errors[0].fields, ["LastName"]);
  assert.deepEqual(updated.map(({ success }) => success), [true, false]);
  assert.deepEqual(read.map((record) => record?.LastName), ["c", undefined, "a"]);
  assert.deepEqual(deleted.map(({ success }) => success), [true, false]);
});

test("all or none leaves none", async () => {
  const results = await connection
    .sobject("Contact")
    .create([{ LastName: "a" }, { Title: "nobody" }], { allOrNone: true });

  assert.deepEqual(
    results.map(({ errors }) => errors[0].statusCode),
    ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"],
  );
  assert.equal(await connection.sobject("Contact").count(), 0);
});

test("a query is put together with parents and children", async () => {
  const account = await connection.sobject("Account").create({ Name: "Acme" });
  await connection.sobject("Contact").create([
    { LastName: "a", AccountId: account.id },
    { LastName: "b", AccountId: account.id },
  ]);

  const [found] = await connection
    .sobject("Account")
    .find({ Name: { $like: "Ac%" }, CreatedDate: { $gte: jsforce.SfDate.YESTERDAY } }, "Id, Name")
    .include("Contacts")
    .select("LastName")
    .sort("-LastName")
    .end();
  const upwards = await connection.query("SELECT Account.Name FROM Contact WHERE LastName = 'a'");

  assert.deepEqual(found.Contacts.records.map(({ LastName }) => LastName), ["b", "a"]);
  assert.equal(upwards.records[0].Account.Name, "Acme");
});

test("an object is described in full", async () => {
  const contact = await connection.sobject("Contact").describe();
  const everything = await connection.describeGlobal();
  const key = contact.fields.find(({ name }) => name === "Counterpart_Id__c");

  assert.equal(contact.keyPrefix, "003");
  assert.deepEqual([key.externalId, key.unique, key.type, key.length], [true, true, "string", 32]);
  assert.ok(contact.fields.find(({ name }) => name === "LeadSource").picklistValues.length > 0);
  assert.ok(contact.childRelationships.some(({ childSObject }) => childSObject === "CampaignMember"));
  assert.ok(everything.sobjects.some(({ name }) => name === "Lead"));
});

test("what changed and what went is listed", async () => {
  await org.control("clock", { freeze: "2026-11-22T10:00:00Z" });
  const [kept, gone] = await createMany(2);
  await connection.sobject("Contact").destroy(gone);
  await org.control("clock", { freeze: "2026-11-22T10:10:00Z" });
  const between = ["2026-11-22T09:59:00Z", "2026-11-22T10:05:00Z"];

  const updated = await connection.sobject("Contact").updated(...between);
  const deleted = await connection.sobject("Contact").deleted(...between);
  await org.control("clock", { run: true });

  assert.deepEqual(updated.ids, [kept]);
  assert.deepEqual(deleted.deletedRecords.map(({ id }) => id), [gone]);
});

test("list views and reports are read", async () => {
  await createMany(30);
  const { listviews } = await connection.sobject("Contact").listviews();
  const view = connection.sobject("Contact").listview(listviews[0].id);
  const [{ id }] = await connection.analytics.reports();

  const page = await view.results();
  const { query } = await view.describe();
  const report = await connection.analytics.report(id).execute({ details: true });

  assert.deepEqual([page.records.length, page.done], [25, false]);
  assert.equal((await connection.query(query)).totalSize, 30);
  assert.deepEqual([report.allData, report.factMap["T!T"].rows.length], [true, 30]);
});

test("a refused request names its reason", async () => {
  const contacts = connection.sobject("Contact");
  const stranger = new jsforce.Connection({ instanceUrl: org.url, accessToken: "of nobody" });

  await assert.rejects(contacts.create({ Title: "x" }), { errorCode: "REQUIRED_FIELD_MISSING" });
  await assert.rejects(contacts.retrieve(NOWHERE), { errorCode: "NOT_FOUND" });
  await assert.rejects(connection.query("SELECT No FROM Contact"), { errorCode: "INVALID_FIELD" });
  await assert.rejects(connection.query("SELECT Id"), { errorCode: "MALFORMED_QUERY" });
  await assert.rejects(stranger.query("SELECT Id FROM Lead"), { errorCode: "INVALID_SESSION_ID" });
});

test("an expired session is refreshed, and the call made again", async () => {
  const { consumer_key: clientId, consumer_secret: clientSecret, ...rest } = org.credentials;
  const renewed = [];
  const late = new jsforce.Connection({
    oauth2: { loginUrl: org.url, clientId, clientSecret },
    instanceUrl: org.url,
    accessToken: "of yesterday",
    refreshToken: rest.refresh_token,
  });
  late.on("refresh", (token) => renewed.push(token));

  const found = await late.query("SELECT COUNT() FROM Contact");
  const whoami = await late.identity();

  assert.deepEqual([found.totalSize, renewed.length], [0, 1]);
  assert.equal(whoami.username, rest.username);
});

test("a program signs in with its own secret", async () => {
  const { consumer_key: clientId, consumer_secret: clientSecret } = org.credentials;
  const program = new jsforce.Connection({
    instanceUrl: org.url,
    oauth2: { loginUrl: org.url, clientId, clientSecret },
  });

  const user = await program.authorize({ grant_type: "client_credentials" });

  assert.match(user.organizationId, /^00D/);
  assert.equal((await program.query("SELECT Id FROM Contact")).totalSize, 0);
  assert.ok(program.limitInfo.apiUsage.limit > 0);
});
