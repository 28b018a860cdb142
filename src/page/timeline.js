// The time line of one application: demand and capacity above, shares of the overflow sites below, decisions marked.
import { el, renew } from "./element.js";
import { changesText, clock, sample, samplePoint } from "./words.js";

const kKept = 3600 * 1000; // ms
const kEach = 5 * 1000; // ms; finer than that nobody sees
const kDrawAfter = 200; // ms; what comes together is drawn together
const kMarks = 300; // decisions; more would be one black bar
const kReach = 14; // pixels around a mark that a click may miss

// Minutes between the labels, by the minutes shown.
const kSteps = { 60: 10, 15: 3, 5: 1 };

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const known = (value) => value !== null && value !== undefined;

function options(self) {
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    interaction: { mode: "nearest", axis: "x", intersect: false },
    onClick: (event, _, chart) => self.click(event.x, chart.scales.x),
    scales: {
      x: { type: "linear", afterBuildTicks: (axis) => { axis.ticks = self.ticks(axis); }, ticks: { maxRotation: 0, callback: (at) => clock(at).slice(0, 5) } },
      share: { axis: "y", stack: "one", stackWeight: 2, offset: true, min: 0, max: 100, ticks: { stepSize: 50 }, title: { display: true, text: "share, %" } },
      y: { stack: "one", stackWeight: 3, min: 0, grace: "5%", ticks: { precision: 0 }, title: { display: true, text: "replicas" } },
    },
    plugins: {
      legend: { display: false }, // buttons beside the canvas, which a keyboard reaches too
      tooltip: {
        callbacks: {
          title: (items) => clock(items[0].parsed.x),
          label: (item) => item.dataset.decisions ? changesText(self.decisions[item.dataIndex]) : `${item.dataset.label}: ${Math.round(item.parsed.y * 100) / 100}`,
        },
      },
    },
  };
}

// A line as it is drawn, dashes too.
function swatch({ hue, borderDash, borderWidth, decisions }) {
  const shape = (tag, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const svg = shape("svg", { width: 32, height: 14, viewBox: "0 0 32 14", "aria-hidden": "true" });
  svg.append(decisions ? shape("path", { d: "M16 1 23 13H9Z", fill: `var(${hue})` })
    : shape("path", { d: "M0 7H32", stroke: `var(${hue})`, "stroke-width": borderWidth, "stroke-dasharray": borderDash.join(" ") || "none" }));
  return svg;
}

export class Timeline {
  // `legend`: where the lines' names stand, each a button that hides and shows its line.
  constructor(canvas, legend, onDecision) {
    this.legend = legend;
    this.points = [];
    this.decisions = [];
    this.zoom = kKept;
    this.live = true;
    this.hidden = new Set(); // labels of lines
    this.onDecision = onDecision;
    this.chart = new Chart(canvas, { type: "line", data: { datasets: [] }, options: options(this) });
  }

  toggle(label) {
    if (!this.hidden.delete(label)) this.hidden.add(label);
    this.draw();
  }

  // Touched only when it changes, so that whoever is on a button stays there.
  tellLegend(lines) {
    const key = lines.map((line) => line.label).join("\n");
    if (this.legend.dataset.key !== key) {
      this.legend.dataset.key = key;
      renew(this.legend, lines.map((line) => el("button", { type: "button", "data-key": line.label, onclick: () => this.toggle(line.label) }, swatch(line), line.label)));
    }
    for (const button of this.legend.children) button.setAttribute("aria-pressed", String(!this.hidden.has(button.dataset.key)));
  }

  // Opens the decision that is marked next to where somebody clicked.
  click(x, axis) {
    if (this.hidden.has("decisions")) return;
    const near = this.decisions.map((record) => ({ record, off: Math.abs(axis.getPixelForValue(Date.parse(record.time)) - x) })).sort((a, b) => a.off - b.off)[0];
    if (near && near.off <= kReach) this.onDecision(near.record);
  }

  // The last hour, as the API has it. What is younger than that is known from the stream.
  takeHistory(samples) {
    const past = samples.map(samplePoint);
    const end = past.at(-1)?.at ?? 0;
    this.points = [...past, ...this.points.filter((point) => point.at > end)];
    this.soon();
  }

  // Of the present; a point every few seconds is enough.
  takeState(state) {
    const point = sample(state);
    this.home = state.home;
    // The last one is the present, until it is far enough from the one before.
    const before = this.points.at(-2);
    if (before && this.points.at(-1).at - before.at < kEach) this.points.pop();
    this.points.push(point);
    this.soon();
  }

  takeDecision(record) {
    if (this.decisions.some((each) => each.time === record.time)) return;
    this.decisions.push(record);
    this.decisions.sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
    this.soon();
  }

  trim() {
    const start = Date.now() - kKept;
    // One from before, so that lines begin at the left edge.
    while (this.points.length > 1 && this.points[1].at < start) this.points.shift();
    this.decisions = this.decisions.filter((record) => Date.parse(record.time) >= start).slice(-kMarks);
  }

  show(minutes) {
    this.zoom = minutes * 60 * 1000;
    this.draw();
  }

  // At whole minutes, so that labels stay with what they label.
  ticks({ min, max }) {
    const step = kSteps[this.zoom / 60000] * 60000;
    const first = Math.ceil(min / step) * step;
    return Array.from({ length: Math.floor((max - first) / step) + 1 }, (_, i) => ({ value: first + i * step }));
  }

  soon() {
    this.waiting ??= setTimeout(() => this.draw(), this.drawn ? kDrawAfter : 0);
  }

  datasets(now) {
    // While news come, what was last so is so now.
    const last = this.points.at(-1);
    const points = this.live && last && last.at < now ? [...this.points, { ...last, at: now }] : this.points;
    const line = (label, colour, dash, of, more = {}) => ({
      label, hue: colour, borderColor: css(colour), backgroundColor: css(colour), borderDash: dash, borderWidth: 2, pointRadius: 0, stepped: true, yAxisID: "y",
      data: points.map((point) => ({ x: point.at, y: of(point) })).filter((each) => known(each.y)), ...more,
    });
    const sites = [...new Set(points.flatMap((point) => Object.keys(point.shares)))].filter((site) => site !== this.home);
    const colours = ["--line-4", "--line-3", "--line-5", "--line-6"];
    const share = (site, i, kind, dash, borderWidth) => line(`${site} ${kind}`, colours[i % colours.length], dash,
      (point) => known(point.shares[site]?.[kind]) ? point.shares[site][kind] * 100 : null, { yAxisID: "share", borderWidth });
    return [
      line("demand", "--line-1", [], (point) => point.demand),
      line("home's maximum", "--line-2", [2, 3], (point) => point.homeMax),
      line("with overflow that is ready", "--line-2", [8, 3], (point) => known(point.homeMax) ? point.homeMax + point.overflow : null),
      ...sites.flatMap((site, i) => [share(site, i, "intended", [1, 4], 2), share(site, i, "written", [], 3), share(site, i, "measured", [6, 3], 1.5)]),
      { label: "decisions", decisions: true, hue: "--ink", yAxisID: "y", showLine: false, pointStyle: "triangle", pointRadius: 7, pointHoverRadius: 9, borderColor: css("--ink"), backgroundColor: css("--ink"), borderWidth: 1,
        data: this.decisions.map((record) => ({ x: Date.parse(record.time), y: 0 })), clip: false },
    ];
  }

  draw() {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.drawn = true;
    this.trim();
    const now = Date.now();
    this.chart.data.datasets = this.datasets(now).map((set) => ({ ...set, hidden: this.hidden.has(set.label) }));
    const { scales } = this.chart.options;
    scales.x.min = now - this.zoom;
    scales.x.max = now;
    for (const axis of Object.values(scales)) {
      axis.ticks = { ...axis.ticks, color: css("--quiet") };
      axis.title = { ...axis.title, color: css("--quiet") };
      axis.grid = { ...axis.grid, color: css("--edge") };
    }
    this.tellLegend(this.chart.data.datasets);
    this.chart.update();
  }
}
