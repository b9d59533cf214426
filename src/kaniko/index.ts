export * from './kaniko-image';
export * from './kaniko-options';
export * from './layer-cache';
