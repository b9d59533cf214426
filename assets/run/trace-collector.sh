#!/busybox/sh
# Receives kaniko's trace beside it in its pod, and prints it into the log of its own container, where a client finds it:
# `cdk-kaniko run --report` adds this container (src/cli/run/trace). It needs /busybox of kaniko's -debug image.
#
# Each request's body becomes lines "trace <number> <base64>", and at last "trace <number> ." : a log line may not be long.
set -u

# kaniko sends to /cgi-bin/traces: httpd runs programs of this folder and no others.
mkdir -p /tmp/cgi-bin
cat >/tmp/cgi-bin/traces <<'CGI'
#!/busybox/sh
export PATH=/busybox
head -c "$CONTENT_LENGTH" | base64 -w 4000 | while read -r line || [ -n "$line" ]; do echo "trace $$ $line"; done >&2
echo "trace $$ ." >&2
printf 'Content-Type: application/x-protobuf\r\n\r\n'
CGI
chmod 0755 /tmp/cgi-bin/traces

# The first process of a container gets no signal that it has no handler for, and would be waited for.
trap 'exit 0' TERM
httpd -f -p 127.0.0.1:4318 -h /tmp &
# Whatever becomes of httpd, the build goes on.
while :; do sleep 3600 & wait $!; done
