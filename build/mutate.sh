#!/usr/bin/env bash
# Runs mutation tests of the core on a copy of the repository, writes the report to artifacts/mutation, and lists the
# mutants that survived. Does not mutate exception messages.
# Usage: build/mutate.sh [folder or file of the core, such as Collection] [options of dotnet-stryker]
# With a folder or file, only the tests in the same top-level folder and in the root of the test project run, because
# all tests would take hours. A test in another folder may kill a survivor: to find out, apply the mutant and run all
# tests.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
core=src/Orchestrator.Metrics
tests=tests/Orchestrator.Metrics.Tests
path=
if [ $# != 0 ] && [[ $1 != -* ]]; then
  path=${1%/}
  shift
  [ -e "$core/$path" ] || { echo "$core/$path does not exist. Name a folder or file in $core." >&2; exit 2; }
fi
case $path in
  *.cs) files="**/Orchestrator.Metrics/$path" ;;
  *) files="**/Orchestrator.Metrics/${path:+$path/}**/*.cs" ;;
esac

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git ls-files --cached --others --exclude-standard -z | tar --null --files-from=- -cf - | tar -xf - -C "$work"
cd "$work/$tests"

# The mutated assembly contains public types of Stryker, so this test would kill every mutant.
rm PublicApiTests.cs
if [ -n "$path" ]; then find . -mindepth 2 -name '*Tests.cs' ! -path "./${path%%/*}/*" -delete; fi
dotnet tool restore --verbosity quiet
dotnet stryker --config-file "$work/build/stryker.json" --mutate "$files" --output "$root/artifacts/mutation" \
  --skip-version-check "$@"

python3 - "$root/artifacts/mutation/reports/mutation-report.json" <<'EOF'
import json
import sys

for path, file in json.load(open(sys.argv[1]))["files"].items():
    lines = file["source"].splitlines()
    for mutant in (mutant for mutant in file["mutants"] if mutant["status"] == "Survived"):
        line = mutant["location"]["start"]["line"]
        print(f"{path}:{line}: {lines[line - 1].strip()}")
        print(f"  {mutant['mutatorName']}: {mutant['replacement']}")
EOF
