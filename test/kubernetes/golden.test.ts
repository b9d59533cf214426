import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { NAMES, objectsOf } from './examples';

/** The manifest without the init container's program, which its own tests look at. */
function reviewable(name: string): string {
  const text = Yaml.stringify(...objectsOf(name).map(object => object.kind === 'ConfigMap' ? { ...object, data: '(the program)' } : object));
  return text.replace(/cdk-kaniko-prepare-[a-f0-9]{8}/g, 'cdk-kaniko-prepare-(hash)');
}

// To change one: run with UPDATE_GOLDEN=1, and read the difference line by line before you commit it.
test.each(NAMES)('the example %s gives the manifest that was reviewed', name => {
  const file = join(__dirname, '..', 'golden', `${name}.k8s.yaml`);
  if (process.env.UPDATE_GOLDEN === '1') { writeFileSync(file, reviewable(name)); }
  expect(existsSync(file)).toBe(true);
  expect(reviewable(name)).toBe(readFileSync(file, 'utf8'));
});
