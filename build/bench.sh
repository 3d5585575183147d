#!/usr/bin/env bash
# Compares the speed of scrapes with other libraries and with lower bounds, as ratios. With --quick, this takes two
# minutes. `build/bench.sh load` measures the database load of replicas and scrapers instead. `build/bench.sh exporter`
# compares the exporter with an endpoint in Python. With --quick, both of them measure fewer scrapes.
# As root on Debian or Ubuntu, first installs the other libraries and the servers. Otherwise, prints what it skips.
# Usage: build/bench.sh [load | exporter] [--quick] [scenarios, such as http]
set -euo pipefail
cd "$(dirname "$0")/.."
project=tests/Orchestrator.Metrics.Benchmarks
command=ratios
case ${1-} in load | exporter) command=$1; shift ;; esac

list_missing() {
  command -v go >/dev/null && [ -d /usr/share/gocode/src/github.com/prometheus/client_golang ] \
    || echo golang-go golang-github-prometheus-client-golang-dev
  [ -d /usr/lib/python3/dist-packages/prometheus_client ] || echo python3-prometheus-client
  ! [ "$command" = exporter ] || [ -d /usr/lib/python3/dist-packages/psycopg ] || echo python3-psycopg
  ! [ "$command" = exporter ] || command -v clang >/dev/null || echo clang zlib1g-dev
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
  command -v redis-server >/dev/null || echo redis-server
}

. build/install.sh
# shellcheck disable=SC2046
install_packages $(list_missing) || true
[ -z "$(list_missing)" ] || echo "Some measurements will be skipped; not installed:" $(list_missing)

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build "$project" --configuration Release --verbosity quiet

# Starts PostgreSQL in a temporary folder, reachable only through a socket in that folder. The settings differ from the
# defaults only for writes, because writes only fill the database. The tables are vacuumed afterwards.
initdb=$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1 || true)
if [ -n "$initdb" ]; then
  programs=$(dirname "$initdb")
  folder=$(mktemp -d)
  as=()
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  fi
  redis=
  stop() {
    [ -z "$redis" ] || kill "$redis"
    (cd / && "${as[@]}" "$programs/pg_ctl" -D "$folder/data" -m immediate -s stop) || true
    rm -rf "$folder"
  }
  trap stop EXIT
  (cd / && "${as[@]}" "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null)
  (cd / && "${as[@]}" "$programs/pg_ctl" -D "$folder/data" -s -w -l "$folder/log" \
    -o "-c listen_addresses= -c unix_socket_directories=$folder -c fsync=off -c max_wal_size=8GB -c autovacuum=off" start)
  export ORCHESTRATOR_METRICS_BENCH_POSTGRESQL="Host=$folder;Username=postgres;Database=postgres"
  if command -v redis-server >/dev/null; then
    redis-server --port 0 --unixsocket "$folder/redis" --save "" --logfile /dev/null &
    redis=$!
    export ORCHESTRATOR_METRICS_BENCH_REDIS="!$folder/redis"
  fi
fi

if [ "$command" = exporter ] && [ -n "$initdb" ]; then
  dotnet publish src/Orchestrator.Metrics.Exporter --configuration Release --use-current-runtime --verbosity quiet \
    --output "$folder/exporter" -p:PublishAot=true -p:DebugType=none
  export ORCHESTRATOR_METRICS_BENCH_EXPORTER="$folder/exporter/orchestrator-metrics-exporter"
fi

dotnet "$project/bin/Release/net10.0/Orchestrator.Metrics.Benchmarks.dll" "$command" "$@"
