import { randomInt } from 'node:crypto';
import { EngineSettings } from './engines';
import { REPORT_ENDINGS } from './report/report';
import { oneOf, quoted } from '../../checks';
import { BUILD_OPTIONS } from '../build-options';
import { UsageError } from '../command';
import { Options, parseOptions } from '../options';

/** What `run` is told, checked. */
export interface RunCommandOptions {
  /** As `readBuilds` takes them. */
  readonly builds: Readonly<Record<string, unknown>>;
  readonly engine: string;
  readonly engineSettings: EngineSettings;
  readonly concurrency: number;
  readonly keep: boolean;
  readonly quiet: boolean;
  readonly output: 'text' | 'json';
  readonly reports: readonly string[];
  /** Whether reports may have kaniko's own trace, for which the pod gets a container more. */
  readonly trace: boolean;
}

const OPTIONS = {
  ...BUILD_OPTIONS,
  'engine': { type: 'string', default: 'kubectl' },
  'kubeconfig': { type: 'string' },
  'context': { type: 'string' },
  'wait-for-node': { type: 'string', default: '5' },
  'secret-file': { type: 'string', multiple: true },
  'concurrency': { type: 'string', default: '4' },
  'keep': { type: 'boolean', default: false },
  'quiet': { type: 'boolean', default: false },
  'output': { type: 'string', default: 'text' },
  'report': { type: 'string', multiple: true },
  'no-trace': { type: 'boolean', default: false },
} as const satisfies Options;

/**
 * Reads the command line of `run`.
 *
 * @param engines the names of the engines that there are
 * @throws UsageError
 */
export function runCommandOptions(argv: readonly string[], engines: readonly string[]): RunCommandOptions {
  const values = parseOptions(argv, OPTIONS);
  const engine = values.engine as string;
  const output = values.output as string;
  const concurrency = values.concurrency as string;
  const reports = values.report as string[] | undefined ?? [];
  const secretFiles = values['secret-file'] as string[] | undefined ?? [];
  refuse('--engine', oneOf(engines)(engine));
  refuse('--output', oneOf(['text', 'json'])(output));
  refuse('--concurrency', /^[1-9]\d{0,3}$/.test(concurrency) ? undefined : `needs a number from 1 to 9999, got ${quoted(concurrency)}`);
  const nodeMinutes = values['wait-for-node'] as string;
  refuse('--wait-for-node', /^\d{1,4}$/.test(nodeMinutes) ? undefined : `needs a number of minutes, got ${quoted(nodeMinutes)}`);
  for (const report of reports) {
    refuse('--report', REPORT_ENDINGS.some(ending => report.endsWith(ending)) ? undefined
      : `needs a file that ends with ${REPORT_ENDINGS.join(', ')}, got ${quoted(report)}`);
  }
  refuse('--secret-file', secretFiles.length > 0 && engine === 'kubectl' ? 'is for --engine podman; a cluster has its own Secrets' : undefined);
  return {
    builds: { ...values, 'run-id': values['run-id'] ?? randomRunId() },
    engine,
    engineSettings: {
      kubeconfig: values.kubeconfig as string | undefined, context: values.context as string | undefined, nodeMinutes: Number(nodeMinutes),
      secretFiles, keep: values.keep as boolean,
    },
    concurrency: Number(concurrency),
    keep: values.keep as boolean,
    quiet: values.quiet as boolean,
    output: output as 'text' | 'json',
    reports,
    trace: values['no-trace'] !== true,
  };
}

function refuse(option: string, problem: string | undefined): void {
  if (problem !== undefined) { throw new UsageError(`${option} ${problem}`); }
}

/** A Job cannot be changed, so each run has names of its own. */
function randomRunId(): string {
  return Array.from({ length: 6 }, () => randomInt(36).toString(36)).join('');
}
