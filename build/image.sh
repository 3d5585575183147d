#!/usr/bin/env bash
# Builds a container image from a program, without a container engine. The image contains the program, the glibc and
# OpenSSL of this machine with their licences, and CA certificates, but no shell. The archive has the OCI layout and,
# for `docker load`, a manifest.json.
# Usage: build/image.sh program version archive
set -euo pipefail
program=$(realpath "$1") version=$2 archive=$(realpath -m "$3")
name=$(basename "$program")
licence=$(realpath "$(dirname "$0")/../LICENSE")
[ "$(uname -m)" = x86_64 ] || { echo "Images can be built on x86_64 only, not on $(uname -m)." >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root blobs=$work/image/blobs/sha256
mkdir -p "$root" "$blobs"
cd "$work"

# .NET loads OpenSSL at run time, so ldd does not list it.
libssl=$(PATH=$PATH:/sbin ldconfig -p | awk '/libssl\.so\.3 / && !path { path = $NF } END { print path }')
[ -n "$libssl" ] || { echo "libssl.so.3 was not found. Install OpenSSL 3 (Debian package libssl3)." >&2; exit 1; }
for library in "$libssl" $(ldd "$program" "$libssl" | grep -o '/[^ ]*\.so[^ ]*' | sort -u); do
  library=${library%:}
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
  # The packages contain the licences of the libraries. dpkg lists some libraries only with /usr in the path, others
  # only without.
  { dpkg -S "$library" || dpkg -S "$(realpath "$library")" || true; } 2>/dev/null | cut -d : -f 1 >>packages
done
for package in $(sort -u packages) ca-certificates; do
  install -D -m 644 "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
done
install -D -m 644 "$licence" "$root/usr/share/doc/$name/LICENSE"
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
install -D -m 644 /dev/stdin "$root/etc/nsswitch.conf" <<<"hosts: files dns"
install -m 755 "$program" "$root/$name"

# Moves a file to the blobs, and prints its descriptor.
add_blob() { # file, media type
  local digest size
  digest=$(sha256sum "$1" | cut -d ' ' -f 1)
  size=$(stat -c %s "$1")
  mv "$1" "$blobs/$digest"
  printf '{"mediaType": "%s", "digest": "sha256:%s", "size": %d}' "$2" "$digest" "$size"
}

get_digest() { grep -o 'sha256:[0-9a-f]*' <<<"$1"; }

# The same files result in a byte-for-byte identical archive.
create_archive() {
  tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --format=gnu -C "$1" -cf "$2" "${@:3}"
}

create_archive "$root" layer.tar --mode=u=rwX,go=rX .
content=$(sha256sum layer.tar | cut -d ' ' -f 1)
gzip -n layer.tar
layer=$(add_blob layer.tar.gz application/vnd.oci.image.layer.v1.tar+gzip)
cat >config.json <<JSON
{
  "architecture": "amd64",
  "os": "linux",
  "config": {
    "User": "65532:65532",
    "Entrypoint": ["/$name"],
    "Env": ["WFO_EXPORTER_WEB_LISTEN_ADDRESS=:9799", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
    "ExposedPorts": {"9799/tcp": {}},
    "WorkingDir": "/",
    "Labels": {"org.opencontainers.image.version": "$version", "org.opencontainers.image.licenses": "MIT"}
  },
  "rootfs": {"type": "layers", "diff_ids": ["sha256:$content"]}
}
JSON
config=$(add_blob config.json application/vnd.oci.image.config.v1+json)
index=application/vnd.oci.image.index.v1+json manifest=application/vnd.oci.image.manifest.v1+json
echo "{\"schemaVersion\": 2, \"mediaType\": \"$manifest\", \"config\": $config, \"layers\": [$layer]}" >manifest
manifest=$(add_blob manifest "$manifest")
annotations="{\"org.opencontainers.image.ref.name\": \"$version\", \"io.containerd.image.name\": \"docker.io/library/$name:$version\"}"
echo "{\"schemaVersion\": 2, \"mediaType\": \"$index\", \"manifests\": [${manifest%\}}, \"annotations\": $annotations}]}" \
  >image/index.json
echo '{"imageLayoutVersion": "1.0.0"}' >image/oci-layout
get_path() { get_digest "$1" | sed 's,sha256:,blobs/sha256/,'; }
echo "[{\"Config\": \"$(get_path "$config")\", \"RepoTags\": [\"$name:$version\"], \"Layers\": [\"$(get_path "$layer")\"]}]" \
  >image/manifest.json
create_archive image "$archive" .
