# Source this file. Installs Debian packages as root on Debian or Ubuntu; otherwise does nothing.
install_packages() {
  if [ $# -eq 0 ] || ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then return; fi
  apt-get update -qq
  # RUNLEVEL=1 keeps the packages from starting services, because the tests start dedicated servers.
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}
