#!/bin/sh
# Makes an attempt stand still, or go on (README.md, "Standing still"). Can be repeated.
# usage: pausing.sh DIR pause CLOCKS | pausing.sh DIR resume
#   CLOCKS  1: its timeouts stand still too
# The record comes before the first STOP, and goes after the last CONT: nothing ever stands
# still without a record of it.
[ -z "${ZSH_VERSION-}" ] || emulate sh
PATH=/usr/bin:/bin:/usr/sbin:/sbin
. "${0%/*}/ending.sh"

stop_all() { # twice over what left the group, as one may have forked while we looked
  signal_job STOP
  for round in 1 2; do
    marked
    [ -z "$pids" ] || kill -s STOP $pids
  done
} 2>/dev/null

cd "$1" || exit 1
clock
stood
case $2 in
  pause)
    if [ "$since" = - ]; then since=$now
    elif [ "$clocks" != "$3" ]; then since=$now; else stood=$before; fi
    note_pause "$since" "$3" "$stood" || exit 1
    stop_all
    ;;
  resume)
    go_on || exit 1
    ;;
  *) exit 2 ;;
esac
exit 0
