# Ends an attempt for certain. Run as `sh ending.sh DIR SIGNAL GRACE_MS` (detached, after the
# reason was written to DIR/why), or sourced in DIR by timer.sh and pausing.sh for its functions.

started() { # PID -> $start, empty if it is dead; a zombie is dead
  start=
  if [ -r /proc/self/stat ]; then
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
    set -- ${line##*") "}
    case $1 in Z | X) ;; *) start=${20} ;; esac
  else
    line=$(LC_ALL=C ps -o stat= -o lstart= -p "$1" 2>/dev/null)
    case $line in '' | *Z*) ;; *) set -- $line; shift; start=$(IFS=_; echo "$*") ;; esac
  fi
}

leader() { # -> $job: pid of the job if it is provably the process on record
  job=
  while read -r word pid recorded end; do
    [ "$word $end" = 'job .' ] || continue
    started "$pid"
    [ -z "$start" ] || [ "$start" != "$recorded" ] || job=$pid
  done <life
}

signal_job() { # SIGNAL: to the whole group; to the single process while it has none yet
  leader
  [ "${job:-0}" -gt 1 ] || return 0
  kill -s "$1" -- "-$job" || kill -s "$1" "$job"
} 2>/dev/null

marked() { # -> $pids whose environment has this attempt's mark
  pids=
  [ -r /proc/self/environ ] || return 0
  for entry in $(grep -l -a -F "CRAB_MARK=$PWD:" /proc/[0-9]*/environ 2>/dev/null); do
    pid=${entry#/proc/}
    pids="$pids ${pid%/environ}"
  done
}

kill_all() { # frozen first, so that no forker outruns us
  signal_job STOP
  signal_job KILL
  for round in 1 2 3 4 5 6 7 8 9 10; do
    marked
    [ -n "$pids" ] || return 0
    kill -s STOP $pids
    kill -s KILL $pids
    [ "$round" -lt 3 ] || sleep 1
  done
} 2>/dev/null

wake_all() { # to the group, and to what left it, if it was paused
  signal_job CONT
  [ -e pause ] || return 0
  marked
  [ -z "$pids" ] || kill -s CONT $pids
} 2>/dev/null

clock() { # -> $now: the host's monotonic clock in ms
  now=
  { read -r now _ </proc/uptime; } 2>/dev/null
  case $now in
    *.??) now=$((${now%.*} * 1000 + 1${now#*.} * 10 - 1000)) ;;
    *) now=$(($(date +%s) * 1000)) ;;
  esac
}

stood() { # -> $stood: ms that the timeouts stood still up to $now; $since it is paused, or `-`
  since=- clocks=0 before=0
  [ ! -e pause ] || read -r since clocks before _ <pause
  stood=$before
  [ "$clocks" = 0 ] || stood=$((before + now - since))
}

note_pause() { # SINCE CLOCKS STOOD: in one step
  echo "$1 $2 $3 ." >pause.new && mv -f pause.new pause
}

go_on() { # if it was paused, it is no more
  wake_all
  [ "$since" = - ] || note_pause - 0 "$stood"
}

nap() { # MILLISECONDS; a TERM ends it and us
  exec sleep "$(($1 / 1000)).$(($1 % 1000 / 100))$(($1 % 100 / 10))" 2>/dev/null &
  napping=$!
  wait "$napping" || { [ "$?" -gt 128 ] || sleep "$((($1 + 999) / 1000))"; }
}

[ -z "${ZSH_VERSION-}" ] || emulate sh
if [ "${0##*/}" = ending.sh ]; then
  PATH=/usr/bin:/bin:/usr/sbin:/sbin
  cd "$1" || exit 1
  trap : HUP INT QUIT TERM
  signal_job "$2"
  if [ "$2" != KILL ]; then
    clock
    stood
    go_on
    nap "$3"
  fi
  kill_all
fi
