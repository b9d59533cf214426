# shellcheck shell=sh
# The authorities that everything in the pod trusts.

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
