#!/usr/bin/env bash
# Schemathesis with all its checks against a server of its own over the bundled record.
# SECONDS_LONG (120) is how long it asks; the seed is fixed.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
work=$(mktemp -d)
port=$("$bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cleanup() { [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
export ONRECORD_DATABASE_URL="sqlite:///$work/asked.db" ONRECORD_RATE_LIMIT="" ONRECORD_LOG_LEVEL=warning
"$bin/onrecord" serve --port "$port" >/dev/null &
server=$!
for _ in $(seq 100); do
    "$bin/python" -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/readyz')" 2>/dev/null && break
    sleep 0.3
done
key=$("$bin/onrecord" keys create schemathesis --scopes read,write,admin --json | "$bin/python" -c 'import json, sys; print(json.load(sys.stdin)["key"])')
# It cannot make NDJSON; what an import takes is tried by benchmarks/attack.py.
# A record's body that is refused for what it refers to is not one that the document should refuse.
"$bin/schemathesis" run "http://127.0.0.1:$port/openapi.json" \
    --header "Authorization: Bearer $key" --checks all --exclude-checks positive_data_acceptance \
    --exclude-operation-id list_changes --exclude-operation-id import_records --seed 1 --generation-deterministic \
    --max-time "${SECONDS_LONG:-120}" --no-color "$@"
