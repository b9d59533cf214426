/** A TCP line between a client and a server that counts what the client sends. */
import { AddressInfo, connect, createServer } from 'node:net';

export class Line {
  public static async to(host: string, port: number): Promise<Line> {
    const line = new Line();
    const server = createServer(client => {
      const upstream = connect(port, host);
      // The line is to count, not to wait until a packet is full.
      [client, upstream].forEach(socket => socket.setNoDelay(true));
      client.on('data', (data: Buffer) => { line.bytesSent += data.length; });
      client.on('error', () => upstream.destroy()).pipe(upstream);
      upstream.on('error', () => client.destroy()).pipe(client);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    line.port = (server.address() as AddressInfo).port;
    return line;
  }

  /** Where the client connects, on 127.0.0.1. */
  public port = 0;
  /** What the client has sent so far. */
  public bytesSent = 0;

  private constructor() {}
}
