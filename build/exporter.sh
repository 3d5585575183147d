#!/usr/bin/env bash
# Builds the artifacts for operators in artifacts/exporter: the packages of the dotnet tool, the native program, and a
# container image that contains the program. Runs each of them, and the systemd unit, with a PostgreSQL server that
# requires TLS. Compares the response to a scrape with the reference of orchestrator-core.
# As root on Debian or Ubuntu, first installs the required tools. Otherwise, prints what is not tested.
# Usage: build/exporter.sh
set -euo pipefail
cd "$(dirname "$0")/.."
project=src/Orchestrator.Metrics.Exporter
name=orchestrator-metrics-exporter
rid=linux-x64
musl=linux-musl-x64
output=$PWD/artifacts/exporter
golden=$PWD/tests/Shared/golden/orchestrator-db

# Reports a skipped test. With ORCHESTRATOR_METRICS_REQUIRE_SERVERS=1, exits with an error unless the machine forbids
# the test.
report_untested() { # what, and "forbidden" if the machine forbids it
  echo "NOT TESTED: $1" >&2
  [ "${2:-}" = forbidden ] || [ "${ORCHESTRATOR_METRICS_REQUIRE_SERVERS:-0}" != 1 ] || exit 1
}

if [ "$(uname -m)" != x86_64 ]; then
  report_untested "the exporter's packages, which are built for $rid only." forbidden
  exit
fi

list_missing() {
  command -v clang >/dev/null || echo clang
  [ -e /usr/include/zlib.h ] || echo zlib1g-dev
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
  for tool in curl openssl python3 runc umoci unzip; do command -v "$tool" >/dev/null || echo "$tool"; done
  command -v pgrep >/dev/null || echo procps
  command -v systemd-analyze >/dev/null || echo systemd
  [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
}

. build/install.sh
# shellcheck disable=SC2046
install_packages $(list_missing)
if [ -n "$(list_missing)" ]; then
  report_untested "the exporter's packages. Install these Debian packages: $(list_missing | xargs)"
  exit
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
work=$(mktemp -d)
exporter=
database=
clean() {
  [ -z "$exporter" ] || kill "$exporter" || true
  [ -z "$database" ] || kill -INT "$database" || true
  wait
  rm -rf "$work"
}
trap clean EXIT

fail() { echo "$1" >&2; exit 1; }

print_step() { echo "$1 ..."; }

build() {
  local pack=(dotnet pack "$project" --artifacts-path artifacts/native --output "$output" --verbosity quiet
    -p:IsPackable=true -p:DebugType=none -p:PackageReadme="$work/README.md")
  rm -rf "$output"
  # Relative links do not work on the page of a package, so they become text.
  sed -E 's,\[([^]]*)\]\((docs|\.\.)/[^)]*\),\1,g' "$project/README.md" >"$work/README.md"
  # build/aot.sh uses the same folder, so the libraries are compiled once.
  print_step "compiling the native program, which takes minutes"
  "${pack[@]}" --runtime "$rid"
  print_step "packing the dotnet tool"
  "${pack[@]}" --runtime "$musl" -p:PublishAot=false -p:UseAppHost=false
  "${pack[@]}" --runtime any -p:PublishAot=false
  # The package with the name of the tool only lists the others: one per platform, and "any" for the rest.
  "${pack[@]}" --no-build
  version=$(basename "$output/$name.any."*.nupkg .nupkg)
  version=${version#"$name.any."}

  # The archive contains the program from the package, because compiling it again would take minutes.
  unzip -q -j "$output/$name.$rid.$version.nupkg" "*/$name" -d "$work/program"
  chmod 755 "$work/program/$name"
  cp LICENSE "$project/deploy/systemd/$name.service" "$work/program"
  tar -C "$work/program" --owner=0 --group=0 -czf "$output/$name-$version-$rid.tar.gz" "$name" "$name.service" LICENSE
  print_step "building the container image"
  build/image.sh "$work/program/$name" "$version" "$output/$name-$version-$rid.image.tar"
  ls -sh1 "$output"
  echo "The native program needs glibc $(grep -ao 'GLIBC_2\.[0-9]*' "$work/program/$name" | sort -Vu | tail -1 | tr -d A-Z_) or later."
}

check_packages() {
  local settings=DotnetToolSettings.xml package entry
  compare_files() { printf '%s\n' README.md icon.png "$@" | sort | cmp - "$work/files"; }
  for package in "$name.$version" "$name.$rid.$version" "$name.$musl.$version" "$name.any.$version"; do
    unzip -Z1 "$output/$package.nupkg" | grep -E '^(README\.md|icon\.png|[^/]*\.nuspec|tools/.*)$' | sort >"$work/files"
    unzip -p "$output/$package.nupkg" '*.nuspec' >"$work/nuspec"
    unzip -p "$output/$package.nupkg" README.md | cmp - "$work/README.md" || fail "$package contains a different README.md."
    for entry in '<license type="expression">MIT<' '<readme>README.md<' '<icon>icon.png<' '<description>Exports'; do
      grep -q "$entry" "$work/nuspec" || fail "The nuspec of $package does not contain '$entry'."
    done
    case $package in
      *.any.* | *".$musl."*) grep -Eqx "tools/net10.0/(any|$musl)/$name.dll" "$work/files" ;;
      *".$rid."*) compare_files "$name.$rid.nuspec" "tools/any/$rid/"{$settings,$name} ;;
      *) compare_files "$name.nuspec" "tools/any/any/$settings" ;;
    esac || fail "The files of $package differ from the expected ones: $(cat "$work/files")"
  done
}

# Starts a PostgreSQL server that accepts the user of the exporter only with a password (SCRAM) and TLS.
start_database() {
  local programs as=() port=$((20000 + RANDOM % 10000)) data=$work/database
  programs=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | sort -V | tail -1)")
  mkdir "$data"
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$data"
    as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  fi
  chmod 711 "$work"
  cd "$data"
  "${as[@]}" "$programs/initdb" -D "$data/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
  "${as[@]}" openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$data/data/key.pem" -out "$data/data/certificate.pem" 2>/dev/null
  printf '%s\n' 'local all postgres trust' 'hostssl all nwa all scram-sha-256' >"$data/data/pg_hba.conf"
  "${as[@]}" "$programs/postgres" -D "$data/data" -p "$port" -c listen_addresses=localhost -c ssl=on \
    -c ssl_cert_file=certificate.pem -c ssl_key_file=key.pem -c unix_socket_directories="$data" -c fsync=off \
    2>"$work/database.log" &
  database=$!
  local limit=$((SECONDS + 60))
  until "$programs/pg_isready" -q -h "$data" -p "$port"; do
    kill -0 "$database" 2>/dev/null && [ "$SECONDS" -lt "$limit" ] || fail "$(cat "$work/database.log")"
    sleep 0.1
  done
  psql -q -v ON_ERROR_STOP=1 -h "$data" -p "$port" -U postgres -f "$golden/schema.sql" -f "$golden/small.sql" -c "
    CREATE ROLE nwa LOGIN PASSWORD 'p@ss'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO nwa" >/dev/null
  cd - >/dev/null

  mkdir "$work/secrets"
  echo "postgresql+psycopg://nwa:p%40ss@localhost:$port/postgres?sslmode=verify-full&sslrootcert=system" \
    >"$work/secrets/database-uri"
  cp "$data/data/certificate.pem" "$work/ca.pem"
  sort "$golden/small-running.txt" >"$work/expected"
}

# Starts an exporter on its default port, compares its response with the reference, and stops it with SIGTERM.
check() { # what, program and arguments
  local what=$1 url=http://localhost:9799 limit=$((SECONDS + 60)) begin=${EPOCHREALTIME/[.,]/}
  shift
  ! curl -s -o "$work/response" "$url" || fail "Port 9799 is in use. Stop the program that listens on it."
  "$@" >"$work/log" 2>&1 &
  exporter=$!
  until curl -sf -o "$work/response" "$url/-/ready"; do
    kill -0 "$exporter" 2>/dev/null && [ "$SECONDS" -lt "$limit" ] || fail "$what: $(cat "$work/log" "$work/database.log")"
    sleep 0.02
  done
  local milliseconds=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
  # PostgreSQL does not define the order of rows with equal counts.
  curl -sf -o "$work/response" "$url/metrics" && cmp <(sort "$work/response") "$work/expected" \
    || fail "$what: $(cat "$work/log")"
  kill "$exporter"
  wait "$exporter" || fail "$what: exit status $? after SIGTERM. $(cat "$work/log")"
  exporter=
  echo "$what: ready after $milliseconds ms, response as expected."
}

# These settings limit the response to the metrics of the reference.
variables=(WFO_EXPORTER_SCRAPE_FAILURE_POLICY=fail_scrape WFO_EXPORTER_SCRAPE_METRICS=false WFO_EXPORTER_SCRAPE_BUILD_INFO=false)

check_program() {
  check "native program" env "${variables[@]}" DATABASE_URI_FILE="$work/secrets/database-uri" \
    SSL_CERT_FILE="$work/ca.pem" "$work/program/$name"
}

check_tool() {
  # The cache is empty, because the user's cache may contain a package of the same version.
  (cd "$work" && NUGET_PACKAGES=$work/cache dotnet tool install "$name" --tool-path "$work/tool" --version "$version" \
    --source "$output" --verbosity quiet >"$work/log") || fail "dotnet tool install: $(cat "$work/log")"
  cmp "$(find "$work/tool/.store" -path "*/$rid/$name")" "$work/program/$name"
  local with=(env "${variables[@]}" DATABASE_URI_FILE="$work/secrets/database-uri" SSL_CERT_FILE="$work/ca.pem")
  check "dotnet tool, native" "${with[@]}" "$work/tool/$name"
  unzip -q "$output/$name.any.$version.nupkg" 'tools/*' -d "$work/any"
  check "dotnet tool, on the runtime" "${with[@]}" dotnet "$work/any/tools/net10.0/any/$name.dll"
}

# Succeeds if namespaces can be created. Users other than root, and unprivileged containers, lack CAP_SYS_ADMIN.
can_isolate() { # the test that needs namespaces
  local capabilities sys_admin=21
  capabilities=0x$(awk '/^CapEff:/ { print $2 }' /proc/self/status)
  if (((capabilities >> sys_admin & 1) == 0)); then
    report_untested "$1. Run build/exporter.sh as root, outside of a container." forbidden
    return 1
  fi
  unshare --mount --pid --ipc --cgroup --fork true || { report_untested "$1. unshare failed." forbidden; return 1; }
}

check_image() {
  can_isolate "the container image" || return 0
  mkdir "$work/layout"
  tar -xf "$output/$name-$version-$rid.image.tar" -C "$work/layout"
  umoci --log=error unpack --image "$work/layout:$version" "$work/bundle"
  local root=$work/bundle/rootfs
  cat "$work/ca.pem" >>"$root/etc/ssl/certs/ca-certificates.crt"
  mkdir -p "$root/run/secrets"
  # The container uses the network of this machine to reach the database. It has no capabilities, and its root file
  # system is read-only.
  python3 - "$work/bundle/config.json" "$work/secrets" "${variables[@]}" <<'PYTHON'
import json
import sys

path, secrets, *variables = sys.argv[1:]
with open(path) as file:
    config = json.load(file)
process = config["process"]
assert (process["user"]["uid"], process["user"]["gid"]) == (65532, 65532), process["user"]
process.update(terminal=False, noNewPrivileges=True, capabilities={})
process["env"] += [*variables, "DATABASE_URI_FILE=/run/secrets/database-uri"]
config["root"]["readonly"] = True
config["mounts"].append({"destination": "/run/secrets", "source": secrets, "type": "bind", "options": ["bind", "ro"]})
config["mounts"].append(
    {"destination": "/etc/hosts", "source": "/etc/hosts", "type": "bind", "options": ["bind", "ro"]})
config["linux"]["namespaces"] = [it for it in config["linux"]["namespaces"] if it["type"] != "network"]
with open(path, "w") as file:
    json.dump(config, file)
PYTHON
  check "container image" runc --root "$work/runc" run --bundle "$work/bundle" "exporter-$$"
}

check_unit() {
  local unit=$work/$name.service
  # The unit uses the work folder instead of the installed files. It depends on no other units, because they would start
  # services of this machine.
  sed "s,/usr/local/bin/,$work/program/,; s,/etc/$name/,$work/secrets/,; /^Wants=/d; /^After=/d
    s,^\[Unit\],&\nDefaultDependencies=no,; s,^\[Service\],&\nBindReadOnlyPaths=$work\nStandardOutput=append:$work/log,
    s,^\[Service\],&\nEnvironment=SSL_CERT_FILE=$work/ca.pem ${variables[*]}," \
    "$project/deploy/systemd/$name.service" >"$unit"
  systemd-analyze verify "$unit" || fail "systemd-analyze verify rejects the unit."
  systemd-analyze security --offline=yes --threshold=15 --no-pager "$unit" >"$work/security" || fail "$(cat "$work/security")"
  can_isolate "the systemd unit, run by systemd" || return 0
  check "systemd unit" build/systemd.sh "$unit"
}

build
print_step "checking the packages"
check_packages
print_step "starting a database"
start_database
print_step "checking the program, the tool, the image and the unit by a scrape"
check_program
check_tool
check_image
check_unit
echo "NOT TESTED: packages for platforms other than $rid; Kubernetes and Docker."
