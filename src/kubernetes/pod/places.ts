/**
 * Where things lie in the pod. The executor runs from a directory of its own, so that Dockerfiles may use
 * /kaniko as they did with Google's releases (docs/decisions/0003); everything below that directory is left
 * out of the image's layers.
 */
export const EXECUTOR_DIRECTORY = '/opt/kaniko';

/** The work tree of the git repository, or the user's volume. */
export const CONTEXT_ROOT = `${EXECUTOR_DIRECTORY}/context`;

/** The joined certificate bundle, read by kaniko and by apt in RUN. */
export const TRUST_DIRECTORY = `${EXECUTOR_DIRECTORY}/trust`;

/** Files for kaniko's own `--secret`. Not `secrets`: kaniko keeps its copies there. */
export const SECRET_FILES_DIRECTORY = `${EXECUTOR_DIRECTORY}/secret-files`;

/** What RUN sees while the image is built, where Dockerfiles expect it. */
export const BUILD_SECRETS_DIRECTORY = '/kaniko/secrets';

/** The registry's credentials, where Dockerfiles set DOCKER_CONFIG to. */
export const DOCKER_CONFIG_DIRECTORY = '/kaniko/.docker';

/** The executor image's own certificates. */
export const IMAGE_CERTIFICATES_DIRECTORY = '/kaniko/ssl/certs';

/** What the init container is given. */
export const PREPARE_DIRECTORY = '/opt/cdk-kaniko';

/** The authorities that the init container joins, one folder a source. */
export const AUTHORITIES_DIRECTORY = `${PREPARE_DIRECTORY}/certificates`;

/** The user of the init container: unprivileged, and without a name in any image. */
export const UNPRIVILEGED_USER = 65532;

/**
 * Azure's webhook gives pods with this label the identity, but for the containers that the annotation names.
 * https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
 */
export const IDENTITY_LABEL = 'azure.workload.identity/use';
export const SKIP_CONTAINERS = 'azure.workload.identity/skip-containers';

/** Names of the pod's containers. */
export const PREPARE_CONTAINER = 'prepare-context';
export const KANIKO_CONTAINER = 'kaniko';
