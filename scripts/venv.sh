# Sourced by ./antiphon, ./check and .ci/run with $here set to the root of the clone.
# Sets $venv; `venv_for run` or `venv_for dev` makes sure that what it names is installed there.
#
# A stamp in the environment says what it was made from and where. While it still holds, this file starts no
# Python and no pip: it only reads two small files.

venv=${ANTIPHON_VENV:-$here/.venv}
case $venv in
    /*) ;;
    *) venv=$PWD/$venv ;;
esac

venv_for() {
    stamp="$(cat "$here/pyproject.toml" "$here/constraints.txt" | cksum | tr ' ' -) $here $venv"
    if [ -r "$venv/antiphon-$1.stamp" ] && [ -x "$venv/bin/python" ] && [ -x "$venv/bin/antiphon" ]; then
        IFS= read -r found <"$venv/antiphon-$1.stamp" || found=
        if [ "$found" = "$stamp" ]; then
            return 0
        fi
    fi
    maker=$(suitable_python) || exit 1
    "$maker" "$here/scripts/bootstrap.py" "$here" "$venv" "$1" "$stamp"
}

suitable_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$python"
            return 0
        fi
    done
    echo 'error: Antiphon needs Python 3.11 or later, and there is none on the PATH.' >&2
    echo '       Debian 12, Ubuntu 24.04 and later: sudo apt-get install python3 python3-venv' >&2
    return 1
}
