'use strict';
/* The list works without this: it ticks at once, finds while one types, and tells the site when there is a network. */
(() => {
    const list = document.querySelector('.floodgate-door');
    const { api, nonce, lost, version, gone } = list.dataset;
    const people = new Map([...list.querySelectorAll('[data-claim]')].map((row) => [Number(row.dataset.claim), row]));
    const status = list.querySelector('[data-network]');
    const changed = list.querySelector('[data-changed]');
    const counter = list.querySelector('[data-here]');
    const EVERY = 10_000;
    const language = document.documentElement.lang || undefined;

    /** Ticks that the site has not heard of, by registration; kept on this device, also when the page is closed. */
    const waiting = {
        key: `floodgate door ${api}`,
        read() {
            try {
                return JSON.parse(localStorage.getItem(this.key)) || {};
            } catch {
                return {};
            }
        },
        write(ticks) {
            try {
                localStorage.setItem(this.key, JSON.stringify(ticks));
            } catch { /* a browser that keeps nothing: the page itself does, while it is open */ }
            this.kept = ticks;
        },
        kept: {},
    };
    waiting.kept = waiting.read();

    const show = (claim, here) => {
        const row = people.get(claim);
        if (row) {
            row.dataset.arrived = here ? '1' : '';
            row.querySelector('button').setAttribute('aria-pressed', String(here));
            row.querySelector('[name=here]').value = here ? '0' : '1';
        }
    };
    let others = new Set([...people].filter(([, row]) => row.dataset.arrived).map(([claim]) => claim));
    const showAll = () => {
        const here = new Set(others);
        for (const { claim, here: arrived } of Object.values(waiting.kept)) {
            here[arrived ? 'add' : 'delete'](claim);
        }
        for (const claim of people.keys()) {
            show(claim, here.has(claim));
        }
        counter.textContent = here.size.toLocaleString(language);
    };
    /** Somebody whose registration is gone: a touch would do nothing, and says so from now on. */
    const withdraw = (claim) => {
        const button = people.get(claim)?.querySelector('button');
        if (button && !button.disabled) {
            button.disabled = true;
            button.querySelector('strong').append(` (${gone})`);
        }
    };
    const say = (text) => {
        if (status.textContent !== text) {
            status.textContent = text;
        }
    };

    let busy = false;
    const tell = async () => {
        if (busy) {
            return;
        }
        busy = true;
        const ticks = Object.values(waiting.kept);
        try {
            const answer = await fetch(api, {
                method: ticks.length ? 'POST' : 'GET',
                headers: { 'X-WP-Nonce': nonce, 'Content-Type': 'application/json' },
                body: ticks.length ? JSON.stringify({ ticks }) : undefined,
                credentials: 'same-origin',
            });
            if (answer.status === 401 || answer.status === 403) {
                say(lost);
                return;
            }
            if (!answer.ok) {
                throw new Error(String(answer.status));
            }
            const news = await answer.json();
            others = new Set(news.here);
            news.unknown.forEach(withdraw);
            changed.hidden = news.version === version;
            // What was ticked meanwhile waits for the next time.
            const still = Object.entries(waiting.kept).filter(([claim, tick]) => !ticks.some((told) => told.claim === Number(claim) && told.at === tick.at));
            waiting.write(Object.fromEntries(still));
            say('');
            showAll();
        } catch {
            const count = Object.keys(waiting.kept).length;
            say(status.dataset.waiting.replace('%s', count.toLocaleString(language)));
        } finally {
            busy = false;
        }
    };

    for (const [claim, row] of people) {
        row.querySelector('form').addEventListener('submit', (event) => {
            event.preventDefault();
            const here = row.querySelector('[name=here]').value === '1';
            waiting.write({ ...waiting.kept, [claim]: { claim, here, at: Date.now() } });
            showAll();
            tell();
        });
    }

    const field = list.querySelector('#floodgate-find');
    const find = () => {
        // A code may be typed with its dashes or without, a name with what joins its letters or without.
        const typed = field.value.normalize().replace(/\p{DI}+/gu, '').replace(/\s+/gu, ' ').trim().toLocaleLowerCase();
        const code = typed.replaceAll('-', '');
        for (const row of people.values()) {
            row.hidden = !row.dataset.find.includes(typed) && !row.dataset.find.includes(code);
        }
    };
    field.addEventListener('input', find);
    field.form.addEventListener('submit', (event) => {
        // Everybody is on this page already: nothing need be asked of a site that may be out of reach.
        if (!new URLSearchParams(location.search).get('s')) {
            event.preventDefault();
            find();
        }
    });

    addEventListener('online', tell);
    setInterval(tell, EVERY);
    showAll();
    tell();
})();
