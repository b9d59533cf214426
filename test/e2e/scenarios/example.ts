/**
 * The example in TypeScript (examples/build-agent), synthesized by `cdk8s synth` and applied as it is, where all that it
 * names exists.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { KanikoImage } from '../../../src/kubernetes';
import { Executor } from '../cluster/binaries';
import { debianImage } from '../cluster/images';
import { Environment } from '../environment';
import { currentSandbox } from '../sandbox';
import { Scenario } from '../scenario';
import { PACKAGE, Packages } from '../services/packages';
import { CLIENT_ID, Team } from '../team';

const CHECKOUT = resolve(__dirname, '../../..');
const EXAMPLE = join(CHECKOUT, 'examples/build-agent');
const NAMESPACE = 'winddata-dev';
const SERVICE_ACCOUNT = 'wdap-cicd-identity';
const BINARIES = ['kubectl', 'kubelogin'];

export const example: Scenario = {
  name: 'example',
  trials: environment => [
    { title: 'is built from what cdk8s synth makes of main.ts', executor: environment.newest, run: () => build(environment) },
  ],
};

async function build(environment: Environment): Promise<void> {
  const team = await makeWhatTheExampleNames(environment);
  await environment.kubectl.applyFile(await synth(environment.newest));
  const built = await team.wait('build-agent-python-311-42');
  assert.ok(built.succeeded, await team.describe(built));
  const image = await environment.services.registry.pull('docker-local/build-agent:python-311-42');
  assert.equal(built.kaniko!.message, image.digest, 'the digest in the pod\'s status is that of the pushed image');
  for (const path of [...BINARIES.map(name => `usr/local/bin/${name}`), PACKAGE.program]) assert.ok(image.file(path), `${path} is in the image`);
}

/** What somebody has who follows the example; its Dockerfile installs our one package from our mirror. */
async function makeWhatTheExampleNames(environment: Environment): Promise<Team> {
  const { kubectl, services } = environment;
  const team = await Team.create(environment, 'example', SERVICE_ACCOUNT, { namespace: NAMESPACE });
  await kubectl.run('annotate', `--namespace=${NAMESPACE}`, `serviceaccount/${SERVICE_ACCOUNT}`, `azure.workload.identity/client-id=${CLIENT_ID}`);
  await kubectl.apply({
    apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'contoso-authorities', namespace: NAMESPACE }, data: { 'contoso.crt': services.authority.certificate },
  });
  await team.secret('jfrog-docker', { '.dockerconfigjson': services.registry.dockerConfig() }, 'kubernetes.io/dockerconfigjson');
  await team.secret('jfrog-credentials', { 'jfrog-deb-user': services.packagesLogin.username, 'jfrog-deb-secret': services.packagesLogin.password });
  await services.registry.push(debianImage(), 'docker-remote/debian:bookworm-slim');
  services.readers.add(`${CLIENT_ID} bin`);
  for (const name of BINARIES) await services.putBlob(`k8s/${name}`, '#!/bin/sh\n');
  const dockerfile = readFileSync(join(EXAMPLE, 'python-311.Dockerfile'), 'utf8')
    .replace('registry.contoso.example/artifactory/remote-debian/debian', Packages.URL.replace('https://', ''))
    .replace('python3', PACKAGE.name);
  services.repository('images').repository.commit({ 'k8s/images/build-agent/python-311.Dockerfile': dockerfile });
  return team;
}

/** `cdk8s synth` in a project that has the library installed. @returns the manifest's path */
async function synth(executor: Executor): Promise<string> {
  const project = mkdtempSync(join(currentSandbox().folder, 'example-'));
  cpSync(EXAMPLE, project, { recursive: true });
  const modules = join(project, 'node_modules');
  mkdirSync(modules);
  symlinkSync(CHECKOUT, join(modules, 'cdk-kaniko'));
  for (const name of ['.bin', 'cdk8s', 'cdk8s-plus-28', 'constructs', 'ts-node', 'typescript']) symlinkSync(join(CHECKOUT, 'node_modules', name), join(modules, name));
  if (executor.image !== KanikoImage.DEFAULT.reference) nameExecutor(join(project, 'main.ts'), executor);
  await promisify(execFile)('npx', ['--no-install', 'cdk8s', 'synth', '--no-check-upgrade'], { cwd: project });
  return join(project, 'dist/images.k8s.yaml');
}

/** Where the library's default executor is not there, the example names another, as a user would. */
function nameExecutor(program: string, { image }: Executor): void {
  const source = readFileSync(program, 'utf8');
  const changed = source.replace('KanikoBuild,', 'KanikoBuild, KanikoImage,').replace('  destinations:', `  image: KanikoImage.of('${image}'),\n  destinations:`);
  assert.equal(changed.length, source.length + ` KanikoImage,  image: KanikoImage.of('${image}'),\n`.length, 'main.ts names the executor');
  writeFileSync(program, changed);
}
