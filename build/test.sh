#!/usr/bin/env bash
# Builds the solution, checks the format, runs all tests, repeats the unit tests of the core and the test kit under two
# cultures, checks native code and the packages of the exporter, and prints the line coverage of the libraries.
# With arguments, which are passed to `dotnet test`, only builds the solution and runs the tests.
# As root on Debian or Ubuntu, first installs the servers and tools that the tests use. If all are installed, no test
# may be skipped. Otherwise, prints the missing ones.
set -euo pipefail
cd "$(dirname "$0")/.."

list_missing() {
  command -v prometheus >/dev/null && command -v promtool >/dev/null || echo prometheus
  command -v go >/dev/null && [ -d /usr/share/gocode/src/github.com/prometheus/common/expfmt ] \
    || echo golang-go golang-github-prometheus-client-golang-dev
  [ -d /usr/lib/python3/dist-packages/prometheus_client ] || echo python3-prometheus-client
  [ -x /bin/kill ] || [ -x /usr/bin/kill ] || echo procps
  command -v git >/dev/null || echo git
  command -v chromium >/dev/null || echo chromium
  command -v chromedriver >/dev/null || echo chromium-driver
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
  # .NET needs ICU for cultures. Only the development package has the same name in every release.
  compgen -G '/usr/lib*/libicuuc.so.*' >/dev/null || compgen -G '/usr/lib/*/libicuuc.so.*' >/dev/null || echo libicu-dev
  command -v redis-server >/dev/null || echo redis-server
  [ -x /usr/sbin/pgbouncer ] || command -v pgbouncer >/dev/null || echo pgbouncer
}

. build/install.sh
# shellcheck disable=SC2046
install_packages $(list_missing)
if [ -z "$(list_missing)" ]; then
  export ORCHESTRATOR_METRICS_REQUIRE_SERVERS=1
else
  echo "Some tests will be skipped; not installed:" $(list_missing)
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

# With the compiler server, building the solution takes a third of the time. The server is stopped with this script.
export UseSharedCompilation=true
results=$(mktemp -d)
trap 'rm -rf "$results"; dotnet build-server shutdown --vbcscompiler >/dev/null' EXIT
dotnet build Orchestrator.Metrics.sln --configuration Release
status=0

run_tests() { # arguments of dotnet test
  dotnet test --configuration Release --no-build "$@" | tee -a "$results/log" || status=$?
}

print_counts() {
  awk '/(Passed|Failed)! +- Failed:/ {
         for (i = 1; i < NF; i++) sum[$i] += $(i + 1)
       }
       END { printf "%d passed, %d failed, %d skipped\n", sum["Passed:"], sum["Failed:"], sum["Skipped:"] }' "$results/log"
}

if [ $# != 0 ]; then
  run_tests Orchestrator.Metrics.sln "$@"
  print_counts
  exit "$status"
fi

dotnet format Orchestrator.Metrics.sln --verify-no-changes --no-restore
run_tests Orchestrator.Metrics.sln --collect "XPlat Code Coverage" --results-directory "$results"
if [[ $(list_missing) == *libicu* ]]; then
  echo "NOT TESTED: the cultures de-DE and tr-TR. Install ICU."
else
  for culture in de-DE tr-TR; do
    for tests in Orchestrator.Metrics.Tests Orchestrator.Metrics.Testing.Tests; do
      LC_ALL=${culture/-/_}.UTF-8 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0 ORCHESTRATOR_METRICS_CULTURE=$culture \
        run_tests "tests/$tests"
    done
  done
fi
print_counts
[ "$status" = 0 ] || exit "$status"
./build/aot.sh 3
./build/exporter.sh
awk -v libraries="$(basename -a src/*/ | xargs)" -f build/coverage.awk "$results"/*/coverage.cobertura.xml
