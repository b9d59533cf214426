/** All scenarios, in the order in which they run. */
import { Scenario } from '../scenario';
import { cache } from './cache';
import { dockerfiles } from './dockerfiles';
import { example } from './example';
import { failures } from './failures';
import { hardening } from './hardening';
import { many } from './many';
import { pipeline } from './pipeline';
import { runCommand } from './run';
import { seed } from './seed';
import { serviceAccounts } from './service-accounts';

export const scenarios: readonly Scenario[] = [seed, example, dockerfiles, cache, many, serviceAccounts, hardening, failures, runCommand, pipeline];
