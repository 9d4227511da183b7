import { parse, StudioError } from '../../shared/errors';
import {
  replyFrameSchema,
  type ReplyFrame,
  type RequestFrame,
  type StudioBridge,
} from '../../shared/wire';

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
export function bridgeTransport(bridge: StudioBridge): Transport {
  return {
    state: 'open',
    send: async (frame) => parse(replyFrameSchema, await bridge.call(frame), 'reply'),
    onEvent: (listener) =>
      bridge.onEvent((frame) => {
        const parsed = replyFrameSchema.safeParse(frame);
        if (parsed.success) listener(parsed.data);
      }),
    onState: () => () => undefined,
    retry: () => undefined,
  };
}
