#!/bin/sh
# Leave of these folders what nginx serves, its texts compressed beside themselves. Brotli's best takes fifteen times as long
# as the next for a tenth less: it is for what visitors load, not for the large scripts of the dashboard.
set -eu

# The texts of $folder, by more of find's tests.
texts() {
    find "$folder" -type f \( -name '*.js' -o -name '*.css' -o -name '*.svg' -o -name '*.json' \) -size +1k "$@" -print0
}

for folder in "$@"; do
    find "$folder" -type f -name '*.php' -delete
    find "$folder" -mindepth 1 -type d -empty -delete
    texts | xargs -0 -r gzip --keep --best --no-name
    texts -size -65k | xargs -0 -r -n 32 -P "$(nproc)" brotli --keep --quality=11
    texts -size +64k | xargs -0 -r -n 8 -P "$(nproc)" brotli --keep --quality=9
done
