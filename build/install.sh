# For scripts to source. Installs Debian packages where this is root on Debian or Ubuntu; elsewhere does nothing.
install_packages() {
  if [ $# -eq 0 ] || ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then return; fi
  apt-get update -qq
  # RUNLEVEL=1: the tests start servers of their own; none is to run as a service.
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}
