import { BuildEnd } from './result';
import { isDigest } from '../../checks';

/**
 * How a build ended whose kaniko ended with exit code 0, by its termination message. kaniko writes the digest before it
 * pushes, so the message says nothing without that code; and RUN can write there too. Pure.
 */
export function pushedEnd(message = ''): BuildEnd {
  return isDigest(message) ? { outcome: 'pushed', digest: message } : {
    outcome: 'failed',
    failure: {
      cause: 'kaniko-failed', container: 'kaniko', exitCode: 0,
      message: 'kaniko ended well, but its termination message holds no digest; whether the image was pushed is not known',
      remedy: 'look for the image in the registry, and at the log',
    },
  };
}
