# What a key with a forced command opens, instead of a shell: `door.sh --verbs VERB,...` answers
# the host protocol for these verbs only. It lives in a folder of the spool, beside the host
# programs, and begins with the part of probe.sh that finds Python. What the client would like
# to run, SSH_ORIGINAL_COMMAND, is not looked at.
crab_verbs=
[ "${1-}" != --verbs ] || crab_verbs=${2-}
case $crab_verbs in
  '' | *[!a-z,]* | ,* | *, | *,,*) echo 'door.sh --verbs VERB,... and nothing else' >&2; exit 2 ;;
esac
crab_door=${0%/*}
crab_root=${crab_door%/*}
crab_controller=-
unset SSH_ORIGINAL_COMMAND

if [ -n "$crab_found" ]; then
  umask "$crab_umask"
  exec "$crab_found" -I -u "$crab_door/host.py" "$crab_root" - "$crab_verbs"
fi
. "$crab_door/host.sh"
