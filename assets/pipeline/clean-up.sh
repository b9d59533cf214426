#!/usr/bin/env bash
# Ends what a cancelled build left running, and removes the credentials. Run always, as the job's last step.
#
# AGENT_TEMPDIRECTORY  the agent's. What else is there it removes itself, after it has uploaded the summary.
set -euo pipefail
folder=$AGENT_TEMPDIRECTORY/cdk-kaniko

# Whether build.sh still logs in, or builds. The process may be gone, and another one have its number.
builds() {
  [ -e "$folder/pid" ] && read -r pid <"$folder/pid" && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -Eq 'pipeline/build\.sh |cdk-kaniko run '
}

if builds; then
  echo 'The build was cancelled; waiting until it is deleted from the cluster'
  kill -TERM "$pid"
  for ((seconds = 0; seconds < 120; seconds++)); do
    builds || break
    sleep 1
  done
  if builds; then
    echo 'It does not end; its Job ends by its own deadline (timeoutMinutes) and time to live (timeToLiveMinutes)' >&2
    kill -KILL "$pid"
  fi
fi
rm -f "$folder/kubeconfig"
