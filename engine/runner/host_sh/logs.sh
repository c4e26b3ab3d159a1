# The logs of an attempt and what else it leaves, as logs.py has them: bytes, counted from the
# first ever written.

log_of() { # ATTEMPT STREAM -> $log, $log_size, $dropped and $shift; a size of 0 if there is none
  log=$root/a/$1/$2 log_size=0 dropped=0 shift=0
  [ ! -d "$root/l/$1" ] || log=$root/l/$1/$2
  { read -r dropped shift _ <"$log.base"; } 2>/dev/null
  [ -s "$log" ] || { log_size=$shift; return 0; }
  [ ! -h "$log" ] || error failed "the log $log is a link" || return
  set -- $(ls -ln -- "$log" 2>/dev/null)
  is_number "${5:-}" || error failed "the log $log cannot be read" || return
  log_size=$(($5 + shift))
}

left_of() { # ATTEMPT NAME -> as log_of: of what a job left, which may be anything
  log=$root/a/$1/$2 log_size=0 dropped=0 shift=0
  [ ! -d "$root/l/$1" ] || log=$root/l/$1/$2
  [ -f "$log" ] && [ ! -h "$log" ] && [ -r "$log" ] || return 0
  set -- $(ls -ln -- "$log" 2>/dev/null)
  ! is_number "${5:-}" || log_size=$5
}

do_tail() { # ATTEMPT STREAM OFFSET LIMIT
  find_log=log_of
  case $2 in
    out | err) ;;
    result | outputs | notes) find_log=left_of ;;
    *) error bad "'$2' is no log: there are \`out\` and \`err\`" || return ;;
  esac
  is_number "${3#-}" || error bad "'$3' is no number" || return
  is_number "$4" || error bad "'$4' is no number of bytes" || return
  named "$1" || return
  "$find_log" "$1" "$2" || return
  bare "${3#-}"
  offset=$bare
  bare "$4"
  length=$bare
  case $3 in -*) offset=$((log_size - offset)) ;; esac
  [ "$offset" -ge "$dropped" ] || offset=$dropped
  [ "$offset" -le "$log_size" ] || offset=$log_size
  [ "$length" -le 262144 ] || length=262144
  [ "$length" -le $((log_size - offset)) ] || length=$((log_size - offset))
  take_turn
  say "$seq data $offset $log_size $dropped $length"
  [ "$length" -eq 0 ] || send_bytes $((offset - shift))
  give_turn
}

send_bytes() { # OFFSET: $length bytes of $log, whatever becomes of it meanwhile
  { tail -c "+$(($1 + 1))" "$log"; cat /dev/zero; } 2>/dev/null | head -c "$length"
}

do_trim() { # ATTEMPT CAP
  is_number "$2" || error bad "'$2' is no number of bytes" || return
  named "$1" || return
  bare "$2"
  cap=$bare gone=0
  for stream in out err; do
    log_of "$1" "$stream" || return
    [ $((log_size - dropped)) -le "$cap" ] || drop_before $((log_size - cap / 2)) ||
      error failed "the log $log cannot be trimmed" || return
  done
  answer "ok $gone"
}

drop_before() { # OFFSET: a hole where that can be made, else what is kept moves to the front
  if [ "$shift" = 0 ] && [ -n "$punch" ]; then
    edge=$(($1 / 4096 * 4096))
    [ "$edge" -ge "$dropped" ] || edge=$dropped
    write_base "$edge" 0 || return # first: a reader may miss bytes, but never read holes as text
    if fallocate -p -o 0 -l "$edge" "$log" 2>/dev/null; then
      gone=$((gone + edge - dropped))
      return
    fi
    write_base "$dropped" 0
  fi
  tail -c "+$(($1 - shift + 1))" "$log" >"$log.kept" &&
    : >"$log" && cat "$log.kept" >>"$log" && write_base "$1" "$1" || return
  rm -f -- "$log.kept"
  gone=$((gone + $1 - dropped))
}

write_base() { # DROPPED SHIFT
  echo "$1 $2 ." >"$log.base.new" && mv -f -- "$log.base.new" "$log.base"
}
