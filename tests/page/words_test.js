// What the page says of a state.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, conditionText, decidedText, headline, inputText, moment, movement, percent, planRows, reasonText, sample, samplePoint, span, stamp, standby, waits } from "./words.js";

const kNow = "2026-11-26T14:10:00Z";

// Home has 4 of 4, azure-eu serves; `eu` and `more` change what is said of it.
function state(eu = {}, more = {}) {
  return {
    app: "shop", home: "us", time: kNow, decidedAt: kNow,
    demand: { replicas: 6, excess: 3, homeMax: 4 },
    sites: [
      { site: "us", role: "home", phase: "home", replicas: { ready: 4, max: 4 }, share: { intended: 0.57, written: 0.57 } },
      { site: "eu", role: "overflow", phase: "serving", eligible: true, since: "2026-11-26T14:02:30Z",
        replicas: { ready: 3, target: 3, needed: 3, max: 20 }, share: { intended: 0.43, written: 0.43, measured: 0.43 }, ...eu },
    ],
    gslb: { service: "shop", ttlSeconds: 30 }, inputs: [], conditions: [], reasons: [], problems: [], pending: "", ...more,
  };
}
const says = (...given) => headline(state(...given));

test("a burst says how much, where to, and since when", () => {
  assert.deepEqual(says(), { how: "busy", text: "Bursting: 2 replicas over home's maximum of 4; eu has 3 ready, gets 43 %; since 14:02." });
  assert.equal(says({ since: undefined }).text, "Bursting: 2 replicas over home's maximum of 4; eu has 3 ready, gets 43 %.");
  assert.equal(says({ phase: "rest", share: {} }).text, "Bursting: 2 replicas over home's maximum of 4; no site takes it yet.");
});

test("a site that starts says what it waits for", () => {
  const gate = [{ name: "ReplicasReady", holds: true, value: "" }, { name: "GslbHealthy", holds: false, value: "up for 1s of 10s" }];
  const starting = { phase: "provisioning", eligible: false, gate, share: { written: 0 } };
  assert.match(says(starting).text, /eu has 3 of 3 replicas ready, gets 0 %, waits for GslbHealthy; since 14:02\./);
});

test("a gate says what is missing and for how long, though not from before the site was to start", () => {
  const site = (more) => ({ ...state().sites[1], phase: "provisioning", eligible: false, since: "2026-11-26T14:09:30Z", ...more });
  const condition = { name: "GslbHealthy", holds: false, value: "down", since: "2026-11-26T14:09:50Z" };
  assert.equal(conditionText(condition, site(), kNow), "GslbHealthy: down, missing for 10 s");
  assert.equal(conditionText({ ...condition, since: "2026-11-25T00:00:00Z" }, site(), kNow), "GslbHealthy: down, missing for 30 s");
  assert.equal(conditionText({ ...condition, since: undefined }, site(), kNow), "GslbHealthy: down, missing for 30 s", "always");
  assert.equal(conditionText({ ...condition, since: undefined }, site({ since: undefined }), kNow), "GslbHealthy: down", "nobody knows");
  assert.equal(conditionText(condition, site({ replicas: { needed: 0 } }), kNow), "GslbHealthy: down", "nobody waits for it");
  assert.equal(conditionText({ ...condition, holds: true, value: "up" }, site(), kNow), "GslbHealthy: up");
});

test("why: what was seen and how old it is, and what followed", () => {
  const demand = { replicas: 6, now: 5.5, excess: 3, homeWanted: 4, homeSure: "computed", overflowUsed: [{ site: "eu", source: "metrics", replicas: 1.5, sure: "measured" }, { source: "share", replicas: 0.25, sure: "inferred" }],
    homeDesired: 4, homeMax: 4, homeLimited: true, homeWish: null, homeLoad: 6.5 };
  const gslb = { service: "shop", ttlSeconds: 30, writable: false, unwritableWhy: "maintenance", inForce: false };
  const sites = [{ site: "us", replicas: { ready: 4, wanted: 4 }, member: { placement: "served 4", health: "up" } }, { site: "eu", usage: { cpuCores: 1.25, podsMeasured: 2, podsReady: 3 } }];
  const told = (input) => inputText({ state: "ok", ageSeconds: 2, ...input }, state({}, { demand, gslb, sites }));
  assert.equal(told({ name: "demand" }), "✓ demand: desires 4 of at most 4, held back by its maximum, load 6.5, 2 s old");
  assert.equal(told({ name: "workload us" }), "✓ workload us: 4 of 4 replicas ready, 2 s old");
  assert.equal(told({ name: "workload eu", ageSeconds: undefined, state: "waiting" }), "✕ workload eu: not read yet – waiting");
  assert.equal(told({ name: "metrics eu" }), "✓ metrics eu: 2 of 3 ready pods measured, they use 1.25 cores, 2 s old");
  assert.equal(told({ name: "autoscaler eu" }), "✓ autoscaler eu: has said nothing yet, 2 s old");
  assert.equal(told({ name: "gslb", state: "failing", since: "2026-11-26T14:09:58Z", detail: "no route" }),
    "✕ gslb: us served 4, up; TTL 30 s; takes no writes: maintenance; not in force at every DNS site yet, 2 s old – failing since 14:09:58: no route");
  assert.equal(decidedText(state({}, { demand })), "Demand 6 (now 5.5), told by home 4 (computed) + eu 1.5 (metrics, measured) + overflow 0.25 (share, inferred); excess 3, in replicas of the home site.");
  assert.equal(decidedText({ demand: {} }), "Demand unknown; excess ?, in replicas of the home site.");
});

test("conditions and problems are waited for", () => {
  const conditions = [{ name: "GslbUnseen", detail: "no route", since: "2026-11-25T14:00:00Z" }];
  assert.deepEqual(waits(state({}, { conditions, problems: [{ about: "memory", detail: "disk full" }], pending: "eu 3 -> 2" })),
    ["GslbUnseen since 2026-11-25 14:00:00: no route", "Problem with memory: disk full", "Not written yet: eu 3 -> 2"]);
});

test("rest is calm, and begins when the last site came to rest", () => {
  const calm = { demand: { replicas: 2, excess: 0, homeMax: 4 } };
  assert.deepEqual(says({ phase: "rest", share: { written: 0 } }, calm), { how: "calm", text: "At rest: home carries a demand of 2, at most 4; since 14:02." });
  assert.match(says({ phase: "tail" }, calm).text, /^Coming back: home carries 2 of at most 4; eu keeps 3 for late clients; since 14:02\.$/);
});

test("trouble comes before everything else", () => {
  const down = state();
  Object.assign(down.sites[0], { phase: "down", since: "2026-11-25T23:59:00Z" });
  assert.deepEqual(headline(down), { how: "bad", text: "Home is down: eu has 3 ready, gets 43 %; since 2026-11-25 23:59." });
  const full = says({}, { conditions: [{ name: "CapacityExhausted", detail: "2 replicas fit nowhere", since: kNow }] });
  assert.deepEqual(full, { how: "bad", text: "At the limit: 2 replicas fit nowhere; eu has 3 ready, gets 43 %; since 14:10." });
  const blind = says({}, { inputs: [{ name: "gslb", state: "failing", since: "2026-11-26T14:09:58Z" }] });
  assert.deepEqual(blind, { how: "held", text: "Holding still: can't see gslb since 14:09:58. eu has 3 ready, gets 43 %." });
  const blinder = says({}, { inputs: [{ name: "gslb", state: "failing", since: "2026-11-26T14:09:58Z" }, { name: "demand", state: "failing", since: "2026-11-26T14:08:00Z" }] });
  assert.match(blinder.text, /^Holding still: can't see gslb, demand, the first since 14:08:00\. eu/);
  assert.equal(says({}, { decidedAt: undefined, inputs: [{ name: "gslb", state: "waiting" }] }).text, "Looking: gslb is not read yet.");
});

const moves = (eu, more, shifted) => movement(state(eu, more).sites[1], state(eu, more), shifted);

test("a drain has progress and an end", () => {
  const drain = { elapsedSeconds: 40, expectedSeconds: 100, residual: 0.12, progress: 0.4, learnedFrom: 3 };
  assert.deepEqual(moves({ phase: "draining", drain }), { text: "Draining: 40 s of about 1 min 40 s, as drains before went, done at about 14:11:00; 12 % still arrive", done: 0.4 });
  assert.match(says({ phase: "draining", drain }, { demand: { replicas: 2, excess: 0, homeMax: 4 } }).text, /eu drains, about 1 min left/);
  const late = { ...drain, elapsedSeconds: 130, residual: null };
  assert.equal(moves({ phase: "draining", drain: late }).text, "Draining: 2 min 10 s of about 1 min 40 s, as drains before went, longer than expected");
});

test("a ramp has progress and an end", () => {
  const reasons = [{ code: "Canary", about: "eu", figures: { share: 0.05, later_share: 0.43, seconds_left: 20 } }];
  assert.equal(moves({}, { reasons }).text, "A small share first: 5 %, and 43 % from 14:10:20 on");
  const back = state({}, { reasons: [{ code: "FailingBack", about: "us", figures: { home_share_most: 0.4, seconds_left_least: 90 } }] });
  assert.deepEqual(movement(back.sites[0], back), { text: "Getting its traffic back in steps: 57 % now, all not before 14:11:30", done: 0.57 });
  const growing = (counted_replicas, ready_replicas) => state({}, { reasons: [{ code: "HomeGrowsFirst", about: "us", figures: { home_share: 0.7, counted_replicas, ready_replicas } }] });
  const grows = growing(2, 2);
  assert.deepEqual(movement(grows.sites[0], grows, "2026-11-26T14:09:50Z"), { text: "Getting its traffic back as its replicas start (2 are ready): 57 % now, the next step not before 14:10:20", done: 0.57 });
  assert.match(movement(growing(1, 3).sites[0], growing(1, 3)).text, /^Getting its traffic back as its replicas start \(1 of 3 ready ones are counted on\): 57 % now$/);
  assert.equal(moves({ phase: "draining" }).text, "Its traffic is lowered first: 43 % written, 43 % measured; its drain is counted from then on");
  const some = { phase: "provisioning", since: "2026-11-26T14:09:50Z", eligible: false };
  assert.deepEqual(moves({ ...some, replicas: { ready: 1, target: 4 } }), { text: "Starting: 1 of 4 replicas ready, for 10 s", done: 0.25 });
  assert.equal(moves({ replicas: { ready: 3, target: 4 } }).text, "Starting: 3 of 4 replicas ready");
  const gate = (...values) => ({ ...some, gate: [{ name: "NotHeld", holds: true, value: "not held" }, ...values.map((value) => ({ name: "X", holds: false, value }))] });
  assert.equal(moves(gate("3/3 ready, 2 asked for 4s of 10s", "up for 2s of 15s")).text, "Ready, waits for its gate: traffic from about 14:10:13 on");
  assert.equal(moves(gate("3/3 ready, 2 asked for 4s of 10s", "down")).text, "Ready, waits for its gate");
  assert.deepEqual(moves({ share: { intended: 0.4, written: 0.2 } }), { text: "Share: 20 % written on the way to 40 %", done: 0.5 });
  const follow = { share: { intended: 0.4, written: 0.4, measured: 0.1 } };
  assert.deepEqual(moves(follow, {}, "2026-11-26T14:09:50Z"), { text: "Clients follow: 10 % arrive, 40 % written; most by 14:10:20, one TTL after the change", done: 0.25 });
  assert.equal(moves(follow, {}, "2026-11-26T14:09:00Z"), null, "one TTL later it is no ramp any more");
  assert.equal(moves({}), null);
});

test("a plan is told as now, at once and in the end, and what differs from now is marked", () => {
  const forecast = (mode, writesHeld, us, eu) => ({ mode, writesHeld, sites: [{ site: "eu", replicas: eu[0], share: eu[1] }, { site: "us", replicas: us[0], share: us[1] }] });
  const told = (plan) => planRows(plan, ["us", "eu", "new"]).map(({ head, cells }) => [head, ...cells.map(({ text, differs }) => `${differs ? "!" : ""}${text}`)]);
  const now = forecast("weighted", false, [4, 0.571], [1, 0.429]);
  assert.deepEqual(told({ before: now, atOnce: forecast("weighted", false, [4, 0.571], [1, 0.429]), after: forecast("weighted", false, [4, 1], [0, 0]) }), [
    ["us", "4 replicas, 57.1 %", "4 replicas, 57.1 %", "!4 replicas, 100 %"],
    ["eu", "1 replica, 42.9 %", "1 replica, 42.9 %", "!0 replicas, 0 %"],
  ]);
  const held = forecast("auto", true, [4, 0.571], [1, 0.429]);
  assert.deepEqual(told({ before: now, atOnce: held, after: held }).slice(2), [
    ["Mode", "weighted", "!auto", "!auto"],
    ["Writes", "as decided", "!held", "!held"],
  ]);
});

test("a standby names the leader, and only an address that a browser may follow", () => {
  assert.equal(standby({ elected: false, leads: true }), null);
  assert.deepEqual(standby({ leads: false, holder: "b", url: "https://b:9440" }), { text: "This spillwayd stands by and writes nothing; b leads.", url: "https://b:9440" });
  assert.equal(standby({ leads: false, holder: "b", url: "javascript:alert(1)" }).url, "");
  assert.match(standby({ leads: false, holder: "", url: "" }).text, /nobody is known to lead/);
});

test("a sample of the history is the point that its state would be", () => {
  const share = { us: { intended: 0.57, written: 0.57 }, eu: { intended: 0.43, written: 0.43, measured: 0.43 } };
  assert.deepEqual(samplePoint({ time: kNow, demand: 6, capacity: { home: 4, overflow: 3 }, share }), sample(state()));
});

test("of a decision is kept what can be shown of it", () => {
  const reasons = [{ code: "Serving", about: "eu", sentence: "It serves." }];
  const shown = { time: kNow, changes: ["eu to 3 replicas"], writes: [{ target: "avi", outcome: "done" }], reasons };
  assert.deepEqual(brief({ ...shown, app: "shop", reasons: undefined, state: state({}, { reasons }), question: {}, answer: {} }), shown);
  assert.deepEqual(brief(shown), shown, "a brief record has no state");
});

test("figures read well", () => {
  assert.deepEqual([0, 0.4286, 0.43, 1].map(percent), ["0 %", "42.9 %", "43 %", "100 %"]);
  assert.deepEqual([0.4, 59.6, 61, 3600, 3725].map(span), ["0 s", "1 min", "1 min 1 s", "1 h", "1 h 2 min"]);
  assert.equal(moment("2026-11-26T09:05:00Z", kNow), "09:05");
  assert.equal(stamp("2026-11-26T09:05:07Z", kNow), "09:05:07");
  assert.equal(stamp("2026-11-24T09:05:07Z", kNow), "2026-11-24 09:05:07");
  assert.equal(reasonText({ code: "DrainWaits", about: "eu", sentence: "It waits.", figures: { drain_seconds: 1.234 }, detail: "so" }), "eu: It waits. (drain seconds 1.23) – so [DrainWaits]");
});
