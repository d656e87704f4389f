'use strict';
/* In each page, before its own scripts: when it is drawn, what it says and offers, and how far its parts have moved. */
(() => {
    // A page that the browser makes itself, where none came, is none.
    if (window !== window.top || !location.protocol.startsWith('http')) {
        return;
    }
    const state = () => document.querySelector('[data-floodgate-state]')?.dataset.floodgateState ?? null;
    const usable = () => {
        const button = document.querySelector('#floodgate-claim button');
        return Boolean(button?.checkVisibility() && !button.disabled);
    };

    /*
     * Cumulative layout shift as browsers report it: the worst burst of shifts that nobody caused by a key or a press. A burst
     * lasts 5 s at most, and ends with a second without any.
     */
    let burst = 0;
    let first = 0;
    let last = -Infinity;
    let worst = 0;
    const move = (shift) => {
        if (shift.hadRecentInput) {
            return;
        }
        if (shift.startTime - last > 1000 || shift.startTime - first > 5000) {
            burst = 0;
            first = shift.startTime;
        }
        last = shift.startTime;
        burst += shift.value;
        if (burst > worst) {
            worst = burst;
            window.floodgateMoved(performance.timeOrigin, worst);
        }
    };
    new PerformanceObserver((list) => list.getEntries().forEach(move)).observe({ type: 'layout-shift', buffered: true });

    // Deferred scripts have run by then, and two frames later it is on the screen.
    const tell = () => {
        const [visit] = performance.getEntriesByType('navigation');
        const [paint] = performance.getEntriesByName('first-contentful-paint');
        window.floodgateDrawn(performance.timeOrigin, {
            state: state(),
            code: document.querySelector('[data-floodgate-code]')?.dataset.floodgateCode ?? null,
            usable: usable(),
            seconds: Math.max(performance.now(), paint?.startTime ?? 0) / 1000,
            status: visit?.responseStatus ?? 0,
            address: location.href,
            title: document.title,
        });
    };
    addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => requestAnimationFrame(tell)));
})();
