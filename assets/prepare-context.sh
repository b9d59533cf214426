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
set -u
umask 022
export LC_ALL=C

# --- exit codes, one a cause (the table with remedies: docs/prepare-context.md) --------------------------------------
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

TAB=$(printf '\t')
CR=$(printf '\r')

# --- speaking ---------------------------------------------------------------------------------------------------------
say() { printf 'prepare-context: %s\n' "$*" | harmless; }

# harmless: names come from outside, and an agent that follows the log takes ##vso[...] and ##[...] for its commands
harmless() { sed 's/##/# #/g'; }

# now: NOW becomes a time in hundredths of a second (date has whole seconds only in BusyBox)
now() {
  read -r uptime _ </proc/uptime
  NOW=$((${uptime%.*} * 100 + 1${uptime#*.} - 100))
}

# begin STEP TEXT: a step starts
begin() {
  now
  STARTED=$NOW
  say "$1: $2 ..."
}

# finish STEP TEXT: the step that began last in this shell is done
finish() {
  now
  say "$1: $2 ($(decimal $(((NOW - STARTED) / 10))) s)"
}

# decimal TENTHS
decimal() { printf '%d.%d' $(($1 / 10)) $(($1 % 10)); }

# megabytes BYTES
megabytes() { printf '%s MB' "$(decimal $((($1 + 99999) / 100000)))"; }

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

# persist STEP FUNCTION [ARGUMENT...]: runs it until it succeeds, fails for good, or its failures lasted
# PREPARE_RETRY_SECONDS. Returns what the last attempt did.
persist() {
  step=$1
  shift
  pause=1
  now
  give_up=$((NOW + retry_seconds * 100))
  while :; do
    "$@"
    status=$?
    now
    if [ "$status" -ne "$AGAIN" ] || [ $((NOW + pause * 100)) -gt "$give_up" ] || stopped; then return "$status"; fi
    say "$step: $REASON; trying again in $pause s"
    sleep "$pause"
    pause=$((pause * 2))
    [ "$pause" -le 15 ] || pause=15
  done
}

# stopped: whether another part of the script has failed, so that this one need not go on
stopped() { [ -s "$work/errors" ] || ! [ -d "$work" ]; }

# --- settings ---------------------------------------------------------------------------------------------------------
# flag NAME VALUE DEFAULT: FLAG becomes true or false
flag() {
  FLAG=${2:-$3}
  case $FLAG in true | false) ;; *) fail $BAD_SETTING "$1 must be true or false, got '$(shown "$2")'" ;; esac
}

# shown VALUE: a value as it may stand in a message
shown() { printf '%s' "$1" | tr -c '\40-\176\200-\377' '?' | cut -c 1-200; }

# relative NAME PATH: refuses a path that could lead out of the folder it is meant for
relative() {
  case $2 in
    '') fail $BAD_SETTING "$1 is empty" ;;
    *[[:cntrl:]]*) fail $BAD_SETTING "$1 has a control character: '$(shown "$2")'" ;;
    /*) fail $BAD_SETTING "$1 must be relative, got '$2'" ;;
  esac
  case "/$2/" in
    */../* | */./* | *//*) fail $BAD_SETTING "$1 must be a plain path without '.', '..' or an empty part, got '$2'" ;;
    */.git/*) fail $BAD_SETTING "$1 must not lie in .git, got '$2'" ;;
  esac
}

# https NAME URL: refuses what is no plain https url. It does not print the url, which may hold a password.
https() {
  case $2 in
    https://*) ;;
    *) fail $BAD_SETTING "$1 must begin with https://" ;;
  esac
  case $2 in *[!A-Za-z0-9._~:/%@!\$\&\(\)*+,\;=-]*) fail $BAD_SETTING "$1 has a character that a url does not have, or a query; write spaces as %20" ;; esac
  authority=${2#https://}
  authority=${authority%%/*}
  case $authority in
    '') fail $BAD_SETTING "$1 has no host" ;;
    *@*) fail $BAD_SETTING "$1 has a user name before the host; leave out everything up to the @ and give credentials by a Secret" ;;
  esac
}

# number NAME VALUE
number() { case $2 in '' | *[!0-9]*) fail $BAD_SETTING "$1 must be a whole number of seconds, got '$(shown "$2")'" ;; esac; }

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

# need TOOL
need() {
  command -v "$1" >/dev/null || fail $TOOL_MISSING "the image of the init container has no $1; name an image that has it"
}

# --- trust ------------------------------------------------------------------------------------------------------------
# Joins the image's authorities with the mounted ones, for git, curl, kaniko and the Dockerfile.
trust() {
  begin trust 'joining the authorities'
  bundle=$work/ca-certificates.crt
  : >"$bundle"
  for own in /etc/ssl/certs/ca-certificates.crt /etc/ssl/cert.pem /etc/pki/tls/certs/ca-bundle.crt; do
    [ -s "$own" ] || continue
    { cat "$own" && echo; } >"$bundle" || fail $NO_SPACE "cannot write $bundle"
    break
  done

  mounted=0
  if [ -n "${PREPARE_CERTIFICATES_DIR:-}" ]; then
    for file in "$PREPARE_CERTIFICATES_DIR"/*/*; do
      [ -f "$file" ] || continue # a folder, or the pattern itself where nothing matches
      certificates "$file" >"$work/certificates" ||
        fail $CERTIFICATE_INVALID "$(shown "$file"): $(tail -n 1 "$work/certificates"); mount certificates of authorities as PEM"
      cat "$work/certificates" >>"$bundle" || fail $NO_SPACE "cannot write $bundle"
      mounted=$((mounted + 1))
    done
    [ "$mounted" -gt 0 ] || fail $CERTIFICATE_INVALID "no certificate is mounted below $(shown "$PREPARE_CERTIFICATES_DIR"); check the names of the ConfigMap or Secret and of its key"
  fi
  [ -s "$bundle" ] || fail $CERTIFICATE_INVALID 'the image has no authorities of its own and none are mounted'

  if [ -n "${PREPARE_TRUST_DIR:-}" ]; then
    { cp "$bundle" "$PREPARE_TRUST_DIR/ca-certificates.crt" && chmod 0644 "$PREPARE_TRUST_DIR/ca-certificates.crt"; } ||
      fail $NO_SPACE "cannot write $(shown "$PREPARE_TRUST_DIR")/ca-certificates.crt"
  fi
  export GIT_SSL_CAINFO="$bundle" CURL_CA_BUNDLE="$bundle"
  finish trust "$(grep -c BEGIN "$bundle") authorities, $mounted mounted files"
}

# certificates FILE: the certificates of a PEM file and nothing else. Fails with the reason as the last line where
# something is wrong; a program given a broken bundle would trust nobody and not say why. Each block must be base64
# and its outer DER length that of the data, which shows a file that was cut.
certificates() {
  awk '
    function bad(why) { print why; failed = 1; exit 1 }
    function value(n) { return index("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", substr(body, n, 1)) - 1 }
    { sub(/\r$/, ""); sub(/[ \t]+$/, "") }
    /-----BEGIN / {
      if ($0 ~ /PRIVATE KEY/) bad("line " NR ": a private key does not belong here")
      if (inside || $0 != "-----BEGIN CERTIFICATE-----") bad("line " NR ": expected -----BEGIN CERTIFICATE----- alone on its line")
      inside = 1; body = ""; text = $0 "\n"; next
    }
    /-----END / {
      if (!inside || $0 != "-----END CERTIFICATE-----") bad("line " NR ": expected -----END CERTIFICATE----- alone on its line, after a BEGIN")
      size = length(body) * 3 / 4; if (body ~ /=$/) size--; if (body ~ /==$/) size--
      tag = value(1) * 4 + int(value(2) / 16)
      form = value(2) % 16 * 16 + int(value(3) / 4)
      first = value(3) % 4 * 64 + value(4)
      second = value(5) * 4 + int(value(6) / 16)
      length_ok = form == 130 ? size == first * 256 + second + 4 : form == 129 && size == first + 3
      if (tag != 48 || !length_ok) bad("line " NR ": the certificate that ends here is cut or damaged")
      printf "%s%s\n", text, $0; inside = 0; count++; next
    }
    inside && $0 != "" {
      if ($0 !~ /^[A-Za-z0-9+\/]+=?=?$/) bad("line " NR ": not base64")
      body = body $0; text = text $0 "\n"
    }
    END {
      if (failed) exit 1
      if (inside) bad("the last certificate has no end")
      if (!count) bad("no certificate in PEM form in it")
    }' "$1"
}

# --- requests ---------------------------------------------------------------------------------------------------------
# http NAME URL [CURL ARGUMENT...]: an attempt to get an answer of whatever status. HTTP_STATUS is that, the body goes
# to $reply, the head to $work/NAME.head. Secrets reach curl in files only.
http() {
  base=$work/$1 target=$2
  shift 2
  HTTP_STATUS=$(curl --disable --silent --show-error --globoff --proto '=https' --connect-timeout 10 \
    --speed-limit 1 --speed-time "$stall_seconds" --output "$reply" --dump-header "$base.head" \
    --write-out '%{http_code}' "$@" --url "$target" </dev/null 2>"$base.err")
  case $? in
    0) return 0 ;;
    23) CODE=$NO_SPACE REASON="cannot store the answer: $(printable "$base.err"); give the volume more space" ;;
    60 | 77 | 83 | 91) CODE=$SERVER_NOT_TRUSTED REASON="the certificate of $(host_of "$target") is not trusted: $(printable "$base.err"); mount its authority" ;;
    *)
      CODE=$NETWORK REASON="no answer from $(host_of "$target"): $(printable "$base.err")"
      return $AGAIN
      ;;
  esac
  return 1
}

host_of() { printf '%s' "$1" | cut -d / -f 3; }

# header NAME FIELD: a field of the answer's head
header() { tr -d '\r' <"$work/$1.head" | sed -n "s/^$2: *//Ip" | tail -n 1; }

# --- identity ---------------------------------------------------------------------------------------------------------
STORAGE_SCOPE=https://storage.azure.com/.default
DEVOPS_SCOPE=499b84ac-1321-427f-aa17-267ca6975798/.default # Azure DevOps, the same in every tenant

# token NAME SCOPE: exchanges the pod's federated token for one of Entra's, into $work/NAME.token
token() {
  begin identity "asking for a token for $1"
  injected AZURE_CLIENT_ID "${AZURE_CLIENT_ID:-}"
  injected AZURE_TENANT_ID "${AZURE_TENANT_ID:-}"
  injected AZURE_FEDERATED_TOKEN_FILE "${AZURE_FEDERATED_TOKEN_FILE:-}"
  injected AZURE_AUTHORITY_HOST "${AZURE_AUTHORITY_HOST:-}"
  https AZURE_AUTHORITY_HOST "$AZURE_AUTHORITY_HOST"
  [ -s "$AZURE_FEDERATED_TOKEN_FILE" ] || fail $IDENTITY_MISSING "AZURE_FEDERATED_TOKEN_FILE names no file with a token: $(shown "$AZURE_FEDERATED_TOKEN_FILE")"
  reply=$work/$1.reply
  persist identity token_attempt "$1" "$2" || fail "$CODE" "no token for $1: $REASON"
  finish identity "token for $1"
}

# injected NAME VALUE: a variable that the workload identity webhook sets
injected() {
  [ -n "$2" ] || fail $IDENTITY_MISSING "$1 is not set, so the pod has no workload identity; it needs the label azure.workload.identity/use: \"true\" and a service account annotated with azure.workload.identity/client-id"
}

# https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
token_attempt() {
  tr -d '\r\n' <"$AZURE_FEDERATED_TOKEN_FILE" >"$work/$1.assertion" # read each time: the kubelet renews it
  http "$1" "${AZURE_AUTHORITY_HOST%/}/$AZURE_TENANT_ID/oauth2/v2.0/token" \
    --data-urlencode "client_id=$AZURE_CLIENT_ID" --data-urlencode "scope=$2" --data grant_type=client_credentials \
    --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
    --data-urlencode "client_assertion@$work/$1.assertion" || return
  if [ "$HTTP_STATUS" = 200 ]; then
    sed -n 's/.*"access_token" *: *"\([A-Za-z0-9._~+\/=-]*\)".*/\1/p' "$reply" | tr -d '\n' >"$work/$1.token"
    [ -s "$work/$1.token" ] && return
  fi
  said=$(sed -n 's/.*"error_description" *: *"\([^"]*\)".*/\1/p' "$reply" >"$reply.said" && printable "$reply.said")
  REASON="$(host_of "$AZURE_AUTHORITY_HOST") answered $HTTP_STATUS ${said:-without a reason}"
  case "$HTTP_STATUS $said" in
    # A fresh identity or federated credential takes a while to be known everywhere.
    *AADSTS70021:* | *AADSTS700211:* | *AADSTS700213:* | *AADSTS700016:*)
      CODE=$IDENTITY_NOT_FEDERATED
      REASON="$REASON; give the identity a federated credential with this cluster's issuer and the subject system:serviceaccount:<namespace>:<service account>"
      return $AGAIN
      ;;
    429* | 5*) CODE=$NETWORK ;;
    *) CODE=$IDENTITY_REFUSED && return 1 ;;
  esac
  return $AGAIN
}

# --- git --------------------------------------------------------------------------------------------------------------
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

# The settings of git, the credentials among them. A file and not the environment: that can be read in /proc.
write_git_config() {
  prefix=$url
  # Submodules and LFS objects lie beside the repository: everything on its host gets the credentials, nothing else.
  [ "$submodules$lfs" = falsefalse ] || prefix=https://$host/
  case $git_auth in
    basic) authorization="Basic $(basic_credentials)" || exit ;;
    workload-identity) authorization="Bearer $(cat "$work/devops.token")" ;;
    anonymous) authorization='' ;;
  esac
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
  workers = 0
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

# --- the work tree ----------------------------------------------------------------------------------------------------
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

# --- binary files -----------------------------------------------------------------------------------------------------
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

# --- apt --------------------------------------------------------------------------------------------------------------
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

# --- the whole --------------------------------------------------------------------------------------------------------
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
now
say "done in $(decimal $(((NOW - BEGAN) / 10))) s" | tee "$work/summary"
