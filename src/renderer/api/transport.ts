import { StudioError } from '../../shared/errors';
// Types alone: the annotator's page uses this file, and the schemas of events are not for it.
import type { ReplyFrame, RequestFrame, StudioBridge } from '../../shared/wire';

/** A frame that was received, parsed; null where it is none that this page knows. */
export type ReadFrame = (received: unknown) => ReplyFrame | null;

/** `lost`: was open, or could not be opened, and is being tried again. */
export type ConnectionState = 'connecting' | 'open' | 'lost';

/** Carries frames to a shell and back, parsed. Both shells' transports look the same. */
export interface Transport {
  readonly state: ConnectionState;
  /** Answers with the reply to this frame; rejects only when the connection was lost. */
  send(frame: RequestFrame): Promise<ReplyFrame>;
  onEvent(listener: (frame: ReplyFrame) => void): () => void;
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Try to connect now instead of waiting for the next attempt. */
  retry(): void;
}

export function connectionLost(): StudioError {
  return new StudioError({
    code: 'internal',
    message:
      'The connection to Saliency Studio was lost before it answered. What it is doing goes on; try again once the connection is back.',
  });
}

/** The desktop shell's transport: IPC never loses its connection. */
export function bridgeTransport(bridge: StudioBridge, read: ReadFrame): Transport {
  return {
    state: 'open',
    send: async (frame) => {
      const reply = read(await bridge.call(frame));
      if (reply) return reply;
      throw new StudioError({
        code: 'internal',
        message: `The answer to ${frame.route} is no reply frame.`,
      });
    },
    onEvent: (listener) =>
      bridge.onEvent((received) => {
        const frame = read(received);
        if (frame) listener(frame);
      }),
    onState: () => () => undefined,
    retry: () => undefined,
  };
}
