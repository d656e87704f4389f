'use strict';
/* Asks for what is new each second, and draws the timeline anew. */
(() => {
    const EVERY = 1000;
    // The report is drawn before the end is told; a busy machine takes long over it.
    const PATIENCE = 60000;
    const WIDTH = 460;
    const HEIGHT = 210;
    const BOX = { left: 48, right: 8, top: 18, bottom: 22 };
    const BANDS = { 'warm-up': '#f8fafc', before: '#eef2ff', opening: '#ffedd5', open: '#f0fdf4', recovery: '#f8fafc' };
    // Of each plot the master tells the title and the names of its lines.
    const LOOKS = [
        { colours: ['#2563eb'] },
        { colours: ['#94a3b8', '#2563eb', '#f97316'] },
        { colours: ['#94a3b8', '#2563eb', '#16a34a', '#9333ea', '#0f766e', '#f59e0b', '#dc2626'], isStacked: true },
        { colours: ['#f59e0b', '#dc2626', '#7f1d1d'] },
    ];

    const make = (name, attributes, ...children) => {
        const element = document.createElementNS('http://www.w3.org/2000/svg', name);
        for (const [key, value] of Object.entries(attributes)) {
            element.setAttribute(key, value);
        }
        element.append(...children);
        return element;
    };
    const show = (value, isTime) => {
        if (!isTime) {
            return String(Math.round(value));
        }
        return value < 1 ? `${Math.round(value * 1000)} ms` : `${Number(value.toPrecision(3))} s`;
    };

    /** A round number that is not smaller. */
    const roof = (value) => {
        const power = 10 ** Math.floor(Math.log10(value));
        return [1, 2, 5, 10].find((factor) => factor * power >= value) * power;
    };

    const draw = (place, state, seconds) => {
        const { colours, isStacked } = LOOKS[place];
        const isTime = state.plots[place].unit === 's';
        const values = (second) => second.values[place];
        const to = Math.max(state.to, ...seconds.slice(-1).map((second) => second.at + 1));
        const x = (at) => BOX.left + ((at - state.from) / (to - state.from)) * (WIDTH - BOX.left - BOX.right);
        const sums = seconds.map((second) => (isStacked ? [values(second).reduce((sum, value) => sum + value, 0)] : values(second)));
        const highest = roof(Math.max(isTime ? 0.01 : 1, ...sums.flat().map((value) => value ?? 0)));
        const y = (value) => HEIGHT - BOX.bottom - (value / highest) * (HEIGHT - BOX.bottom - BOX.top);
        const parts = [];
        state.phases.forEach(([name, start], number) => {
            const end = state.phases[number + 1]?.[1] ?? state.to;
            parts.push(make('rect', { x: x(start), y: BOX.top, width: x(end) - x(start), height: HEIGHT - BOX.top - BOX.bottom, fill: BANDS[name] }));
            if (x(end) - x(start) > 6 * name.length) {
                parts.push(make('text', { x: (x(start) + x(end)) / 2, y: BOX.top - 5, 'text-anchor': 'middle' }, name));
            }
        });
        for (const share of isTime || highest > 1 ? [0, 0.5, 1] : [0, 1]) {
            parts.push(make('line', { x1: BOX.left, x2: WIDTH - BOX.right, y1: y(highest * share), y2: y(highest * share), stroke: '#e2e8f0' }));
            parts.push(make('text', { x: BOX.left - 5, y: y(highest * share) + 4, 'text-anchor': 'end' }, show(highest * share, isTime)));
        }
        for (const at of [state.from, 0, state.to]) {
            parts.push(make('text', { x: x(at), y: HEIGHT - 6, 'text-anchor': at === state.from ? 'start' : at ? 'end' : 'middle' }, `${Math.round(at)} s`));
        }
        parts.push(make('line', { x1: x(0), x2: x(0), y1: BOX.top, y2: HEIGHT - BOX.bottom, stroke: '#ea580c' }));
        const floor = seconds.map(() => 0);
        colours.forEach((colour, line) => {
            if (isStacked) {
                seconds.forEach((second, index) => {
                    const value = values(second)[line];
                    if (value) {
                        const top = y(floor[index] + value);
                        parts.push(make('rect', { x: x(second.at), y: top, width: x(second.at + 1) - x(second.at), height: y(floor[index]) - top, fill: colour }));
                        floor[index] += value;
                    }
                });
                return;
            }
            const points = seconds.map((second) => [second.at + 0.5, values(second)[line]]).filter(([, value]) => value !== null);
            parts.push(make('polyline', { points: points.map(([at, value]) => `${x(at)},${y(value)}`).join(' '), fill: 'none', stroke: colour, 'stroke-width': 1.5 }));
        });
        return parts;
    };

    const frame = ({ title, lines }, place) => {
        const figure = document.createElement('figure');
        const caption = document.createElement('figcaption');
        caption.textContent = title;
        const keys = document.createElement('ul');
        keys.className = 'keys';
        lines.forEach((name, index) => {
            const key = document.createElement('li');
            const mark = document.createElement('i');
            mark.style.background = LOOKS[place].colours[index];
            key.append(mark, name);
            keys.append(key);
        });
        const svg = make('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `${title} over time` });
        figure.append(caption, keys, svg);
        document.getElementById('plots').append(figure);
        return svg;
    };
    let frames = null;

    const line = document.getElementById('line');
    const end = document.getElementById('end');
    let storm = 0;
    let seconds = [];
    let moment = 0;
    const update = (state) => {
        document.getElementById('site').textContent = state.site ?? '…';
        line.textContent = state.line.trim();
        moment = state.moment;
        if (state.storm !== storm) {
            storm = state.storm;
            seconds = [];
        }
        if (state.seconds.length) {
            const first = state.seconds[0].at;
            seconds = [...seconds.filter((second) => second.at < first), ...state.seconds];
        }
        if (storm) {
            frames ??= state.plots.map(frame);
            frames.forEach((svg, place) => {
                svg.replaceChildren(...draw(place, state, seconds));
            });
        }
        if (state.end) {
            end.textContent = state.end;
            end.className = state.end.slice(0, 4);
            end.hidden = false;
        }
    };
    const look = async () => {
        const known = seconds.length ? `&moment=${moment}` : '';
        try {
            const answer = await fetch(`state?storm=${storm}${known}`, { signal: AbortSignal.timeout(PATIENCE) });
            if (!answer.ok) {
                throw new Error(String(answer.status));
            }
            update(await answer.json());
        } catch {
            end.textContent = 'The storm does not answer any more: it has ended, or was stopped.';
            end.hidden = false;
        }
        if (end.hidden) {
            setTimeout(look, EVERY);
        }
    };
    look();
})();
