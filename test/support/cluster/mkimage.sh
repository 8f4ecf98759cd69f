#!/usr/bin/env bash
# mkimage.sh ARCHIVE NAME CONFIG DIRECTORY...: writes an OCI image archive without a container engine.
#
# NAME is the full name with its registry: docker.io/library/busybox:1.35. CONFIG is the `config` object of the OCI image
# specification as JSON: {"Entrypoint": [...], "Cmd": [...], "Env": [...], "User": "...", "Labels": {...}}.
# Each directory becomes a layer, the lowest first; the same content makes the same layer.
set -euo pipefail
archive=$1 name=$2 config=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/blobs/sha256"
case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) architecture=$(uname -m) ;;
esac

# blob MEDIA-TYPE FILE: files it under its digest and prints its descriptor without the closing brace.
blob() {
  local digest size
  digest=$(sha256sum "$2" | cut -d' ' -f1)
  size=$(stat -c %s "$2")
  mv "$2" "$work/blobs/sha256/$digest"
  printf '{"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%s' "$1" "$digest" "$size"
}

layers='' digests=''
for directory in "$@"; do
  tar -C "$directory" --numeric-owner --owner=0 --group=0 --sort=name --mtime=@0 -cf "$work/layer" .
  digests+=${digests:+,}"\"sha256:$(sha256sum "$work/layer" | cut -d' ' -f1)\""
  layers+=${layers:+,}"$(blob layer.v1.tar "$work/layer")}"
done
printf '{"architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]}}' \
  "$architecture" "$config" "$digests" >"$work/config"
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s},"layers":[%s]}' \
  "$(blob config.v1+json "$work/config")" "$layers" >"$work/manifest"
printf '{"schemaVersion":2,"manifests":[%s,"annotations":{"io.containerd.image.name":"%s","org.opencontainers.image.ref.name":"%s"}}]}' \
  "$(blob manifest.v1+json "$work/manifest")" "$name" "$name" >"$work/index.json"
echo '{"imageLayoutVersion":"1.0.0"}' >"$work/oci-layout"
# Whole or not at all, though another process may write the same.
tar -C "$work" -cf "$archive.$$" oci-layout index.json blobs
mv "$archive.$$" "$archive"
