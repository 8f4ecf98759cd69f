#!/usr/bin/env bash
# build.sh [api|node]: builds the programs of a cluster from public Go modules, once, into the user's cache.
#
# The modules under modules/ pin the versions. k8s.io/kubernetes names its own parts by paths of its repository, so
# modules/kubernetes/go.mod replaces each of them by the published module of the same release.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mode=${1:-node}

mkdir -p "$programs"
exec 8>"$cache/build.lock"
flock -n 8 || { echo "waiting for another build of the same programs" >&2; flock 8; }
workshop=$(mktemp -d "$cache/building-XXXXXX")
trap 'rm -rf "$workshop"' EXIT
cp -r "$here/modules/." "$workshop"

# -mod=mod: the go.mod files name direct requirements only; go.sum still checks everything that is downloaded.
export GOFLAGS='-mod=mod -trimpath -buildvcs=false' CGO_ENABLED=0
version=$(sed -n 's/^require k8s.io\/kubernetes //p' "$workshop/kubernetes/go.mod")

# make MODULE PACKAGE...: builds the programs that are not there yet, each named after the last part of its package.
make() {
  local module=$1 package name flags='-s -w' missing=()
  shift
  for package in "$@"; do
    if [ ! -x "$programs/$(name_of "$package")" ]; then missing+=("$package"); fi
  done
  if [ ${#missing[@]} -eq 0 ]; then return 0; fi
  if [ "$module" = kubernetes ]; then
    for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
      flags+=" -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$(cut -d. -f2 <<<"$version")"
      flags+=" -X $package.gitTreeState=clean"
    done
  fi
  mkdir -p "$workshop/out"
  (cd "$workshop/$module" && go build -ldflags "$flags" -o "$workshop/out/" "${missing[@]}")
  for package in "${missing[@]}"; do
    name=$(name_of "$package")
    mv "$workshop/out/$(basename "${package%/v[0-9]}")" "$programs/$name"
  done
  echo "built ${missing[*]} after ${SECONDS} s" >&2
}

name_of() {
  case $1 in
    go.etcd.io/etcd/server/*) echo etcd ;;
    *) basename "$1" ;;
  esac
}

cmd=k8s.io/kubernetes/cmd
control_plane=("$cmd/kube-apiserver" "$cmd/kube-controller-manager" "$cmd/kube-scheduler")
make etcd go.etcd.io/etcd/server/v3
if [ "$mode" = node ]; then
  make kubernetes "${control_plane[@]}" "$cmd/kubelet"
else
  make kubernetes "${control_plane[@]}"
  make kwok sigs.k8s.io/kwok/cmd/kwok
fi
