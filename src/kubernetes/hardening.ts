import { k8s } from 'cdk8s-plus-28';
import { UNPRIVILEGED_USER } from './pod/places';

/**
 * What RUN needs of root's powers, and no more: each missing one breaks apt, chown, file capabilities or
 * background processes. All of them pass the Pod Security level "baseline"; "restricted" allows none.
 *
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
const KANIKO_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETFCAP', 'SETGID', 'SETUID'];

/** The pod's own: the runtime's default filter of system calls. */
export const POD_SECURITY: k8s.PodSecurityContext = { seccompProfile: { type: 'RuntimeDefault' } };

/** kaniko builds in its own root file system, as root. */
export const KANIKO_SECURITY: k8s.SecurityContext = {
  runAsUser: 0,
  runAsGroup: 0,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'], add: KANIKO_CAPABILITIES },
};

/** The init container needs no privilege at all. */
export const INIT_SECURITY: k8s.SecurityContext = {
  runAsUser: UNPRIVILEGED_USER,
  runAsGroup: UNPRIVILEGED_USER,
  runAsNonRoot: true,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};
