#!/usr/bin/env bash
# restart-api.sh [SECONDS]: kills the API server of the cluster of KAPI_RUN, leaves it down for a while and starts it again.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
away=${1:-0}
if [ "$(cat "$run/mode")" = node ] && [ -z "${KAPI_INSIDE:-}" ]; then
  KAPI_INSIDE=1 KAPI_RUN=$run exec "$here/node-exec.sh" "$here/restart-api.sh" "$away"
fi
pid=$(cat "$run/apiserver.pid")
kill -KILL "$pid"
while alive "$pid"; do sleep 0.1; done
sleep "$away"
if [ "$(cat "$run/mode")" = node ]; then
  "$here/control-plane.sh" "$KAPI_NODE_ADDRESS"
else
  "$here/control-plane.sh" 127.0.0.1 --endpoint-reconciler-type=none
fi
