import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { ValidateFunction } from 'ajv';

const FOLDER = join(__dirname, '..', '..', '..', 'shared', 'data', 'kubernetes');

/** The Kubernetes versions whose API definitions are on this machine, beside the checkout. */
export const VERSIONS: string[] = existsSync(FOLDER)
  ? readdirSync(FOLDER).flatMap(file => /^v(\d+\.\d+)\.\d+-definitions\.json$/.exec(file)?.[1] ?? []).sort()
  : [];

/** Checks objects by one version's definitions, and refuses fields that the version does not know. */
export class ApiDefinitions {
  private readonly ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false });
  private readonly kinds = new Map<string, string>();
  private readonly compiled = new Map<string, ValidateFunction>();

  public constructor(version: string) {
    const file = readdirSync(FOLDER).find(name => name.startsWith(`v${version}.`))!;
    const schema = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { definitions: Record<string, any> };
    for (const [name, definition] of Object.entries(schema.definitions)) {
      if (definition.properties !== undefined) { definition.additionalProperties = false; }
      for (const { group, version: apiVersion, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
        this.kinds.set(`${group === '' ? '' : `${group}/`}${apiVersion} ${kind}`, name);
      }
      const field = definition.properties as Record<string, any> | undefined;
      for (const property of Object.values(field ?? {})) {
        // Quantities and ports may be numbers or texts, which the definitions say by a format alone.
        if (property.format === 'int-or-string') { delete property.type; }
      }
    }
    schema.definitions['io.k8s.apimachinery.pkg.api.resource.Quantity'] = { type: ['string', 'number'] };
    schema.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString'] = { type: ['string', 'integer'] };
    this.ajv.addSchema(schema, 'kubernetes');
  }

  /** What is wrong with an object, one text a mistake. */
  public mistakes(object: any): string[] {
    const name = this.kinds.get(`${object.apiVersion} ${object.kind}`);
    if (name === undefined) { return [`${object.apiVersion} ${object.kind} is no kind of this version`]; }
    const validate = this.compiled.get(name) ?? this.ajv.compile({ $ref: `kubernetes#/definitions/${name}` });
    this.compiled.set(name, validate);
    return validate(object) === true ? [] : (validate.errors ?? []).map(error => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
  }
}
