/** Reads a file of the user's; where it cannot be read, that is a mistake like those in it. */
export function readOrReport(name: string, read: () => string, mistakes: string[]): string | undefined {
  try {
    return read();
  } catch (error) {
    mistakes.push(`${name}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); check the path and its permissions`);
    return undefined;
  }
}
