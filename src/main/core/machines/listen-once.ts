import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Listen for a moment, to find out whether it can be done.
 *
 * @param port 0: any that is free
 * @returns the port
 * @throws the system's error where nothing can listen there
 */
export async function listenOnce(host: string, port: number): Promise<number> {
  const server = createServer().listen({ host, port, exclusive: true });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address === 'object' && address) return address.port;
  throw new Error('The server listens nowhere.');
}
