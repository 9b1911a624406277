// Starts a simulator on a free port of the loopback interface, and stops it.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PYTHON = process.env.PYTHON ?? path.join(ROOT, ".venv/bin/python");
// Longer than any of these tests takes, so that no simulator outlives a killed test.
const LIFE_MS = 300_000;

export const TOKEN = "00DSm0000000001!a.fixed.token";

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));

  return port;
}

// Return an org with its address, its credentials and a way to stop it.
export async function startOrg(...options) {
  const folder = await mkdtemp(path.join(tmpdir(), "simulator-"));
  const file = path.join(folder, "credentials.json");
  const port = await freePort();
  const process_ = spawn(
    PYTHON,
    ["-m", "simulator", "--port", port, "--access-token", TOKEN, "--credentials", file, ...options],
    { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"], timeout: LIFE_MS },
  );
  const ended = new Promise((resolve) => process_.once("exit", resolve));
  let ready = false;
  for await (const line of readline.createInterface({ input: process_.stdout })) {
    ready = line.startsWith("Ready");
    if (ready) break;
  }
  if (!ready) throw new Error("The simulator did not start.");

  return {
    url: `http://127.0.0.1:${port}`,
    credentials: JSON.parse(await readFile(file, "utf8")),
    async control(resource, body) {
      const answer = await fetch(`http://127.0.0.1:${port}/_simulator/${resource}`, {
        method: "POST",
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async stop() {
      process_.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
