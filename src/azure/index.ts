export * from './build-identity';
