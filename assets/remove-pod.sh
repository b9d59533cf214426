#!/bin/sh
# Removes a pod of podman's with all that was made for it, as soon as the program on the other end of standard input
# closes it or is gone, however it ended: a build that nobody waits for any more holds secrets and memory.
#
#   remove-pod.sh PODMAN FOLDER [LABEL]
#
# FOLDER is the private folder with the Secrets' files. LABEL is that of the pod and its volumes; without one they stay.
# What podman says of a removal that failed goes to standard output, and the exit code is 1.
set -u
podman=$1
folder=$2
label=${3-}
# The program may be gone, and with it who would read what is printed.
trap '' HUP INT TERM PIPE

# A line means that the program waits for us; without one it was lost, perhaps while podman was making something for it.
read -r _ || sleep 3

failed=''
# try COMMAND...: runs it; what it says matters where it fails
try() {
  said=$("$@" 2>&1) || failed="$failed$said
"
}

if [ -n "$label" ]; then
  for pod in $("$podman" pod ps --quiet --filter "label=$label"); do
    try "$podman" pod rm --force --time 0 "$pod"
  done
  for volume in $("$podman" volume ls --quiet --filter "label=$label"); do
    try "$podman" volume rm --force "$volume"
  done
fi
try rm -rf -- "$folder"

[ -z "$failed" ] || { printf '%s' "$failed"; exit 1; }
