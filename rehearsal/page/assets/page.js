// The page draws what the server tells it by events; an event of state holds all that is shown, one of a log a piece.

import { tellDashboards } from "./dashboards.js";
import { capital, draw, element, id, ownName, pill as worded, time } from "./draw.js";
import { readMessage, tellMailbox } from "./mailbox.js";
import { forgetTimeline, tellTimeline } from "./timeline.js";

const WORDS = {
  pending: "Not started", running: "Running", succeeded: "Succeeded", failed: "Failed",
  waits: "Waits for approval", rejected: "Rejected", stopped: "Stopped",
};
const MARKS = { pending: "·", running: "▸", succeeded: "✓", failed: "✕", waits: "?", rejected: "✕", stopped: "■" };
// Characters of a log that are kept: what is older scrolls out of the page, and stays in its file.
const KEPT = 600000;

const actToken = document.querySelector("meta[name=act-token]").content;
const chosen = { execution: null, action: null };
let state = null;
let skew = 0;
let sentFor = null;

function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
}

const short = (commit) => commit.slice(0, 8);
// Drawn by the style sheet: to a reader of the page's text, the word beside it says the same.
const mark = (status) => element("span", { class: "mark", "data-status": status, "data-mark": MARKS[status], "aria-hidden": "true" });
const pill = (status, text) => worded(status, text ?? WORDS[status]);

// How a stage is, from its actions: the worst that happened, else how far it is.
function together(statuses) {
  for (const status of ["failed", "rejected", "running", "waits", "stopped"]) if (statuses.includes(status)) return status;
  if (statuses.every((status) => status === "succeeded")) return "succeeded";
  return statuses.every((status) => status === "pending") || !state.rehearses ? "pending" : "running";
}

function statusOf(outcome) {
  if (outcome === "promoted" || outcome === "done" || outcome === "deployed") return "succeeded";
  if (outcome === "rejected" || outcome.startsWith("failed")) return "failed";
  return "stopped";
}

function drawNow() {
  const execution = state.execution;
  let status = "pending";
  let text = "Nothing runs";
  if (state.fault) [status, text] = ["failed", "State cannot be read"];
  else if (state.rehearses) [status, text] = ["running", "Running"];
  else if (state.waiting) [status, text] = ["waits", WORDS.waits];
  else if (execution?.outcome) [status, text] = [statusOf(execution.outcome), capital(execution.outcome)];
  const now = id("now");
  now.dataset.status = status;
  now.textContent = text;
  id("pipeline-name").textContent = state.pipeline ? `· ${state.pipeline}` : "";
  document.title = `${text} - Rehearsal`;
}

function notices() {
  const found = [];
  const notice = (kind, ...children) => found.push(element("div", { class: `notice ${kind}` }, ...children));
  if (state.fault) notice("failed", state.fault);
  if (state.push) notice("", `The push of ${short(state.push.commit)} (${state.push.branch}) waits: it goes when the stage that runs has ended.`);
  for (const broken of state.broken ?? []) {
    const command = broken.status === "ROLLBACK_COMPLETE" ? "delete-stack" : "continue-rollback";
    notice("failed", `${broken.name}: ${broken.status}. ${broken.reason}. `, element("code", {}, `make ${command} STACK=${broken.name}`));
  }
  const decision = state.decision;
  if (decision?.code) {
    const word = decision.word === "approve" ? "The approval" : "The rejection";
    notice("failed", `${word} of execution ${decision.execution} ended with exit code ${decision.code}:`,
      element("pre", { tabindex: "0", "aria-label": "What the command said" }, decision.words.join("\n")));
  }
  return found;
}

function summary() {
  const execution = state.execution;
  if (!execution) {
    return [element("h1", { id: "summary-title" }, "No execution yet"),
      element("p", { class: "facts" }, "Start one: ", element("code", {}, "make rehearse"), " or, after ", element("code", {}, "make remote"), ", ", element("code", {}, "git push rehearsal main"))];
  }
  const facts = [
    execution.execution ? `Execution ${execution.execution}` : "First deployment of the pipeline",
    `${short(execution.commit)} on ${execution.branch || "no branch"}`, execution.author, `started ${time(execution.started)}`,
  ];
  if (execution.ended) facts.push(`took ${duration(execution.ended - execution.started)}`);
  const elsewhere = chosen.execution !== null
    ? element("p", { class: "back" }, element("a", { href: "#/pipeline", id: "to-now", onclick: () => choose(null) }, "Back to what happens now")) : null;
  return [
    element("div", { class: "head" }, element("h1", { id: "summary-title" }, execution.subject),
      execution.outcome ? pill(statusOf(execution.outcome), capital(execution.outcome)) : null),
    element("p", { class: "facts" }, ...facts.map((fact) => element("span", {}, fact))),
    elsewhere,
  ];
}

function actionButton(action, index) {
  return element("li", {}, element("button", {
    class: "action", id: `action-${index}`, type: "button", "data-status": action.status,
    "aria-pressed": String(index === shownAction()), onclick: () => chooseAction(index),
  },
  mark(action.status),
  element("span", {}, action.name, element("span", { class: "hidden" }, `: ${WORDS[action.status]}`)),
  element("span", { class: "time", "data-started": action.started, "data-ended": action.ended }, ""),
  figure(action)));
}

function figure(action) {
  const text = action.status === "waits" ? "decided here, or by make approve and make reject" : action.figure;
  return text ? element("span", { class: "figure" }, text) : null;
}

function stages() {
  const grouped = [];
  (state.execution?.actions ?? []).forEach((action, index) => {
    if (grouped.at(-1)?.name !== action.stage) grouped.push({ name: action.stage, actions: [] });
    grouped.at(-1).actions.push([action, index]);
  });
  return grouped.map((stage) => {
    const status = together(stage.actions.map(([action]) => action.status));
    return element("li", { class: "stage" }, element("span", { class: "thread", "aria-hidden": "true" }),
      element("div", { class: "head" },
        mark(status),
        element("h3", {}, stage.name), pill(status)),
      element("ol", { class: "actions" }, ...stage.actions.map(([action, index]) => actionButton(action, index))));
  });
}

function reportLinks(index) {
  const action = state.execution.actions[index];
  return (action?.reports ?? []).map((name, place) => element("a", {
    href: `report/${state.execution.execution}/${index}/${place}`, target: "_blank", rel: "noopener",
  }, `Open ${name}`));
}

const waitsFor = () => (state.execution?.actions ?? []).findIndex((action) => action.approval && action.status === "waits");
const isAsked = () => !state.fault && state.waiting && state.execution && state.waiting.execution === state.execution.execution && waitsFor() >= 0;

function approval() {
  const index = waitsFor();
  const execution = state.execution;
  const action = execution.actions[index];
  // What it guards is behind it: the next stage, or the rest of its own.
  const guarded = execution.actions[index + 1]?.stage ?? action.stage;
  const evidence = execution.evidence ?? { question: "", changes: [], link: "" };
  const asked = state.waiting.execution;
  const busy = sentFor === asked || state.decision?.code === null || state.rehearses;
  const button = (word, text) => element("button", {
    type: "button", id: `decide-${word}`, class: word, disabled: busy, onclick: () => decide(word, asked),
  }, text);
  const report = action.reports?.length
    ? element("iframe", { class: "frame", sandbox: "allow-popups", src: `report/${execution.execution}/${index}/0`, title: "The report", loading: "lazy" }) : null;
  return [
    element("h2", { id: "approval-title" }, `${action.stage}: may ${short(execution.commit)} go on to ${guarded}?`),
    evidence.question ? element("p", { class: "question" }, evidence.question) : null,
    element("div", {}, element("h3", {}, "What approving changes"),
      evidence.changes.length
        ? element("ul", { class: "changes" }, ...evidence.changes.map((line) =>
          element("li", { class: `${/^\s/.test(line) ? "below" : ""}${line.includes("ITS DATA IS DELETED") ? " loss" : ""}` }, line.trim())))
        : element("p", { class: "soft" }, "No stack changes.")),
    element("div", { class: "decide" },
      button("approve", `Approve ${short(execution.commit)}`), button("reject", "Reject")),
    element("p", { class: "soft" }, state.rehearses ? "Something else runs now: decide when it has ended."
      : busy ? "Your decision is being carried out." : `Approving deploys this commit to ${guarded}; rejecting leaves what stands there.`),
    report ? element("div", {}, element("div", { class: "head" }, element("h3", {}, "Evidence"), element("span", { class: "reports" }, ...reportLinks(index))), report) : null,
  ];
}

function standing() {
  return [element("h2", { id: "standing-title" }, "What stands"),
    element("ul", { class: "rows" }, ...state.standing.map((each) => element("li", {},
      element("span", { class: "grow" }, each.name),
      each.commit ? element("code", {}, short(each.commit)) : null,
      ...each.sites.map((site) => element("a", { href: site, target: "_blank", rel: "noopener noreferrer" }, site.replace("http://", ""))))))];
}

function history() {
  return [element("h2", { id: "history-title" }, "History"),
    element("ul", { class: "rows" }, ...state.history.map((past) => element("li", {},
      past.recorded
        ? element("button", { type: "button", id: `past-${past.execution}`, onclick: () => choose(past.execution) }, `Execution ${past.execution}`)
        : element("span", {}, `Execution ${past.execution}`),
      element("code", {}, short(past.commit)), pill(statusOf(past.outcome), capital(past.outcome)),
      element("span", { class: "soft grow" }, time(past.at)))))];
}

let logAction = null;
const shownAction = () => chosen.action ?? logAction;

function drawState() {
  drawNow();
  const rehearses = state.rehearses;
  draw("notices", [state.fault, state.push, state.broken, state.decision], notices);
  if (state.fault) return;
  draw("summary", [state.execution, chosen.execution, !state.execution], summary);
  draw("stages", [state.execution, rehearses, shownAction()], stages);
  id("pipeline").hidden = !state.execution;
  const asked = isAsked();
  id("approval").hidden = !asked;
  if (asked) draw("approval", [state.execution.evidence, state.waiting, state.decision, rehearses, sentFor, state.execution.actions[waitsFor()]], approval);
  draw("standing", state.standing, standing);
  id("standing").hidden = !state.standing.length;
  draw("history", state.history, history);
  id("history").hidden = !state.history.length;
  drawLogHead();
  tick();
}

function drawLogHead() {
  const action = state?.execution?.actions?.[logAction];
  id("log").hidden = !action;
  if (!action) return;
  const title = `Log of ${action.stage} / ${action.name}`;
  if (id("log-title").textContent !== title) id("log-title").textContent = title;
  draw("log-reports", [logAction, action.approval ? [] : action.reports], () => action.approval ? [] : reportLinks(logAction));
}

// Times that run, without drawing anything anew.
function tick() {
  for (const each of document.querySelectorAll("[data-started]")) {
    const end = each.dataset.ended ? Number(each.dataset.ended) : Date.now() / 1000 - skew;
    const button = each.closest("[data-status]");
    const runs = each.dataset.ended || button.dataset.status === "running";
    const text = runs ? duration(Math.max(0, end - Number(each.dataset.started))) : "";
    if (each.textContent !== text) each.textContent = text;
  }
}

// Says in words what has changed, to whoever does not see it.
function announce(before, after) {
  if (!before?.execution || before.execution.execution !== after.execution?.execution) return;
  const news = after.execution.actions.filter((action, index) =>
    before.execution.actions[index]?.status !== action.status && !["pending", "running"].includes(action.status));
  if (news.length) id("news").textContent = news.map((each) => `${each.stage}, ${each.name}: ${WORDS[each.status]}`).join(". ");
}

function onLog(piece) {
  const view = id("log-text");
  if (piece.begins) {
    view.textContent = "";
    forgetTimeline();
    logAction = piece.action;
    if (state) drawState();
    return;
  }
  view.append(piece.text);
  let kept = view.textContent.length;
  while (kept > KEPT && view.childNodes.length > 1) {
    kept -= view.firstChild.length;
    view.firstChild.remove();
  }
  if (id("follow").checked) view.scrollTop = view.scrollHeight;
}

function onState(next) {
  skew = Date.now() / 1000 - next.now;
  announce(state, next);
  state = next;
  if (!state.waiting || state.decision?.code) sentFor = null;
  drawState();
}

function onLost() {
  id("now").dataset.status = "stopped";
  id("now").textContent = "Not connected: make page";
}

// The name of this tab, of whose lock the others' worker hears when the tab is gone.
const tab = ownName();
const port = globalThis.SharedWorker ? new SharedWorker("assets/stream.js").port : new Worker("assets/stream.js");
port.onmessage = ({ data: { name, value } }) =>
  ({ state: onState, log: onLog, timeline: tellTimeline, dashboards: tellDashboards, mailbox: tellMailbox, lost: onLost })[name](value);

function listen() {
  const watch = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== null));
  port.postMessage({ tab, token: actToken, watch });
}

function choose(execution) {
  chosen.execution = execution;
  chosen.action = null;
  logAction = null;
  listen();
}

function chooseAction(index) {
  chosen.execution ??= state.rehearses ? null : state.execution.execution;
  chosen.action = index;
  listen();
  drawState();
}

async function decide(word, execution) {
  sentFor = execution;
  drawState();
  const answer = await fetch("decisions", {
    method: "POST", headers: { "X-Act-Token": actToken }, body: new URLSearchParams({ decision: word, execution }),
  }).catch((error) => ({ ok: false, text: async () => String(error) }));
  if (!answer.ok) {
    sentFor = null;
    drawState();
    id("notices").prepend(element("div", { class: "notice failed", role: "alert" }, await answer.text()));
  }
}

// Away from the log's end, it stays where a person reads; back there, it follows.
id("log-text").addEventListener("scroll", () => {
  const view = id("log-text");
  id("follow").checked = view.scrollHeight - view.scrollTop - view.clientHeight < 40;
});
// The address says which view is open: #/pipeline, #/dashboards, #/mailbox and #/mailbox/MESSAGE.
const VIEWS = ["pipeline", "dashboards", "mailbox"];
function route() {
  const asked = location.hash;
  if (asked && !asked.startsWith("#/")) return;
  const [, name, ...rest] = asked.split("/");
  const view = VIEWS.includes(name) ? name : VIEWS[0];
  for (const each of VIEWS) {
    id(`view-${each}`).hidden = each !== view;
    if (each === view) id(`to-${each}`).setAttribute("aria-current", "page");
    else id(`to-${each}`).removeAttribute("aria-current");
  }
  readMessage(view === "mailbox" && rest.length ? decodeURIComponent(rest.join("/")) : null);
}

addEventListener("hashchange", route);
route();
setInterval(tick, 500);
addEventListener("pagehide", () => port.postMessage({ tab, leaves: true }));
addEventListener("pageshow", (event) => event.persisted && listen());
// A tab that ends in another way, as by a crash, lets go of its lock.
if (navigator.locks) {
  navigator.locks.request(tab, () => {
    listen();
    return new Promise(() => {});
  });
} else listen();
