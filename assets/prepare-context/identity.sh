# shellcheck shell=sh
# Tokens of Entra's, for the workload identity that the webhook gave to the pod.

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
