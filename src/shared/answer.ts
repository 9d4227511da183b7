import { StudioError, toErrorData } from './errors';
import { type Api, type RouteInput, type RouteName, routes } from './routes';
import { type ReplyFrame, requestFrameSchema } from './wire';

const isRoute = (name: string): name is RouteName => Object.hasOwn(routes, name);

/** The id of something that wanted to be a request frame, if a reply can name it. */
function idOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  return Number.isSafeInteger(value.id) && Number(value.id) >= 0 ? Number(value.id) : null;
}

/**
 * Answer what a renderer sent, the same over IPC and WebSocket. Never rejects. Answers null where
 * what came is no frame at all and no reply could name it.
 */
export async function answerFrame(api: Api, received: unknown): Promise<ReplyFrame | null> {
  const id = idOf(received);
  if (id === null) return null;
  try {
    const frame = requestFrameSchema.safeParse(received);
    if (!frame.success) {
      throw new StudioError({
        code: 'invalid-input',
        message: 'This is not a request frame; accepted: {type: "call", id, route, input}.',
      });
    }
    const { route, input } = frame.data;
    if (!isRoute(route)) {
      throw new StudioError({ code: 'not-found', message: `There is no route ${route}.` });
    }
    // The router parses the input with the route's schema, whatever came.
    const output = await api.call(route, input as RouteInput<typeof route>);
    return { type: 'answer', id, output };
  } catch (error) {
    return { type: 'failure', id, error: toErrorData(error) };
  }
}
