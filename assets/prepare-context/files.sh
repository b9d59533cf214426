# shellcheck shell=sh
# Binary files from Azure Blob Storage: one curl gets them, eight at a time, and each is checked while others come. Until
# all are there they lie in $stage by number, which is the line in $work/files:
#
#   N        what came so far
#   N.head   the head of the last answer
#   N.part   where N was cut: the head of the answer that it is the beginning of
#   N.wrong  the digest of an N that was wrong

# Gets all files into $stage.
download() {
  token storage "$STORAGE_SCOPE"
  total=0 wanted=' '
  while IFS= read -r entry; do
    total=$((total + 1))
    wanted="$wanted$total "
    printf '%s\n' "$entry" >"$work/$total.entry" || fail $NO_SPACE "cannot write into $work"
  done <"$work/files"
  begin files "$total from $storage"
  { mkfifo "$work/results" && common_settings >"$work/transfers.curl"; } || fail $NO_SPACE "cannot write into $work"
  persist files fetch_wanted || fail "$CODE" "file $REASON"
  finish files "$total from $storage"
}

# fetch_wanted: an attempt at all files that are still wanted. It ends early where one fails for good.
fetch_wanted() {
  for number in $wanted; do settings_of "$number" >"$work/$number.curl" || fail $NO_SPACE "cannot write into $work"; done
  transfer 2>"$work/results" &
  failed=0
  while read -r number http_status error seconds message; do
    case $number in '' | *[!0-9]*) continue ;; esac # a warning of curl's
    settle "$number"
    case $? in
      0) wanted="${wanted%% "$number" *} ${wanted#* "$number" }" ;;
      "$AGAIN") failed=$((failed + 1)) ;;
      *)
        kill $! 2>/dev/null
        wait $!
        return 1
        ;;
    esac
  done <"$work/results"
  wait $!
  ended=$?
  [ "$wanted" != ' ' ] || return 0
  case $failed in
    0) CODE=$STORAGE_FAILED REASON="transfers ended with curl's exit code $ended" ;;
    1) ;;
    *) REASON="$REASON (and $((failed - 1)) more)" ;;
  esac
  return $AGAIN
}

# --- curl's settings --------------------------------------------------------------------------------------------------
# common_settings: of all transfers. By HTTP/1.1 each has a connection of its own, which makes them parallel.
common_settings() {
  cat <<END
header = "Authorization: Bearer $(cat "$work/storage.token")"
header = "x-ms-version: 2021-12-02"
proto = "=https"
http1.1
globoff
silent
fail
connect-timeout = 10
speed-limit = 1
speed-time = $stall_seconds
END
}

# settings_of NUMBER: of one file. curl runs in $stage, so that no path has to be quoted, and reports by a line on
# standard error, which it does not buffer.
settings_of() {
  fields_of "$1"
  printf 'url = "%s"\noutput = "%s"\ndump-header = "%s.head"\n' "$storage/$path" "$1" "$1"
  printf 'write-out = "%%{stderr}%s %%{http_code} %%{exitcode} %%{time_total} %%{errormsg}\\n"\n' "$1"
  [ -f "$stage/$1.part" ] || return 0
  # What was cut is continued, but only if the blob is still the one that it is a part of.
  etag=$(header "$stage/$1.part" etag | sed -n 's/^"\([A-Za-z0-9_.:-]*\)"$/\1/p')
  if [ -n "$etag" ]; then printf 'continue-at = -\nheader = "If-Match: \\"%s\\""\n' "$etag"; else drop "$1"; fi
}

# fields_of NUMBER: digest, mode, name and path of a file
fields_of() { IFS=$TAB read -r digest mode _ name path <"$work/$1.entry"; }

# --- transfers --------------------------------------------------------------------------------------------------------
# transfer: gets all files that are wanted
transfer() {
  cd "$stage" || exit
  if curl_reports_all; then
    set --
    for number in $wanted; do set -- "$@" --next --config "$work/transfers.curl" --config "$work/$number.curl"; done
    shift
    exec curl --disable --no-progress-meter --parallel --parallel-max 8 "$@" </dev/null
  fi
  for lane in 0 1 2 3 4 5 6 7; do transfer_lane $lane & done
  wait
}

# curl_reports_all: whether curl, 7.75 or newer, tells how each of several transfers ended
curl_reports_all() {
  version=$(curl --disable --version | sed -n '1s/^curl \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
  [ "${version% *}" -gt 7 ] || [ "${version#* }" -ge 75 ]
}

# transfer_lane LANE: gets every eighth file, each by a curl of its own
transfer_lane() {
  for number in $wanted; do
    if [ $((number % 8)) -ne "$1" ] || stopped; then continue; fi
    report=$(curl --disable --config "$work/transfers.curl" --config "$work/$number.curl" --write-out '%{http_code} %{time_total}' </dev/null)
    error=$?
    echo "$number ${report% *} $error ${report#* } curl's exit code is $error" >&2
  done
}

# --- what came --------------------------------------------------------------------------------------------------------
# settle NUMBER: what the end of its transfer means, as an attempt's result
settle() {
  fields_of "$1"
  case $http_status-$error in
    200-0 | 206-0) accept "$1" ;;
    *-0 | *-22) judge_status "$1" ;;
    *-33)
      drop "$1"
      CODE=$STORAGE_FAILED REASON="'$name': $(host_of "$storage") cannot continue what was cut"
      return $AGAIN
      ;;
    *)
      [ "$http_status" != 200 ] || [ ! -s "$stage/$1" ] || mv "$stage/$1.head" "$stage/$1.part"
      judge_curl "$error" "$storage" "$(shown "$message")"
      set -- $?
      REASON="'$name': $REASON"
      return "$1"
      ;;
  esac
}

# judge_status NUMBER: what an answer without the blob means
# (https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes)
judge_status() {
  said=$(header "$stage/$1.head" x-ms-error-code | tr -cd A-Za-z)
  REASON="'$name': $(host_of "$storage") answered $http_status${said:+ $said} for $path"
  case "$http_status $said" in
    403*AuthorizationPermissionMismatch)
      CODE=$STORAGE_FORBIDDEN REASON="$REASON; the identity ${AZURE_CLIENT_ID} needs the role Storage Blob Data Reader on the container"
      return $AGAIN # a fresh role assignment takes minutes
      ;;
    403*AuthorizationFailure) CODE=$STORAGE_FORBIDDEN REASON="$REASON; the account's network rules keep this cluster out" ;;
    401* | 403*) CODE=$STORAGE_FORBIDDEN REASON="$REASON; the account takes no token of this identity: check its tenant and its authentication settings" ;;
    404*) CODE=$BLOB_MISSING REASON="$REASON; check the container and the path" ;;
    408* | 429* | 5*) CODE=$STORAGE_FAILED && return $AGAIN ;;
    412* | 416*) # it is another blob than the one that was cut
      drop "$1"
      CODE=$STORAGE_FAILED
      return $AGAIN
      ;;
    *) CODE=$STORAGE_FAILED ;;
  esac
  return 1
}

# accept NUMBER: a file has come whole; is it the right one?
accept() {
  head=$stage/$1.head
  [ ! -f "$stage/$1.part" ] || head=$stage/$1.part
  check_digest "$1" "$head" || return
  chmod "$mode" "$stage/$1" || fail $NO_SPACE "cannot write $stage/$1"
  say "files: '$name', $(megabytes "$(wc -c <"$stage/$1")") (${seconds%"${seconds#*.?}"} s)"
}

# check_digest NUMBER HEAD: against the SHA-256 that was given, else the MD5 that was stored with the blob. Wrong once
# may be the network; wrong twice in the same way is the blob.
check_digest() {
  if [ "$digest" != - ]; then
    kind=SHA-256 expected=$digest got=$(sha256 "$stage/$1")
  else
    kind=Content-MD5 expected=$(header "$2" content-md5 | base64 -d 2>/dev/null | od -An -tx1 | tr -d ' \n')
    [ -n "$expected" ] || return 0
    got=$(md5sum <"$stage/$1")
  fi
  got=${got%% *}
  [ "$got" != "$expected" ] || return 0
  drop "$1"
  CODE=$CHECKSUM REASON="'$name': the $kind of what came is $got, not $expected; the blob is another one, or was damaged"
  [ "$got" != "$(cat "$stage/$1.wrong" 2>/dev/null)" ] || return 1
  echo "$got" >"$stage/$1.wrong" || fail $NO_SPACE "cannot write $stage/$1.wrong"
  return $AGAIN
}

# sha256 FILE: by openssl where the image has it, because it uses the processor's instructions: five times as fast as
# sha256sum, which would take longer than the download
sha256() {
  if command -v openssl >/dev/null; then openssl dgst -sha256 -r <"$1"; else sha256sum <"$1"; fi
}

# drop NUMBER: what came of it is of no use
drop() { rm -f "$stage/$1" "$stage/$1.part"; }

put_files() {
  number=0
  while IFS=$TAB read -r _ _ policy name _; do
    number=$((number + 1))
    put "$stage/$number" "$name" "$policy"
  done <"$work/files"
}
