import { Agent } from 'node:http';

/**
 * Connections that are used again.
 *
 * Node takes its listener for errors off a connection when an answer has ended, and puts another one on somewhat later.
 * A request that is aborted in between, by what the end of its answer tells, would end the process:
 * https://github.com/nodejs/node/blob/v20.20.0/lib/_http_client.js (`responseKeepAlive`). So one stays on here; what is
 * wrong with a request is told to who made it all the same.
 */
export class KeptConnections extends Agent {
  public constructor() {
    super({ keepAlive: true });
  }

  public createConnection(...given: Parameters<Agent['createConnection']>): ReturnType<Agent['createConnection']> {
    return super.createConnection(...given)?.on('error', () => undefined);
  }
}
