# Sourced by the supervisor in a process of its own: deadlines, lease and log cap, without the
# daemon. Sleeps once to the next deadline; only a lease and a log cap are looked at again and
# again: sleep(1) does not count while the host itself is suspended, and the clock does.
trap '' HUP INT QUIT USR1 USR2
# KILL, as a nap that is just being forked would lose a TERM; $!, as a variable of our own
# would be set a moment after that.
trap 'kill -s KILL "$!"; exit 0' TERM
read -r crab_word _ <life
[ "$crab_word" != exit ] || exit 0 # a TERM from before the trap is heeded by nobody
. "$crab_lib/ending.sh"

by() { # INSTANT: wake up by then
  [ -n "$next" ] && [ "$next" -le "$1" ] || next=$1
}

due() { # INSTANT by the clock of its timeouts, which stands still by choice while it is paused
  due=$(($1 + stood))
  [ "$now" -lt "$due" ] || return 0
  [ "$clocks" = 0 ] || [ $((due - now)) -ge 1000 ] || due=$((now + 1000)) # look now and then
  by "$due"
  return 1
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
  by $((now + 4000)) # within what others allow for until they take its place
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
    stood
    [ -z "$hard" ] || ! due $((began + hard)) || end_for timeout
    if [ -n "$soft" ] && due $((began + soft)); then
      soft=
      echo "soft $now ." >>life
      signal_job TERM
      go_on
    fi
    [ -z "$lease" ] || look_at_lease
    [ -z "$cap" ] || look_at_logs
    [ -n "$next" ] || exit 0
    nap $((next - now))
    clock
  done
}
watch 2>/dev/null
