import { LogPosition } from '../../../../src/cli/run/kubectl/log-position';

/** Takes lines; the answer is the texts of those that are new. */
function take(position: LogPosition, ...lines: string[]): string[] {
  return lines.flatMap(line => position.take(line)?.line ?? []);
}

const at = (time: string, text: string) => `2026-11-23T12:42:${time}Z ${text}`;

test('takes a line apart into its time and its text', () => {
  expect(new LogPosition().take('2026-11-23T12:42:33.871667745Z  two  words ')).toEqual({
    at: new Date('2026-11-23T12:42:33.871Z'), line: ' two  words ', gap: false,
  });
});

test('takes an empty line', () => {
  expect(take(new LogPosition(), '2026-11-23T12:42:33.871667745Z ', '2026-11-23T12:42:33.9Z')).toEqual(['', '']);
});

test('needs all of a log that it has not begun', () => {
  expect(new LogPosition().begin()).toBeUndefined();
});

test('goes on a second before the last line, by the whole seconds that the API takes', () => {
  const position = new LogPosition();
  take(position, at('33.9', 'a'), at('34.1', 'b'));
  expect(position.begin()).toBe('2026-11-23T12:42:33Z');
});

test('tells lines that come again once, and those of one time as often as they stand there', () => {
  const position = new LogPosition();
  expect(take(position, at('33.1', 'x'), at('34.5', 'same'), at('34.5', 'same'))).toEqual(['x', 'same', 'same']);
  position.begin();
  expect(take(position, at('33.1', 'x'), at('34.5', 'same'), at('34.5', 'same'), at('34.5', 'same'), at('34.6', 'new'))).toEqual(['same', 'new']);
});

test('loses no line of the other output that is written later with an earlier time', () => {
  const position = new LogPosition();
  take(position, at('33.9', 'a'), at('34.100', 'stdout'));
  position.begin();
  expect(take(position, at('33.9', 'a'), at('34.100', 'stdout'), at('34.099', 'stderr'), at('33.95', 'late'))).toEqual(['stderr', 'late']);
  position.begin();
  expect(take(position, at('33.9', 'a'), at('34.100', 'stdout'), at('34.099', 'stderr'), at('33.95', 'late'), at('35', 'end'))).toEqual(['end']);
});

test('remembers what it told over several reads that break off', () => {
  const position = new LogPosition();
  const lines = Array.from({ length: 50 }, (_, index) => at(`33.${String(index).padStart(3, '0')}`, `line ${index}`));
  const told: string[] = [];
  for (let end = 1; end <= lines.length; end += 7) {
    position.begin();
    told.push(...take(position, ...lines.slice(0, end)));
  }
  position.begin();
  told.push(...take(position, ...lines));
  expect(told).toEqual(lines.map((_, index) => `line ${index}`));
});

test('says where lines are lost, once for each read', () => {
  const position = new LogPosition();
  take(position, at('33.1', 'a'));
  position.begin();
  expect([at('50.1', 'b'), at('50.2', 'c')].map(line => position.take(line)?.gap)).toEqual([true, false]);
  position.begin();
  expect([at('50.1', 'b'), at('50.2', 'c'), at('50.3', 'd')].map(line => position.take(line)?.gap)).toEqual([undefined, undefined, false]);
});

test('forgets lines that cannot come again', () => {
  const position = new LogPosition();
  take(position, at('10', 'old'), at('20', 'new'));
  position.begin();
  expect(take(position, at('20', 'new'), at('10', 'old'))).toEqual(['old']);
});

test('what the kubelet says instead of a log is no line of it', () => {
  expect(take(new LogPosition(), 'unable to retrieve container logs for containerd://1f2e')).toEqual([]);
});
