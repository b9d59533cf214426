# shellcheck shell=sh
# Binary files from Azure Blob Storage.

# Gets all files into $stage/<line>, up to eight at a time.
download() {
  token storage "$STORAGE_SCOPE"
  printf 'header = "Authorization: Bearer %s"\nheader = "x-ms-version: 2021-12-02"\n' "$(cat "$work/storage.token")" >"$work/storage.curl"
  total=$(grep -c . "$work/files")
  begin files "$total from $storage"
  workers=''
  while [ "$total" -gt 0 ] && [ "${#workers}" -lt 8 ]; do
    fetch_files &
    workers=$workers.
    set -- "$@" "$!"
    total=$((total - 1))
  done
  result=0
  for worker in "$@"; do
    wait "$worker" || result=$?
  done
  [ "$result" -eq 0 ] || exit "$result"
  finish files "$(grep -c . "$work/files") from $storage"
}

# One of the workers: takes the next file that nobody has taken until there is none.
fetch_files() {
  number=0
  while IFS=$TAB read -r digest mode _ name path; do
    number=$((number + 1))
    ! stopped || return 0
    mkdir "$stage/$number.taken" 2>/dev/null || continue
    reply=$stage/$number got=''
    now
    STARTED=$NOW
    persist "files: '$name'" fetch_attempt "$number" || fail "$CODE" "file '$name': $REASON"
    chmod "$mode" "$reply" || fail $NO_SPACE "cannot write $reply"
    finish files "'$name', $(megabytes "$(wc -c <"$reply")")"
  done <"$work/files"
}

# https://learn.microsoft.com/rest/api/storageservices/get-blob
fetch_attempt() {
  http "blob$1" "$storage/$path" --config "$work/storage.curl" || return
  error=$(header "blob$1" x-ms-error-code | tr -cd A-Za-z)
  REASON="$(host_of "$storage") answered $HTTP_STATUS${error:+ $error} for $path"
  case "$HTTP_STATUS $error" in
    200*) check_digest "$1" ;;
    403*AuthorizationPermissionMismatch)
      CODE=$STORAGE_FORBIDDEN REASON="$REASON; the identity ${AZURE_CLIENT_ID} needs the role Storage Blob Data Reader on the container"
      return $AGAIN # a fresh role assignment takes minutes
      ;;
    403*AuthorizationFailure) CODE=$STORAGE_FORBIDDEN REASON="$REASON; the account's network rules keep this cluster out" && return 1 ;;
    401* | 403*) CODE=$STORAGE_FORBIDDEN REASON="$REASON; the account takes no token of this identity: check its tenant and its authentication settings" && return 1 ;;
    404*) CODE=$BLOB_MISSING REASON="$REASON; check the container and the path" && return 1 ;;
    408* | 429* | 5*) CODE=$STORAGE_FAILED && return $AGAIN ;;
    *) CODE=$STORAGE_FAILED && return 1 ;;
  esac
}

# check_digest NUMBER: against the SHA-256 that was given, else the MD5 that was stored with the blob. Wrong once may be
# the network; wrong twice in the same way is the blob.
check_digest() {
  before=$got
  if [ "$digest" != - ]; then
    kind=SHA-256 wanted=$digest got=$(sha256 "$reply")
  else
    kind=Content-MD5 wanted=$(header "blob$1" content-md5 | base64 -d 2>/dev/null | od -An -tx1 | tr -d ' \n')
    [ -n "$wanted" ] || return 0
    got=$(md5sum <"$reply" | cut -c 1-32)
  fi
  [ "$got" != "$wanted" ] || return 0
  CODE=$CHECKSUM REASON="the $kind of what came is $got, not $wanted; the blob is another one, or was damaged"
  [ "$got" = "$before" ] && return 1
  return $AGAIN
}

# sha256 FILE: by openssl where the image has it, because it uses the processor's instructions: five times as fast as
# sha256sum, which would take longer than the download
sha256() {
  if command -v openssl >/dev/null; then openssl dgst -sha256 -r <"$1"; else sha256sum <"$1"; fi | cut -c 1-64
}

put_files() {
  number=0
  while IFS=$TAB read -r _ _ policy name _; do
    number=$((number + 1))
    put "$stage/$number" "$name" "$policy"
  done <"$work/files"
}
