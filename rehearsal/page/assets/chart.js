// Lines of data points along an axis, as a drawing of the width that it has, with a table of the values.

import { clock, element } from "./draw.js";

const HEIGHT = 180;
const MARGIN = { left: 52, right: 12, top: 12, bottom: 24 };
// What a screen has room for between two of the times, or the values, that are written at the sides.
const BETWEEN = { x: 90, y: 36 };
const STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
// Lines that have a colour and a pattern of their own.
const KINDS = 7;

export const number = (value) => value.toLocaleString([], { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 1 });

function shape(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Round values from the lowest to above the highest, the lowest at most 0, and at least so much between them.
function scale(values, least) {
  const low = Math.min(0, ...values);
  const high = Math.max(...values, low + least);
  const rough = (high - low) / Math.floor((HEIGHT - MARGIN.top - MARGIN.bottom) / BETWEEN.y);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((each) => each * power >= rough);
  const marks = [];
  for (let mark = Math.floor(low / step); mark === 0 || (mark - 1) * step < high; mark += 1) marks.push(mark * step);
  return marks;
}

function timeMarks(from, until, width) {
  const step = STEPS.find((each) => (until - from) / each <= width / BETWEEN.x) ?? STEPS.at(-1);
  // Whole minutes and hours of the person's own clock.
  const offset = new Date(until * 1000).getTimezoneOffset() * 60;
  const marks = [];
  for (let mark = Math.ceil((from - offset) / step) * step + offset; mark <= until; mark += step) marks.push(mark);
  return marks;
}

// How values and their moments are written. Of at most `marked` points each has a mark; `bands` are [name, from, until].
const CLOCK = { heading: "Time", least: 1, at: clock, marks: timeMarks, marked: 70, show: number, bands: [] };

export const within = (line, from, until) => line.points.filter(([at]) => at >= from && at < until);

function words({ title, lines, thresholds, axis }, from, until) {
  const told = lines.map((line) => {
    const points = within(line, from, until);
    if (!points.length) return `${line.label}: no data`;
    const [at, last] = points.at(-1);
    const [peak, highest] = points.reduce((best, each) => (each[1] > best[1] ? each : best));
    return `${line.label}: ${points.length} data points, ${axis.show(last)} at ${axis.at(at)}, at most ${axis.show(highest)} at ${axis.at(peak)}`;
  });
  return [title, ...told, ...thresholds.map(([label, value]) => label || `a line at ${axis.show(value)}`)].join(". ");
}

function drawing(about, width, from, until) {
  const { lines, thresholds, axis } = about;
  const found = lines.map((line) => within(line, from, until));
  const marks = scale([...found.flat().map(([, value]) => value), ...thresholds.map(([, value]) => value)], axis.least);
  const x = (at) => MARGIN.left + ((at - from) / (until - from)) * (width - MARGIN.left - MARGIN.right);
  const y = (value) => HEIGHT - MARGIN.bottom - ((value - marks[0]) / (marks.at(-1) - marks[0])) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const parts = [];
  axis.bands.forEach(([name, begin, end], place) => {
    const left = x(Math.max(begin, from));
    const right = x(Math.min(end, until));
    parts.push(shape("rect", { class: `band band-${place % 2}`, x: left, y: MARGIN.top, width: Math.max(0, right - left), height: HEIGHT - MARGIN.top - MARGIN.bottom }));
    if (right - left > 7 * name.length) parts.push(shape("text", { x: (left + right) / 2, y: MARGIN.top - 3, "text-anchor": "middle" }, name));
  });
  for (const mark of marks) {
    parts.push(shape("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(mark), y2: y(mark) }),
      shape("text", { x: MARGIN.left - 7, y: y(mark) + 4, "text-anchor": "end" }, axis.show(mark)));
  }
  for (const mark of axis.marks(from, until, width)) {
    const anchor = x(mark) > width - MARGIN.right - 14 ? "end" : "middle";
    parts.push(shape("text", { x: x(mark), y: HEIGHT - 6, "text-anchor": anchor }, axis.at(mark)));
  }
  for (const [, value] of thresholds) {
    parts.push(shape("line", { class: "threshold", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }));
  }
  found.forEach((points, place) => {
    const kind = `kind-${place % KINDS}`;
    const path = points.map(([at, value], index) => {
      const goesOn = index > 0 && at - points[index - 1][0] <= lines[place].period;
      return `${goesOn ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    });
    parts.push(shape("path", { class: `line ${kind}`, d: path.join("") }));
    points.forEach(([at, value], index) => {
      const alone = at - (points[index - 1]?.[0] ?? 0) > lines[place].period && (points[index + 1]?.[0] ?? Infinity) - at > lines[place].period;
      if (points.length > axis.marked && !alone) return;
      parts.push(shape("circle", { class: `point ${kind}`, cx: x(at), cy: y(value), r: 2.6 },
        shape("title", {}, `${lines[place].label}, ${axis.at(at)}: ${axis.show(value)}`)));
    });
  });
  if (!found.flat().length) {
    parts.push(shape("text", { class: "nothing", x: (width + MARGIN.left) / 2, y: HEIGHT / 2 - 8, "text-anchor": "middle" }, "No data in this time"));
  }
  return shape("svg", { role: "img", viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-label": words(about, from, until) }, ...parts);
}

function table({ title, lines, axis }, from, until) {
  const times = [...new Set(lines.flatMap((line) => within(line, from, until).map(([at]) => at)))].sort((one, other) => other - one);
  const values = lines.map((line) => new Map(line.points));
  const seconds = lines.some((line) => line.period < 60) ? { second: "2-digit" } : {};
  if (!times.length) return element("p", { class: "soft" }, "No data in this time.");
  return element("div", { class: "table", tabindex: "0", role: "region", "aria-label": `Values of ${title}` },
    element("table", {},
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, axis.heading),
        ...lines.map((line) => element("th", { scope: "col" }, line.label)))),
      element("tbody", {}, ...times.map((at) => element("tr", {}, element("th", { scope: "row" }, axis.at(at, seconds)),
        ...values.map((each) => element("td", {}, each.has(at) ? axis.show(each.get(at)) : "–")))))));
}

// Tables that somebody has opened stay open when the chart is drawn anew.
const opened = new Set();

// A chart's parts, and what fills them: `fill` takes the lines with their points, and the time from and until.
export function chart(key, title, labels, thresholds, axis = CLOCK) {
  const canvas = element("div", { class: "canvas" });
  const values = element("div", {});
  const details = element("details", { open: opened.has(key), class: "values" },
    element("summary", { id: `values-${key}` }, "Values", element("span", { class: "hidden" }, ` of ${title}`)), values);
  const legend = labels.length > 1 || thresholds.some(([label]) => label)
    ? element("ul", { class: "legend" },
      ...labels.slice(labels.length === 1 ? 1 : 0).map((label, place) => element("li", { class: `kind-${place % KINDS}` }, sample("line"), label)),
      ...thresholds.filter(([label]) => label).map(([label]) => element("li", {}, sample("threshold"), label)))
    : null;
  let latest = null;
  let width = 0;
  const paint = () => {
    if (!latest || !width) return;
    const about = { title, lines: latest.lines, thresholds, axis };
    canvas.replaceChildren(drawing(about, width, latest.from, latest.until));
    if (details.open) values.replaceChildren(table(about, latest.from, latest.until));
  };
  details.addEventListener("toggle", () => {
    if (details.open) opened.add(key);
    else opened.delete(key);
    paint();
  });
  new ResizeObserver(([{ contentRect }]) => {
    const next = Math.floor(contentRect.width);
    if (next === width) return;
    width = next;
    paint();
  }).observe(canvas);
  const fill = (lines, from, until) => {
    latest = { lines, from, until };
    paint();
  };
  return { parts: [canvas, legend, details], fill };
}

function sample(kind) {
  return shape("svg", { class: "sample", width: 22, height: 8, viewBox: "0 0 22 8", "aria-hidden": "true" },
    shape("path", { class: kind, d: "M0 4H22" }));
}
