import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { certificatesFor } from './certificates';
import { networkTo } from './network';
import { startValkey, type ValkeyOptions } from './valkey';

async function started(options?: ValkeyOptions) {
  const valkey = await startValkey(options);
  onTestFinished(() => valkey.close());
  return valkey;
}

async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${command}\r\n`);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return reply.toString().trim();
}

test('the server keeps what it wrote through kill -9, and loses all where that is wished', async () => {
  const { port, kill, restart } = await started();
  expect(await ask(port, 'SET a 1')).toBe('+OK');
  // It writes to disk every second.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await kill();
  await expect(ask(port, 'PING')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await restart();
  expect(await ask(port, 'GET a')).toBe('$1\r\n1');
  await restart({ empty: true });
  expect(await ask(port, 'GET a')).toBe('$-1');
});

test('TLS stands in front of it', async () => {
  const tls = await certificatesFor('127.0.0.1');
  const { port, restart } = await started({ tls, password: 'secret' });
  await restart();
  const socket = connectTls({ port, host: '127.0.0.1', ca: tls.ca });
  socket.write('PING\r\n');
  const [reply] = (await once(socket, 'data')) as [Buffer];
  expect(reply.toString()).toContain('-NOAUTH');
  socket.destroy();
});

test('the network can be cut, which nobody is told', async () => {
  const { port } = await started();
  const network = await networkTo(port);
  onTestFinished(() => network.close());
  const socket = connect(network.port, '127.0.0.1');
  await once(socket, 'connect');
  network.cut();
  socket.write('PING\r\n');
  const reply = once(socket, 'data').then(([chunk]) => String(chunk));
  const late = new Promise((resolve) => setTimeout(resolve, 200, 'nothing'));
  expect(await Promise.race([reply, late])).toBe('nothing');
  network.restore();
  expect(await reply).toBe('+PONG\r\n');
  const ended = once(socket, 'close');
  network.reset();
  await ended;
});
