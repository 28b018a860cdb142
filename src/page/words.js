// What an application's state (docs/api.md, STATE) means, in words. Pure: no page, no clock of its own.

export const percent = (share) => {
  const value = share * 100;
  return `${Math.abs(value - Math.round(value)) < 0.05 ? Math.round(value) : value.toFixed(1)} %`;
};

export const number = (value) => String(Math.round(value * 100) / 100);

export const span = (seconds) => {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min${s % 60 ? ` ${s % 60} s` : ""}`;
  return `${Math.floor(s / 3600)} h${Math.floor(s / 60) % 60 ? ` ${Math.floor(s / 60) % 60} min` : ""}`;
};

export const clock = (time) => {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
};

const two = (value) => String(value).padStart(2, "0");

// "14:02:05", with the date if it was on another day than `now`.
export const stamp = (time, now) => {
  const date = new Date(time);
  const day = date.toDateString() === new Date(now).toDateString() ? "" : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} `;
  return `${day}${clock(time)}`;
};

// The same without seconds.
export const moment = (time, now) => stamp(time, now).slice(0, -3);

export const homeOf = (state) => state.sites.find((site) => site.role === "home");
export const overflowOf = (state) => state.sites.filter((site) => site.role === "overflow");
const kMoves = 0.03; // a difference of shares that people care about
const missing = (site) => (site.gate ?? []).filter((condition) => !condition.holds);

// Whether the site's gate keeps something from happening.
export const lacking = (site) => site.eligible === false && (site.replicas?.needed ?? 0) > 0;

// A condition of a gate; of one that is missing, for how long: missed since the site is to start, at most.
export function conditionText(condition, site, now) {
  const since = Math.max(...[condition.since, site.since].filter(Boolean).map(Date.parse));
  const long = !condition.holds && lacking(site) && Number.isFinite(since) ? `, missing for ${span((Date.parse(now) - since) / 1000)}` : "";
  return `${condition.name}: ${condition.value}${long}`;
}

// Seconds until the gate opens if everything stays as it is: what is missing needs only to last, "up for 2s of 15s".
function opensIn(site) {
  const left = missing(site).map((condition) => /for (\d+)s of (\d+)s$/.exec(condition.value)).map((found) => found && found[2] - found[1]);
  return left.length > 0 && left.every((seconds) => seconds !== null) ? Math.max(...left) : undefined;
}

function homeMax(state) {
  return state.demand?.homeMax ?? homeOf(state)?.replicas?.max;
}

function leftOf(drain) {
  const left = drain.expectedSeconds - drain.elapsedSeconds;
  return left >= 0.5 ? `about ${span(left)} left` : "longer than expected";
}

// One site that takes part in a burst.
function part(site) {
  const ready = site.replicas?.ready ?? "?";
  const share = site.share?.written ?? 0;
  if (site.phase === "provisioning") {
    const why = missing(site).map((condition) => condition.name).join(", ");
    return `${site.site} has ${ready} of ${site.replicas?.target ?? "?"} replicas ready, gets ${percent(share)}${why ? `, waits for ${why}` : ""}`;
  }
  if (site.phase === "draining") {
    return `${site.site} drains${site.drain ? `, ${leftOf(site.drain)}` : `, still gets ${percent(share)}`}`;
  }
  if (site.phase === "tail") return `${site.site} keeps ${ready} for late clients`;
  const target = site.replicas?.target ?? 0;
  return `${site.site} has ${ready < target ? `${ready} of ${target}` : ready} ready, gets ${percent(share)}`;
}

const since = (time, now) => (time ? `; since ${moment(time, now)}` : "");
const times = (sites) => sites.map((site) => site.since).filter(Boolean).sort();

// The state in one line, and how it is: "calm", "busy" (something moves, as it should), "held" (it can't see or may not
// act), "bad" (users may be hurt).
export function headline(state) {
  const home = homeOf(state);
  const overflow = overflowOf(state);
  const active = overflow.filter((site) => site.phase !== "rest" || (site.share?.written ?? 0) > 0);
  const parts = active.map(part).join("; ");
  const begun = since(times(active)[0], state.time); // the first of those that take part
  const failing = (state.inputs ?? []).filter((input) => input.state !== "ok");
  const exhausted = (state.conditions ?? []).find((condition) => condition.name === "CapacityExhausted");
  if (!state.decidedAt) return { how: "held", text: `Looking: ${failing.map((input) => input.name).join(", ") || "everything"} is not read yet.` };
  if (home?.phase === "down") return { how: "bad", text: `Home is down: ${parts || "nothing has taken over yet"}${since(home.since, state.time)}.` };
  if (exhausted) return { how: "bad", text: `At the limit: ${exhausted.detail}${parts ? `; ${parts}` : ""}${since(exhausted.since, state.time)}.` };
  if (failing.length > 0) {
    const begun = failing.map((input) => input.since).filter(Boolean).sort();
    const first = begun.length === 0 ? "" : `${begun[0] === begun.at(-1) ? "" : ", the first"} since ${stamp(begun[0], state.time)}`;
    const what = failing.map((input) => input.name).join(", ") + first;
    return { how: "held", text: `Holding still: can't see ${what}.${parts ? ` ${parts}.` : ""}` };
  }
  const excess = state.demand?.excess ?? 0;
  const demand = state.demand?.replicas;
  if (excess > 0 && demand !== undefined && demand !== null) {
    const over = Math.max(0, demand - homeMax(state));
    const beyond = over > 0 ? `${number(over)} replicas over home's maximum of ${homeMax(state)}` : `demand of ${number(demand)} and headroom is more than home's maximum of ${homeMax(state)}`;
    return { how: "busy", text: `Bursting: ${beyond}; ${parts || "no site takes it yet"}${begun}.` };
  }
  if (active.length > 0) return { how: "busy", text: `Coming back: home carries ${number(demand ?? 0)} of at most ${homeMax(state)}; ${parts}${begun}.` };
  if (demand === undefined || demand === null) return { how: "held", text: "At rest; the demand is not known." };
  return { how: "calm", text: `At rest: home carries a demand of ${number(demand)}, at most ${homeMax(state)}${since(times(overflow).at(-1), state.time)}.` };
}

// What moves at a site, and how far it is: {text, done} with 0 to 1 in `done`, absent if nobody can tell; null: nothing
// moves. `shifted`: when traffic was last written, if known.
export function movement(site, state, shifted) {
  const now = Date.parse(state.time);
  const reason = (code) => (state.reasons ?? []).find((each) => each.code === code && each.about === site.site)?.figures;
  const written = site.share?.written ?? 0;
  const intended = site.share?.intended ?? 0;
  const measured = site.share?.measured;
  const at = (seconds) => clock(now + seconds * 1000);
  if (site.drain) {
    const { elapsedSeconds: elapsed, expectedSeconds: expected, residual, progress, learnedFrom } = site.drain;
    const end = expected - elapsed >= 0.5 ? `done at about ${at(expected - elapsed)}` : "longer than expected";
    const arrive = residual === undefined || residual === null ? "" : `; ${percent(residual)} still arrive`;
    return { text: `Draining: ${span(elapsed)} of about ${span(expected)}${learnedFrom ? `, as drains before went` : ""}, ${end}${arrive}`, done: progress ?? 0 };
  }
  const canary = reason("Canary");
  if (canary) return { text: `A small share first: ${percent(canary.share)}, and ${percent(canary.later_share)}${canary.seconds_left > 0 ? ` from ${at(canary.seconds_left)} on` : " next"}`, done: canary.share / canary.later_share };
  const back = reason("FailingBack");
  if (back) return { text: `Getting its traffic back in steps: ${percent(written)} now${back.seconds_left_least > 0 ? `, all not before ${at(back.seconds_left_least)}` : ""}`, done: written };
  const turn = shifted ? Date.parse(shifted) + (state.gslb?.ttlSeconds ?? 0) * 1000 : 0; // one TTL after the last change
  const grows = reason("HomeGrowsFirst");
  const counted = grows && (grows.counted_replicas < grows.ready_replicas ? `${grows.counted_replicas} of ${grows.ready_replicas} ready ones are counted on` : `${grows.ready_replicas} are ready`);
  if (grows) return { text: `Getting its traffic back as its replicas start (${counted}): ${percent(written)} now${turn > now ? `, the next step not before ${clock(turn)}` : ""}`, done: written };
  if (site.phase === "draining") return { text: `Its traffic is lowered first: ${percent(written)} written${measured === undefined ? "" : `, ${percent(measured)} measured`}; its drain is counted from then on` };
  const { ready = 0, target = 0 } = site.replicas ?? {};
  if (site.role !== "home" && ready < target) return { text: `Starting: ${ready} of ${target} replicas ready${site.phase === "provisioning" && site.since ? `, for ${span((now - Date.parse(site.since)) / 1000)}` : ""}`, done: ready / target };
  if (site.phase === "provisioning" && lacking(site)) {
    const left = opensIn(site);
    return { text: `Ready, waits for its gate${left === undefined ? "" : `: traffic from about ${at(left)} on`}` };
  }
  if (site.role === "home") return null; // it has what the others have not
  if (Math.abs(intended - written) >= kMoves) return { text: `Share: ${percent(written)} written on the way to ${percent(intended)}`, done: intended > written ? written / intended : undefined };
  if (measured !== undefined && Math.abs(measured - written) >= kMoves && shifted) {
    if (turn > now) return { text: `Clients follow: ${percent(measured)} arrive, ${percent(written)} written; most by ${clock(turn)}, one TTL after the change`, done: Math.min(measured, written) / Math.max(measured, written) };
  }
  return null;
}

// A standby's words on who leads: {text, url}, the latter only if it is one a browser may be sent to; null: it leads itself.
export function standby(leader) {
  if (!leader || leader.leads !== false) return null;
  const url = /^https?:\/\/[^\s]+$/.test(leader.url ?? "") ? leader.url : "";
  const text = leader.holder ? `This spillwayd stands by and writes nothing; ${leader.holder} leads.` : "This spillwayd stands by and writes nothing; nobody is known to lead.";
  return { text, url };
}

export function orderText(order) {
  let text = order.kind;
  if (order.mode) text += ` ${order.mode}`;
  if (order.site) text += ` ${order.site}`;
  for (const counts of [order.ratios, order.replicas]) {
    for (const [site, count] of Object.entries(counts ?? {})) text += ` ${site}=${count}`;
  }
  return text;
}

// What an order would do, in rows of {head, cells}: of each site, and of mode and writes where they change. A cell is
// {text, differs}, the latter from what is so now.
export function planRows(plan, sites) {
  const row = (head, of) => {
    const [now, ...then] = ["before", "atOnce", "after"].map((when) => of(plan[when]));
    return { head, cells: [now, ...then].map((text) => ({ text, differs: text !== now })) };
  };
  const ofSite = (name) => (forecast) => {
    const found = forecast.sites.find(({ site }) => site === name);
    return found ? `${found.replicas} replica${found.replicas === 1 ? "" : "s"}, ${percent(found.share)}` : "?";
  };
  const known = sites.filter((name) => plan.before.sites.some(({ site }) => site === name));
  const more = [row("Mode", ({ mode }) => mode), row("Writes", ({ writesHeld }) => (writesHeld ? "held" : "as decided"))];
  return [...known.map((name) => row(name, ofSite(name))), ...more.filter(({ cells }) => cells.some(({ differs }) => differs))];
}

// What is waited for beside the gates, a sentence each.
export function waits(state) {
  const all = [];
  for (const condition of state.conditions ?? []) all.push(`${condition.name} since ${stamp(condition.since, state.time)}: ${condition.detail}`);
  for (const problem of state.problems ?? []) all.push(`Problem with ${problem.about}: ${problem.detail}`);
  if (state.pending) all.push(`Not written yet: ${state.pending}`);
  return all;
}

function gslbSeen(state) {
  const members = state.sites.filter((site) => site.member).map((site) => `${site.site} ${site.member.placement}, ${site.member.health}`);
  const { ttlSeconds, writable, unwritableWhy, inForce } = state.gslb ?? {};
  if (ttlSeconds === undefined) return "not read yet";
  return [...members, `TTL ${span(ttlSeconds)}`, ...(writable ? [] : [`takes no writes: ${unwritableWhy}`]), ...(inForce ? [] : ["not in force at every DNS site yet"])].join("; ");
}

function demandSeen({ homeDesired, homeMax: most, homeWish, homeLimited, homeLoad } = {}) {
  if (most === undefined) return "not read yet";
  const back = known(homeWish) ? `, held back from ${number(homeWish)}` : homeLimited ? ", held back by its maximum" : "";
  return `desires ${homeDesired} of at most ${most}${back}${known(homeLoad) ? `, load ${number(homeLoad)}` : ""}`;
}

const known = (value) => value !== undefined && value !== null;

function seen(state, name) {
  if (name === "demand") return demandSeen(state.demand);
  if (name === "gslb") return gslbSeen(state);
  const [what, site] = name.split(" ");
  const { replicas = {}, usage = {} } = state.sites.find((each) => each.site === site) ?? {};
  if (what === "autoscaler") return usage.observer ?? "has said nothing yet";
  if (what === "metrics") return known(usage.cpuCores) ? `${usage.podsMeasured} of ${usage.podsReady} ready pods measured, they use ${number(usage.cpuCores)} cores` : "not read yet";
  return known(replicas.ready) ? `${replicas.ready} of ${replicas.wanted} replicas ready` : "not read yet";
}

// One input: what it said, how old that is, and what is wrong with it now.
export function inputText(input, state) {
  const age = input.ageSeconds === undefined ? "" : `, ${span(input.ageSeconds)} old`;
  const wrong = input.state === "ok" ? "" : ` – ${input.state}${input.since ? ` since ${stamp(input.since, state.time)}` : ""}${input.detail ? `: ${input.detail}` : ""}`;
  return `${input.state === "ok" ? "✓" : "✕"} ${input.name}: ${seen(state, input.name)}${age}${wrong}`;
}

// What followed from that, for people who recompute it.
export function decidedText({ demand = {} }) {
  const parts = [`home ${number(demand.homeWanted)} (${demand.homeSure})`, ...(demand.overflowUsed ?? []).map((use) => `${use.site ?? "overflow"} ${number(use.replicas)} (${use.source}, ${use.sure})`)];
  const told = known(demand.homeWanted) ? `, told by ${parts.join(" + ")}` : "";
  const now = known(demand.now) ? ` (now ${number(demand.now)})` : "";
  return `Demand ${known(demand.replicas) ? number(demand.replicas) : "unknown"}${now}${told}; excess ${demand.excess ?? "?"}, in replicas of the home site.`;
}

// With its code, by which docs/symptoms, metrics and logs name it.
export function reasonText(reason) {
  const figures = Object.entries(reason.figures ?? {}).map(([name, value]) => `${name.replaceAll("_", " ")} ${number(value)}`).join(", ");
  return `${reason.about ? `${reason.about}: ` : ""}${reason.sentence}${figures ? ` (${figures})` : ""}${reason.detail ? ` – ${reason.detail}` : ""} [${reason.code}]`;
}

// What the page keeps of a RECORD: a tenth of it.
export const brief = ({ time, changes, writes, reasons, state }) => ({ time, changes, writes, reasons: reasons ?? state?.reasons });

export const changesText = (record) => (record?.changes ?? []).join("; ");

// One point of the time line, of a state and of a SAMPLE of the history.
export function sample(state) {
  const ready = overflowOf(state).reduce((sum, site) => sum + (site.replicas?.ready ?? 0), 0);
  return { at: Date.parse(state.time), demand: state.demand?.replicas ?? null, homeMax: homeMax(state) ?? null, overflow: ready,
    shares: Object.fromEntries(state.sites.map((site) => [site.site, site.share ?? {}])) };
}
export function samplePoint({ time, demand, capacity, share }) {
  return { at: Date.parse(time), demand, homeMax: capacity.home, overflow: capacity.overflow, shares: share };
}
