// The page: one article for each application, kept up to date by the stream.
import * as api from "./api.js";
import { openOrder } from "./actions.js";
import { el } from "./element.js";
import { Timeline } from "./timeline.js";
import { clock, headline, number, orderText, percent, reasonText, span, waits } from "./words.js";

const kSigns = { calm: "●", busy: "▲", held: "■", bad: "✕" };
const kHow = { calm: "calm", busy: "at work", held: "holding", bad: "trouble" };
const kTrail = 50;

const $ = (id) => document.getElementById(id);
const articles = new Map(); // by application
let me = { name: "", role: "viewer" };
let newsAt = 0;
let end = () => {};

const health = (word) => ({ up: "✓ up", down: "✕ down", unknown: "? unknown" })[word] ?? "–";
const orDash = (value, text) => (value === undefined || value === null ? "–" : text(value));
// Only what has changed is touched, so that nothing flickers and a screen reader stays calm.
const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };
const setList = (list, texts) => {
  const key = texts.join("\n");
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...texts.map((text) => el("li", {}, text)));
  list.hidden = texts.length === 0;
};

function bar(label, share) {
  return el("div", { class: "share" }, el("span", {}, label), el("meter", { min: 0, max: 1, value: share ?? 0, "aria-label": `share ${label}` }), el("span", {}, orDash(share, percent)));
}

function siteCard(site) {
  const replicas = site.replicas ?? {};
  const gate = (site.gate ?? []).map((condition) => el("li", { class: condition.holds ? "holds" : "lacks" },
    `${condition.holds ? "✓" : "✕"} ${condition.name}: ${condition.value}`));
  const drain = site.drain ? el("div", { class: "drain" },
    el("label", {}, `Draining: ${span(site.drain.elapsedSeconds)} of about ${span(site.drain.expectedSeconds)}, ${percent(site.drain.residual ?? 0)} still arrive `,
      el("progress", { max: 1, value: site.drain.progress ?? 0 }))) : null;
  return el("section", { class: "site", "data-site": site.site },
    el("h3", {}, site.site, " ", el("span", { class: "tag" }, site.role === "home" ? "home" : site.phase)),
    el("dl", {},
      el("dt", {}, "Replicas"), el("dd", {}, `${replicas.ready ?? "?"} ready of ${replicas.wanted ?? "?"}`,
        el("small", {}, site.role === "home" ? ` at most ${replicas.max ?? "?"}` : ` target ${replicas.target ?? "?"}, at most ${replicas.max ?? "?"}`)),
      el("dt", {}, "GSLB"), el("dd", {}, health(site.member?.health),
        el("small", {}, ` controller ${site.member?.controllerHealth ?? "–"}, data path ${site.member?.datapathHealth ?? "–"}`)),
      el("dt", {}, "Requests"), el("dd", {}, orDash(site.member?.requestsPerSecond, (rps) => `${number(rps)}/s`))),
    bar("intended", site.share?.intended), bar("written", site.share?.written), bar("measured", site.share?.measured),
    drain,
    gate.length ? el("details", { open: site.eligible === false && (replicas.needed ?? 0) > 0 }, el("summary", {}, `Gate: ${site.eligible ? "open" : "shut"}`), el("ul", { class: "gate" }, ...gate)) : null);
}

class Article {
  constructor(app) {
    this.app = app;
    const id = `app-${app}`;
    this.head = el("p", { class: "headline", role: "status" });
    this.facts = el("p", { class: "facts" });
    this.sites = el("div", { class: "sites" });
    this.waits = el("ul", { class: "waits" });
    this.orders = el("ul", { class: "orders" });
    this.reasons = el("ol");
    this.inputs = el("ul", { class: "inputs" });
    this.opened = el("div", { class: "opened", role: "status" });
    this.act = el("button", { type: "button", class: "act", onclick: () => openOrder($("order"), this.state, me.role === "admin") }, "Give an order …");
    const canvas = el("canvas", { role: "img", "aria-label": `Demand, capacity and shares of ${app} over time; the same figures stand in the text` });
    const zooms = [60, 15, 5].map((minutes) => el("button", { type: "button", "aria-pressed": String(minutes === 60), onclick: (event) => {
      for (const button of zooms) button.setAttribute("aria-pressed", button === event.currentTarget);
      this.timeline.show(minutes);
    } }, `${minutes} min`));
    this.decisions = el("ul", { class: "decisions" });
    this.root = el("article", { id, "aria-labelledby": `${id}-head` },
      el("div", { class: "top" }, el("h2", { id: `${id}-head` }, app), this.facts, this.act),
      this.head, this.orders, this.waits, this.sites,
      el("div", { class: "chart" }, el("div", { class: "zoom", role: "group", "aria-label": "span of the time line" }, ...zooms), el("div", { class: "canvas" }, canvas)),
      this.opened,
      el("details", {}, el("summary", {}, "Why: the last decision's reasons, in order"), this.reasons),
      el("details", {}, el("summary", {}, "Decisions that changed something"), this.decisions),
      el("details", {}, el("summary", {}, "What it sees, and how old that is"), this.inputs));
    $("apps").append(this.root);
    this.timeline = new Timeline(canvas, (record) => this.open(record));
    this.recent = [];
  }

  take(state) {
    this.state = state;
    const { how, text } = headline(state);
    this.root.dataset.how = how;
    setText(this.head, `${kSigns[how]} ${text}`);
    this.head.title = kHow[how];
    setText(this.facts, `${state.mode}${state.mode !== state.modeOfPolicy ? ` (policy: ${state.modeOfPolicy})` : ""} · demand ${orDash(state.demand?.replicas, number)}` +
      ` · TTL ${orDash(state.gslb?.ttlSeconds, span)}${state.dryRun ? " · dry run: nothing is written" : ""}`);
    setList(this.waits, waits(state));
    setList(this.orders, (state.override?.orders ?? []).map((order) =>
      `Order ${orderText(order)} by ${order.actor}${order.expires ? ` until ${clock(order.expires)} (${span((Date.parse(order.expires) - Date.parse(state.time)) / 1000)} left)` : ""}, because: ${order.reason}${order.forced ? " – FORCED" : ""}`));
    setList(this.reasons, (state.reasons ?? []).map(reasonText));
    setList(this.inputs, (state.inputs ?? []).map((input) => `${input.state === "ok" ? "✓" : "✕"} ${input.name}: ${input.state}${input.ageSeconds === undefined ? "" : `, ${span(input.ageSeconds)} old`}${input.detail ? `, ${input.detail}` : ""}`));
    const opened = new Map([...this.sites.children].map((card) => [card.dataset.site, card.querySelector("details")?.open]));
    this.sites.replaceChildren(...state.sites.map((site) => {
      const card = siteCard(site);
      const details = card.querySelector("details");
      if (details && opened.get(site.site) !== undefined) details.open = opened.get(site.site);
      return card;
    }));
    this.act.hidden = me.role === "viewer";
    const leader = state.leader ?? {};
    setText($("who"), `${me.name ? `${me.name}, ${me.role}` : "anybody may look"}${leader.leads === false ? ` · stands by, ${leader.url ? `${leader.url} leads` : "nobody is known to lead"}` : ""}`);
    this.timeline.takeState(state);
  }

  takeDecision(record) {
    this.timeline.takeDecision(record);
    if (this.recent.some((known) => known.time === record.time)) return;
    this.recent = [record, ...this.recent].sort((a, b) => Date.parse(b.time) - Date.parse(a.time)).slice(0, 30);
    this.decisions.replaceChildren(...this.recent.map((each) => el("li", {},
      el("button", { type: "button", class: "link", onclick: () => this.open(each) }, `${clock(each.time)} ${each.changes.join("; ")}`))));
  }

  open(record) {
    const writes = (record.writes ?? []).map((write) => `${write.target}${write.site ? ` ${write.site}` : ""}: ${write.change ?? ""} ${write.outcome}${write.detail ? `, ${write.detail}` : ""}`);
    this.opened.replaceChildren(
      el("h3", {}, `${clock(record.time)}: ${record.changes.join("; ")}`),
      el("ol", {}, ...(record.state?.reasons ?? []).map((reason) => el("li", {}, reasonText(reason)))),
      el("ul", {}, ...writes.map((write) => el("li", {}, write))),
      el("button", { type: "button", onclick: () => this.opened.replaceChildren() }, "Close"));
  }
}

function articleOf(app) {
  if (!articles.has(app)) articles.set(app, new Article(app));
  return articles.get(app);
}

function entryRow(entry) {
  const what = `${entry.action}${entry.detail ? ` ${entry.detail}` : ""} of ${entry.app}`;
  const came = `${entry.outcome}${entry.forced ? ", FORCED" : ""}${entry.end ? `; ${entry.end}` : ""}`;
  return el("tr", { "data-id": entry.id }, el("td", {}, clock(entry.time)), el("td", {}, `${entry.actor} (${entry.role})`), el("td", {}, what), el("td", {}, came),
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
  setText($("news"), "● live");
  document.body.dataset.news = "live";
}

function lost(why) {
  setText($("news"), `■ no news${newsAt ? ` since ${clock(newsAt)}` : ""}: ${why}; trying again`);
  document.body.dataset.news = "lost";
}

function signIn(why) {
  end();
  $("sign-in").hidden = false;
  setText($("sign-in-why"), api.token.get() ? why : "");
  setText($("news"), "not signed in");
  api.token.set("");
  $("token").focus();
}

async function start() {
  try {
    me = await api.get("/api/v1/whoami");
    $("sign-in").hidden = true;
    const { apps } = await api.get("/api/v1/apps");
    for (const state of apps) {
      articleOf(state.app).take(state);
      const { decisions } = await api.get(`/api/v1/apps/${encodeURIComponent(state.app)}/decisions?limit=100`);
      for (const record of decisions.reverse()) articleOf(state.app).takeDecision(record);
    }
    const { audit } = await api.get(`/api/v1/audit?limit=${kTrail}`);
    for (const entry of audit.reverse()) takeEntry(entry);
  } catch (error) {
    if (error instanceof api.Denied) return signIn(error.message);
    lost("spillwayd does not answer");
    setTimeout(start, 2000);
    return;
  }
  end();
  end = api.stream({
    alive,
    lost,
    denied: signIn,
    on: (event, data) => {
      if (event === "state") articleOf(data.app).take(data);
      if (event === "decision") articleOf(data.app).takeDecision(data);
      if (event === "audit") takeEntry(data);
    },
  });
}

$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  api.token.set($("token").value.trim());
  $("token").value = "";
  start();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const article of articles.values()) article.timeline.draw();
});
start();
