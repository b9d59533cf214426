/** Running the init container's program, and others beside it. */
import { spawn } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { Sandbox } from '../test/context/sandbox';
import { Authority } from '../test/servers';

/** What the init container's program and the servers around it need. */
export const PREPARE_PROGRAMS = {
  git: 'on Debian: apt-get install git', curl: 'on Debian: apt-get install curl',
  openssl: 'on Debian: apt-get install openssl', dash: 'on Debian: apt-get install dash',
};

/** The same incompressible bytes at every call. */
export function keystream(length: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** Runs a program to its end, while servers of this process answer it. @returns its seconds */
export async function timed(command: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  const start = performance.now();
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] });
  const [status] = await once(child, 'close') as [number];
  if (status !== 0) { throw new Error(`${command} ${args[0]} ended with ${status}`); }
  return (performance.now() - start) / 1000;
}

/** Runs the init container's program as in a pod. @returns its seconds */
export async function prepare(authority: Authority, set: (box: Sandbox) => unknown): Promise<number> {
  const box = new Sandbox({ command: ['dash'], path: process.env.PATH! }).mountAuthority(authority.certificate);
  try {
    set(box);
    const start = performance.now();
    const { exit, log } = await box.run();
    if (exit !== 'OK') { throw new Error(log); }
    return (performance.now() - start) / 1000;
  } finally {
    box.remove();
  }
}
