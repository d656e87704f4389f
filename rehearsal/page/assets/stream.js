"use strict";

// One connection for all tabs of a browser, which keeps six to a server: what each wants to see is told to the server
// beside it, and its events name the tab. A browser without shared workers runs this once for each tab.

const EVENTS = ["state", "log", "timeline", "dashboards", "mailbox"];
const stream = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");
const tabs = new Map();
let source = null;

function receive(port, { tab, token, watch, leaves }) {
  if (leaves) {
    leave(tab);
    return;
  }
  const known = tabs.has(tab);
  tabs.set(tab, { port, token, watch });
  // A tab holds a lock of its name for as long as it lives, in whatever way it ends.
  if (!known) navigator.locks?.request(tab, () => leave(tab));
  if (!source || source.readyState === EventSource.CLOSED) connect();
  else if (source.readyState === EventSource.OPEN) ask(tab);
}

function connect() {
  source = new EventSource(`../events?stream=${stream}`);
  source.addEventListener("open", () => {
    for (const tab of tabs.keys()) ask(tab);
  });
  source.addEventListener("error", lost);
  for (const name of EVENTS) {
    source.addEventListener(name, (event) => {
      const { tab, value } = JSON.parse(event.data);
      tabs.get(tab)?.port.postMessage({ name, value });
    });
  }
}

function lost() {
  for (const { port } of tabs.values()) port.postMessage({ name: "lost" });
}

async function ask(tab) {
  const { token, watch } = tabs.get(tab);
  const answer = await post(token, { stream, tab, ...watch });
  if (!answer?.ok) lost();
}

async function leave(tab) {
  if (!tabs.has(tab)) return;
  const { token } = tabs.get(tab);
  tabs.delete(tab);
  await post(token, { stream, tab, leaves: "" });
  if (!tabs.size && source) {
    source.close();
    source = null;
  }
}

const post = (token, fields) =>
  fetch("../watch", { method: "POST", headers: { "X-Act-Token": token }, body: new URLSearchParams(fields) }).catch(() => null);

if ("onconnect" in self) {
  self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => receive(port, data);
  };
} else self.onmessage = ({ data }) => receive(self, data);
