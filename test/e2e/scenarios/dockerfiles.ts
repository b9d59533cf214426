/** What Dockerfiles do beside the seed's: one image with all of it, by every executor, examined as it was pushed. */
import assert from 'node:assert/strict';
import { REGISTRY } from '../cluster/addresses';
import { Executor } from '../cluster/binaries';
import { Environment } from '../environment';
import { Scenario, withEveryExecutor } from '../scenario';
import { BASE_IMAGE, Team } from '../team';

/** In a folder of its own beside what it copies; the last stage is not the one that is asked for. */
const DOCKERFILE = `ARG BASE
FROM \${BASE} AS compiler
ARG VERSION=unknown
WORKDIR /workspace
COPY source ./source
RUN mkdir out && cp source/program out/ && echo "$VERSION" >out/version && ln out/version out/same-version

FROM \${BASE} AS app
LABEL of-dockerfile=yes
WORKDIR /workspace
COPY --from=compiler /workspace/out ./
ADD notes.txt /srv/notes/
RUN echo written in workspace >written && ln written linked && chmod 4755 program
COPY capable.pl /tmp/
RUN cp /bin/cat capable && perl /tmp/capable.pl capable
USER nobody
RUN id -un >/tmp/user
ENTRYPOINT ["/workspace/program"]

FROM \${BASE} AS never
RUN exit 1
`;

const FILES = {
  'docker/app.Dockerfile': DOCKERFILE,
  'source/program*': '#!/bin/sh\necho version "$(cat /workspace/version)"\n',
  'notes.txt': 'notes\n',
  // What setcap cap_net_bind_service=ep does: https://man7.org/linux/man-pages/man7/capabilities.7.html#File_capabilities
  // The base image has Perl and no setcap; the call has one number on x86-64 and another on arm64.
  'capable.pl': `my $setxattr = qx(uname -m) =~ /x86_64/ ? 188 : 5;
my ($file, $name, $value) = ($ARGV[0], 'security.capability', pack('V5', 0x02000001, 1 << 10, 0, 0, 0));
syscall($setxattr, $file, $name, $value, length $value, 0) == 0 or die "setxattr: $!";
`,
};

export const dockerfiles: Scenario = {
  name: 'dockerfiles',
  trials: environment => withEveryExecutor(environment, 'stages, /workspace, USER, arguments, labels, links, capabilities and tags', executor => build(environment, executor)),
};

async function build(environment: Environment, executor: Executor): Promise<void> {
  const team = await Team.create(environment, 'dockerfiles');
  team.commit(FILES);
  const { registry } = environment.services;
  const other = `docker-other/${team.namespace}:1.0`;
  const { image } = await team.buildImage(team.parameters(executor, {
    dockerFile: 'docker/app.Dockerfile',
    target: 'app',
    args: { BASE: BASE_IMAGE, VERSION: '1.2 "$HOME" $(id)' },
    labels: { 'com.contoso.of-parameters': 'yes, too' },
    additionalTags: ['also'],
    additionalDestinations: [`${REGISTRY.name}/${other}`],
  }));

  for (const name of [`docker-local/${team.namespace}:also`, other]) {
    assert.equal((await registry.pull(name)).digest, image.digest, `${name} is the same image`);
  }
  const { config } = image.config;
  assert.deepEqual([config.User, config.WorkingDir, config.Entrypoint], ['nobody', '/workspace', ['/workspace/program']]);
  assert.equal(config.Labels?.['of-dockerfile'], 'yes');
  assert.equal(config.Labels['com.contoso.of-parameters'], 'yes, too');

  const text = (path: string): string | undefined => {
    const file = image.file(path);
    return file?.type === 'hard link' ? text(file.target.replace(/^\//, '')) : file?.content.toString('utf8');
  };
  assert.equal(text('workspace/version'), '1.2 "$HOME" $(id)\n', 'a build argument arrives as it was written');
  assert.equal(text('workspace/written'), 'written in workspace\n', 'what RUN writes in /workspace is in the image');
  assert.equal(text('srv/notes/notes.txt'), 'notes\n');
  assert.equal(text('tmp/user'), 'nobody\n', 'RUN runs as USER');
  assert.equal(image.file('workspace/program')?.mode, 0o4755, 'a setuid bit is kept');
  assert.equal(image.file('workspace/capable')?.capable, true, 'a file\'s capabilities are kept');
  const links = ['workspace/written', 'workspace/linked'].map(path => image.file(path)?.type).sort();
  assert.deepEqual(links, ['file', 'hard link'], 'a hard link is stored as one');
  assert.equal(image.file('workspace/source/program'), undefined, 'the compiler\'s files stay behind');
  assert.equal(await team.runImage(image.digest, '/workspace/program'), 'version 1.2 "$HOME" $(id)\n');
}
