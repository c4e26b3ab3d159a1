# Sourced by the supervisor in a process of its own, once it is decided how an attempt ended: its
# outputs are packed, its caches stored (README.md, "What is kept"); `notes` says what became of
# that. No time limit holds here, and nothing that goes wrong changes the end.
crab_shelf=${crab_dir%/a/*}/caches
crab_ifs=$IFS
umask 077
. "$crab_lib/ending.sh"
. "$crab_lib/digest.sh"

at() { # FOLDER of the job; without it there is nothing to do
  cd -P "$1" 2>/dev/null || exit 0
}

note() { # WORDS
  echo "$1 ." >>"$crab_dir/notes"
} 2>/dev/null

straight() { # PATH: of the folders that lead to it none is a link
  crab_rest=$1 crab_way=.
  while :; do
    case $crab_rest in */*) ;; *) return 0 ;; esac
    crab_way=$crab_way/${crab_rest%%/*} crab_rest=${crab_rest#*/}
    [ ! -h "$crab_way" ] || return 1
  done
}

outputs() { # GLOB...: regular files that match, and those in folders that match, as one tar
  {
    for crab_word; do
      IFS=
      for crab_first in $crab_word; do list "${crab_first#./}"; done
    done >"$crab_dir/listed"
  } 2>/dev/null
  IFS=$crab_ifs
  [ ! -s "$crab_dir/listed" ] || pack
  rm -f "$crab_dir/listed" "$crab_dir/packing"
}

list() { # PATH: names that a list cannot hold are left out
  case $1 in *"$crab_lf"* | *\\*) return 0 ;; esac
  [ ! -h "${1%/}" ] && straight "${1%/}" || return 0
  if [ -f "$1" ]; then echo "./$1"
  elif [ -d "$1" ]; then find "./${1%/}" -type f ! -path "*$crab_lf*" ! -path '*\\*'; fi
}

pack() { # each file once, and two names of one file as two files where its tar can do that
  LC_ALL=C sort -u -o "$crab_dir/listed" "$crab_dir/listed"
  case $(tar --version) in
    *GNU*) set -- --hard-dereference -T "$crab_dir/listed" ;;
    *bsdtar*) set -- -T "$crab_dir/listed" ;;
    *)
      set --
      while IFS= read -r crab_first; do set -- "$@" "$crab_first"; done <"$crab_dir/listed"
      ;;
  esac
  tar -cf - "$@" | head -c "$((crab_most + 1))" >"$crab_dir/packing"
  if [ -n "$(find "$crab_dir/packing" -size "+${crab_most}c")" ]; then note 'outputs large'
  elif tar -tf "$crab_dir/packing" >/dev/null; then mv -f "$crab_dir/packing" "$crab_dir/outputs"
  else note 'outputs failed'; fi
} 2>/dev/null

store() { # NAME PATH: after a success, what was not there before it
  [ "$rc$why" = 0- ] || return 0
  crab_key=
  while read -r crab_word crab_first crab_rest _; do
    [ "$crab_word $crab_first" != "cache $1" ] || crab_key=$crab_rest
  done 2>/dev/null <"$crab_dir/notes"
  case $crab_key in miss:?*) ;; *) return 0 ;; esac
  [ -e "$2" ] && [ ! -h "$2" ] && straight "$2" || return 0
  clock
  crab_began=$now
  shelve "$1" "$2" "${crab_key#miss:}" || return 0
  clock
  note "stored $1 $((now - crab_began)) $crab_kb"
}

shelve() { # NAME PATH KEY -> $crab_kb; what another attempt stored meanwhile is as good
  mkdir -p "$crab_shelf/$1"
  crab_place=$crab_shelf/$1/$3 crab_part=$crab_shelf/$1/.$crab_id
  [ ! -e "$crab_place.tar" ] || return
  find "$crab_shelf" -type f -name '.*' -mtime +0 -exec rm -f {} \; # of who was killed at it
  if tar -cf "$crab_part" "./$2"; then
    set -- $(du -k "$crab_part")
    crab_kb=$1
    if [ "${crab_kb:-$crab_shelf_kb}" -lt "$crab_shelf_kb" ]; then
      make_room
      check <"$crab_part" >"$crab_place.sum" && mv -f "$crab_part" "$crab_place.tar" && return
      rm -f "$crab_place.sum"
    fi
  fi
  rm -f "$crab_part"
  return 1
} 2>/dev/null

make_room() { # the caches that were not used for longest go
  set -- $(du -sk "$crab_shelf")
  crab_over=$(($1 - crab_shelf_kb))
  [ "$crab_over" -gt 0 ] || return 0
  for crab_word in $(cd "$crab_shelf" && ls -tr -- */*.tar); do
    [ "$crab_over" -gt 0 ] || return 0
    set -- $(du -k "$crab_shelf/$crab_word")
    rm -f "$crab_shelf/$crab_word" "$crab_shelf/${crab_word%.tar}.sum"
    crab_over=$((crab_over - $1))
  done
} 2>/dev/null
