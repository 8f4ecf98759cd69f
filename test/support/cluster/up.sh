#!/usr/bin/env bash
# up.sh [api|node]: starts a cluster and prints the path of its administrator's kubeconfig; nothing if it runs already.
#
#   api   the control plane on the loopback interface; KWOK plays the pods. Needs no root.
#   node  the control plane, containerd and a kubelet in namespaces of their own: real containers. Needs root.
#
# KAPI_RUN is the state directory of the cluster. KAPI_OWNER is the pid of a process with which the cluster ends.
# Ports, all on the loopback interface but the first in node mode: KAPI_PORT (API server), KAPI_ETCD_PORT,
# KAPI_ETCD_PEER_PORT, KAPI_KCM_PORT, KAPI_SCHED_PORT, KAPI_KWOK_PORT. More options: ETCD_ARGS, APISERVER_ARGS.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mode=${1:-node}
certificates=$run/certificates

if [ -f "$run/mode" ] && [ "$(cat "$run/mode")" != "$mode" ]; then
  echo "the cluster of $run runs in the mode $(cat "$run/mode"); end it with down.sh first" >&2
  exit 1
fi
mkdir -p "$run"
chmod 700 "$run"
echo "$mode" >"$run/mode"

# Whoever asks this cluster for something later finds its ports here.
if [ ! -f "$run/settings" ]; then
  for name in KAPI_PORT KAPI_ETCD_PORT KAPI_ETCD_PEER_PORT KAPI_KCM_PORT KAPI_SCHED_PORT KAPI_KWOK_PORT; do
    if [ -n "${!name:-}" ]; then printf 'export %s=%q\n' "$name" "${!name}"; fi
  done >"$run/settings"
fi

start_simulated_node() {
  local kwok_port=${KAPI_KWOK_PORT:-16247}
  "$here/control-plane.sh" 127.0.0.1 --endpoint-reconciler-type=none
  # The log of every container, in the form of the container runtime interface.
  echo "$(date -u +%Y-%m-%dT%H:%M:%S.%NZ) stdout F a simulated container" >"$run/simulated.log"
  sed "s#SIMULATED_LOG#$run/simulated.log#" "$here/kwok-stages.yaml" >"$run/kwok.yaml"
  start kwok "$programs/kwok" --kubeconfig="$certificates/kwok.kubeconfig" --config="$run/kwok.yaml" \
    --manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake --node-ip=127.0.0.1 --node-port="$kwok_port" \
    --server-address="127.0.0.1:$kwok_port" --node-lease-duration-seconds=40 \
    --tls-cert-file="$certificates/apiserver.crt" --tls-private-key-file="$certificates/apiserver.key"
  ask /api/v1/nodes/node1 >/dev/null || ask /api/v1/nodes -H 'Content-Type: application/json' -d '{
    "metadata": {
      "name": "node1",
      "annotations": {"kwok.x-k8s.io/node": "fake"},
      "labels": {"kubernetes.io/hostname": "node1", "kubernetes.io/os": "linux"}
    },
    "status": {
      "allocatable": {"cpu": "10k", "memory": "64Ti", "pods": "100k"},
      "capacity": {"cpu": "10k", "memory": "64Ti", "pods": "100k"}
    }
  }' >/dev/null
}

# Several clusters can run on one machine, each in a slot: names and addresses that no other has. The lock of a slot is
# an open file of the cluster's own processes, so that it goes with them, however they end.
take_slot() {
  local locks=/run/lock slot
  mkdir -p "$locks"
  for slot in 0 1 2 3 4 5 6 7 8 9; do
    exec 9>"$locks/millrace-cluster-$slot"
    if flock -n 9; then
      cat >>"$run/settings" <<SETTINGS
export KAPI_SLOT=$slot KAPI_HOST_ADDRESS=10.250.$slot.1 KAPI_NODE_ADDRESS=10.250.$slot.2 KAPI_PODS=10.244.$slot.0/24
SETTINGS
      # shellcheck source=/dev/null
      . "$run/settings"
      return 0
    fi
  done
  echo 'ten clusters in node mode run on this machine already (locks in /run/lock/millrace-cluster-*)' >&2
  return 1
}

start_node() {
  local init outside inside
  # What a killed cluster left; the pids are those of its namespace.
  rm -f "$run"/{namespaces.ready,started,failed} "$run"/{etcd,apiserver,controller-manager,scheduler,containerd,kubelet}.pid
  "$here/base-images.sh"
  take_slot
  outside=kapi$KAPI_SLOT inside=kapi${KAPI_SLOT}n
  start keeper unshare --mount --net --pid --fork --kill-child --mount-proc "$here/node-init.sh"
  wait_for 30 'network namespace' test -f "$run/namespaces.ready"
  init=$(pgrep -P "$(cat "$run/keeper.pid")")
  echo "$init" >"$run/init.pid"
  ip link del "$outside" 2>/dev/null || true
  ip link add "$outside" type veth peer name "$inside" netns "$init"
  ip addr add "$KAPI_HOST_ADDRESS/30" dev "$outside"
  ip link set "$outside" up
  nsenter -t "$init" -n ip link set "$inside" up
  nsenter -t "$init" -n ip addr add "$KAPI_NODE_ADDRESS/30" dev "$inside"
  nsenter -t "$init" -n ip route add default via "$KAPI_HOST_ADDRESS"
  ip route replace "$KAPI_PODS" via "$KAPI_NODE_ADDRESS"
}

node_is_ready() {
  ask /api/v1/nodes/node1 | tr -d ' \n' | grep -q '"type":"Ready","status":"True"'
}

if [ "$mode" = api ]; then
  start_simulated_node
else
  if ! running keeper; then start_node; fi
  wait_for 180 'control plane' test -f "$run/started" -o -f "$run/failed"
  if [ -f "$run/failed" ]; then
    echo "the node does not come up; the logs are in $run" >&2
    exit 1
  fi
fi
wait_for 60 'node' node_is_ready
wait_for 60 'default service account' ask /api/v1/namespaces/default/serviceaccounts/default
if [ -n "${KAPI_OWNER:-}" ]; then
  start watcher bash -c "while kill -0 $KAPI_OWNER 2>/dev/null; do sleep 2; done; KAPI_RUN='$run' exec '$here/down.sh'" 9>&-
fi
echo "$certificates/admin.kubeconfig"
