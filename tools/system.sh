# Installs what the tests need from the system: through apt-get, as root or with sudo that asks no password.
set -eu

missing() {
    command -v redis-server >/dev/null || echo redis-server
    command -v caddy >/dev/null || echo caddy
    command -v systemd-analyze >/dev/null || echo systemd
    [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || command -v initdb >/dev/null || echo postgresql
    command -v chromium >/dev/null || command -v google-chrome >/dev/null || echo chromium
}

wanted=$(missing)
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=env
elif sudo -n true 2>/dev/null; then
    as_root='sudo -n env'
else
    as_root=
fi
if [ -n "$as_root" ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests: $(echo $wanted)"
    log=$(mktemp)
    {
        $as_root apt-get update -qq &&
            $as_root DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $wanted
    } </dev/null >"$log" 2>&1 || tail -n 20 "$log" >&2
    rm -f "$log"
fi

still=$(missing)
[ -n "$still" ] || exit 0
echo "The tests miss from the system: $(echo $still)." >&2
echo "Install it with your package manager (Debian, Ubuntu: apt-get install $(echo $still))." >&2
if [ "${CI:-}" = true ]; then
    exit 1
fi
echo 'Going on without it: the tests that need it will say so and be skipped.' >&2
