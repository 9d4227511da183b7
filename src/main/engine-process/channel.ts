import { z } from 'zod';
import {
  engineProtocolVersion,
  type FromEngine,
  maxEngineMessageBytes,
  toEngineSchema,
} from '../../shared/engine';
import { type ErrorData, StudioError } from '../../shared/errors';

/** The half of a process's IPC channel that the engine uses; tests give one of their own. */
export interface Wire {
  send(message: unknown): void;
}

type Request = Extract<z.infer<typeof toEngineSchema>, { type: 'request' }>;

export type Body = FromEngine extends infer M
  ? M extends FromEngine
    ? Omit<M, 'version' | 'job' | 'attempt' | 'sequence'>
    : never
  : never;

export interface Channel {
  /** Parse and dispatch what core sent; answers a malformed request with `invalid-input`. */
  receive(received: unknown): void;
  /** Throws `internal` where the message is larger than the contract allows. */
  send(request: { job: number; attempt: number }, body: Body): void;
}

/** Our end of the channel to core: both directions in the protocol's envelope. */
export function createChannel(
  wire: Wire,
  handlers: { request: (request: Request) => void; cancel: (job: number) => void },
  log: (line: string) => void,
): Channel {
  let sequence = 0;
  const send: Channel['send'] = ({ job, attempt }, body) => {
    sequence += 1;
    const message = { version: engineProtocolVersion, job, attempt, sequence, ...body };
    const size = Buffer.byteLength(JSON.stringify(message));
    if (size > maxEngineMessageBytes) {
      throw new StudioError({
        code: 'internal',
        message: `An answer of ${size} bytes is over the limit of ${maxEngineMessageBytes}: arrays travel as files.`,
      });
    }
    wire.send(message);
  };
  const receive: Channel['receive'] = (received) => {
    const parsed = toEngineSchema.safeParse(received);
    if (parsed.success) {
      if (parsed.data.type === 'request') handlers.request(parsed.data);
      else handlers.cancel(parsed.data.job);
      return;
    }
    const reason = z.prettifyError(parsed.error);
    log(`engine: malformed message refused: ${reason}`);
    const sender = senderSchema.safeParse(received);
    if (!sender.success) return;
    const error: ErrorData = {
      code: 'invalid-input',
      message: 'The engine refused a message that is not in its protocol.',
      details: { reason },
    };
    send(sender.data, { type: 'error', error });
  };
  return { receive, send };
}

const senderSchema = z.object({ job: z.int(), attempt: z.int() });
