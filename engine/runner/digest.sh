# Sourced for its functions: digests of what comes on standard input, one word each.

digest() { # what tells contents apart
  if command -v sha256sum; then set -- sha256sum
  elif command -v shasum; then set -- shasum -a 256
  elif command -v sha256; then set -- sha256 -q
  else set -- cksum; fi >/dev/null
  "$@" | {
    read -r sum rest
    [ "$1" != cksum ] || sum=$sum-${rest%% *}
    echo "$sum"
  }
}

check() { # what tells a torn file from a whole one, as fast as can be
  if command -v cksum >/dev/null; then cksum; else digest; fi
}
