'use strict';
/* The page works without this: it only counts down, comes back at the opening, and keeps what was typed. */
(() => {
    const main = document.getElementById('floodgate');
    const state = main.dataset.floodgateState;

    // The page may be a few seconds old. The visitor's clock is better, unless it is wrong.
    const page = Number(main.dataset.floodgateNow) * 1000;
    const skew = Math.abs(Date.now() - page) < 15000 ? 0 : page - Date.now();
    const untilOpening = () => Number(main.dataset.floodgateOpens) * 1000 - (Date.now() + skew);

    const showLocalTimes = () => {
        const form = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
            weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: 'numeric', minute: '2-digit', timeZoneName: 'short',
        });
        for (const time of document.querySelectorAll('time[data-local]')) {
            time.textContent = form.format(new Date(time.dateTime));
        }
    };

    const countDown = () => {
        const clock = document.querySelector('[data-countdown]');
        const fields = clock.querySelectorAll('[data-unit]');
        clock.hidden = false;
        const tick = () => {
            const left = untilOpening();
            let seconds = Math.max(0, Math.ceil(left / 1000));
            for (const field of fields) {
                const unit = Number(field.dataset.unit);
                const text = String(Math.floor(seconds / unit));
                field.textContent = unit === 86400 ? text : text.padStart(2, '0');
                seconds %= unit;
            }
            if (left <= 0) {
                // Not all at once.
                setTimeout(() => location.reload(), 300 + Math.random() * 1500);
            } else {
                setTimeout(tick, Math.min(left, left % 1000 || 1000) + 5);
            }
        };
        tick();
    };

    const drafts = `floodgate ${location.pathname.split('/').filter(Boolean).pop()}`;

    const keepDraft = (form) => {
        let draft = {};
        try {
            draft = JSON.parse(sessionStorage.getItem(drafts)) || {};
        } catch {
            sessionStorage.removeItem(drafts);
        }
        for (const name of ['name', 'email']) {
            const field = form.elements.namedItem(name);
            field.value = field.value || draft[name] || '';
        }
        form.addEventListener('input', () => {
            sessionStorage.setItem(drafts, JSON.stringify({
                name: form.elements.namedItem('name').value, email: form.elements.namedItem('email').value,
            }));
        });
    };

    const sendOnce = (form) => {
        const button = form.querySelector('button');
        const label = button.textContent;
        form.addEventListener('submit', () => {
            button.disabled = true;
            button.textContent = button.dataset.sending;
        });
        // Back from the answer, or from a page that did not come.
        addEventListener('pageshow', () => {
            button.disabled = false;
            button.textContent = label;
        });
    };

    showLocalTimes();
    const form = document.getElementById('floodgate-claim');
    if (form) {
        keepDraft(form);
        sendOnce(form);
    }
    if (state === 'closed' && document.querySelector('[data-countdown]')) {
        countDown();
    }
    if (state === 'confirmed') {
        sessionStorage.removeItem(drafts);
    }
})();
