#!/usr/bin/env bash
# Builds everything and runs every test. Where it is root on Debian or Ubuntu it first installs the servers and tools
# that tests use, and then no test may be skipped; elsewhere tests that miss something say so.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
  command -v prometheus >/dev/null && command -v promtool >/dev/null || echo prometheus
  [ -d /usr/lib/python3/dist-packages/prometheus_client ] || echo python3-prometheus-client
  [ -x /bin/kill ] || [ -x /usr/bin/kill ] || echo procps
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
}

packages=$(missing)
if [ -n "$packages" ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  # RUNLEVEL=1: the tests start servers of their own; none is to run as a service.
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends $packages >/dev/null
fi
if [ -z "$(missing)" ]; then
  export ORCHESTRATOR_METRICS_REQUIRE_SERVERS=1
else
  echo "Some tests will be skipped; not installed:" $(missing)
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build Orchestrator.Metrics.sln --configuration Release
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
dotnet test Orchestrator.Metrics.sln --configuration Release --no-build "$@" | tee "$log" || status=$?
awk '/(Passed|Failed)! +- Failed:/ {
       for (i = 1; i < NF; i++) { if ($i == "Failed:") f += $(i + 1); if ($i == "Passed:") p += $(i + 1); if ($i == "Skipped:") s += $(i + 1) }
     }
     END { printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$log"
exit "$status"
