/** A person at a command line that reaches the cluster over a line that counts. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NODE } from '../../test/e2e/cluster/addresses';
import { currentSandbox } from '../../test/e2e/sandbox';
import { Parameters } from '../../test/e2e/team';
import { OUTPUT_BYTES, ROOT, Sample } from '../measure';
import { Line } from './line';
import { World } from './world';

export class Client {
  public static async create(world: World): Promise<Client> {
    const { plane } = world.environment.cluster;
    const line = await Line.to(NODE, plane.port);
    return new Client(world, line, plane.kubeconfig('admin', `https://127.0.0.1:${line.port}`));
  }

  private constructor(private readonly world: World, private readonly line: Line, public readonly kubeconfig: string) {}

  /** `cdk-kaniko run` of one build. */
  public async run(own: Parameters): Promise<Sample> {
    const folder = mkdtempSync(join(currentSandbox().folder, 'run-'));
    writeFileSync(join(folder, 'build.yaml'), JSON.stringify(this.world.parameters(own))); // JSON is YAML
    const program = join(ROOT, 'bin/cdk-kaniko');
    return this.command(process.execPath, [program, 'run', '-f', 'build.yaml', '--kubeconfig', this.kubeconfig,
      '--infra', this.world.team.infrastructure.outputsFile], folder);
  }

  /** Any command to its end. */
  public async command(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Sample> {
    const before = this.line.bytesSent;
    const start = performance.now();
    await promisify(execFile)(program, args, { cwd, env: { ...process.env, KUBECONFIG: this.kubeconfig, ...env }, maxBuffer: OUTPUT_BYTES });
    return { 'time': (performance.now() - start) / 1000, 'sent by the client': this.line.bytesSent - before };
  }
}
