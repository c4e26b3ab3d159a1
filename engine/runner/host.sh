# Answers the host protocol (PROTOCOL.md) on a host where sh is all there is. The parts in
# host_sh/ come before it, in one program; host_sh/README.md says how they fit.

do_ping() {
  uptime
  answer "ok $up_ms"
  tell check
}

serve() { # one request: SEQ VERB WORD...
  seq=${1:-} verb=${2:-}
  case $seq in '' | *[!0-9]*) seq=0; error bad 'a request is SEQ VERB WORD...'; return ;; esac
  [ $# -gt 1 ] || error bad 'a request is SEQ VERB WORD...' || return
  shift 2
  case ,${crab_verbs:-$verb}, in
    *",$verb,"*) ;;
    *) error denied "this key may not $verb" || return ;;
  esac
  case $verb in
    ping | list | look) takes 0 $# ;;
    hello) [ $# -eq 2 ] || takes 1 $# ;;
    trim | gc | resume) takes 2 $# ;;
    pause) takes 3 $# ;;
    start | stop | tail | put) takes 4 $# ;;
    feed) takes 5 $# ;;
    void) [ $# -gt 0 ] || takes 1 0 ;;
    renew) [ $# -gt 1 ] || takes 2 $# ;;
    status | watch | tidy | usage) ;;
    *) error bad "'$verb' is no verb" ;;
  esac || return
  "do_$verb" "$@"
}

takes() { # NUMBER GIVEN
  [ "$1" -eq "$2" ] || error bad "it takes $1 words, not $2"
}

finish() {
  trap '' HUP INT TERM PIPE
  close_relay
  exit 0
}

set -f
has_proc= relay= punch= ident= spawned=' ' judged=' '
[ ! -r /proc/self/stat ] || has_proc=1
! command -v fallocate >/dev/null 2>&1 || punch=1
crab_sh=${crab_sh:-/bin/sh}
exec 6<&0 </dev/null 2>/dev/null
resolve
identify
kernel_kills
kills_before=$kills
find_session
trap finish HUP INT TERM PIPE
say 'crab-1 ready sh'
while IFS= read -r line <&6; do
  serve $line
done
finish
