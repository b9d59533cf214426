#!/usr/bin/env bash
# Packs the library and tries the tarball as a stranger would: in an empty project, without cdktf. Needs a compiled
# library. Nothing of the checkout is used by the tried project, save the TypeScript compiler.
set -euo pipefail

cd "$(dirname "$0")/.."
root=$PWD
tsc=$root/node_modules/.bin/tsc

project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT

fail() {
  printf 'check-package: %s\n' "$*" >&2
  exit 1
}

npx --no-install projen package:js >"$project/pack.log" 2>&1 || { cat "$project/pack.log" >&2; fail 'the library cannot be packed'; }
version=$(node -p 'require("./package.json").version')
tarball=$root/dist/js/cdk-kaniko@$version.jsii.tgz
[ -f "$tarball" ] || fail "$tarball was not written"

# --- what is in it ------------------------------------------------------------------------------------------------------
tar -tzf "$tarball" | sed 's|^package/||' | grep -v '^node_modules/yaml/' | sort >"$project/files"

for needed in .jsii LICENSE README.md package.json lib/index.js lib/index.d.ts lib/kubernetes/index.d.ts lib/azure/index.d.ts \
  lib/cli/main.js bin/cdk-kaniko docs/parameters.md assets/prepare-context/prepare-context.sh schema/build-parameters.schema.json \
  assets/pipeline/{install,build,clean-up}.sh templates/azure-pipelines.kaniko-build.yml; do
  grep -Fqx -- "$needed" "$project/files" || fail "the tarball lacks $needed"
done

# Everything else is a stray: tests, examples, sources, settings of an editor.
strays=$(grep -Ev '^(\.jsii|LICENSE|README\.md|API\.md|CHANGELOG\.md|package\.json|bin/cdk-kaniko|assets/([a-z-]+/)?[a-z-]+\.sh|(schema|templates)/[^/]+|docs/[^/]+\.md|lib/.*\.(js|d\.ts)|lib/.*\.generated\..*)$' \
  "$project/files" || true)
[ -z "$strays" ] || fail "the tarball holds files that it should not; see .npmignore:
$strays"

# A module whose source is gone was left behind by an earlier compilation.
while IFS= read -r module; do
  source=src/${module#lib/}
  [ -f "${source%.js}.ts" ] || fail "the tarball holds $module, which has no source; remove lib/ and compile again"
done < <(grep '^lib/.*\.js$' "$project/files")
printf 'check-package: %s files, %s kB packed\n' "$(wc -l <"$project/files")" "$(($(wc -c <"$tarball") / 1000))"

# --- in an empty project ------------------------------------------------------------------------------------------------
mkdir "$project/consumer"
cd "$project/consumer"
printf '{ "name": "consumer", "version": "1.0.0", "private": true }\n' >package.json
npm install --silent --prefer-offline --no-audit --no-fund "$tarball"
for optional in cdktf @cdktf/provider-azurerm; do
  [ ! -e "node_modules/$optional" ] || fail "$optional was installed, though it is optional"
done

npx --no-install cdk-kaniko --help | grep -q '^Usage: cdk-kaniko' || fail 'cdk-kaniko --help shows no usage'
[ "$(npx --no-install cdk-kaniko --version)" = "$version" ] || fail "cdk-kaniko --version is not $version"
cat >build.yaml <<'END'
namespace: builds
repositoryUrl: https://git.contoso.example/images.git
branchName: main
imagePath: app
registry: registry.contoso.example/docker-local
imageName: app
imageTag: "1.0"
END
npx --no-install cdk-kaniko template | cmp - "$root/templates/azure-pipelines.kaniko-build.yml" || fail 'cdk-kaniko template prints another template'
npx --no-install cdk-kaniko synth -f build.yaml -o out >list
grep -q '^kind: Job$' out/kaniko-builds.k8s.yaml || fail 'synth wrote no Job'
printf 'check-package: the command works; synth lists\n'
sed 's/^/  /' list

# --- in TypeScript, all declarations checked ------------------------------------------------------------------------------
cat >main.ts <<'END'
import { App, Chart } from 'cdk8s';
import { BuildChart, BuildContext, KanikoBuild } from 'cdk-kaniko';

const app = new App();
new BuildChart(app, 'builds').addBuild({
  namespace: 'builds', repositoryUrl: 'https://git.contoso.example/images.git', branchName: 'main', imagePath: 'app',
  registry: 'registry.contoso.example/docker-local', imageName: 'app', imageTag: '1.0',
});
new KanikoBuild(new Chart(app, 'chart'), 'build', {
  context: BuildContext.fromGit('https://git.contoso.example/images.git', { branch: 'main' }),
  destinations: ['registry.contoso.example/docker-local/app:1.0'],
});
app.synth();
END
options=(--strict --noEmit --skipLibCheck false --target ES2022 main.ts)
"$tsc" --module node16 --moduleResolution node16 "${options[@]}" || fail 'TypeScript with node16 resolution refuses the package'
"$tsc" --module commonjs --moduleResolution node10 --ignoreDeprecations 6.0 "${options[@]}" || fail 'TypeScript with node10 resolution refuses the package'
printf 'check-package: TypeScript accepts the declarations (node16 and node10 resolution)\n'

"$tsc" --module commonjs --moduleResolution node10 --ignoreDeprecations 6.0 --target ES2022 --outDir js main.ts
node js/main.js
grep -q 'kind: Job' dist/*.yaml || fail 'the compiled consumer wrote no Job'
printf 'check-package: the compiled consumer writes its manifests\n'
