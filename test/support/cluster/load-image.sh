#!/usr/bin/env bash
# load-image.sh ARCHIVE: gives an image archive to the node of KAPI_RUN.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
exec "$here/node-exec.sh" ctr -a /run/containerd/containerd.sock -n k8s.io images import "$(realpath "$1")"
