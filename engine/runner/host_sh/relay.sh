# The relay: a process of its own that hears what supervisors say, so that no slow start and no
# end has to be waited for. All of it comes through one fifo of this session, `ends/PID.START`:
#   STARTED ID PID START | VOID ID | ERR ID ...   what a supervisor answers
#   ended ID                                    its last words (supervisor.sh tells every fifo)
#   expect ID SEQ EPOCH UPTIME_S | watch ID | check    from the loop
# Who writes opens it for reading too, so nobody ever waits for somebody to come. The relay only
# reads: when the session is gone, and every supervisor that speaks to it, so is the relay.

open_relay() { # the fifos and the relay, once they are needed
  [ -z "$relay" ] || return 0
  [ -d "$root/ends" ] || mkdir "$root/ends" 2>/dev/null
  drop_stale
  started $$
  inlet=$root/ends/$$.$began turn=$root/turn.$$
  rm -f -- "$inlet" "$turn"
  { mkfifo -m 600 "$turn" && exec 8<>"$turn" && rm -f -- "$turn" &&
    mkfifo -m 600 "$inlet" && exec 7<>"$inlet"; } 2>/dev/null ||
    error failed "no fifo can be made in $root" || return
  echo . >&8
  hear 6<&- </dev/null &
  relay=$!
  started "$relay"
  echo "$relay $began ." >"$inlet.relay"
}

drop_stale() { # fifos of sessions that were killed, and their relays
  set +f
  for entry in "$root"/ends/*.*; do
    set -f
    began= name=${entry##*/}
    case $name in *.relay) continue ;; esac
    is_number "${name%%.*}" && started "${name%%.*}"
    [ "$name" = "${name%%.*}.${began:--}" ] || drop "$entry"
  done
  set -f
}

drop() { # FIFO of a dead session
  name=- born=
  { read -r name born _ <"$1.relay"; } 2>/dev/null
  if is_number "$name" && started "$name" && [ "$began" = "$born" ]; then
    kill -s KILL "$name"
    while started "$name" && [ "$began" = "$born" ]; do sleep 0.1 || sleep 1; done
  fi
  drain "$1"
}

drain() { # FIFO that nobody reads: supervisors that could not say their last words may go
  rm -f -- "$1.relay"
  if [ ! -p "$1" ]; then rm -f -- "$1"; return; fi
  exec 9<>"$1"
  rm -f -- "$1"
  (echo quit >&9) &
  while read -r line <&9 && [ "$line" != quit ]; do :; done
  exec 9>&-
}

close_relay() {
  [ -n "$relay" ] || return 0
  kill -s KILL "$relay"
  wait "$relay"
  relay=
  drain "$inlet"
} 2>/dev/null

tell() { # WORD...: to the relay
  [ -z "$relay" ] || say "$*" >&7
}

hear() {
  trap - HUP INT TERM PIPE
  waiting=' ' watched=' ' relay=me
  exec 9<"$inlet" 7>&-
  while read -r word name first rest <&9; do
    case $word in
      expect) waiting="$waiting$name=$first:${rest%% *}:${rest#* } " ;;
      STARTED | VOID | ERR) begun ;;
      watch) watch_name ;;
      ended) over ;;
      check) look_again ;;
    esac
  done
  rm -f -- "$inlet" "$inlet.relay"
}

watch_name() {
  case $watched in *" $name "*) ;; *) watched="$watched$name " ;; esac
}

claim_answer() { # -> $seq $epoch of the start of $name that waits for its answer
  case $waiting in *" $name="*) ;; *) return 1 ;; esac
  line=${waiting#*" $name="}
  seq=${line%% *}
  waiting=${waiting%%" $name="*}" "${line#* }
  epoch=${seq#*:}
  epoch=${epoch%%:*}
  seq=${seq%%:*}
}

begun() { # $word $name $first $rest: what a supervisor answers; whoever asked is told
  if [ "$word" = STARTED ]; then
    attempt=$name dir=$root/a/$name
    read_life
    told="$name running $first $rest $ident - - - 0 $owner - - "
    while claim_answer; do
      watch_name
      answer "$told"
    done
  else
    complaint="$first $rest"
    not_started
  fi
}

not_started() { # whoever asked for the start of $name is told what became of it
  while claim_answer; do
    see "$name" || continue
    if [ "$word:$state" = ERR:claimed ] || [ "$word:$state" = ERR:void ]; then
      rm -rf -- "$dir"
      error notstarted "its supervisor gave up: $complaint"
      continue
    fi
    [ "$state" != claimed ] || { decide_void "$epoch" && see "$name"; } || continue
    ! lives || watch_name
    describe
    answer "$told"
  done
}

over() { # $name has ended
  case $waiting in *" $name="*) not_started; return ;; esac
  case $watched in *" $name "*) ;; *) return ;; esac
  watched=${watched%%" $name "*}" "${watched#*" $name "}
  about_end
  take_turn
  say "+ ended $told"
  give_turn
}

about_end() { # -> $told: the status of $name if it has succeeded; else it must be asked for
  attempt=$name dir=$root/a/$name told=$name
  read_life
  [ "$state:$code" != exited:0 ] || { where=$ident && describe; }
}

look_again() { # at starts that were not answered: their supervisors may be dead, or never were
  set -- $waiting
  [ $# -gt 0 ] || return 0
  uptime
  for entry; do
    name=${entry%%=*}
    see "$name" || continue
    case $state in
      starting) continue ;;
      claimed) [ $((up_s - ${entry##*:})) -ge "${crab_late_s:-10}" ] || continue ;;
    esac
    not_started
  done
}
