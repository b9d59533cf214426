#!/bin/sh
# Prepares everything that an image build needs before kaniko starts: trusted authorities, the build context from git,
# binary files from Azure Blob Storage, and apt's files for a Debian mirror.
#
# It runs in the init container, is driven by PREPARE_* variables and mounted files alone, and needs sh, git, curl and
# the small tools of a Debian or BusyBox image. The variables, the form of the lines it prints and its exit codes are
# described in docs/prepare-context.md.
#
# Everything from outside is hostile until checked: the settings, and above all the repository, which is other
# people's. Secrets live in files of $work, which is in memory and gone at the end: never in an argument, an
# environment, a line of the log or the context.
#
# The files beside this one are its parts, one a step; what they have in common are the variables of settings.sh and
# the functions of say.sh and fail.sh.
#
# shellcheck source-path=SCRIPTDIR
set -u
umask 022
export LC_ALL=C

program=$(dirname -- "$0")
. "$program/say.sh"
. "$program/fail.sh"
. "$program/checks.sh"
. "$program/settings.sh"
. "$program/trust.sh"
. "$program/http.sh"
. "$program/identity.sh"
. "$program/git-config.sh"
. "$program/clone.sh"
. "$program/work-tree.sh"
. "$program/dockerfile.sh"
. "$program/files.sh"
. "$program/apt.sh"

# Whatever ends the script: the secrets go, and the pod's status says why.
at_exit() {
  status=$?
  trap - EXIT
  if [ "$status" -ne 0 ] && [ ! -s "$work/errors" ]; then
    say "error: ended unexpectedly (exit code $status)" >&2
  fi
  message=$work/errors
  [ "$status" -ne 0 ] || message=$work/summary
  { head -c 4000 "$message" >"${PREPARE_TERMINATION_LOG:-/dev/termination-log}"; } 2>/dev/null
  rm -rf "$work" ${stage:+"$stage"}
  exit "$status"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/prepare-context.XXXXXX") || fail $NO_SPACE "cannot write into ${TMPDIR:-/tmp}"
stage=''
trap at_exit EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
now
BEGAN=$NOW

read_settings
trust
apt_files

# On the context's volume, so that a finished file moves into its place at once.
rm -rf "$context"/.prepare-context.*
stage=$(mktemp -d "$context/.prepare-context.XXXXXX") || fail $NO_SPACE "cannot write into $context"

# The clone and the downloads do not wait for each other.
jobs=''
if [ -n "$url" ]; then
  clone &
  jobs=$!
fi
if [ -s "$work/files" ]; then
  download &
  jobs="$jobs $!"
fi
for job in $jobs; do
  wait "$job" || exit
done

check_context
put_certificates
put_files
count_instructions
now
say "done in $(decimal $(((NOW - BEGAN) / 10))) s" | tee "$work/summary"
