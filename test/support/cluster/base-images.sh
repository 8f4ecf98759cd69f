#!/usr/bin/env bash
# base-images.sh: the images that every node starts with, from this machine's static busybox, into the user's cache:
# docker.io/library/busybox:1.35, and the one that holds a pod's namespaces.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
busybox=$(command -v busybox)
images=$cache/images
if [ "$images/pause.tar" -nt "$busybox" ] && [ "$images/pause.tar" -nt "$here/mkimage.sh" ]; then exit 0; fi
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$images" "$root"/{bin,tmp,etc,proc,sys,dev}
chmod 755 "$root"
chmod 1777 "$root/tmp"
cp "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
  if [ "$applet" != busybox ]; then ln -sf busybox "$root/bin/$applet"; fi
done
printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
"$here/mkimage.sh" "$images/busybox.tar" docker.io/library/busybox:1.35 '{"Cmd": ["sh"]}' "$root"
"$here/mkimage.sh" "$images/pause.tar" localhost/pause:1 '{"Cmd": ["/bin/busybox", "sleep", "infinity"]}' "$root"
