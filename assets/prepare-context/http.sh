# shellcheck shell=sh
# Requests by curl.

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
