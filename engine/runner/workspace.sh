#!/bin/sh
# A git worktree for each attempt that asks for one (README.md, "Workspaces").
# usage: workspace.sh prepare ROOT ATTEMPT IDENT REPO REVISION BASE KEEP COMMAND...
#        workspace.sh clean ROOT ATTEMPT IDENT RC WHY    after its end
#        workspace.sh drop ROOT ATTEMPT IDENT            even if it was kept
#        workspace.sh sweep ROOT - IDENT                 of all attempts that are gone
# `prepare` runs as the job, in its environment, and becomes its command. Variables are in
# lower case without `_`, as none that came with the job is (spec.py).
[ -z "${ZSH_VERSION-}" ] || emulate sh
. "${0%/*}/ending.sh"

gits() { # WORDS: to git, with nothing of the job's that would lead it elsewhere
  (
    unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_COMMON_DIR GIT_PREFIX
    unset GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE GIT_CEILING_DIRECTORIES CDPATH
    PATH=${search:+$search:}$PATH LC_ALL=C GIT_TERMINAL_PROMPT=0
    [ -n "${GIT_SSH_COMMAND-}${GIT_SSH-}" ] || GIT_SSH_COMMAND='ssh -oBatchMode=yes'
    [ -z "${GIT_SSH_COMMAND-}" ] || export GIT_SSH_COMMAND
    export PATH LC_ALL GIT_TERMINAL_PROMPT
    exec git -c core.hooksPath=/dev/null -c gc.auto=0 -c maintenance.auto=false "$@" </dev/null
  )
}

refuse() { # KIND SENTENCE: `workspace` if it will never work, `fetch` if it may later
  [ ! -s "$said" ] || cat "$said" >&2
  rm -f "$said"
  printf '%s\n' "cannot make a workspace of $repo: $2" >&2
  echo "$1 ." >>"$root/a/$attempt/life"
  exit 127
}

complaint() { # -> $told: what git said last that matters
  told='git failed'
  while IFS= read -r line; do
    case $line in
      'fatal: '* | 'error: '*) told=${line#*: } ;;
    esac
  done <"$said"
}

must() { # KIND WORDS: to git; it works or that is all
  failing=$1
  shift
  gits "$@" >/dev/null 2>"$said" && return
  complaint
  refuse "$failing" "$told"
}

holds() { # HOLDER: it may live; of another host or container nobody here can know
  set -- "${1%%,*}" "${1#*,}"
  set -- "$1" "${2%%,*}" "${2#*,}"
  if [ "$3" = "$ident" ]; then
    started "$1"
    [ "$start" = "$2" ]
    return
  fi
  [ "${3%%/*}" = "${ident%%/*}" ] || return 0
  set -- "${3#*/}" "${ident#*/}"
  [ "${1%%/*}" = "${2%%/*}" ]
}

take() { # LOCK: waits until it is ours; that of a dead holder is broken, by one at a time
  until ln -s "$me" "$1" 2>/dev/null; do
    set -- "$1" "$(readlink "$1")"
    if [ -z "$2" ]; then
      [ -w "${1%/*}" ] || return 1
    elif holds "$2"; then
      nap 50
    else
      take "$1.break" || return 1
      [ "$(readlink "$1")" != "$2" ] || rm -f "$1"
      rm -f "$1.break"
    fi
  done
}

release() { # LOCK
  rm -f "$1"
}

locate() { # -> $folder of the repository, $url: where it is cloned from, if it is said
  url=
  case $base in '~/'*) base=$home/${base#'~/'} ;; esac
  case $repo in
    /*) folder=$repo ;;
    '~/'*) folder=$home/${repo#'~/'} ;;
    http://* | https://* | ssh://* | git://* | file:///*) url=$repo ;;
    *::* | *://* | -* | *@-*) refuse workspace 'that is no address' ;;
    *:*) url=$repo ;;
    *) folder=$base/$repo ;;
  esac
  [ -n "$url" ] || return 0
  word=${url%/}
  word=${word##*[/:]}
  word=${word%.git}
  case $word in
    '' | . | .. | -*) refuse workspace "its last part cannot name a folder" ;;
  esac
  folder=$base/$word
}

cloned() { # the repository of $url is at $folder, by whoever came first
  [ ! -e "$folder" ] || return 0
  (umask 077 && mkdir -p "$base") 2>"$said" || refuse workspace "$base cannot be made"
  take "$base/.$word.lock" || refuse workspace "$base cannot be written"
  if [ ! -e "$folder" ]; then
    rm -rf "$base/.$word.part"
    must fetch clone -q -- "$url" "$base/.$word.part"
    mv "$base/.$word.part" "$folder"
  fi
  release "$base/.$word.lock"
}

opened() { # -> $common: the folder that all worktrees of $folder share
  common=
  if [ -e "$folder/.git" ]; then
    common=$(cd -P "$folder" && gits rev-parse --git-common-dir 2>"$said") || common=
    case $common in '' | /*) ;; *) common=$(cd -P "$folder/$common" && pwd -P) ;; esac
  elif [ -d "$folder/objects" ] && [ -d "$folder/refs" ]; then
    common=$(cd -P "$folder" && pwd -P)
  fi
  [ ! -s "$said" ] || { complaint; refuse workspace "$told"; }
  [ -n "$common" ] || refuse workspace "there is no git repository at $folder on this host"
  [ -z "$url" ] || same_origin
}

same_origin() {
  told=$(gits --git-dir="$common" config --get remote.origin.url 2>/dev/null)
  set -- "${told%/}" "${url%/}"
  [ "${1%.git}" = "${2%.git}" ] || refuse workspace "$folder is a clone of ${told:-nothing}"
}

commit() { # NAME... -> $sha of the first that names a commit
  for word; do
    sha=$(gits --git-dir="$common" rev-parse --verify -q "$word^{commit}" 2>/dev/null) && return
  done
  sha=
  return 1
}

found() { # -> $sha; of an address, what its origin calls so comes first
  if [ -z "$url" ]; then
    commit "${revision:-HEAD}" "refs/remotes/origin/${revision:-HEAD}"
  else
    commit "refs/remotes/origin/${revision:-HEAD}" "refs/tags/$revision" "${revision:-HEAD}"
  fi
}

is_hash() { # REVISION: it names the same commit for ever
  case $1 in *[!0-9a-f]*) return 1 ;; esac
  [ "${#1}" -ge 7 ]
}

resolve() { # -> $sha of the revision, fetched if it is not there or may have moved
  if [ -z "$url" ] || is_hash "$revision"; then found && return; fi
  if [ -n "$(gits --git-dir="$common" config --get remote.origin.url 2>/dev/null)" ]; then
    must fetch --git-dir="$common" fetch -q origin
    found && return
    gits --git-dir="$common" fetch -q origin "$revision" 2>/dev/null &&
      commit FETCH_HEAD && return
  fi
  refuse workspace "it has no revision ${revision:-HEAD}"
}

prepare() { # -> $place, at $sha
  said=$root/a/$attempt/git
  home=${HOME-}
  [ -n "$home" ] || eval "home=~$(id -un)"
  : >"$said"
  gits --version >/dev/null 2>&1 || refuse workspace 'there is no git on this host'
  case $revision in -* | *:*) refuse workspace "'$revision' is no revision" ;; esac
  locate
  [ -z "$url" ] || cloned
  opened
  sweep "$common"
  take "$common/crabtui.lock" || refuse workspace "$common cannot be written"
  resolve
  (umask 077 && mkdir -p "$root/w") && printf '%s\n' "$common" "$keep" >"$place.of" ||
    refuse workspace "$root/w cannot be written"
  must workspace --git-dir="$common" worktree add --no-checkout --detach "$place" "$sha"
  release "$common/crabtui.lock"
  cd "$place" || refuse workspace "$place cannot be entered"
  must workspace reset -q --hard
  rm -f "$said"
  echo "workspace $sha ." >>"$root/a/$attempt/life"
}

left() { # ATTEMPT KIND -> $common and $mode of what `prepare` has noted
  common= mode=
  { IFS= read -r common && read -r mode; } <"$root/w/$1.$2"
} 2>/dev/null

remove() { # ATTEMPT: its worktree, and what its repository knows of it
  rm -rf "$root/w/$1" || { chmod -R u+rwx "$root/w/$1"; rm -rf "$root/w/$1"; }
  if [ -d "$common" ] && take "$common/crabtui.lock"; then
    gits --git-dir="$common" worktree remove -f -f "$root/w/$1" || unlist "$1"
    release "$common/crabtui.lock"
  fi
  [ -d "$root/w/$1" ] || rm -f "$root/w/$1.of" "$root/w/$1.kept"
} >/dev/null 2>&1

unlist() { # ATTEMPT: one that git had not finished, or no longer knows
  for entry in "$common/worktrees"/*; do
    told=
    read -r told <"$entry/gitdir"
    case $told in
      "$root/w/$1/.git") rm -rf "$entry" ;;
      '') case ${entry##*/} in "$1") rm -rf "$entry" ;; esac ;;
    esac
  done
} 2>/dev/null

over() { # ATTEMPT: keep or remove what is left of one that did not end well
  case $mode in
    always | failed) mv -f "$root/w/$1.of" "$root/w/$1.kept" ;;
    *) remove "$1" ;;
  esac
}

sweep() { # [COMMON]: of attempts that are gone, of that repository or of all
  for each in "$root"/w/*.of; do
    each=${each##*/}
    each=${each%.of}
    [ ! -d "$root/a/$each" ] && left "$each" of || continue
    [ "${1:-$common}" = "$common" ] || continue
    over "$each"
  done
  common=${1-}
}

clean() { # RC WHY: what is to become of it now that it has ended
  left "$attempt" of || return 0
  case $mode:$1:$2 in
    failed:0:-) remove "$attempt" ;;
    *:workspace | *:fetch) remove "$attempt" ;;
    *) over "$attempt" ;;
  esac
}

verb=$1 root=$2 attempt=$3 ident=$4
search=${PATH-} given=${PATH+1}
PATH=/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/opt/homebrew/bin
place=$root/w/$attempt
started $$
me=$$,$start,$ident
case $verb in
  prepare)
    repo=$5 revision=$6 base=$7 keep=$8
    prepare
    shift 8
    CRAB_WORKSPACE=$place CRAB_REVISION=$sha
    export CRAB_WORKSPACE CRAB_REVISION
    if [ -n "$given" ]; then PATH=$search; else unset PATH; fi
    case $1 in
      *=*) exec "$@" ;;
      *) exec /usr/bin/env -- "$@" ;; # says in one way why it cannot
    esac
    ;;
  clean) clean "$5" "$6" ;;
  drop) ! { left "$attempt" of || left "$attempt" kept; } || remove "$attempt" ;;
  sweep) sweep ;;
esac
