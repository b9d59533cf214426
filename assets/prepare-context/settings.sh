# shellcheck shell=sh
# The settings, all of them checked before anything is done; later steps read the variables that are set here.

TAB=$(printf '\t')

read_settings() {
  retry_seconds=${PREPARE_RETRY_SECONDS:-120}
  stall_seconds=${PREPARE_STALL_SECONDS:-60}
  number PREPARE_RETRY_SECONDS "$retry_seconds"
  number PREPARE_STALL_SECONDS "$stall_seconds"

  context=${PREPARE_CONTEXT_DIR:-}
  case $context in
    /*[!/]*) ;;
    *) fail $BAD_SETTING "PREPARE_CONTEXT_DIR must be the absolute path of the context volume, got '$(shown "$context")'" ;;
  esac
  context=$(cd -P -- "$context" 2>/dev/null && pwd -P) || fail $BAD_SETTING "PREPARE_CONTEXT_DIR is no directory: '$(shown "$PREPARE_CONTEXT_DIR")'"

  directory=$(printf '%s.' "${PREPARE_DIRECTORY:-.}" | tr -s /)
  directory=${directory%.} # the dot has kept a newline at the end from being lost
  directory=${directory#./}
  directory=${directory%/}
  case $directory in
    '' | .) directory=. build_context=$context ;;
    *) relative PREPARE_DIRECTORY "$directory" && build_context=$context/$directory ;;
  esac
  dockerfile=${PREPARE_DOCKERFILE:-}
  [ -z "$dockerfile" ] || relative PREPARE_DOCKERFILE "${dockerfile#./}"

  read_git_settings
  read_file_settings
}

read_git_settings() {
  url=${PREPARE_GIT_URL:-}
  [ -n "$url" ] || return 0
  https PREPARE_GIT_URL "$url"
  host=$authority
  need git

  case "${PREPARE_GIT_BRANCH:+b}${PREPARE_GIT_TAG:+t}${PREPARE_GIT_COMMIT:+c}" in
    b) ref=refs/heads/$PREPARE_GIT_BRANCH what="branch '$PREPARE_GIT_BRANCH'" ;;
    t) ref=refs/tags/$PREPARE_GIT_TAG what="tag '$PREPARE_GIT_TAG'" ;;
    c) ref=$(printf %s "$PREPARE_GIT_COMMIT" | tr A-F a-f) what="commit '$PREPARE_GIT_COMMIT'" ;;
    *) fail $BAD_SETTING "exactly one of PREPARE_GIT_BRANCH, PREPARE_GIT_TAG and PREPARE_GIT_COMMIT must be given" ;;
  esac
  case $ref in
    refs/*) git check-ref-format "$ref" || fail $BAD_SETTING "git allows no such name: $(shown "$what")" ;;
    *[!0-9a-f]*) fail $BAD_SETTING "a commit must be given by its full id of 40 hexadecimal digits, got $(shown "$what")" ;;
    *) [ ${#ref} -eq 40 ] || fail $BAD_SETTING "a commit must be given by its full id of 40 hexadecimal digits, got $what" ;;
  esac

  flag PREPARE_GIT_SPARSE "${PREPARE_GIT_SPARSE:-}" true && sparse=$FLAG
  [ "$directory" != . ] || sparse=false
  flag PREPARE_GIT_SUBMODULES "${PREPARE_GIT_SUBMODULES:-}" false && submodules=$FLAG
  flag PREPARE_GIT_LFS "${PREPARE_GIT_LFS:-}" false && lfs=$FLAG
  [ "$lfs" = false ] || need git-lfs
  flag PREPARE_GIT_KEEP_DIR "${PREPARE_GIT_KEEP_DIR:-}" false && keep_git=$FLAG
  git_auth=${PREPARE_GIT_AUTH:-anonymous}
  case $git_auth in
    anonymous | basic | workload-identity) ;;
    *) fail $BAD_SETTING "PREPARE_GIT_AUTH must be anonymous, basic or workload-identity, got '$(shown "$git_auth")'" ;;
  esac
  [ "$git_auth" != workload-identity ] || need curl
}

# Checks the list of files and leaves it in $work/files.
read_file_settings() {
  storage=${PREPARE_STORAGE_URL:-}
  storage=${storage%/}
  : >"$work/files"
  if [ -z "$storage" ]; then
    [ -z "${PREPARE_FILES:-}" ] || fail $BAD_SETTING "PREPARE_FILES is given without PREPARE_STORAGE_URL"
    return 0
  fi
  need curl
  https PREPARE_STORAGE_URL "$storage"
  case ${storage#"https://$authority"} in
    /?*/*) fail $BAD_SETTING 'PREPARE_STORAGE_URL must end with the container; the path within it belongs to PREPARE_FILES' ;;
    /?*) ;;
    *) fail $BAD_SETTING "PREPARE_STORAGE_URL must name a container: https://<account>.blob.core.windows.net/<container>" ;;
  esac

  line=0
  while IFS= read -r entry; do
    line=$((line + 1))
    [ -n "$entry" ] || continue
    IFS=$TAB read -r digest mode policy name path <<END
$entry
END
    here="PREPARE_FILES, line $line"
    case $digest in
      -) ;;
      *[!0-9A-Fa-f]*) fail $BAD_SETTING "$here: the SHA-256 must be 64 hexadecimal digits or '-'" ;;
      *) [ ${#digest} -eq 64 ] || fail $BAD_SETTING "$here: the SHA-256 must be 64 hexadecimal digits or '-'" ;;
    esac
    [ "$digest" = - ] || command -v openssl >/dev/null || command -v sha256sum >/dev/null ||
      fail $TOOL_MISSING "the image of the init container has neither openssl nor sha256sum to check $here; name an image that has one"
    case $mode in 0644 | 0755) ;; *) fail $BAD_SETTING "$here: the mode must be 0644 or 0755, got '$(shown "$mode")'" ;; esac
    case $policy in keep | overwrite) ;; *) fail $BAD_SETTING "$here: the third field must be keep or overwrite, got '$(shown "$policy")'" ;; esac
    relative "$here: the name" "$name"
    case $path in '' | *[!A-Za-z0-9._~/%!\$\&\(\)*+,\;=:@\'-]*) fail $BAD_SETTING "$here: the blob's path must be percent-encoded, got '$(shown "$path")'" ;; esac
    relative "$here: the blob's path" "$(printf %s "$path" | sed 's/%2[eE]/./g')"
    if cut -f 4 "$work/files" | grep -Fqx -e "$name"; then fail $BAD_SETTING "$here: two files have the name '$name'"; fi
    printf '%s\t%s\t%s\t%s\t%s\n' "$(printf %s "$digest" | tr A-F a-f)" "$mode" "$policy" "$name" "$path" >>"$work/files"
  done <<END
${PREPARE_FILES:-}
END
}
