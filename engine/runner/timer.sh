# Sourced by the supervisor in a process of its own: deadlines, lease, log cap and tokens, without
# the daemon. Sleeps once to the next deadline; only a lease, a log cap and tokens are looked at
# again and again: sleep(1) does not count while the host itself is suspended, and the clock does.
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

look_at_tokens() { # lines `tokens N` that the job appends to its `usage`; others are skipped
  if [ -f usage ] && [ -r usage ]; then
    [ -n "$used" ] || exec 4<usage
    used=${used:-0}
    while IFS= read -r crab_line <&4; do
      count "$crab_part$crab_line"
      crab_part=
    done
    crab_part=$crab_part$crab_line # of a line that is not whole yet
    [ "$used" -le "$tokens" ] || end_for tokens
  fi
  by $((now + 2000))
}

count() { # LINE; so many that a shell cannot count them are too many
  crab_word=${1#tokens }
  [ "$crab_word" != "$1" ] || return 0
  while :; do case $crab_word in 0?*) crab_word=${crab_word#0} ;; *) break ;; esac; done
  case $crab_word in
    '' | *[!0-9]*) return 0 ;;
    ????????????????*) used=$((tokens + 1)) ;;
  esac
  [ "$used" -gt "$tokens" ] || used=$((used + crab_word))
}

watch() {
  clock
  began=$now used= crab_part=
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
    [ -z "$tokens" ] || look_at_tokens
    [ -n "$next" ] || exit 0
    nap $((next - now))
    clock
  done
}
watch 2>/dev/null
