# Files that were given to this host once, as blobs.py has them.

do_put() { # SHA SIZE OFFSET TEXT
  is_sha "$1" || error bad "'$1' is no SHA-256" || return
  is_number "$2" && is_number "$3" || error bad "'$2 $3' are no numbers of bytes" || return
  [ -d "$root/a" ] || error unusable "there is no spool at $root: say hello" || return
  check_there || return
  blob=$root/blobs/$1
  if [ -f "$blob" ]; then
    touch -c "$blob" 2>/dev/null
    answer "ok $2"
    return
  fi
  { [ -d "$root/blobs" ] || mkdir "$root/blobs" || [ -d "$root/blobs" ]; } 2>/dev/null
  bare "$3"
  offset=$bare
  bare "$2"
  came 2>/dev/null
  if [ "$have" = "$offset" ]; then
    { undo "$4" >>"$blob.part"; } 2>/dev/null ||
      error failed "the spool $root cannot be written" || return
    came 2>/dev/null
  fi
  [ "$have" -lt "$bare" ] || finish_blob "$1" || return
  answer "ok $have"
}

came() { # -> $have: bytes of $blob that are here
  have=0
  [ ! -e "$blob.part" ] || have=$(($(wc -c <"$blob.part")))
}

finish_blob() { # SHA
  case $(sha256 <"$blob.part") in
    "$1") ;;
    '') error failed 'nothing on this host computes a SHA-256'; return 1 ;;
    *)
      rm -f -- "$blob.part"
      error bad "what came is not $1"
      return 1
      ;;
  esac
  mv -f -- "$blob.part" "$blob" 2>/dev/null || error failed "the spool $root cannot be written"
}

sha256() { # of standard input
  if command -v sha256sum >/dev/null; then set -- $(sha256sum)
  elif command -v shasum >/dev/null; then set -- $(shasum -a 256)
  elif command -v sha256 >/dev/null; then set -- $(sha256 -q)
  elif command -v openssl >/dev/null; then
    set -- $(openssl dgst -sha256)
    while [ $# -gt 1 ]; do shift; done
  else return 1; fi 2>/dev/null
  echo "$1"
}

is_sha() {
  case $1 in *[!0-9a-f]*) return 1 ;; esac
  [ "${#1}" -eq 64 ]
}

expire_blobs() { # what no attempt has wanted for long, and what was never given in whole
  [ -d "$root/blobs" ] || return 0
  find "$root/blobs" -type f -mtime +14 -exec rm -f {} \;
  find "$root/blobs" -type f -name '*.part' -mtime +1 -exec rm -f {} \;
} 2>/dev/null
