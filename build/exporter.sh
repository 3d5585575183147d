#!/usr/bin/env bash
# Builds what operators install into artifacts/exporter: the packages of the dotnet tool, the native program, and a
# container image with it. Checks each by a scrape over a PostgreSQL with TLS, against the reference of orchestrator-core.
# As root on Debian or Ubuntu, first installs the tools that it needs; otherwise reports what it does not test.
# Usage: build/exporter.sh
set -euo pipefail
cd "$(dirname "$0")/.."
project=src/Orchestrator.Metrics.Exporter
name=orchestrator-metrics-exporter
rid=linux-x64
output=$PWD/artifacts/exporter
golden=$PWD/tests/Shared/golden/orchestrator-db

# With ORCHESTRATOR_METRICS_REQUIRE_SERVERS=1, fails unless the machine does not permit the test.
not_tested() { # what, and "forbidden" if the machine does not permit it
  echo "NOT TESTED: $1" >&2
  [ "${2:-}" = forbidden ] || [ "${ORCHESTRATOR_METRICS_REQUIRE_SERVERS:-0}" != 1 ] || exit 1
}

if [ "$(uname -m)" != x86_64 ]; then
  not_tested "the exporter's packages, which are built for $rid only." forbidden
  exit
fi

missing() {
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
install_packages $(missing)
if [ -n "$(missing)" ]; then
  not_tested "the exporter's packages. Install these Debian packages: $(missing | xargs)"
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

build() {
  local pack=(dotnet pack "$project" --artifacts-path artifacts/native --output "$output" --verbosity quiet
    -p:IsPackable=true -p:DebugType=none -p:PackageReadme="$work/README.md")
  rm -rf "$output"
  # On the page of a package, relative links lead nowhere, so they become text.
  sed -E 's,\[([^]]*)\]\((docs|\.\.)/[^)]*\),\1,g' "$project/README.md" >"$work/README.md"
  # build/aot.sh builds in the same folder, so the libraries are compiled once.
  "${pack[@]}" --runtime "$rid"
  "${pack[@]}" --runtime any -p:PublishAot=false
  # The package with the name of the tool only lists the others: one per platform, and "any" for the rest.
  "${pack[@]}" --no-build
  version=$(basename "$output/$name.any."*.nupkg .nupkg)
  version=${version#"$name.any."}

  # The program is that of the package, because compiling it again would take minutes.
  unzip -q -j "$output/$name.$rid.$version.nupkg" "*/$name" -d "$work/program"
  chmod 755 "$work/program/$name"
  cp LICENSE "$project/deploy/systemd/$name.service" "$work/program"
  tar -C "$work/program" --owner=0 --group=0 -czf "$output/$name-$version-$rid.tar.gz" "$name" "$name.service" LICENSE
  build/image.sh "$work/program/$name" "$version" "$output/$name-$version-$rid.image.tar"
  ls -sh1 "$output"
  echo "The native program needs glibc $(grep -ao 'GLIBC_2\.[0-9]*' "$work/program/$name" | sort -Vu | tail -1 | tr -d A-Z_) or later."
}

check_packages() {
  local settings=DotnetToolSettings.xml package entry
  files() { printf '%s\n' README.md icon.png "$@" | sort | cmp - "$work/files"; }
  for package in "$name.$version" "$name.$rid.$version" "$name.any.$version"; do
    unzip -Z1 "$output/$package.nupkg" | grep -E '^(README\.md|icon\.png|[^/]*\.nuspec|tools/.*)$' | sort >"$work/files"
    unzip -p "$output/$package.nupkg" '*.nuspec' >"$work/nuspec"
    unzip -p "$output/$package.nupkg" README.md | cmp - "$work/README.md" || fail "$package has another README.md."
    for entry in '<license type="expression">MIT<' '<readme>README.md<' '<icon>icon.png<' '<description>Exports'; do
      grep -q "$entry" "$work/nuspec" || fail "$package has no '$entry' in its nuspec."
    done
    case $package in
      *.any.*) grep -qx "tools/net10.0/any/$name.dll" "$work/files" ;;
      *".$rid."*) files "$name.$rid.nuspec" "tools/any/$rid/"{$settings,$name} ;;
      *) files "$name.nuspec" "tools/any/any/$settings" ;;
    esac || fail "$package has other files than expected: $(cat "$work/files")"
  done
}

# A PostgreSQL that accepts a user with a password (SCRAM) over TLS only.
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

# Starts an exporter at its default port, compares its response with the reference, and stops it with SIGTERM.
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

# Only the metrics of the reference, without those about the exporter.
variables=(WFO_EXPORTER_SCRAPE_FAILURE_POLICY=fail_scrape WFO_EXPORTER_SCRAPE_METRICS=false WFO_EXPORTER_SCRAPE_BUILD_INFO=false)

check_program() {
  check "native program" env "${variables[@]}" DATABASE_URI_FILE="$work/secrets/database-uri" \
    SSL_CERT_FILE="$work/ca.pem" "$work/program/$name"
}

check_tool() {
  # With an empty cache: a package of the same version may be in that of the user.
  (cd "$work" && NUGET_PACKAGES=$work/cache dotnet tool install "$name" --tool-path "$work/tool" --version "$version" \
    --source "$output" --verbosity quiet >"$work/log") || fail "dotnet tool install: $(cat "$work/log")"
  cmp "$(find "$work/tool/.store" -path "*/$rid/$name")" "$work/program/$name"
  local with=(env "${variables[@]}" DATABASE_URI_FILE="$work/secrets/database-uri" SSL_CERT_FILE="$work/ca.pem")
  check "dotnet tool, native" "${with[@]}" "$work/tool/$name"
  unzip -q "$output/$name.any.$version.nupkg" 'tools/*' -d "$work/any"
  check "dotnet tool, on the runtime" "${with[@]}" dotnet "$work/any/tools/net10.0/any/$name.dll"
}

# Whether namespaces can be created. Other users than root, and unprivileged containers, do not have CAP_SYS_ADMIN.
can_isolate() { # what needs them
  local capabilities sys_admin=21
  capabilities=0x$(awk '/^CapEff:/ { print $2 }' /proc/self/status)
  if (((capabilities >> sys_admin & 1) == 0)); then
    not_tested "$1. Run build/exporter.sh as root, outside of a container." forbidden
    return 1
  fi
  unshare --mount --pid --ipc --cgroup --fork true || { not_tested "$1. unshare failed." forbidden; return 1; }
}

check_image() {
  can_isolate "the container image" || return 0
  mkdir "$work/layout"
  tar -xf "$output/$name-$version-$rid.image.tar" -C "$work/layout"
  umoci --log=error unpack --image "$work/layout:$version" "$work/bundle"
  local root=$work/bundle/rootfs
  cat "$work/ca.pem" >>"$root/etc/ssl/certs/ca-certificates.crt"
  mkdir -p "$root/run/secrets"
  # The network of this machine, where the database is; no capabilities, nothing to write to.
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
  # The work folder instead of the installed files; no other units, which would start the services of this machine.
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
check_packages
start_database
check_program
check_tool
check_image
check_unit
echo "NOT TESTED: native packages for platforms other than $rid; Kubernetes and Docker."
