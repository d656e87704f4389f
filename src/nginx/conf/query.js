/*
 * The part of an address's query that can have an effect on the page: parameters that WordPress, its plugins or its theme
 * know. Which ones these are, WordPress writes on the volume (Site/QueryParameters.php), one to a line. Without that list, all
 * of the query stays.
 */
import fs from 'fs';

const LIST = '/var/www/content/.floodgate-parameters';
/* Of these a plugin may know, and everybody has another value; what is read of them, a script reads in the browser. */
const TRACKING = /^(?:utm_\w+|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|yclid|twclid|ttclid|igshid|mc_[ce]id|_ga|_gl|_hsenc|_hsmi)$/i;
/* Pages of the block editor's lists. */
const BLOCKS = /^query(?:-\d+)?-page$/;

/** The list, read again when its time in the memory that all processes share is over. */
function list() {
    const kept = ngx.shared.parameters.get('list');
    if (kept !== undefined) {
        return kept;
    }
    let read = '';
    try {
        read = fs.readFileSync(LIST, 'utf8');
    } catch (_) {
        // A volume that has none yet.
    }
    ngx.shared.parameters.set('list', read);
    return read;
}

/** The name of a parameter as PHP has it: a part in brackets belongs to the value. */
function nameOf(parameter) {
    let name = parameter.split('=', 1)[0].replace(/\+/g, ' ');
    try {
        name = decodeURIComponent(name);
    } catch (_) {
        // Then it is no name that anybody knows.
    }
    return name.replace(/^ +/, '').replace(/\[.*$/, '').replace(/[ .]/g, '_');
}

function known(request) {
    const query = request.variables.args || '';
    const names = list();
    return query.split('&').filter((parameter) => {
        const name = nameOf(parameter);
        return name !== '' && !TRACKING.test(name) && (names === '' || BLOCKS.test(name) || names.includes(`\n${name}\n`));
    }).join('&');
}

export default { known };
