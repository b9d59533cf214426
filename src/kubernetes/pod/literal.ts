/**
 * A value as Kubernetes hands it on unchanged: it expands `$(NAME)` in environment values and arguments, and
 * reads `$$` as one `$`.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function literal(value: string): string {
  return value.replaceAll('$', '$$$$');
}
