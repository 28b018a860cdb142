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
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}:${String(date.getSeconds()).padStart(2, "0")}`;
};

export const homeOf = (state) => state.sites.find((site) => site.role === "home");
export const overflowOf = (state) => state.sites.filter((site) => site.role === "overflow");
const missing = (site) => (site.gate ?? []).filter((condition) => !condition.holds);

function homeMax(state) {
  return state.demand?.homeMax ?? homeOf(state)?.replicas?.max;
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
    const drain = site.drain;
    return `${site.site} drains${drain ? `, ${span(drain.elapsedSeconds)} of about ${span(drain.expectedSeconds)}` : ""}`;
  }
  if (site.phase === "tail") return `${site.site} keeps ${ready} for late clients`;
  return `${site.site} has ${ready} ready, gets ${percent(share)}`;
}

// The state in one line, and how it is: "calm", "busy" (something moves, as it should), "held" (it can't see or may not
// act), "bad" (users may be hurt).
export function headline(state) {
  const home = homeOf(state);
  const overflow = overflowOf(state);
  const active = overflow.filter((site) => site.phase !== "rest" || (site.share?.written ?? 0) > 0);
  const parts = active.map(part).join("; ");
  const failing = (state.inputs ?? []).filter((input) => input.state !== "ok");
  const exhausted = (state.conditions ?? []).find((condition) => condition.name === "CapacityExhausted");
  if (!state.decidedAt) return { how: "held", text: `Looking: ${failing.map((input) => input.name).join(", ") || "everything"} is not read yet.` };
  if (home?.phase === "down") return { how: "bad", text: `Home is down: ${parts || "nothing has taken over yet"}.` };
  if (exhausted) return { how: "bad", text: `At the limit: ${exhausted.detail}. ${parts}`.trim() };
  if (failing.length > 0) {
    const what = failing.map((input) => `${input.name}${input.since ? ` since ${clock(input.since)}` : ""}`).join(", ");
    return { how: "held", text: `Holding still: can't see ${what}.${parts ? ` ${parts}.` : ""}` };
  }
  const excess = state.demand?.excess ?? 0;
  const demand = state.demand?.replicas;
  if (excess > 0 && demand !== undefined && demand !== null) {
    const over = Math.max(0, demand - homeMax(state));
    const beyond = over > 0 ? `${number(over)} replicas over home's maximum of ${homeMax(state)}` : `demand of ${number(demand)} and headroom is more than home's maximum of ${homeMax(state)}`;
    return { how: "busy", text: `Bursting: ${beyond}; ${parts || "no site takes it yet"}.` };
  }
  if (active.length > 0) return { how: "busy", text: `Coming back: home carries ${number(demand ?? 0)} of at most ${homeMax(state)}; ${parts}.` };
  if (demand === undefined || demand === null) return { how: "held", text: "At rest; the demand is not known." };
  return { how: "calm", text: `At rest: home carries a demand of ${number(demand)}, at most ${homeMax(state)}.` };
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

// What is waited for, a sentence each.
export function waits(state) {
  const all = [];
  for (const site of state.sites) {
    if (site.eligible === false && (site.replicas?.needed ?? 0) > 0) {
      for (const condition of missing(site)) all.push(`Gate of ${site.site}: ${condition.name}, ${condition.value}`);
    }
  }
  for (const condition of state.conditions ?? []) all.push(`${condition.name} since ${clock(condition.since)}: ${condition.detail}`);
  for (const problem of state.problems ?? []) all.push(`Problem with ${problem.about}: ${problem.detail}`);
  if (state.pending) all.push(`Not written yet: ${state.pending}`);
  return all;
}

export function reasonText(reason) {
  const figures = Object.entries(reason.figures ?? {}).map(([name, value]) => `${name.replaceAll("_", " ")} ${number(value)}`).join(", ");
  return `${reason.about ? `${reason.about}: ` : ""}${reason.sentence}${figures ? ` (${figures})` : ""}${reason.detail ? ` – ${reason.detail}` : ""}`;
}

// One point of the time line.
export function sample(state) {
  const point = { at: Date.parse(state.time ?? state.decidedAt), demand: state.demand?.replicas ?? null, capacity: 0, shares: {} };
  for (const site of state.sites) {
    point.capacity += site.role === "home" ? homeMax(state) ?? 0 : site.replicas?.ready ?? 0;
    point.shares[site.site] = site.share?.written ?? null;
  }
  return point;
}
