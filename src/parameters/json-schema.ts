import { Parameter, ParameterType } from './parameter';
import { PARAMETERS } from './parameter-table';

/** The parameter table as a JSON Schema, for editors. The checks of names and paths go further than it can say. */
export function jsonSchema(): Record<string, unknown> {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Parameters of a cdk-kaniko build',
    ...objectSchema([...PARAMETERS, SCHEMA_REFERENCE]),
    anyOf: [{ required: ['repositoryUrl'] }, { required: ['volumeClaimName'] }],
  };
}

/** Files may name their schema. */
const SCHEMA_REFERENCE: Parameter = { name: '$schema', type: { kind: 'string', check: () => undefined }, help: 'The schema of this file' };

const TEXT = { type: ['string', 'number'] };

function objectSchema(fields: readonly Parameter[]): Record<string, unknown> {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(field => [field.name, {
      description: `${field.help}.${field.default === undefined ? '' : ` Default: ${field.default}.`}`,
      ...field.example === undefined ? {} : { examples: [field.example] },
      ...typeSchema(field.type),
    }])),
    required: fields.filter(field => field.required).map(field => field.name),
    additionalProperties: false,
  };
}

function typeSchema(type: ParameterType): Record<string, unknown> {
  switch (type.kind) {
    case 'string': return type.values === undefined ? TEXT : { enum: type.values };
    case 'integer': return { type: 'integer', minimum: type.minimum, maximum: type.maximum };
    case 'boolean': return { type: 'boolean' };
    case 'list': return { type: 'array', items: typeSchema(type.items) };
    case 'map': return { type: 'object', additionalProperties: typeSchema(type.values) };
    case 'object': return objectSchema(type.fields);
    case 'arguments': return {
      anyOf: [
        { type: 'string' },
        { type: 'array', items: TEXT },
        { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
      ],
    };
    case 'raw': return { type: 'object' };
  }
}
