/** All scenarios, in the order in which they run. */
import { Scenario } from '../scenario';
import { dockerfiles } from './dockerfiles';
import { failures } from './failures';
import { hardening } from './hardening';
import { seed } from './seed';
import { serviceAccounts } from './service-accounts';

export const scenarios: readonly Scenario[] = [seed, dockerfiles, serviceAccounts, hardening, failures];
