import { IMAGE_CERTIFICATES_DIRECTORY, TRUST_DIRECTORY } from './places';
import { PodContribution } from './pod-contribution';

/** What every build has, with or without authorities of its own: the joined bundle, and kaniko reading it. */
export function trustContribution(): PodContribution {
  return {
    volumes: [{ name: 'trust', emptyDir: {} }],
    prepareMounts: [{ name: 'trust', mountPath: TRUST_DIRECTORY }],
    prepareEnvironment: { PREPARE_TRUST_DIR: TRUST_DIRECTORY },
    kanikoMounts: [{ name: 'trust', mountPath: TRUST_DIRECTORY, readOnly: true }],
    kanikoEnvironment: { SSL_CERT_DIR: `${TRUST_DIRECTORY}:${IMAGE_CERTIFICATES_DIRECTORY}` },
  };
}
