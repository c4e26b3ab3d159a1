# How this host is doing, for `look`, and what attempts use of it, for `usage`.

do_look() {
  check_there || return
  uptime
  load
  busy
  free_memory
  free=$number
  disk
  seen="ok load=$load busy=$busy memory_free_mb=$free disk_free_mb=$number"
  now
  seen="$seen now_us=$now_us uptime_ms=$up_ms"
  find_devices
  each_device see_device
  answer "$seen"
  tell check
}

load() { # -> $load of the last minute, times 100
  load=
  { read -r load _ </proc/loadavg; } 2>/dev/null
  if [ -z "$load" ]; then set -- $(sysctl -n vm.loadavg 2>/dev/null); load=${2:-}; fi
  case $load in
    *.??) bare "${load%.*}${load#*.}"; load=$bare ;;
    *) load=- ;;
  esac
}

busy() { # -> $busy: percent of all cores together, since the last look
  busy=-
  [ -n "$has_proc" ] || return 0
  { read -r _ user nice system idle waiting irq softirq stolen _; } </proc/stat
  ticks=$((user + nice + system + idle + waiting + ${irq:-0} + ${softirq:-0} + ${stolen:-0}))
  idle=$((idle + waiting))
  if [ -n "${ticks_before:-}" ] && [ "$ticks" -gt "$ticks_before" ]; then
    waiting=$((ticks - ticks_before))
    busy=$(((100 * (waiting - idle + idle_before) + waiting / 2) / waiting))
  fi
  ticks_before=$ticks idle_before=$idle
}

free_memory() { # -> $number of MB that a new process could have
  meminfo MemAvailable
  [ -z "$number" ] || return 0
  number=- pages=0 size=4096
  [ -z "$has_proc" ] || return 0
  size=$(getconf PAGESIZE) # counted in MB, as pages may be more than a shell can count as bytes
  number=$(vm_stat 2>/dev/null | while read -r word name count _; do
    case $word:$name in
      Pages:free: | Pages:inactive: | Pages:speculative: | Pages:purgeable:)
        pages=$((pages + ${count%.}))
        echo "$((pages / 1024 * size / 1024))"
        ;;
    esac
  done | tail -n 1)
  number=${number:--}
}

# Devices: lines `INDEX;KIND;TOTAL;USED;BUSY;ID` in $devices, `ID PID MB` in $holders.

find_devices() { # some seconds old at most; none if there are none, or the driver does not say
  if [ -n "${asked_s:-}" ] && [ $((up_s - asked_s)) -le 5 ]; then return; fi
  devices= holders= asked_s=$up_s
  smi=$(PATH=$PATH:/opt/rocm/bin:/usr/lib/wsl/lib command -v nvidia-smi) || smi=
  if [ -n "$smi" ]; then ask_nvidia
  elif [ -d "${crab_kfd:=/sys/class/kfd/kfd}" ]; then ask_amd; fi
}

ask_nvidia() { # in the background, as its driver may hang; a call that hangs is the last one
  told=$root/gpu.$$
  if [ -z "${asking:-}" ] || [ -e "$told.done" ]; then
    rm -f -- "$told.done"
    asking=1
    {
      for query in query-gpu=index,uuid,name,memory.total,memory.used,utilization.gpu \
        query-compute-apps=gpu_uuid,pid,used_memory; do
        "$smi" "--$query" --format=csv,noheader,nounits || break
        echo
      done >"$told"
      mv -f -- "$told" "$told.done"
    } 6<&- 7<&- 8<&- </dev/null >/dev/null 2>&1 &
  fi
  for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    [ ! -e "$told.done" ] || { read_nvidia; return; }
    sleep 0.2 2>/dev/null || sleep 1
  done
}

read_nvidia() {
  blocks=0
  while IFS= read -r line; do
    case $blocks:$line in
      *:) blocks=$((blocks + 1)); continue ;;
      0:*) row=device ;;
      *) row=holder ;;
    esac
    split "$line"
    "nvidia_$row"
  done <"$told.done"
  [ "$blocks" -ge 2 ] || devices= holders=
}

split() { # CSV -> $one ... $six without blanks around
  rest=$1,
  for cell in one two three four five six; do
    word=${rest%%,*}
    word=${word#"${word%%[! ]*}"}
    word=${word%"${word##*[! ]}"}
    rest=${rest#*,}
    eval "$cell=\$word"
  done
}

nvidia_device() {
  is_number "$one" || return 0
  is_number "$four" || four=0
  is_number "$five" || five=0
  is_number "$six" || six=-
  three=${three%%;*}
  devices="$devices$one;$three;$four;$five;$six;$two$lf"
}

nvidia_holder() {
  is_number "$two" || return 0
  is_number "$three" || three=0
  holders="$holders$one $two $three$lf"
}

ask_amd() { # the kernel tells what rocm-smi would; nodes without a GPU id are processors
  index=0
  set +f
  for node in "$crab_kfd"/topology/nodes/[0-9] "$crab_kfd"/topology/nodes/[0-9][0-9]; do
    id=0
    { read -r id <"$node/gpu_id"; } 2>/dev/null
    [ "${id:-0}" != 0 ] || continue
    amd_device
    amd_holders
    index=$((index + 1))
  done
  set -f
}

amd_device() {
  minor= kind=
  { while read -r key word _; do [ "$key" != drm_render_minor ] || minor=$word; done \
    <"$node/properties"; } 2>/dev/null
  card=${crab_drm:-/sys/class/drm}/renderD$minor/device
  total=0 used=0 percent=-
  { IFS= read -r kind <"$card/product_name"; } 2>/dev/null
  { read -r total <"$card/mem_info_vram_total"; } 2>/dev/null
  { read -r used <"$card/mem_info_vram_used"; } 2>/dev/null
  { read -r percent <"$card/gpu_busy_percent"; } 2>/dev/null
  devices="$devices$index;${kind:-AMD};$((total / 1048576));$((used / 1048576));${percent:--};$id$lf"
}

amd_holders() {
  for file in "$crab_kfd"/proc/[0-9]*/vram_"$id"; do
    count=0
    { read -r count <"$file"; } 2>/dev/null
    [ "${count:-0}" != 0 ] || continue
    pid=${file%/*}
    count=$((count / 1048576))
    [ "$count" -gt 0 ] || count=1
    holders="$holders$id ${pid##*/} $count$lf"
  done
}

each_device() { # FUNCTION: called with $index $kind $total $used $percent $id of each
  while IFS=';' read -r index kind total used percent id; do
    [ -z "$id" ] || "$1"
  done <<END
$devices
END
}

each_holder() { # FUNCTION: called with $device $holder $held of each
  while read -r device holder held; do
    [ -z "$held" ] || "$1"
  done <<END
$holders
END
}

see_device() {
  ours=0 others=0 unknown=
  each_holder count_holder
  if [ -n "$unknown" ]; then
    others=$((used - ours))
    [ "$others" -gt 0 ] || others=1
  fi
  as_text "$index;$kind;$total;$used;$others;$percent"
  seen="$seen gpu=$text"
}

count_holder() {
  [ "$device" = "$id" ] || return 0
  if is_ours "$holder"; then ours=$((ours + held))
  elif [ "$held" = 0 ]; then unknown=1
  else others=$((others + held)); fi
}

is_ours() { # PID: it, or the leader of its session, carries the mark of an attempt of this spool
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return
  set -- "$1" ${line##*") "}
  grep -q -a -F "CRAB_MARK=$root/a/" "/proc/$1/environ" "/proc/$5/environ"
} 2>/dev/null

do_usage() { # ATTEMPT...
  named "$@" || return
  leads=' '
  for each; do
    dir=$root/a/$each
    read_life
    [ "$pid" != - ] && [ "$state" != exited ] || continue
    started "$pid"
    case $began in '' | "$start") ;; *) continue ;; esac
    leads="$leads$pid=$each "
    eval "cpu_$pid=0 kb_$pid=0 n_$pid=0 gpu_$pid=0"
  done
  if [ "$leads" != ' ' ]; then
    uptime
    find_devices
    weigh
  fi
  for each in $leads; do use "${each%%=*}" "${each#*=}"; done
  answer ok
}

weigh() { # every process of this host, whosever it is
  tick_ms=$((1000 / $(getconf CLK_TCK)))
  page_kb=$(($(getconf PAGESIZE) / 1024))
  if [ -z "$has_proc" ]; then weigh_by_ps; return; fi
  set +f
  set -- /proc/[0-9]*
  set -f
  for entry; do
    { read -r line <"$entry/stat"; } 2>/dev/null || continue
    weigh_one "${entry#/proc/}" ${line##*") "}
  done
}

weigh_one() { # PID STATE PARENT GROUP SESSION ...
  case $leads in
    *" $5="*) lead=$5 ;;
    *" $4="*) lead=$4 ;;
    *" $1="*) lead=$1 ;; # it is about to begin a session of its own
    *) return ;;
  esac
  case $2 in Z | X) return ;; esac
  add "$1" $(((${13} + ${14} + ${15} + ${16}) * tick_ms)) $((${23} * page_kb))
}

weigh_by_ps() { # where sessions cannot be seen: by group
  ps -axo pid=,pgid=,time=,rss= >"$root/ps.$$" 2>/dev/null
  while read -r pid lead time kb; do
    case $leads in *" $lead="*) ;; *) continue ;; esac
    milliseconds "$time"
    add "$pid" "$ms" "$kb"
  done <"$root/ps.$$"
  rm -f -- "$root/ps.$$"
}

milliseconds() { # [[DD-]HH:]MM:SS[.cc] -> $ms
  ms=0
  case $1 in *.??) bare "${1##*.}"; ms=$((bare * 10)) ;; esac
  set -- "${1%.*}" 1000
  case $1 in *-*) ms=$((ms + ${1%%-*} * 86400000)); set -- "${1#*-}" 1000 ;; esac
  while :; do
    bare "${1##*:}"
    ms=$((ms + bare * $2))
    case $1 in *:*) set -- "${1%:*}" $(($2 * 60)) ;; *) return ;; esac
  done
}

add() { # PID CPU_MS KB: to the attempt whose job is $lead
  eval "cpu_$lead=\$((cpu_$lead + $2)) kb_$lead=\$((kb_$lead + $3)) n_$lead=\$((n_$lead + 1))"
  [ -z "$holders" ] || { member=$1; each_holder add_device; }
}

add_device() {
  [ "$holder" != "$member" ] || eval "gpu_$lead=\$((gpu_$lead + held))"
}

use() { # LEAD ATTEMPT
  eval "cpu=\$cpu_$1 kb=\$kb_$1 n=\$n_$1 gpu=\$gpu_$1; unset cpu_$1 kb_$1 n_$1 gpu_$1"
  [ "$n" -gt 0 ] || return 0
  [ "$gpu" != 0 ] || gpu=-
  answer "use $2 $cpu $((kb / 1024)) $n $gpu"
}
