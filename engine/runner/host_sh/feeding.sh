# What a job reads after it was started, as feeding.py has it: pieces in its folder.

do_feed() { # ATTEMPT EPOCH END PIECE TEXT
  is_number "$4" || error bad "'$4' is no number" || return
  is_yes_no "$3" && named "$1" && check_epoch "$2" || return
  [ "${#5}" -le 327680 ] || error bad 'too many bytes at once: at most 65536' || return
  see "$1" || return
  taken=0
  if was_taken "$4" "$5"; then
    taken=$(undo "$5" | wc -c)
    taken=$((taken))
  elif ! can_be_fed "$5"; then
    return
  elif [ "$5" != '\c' ]; then
    put_piece "$5" "$4"
    case $? in
      0) ;;
      1) answer 'ok 0'; return ;;
      *) error failed "the spool $root cannot be written"; return ;;
    esac
  fi
  if [ "$3" = 1 ] && [ -d "$dir" ]; then { : >"$dir/eof"; } 2>/dev/null || error failed "the spool cannot be written" || return; fi
  [ ! -p "$dir/bell" ] || echo 1<>"$dir/bell"
  answer "ok $taken"
}

was_taken() { # PIECE TEXT: it is the one that was taken last, and asked for again
  [ "$1" != 0 ] && [ "$2" != '\c' ] || return
  last=
  { read -r last _ <"$dir/taken"; } 2>/dev/null
  [ "$last" = "$1" ]
}

can_be_fed() { # TEXT
  lives || error bad "attempt $attempt is $state: nobody reads what it is sent" || return
  [ -p "$dir/bell" ] ||
    error bad "the standard input of attempt $attempt was not kept open" || return
  [ "$1" = '\c' ] || [ ! -e "$dir/eof" ] ||
    error bad "the standard input of attempt $attempt has ended" || return
  [ ! -e "$dir/deaf" ] || error bad "attempt $attempt has closed its standard input"
}

put_piece() { # TEXT PIECE -> $taken: the last piece, whole or not at all; fails with 1 if too many wait
  staged=$dir/fed.$$ last=0000000000000 count=0
  set +f
  for entry in "$dir"/in.[0-9]*; do
    [ ! -e "$entry" ] || { last=${entry##*/in.} count=$((count + 1)); }
  done
  set -f
  [ "$count" -lt 16 ] || return 1
  { undo "$1" >"$staged" && echo "$2 ." >"$dir/taken.$$"; } 2>/dev/null || { rm -f -- "$staged"; return 2; }
  taken=$(wc -c <"$staged")
  taken=$((taken))
  uptime
  number=0000000000000$up_ms
  while [ "${#number}" -gt 13 ]; do number=${number#?}; done
  is_after "$number" "$last" || after "$last"
  until ln "$staged" "$dir/in.$number" 2>/dev/null; do
    [ -e "$dir/in.$number" ] || { rm -f -- "$staged"; return 2; }
    after "$number"
  done
  mv -f -- "$dir/taken.$$" "$dir/taken" # needs no room on the disk
  rm -f -- "$staged"
}

halves() { # 13 DIGITS -> $high $low: numbers that every shell can count with
  bare "${1%??????}"
  high=$bare
  bare "${1#???????}"
  low=$bare
}

is_after() { # 13 DIGITS, 13 DIGITS
  halves "$1"
  set -- "$2" "$high" "$low"
  halves "$1"
  [ "$2" -gt "$high" ] || { [ "$2" -eq "$high" ] && [ "$3" -gt "$low" ]; }
}

after() { # 13 DIGITS -> $number
  halves "$1"
  low=$((low + 1))
  [ "$low" -lt 1000000 ] || high=$((high + 1)) low=0
  high=000000$high low=00000$low
  while [ "${#high}" -gt 7 ]; do high=${high#0}; done
  while [ "${#low}" -gt 6 ]; do low=${low#0}; done
  number=$high$low
}
