// The view of dashboards: those of the templates as they lay them out, and every alarm with what it watches.

import { chart, number, within } from "./chart.js";
import { clock, draw, element, id, linked, link, pill, time } from "./draw.js";

const RANGES = [[900, "15 min"], [3600, "1 h"], [10800, "3 h"]];
const STATES = { ALARM: ["failed", "Rings"], OK: ["succeeded", "OK"], INSUFFICIENT_DATA: ["pending", "Too few data"], "NOT WATCHED": ["stopped", "Not watched"] };
const ORDER = ["ALARM", "INSUFFICIENT_DATA", "OK", "NOT WATCHED"];

let told = null;
let range = 3600;
let charts = [];

export function tellDashboards(next) {
  told = next;
  const ringing = told.alarms.filter((alarm) => alarm.state === "ALARM").length;
  const badge = id("ringing");
  badge.hidden = !ringing;
  if (badge.dataset.count !== String(ringing)) {
    badge.dataset.count = ringing;
    badge.replaceChildren(String(ringing), element("span", { class: "hidden" }, ringing === 1 ? " alarm rings" : " alarms ring"));
  }
  // The points come every few seconds; what they are drawn on stays.
  draw("boards", [told.dashboards, told.alarms], boards);
  fill();
}

function fill() {
  if (!told) return;
  const until = told.until ?? told.now;
  for (const each of charts) each.fill(each.keys.map(([key, label]) => line(key, label)), until - range, until);
}

const line = (key, label) => ({ label, period: told.lines[key]?.period ?? 60, points: told.lines[key]?.points ?? [] });

function boards() {
  charts = [];
  if (!told.dashboards.length && !told.alarms.length) {
    return [element("section", {}, element("p", {}, "Nothing is watched yet: a stack's alarms and dashboards are here from its first deployment on."))];
  }
  const stacks = [...new Set(told.alarms.map((alarm) => alarm.stack))];
  return [...told.dashboards.map(dashboard), ...stacks.map(alarmsOf)];
}

function dashboard(board, place) {
  const title = `board-${place}`;
  return element("section", { "aria-labelledby": title },
    element("h2", { id: title }, board.name, element("span", { class: "soft" }, ` · ${board.stack}`)),
    element("div", { class: "widgets" }, ...board.widgets.map((widget, number) => laidOut(widget, shown(widget, `${place}-${number}`)))));
}

// By the style of the element itself, which a script may set and a text from outside may not.
function laidOut(widget, made) {
  made.style.setProperty("--columns", widget.width);
  return made;
}

function shown(widget, key) {
  const notes = widget.undrawn.length ? element("ul", { class: "undrawn" }, ...widget.undrawn.map((each) => element("li", {}, `Not drawn: ${each}`))) : null;
  const heading = widget.title ? element("h3", {}, widget.title) : null;
  if (widget.kind === "text") return element("div", { class: "widget text" }, ...marked(widget.text));
  if (widget.kind === "alarm") {
    return element("div", { class: "widget" }, heading, element("ul", { class: "rows" }, ...alarmsAt(widget.alarms).map((alarm) => element("li", {},
      element("span", { class: "grow" }, alarm.name), state(alarm)))), notes);
  }
  const about = alarmsAt(widget.alarms);
  const keys = [...widget.lines.map((each) => [each.key, each.label]), ...about.map((alarm) => [alarm.resource, alarm.name])];
  const thresholds = [
    ...widget.thresholds.map(([label, value]) => [`${label} ${number(value)}`.trim(), value]),
    ...about.filter((alarm) => alarm.drawn).map((alarm) => [`${alarm.name}: ${rule(alarm)}`, alarm.drawn.threshold]),
  ];
  if (!keys.length) return element("div", { class: "widget" }, heading, notes);
  const title = widget.title || keys.map(([, label]) => label).join(", ");
  return element("figure", { class: "widget" }, heading, ...(widget.single ? figures(keys) : charted(key, title, keys, thresholds)), notes);
}

const alarmsAt = (resources) => resources.map((each) => told.alarms.find((alarm) => alarm.resource === each)).filter(Boolean);

function charted(key, title, keys, thresholds) {
  const made = chart(key, title, keys.map(([, label]) => label), thresholds);
  charts.push({ keys, fill: made.fill });
  return made.parts;
}

function figures(keys) {
  const values = keys.map(() => element("dd", {}));
  charts.push({ keys, fill: (lines, from, until) => lines.forEach((each, place) => {
    const last = within(each, from, until).at(-1);
    values[place].replaceChildren(last ? number(last[1]) : "–", element("span", { class: "soft" }, last ? ` at ${clock(last[0])}` : " no data in this time"));
  }) });
  return [element("dl", { class: "figures" }, ...keys.flatMap(([, label], place) => [element("div", {}, element("dt", {}, label), values[place])]))];
}

const rule = ({ drawn: { rings, threshold } }) => `${rings} ${number(threshold)}`;
const state = (alarm) => pill(...(STATES[alarm.state] ?? ["stopped", alarm.state]));

function alarmsOf(stack, place) {
  const title = `alarms-${place}`;
  const own = told.alarms.filter((alarm) => alarm.stack === stack)
    .sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
  const watched = own.filter((alarm) => alarm.drawn);
  const others = own.filter((alarm) => !alarm.drawn);
  return element("section", { "aria-labelledby": title },
    element("h2", { id: title }, "Alarms", element("span", { class: "soft" }, ` · ${stack}`)),
    watched.length ? element("div", { class: "widgets" }, ...watched.map((alarm, number) => watchedAlarm(alarm, `alarm-${place}-${number}`))) : null,
    others.length ? element("ul", { class: "rows unwatched" }, ...others.map((alarm) => element("li", {},
      element("span", { class: "grow" }, alarm.name), state(alarm), element("span", { class: "soft reason" }, `${alarm.reason}.`)))) : null);
}

function watchedAlarm(alarm, key) {
  const { description, threshold, period, parts } = alarm.drawn;
  return element("figure", { class: "widget", "data-state": alarm.state },
    element("figcaption", { class: "head" }, element("h3", {}, alarm.name), state(alarm)),
    description ? element("p", { class: "about" }, description) : null,
    ...charted(key, alarm.name, [[alarm.resource, alarm.name]], [[`rings at ${rule(alarm)}`, threshold]]),
    ...(parts.length ? [element("p", { class: "soft" }, "Calculated from"),
      ...charted(`${key}-parts`, `what ${alarm.name} is calculated from`, parts.map((each) => [each.key, each.label]), [])] : []),
    element("p", { class: "soft reason" }, `A data point each ${period} s. Since ${time(alarm.since)}: ${alarm.reason}.`));
}

// The little of Markdown that dashboards are written in: headings, lists, links, and what is strong.
function marked(text) {
  const blocks = [];
  let list = null;
  for (const written of text.split("\n")) {
    const heading = written.match(/^(#{1,6})\s+(.*)/);
    const item = written.match(/^\s*[-*]\s+(.*)/);
    if (!item) list = null;
    if (heading) blocks.push(element(heading[1].length === 1 ? "h3" : "h4", {}, ...inline(heading[2])));
    else if (item) {
      if (!list) {
        list = element("ul", {});
        blocks.push(list);
      }
      list.append(element("li", {}, ...inline(item[1])));
    } else if (written.trim()) blocks.push(element("p", {}, ...inline(written)));
  }
  return blocks;
}

function inline(text) {
  const parts = [];
  let place = 0;
  for (const found of text.matchAll(/\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)|\*\*([^*]+)\*\*|`([^`]+)`/g)) {
    parts.push(...linked(text.slice(place, found.index)));
    if (found[2]) parts.push(link(found[2], found[1]));
    else parts.push(element(found[3] ? "strong" : "code", {}, found[3] ?? found[4]));
    place = found.index + found[0].length;
  }
  return [...parts, ...linked(text.slice(place))];
}

id("ranges").append(...RANGES.map(([seconds, text]) => element("label", {},
  element("input", { type: "radio", name: "range", value: seconds, checked: seconds === range, onchange: () => {
    range = seconds;
    fill();
  } }), text)));
