# shellcheck shell=sh
# apt's files for a Debian mirror.

# The files that kaniko's container mounts over those in /etc/apt, so that a plain Dockerfile installs from a mirror
# and the password stays out of the image. They are readable for all, because apt reads as a user of its own.
apt_files() {
  [ -n "${PREPARE_APT_SOURCES:-}" ] || return 0
  begin apt 'writing its files'
  apt=${PREPARE_APT_DIR:-}
  [ -d "$apt" ] || fail $BAD_SETTING "PREPARE_APT_SOURCES is given and PREPARE_APT_DIR is no directory: '$(shown "$apt")'"

  : >"$work/apt.hosts"
  line=0
  while IFS= read -r source; do
    line=$((line + 1))
    [ -n "$source" ] || continue
    apt_host "$source" >>"$work/apt.hosts" || exit
  done <<END
$PREPARE_APT_SOURCES
END

  : >"$work/apt.conf"
  if [ -n "${PREPARE_APT_CREDENTIALS_DIR:-}" ]; then
    apt_secret username
    username=$SECRET
    apt_secret password
    sort -u "$work/apt.hosts" | while IFS= read -r machine; do
      printf 'machine %s\nlogin %s\npassword %s\n' "$machine" "$username" "$SECRET"
    done >"$work/apt.conf"
  fi

  rm -rf "$apt/auth.conf.d" "$apt/sources.list.d" "$apt/apt.conf.d" "$apt/sources.list" # of an earlier run
  {
    mkdir "$apt/auth.conf.d" "$apt/sources.list.d" "$apt/apt.conf.d" &&
      : >"$apt/sources.list" &&
      printf '%s\n' "$PREPARE_APT_SOURCES" >"$apt/sources.list.d/mirror.list" &&
      cat "$work/apt.conf" >"$apt/auth.conf.d/mirror.conf" &&
      apt_settings >"$apt/apt.conf.d/90mirror"
  } || fail $NO_SPACE "cannot write into $apt"
  finish apt "$(sort -u "$work/apt.hosts" | tr '\n' ' ')"
}

# apt_settings: apt trusts what kaniko trusts, which is at the same path in its container
apt_settings() {
  [ -z "${PREPARE_TRUST_DIR:-}" ] || printf 'Acquire::https::CAInfo "%s/ca-certificates.crt";\n' "$PREPARE_TRUST_DIR"
}

# apt_host SOURCE: the host of a line of apt's sources, after the line was checked. It prints no url: that may hold a
# password.
apt_host() {
  case $1 in *[[:cntrl:]]*) fail $APT_INVALID "PREPARE_APT_SOURCES, line $line has a control character" ;; esac
  entry=$(printf '%s\n' "$1" | sed -n 's/^deb\(-src\)\{0,1\}  *\(\[[^]]*\]  *\)\{0,1\}\([^ ][^ ]*\)  *[^ ].*$/\3/p')
  [ -n "$entry" ] || fail $APT_INVALID "PREPARE_APT_SOURCES, line $line is not of the form: deb [options] https://host/path suite component"
  authority=${entry#https://}
  [ "$authority" != "$entry" ] || fail $APT_INVALID "PREPARE_APT_SOURCES, line $line: the url must begin with https://, or apt sends the password to nobody"
  authority=${authority%%/*}
  case $authority in
    *@*) fail $APT_INVALID "PREPARE_APT_SOURCES, line $line has credentials in its url; take them out and give them by a Secret" ;;
    '' | *[!A-Za-z0-9.:-]*) fail $APT_INVALID "PREPARE_APT_SOURCES, line $line has no valid host" ;;
  esac
  printf '%s\n' "$authority"
}

# apt_secret KEY: SECRET becomes what the Secret holds; apt's file has no way to quote
apt_secret() {
  secret "$PREPARE_APT_CREDENTIALS_DIR/$1" || fail $APT_INVALID "the mounted Secret has no key '$1' in $(shown "$PREPARE_APT_CREDENTIALS_DIR"), or it is empty"
  case $SECRET in *[[:space:][:cntrl:]]*) fail $APT_INVALID "the key '$1' of the Secret for apt has white space in it, which apt cannot read" ;; esac
}
