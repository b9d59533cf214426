import { Options } from './options';

/** The options by which every command that builds is told what to build. */
export const BUILD_OPTIONS = {
  'file': { type: 'string', short: 'f', multiple: true },
  'run-id': { type: 'string' },
  'infra': { type: 'string' },
  'infra-stack': { type: 'string' },
} as const satisfies Options;
