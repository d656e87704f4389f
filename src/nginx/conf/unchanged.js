/*
 * Remembers that a page says the same: an empty file, named by the second in which the page may be shown and by its entity tag.
 * Whoever has the page is told so by that file's being there (page-in-cache.conf), and the page is not looked at.
 */
import fs from 'fs';

const FOLDER = '/tmp/floodgate/unchanged/';
const TAG = /^W\/"([0-9a-f]{16})"$/;
const UNTIL = /^@(\d+)$/;

/** For a page that PHP has made (gates.conf): only one that everybody may be shown has such a tag. */
function remember(request) {
    const tag = TAG.exec(request.headersOut.ETag || '');
    const until = UNTIL.exec(request.headersOut['X-Accel-Expires'] || '');
    if (request.status !== 200 || tag === null || until === null || Number(until[1]) < Math.floor(request.variables.msec)) {
        return;
    }
    const second = request.variables.time_iso8601;
    try {
        fs.writeFileSync(`${FOLDER}${second}-${tag[1]}`, '');
        // What is over, unless another process has just done it.
        fs.readdirSync(FOLDER).filter((name) => !name.startsWith(second)).forEach((name) => {
            fs.unlinkSync(FOLDER + name);
        });
    } catch (error) {
        if (error.code !== 'ENOENT') {
            request.error(`unchanged.js: ${error}`);
        }
    }
}

export default { remember };
