#!/usr/bin/env bash
# Gets credentials of the cluster into a file of their own and builds. Run by AzureCLI@2, which is logged in.
#
# SUBSCRIPTION, RESOURCE_GROUP, KUBERNETES_CLUSTER  the cluster
# AGENT_TEMPDIRECTORY                               the agent's; its folder cdk-kaniko holds the package and build.json
set -euo pipefail
folder=$AGENT_TEMPDIRECTORY/cdk-kaniko
# AzureCLI@2 ends at a cancellation without a word to its script; clean-up.sh passes it on to this process, which becomes
# the build's.
printf '%d\n' $$ >"$folder/pid"

export KUBECONFIG=$folder/kubeconfig
az aks get-credentials --subscription="$SUBSCRIPTION" --resource-group="$RESOURCE_GROUP" --name="$KUBERNETES_CLUSTER" \
  --file="$KUBECONFIG" --overwrite-existing --only-show-errors
kubelogin convert-kubeconfig --kubeconfig="$KUBECONFIG" --login=azurecli
exec "$folder/node_modules/.bin/cdk-kaniko" run -f "$folder/build.json" \
  --report "$folder/result.json" --report "$folder/container-image.md"
