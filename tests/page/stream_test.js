// The page's calls, and its reading of the stream: events, and its end when nothing is heard any more.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.sessionStorage = { getItem: () => "a token", setItem() {}, removeItem() {} };
const { get, Denied, Missing, stream } = await import("./api.js");

// Time that goes by when told.
const waiting = new Map();
let now = 0;
let last = 0;
globalThis.setTimeout = (run, after) => (waiting.set(++last, { run, due: now + after }), last);
globalThis.clearTimeout = (id) => waiting.delete(id);
const pass = (milliseconds) => {
  now += milliseconds;
  for (const [id, { run, due }] of waiting) if (due <= now && waiting.delete(id)) run();
};
const settle = () => new Promise((done) => setImmediate(done));

// One connection after another; `say(text)` into the newest.
function server() {
  const made = { asked: [] };
  globalThis.fetch = async (path, { headers, signal }) => {
    made.asked.push({ path, headers });
    const body = new ReadableStream({
      start(controller) {
        made.say = (text) => controller.enqueue(new TextEncoder().encode(text));
        signal.addEventListener("abort", () => controller.error(signal.reason));
      },
    });
    return { ok: true, status: 200, body };
  };
  return made;
}

test("what is not there and what may not be seen are told apart from what fails", async () => {
  const answer = (status, body) => { globalThis.fetch = async () => ({ ok: status === 200, status, json: async () => body }); };
  answer(200, { n: 1 });
  assert.deepEqual(await get("/x"), { n: 1 });
  answer(404, { detail: "gone" });
  await assert.rejects(get("/x"), (error) => error instanceof Missing && error.message === "gone");
  answer(401, { detail: "who?" });
  await assert.rejects(get("/x"), (error) => error instanceof Denied && error.message === "who?");
  answer(503, { detail: "later" });
  await assert.rejects(get("/x"), (error) => !(error instanceof Missing || error instanceof Denied) && error.message === "/x answered 503");
});

test("events are told, silence is noticed, and the next connection goes on from the last id", async () => {
  const told = [];
  const made = server();
  const end = stream({
    opened: () => told.push("opened"), alive: () => told.push("alive"), lost: (why) => told.push(`lost: ${why}`), denied: () => told.push("denied"),
    on: (event, data) => told.push(`${event} ${data.n}`),
  });
  await settle();
  made.say('event: decision\nid: 1-7\nda');
  await settle();
  made.say('ta: {"n":1}\n\n: still here\n\n');
  await settle();
  assert.deepEqual(told, ["opened", "alive", "alive", "decision 1"]);
  assert.equal(made.asked[0].headers.Authorization, "Bearer a token");
  assert.equal(made.asked[0].path.includes("token"), false);

  pass(39_000);
  made.say(": still here\n\n");
  await settle();
  pass(39_000);
  await settle();
  assert.equal(told.at(-1), "alive", "each sign of life counts anew");
  pass(1_000);
  await settle();
  assert.equal(told.at(-1), "lost: nothing was heard for 40 s");

  pass(1_500);
  await settle();
  assert.equal(told.at(-1), "opened");
  assert.equal(made.asked[1].headers["Last-Event-ID"], "1-7");
  end();
  await settle();
  assert.equal(told.at(-1), "opened", "an end that was asked for is no loss");
});
