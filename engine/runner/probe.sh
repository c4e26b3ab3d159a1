# Evaluated by the first sh on a host (PROTOCOL.md, "Getting there"), after assignments of
#   crab_reader      what python is to execute: it reads the program from standard input
#   crab_root        the spool, or `-`
#   crab_controller  whose it is
#   crab_python      auto, no, or the path of an interpreter
# Finds out who can answer here, takes the program for it, and becomes it.
[ -z "${ZSH_VERSION-}" ] || emulate sh
crab_umask=$(umask)
umask 077
LC_ALL=C
PATH=$PATH:/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/opt/homebrew/bin
unset CDPATH ENV BASH_ENV

crab_try() { # INTERPRETER -> $crab_version, if it is recent enough
  case $(command -v "$1") in
    '') return 1 ;;
    /usr/bin/*) # macOS puts a window there that offers to install one
      [ ! -e /usr/bin/xcode-select ] || xcode-select -p || return 1 ;;
  esac >/dev/null 2>&1
  crab_version=$("$1" -I -c 'import sys
assert sys.version_info >= (3, 10)
print("%d.%d" % sys.version_info[:2])' </dev/null 2>/dev/null) && [ -n "$crab_version" ]
}

crab_found=
case $crab_python in
  no) ;;
  auto)
    for crab_name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
      if crab_try "$crab_name"; then crab_found=$(command -v "$crab_name"); break; fi
    done
    ;;
  *)
    if ! crab_try "$crab_python"; then
      echo "$crab_python is no Python 3.10 or later here" >&2
      exit 1
    fi
    crab_found=$crab_python
    ;;
esac
if [ -n "$crab_found" ]; then echo "crab-1 has python $crab_version $crab_found"
else echo 'crab-1 has sh'; fi

read -r crab_kind crab_size || exit 0
case $crab_kind:$crab_size in
  *: | *:*[!0-9]*) echo "no size of a program: $crab_kind $crab_size" >&2; exit 1 ;;
  python:*)
    umask "$crab_umask"
    exec "$crab_found" -I -u -c "$crab_reader" "$crab_size" "$crab_root" "$crab_controller"
    ;;
  sh:*)
    crab_program=$(head -c "$crab_size"; echo x)
    crab_program=${crab_program%x}
    [ "${#crab_program}" -eq "$crab_size" ] || exit 0
    eval "$crab_program"
    ;;
  *) echo "no program is called $crab_kind" >&2; exit 1 ;;
esac
