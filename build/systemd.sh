#!/usr/bin/env bash
# Runs one unit in a separate systemd, in new namespaces. On SIGTERM, reloads and stops the unit, and exits with the
# exit status of its program. Requires root.
# Usage: build/systemd.sh unit
set -euo pipefail
unit=$(realpath "$1")

unshare --mount --pid --ipc --cgroup --fork --kill-child bash -euc '
  mount -t proc proc /proc
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/systemd/system
  cp "$0" /run/systemd/system
  umount -R /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mount --make-rshared /
  exec /lib/systemd/systemd --system --unit="${0##*/}"' "$unit" &
namespaces=$!

run_systemctl() { nsenter --target "$(pgrep -P "$namespaces")" --mount --pid systemctl "$@" "${unit##*/}"; }

stop() {
  run_systemctl reload
  run_systemctl stop
  status=$(run_systemctl show --property ExecMainStatus --value)
  kill -KILL "$namespaces"
  exit "$status"
}
trap stop TERM
wait "$namespaces"
