# shellcheck shell=bash
# Sourced by the other scripts: where things are, how processes are started and waited for.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/millrace/cluster
# Programs are kept for each state of what they are built from.
# shellcheck disable=SC2034
programs=$cache/programs-$(cat "$here"/modules/*/go.mod "$here/build.sh" | sha256sum | cut -c1-12)
# One cluster, one state directory; what up.sh settled (mode, slot, ports) is read again by whoever comes later.
run=${KAPI_RUN:-$cache/run}
# shellcheck source=/dev/null
if [ -f "$run/settings" ]; then . "$run/settings"; fi
port=${KAPI_PORT:-16443}

# start NAME COMMAND...: starts a process in the background and records its pid; nothing if it runs already.
start() {
  local name=$1
  shift
  if running "$name"; then return 0; fi
  setsid "$@" >>"$run/$name.log" 2>&1 </dev/null &
  echo $! >"$run/$name.pid"
}

running() {
  [ -f "$run/$1.pid" ] && alive "$(cat "$run/$1.pid")"
}

# Whether a process has not ended; one that has may stay a zombie for seconds, until the machine's pid 1 looks after it.
alive() {
  kill -0 "$1" 2>/dev/null && ! grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"
}

# stop NAME SIGNAL: ends a process that start() began, with SIGKILL if it has not ended after 5 s.
stop() {
  local file=$run/$1.pid pid
  [ -f "$file" ] || return 0
  pid=$(cat "$file")
  rm -f "$file"
  kill "-$2" "$pid" 2>/dev/null || return 0
  for _ in $(seq 50); do
    alive "$pid" || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
}

# wait_for SECONDS WHAT COMMAND...: repeats a command until it succeeds.
wait_for() {
  local tries=$(($1 * 5)) what=$2
  shift 2
  for ((; tries > 0; tries--)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.2
  done
  echo "$what: not there in time; the logs are in $run" >&2
  return 1
}

# ask PATH [CURL OPTION...]: a request to the API server with the administrator's certificate.
ask() {
  local path=$1 certificates=$run/certificates
  shift
  curl -sf --max-time 10 --cacert "$certificates/ca.crt" --cert "$certificates/admin.crt" --key "$certificates/admin.key" \
    "$@" "https://$(cat "$run/address"):$port$path"
}
