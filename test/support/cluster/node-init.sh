#!/usr/bin/env bash
# Pid 1 of a node's mount, network and pid namespaces; started by up.sh.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
socket=/run/containerd/containerd.sock
cgroup=kapi$KAPI_SLOT

# Paths that containerd, runc and the kubelet insist on are this namespace's own.
mount --make-rprivate / && mount --make-rshared /
mount -t tmpfs tmpfs /run
mkdir -p "$run"/{varlog,kubelet,sysctl,cni/net.d} /run/netns /run/containerd
mount --bind "$run/varlog" /var/log
mount --make-rshared /
# No name server, so that the registry of an image that is not there is not found at once.
: >"$run/resolv.conf"
mount --bind "$run/resolv.conf" /etc/resolv.conf
# The kubelet writes these settings of the whole machine; here it writes copies.
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  copy=$run/sysctl/${setting//\//.}
  cat "/proc/sys/$setting" >"$copy" 2>/dev/null && mount --bind "$copy" "/proc/sys/$setting"
done

ip link set lo up
touch "$run/namespaces.ready"
# up.sh puts one end of a pair of interfaces here.
until ip -4 addr show "kapi${KAPI_SLOT}n" 2>/dev/null | grep -q inet; do sleep 0.1; done
sysctl -qw net.ipv4.ip_forward=1
# The API server's address for pods, instead of a kube-proxy.
for chain in PREROUTING OUTPUT; do
  iptables -t nat -A $chain -d 10.96.0.1 -p tcp --dport 443 -j DNAT --to-destination "$KAPI_NODE_ADDRESS:$port"
done

cat >"$run/cni/net.d/10-pods.conflist" <<JSON
{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [
    {
      "type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipMasq": false,
      "ipam": {
        "type": "host-local", "dataDir": "$run/cni/ipam",
        "ranges": [[{"subnet": "$KAPI_PODS"}]], "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
JSON

# restrict_oom_score_adj: a container without CAP_SYS_RESOURCE may not lower the score.
cat >"$run/containerd.toml" <<TOML
version = 2
root = "$run/containerd"
state = "/run/containerd"
[grpc]
  address = "$socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$run/cni/net.d"
TOML

cat >"$run/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $KAPI_NODE_ADDRESS
port: 10250
readOnlyPort: 0
healthzPort: 0
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $run/certificates/ca.crt}}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix://$socket
cgroupDriver: cgroupfs
cgroupRoot: /$cgroup
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
resolvConf: ""
# A full disk of the machine is not this node's affair, and images that tests loaded must stay.
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
nodeStatusUpdateFrequency: 5s
YAML

if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p "/sys/fs/cgroup/$cgroup"
  read -ra controllers </sys/fs/cgroup/cgroup.controllers
  for controller in "${controllers[@]}"; do
    echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
  done
else
  for hierarchy in /sys/fs/cgroup/*/; do
    if [ "$(basename "$hierarchy")" != unified ]; then mkdir -p "$hierarchy$cgroup"; fi
  done
  # Children of the cpuset hierarchy are empty at first, and nothing may run in an empty one.
  for file in cpuset.cpus cpuset.mems; do
    cat "/sys/fs/cgroup/cpuset/$file" >"/sys/fs/cgroup/cpuset/$cgroup/$file"
  done
fi 2>/dev/null

failed() {
  echo "$1 does not come up" >&2
  touch "$run/failed"
}

start containerd containerd -c "$run/containerd.toml"
"$here/control-plane.sh" "$KAPI_NODE_ADDRESS" || failed 'the control plane'
wait_for 30 containerd ctr -a "$socket" version || failed containerd
for image in "$cache"/images/*.tar; do
  ctr -a "$socket" -n k8s.io images import "$image" || failed "the image $image"
done
start kubelet "$programs/kubelet" --config="$run/kubelet.yaml" --kubeconfig="$run/certificates/node1.kubeconfig" \
  --hostname-override=node1 --node-ip="$KAPI_NODE_ADDRESS" --root-dir="$run/kubelet" --cert-dir="$run/kubelet/pki"
touch "$run/started"
# Pid 1 stays, and reaps what the runtime's shims leave.
while :; do
  sleep 3600 &
  wait $!
done
