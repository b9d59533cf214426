# shellcheck shell=sh
# Failing: a code a cause (the table with remedies: docs/prepare-context.md), and what is tried again.

BAD_SETTING=2 TOOL_MISSING=3
CERTIFICATE_INVALID=10 SERVER_NOT_TRUSTED=11
IDENTITY_MISSING=20 IDENTITY_NOT_FEDERATED=21 IDENTITY_REFUSED=22
GIT_AUTHENTICATION=30 GIT_NOT_FOUND=31 GIT_NO_REF=32 NO_DIRECTORY=33 NO_DOCKERFILE=34 GIT_FAILED=35 LFS_FAILED=36
STORAGE_FORBIDDEN=40 BLOB_MISSING=41 CHECKSUM=42 FILE_EXISTS=43 STORAGE_FAILED=44
NETWORK=50 NO_SPACE=51
UNSAFE_PATH=60
APT_INVALID=70

# What an attempt returns beside 0 and 1 (failed for good); it leaves CODE and REASON behind.
AGAIN=101  # failed in a way that may pass
CANNOT=102 # the server cannot do it this way

# fail CODE MESSAGE: ends this shell; the end of the script writes the termination message
fail() {
  say "error: $2 (exit code $1)" >&2
  [ -z "${work:-}" ] || printf '%s (exit code %d)\n' "$2" "$1" | harmless >>"$work/errors"
  exit "$1"
}

# printable FILE: the end of what a program or a server said, in one line
printable() {
  grep -v '^[[:space:]]*$' "$1" | tail -n 4 | tr '\n\t' '; ' | tr -cd '\40-\176' | sed 's/; *$//' | cut -c 1-600
}

# persist STEP FUNCTION [ARGUMENT...]: runs it until it succeeds, fails for good, or PREPARE_RETRY_SECONDS have passed
# since it first failed. Returns what the last attempt did. Where another part of the script has failed meanwhile it ends
# this part in silence: that one's cause is the script's.
persist() {
  step=$1
  shift
  pause=1 give_up=''
  while :; do
    "$@"
    status=$?
    [ "$status" -eq "$AGAIN" ] || return "$status"
    if stopped; then exit 0; fi
    now
    [ -n "$give_up" ] || give_up=$((NOW + retry_seconds * 100))
    [ $((NOW + pause * 100)) -le "$give_up" ] || return "$status"
    say "$step: $REASON; trying again in $pause s"
    sleep "$pause"
    pause=$((pause * 2))
    [ "$pause" -le 15 ] || pause=15
  done
}

# stopped: whether another part of the script has failed, so that this one need not go on
stopped() { [ -s "$work/errors" ] || ! [ -d "$work" ]; }
