export * from './kaniko-image';
