#!/usr/bin/env bash
# Builds everything and runs every test. Where it is root on Debian or Ubuntu it first installs the servers and tools
# that tests use, and then no test may be skipped; elsewhere tests that miss something say so.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
  command -v prometheus >/dev/null && command -v promtool >/dev/null || echo prometheus
  [ -d /usr/lib/python3/dist-packages/prometheus_client ] || echo python3-prometheus-client
  [ -x /bin/kill ] || [ -x /usr/bin/kill ] || echo procps
  command -v git >/dev/null || echo git
  command -v chromium >/dev/null || echo chromium
  command -v chromedriver >/dev/null || echo chromium-driver
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
  [ -x /usr/sbin/pgbouncer ] || command -v pgbouncer >/dev/null || echo pgbouncer
}

. build/install.sh
# shellcheck disable=SC2046
install_packages $(missing)
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
       for (i = 1; i < NF; i++) sum[$i] += $(i + 1)
     }
     END { printf "%d passed, %d failed, %d skipped\n", sum["Passed:"], sum["Failed:"], sum["Skipped:"] }' "$log"
if [ "$status" != 0 ] || [ $# != 0 ]; then exit "$status"; fi
./build/aot.sh 3
