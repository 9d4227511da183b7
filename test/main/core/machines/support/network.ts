import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Network {
  /** Where the other side is reached, on 127.0.0.1. */
  readonly port: number;
  /** Nothing comes through from now on, and nobody is told: connections are half-open. */
  cut(): void;
  /** What was held comes through; what either side gave up meanwhile is closed. */
  restore(): void;
  /** Close every connection at once. */
  reset(): void;
  close(): Promise<void>;
}

/** A way to a port of this machine that can be cut. */
export async function networkTo(target: number): Promise<Network> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (chunk) => void to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => {
        // Who is beyond a cut learns of it afterwards.
        if (!isCut) end(pair);
      });
      if (isCut) from.pause();
    }
  });
  const end = (pair: readonly [Socket, Socket]) => {
    pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    restore() {
      isCut = false;
      for (const pair of pairs) {
        if (pair.some((socket) => socket.destroyed)) end(pair);
        else for (const socket of pair) socket.resume();
      }
    },
    reset() {
      for (const pair of pairs) end(pair);
    },
    async close() {
      server.close();
      for (const pair of pairs) end(pair);
      await once(server, 'close');
    },
  };
}
