# What this host is, for `hello`.

one_word() { # COMMAND...
  set -- $("$@" 2>/dev/null)
  word=$(IFS=_; echo "$*")
  while :; do
    case $word in */*) word=${word%%/*}_${word#*/} ;; *) break ;; esac
  done
  [ -n "$word" ] || word=-
}

identify() { # -> $ident: differs after a reboot, elsewhere, in a new container
  word=
  for file in /etc/machine-id /var/lib/dbus/machine-id; do
    [ -n "$word" ] || read -r word _ <"$file"
  done 2>/dev/null
  [ -n "$word" ] || one_word uname -n
  ident=$word word=
  { read -r word </proc/sys/kernel/random/boot_id; } 2>/dev/null
  [ -n "$word" ] || one_word sysctl -n kern.bootsessionuuid
  started 1
  ident=$ident/$word/${began:--}
}

find_session() { # -> $session: how a job gets one of its own; $spawn: how its supervisor does
  setsid= session=
  for folder in /usr/bin /bin /usr/local/bin /opt/homebrew/bin; do
    [ -n "$setsid" ] || [ ! -x "$folder/setsid" ] || setsid=$folder/setsid
  done
  if [ -n "$setsid" ]; then
    session=$setsid spawn=pipe
    if "$setsid" -f true; then spawn=setsid; fi </dev/null >/dev/null 2>&1
  fi
  if [ "$spawn" != setsid ] && command -v perl >/dev/null 2>&1; then
    spawn=perl session=${session:-perl}
  fi
  spawn=${crab_spawn:-$spawn}
}

first_number() { # COMMAND...: -> $number that it says; 0 if none
  number=$("$@" 2>/dev/null </dev/null) || number=
  is_number "$number" || number=0
}

cores() { # -> $number that we may use
  first_number nproc
  [ "$number" != 0 ] || first_number getconf _NPROCESSORS_ONLN
  [ "$number" != 0 ] || first_number sysctl -n hw.ncpu
  [ "$number" != 0 ] || number=1
}

meminfo() { # KEY -> $number of MB
  number=
  { while read -r key kb _; do
    [ "$key" != "$1:" ] || { number=$((kb / 1024)); break; }
  done </proc/meminfo; } 2>/dev/null
}

memory() { # -> $number of MB that there are
  meminfo MemTotal
  [ -z "$number" ] || return 0
  first_number sysctl -n hw.memsize
  [ "$number" = 0 ] || number=${number%??????} number=$((${number:-0} * 15625 / 16384))
}

disk() { # -> $number of MB that are free where the spool is
  set -- $(df -P -k "$root" 2>/dev/null </dev/null)
  while [ $# -gt 5 ]; do
    case $4 in *%) ;; *) shift; continue ;; esac
    is_number "$3" && is_number "$2" && is_number "$1" && break
    shift
  done
  number=-
  ! is_number "${3:-}" || number=$(($3 / 1024))
}

capabilities() { # -> $able
  able=group
  for name in setsid perl tmux; do
    ! command -v "$name" >/dev/null 2>&1 || able="$able;$name"
  done
  [ ! -e /proc/self/environ ] || able="$able;marker"
}

warn() { # -> $warnings: what could end jobs behind our back; sentences for people
  warnings= kills=
  set +f
  for file in /etc/systemd/logind.conf /etc/systemd/logind.conf.d/*; do
    [ ! -r "$file" ] || while IFS='=	 ' read -r key said _; do
      [ "$key" != KillUserProcesses ] || kills=$said
    done <"$file"
  done 2>/dev/null
  set -f
  case $kills in [Yy]es | [Tt]rue | [Oo]n | 1 | YES | TRUE | ON) ;; *) kills= ;; esac
  user=$(id -un 2>/dev/null)
  if [ -n "$kills" ] && [ ! -e "/var/lib/systemd/linger/$user" ]; then
    warnings="systemd ends all your processes when you log out (KillUserProcesses=yes); run \`loginctl enable-linger $user\`"
  fi
  [ $((1 << 40)) -gt 1 ] ||
    warnings="$warnings${warnings:+;}its sh counts to 2^31 only: logs beyond 2 GB cannot be read"
}

limit_level() { # -> $limits: what holds jobs to their memory here
  limits=rlimit uid=$(id -u)
  [ -e /sys/fs/cgroup/cgroup.controllers ] && command -v systemd-run && command -v timeout || return 0
  case $uid in
    0) set -- systemd-run ;;
    *) set -- env "XDG_RUNTIME_DIR=/run/user/$uid" systemd-run --user ;;
  esac
  timeout 5 "$@" --scope --quiet --collect --property=MemoryMax=64M -- true </dev/null || return 0
  limits=scope
  [ "$uid" = 0 ] || limits=scope:$uid
} >/dev/null 2>&1

now() { # -> $now_us: UTC microseconds; seconds where date(1) knows no better
  now_us=$(date +%s%N)
  case $now_us in
    *[!0-9]*) now_us=${now_us%%[!0-9]*}000000 ;;
    ??????????) now_us=${now_us}000000 ;;
    *) now_us=${now_us%???} ;;
  esac
}

do_hello() { # EPOCH [MARK]
  is_number "$1" || error bad "'$1' is no number" || return
  met=
  prepare || return
  case ,${crab_verbs:-}, in
    ,, | *,start,*) fence "$1" && { [ -z "${2-}" ] || claim_epoch "$2"; } ;;
    *) check_epoch "$1" ;; # who may not start anything fences off nobody
  esac || return
  met=$newest
  expire_blobs
  [ -n "$session" ] ||
    error unusable 'neither setsid nor perl is installed: jobs cannot be set free' || return
  facts="ok epoch=$newest"
  fact ident "$ident"
  fact system "$(uname -s)"
  fact home "${HOME:-/}"
  fact user "${LOGNAME:-${USER:-$(id -un)}}"
  fact path "${CRAB_PATH:-$PATH}"
  cores
  fact cpu_milli "${number}000"
  memory
  fact memory_mb "$number"
  disk
  fact storage_mb "${number#-}"
  fact session "$session"
  capabilities
  fact capabilities "$able"
  warn
  fact warnings "$warnings"
  limit_level
  fact limits "$limits"
  uptime
  fact uptime_ms "$up_ms"
  now
  fact now_us "$now_us"
  answer "$facts"
}

fact() { # KEY BYTES
  as_text "$2"
  facts="$facts $1=$text"
}
