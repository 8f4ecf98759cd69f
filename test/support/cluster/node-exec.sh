#!/usr/bin/env bash
# node-exec.sh COMMAND...: runs a command (ctr, kill, ip, ...) in the namespaces of the node of KAPI_RUN.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
exec nsenter -t "$(cat "$run/init.pid")" -m -n -p -- "$@"
