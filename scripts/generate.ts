/**
 * Writes what is made from the parameter table: the interface, the JSON Schema, the docs' tables and the pipeline's template.
 * Run before every compilation; CI fails where the committed files differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parametersInterface } from './generate-interface';
import { jobParametersTable, parametersTable } from './generate-table';
import { packageVersion } from '../src/cli/package-version';
import { installScript } from '../src/cli/template';
import { jsonSchema } from '../src/parameters/json-schema';
import { pipelineTemplate } from '../src/pipeline/template';

const root = join(__dirname, '..');

function write(file: string, content: string): void {
  writeFileSync(join(root, file), content);
}

/** Replaces what stands between the markers of a Markdown file. */
function writeBetween(file: string, marker: string, content: string): void {
  const begin = `<!-- ${marker}: generated -->`;
  const end = `<!-- /${marker} -->`;
  const text = readFileSync(join(root, file), 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) { throw new Error(`${file} lacks the markers "${begin}" and "${end}"`); }
  write(file, `${before}${begin}\n${content}${end}${after}`);
}

write('src/parameters/build-parameters.ts', parametersInterface());
write('schema/build-parameters.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`);
writeBetween('docs/parameters.md', 'parameters', parametersTable());
writeBetween('docs/pipeline-for-platform-teams.md', 'template-parameters', jobParametersTable());
write('templates/azure-pipelines.kaniko-build.yml', pipelineTemplate({ version: packageVersion(), installScript: installScript() }));
