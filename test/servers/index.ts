/**
 * The servers that a build talks to, for tests: they run on any address, show any certificate, and can misbehave.
 * The tests of the init container use them on the loopback, the tests on a cluster on the pods' bridge.
 */
export * from './azurite';
export * from './blob-door';
export * from './certificates';
export * from './git-server';
export * from './https-server';
export * from './jwt';
export * from './token-server';
