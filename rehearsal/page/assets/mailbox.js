// The view of the mailbox: what the emulated topics and the sites have sent, the newest first, and what is read of it.

import { draw, element, id, linked, time } from "./draw.js";

const actToken = document.querySelector("meta[name=act-token]").content;

let told = null;
let open = null;
let sender = "";
let letter = null;

const address = (name) => `messages/${encodeURIComponent(name)}`;

export function tellMailbox(next) {
  told = next;
  const badge = id("unread");
  badge.hidden = !told.unread;
  if (badge.dataset.count !== String(told.unread)) {
    badge.dataset.count = told.unread;
    badge.replaceChildren(String(told.unread), element("span", { class: "hidden" }, told.unread === 1 ? " unread message" : " unread messages"));
  }
  id("all-read").disabled = !told.unread;
  drawList();
}

// Shows a message, or none; a name that is no message's is said.
export async function readMessage(name) {
  open = name;
  letter = null;
  id("view-mailbox").dataset.reads = String(name !== null);
  drawList();
  drawLetter();
  if (name === null) return;
  const answer = await fetch(address(name)).catch(() => null);
  const found = answer?.ok ? await answer.json() : { missing: true };
  if (open !== name) return;
  letter = found;
  drawLetter();
  id("letter-title").focus();
  if (answer?.ok) await markRead({ message: name });
}

const markRead = (names) => fetch("read", { method: "POST", headers: { "X-Act-Token": actToken }, body: new URLSearchParams(names) }).catch(() => null);

function drawList() {
  if (!told) return;
  if (!told.senders.includes(sender)) sender = "";
  draw("senders", [told.senders, sender], senders);
  id("sender-choice").hidden = told.senders.length < 2;
  draw("messages", [told.messages, told.count, open, sender], list);
}

function senders() {
  return [["", "All"], ...told.senders.map((each) => [each, each === "topics" ? "Topics" : each])].map(([value, text]) => element("label", {},
    element("input", { type: "radio", name: "sender", id: `sender-${value}`, value, checked: value === sender, onchange: () => {
      sender = value;
      drawList();
    } }), text));
}

function list() {
  if (!told.messages.length) return [element("p", { class: "soft" }, `No message yet. What alarms tell their topics and the mails of the sites come here; they lie in ${told.folder}.`)];
  const rest = told.count - told.messages.length;
  return [
    element("ul", { class: "rows letters" }, ...told.messages.filter((each) => !sender || each.sender === sender).map((each) => element("li", { "data-unread": each.unread ? "true" : null },
      element("a", { href: `#/mailbox/${encodeURIComponent(each.name)}`, id: `message-${each.name}`, "aria-current": each.name === open ? "true" : null },
        element("span", { class: "subject" }, each.unread ? element("span", { class: "hidden" }, "Unread: ") : null, each.subject),
        element("span", { class: "soft" }, `${each.to || "nobody"} · ${time(each.at)}`))))),
    rest > 0 ? element("p", { class: "soft" }, `${rest} older ${rest === 1 ? "message lies" : "messages lie"} in ${told.folder}.`) : null,
  ];
}

function drawLetter() {
  id("letter").hidden = open === null;
  draw("letter", [open, letter], () => {
    const back = element("p", { class: "back" }, element("a", { href: "#/mailbox" }, "Back to the list"));
    if (!letter) return [back, element("h2", { id: "letter-title", tabindex: "-1" }, "Opening")];
    if (letter.missing) return [back, element("h2", { id: "letter-title", tabindex: "-1" }, "This message is not there")];
    return [
      back,
      element("h2", { id: "letter-title", tabindex: "-1" }, letter.subject),
      element("dl", { class: "about" }, ...[["From", letter.from], ["To", letter.to], ["Sent", time(letter.at)], ["By", letter.sender === "topics" ? "a topic" : letter.sender]]
        .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value || "nobody")])),
      letter.text ? element("div", { class: "letter" }, ...linked(letter.text)) : null,
      letter.html ? element("iframe", { class: "frame", sandbox: "allow-popups", src: `${address(letter.name)}/letter`, title: "The message as its sender laid it out" }) : null,
      letter.attachments.length ? element("ul", { class: "rows" }, ...letter.attachments.map((each, place) => element("li", {},
        element("a", { href: `${address(letter.name)}/${place}`, download: each.name }, each.name),
        element("span", { class: "soft" }, `${each.bytes} bytes`)))) : null,
    ];
  });
}

id("all-read").addEventListener("click", () => markRead({}));
