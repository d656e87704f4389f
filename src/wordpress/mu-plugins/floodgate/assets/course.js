'use strict';
/* The page works without this: it only counts down, comes back when there is something new, and keeps what was typed. */
(() => {
    const language = document.documentElement.lang || undefined;

    /** Beside times of another time zone than the visitor's stands what they are in that one. A page has both in its markup. */
    const showLocalTimes = (root) => {
        const offset = (time) => {
            const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(time.dateTime);
            return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
        };
        const isElsewhere = (time) => -new Date(time.dateTime).getTimezoneOffset() !== offset(time);
        const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
        const all = [...root.querySelectorAll('time[datetime]')];
        for (const place of new Set(all.map((time) => time.parentElement))) {
            const times = all.filter((time) => time.parentElement === place);
            if (times.some(isElsewhere)) {
                const [first, last] = times.map((time) => new Date(time.dateTime));
                const line = document.createElement('small');
                line.className = 'yours';
                // Words and date may run in two directions, and be in two languages.
                const date = document.createElement('bdi');
                date.textContent = last ? format.formatRange(first, last) : format.format(first);
                if (root.dataset.yoursLanguage) {
                    line.lang = root.dataset.yoursLanguage;
                    date.lang = language;
                }
                line.append(root.dataset.yours, ' ', date);
                place.append(' ', line);
            }
        }
    };
    for (const root of document.querySelectorAll('[data-yours]')) {
        showLocalTimes(root);
    }

    const main = document.getElementById('floodgate');
    if (!main) {
        return; // the list of courses, whose visitors have this file when they come to a course
    }
    const state = main.dataset.floodgateState;
    // The address is not always this one: a form that was sent is answered at its own.
    const address = document.querySelector('link[rel=canonical]').href;
    const isAnswer = new URL(address).pathname !== location.pathname;

    /** What this tab keeps under a name. Where nothing may be kept, nothing is. */
    const store = (key) => ({
        read() {
            try {
                return JSON.parse(sessionStorage.getItem(key)) || {};
            } catch {
                return {};
            }
        },
        write(value) {
            try {
                sessionStorage.setItem(key, JSON.stringify(value));
            } catch { /* a browser that keeps nothing */ }
        },
    });

    /*
     * The server's clock. A page says what that was when it was made, and may be some seconds old. So a visitor's clock that
     * is ahead of it by no more than that is taken to be right: to ask too early costs a reload, to ask too late a seat. One
     * that is ahead by more is wrong, or the page is older, as while PHP fails; and a page that the browser had kept says
     * nothing of clocks, also where the server has said that it is the same still. Then this tab knows from before, or asks.
     */
    const serverClock = {
        OLDEST_PAGE: 4000,
        kept: store('floodgate-clock'),
        wrong: undefined,
        know(wrong) {
            this.wrong = wrong;
            this.kept.write({ wrong });
        },
        /** By a page that came then, and says when it was made. */
        learnFromPage(arrived, made) {
            const ahead = arrived - made;
            const before = this.kept.read().wrong;
            if (ahead <= this.OLDEST_PAGE) {
                this.know(Math.min(ahead, 0));
            } else if (before > 0 && ahead >= before && ahead <= before + this.OLDEST_PAGE) {
                this.wrong = before;
            }
        },
        /** By an answer between two moments, whose time is the server's own, in whole seconds. */
        learnFromAnswer(sent, arrived, date) {
            this.know(Math.min(arrived - date, 0) + Math.max(sent - date - 1000, 0));
        },
        /** Milliseconds to the opening. */
        untilOpening() {
            return Number(main.dataset.floodgateOpens) * 1000 - Date.now() + (this.wrong ?? 0);
        },
    };
    const [visit] = performance.getEntriesByType('navigation');
    if (visit.encodedBodySize > 0 && visit.transferSize >= visit.encodedBodySize) {
        serverClock.learnFromPage(Date.now() - performance.now() + visit.responseStart, Number(main.dataset.floodgateNow) * 1000);
    } else {
        serverClock.wrong = serverClock.kept.read().wrong;
    }

    const countDown = (clock, announcer) => {
        const fields = [...clock.querySelectorAll('[data-unit]')];
        const title = document.title;
        const relative = new Intl.RelativeTimeFormat(language);
        let before = 0;
        let timer;
        // A device that has just woken may have no network yet: the browser's own error would stand there for good.
        const open = async () => {
            const isThere = navigator.onLine || await fetch(address, {
                method: 'HEAD', cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(5000),
            }).then(() => true, () => false);
            if (isThere) {
                location.replace(address);
            } else {
                timer = setTimeout(open, 1000);
            }
        };
        const tick = () => {
            clearTimeout(timer);
            const left = serverClock.untilOpening();
            const seconds = Math.max(0, Math.ceil(left / 1000));
            let rest = seconds;
            for (const field of fields) {
                const unit = Number(field.dataset.unit);
                field.textContent = String(Math.floor(rest / unit)).padStart(unit === 86400 ? 1 : 2, '0');
                rest %= unit;
            }
            if (seconds < 3600) {
                document.title = `${fields.slice(2).map((field) => field.textContent).join(':')} – ${title}`;
            }
            // Spoken at a few moments, not every second.
            const passed = [1, 5, 10, 30].find((minutes) => seconds <= minutes * 60 && before > minutes * 60);
            if (passed) {
                announcer.textContent = `${announcer.dataset.announce} ${relative.format(passed, 'minute')}`;
            }
            before = seconds;
            // At the opening, not everybody in the same instant.
            timer = left > 0
                ? setTimeout(tick, left % 1000 + 5)
                : setTimeout(open, 150 + Math.random() * 850);
        };
        clock.hidden = false;
        // A hidden window's timers are slow.
        document.addEventListener('visibilitychange', tick);
        tick();
    };

    /** The page once more, a kilobyte or less: it comes again when it is another one, and its answer tells the time. */
    const look = async () => {
        const sent = Date.now();
        const page = await fetch(address, {
            cache: 'no-cache', credentials: 'omit', headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(5000),
        }).catch(() => null);
        const now = Date.parse(page?.headers.get('Date'));
        if (now) {
            serverClock.learnFromAnswer(sent, Date.now(), now);
        }
        const version = page && /data-floodgate-version="(\w+)"/.exec(await page.text().catch(() => ''))?.[1];
        // The waiting page has no version, and is no news.
        if (page?.status === 404 || (version && version !== main.dataset.floodgateVersion)) {
            location.replace(address);
        }
    };

    /** Whoever waits learns what an organiser has changed, whatever it is: by two or three looks a minute. */
    const lookForNews = () => {
        const EVERY = 21000;
        let looked = Date.now();
        let timer;
        const again = () => {
            clearTimeout(timer);
            looked = Date.now();
            timer = setTimeout(again, EVERY + Math.random() * 8000);
            look();
        };
        timer = setTimeout(again, EVERY + Math.random() * 8000);
        // A hidden window's timers are slow.
        document.addEventListener('visibilitychange', () => {
            if (!document.hidden && Date.now() - looked >= EVERY) {
                again();
            }
        });
    };

    /** What this visitor typed for this course. */
    const course = `floodgate ${location.pathname.split('/').filter(Boolean).pop()}`;
    const draft = store(course);

    const keepDraft = (form) => {
        const fields = [...form.elements].filter((field) => field.name && field.type !== 'hidden' && field.name !== 'nothing');
        const { sent, ...typed } = draft.read();
        for (const field of fields) {
            if (field.type === 'checkbox') {
                field.checked ||= typed[field.name] === true;
            } else {
                field.value ||= typed[field.name] ?? '';
            }
        }
        const save = (more) => draft.write(Object.fromEntries([
            ...fields.map((field) => [field.name, field.type === 'checkbox' ? field.checked : field.value]), ...more,
        ]));
        form.addEventListener('input', () => save([]));
        form.addEventListener('submit', () => save([['sent', true]]));
    };

    /** Where there is no form any more, the button that asks for the code again knows who one is. */
    const fillFromDraft = (form) => {
        const typed = draft.read();
        for (const name of ['name', 'email']) {
            form.elements[name].value = typed[name] ?? '';
        }
    };

    /** A form that was sent and is here again without an answer comes from the waiting page, or from a line that broke. */
    const showLost = (line) => {
        const { sent, ...typed } = draft.read();
        if (isAnswer) {
            draft.write(typed);
        } else {
            line.hidden = !sent;
        }
    };

    const sendOnce = (form) => {
        const button = form.querySelector('button');
        const label = button.textContent;
        let sending = false;
        form.addEventListener('submit', (event) => {
            if (sending) {
                event.preventDefault();
            }
            sending = true;
            // Not disabled: it would lose the focus.
            button.setAttribute('aria-disabled', 'true');
            button.textContent = button.dataset.sending;
        });
        // Back from the answer, or from a page that did not come.
        addEventListener('pageshow', () => {
            sending = false;
            button.removeAttribute('aria-disabled');
            button.textContent = label;
        });
    };

    /** What this tab has made up for this course: who sends the form again with it is shown the code, and nobody else is. */
    const showWho = (form) => {
        const field = form.elements.browser;
        if (field) {
            const own = store(`${course} own`);
            const key = own.read().key ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
            own.write({ key });
            field.value = key;
        }
    };

    const lost = document.querySelector('[data-resend]');
    if (lost) {
        showLost(lost);
    }
    const form = document.getElementById('floodgate-claim') ?? document.getElementById('floodgate-queue');
    if (form) {
        keepDraft(form);
        showWho(form);
        sendOnce(form);
    }
    const find = document.getElementById('floodgate-find');
    if (find) {
        // Whoever was not found by it writes it otherwise.
        if (!isAnswer) {
            fillFromDraft(find);
        }
        showWho(find);
        sendOnce(find);
        lookForNews();
    }
    const offer = document.getElementById('floodgate-take');
    if (offer) {
        sendOnce(offer);
    }
    if (state === 'closed') {
        const start = () => countDown(document.querySelector('[data-countdown]'), document.querySelector('[data-announce]'));
        // By a clock that nobody has compared, one that is ahead would ask for the page again and again.
        if (serverClock.wrong === undefined) {
            look().then(start);
        } else {
            start();
        }
    }
    /** The code as a drawing, which leads a phone's camera to the list at the door. Drawn here: no answer waits for it. */
    const drawCode = async (place) => {
        const { generate } = await import(place.dataset.script);
        const code = generate(place.dataset.qr);
        const margin = 4;
        const drawing = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
        drawing.setAttribute('viewBox', `0 0 ${code.size + 2 * margin} ${code.size + 2 * margin}`);
        drawing.setAttribute('role', 'img');
        drawing.setAttribute('aria-label', place.dataset.name);
        const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
        let squares = '';
        for (let y = 0; y < code.size; y++) {
            for (let x = 0; x < code.size; x++) {
                squares += code.get(x, y) ? `M${x + margin} ${y + margin}h1v1h-1z` : '';
            }
        }
        path.setAttribute('d', squares);
        drawing.append(path);
        place.append(drawing);
        place.hidden = false;
    };

    if (state === 'confirmed') {
        draft.write({});
        drawCode(document.querySelector('[data-qr]'));
        const print = document.querySelector('[data-print]');
        print.hidden = false;
        print.addEventListener('click', () => window.print());
    }
})();
