/** Requests as they come to a real server on a real socket, and what becomes of its answers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterError } from '../../../../src/cli/run/kubectl/cluster-error';
import { KubectlProxy, Place } from '../../../../src/cli/run/kubectl/kubectl-proxy';
import { ProxiedApiServer } from '../../../../src/cli/run/kubectl/proxied-api-server';

let folder: string;
let server: Server;
let api: ProxiedApiServer;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];

/** The process is kubectl-proxy.test.ts's. */
function proxyAt(place: () => Promise<Place>, said = ''): KubectlProxy {
  return { place, said, close: async () => undefined } as Partial<KubectlProxy> as KubectlProxy;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'api-'));
  const socketPath = join(folder, 'api');
  seen.length = 0;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) { body += String(part); }
    seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
    answer(request, response, body);
  });
  await new Promise<void>(resolve => server.listen(socketPath, resolve));
  api = new ProxiedApiServer({}, proxyAt(async () => ({ socketPath, path: '' }), 'please log in'));
});
afterEach(async () => {
  await api.close();
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const json = (object: object, status = 200, headers = {}) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(object));
};
const text = (content: string, status: number) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(content);
};
const errorOf = async (promise: Promise<unknown>): Promise<ClusterError> => promise.then(() => { throw new Error('no error'); }, (error: ClusterError) => error);
const never = new AbortController().signal;

test('sends what is asked as it is, as localhost, and answers the object', async () => {
  answer = json({ kind: 'Job', metadata: { name: 'ä' } });
  expect(await api.request('POST', '/apis/batch/v1/namespaces/b/jobs?dryRun=All', { a: 'ö' })).toEqual({ kind: 'Job', metadata: { name: 'ä' } });
  expect(seen).toMatchObject([{
    method: 'POST', url: '/apis/batch/v1/namespaces/b/jobs?dryRun=All', body: '{"a":"ö"}', headers: { 'host': 'localhost', 'content-type': 'application/json' },
  }]);
});

test('an apply is a PATCH of the server-side kind', async () => {
  answer = json({});
  await api.request('APPLY', '/x', {});
  expect(seen).toMatchObject([{ method: 'PATCH', headers: { 'content-type': 'application/apply-patch+yaml' } }]);
});

test('asks many things over few connections', async () => {
  answer = json({});
  const connections = new Set<unknown>();
  server.on('connection', socket => connections.add(socket));
  for (let count = 0; count < 20; count++) { await api.request('GET', '/version'); }
  expect(connections.size).toBe(1);
});

test('a refusal is the API server\'s message and reason', async () => {
  answer = json({ kind: 'Status', status: 'Failure', message: 'jobs.batch "x" not found', reason: 'NotFound', code: 404 }, 404);
  expect(await errorOf(api.request('GET', '/x'))).toMatchObject({ message: 'jobs.batch "x" not found', reason: 'NotFound' });
  expect(await errorOf(api.stream('/x', () => undefined, never))).toMatchObject({ reason: 'NotFound' });
});

test.each([
  ['dial tcp 10.0.0.1:443: connect: connection refused\n', 500, 'kubectl does not reach the API server: dial tcp 10.0.0.1:443: connect: connection refused'],
  ['getting credentials: exec: executable kubelogin failed with exit code 1', 500,
    'kubectl does not reach the API server: getting credentials: exec: executable kubelogin failed with exit code 1\nplease log in'],
  ['<html>Bad Gateway</html>', 502, 'there is no API server, but something that answers HTTP 502: <html>Bad Gateway</html>'],
  ['', 503, 'there is no API server, but something that answers HTTP 503: Service Unavailable'],
  ['null', 404, 'there is no API server, but something that answers HTTP 404: null'],
])('the answer %j with status %d is no API server\'s, so that asking again may help', async (content, status, message) => {
  answer = text(content, status);
  expect(await errorOf(api.request('GET', '/version'))).toMatchObject({ message, reason: undefined });
});

test('an answer that is no JSON, or is cut, is an error of the line', async () => {
  answer = text('<html>', 200);
  expect(await errorOf(api.request('GET', '/version'))).toMatchObject({ message: expect.stringContaining('line to kubectl proxy'), reason: undefined });
  answer = (_, response) => { response.writeHead(200, { 'Content-Length': 10 }).write('{', () => response.destroy()); };
  expect(await errorOf(api.request('GET', '/version'))).toMatchObject({ message: 'the line to kubectl proxy was cut: aborted' });
});

test.each([429, 503])('waits as long as a busy server says (%d), and asks again', async status => {
  answer = (request, response) => {
    if (seen.length === 1) { json({ kind: 'Status', reason: 'TooManyRequests' }, status, { 'Retry-After': '1' })(request, response); } else { json({ done: true })(request, response); }
  };
  expect(await api.request('GET', '/x')).toEqual({ done: true });
  expect(seen).toHaveLength(2);
});

test('tells whole lines, wherever the line cuts them, and answers what stands behind the last one', async () => {
  answer = async (_, response) => {
    for (const part of ['one\r\ntw', 'o \xc3', '\xa4\n\nrest']) { await new Promise<void>(resolve => { response.write(Buffer.from(part, 'latin1'), () => setTimeout(resolve, 50)); }); }
    response.end();
  };
  const lines: string[] = [];
  expect(await api.stream('/log', line => lines.push(line), never)).toBe('rest');
  expect(lines).toEqual(['one\r', 'two ä', '']);
});

test('of a line that does not end no more is kept than any object has, and the next one is told', async () => {
  const part = Buffer.alloc(1024 * 1024, 'x');
  answer = async (_, response) => {
    for (let count = 0; count < 40; count++) { await new Promise(resolve => { response.write(part, resolve); }); }
    response.end('\ntwo\n');
  };
  const lines: string[] = [];
  await api.stream('/log', line => lines.push(line), never);
  expect(lines.map(line => line.length < 10 ? line : Math.floor(line.length / part.length))).toEqual([4, 'two']);
});

test('says that no answer came, and what a plugin has said meanwhile that waits for somebody to log in', async () => {
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => abort.signal);
  const abort = new AbortController();
  let said = 'logged in before';
  const place = async (): Promise<Place> => new Promise(() => undefined);
  const proxy = { place, get said() { return said; }, close: async () => undefined } as Partial<KubectlProxy> as KubectlProxy;
  const silent = new ProxiedApiServer({}, proxy);
  const asked = errorOf(silent.request('GET', '/version'));
  said = 'enter the code 123';
  abort.abort();
  expect((await asked).message).toBe('the API server has not answered within 30 s; kubectl says:\nenter the code 123');
  expect((await errorOf(silent.request('GET', '/version'))).message).toBe('the API server has not answered within 30 s');
  timeout.mockRestore();
});

test('a stream that breaks off is an error, after what came of it', async () => {
  answer = (_, response) => { response.write('one\ntwo\n', () => response.destroy()); };
  const lines: string[] = [];
  expect(await errorOf(api.stream('/log', line => lines.push(line), never))).toMatchObject({ message: 'the line to kubectl proxy was cut: aborted', reason: undefined });
  expect(lines).toEqual(['one', 'two']);
});

test('the signal ends a stream without an error and at once, and the server hears of it', async () => {
  const gone = new Promise(resolve => { answer = (request, response) => { response.write('one\ntwo\n'); request.socket.once('close', resolve); }; });
  const abort = new AbortController();
  const lines: string[] = [];
  await api.stream('/log', line => { lines.push(line); abort.abort(); }, abort.signal);
  expect(lines).toEqual(['one']);
  await gone;
  expect(await api.stream('/log', () => undefined, abort.signal)).toBe('');
});

test.each([
  ['while its last line is told', (abort: AbortController) => abort.abort()],
  ['right after', (abort: AbortController) => queueMicrotask(() => abort.abort())],
])('a signal that comes when a stream has just ended, %s, ends nothing else', async (_, end) => {
  answer = (request, response) => {
    if (request.url === '/version') { json({ done: true })(request, response); } else { response.write('one\n', () => setTimeout(() => response.end('two\n'), 20)); }
  };
  const abort = new AbortController();
  const lines: string[] = [];
  expect(await api.stream('/watch', line => { if (lines.push(line) === 2) { end(abort); } }, abort.signal)).toBe('');
  expect(lines).toEqual(['one', 'two']);
  expect(await api.request('GET', '/version')).toEqual({ done: true });
});

test('the signal ends the waiting for a proxy that does not come up', async () => {
  const waiting = new ProxiedApiServer({}, proxyAt(async () => new Promise(() => undefined)));
  const abort = new AbortController();
  const stream = waiting.stream('/log', () => undefined, abort.signal);
  abort.abort();
  expect(await stream).toBe('');
});

test('a mistake in what is told is not taken for the line\'s', async () => {
  answer = (_, response) => { response.end('one\n'); };
  await expect(api.stream('/log', () => { throw new TypeError('mistake'); }, never)).rejects.toThrow(TypeError);
});

test('asks under the path of a proxy that has one, on a port', async () => {
  const other = createServer((request, response) => { response.end(JSON.stringify({ url: request.url })); });
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const ported = new ProxiedApiServer({}, proxyAt(async () => ({ port, path: '/secret' })));
  expect(await ported.request('GET', '/version')).toEqual({ url: '/secret/version' });
  await ported.close();
  other.close();
});
