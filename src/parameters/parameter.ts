import { Check } from '../checks';

/** What a value may be. */
export type ParameterType =
  | { readonly kind: 'string'; readonly check: Check; readonly values?: readonly string[] }
  | { readonly kind: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'list'; readonly items: ParameterType }
  | { readonly kind: 'map'; readonly key: Check; readonly values: ParameterType }
  | { readonly kind: 'object'; readonly name: string; readonly help: string; readonly fields: readonly Parameter[] }
  | { readonly kind: 'arguments' }
  /** Handed to Kubernetes as it is: only its being a mapping without secrets and tokens is checked. */
  | { readonly kind: 'raw'; readonly help: string };

/** One parameter, as the file, the schema, the README and the pipeline's template know it. */
export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** Whether every build has to give it. */
  readonly required?: boolean;
  /** What applies where it is not given, in words or as the value itself. */
  readonly default?: string;
  /** One sentence that says what it is; no full stop. */
  readonly help: string;
  readonly example?: string;
  /** The heading under which people find it. */
  readonly group?: string;
  /** `only`: the pipeline alone uses it. `required`: optional in a file, required by the pipeline's template. */
  readonly pipeline?: 'only' | 'required';
}
