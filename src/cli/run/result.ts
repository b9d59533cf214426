/** How builds end, as every engine tells it and every reader of results knows it. */
import { ContainerName } from './event';

/** What a failure is called; docs/run.md has the table with remedies. */
export type FailureCause =
  | 'run-failed' // a RUN's command ended with another code than 0
  | 'kaniko-failed' // kaniko failed otherwise: Dockerfile, base image, snapshot …
  | 'context-failed' // the init container says why
  | 'unschedulable' | 'image-pull' | 'missing-object' | 'admission' | 'not-started'
  | 'out-of-memory' | 'evicted'
  | 'deadline'
  | 'registry-denied'
  | 'lost' // the Job was deleted by somebody else, or its node is gone for good
  | 'no-connection' | 'no-engine';

/** Exit codes of `cdk-kaniko run` by cause; 0, 1 and 2 are every command's. */
export const EXIT_CODES: Readonly<Record<FailureCause, number>> = {
  'run-failed': 3, 'kaniko-failed': 3,
  'context-failed': 4,
  'unschedulable': 5, 'image-pull': 5, 'missing-object': 5, 'admission': 5, 'not-started': 5, 'lost': 5,
  'out-of-memory': 6, 'evicted': 6,
  'deadline': 7,
  'registry-denied': 8,
  'no-connection': 9, 'no-engine': 9,
};

/** Why a build failed, for a person. */
export interface Failure {
  readonly cause: FailureCause;
  /** What happened, with the cluster's or the program's own words. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** The container that failed. */
  readonly container?: ContainerName;
  /** Its exit code. */
  readonly exitCode?: number;
  /** The Dockerfile's instruction that failed. */
  readonly instruction?: string;
}

/** How a build ended. */
export type BuildEnd =
  | { readonly outcome: 'pushed'; readonly digest: string }
  | { readonly outcome: 'failed'; readonly failure: Failure }
  | { readonly outcome: 'cancelled' };
