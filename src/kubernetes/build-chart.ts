import { Chart, ChartProps } from 'cdk8s';
import { Construct } from 'constructs';
import { buildName } from './build-name';
import { KanikoBuild } from './kaniko-build';
import { buildProps } from './parameters-to-props';
import { runId, verify } from '../checks';
import { BuildParameters } from '../parameters/build-parameters';
import { InfrastructureOutputs } from '../parameters/infrastructure-outputs';
import { checkParameters } from '../parameters/read-parameters';

/** What a `BuildChart` is made of. */
export interface BuildChartProps extends ChartProps {
  /**
   * The builds.
   *
   * @default - none; add them by `addBuild`
   */
  readonly builds?: BuildParameters[];

  /**
   * A build number or the like, which becomes part of every Job's name: a Job cannot be changed, so each run
   * needs names of its own.
   *
   * @default - names without it
   */
  readonly runId?: string;

  /**
   * Outputs of the Azure half (`cdktf deploy --outputs-file`): they fill what the builds leave open, and must
   * not be contradicted.
   *
   * @default - the builds say all themselves
   */
  readonly infrastructure?: InfrastructureOutputs;
}

/**
 * One or many builds, from parameters, in one chart. What they share, such as the init container's program or
 * a service account, appears once.
 */
export class BuildChart extends Chart {
  private readonly added: KanikoBuild[] = [];
  private readonly runId?: string;
  private readonly infrastructure?: InfrastructureOutputs;

  /**
   * @throws for parameters that are not valid, with all their mistakes, and for two builds of one name
   */
  public constructor(scope: Construct, id: string, props: BuildChartProps = {}) {
    super(scope, id, props);
    this.runId = props.runId === undefined ? undefined : verify(this.node.path, 'runId', props.runId, runId);
    this.infrastructure = props.infrastructure;
    for (const build of props.builds ?? []) { this.addBuild(build); }
  }

  /** The builds, in the order in which they were added. */
  public get builds(): KanikoBuild[] {
    return [...this.added];
  }

  /**
   * Adds a build.
   *
   * @throws for parameters that are not valid, with all their mistakes, and for a second build of one name
   */
  public addBuild(parameters: BuildParameters): KanikoBuild {
    const { builds: [checked], mistakes } = checkParameters(parameters, this.infrastructure);
    if (mistakes.length > 0) {
      throw new Error(`[${this.node.path}] ${mistakes.map(({ path, message }) => `${path} ${message}`).join('\n')}`);
    }
    const name = buildName(checked, this.runId);
    const id = `${checked.namespace}-${name}`;
    if (this.node.tryFindChild(id) !== undefined) {
      throw new Error(`[${this.node.path}] two builds have the name "${name}" in the namespace "${checked.namespace}"; give one another name (name)`);
    }
    const build = new KanikoBuild(this, id, buildProps(this, checked, name));
    this.added.push(build);
    return build;
  }
}
