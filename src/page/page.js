// The page: one article for each application, kept up to date by the stream.
import * as api from "./api.js";
import { openOrder } from "./actions.js";
import { el, renew } from "./element.js";
import { Timeline } from "./timeline.js";
import { brief, changesText, clock, conditionText, decidedText, headline, inputText, lacking, moment, movement, number, orderText, percent, reasonText, span, stamp, standby, waits } from "./words.js";

const kSigns = { calm: "●", busy: "▲", held: "■", bad: "✕" };
const kHow = { calm: "calm", busy: "at work", held: "holding", bad: "trouble" };
const kWorse = ["calm", "busy", "held", "bad"];
const kTrail = 50;
const kForgetAfter = 5000; // ms
const kTurn = 5000; // ms; the time line moves on though nothing is told

const $ = (id) => document.getElementById(id);
const articles = new Map(); // by application
let me = { name: "", role: "viewer" };
let newsAt = 0;
let end = () => {};

const health = (word) => ({ up: "✓ up", down: "✕ down", unknown: "? unknown" })[word] ?? "–";
const orDash = (value, text) => (value === undefined || value === null ? "–" : text(value));
// Only what has changed is touched, so that nothing flickers and a screen reader stays calm.
const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };
const setList = (list, texts, classOf = () => null) => {
  const key = texts.join("\n");
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...texts.map((text, i) => el("li", { class: classOf(i) }, text)));
  list.hidden = texts.length === 0;
};

function bar(label, share) {
  return el("div", { class: "share" }, el("span", {}, label), el("meter", { min: 0, max: 1, value: share ?? 0, "aria-label": `share ${label}` }), el("span", {}, orDash(share, percent)));
}

function siteCard(site, state, shifted) {
  const replicas = site.replicas ?? {};
  const gate = (site.gate ?? []).map((condition) => el("li", { class: condition.holds ? "holds" : "lacks" },
    `${condition.holds ? "✓" : "✕"} ${conditionText(condition, site, state.time)}`));
  const lacks = lacking(site);
  const moves = movement(site, state, shifted);
  return el("section", { class: "site", "data-site": site.site },
    el("h3", {}, site.site, " ", el("span", { class: "tag" }, site.role !== "home" ? site.phase : site.phase === "down" ? "home, down" : "home")),
    el("dl", {},
      el("dt", {}, "Replicas"), el("dd", {}, `${replicas.ready ?? "?"} ready of ${replicas.wanted ?? "?"}`,
        el("small", {}, site.role === "home" ? ` at most ${replicas.max ?? "?"}` : ` target ${replicas.target ?? "?"}, at most ${replicas.max ?? "?"}`)),
      el("dt", {}, "GSLB"), el("dd", {}, site.phase === "rest" && replicas.total === 0 ? "– nothing runs" : health(site.member?.health),
        el("small", {}, ` controller ${site.member?.controllerHealth ?? "–"}, data path ${site.member?.datapathHealth ?? "–"}`)),
      el("dt", {}, "Requests"), el("dd", {}, orDash(site.member?.requestsPerSecond, (rps) => `${number(rps)}/s`))),
    bar("intended", site.share?.intended), bar("written", site.share?.written), bar("measured", site.share?.measured),
    moves ? el("div", { class: "moves" }, el("p", {}, moves.text), moves.done === undefined ? null : el("progress", { max: 1, value: moves.done, "aria-label": moves.text })) : null,
    gate.length ? el("details", { open: lacks, "data-lacking": String(lacks) }, el("summary", { "data-key": site.site }, `Gate: ${site.eligible ? "open" : "shut"}`), el("ul", { class: "gate" }, ...gate)) : null);
}

// What a decision was made from and what would have made it another one, as its whole record tells; before and after why.
const seenThen = (state) => [el("h4", {}, "Seen"), el("ul", { class: "inputs" }, ...(state.inputs ?? []).map((input) => el("li", {}, inputText(input, state)))),
  el("h4", {}, "Decided"), el("p", {}, decidedText(state))];
const changesThen = (state) => [el("h4", {}, "Would have changed it"), el("ul", {}, ...(state.wouldChange ?? []).map((clause) => el("li", {}, clause)))];

class Article {
  constructor(app) {
    this.app = app;
    this.of = `/api/v1/apps/${encodeURIComponent(app)}`;
    const id = `app-${app}`;
    this.head = el("p", { class: "headline", role: "status" });
    this.facts = el("p", { class: "facts" });
    this.sites = el("div", { class: "sites" });
    this.waits = el("ul", { class: "waits" });
    this.orders = el("ul", { class: "orders" });
    this.reasons = el("ol");
    this.decided = el("p");
    this.changes = el("ul");
    this.inputs = el("ul", { class: "inputs" });
    this.opened = el("div", { class: "opened", role: "status" });
    this.act = el("button", { type: "button", class: "act", onclick: () => openOrder($("order"), this.state, me.role === "admin") }, "Give an order …");
    const canvas = el("canvas", { role: "img", "aria-label": `Demand, capacity and shares of ${app} over time; the same figures stand in the text` });
    const zooms = [60, 15, 5].map((minutes) => el("button", { type: "button", "aria-pressed": String(minutes === 60), onclick: (event) => {
      for (const button of zooms) button.setAttribute("aria-pressed", button === event.currentTarget);
      this.timeline.show(minutes);
    } }, `${minutes} min`));
    const legend = el("div", { class: "legend", role: "group", "aria-label": "lines of the time line" });
    this.decisions = el("ul", { class: "decisions" });
    this.root = el("article", { id, "aria-labelledby": `${id}-head` },
      el("div", { class: "top" }, el("h2", { id: `${id}-head` }, app), this.facts, this.act),
      this.head, this.orders, this.waits, this.sites,
      el("div", { class: "chart" }, el("div", { class: "zoom", role: "group", "aria-label": "span of the time line" }, ...zooms), el("div", { class: "canvas" }, canvas), legend),
      this.opened,
      el("details", { class: "why" }, el("summary", {}, "Why: what it sees, what follows from that, what would change it"),
        el("h3", {}, "Seen"), this.inputs, el("h3", {}, "Decided"), this.decided, el("h3", {}, "Because, in this order"), this.reasons,
        el("h3", {}, "Would change it"), this.changes),
      el("details", {}, el("summary", {}, "Decisions that changed something"), this.decisions));
    this.link = el("a", { href: `#${id}` });
    $("apps").append(this.root);
    $("overview").append(this.link);
    this.timeline = new Timeline(canvas, legend, (record) => this.open(record));
    this.recent = [];
  }

  take(state) {
    this.state = state;
    this.asOf = 0;
    this.tell();
    setText(this.facts, `${state.mode}${state.mode !== state.modeOfPolicy ? ` (policy: ${state.modeOfPolicy})` : ""} · demand ${orDash(state.demand?.replicas, number)}` +
      ` · TTL ${orDash(state.gslb?.ttlSeconds, span)}${state.dryRun ? " · dry run: nothing is written" : ""}`);
    setList(this.waits, waits(state));
    const orders = state.override?.orders ?? [];
    setList(this.orders, orders.map((order) =>
      `Order ${orderText(order)} by ${order.actor}${order.expires ? ` until ${moment(order.expires, state.time)} (${span((Date.parse(order.expires) - Date.parse(state.time)) / 1000)} left)` : ""}, because: ${order.reason}${order.forced ? " – FORCED" : ""}`),
      (i) => orders[i].forced && "forced");
    setList(this.reasons, (state.reasons ?? []).map(reasonText));
    setText(this.decided, decidedText(state));
    setList(this.changes, state.wouldChange ?? []);
    setList(this.inputs, (state.inputs ?? []).map((input) => inputText(input, state)));
    const before = new Map([...this.sites.children].map((card) => [card.dataset.site, card.querySelector("details")]));
    const shifted = this.shifted();
    renew(this.sites, state.sites.map((site) => {
      const card = siteCard(site, state, shifted);
      const details = card.querySelector("details");
      const was = before.get(site.site);
      // As somebody left it, until there is something else to show.
      if (details && was && was.dataset.lacking === details.dataset.lacking) details.open = was.open;
      return card;
    }));
    this.act.hidden = me.role === "viewer" || standby(state.leader) !== null;
    tellLeader(state.leader);
    this.timeline.takeState(state);
  }

  // The line in words; of old news it says how old they are.
  tell() {
    const { how, text } = headline(this.state);
    this.root.dataset.how = how;
    const line = `${this.asOf ? `As of ${clock(this.asOf)}: ` : ""}${text}`;
    setText(this.head, `${kSigns[how]} ${line}`);
    this.head.title = kHow[how];
    setText(this.link, `${kSigns[how]} ${this.app} – ${line}`);
    this.link.dataset.how = how;
    this.how = how;
    tellAll();
  }

  // Nothing more is heard.
  age(asOf) {
    this.timeline.live = !asOf;
    if (!this.state || this.asOf === asOf) return;
    this.asOf = asOf;
    this.tell();
  }

  // What was before the stream began, or while it was away.
  async catchUp() {
    const [history, { decisions }] = await Promise.all([api.get(`${this.of}/history`), api.get(`${this.of}/decisions?limit=100&brief=true`)]);
    this.timeline.takeHistory(history.samples);
    for (const record of decisions.reverse()) this.takeDecision(record);
  }

  takeDecision(whole) {
    const record = brief(whole);
    this.timeline.takeDecision(record);
    if (this.recent.some((known) => known.time === record.time)) return;
    this.recent = [record, ...this.recent].sort((a, b) => Date.parse(b.time) - Date.parse(a.time)).slice(0, 30);
    this.listing ??= setTimeout(() => this.list(), 0);
  }

  list() {
    this.listing = undefined;
    renew(this.decisions, this.recent.map((each) => el("li", {},
      el("button", { type: "button", class: "link", "data-key": each.time, onclick: () => this.open(each) }, `${stamp(each.time, Date.now())} ${changesText(each)}`))));
  }

  // When traffic was last written.
  shifted() {
    return this.recent.find((record) => (record.writes ?? []).some((write) => write.target === "avi" && write.outcome === "done"))?.time;
  }

  open(record) {
    const writes = (record.writes ?? []).map((write) => `${write.target}${write.site ? ` ${write.site}` : ""}: ${write.change ?? ""} ${write.outcome}${write.detail ? `, ${write.detail}` : ""}`);
    const seen = el("div", {}, el("p", {}, "asking for what was seen …"));
    const changes = el("div");
    const head = el("h3", {}, `${stamp(record.time, Date.now())}: ${changesText(record)}`);
    // The list of decisions is below it, and what is seen there moves when more is told here.
    const show = () => [this.opened, head].forEach((each) => each.scrollIntoView({ block: "nearest" }));
    this.opened.replaceChildren(
      head, seen,
      el("h4", {}, "Because, in this order"), el("ol", {}, ...(record.reasons ?? []).map((reason) => el("li", {}, reasonText(reason)))), changes,
      el("h4", {}, "Written"), el("ul", {}, ...(writes.length ? writes : ["nothing"]).map((write) => el("li", {}, write))),
      el("button", { type: "button", onclick: () => {
        this.opened.replaceChildren();
        this.decisions.querySelector(`[data-key="${CSS.escape(record.time)}"]`)?.focus();
      } }, "Close"));
    show();
    // The page keeps a tenth of a record; the rest is asked for.
    api.get(`${this.of}/decisions/${encodeURIComponent(record.time)}`).then(({ state }) => {
      seen.replaceChildren(...seenThen(state));
      changes.replaceChildren(...changesThen(state));
      show();
    }, (error) => seen.replaceChildren(error instanceof api.Missing ? el("p", {}, "What was seen then is not kept any more.")
      : el("p", { class: "bad" }, `✕ What was seen then can't be read (${error.message}).`)));
  }
}

// All at a glance, where there are several; and the worst of them in the tab's title, for those who look elsewhere.
function tellAll() {
  $("overview").hidden = articles.size < 2;
  const worst = [...articles.values()].map((article) => article.how).sort((a, b) => kWorse.indexOf(b) - kWorse.indexOf(a))[0];
  const title = `${kSigns[worst] ?? ""} Spillway${worst ? `: ${kHow[worst]}` : ""}`.trim();
  if (document.title !== title) document.title = title;
}

function tellLeader(leader) {
  const by = standby(leader);
  const line = $("leader");
  line.hidden = by === null;
  if (by === null || line.dataset.key === by.text + by.url) return;
  line.dataset.key = by.text + by.url;
  line.replaceChildren(by.text, ...(by.url ? [" ", el("a", { href: by.url }, `Open the leader's page: ${by.url}`)] : []));
}

function articleOf(app) {
  if (!articles.has(app)) articles.set(app, new Article(app));
  return articles.get(app);
}

function entryRow(entry) {
  const what = `${entry.action}${entry.detail ? ` ${entry.detail}` : ""} of ${entry.app}`;
  const came = `${entry.outcome}${entry.forced ? ", FORCED" : ""}${entry.end ? `; ${entry.end}` : ""}`;
  return el("tr", { "data-id": entry.id, class: entry.forced && entry.outcome === "accepted" && "forced" }, el("td", {}, stamp(entry.time, Date.now())), el("td", {}, `${entry.actor} (${entry.role})`), el("td", {}, what), el("td", {}, came),
    el("td", {}, [entry.reason, entry.ticket ? `[${entry.ticket}]` : "", entry.why ? `– ${entry.why}` : ""].filter(Boolean).join(" ")));
}

function takeEntry(entry) {
  const rows = $("trail-rows");
  const row = entryRow(entry);
  const known = rows.querySelector(`[data-id="${CSS.escape(entry.id)}"]`);
  if (known) known.replaceWith(row);
  else rows.prepend(row);
  while (rows.children.length > kTrail) rows.lastChild.remove();
  $("trail").hidden = false;
}

function alive() {
  newsAt = Date.now();
  for (const article of articles.values()) article.age(0);
  setText($("news"), "● live");
  document.body.dataset.news = "live";
}

function lost(why) {
  setText($("news"), `■ no news${newsAt ? ` since ${clock(newsAt)}` : ""}: ${why}; trying again`);
  document.body.dataset.news = "lost";
  for (const article of articles.values()) article.age(newsAt);
}

function signIn(why) {
  end();
  $("sign-in").hidden = false;
  setText($("sign-in-why"), api.token.get() ? why : "");
  setText($("news"), "not signed in");
  api.token.set("");
  $("token").focus();
}

const reached = new Set(); // applications that the present stream has told of

// The stream tells what is so; what was before, it doesn't.
function opened() {
  reached.clear();
  api.get(`/api/v1/audit?limit=${kTrail}`).then(({ audit }) => audit.reverse().forEach(takeEntry)).catch(() => {});
  // Who is configured no more is not told of any more.
  setTimeout(() => {
    for (const [app, article] of reached.size ? articles : []) {
      if (reached.has(app)) continue;
      article.root.remove();
      article.link.remove();
      articles.delete(app);
    }
    tellAll();
  }, kForgetAfter);
}

// When something was shown, for those who measure; only the last of each is kept.
function mark(name, of) {
  performance.clearMarks(name);
  performance.mark(name, { detail: of });
}

function take(event, data) {
  if (event === "state") {
    const article = articleOf(data.app);
    article.take(data);
    if (reached.size === 0) mark("state", data.time);
    if (reached.has(data.app)) return;
    reached.add(data.app);
    article.catchUp().catch(() => {});
  }
  if (event === "decision") {
    articleOf(data.app).takeDecision(data);
    mark("decision", data.time);
  }
  if (event === "audit") takeEntry(data);
  if (event === "gap") articles.forEach((article) => article.catchUp().catch(() => {}));
}

async function start() {
  try {
    me = await api.get("/api/v1/whoami");
  } catch (error) {
    if (error instanceof api.Denied) return signIn(error.message);
    lost("spillwayd does not answer");
    setTimeout(start, 2000);
    return;
  }
  $("sign-in").hidden = true;
  setText($("who"), me.name ? `${me.name}, ${me.role}` : "anybody may look");
  end();
  end = api.stream({ opened, alive, lost, denied: signIn, on: take });
}

$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  api.token.set($("token").value.trim());
  $("token").value = "";
  start();
});
setInterval(() => {
  for (const article of document.hidden ? [] : articles.values()) article.timeline.draw();
}, kTurn);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const article of articles.values()) article.timeline.draw();
});
start();
