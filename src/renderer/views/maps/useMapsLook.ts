import { onScopeDispose, readonly, type Ref, ref } from 'vue';
import { type RouteInput, type RouteOutput } from '../../../shared/routes';
import { useClient } from '../../api/client';
import { TransferPace } from '../../../shared/transfer-pace';

/** How far a look at a file of maps is. */
export interface LookAt {
  readonly done: number;
  /** 0 before anything is known. */
  readonly total: number;
  /** `maps`, or `bytes` while they are unpacked. */
  readonly unit: string;
  /** Of its unit, a second. */
  readonly rate: number | null;
  readonly secondsLeft: number | null;
}

type Input = Omit<RouteInput<'methods.inspect'>, 'request'>;

export interface MapsLook {
  /** Null while nothing is looked at. */
  readonly progress: Readonly<Ref<LookAt | null>>;
  /** Throws `cancelled` where it is given up. */
  look(input: Input): Promise<RouteOutput<'methods.inspect'>>;
  cancel(): void;
}

/** Looks at one file of maps at a time; given up when the component goes. */
export function useMapsLook(now = () => performance.now()): MapsLook {
  const client = useClient();
  const progress = ref<LookAt | null>(null);
  const self = `look-${crypto.randomUUID().slice(0, 8)}`;
  let looks = 0;
  let own: { readonly request: string; pace: TransferPace | null; unit: string } | null = null;

  const stop = client.on('maps.looking', ({ request, done, total, unit }) => {
    if (own?.request !== request) return;
    // What was unpacked is counted in other units than what is read then.
    if (!own.pace || own.unit !== unit) own.pace = new TransferPace(total, now());
    own.unit = unit;
    own.pace.add(now(), done);
    const { rate, secondsLeft } = own.pace;
    progress.value = { done, total, unit, rate, secondsLeft };
  });

  async function look(input: Input): Promise<RouteOutput<'methods.inspect'>> {
    looks += 1;
    const mine = { request: `${self}.${looks}`, pace: null, unit: '' };
    own = mine;
    progress.value = { done: 0, total: 0, unit: 'maps', rate: null, secondsLeft: null };
    try {
      return await client.call('methods.inspect', { ...input, request: mine.request });
    } finally {
      if (own === mine) {
        own = null;
        progress.value = null;
      }
    }
  }

  function cancel(): void {
    if (own) void client.call('methods.cancelInspect', {}).catch(() => undefined);
  }

  onScopeDispose(() => {
    cancel();
    stop();
  });
  return { progress: readonly(progress), look, cancel };
}
