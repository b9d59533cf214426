/** A program in podman's place: it notes how it is called, and answers what the real one was recorded to answer. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Podman } from '../../../../src/cli/run/podman/podman';

/** How calls are answered; the first answer whose pattern fits counts. */
export interface Answer {
  readonly out?: string;
  readonly err?: string;
  readonly exitCode?: number;
  /** Answers the first call alone. */
  readonly once?: boolean;
  /** The call takes so long, and ends well. */
  readonly seconds?: number;
  /** What the container writes to its termination log meanwhile. */
  readonly terminationLog?: string;
}

/** podman 4.3.1 as root on Debian 12, shortened. */
export const INFO = {
  host: { cgroupControllers: ['cpuset', 'cpu', 'memory', 'pids'], idMappings: { gidmap: null, uidmap: null }, security: { rootless: false } },
  version: { Version: '4.3.1' },
};

/** The state of a container that has ended. */
export function state(exitCode: number, outOfMemory = false): string {
  return JSON.stringify({ Status: 'exited', Running: false, OOMKilled: outOfMemory, ExitCode: exitCode, StartedAt: '2026-11-23T12:37:16.217094781Z' });
}

export class PodmanDouble {
  /** Where private folders are made while this double is in use. */
  public readonly temporary: string;
  public readonly podman: Podman;
  private readonly log: string;

  /** @param answers by the shell's pattern of the arguments, a space between them; what fits none is answered with nothing */
  public constructor(answers: Readonly<Record<string, Answer>> = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'podman-'));
    this.temporary = join(folder, 'tmp');
    this.log = join(folder, 'calls');
    mkdirSync(this.temporary);
    const program = join(folder, 'podman');
    const all = { ...answers, 'info *': answers['info *'] ?? { out: JSON.stringify(INFO) }, 'inspect *': answers['inspect *'] ?? { out: state(0) } };
    const cases = Object.entries(all).map(([pattern, answer], index) => answerOf(pattern.replaceAll(' ', '\\ '), answer, join(folder, String(index))));
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$(printf '%s' "$*" | tr '\\n' ' ')" >>'${this.log}'\n${cases.join('')}`, { mode: 0o755 });
    this.podman = new Podman(program);
  }

  /** How it was called, the arguments with a space between them. */
  public get calls(): string[] {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').split('\n').map(line => line.trim()).filter(line => line !== '') : [];
  }
}

function answerOf(pattern: string, answer: Answer, file: string): string {
  writeFileSync(`${file}.out`, answer.out ?? '');
  writeFileSync(`${file}.err`, answer.err ?? '');
  writeFileSync(`${file}.message`, answer.terminationLog ?? '');
  const message = answer.terminationLog === undefined ? ''
    : `cat '${file}.message' >"$(sed -n 's/.*--volume=\\([^ ]*\\):\\/dev\\/termination-log.*/\\1/p' "$(dirname "$0")/calls" | tail -n 1)"; `;
  // exec: a process beside it would outlive it, and keep its output open.
  const end = answer.seconds === undefined ? `exit ${answer.exitCode ?? 0}` : `exec sleep ${answer.seconds}`;
  const reply = `${message}cat '${file}.out'; cat '${file}.err' >&2; ${end}`;
  return `case "$*" in ${pattern}) ${answer.once === true ? `mkdir '${file}.used' 2>/dev/null && { ${reply}; }` : reply} ;; esac\n`;
}
