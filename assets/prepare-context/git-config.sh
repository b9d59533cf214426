# shellcheck shell=sh
# git's settings for this one clone, the credentials among them.

CR=$(printf '\r')

# A file and not the environment: that can be read in /proc.
write_git_config() {
  prefix=$url
  # Submodules and LFS objects lie beside the repository: everything on its host gets the credentials, nothing else.
  [ "$submodules$lfs" = falsefalse ] || prefix=https://$host/
  case $git_auth in
    basic) authorization="Basic $(basic_credentials)" || exit ;;
    workload-identity) authorization="Bearer $(cat "$work/devops.token")" ;;
    anonymous) authorization='' ;;
  esac
  # In parallel, git would ask git-lfs for objects before it writes .lfsconfig, which says where they are.
  if [ "$lfs" = true ]; then workers=1; else workers=0; fi
  {
    cat <<END
[core]
  hooksPath = /dev/null
[safe]
  directory = *
[protocol]
  allow = never
[protocol "https"]
  allow = always
[http]
  lowSpeedLimit = 1
  lowSpeedTime = $stall_seconds
[gc]
  auto = 0
[maintenance]
  auto = false
[checkout]
  workers = $workers
END
    if [ -n "$authorization" ]; then
      # A redirect would carry the header to another host.
      printf '[http "%s"]\n  extraHeader = "Authorization: %s"\n  followRedirects = false\n' "$prefix" "$authorization"
    fi
    if [ "$lfs" = true ]; then
      printf '[filter "lfs"]\n  process = git-lfs filter-process\n  smudge = git-lfs smudge -- %%f\n  clean = git-lfs clean -- %%f\n  required = true\n'
    fi
  } >"$work/gitconfig" || fail $NO_SPACE "cannot write $work/gitconfig"
  unset GIT_DIR GIT_WORK_TREE GIT_ASKPASS SSH_ASKPASS
  export GIT_CONFIG_GLOBAL="$work/gitconfig" GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 HOME="$work"
}

# basic_credentials: user name and password in the form of HTTP's basic authentication
basic_credentials() {
  folder=${PREPARE_GIT_CREDENTIALS_DIR:-}
  [ -n "$folder" ] || fail $BAD_SETTING 'PREPARE_GIT_AUTH is basic and PREPARE_GIT_CREDENTIALS_DIR is not set'
  secret "$folder/username" && username=$SECRET || username='' # a personal access token needs none
  secret "$folder/password" || fail $GIT_AUTHENTICATION "the mounted Secret has no key 'password' in $(shown "$folder"), or it is empty"
  printf '%s:%s' "$username" "$SECRET" | base64 | tr -d '\n'
}

# secret FILE: SECRET becomes its content without the end of line that editors and echo leave; fails if that is empty
secret() {
  SECRET=$(cat "$1" 2>/dev/null)
  SECRET=${SECRET%"$CR"}
  [ -n "$SECRET" ]
}
