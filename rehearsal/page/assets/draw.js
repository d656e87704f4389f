// What all parts of the page draw with. Text from outside becomes text nodes, never markup.

export const id = (name) => document.getElementById(name);

export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

// Replaces what has changed, and gives the focus back to what had it.
const drawn = new Map();
export function draw(name, value, make) {
  const text = JSON.stringify(value);
  if (drawn.get(name) === text) return;
  drawn.set(name, text);
  const focused = document.activeElement?.id;
  id(name).replaceChildren(...make().filter((child) => child !== null));
  if (focused && document.activeElement.id !== focused) id(focused)?.focus({ preventScroll: true });
}

export const time = (seconds) => new Date(seconds * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
export const clock = (seconds, more) => new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", ...more });
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const pill = (status, text) => element("span", { class: "pill", "data-status": status }, text);

// A name that nobody else has, also where a browser takes this page's address for no secure one.
export const ownName = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");

const ADDRESS = /https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]]/g;

export function link(address, text) {
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

// A text with its addresses as links.
export function linked(text) {
  const parts = [];
  let place = 0;
  for (const found of text.matchAll(ADDRESS)) {
    parts.push(text.slice(place, found.index), link(found[0], found[0]));
    place = found.index + found[0].length;
  }
  return [...parts, text.slice(place)];
}
