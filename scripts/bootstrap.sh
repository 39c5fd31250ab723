# Sourced by the other scripts: a virtual environment in .cache/, made once and again when pyproject.toml changes.
# Needs a Python 3.11 or newer with venv. On Debian: apt-get install python3 python3-venv
# Sets $root, $venv and $python.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$root/.cache/venv"
python="$venv/bin/python"

say() { printf '%s\n' "$*" >&2; }

find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

install_packages() { # the named Debian packages: installed when root, asked for otherwise
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing $* with apt-get ..."
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >&2
    else
        say "textbackd needs the packages: $*"
        say "  sudo apt-get install $*"
        exit 1
    fi
}

make_venv() { # $1: what to install beside textbackd itself: "" or "dev"
    local base stamp wanted
    base=$(find_python) || { install_packages python3 python3-venv; base=$(find_python); } ||
        { say "textbackd needs Python 3.11 or newer"; exit 1; }
    stamp="$venv/.made-from"
    wanted="$(cat "$root/pyproject.toml" "$root/scripts/constraints.txt" | cksum) $("$base" -V) ${1:-run}"
    # What "dev" made serves "run" too.
    if [ -x "$python" ] && { [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] ||
        { [ -z "${1:-}" ] && [ "$(cat "$stamp" 2>/dev/null)" = "${wanted% run} dev" ]; }; }; then
        return
    fi
    say "setting up .cache/venv (once; about a minute) ..."
    mkdir -p "$root/.cache"
    rm -rf "$venv"
    "$base" -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
    "$base" -m venv "$venv" || exit 1
    "$python" -m pip install --quiet --disable-pip-version-check \
        --constraint "$root/scripts/constraints.txt" --editable "$root${1:+[$1]}" >&2 || {
        rm -rf "$venv"
        say "pip could not install textbackd's dependencies; its message is above"
        exit 1
    }
    printf '%s' "$wanted" >"$stamp"
}
