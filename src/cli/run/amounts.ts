/** Seconds for a person: `0.4 s`, `34 s`, `2 min 05 s`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) { return `${seconds.toFixed(1)} s`; }
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Bytes for a person, in powers of ten as registries' pages show them: `48.1 MB`. */
export function bytes(count: number): string {
  const unit = [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']] as const;
  const [size, name] = unit.find(([least]) => count >= least) ?? [1, 'B'];
  return `${size === 1 ? count : (count / size).toFixed(1)} ${name}`;
}
