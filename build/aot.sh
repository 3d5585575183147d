#!/usr/bin/env bash
# Publishes the AotHost sample as native code, with warnings as errors, and for the runtime. Compares the text responses
# of both hosts byte for byte with a golden file, and their protobuf responses with each other. Prints the size and
# start-up time of both hosts. The start-up time is the median time from the start of the process to the first response.
# Starts of both hosts alternate.
# Usage: build/aot.sh [starts of each host, default 11]
set -euo pipefail
cd "$(dirname "$0")/.."
starts=${1:-11}
host=Orchestrator.Metrics.AotHost

list_missing() {
  command -v clang >/dev/null || echo clang
  [ -e /usr/include/zlib.h ] || echo zlib1g-dev
}

. build/install.sh
# shellcheck disable=SC2046
install_packages $(list_missing)
if [ -n "$(list_missing)" ]; then
  echo "NOT TESTED: native code. Install these Debian packages:" $(list_missing) >&2
  exit "${ORCHESTRATOR_METRICS_REQUIRE_SERVERS:-0}"
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 ENABLE_PROMETHEUS_METRICS_ENDPOINT=true
work=$(mktemp -d)
process=
trap '[ -z "$process" ] || kill "$process"; rm -rf "$work"' EXIT

publish() { # folder, arguments
  dotnet publish "samples/$host" --configuration Release --use-current-runtime --verbosity quiet \
    --artifacts-path artifacts/native --output "$work/$1" -p:DebugType=none -p:PublishDocumentationFiles=false "${@:2}"
}

# Prints the head and the body of the response. Fails if the host is not listening yet.
get() { # value of the Accept header
  exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
  printf 'GET /api/metrics HTTP/1.0\r\nHost: localhost\r\nAccept: %s\r\n\r\n' "${1-*/*}" >&3
  cat <&3
  exec 3>&-
} 2>/dev/null

start() { # program and arguments; sets $milliseconds
  port=$((20000 + RANDOM % 10000))
  while (get >/dev/null); do port=$((20000 + RANDOM % 10000)); done
  local begin=${EPOCHREALTIME/[.,]/} response=
  "$@" --urls "http://127.0.0.1:$port" >"$work/log" 2>&1 &
  process=$!
  local limit=$((SECONDS + 60))
  until response=$(get | head -c 12) && [ "${response#HTTP/?.? }" = 200 ]; do
    kill -0 "$process" 2>/dev/null && [ "$SECONDS" -lt "$limit" ] || { cat "$work/log" >&2; exit 1; }
  done
  milliseconds=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
}

stop() {
  kill "$process"
  wait "$process" || true
  process=
}

# Starts a host, compares its text response with the golden file, and stores its protobuf response.
verify_responses() { # file for the protobuf response, program and arguments
  start "${@:2}"
  get | sed '1,/^\r$/d' | cmp - "$work/expected"
  get "$protobuf" >"$1"
  grep -qa "^Content-Type: $protobuf" "$1"
  sed -i '1,/^\r$/d' "$1"
  stop
}

median() { sort -n | sed -n "$((starts / 2 + 1))p"; }

publish native -p:PublishAot=true
publish runtime --no-self-contained
native=("$work/native/$host")
runtime=(dotnet "$work/runtime/$host.dll")

cat tests/Shared/golden/default-metrics.txt - >"$work/expected" <<'EXPECTED'
# HELP acme_sites Sites per city.
# TYPE acme_sites gauge
acme_sites{city="Oslo"} 2.0
acme_sites{city="Rome"} 1.0
# HELP acme_visits_total Visits per city.
# TYPE acme_visits_total counter
acme_visits_total{city="Oslo",otel_scope_name="Acme"} 1.0
# HELP acme_visit_duration_seconds Duration of visits.
# TYPE acme_visit_duration_seconds histogram
acme_visit_duration_seconds_bucket{le="1.0",otel_scope_name="Acme"} 1.0
acme_visit_duration_seconds_bucket{le="+Inf",otel_scope_name="Acme"} 1.0
acme_visit_duration_seconds_count{otel_scope_name="Acme"} 1.0
acme_visit_duration_seconds_sum{otel_scope_name="Acme"} 0.25
EXPECTED
protobuf='application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'
verify_responses "$work/native.protobuf" "${native[@]}"
verify_responses "$work/runtime.protobuf" "${runtime[@]}"
cmp "$work/native.protobuf" "$work/runtime.protobuf"
[ -s "$work/native.protobuf" ]

for ((i = 0; i < starts; i++)); do
  start "${native[@]}"; stop; echo "$milliseconds" >>"$work/native.ms"
  start "${runtime[@]}"; stop; echo "$milliseconds" >>"$work/runtime.ms"
done
echo "native code: $(stat -c %s "${native[0]}") bytes, first response after $(median <"$work/native.ms") ms"
echo "on the runtime: $(du -sb "$work/runtime" | cut -f 1) bytes and the shared runtime," \
  "first response after $(median <"$work/runtime.ms") ms"
