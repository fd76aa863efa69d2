#!/usr/bin/env bash
# Makes a TypeScript and a Python client from openapi.json in a folder of their own, compiles both
# and lets both ask a server over the bundled record. Needs node 20 and the tools of `make install`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${1:-$here/../../.venv/bin/python}
work=$(mktemp -d)
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cleanup() { [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT

"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'openapi-python-client==0.29.1' ruff
(cd "$work" && PATH="$work/venv/bin:$PATH" openapi-python-client generate \
    --path "$here/../openapi.json" --config "$here/python.yaml" --output-path python --fail-on-warning)
"$work/venv/bin/python" -m compileall -q "$work/python/onrecord_client"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "$work/python"

(cd "$here/.." && npm install --no-package-lock --ignore-scripts --silent)
tools=$here/../node_modules/.bin
mkdir "$work/typescript" && cp "$here/use.ts" "$work/typescript/"
"$tools/openapi-typescript" "$here/../openapi.json" --output "$work/typescript/onrecord.d.ts"
echo '{"type": "module"}' >"$work/typescript/package.json"
(cd "$work/typescript" && "$tools/tsc" --strict --target es2022 --module nodenext \
    --moduleResolution nodenext --lib es2022,dom --types node \
    --typeRoots "$here/../node_modules/@types" use.ts)

ONRECORD_DATABASE_URL="sqlite:///$work/clients.db" ONRECORD_LOG_LEVEL=warning \
    "$python" -c 'from app.cli import main; main()' serve --port "$port" >/dev/null &
server=$!
for _ in $(seq 100); do
    node -e "fetch('http://127.0.0.1:$port/readyz').then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))" && break
    sleep 0.2
done
"$work/venv/bin/python" "$here/use.py" "http://127.0.0.1:$port"
node "$work/typescript/use.js" "http://127.0.0.1:$port"
echo "Both clients compile and work."
