/** kubectl, as somebody who may do everything. */
import { execFile } from 'node:child_process';
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

  /** `kubectl apply` of objects. */
  public async apply(...objects: KubernetesObject[]): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      execFile('kubectl', [`--kubeconfig=${this.kubeconfig}`, 'apply', '-f', '-'], error => error ? reject(error) : resolve())
        .stdin!.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    });
  }

  /** An object, or all of a kind. */
  public async get<T = KubernetesObject>(namespace: string, ...args: string[]): Promise<T> {
    return JSON.parse(await this.run('get', `--namespace=${namespace}`, '--output=json', ...args)) as T;
  }
}
