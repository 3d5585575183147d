#!/usr/bin/env bash
# Changes the code of the core in many small ways and reports the changes that no test notices. Works on a copy and leaves
# its report in artifacts/mutation. Does not change messages of exceptions.
# Usage: build/mutate.sh [folder or file of the core, such as Collection] [options of dotnet-stryker]
# For a folder, only the tests of the same folder and those that belong to no folder run, since others take hours.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
core=src/Orchestrator.Metrics
tests=tests/Orchestrator.Metrics.Tests
path=
if [ $# != 0 ] && [[ $1 != -* ]]; then
  path=${1%/}
  shift
  [ -e "$core/$path" ] || { echo "$core/$path does not exist." >&2; exit 2; }
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
if [ -n "$path" ]; then find . -mindepth 2 -name '*Tests.cs' ! -path "./${path%%/*}/*" -delete; fi
dotnet tool restore --verbosity quiet
dotnet stryker --config-file "$work/build/stryker.json" --mutate "$files" --output "$root/artifacts/mutation" \
  --skip-version-check "$@"
