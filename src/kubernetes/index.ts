export * from './build-chart';
export * from './kaniko-build';
export * from '../kaniko';
export { LifecycleOptions } from './lifecycle';
export * from './network-access';
export { SchedulingOptions } from './scheduling';
export * from './pod';
export * from '../parameters/build-parameters';
export { BuildParametersFile } from '../parameters/build-parameters-file';
