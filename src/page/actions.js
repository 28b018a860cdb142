// What an operator may ask for: first a dry run, shown as before and after, then the confirmation.
import * as api from "./api.js";
import { el } from "./element.js";
import { overflowOf, percent } from "./words.js";

const kActions = [
  ["drain", "Drain a site", "hold it off traffic"],
  ["undrain", "End a drain", ""],
  ["mode", "Change the mode", ""],
  ["pause", "Pause", "observe and explain, write nothing"],
  ["resume", "End the pause", ""],
  ["pin-ratios", "Pin ratios", "a ratio of 0 to 20 for every site"],
  ["pin-replicas", "Pin replicas", "of the overflow sites"],
  ["failover", "Fail over", "take all traffic from home"],
  ["failback", "Fail back", "bring traffic back to home, in steps"],
  ["override", "End every order", "the policy rules again"],
];
const callOf = (action) => (action.startsWith("pin-") ? "pin" : action);
const kEnding = ["undrain", "resume", "override"];

function planTable(plan, sites) {
  const order = sites.filter((name) => plan.before.sites.some(({ site }) => site === name));
  const cell = (when, site) => {
    const found = plan[when].sites.find((each) => each.site === site);
    return found ? `${found.replicas} replicas, ${percent(found.share)}` : "?";
  };
  return el("table", {}, el("caption", {}, "Replicas decided and share of the traffic"),
    el("thead", {}, el("tr", {}, ...["Site", "Now", "At once", "In the end"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...order.map((site) => el("tr", {}, el("th", { scope: "row" }, site),
      ...["before", "atOnce", "after"].map((when) => el("td", {}, cell(when, site)))))));
}

function outcome({ status, body }, tried, sites) {
  const parts = [];
  if (status === 200) {
    parts.push(el("p", { class: "good" }, tried ? "✓ It would be accepted. This is what would happen:" : "✓ Accepted."));
  } else if (status === 409) {
    parts.push(el("p", { class: "bad" }, `✕ Refused by the rule ${body.rule}: ${body.detail}`));
    const figures = Object.entries(body.figures ?? {}).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(", ");
    if (figures) parts.push(el("p", {}, `Compared: ${figures}.`));
  } else if (status === 307) {
    parts.push(el("p", { class: "bad" }, "✕ This spillwayd stands by and takes no orders; open the leader's page (its address stands at the top)."));
  } else {
    const wrong = (body.errors ?? []).map((field) => `${field.field} ${field.detail}`).join(" ");
    parts.push(el("p", { class: "bad" }, `✕ ${wrong || body.detail || `It was answered with ${status}.`}`));
  }
  if (body.plan && status === 200) parts.push(planTable(body.plan, sites));
  for (const warning of body.warnings ?? []) parts.push(el("p", { class: "warn" }, `⚠ ${warning}`));
  return parts;
}

// Opens the dialog for one application.
export function openOrder(dialog, state, admin) {
  const sites = state.sites.map((site) => site.site);
  const options = (values) => values.map((value) => el("option", { value }, value));
  const field = (id, label, input, hint) => el("div", { class: "field", id: `field-${id}` }, el("label", { for: id }, label), input, hint ? el("small", {}, hint) : null);
  const action = el("select", { id: "order-action" }, ...kActions.map(([value, label, hint]) => el("option", { value }, hint ? `${label} (${hint})` : label)));
  const site = el("select", { id: "order-site" });
  const mode = el("select", { id: "order-mode" }, ...options(["round-robin", "weighted", "active-passive", "auto"]));
  const count = (kind, name, max, value) => el("input", { id: `${kind}-${name}`, type: "number", required: true, min: 0, max, value, "aria-label": `${kind} of ${name}` });
  const ratios = sites.map((name) => [name, count("ratio", name, 20, 1)]);
  const replicas = overflowOf(state).map(({ site: name, replicas: are = {} }) => [name, count("replicas", name, are.max, are.target ?? 0)]);
  const counts = (id, legend, inputs) => el("fieldset", { class: "field", id: `field-order-${id}` }, el("legend", {}, legend), ...inputs.map(([name, input]) => el("label", { for: input.id }, `${name} `, input)));
  const countsOf = (inputs) => Object.fromEntries(inputs.map(([name, input]) => [name, Number(input.value)]));
  const reason = el("input", { id: "order-reason", required: true, maxlength: 500, autocomplete: "off" });
  const ticket = el("input", { id: "order-ticket", maxlength: 100, autocomplete: "off" });
  const ttl = el("input", { id: "order-ttl", value: "4h", size: 6, autocomplete: "off" });
  const force = el("input", { id: "order-force", type: "checkbox" });
  const result = el("div", { id: "order-result", role: "status" });
  const confirm = el("button", { type: "button", id: "order-confirm", hidden: true, class: "danger" }, "Do it");
  const key = crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const fields = (dryRun) => {
    const asked = { reason: reason.value };
    if (ticket.value) asked.ticket = ticket.value;
    if (!kEnding.includes(action.value)) {
      asked.ttl = ttl.value;
      if (force.checked) asked.force = true;
    }
    if (["drain", "undrain", "failover"].includes(action.value)) asked.site = site.value;
    if (action.value === "mode") asked.mode = mode.value;
    if (action.value === "pin-ratios") asked.ratios = countsOf(ratios);
    if (action.value === "pin-replicas") asked.replicas = countsOf(replicas);
    if (dryRun) asked.dryRun = true;
    return asked;
  };
  const forget = () => {
    confirm.hidden = true;
    result.replaceChildren();
  };
  const fit = () => {
    const shown = { site: ["drain", "undrain", "failover"], mode: ["mode"], ratios: ["pin-ratios"], replicas: ["pin-replicas"] };
    for (const [id, of] of Object.entries(shown)) {
      const found = dialog.querySelector(`#field-order-${id}`);
      found.hidden = !of.includes(action.value);
      found.disabled = found.hidden; // what nobody sees is not asked to be right; of fieldsets
    }
    for (const id of ["ttl", "force"]) {
      const found = dialog.querySelector(`#field-order-${id}`);
      if (found) found.hidden = kEnding.includes(action.value);
    }
    const names = action.value === "failover" ? overflowOf(state).map((each) => each.site) : sites;
    site.replaceChildren(...options(names));
    if (action.value === "drain") site.value = names.at(-1);
    forget();
  };
  const ask = async (dryRun) => {
    if (!form.reportValidity()) return;
    result.replaceChildren(el("p", {}, "asking …"));
    try {
      const answer = await api.order(state.app, callOf(action.value), fields(dryRun), dryRun ? `${key}-try-${Date.now()}` : key);
      result.replaceChildren(...outcome(answer, dryRun, sites));
      confirm.hidden = !(dryRun && answer.status === 200);
      if (!dryRun && answer.status === 200) close.textContent = "Close";
      if (!confirm.hidden) confirm.focus();
    } catch (error) {
      result.replaceChildren(el("p", { class: "bad" }, `✕ No answer (${error.message}). Asking again is safe: it is not done twice.`));
    }
  };
  const close = el("button", { type: "button", onclick: () => dialog.close() }, "Cancel");
  confirm.addEventListener("click", () => { confirm.hidden = true; ask(false); });
  const form = el("form", { onsubmit: (event) => { event.preventDefault(); ask(true); }, oninput: forget },
    el("h2", { id: "order-head" }, `Order for ${state.app}`),
    field("order-action", "What", action),
    field("order-site", "Site", site),
    field("order-mode", "Mode", mode),
    counts("ratios", "Ratios", ratios),
    counts("replicas", "Replicas", replicas),
    field("order-reason", "Why (required; it is kept)", reason),
    field("order-ticket", "Ticket", ticket),
    field("order-ttl", "Ends by itself after", ttl, "10s to 168h"),
    admin ? field("order-force", "Force past the capacity rule and blocked windows (audited)", force) : null,
    el("div", { class: "buttons" }, el("button", { type: "submit", class: "first" }, "Show what would happen"), confirm, close),
    result);
  dialog.replaceChildren(form);
  action.addEventListener("change", fit);
  fit();
  dialog.showModal();
  action.focus();
}
