#!/usr/bin/env bash
# Runs one unit in a separate systemd, in new namespaces, until SIGTERM. Exits with the status of the unit's program.
# Requires root.
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

ctl() { nsenter --target "$(pgrep -P "$namespaces")" --mount --pid systemctl "$@" "${unit##*/}"; }

stop() {
  ctl reload
  ctl stop
  status=$(ctl show --property ExecMainStatus --value)
  kill -KILL "$namespaces"
  exit "$status"
}
trap stop TERM
wait "$namespaces"
