# shellcheck shell=sh
# Writing into the work tree, which is other people's: nothing leads out of it.

# Checks that the build's directory and Dockerfile are there, and in the context and nowhere else.
check_context() {
  [ -d "$build_context" ] || fail $NO_DIRECTORY "there is no directory '$directory' in the context"
  inside "$(cd -P -- "$build_context" && pwd -P)" || fail $UNSAFE_PATH "'$directory' leads out of the context by a symbolic link"
  [ -n "$dockerfile" ] || return 0
  [ -f "$build_context/$dockerfile" ] || fail $NO_DOCKERFILE "there is no file '$dockerfile' in '$directory'; give its path relative to that directory"
  inside "$(readlink -f -- "$build_context/$dockerfile")" || fail $UNSAFE_PATH "'$dockerfile' leads out of the context by a symbolic link"
}

# inside PATH: whether a resolved path is the context or below it
inside() { case $1/ in "$context"/*) ;; *) return 1 ;; esac; }

# put FILE PATH keep|overwrite: moves a file of ours to a path below the build's directory. It follows no symbolic
# link: the work tree is other people's.
put() {
  file=$1 above=$build_context rest=$2
  while [ "$rest" != "${rest#*/}" ]; do
    above=$above/${rest%%/*}
    rest=${rest#*/}
    [ ! -L "$above" ] || fail $UNSAFE_PATH "'$2' cannot be put into the context: '${above#"$context/"}' is a symbolic link"
    [ -d "$above" ] || mkdir "$above" || fail $FILE_EXISTS "'$2' cannot be put into the context: '${above#"$context/"}' is no directory"
  done
  target=$above/$rest
  [ ! -L "$target" ] || fail $UNSAFE_PATH "'$2' cannot be put into the context: a symbolic link is in its place"
  [ ! -d "$target" ] || fail $FILE_EXISTS "'$2' cannot be put into the context: a directory is in its place"
  if [ -e "$target" ] && [ "$3" = keep ] && ! cmp -s "$file" "$target"; then
    fail $FILE_EXISTS "'$2' is in the context already, with another content; give the file another name, or allow that it overwrites"
  fi
  mv -f "$file" "$target" || fail $NO_SPACE "cannot write $target"
}

# Puts the authorities where a Dockerfile can COPY them from. Without mounted ones there is nothing to add to what the
# repository may have there.
put_certificates() {
  if [ "$mounted" -eq 0 ] && { [ -L "$build_context/certs" ] || [ -e "$build_context/certs/ca-certificates.crt" ]; }; then return 0; fi
  cp "$bundle" "$stage/ca-certificates.crt" || fail $NO_SPACE "cannot write into $context"
  put "$stage/ca-certificates.crt" certs/ca-certificates.crt overwrite
}
