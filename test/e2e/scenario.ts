/** A scenario is a file in `scenarios/`; it tells its trials, each of which passes or throws. */
import { Executor } from './cluster/binaries';
import { Environment } from './environment';

export interface Trial {
  /** What is true when it passes, as a sentence without a subject: `installs the package`. */
  readonly title: string;
  /** The executor that it is about. */
  readonly executor: Executor;
  /** Whether no other trial can run meanwhile, because it takes something away that all need. @default false */
  readonly alone?: boolean;
  /** @throws Error that says what is not so */
  readonly run: () => Promise<void>;
}

export interface Scenario {
  /** The name that `npm run e2e -- <name>` takes. */
  readonly name: string;
  readonly trials: (environment: Environment) => Trial[];
}

/** A trial for every executor there is. */
export function withEveryExecutor(environment: Environment, title: string, run: (executor: Executor) => Promise<void>): Trial[] {
  return environment.executors.map(executor => ({ title, executor, run: () => run(executor) }));
}
