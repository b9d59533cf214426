/** Why the cluster did not do what it was asked, or could not be asked. */
export class ClusterError extends Error {
  /**
   * @param reason the API server's word for it, such as `NotFound`; undefined where it was not the server that answered,
   * so that asking again may help
   * @param missing whether there is no kubectl on this machine
   */
  public constructor(message: string, public readonly reason?: string, public readonly missing = false) {
    super(message);
  }
}
