// The time line of one application: demand, capacity and shares of the last hour, decisions marked on it.
import { clock, sample } from "./words.js";

const kKept = 3600 * 1000; // ms
const kEach = 5 * 1000; // ms; finer than that nobody sees
const kDashes = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 4]]; // told apart without colour

// Minutes between the labels, by the minutes shown.
const kSteps = { 60: 10, 15: 3, 5: 1 };

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class Timeline {
  constructor(canvas, onDecision) {
    this.points = [];
    this.decisions = [];
    this.zoom = kKept;
    this.chart = new Chart(canvas, {
      type: "line",
      data: { datasets: [] },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        parsing: false,
        interaction: { mode: "nearest", axis: "x", intersect: false },
        onClick: (_, hits) => {
          const hit = hits.find((each) => this.chart.data.datasets[each.datasetIndex].decisions);
          if (hit) onDecision(this.decisions[hit.index]);
        },
        scales: {
          x: { type: "linear", ticks: { maxTicksLimit: 7, maxRotation: 0, callback: (at) => clock(at).slice(0, 5) } },
          y: { min: 0, title: { display: true, text: "replicas" } },
          share: { position: "right", min: 0, max: 100, title: { display: true, text: "share, %" }, grid: { drawOnChartArea: false } },
        },
        plugins: {
          // As the lines are drawn, dashes too; Chart.js shows only their colour.
          legend: { labels: { usePointStyle: true, pointStyleWidth: 32, generateLabels: (chart) =>
            Chart.defaults.plugins.legend.labels.generateLabels(chart).map((item) => {
              const { decisions, borderDash } = chart.data.datasets[item.datasetIndex];
              return { ...item, pointStyle: decisions ? "triangle" : "line", lineDash: borderDash ?? [], lineWidth: 2 };
            }) } },
          tooltip: {
            callbacks: {
              title: (items) => clock(items[0].parsed.x),
              label: (item) => item.dataset.decisions ? this.decisions[item.dataIndex]?.changes.join("; ") : `${item.dataset.label}: ${Math.round(item.parsed.y * 100) / 100}`,
            },
          },
        },
      },
    });
  }

  // Of the present; a point every few seconds is enough.
  takeState(state) {
    const point = sample(state);
    // The last one is the present, until it is far enough from the one before.
    const before = this.points.at(-2);
    if (before && this.points.at(-1).at - before.at < kEach) this.points.pop();
    this.points.push(point);
    this.trim();
    this.draw();
  }

  // Of the past, newest first or live; each holds the state it was made from.
  takeDecision(record) {
    const at = Date.parse(record.time);
    if (this.decisions.some((known) => known.time === record.time)) return;
    this.decisions.push(record);
    this.decisions.sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
    if (record.state?.sites && !this.points.some((point) => Math.abs(point.at - at) < kEach)) {
      this.points.push({ ...sample(record.state), at });
      this.points.sort((a, b) => a.at - b.at);
    }
    this.trim();
    this.draw();
  }

  trim() {
    const start = Date.now() - kKept;
    // One from before, so that lines begin at the left edge.
    while (this.points.length > 1 && this.points[1].at < start) this.points.shift();
    this.decisions = this.decisions.filter((record) => Date.parse(record.time) >= start);
  }

  show(minutes) {
    this.zoom = minutes * 60 * 1000;
    this.draw();
  }

  draw() {
    const sites = [...new Set(this.points.flatMap((point) => Object.keys(point.shares)))];
    const colours = ["--line-3", "--line-4", "--line-5", "--line-6"];
    const line = (label, colour, dash, of, more = {}) => ({
      label, borderColor: css(colour), backgroundColor: css(colour), borderDash: dash, borderWidth: 2, pointRadius: 0, stepped: true,
      data: this.points.map((point) => ({ x: point.at, y: of(point) })).filter((each) => each.y !== null && each.y !== undefined), ...more,
    });
    this.chart.data.datasets = [
      line("demand", "--line-1", [], (point) => point.demand),
      line("capacity", "--line-2", kDashes[1], (point) => point.capacity),
      ...sites.map((site, i) => line(`share of ${site}`, colours[i % colours.length], kDashes[(i + 2) % kDashes.length],
        (point) => point.shares[site] === null ? null : point.shares[site] * 100, { yAxisID: "share" })),
      { label: "decisions", decisions: true, showLine: false, pointStyle: "triangle", pointRadius: 6, borderColor: css("--ink"), backgroundColor: css("--ink"),
        data: this.decisions.map((record) => ({ x: Date.parse(record.time), y: 0 })) },
    ];
    const { scales } = this.chart.options;
    const now = Date.now();
    scales.x.min = now - this.zoom;
    scales.x.max = now;
    scales.x.ticks.stepSize = kSteps[this.zoom / 60000] * 60000;
    for (const axis of Object.values(scales)) {
      axis.ticks = { ...axis.ticks, color: css("--quiet") };
      axis.title = { ...axis.title, color: css("--quiet") };
      axis.grid = { ...axis.grid, color: css("--edge") };
    }
    this.chart.options.plugins.legend.labels.color = css("--ink");
    this.chart.update();
  }
}
