/** What a valid name, reference, path … is, and what to say when it is not. Pure: no constructs, no process. */
export * from './problem';
export * from './text';
export * from './names';
export * from './references';
export * from './paths';
export * from './sources';
