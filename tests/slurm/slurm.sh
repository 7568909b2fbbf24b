#!/usr/bin/env bash
# A Slurm of one's own on this machine: one controller and four nodes of one CPU each, all below one folder.
#
#   tests/slurm/slurm.sh install       Debian's packages slurm-wlm and munge, through apt-get
#   tests/slurm/slurm.sh start DIR     starts it; its configuration is DIR/slurm.conf, which SLURM_CONF has to name
#   tests/slurm/slurm.sh stop DIR      stops it
#
# It needs root, as Slurm's daemons do, and touches nothing outside DIR; DIR must not be writable for others.
set -euo pipefail

nodes=4

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

install() {
  if command -v sbatch slurmctld slurmd munged >/dev/null; then return; fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
}

configure() {
  local dir=$1 host
  host=$(uname -n)
  host=${host%%.*}
  mkdir -p "$dir/state" "$dir/munge"
  chmod 755 "$dir/munge"
  dd if=/dev/urandom of="$dir/munge/key" bs=64 count=1 status=none
  chmod 600 "$dir/munge/key"
  cat >"$dir/slurm.conf" <<CONF
ClusterName=bench
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
AuthType=auth/munge
# What is requeued starts again once the old start can no longer be taken for the new one.
AuthInfo=socket=$dir/munge/socket,cred_expire=5
CryptoType=crypto/munge
StateSaveLocation=$dir/state
SlurmctldPidFile=$dir/slurmctld.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmdLogFile=$dir/slurmd-%n.log
SlurmdSpoolDir=$dir/spool-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=5,batch_sched_delay=1
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=0
KillWait=30
MinJobAge=600
OverTimeLimit=0
SlurmdTimeout=60
CONF
  local i
  for ((i = 1; i <= nodes; i++)); do
    echo "NodeName=node$i NodeHostname=$host NodeAddr=127.0.0.1 Port=$((16900 + i)) CPUs=1 RealMemory=2000 State=UNKNOWN"
  done >>"$dir/slurm.conf"
  echo "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP" >>"$dir/slurm.conf"
}

start() {
  local dir=$1 i
  configure "$dir"
  munged --key-file="$dir/munge/key" --socket="$dir/munge/socket" --pid-file="$dir/munge/pid" \
    --log-file="$dir/munge/log" --seed-file="$dir/munge/seed" --num-threads=2
  export SLURM_CONF=$dir/slurm.conf
  slurmctld
  for ((i = 1; i <= nodes; i++)); do slurmd -N "node$i"; done
  for ((i = 0; i < 100; i++)); do
    if [[ $(sinfo --noheader --format=%D --states=idle 2>/dev/null) == "$nodes" ]]; then return; fi
    sleep 0.2
  done
  echo "the nodes do not come up; see $dir/slurmctld.log" >&2
  sinfo --Node --long >&2 || true
  exit 1
}

stop() {
  local dir=$1 file pid i
  export SLURM_CONF=$dir/slurm.conf
  # What runs would outlive the daemons.
  timeout 10 scancel --user=root || true
  for ((i = 0; i < 100; i++)); do
    if [[ -z $(timeout 10 squeue --noheader 2>/dev/null) ]]; then break; fi
    sleep 0.2
  done
  for file in "$dir"/slurmd-*.pid "$dir/slurmctld.pid" "$dir/munge/pid"; do
    if [[ ! -s $file ]]; then continue; fi
    pid=$(<"$file")
    kill "$pid" 2>/dev/null || continue
    # Slurm saves its state at the end.
    timeout 30 tail --pid="$pid" -f /dev/null || kill -9 "$pid"
  done
}

case ${1:-} in
  install) install ;;
  start | stop) [[ -n ${2:-} ]] || usage; mkdir -p "$2"; "$1" "$(realpath "$2")" ;;
  *) usage ;;
esac
