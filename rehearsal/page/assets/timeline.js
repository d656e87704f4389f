// What a build tells of itself second by second, as charts that grow: along seconds from its own zero.

import { chart, number } from "./chart.js";
import { element, id } from "./draw.js";

const STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
const BETWEEN = 60;

const signed = (at) => `${at > 0 ? "+" : ""}${at} s`;
const duration = (value) => (value < 1 ? `${Math.round(value * 1000)} ms` : `${number(value)} s`);

function marks(from, until, width) {
  const step = STEPS.find((each) => (until - from) / each <= width / BETWEEN) ?? STEPS.at(-1);
  const found = [];
  for (let mark = Math.ceil(from / step) * step; mark <= until; mark += step) found.push(mark);
  return found;
}

let head = null;
let charts = [];
const seconds = new Map();

export function forgetTimeline() {
  head = null;
  seconds.clear();
  id("timeline").hidden = true;
}

export function tellTimeline({ head: next, seconds: news, fault }) {
  id("timeline").hidden = false;
  if (fault) {
    id("timeline-about").textContent = fault;
    return;
  }
  if (next) begin(next);
  for (const second of news) seconds.set(second.at, second.values);
  const told = [...seconds.keys()].sort((one, other) => one - other);
  const until = Math.max(head.to, (told.at(-1) ?? head.from) + 1);
  charts.forEach(({ labels, fill }, place) => {
    fill(labels.map((label, line) => ({
      label, period: 1,
      points: told.map((at) => [at, seconds.get(at)[place][line]]).filter(([, value]) => value !== null),
    })), head.from, until);
  });
}

function begin(next) {
  head = next;
  seconds.clear();
  id("timeline-title").textContent = head.timeline;
  id("timeline-about").textContent = head.about;
  const bands = head.phases.map(([name, from], place) => [name, from, head.phases[place + 1]?.[1] ?? head.to]);
  charts = head.plots.map(({ title, lines, unit }, place) => {
    const axis = { heading: "Second", least: unit ? 0.01 : 1, at: signed, marks, marked: 0, show: unit ? duration : number, bands };
    return { title, labels: lines, ...chart(`timeline-${place}`, title, lines, [], axis) };
  });
  id("timeline-plots").replaceChildren(...charts.map(({ title, parts }) =>
    element("figure", { class: "widget" }, element("h3", {}, title), ...parts)));
}
