# What is said to the controller. Whoever writes to standard output holds the turn: one line in
# a fifo (descriptor 8), which is read to take it and written back. So nothing that the relay
# tells ever comes in the middle of an answer, however long that is.

lf='
'
case ${KSH_VERSION-} in
  *MIRBSD*) # its printf is no builtin
    say() { print -r -- "$*"; }
    put() { print -nr -- "$1"; }
    undo() { print -n -- "$1"; }
    ;;
  *)
    say() { printf '%s\n' "$*"; }
    put() { printf %s "$1"; }
    undo() { printf %b "$1"; }
    ;;
esac

take_turn() { [ -z "$relay" ] || read -r _ <&8; }
give_turn() { [ -z "$relay" ] || echo . >&8; }

answer() { # WORD...
  take_turn
  say "$seq $*"
  give_turn
}

error() { # KIND TEXT...; fails, so that `error ... || return` and `... || error` read well
  answer "error $*"
  return 1
}

as_text() { # BYTES -> $text: one word of the protocol
  case $1 in
    '') text='\c' ;;
    *[!A-Za-z0-9_./:=,+@%-]*)
      text=
      for octal in $(put "$1" | od -A n -v -t o1); do text="$text\\0$octal"; done
      ;;
    *) text=$1 ;;
  esac
}
