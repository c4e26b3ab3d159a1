#!/bin/sh
# Owns one attempt: decides that it runs, runs it, records how it ended (README.md).
# usage: supervisor.sh DIR EPOCH IDENT SESSION
#   DIR      <root>/a/<attempt>, claimed and filled        EPOCH   ten digits
#   IDENT    host, boot and container                      SESSION setsid's path, or perl
# Says one line on fd 1: `STARTED attempt pid start`, `VOID attempt`, `ERR attempt reason`.
# Builtins only, up to the exec of the job; echo, as printf is no builtin everywhere (but
# echo changes backslashes, so that it is not for text of a user).
[ -z "${ZSH_VERSION-}" ] || emulate sh
PATH=/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/opt/homebrew/bin
crab_dir=$1 crab_epoch=$2 crab_ident=$3 crab_session=$4
crab_id=${crab_dir##*/} crab_lib=${0%/*} crab_lf='
'
trap : HUP INT QUIT TERM USR1 USR2 PIPE # handlers: an ignored signal would be inherited

self() { # -> $pid $start of the subshell that calls it; our own name in stat has no blanks
  read -r pid _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ start _ </proc/self/stat || {
    pid=$(sh -c 'echo $PPID')
    start=$(set -- $(LC_ALL=C ps -o lstart= -p "$pid"); IFS=_; echo "$*")
  }
} 2>/dev/null

fail() { echo "ERR $crab_id $*"; exit 74; }

refuse() { # SENTENCE: the job cannot even be started
  printf '%s\n' "$1" >&2
  echo "nospawn ." >>"$crab_dir/life"
  exit 127
}

feed() { # TEXT: the job's standard input, or the first of it; its gate has none
  [ -z "$gating" ] || return 0
  crab_line=stdin
  [ -z "$open" ] || crab_line=in.0000000000000
  { printf %s "$1" >"$crab_line"; } 2>/dev/null ||
    refuse 'cannot write its standard input to the spool'
  if [ -z "$open" ]; then exec <stdin
  else echo >ready && echo 1<>bell; fi
}

inform() { # TEXT...: what it may know, in pieces
  CRAB_CONTEXT=$crab_dir/context crab_line=
  export CRAB_CONTEXT
  { for crab_word; do printf %s "$crab_word" || crab_line=1; done >"$CRAB_CONTEXT"; } 2>/dev/null || crab_line=1
  [ -z "$crab_line" ] || refuse 'cannot write its context to the spool'
}

keep_feeding() { # holds the job's standard input open, and gives it what comes, until `eof`
  trap '' HUP
  exec 3<>bell >stdin # waits until the job has its end of it
  until [ -e ready ]; do await_bell; done
  while :; do
    crab_rest=
    [ ! -e eof ] || crab_rest=1
    for crab_word in in.[0-9]*; do
      [ -e "$crab_word" ] || break
      crab_rest=
      give "$crab_word"
    done
    [ -z "$crab_rest" ] || exit 0
    [ "$crab_word" != 'in.[0-9]*' ] || await_bell
  done
} 2>/dev/null

await_bell() { # the word `over` ends us
  read -r crab_line <&3
  [ "$crab_line" != over ] || exit 0
}

give() { # FILE: to the job, as fast as it reads
  exec cat "$1" & # exec: yash would make two processes of it
  crab_first=$!
  trap 'kill "$crab_first"; exit 0' TERM
  wait "$crab_first" || { echo >deaf; exit 0; } # nobody reads any more
  trap - TERM
  rm -f "$1"
}

enter() { # DIRECTORY: go there, or say why not
  cd -P "$1" 2>/dev/null && return
  if [ ! -e "$1" ]; then crab_line='No such file or directory'
  elif [ ! -d "$1" ]; then crab_line='Not a directory'
  else crab_line='Permission denied'; fi
  refuse "cannot enter $1: $crab_line"
}

bound() { # MEGABYTES: what each process may allocate for itself, where the kernel can count it
  ulimit -S -d "$(($1 * 1024))" && ulimit -H -d "$(($1 * 1024))"
} 2>/dev/null

launch() { # ARGV: become the job, in a session of its own
  case $crab_session in
    perl) exec perl -e 'use POSIX (); $SIG{$_} = "DEFAULT" for qw(INT QUIT); POSIX::setsid();
      exec {$ARGV[0]} @ARGV or print STDERR "setsid: failed to execute $ARGV[0]: $!\n"; exit 127' "$@" ;;
    *) exec "$crab_session" "$@" ;;
  esac
}

within() { # REPO REVISION BASE KEEP ARGV: become the job, in a worktree that it makes first
  launch /bin/sh "$crab_lib/workspace.sh" prepare "${crab_dir%/a/*}" "$crab_id" "$crab_ident" "$@"
}

again() { # ARGV: become the gate, where the command ran
  if [ -n "$workspace" ]; then
    CRAB_WORKSPACE=${crab_dir%/a/*}/w/$crab_id CRAB_REVISION=
    while read -r crab_word crab_first _; do
      [ "$crab_word" != workspace ] || CRAB_REVISION=$crab_first
    done <"$crab_dir/life"
    enter "$CRAB_WORKSPACE"
    export CRAB_WORKSPACE CRAB_REVISION
  fi
  [ -z "$tree" ] || enter "${crab_dir%/a/*}/trees/$crab_id"
  launch "$@"
}

job() { # runs in a subshell: goes on record, then becomes the job, or its gate
  trap '' PIPE # the daemon may be gone when we answer
  self
  if [ "$pid" = $$ ]; then ulimit -c "$(ulimit -c)"; self; fi # ksh93 forks only when it must
  echo "job $pid $start ." >>life || exit 125
  [ -z "$open" ] || [ -n "$gating" ] || exec <stdin
  [ ! -e why ] || exit 125 # a stop that came before we could be seen
  kill -s 0 $$ || exit 125 # nobody is left to record our end
  [ -n "$gating" ] || echo "STARTED $crab_id $pid $start"
  trap - PIPE
  exec >>out 2>>err
  { echo 300 >/proc/self/oom_score_adj; } 2>/dev/null # rather the job than its supervisor
  CRAB_MARK=$crab_dir:
  export CRAB_MARK
  . ./spec
}

tm() { # WORDS: to the tmux server of the job's environment
  (
    unset TMUX
    read -r TMUX_TMPDIR <"$crab_dir/tmux" && [ -n "$TMUX_TMPDIR" ] || unset TMUX_TMPDIR
    [ -z "${TMUX_TMPDIR-}" ] || export TMUX_TMPDIR
    exec tmux "$@" </dev/null
  ) 2>/dev/null
}

watched() { # opens a window of the session in which people can read what it writes, if it can
  [ -z "$gating" ] || return 0
  (
    unset CRAB_MARK # what ends the job leaves the server alone
    echo 0 >/proc/self/oom_score_adj
    echo "${TMUX_TMPDIR-}" >"$crab_dir/tmux"
    set -- -n "log-$crab_id" sh -c 'tail -n +1 -F "$1out" "$1err" 2>/dev/null |
      tr -d "\000-\010\013-\037\177"' sh "$crab_dir/"
    if tm has-session -t "=$tmux"; then tm new-window -d -t "=$tmux:" "$@"
    else
      case $tmux in
        *__runner) tm new-session -d -s "$tmux" "$@" && tm set-option -t "=$tmux:" @crab "$crab_id" ;;
        *) tm new-session -d -s "$tmux" && tm new-window -d -t "=$tmux:" "$@" ;;
      esac
    fi
  ) >/dev/null 2>&1
}

unwatch() { # a runner's session ends with its job, of others' only the window
  if [ "$(tm show-options -v -t "=$tmux:" @crab)" = "$crab_id" ]; then tm kill-session -t "=$tmux"
  else tm kill-window -t "=$tmux:=log-$crab_id"; fi
} >/dev/null 2>&1

unspawned() { # whether the err log is nothing but a complaint that the command would not start
  { read -r crab_line; read -r crab_line _ crab_command; } <spec
  crab_line= crab_rest=
  { read -r crab_line; read -r crab_rest; } <err
  [ -n "$crab_rest" ] || case $crab_line in
    "setsid: "*"$crab_command"* | "env: "*"$crab_command"* | "/usr/bin/env: "*"$crab_command"*) return 0 ;;
    *"$crab_session"*"rgument list too long"*) return 0 ;;
  esac
  return 1
}

look_back() { # -> $pid, $nospawn: why it was not started, $announced: of a signal, on fd 2
  pid= nospawn= announced=
  while read -r crab_word crab_first _; do
    case $crab_word in
      job) pid=$crab_first ;;
      nospawn) nospawn=nospawn ;;
      fetch) nospawn=fetch ;;
      workspace) [ "$crab_first" != . ] || nospawn=workspace ;;
      soft) softened=1 ;;
      '' | sup) ;;
      *) announced=1 ;;
    esac
  done <life
}

end_leftovers() { # processes that outlived the leader of the job's group
  kill -s TERM -- "-$pid"
  crab_wait=0
  while [ "$crab_wait" -lt "$grace" ] && kill -s 0 -- "-$pid"; do
    sleep 0.1 || sleep 1
    crab_wait=$((crab_wait + 100))
  done
  kill -s KILL -- "-$pid"
} 2>/dev/null

run() { # the job, or its gate, to its end -> $crab_status
  (job)
  crab_status=$?
  look_back
  kill -s 0 -- "-$pid" 2>/dev/null && end_leftovers
}

result() { # STATUS -> $rc: 0..255, or -SIGNAL
  rc=$1
  if [ "$rc" -gt 384 ]; then rc=$((384 - rc)) # yash
  elif [ "$rc" -gt 256 ]; then rc=$((256 - rc)) # ksh
  elif [ "$rc" -gt 128 ] && [ "$rc" -lt 193 ]; then
    # 128 + n is a signal if the shell said so; of INT and PIPE no shell speaks, zsh of none.
    case $announced:$rc:${ZSH_VERSION-} in 1:* | *:130:* | *:141:* | *:?*.*) rc=$((128 - rc)) ;; esac
  fi
}

finish() { # RC WHY: over the space that was reserved at the claim, while there is a spool
  crab_up=0
  { read -r crab_up _ </proc/uptime; } 2>/dev/null || crab_up=$(date +%s)
  until echo "exit $1 $2 $crab_up ." 1<>life; do
    [ -d "$crab_dir" ] || break
    sleep 2
  done
}

put_away() { # its worktree; nobody waits for that
  exec sh "$crab_lib/workspace.sh" clean "${crab_dir%/a/*}" "$crab_id" "$crab_ident" "$rc" "$why"
} </dev/null >/dev/null 2>&1

put_tree_away() {
  exec sh "$crab_lib/place.sh" clear "${crab_dir%/a/*}/trees/$crab_id"
} </dev/null >/dev/null 2>&1

tell_of_end() { # sessions of host.sh that are open; none is waited for
  for crab_word in "${crab_dir%/a/*}"/ends/*.*; do
    [ ! -p "$crab_word" ] || echo "ended $crab_id" 1<>"$crab_word"
  done
} 2>/dev/null

cd "$crab_dir" || fail cannot enter the spool
exec 2>>life
grace=5000 soft= hard= lease= cap= open= tmux= workspace= gate= gating= softened=
tree= after= ending= tokens=
read -r _ crab_line <spec
for crab_word in $crab_line; do
  case $crab_word in
    grace=*) grace=${crab_word#*=} ;;
    soft=*) soft=${crab_word#*=} ;;
    hard=*) hard=${crab_word#*=} ;;
    lease=*) lease=${crab_word#*=} ;;
    cap=*) cap=${crab_word#*=} ;;
    tokens=*) tokens=${crab_word#*=} ;;
    open=*) open=${crab_word#*=} ;;
    tmux=*) tmux=${crab_word#*=} ;;
    workspace=*) workspace=${crab_word#*=} ;;
    gate=*) gate=${crab_word#*=} ;;
    tree=*) tree=${crab_word#*=} ;;
    after=*) after=${crab_word#*=} ;;
  esac
done

[ -z "$open" ] || mkfifo -m 600 stdin bell || fail cannot make its standard input
echo "sup $$ ." >>life || fail cannot write to the spool
set -C
if ! { echo "run $crab_epoch $crab_ident ." >gate; } 2>/dev/null; then
  echo "VOID $crab_id"
  exit 0
fi
set +C
for crab_line in ../../fence/[0-9]*; do :; done
if [ "${crab_line##*/}" != "$crab_epoch" ]; then
  finish 0 fenced
  echo "VOID $crab_id"
  exit 0
fi

timer=
if [ -n "$soft$hard$lease$cap$tokens" ]; then
  { . "$crab_lib/timer.sh"; } >/dev/null & # no (): yash would make two processes of it
  timer=$!
fi
feeder=
if [ -n "$open" ]; then
  keep_feeding >/dev/null &
  feeder=$!
fi
run
if [ -n "$gate" ] && [ "$crab_status" = 0 ] && [ ! -e why ]; then
  gating=1
  run
fi
why=-
if [ -e why ]; then
  why=stop
  read -r why _ <why
elif [ -n "$gating" ]; then
  [ "$crab_status" = 0 ] || [ -n "$softened" ] || why=gate
elif [ -n "$nospawn" ]; then why=$nospawn
elif [ "$crab_status" = 127 ] || [ "$crab_status" = 126 ]; then
  unspawned && why=nospawn
fi
[ -z "$tmux" ] || unwatch
[ -z "$feeder" ] || echo over 1<>bell # yash does not heed TERM while it reads
result "$crab_status"
[ -z "$after" ] || (ending=1; . ./spec) >/dev/null 2>&1
finish "$rc" "$why"
[ -z "$timer$feeder" ] || kill $timer $feeder
tell_of_end
[ -z "$workspace" ] || { put_away & }
[ -z "$tree" ] || { put_tree_away & }
exit 0
