// A SOQL parser of other people and the simulator agree on what is a query.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { isQueryValid } from "@jetstreamapp/soql-parser-js";

import { startOrg, TOKEN } from "./org.mjs";

const queries = JSON.parse(await readFile(new URL("queries.json", import.meta.url), "utf8"));
let org;

before(async () => {
  org = await startOrg();
});
after(() => org.stop());

// A query is well-formed if it is answered, or refused for what it names and not for its form.
async function isAnswered(soql) {
  const address = `${org.url}/services/data/v66.0/query?${new URLSearchParams({ q: soql })}`;
  const response = await fetch(address, { headers: { Authorization: `Bearer ${TOKEN}` } });
  const body = await response.json();

  return response.ok || body[0].errorCode !== "MALFORMED_QUERY";
}

test("there are enough queries to tell something", () => {
  const all = [...queries.well_formed, ...queries.malformed];

  assert.ok(new Set(all).size >= 150);
  assert.equal(new Set(all).size, all.length);
});

for (const [kind, expected] of [["well_formed", true], ["malformed", false]]) {
  test(`both say the same of each query that is ${kind.replace("_", "-")}`, async () => {
    for (const soql of queries[kind]) {
      assert.equal(isQueryValid(soql), expected, `the parser: ${soql}`);
      assert.equal(await isAnswered(soql), expected, `the simulator: ${soql}`);
    }
  });
}
