#!/usr/bin/env bash
# The main job as a transcript: a stream is cut, events happen meanwhile, and the client gets exactly what it missed.
# Runs a server of its own on a free port, with a database of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
work=$(mktemp -d)
server='' curl=''
cleanup() {
    [ -z "$curl" ] || kill "$curl" 2>/dev/null || true
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap cleanup EXIT

say() { printf '\n# %s\n' "$*"; }

# Waits until the file contains the text.
until_in() {
    for _ in $(seq 200); do
        grep -qF -- "$2" "$1" && return
        sleep 0.05
    done
    echo "demo: \"$2\" did not come; what came is:" >&2
    cat "$1" >&2
    exit 1
}

json() { curl -sS --fail-with-body -H 'Content-Type: application/json' "$@"; }

user() {
    json "$url/api/v1/users" -d "{\"username\":\"$1\",\"password\":\"correct horse\"}" >/dev/null
    json "$url/api/v1/sessions" -d "{\"username\":\"$1\",\"password\":\"correct horse\"}" |
        sed 's/.*"token":"\([^"]*\)".*/\1/'
}

board() {
    json "$url/api/v1/boards" -H "Authorization: Bearer $1" \
        -d "{\"name\":\"$2\",\"rows\":3,\"cols\":3,\"dots\":[{\"row\":0,\"col\":0,\"color\":\"#ff0000\"},{\"row\":0,\"col\":2,\"color\":\"#ff0000\"}]}"
    echo
}

path() {
    json "$url/api/v1/boards/$2/paths" -H "Authorization: Bearer $1" \
        -d '{"cells":[{"row":0,"col":0},{"row":0,"col":1},{"row":0,"col":2}]}'
    echo
}

"$target/debug/dotcast" serve --listen 127.0.0.1:0 --database-url "sqlite://$work/demo.db" \
    --log warn >"$work/server" &
server=$!
until_in "$work/server" 'listens on'
url=$(sed -n 's/.* listens on //p' "$work/server")

say "two users: ada and grace"
ada=$(user ada)
grace=$(user grace)

say "somebody follows the stream: curl -N $url/sse/notifications/"
curl -sN "$url/sse/notifications/" >"$work/first" &
curl=$!
until_in "$work/first" 'event: cursor'

say "ada creates a board, grace draws a path on it, which solves it"
board "$ada" 'First board'
path "$grace" 1
until_in "$work/first" 'event: boardSolved'

say "the stream is cut here; this is what came"
kill "$curl"
wait "$curl" 2>/dev/null || true
curl=''
cat "$work/first"
last=$(sed -n 's/^id: //p' "$work/first" | tail -n 1)

say "meanwhile: grace creates a board, ada solves it"
board "$grace" 'Second board'
path "$ada" 2

say "curl comes back: curl -N -H 'Last-Event-ID: $last' $url/sse/notifications/"
curl -sN -H "Last-Event-ID: $last" "$url/sse/notifications/" >"$work/second" &
curl=$!
until_in "$work/second" 'event: boardSolved'
cat "$work/second"

missed=$(grep -cE '^event: (newBoard|newPath|boardSolved)$' "$work/second")
if [ "$missed" -ne 3 ]; then
    echo "demo: expected the 3 missed events, got $missed" >&2
    exit 1
fi
say "exactly the three that were missed, none twice"
