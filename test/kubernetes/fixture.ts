import { App, Chart } from 'cdk8s';
import { ConfigMap, IConfigMap, ISecret, Secret } from 'cdk8s-plus-28';
import { BuildContext, KanikoBuild, KanikoBuildProps } from '../../src/kubernetes';

/** A chart to build in. */
export class Fixture {
  public readonly app = new App();
  public readonly chart = new Chart(this.app, 'ci', { namespace: 'winddata-dev' });

  public secret(name: string): ISecret {
    return Secret.fromSecretName(this.chart, `Secret-${name}`, name);
  }

  public configMap(name: string): IConfigMap {
    return ConfigMap.fromConfigMapName(this.chart, `ConfigMap-${name}`, name);
  }

  /** A build with as little as there can be, and what a test adds. */
  public add(props: Partial<KanikoBuildProps> = {}, id = 'Build'): KanikoBuild {
    return new KanikoBuild(this.chart, id, {
      context: BuildContext.fromGit('https://git.contoso.example/team/app.git', { branch: 'main' }),
      destinations: ['registry.contoso.example/docker-local/app:1.0'],
      ...props,
    });
  }

  /** The manifest's objects, after all validations. */
  public objects(): any[] {
    this.app.synthYaml();
    return this.chart.toJson();
  }

  public object(kind: string): any {
    return this.objects().find(candidate => candidate.kind === kind);
  }
}

/** The pod of one build. */
export class Pod {
  public static of(props: Partial<KanikoBuildProps> | ((fixture: Fixture) => Partial<KanikoBuildProps>) = {}): Pod {
    const fixture = new Fixture();
    fixture.add(typeof props === 'function' ? props(fixture) : props);
    return new Pod(fixture.object('Job'));
  }

  public readonly spec: any;
  public readonly metadata: any;

  public constructor(public readonly job: any) {
    this.spec = job.spec.template.spec;
    this.metadata = job.spec.template.metadata;
  }

  public container(name: 'prepare-context' | 'kaniko'): any {
    return [...this.spec.initContainers, ...this.spec.containers].find(container => container.name === name);
  }

  public get args(): string[] {
    return this.container('kaniko').args;
  }

  public environment(name: 'prepare-context' | 'kaniko'): Record<string, string> {
    return Object.fromEntries(this.container(name).env.map((variable: any) => [variable.name, variable.value]));
  }

  /** What is mounted at a path of a container: the mount and its volume. */
  public mounted(container: 'prepare-context' | 'kaniko', path: string): any {
    const mount = this.container(container).volumeMounts.find((candidate: any) => candidate.mountPath === path);
    return mount === undefined ? undefined : { mount, volume: this.spec.volumes.find((candidate: any) => candidate.name === mount.name) };
  }
}
