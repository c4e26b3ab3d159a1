#!/bin/sh
# Makes the job's folder what it is to be, and becomes the job (README.md, "What is kept").
# usage: place.sh prepare DIR [tree SHA] [cache NAME PATH KEY COUNT GLOB...]... -- COMMAND...
#        place.sh clear TREE    removes what was unpacked for an attempt
# It runs as the job, in its environment. Variables are in lower case without `_`, as none that
# came with the job is (spec.py).
[ -z "${ZSH_VERSION-}" ] || emulate sh
. "${0%/*}/ending.sh"
. "${0%/*}/digest.sh"
lf='
'

refuse() { # SENTENCE
  printf '%s\n' "cannot unpack its frozen code: $1" >&2
  echo "fetch ." >>"$dir/life"
  exit 127
}

unpack() { # SHA: the job's folder is a fresh copy of what was given to this host
  blob=$root/blobs/$1 tree=$root/trees/$attempt
  [ -f "$blob" ] || refuse "$1 is not on this host"
  case $(digest <"$blob") in
    "$1" | *-* | '') ;; # the last two where the host can tell no more
    *) rm -f "$blob"; refuse "$1 is damaged on this host" ;;
  esac
  touch -c "$blob" 2>/dev/null
  (umask 077 && mkdir -p "$root/trees" && mkdir "$tree") 2>/dev/null ||
    refuse "$tree cannot be made"
  told=$(tar -xof "$blob" -C "$tree" 2>&1 </dev/null) || refuse "${told##*"$lf"}"
  cd "$tree" || refuse "$tree cannot be entered"
}

contents() { # GLOB: each file that matches, and what is in it
  fields=$IFS
  IFS=
  for file in $1; do
    [ ! -f "$file" ] || echo "$(printf %s "$file" | digest) $(digest <"$file")"
  done
  IFS=$fields
}

restore() { # $path of the job's folder, if what was stored for $name and $key is whole
  clock
  since=$now
  shelf=$root/caches/$name/$key
  if fetched; then
    touch -c "$shelf.tar"
    set -- hit $(du -k "$shelf.tar")
  else
    rm -f "$shelf.tar" "$shelf.sum"
    set -- miss 0
  fi
  clock
  echo "cache $name $1:$key $((now - since)) $2 ." >>"$dir/notes"
} 2>/dev/null

fetched() {
  [ -f "$shelf.tar" ] && [ "$(check <"$shelf.tar")" = "$(cat "$shelf.sum")" ] || return
  tar -xof "$shelf.tar" </dev/null && return
  rm -rf "./$path"
  return 1
}

discard() { # TREE, even if the job has closed folders of it
  rm -rf "$1" || { chmod -R u+rwx "$1"; rm -rf "$1"; }
} 2>/dev/null

verb=$1 dir=$2
shift 2
search=${PATH-} given=${PATH+1}
PATH=/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/opt/homebrew/bin
if [ "$verb" = clear ]; then
  discard "$dir"
  exit 0
fi
root=${dir%/a/*} attempt=${dir##*/}
while [ "$1" != -- ]; do
  if [ "$1" = tree ]; then
    unpack "$2"
    shift 2
    continue
  fi
  name=$2 path=$3 key=$4 count=$5
  shift 5
  [ "$count" = 0 ] || : >"$dir/contents"
  while [ "$count" -gt 0 ]; do
    contents "$1" >>"$dir/contents"
    shift
    count=$((count - 1))
  done
  [ ! -e "$dir/contents" ] || key=$key-$(digest <"$dir/contents")
  rm -f "$dir/contents"
  restore
done
shift
if [ -n "$given" ]; then PATH=$search; else unset PATH; fi
case $1 in
  *=*) exec "$@" ;;
  *) exec /usr/bin/env -- "$@" ;; # says in one way why it cannot
esac
