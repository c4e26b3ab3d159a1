# Sourced by the supervisor in a process of its own: deadlines, lease and log cap, without the
# daemon. Sleeps once to the next deadline; only a log cap has to be looked at again and again.
trap '' HUP INT QUIT USR1 USR2
trap 'kill "$nap"; exit 0' TERM
. "$crab_lib/ending.sh"

clock() { # -> $now: the host's monotonic clock in ms
  now=
  { read -r now _ </proc/uptime; } 2>/dev/null
  case $now in
    *.??) now=$((${now%.*} * 1000 + 1${now#*.} * 10 - 1000)) ;;
    *) now=$(($(date +%s) * 1000)) ;;
  esac
}

by() { # INSTANT: wake up by then
  [ -n "$next" ] && [ "$next" -le "$1" ] || next=$1
}

end_for() { # REASON: the first reason wins
  set -C
  echo "$1 ." >why
  set +C
  kill_all
  exit 0
}

look_at_lease() {
  renewed=$began
  read -r renewed _ <lease
  by $((renewed + lease))
  [ "$now" -lt "$next" ] || end_for lease
}

look_at_logs() {
  [ -z "$(find out err -size "+${cap}c")" ] || end_for logcap
  by $((now + 2000))
}

watch() {
  clock
  began=$now
  while :; do
    next=
    [ -z "$hard" ] || { by $((began + hard)); [ "$now" -lt "$next" ] || end_for timeout; }
    if [ -n "$soft" ] && [ "$now" -ge $((began + soft)) ]; then
      soft=
      echo "soft $now ." >>life
      signal_job TERM
      signal_job CONT
    fi
    [ -z "$soft" ] || by $((began + soft))
    [ -z "$lease" ] || look_at_lease
    [ -z "$cap" ] || look_at_logs
    [ -n "$next" ] || exit 0
    pause $((next - now))
    clock
  done
}
watch 2>/dev/null
