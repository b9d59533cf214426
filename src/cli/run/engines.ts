import { Engine } from './engine';

/** What the command line says of where builds run; each engine takes what is for it. */
export interface EngineSettings {
  /** The file with clusters and credentials; undefined is kubectl's own choice. */
  readonly kubeconfig?: string;
  /** Its context; undefined is the current one. */
  readonly context?: string;
  /** Minutes for which a cluster may look for a node that a build fits on. */
  readonly nodeMinutes?: number;
  /** Files with Secrets and ConfigMaps, for an engine without a cluster. */
  readonly secretFiles: readonly string[];
  /** Whether what was made stays. */
  readonly keep: boolean;
}

/** Makes an engine. */
export type EngineMaker = (settings: EngineSettings) => Promise<Engine>;

/** Engines by their names on the command line. */
export const ENGINES: Readonly<Record<string, EngineMaker>> = {
  /* eslint-disable @typescript-eslint/no-require-imports -- who builds by one need not wait for the other */
  kubectl: async settings => new (require('./kubectl-engine') as typeof import('./kubectl-engine')).KubectlEngine(settings),
  podman: async settings => new (require('./podman-engine') as typeof import('./podman-engine')).PodmanEngine(settings),
  /* eslint-enable @typescript-eslint/no-require-imports */
};
