export * from './kubernetes';
export * as azure from './azure';
