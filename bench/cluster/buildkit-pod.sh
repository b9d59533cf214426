#!/bin/sh
# One build by a BuildKit daemon that lives as long as the build, in a privileged pod. The arguments are buildctl's.
set -eu
buildkitd --config=/settings/buildkitd.toml >/tmp/buildkitd.log 2>&1 &
until buildctl debug workers >/dev/null 2>&1; do
  kill -0 $! || { cat /tmp/buildkitd.log; exit 1; }
  sleep 0.05
done
exec buildctl build "$@"
