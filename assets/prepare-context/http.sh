# shellcheck shell=sh
# Requests by curl. Secrets reach it in files only.

# http NAME URL [CURL ARGUMENT...]: an attempt to get an answer of whatever status. HTTP_STATUS is that, the body goes
# to $reply, the head to $work/NAME.head.
http() {
  base=$work/$1 target=$2
  shift 2
  HTTP_STATUS=$(curl --disable --silent --show-error --globoff --proto '=https' --connect-timeout 10 \
    --speed-limit 1 --speed-time "$stall_seconds" --output "$reply" --dump-header "$base.head" \
    --write-out '%{http_code}' "$@" --url "$target" </dev/null 2>"$base.err")
  error=$?
  [ "$error" -eq 0 ] || judge_curl "$error" "$target" "$(printable "$base.err")"
}

# judge_curl EXIT_CODE URL MESSAGE: what it means that curl failed, as an attempt's result
# (https://everything.curl.dev/cmdline/exitcode.html)
judge_curl() {
  case $1 in
    23) CODE=$NO_SPACE REASON="cannot store the answer: $3; give the volume more space" ;;
    60 | 77 | 83 | 91) CODE=$SERVER_NOT_TRUSTED REASON="the certificate of $(host_of "$2") is not trusted: $3; mount its authority" ;;
    18 | 56 | 92) CODE=$NETWORK REASON="the answer of $(host_of "$2") broke off: $3" && return $AGAIN ;;
    *) CODE=$NETWORK REASON="no answer from $(host_of "$2"): $3" && return $AGAIN ;;
  esac
  return 1
}

host_of() { printf '%s' "$1" | cut -d / -f 3; }

# header FILE FIELD: a field of an answer's head
header() { tr -d '\r' <"$1" | sed -n "s/^$2: *//Ip" | tail -n 1; }
