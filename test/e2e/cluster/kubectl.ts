/** kubectl, as somebody who may do everything. */
import { ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { run } from './processes';

/** The parts of a Kubernetes object that the tests look at. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: any;
}

export class Kubectl {
  public constructor(private readonly kubeconfig: string) {}

  /** Runs kubectl to its end. @returns what it printed @throws Error with its message */
  public async run(...args: string[]): Promise<string> {
    return run('kubectl', `--kubeconfig=${this.kubeconfig}`, ...args);
  }

  /** Starts kubectl, for a watch. */
  public start(...args: string[]): ChildProcessByStdio<null, Readable, null> {
    return spawn('kubectl', [`--kubeconfig=${this.kubeconfig}`, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** `kubectl apply` of objects. */
  public async apply(...objects: KubernetesObject[]): Promise<void> {
    await this.feed({ apiVersion: 'v1', kind: 'List', items: objects }, 'apply', '--filename=-');
  }

  /** Posts an object to a path of the API. */
  public async post(path: string, object: KubernetesObject): Promise<void> {
    await this.feed(object, 'create', `--raw=${path}`, '--filename=-');
  }

  /** `kubectl apply` of a manifest as it is; a warning of the API server's is an error. */
  public async applyFile(file: string): Promise<void> {
    await this.run('apply', '--warnings-as-errors', `--filename=${file}`);
  }

  /** An object, or all of a kind. */
  public async get<T = KubernetesObject>(namespace: string, ...args: string[]): Promise<T> {
    return JSON.parse(await this.run('get', `--namespace=${namespace}`, '--output=json', ...args)) as T;
  }

  private async feed(input: object, ...args: string[]): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      execFile('kubectl', [`--kubeconfig=${this.kubeconfig}`, ...args], error => error ? reject(error) : resolve())
        .stdin!.end(JSON.stringify(input));
    });
  }
}
