# Why attempts ended, where the exit record alone does not say it: for want of memory, as
# verdicts.py has it. What was found is remembered, as it takes processes to find it.

said_so='(^|[^A-Za-z0-9_])(MemoryError|ENOMEM)([^A-Za-z0-9_]|$)|[Cc]annot allocate memory|std::bad_alloc|[Oo]ut of memory|memory exhausted|java.lang.OutOfMemoryError'

said_of_device='(CUDA|HIP) out of memory|(CUDA|HIP) error:? out of memory|(cuda|hip)ErrorOutOfMemory|(CUDA|HIP)_ERROR_OUT_OF_MEMORY|(CU|HIP)BLAS_STATUS_ALLOC_FAILED|RESOURCE_EXHAUSTED: Out of memory'

kernel_kills() { # -> $kills: processes that the kernel has ended for want of memory; 0 if unknown
  kills=0
  { while read -r word count; do
    [ "$word" != oom_kill ] || { kills=$count; break; }
  done </proc/vmstat; } 2>/dev/null
}

judge() { # of what failed by itself -> $why
  case $judged in
    *" $attempt=oom "*) why=oom; return ;;
    *" $attempt=gpuoom "*) why=gpuoom; return ;;
    *" $attempt=- "*) return ;;
  esac
  if complained_of_device; then why=gpuoom
  elif was_killed || complained; then why=oom; fi
  [ "${#judged}" -lt 20000 ] || judged=' '
  judged="$judged$attempt=$why "
}

was_killed() { # a kill by the kernel counts for one attempt: the first that was seen to end so
  [ "$signal" = 9 ] || return
  case $spawned in *" $attempt "*) ;; *) return 1 ;; esac
  kernel_kills
  [ "$kills" -gt "$kills_before" ] || return
  kills_before=$((kills_before + 1))
}

complained() { # it ran under a memory limit, and said last that it had too little
  line=
  { IFS= read -r line <"$dir/spec"; } 2>/dev/null
  case $line in *' mem='[1-9]*) ;; *) return 1 ;; esac
  tail -c 2048 "$dir/err" 2>/dev/null | grep -q -a -E "$said_so"
}

complained_of_device() { # it was given GPUs, and said last that one had too little memory
  grep -q -a -E "(CUDA|ROCR)_VISIBLE_DEVICES='?[0-9]" "$dir/spec" 2>/dev/null || return
  tail -c 2048 "$dir/err" 2>/dev/null | grep -q -a -E "$said_of_device"
}
