/** What can be asked of an API server. https://kubernetes.io/docs/reference/using-api/api-concepts/ */
export type Method = 'GET' | 'POST' | 'DELETE' | 'APPLY';

/** The cluster's API server, as the user may use it. The tests have one that they play. */
export interface ApiServer {
  /**
   * Asks for something that is answered at once.
   *
   * @param method `APPLY` is a server-side apply: a PATCH by which fields become what the body says, whoever set them
   * @param path with its query (`address`)
   * @returns the object that is the answer
   * @throws ClusterError
   */
  request(method: Method, path: string, body?: object): Promise<unknown>;

  /**
   * Reads what is written on while it is read, a watch or a log, and tells each line without its end.
   *
   * @returns what stood after the last end of a line, when the server ended it or the signal did
   * @throws ClusterError also where the line to the server was cut
   */
  stream(path: string, tell: (line: string) => void, signal: AbortSignal): Promise<string>;

  /** Ends what it takes to ask; nothing is asked afterwards. */
  close(): Promise<void>;
}

/** A path of the API with its query. */
export function address(path: string, query: Readonly<Record<string, string>> = {}): string {
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return text === '' ? path : `${path}?${text}`;
}
