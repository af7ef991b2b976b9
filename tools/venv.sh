# Makes .venv with the first Python 3.11+ that can, or says what to install.
set -eu
for python in ${PYTHON:-} python3 python python3.14 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" -m venv .venv
    fi
done
echo 'Milepost needs Python 3.11 or newer with its venv module' >&2
echo '(Debian, Ubuntu: apt-get install python3 python3-venv; or say where it is: make PYTHON=/path/to/python3 …).' >&2
exit 1
