# Verbs on attempts, as verbs.py has them. Each is called with its words, and answers.

uptime() { # -> $up_ms and $up_s of the host's clock that a supervisor's timer reads too
  up_ms=
  { read -r up_ms _ </proc/uptime; } 2>/dev/null
  case $up_ms in
    *.??) up_s=${up_ms%.*} up_ms=${up_ms%.*}${up_ms#*.}0 ;;
    *) up_s=$(date +%s) up_ms=${up_s}000 ;;
  esac
  bare "$up_ms"
  up_ms=$bare
}

clean() { # COMMAND...: detached from us, in a session of its own, with nothing of ours
  umask "$crab_umask"
  case $spawn in
    setsid) env -i "$setsid" -f "$@" ;;
    perl) env -i perl -e "$perl_spawn" "$@" ;;
    *) orphaned "$@" ;;
  esac 6<&- 7<&- 8<&- </dev/null 2>/dev/null
  set -- $?
  umask 077
  return "$1"
}

perl_spawn='use POSIX (); defined(my $pid = fork) or exit 71; $pid and exit 0;
$SIG{$_} = "DEFAULT" for keys %SIG; POSIX::setsid(); exec {$ARGV[0]} @ARGV; exit 71'

orphaned() { # COMMAND...: where setsid makes no process itself: as the first half of a pipeline,
  # the one place where a shell makes processes that ignore no signals. Who would wait is killed.
  "$crab_sh" -c 'env -i "$@" >&3 | kill -s KILL $$' sh "$setsid" "$@" 3>&1
  return 0
}

do_start() { # ATTEMPT EPOCH LEASE SPEC
  is_yes_no "$3" && named "$1" && fence "$2" || return
  open_relay || return
  dir=$root/a/$1
  if [ -h "$root/t/$1" ] || [ -d "$dir" ] || ! mkdir "$dir" 2>/dev/null; then
    taken "$1"
    return
  fi
  if ! fill "$3" "$4"; then
    rm -rf -- "$dir"
    why_not
    error notstarted "the spool cannot take $1: $said"
    return
  fi
  padded "$epoch"
  note_ours "$1"
  tell "expect $1 $seq $epoch $up_s"
  clean "$crab_sh" "$root/$crab_scripts/supervisor.sh" \
    "$dir" "$padded" "$ident" "$session" >&7 && return
  tell "ERR $1 no process could be started"
}

note_ours() { # ATTEMPT: this session has heard of it from its beginning on, or watches it
  [ "${#spawned}" -lt 20000 ] || spawned=' '
  case $spawned in *" $1 "*) ;; *) spawned="$spawned$1 " ;; esac
}

taken() { # ATTEMPT: it was claimed before, or cannot be
  see "$1" || return
  if [ "$state" = absent ]; then
    why_not
    error notstarted "the spool cannot take $1: $said"
    return
  fi
  case $state:$spawned in
    starting:* | claimed:*" $1 "*)
      uptime
      tell "expect $1 $seq $epoch $up_s"
      tell check
      return
      ;;
  esac
  ! lives || tell "watch $1"
  describe
  answer "$told"
}

fill() { # LEASE SPEC: the logs are made here too; a job that cannot have them is not even tried
  uptime
  undo "$2" >"$dir/spec" &&
    echo '                                               ' >"$dir/life" &&
    : >"$dir/out" && : >"$dir/err" || return
  [ "$1" = 0 ] || echo "$up_ms ." >"$dir/lease"
} 2>/dev/null

why_not() { # -> $said: what the system says when the spool is written to
  said=$(cp -- "$root/$crab_scripts/supervisor.sh" "$root/try.$$" 2>&1)
  rm -f -- "$root/try.$$"
  said=${said##*": "}
  said=${said:-it could not be written}
}

do_status() {
  named "$@" || return
  is_each "$@"
  tell check
}

is_each() { # ATTEMPT...
  for each; do
    see "$each" || return
    describe
    answer "is $told"
  done
  answer ok
}

do_list() {
  named || return
  set +f
  set -- "$root"/a/*
  set -f
  case $1 in *'/a/*') shift ;; esac
  for each; do
    is_name "${each##*/}" || continue
    see "${each##*/}" || return
    describe
    answer "is $told"
  done
  answer ok
}

do_void() { # EPOCH ATTEMPT...
  check_epoch "$1" || return
  shift
  named "$@" || return
  for each; do
    [ -h "$root/t/$each" ] || decide_void "$epoch" "$each" || return
  done
  is_each "$@"
}

decide_void() { # EPOCH [ATTEMPT]: whoever makes the gate has decided
  [ $# -eq 1 ] || dir=$root/a/$2
  [ -d "$dir" ] || mkdir "$dir" 2>/dev/null || [ -d "$dir" ] ||
    error failed "the spool $root cannot be written" || return
  set -C
  { echo "void $1 ." >"$dir/gate"; } 2>/dev/null
  set +C
  [ -e "$dir/gate" ] || error failed "the spool $root cannot be written"
}

do_watch() {
  named "$@" && open_relay || return
  for each; do
    tell "watch $each"
    note_ours "$each"
    see "$each" || return
    lives || tell "ended $each"
  done
  answer ok
}

do_stop() { # ATTEMPT EPOCH GRACE_MS SIGNAL
  is_number "$3" || error bad "'$3' is no number" || return
  case $4 in
    TERM | INT | HUP | QUIT | USR1 | USR2 | KILL) ;;
    *) error bad "'$4' is no signal: one of TERM, INT, HUP, QUIT, USR1, USR2, KILL" || return ;;
  esac
  named "$1" && check_epoch "$2" || return
  if [ -d "$root/a/$1" ] && [ ! -e "$root/a/$1/gate" ] && [ ! -h "$root/t/$1" ]; then
    decide_void "$epoch" "$1" || return
  fi
  see "$1" || return
  describe
  if ! has_ended && [ "$state" != absent ]; then
    give_reason || return
    clean "$crab_sh" "$root/$crab_scripts/ending.sh" "$dir" "$4" "$3" >/dev/null ||
      error failed 'no process could be started' || return
  fi
  answer "$told"
}

give_reason() { # the first one wins, and it is never seen half written
  [ ! -e "$dir/why" ] || return 0
  { echo 'stop .' >"$dir/why.$$" && { ln "$dir/why.$$" "$dir/why" || [ -e "$dir/why" ]; }; } 2>/dev/null
  set -- $?
  rm -f -- "$dir/why.$$"
  [ "$1" = 0 ] || error failed "the spool $root cannot be written"
}

do_renew() { # EPOCH AT ATTEMPT...
  is_number "$2" || error bad "'$2' is no number" || return
  check_epoch "$1" || return
  at=$2
  shift 2
  named "$@" || return
  uptime
  [ $((up_ms - at)) -ge 0 ] || at=$up_ms # by differences, as some sh count to 2^31 only
  living=
  for each; do
    see "$each" || return
    lives || continue
    living="$living $each"
    if [ -e "$dir/lease" ]; then
      read -r renewed _ <"$dir/lease" && [ $((renewed - at)) -ge 0 ] ||
        echo "$at ." 1<>"$dir/lease" ||
        error failed "the lease of $each cannot be written" || return
    fi
  done 2>/dev/null
  answer "ok$living"
  tell check
}

do_tidy() {
  named "$@" && tidy "$@" && answer ok
}

tidy() { # ATTEMPT...: removes all of those that ended but their logs, the tombstones first
  bury= clear= astray= trees=
  for each; do
    see "$each" || return
    case $state in
      absent | gone) ;;
      *) if has_ended; then bury="$bury a/$each"; else continue; fi ;;
    esac
    case $state in lost | rebooted) [ ! -e "$root/w/$each.of" ] || astray=1 ;; esac
    [ ! -d "$dir" ] || clear="$clear $each"
    ! has_ended || [ ! -d "$root/trees/$each" ] || trees="$trees $each"
    [ ! -p "$dir/bell" ] || echo over 1<>"$dir/bell" # ends a feeder that was left behind
  done
  set -- $bury
  [ $# -eq 0 ] || (cd "$root" && exec ln -s -- "$@" t/) 2>/dev/null
  for each; do
    [ -h "$root/t/${each#a/}" ] || error failed "the spool $root cannot be written" || return
  done
  clear_folders $clear
  [ -z "$astray" ] || worktrees sweep -
  for each in $trees; do
    clean "$crab_sh" "$root/$crab_scripts/place.sh" clear "$root/trees/$each" >/dev/null
  done
}

worktrees() { # VERB ATTEMPT: to workspace.sh, whose work nobody waits for
  clean "$crab_sh" "$root/$crab_scripts/workspace.sh" "$1" "$root" "$2" "$ident" >/dev/null
}

clear_folders() { # ATTEMPT...: by as few processes as there are kinds of work
  empty= doomed= kept=
  for each; do
    if [ -s "$root/a/$each/out" ] || [ -s "$root/a/$each/err" ]; then
      doom_files
      [ -d "$root/l/$each" ] || kept="$kept a/$each"
    else
      empty="$empty a/$each"
    fi
  done
  at_root rm -rf -- $empty
  at_root rm -rf -- $doomed
  [ -z "$kept" ] || at_root mv -f -- $kept l/
}

doom_files() { # all files of $each but logs that are not empty, and what belongs to them
  keep=' '
  [ ! -s "$root/a/$each/out" ] || keep=' out out.base '
  [ ! -s "$root/a/$each/err" ] || keep="$keep err err.base "
  set +f
  for entry in "$root/a/$each"/*; do
    entry=${entry##*/}
    case $keep in *" $entry "*) continue ;; esac
    if is_name "$entry"; then doomed="$doomed a/$each/$entry"
    else rm -rf -- "$root/a/$each/$entry"; fi
  done
  set -f
}

at_root() { # COMMAND OPTION -- [PATH...]: with paths below the root, if there are any
  [ $# -le 3 ] || (cd "$root" && exec "$@") 2>/dev/null
}

do_gc() { # ATTEMPT EPOCH
  named "$1" && check_epoch "$2" && tidy "$1" || return
  see "$1" || return
  case $state in
    absent | gone)
      rm -rf -- "$root/l/$1"
      if [ -e "$root/w/$1.of" ] || [ -e "$root/w/$1.kept" ]; then worktrees drop "$1"; fi
      ;;
  esac
  answer ok
}

do_pause() { # ATTEMPT EPOCH CLOCKS
  is_yes_no "$3" && pausing "$1" "$2" pause "$3"
}

do_resume() { pausing "$1" "$2" resume; }

pausing() { # ATTEMPT EPOCH WORD...
  named "$1" && check_epoch "$2" || return
  each=$1
  shift 2
  see "$each" || return
  if ! has_ended; then
    case $state in
      running | orphan) ;;
      *) error bad "attempt $each is $state; only what runs $1s" || return ;;
    esac
    env -i "$crab_sh" "$root/$crab_scripts/pausing.sh" "$dir" "$@" </dev/null >/dev/null 2>&1 ||
      error failed "$1 of $each could not be recorded" || return
    see "$each" || return
  fi
  describe
  answer "$told"
}
