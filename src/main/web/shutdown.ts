import { type EventEmitter } from 'node:events';
import { toErrorData } from '../../shared/errors';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ShutdownOptions {
  /** The process, or what stands for it. */
  readonly source: EventEmitter;
  /** Parks the running job and closes everything. */
  readonly stop: () => Promise<void>;
  readonly exit: (code: number) => void;
  readonly say: (text: string) => void;
}

/** The first signal ends in good order with exit 0, a second one at once with exit 130. */
export function onShutdown({ source, stop, exit, say }: ShutdownOptions): void {
  let stopping = false;
  const receive = () => {
    if (stopping) {
      say('Ending at once. The running job goes on from its last finished item at the next start.');
      exit(130);
      return;
    }
    stopping = true;
    say('Parking the running job, then ending. Again to end at once.');
    stop().then(
      () => exit(0),
      (error: unknown) => {
        say(toErrorData(error).message);
        exit(1);
      },
    );
  };
  for (const signal of signals) source.on(signal, receive);
}
