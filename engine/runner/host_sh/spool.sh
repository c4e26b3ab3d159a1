# The spool: where everything lies, who may touch it, and what is asked in whose name.

find_home() { # -> $HOME, if the login did not say
  [ -z "${HOME:-}" ] || return 0
  user=$(id -un)
  case $user in *[!A-Za-z0-9._-]* | '') HOME=/ ;; *) eval "HOME=~$user" ;; esac
}

resolve() { # -> $root: an absolute path without doubled or trailing slashes
  find_home
  root=$crab_root
  [ "$root" != - ] || root=${XDG_STATE_HOME:-$HOME/.local/state}/crabtui/$crab_controller
  while :; do
    case $root in
      *//*) root=${root%%//*}/${root#*//} ;;
      ?*/) root=${root%/} ;;
      *) break ;;
    esac
  done
}

is_name() { # ATTEMPT: nothing that could be mistaken for something else in a path
  case $1 in
    '' | [!A-Za-z0-9_]* | *[!A-Za-z0-9._-]*) return 1 ;;
  esac
  [ "${#1}" -le 120 ]
}

named() { # ATTEMPT...: all of them are names, and there is a spool; else it is answered
  for name; do
    is_name "$name" || error bad "'$name' is not an attempt id: letters, digits, . _ - only" ||
      return
  done
  [ -d "$root/a" ] || error unusable "there is no spool at $root: say hello"
}

is_number() { # WORD
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  [ "${#1}" -le 18 ]
}

is_yes_no() { # WORD, else it is answered
  case $1 in 0 | 1) ;; *) error bad "'$1' is neither 0 nor 1" ;; esac
}

bare() { # DIGITS -> $bare: without zeros before it, so that no shell takes it for octal
  bare=$1
  while :; do
    case $bare in 0?*) bare=${bare#0} ;; *) break ;; esac
  done
}

padded() { # NUMBER -> $padded: ten digits, as epochs are named
  padded=0000000000$1
  while [ "${#padded}" -gt 10 ]; do padded=${padded#0}; done
}

newest_epoch() { # -> $newest; 0 if there was none
  newest=0
  set +f
  for entry in "$root"/fence/[0-9]*; do
    bare "${entry##*/}"
    ! is_number "$bare" || [ "$bare" -le "$newest" ] || newest=$bare
  done
  set -f
}

check_epoch() { # EPOCH -> $epoch $newest: refused, if a newer one has been here
  bare "$1"
  epoch=$bare
  { is_number "$epoch" && [ "$epoch" -gt 0 ] && [ "${#epoch}" -le 10 ]; } ||
    error bad "epoch $1 is not between 1 and 9999999999" || return
  check_there || return
  newest_epoch
  [ "$epoch" -ge "$newest" ] ||
    error stale "$newest epoch $epoch is over: epoch $newest has been here"
}

check_there() { # what `hello` met is still there, as far as it was said; else it is answered
  [ -n "${met:-}" ] || return 0
  newest_epoch
  { [ -d "$root/a" ] && [ "$newest" -ge "$met" ]; } ||
    error unusable "the spool $root is gone, or was replaced"
}

fence() { # EPOCH -> $epoch $newest: remembered, and all older ones are refused from now on
  check_epoch "$1" || return
  [ "$epoch" -eq "$newest" ] && return
  padded "$epoch"
  mkdir "$root/fence/$padded" 2>/dev/null || [ -d "$root/fence/$padded" ] ||
    error failed "the spool $root cannot be written" || return
  newest=$epoch
  drop_older
}

claim_epoch() { # MARK: $epoch is that of the daemon with this mark alone; copies share its number
  case $1 in '' | *[!a-z0-9]*) error bad "'$1' is not the mark of a daemon" || return ;; esac
  padded "$epoch"
  set +f
  set -- "$1" "$root/fence/$padded"/*
  [ -d "$2" ] || mkdir "${2%/*}/$1" 2>/dev/null
  set -- "$1" "$root/fence/$padded"/*
  set -f
  [ $# -eq 2 ] && [ "${2##*/}" = "$1" ] && return
  [ $# -eq 2 ] || rmdir "$root/fence/$padded/$1" 2>/dev/null # both came at the same moment
  error stale "$epoch epoch $epoch is another daemon's"
}

drop_older() { # older fences say nothing more; no start from before this epoch can come late
  set +f
  for entry in "$root"/fence/[0-9]*; do
    [ "${entry##*/}" = "$padded" ] || rmdir "$entry"/* "$entry" || rmdir "$entry"
  done 2>/dev/null
  set -- "$root"/t/*
  set -f
  while [ $# -gt 500 ]; do
    rm -f -- "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" "$9"
    shift 9
  done
  [ $# -eq 0 ] || rm -f -- "$@"
  return 0
}

prepare() { # the folders, 0700, and the scripts; else it is answered
  case $root/ in
    */../* | */./* | *"$lf"*) ;;
    /?*) ok=1 ;;
  esac
  [ -n "${ok:-}" ] ||
    error unusable "the spool '$root' needs an absolute path without \`..\` and newlines" || return
  if [ ! -d "$root" ]; then mkdir -p -- "$root"; fi 2>/dev/null
  is_private || return
  is_local || return
  for entry in a l t fence ends; do
    [ -d "$root/$entry" ] || mkdir "$root/$entry" || [ -d "$root/$entry" ] ||
      error unusable "the spool $root cannot be used: no folder $entry can be made" || return
  done 2>/dev/null
  install
}

is_private() {
  [ -d "$root" ] || error unusable "the spool $root cannot be made" || return
  [ ! -h "$root" ] || error unusable "the spool $root is not a folder of ours" || return
  set -- $(ls -ldn -- "$root" 2>/dev/null) "$(id -u)"
  crab_mode=$1 crab_owner=$3
  while [ $# -gt 1 ]; do shift; done
  [ "$crab_owner" = "$1" ] || error unusable "the spool $root is not a folder of ours" || return
  case $crab_mode in d???------*) return ;; esac
  error unusable "the spool $root is open to others; chmod 700 $root"
}

is_local() { # as far as the host tells; a spool must not be shared between hosts
  where=$(cd -P -- "$root" && pwd -P) kind=
  if [ -r "${crab_mounts:=/proc/self/mountinfo}" ]; then mounted_on_linux; else mounted_elsewhere; fi
  case $kind in
    nfs | nfs[0-9] | cifs | smb* | afpfs | webdav | 9p | afs | ceph | glusterfs | lustre | gpfs | \
      beegfs | fuse.sshfs | fuse.glusterfs | fuse.ceph* | fuse.rclone | fuse.s3fs | fuse.goofys | \
      fuse.gcsfuse)
      error unusable "the spool $root is on $kind; it must be on a local disk" ;;
  esac
}

mounted_on_linux() { # -> $kind of the innermost mount that holds $where; the last one wins
  escaped=
  rest=$where
  while [ -n "$rest" ]; do
    tail=${rest#?}
    case $rest in
      ' '*) escaped="$escaped\\040" ;;
      '	'*) escaped="$escaped\\011" ;;
      \\*) escaped="$escaped\\134" ;;
      *) escaped=$escaped${rest%"$tail"} ;;
    esac
    rest=$tail
  done
  deepest=0
  while IFS= read -r line; do
    set -- $line
    mount=${5%/}/
    line=${line#*" - "}
    case $escaped/ in
      "$mount"*) [ "${#mount}" -lt "$deepest" ] || { deepest=${#mount} kind=${line%% *}; } ;;
    esac
  done <"$crab_mounts"
}

mounted_elsewhere() { # -> $kind, by what mount(8) says of the disk that df(1) names
  line=$(df -P "$root" 2>/dev/null)
  kind=$(mount 2>/dev/null | kind_of "${line##*"% "}")
}

kind_of() { # FOLDER: of the rows `disk on FOLDER (kind, ...)`
  open='(' close=')' # ksh93 counts those in a pattern
  while IFS= read -r row; do
    case $row in *" on $1 $open"*) ;; *) continue ;; esac
    row=${row##*"$open"}
    row=${row%%,*}
    echo "${row%%"$close"*}"
  done
}

install() { # the scripts, where no upgrade changes them
  [ -d "$root/$crab_scripts" ] || mkdir "$root/$crab_scripts" 2>/dev/null
  each_script install_one && return
  error unusable "the spool $root cannot be used: the runner's scripts cannot be put there"
}

install_one() { # NAME TEXT
  [ ! -e "$root/$crab_scripts/$1" ] || return 0
  staged=$root/$crab_scripts/$1.$$
  put "$2" >"$staged" 2>/dev/null && mv -f -- "$staged" "$root/$crab_scripts/$1" && return
  rm -f -- "$staged"
  return 1
}
