// What an operator may ask for, in two views of one dialog: what, which is tried in a dry run; and then, below what would
// happen, why and until when, and the confirmation.
import * as api from "./api.js";
import { el } from "./element.js";
import { moment, orderText, overflowOf, planRows } from "./words.js";

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
const kOfSites = ["drain", "undrain", "failover"];
// What is shown beside the action, of which actions.
const kShown = { site: kOfSites, mode: ["mode"], ratios: ["pin-ratios"], replicas: ["pin-replicas"] };

const newKey = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const options = (values) => values.map((value) => el("option", { value }, value));
const field = (id, label, input, hint) => el("div", { class: "field", id: `field-${id}` }, el("label", { for: id }, label), input, hint ? el("small", {}, hint) : null);
const button = (id, text, more) => el("button", { type: "button", id, ...more }, text);

// Of a refusal only if it tells something: mostly nothing would come of what is refused.
function planTable(plan, sites, refused) {
  const rows = planRows(plan, sites);
  if (refused && !rows.some(({ cells }) => cells.some(({ differs }) => differs))) return null;
  return el("table", {}, el("caption", {}, "Replicas decided and share of the traffic"),
    el("thead", {}, el("tr", {}, ...["", "Now", "At once", "In the end"].map((head) => head ? el("th", { scope: "col" }, head) : el("td")))),
    el("tbody", {}, ...rows.map(({ head, cells }) => el("tr", {}, el("th", { scope: "row" }, head),
      ...cells.map(({ text, differs }) => el("td", { class: differs && "differs" }, text))))));
}

// What an answer that is no acceptance says.
function refusal({ status, body }) {
  if (status === 409) {
    const figures = Object.entries(body.figures ?? {}).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(", ");
    return [`Refused by the rule ${body.rule}: ${body.detail}`, figures && `Compared: ${figures}.`];
  }
  if (status === 307) return ["This spillwayd stands by and takes no orders; open the leader's page (its address stands at the top)."];
  const wrong = (body.errors ?? []).map((each) => `${each.field} ${each.detail}`).join(" ");
  return [wrong || body.detail || `It was answered with ${status}.`];
}

function outcome(answer, accepted, sites) {
  const { status, body } = answer;
  const [first, ...more] = status === 200 ? [accepted] : refusal(answer);
  return [el("p", { class: status === 200 ? "good" : "bad" }, `${status === 200 ? "✓" : "✕"} ${first}`),
    ...more.filter(Boolean).map((text) => el("p", {}, text)),
    body.passed ? el("p", { class: "bad" }, `⚠ By force, past ${body.passed}.`) : null,
    body.plan ? planTable(body.plan, sites, status !== 200) : null,
    ...(body.warnings ?? []).map((warning) => el("p", { class: "warn" }, `⚠ ${warning}`))].filter(Boolean);
}

// The first view: what is asked for.
class What {
  constructor(state, admin) {
    this.sites = state.sites.map((site) => site.site);
    this.overflow = overflowOf(state).map((site) => site.site);
    const count = (kind, name, max, value) => el("input", { id: `${kind}-${name}`, type: "number", required: true, min: 0, max, value, "aria-label": `${kind} of ${name}` });
    const counts = (id, legend, inputs) => el("fieldset", { class: "field", id: `field-order-${id}` }, el("legend", {}, legend), ...inputs.map(([name, input]) => el("label", { for: input.id }, `${name} `, input)));
    this.action = el("select", { id: "order-action", onchange: () => this.fit() }, ...kActions.map(([value, label, hint]) => el("option", { value }, hint ? `${label} (${hint})` : label)));
    this.site = el("select", { id: "order-site" });
    this.mode = el("select", { id: "order-mode" }, ...options(["round-robin", "weighted", "active-passive", "auto"]));
    this.ratios = this.sites.map((name) => [name, count("ratio", name, 20, 1)]);
    this.replicas = overflowOf(state).map(({ site: name, replicas: are = {} }) => [name, count("replicas", name, are.max, are.target ?? 0)]);
    this.force = el("input", { id: "order-force", type: "checkbox" });
    this.form = el("form", { id: "order-what" },
      field("order-action", "What", this.action),
      field("order-site", "Site", this.site),
      field("order-mode", "Mode", this.mode),
      counts("ratios", "Ratios", this.ratios),
      counts("replicas", "Replicas", this.replicas),
      admin ? field("order-force", "Force past the capacity rule and blocked windows (audited)", this.force) : null);
    this.fit();
  }

  ends() {
    return kEnding.includes(this.action.value);
  }

  fit() {
    const action = this.action.value;
    const show = (id, shown) => {
      const found = this.form.querySelector(`#field-order-${id}`);
      found.hidden = !shown;
      found.disabled = !shown; // what nobody sees is not asked to be right; of fieldsets
    };
    for (const [id, of] of Object.entries(kShown)) show(id, of.includes(action));
    this.site.replaceChildren(...options(action === "failover" ? this.overflow : this.sites));
    if (action === "drain") this.site.value = this.sites.at(-1);
  }

  // The call's fields.
  asked() {
    const action = this.action.value;
    const countsOf = (inputs) => Object.fromEntries(inputs.map(([name, input]) => [name, Number(input.value)]));
    const asked = {};
    if (kOfSites.includes(action)) asked.site = this.site.value;
    if (action === "mode") asked.mode = this.mode.value;
    if (action === "pin-ratios") asked.ratios = countsOf(this.ratios);
    if (action === "pin-replicas") asked.replicas = countsOf(this.replicas);
    if (this.force.checked) asked.force = true;
    return asked;
  }

  text() {
    return orderText({ kind: this.action.value === "override" ? "end every order" : this.action.value, ...this.asked() });
  }
}

// The second view, beside what would happen: why, and until when.
class Why {
  // `done`: nothing is left to be filled in.
  constructor(done) {
    this.reason = el("input", { id: "order-reason", required: true, maxlength: 500, autocomplete: "off", "aria-describedby": "order-plan" });
    this.ticket = el("input", { id: "order-ticket", maxlength: 100, autocomplete: "off" });
    this.ttl = el("input", { id: "order-ttl", value: "4h", required: true, size: 6, autocomplete: "off" });
    this.until = el("fieldset", { class: "field", id: "field-order-until" }, field("order-ttl", "Ends by itself after", this.ttl, "10s to 168h"));
    // Enter goes on to the confirmation; it does not confirm what was being written.
    const enter = (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (this.form.reportValidity()) done();
    };
    this.form = el("form", { id: "order-why", onkeydown: enter, onsubmit: (event) => event.preventDefault() },
      field("order-reason", "Why (required; it is kept)", this.reason),
      field("order-ticket", "Ticket", this.ticket),
      this.until);
  }

  fit(ends) {
    this.until.hidden = ends;
    this.until.disabled = ends;
  }

  asked() {
    const asked = { reason: this.reason.value };
    if (this.ticket.value) asked.ticket = this.ticket.value;
    if (!this.until.hidden) asked.ttl = this.ttl.value;
    return asked;
  }
}

class OrderDialog {
  constructor(dialog, state, admin) {
    this.dialog = dialog;
    this.app = state.app;
    this.what = new What(state, admin);
    this.why = new Why(() => this.confirm.focus());
    this.head = el("h2", { id: "order-head" });
    this.plan = el("div", { id: "order-plan" });
    this.result = el("div", { id: "order-result", role: "status" });
    this.try = el("button", { type: "submit", id: "order-try", form: "order-what", class: "first" }, "Show what would happen");
    this.confirm = button("order-confirm", "", { class: "danger", onclick: () => this.order() });
    this.back = button("order-back", "Back", { onclick: () => this.ask() });
    this.close = button("order-close", "Cancel", { onclick: () => dialog.close() });
    this.what.form.addEventListener("submit", (event) => { event.preventDefault(); this.tryIt(); });
    this.what.form.addEventListener("input", () => this.say());
    dialog.replaceChildren(this.head, this.what.form, this.plan, this.why.form, this.result,
      el("div", { class: "buttons" }, this.try, this.confirm, this.back, this.close));
    this.ask();
  }

  // Which of the parts are seen.
  show({ what = false, why = false, head = "" }) {
    this.head.textContent = `Order for ${this.app}${head ? `: ${head}` : ""}`;
    for (const part of [this.what.form, this.try]) part.hidden = !what;
    for (const part of [this.why.form, this.confirm, this.back]) part.hidden = !why;
    this.plan.hidden = what;
    this.dialog.scrollTop = 0;
  }

  say(...parts) {
    this.result.replaceChildren(...parts);
  }

  ask() {
    this.show({ what: true });
    this.say();
    this.what.action.focus();
  }

  // Gives the answer, or undefined if there is none, or one is still awaited.
  async call(fields, key) {
    if (this.asking) return undefined;
    this.asking = true;
    this.say(el("p", {}, "asking …"));
    try {
      return await api.order(this.app, callOf(this.what.action.value), fields, key);
    } catch (error) {
      this.say(el("p", { class: "bad" }, `✕ No answer (${error.message}). Asking again is safe: it is not done twice.`));
      return undefined;
    } finally {
      this.asking = false;
    }
  }

  async tryIt() {
    const answer = await this.call({ ...this.what.asked(), dryRun: true }, newKey());
    if (!answer) return;
    if (answer.status !== 200) return this.say(...outcome(answer, "", this.what.sites));
    this.key = newKey(); // of the order that is shown, however often it is asked for
    this.plan.replaceChildren(...outcome(answer, "It would be accepted. This is what would happen:", this.what.sites));
    this.say();
    this.confirm.textContent = `Do it: ${this.what.text()}`;
    this.why.fit(this.what.ends());
    this.show({ why: true, head: this.what.text() });
    this.why.reason.focus({ preventScroll: true });
  }

  async order() {
    if (!this.why.form.reportValidity()) return;
    const answer = await this.call({ ...this.what.asked(), ...this.why.asked() }, this.key);
    if (!answer) return;
    if (answer.status === 200) {
      const until = answer.body.expires ? `, until ${moment(answer.body.expires, Date.now())}` : "";
      this.plan.replaceChildren(...outcome(answer, `Accepted${until}. This is what happens:`, this.what.sites));
      this.say();
      this.show({ head: this.what.text() });
      this.close.textContent = "Close";
      this.close.focus();
      return;
    }
    // What was shown is not so any more.
    if (answer.status === 409) {
      this.ask();
      this.try.focus();
    }
    this.say(...outcome(answer, "", this.what.sites));
  }
}

// Opens the dialog for one application.
export function openOrder(dialog, state, admin) {
  const order = new OrderDialog(dialog, state, admin);
  dialog.showModal();
  order.what.action.focus();
}
