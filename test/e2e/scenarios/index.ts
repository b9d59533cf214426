/** All scenarios, in the order in which they run. */
import { Scenario } from '../scenario';
import { seed } from './seed';

export const scenarios: readonly Scenario[] = [seed];
