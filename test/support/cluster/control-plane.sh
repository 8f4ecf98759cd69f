#!/usr/bin/env bash
# control-plane.sh ADDRESS [API SERVER OPTION...]: starts etcd, the API server, the controller manager and the scheduler,
# those that do not run yet. Only the API server listens on ADDRESS, the others on the loopback interface.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
address=$1
shift
certificates=$run/certificates
etcd=http://127.0.0.1:${KAPI_ETCD_PORT:-12379}
etcd_peer=http://127.0.0.1:${KAPI_ETCD_PEER_PORT:-12380}
read -ra more_etcd <<<"${ETCD_ARGS:-}"
read -ra more_apiserver <<<"${APISERVER_ARGS:-}"

echo "$address" >"$run/address"
"$here/certificates.sh" "$certificates" "$address" "https://$address:$port"

start etcd "$programs/etcd" --name millrace-test --data-dir "$run/etcd" --log-level warn \
  --listen-client-urls "$etcd" --advertise-client-urls "$etcd" \
  --listen-peer-urls "$etcd_peer" --initial-advertise-peer-urls "$etcd_peer" --initial-cluster "millrace-test=$etcd_peer" \
  ${more_etcd[@]+"${more_etcd[@]}"}

start apiserver "$programs/kube-apiserver" --etcd-servers="$etcd" --bind-address="$address" --secure-port="$port" \
  --advertise-address="$address" --service-cluster-ip-range=10.96.0.0/16 --allow-privileged=true --profiling=false \
  --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --cert-dir="$run" \
  --client-ca-file="$certificates/ca.crt" \
  --tls-cert-file="$certificates/apiserver.crt" --tls-private-key-file="$certificates/apiserver.key" \
  --service-account-issuer=https://kubernetes.default.svc \
  --service-account-key-file="$certificates/service-accounts.pub" \
  --service-account-signing-key-file="$certificates/service-accounts.key" \
  --kubelet-client-certificate="$certificates/kubelet-client.crt" \
  --kubelet-client-key="$certificates/kubelet-client.key" --kubelet-preferred-address-types=InternalIP \
  "$@" ${more_apiserver[@]+"${more_apiserver[@]}"}
wait_for 90 'API server' ask /readyz

start controller-manager "$programs/kube-controller-manager" --kubeconfig="$certificates/controller-manager.kubeconfig" \
  --bind-address=127.0.0.1 --secure-port="${KAPI_KCM_PORT:-16257}" --cert-dir="$run" --leader-elect=false \
  --use-service-account-credentials=true --root-ca-file="$certificates/ca.crt" \
  --service-account-private-key-file="$certificates/service-accounts.key" \
  --cluster-signing-cert-file="$certificates/ca.crt" --cluster-signing-key-file="$certificates/ca.key" \
  --controllers='*,-nodeipam,-node-route-controller,-service-lb-controller,-cloud-node-lifecycle-controller'
start scheduler "$programs/kube-scheduler" --kubeconfig="$certificates/scheduler.kubeconfig" \
  --bind-address=127.0.0.1 --secure-port="${KAPI_SCHED_PORT:-16259}" --cert-dir="$run" --leader-elect=false
