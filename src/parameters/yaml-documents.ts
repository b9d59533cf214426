import { isAlias, isMap, isScalar, isSeq, LineCounter, Node, parseAllDocuments, Scalar, visit } from 'yaml';
import { Input, Mistake } from './input';
import { Problem, quoted, secretKind } from '../checks';

/** The documents of a YAML or JSON text (JSON is YAML), and what is wrong with their form. */
export function parseDocuments(text: string): { documents: Input[]; mistakes: Mistake[] } {
  const lines = new LineCounter();
  const documents: Input[] = [];
  const mistakes: Mistake[] = [];
  const line = (offset: number | undefined) => offset === undefined ? undefined : lines.linePos(offset).line;
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: '1.2', merge: false });
  for (const document of Array.isArray(parsed) ? parsed : []) {
    // What follows the first is mostly its echo.
    const [error] = document.errors;
    if (error !== undefined) { mistakes.push({ path: '', line: line(error.pos[0]), message: yamlMessage(error.message) }); continue; }
    const unwanted = unwantedFeature(document.contents, line);
    if (unwanted !== undefined) { mistakes.push(unwanted); continue; }
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) { continue; }
    documents.push(fromNode(document.contents, line));
  }
  return { documents, mistakes };
}

type LineOf = (offset: number | undefined) => number | undefined;

function fromNode(node: unknown, line: LineOf): Input {
  const at = line((node as Node | null)?.range?.[0]);
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }) => ({
      key: isScalar(key) ? scalarText(key) : String(key),
      value: fromNode(value, line),
      line: line((key as Node | null)?.range?.[0]),
    }));
    return { kind: 'map', entries, line: at };
  }
  if (isSeq(node)) { return { kind: 'list', items: node.items.map(item => fromNode(item, line)), line: at }; }
  if (isScalar(node)) { return { kind: 'scalar', value: node.value, text: scalarText(node), line: at }; }
  return { kind: 'scalar', value: null, text: '', line: at };
}

/** A scalar as it was written: `1.10` is not 1.1 where a tag is wanted. */
function scalarText(scalar: Scalar): string {
  return typeof scalar.value === 'string' ? scalar.value : scalar.source ?? String(scalar.value);
}

/** Anchors, aliases and tags: nothing needs them here, and they let a small file become a huge or a surprising one. */
function unwantedFeature(contents: unknown, line: LineOf): Mistake | undefined {
  let found: Mistake | undefined;
  if (contents === null) { return undefined; }
  visit(contents as Node, (_, node) => {
    const at = line((node as Node | null)?.range?.[0]);
    if (isAlias(node)) {
      found = { path: '', line: at, message: `uses the YAML alias ${quoted(`*${node.source}`)}; write the value out` };
    } else if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) { found = { path: '', line: at, message: `uses the YAML anchor ${quoted(`&${node.anchor}`)}; remove it` }; }
      if (node.tag !== undefined) { found = { path: '', line: at, message: `uses the YAML tag ${quoted(node.tag)}; write the plain value` }; }
    }
    return found === undefined ? undefined : visit.BREAK;
  });
  return found;
}

/** The parser's message without what it quotes of the file, which may be a secret. */
function yamlMessage(message: string): string {
  const first = message.split('\n')[0].replace(/\.$/, '');
  const shown: Problem = secretKind(first) === undefined ? first : 'the text is not valid';
  return `is no valid YAML or JSON: ${shown}; mend the file`;
}
