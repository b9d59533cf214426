# shellcheck shell=sh
# The commit that is built, with as little of the repository as the server can leave out.

clone() {
  if [ "$git_auth" = workload-identity ]; then token devops "$DEVOPS_SCOPE"; fi
  write_git_config
  begin clone "$what of $url"

  # The least first: without the blobs that nobody asked for, without history, all of it.
  if [ "$sparse" = true ]; then ways='partial shallow full'; else ways='shallow full'; fi
  for way in $ways; do
    persist clone clone_attempt && break
    { [ "$status" -eq $CANNOT ] && [ "$way" != full ]; } || fail "$CODE" "$REASON"
    say "clone: the server cannot do a $way fetch ($REASON); fetching more"
  done

  fetched=$(du -sk "$context/.git/objects" | cut -f 1)
  if [ "$keep_git" = false ]; then
    find "$context" -name .git -prune -exec rm -rf {} + || fail $NO_SPACE "cannot remove .git from $context"
  fi
  # A volume with a group hands its setgid bit down to each directory; git knows no such bit.
  find "$context" -type d -user "$(id -u)" -perm -2000 -exec chmod g-s {} +
  finish clone "commit $commit, fetched $(megabytes $((fetched * 1024))), work tree $(megabytes $(($(du -sk "$context" | cut -f 1) * 1024)))"
}

# clone_attempt: one way to get the commit; the volume is emptied of what earlier attempts and runs left, but for what
# is being downloaded beside it.
clone_attempt() {
  find "$context/." ! -name . -prune ! -name "${stage##*/}" -exec rm -rf {} + ||
    fail $NO_SPACE "cannot empty $context"
  : >"$work/git.err"
  { here init --quiet --template= && here config remote.origin.url "$url"; } || { judge_git; return; }

  case "$way $ref" in
    partial*) here fetch --quiet --no-tags --depth 1 --filter=blob:none origin "$ref" ;;
    shallow*) here fetch --quiet --no-tags --depth 1 origin "$ref" ;;
    *refs/*) here fetch --quiet --no-tags origin "$ref" ;;
    *) here fetch --quiet origin '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*' ;;
  esac || { judge_git; return; }
  # A fetch that cannot write its last file does not fail.
  [ -s "$context/.git/FETCH_HEAD" ] || { CODE=$NO_SPACE REASON="cannot write into $context; give the context volume more space"; return 1; }
  case $ref in
    refs/*) commit=$(here rev-parse --verify --quiet 'FETCH_HEAD^{commit}') ;;
    *) commit=$(here rev-parse --verify --quiet "$ref^{commit}") ;;
  esac || { CODE=$GIT_NO_REF REASON="$url has no $what"; return 1; }

  if [ "$sparse" = true ]; then choose_directory || return; fi
  here checkout --quiet --force --detach "$commit" || { judge_git; return; }
  if [ "$submodules" = true ]; then
    here submodule --quiet update --init --recursive --depth 1 -- "$directory" ||
      here submodule --quiet update --init --recursive -- "$directory" || { judge_git; return; }
  fi
}

# here GIT ARGUMENT...
here() { git --literal-pathspecs -C "$context" "$@" </dev/null 2>>"$work/git.err"; }

# choose_directory: only the directory will be checked out, with the attributes of the folders above it. The blobs of
# what is checked out come in one request.
choose_directory() {
  entry=$(here ls-tree "$commit" -- "$directory") || { judge_git; return; }
  CODE=$NO_DIRECTORY
  case ${entry%% *} in
    040000) ;;
    '') REASON="commit $commit has no directory '$directory'"; return 1 ;;
    120000) REASON="'$directory' is a symbolic link in commit $commit; name the directory that it leads to"; return 1 ;;
    160000) REASON="'$directory' is a submodule of commit $commit; turn the sparse clone off"; return 1 ;;
    *) REASON="'$directory' is a file in commit $commit; name its directory"; return 1 ;;
  esac
  { here config core.sparseCheckout true && mkdir -p "$context/.git/info"; } || { judge_git; return; }
  {
    echo '/.gitmodules'
    echo '/.lfsconfig'
    echo '/.gitattributes'
    above=''
    rest=$(printf %s "$directory" | sed 's/[][\\*?]/\\&/g')
    while [ "$rest" != "${rest#*/}" ]; do
      above=$above/${rest%%/*}
      rest=${rest#*/}
      printf '%s/.gitattributes\n' "$above" # not echo: dash's takes a backslash for an escape
    done
    printf '%s/%s/\n' "$above" "$rest"
  } >"$context/.git/info/sparse-checkout" || fail $NO_SPACE "cannot write into $context"
}

# judge_git: what git's last failure means, as an attempt's result
judge_git() {
  REASON=$(printable "$work/git.err")
  case $(tail -c 4000 "$work/git.err") in
    # git often does not say why it could not write.
    *'No space left on device'* | *'Disk quota exceeded'* | *'unable to write'* | *"couldn't write"*)
      CODE=$NO_SPACE REASON="$REASON; give the context volume more space"
      ;;
    *'smudge filter lfs failed'* | *"'git-lfs filter-process' failed"* | *'Smudge error'*)
      CODE=$LFS_FAILED REASON="an object of Git LFS could not be fetched: $REASON"
      ;;
    *"couldn't find remote ref"*)
      CODE=$GIT_NO_REF REASON="$url has no $what"
      ;;
    *'Authentication failed'* | *'could not read Username'* | *'could not read Password'* | *'returned error: 401'* | *'returned error: 403'*)
      CODE=$GIT_AUTHENTICATION REASON="$host refused to let us read ($git_auth authentication): $REASON; check the credentials, and that they may read $url"
      ;;
    *"repository '"*"' not found"*)
      CODE=$GIT_NOT_FOUND REASON="there is no repository $url, or these credentials ($git_auth) may not see it"
      ;;
    *'returned error: 30'*)
      CODE=$GIT_NOT_FOUND REASON="$url has moved: $REASON; give its present url, since credentials follow no redirect"
      ;;
    *'SSL certificate problem'* | *'certificate verification failed'* | *'no alternative certificate subject name'* | *'certificate subject name'*)
      CODE=$SERVER_NOT_TRUSTED REASON="the certificate of $host is not trusted: $REASON; mount its authority"
      ;;
    *'returned error: 5'* | *'returned error: 429'* | *'RPC failed; HTTP 5'* | *'RPC failed; curl'* | *'Could not resolve host'* | *'Failed to connect'* | \
      *'onnection timed out'* | *'onnection reset'* | *'onnection refused'* | *'Operation too slow'* | *'Empty reply'* | *'early EOF'* | \
      *'unexpected disconnect'* | *'hung up unexpectedly'* | *'TLS connection was non-properly terminated'* | *'Connect error'*)
      CODE=$NETWORK REASON="no answer from $host: $REASON"
      return $AGAIN
      ;;
    *"not our ref"* | *'unadvertised object'*)
      CODE=$GIT_NO_REF REASON="$url does not give $what: $REASON"
      return $CANNOT
      ;;
    *)
      CODE=$GIT_FAILED REASON="git failed: $REASON"
      return $CANNOT
      ;;
  esac
  return 1
}
