#!/usr/bin/env bash
# down.sh: ends the cluster of KAPI_RUN, by the pids that were recorded, and removes its state.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
if [ ! -f "$run/mode" ]; then exit 0; fi

# The control groups of the node: one in each hierarchy of version 1, or one in all.
cgroups() {
  find /sys/fs/cgroup -maxdepth 2 -type d -name "kapi$KAPI_SLOT" 2>/dev/null
}

end_node() {
  local cgroup
  # With pid 1 of its namespace, the kernel ends everything in it.
  if [ -f "$run/init.pid" ]; then kill -KILL "$(cat "$run/init.pid")" 2>/dev/null; fi
  stop keeper KILL
  if [ -z "${KAPI_SLOT:-}" ]; then return; fi
  ip link del "kapi$KAPI_SLOT" 2>/dev/null
  # A control group can be removed once its last process is gone.
  for _ in $(seq 50); do
    for cgroup in $(cgroups); do find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null; done
    if [ -z "$(cgroups)" ]; then break; fi
    sleep 0.1
  done
}

# The watcher runs this script itself when the owner has gone.
if [ "$(cat "$run/watcher.pid" 2>/dev/null)" != $$ ]; then stop watcher TERM; fi
if [ "$(cat "$run/mode")" = node ]; then
  end_node
else
  # Nothing of their state is kept; asked to end, an API server would wait a minute for open watches.
  for name in kwok scheduler controller-manager apiserver etcd; do stop "$name" KILL; done
fi
rm -rf --one-file-system "$run"
