# Installs cdk-kaniko into a folder that the agent empties after the job. Its text is part of the template.
#
# PACKAGE_VERSION  the version to install
# PACKAGE_FOLDER   where set, a folder of the repository with the packages as .tgz
# NPM_REGISTRY     where set, the registry to install from
# NPMRC_FILE       where set, the repository's .npmrc, which npmAuthenticate@0 has filled in
#
# What is empty may not arrive at all.
set -euo pipefail
if [ -n "${NPM_REGISTRY:-}" ]; then export NPM_CONFIG_REGISTRY=$NPM_REGISTRY; fi
if [ -n "${NPMRC_FILE:-}" ]; then export NPM_CONFIG_USERCONFIG=$BUILD_SOURCESDIRECTORY/$NPMRC_FILE; fi
packages=("cdk-kaniko@$PACKAGE_VERSION")
if [ -n "${PACKAGE_FOLDER:-}" ]; then
  packages=("$BUILD_SOURCESDIRECTORY/$PACKAGE_FOLDER"/*.tgz)
  if [ ! -e "${packages[0]}" ]; then
    printf 'packageFolder: the repository has no .tgz in "%s"; put the packages there\n' "$PACKAGE_FOLDER" >&2
    exit 1
  fi
fi
folder=$AGENT_TEMPDIRECTORY/cdk-kaniko
mkdir -p "$folder"
npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund "${packages[@]}"
