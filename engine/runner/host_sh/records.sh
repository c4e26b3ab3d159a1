# The records of an attempt on disk, and the state that they prove, as records.py has it.
# Nothing here makes another process where there is /proc.

case ${ZSH_VERSION-} in '') nul= ;; *) nul='?' ;; esac # zsh keeps what others drop
digit='[0-9]'
ten=$digit$digit$digit$digit$digit$digit$digit$digit$digit$digit

started() { # PID -> $began, empty if it is dead; a zombie is dead
  began=
  if [ -n "$has_proc" ]; then
    stat=
    { while IFS= read -r line; do stat="$stat $line"; done <"/proc/$1/stat"; } 2>/dev/null
    [ -n "$stat" ] || return 0
    set -- ${stat##*") "}
    case $1 in Z | X) ;; *) began=${20} ;; esac
  else
    line=$(LC_ALL=C ps -o stat= -o lstart= -p "$1" 2>/dev/null)
    case $line in '' | *Z*) ;; *) set -- $line; shift; began=$(IFS=_; echo "$*") ;; esac
  fi
}

is_about() { # PID DIR: it is the supervisor of that attempt
  told=
  if [ -n "${YASH_VERSION-}" ] && [ -n "$has_proc" ]; then
    told=$(tr -d '\0' <"/proc/$1/cmdline" 2>/dev/null)
  elif [ -n "$has_proc" ]; then
    { IFS= read -r told <"/proc/$1/cmdline"; } 2>/dev/null
  else
    case $(ps -ww -o command= -p "$1" 2>/dev/null) in *" $2 "*) return 0 ;; esac
    return 1
  fi
  case $told in # its arguments without what is between them; the epoch has ten digits
    *"/supervisor.sh"$nul"$2"$nul$ten$nul"$ident"*) return 0 ;;
    *"/supervisor.sh"$nul"$2"$nul$ten$nul[!0-9]*) return 0 ;;
  esac
  return 1
}

forget() {
  state=starting pid=- start=- where=- code=- signal=- why=- soft=0 owner=- message=
  over=- began_ms=- ended_ms=- origin=-
}

read_life() { # what its supervisor wrote down
  forget
  { while IFS= read -r line; do
    case $line in *' .') ;; *) continue ;; esac
    set -- $line
    case $1:$# in
      exit:5) over=$4; exited "$2" "$3" ;;
      sup:3) owner=$2 ;;
      job:4)
        [ "$start" != - ] || origin=$3 # a gate comes after it
        pid=$2 start=$3
        ;;
      soft:3) soft=1 ;;
      workspace:3) message=$2 ;;
    esac
  done <"$dir/life"; } 2>/dev/null || [ ! -e "$dir/life" ] || trouble=1
  if [ "$state$soft$why" = exited1- ] && [ "$code" != 0 ]; then why=soft; fi
  case $state:$why in
    exited:nospawn) explain ;;
    exited:workspace | exited:fetch) refused ;;
  esac
}

exited() { # RC WHY
  case ${1#-} in '' | *[!0-9]*) return ;; esac
  state=exited why=$2 code=- signal=-
  case $2:$1 in
    fenced:* | nospawn:* | workspace:* | fetch:*) ;;
    *:-*) signal=${1#-} ;;
    *) code=$1 ;;
  esac
}

explain() { # why a command could not be started: what is in its err log, as one line
  said= command=it
  { while IFS= read -r line || [ -n "$line" ]; do
    said="$said $line"
    [ "${#said}" -lt 1000 ] || break
  done <"$dir/err"; } 2>/dev/null
  said=${said# }
  case $said in
    'cannot '*) message=$said; return ;;
  esac
  { while IFS= read -r line; do
    case $line in '#crab command '*) command=${line#'#crab command '}; break ;; esac
  done <"$dir/spec"; } 2>/dev/null
  message="cannot start $command: ${said##*": "}"
}

refused() { # why it got no workspace: the last sentence of that kind in its err log
  message='cannot make a workspace'
  { while IFS= read -r line; do
    case $line in 'cannot '*) message=$line ;; esac
  done <"$dir/err"; } 2>/dev/null
}

read_gate() { # -> $gate: run, void, or empty while it says nothing
  gate=
  { while IFS= read -r line; do
    case $line in *' .') ;; *) continue ;; esac
    set -- $line
    case $1:$# in void:*) gate=void ;; run:4) gate=run where=$3 ;; esac
    break
  done <"$dir/gate"; } 2>/dev/null || [ ! -e "$dir/gate" ] || trouble=1
}

decide() { # by the gate; fails while that says nothing
  read_gate
  case $gate in
    void) state=void ;;
    run) if [ "$pid" = - ]; then state=starting; else state=running; fi ;;
    *) return 1 ;;
  esac
}

settle() { # what the files alone say; what was not recorded as ended counts as alive
  read_life
  [ "$state" != exited ] || return 0
  decide && return
  if [ ! -e "$dir/gate" ]; then state=claimed; return; fi
  read_life # behind a torn gate: its writer is about to finish the line, or died before that
  [ "$state" != exited ] || return 0
  is_supervised && return
  read_life
  decide || state=void
}

is_supervised() {
  [ "$owner" != - ] || return 1
  case $where in -) ;; *) [ "$where" = "$ident" ] || return 1 ;; esac
  is_about "$owner" "$dir"
}

abandon() { # the state of an attempt that has no supervisor and no exit record
  if [ "$where" != - ] && [ "$where" != "$ident" ]; then
    if [ "${where%%/*}" = "${ident%%/*}" ]; then state=rebooted; else state=otherhost; fi
    return
  fi
  state=lost
  [ "$pid" != - ] || return 0
  started "$pid"
  [ "$began" != "$start" ] || state=orphan
}

see() { # ATTEMPT -> $state and the rest of its status; fails if the disk would not say
  attempt=$1 dir=$root/a/$1 trouble=
  forget
  if [ -h "$root/t/$1" ]; then state=gone
  elif [ ! -d "$dir" ]; then state=absent
  else
    settle
    case $state in exited | void | claimed) ;; *) see_processes ;; esac
    if [ "$state$why" = exited- ] && [ "$code" != 0 ]; then judge; fi
  fi
  [ -z "$trouble" ] || error failed "the records of $1 cannot be read"
}

see_processes() {
  if ! is_supervised; then
    settle # it may have ended while we looked
    case $state in exited | void) return ;; esac
    abandon
  fi
  see_pause
}

see_pause() {
  since=
  { read -r since _ <"$dir/pause"; } 2>/dev/null
  case $since in [0-9]*) soft=$((soft + 2)) ;; esac
}

describe() { # -> $told: the status of what was seen
  date_it
  told="$attempt $state $pid $start $where $code $signal $why $soft $owner $began_ms $ended_ms $message"
}

date_it() { # -> $began_ms and $ended_ms ago, by the clock of the boot that it ran in
  said=$where
  [ "$state$where" != exited- ] || { read_gate; said=$where where=-; }
  [ "$said" = "$ident" ] || return 0
  uptime
  ago=-
  [ -z "$has_proc" ] || ago "${origin}0" # in the kernel's ticks, a hundred a second everywhere
  began_ms=$ago
  case $over in
    *.??) ago "${over%.*}${over#*.}0" ;;
    *) ago "${over}000" ;;
  esac
  ended_ms=$ago
}

ago() { # INSTANT -> $ago: ms since then; `-` if it is none
  ago=-
  case $1 in *[!0-9]*) return ;; esac
  bare "$1"
  [ "$bare" != 0 ] || return 0
  ago=$((up_ms - bare)) # a difference, as some sh count to 2^31 only
  [ "$ago" -ge 0 ] || ago=0
}

has_ended() {
  case $state in exited | void | lost | rebooted | gone) return 0 ;; esac
  return 1
}

lives() {
  case $state in starting | running | orphan) return 0 ;; esac
  return 1
}
